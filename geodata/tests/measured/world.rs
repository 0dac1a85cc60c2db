//! Small invented provinces with layers and drives.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use phusong_geodata::{Coverage, Geodata};
use phusong_model::{
    Commune, CoverageSource, Dataset, DatasetKind, Fault, GridPower, ImportOptions, Inventory, LonLat, Settlement,
    UtcMs, config::GeodataConfig,
};
use tempfile::TempDir;

/// When the files of drives were written, in seconds: 1 June 2026.
const WRITTEN: u64 = 1_780_272_000;

/// 1 June 2026, when figures are computed.
pub const NOW: UtcMs = UtcMs(WRITTEN as i64 * 1000);

pub struct World {
    pub folder: TempDir,
    pub inventory: Inventory,
    pub datasets: Vec<Dataset>,
}

/// West, south, east, north in degrees.
pub type Box = [f64; 4];

fn feature(properties: &str, [w, s, e, n]: Box) -> String {
    let ring = format!("[[[{w},{s}],[{e},{s}],[{e},{n}],[{w},{n}],[{w},{s}]]]");
    format!(r#"{{"type":"Feature","properties":{properties},"geometry":{{"type":"Polygon","coordinates":{ring}}}}}"#)
}

fn collection(features: &[String]) -> String {
    format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","))
}

impl World {
    /// With these communes.
    pub fn new(communes: &[(&str, Box)]) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let commune = |(code, [w, s, e, n]): &(&str, Box)| Commune {
            label: Some(LonLat { lon: f64::midpoint(*w, *e), lat: f64::midpoint(*s, *n) }),
            ..Commune::new(code.parse().expect("code"), (*code).to_owned())
        };
        let inventory = Inventory { communes: communes.iter().map(commune).collect(), ..Inventory::default() };
        let boundaries: Vec<String> =
            communes.iter().map(|(code, bounds)| feature(&format!(r#"{{"code":"{code}"}}"#), *bounds)).collect();
        let mut world = Self { folder, inventory, datasets: Vec::new() };
        world.add(DatasetKind::Boundaries, "communes.geojson", collection(&boundaries), ImportOptions::default());
        world
    }

    pub fn settle(&mut self, id: &str, commune: &str, lon: f64, lat: f64) {
        self.inventory.settlements.push(Settlement {
            id: id.parse().expect("id"),
            name: id.to_owned(),
            commune: commune.parse().expect("code"),
            at: LonLat { lon, lat },
            people: None,
            households: None,
            power: GridPower::Unknown,
            clusters: Vec::new(),
        });
    }

    /// A 4G layer of Viettel: class and area.
    pub fn layer(&mut self, source: CoverageSource, valid_on: Option<&str>, areas: &[(&str, Box)]) {
        let properties = |class: &str| format!(r#"{{"operator":"viettel","technology":"4G","class":"{class}"}}"#);
        let features: Vec<String> = areas.iter().map(|(class, bounds)| feature(&properties(class), *bounds)).collect();
        let options =
            ImportOptions { source: Some(source), valid_on: valid_on.map(str::to_owned), ..ImportOptions::default() };
        let name = format!("layer-{}.geojson", self.datasets.len());
        self.add(DatasetKind::Layer, &name, collection(&features), options);
    }

    /// A drive of Viettel 4G.
    pub fn drive(&mut self, name: &str, text: impl AsRef<[u8]>) {
        let options = ImportOptions {
            operator: Some("viettel".parse().expect("operator")),
            technology: Some(phusong_model::Technology::G4),
            ..ImportOptions::default()
        };
        self.add(DatasetKind::Measurements, name, text, options);
    }

    pub fn add(&mut self, kind: DatasetKind, name: &str, text: impl AsRef<[u8]>, options: ImportOptions) {
        let path = self.folder.path().join(name);
        write(&path, text.as_ref());
        let dataset = Dataset { kind, name: name.to_owned(), path, shown: PathBuf::from(name), options };
        self.datasets.push(dataset);
    }

    pub fn read(&self) -> Result<Geodata, Vec<Fault>> {
        let read = Geodata::of(&self.datasets, &GeodataConfig::default(), &self.inventory);
        crate::told::told(read.map_err(|faults| faults.0))
    }

    pub fn coverage(&self) -> Coverage {
        let geodata = self.read().unwrap_or_else(|faults| panic!("{faults:?}"));
        geodata.coverage(&self.inventory, &[], NOW)
    }
}

/// Writes a file as if it had been written on 1 June 2026.
fn write(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).expect("a file");
    let file = File::options().write(true).open(path).expect("the file");
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(WRITTEN)).expect("its time");
}

/// A test of a made-up drive.
#[derive(Debug, Clone, Copy)]
pub struct Test {
    pub lon: f64,
    pub lat: f64,
    /// Seconds before [`NOW`].
    pub ago_s: i64,
    /// None is no network.
    pub dbm: Option<f64>,
    pub accuracy_m: f64,
}

/// A track of these tests.
pub fn gpx(tests: &[Test]) -> String {
    let point = |test: &Test| {
        let time = UtcMs(NOW.0 - test.ago_s * 1000);
        let level = test.dbm.map_or("No service".to_owned(), |dbm| dbm.to_string());
        format!(
            "<trkpt lon=\"{}\" lat=\"{}\"><time>{time}</time><extensions><rsrp>{level}</rsrp>\
             <accuracy>{}</accuracy></extensions></trkpt>",
            test.lon, test.lat, test.accuracy_m
        )
    };
    let points: Vec<String> = tests.iter().map(point).collect();
    format!(
        "<?xml version=\"1.0\"?>\n<gpx version=\"1.1\" xmlns=\"http://www.topografix.com/GPX/1/1\"><trk><trkseg>\n{}\n\
         </trkseg></trk></gpx>\n",
        points.join("\n")
    )
}
