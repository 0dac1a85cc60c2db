//! Tables of drive tests, good and bad.

use std::collections::BTreeMap;

use phusong_geodata::Geodata;
use phusong_model::{ColumnMapping, DatasetKind, DatasetName, Fault, ImportLog, ImportOptions, Technology};

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

use super::world::{NOW, World};

const PLAIN: &str = "time,lon,lat,signal_dbm\n2026-01-12T08:30:00,105.2,22.1,-97\n";

fn world(text: impl AsRef<[u8]>, columns: Option<ColumnMapping>) -> World {
    let mut world = World::new(&[("00001", [105.0, 22.0, 105.1, 22.06])]);
    let options = ImportOptions {
        operator: Some("viettel".parse().expect("operator")),
        technology: Some(Technology::G4),
        columns,
        ..ImportOptions::default()
    };
    world.add(DatasetKind::Measurements, "drive.csv", text, options);
    world
}

fn log(text: &str, columns: Option<ColumnMapping>) -> ImportLog {
    let geodata = world(text, columns).read().unwrap_or_else(|faults| panic!("{faults:?}"));
    let name = DatasetName { kind: DatasetKind::Measurements, name: "drive.csv".to_owned() };
    geodata.log(&name).cloned().expect("a log")
}

fn faults(text: impl AsRef<[u8]>, columns: Option<ColumnMapping>) -> Vec<Fault> {
    world(text, columns).read().err().unwrap_or_default()
}

fn pairs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, title)| ((*name).to_owned(), (*title).to_owned())).collect()
}

#[test]
fn titles_say_what_columns_are() {
    let tables = [
        PLAIN,
        "\u{feff}Timestamp;Longitude;Latitude;RSRP\r\n2026-01-12 08:30:00;105,2;22,1;-97,5\r\n",
        "lat\tlon\ttime\tlevel\tNetworkTech\tOperatorname\n22.1\t105.2\t2026-01-12T01:30:00Z\t-97\tLTE\tVN VINAPHONE\n",
        "Thời gian,Kinh độ,Vĩ độ,rscp,Công nghệ,Nhà mạng\n2026-01-12T08:30:00+07:00,105.2,22.1,-97,HSPA,45204\n",
        "\n\ntime,lon,lat,dbm\n\n2026-01-12T08:30:00,105.2,22.1,\"-97\"\n,,,\n",
        "Đợt đo tháng 1\nMáy: A\n\ntime,lon,lat,RSRP (dBm)\n2026-01-12T08:30:00,105.2,22.1,-97\ntime,lon,lat,RSRP (dBm)\n",
    ];
    for table in tables {
        let log = log(table, None);
        assert_eq!((log.read, log.used), (1, 1), "{table}");
    }
}

#[test]
fn a_mapping_says_what_columns_words_and_times_are() {
    let table = "Đợt đo tháng 1,,,,\n,,,,\nLúc,KĐ,VĐ,Mức,Máy\n12/01/2026 08:30,105.2,22.1,-97,A\n\
                 12/01/2026 08:31,105.2,22.1,mất sóng,A\n12/01/2026 08:32,105.2,22.1,?,A\n";
    let mapping = ColumnMapping {
        header: Some(3),
        columns: pairs(&[("time", "Lúc"), ("lon", "KD"), ("lat", "VĐ"), ("signal_dbm", "mức"), ("operator", "Máy")]),
        values: BTreeMap::from([
            ("signal_dbm".to_owned(), pairs(&[("mất sóng", "none"), ("?", "")])),
            ("operator".to_owned(), pairs(&[("A", "mobifone")])),
        ]),
        time_format: Some("%d/%m/%Y %H:%M".to_owned()),
        ..ColumnMapping::default()
    };
    let log = log(table, Some(mapping));
    assert_eq!((log.read, log.used), (3, 2), "{log:?}");
    assert!(log.notes[0].contains("1 points left out"), "{log:?}");
}

