//! Versions of imported datasets: which are kept, which are in force, and when they were.

#![allow(missing_docs, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test suite")]

use phusong_model::{
    DatasetKind, DatasetName, GridPower, ImportContent, ImportLog, ImportOptions, Inventory, LonLat, Settlement, Site,
    SiteKind, UtcMs,
};
use phusong_store::{NewImport, Reader, Store, ToForce};

fn new(kind: DatasetKind, dataset: &str, hash: &str, at: i64) -> NewImport {
    NewImport {
        kind,
        dataset: dataset.to_owned(),
        hash: hash.to_owned(),
        file: "Thôn bản.xlsx".to_owned(),
        bytes: 12,
        at: UtcMs(at),
        author: "an".to_owned(),
        options: ImportOptions { valid_on: Some("2026-01-12".to_owned()), ..ImportOptions::default() },
        log: ImportLog { read: 3, used: 2, ..ImportLog::default() },
        content: ImportContent::default(),
    }
}

fn name(kind: DatasetKind, dataset: &str) -> DatasetName {
    DatasetName { kind, name: dataset.to_owned() }
}

/// Imports one version; its number.
fn import(store: &mut Store, new: &NewImport) -> i64 {
    store.import(std::slice::from_ref(new), &[], new.at).expect("imported")[0]
}

/// Puts a version in force, if there is such a one.
fn force(store: &mut Store, dataset: DatasetName, import: Option<i64>, at: i64) {
    let to = ToForce { dataset, import, author: "binh".to_owned() };
    store.import(&[], &[to], UtcMs(at)).expect("put in force");
}

/// The hashes in force at an instant.
fn in_force(reader: &Reader, at: i64) -> Vec<String> {
    let versions = reader.imports(UtcMs(at)).expect("imports");
    versions.into_iter().filter(|version| version.in_force_since.is_some()).map(|version| version.hash).collect()
}

#[test]
fn each_dataset_has_one_version_in_force_and_keeps_the_others() {
    let folder = tempfile::tempdir().expect("folder");
    let mut store = Store::open(folder.path()).expect("store");
    let layer = DatasetKind::Layer;
    let first = import(&mut store, &new(layer, "viettel", "a", 1_000));
    let second = import(&mut store, &new(layer, "viettel", "b", 2_000));
    let other = import(&mut store, &new(layer, "vnpt", "a", 3_000));
    assert_eq!((first, second, other), (1, 2, 3));
    let reader = Reader::open(folder.path()).expect("reader");
    assert_eq!(in_force(&reader, 999), [""; 0]);
    assert_eq!(in_force(&reader, 1_000), ["a"]);
    assert_eq!(in_force(&reader, 2_000), ["b"]);
    assert_eq!(in_force(&reader, 3_000), ["b", "a"]);

    force(&mut store, name(layer, "viettel"), Some(first), 4_000);
    force(&mut store, name(layer, "viettel"), Some(other), 5_000);
    force(&mut store, name(layer, "mobifone"), None, 5_000);
    force(&mut store, name(layer, "vnpt"), None, 6_000);
    assert_eq!(in_force(&reader, 5_000), ["a", "a"]);
    assert_eq!(in_force(&reader, 6_000), ["a"]);
    assert_eq!(in_force(&reader, 2_500), ["b"], "the past stays as it was");
    let who: Vec<_> =
        reader.imports_in_force().expect("changes").into_iter().map(|it| (it.import, it.author)).collect();
    let an = |id| (Some(id), "an".to_owned());
    assert_eq!(who, [an(1), an(2), an(3), (Some(1), "binh".to_owned()), (None, "binh".to_owned())]);
}

