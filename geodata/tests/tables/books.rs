//! Workbooks as offices make them.

use phusong_model::{ColumnMapping, DatasetKind, ImportOptions};
use rust_xlsxwriter::{Format, Workbook, Worksheet};

use crate::world::{accepting, read, settlements, told};

/// A book of one sheet, from texts by row; numbers are written as numbers where they begin with `=`.
fn book(rows: &[&[&str]], finish: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("Thôn").expect("name");
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(*cells) {
            match cell.strip_prefix('=') {
                Some(number) => sheet.write(row, column, number.parse::<f64>().expect("number")),
                None if cell.is_empty() => continue,
                None => sheet.write(row, column, *cell),
            }
            .expect("cell");
        }
    }
    finish(sheet);
    book.save_to_buffer().expect("book")
}

const OFFICE: [&[&str]; 4] = [
    &["ỦY BAN NHÂN DÂN TỈNH", "", "", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
    &[],
    &["DANH SÁCH THÔN, BẢN, TỔ DÂN PHỐ"],
    &["(Kèm theo Công văn số 12/SKHCN)"],
];

#[test]
fn a_list_with_its_titles_in_row_five_merged_communes_and_sums_is_read() {
    let rows: Vec<&[&str]> = OFFICE
        .into_iter()
        .chain([
            &["STT", "Xã/phường", "Tên thôn", "Kinh độ (X)", "Vĩ độ (Y)", "Số hộ", "Dân số (người)", "Điện lưới"][..],
            &["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)", "(8)"],
            &["=1", "", "Nà Khá", "105,34808", "22,62924", "=61", "3.199", "có"],
            &["=2", "", "Nà Mỏ", "105°21'00\"", "22°38'06\"", "=9", "", "không"],
            &[],
            &["=3", "xa binh ca", "Thôn 1", "=105.5", "=22.6", "", "=250", "không rõ"],
            &["", "Tổng cộng", "", "", "", "=70", "=3449"],
        ])
        .collect();
    let bytes = book(&rows, |sheet| {
        sheet.merge_range(6, 1, 7, 1, "Xã Nà Hang", &Format::new()).expect("merged");
    });
    let (settlements, log) = settlements(bytes, &ImportOptions::default());
    assert_eq!(
        told(&settlements),
        [
            "02221-nakha 02221 105.3481 22.6292",
            "02221-namo 02221 105.3500 22.6350",
            "02548-thon1 02548 105.5000 22.6000"
        ]
    );
    let counts: Vec<_> = settlements.iter().map(|s| (s.households, s.people)).collect();
    assert_eq!(counts, [(Some(61), Some(3199)), (Some(9), None), (None, Some(250))]);
    assert_eq!((log.read, log.used), (3, 3));
    assert_eq!(log.notes, ["Thôn, row 11: left out, for it is a sum: Tổng cộng"]);
}

#[test]
fn a_fault_names_the_cell_and_nothing_is_taken() {
    let rows: [&[&str]; 3] = [
        &["Tên thôn", "Mã xã", "Kinh độ", "Vĩ độ", "Dân số"],
        &["Nà Khá", "02221", "105.35", "22.63", "nhiều"],
        &["Thôn 1", "=691", "104.7", "22.15", "=12"],
    ];
    let faults = read(DatasetKind::Settlements, book(&rows, |_| {}), &ImportOptions::default()).expect_err("faults");
    let messages: Vec<&str> = faults.iter().map(|fault| fault.message.as_str()).collect();
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert!(messages[0].starts_with("Thôn!E2: \"Dân số\": \"nhiều\" is no count"), "{messages:?}");
    assert!(
        messages[1].starts_with("Thôn!B3: \"Mã xã\": Thôn 1: 691 is not right; likely: zeros-lost"),
        "{messages:?}"
    );
    assert_eq!(faults[1].hint, "write 00691; --accept-guesses takes it");
}

#[test]
fn a_code_that_lost_its_zeros_is_taken_when_it_may_be() {
    let rows: [&[&str]; 2] = [&["Tên thôn", "Mã xã", "Kinh độ", "Vĩ độ"], &["Thôn 1", "=691", "=104.7", "=22.15"]];
    let (settlements, log) = settlements(book(&rows, |_| {}), &accepting());
    assert_eq!(told(&settlements), ["00691-thon1 00691 104.7000 22.1500"]);
    assert_eq!(log.guesses.len(), 1);
    assert_eq!((log.guesses[0].place.as_str(), log.guesses[0].taken.as_str()), ("Thôn!B2", "00691"));
}

#[test]
fn the_mapping_file_names_sheet_row_and_columns() {
    let mut made = Workbook::new();
    made.add_worksheet().set_name("Bìa").expect("name").write(0, 0, "Bìa").expect("cell");
    let sheet = made.add_worksheet().set_name("Số liệu").expect("name");
    for (row, cells) in [["Nơi ở", "Thuộc", "Đông", "Bắc"], ["Nà Khá", "02221", "105.35", "22.63"]].iter().enumerate()
    {
        for (column, cell) in cells.iter().enumerate() {
            let (row, column) = (u32::try_from(row).expect("row") + 1, u16::try_from(column).expect("column"));
            sheet.write(row, column, *cell).expect("cell");
        }
    }
    let columns = [("name", "Nơi ở"), ("commune", "thuoc"), ("lon", "ĐÔNG"), ("lat", "Bắc")];
    let mapping = ColumnMapping {
        sheet: Some("so lieu".to_owned()),
        header: Some(2),
        columns: columns.map(|(name, title)| (name.to_owned(), title.to_owned())).into(),
        ..ColumnMapping::default()
    };
    let options = ImportOptions { columns: Some(mapping.clone()), ..ImportOptions::default() };
    let bytes = made.save_to_buffer().expect("book");
    assert_eq!(told(&settlements(&bytes, &options).0), ["02221-nakha 02221 105.3500 22.6300"]);
    let mapping = ColumnMapping { sheet: Some("Tờ 3".to_owned()), ..mapping };
    let options = ImportOptions { columns: Some(mapping), ..ImportOptions::default() };
    let faults = read(DatasetKind::Settlements, &bytes, &options).expect_err("no such sheet");
    assert!(faults[0].message.contains("no sheet \"Tờ 3\"") && faults[0].hint.contains("Bìa, Số liệu"), "{faults:?}");
}

#[test]
fn a_lone_cell_in_the_last_corner_of_a_sheet_costs_nothing() {
    let rows: [&[&str]; 2] = [&["Tên thôn", "Xã", "Kinh độ", "Vĩ độ"], &["Nà Khá", "Nà Hang", "105.35", "22.63"]];
    let bytes = book(&rows, |sheet| {
        sheet.write(1_048_575, 3, " ").expect("cell");
        sheet.write_blank(1_048_575, 16_383, &Format::new().set_bold()).expect("cell");
    });
    assert_eq!(settlements(bytes, &ImportOptions::default()).0.len(), 1);
    let bytes = book(&rows, |sheet| {
        sheet.write(1, 16_383, "x").expect("cell");
    });
    let faults = read(DatasetKind::Settlements, bytes, &ImportOptions::default()).expect_err("too wide");
    assert_eq!(faults[0].message, "Thôn!XFD2: more than 2048 columns");
}

#[test]
fn a_broken_or_hollow_workbook_is_refused() {
    let rows: [&[&str]; 2] = [&["Tên thôn", "Xã", "Kinh độ", "Vĩ độ"], &["Nà Khá", "Nà Hang", "105.35", "22.63"]];
    let whole = book(&rows, |_| {});
    for bytes in [&whole[..whole.len() / 2], b"PK\x03\x04 xl/workbook.xml".as_slice()] {
        let faults = read(DatasetKind::Settlements, bytes, &ImportOptions::default()).expect_err("broken");
        assert_eq!(faults.len(), 1, "{faults:?}");
    }
    // A workbook tells a text once and names it from many cells, so each cell is limited.
    let long = "a".repeat(20_000);
    let bytes = book(&rows, |sheet| {
        sheet.write(1, 4, long.as_str()).expect("cell");
    });
    let faults = read(DatasetKind::Settlements, bytes, &ImportOptions::default()).expect_err("too long");
    assert!(faults[0].message.starts_with("Thôn!E2: more than 4096 bytes in one cell"), "{faults:?}");
}
