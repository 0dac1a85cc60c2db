//! What `phusongd check` and `phusong check` say of a configuration.

use std::path::{Path, PathBuf};

use phusong_model::{
    Fault, Faults,
    glossary::{self, Lang},
    printable,
};
use serde::Serialize;

use crate::checked::{Remark, read_all};

/// The exit code when something is wrong.
pub const FAULTY: u8 = 2;

/// Name and version of the document. Within a version fields are only added.
const SCHEMA: &str = "phusong.check/1";

/// What was found of a configuration and of all it leads to.
#[derive(Debug)]
pub struct Report {
    file: PathBuf,
    found: Result<Vec<Remark>, Faults>,
}

/// Checks the configuration in `file` and all it leads to.
#[must_use]
pub fn report(file: &Path) -> Report {
    Report { file: file.to_owned(), found: read_all(file).map(|(checked, _)| checked.remarks()) }
}

impl Report {
    /// 0, or [`FAULTY`].
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        if self.found.is_ok() { 0 } else { FAULTY }
    }

    /// The lines for people.
    #[must_use]
    pub fn words(&self, lang: Lang) -> String {
        match &self.found {
            Ok(remarks) => {
                let word = lang.of(("lưu ý", "remark"));
                let mut lines: Vec<String> =
                    remarks.iter().map(|remark| format!("{word}: {}", remark.words(lang))).collect();
                let file = self.file.to_string_lossy();
                lines.push(format!("{}: {}", printable(&file), lang.of(("không có lỗi", "no faults"))));
                lines.join("\n")
            }
            Err(faults) => format!("{}: {}", lang.of(("lỗi", "error")), glossary::faults(lang, faults)),
        }
    }

    /// The same for programs.
    #[must_use]
    pub fn document(&self) -> impl Serialize + '_ {
        let (faults, remarks) = match &self.found {
            Ok(remarks) => ([].as_slice(), remarks.iter().map(|remark| remark.words(Lang::En)).collect()),
            Err(faults) => (faults.0.as_slice(), Vec::new()),
        };
        let count = self.found.as_ref().err().map_or(0, Faults::count);
        Document { schema: SCHEMA, file: &self.file, sound: self.found.is_ok(), count, faults, remarks }
    }
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    file: &'a Path,
    /// Whether a daemon would start with it.
    sound: bool,
    /// How many faults there are, with those that are not listed.
    count: u64,
    faults: &'a [Fault],
    remarks: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_a_fault_in_both_languages_and_for_programs() {
        let report = report(Path::new("/nowhere/phusong.toml"));
        assert_eq!(report.exit_code(), FAULTY);
        let (vi, en) = (report.words(Lang::Vi), report.words(Lang::En));
        assert!(en.starts_with("error: /nowhere/phusong.toml: ") && en.ends_with("\n1 fault"), "{en}");
        assert!(vi.starts_with("lỗi: /nowhere/phusong.toml: ") && vi.ends_with("\n1 lỗi"), "{vi}");
        let document = serde_json::to_value(report.document()).expect("json");
        assert_eq!(document["schema"], SCHEMA);
        assert_eq!((&document["sound"], &document["count"]), (&false.into(), &1.into()));
        assert_eq!(document["faults"][0]["file"], "/nowhere/phusong.toml");
        assert_eq!(document["faults"][0]["line"], serde_json::Value::Null);
    }

    #[test]
    fn remarks_are_no_faults() {
        let file = PathBuf::from("/p.toml");
        let report = Report { file, found: Ok(vec![Remark::NoAnchors]) };
        assert_eq!(report.exit_code(), 0);
        assert!(report.words(Lang::En).starts_with("remark: [icmp] anchors is empty"));
        assert!(report.words(Lang::Vi).ends_with("\n/p.toml: không có lỗi"), "{}", report.words(Lang::Vi));
    }
}
