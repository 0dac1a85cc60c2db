//! The coordinate system that somebody says beside a file: it counts where the file says none, and is refused where the
//! file says another.

use std::{fs, path::Path};

use phusong_geodata::Geodata;
use phusong_model::{
    Dataset, DatasetKind, ImportOptions,
    config::{GeodataConfig, LayerConfig},
};

use super::{
    areas, assert_same, geojson, geopackage, inventory, kml, layer, read_layer, shapefiles, square, tiffs::Tiff, told,
    write,
};

fn figures_in(file: &Path, crs: Option<&str>) -> String {
    let layer = LayerConfig { crs: crs.map(str::to_owned), ..layer(file) };
    told(&read_layer(layer).unwrap_or_else(|faults| panic!("{faults:?}")))
}

#[test]
fn a_file_without_a_system_is_in_the_one_that_is_said() {
    let folder = tempfile::tempdir().expect("folder");
    let expected = figures_in(&geojson(&folder, &areas()), None);
    for (file, crs) in [
        (shapefiles::without_system(&folder), "EPSG:4326"),
        (geopackage::in_system(&folder, -1), "WGS84"),
        (geopackage::in_system(&folder, 0), "4326"),
        (geopackage::in_system(&folder, 4326), "OGC:CRS84"),
    ] {
        assert_eq!(figures_in(&file, Some(crs)), expected, "{}", file.display());
    }
    assert_same(&geopackage::in_system(&folder, 4326), &areas());
}

#[test]
fn who_contradicts_a_file_is_told_both_systems() {
    let folder = tempfile::tempdir().expect("folder");
    let reference = geojson(&folder, &areas());
    let named = fs::read_to_string(&reference).expect("text").replacen(
        '{',
        "{\"crs\":{\"type\":\"name\",\"properties\":{\"name\":\"EPSG:4326\"}},",
        1,
    );
    let document = kml::document(&areas());
    for (file, message) in [
        (
            reference,
            "GeoJSON without a member crs is always in EPSG:4326 (WGS 84), but crs says EPSG:9211 (VN-2000 / TM-3",
        ),
        (
            write(&folder, "named.geojson", named),
            "the file says that it is in EPSG:4326 (WGS 84), but crs says EPSG:9211",
        ),
        (write(&folder, "a.kml", document), "KML is always in EPSG:4326 (WGS 84), but crs says EPSG:9211"),
        (
            geopackage::in_system(&folder, 4326),
            "table coverage: the file says that it is in EPSG:4326 (WGS 84), but crs",
        ),
        (
            write(&folder, "a.tif", Tiff::sound().bytes()),
            "the file says that it is in EPSG:4326 (WGS 84), but crs says",
        ),
    ] {
        let layer = LayerConfig { crs: Some("EPSG:9211".to_owned()), ..layer(&file) };
        let faults = read_layer(layer).map(|_| ()).expect_err(message);
        let [fault] = faults.as_slice() else { panic!("{faults:?}") };
        assert!(fault.message.contains(message) && fault.hint.starts_with("leave out crs; "), "{fault}");
        assert!(fault.hint.contains("-a_srs EPSG:9211"), "{fault}");
    }
}

#[test]
fn boundaries_are_in_the_system_that_is_said_and_count_by_it() {
    let folder = tempfile::tempdir().expect("folder");
    let ring = serde_json::json!([square(105.5, 22.5, 0.5)]);
    let text = serde_json::json!({ "type": "FeatureCollection", "features": [{
        "type": "Feature", "properties": { "code": "00001" }, "geometry": { "type": "Polygon", "coordinates": ring },
    }]});
    let path = write(&folder, "communes.geojson", text.to_string());
    let read = |crs: Option<&str>| {
        let options = ImportOptions { crs: crs.map(str::to_owned), ..ImportOptions::default() };
        let (name, shown) = (String::new(), path.clone());
        let boundaries = Dataset { kind: DatasetKind::Boundaries, name, path: path.clone(), shown, options };
        Geodata::of(&[boundaries], &GeodataConfig::default(), &inventory()).map_err(|faults| faults.0)
    };
    assert!(read(None).is_ok() && read(Some("EPSG:4326")).is_ok());
    let faults = read(Some("EPSG:3405")).expect_err("another system");
    assert!(faults[0].message.contains("but crs says EPSG:3405 (VN-2000 / UTM zone 48N)"), "{faults:?}");
    let faults = read(Some("EPSG:1")).expect_err("no system");
    assert!(faults[0].message.contains("\"EPSG:1\" is not known; known are EPSG:4326"), "{faults:?}");
}
