//! What rows say of rows in other files.

use std::{collections::BTreeSet, fmt::Display};

use super::{carried, cycles::cycles, sheet::Sheet};
use crate::{
    Carrier, Commune, CommuneCode, Device, DeviceId, GroupId, Link, LinkId, Maintenance, Scope, Settlement,
    SettlementId, Site, SiteId, config::CredentialConfig, findings::Findings, suggest,
};

/// Links of a cycle that a message names.
const CYCLE_SHOWN: usize = 12;

/// Faults of a file for which the nearest id is looked for among all ids; a file with more has another illness.
const SUGGESTED_MAX: usize = 20;

/// All files that refer to one another.
pub(super) struct Sheets {
    pub communes: Sheet<Commune, CommuneCode>,
    pub sites: Sheet<Site, SiteId>,
    pub links: Sheet<Link, LinkId>,
    pub devices: Sheet<Device, DeviceId>,
    pub settlements: Sheet<Settlement, SettlementId>,
    pub maintenance: Sheet<Maintenance, ()>,
}

impl Sheets {
    /// Reports every reference that leads nowhere. Those into a file of which rows were lost are not judged.
    pub fn judge(&self, credentials: Option<&[CredentialConfig]>, findings: &mut Findings) {
        for entry in &self.links.entries {
            let Link { commune, site, interface, upstream, .. } = &entry.value;
            let mut from = From { sheet: &self.links, line: entry.line, findings };
            from.leads_to("commune", commune.iter(), &self.communes, "communes");
            from.leads_to("site", site.iter(), &self.sites, "sites");
            from.leads_to("device", interface.iter().map(|(device, _)| device), &self.devices, "devices");
            from.leads_to("upstream", upstream.iter().filter_map(Carrier::link), &self.links, "links");
            from.leads_to("upstream", upstream.iter().filter_map(device_of), &self.devices, "devices");
            from.leads_to("upstream", upstream.iter().filter_map(site_of), &self.sites, "sites");
        }
        for entry in &self.sites.entries {
            let mut from = From { sheet: &self.sites, line: entry.line, findings };
            from.leads_to("commune", entry.value.commune.iter(), &self.communes, "communes");
            from.leads_to("backhaul", entry.value.backhaul.iter(), &self.links, "links");
        }
        for entry in &self.devices.entries {
            let mut from = From { sheet: &self.devices, line: entry.line, findings };
            from.leads_to("site", entry.value.site.iter(), &self.sites, "sites");
        }
        for entry in &self.settlements.entries {
            let mut from = From { sheet: &self.settlements, line: entry.line, findings };
            from.leads_to("commune", [&entry.value.commune].into_iter(), &self.communes, "communes");
        }
        let groups: BTreeSet<&GroupId> = self.links.entries.iter().flat_map(|entry| &entry.value.groups).collect();
        for entry in &self.maintenance.entries {
            let mut from = From { sheet: &self.maintenance, line: entry.line, findings };
            match &entry.value.scope {
                Scope::Link(link) => from.leads_to("link", [link].into_iter(), &self.links, "links"),
                Scope::Commune(code) => from.leads_to("commune", [code].into_iter(), &self.communes, "communes"),
                Scope::Group(group) => from.leads_to_one_of("group", group, &groups, self.links.complete),
            }
        }
        if let Some(credentials) = credentials {
            self.judge_credentials(credentials, findings);
        }
        self.judge_cycles(findings);
    }

    fn judge_credentials(&self, credentials: &[CredentialConfig], findings: &mut Findings) {
        let names = credentials.iter().map(|credential| credential.name.as_str());
        for entry in &self.devices.entries {
            let asked = entry.value.snmp.credential.as_str();
            if !names.clone().any(|name| name == asked) {
                let message = format!("the configuration has no credential \"{asked}\"");
                let hint = match suggest::nearest(asked, names.clone()) {
                    Some(near) => format!("did you mean \"{near}\"?"),
                    None => format!("add to the configuration: [[snmp.credential]] with name = \"{asked}\""),
                };
                findings.push(self.devices.fault(entry.line, "credential", &message, &hint));
            }
        }
    }

    fn judge_cycles(&self, findings: &mut Findings) {
        let links = self.links.entries.iter().map(|entry| &entry.value);
        let devices = self.devices.entries.iter().map(|entry| &entry.value);
        let sites = self.sites.entries.iter().map(|entry| &entry.value);
        for cycle in cycles(&carried(links, devices, sites)) {
            // Every circle leads through a link: devices and sites carry nothing but links and each other.
            let Some(line) = cycle.iter().find_map(|node| self.links.ids.get(node.link()?)) else { continue };
            let more = cycle.len().saturating_sub(CYCLE_SHOWN);
            let mut names: Vec<String> = cycle.iter().take(CYCLE_SHOWN).map(ToString::to_string).collect();
            if more > 0 {
                names.push(format!("{more} more"));
            }
            names.extend(cycle.first().map(ToString::to_string));
            let message = format!("links carry one another in a circle: {}", names.join(" → "));
            let hint = "upstream names what is nearer to the centre: remove the one that is not";
            findings.push(self.links.fault(*line, "upstream", &message, hint));
        }
    }
}

const fn device_of(carrier: &Carrier) -> Option<&DeviceId> {
    match carrier {
        Carrier::Device(device) => Some(device),
        Carrier::Link(_) | Carrier::Site(_) => None,
    }
}

const fn site_of(carrier: &Carrier) -> Option<&SiteId> {
    match carrier {
        Carrier::Site(site) => Some(site),
        Carrier::Link(_) | Carrier::Device(_) => None,
    }
}

/// A row whose references are judged.
struct From<'a, T, Id> {
    sheet: &'a Sheet<T, Id>,
    line: u64,
    findings: &'a mut Findings,
}

impl<T, Id: Ord> From<'_, T, Id> {
    fn leads_to<'r, Other, OtherId: Ord + Display + 'r>(
        &mut self,
        column: &str,
        references: impl Iterator<Item = &'r OtherId>,
        target: &Sheet<Other, OtherId>,
        rows: &str,
    ) {
        if !target.complete {
            return;
        }
        for reference in references.filter(|reference| !target.ids.contains_key(reference)) {
            let text = reference.to_string();
            let near = (self.findings.count(self.sheet.file()) < SUGGESTED_MAX)
                .then(|| nearest(&text, target.ids.keys()))
                .flatten();
            let hint = match near {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("add it to the {rows}, or correct it here"),
            };
            let message = format!("there is no \"{text}\" among the {rows}");
            self.findings.push(self.sheet.fault(self.line, column, &message, &hint));
        }
    }
}

impl<T, Id: Ord> From<'_, T, Id> {
    /// Groups have no file of their own: they are there when a link is in them.
    fn leads_to_one_of(&mut self, column: &str, group: &GroupId, groups: &BTreeSet<&GroupId>, complete: bool) {
        if !complete || groups.contains(group) {
            return;
        }
        let hint = match nearest(group.as_str(), groups.iter()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => "write it into the column groups of links.csv, or correct it here".to_owned(),
        };
        let message = format!("no link is in a group \"{group}\"");
        self.findings.push(self.sheet.fault(self.line, column, &message, &hint));
    }
}

fn nearest<'a, Id: Display + 'a>(wrong: &str, known: impl Iterator<Item = &'a Id>) -> Option<String> {
    let known: Vec<String> = known.map(ToString::to_string).collect();
    suggest::nearest(wrong, known.iter().map(String::as_str)).map(str::to_owned)
}
