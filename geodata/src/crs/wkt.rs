//! From the text of a `.prj` file to a known system.
//!
//! Three dialects are read as GDAL, QGIS, ArcGIS and MapInfo write them: that of ESRI, WKT 1 (OGC 01-009) and WKT 2
//! (ISO 19162). The parameters decide which system it is, because names are free and codes are wrong at times; a code
//! of the EPSG dataset must agree with them. What would change a coordinate (a unit, a prime meridian, an ellipsoid, a
//! false northing) and is not as in the table makes the text unknown. Axes and areas of use are not looked at.

mod tree;

use tree::{Node, Reason};

use super::{
    Crs, UnknownCrs,
    datum::{Datum, INVERSE_FLATTENING, SEMI_MAJOR_M, VN2000_SHIFTS_M},
    mercator::{FALSE_EASTING_M, Projection},
    names::{self, plain},
    systems::System,
};

const COMPOUND: [&str; 2] = ["COMPD_CS", "COMPOUNDCRS"];
const PROJECTED: [&str; 3] = ["PROJCS", "PROJCRS", "PROJECTEDCRS"];
const GEOGRAPHIC: [&str; 7] =
    ["GEOGCS", "GEOGCRS", "GEOGRAPHICCRS", "GEODCRS", "GEODETICCRS", "BASEGEOGCRS", "BASEGEODCRS"];
const DATUM: [&str; 4] = ["DATUM", "GEODETICDATUM", "TRF", "ENSEMBLE"];
const UNITS: [&str; 4] = ["UNIT", "ANGLEUNIT", "LENGTHUNIT", "SCALEUNIT"];

const WGS84_DATUMS: [&str; 4] = ["wgs1984", "wgs84", "worldgeodeticsystem1984", "worldgeodeticsystem1984ensemble"];
const VN2000_DATUMS: [&str; 2] = ["vietnam2000", "vn2000"];

/// Names of the method, the last being what ArcGIS calls the same formulas.
const METHODS: [&str; 3] = ["transversemercator", "gausskruger", "transversemercatorcomplex"];

/// Radians in a degree; files carry 13 to 17 digits of it.
const DEGREE: f64 = std::f64::consts::PI / 180.0;
const DEGREE_TOLERANCE: f64 = 1e-12;
/// Metres by which an axis may be off, and the like for the inverse flattening: GRS 80 differs by 1.5·10⁻⁶.
const AXIS_TOLERANCE_M: f64 = 1e-3;
const FLATTENING_TOLERANCE: f64 = 1e-7;
/// How far a meridian may be from that of a zone, in degrees (a tenth of a millimetre), and a scale (a millimetre in
/// 2 400 km), and a false easting.
const MERIDIAN_TOLERANCE: f64 = 1e-9;
const SCALE_TOLERANCE: f64 = 1e-10;
const EASTING_TOLERANCE_M: f64 = 1e-4;
/// How far a shift may be from a known one, in metres: it is written with four digits and more.
const SHIFT_TOLERANCE_M: f64 = 1e-3;

/// The system that a text describes.
pub(super) fn crs(text: &str) -> Result<Crs, UnknownCrs> {
    tree::parse(text).and_then(|root| of_node(&root)).map_err(|Reason(why)| UnknownCrs::because(text, why))
}

fn of_node(node: &Node<'_>) -> Result<Crs, Reason> {
    let node = horizontal(node);
    let projected = node.is(&PROJECTED);
    let base = if projected { node.child(&GEOGRAPHIC) } else { Some(node).filter(|node| node.is(&GEOGRAPHIC)) };
    let base = base.ok_or_else(|| Reason::new("it is neither longitude and latitude nor a projection of them"))?;
    let datum = datum(base)?;
    check_units(node)?;
    check_frame(node, base)?;
    let projection = if projected { Some(Flat::read(node)?) } else { None };
    let fits = |system: &System| {
        system.datum == datum
            && match (system.projection, &projection) {
                (None, None) => true,
                (Some(zone), Some(flat)) => flat.is(zone),
                (None, Some(_)) | (Some(_), None) => false,
            }
    };
    let found = Crs::known().find(|crs| fits(crs.0)).ok_or_else(|| unfitted(datum, projection.as_ref()))?;
    agreed(node, found)
}

