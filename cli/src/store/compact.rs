//! `phusong store compact`: in small steps by the daemon, at once by this program when no daemon runs.

use std::path::Path;

use phusong_model::{
    command::{CompactAnswer, Compacted},
    glossary,
};
use phusong_store::Reader;
use serde::Serialize;

use super::Run;
use crate::{
    failure::Failure,
    order,
    program::{print, told},
    progress::{Length, Progress},
    site::Site,
};

/// The document of `--json`.
#[derive(Debug, Serialize)]
struct Document {
    schema: &'static str,
    compacted: Compacted,
    bytes_before: u64,
    bytes_after: u64,
}

/// Has the room inside the store given back to the disk.
pub fn run(run: &mut Run<'_>) -> Result<u8, Failure> {
    let site = Site::find(run.arguments, run.environment)?;
    let bytes = || Reader::open(site.folder()).and_then(|reader| reader.bytes()).map_err(super::unreadable);
    let bytes_before = bytes()?;
    let giving = ("đang trả chỗ trống cho đĩa", "giving room back to the disk");
    let progress = Progress::begin(run.arguments, run.environment, giving, Length::Unknown);
    if progress.is_watched() {
        progress.meter().turn_to(giving, Length::Share(vacant(site.folder())?));
    }
    let compacted = loop {
        let nothing = serde_json::Map::new();
        let answer = order::give(&site, "/api/v1/store/compact", &nothing, run.environment.now(), |desk| {
            progress.meter().turn_to(("đang ghi lại toàn bộ kho", "writing the store anew"), Length::Unknown);
            desk.store.rebuild()?;
            Ok(CompactAnswer::of(Compacted::All))
        })?;
        match answer.compacted {
            Compacted::Part => progress.meter().at(bytes_before.saturating_sub(bytes()?)),
            done @ (Compacted::All | Compacted::OnlyStopped) => break done,
        }
    };
    let document = Document { schema: CompactAnswer::SCHEMA, compacted, bytes_before, bytes_after: bytes()? };
    let lang = run.environment.lang(run.arguments.lang);
    let given = glossary::bytes(lang, bytes_before.saturating_sub(document.bytes_after));
    progress.end(run.err, &lang.pick(format!("đã trả {given} cho đĩa"), format!("{given} given back to the disk")));
    let text = told(run.arguments, run.environment, &document, |view| {
        let lang = view.lang;
        let [before, after] = [document.bytes_before, document.bytes_after].map(|size| glossary::bytes(lang, size));
        view.facts(vec![match compacted {
            Compacted::All | Compacted::Part => format!("{before} → {after}"),
            Compacted::OnlyStopped => lang.of(ONLY_STOPPED).to_owned(),
        }])
    })?;
    print(run.out, &text).map(|()| match compacted {
        Compacted::All | Compacted::Part => phusong_gaps::ANSWERED,
        Compacted::OnlyStopped => crate::failure::NO_ANSWER,
    })
}

/// Bytes of the store that hold nothing.
fn vacant(folder: &Path) -> Result<u64, Failure> {
    let inspection = Reader::open(folder).and_then(|reader| reader.inspect()).map_err(super::unreadable)?;
    Ok(inspection.free_pages * inspection.page_bytes)
}

/// A store of an older program has to be written anew once.
const ONLY_STOPPED: (&str, &str) = (
    "kho này do bản cũ tạo: hãy dừng phusongd rồi chạy lại phusong store compact",
    "this store was made by an older version: stop phusongd, then run phusong store compact again",
);
