//! `phusong store backup`.

use phusong_model::{UtcMs, glossary};
use phusong_store::{Copied, Replace};
use serde::Serialize;

use super::{Run, StoreFailure, arguments::BackupArguments};
use crate::{
    failure::Failure,
    program::{print, told},
    progress::{Length, Progress},
};

/// The document of `--json`.
#[derive(Debug, Serialize)]
struct Document {
    schema: &'static str,
    path: String,
    bytes: u64,
    last_tick: Option<i64>,
    last_tick_at: Option<UtcMs>,
}

/// Copies the store and says what the copy holds.
pub fn run(run: &mut Run<'_>, asked: &BackupArguments) -> Result<u8, Failure> {
    let reader = run.reader()?;
    let lang = run.environment.lang(run.arguments.lang);
    let replace = if asked.force { Replace::Existing } else { Replace::Never };
    let copying = ("đang sao chép các trang", "copying pages");
    let progress = Progress::begin(run.arguments, run.environment, copying, Length::Things(0));
    let meter = progress.meter();
    let copied = reader.copy(&asked.file, replace, &mut |done, all| {
        meter.at_of(done, all);
        if done == all {
            meter.turn_to(("đang kiểm tra bản sao", "checking the copy"), Length::Unknown);
        }
    });
    let copied = copied.map_err(|error| Failure::from(StoreFailure::Copy(error)))?;
    let size = glossary::bytes(lang, copied.bytes);
    progress.end(run.err, &lang.pick(format!("đã sao chép {size}"), format!("copied {size}")));
    let path = asked.file.to_string_lossy().into_owned();
    let document = document(path, &copied);
    let text = told(run.arguments, run.environment, &document, |view| {
        let mut facts = vec![document.path.clone(), glossary::bytes(lang, copied.bytes)];
        facts.push(match copied.last {
            Some((number, at)) => {
                let words = lang.of(("vòng đo cuối", "last tick"));
                let number = glossary::integer(lang, number.unsigned_abs());
                format!("{words} {number}, {}", glossary::instant(lang, at))
            }
            None => lang.of(("chưa có vòng đo nào", "no tick in it yet")).to_owned(),
        });
        view.facts(facts)
    })?;
    print(run.out, &text).map(|()| phusong_gaps::ANSWERED)
}

fn document(path: String, copied: &Copied) -> Document {
    let (last_tick, last_tick_at) = copied.last.unzip();
    Document { schema: "phusong.store-backup/1", path, bytes: copied.bytes, last_tick, last_tick_at }
}
