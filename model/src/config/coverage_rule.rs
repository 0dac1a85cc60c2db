//! The rule file: by what a settlement is without signal, patchy or full.

use std::path::Path;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    keys,
    rules::Judge,
    source::{Source, place},
};
use crate::{Fault, Faults, Technology, bounded, findings::Findings};

/// Every key of a rule file once, with an example of its value.
pub(super) const EVERY_KEY: &str = include_str!("every_rule.toml");

/// The largest rule file in bytes; all keys with their comments are 2 kB.
const FILE_MAX: u64 = 64 << 10;

/// More operators than work in the country.
const OPERATORS_MAX: u8 = 8;

/// The day from which phones that know 2G alone are no longer served in the country.
const END_OF_2G: &str = "2024-10-16";

/// Which points of a settlement are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RulePoint {
    /// Its centre.
    Centre,
    /// Its clusters of dwellings.
    Clusters,
}

/// How good the signal of a place is in a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PlaceSignal {
    /// There is some, and it does not hold everywhere.
    Marginal,
    /// It holds.
    Full,
}

/// By what a settlement is without signal, patchy or full.
///
/// Without a file this is [`CoverageRule::default`], which is an assumption of this program and marked so: the criterion
/// of the ministry (Official Letter 1603/BTTTT-CVT of 25 April 2024) was not at hand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CoverageRule {
    /// What figures call it: number and date of the document that it comes from.
    pub name: String,
    /// Which points of a settlement are looked at. One without clusters is judged by its centre in any case.
    pub points: Vec<RulePoint>,
    /// A point has signal from this class on; a settlement none of whose points has signal is without.
    pub signal_from: PlaceSignal,
    /// The households of a point are served from this class on.
    pub served_from: PlaceSignal,
    /// A settlement with a smaller share of its households served is patchy; above 0, at most 1.
    pub patchy_households: f64,
    /// A point is served when so many operators serve it, where a figure asks for any operator.
    pub operators: u8,
    /// The oldest technology that counts as signal.
    pub floor: Technology,
    /// Since which day, `YYYY-MM-DD`; before it the technologies below counted too. Always, without.
    pub floor_since: Option<String>,
}

impl Default for CoverageRule {
    fn default() -> Self {
        Self {
            name: "phusong".to_owned(),
            points: vec![RulePoint::Centre, RulePoint::Clusters],
            signal_from: PlaceSignal::Marginal,
            served_from: PlaceSignal::Full,
            patchy_households: 0.95,
            operators: 1,
            floor: Technology::G3,
            floor_since: Some(END_OF_2G.to_owned()),
        }
    }
}

impl CoverageRule {
    /// Reads and judges a rule file. Keys that it leaves out are as by default.
    ///
    /// # Errors
    /// Every fault of the file, each with its line.
    pub fn read(path: &Path) -> Result<Self, Faults> {
        let mut findings = Findings::default();
        let rule = match text(path) {
            Ok(text) => Self::of_text(path, &text, &mut findings),
            Err(fault) => {
                findings.push(fault);
                Self::default()
            }
        };
        findings.verdict(rule)
    }

    fn of_text(path: &Path, text: &str, findings: &mut Findings) -> Self {
        let mut source = Source::parse(path.to_owned(), text, findings);
        if !findings.is_empty() {
            return Self::default();
        }
        let rule: Self = keys::read_as(&mut source, EVERY_KEY, findings);
        rule.judge(&mut Judge { source: &source, findings });
        rule
    }

    fn judge(&self, judge: &mut Judge<'_, '_>) {
        let hint = "name the document that the rule comes from, as in: name = \"1603/BTTTT-CVT\"";
        judge.require(judge.source.has("name"), "name", "the rule has no name", hint);
        judge.name("name", &self.name);
        let hint = "choose one or both of \"centre\" and \"clusters\"";
        judge.require(!self.points.is_empty(), "points", "a rule looks at some point of a settlement", hint);
        let mut points = self.points.clone();
        points.sort_unstable();
        points.dedup();
        judge.require(points.len() == self.points.len(), "points", "a point stands here twice", hint);
        let message = "households cannot be served where there is no signal";
        let hint = "choose for served_from the class of signal_from, or a better one";
        judge.require(self.served_from >= self.signal_from, "served_from", message, hint);
        let fine = self.patchy_households > 0.0 && self.patchy_households <= 1.0;
        let hint = "write a share above 0 and at most 1, as in: patchy_households = 0.95";
        judge.require(fine, "patchy_households", "this is no share of households", hint);
        let fine = (1..=OPERATORS_MAX).contains(&self.operators);
        judge.require(fine, "operators", "this number is out of range", "choose 1 to 8; 1 when one operator is enough");
        let fine = matches!(self.floor, Technology::G3 | Technology::G4);
        let message = "gaps are looked for in 3G and 4G, and the headline needs them";
        judge.require(fine, "floor", message, "choose 3G or 4G");
        if let Some(since) = &self.floor_since {
            let fine = since.len() == 10 && since.parse::<Date>().is_ok();
            judge.require(fine, "floor_since", "this is not a date", "write it as YYYY-MM-DD, as in: 2024-10-16");
        }
    }
}

