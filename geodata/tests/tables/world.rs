//! A small invented province, and lists of it.

use std::{fs, path::PathBuf};

use phusong_geodata::Geodata;
use phusong_model::{
    Commune, Dataset, DatasetKind, DatasetName, Fault, ImportLog, ImportOptions, Inventory, Settlement,
    config::GeodataConfig,
};

/// Code, name, former name, and west, south, east, north in degrees.
type Land = (&'static str, &'static str, &'static str, [f64; 4]);

const LANDS: [Land; 4] = [
    ("02221", "Nà Hang", "Năng Khả", [105.30, 22.55, 105.45, 22.70]),
    ("02548", "Bình Ca", "Thái Bình", [105.45, 22.55, 105.60, 22.70]),
    ("02404", "Bình Xa", "Minh Hương", [105.30, 22.40, 105.60, 22.55]),
    // The place that 417483.759 / 2450382.337 is in EPSG:9209; in EPSG:9211 it is half a degree to the east.
    ("00691", "Tân Quang", "", [104.65, 22.10, 104.75, 22.20]),
];

pub fn inventory() -> Inventory {
    let commune = |(code, name, former, _): &Land| Commune {
        population: Some(1000),
        aliases: if former.is_empty() { Vec::new() } else { vec![format!("Xã {former}")] },
        ..Commune::new(code.parse().expect("code"), (*name).to_owned())
    };
    Inventory { communes: LANDS.iter().map(commune).collect(), ..Inventory::default() }
}

fn boundaries() -> String {
    let feature = |(code, _, _, [w, s, e, n]): &Land| {
        let ring = format!("[[[{w},{s}],[{e},{s}],[{e},{n}],[{w},{n}],[{w},{s}]]]");
        let geometry = format!(r#"{{"type":"Polygon","coordinates":{ring}}}"#);
        format!(r#"{{"type":"Feature","properties":{{"code":"{code}"}},"geometry":{geometry}}}"#)
    };
    let features: Vec<String> = LANDS.iter().map(feature).collect();
    format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","))
}

/// A list read together with the boundaries.
pub fn read(
    kind: DatasetKind,
    bytes: impl AsRef<[u8]>,
    options: &ImportOptions,
) -> Result<(Geodata, ImportLog), Vec<Fault>> {
    let folder = tempfile::tempdir().expect("folder");
    let dataset = |kind, name: &str, bytes: &[u8], options: &ImportOptions| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("file");
        Dataset { kind, name: name.to_owned(), path, shown: PathBuf::from(name), options: options.clone() }
    };
    let datasets = [
        dataset(DatasetKind::Boundaries, "communes.geojson", boundaries().as_bytes(), &ImportOptions::default()),
        dataset(kind, "list", bytes.as_ref(), options),
    ];
    let read = Geodata::of(&datasets, &GeodataConfig::default(), &inventory()).map_err(|faults| faults.0);
    let geodata = crate::told::told(read)?;
    let log = geodata.log(&DatasetName { kind, name: "list".to_owned() }).expect("a log").clone();
    crate::told::log_is_told(&log);
    Ok((geodata, log))
}

/// Settlements of a list that is sound, and its log.
pub fn settlements(bytes: impl AsRef<[u8]>, options: &ImportOptions) -> (Vec<Settlement>, ImportLog) {
    let (geodata, log) = read(DatasetKind::Settlements, bytes, options).unwrap_or_else(|faults| panic!("{faults:#?}"));
    (geodata.content().settlements.clone().expect("settlements"), log)
}

/// Id, commune and position to a ten-thousandth of a degree.
pub fn told(settlements: &[Settlement]) -> Vec<String> {
    let told = |s: &Settlement| format!("{} {} {:.4} {:.4}", s.id, s.commune, s.at.lon, s.at.lat);
    settlements.iter().map(told).collect()
}

pub fn accepting() -> ImportOptions {
    ImportOptions { accept_guesses: true, ..ImportOptions::default() }
}
