//! KML files and the geometries of GeoPackages as fuzzing targets.

use serde::Deserialize;

use super::{Budget, Feature, Properties, Report, Shape, Terms, frame::Frame, geopackage, kml};
use crate::crs::Crs;

/// Vertices of all files together: a mutated file is never larger.
const VERTICES: u64 = 100_000;

#[derive(Debug, Deserialize)]
struct Named {
    code: Option<String>,
}

impl Properties for Named {
    const NAMES: &'static [&'static str] = &["code"];
    const HINT: &'static str = "code is a text";
}

/// Reads a KML file. Features have shapes that are sound; a fault has a reason and a remedy, and both ways come out the
/// same again.
///
/// # Panics
/// When one of these promises is broken.
pub fn kml(bytes: &[u8]) {
    let once = || {
        let (budget, mut report) = (Budget::of(VERTICES), Report::of("a.kml".as_ref()));
        let mut features = Vec::new();
        let mut take =
            |feature: Feature<Named>, _: &mut Report| features.push((feature.properties.code, feature.shape));
        kml::features(bytes, &Terms::silent(&budget), &mut report, &mut take);
        let (faults, _) = report.finish();
        (features, faults)
    };
    let (features, faults) = once();
    assert_eq!((&features, &faults), (&once().0, &faults), "two readings are the same");
    assert!(!features.is_empty() || !faults.is_empty(), "something is read, or something is wrong");
    for fault in &faults {
        assert!(!fault.message.is_empty() && !fault.hint.is_empty(), "a fault has a reason and a remedy");
    }
    features.iter().for_each(|(_, shape)| assert_sound(shape));
}

/// Reads the geometry of a row of a GeoPackage, once in WGS 84 and once in metres of VN-2000. The promises are those of
/// [`kml()`].
///
/// # Panics
/// When one of these promises is broken.
pub fn gpkg_blob(bytes: &[u8]) {
    for crs in [Crs::WGS84, Crs::of_epsg(3405).unwrap_or(Crs::WGS84)] {
        let once = || {
            let budget = Budget::of(VERTICES);
            geopackage::geometry(bytes, &Frame::new(crs, &Terms::silent(&budget)))
        };
        let shape = once();
        assert_eq!(shape, once(), "two readings are the same");
        match shape {
            Ok(shape) => assert_sound(&shape),
            Err((message, hint)) => {
                assert!(!message.is_empty() && !hint.is_empty(), "a fault has a reason and a remedy");
            }
        }
    }
}

fn assert_sound(shape: &Shape) {
    match shape {
        // A collection of points may be empty.
        Shape::Points(_) => {}
        Shape::Lines(lines) => assert!(lines.iter().all(|line| line.len() >= 2), "lines have two points"),
        Shape::Polygons(polygons) => {
            assert!(polygons.iter().all(|polygon| !polygon.is_empty()), "a polygon has a shell");
            assert!(polygons.iter().flatten().all(|ring| ring.len() >= 3), "rings have three points");
        }
    }
}
