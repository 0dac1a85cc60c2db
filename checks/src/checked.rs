//! Everything a configuration leads to, checked together: what `phusongd check` reports, and what a start and a reload
//! rest on.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use phusong_geodata::Geodata;
use phusong_model::{
    Fault, Faults, Inventory, chain,
    config::{self, Config},
    glossary::Lang,
    printable,
};
use phusong_probes::{
    service::Trust,
    snmp::{Credentials, Profiles},
};

use crate::{channel::Channel, influx};

/// A configuration that can be run.
pub struct Checked {
    /// The configuration.
    pub config: Config,
    /// The tables it names.
    pub inventory: Inventory,
    /// What devices are asked with.
    pub credentials: Credentials,
    /// The certificates that services are believed by.
    pub trust: Trust,
    /// The vendor profiles.
    pub profiles: Profiles,
    /// The ways by which people are told.
    pub channels: Vec<Arc<Channel>>,
}

/// What is no fault and still worth a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// Links are pinged and no anchors.
    NoAnchors,
    /// A profile of the province has the name of a shipped one.
    Replaced {
        /// The name.
        profile: String,
        /// The province's file.
        file: PathBuf,
    },
}

impl Remark {
    /// What people are told.
    #[must_use]
    pub fn words(&self, lang: Lang) -> String {
        match self {
            Self::NoAnchors => lang.of(NO_ANCHORS).to_owned(),
            Self::Replaced { profile, file } => {
                let (file, profile) = (file.to_string_lossy(), printable(profile));
                let file = printable(&file);
                lang.pick(
                    format!("{file} được dùng thay cho hồ sơ có sẵn {profile}"),
                    format!("{file} takes the place of the shipped profile {profile}"),
                )
            }
        }
    }
}

impl Checked {
    /// What is no fault and still worth a word.
    #[must_use]
    pub fn remarks(&self) -> Vec<Remark> {
        let pings = self.inventory.links.iter().any(|link| link.address.is_some());
        let no_anchors = (pings && self.config.icmp.anchors.is_empty()).then_some(Remark::NoAnchors);
        let replaced = self
            .profiles
            .replacements()
            .map(|(name, file)| Remark::Replaced { profile: name.to_string(), file: file.to_owned() });
        no_anchors.into_iter().chain(replaced).collect()
    }
}

const NO_ANCHORS: (&str, &str) = (
    "[icmp] anchors để trống: khi đường truyền của chính máy này hỏng, mọi tuyến sẽ có vẻ mất kết nối; hãy khai gateway \
     và hai bộ định tuyến phía sau nó",
    "[icmp] anchors is empty: should our own uplink fail, every link will seem down; \
     name the gateway and two routers behind it",
);

/// Reads configuration, inventory and secrets. A start does not wait for the geodata: a bad layer is no reason not to
/// probe.
///
/// # Errors
/// With all faults of the configuration and the tables at once; where these are sound, with all others at once.
pub fn read(path: &Path) -> Result<Checked, Faults> {
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
        Fault::of_file(
            path,
            chain(&error),
            "name a file of certificates in PEM as ca_file in [service], or remove that key",
        )
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
#[must_use]
pub fn with_geodata(path: &Path, mut faults: Faults) -> Faults {
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