/// The part that says where, when heights or the way to another system stand around it.
fn horizontal<'a, 'n>(node: &'n Node<'a>) -> &'n Node<'a> {
    let inner = if node.is(&["BOUNDCRS"]) {
        node.child(&["SOURCECRS"]).and_then(|source| source.nodes().next())
    } else if node.is(&COMPOUND) {
        node.nodes().next()
    } else {
        None
    };
    // Depth is bounded by the parser.
    inner.map_or(node, horizontal)
}

fn datum(base: &Node<'_>) -> Result<Datum, Reason> {
    let node = base.child(&DATUM).ok_or_else(|| Reason::new("it names no datum"))?;
    let name = node.name().unwrap_or_default();
    check_ellipsoid(node)?;
    let plain = plain(name);
    let plain = plain.strip_prefix("d").filter(|_| name.starts_with("D_")).unwrap_or(&plain);
    if WGS84_DATUMS.contains(&plain) {
        return Ok(Datum::Wgs84);
    }
    // MapInfo and hand-made definitions have no name for VN-2000, but its shift.
    let shift = node.child(&["TOWGS84"]).map(Node::numbers).unwrap_or_default();
    let near = |known: &[f64; 3]| {
        shift.len() >= known.len() && shift.iter().zip(known).all(|(a, b)| (a - b).abs() <= SHIFT_TOLERANCE_M)
    };
    if VN2000_DATUMS.contains(&plain) || VN2000_SHIFTS_M.iter().any(near) {
        return Ok(Datum::Vn2000);
    }
    Err(Reason::quoting("its datum is", name))
}

fn check_ellipsoid(datum: &Node<'_>) -> Result<(), Reason> {
    let ellipsoid = datum.child(&["SPHEROID", "ELLIPSOID"]).ok_or_else(|| Reason::new("its datum has no ellipsoid"))?;
    match ellipsoid.numbers().as_slice() {
        [axis, inverse]
            if (axis - SEMI_MAJOR_M).abs() <= AXIS_TOLERANCE_M
                && (inverse - INVERSE_FLATTENING).abs() <= FLATTENING_TOLERANCE =>
        {
            Ok(())
        }
        _ => Err(Reason::quoting("its ellipsoid is not that of WGS 84 but", ellipsoid.name().unwrap_or_default())),
    }
}

/// Greenwich, two dimensions of the right kind, and units as they are expected where they stand.
fn check_frame(node: &Node<'_>, base: &Node<'_>) -> Result<(), Reason> {
    let meridian = base.child(&["PRIMEM", "PRIMEMERIDIAN"]).map(Node::numbers).unwrap_or_default();
    if meridian.first().is_some_and(|degrees| *degrees != 0.0) {
        return Err(Reason::new("its longitudes are not counted from Greenwich"));
    }
    let kind = node.child(&["CS"]).and_then(Node::word).map(plain);
    if node.is(&GEOGRAPHIC) && kind.is_some_and(|kind| kind != "ellipsoidal") {
        return Err(Reason::new("its coordinates are not longitude and latitude"));
    }
    let is_degree = |unit: &Node<'_>| unit.factor().is_some_and(|f| (f - DEGREE).abs() <= DEGREE_TOLERANCE);
    if !base.child(&["UNIT", "ANGLEUNIT"]).is_none_or(is_degree) {
        return Err(Reason::new("its angles are not in degrees"));
    }
    let is_metre = |unit: &Node<'_>| unit.factor() == Some(1.0);
    if node.is(&PROJECTED) && !node.child(&["UNIT", "LENGTHUNIT"]).is_none_or(is_metre) {
        return Err(Reason::new("its unit is not the metre"));
    }
    Ok(())
}

