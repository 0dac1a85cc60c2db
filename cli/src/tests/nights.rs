//! The questions of a storm night, with a third of everything down, in both languages.

use phusong_model::{
    Evidence, LinkState,
    answer::{Answer, AskError, Body, Query, Topic},
};
use unicode_width::UnicodeWidthStr;

use super::{
    Outcome, Site,
    daemon::{Behaviour, Daemon},
    night_samples::{answer, storm},
    phusong,
};

fn run(answer: &Answer, arguments: &[&str], columns: &str) -> (Outcome, String) {
    let site = Site::new();
    let daemon = Daemon::start(&site.socket(), Behaviour::json(200, answer));
    let outcome = phusong(&site.path("phusong.toml"), arguments, &[("COLUMNS", columns)]);
    assert_eq!(outcome.err, "");
    (outcome, daemon.question())
}

/// The answer in both languages at 80 columns; at no width is a line wider than the screen.
fn both(answer: &Answer, asked: &[&str]) -> String {
    let of = |lang: &str, columns: &str| {
        let (outcome, _) = run(answer, &[asked, &["--lang", lang]].concat(), columns);
        let widest = outcome.out.lines().map(UnicodeWidthStr::width).max();
        assert!(widest <= columns.parse().ok(), "{widest:?} of {columns} columns:\n{}", outcome.out);
        outcome.out
    };
    ["vi", "en"].iter().for_each(|lang| drop((of(lang, "40"), of(lang, "120"))));
    format!("{}\n{}", of("vi", "80"), of("en", "80"))
}

fn ready(evidence: &Evidence) -> Answer {
    answer(evidence, &Query { group: Some("video-conference".to_owned()), ..Query::about(Topic::Ready) })
}

fn path(link: &str) -> Answer {
    answer(&storm(), &Query { link: Some(link.to_owned()), ..Query::about(Topic::Path) })
}

fn csv(answer: &Answer, asked: &[&str]) -> String {
    run(answer, &[asked, &["--csv"]].concat(), "80").0.out.replace("\r\n", "\n")
}

#[test]
fn a_situation_report_fits_into_a_message() {
    let report = answer(&storm(), &Query::about(Topic::Sitrep));
    insta::assert_snapshot!("sitrep", both(&report, &["sitrep"]));
    insta::assert_snapshot!("sitrep-csv", csv(&report, &["sitrep"]));
    let (json, asked) = run(&report, &["sitrep", "--json", "--since", "2h"], "80");
    assert_eq!(serde_json::from_str::<Answer>(&json.out).expect("an answer"), report);
    assert!(json.out.contains("\"schema\": \"phusong.sitrep/1\""));
    assert!(asked.starts_with("GET /api/v1/sitrep?since="), "{asked}");
    let Body::Sitrep(body) = &report.body else { panic!("a report") };
    let text = run(&report, &["sitrep", "--lang", "vi"], "80").0.out;
    for left in &body.communes.classes {
        assert!(left.communes == 0 || text.contains(&left.communes.to_string()), "{left:?}");
    }
}

#[test]
fn readiness_is_told_before_a_meeting() {
    let mut evidence = storm();
    let answer = ready(&evidence);
    insta::assert_snapshot!("ready", both(&answer, &["ready", "--group", "video-conference"]));
    insta::assert_snapshot!("ready-csv", csv(&answer, &["ready", "--group", "video-conference"]));
    let asked = ["ready", "--group", "video-conference", "--at", "16:00", "--for", "3h", "--json"];
    let (json, asked) = run(&answer, &asked, "80");
    assert_eq!((serde_json::from_str::<Answer>(&json.out).expect("an answer"), json.code), (answer, 1));
    let expected = "/api/v1/ready?at=2026-11-23T09%3A00%3A00.000Z&group=video-conference&length_ms=10800000 ";
    assert!(asked.contains(expected), "{asked}");
    for now in &mut evidence.links {
        if now.link.as_str() == "platform-hoi-nghi" {
            now.state = LinkState::Down;
        }
    }
    let down = ready(&evidence);
    insta::assert_snapshot!("ready-platform", both(&down, &["ready", "--group", "video-conference"]));
}

#[test]
fn readiness_needs_a_group_and_a_meeting_that_is_not_over() {
    let site = Site::new();
    let refused = AskError::NoGroup { groups: vec!["tslcd".parse().expect("a group")] };
    let daemon = Daemon::start(&site.socket(), Behaviour::json(400, &refused));
    let outcome = site.phusong(&["ready"]);
    daemon.question();
    assert_eq!(outcome.code, 2);
    assert!(outcome.err.contains("phusong ready --group tslcd"), "{}", outcome.err);
    let outcome = site.phusong(&["ready", "--group", "x", "--at", "2026-11-20 08:00"]);
    assert!(outcome.code == 2 && outcome.err.contains("are over"), "{}", outcome.err);
}

#[test]
fn the_tree_shows_what_is_not_well_and_counts_the_rest() {
    let tree = |all| answer(&storm(), &Query { all, ..Query::about(Topic::Tree) });
    insta::assert_snapshot!("tree", both(&tree(false), &["topology", "tree"]));
    let (all, asked) = run(&tree(true), &["topology", "tree", "--all", "--ascii", "--lang", "en"], "100");
    assert!(asked.contains("/api/v1/tree?all=true"), "{asked}");
    insta::assert_snapshot!("tree-all", all.out);
    let drawn = all.out.lines().filter(|line| line.contains("fibre-02200")).count();
    assert!(drawn >= 2, "under each of its feeders");
    insta::assert_snapshot!("tree-csv", csv(&tree(false), &["topology", "tree"]));
}

#[test]
fn a_path_says_where_it_breaks_and_what_is_left() {
    let broken = path("vc-02203");
    insta::assert_snapshot!("path", both(&broken, &["topology", "path", "vc-02203"]));
    insta::assert_snapshot!("path-ring", both(&path("vc-02200"), &["topology", "path", "vc-02200"]));
    insta::assert_snapshot!(
        "path-unknown",
        both(&path("platform-hoi-nghi"), &["topology", "path", "platform-hoi-nghi"])
    );
    insta::assert_snapshot!("path-csv", csv(&broken, &["topology", "path", "vc-02203"]));
    let (json, asked) = run(&broken, &["topology", "path", "vc-02203", "--json"], "80");
    assert_eq!(serde_json::from_str::<Answer>(&json.out).expect("an answer"), broken);
    assert!(asked.starts_with("GET /api/v1/path?link=vc-02203 "), "{asked}");
}
