//! Texts as programs wrote them.

use proptest::prelude::*;

use super::*;

/// The `.prj` of the province's Shapefile, as GDAL writes it.
const ESRI_UTM: &str = r#"PROJCS["VN_2000_UTM_Zone_48N",GEOGCS["GCS_VN_2000",DATUM["D_Vietnam_2000",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",105.0],PARAMETER["Scale_Factor",0.9996],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]"#;

/// The definition in the province's GeoPackage.
const OGC_UTM: &str = r#"PROJCS["VN-2000 / UTM zone 48N",GEOGCS["VN-2000",DATUM["Vietnam_2000",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6756"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4756"]],PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",105],PARAMETER["scale_factor",0.9996],PARAMETER["false_easting",500000],PARAMETER["false_northing",0],UNIT["metre",1,AUTHORITY["EPSG","9001"]],AXIS["Easting",EAST],AXIS["Northing",NORTH],AUTHORITY["EPSG","3405"]]"#;

/// WKT 2:2019 of PROJ 9.5.1.
const ISO_TM3: &str = r#"PROJCRS["VN-2000 / TM-3 106-00",BASEGEOGCRS["VN-2000",DATUM["Vietnam 2000",ELLIPSOID["WGS 84",6378137,298.257223563,LENGTHUNIT["metre",1]]],PRIMEM["Greenwich",0,ANGLEUNIT["degree",0.0174532925199433]],ID["EPSG",4756]],CONVERSION["Vietnam TM-3 106-00",METHOD["Transverse Mercator",ID["EPSG",9807]],PARAMETER["Latitude of natural origin",0,ANGLEUNIT["degree",0.0174532925199433],ID["EPSG",8801]],PARAMETER["Longitude of natural origin",106,ANGLEUNIT["degree",0.0174532925199433],ID["EPSG",8802]],PARAMETER["Scale factor at natural origin",0.9999,SCALEUNIT["unity",1],ID["EPSG",8805]],PARAMETER["False easting",500000,LENGTHUNIT["metre",1],ID["EPSG",8806]],PARAMETER["False northing",0,LENGTHUNIT["metre",1],ID["EPSG",8807]]],CS[Cartesian,2],AXIS["(E)",east,ORDER[1],LENGTHUNIT["metre",1]],AXIS["(N)",north,ORDER[2],LENGTHUNIT["metre",1]],USAGE[SCOPE["Cadastre, engineering survey, topographic mapping (large scale)."],AREA["Vietnam - Hoa Binh, Quang Binh and Tuyen Quang provinces."],BBOX[16.92,104.83,22.7,107.03]],ID["EPSG",9211]]"#;

/// WKT 2:2015, simplified, of PROJ 9.5.1.
const ISO_SIMPLE: &str = r#"PROJCRS["VN-2000 / TM-3 108-15",BASEGEODCRS["VN-2000",DATUM["Vietnam 2000",ELLIPSOID["WGS 84",6378137,298.257223563]],UNIT["degree",0.0174532925199433]],CONVERSION["Vietnam TM-3 108-15",METHOD["Transverse Mercator"],PARAMETER["Latitude of natural origin",0],PARAMETER["Longitude of natural origin",108.25],PARAMETER["Scale factor at natural origin",0.9999],PARAMETER["False easting",500000],PARAMETER["False northing",0]],CS[Cartesian,2],AXIS["(E)",east],AXIS["(N)",north],UNIT["metre",1],ID["EPSG",9217]]"#;

/// What GDAL makes of a definition with seven parameters and no name, as MapInfo files have it.
const UNNAMED_TM3: &str = r#"PROJCS["unnamed",GEOGCS["unnamed",DATUM["MIF 9999,28,-191.90441429,-39.30318279,-111.45032835,-0.00928836,0.01975479,-0.00427372,0.252906278,0",SPHEROID["WGS 84",6378137,298.257223563],TOWGS84[-191.90441429,-39.30318279,-111.45032835,0.00928836,-0.01975479,0.00427372,0.252906278]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",105.5],PARAMETER["scale_factor",0.9999],PARAMETER["false_easting",500000],PARAMETER["false_northing",0],UNIT["Meter",1.0]]"#;