#[test]
fn metres_of_a_named_system_are_degrees_in_the_end() {
    let table = |crs: &str| {
        let mut world = world("time,x,y,dbm\n2026-01-12T08:30:00,417483.759,2450382.337,-97\n", None);
        world.datasets[1].options.crs = Some(crs.to_owned());
        world.read().err().unwrap_or_default()
    };
    assert!(table("EPSG:9211").is_empty());
    assert!(table("EPSG:32648")[0].message.contains("is not known"));
    assert!(
        faults("time,x,y,dbm\n2026-01-12T08:30:00,417483.759,2450382.337,-97\n", None)[0]
            .message
            .contains("not in Viet Nam")
    );
}

#[test]
fn text_of_old_programs_is_read() {
    let wide: Vec<u8> = PLAIN.encode_utf16().flat_map(u16::to_le_bytes).collect();
    // A capital D with stroke, which UTF-8 does not begin a letter with.
    let old = b"time,lon,lat,dbm,cell\n2026-01-12T08:30:00,105.2,22.1,-97,\xd0\n".to_vec();
    for bytes in [wide, old] {
        assert!(faults(&bytes, None).is_empty(), "{bytes:?}");
    }
}

/// A workbook with a moment as a date of the sheet, one as a text, and levels as numbers.
fn book() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("Đo kiểm").expect("name");
    sheet.write(0, 0, "KẾT QUẢ ĐO").expect("cell");
    for (column, title) in (0..).zip(["Thời gian", "Kinh độ", "Vĩ độ", "RSRP (dBm)", "Nhà mạng"]) {
        sheet.write(2, column, title).expect("title");
    }
    let moment = ExcelDateTime::parse_from_str("2026-01-12T08:30:00").expect("a moment");
    sheet.write_with_format(3, 0, &moment, &Format::new().set_num_format("dd/mm/yyyy hh:mm")).expect("moment");
    sheet.write(4, 0, "12/01/2026 08:30").expect("text");
    for row in [3, 4] {
        sheet.write(row, 1, 105.2).expect("lon");
        sheet.write(row, 2, "22,1").expect("lat");
        sheet.write(row, 3, -97.0 - f64::from(row)).expect("level");
    }
    sheet.write(4, 4, "45204").expect("operator");
    book.save_to_buffer().expect("book")
}

#[test]
fn workbooks_are_read_with_their_dates() {
    let format = |format: &str| ColumnMapping { time_format: Some(format.to_owned()), ..ColumnMapping::default() };
    let geodata = world(book(), Some(format("%d/%m/%Y %H:%M"))).read().unwrap_or_else(|faults| panic!("{faults:?}"));
    let name = DatasetName { kind: DatasetKind::Measurements, name: "drive.csv".to_owned() };
    let log = geodata.log(&name).expect("a log");
    assert_eq!((log.read, log.used), (2, 2), "{log:?}");
    // Both are of one instant: the table of the same as text gives the same figures.
    let text = "time,lon,lat,rsrp,operator\n2026-01-12T08:30:00,105.2,22.1,-100,\n\
                2026-01-12T08:30:00,105.2,22.1,-101,45204\n";
    let plain = world(text, None).read().unwrap_or_else(|faults| panic!("{faults:?}"));
    let figures = |geodata: &Geodata| {
        let coverage = geodata.coverage(&world("", None).inventory, &[], NOW);
        serde_json::to_string(&(&coverage.figures, &coverage.contradictions)).expect("text")
    };
    assert_eq!(figures(&geodata), figures(&plain));
    let faults = faults(book(), Some(format("%Y")));
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].message.starts_with("Đo kiểm, row 5: time \"12/01/2026 08:30\" is not written as"), "{faults:?}");
}

/// A bad table: its name, its bytes, the mapping, and where and what the fault is.
type Bad = (&'static str, Vec<u8>, Option<ColumnMapping>, Option<u64>, &'static str);