/// Every unit, wherever it stands, is a degree, a metre or one.
fn check_units(node: &Node<'_>) -> Result<(), Reason> {
    for child in node.nodes() {
        if child.is(&UNITS) {
            let factor = child.factor().unwrap_or(f64::NAN);
            let is_degree = (factor - DEGREE).abs() <= DEGREE_TOLERANCE;
            let right = if child.is(&["UNIT"]) {
                is_degree || factor == 1.0
            } else if child.is(&["ANGLEUNIT"]) {
                is_degree
            } else {
                factor == 1.0
            };
            if !right {
                return Err(Reason::quoting(
                    "its unit is neither degree nor metre but",
                    child.name().unwrap_or_default(),
                ));
            }
        }
        check_units(child)?;
    }
    Ok(())
}

/// A transverse Mercator projection as a file describes it.
#[derive(Debug)]
struct Flat {
    meridian: f64,
    scale: f64,
    easting_m: f64,
}

impl Flat {
    fn read(node: &Node<'_>) -> Result<Self, Reason> {
        // WKT 2 puts method and parameters into a node of their own.
        let conversion = node.child(&["CONVERSION"]).unwrap_or(node);
        let method = conversion.child(&["PROJECTION", "METHOD"]).and_then(Node::name).unwrap_or_default();
        if !METHODS.contains(&plain(method).as_str()) {
            return Err(Reason::quoting("its projection is", method));
        }
        let (mut meridian, mut scale, mut easting_m) = (None, None, None);
        for parameter in conversion.nodes().filter(|child| child.is(&["PARAMETER"])) {
            let name = parameter.name().unwrap_or_default();
            let value = parameter.factor().ok_or_else(|| Reason::quoting("no number for", name))?;
            match plain(name).as_str() {
                "centralmeridian" | "longitudeofnaturalorigin" | "longitudeoforigin" => meridian = Some(value),
                "scalefactor" | "scalefactoratnaturalorigin" => scale = Some(value),
                "falseeasting" => easting_m = Some(value),
                "latitudeoforigin" | "latitudeofnaturalorigin" | "falsenorthing" if value == 0.0 => {}
                _ => return Err(Reason::quoting(&format!("no zone of VN-2000 has {value} as"), name)),
            }
        }
        let missing = |name| move || Reason(format!("its projection lacks the {name}"));
        Ok(Self {
            meridian: meridian.ok_or_else(missing("central meridian"))?,
            scale: scale.ok_or_else(missing("scale factor"))?,
            easting_m: easting_m.ok_or_else(missing("false easting"))?,
        })
    }

    fn is(&self, zone: Projection) -> bool {
        (self.meridian - zone.meridian()).abs() <= MERIDIAN_TOLERANCE
            && (self.scale - zone.scale()).abs() <= SCALE_TOLERANCE
            && (self.easting_m - FALSE_EASTING_M).abs() <= EASTING_TOLERANCE_M
    }
}

fn unfitted(datum: Datum, flat: Option<&Flat>) -> Reason {
    let Some(Flat { meridian, scale, easting_m }) = flat else {
        return Reason::new("it has no such longitudes and latitudes");
    };
    let on = match datum {
        // Seen where VN-2000 was missing from a list of datums, and where it was a plain UTM zone of a GPS receiver.
        Datum::Wgs84 => "WGS 84, and projections are known of VN-2000 only",
        Datum::Vn2000 => "VN-2000",
    };
    Reason(format!("transverse Mercator at {meridian}° E, scale {scale}, false easting {easting_m} m, on {on}"))
}

/// The system, unless the file's own code of the EPSG dataset says that it is another one.
fn agreed(node: &Node<'_>, found: Crs) -> Result<Crs, Reason> {
    let authority = node.child(&["AUTHORITY", "ID"]).filter(|id| id.name().is_some_and(|n| plain(n) == "epsg"));
    let Some(code) = authority.and_then(Node::code) else { return Ok(found) };
    match names::of_code(code) {
        Some(named) if named == found => Ok(found),
        Some(_) | None => Err(Reason(format!("its code is EPSG:{code}, its parameters are EPSG:{}", found.epsg()))),
    }
}

#[cfg(test)]
mod tests;
