//! Workbooks that are none, or that would cost more than they hold: each is refused, or read for what is written in it, in
//! bounded time and memory.

use std::{
    fs,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use phusong_geodata::Geodata;
use phusong_model::{DatasetKind, Fault, ImportLog, ImportOptions};

use crate::{maps::pack, world};

/// Longest time that a workbook may take.
const MAX_TIME: Duration = Duration::from_secs(5);
/// Most memory that one may take beside what the process has.
const MAX_MEMORY_KIB: u64 = 256 * 1024;

/// Workbooks are read one after the other, so that memory is that of one; the other suites of this program are small.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn read(name: &str, bytes: &[u8]) -> Result<(Geodata, ImportLog), Vec<Fault>> {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    // Five sets the peak back to what is there now: proc_pid_clear_refs(5).
    fs::write("/proc/self/clear_refs", "5").expect("own peak");
    let (start, before) = (Instant::now(), memory_kib("VmRSS:"));
    let read = world::read(DatasetKind::Settlements, bytes, &ImportOptions::default());
    assert!(start.elapsed() < MAX_TIME, "{name} took {:?}", start.elapsed());
    let taken = memory_kib("VmHWM:").saturating_sub(before);
    assert!(taken <= MAX_MEMORY_KIB, "{name} took {} MiB", taken / 1024);
    println!("{name}: {:?}, {} MiB", start.elapsed(), taken / 1024);
    read
}

/// A figure of this process.
fn memory_kib(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("status");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a figure");
    line.trim().trim_end_matches(" kB").parse().expect("KiB")
}

/// The entries of a workbook around a sheet and its texts.
struct Book {
    sheet: String,
    texts: String,
    more: Vec<(&'static str, Vec<u8>)>,
}

/// Rows of a sheet: titles, and one settlement.
const ROWS: &str = "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>Tên thôn</t></is></c>\
    <c r=\"B1\" t=\"inlineStr\"><is><t>Xã</t></is></c><c r=\"C1\" t=\"inlineStr\"><is><t>lon</t></is></c>\
    <c r=\"D1\" t=\"inlineStr\"><is><t>lat</t></is></c></row><row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>Nà Khá</t></is></c>\
    <c r=\"B2\" t=\"inlineStr\"><is><t>Nà Hang</t></is></c><c r=\"C2\"><v>105.35</v></c><c r=\"D2\"><v>22.63</v></c></row>";

fn sheet(before: &str, rows: &str, after: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>{before}<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">\
         <dimension ref=\"A1:XFD1048576\"/><sheetData>{rows}</sheetData>{after}</worksheet>"
    )
}

impl Book {
    fn of(sheet: String) -> Self {
        Self { sheet, texts: "<sst count=\"0\" uniqueCount=\"0\"></sst>".to_owned(), more: Vec::new() }
    }

    fn sound() -> Self {
        Self::of(sheet("", ROWS, ""))
    }

    fn bytes(&self) -> Vec<u8> {
        let types = "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>";
        let relation = |id: u8, kind: &str, target: &str| {
            let of = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
            format!("<Relationship Id=\"r{id}\" Type=\"{of}/{kind}\" Target=\"{target}\"/>")
        };
        let relations = |all: &str| format!("<Relationships>{all}</Relationships>");
        let outer = relations(&relation(1, "officeDocument", "xl/workbook.xml"));
        let texts = relation(2, "sharedStrings", "sharedStrings.xml");
        let inner = relations(&(relation(1, "worksheet", "worksheets/sheet1.xml") + &texts));
        let book = "<workbook xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets>\
                    <sheet name=\"Thôn\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>";
        let mut entries: Vec<(&str, &[u8])> = vec![
            ("[Content_Types].xml", types.as_bytes()),
            ("_rels/.rels", outer.as_bytes()),
            ("xl/workbook.xml", book.as_bytes()),
            ("xl/_rels/workbook.xml.rels", inner.as_bytes()),
            ("xl/worksheets/sheet1.xml", self.sheet.as_bytes()),
            ("xl/sharedStrings.xml", self.texts.as_bytes()),
        ];
        entries.extend(self.more.iter().map(|(name, bytes)| (*name, bytes.as_slice())));
        pack(&entries)
    }
}

fn assert_refused(name: &str, bytes: &[u8], message: &str) {
    let faults = read(name, bytes).err().unwrap_or_default();
    let [fault] = faults.as_slice() else { panic!("{name}: {faults:#?}") };
    assert!(fault.message.contains(message), "{name}: {fault}");
    assert!(fault.hint.contains("CSV in UTF-8") && fault.to_string().len() < 1000, "{name}: {fault}");
}

#[test]
fn the_whole_sheet_as_its_dimension_costs_what_is_written_in_it() {
    let (geodata, _) = read("a sound one", &Book::sound().bytes()).expect("sound");
    assert_eq!(geodata.content().settlements.as_ref().map(Vec::len), Some(1));
    // Its last cell is in the last column, which has a space in it.
    let corner = format!("{ROWS}<row r=\"1048576\"><c r=\"XFD1048576\" t=\"inlineStr\"><is><t> </t></is></c></row>");
    assert!(read("a far corner", &Book::of(sheet("", &corner, "")).bytes()).is_ok());
    let row = corner.replace("XFD1048576", "A1048576").replace("<t> </t>", "<t>Tổng</t>");
    assert!(read("a far row", &Book::of(sheet("", &row, "")).bytes()).is_ok());
    let merged = "<mergeCells><mergeCell ref=\"B2:B1048576\"/><mergeCell ref=\"A1:XFD1048576\"/></mergeCells>";
    assert!(read("a merged sheet", &Book::of(sheet("", ROWS, merged)).bytes()).is_ok());
}

