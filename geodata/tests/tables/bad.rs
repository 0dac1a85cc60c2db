//! Tables as they go wrong: each is refused with what is wrong, where, and what to do.

use phusong_model::{ColumnMapping, DatasetKind, ImportOptions};

use crate::world::read;

const TITLES: &str = "id,name,commune,lon,lat,people,power,cluster\n";

/// Rows of settlements below the titles, the line, a part of the message, and one of the hint.
const ROWS: [(&str, u64, &str, &str); 24] = [
    ("s1,A,02221,105.35,,,,", 2, "\"lat\": s1: half of a position is missing", "both numbers"),
    ("s1,A,02221,,,,,", 2, "\"lon\": s1: no position", "culture house"),
    ("s1,A,,105.35,22.63,,,", 2, "\"commune\": no commune", "five-digit code"),
    ("s1,A,99999,105.35,22.63,,,", 2, "\"99999\" is no commune of the inventory", "communes.csv"),
    ("s1,A,Binh Sa,105.35,22.45,,,", 2, "\"Binh Sa\" is no commune", "02404 Bình Xa"),
    ("s1,A,Bình,105.35,22.45,,,", 2, "\"Bình\" may be 0", "five-digit code of the one"),
    ("s1,A,Tân,104.7,22.15,,,", 2, "\"Tân\" is no commune", "did you mean 00691 Tân Quang?"),
    ("s1,A,691,104.7,22.15,,,", 2, "zeros-lost", "write 00691; --accept-guesses"),
    ("s1,A,02221,105.5,22.6,,,", 2, "is in 02548 Bình Ca, and not in 02221 Nà Hang", "correct the position"),
    ("s1,A,02221,109.5,15.6,,,", 2, "is in no commune, and not in 02221 Nà Hang", "--crs"),
    ("s1,A,02221,22.63,105.35,,,", 2, "the two coordinates are swapped", "write 105.350000 / 22.630000"),
    ("s1,A,02221,-105.35,22.63,,,", 2, "a sign is wrong", "--accept-guesses"),
    ("s1,A,02221,đông,22.63,,,", 2, "s1: \"đông\" is not a coordinate", "105,34808"),
    ("s1,A,02221,105.35,22.63,nhiều,,", 2, "\"people\": \"nhiều\" is no count", "whole number"),
    ("s1,A,02221,105.35,22.63,-3,,", 2, "\"-3\" is no count", "3.199"),
    ("s1,A,02221,105.35,22.63,3.5,,", 2, "\"3.5\" is no count", "whole number"),
    ("s1,A,02221,105.35,22.63,,sắp có,", 2, "\"sắp có\" says nothing of power", "không rõ"),
    ("thôn 1,A,02221,105.35,22.63,,,", 2, "cannot be part of an id", "00691-001"),
    ("s1,,02221,105.35,22.63,,,", 2, "\"name\": no name", "name of the settlement"),
    (
        "s1,A,02221,105.35,22.63,,,\ns1,B,02221,105.36,22.63,,,",
        3,
        "s1 is the settlement of line 2 already",
        "id of its own",
    ),
    (",A,02221,105.35,22.63,,,\n,a,02221,105.36,22.63,,,", 3, "02221-a is the settlement of line 2", "column id"),
    ("s1,A,02221,105.35,22.63,#N/A,,", 2, "\"people\": #N/A stands in place of a value", "formula"),
    ("s1,A,02221,105.35,22.63,,,\ns2,,,105.35,22.63,,,Khu 1", 3, "there is no settlement s2", "repeat the id"),
    (
        "s1,A,02221,105.35,22.63,,,\ns1,,,105.35,22.63,9,,Khu 1",
        3,
        "it is of a whole settlement",
        "where cluster is empty",
    ),
];

fn check(kind: DatasetKind, text: &str, options: &ImportOptions, line: Option<u64>, message: &str, hint: &str) {
    let Err(faults) = read(kind, text, options) else { panic!("{text} is taken") };
    let [fault] = faults.as_slice() else { panic!("{text}: {faults:#?}") };
    assert_eq!(fault.line, line, "{text}: {fault}");
    assert!(fault.message.contains(message) && fault.hint.contains(hint), "{text}: {fault}");
}

