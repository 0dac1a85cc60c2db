//! Everything the geodata files say, read and checked.

use phusong_model::{
    Fault, Faults, Inventory,
    config::{GeodataConfig, LayerConfig},
};

use crate::{
    boundaries::{self, Boundaries, Boundary},
    fingerprint::Fingerprint,
    layers::{self, Layers},
    read::{Budget, Report, Source},
    voronoi,
};

/// Boundaries and coverage layers, checked but not yet laid over one another: reading is cheap, so that a restart with
/// nothing changed costs no computation.
#[derive(Debug)]
pub struct Geodata {
    pub(crate) boundaries: Vec<Boundary>,
    pub(crate) approximate: bool,
    pub(crate) layers: Layers,
    ignored_units: u64,
    input_hash: String,
}

impl Geodata {
    /// Reads all files of the configuration and reports every fault of all of them at once.
    ///
    /// Without a boundary file the boundaries are approximated from the label points of the inventory, if there is a
    /// layer to lay over them.
    pub fn read(config: &GeodataConfig, inventory: &Inventory) -> Result<Self, Faults> {
        let budget = Budget::default();
        let mut fingerprint = Fingerprint::default();
        let mut faults = Vec::new();
        let boundaries = read_boundaries(config, inventory, &budget, &mut fingerprint, &mut faults);
        let mut layers = Layers::new();
        for layer in &config.layer {
            read_layer(layer, &budget, &mut fingerprint, &mut layers, &mut faults);
        }
        if !faults.is_empty() {
            return Err(Faults(faults));
        }
        Ok(Self {
            boundaries: boundaries.communes,
            approximate: config.communes.is_none(),
            layers,
            ignored_units: boundaries.ignored,
            input_hash: fingerprint.finish(inventory),
        })
    }

    /// A hash over the files, what the configuration says of them, and the communes and settlements of the inventory,
    /// as 64 hexadecimal digits. Equal hashes mean equal figures and gaps.
    #[must_use]
    pub fn input_hash(&self) -> &str {
        &self.input_hash
    }

    /// Whether boundaries were approximated from label points.
    #[must_use]
    pub fn is_approximate(&self) -> bool {
        self.approximate
    }

    /// Units of the boundary file that the inventory does not have; a national file has thousands.
    #[must_use]
    pub fn ignored_units(&self) -> u64 {
        self.ignored_units
    }
}

fn read_boundaries(
    config: &GeodataConfig,
    inventory: &Inventory,
    budget: &Budget,
    fingerprint: &mut Fingerprint,
    faults: &mut Vec<Fault>,
) -> Boundaries {
    let Some(path) = &config.communes else {
        if config.layer.is_empty() {
            // Nothing would be laid over boundaries, so nobody is asked for label points.
            return Boundaries::default();
        }
        return match voronoi::approximate(&inventory.communes) {
            Ok(communes) => Boundaries { communes, ignored: 0 },
            Err(missing) => {
                faults.extend(missing);
                Boundaries::default()
            }
        };
    };
    let mut report = Report::of(path);
    let boundaries = Source::read(path, &mut report).map(|source| {
        fingerprint.file("boundaries", source.digest());
        boundaries::read(&source, path, inventory, budget, &mut report)
    });
    faults.extend(report.into_faults());
    boundaries.unwrap_or_default()
}

fn read_layer(
    layer: &LayerConfig,
    budget: &Budget,
    fingerprint: &mut Fingerprint,
    layers: &mut Layers,
    faults: &mut Vec<Fault>,
) {
    let mut report = Report::of(&layer.file);
    if let Some(source) = Source::read(&layer.file, &mut report) {
        let role = format!("layer {} {:?} {:?}", layer.source.id(), layer.operator, layer.technology);
        fingerprint.file(&role, source.digest());
        layers::read(&source, layer, budget, &mut report, layers);
    }
    faults.extend(report.into_faults());
}