#[test]
fn the_same_bytes_with_the_same_options_are_the_same_version() {
    let folder = tempfile::tempdir().expect("folder");
    let mut store = Store::open(folder.path()).expect("store");
    let settlements = DatasetKind::Settlements;
    let once = new(settlements, "settlements", "a", 1_000);
    let id = import(&mut store, &once);
    import(&mut store, &new(settlements, "settlements", "b", 2_000));
    let log = ImportLog { read: 3, used: 3, ..ImportLog::default() };
    let again = NewImport { at: UtcMs(3_000), log: log.clone(), ..once.clone() };
    assert_eq!(import(&mut store, &again), id);
    let guessing = ImportOptions { accept_guesses: true, ..once.options.clone() };
    let otherwise = NewImport { at: UtcMs(4_000), options: guessing, ..once };
    assert_eq!(import(&mut store, &otherwise), 3);
    let versions = Reader::open(folder.path()).expect("reader").imports(UtcMs(3_500)).expect("imports");
    assert_eq!(
        (versions[0].at, versions[0].in_force_since, &versions[0].log),
        (UtcMs(1_000), Some(UtcMs(3_000)), &log)
    );
    assert_eq!((versions[0].file.as_str(), versions[0].bytes, versions.len()), ("Thôn bản.xlsx", 12, 3));
}

fn settlement(id: &str) -> Settlement {
    Settlement {
        id: id.parse().expect("id"),
        name: "Nà Cọn".to_owned(),
        commune: "02221".parse().expect("code"),
        at: LonLat { lon: 105.1, lat: 22.3 },
        people: Some(120),
        households: None,
        power: GridPower::Unknown,
        clusters: Vec::new(),
    }
}

fn site(id: &str, name: &str) -> Site {
    Site {
        id: id.parse().expect("id"),
        kind: SiteKind::Bts,
        name: name.to_owned(),
        commune: None,
        operator: None,
        at: None,
        backhaul: Vec::new(),
        reported: None,
    }
}

#[test]
fn what_versions_in_force_bring_takes_its_place_in_the_inventory() {
    let folder = tempfile::tempdir().expect("folder");
    let mut store = Store::open(folder.path()).expect("store");
    let brings = |settlements: &[&str]| ImportContent {
        settlements: Some(settlements.iter().map(|id| settlement(id)).collect()),
        ..ImportContent::default()
    };
    let settlements = DatasetKind::Settlements;
    let list = |hash, at, ids| NewImport { content: brings(ids), ..new(settlements, "settlements", hash, at) };
    import(&mut store, &list("a", 1_000, &["t1", "t2"]));
    import(&mut store, &list("b", 2_000, &["t3"]));
    let sites = ImportContent { sites: Some(vec![site("pop", "new"), site("bts", "new")]), ..ImportContent::default() };
    import(&mut store, &NewImport { content: sites, ..new(DatasetKind::Sites, "sites", "c", 2_000) });

    let reader = Reader::open(folder.path()).expect("reader");
    let inventory = |at| {
        let sites = vec![site("pop", "old"), site("hub", "old")];
        let mut inventory = Inventory { settlements: vec![settlement("own")], sites, ..Inventory::default() };
        let versions = reader.imports(UtcMs(at)).expect("imports");
        let ids: Vec<i64> = versions.iter().filter(|it| it.in_force_since.is_some()).map(|it| it.id).collect();
        reader.import_content(&ids).expect("content").apply(&mut inventory);
        let settlements: Vec<String> = inventory.settlements.iter().map(|it| it.id.to_string()).collect();
        let sites: Vec<String> = inventory.sites.iter().map(|it| format!("{} {}", it.id, it.name)).collect();
        (settlements.join(" "), sites.join(" "))
    };
    assert_eq!(inventory(0), ("own".to_owned(), "pop old hub old".to_owned()));
    assert_eq!(inventory(1_000), ("t1 t2".to_owned(), "pop old hub old".to_owned()));
    assert_eq!(inventory(2_000), ("t3".to_owned(), "hub old pop new bts new".to_owned()));
    force(&mut store, name(settlements, "settlements"), None, 3_000);
    assert_eq!(inventory(3_000).0, "own");
}