#[test]
fn a_wrong_row_is_named_with_its_line_and_what_to_do() {
    for (rows, line, message, hint) in ROWS {
        let text = format!("{TITLES}{rows}\n");
        check(DatasetKind::Settlements, &text, &ImportOptions::default(), Some(line), message, hint);
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one case is one line or a few")]
fn a_wrong_table_is_named_as_a_whole() {
    let open = format!("{TITLES}s1,\"A,02221,105.35,22.63,,,\ns2,B,02221,105.35,22.63,,,\n");
    let behind = format!("{TITLES}s1,\"A\"b,02221,105.35,22.63,,,\n");
    let long = format!("{TITLES}s1,{},02221,105.35,22.63,,,\n", "a".repeat(5000));
    let broad = format!("{TITLES}{}x\n", "a,".repeat(2100));
    for (kind, text, line, message, hint) in [
        (DatasetKind::Settlements, "", None, "an empty table", "columns = {"),
        (DatasetKind::Settlements, TITLES, None, "a list without a settlement", "below the titles"),
        (
            DatasetKind::Settlements,
            "Nơi,Xã,lon,lat\nA,02221,105,22\n",
            Some(1),
            "no column name among the titles: Nơi, Xã, lon",
            "mapping file",
        ),
        (
            DatasetKind::Settlements,
            "name,lon,lat\nA,105,22\n",
            Some(1),
            "no column commune or commune_code",
            "--columns",
        ),
        (
            DatasetKind::Settlements,
            "name;commune\nA;02221\n",
            Some(1),
            "no column lon or position or x",
            "lon = \"TITLE",
        ),
        (DatasetKind::Settlements, &open, Some(2), "a quote that is never closed", "close it"),
        (DatasetKind::Settlements, &behind, Some(2), "text behind a closing quote", "whole text into quotes"),
        (DatasetKind::Settlements, &long, Some(2), "a cell of more than 4096 bytes", "shorten it"),
        (DatasetKind::Settlements, &broad, Some(2), "more than 2048 columns", "not needed"),
        (DatasetKind::Settlements, "%PDF\0\0\0", None, "neither text nor a workbook", ".xlsx"),
        (DatasetKind::Settlements, "{\"type\":\"Feature\"}", None, "not a GeoJSON FeatureCollection", "ogr2ogr"),
        (DatasetKind::Sites, "id,commune,lon,lat\n", None, "a list without a site", "below the titles"),
        (DatasetKind::Sites, "id,commune,lon,lat\na b,02221,105.35,22.63\n", Some(2), "\"a b\" is no id", "at most 64"),
        (
            DatasetKind::Sites,
            "id,commune,lon,lat,operator\na,02221,105.35,22.63,V/T\n",
            Some(2),
            "\"operator\"",
            "viettel",
        ),
        (
            DatasetKind::Sites,
            "id,commune,lon,lat\na,02221,105.35,22.63\na,02221,105.35,22.63\n",
            Some(3),
            "a is the site of line 2 already",
            "id of its own",
        ),
        (
            DatasetKind::Cells,
            "radio,mcc,net,area,cell,lon,lat\nLTE,452,4,1,x,105.3,22.6\n",
            Some(2),
            "\"cell\": \"x\" is no whole number",
            "whole numbers",
        ),
        (
            DatasetKind::Cells,
            "radio,mcc,net,area,cell,lon,lat\nLTE,452,4,1,1,east,22.6\n",
            Some(2),
            "\"east\" is no number of degrees",
            "decimal point",
        ),
        (
            DatasetKind::Cells,
            "radio,mcc,net,cell,lon,lat\nLTE,452,4,1,105.3,22.6\n",
            Some(1),
            "no column area",
            "mapping file",
        ),
        (DatasetKind::Population, "commune,people\n02221,5\n", None, "is no GeoTIFF", "of the kind totals"),
        (DatasetKind::Totals, "II*\0\u{8}\0\0\0", None, "is a GeoTIFF", "of the kind population"),
        (DatasetKind::Totals, "commune,people\n02221,84912345678\n", Some(2), "is no count", "whole number"),
        (DatasetKind::Totals, "commune,people\n02221,\n", Some(2), "no number of people", "remove the row"),
        (DatasetKind::Totals, "commune,people\n02221,5\nNà Hang,6\n", Some(3), "02221 was there before", "added up"),
        (
            DatasetKind::Totals,
            "mã xã,tên xã,dân số\n02221,Bình Ca,6\n",
            Some(2),
            "02221 is the code of Nà Hang",
            "code or the name",
        ),
    ] {
        check(kind, text, &ImportOptions::default(), line, message, hint);
    }
}

#[test]
fn a_wrong_mapping_is_told_with_the_titles_that_are_there() {
    let text = "Nơi,commune,lon,lat\nA,02221,105.35,22.63\n";
    let options = |name: &str, title: &str, header| {
        let columns = [(name.to_owned(), title.to_owned())].into();
        let columns = Some(ColumnMapping { columns, header, ..ColumnMapping::default() });
        ImportOptions { columns, ..ImportOptions::default() }
    };
    let settlements = DatasetKind::Settlements;
    assert!(read(settlements, text, &options("name", "noi", None)).is_ok());
    check(
        settlements,
        text,
        &options("height", "Nơi", None),
        None,
        "\"height\", which is no column of ours",
        "ours are id",
    );
    check(settlements, text, &options("name", "Chỗ", None), Some(1), "no column \"Chỗ\"", "Nơi, commune");
    check(settlements, text, &options("name", "Nơi", Some(9)), None, "nothing in row 9", "correct header");
    let wrong = ImportOptions { crs: Some("EPSG:1".to_owned()), ..ImportOptions::default() };
    check(settlements, text, &wrong, None, "EPSG:1", "give crs");
}
