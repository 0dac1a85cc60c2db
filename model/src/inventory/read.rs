//! Reading the inventory's folder.

use std::path::Path;

use super::{
    Inventory, communes, declared, devices, links, maintenance,
    references::Sheets,
    settlements,
    sheet::{Entry, Form},
    sites,
};
use crate::{
    Fault, Faults,
    config::{Config, CredentialConfig, InventoryConfig},
    findings::Findings,
    suggest,
};

/// All files of an inventory.
pub(crate) const FORMS: [Form; 7] =
    [communes::FORM, sites::FORM, links::FORM, devices::FORM, settlements::FORM, declared::FORM, maintenance::FORM];

impl Inventory {
    /// Reads the CSV files of the inventory's folder. `communes.csv` and `links.csv` must be there.
    ///
    /// # Errors
    /// Every fault of every file.
    pub fn read(config: &Config) -> Result<Self, Faults> {
        let mut findings = Findings::default();
        let inventory = read(&config.inventory, Some(&config.snmp.credential), &mut findings);
        findings.verdict(inventory)
    }
}

/// Reads the folder; `credentials` are those that devices may name, none when they are not known for certain.
pub(crate) fn read(
    config: &InventoryConfig,
    credentials: Option<&[CredentialConfig]>,
    findings: &mut Findings,
) -> Inventory {
    let folder = config.folder.as_path();
    let empty = || Inventory { province: config.province.clone(), example: config.example, ..Inventory::default() };
    if !folder.is_dir() {
        let hint = "name the folder with communes.csv in [inventory], or write templates with: phusongd init DIR";
        findings.push(Fault::of_file(folder, "this is not a folder", hint));
        return empty();
    }
    look_for_misspelt_files(folder, findings);
    let sheets = Sheets {
        communes: communes::read(folder, findings),
        sites: sites::read(folder, findings),
        links: links::read(folder, findings),
        devices: devices::read(folder, findings),
        settlements: settlements::read(folder, findings),
        maintenance: maintenance::read(folder, findings),
    };
    sheets.judge(credentials, findings);
    let mut communes = values(sheets.communes.entries);
    communes.sort_by(|a, b| a.code.cmp(&b.code));
    Inventory {
        communes,
        sites: values(sheets.sites.entries),
        links: values(sheets.links.entries),
        devices: values(sheets.devices.entries),
        settlements: values(sheets.settlements.entries),
        declared: values(declared::read(folder, findings).entries),
        maintenance: values(sheets.maintenance.entries),
        ..empty()
    }
}

fn values<T>(entries: Vec<Entry<T>>) -> Vec<T> {
    entries.into_iter().map(|entry| entry.value).collect()
}

/// Reports `device.csv` where `devices.csv` is not: a file that may be left out would be left out without a word.
fn look_for_misspelt_files(folder: &Path, findings: &mut Findings) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let present: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    let absent = || FORMS.iter().map(|form| form.name).filter(|name| !present.iter().any(|file| file == name));
    for file in present.iter().filter(|file| FORMS.iter().all(|form| form.name != **file)) {
        if !file.to_ascii_lowercase().ends_with(".csv") {
            continue;
        }
        if let Some(meant) = suggest::nearest(file, absent()) {
            let hint = format!("rename it to {meant}, or remove it from this folder");
            findings.push(Fault::of_file(folder.join(file), "this file is not read under this name", hint));
        }
    }
}
