//! Seeds that are texts: GPX, KML, and tables of drive tests.

use crate::seeds::Seed;

/// All of them.
pub fn all() -> Vec<Seed> {
    let gpx = gpx().into_iter().map(|(name, text)| ("gpx", name, text.into_bytes()));
    let kml = kml().into_iter().map(|(name, text)| ("kml", name, text.into_bytes()));
    let tables = tables().into_iter().map(|(name, text)| ("measurements_csv", name, text.into_bytes()));
    gpx.chain(kml).chain(tables).collect()
}

fn gpx() -> Vec<(&'static str, String)> {
    let track = |points: &str| format!("<?xml version=\"1.0\"?><gpx><trk><trkseg>{points}</trkseg></trk></gpx>");
    let point = |extensions: &str| {
        format!(
            "<trkpt lat=\"22.1\" lon=\"105.2\"><time>2026-01-12T01:30:00Z</time>\
             <extensions>{extensions}</extensions></trkpt>"
        )
    };
    vec![
        ("plain", track(&point("<rsrp>-97</rsrp>"))),
        ("prefixes", track(&point("<g:NetworkTech>LTE</g:NetworkTech><g:Level>-97 dBm</g:Level>"))),
        (
            "all-generations",
            track(&["<rxlev>-80</rxlev>", "<rscp>-90</rscp>", "<ss-rsrp>-90</ss-rsrp>"].map(point).concat()),
        ),
        ("no-network", track(&point("<tech>none</tech><signal>No service</signal><operator>45204</operator>"))),
        ("inaccurate", track(&point("<rsrp>-97</rsrp><accuracy>80,5 m</accuracy><cell>12</cell>"))),
        ("cdata", track(&point("<rsrp><![CDATA[-97]]></rsrp><!-- a --><?b?>"))),
        ("references", track(&point("<rsrp>&#45;97</rsrp><operator>&lt;</operator>"))),
        (
            "version-1-0",
            "<gpx><wpt lat=\"22.1\" lon=\"105.2\"><time>2026-01-12T01:30:00</time><dbm>-97</dbm></wpt></gpx>"
                .to_owned(),
        ),
        ("swapped", track("<trkpt lat=\"105.2\" lon=\"22.1\"><time>2026-01-12T01:30:00Z</time><dbm>-97</dbm></trkpt>")),
        ("bomb", "<!DOCTYPE gpx [<!ENTITY a \"aa\">]><gpx>&a;</gpx>".to_owned()),
        ("deep", format!("<gpx>{}{}</gpx>", "<a>".repeat(40), "</a>".repeat(40))),
        ("cut", "<gpx><trk><trkseg><trkpt lat=\"22.1\" lon=".to_owned()),
    ]
}

fn kml() -> Vec<(&'static str, String)> {
    let document = |content: &str| format!("<?xml version=\"1.0\"?><kml><Document>{content}</Document></kml>");
    let placed = |geometry: &str| document(&format!("<Placemark><name>a</name>{geometry}</Placemark>"));
    let ring = "105,22 105.1,22 105.1,22.1 105,22";
    let shell =
        format!("<outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs>");
    let hole = "<innerBoundaryIs><LinearRing><coordinates>105.06,22.02 105.08,22.02 105.08,22.04 105.06,22.02\
                </coordinates></LinearRing></innerBoundaryIs>";
    let data = "<ExtendedData><Data name=\"code\"><value>00691</value></Data></ExtendedData>";
    let schema = "<ExtendedData><SchemaData><SimpleData name=\"code\">00691</SimpleData></SchemaData></ExtendedData>";
    let polygon = format!("<Polygon>{shell}{hole}</Polygon>");
    vec![
        ("polygon", placed(&format!("{data}{polygon}"))),
        ("schema-data", placed(&format!("{schema}{polygon}"))),
        ("several", placed(&format!("<MultiGeometry>{polygon}<Polygon>{shell}</Polygon></MultiGeometry>"))),
        ("point", placed("<Point><coordinates>105.2,22.1,300</coordinates></Point>")),
        ("line", placed("<LineString><coordinates>105,22 105.1,22.1</coordinates></LineString>")),
        (
            "mixed",
            placed(&format!("<MultiGeometry>{polygon}<Point><coordinates>1,1</coordinates></Point></MultiGeometry>")),
        ),
        ("folders", document(&format!("<Folder><Folder><Placemark>{polygon}</Placemark></Folder></Folder>"))),
        ("two-shells", placed(&format!("<Polygon>{shell}{shell}</Polygon>"))),
        ("no-shell", placed(&format!("<Polygon>{hole}</Polygon>"))),
        ("track", placed("<gx:Track/>")),
        ("link", document("<NetworkLink/>")),
        ("entities", placed("<Point><coordinates>105.2&#44;22.1</coordinates></Point>")),
        ("bomb", "<!DOCTYPE kml [<!ENTITY a \"aa\">]><kml>&a;</kml>".to_owned()),
        ("deep", format!("<kml>{}{}</kml>", "<a>".repeat(40), "</a>".repeat(40))),
        ("cut", "<kml><Placemark><Polygon>".to_owned()),
    ]
}

fn tables() -> Vec<(&'static str, String)> {
    let vietnamese = "{\"header\":2,\"columns\":{\"time\":\"Thời gian\",\"signal_dbm\":\"Mức thu\"},\
        \"values\":{\"signal_dbm\":{\"mất\":\"none\"}},\"time_format\":\"%d/%m/%Y %H:%M:%S\",\"time_zone\":\"+07:00\"}\n\
        Đợt đo;;;;\nThời gian;Kinh độ;Vĩ độ;Mức thu;Nhà mạng\n12/01/2026 08:30:00;105,2;22,1;-97,5;Viettel\n\
        12/01/2026 08:30:05;105,2;22,1;mất;45204\n";
    vec![
        ("plain", "{}\ntime,lon,lat,rsrp\n2026-01-12T08:30:00,105.2,22.1,-97\n".to_owned()),
        ("vietnamese", vietnamese.to_owned()),
        (
            "tabs",
            "{}\r\nTimestamp\tLongitude\tLatitude\tLevel\tNetworkTech\n2026-01-12 08:30:00\t105.2\t22.1\t-97\tLTE\n"
                .to_owned(),
        ),
        (
            "quotes",
            "{}\n\"time\",\"lon\",\"lat\",\"dbm\"\n\"2026-01-12T01:30:00Z\",\"105.2\",\"22.1\",\"-9\"\"7\"\n"
                .to_owned(),
        ),
        ("never-closed", "{}\ntime,lon,lat,dbm\n\"2026-01-12T01:30:00Z,105.2,22.1,-97\n".to_owned()),
        ("short-rows", "{}\ntime,lon,lat,dbm\n2026-01-12T01:30:00Z,105.2\n\n,,,\n".to_owned()),
        ("no-column", "{\"columns\":{\"cell\":\"CID\"}}\ntime,lon,lat,dbm\n".to_owned()),
        ("no-header", "{\"header\":9}\ntime,lon,lat,dbm\n".to_owned()),
    ]
}
