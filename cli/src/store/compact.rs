//! `phusong store compact`: in small steps by the daemon, at once by this program when no daemon runs.

use phusong_model::{
    command::{CompactAnswer, Compacted},
    config::Config,
    glossary,
};
use phusong_store::Reader;
use serde::Serialize;

use super::Run;
use crate::{
    arguments::Format,
    failure::Failure,
    order::{self, Site},
    program::{drawn, json, print},
    remedy::Starter,
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
    let path = run.environment.config_path(run.arguments.config.as_deref());
    let config = Config::load(&path).map_err(Failure::Config)?;
    let starter = Starter::of(&config, &path);
    let site = Site { socket: config.api.socket, folder: config.store.folder, starter };
    let bytes = || Reader::open(&site.folder).and_then(|reader| reader.bytes()).map_err(super::unreadable);
    let bytes_before = bytes()?;
    let compacted = loop {
        let nothing = serde_json::Map::new();
        let answer = order::give(&site, "/api/v1/store/compact", &nothing, run.environment.now(), |desk| {
            desk.store.rebuild()?;
            Ok(CompactAnswer::of(Compacted::All))
        })?;
        match answer.compacted {
            Compacted::Part => {}
            done @ (Compacted::All | Compacted::OnlyStopped) => break done,
        }
    };
    let document = Document { schema: CompactAnswer::SCHEMA, compacted, bytes_before, bytes_after: bytes()? };
    let text = match run.arguments.format() {
        Format::Table => drawn(run.arguments, run.environment, |view| {
            let lang = view.lang;
            let [before, after] = [document.bytes_before, document.bytes_after].map(|size| glossary::bytes(lang, size));
            view.facts(vec![match compacted {
                Compacted::All | Compacted::Part => format!("{before} → {after}"),
                Compacted::OnlyStopped => lang.of(ONLY_STOPPED).to_owned(),
            }])
        }),
        Format::Json | Format::Csv => json(&document)?,
    };
    print(run.out, &text).map(|()| match compacted {
        Compacted::All | Compacted::Part => phusong_gaps::ANSWERED,
        Compacted::OnlyStopped => crate::failure::NO_ANSWER,
    })
}

/// A store of an older program has to be written anew once.
const ONLY_STOPPED: (&str, &str) = (
    "kho này do bản cũ tạo: hãy dừng phusongd rồi chạy lại phusong store compact",
    "this store was made by an older version: stop phusongd, then run phusong store compact again",
);
