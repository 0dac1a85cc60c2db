//! `phusong store backup`.

use phusong_model::{UtcMs, glossary};
use phusong_store::{Copied, Replace};
use serde::Serialize;

use super::{Run, StoreFailure, arguments::BackupArguments};
use crate::{
    arguments::Format,
    failure::Failure,
    program::{drawn, json, print},
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
    let watched = run.environment.shows_progress();
    let replace = if asked.force { Replace::Existing } else { Replace::Never };
    let copied = reader.copy(&asked.file, replace, &mut |done, all| {
        if watched {
            let pages = [done, all].map(|pages| glossary::integer(lang, pages)).join("/");
            // Whoever closed stderr does not watch.
            let _unseen = write!(run.err, "\r{pages} {}", lang.of(("trang", "pages"))).and_then(|()| run.err.flush());
        }
    });
    if watched {
        let _unseen = writeln!(run.err);
    }
    let copied = copied.map_err(|error| Failure::from(StoreFailure::Copy(error)))?;
    let path = asked.file.to_string_lossy().into_owned();
    let text = match run.arguments.format() {
        Format::Table => drawn(run.arguments, run.environment, |view| {
            let mut facts = vec![path, glossary::bytes(lang, copied.bytes)];
            facts.push(match copied.last {
                Some((number, at)) => {
                    let words = lang.of(("nhịp đo cuối", "last tick"));
                    let number = glossary::integer(lang, number.unsigned_abs());
                    format!("{words} {number}, {}", glossary::instant(lang, at))
                }
                None => lang.of(("chưa có nhịp đo nào", "no tick in it yet")).to_owned(),
            });
            view.facts(facts)
        }),
        Format::Json | Format::Csv => json(&document(path, copied))?,
    };
    print(run.out, &text).map(|()| phusong_gaps::ANSWERED)
}

fn document(path: String, copied: Copied) -> Document {
    let (last_tick, last_tick_at) = copied.last.unzip();
    Document { schema: "phusong.store-backup/1", path, bytes: copied.bytes, last_tick, last_tick_at }
}