#[test]
fn what_is_protected_or_old_is_told_apart_from_what_is_broken() {
    let compound = [&b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"[..], &[0; 2000]].concat();
    assert_refused("a password", &compound, "protected by a password, or an old .xls");
    assert_refused("eight bytes", &compound[..8], "protected by a password, or an old .xls");
    let sound = Book::sound().bytes();
    let cut = &sound[..sound.len() - 100];
    let faults = read("cut off", cut).err().unwrap_or_default();
    assert_eq!(faults.len(), 1, "{faults:#?}");
}

#[test]
fn what_would_burst_is_refused_before_it_is_unpacked() {
    let bomb =
        |name, megabytes: usize| Book { more: vec![(name, vec![b' '; megabytes << 20])], ..Book::sound() }.bytes();
    assert_refused("a bomb", &bomb("xl/media/a.bin", 120), "xl/media/a.bin: one byte comes to more than 100");
    let spaces = Book::of(sheet("", &" ".repeat(100 << 20), ""));
    assert_refused("a bomb of a sheet", &spaces.bytes(), "xl/worksheets/sheet1.xml: one byte comes to more than 100");
    // Numbers that pack forty times.
    let noise = |megabytes: usize| -> Vec<u8> {
        let line = |number: u64| format!("{:x}{}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15), " ".repeat(1000));
        (0..(megabytes << 10) as u64).flat_map(|number| line(number).into_bytes()).collect()
    };
    let book = Book { more: vec![("xl/a.bin", noise(70)), ("xl/b.bin", noise(70))], ..Book::sound() };
    assert_refused("two large entries", &book.bytes(), "it comes to more than 128 MiB");
    let many = Book { more: vec![("xl/a.bin", b"PK\x01\x02".repeat(10_001))], ..Book::sound() };
    let many = many.bytes();
    assert!(read("many entries in one", &many).is_ok(), "packed, no entry looks like a list of them");
    let listed = [b"PK\x01\x02".repeat(10_001), many].concat();
    assert_refused("many entries", &listed, "an archive of more than 10000 files");
    let index = Book { more: vec![("xl/styles.xml", noise(9))], ..Book::sound() };
    assert_refused("large styles", &index.bytes(), "xl/styles.xml: more than 8 MiB");
}

#[test]
fn what_a_workbook_says_of_its_texts_is_not_believed() {
    let texts = |texts: String| Book { texts, ..Book::sound() }.bytes();
    let says = |count: &str| texts(format!("<sst count=\"1\" uniqueCount=\"{count}\"><si><t>a</t></si></sst>"));
    assert!(read("few texts", &says("900000")).is_ok());
    for count in ["18446744073709551615", "99999999999", "-1", "1000001"] {
        assert_refused(count, &says(count), "it says that it has more than 1000000 texts");
    }
    let tiny = |count: u32| {
        let all: String = (0..count).map(|number| format!("<si><t>{number}</t></si>")).collect();
        texts(format!("<sst>{all}</sst>"))
    };
    assert_refused("many texts", &tiny(1_000_001), "more than 1000000 texts");
    assert!(read("as many texts as may be", &tiny(1_000_000)).is_ok());
    let long: String = (0..60_000_u64)
        .map(|number| format!("<si><t>{:x}{}</t></si>", number.wrapping_mul(0x9e37_79b9_7f4a_7c15), "a".repeat(1000)))
        .collect();
    assert!(read("long texts that nobody names", &texts(format!("<sst>{long}</sst>"))).is_ok());
}

#[test]
fn entities_regions_and_paths_that_no_program_writes_are_refused() {
    let bomb = "<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]>";
    let named = ROWS.replace("Nà Khá", "&b;");
    assert_refused("an entity bomb", &Book::of(sheet(bomb, &named, "")).bytes(), "a document type");
    let texts = format!("{bomb}<sst><si><t>&b;</t></si></sst>");
    assert_refused("a bomb of texts", &Book { texts, ..Book::sound() }.bytes(), "a document type");
    let turned = Book::of(sheet("", ROWS, "").replace("A1:XFD1048576", "D2:A1"));
    assert_refused("a turned dimension", &turned.bytes(), "a region \"D2:A1\" that ends before it begins");
    let merged = Book::of(sheet("", ROWS, "<mergeCells><mergeCell ref=\"A3:A2\"/></mergeCells>"));
    assert_refused("a turned region", &merged.bytes(), "a region \"A3:A2\" that ends before it begins");
    for name in ["../evil.xml", "xl/../../evil", "/etc/passwd", "C:\\evil"] {
        let book = Book { more: vec![(name, b"a".to_vec())], ..Book::sound() };
        assert_refused(name, &book.bytes(), "which leads out of the archive");
    }
    let deep = format!("{}{}", "<x>".repeat(100_000), "</x>".repeat(100_000));
    assert!(read("nested elements", &Book::of(sheet("", ROWS, &deep)).bytes()).is_ok());
}
