//! KML, sound and bad.

use std::path::PathBuf;

use tempfile::TempDir;

use super::{Area, areas, assert_fault, assert_same, read, write};

/// Areas as placemarks in folders in folders.
pub(super) fn document(areas: &[Area]) -> String {
    let placemarks: Vec<String> = areas.iter().map(|area| placemark(&data(area), &multigeometry(area))).collect();
    whole(&format!("<Folder><name>4G &amp; 5G</name><Folder>{}</Folder></Folder>", placemarks.join("\n")))
}

fn whole(content: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document>\n\
         <Style id=\"s\"><PolyStyle><color>7f0000ff</color></PolyStyle></Style>\n{content}\n</Document></kml>\n"
    )
}

fn placemark(data: &str, geometry: &str) -> String {
    format!("<Placemark><name>x</name><ExtendedData>{data}</ExtendedData>{geometry}</Placemark>")
}

fn data(area: &Area) -> String {
    format!(
        "<Data name=\"operator\"><displayName>Nhà mạng</displayName><value> {} </value></Data>\
         <Data name=\"radio\"><value><![CDATA[{}]]></value></Data><Data name=\"other\"><value/></Data>",
        area.operator, area.radio
    )
}

fn coordinates(ring: &[[f64; 2]], height: &str) -> String {
    let tuples: Vec<String> = ring.iter().map(|[lon, lat]| format!("{lon},{lat}{height}")).collect();
    format!("<coordinates>\n {}\n</coordinates>", tuples.join(" "))
}

fn polygon(rings: &[Vec<[f64; 2]>], height: &str) -> String {
    let boundary = |(index, ring): (usize, &Vec<[f64; 2]>)| {
        let name = if index == 0 { "outerBoundaryIs" } else { "innerBoundaryIs" };
        format!("<{name}><LinearRing>{}</LinearRing></{name}>", coordinates(ring, height))
    };
    // KML does not say that the outer ring comes first.
    let boundaries: String = rings.iter().enumerate().map(boundary).rev().collect();
    format!("<Polygon><extrude>1</extrude>{boundaries}</Polygon>")
}

fn multigeometry(area: &Area) -> String {
    let polygons: String = area.polygons.iter().map(|polygon| self::polygon(polygon, ",350.5")).collect();
    format!("<MultiGeometry><MultiGeometry>{polygons}</MultiGeometry></MultiGeometry>")
}

fn file(folder: &TempDir, text: impl AsRef<[u8]>) -> PathBuf {
    write(folder, "layer.kml", text)
}

#[test]
fn kml_says_what_geojson_says() {
    let folder = tempfile::tempdir().expect("folder");
    assert_same(&file(&folder, document(&areas())), &areas());
    let prefixed = document(&areas()).replace("xmlns=", "xmlns:k=").replace("</", "</k:").replace("<k:/", "</k:");
    let prefixed: String = prefixed
        .split('<')
        .enumerate()
        .map(|(index, piece)| match (index, piece.chars().next()) {
            (0, _) => piece.to_owned(),
            (_, Some('/' | '?' | '!')) => format!("<{piece}"),
            _ => format!("<k:{piece}"),
        })
        .collect();
    assert_same(&file(&folder, format!("\u{feff}{prefixed}")), &areas());
}

#[test]
fn schema_data_and_references_are_read() {
    let folder = tempfile::tempdir().expect("folder");
    let with = |area: &Area| {
        let data = format!(
            "<SchemaData schemaUrl=\"#s\"><SimpleData name=\"OPERATOR\">{}</SimpleData>\
             <SimpleData name=\"Technology\">&#x34;&#71;</SimpleData><SimpleData name=\"example\">true</SimpleData>\
             </SchemaData>",
            area.operator
        );
        placemark(&data, &multigeometry(area))
    };
    let mut expected = areas();
    expected.truncate(1);
    let text = whole(&with(&expected[0])).replace("<SimpleData name=\"example\">true</SimpleData>", "");
    assert_same(&file(&folder, text), &expected);
    let coverage = read(&file(&folder, whole(&with(&expected[0])))).expect("an example");
    assert!(coverage.figures.iter().all(|figure| figure.example));
}

