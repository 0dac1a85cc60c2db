//! The configuration and the tables that it names, read as the daemon reads them at its start.

use phusong_model::{
    Fault,
    config::{Config, SecretRef},
    glossary,
};

use super::{
    finding::{Finding, Part, Said},
    scene::Scene,
    secrets,
};

/// Faults of a part that are told one by one; the check of the daemon tells all.
const TOLD: usize = 5;

/// `phusong.toml`, and whether what it names is there. Secrets have a look of their own.
pub fn look(scene: &Scene) -> Vec<Finding> {
    let faults = match &scene.site {
        Err(faults) => faults.0.clone(),
        Ok(site) => scene.faults.iter().filter(|fault| !is_of_others(fault, &site.config)).cloned().collect(),
    };
    if faults.is_empty() {
        let path = scene.path.display();
        let fact = Said::new(format!("{path}: không có lỗi"), format!("{path}: no faults"));
        return vec![Finding::ok(Part::Configuration, fact)];
    }
    told(Part::Configuration, &faults, scene)
}

/// The tables of the inventory.
pub fn look_at_inventory(scene: &Scene) -> Vec<Finding> {
    let site = match scene.site(Part::Inventory) {
        Ok(site) => site,
        Err(finding) => return finding,
    };
    let folder = &site.config.inventory.folder;
    // What a start would refuse of it beside what cannot be read, such as a profile that nobody has.
    let of_it: Vec<Fault> = scene.faults.iter().filter(|fault| fault.file.starts_with(folder)).cloned().collect();
    if scene.inventory.is_ok() && !of_it.is_empty() {
        return told(Part::Inventory, &of_it, scene);
    }
    let inventory = match &scene.inventory {
        Ok(inventory) => inventory,
        Err(_faults) => {
            if of_it.is_empty() {
                let path = folder.display();
                let fact = Said::new(format!("{path}: không có lỗi"), format!("{path}: no faults"));
                return vec![Finding::ok(Part::Inventory, fact)];
            }
            return told(Part::Inventory, &of_it, scene);
        }
    };
    let fact = Said::by(|lang| {
        let count = |number: usize| glossary::integer(lang, number as u64);
        let [communes, links, devices] =
            [inventory.communes.len(), inventory.links.len(), inventory.devices.len()].map(count);
        lang.pick(
            format!("{}: xã/phường: {communes}, tuyến: {links}, thiết bị: {devices}", folder.display()),
            format!("{}: communes: {communes}, links: {links}, devices: {devices}", folder.display()),
        )
    });
    if inventory.links.is_empty() {
        let remedy = Said::new(
            format!("khai báo tuyến trong {}", folder.join("links.csv").display()),
            format!("write links into {}", folder.join("links.csv").display()),
        );
        return vec![Finding::warning(Part::Inventory, fact, remedy)];
    }
    vec![Finding::ok(Part::Inventory, fact)]
}

/// Whether another look tells it, or nobody but the service can: it alone has what systemd hands to it.
fn is_of_others(fault: &Fault, config: &Config) -> bool {
    let is_credential = SecretRef(fault.file.clone()).credential().is_some();
    let is_secret = is_credential || secrets::files(config).any(|(_, file)| file == fault.file);
    is_secret || fault.file.starts_with(&config.inventory.folder)
}

/// Each fault with its place; of many, the first.
fn told(part: Part, faults: &[Fault], scene: &Scene) -> Vec<Finding> {
    let of = |fault: &Fault| {
        let mut place = fault.file.display().to_string();
        for number in [fault.line, fault.column].into_iter().flatten() {
            place += &format!(":{number}");
        }
        Finding::fault(part, Said::same(format!("{place}: {}", fault.message)), Said::same(&fault.hint))
    };
    let mut findings: Vec<Finding> = faults.iter().take(TOLD).map(of).collect();
    let more = faults.len().saturating_sub(TOLD);
    if more > 0 {
        let fact = Said::new(format!("còn {more} lỗi nữa"), format!("and {more} more"));
        let remedy = Said::same(format!("phusongd check --config {}", scene.path.display()));
        findings.push(Finding::fault(part, fact, remedy));
    }
    findings
}
