//! Everything that can be wrong before the daemon starts, in one look.

use std::path::Path;

use super::{Config, CoverageRule, load::Draft, references::secrets, rules::Judge};
use crate::{Fault, Faults, Inventory, bounded, findings::Findings, inventory};

/// The shortest SNMPv3 password: RFC 3414 (11.2) asks for eight characters, and agents refuse shorter ones.
const SNMP_PASSWORD_MIN: usize = 8;

/// Reads the configuration and the inventory it names, sees whether secrets can be read and geodata files are there,
/// and reports every fault of all of them at once. Of the geodata files the rule is read; what the others hold is not looked at.
///
/// # Errors
/// Every fault of every file.
pub fn check(path: &Path) -> Result<(Config, Inventory), Faults> {
    let mut findings = Findings::default();
    let draft = Draft::read(path, &mut findings, |config, judge| {
        look_at_secrets(config, judge);
        look_at_geodata(config, judge);
    });
    let config = draft.config;
    if !draft.inventory_sound {
        return findings.verdict((config, Inventory::default()));
    }
    let credentials = draft.credentials_sound.then_some(config.snmp.credential.as_slice());
    let inventory = inventory::read(&config.inventory, credentials, &mut findings);
    judge_service_round(path, &config, &inventory, &mut findings);
    findings.verdict((config, inventory))
}

/// Services are asked beside the pings of a tick, and again when these are done; then the next tick may come. Where no link
/// has a service, nobody has to care.
fn judge_service_round(path: &Path, config: &Config, inventory: &Inventory, findings: &mut Findings) {
    let first = config.service.round_length().max(config.icmp.tick_length());
    let (length, period) = (first.saturating_add(config.service.reprobe_length()), config.icmp.period.0);
    if length > period && inventory.links.iter().any(|link| link.service.is_some()) {
        let message = format!(
            "a tick with its round of services takes {} s, longer than the {} s of [icmp] period",
            length.as_secs_f64(),
            period.as_secs_f64()
        );
        let hint = "in [service] shorten timeout, spacing or attempts, or lengthen period in [icmp]";
        findings.push(Fault::of_file(path, message, hint));
    }
}

/// Reads every secret and drops it. Credentials are there only in the service that systemd starts; in a shell they
/// cannot be looked at, which is no fault.
fn look_at_secrets(config: &Config, judge: &mut Judge<'_, '_>) {
    let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(std::path::PathBuf::from);
    for (path, reference) in secrets(config) {
        if !judge.source.has(&path) || (reference.credential().is_some() && credentials.is_none()) {
            continue;
        }
        // The place in the configuration has told of a missing file already.
        if reference.credential().is_none() && !reference.0.exists() {
            continue;
        }
        match reference.read_with(credentials.as_deref()) {
            Ok(secret) => {
                let short = secret.expose().chars().count() < SNMP_PASSWORD_MIN;
                if short && path.ends_with("_password") {
                    let message = format!("an SNMPv3 password has at least {SNMP_PASSWORD_MIN} characters");
                    judge.refuse(&path, &message, "set a longer one on the devices and in this file");
                }
            }
            Err(fault) => judge.findings.push(fault),
        }
    }
}

fn look_at_geodata(config: &Config, judge: &mut Judge<'_, '_>) {
    let layers = config.geodata.layer.iter().enumerate();
    let layers = layers.map(|(index, layer)| (format!("geodata.layer.{index}.file"), &layer.file));
    let communes = config.geodata.communes.as_ref().map(|file| ("geodata.communes".to_owned(), file));
    let datasets = config.geodata.dataset.iter().enumerate().flat_map(|(index, dataset)| {
        let key = |name: &str| format!("geodata.dataset.{index}.{name}");
        let columns = dataset.columns.as_ref().map(|file| (key("columns"), file));
        std::iter::once((key("file"), &dataset.file)).chain(columns)
    });
    let files = communes.into_iter().chain(layers).chain(datasets).filter(|(path, _)| judge.source.has(path));
    for (path, file) in files.collect::<Vec<_>>() {
        if let Err(error) = bounded::open(file) {
            let Fault { message, hint, .. } = error.into_fault(file, "name a file that is there, or remove this key");
            judge.refuse(&path, &format!("{}: {message}", file.display()), hint);
        }
    }
    if let Some(Faults(faults)) = config.geodata.rules.as_deref().and_then(|file| CoverageRule::read(file).err()) {
        faults.into_iter().for_each(|fault| judge.findings.push(fault));
    }
}