/// A document with one sound placemark in front, so that faults are of placemark 2 on line 5.
fn assert_placemark_fault(placemark: &str, message: &str, hint: &str) {
    let folder = tempfile::tempdir().expect("folder");
    let sound = self::placemark(&data(&areas()[0]), &multigeometry(&areas()[0])).replace('\n', " ");
    let path = file(&folder, whole(&format!("{sound}\n{placemark}")));
    assert_fault(&path, &format!("placemark 2: {message}"), hint);
    let faults = read(&path).map(|_| ()).expect_err(message);
    assert_eq!(faults[0].line, Some(5), "{faults:?}");
}

#[test]
fn bad_placemarks_name_number_and_line() {
    let data = data(&areas()[0]);
    let ring = |tuples: &str| {
        let ring = format!("<LinearRing><coordinates>{tuples}</coordinates></LinearRing>");
        placemark(&data, &format!("<Polygon><outerBoundaryIs>{ring}</outerBoundaryIs></Polygon>"))
    };
    let good = "105,22 106,22 106,23 105,22";
    let outside = |hole: &str| {
        ring(good).replace("</Polygon>", &format!(
            "<innerBoundaryIs><LinearRing><coordinates>{hole}</coordinates></LinearRing></innerBoundaryIs></Polygon>"
        ))
    };
    let cases: Vec<(String, &str, &str)> = vec![
        (ring("NaN,22 106,22 106,23 NaN,22"), "polygon 1, ring 1: position [NaN, 22]", "numbers"),
        (ring("22,105 22,106 23,106 22,105"), "polygon 1, ring 1: position [22, 105]", "swapped"),
        (ring("417483.7,2450382.3"), "polygon 1, ring 1: position [417483.7, 2450382.3]", "VN-2000"),
        (ring("105,22 106,22"), "polygon 1, ring 1: 2 positions", "draw it again"),
        (ring("105,22 106,22 106,23 105,23"), "polygon 1, ring 1: not closed", "repeat"),
        (ring("105, 22 106, 22"), "coordinates: \"105,\" is no tuple", "without a blank"),
        (ring("105,5,22,5 106,22"), "coordinates: \"105,5,22,5\" is no tuple", "decimal point"),
        (ring(""), "polygon 1, ring 1: 0 positions", "draw it again"),
        (outside("107,22 108,22 108,23 107,22"), "polygon 1: its hole 1 lies outside", "polygon of its own"),
        (placemark(&data, "<Polygon/>"), "a polygon without an outer ring", "outerBoundaryIs"),
        (placemark(&data, ""), "no geometry", "remove the placemark"),
        (
            placemark(&data, "<Point><coordinates>105,22,0</coordinates></Point>"),
            "its geometry is a point",
            "MultiPolygon",
        ),
        (
            placemark(&data, "<LineString><coordinates>105,22 106,22</coordinates></LineString>"),
            "its geometry is a line, not an area",
            "MultiPolygon",
        ),
        (
            ring(good)
                .replace("<Polygon>", "<MultiGeometry><Point><coordinates>105,22</coordinates></Point><Polygon>")
                .replace("</Polygon>", "</Polygon></MultiGeometry>"),
            "its geometry mixes points, lines and areas",
            "of their own",
        ),
        (placemark(&data, "<Model><Link/></Model>"), "its geometry is \"Model\"", "use Polygon"),
        (
            ring(good).replace(
                "</Polygon>",
                "<outerBoundaryIs><LinearRing><coordinates>105,22 106,22 106,23 105,22\
                                              </coordinates></LinearRing></outerBoundaryIs></Polygon>",
            ),
            "a polygon with two outer rings",
            "two polygons",
        ),
        (ring(good).replace("operator", "owner"), "no operator", "property operator"),
        (ring(good).replace("LTE", "6G"), "technology \"6G\" is not known", "2G to 5G"),
        (
            ring(good).replace("other", "example").replace("<value/>", "<value>perhaps</value>"),
            "properties: invalid type: string \"perhaps\", expected a boolean",
            "true or false",
        ),
        (
            ring(good).replace("other", "Operator").replace("<value/>", "<value>x</value>"),
            "properties: duplicate field `operator`",
            "texts",
        ),
    ];
    for (placemark, message, hint) in cases {
        assert_placemark_fault(&placemark, message, hint);
    }
}

