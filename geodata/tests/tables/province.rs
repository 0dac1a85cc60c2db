//! The lists of the invented villages and cells of the province.

use std::fs;

use phusong_geodata::Geodata;
use phusong_model::{Commune, Dataset, DatasetKind, ImportOptions, Inventory, config::GeodataConfig};

use crate::data::data;

#[test]
fn all_villages_and_cells_of_the_province_are_read() {
    let Some(folder) = data() else { return };
    let villages = fs::read_to_string(folder.join("villages_synthetic.csv")).expect("villages");
    let mut codes: Vec<&str> = villages.lines().skip(1).filter_map(|line| line.split(',').nth(2)).collect();
    codes.sort_unstable();
    codes.dedup();
    let commune = |code: &str| Commune::new(code.parse().expect("code"), code.to_owned());
    let inventory = Inventory { communes: codes.into_iter().map(commune).collect(), ..Inventory::default() };
    let dataset = |kind: DatasetKind, file: &str| {
        let (path, name) = (folder.join(file), kind.id().to_owned());
        Dataset { kind, name, shown: path.clone(), path, options: ImportOptions::default() }
    };
    let datasets = [
        dataset(DatasetKind::Boundaries, "communes.geojson"),
        dataset(DatasetKind::Settlements, "villages_synthetic.csv"),
        dataset(DatasetKind::Cells, "452_synthetic.csv"),
    ];
    let geodata = Geodata::of(&datasets, &GeodataConfig::default(), &inventory).expect("sound");
    let settlements = geodata.content().settlements.as_deref().expect("settlements");
    assert_eq!(settlements.len(), 3800);
    assert_eq!(settlements.iter().filter_map(|settlement| settlement.people).sum::<u64>(), 1_865_270);
    assert_eq!(geodata.log(&datasets[1].dataset_name()).map(|log| (log.read, log.used)), Some((3800, 3800)));
    let rows = fs::read_to_string(folder.join("452_synthetic.csv")).expect("cells").lines().count() - 1;
    let log = geodata.log(&datasets[2].dataset_name()).expect("a log");
    assert_eq!((log.read, log.used), (rows as u64, geodata.cells().len() as u64));
    assert_eq!(geodata.cells().len(), rows, "{:?}", log.notes);
}
