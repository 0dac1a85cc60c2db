//! Failures as programs get them.

use std::fs;

use phusong_model::answer::{AskError, Candidate};
use serde_json::json;

use super::{
    Outcome, Site,
    asking::write_store,
    daemon::{Behaviour, Daemon},
};

/// The one document that a run without an answer writes for programs.
fn report(outcome: &Outcome) -> serde_json::Value {
    let report: serde_json::Value = serde_json::from_str(&outcome.out).expect("one document");
    assert_eq!(report["schema"], "phusong.error/1");
    assert_eq!(report["exit"], outcome.code);
    report
}

#[test]
fn programs_get_a_failure_as_json() {
    let site = Site::new();
    let none = json!([]);
    for (arguments, error) in [
        (&["links", "--since", "soon"][..], "bad-since"),
        (&["links", "--since", "2027-01-01"], "bad-since"),
        (&["commune", "x", "--commune", "y"], "two-names"),
        (&["gaps"], "no-answer"),
    ] {
        let outcome = site.phusong(&[arguments, &["--json", "--lang", "vi"]].concat());
        let report = report(&outcome);
        assert_eq!((&report["error"], &report["suggestions"], &report["conditions"]), (&json!(error), &none, &none));
        assert_eq!(outcome.code, if error == "no-answer" { 4 } else { 2 });
        assert!(outcome.err.starts_with("lỗi: "), "the words are still on stderr: {}", outcome.err);
        assert!(report["message"].as_str().is_some_and(|words| words.is_ascii() && !words.is_empty()), "{report}");
    }
    fs::write(site.path("phusong.toml"), "[stor]\n").expect("write");
    assert_eq!(report(&site.phusong(&["status", "--json"]))["error"], "configuration");
}

#[test]
fn a_wrong_name_is_json_with_suggestions_and_every_condition() {
    let site = Site::new();
    write_store(&site);
    let communes = json!([{"code": "02221", "name": "Nà Hang"}]);
    let unknown = report(&site.phusong(&["commune", "na hanh", "--json"]));
    assert_eq!((&unknown["error"], &unknown["suggestions"]), (&json!("unknown-commune"), &communes));
    assert_eq!(unknown["conditions"], json!(["partial"]), "the daemon is away too");
    assert_eq!(report(&site.phusong(&["commune", "--json"]))["error"], "no-commune");
    let unknown = report(&site.phusong(&["link", "fibre-2221", "--json"]));
    let near = json!([{"link": "fibre-02221", "name": "Nà Hang"}]);
    assert_eq!((&unknown["error"], &unknown["suggestions"]), (&json!("unknown-link"), &near));
    assert_eq!(report(&site.phusong(&["link", "--json"]))["error"], "no-link");

    let candidates = vec![Candidate { code: "02221".parse().expect("a code"), name: "Nà Hang".to_owned() }];
    let ambiguous = AskError::AmbiguousCommune { asked: "na".to_owned(), candidates };
    let daemon = Daemon::start(&site.socket(), Behaviour::json(400, &ambiguous));
    let of_daemon = report(&site.phusong(&["commune", "na", "--json"]));
    assert_eq!((&of_daemon["error"], &of_daemon["suggestions"]), (&json!("ambiguous-commune"), &communes));
    assert_eq!(of_daemon["conditions"], json!([]));
    daemon.question();
}

#[test]
fn a_word_of_a_newer_daemon_ends_the_run() {
    let site = Site::new();
    write_store(&site);
    let refusal = json!({"error": "too-long-ago", "reason": "the store begins in May\u{1b}[2J"});
    let daemon = Daemon::start(&site.socket(), Behaviour::json(400, &refusal));
    let outcome = site.phusong(&["links", "--json"]);
    assert_eq!((outcome.code, &report(&outcome)["error"]), (2, &json!("too-long-ago")));
    assert!(
        outcome.err.starts_with("error: phusongd refuses the question: too-long-ago: the store begins in May\\u{1b}")
    );
    daemon.question();
}