#[test]
fn what_is_not_kml_is_said_to_be_so() {
    let bomb = "<!DOCTYPE kml [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]>";
    let outside = "<!DOCTYPE kml [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>";
    let folders = |count: usize| format!("<kml>{}{}</kml>", "<Folder>".repeat(count), "</Folder>".repeat(count));
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let cases: Vec<(Vec<u8>, Option<u64>, &str, &str)> = vec![
        (format!("<?xml version=\"1.0\"?>\n{bomb}<kml>&b;</kml>").into(), Some(2), "a document type", "<!DOCTYPE"),
        (format!("{outside}<kml>&a;</kml>").into(), Some(1), "a document type", "<!DOCTYPE"),
        ("<kml>\n\n&b;</kml>".into(), Some(3), "entity &b; is not known", "letter itself"),
        ("<gpx>\n</gpx>".into(), Some(1), "XML of <gpx>, not KML", "KML"),
        ("<!DOCTYPE html><html></html>".into(), Some(1), "a document type", ""),
        ("<kml></kml>".into(), None, "no placemark", "save the places"),
        ("<kml><NetworkLink/></kml>".into(), None, "only links to other files", "save the places"),
        (folders(31).into(), None, "no placemark", "save the places"),
        (folders(32).into(), Some(1), "nested more than 32 deep", "side by side"),
        (folders(100_000).into(), Some(1), "nested more than 32 deep", "side by side"),
        ("<kml>\n<Document>\n".into(), Some(3), "cut off: <Document> is not closed", "export it again"),
        ("<kml>\n</Document></kml>".into(), Some(2), "not readable as XML", "export it again"),
        ("<kml>\n<Placemark".into(), Some(2), "not readable as XML", "export it again"),
        ("<kml>\n<Placemark><Placemark/></Placemark></kml>".into(), Some(2), "a placemark in a placemark", ""),
        (utf16("\u{feff}<kml></kml>"), None, "UTF-16, not UTF-8 text", "save it as UTF-8"),
        (utf16("<kml></kml>"), None, "UTF-16, not UTF-8 text", "save it as UTF-8"),
        (b"<kml>\n<name>H\xe0</name></kml>".to_vec(), None, "not UTF-8 text, first on line 2", "save it as UTF-8"),
    ];
    for (text, line, message, hint) in cases {
        let folder = tempfile::tempdir().expect("folder");
        let path = file(&folder, &text);
        assert_fault(&path, message, hint);
        assert_eq!(read(&path).map(|_| ()).expect_err(message)[0].line, line, "{message}");
    }
}

#[test]
fn a_long_value_and_a_million_vertices_end_in_time() {
    let long = placemark(&data(&areas()[0]).replace("LTE", &"x".repeat(2 << 20)), &multigeometry(&areas()[0]));
    assert_placemark_fault(&long.replace('\n', " "), "a property of more than 1 MiB", "shorten it");
    let many = "105.123456789,22.123456789,0 ".repeat(1_000_000);
    let ring = format!("<LinearRing><coordinates>{many}</coordinates></LinearRing>");
    let million =
        placemark(&data(&areas()[0]), &format!("<Polygon><outerBoundaryIs>{ring}</outerBoundaryIs></Polygon>"));
    assert_placemark_fault(&million, "polygon 1: its outer ring encloses no area", "remove the polygon");
}