fn text(path: &Path) -> Result<String, Fault> {
    let hint = "name a file that is there in [geodata] rules, or remove that key";
    let bytes = bounded::read(path, FILE_MAX).map_err(|error| error.into_fault(path, hint))?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let (line, column) = place(&String::from_utf8_lossy(valid), valid.len());
        Fault::of_file(path, "this is not UTF-8 text", "save the file as UTF-8").at_line(line).at_column(column)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<CoverageRule, Faults> {
        let mut findings = Findings::default();
        let rule = CoverageRule::of_text(Path::new("rules.toml"), text, &mut findings);
        findings.verdict(rule)
    }

    #[test]
    fn the_file_with_every_key_is_the_default_with_a_name() {
        let rule = read(EVERY_KEY).unwrap_or_else(|faults| panic!("{faults}"));
        assert_eq!(rule, CoverageRule { name: rule.name.clone(), ..CoverageRule::default() });
        let written = toml::to_string(&rule).expect("TOML").parse::<toml::Table>().expect("TOML");
        assert_eq!(written, EVERY_KEY.parse::<toml::Table>().expect("TOML"), "no key is missing from the example");
    }

    #[test]
    fn keys_that_are_left_out_are_as_by_default() {
        let rule = read("name = \"a\"\npoints = [\"clusters\"]\noperators = 2\nfloor = \"4G\"\n").expect("rule");
        let expected = CoverageRule {
            name: "a".to_owned(),
            points: vec![RulePoint::Clusters],
            operators: 2,
            floor: Technology::G4,
            ..CoverageRule::default()
        };
        assert_eq!(rule, expected);
    }

    #[test]
    fn each_fault_has_its_line_and_its_remedy() {
        for (text, line, message, hint) in [
            ("", None, "has no name", "1603"),
            ("name = \"a\"\nfloors = \"4G\"\n", Some(2), "unknown key \"floors\"", "\"floor\""),
            ("name = \"a\"\nfloor = \"6G\"\n", Some(2), "\"floor\"", "as in: floor = \"3G\""),
            ("name = \"a\"\npoints = []\n", Some(2), "some point", "centre"),
            ("name = \"a\"\npoints = [\"centre\", \"centre\"]\n", Some(2), "twice", "both"),
            ("name = \"a\"\nsignal_from = \"full\"\nserved_from = \"marginal\"\n", Some(3), "no signal", "better"),
            ("name = \"a\"\npatchy_households = 95\n", Some(2), "no share", "0.95"),
            ("name = \"a\"\npatchy_households = nan\n", Some(2), "no share", "0.95"),
            ("name = \"a\"\noperators = 0\n", Some(2), "out of range", "1 to 8"),
            ("name = \"a\"\nfloor = \"2G\"\n", Some(2), "in 3G and 4G", "3G or 4G"),
            ("name = \"a\"\nfloor_since = \"16/10/2024\"\n", Some(2), "not a date", "YYYY-MM-DD"),
            ("name = = 1\n", Some(1), "", "TOML"),
        ] {
            let faults = read(text).expect_err(text).0;
            let fault = &faults[0];
            assert!(fault.line == line && fault.message.contains(message) && fault.hint.contains(hint), "{faults:?}");
        }
        let several = read("points = []\noperators = 9\n").expect_err("faults").0;
        assert_eq!(several.len(), 3, "all at once: {several:?}");
        let missing = CoverageRule::read(Path::new("/nonexistent/rules.toml")).expect_err("missing").0;
        assert!(missing.len() == 1 && missing[0].message.contains("no such file"), "{missing:?}");
    }
}
