//! `phusong store info`.

use phusong_model::{
    UtcMs,
    glossary::{self, Head},
};
use phusong_store::{AsideFile, Extent, Inspection, SinkState};
use serde::Serialize;

use super::{Run, unreadable};
use crate::{
    failure::Failure,
    paint::Tone,
    program::{print, told},
    show::View,
    table::{Cell, Table},
};

/// The document of `--json`. Within a version fields are only added.
#[derive(Debug, Serialize)]
struct Document<'a> {
    schema: &'static str,
    path: std::borrow::Cow<'a, str>,
    version: i64,
    database_bytes: u64,
    log_bytes: u64,
    page_bytes: u64,
    pages: u64,
    free_pages: u64,
    ticks: Rows,
    samples: Rows,
    readings: Rows,
    spans: Rows,
    outages: Rows,
    sinks: Vec<Sink<'a>>,
    set_aside: Vec<File<'a>>,
}

#[derive(Debug, Serialize)]
struct Rows {
    rows: u64,
    first: Option<UtcMs>,
    last: Option<UtcMs>,
}

#[derive(Debug, Serialize)]
struct Sink<'a> {
    name: &'a str,
    cursor: i64,
    queued_ticks: u64,
    oldest: Option<UtcMs>,
    rejected_lines: u64,
}

#[derive(Debug, Serialize)]
struct File<'a> {
    path: std::borrow::Cow<'a, str>,
    bytes: u64,
}

/// Says what is in the store.
pub fn run(run: &mut Run<'_>) -> Result<u8, Failure> {
    let inspection = run.reader()?.inspect().map_err(unreadable)?;
    let text = told(run.arguments, run.environment, &document(&inspection), |view| lines(&inspection, view))?;
    print(run.out, &text).map(|()| phusong_gaps::ANSWERED)
}

fn document(inspection: &Inspection) -> Document<'_> {
    let rows = |extent: Extent| Rows { rows: extent.rows, first: extent.first, last: extent.last };
    let sink = |sink: &'_ SinkState| (sink.cursor, sink.backlog);
    Document {
        schema: "phusong.store-info/1",
        path: inspection.path.to_string_lossy(),
        version: inspection.version,
        database_bytes: inspection.database_bytes,
        log_bytes: inspection.log_bytes,
        page_bytes: inspection.page_bytes,
        pages: inspection.pages,
        free_pages: inspection.free_pages,
        ticks: rows(inspection.ticks),
        samples: rows(inspection.samples),
        readings: rows(inspection.readings),
        spans: rows(inspection.spans),
        outages: rows(inspection.outages),
        sinks: inspection
            .sinks
            .iter()
            .map(|known| {
                let (cursor, backlog) = sink(known);
                let (queued_ticks, oldest) = (backlog.queued_ticks, backlog.oldest);
                Sink { name: &known.name, cursor, queued_ticks, oldest, rejected_lines: backlog.rejected_lines }
            })
            .collect(),
        set_aside: inspection
            .set_aside
            .iter()
            .map(|file| File { path: file.path.to_string_lossy(), bytes: file.bytes })
            .collect(),
    }
}

fn lines(inspection: &Inspection, view: &View) -> Vec<String> {
    let lang = view.lang;
    let bytes = |value: u64| glossary::bytes(lang, value);
    let path = inspection.path.to_string_lossy().into_owned();
    let version = format!("{} {}", lang.of(("phiên bản", "version")), inspection.version);
    let mut lines = view.title([path, version]);
    let free = inspection.free_pages * inspection.page_bytes;
    lines.extend(view.facts([
        format!("{} {}", lang.of(("tệp", "file")), bytes(inspection.database_bytes)),
        format!("{} {}", lang.of(("trong đó trống", "of it free")), bytes(free)),
        format!("{} {}", lang.of(("nhật ký", "log")), bytes(inspection.log_bytes)),
    ]));
    lines.extend(view.table(tables(inspection, view)));
    if !inspection.sinks.is_empty() {
        lines.extend(view.table(sinks(&inspection.sinks, view)));
    }
    lines.extend(inspection.set_aside.iter().flat_map(|file| set_aside(file, view)));
    lines
}

fn tables(inspection: &Inspection, view: &View) -> Table {
    let lang = view.lang;
    let mut table = Table::new(vec![
        view.named(lang.of(("GỒM", "WHAT"))),
        view.number(Head::Number),
        view.named(lang.of(("TỪ", "FROM"))),
        view.named(lang.of(("ĐẾN", "TO"))),
    ]);
    for (name, extent) in [
        (("vòng đo", "ticks"), inspection.ticks),
        (("mẫu đo", "samples"), inspection.samples),
        (("số đọc SNMP", "SNMP readings"), inspection.readings),
        (("khoảng trạng thái", "spans of states"), inspection.spans),
        (("lần mất kết nối", "outages"), inspection.outages),
    ] {
        let moment = |at: Option<UtcMs>| Cell::maybe(at.map(|at| glossary::instant(lang, at)));
        let count = Cell::new(glossary::integer(lang, extent.rows));
        table.row(vec![Cell::new(lang.of(name)), count, moment(extent.first), moment(extent.last)]);
    }
    table
}

fn sinks(sinks: &[SinkState], view: &View) -> Table {
    let lang = view.lang;
    let mut table = Table::new(vec![
        view.named(lang.of(("NƠI NHẬN", "SINK"))),
        view.numbers(lang.of(("ĐÃ GỬI ĐẾN VÒNG", "SENT UP TO TICK"))),
        view.numbers(lang.of(("ĐANG CHỜ", "WAITING"))),
        view.named(lang.of(("CŨ NHẤT", "OLDEST"))),
        view.numbers(lang.of(("BỊ TỪ CHỐI", "REJECTED"))),
    ]);
    for sink in sinks {
        let count = |value: u64| Cell::new(glossary::integer(lang, value));
        let oldest = sink.backlog.oldest.map(|at| glossary::instant(lang, at));
        table.row(vec![
            Cell::new(&sink.name),
            count(sink.cursor.unsigned_abs()),
            count(sink.backlog.queued_ticks),
            Cell::maybe(oldest),
            count(sink.backlog.rejected_lines),
        ]);
    }
    table
}

fn set_aside(file: &AsideFile, view: &View) -> Vec<String> {
    let words = view.lang.of(("đã để riêng vì hỏng", "was set aside as damaged"));
    let fact = format!("! {} {words} ({})", file.path.display(), glossary::bytes(view.lang, file.bytes));
    view.facts([fact]).into_iter().map(|line| view.paint.apply(Tone::Warning, &line)).collect()
}
