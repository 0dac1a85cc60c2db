//! One hash over everything that figures and gaps depend on, so that nothing is computed twice.

use phusong_model::{Inventory, RuleMark, config::MinGap};
use sha2::{Digest, Sha256};

use crate::nearest::stations;

/// Changes whenever the way of computing changes, so that stored figures are computed anew.
const METHOD: &str = "phusong coverage 6";

/// Collects what is hashed; the order in which files are added does not matter.
#[derive(Debug, Default)]
pub(crate) struct Fingerprint {
    parts: Vec<String>,
}

impl Fingerprint {
    /// Adds a file by the hash of its bytes, and what the configuration says of it.
    pub(crate) fn file(&mut self, role: &str, digest: &str) {
        self.parts.push(format!("{role} {digest}"));
    }

    /// Adds the rule for settlements.
    pub(crate) fn rule(&mut self, rule: &RuleMark) {
        self.parts.push(format!("rule {} {}", rule.hash, rule.assumed));
    }

    /// Adds from which size on places without signal are gaps.
    pub(crate) fn min_gap(&mut self, min: MinGap) {
        self.parts.push(format!("gaps from {} ha", min.hectares()));
    }

    /// Adds what of the inventory counts here, and gives the hash.
    pub(crate) fn finish(mut self, inventory: &Inventory) -> String {
        self.parts.extend(inventory.communes.iter().map(|c| {
            let label = c.label.map(|at| (at.lon.to_bits(), at.lat.to_bits()));
            format!("commune {} {label:?} {:?}", c.code, c.population)
        }));
        self.parts.extend(inventory.settlements.iter().map(|s| {
            let (lon, lat) = (s.at.lon.to_bits(), s.at.lat.to_bits());
            format!("settlement {} {} {lon} {lat} {:?} {:?} {:?}", s.id, s.commune, s.people, s.households, s.power)
        }));
        self.parts.extend(stations(inventory).map(|(site, operator, at)| {
            let (lon, lat) = (at.lon.to_bits(), at.lat.to_bits());
            format!("station {} {operator} {lon} {lat}", site.id)
        }));
        // The order of the clusters of a settlement is that of its points.
        let clusters =
            inventory.settlements.iter().flat_map(|s| s.clusters.iter().enumerate().map(move |c| (&s.id, c)));
        self.parts.extend(clusters.map(|(id, (place, cluster))| {
            let (lon, lat) = (cluster.at.lon.to_bits(), cluster.at.lat.to_bits());
            format!("cluster {id} {place} {lon} {lat} {:?}", cluster.households)
        }));
        self.parts.push(format!("example {}", inventory.example));
        self.parts.sort_unstable();
        let mut hash = Sha256::new_with_prefix(METHOD);
        for part in &self.parts {
            hash.update(b"\n");
            hash.update(part);
        }
        hex(&hash.finalize())
    }
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}