const ISO_WGS84: &str = r#"GEOGCRS["WGS 84",ENSEMBLE["World Geodetic System 1984 ensemble",MEMBER["World Geodetic System 1984 (Transit)"],MEMBER["World Geodetic System 1984 (G2296)"],ELLIPSOID["WGS 84",6378137,298.257223563,LENGTHUNIT["metre",1]],ENSEMBLEACCURACY[2.0]],PRIMEM["Greenwich",0,ANGLEUNIT["degree",0.0174532925199433]],CS[ellipsoidal,3],AXIS["geodetic latitude (Lat)",north,ORDER[1],ANGLEUNIT["degree",0.0174532925199433]],AXIS["geodetic longitude (Lon)",east,ORDER[2],ANGLEUNIT["degree",0.0174532925199433]],AXIS["ellipsoidal height (h)",up,ORDER[3],LENGTHUNIT["metre",1]],ID["EPSG",4979]]"#;

const ESRI_WGS84: &str = r#"GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.017453292519943295]]"#;

fn epsg(text: &str) -> Result<u32, String> {
    Crs::of_wkt(text).map(Crs::epsg).map_err(|unknown| unknown.to_string())
}

/// The text with one part of it, which must be there, replaced.
fn changed(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from}");
    text.replace(from, to)
}

#[test]
fn texts_of_every_dialect_are_understood() {
    for (text, code) in [
        (ESRI_UTM, 3405),
        (OGC_UTM, 3405),
        (ISO_TM3, 9211),
        (ISO_SIMPLE, 9217),
        (UNNAMED_TM3, 9209),
        (ISO_WGS84, 4326),
        (ESRI_WGS84, 4326),
    ] {
        assert_eq!(epsg(text), Ok(code), "{text}");
        let spread = format!("\u{feff}{}\r\n\0", text.replace(',', " ,\n  "));
        assert_eq!(epsg(&spread), Ok(code), "{spread}");
        assert_eq!(epsg(&text.replace('[', "(").replace(']', ")")), Ok(code), "{text}");
    }
}

#[test]
fn every_system_is_found_by_its_parameters() {
    for crs in Crs::known() {
        let base = match crs.0.datum {
            Datum::Wgs84 => ESRI_WGS84.to_owned(),
            Datum::Vn2000 => ESRI_WGS84.replace("WGS_1984\",SPHEROID", "VN_2000\",SPHEROID"),
        };
        let text = match crs.0.projection {
            None => base,
            Some(zone) => format!(
                r#"PROJCS["TQ",{base},PROJECTION["Gauss_Kruger"],PARAMETER["Central_Meridian",{:.9}],PARAMETER["Scale_Factor",{}],PARAMETER["False_Easting",500000.0],UNIT["Meter",1.0]]"#,
                zone.meridian(),
                zone.scale()
            ),
        };
        assert_eq!(epsg(&text), Ok(crs.epsg()), "{text}");
    }
}

