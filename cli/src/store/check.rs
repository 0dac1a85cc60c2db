//! `phusong store check`.

use phusong_model::{glossary, glossary::Lang, printable};
use phusong_store::{Finding, Reader, Rule};
use serde::Serialize;

use super::{Run, StoreFailure, unreadable};
use crate::{
    arguments::Format,
    failure::Failure,
    paint,
    program::{json, print},
    progress::{Length, Progress},
};

/// Findings that a document of JSON holds: it is one document and must fit. Their count is always the whole one.
const MOST: usize = 1000;

/// The document of `--json`.
#[derive(Debug, Serialize)]
struct Document {
    schema: &'static str,
    path: String,
    sound: bool,
    count: u64,
    findings: Vec<Item>,
}

#[derive(Debug, Serialize)]
struct Item {
    rule: &'static str,
    place: String,
}

/// Checks the store. In words each finding is printed as it is found.
pub fn run(run: &mut Run<'_>) -> Result<u8, Failure> {
    let folder = run.folder()?;
    let reader = Reader::open(&folder).map_err(|error| Failure::from(StoreFailure::Unopened(error)))?;
    let checking = ("đang kiểm tra kho dữ liệu", "checking the store");
    let progress = Progress::begin(run.arguments, run.environment, checking, Length::Things(Rule::ALL.len() as u64));
    let count = match run.arguments.format() {
        Format::Table => in_words(run, &reader, progress)?,
        Format::Json | Format::Csv => {
            let mut findings = Vec::new();
            let mut tell = |finding: Finding| {
                if findings.len() < MOST {
                    findings.push(Item { rule: finding.rule.id(), place: finding.place });
                }
            };
            let count = reader.check_step_by_step(&mut tell, &mut |done, all| progress.meter().at_of(done, all));
            let count = count.map_err(unreadable)?;
            progress.end(run.err, &summary(run.environment.lang(run.arguments.lang)));
            let path = folder.to_string_lossy().into_owned();
            let schema = "phusong.store-check/1";
            print(run.out, &json(&Document { schema, path, sound: count == 0, count, findings })?)?;
            count
        }
    };
    Ok(if count == 0 { phusong_gaps::ANSWERED } else { phusong_gaps::FINDINGS })
}

fn in_words(run: &mut Run<'_>, reader: &Reader, progress: Progress) -> Result<u64, Failure> {
    let lang = run.environment.lang(run.arguments.lang);
    let ascii = run.arguments.ascii;
    let shown = |line: String| if ascii { paint::ascii(&line) } else { line };
    let mut written = Ok(());
    let mut tell = |finding: Finding| {
        if written.is_ok() {
            let line = format!("✗ {}: {}\n", words(lang, finding.rule), printable(&finding.place));
            written = progress.meter().aside(|| print(run.out, &shown(line)));
        }
    };
    let count = reader.check_step_by_step(&mut tell, &mut |done, all| progress.meter().at_of(done, all));
    written?;
    let count = count.map_err(unreadable)?;
    progress.end(run.err, &summary(lang));
    let found = match (count, lang) {
        (0, Lang::Vi) => "● kho dữ liệu nguyên vẹn".to_owned(),
        (0, Lang::En) => "● the store is sound".to_owned(),
        (_, Lang::Vi) => format!("{} điểm sai", glossary::integer(lang, count)),
        (1, Lang::En) => "1 finding".to_owned(),
        (_, Lang::En) => format!("{} findings", glossary::integer(lang, count)),
    };
    print(run.out, &shown(found + "\n"))?;
    Ok(count)
}

/// How much was looked at.
fn summary(lang: Lang) -> String {
    let rules = Rule::ALL.len();
    lang.pick(format!("đã kiểm tra {rules} điều"), format!("{rules} rules checked"))
}

/// What is wrong when a promise is broken.
const fn words(lang: Lang, rule: Rule) -> &'static str {
    let pair = match rule {
        Rule::Structure => ("tệp SQLite bị hỏng", "SQLite finds its file damaged"),
        Rule::Reference => ("tham chiếu tới dòng không có", "a row refers to one that is not there"),
        Rule::TickNumbers => ("thiếu vòng đo", "ticks are missing"),
        Rule::TickTimes => ("vòng đo không theo thứ tự thời gian", "a tick is not later than the one before"),
        Rule::TickSamples => ("mẫu đo của các vòng đo không liền nhau", "samples of ticks do not follow one another"),
        Rule::TickReadings => ("số đọc của các vòng đo không liền nhau", "readings of ticks do not follow one another"),
        Rule::Samples => ("mẫu đo thiếu hoặc thừa", "samples are missing or belong to no tick"),
        Rule::Readings => ("số đọc thiếu hoặc thừa", "readings are missing or belong to no tick"),
        Rule::SpanHole => ("khoảng trạng thái của tuyến bị hở", "between states of a link there is a hole"),
        Rule::SpanOverlap => ("khoảng trạng thái của tuyến chồng nhau", "states of a link overlap"),
        Rule::OpenSpan => ("số trạng thái hiện tại của tuyến sai", "a link has no present state, or several"),
        Rule::OpenOutage => ("tuyến có nhiều lần mất chưa kết thúc", "a link has several open outages"),
        Rule::LayerFile => ("tệp đã nhập bị thiếu hoặc hỏng", "an imported file is missing or damaged"),
        Rule::OutageTime => ("lần mất nằm ngoài thời gian của tuyến", "an outage is open while its link is not there"),
    };
    lang.of(pair)
}
