//! The inventory: what is there to be looked at. [`Inventory::read`] reads a folder of CSV files and reports every
//! fault of all of them at once.

mod decode;
mod number;
mod records;
mod row;
mod sheet;

mod communes;
mod declared;
mod devices;
mod links;
mod maintenance;
mod settlements;
mod sites;

mod cycles;
mod read;
mod references;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::{Carrier, Commune, CommuneCode, Declared, Device, DeviceId, Link, LinkId, Maintenance, Settlement, Site};

#[cfg(test)]
pub(crate) use read::FORMS;
pub(crate) use read::read;

/// Everything the files say, checked: ids are unique, references lead somewhere, `upstream` has no cycle.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Inventory {
    /// Name of the province.
    pub province: String,
    /// The data is an example and says nothing about the world.
    pub example: bool,
    /// By code.
    pub communes: Vec<Commune>,
    /// In the order of the file.
    pub sites: Vec<Site>,
    /// In the order of the file.
    pub links: Vec<Link>,
    /// In the order of the file.
    pub devices: Vec<Device>,
    /// In the order of the file.
    pub settlements: Vec<Settlement>,
    /// In the order of the file.
    pub declared: Vec<Declared>,
    /// In the order of the file. Inventories that were stored before the file existed have none.
    #[serde(default)]
    pub maintenance: Vec<Maintenance>,
}

impl Inventory {
    /// The commune with this code.
    #[must_use]
    pub fn commune(&self, code: &CommuneCode) -> Option<&Commune> {
        self.communes.binary_search_by(|c| c.code.cmp(code)).ok().and_then(|i| self.communes.get(i))
    }

    /// The link with this id.
    #[must_use]
    pub fn link(&self, id: &LinkId) -> Option<&Link> {
        self.links.iter().find(|l| l.id == *id)
    }

    /// The device with this id.
    #[must_use]
    pub fn device(&self, id: &DeviceId) -> Option<&Device> {
        self.devices.iter().find(|d| d.id == *id)
    }

    /// Every link, device and site, each with what carries it: a link by its `upstream`, a device by its site, a site by
    /// the links of its backhaul.
    #[must_use]
    pub fn carried(&self) -> Vec<(Carrier, Vec<Carrier>)> {
        carried(self.links.iter(), self.devices.iter(), self.sites.iter())
    }

    /// People of a commune: its own count, else the sum over its settlements; none when neither is known.
    #[must_use]
    pub fn people(&self, code: &CommuneCode) -> Option<u64> {
        self.commune(code).and_then(|c| c.population).or_else(|| {
            let mut known = self.settlements.iter().filter(|s| s.commune == *code).filter_map(|s| s.people).peekable();
            known.peek().is_some().then(|| known.sum())
        })
    }
}

fn carried<'a>(
    links: impl Iterator<Item = &'a Link>,
    devices: impl Iterator<Item = &'a Device>,
    sites: impl Iterator<Item = &'a Site>,
) -> Vec<(Carrier, Vec<Carrier>)> {
    let links = links.map(|link| (Carrier::Link(link.id.clone()), link.upstream.clone()));
    let devices = devices
        .map(|device| (Carrier::Device(device.id.clone()), device.site.iter().cloned().map(Carrier::Site).collect()));
    let sites =
        sites.map(|site| (Carrier::Site(site.id.clone()), site.backhaul.iter().cloned().map(Carrier::Link).collect()));
    links.chain(devices).chain(sites).collect()
}
