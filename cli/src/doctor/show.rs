//! What was found, for people and for programs.

use std::io;

use phusong_model::{
    UtcMs,
    glossary::{Lang, Term as _},
    printable,
};
use serde::Serialize;

use super::finding::{Finding, Verdict};
use crate::{paint::Tone, sheet::formula_safe, show::View, table::flow};

/// The document of `--json`. Within a version fields are only added; facts and remedies are in English.
#[derive(Debug, Serialize)]
pub struct Document<'f> {
    schema: &'static str,
    generated: UtcMs,
    /// How many of each verdict.
    counts: Counts,
    checks: Vec<Item<'f>>,
}

#[derive(Debug, Serialize)]
struct Counts {
    ok: usize,
    not_looked_at: usize,
    warning: usize,
    fault: usize,
}

#[derive(Debug, Serialize)]
struct Item<'f> {
    check: &'static str,
    verdict: &'static str,
    fact: &'f str,
    remedy: Option<&'f str>,
}

/// For programs.
pub fn document(findings: &[Finding], now: UtcMs) -> Document<'_> {
    Document {
        schema: "phusong.doctor/1",
        generated: now,
        counts: Counts {
            ok: count(findings, Verdict::Ok),
            not_looked_at: count(findings, Verdict::NotLookedAt),
            warning: count(findings, Verdict::Warning),
            fault: count(findings, Verdict::Fault),
        },
        checks: findings.iter().map(item).collect(),
    }
}

fn item(finding: &Finding) -> Item<'_> {
    Item {
        check: finding.part.id(),
        verdict: finding.verdict.id(),
        fact: finding.fact.of(Lang::En),
        remedy: finding.remedy.as_ref().map(|remedy| remedy.of(Lang::En)),
    }
}

fn count(findings: &[Finding], verdict: Verdict) -> usize {
    findings.iter().filter(|finding| finding.verdict == verdict).count()
}

/// For spreadsheets.
pub fn csv(findings: &[Finding]) -> io::Result<String> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(["check", "verdict", "fact", "remedy"])?;
    for finding in findings {
        let Item { check, verdict, fact, remedy } = item(finding);
        let [fact, remedy] = [fact, remedy.unwrap_or_default()].map(formula_safe);
        writer.write_record([check, verdict, &fact, &remedy])?;
    }
    let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    String::from_utf8(bytes).map_err(io::Error::other)
}

/// For people: a line of fact for each, below it what mends it, alone and unbroken, so that it can be copied.
pub fn lines(findings: &[Finding], view: &View) -> Vec<String> {
    let mut lines: Vec<String> = findings.iter().flat_map(|finding| of_one(finding, view)).collect();
    lines.push(summary(findings, view));
    lines
}

fn of_one(finding: &Finding, view: &View) -> Vec<String> {
    let (sign, tone) = look_of(finding.verdict);
    let head = match finding.verdict {
        Verdict::Ok => format!("{sign} {}:", finding.part.term(view.lang)),
        Verdict::NotLookedAt | Verdict::Warning | Verdict::Fault => {
            format!("{sign} {} {}:", finding.verdict.term(view.lang).to_uppercase(), finding.part.term(view.lang))
        }
    };
    let fact = printable(finding.fact.of(view.lang)).into_owned();
    let words = [head].into_iter().chain(fact.split(' ').map(str::to_owned));
    let mut lines: Vec<String> =
        flow(words, " ", 2, view.width).into_iter().map(|line| view.paint.apply(tone, &line)).collect();
    lines.extend(finding.remedy.as_ref().map(|remedy| format!("    {}", printable(remedy.of(view.lang)))));
    lines
}

/// Never by colour alone.
const fn look_of(verdict: Verdict) -> (char, Tone) {
    match verdict {
        Verdict::Ok => ('●', Tone::Plain),
        Verdict::NotLookedAt => ('?', Tone::Faint),
        Verdict::Warning => ('◐', Tone::Warning),
        Verdict::Fault => ('✗', Tone::Bad),
    }
}

fn summary(findings: &[Finding], view: &View) -> String {
    let [faults, warnings, ok, unseen] =
        [Verdict::Fault, Verdict::Warning, Verdict::Ok, Verdict::NotLookedAt].map(|verdict| count(findings, verdict));
    let text = view.lang.pick(
        format!("lỗi: {faults} · cảnh báo: {warnings} · tốt: {ok} · chưa xem: {unseen}"),
        format!("faults: {faults} · warnings: {warnings} · ok: {ok} · not looked at: {unseen}"),
    );
    view.paint.apply(Tone::Strong, &text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        doctor::finding::{Part, Said},
        paint::Paint,
    };

    fn findings() -> Vec<Finding> {
        vec![
            Finding::ok(Part::Configuration, Said::same("/etc/phusong/phusong.toml")),
            Finding::fault(
                Part::Secrets,
                Said::same(format!(
                    "[influx] influx: /etc/phusong/\u{1b}[2J: {}",
                    "a long story ".repeat(9).trim_end()
                )),
                Said::same(
                    "sudo chmod o-rw /etc/phusong/credentials/influx-token-of-the-ministry-with-a-long-name-and-more",
                ),
            ),
            Finding::warning(Part::Clock, Said::words(("chậm", "late")), Said::same("=sudo timedatectl set-ntp true")),
            Finding::not_looked_at(Part::Snmp, Said::words(("không rõ", "not known"))),
        ]
    }

    #[test]
    fn a_remedy_stands_alone_and_is_never_broken() {
        let view = |lang| View { lang, width: 60, paint: Paint::Plain, now: UtcMs(0) };
        insta::assert_snapshot!("doctor", lines(&findings(), &view(Lang::En)).join("\n"));
        insta::assert_snapshot!("doctor-vi", lines(&findings(), &view(Lang::Vi)).join("\n"));
    }

    #[test]
    fn programs_get_ids_and_spreadsheets_no_formulas() {
        let json = serde_json::to_value(document(&findings(), UtcMs(0))).expect("json");
        assert_eq!(json["schema"], "phusong.doctor/1");
        assert_eq!(json["counts"], serde_json::json!({"ok": 1, "not_looked_at": 1, "warning": 1, "fault": 1}));
        assert_eq!(json["checks"][1]["check"], "secrets");
        assert_eq!(json["checks"][3]["remedy"], serde_json::Value::Null);
        let sheet = csv(&findings()).expect("csv");
        assert!(sheet.contains("clock,warning,late,'=sudo timedatectl set-ntp true\r\n"), "{sheet}");
        assert!(!sheet.contains('\u{1b}'), "{sheet}");
    }
}