#[test]
fn heights_and_the_way_to_another_system_are_left_aside() {
    let compound = format!(r#"COMPOUNDCRS["with heights",{ISO_TM3},VERTCRS["EGM96 height",VDATUM["EGM96 geoid"]]]"#);
    assert_eq!(epsg(&compound), Ok(9211));
    let bound = format!("BOUNDCRS[SOURCECRS[{ISO_TM3}],TARGETCRS[{ISO_WGS84}],ABRIDGEDTRANSFORMATION[\"x\"]]");
    assert_eq!(epsg(&bound), Ok(9211));
    let old = format!(r#"COMPD_CS["with heights",{OGC_UTM},VERT_CS["EGM96 height",VERT_DATUM["EGM96 geoid",2005]]]"#);
    assert_eq!(epsg(&old), Ok(3405));
}

#[test]
fn a_code_must_agree_with_the_parameters() {
    let wrong = changed(ISO_TM3, "ID[\"EPSG\",9211]", "ID[\"EPSG\",9209]");
    let message = epsg(&wrong).expect_err("a contradiction");
    assert!(message.contains("its code is EPSG:9209, its parameters are EPSG:9211; known are"), "{message}");
    assert!(epsg(&changed(OGC_UTM, "AUTHORITY[\"EPSG\",\"3405\"]", "AUTHORITY[\"EPSG\",\"32648\"]")).is_err());
    // A number of somebody's own is no code of the EPSG dataset.
    assert_eq!(epsg(&changed(OGC_UTM, "AUTHORITY[\"EPSG\",\"3405\"]", "AUTHORITY[\"USER\",\"100001\"]")), Ok(3405));
}

#[test]
fn what_would_move_a_coordinate_is_refused_and_named() {
    for (text, from, to, why) in [
        (ESRI_UTM, "105.0", "117.0", "transverse Mercator at 117° E, scale 0.9996, false easting 500000 m, on VN-2000"),
        (ESRI_UTM, "0.9996", "1.0", "scale 1,"),
        (ESRI_UTM, "500000.0", "0.0", "false easting 0 m"),
        (ESRI_UTM, "\"False_Northing\",0.0", "\"False_Northing\",500000.0", "500000 as \"False_Northing\""),
        (ESRI_UTM, "\"Latitude_Of_Origin\",0.0", "\"Latitude_Of_Origin\",10.0", "10 as \"Latitude_Of_Origin\""),
        (ESRI_UTM, "UNIT[\"Meter\",1.0]", "UNIT[\"Kilometer\",1000.0]", "but \"Kilometer\""),
        (ESRI_UTM, "UNIT[\"Meter\",1.0]", "UNIT[\"Degree\",0.0174532925199433]", "not the metre"),
        (ESRI_UTM, "UNIT[\"Degree\",0.0174532925199433]", "UNIT[\"Radian\",1.0]", "not in degrees"),
        (ESRI_UTM, "\"Greenwich\",0.0", "\"Paris\",2.337229167", "Greenwich"),
        (ESRI_UTM, "298.257223563", "298.257222101", "ellipsoid is not that of WGS 84 but \"WGS_1984\""),
        (ESRI_UTM, "6378137.0", "6377276.345", "ellipsoid"),
        (ESRI_UTM, "D_Vietnam_2000", "D_Indian_1960", "its datum is \"D_Indian_1960\""),
        (ESRI_UTM, "D_Vietnam_2000", "D_WGS_1984", "on WGS 84, and projections are known of VN-2000 only"),
        (ESRI_UTM, "Transverse_Mercator", "Lambert_Conformal_Conic", "its projection is \"Lambert_Conformal_Conic\""),
        (ESRI_UTM, "PARAMETER[\"Central_Meridian\",105.0],", "", "lacks the central meridian"),
        (ESRI_UTM, "\"Central_Meridian\",105.0", "\"Central_Meridian\",east", "no number for \"Central_Meridian\""),
        (UNNAMED_TM3, "TOWGS84[-191.90441429", "TOWGS84[-190.90441429", "its datum is \"MIF 9999,28"),
        (ISO_TM3, "LENGTHUNIT[\"metre\",1]", "LENGTHUNIT[\"foot\",0.3048]", "but \"foot\""),
        (ISO_TM3, "ANGLEUNIT[\"degree\",0.0174532925199433]", "ANGLEUNIT[\"radian\",1]", "but \"radian\""),
        (ISO_WGS84, "CS[ellipsoidal,3]", "CS[Cartesian,3]", "not longitude and latitude"),
        (ESRI_WGS84, "GEOGCS[", "GEOCCS[", "neither longitude and latitude"),
    ] {
        let message = epsg(&changed(text, from, to)).expect_err(to);
        assert!(message.contains(why), "{to}: {message}");
    }
}

#[test]
fn what_is_no_wkt_is_refused() {
    for text in ["", "EPSG:9211", "undefined", "+proj=tmerc +lon_0=106", "PROJCS[", "LOCAL_CS[\"x\",UNIT[\"m\",1.0]]"] {
        assert!(epsg(text).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn a_text_cut_short_is_never_taken(cut in 0..ISO_TM3.len()) {
        prop_assert!(ISO_TM3.get(..cut).is_none_or(|text| Crs::of_wkt(text).is_err()));
    }
}