fn bad() -> Vec<Bad> {
    let row = |fields: &str| format!("time,lon,lat,dbm,tech,accuracy\n{fields}\n").into_bytes();
    let mapped = |mapping: ColumnMapping| Some(mapping);
    let columns = |named: &[(&str, &str)]| ColumnMapping { columns: pairs(named), ..ColumnMapping::default() };
    let zone = ColumnMapping { time_zone: Some("Hanoi".to_owned()), ..ColumnMapping::default() };
    let format = ColumnMapping { time_format: Some("%d/%m/%Y".to_owned()), ..ColumnMapping::default() };
    let utc = ColumnMapping { time_zone: Some("UTC".to_owned()), ..ColumnMapping::default() };
    let header = ColumnMapping { header: Some(7), ..ColumnMapping::default() };
    let open = format!("time,lon,lat,dbm\n\"2026-01-12T08:30:00,105.2,22.1,-97\n{}", "x,\n".repeat(3000));
    let wide = [",".repeat(2050), "x\n".to_owned()].concat();
    vec![
        ("empty", Vec::new(), None, None, "an empty table"),
        ("half of utf-16", b"\xff\xfet\0i\0m".to_vec(), None, None, "not sound UTF-16LE"),
        ("an archive", b"PK\x03\x04xl".to_vec(), None, None, "neither a GPX file nor a table"),
        ("a page", b"{\"type\":\"FeatureCollection\"}".to_vec(), None, None, "neither a GPX file nor a table"),
        ("no signal", b"time,lon,lat\n".to_vec(), None, Some(1), "no column signal_dbm"),
        ("no time", b"lon,lat,dbm\n".to_vec(), None, Some(1), "no column time"),
        ("no titles", b"2026-01-12T08:30:00,105.2,22.1,-97\n".to_vec(), None, Some(1), "no column time"),
        ("titles only", b"time,lon,lat,dbm\n".to_vec(), None, None, "no point has a signal level"),
        ("too many columns", wide.into_bytes(), None, Some(1), "more than 2048 columns"),
        ("never closed", open.into_bytes(), None, Some(2), "a quote that is never closed"),
        ("a title that is not there", PLAIN.into(), mapped(columns(&[("cell", "CID")])), Some(1), "no column \"CID\""),
        ("a name that is not ours", PLAIN.into(), mapped(columns(&[("pci", "lon")])), None, "no column of ours"),
        ("a header beyond the end", PLAIN.into(), mapped(header), None, "nothing in row 7"),
        ("a zone that is none", PLAIN.into(), mapped(zone), None, "time_zone \"Hanoi\""),
        ("a format of other times", PLAIN.replace('T', " ").into(), mapped(format), Some(2), "is not written as"),
        ("a wrong zone", row("2026-06-01T04:00:00,105.2,22.1,-97,,"), mapped(utc), Some(2), "later than the file"),
        ("a future time", row("2027-01-01T00:00:00,105.2,22.1,-97,,"), None, Some(2), "later than the file"),
        ("swapped axes", row("2026-01-12T08:30:00,22.1,105.2,-97,,"), None, Some(2), "not in Viet Nam"),
        ("not a number", row("2026-01-12T08:30:00,NaN,22.1,-97,,"), None, Some(2), "coordinate \"NaN\""),
        ("decimal commas", row("2026-01-12T08:30:00,105,2,22,1,-97"), None, Some(2), "not in Viet Nam"),
        ("no position", row("2026-01-12T08:30:00,,,-97,,"), None, Some(2), "without a position"),
        (
            "a short row",
            row("2026-01-12T08:30:00,105.2,22.1\n2026-01-12T08:30:00,,22.1,-97"),
            None,
            Some(3),
            "position",
        ),
        (
            "a long field",
            row(&format!("2026-01-12T08:30:00,105.2,22.1,-97,{},", "x".repeat(5000))),
            None,
            Some(2),
            "a cell of more than 4096 bytes",
        ),
        ("a level of nothing", row("2026-01-12T08:30:00,105.2,22.1,0,,"), None, Some(2), "0 dBm is no level"),
        ("an unknown technology", row("2026-01-12T08:30:00,105.2,22.1,-97,CDMA,"), None, Some(2), "\"CDMA\""),
        ("a wrong accuracy", row("2026-01-12T08:30:00,105.2,22.1,-97,,far"), None, Some(2), "\"far\" is no length"),
    ]
}

#[test]
fn bad_tables_are_refused_with_place_and_remedy() {
    for (name, bytes, columns, line, message) in bad() {
        let faults = faults(bytes, columns);
        let [fault] = faults.as_slice() else { panic!("{name}: {faults:?}") };
        assert!(fault.message.contains(message), "{name}: {fault}");
        assert_eq!(fault.line, line, "{name}: {fault}");
        assert!(!fault.hint.is_empty() && fault.to_string().len() < 1000, "{name}: {fault}");
    }
}
