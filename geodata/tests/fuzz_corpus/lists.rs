//! Seeds that are lists: CSV of all kinds, sheets of a workbook, and a whole one.

use std::io::{Cursor, Write};

use unicode_normalization::UnicodeNormalization;
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use crate::seeds::Seed;

/// All of them.
pub fn all() -> Vec<Seed> {
    let texts = texts().into_iter().map(|(name, text)| (name, [b"{}\n", text.as_bytes()].concat()));
    let sheets = sheets().into_iter().map(|(name, sheet)| (name, [b"{}\n", sheet.as_bytes()].concat()));
    let seeds = texts.chain(sheets).chain(others());
    seeds.map(|(name, bytes)| ("list", name, bytes)).collect()
}

fn texts() -> Vec<(&'static str, String)> {
    vec![
        ("plain", "name,commune,lon,lat,people\nNà Khá,02221,105.35,22.63,12\n".to_owned()),
        (
            "office",
            "ỦY BAN NHÂN DÂN;;;\n;;;\nTÊN (thôn);Xã;Kinh độ;Vĩ độ\n(1);(2);(3);(4)\nA;B;105,35;22,63\n\
             Tên (thôn);Xã;Kinh độ;Vĩ độ\n;Tổng cộng;;\n"
                .to_owned(),
        ),
        ("apart", "Tên\tXã\tKinh độ\tVĩ độ\nÝ Yên\tĐồng\t1\t2\n".nfd().collect()),
        ("told", "sep=;\r\nten;xa;lon;lat\r\n\"a;\"\"b\"\"\";\"c\r\nd\";1;2\r\n".to_owned()),
        ("old-mac", "ten,xa,lon,lat\ra,b,1,2\r".to_owned()),
        ("untitled", "a,b,1,2,3\nc,d,4,5,6\n".to_owned()),
        ("never-closed", "ten,xa,lon,lat\n\"a,b,1,2\nc,d,3,4\n".to_owned()),
        ("behind", "ten,xa,lon,lat\n\"a\"b,c,1,2\n".to_owned()),
        ("no-column", "ten,lon,lat\na,1,2\n".to_owned()),
    ]
}

fn sheets() -> Vec<(&'static str, String)> {
    let sheet = |rows: &str, after: &str| {
        format!("<worksheet><dimension ref=\"A1:E9\"/><sheetData>{rows}</sheetData>{after}</worksheet>")
    };
    let cell = |name: &str, text: &str| format!("<c r=\"{name}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let titles = ["name", "commune", "lon", "lat", "people"];
    let titles: String = ('A'..).zip(titles).map(|(letter, title)| cell(&format!("{letter}1"), title)).collect();
    let titles = format!("<row r=\"1\">{titles}</row>");
    let row = "<row r=\"2\"><c r=\"A2\" t=\"s\"><v>1</v></c><c r=\"B2\" t=\"str\"><v>02221</v></c><c r=\"C2\"><v>105.35</v></c>\
               <c r=\"D2\"><f>A1</f><v>22.63</v></c><c r=\"E2\" t=\"b\"><v>1</v></c></row>";
    let merged = "<mergeCells count=\"1\"><mergeCell ref=\"B2:B4\"/></mergeCells>";
    vec![
        ("sheet", sheet(&format!("{titles}{row}"), "")),
        ("merged", sheet(&format!("{titles}{row}<row r=\"3\">{}</row>", cell("A3", "B")), merged)),
        ("unordered", sheet(&format!("{titles}<row r=\"9\">{}{}</row>{row}", cell("B9", "b"), cell("A9", "a")), "")),
        ("bare", sheet(&format!("{titles}<row><c><v>1</v></c><c t=\"e\"><v>#N/A</v></c></row>"), "")),
        ("dates", sheet(&format!("{titles}<row r=\"2\"><c r=\"A2\" t=\"d\"><v>2026-01-12T08:30:00</v></c></row>"), "")),
        ("corner", sheet(&format!("{titles}<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>"), "")),
        ("no-such-text", sheet("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>99</v></c></row>", "")),
        ("turned", sheet(&titles, "").replace("A1:E9", "E9:A1")),
        ("entities", format!("<!DOCTYPE a [<!ENTITY b \"c\">]>{}", sheet(&titles.replace("name", "&b;"), ""))),
        ("cut-sheet", sheet(&titles, "").split_at(150).0.to_owned()),
    ]
}

fn others() -> Vec<(&'static str, Vec<u8>)> {
    let mapped = "{\"header\":2,\"columns\":{\"name\":\"Nơi ở\"},\"values\":{\"people\":{\"ít\":\"5\"}}}\n\
                  a,b,c,d,e\nnoi o,xa,lon,lat,people\nx,y,1,2,ÍT\n";
    let wide: Vec<u8> = "ten;xa;lon;lat\nÝ;b;1;2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        ("mapped", mapped.as_bytes().to_vec()),
        ("no-such-row", b"{\"header\":9}\nname,commune,lon,lat\n".to_vec()),
        ("strange", b"{\"columns\":{\"height\":\"a\"}}\nname,commune,lon,lat\n".to_vec()),
        ("wide", [b"{}\n", wide.as_slice()].concat()),
        ("old", b"{}\nt\xean,x\xe3,lon,lat\nTh\xf4n \xd0\xf4\xccng,a,1,2\n".to_vec()),
        ("compound", b"{}\n\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec()),
        ("book", [b"{\"sheet\":\"a\"}\n", book().as_slice()].concat()),
    ]
}

/// A workbook that no time of day is in.
fn book() -> Vec<u8> {
    let of = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relation = |kind: &str, target: &str| {
        format!("<Relationships><Relationship Id=\"r1\" Type=\"{of}/{kind}\" Target=\"{target}\"/></Relationships>")
    };
    let book =
        format!("<workbook xmlns:r=\"{of}\"><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>");
    let sheet = sheets().remove(0).1;
    let entries = [
        ("_rels/.rels", relation("officeDocument", "xl/workbook.xml")),
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", relation("worksheet", "worksheets/sheet1.xml")),
        ("xl/sharedStrings.xml", "<sst uniqueCount=\"2\"><si><t>a</t></si><si><t>b</t></si></sst>".to_owned()),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default());
    for (name, text) in entries {
        archive.start_file(name, options).expect("entry");
        archive.write_all(text.as_bytes()).expect("bytes");
    }
    archive.finish().expect("archive").into_inner()
}
