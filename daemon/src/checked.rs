//! Everything a configuration leads to, checked together: what `phusongd check` reports, and what a start and a reload
//! rest on.

use std::{path::Path, sync::Arc};

use phusong_geodata::Geodata;
use phusong_model::{
    Fault, Faults, Inventory,
    config::{self, Config},
};
use phusong_probes::{
    service::Trust,
    snmp::{Credentials, Profiles},
};

use crate::{influx, notify::Channel};

/// A configuration that can be run.
pub(crate) struct Checked {
    pub(crate) config: Config,
    pub(crate) inventory: Inventory,
    pub(crate) credentials: Credentials,
    pub(crate) trust: Trust,
    pub(crate) profiles: Profiles,
    pub(crate) channels: Vec<Arc<Channel>>,
}

impl Checked {
    /// What is no fault and still worth a word.
    pub(crate) fn remarks(&self) -> Vec<String> {
        let pings = self.inventory.links.iter().any(|link| link.address.is_some());
        let no_anchors = (pings && self.config.icmp.anchors.is_empty()).then(|| NO_ANCHORS.to_owned());
        let replaced = self
            .profiles
            .replacements()
            .map(|(name, file)| format!("{} takes the place of the shipped profile {name}", file.display()));
        no_anchors.into_iter().chain(replaced).collect()
    }

    /// The same for the log of a daemon that starts or reloads.
    pub(crate) fn log_remarks(&self) {
        self.remarks().iter().for_each(|remark| tracing::warn!("{remark}"));
    }
}

const NO_ANCHORS: &str = "[icmp] anchors is empty: should our own uplink fail, every link will seem down; \
    name the gateway and two routers behind it";

/// Reads configuration, inventory and secrets. A start does not wait for the geodata: a bad layer is no reason not to
/// probe.
pub(crate) fn read(path: &Path) -> Result<Checked, Faults> {
    let (config, inventory) = config::check(path)?;
    let mut faults = Vec::new();
    let profiles = match Profiles::with_folder(config.snmp.profiles.as_deref()) {
        Ok(profiles) => {
            faults = profiles.unknown_of(&inventory.devices, &config.inventory.folder.join("devices.csv"));
            Some(profiles)
        }
        Err(more) => {
            faults.extend(more.0);
            None
        }
    };
    let trust = trust(path, &config).map_err(|fault| faults.push(fault));
    faults.extend(influx::look(path, &config));
    let channels = Channel::open_all(path, &config).map_err(|more| faults.extend(more.0)).unwrap_or_default();
    match (Credentials::resolve(&config.snmp), trust, profiles) {
        (Ok(credentials), Ok(trust), Some(profiles)) if faults.is_empty() => {
            return Ok(Checked { config, inventory, credentials, trust, profiles, channels });
        }
        (Ok(_), ..) => {}
        (Err(more), ..) => faults.extend(more.0),
    }
    Err(Faults(faults))
}

fn trust(path: &Path, config: &Config) -> Result<Trust, Fault> {
    Trust::load(config.service.ca_file.as_deref()).map_err(|error| {
        let message = format!("{:#}", anyhow::Error::from(error));
        Fault::of_file(path, message, "name a file of certificates in PEM as ca_file in [service], or remove that key")
    })
}

/// The same, and the geodata; all faults at once.
pub(crate) fn read_all(path: &Path) -> Result<(Checked, Geodata), Faults> {
    match read(path) {
        Ok(checked) => {
            let geodata = Geodata::read(&checked.config.geodata, &checked.inventory)?;
            Ok((checked, geodata))
        }
        Err(faults) => Err(with_geodata(path, faults)),
    }
}

/// The faults, and those of the geodata.
pub(crate) fn with_geodata(path: &Path, mut faults: Faults) -> Faults {
    let more = geodata_faults(path);
    let untold = |fault: &Fault| faults.0.iter().all(|told| told.file != fault.file);
    let more: Vec<Fault> = more.into_iter().filter(untold).collect();
    faults.0.extend(more);
    faults
}

/// What can be said of the geodata although the inventory is not sound: the files by themselves.
fn geodata_faults(path: &Path) -> Vec<Fault> {
    let Ok(config) = Config::load(path) else { return Vec::new() };
    Geodata::read(&config.geodata, &Inventory::default()).err().map_or_else(Vec::new, |faults| faults.0)
}
