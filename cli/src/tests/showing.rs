//! Whole outputs, in both languages, as people and programs get them.

use phusong_model::{
    Window,
    answer::{Answer, Body, GapRank, Notice},
};
use unicode_width::UnicodeWidthStr;

use super::{
    Site, at, contradiction_samples,
    daemon::{Behaviour, Daemon},
    link_samples, phusong, samples,
};

/// stdout of a run that the daemon answered.
fn shown(answer: &Answer, arguments: &[&str], columns: &str) -> String {
    let site = Site::new();
    let daemon = Daemon::start(&site.socket(), Behaviour::json(200, answer));
    let outcome = phusong(&site.path("phusong.toml"), arguments, &[("COLUMNS", columns)]);
    daemon.question();
    assert_eq!((outcome.err.as_str(), outcome.code), ("", 0));
    outcome.out
}

/// The answer as a table in both languages at 80 columns; no line is wider.
fn both(answer: &Answer, topic: &[&str]) -> String {
    let of = |lang: &str| {
        let text = shown(answer, &[topic, &["--lang", lang]].concat(), "80");
        let widest = text.lines().map(UnicodeWidthStr::width).max();
        assert!(widest <= Some(80), "{widest:?} columns:\n{text}");
        text
    };
    format!("{}\n{}", of("vi"), of("en"))
}

fn status() -> Answer {
    samples::answer(Body::Status(Box::new(samples::status())))
}

#[test]
fn status_is_one_screen() {
    let mut full = status();
    insta::assert_snapshot!("status", both(&full, &[]));
    full.notices.extend([
        Notice::NoIcmp,
        Notice::InfluxAway { replica: "influx".to_owned(), reason: "connection refused".to_owned() },
    ]);
    for lang in ["vi", "en"] {
        let text = shown(&full, &["--lang", lang], "80");
        assert!(text.lines().count() < 24, "{} lines, and the prompt:\n{text}", text.lines().count());
        assert!(text.contains("12") && text.contains("setcap"), "the number of outages and the remedy stay:\n{text}");
    }
}

#[test]
fn a_quiet_day_is_told_in_few_words() {
    let mut quiet = samples::status();
    (quiet.open_outages, quiet.worst, quiet.mobile, quiet.health) = (0, Vec::new(), None, None);
    (quiet.open_events, quiet.worst_events, quiet.recent) = (0, Vec::new(), Vec::new());
    (quiet.recent_events, quiet.recent_begun, quiet.recent_ended) = (0, 0, 0);
    quiet.unseen_links = 2;
    quiet.kinds.truncate(2);
    insta::assert_snapshot!("status-quiet", both(&samples::answer(Body::Status(Box::new(quiet))), &["status"]));
}

#[test]
fn tables_are_readable_in_both_languages() {
    let answer = samples::answer;
    let links = answer(Body::Links { items: samples::links() });
    insta::assert_snapshot!("links", both(&links, &["links"]));
    let outages = answer(Body::Outages { items: samples::outages(), events: samples::events(), links: 124, blind: 0 });
    insta::assert_snapshot!("outages", both(&outages, &["outages"]));
    let blind = samples::links().split_off(4);
    let gaps = answer(Body::Gaps { items: samples::gaps(), blind, ranked_by: GapRank::Score });
    insta::assert_snapshot!("gaps", both(&gaps, &["gaps"]));
    let any = phusong_model::OperatorScope::Any;
    let coverage = answer(Body::Coverage {
        items: vec![
            samples::coverage(Some(("00847", "Đường Thượng")), any.clone()),
            samples::coverage(Some(("02221", "Nà Hang")), any.clone()),
        ],
        totals: vec![samples::coverage(None, any)],
    });
    insta::assert_snapshot!("coverage", both(&coverage, &["coverage"]));
    let commune = answer(Body::Commune(Box::new(samples::commune())));
    insta::assert_snapshot!("commune", both(&commune, &["commune", "na hang"]));
    let indicators = answer(Body::Indicators { items: samples::indicators() });
    insta::assert_snapshot!("indicators", both(&indicators, &["indicators"]));
    let maintenance = answer(Body::Maintenance { items: samples::maintenance() });
    insta::assert_snapshot!("maintenance", both(&maintenance, &["maintenance"]));
    insta::assert_snapshot!("notify", both(&answer(samples::notify()), &["notify"]));
    let weak = answer(Body::Weak(Box::new(samples::weak())));
    insta::assert_snapshot!("weak", both(&weak, &["topology", "weak"]));
    let month = Window::new(at("2026-09-30T17:00:00Z"), at("2026-10-31T17:00:00Z"));
    let availability = Answer { window: month, ..answer(samples::availability()) };
    insta::assert_snapshot!("availability", both(&availability, &["availability", "--month", "2026-10"]));
}

#[test]
fn a_link_is_one_screen() {
    let link = samples::answer(Body::Link(Box::new(link_samples::link())));
    insta::assert_snapshot!("link", both(&link, &["link", "fibre-02221"]));
    let mut new = link_samples::link();
    (new.interface, new.outages, new.observations, new.contact) =
        (None, Vec::new(), Vec::new(), phusong_model::Contact::default());
    (new.link.sent, new.link.lost, new.people) = (None, None, None);
    insta::assert_snapshot!("link-new", both(&samples::answer(Body::Link(Box::new(new))), &["link", "fibre-02221"]));
}

#[test]
fn an_outage_is_told_from_its_beginning() {
    let outage = samples::answer(Body::Outage(Box::new(link_samples::outage())));
    insta::assert_snapshot!("outage", both(&outage, &["outage", "5"]));
    insta::assert_snapshot!("top", both(&samples::answer(link_samples::top()), &["top"]));
}

/// One answer to each question, with what is asked.
fn every_table() -> Vec<(&'static str, Answer)> {
    let any = phusong_model::OperatorScope::Any;
    let mut gaps = samples::gaps();
    gaps.iter_mut().for_each(|gap| gap.people = Some(2_345_678));
    // A day and an hour instead of an hour, which takes more room.
    let mut outages = samples::outages();
    outages.iter_mut().for_each(|outage| {
        outage.start = super::at("2026-10-30T20:22:10Z");
        (outage.cause, outage.carrier) = ("interface".to_owned(), None);
    });
    let mut links = samples::links();
    links.iter_mut().for_each(|link| link.since = super::at("2026-10-30T20:22:10Z"));
    let blind = links.clone().split_off(4);
    let coverage = vec![
        samples::coverage(Some(("00847", "Đường Thượng")), any.clone()),
        samples::coverage(Some(("02221", "Nà Hang")), any.clone()),
    ];
    [
        ("status", Body::Status(Box::new(samples::status()))),
        ("links", Body::Links { items: samples::links() }),
        ("links", Body::Links { items: links }),
        ("outages", Body::Outages { items: samples::outages(), events: samples::events(), links: 124, blind: 0 }),
        ("outages", Body::Outages { items: outages, events: Vec::new(), links: 124, blind: 0 }),
        ("gaps", Body::Gaps { items: gaps, blind, ranked_by: GapRank::Score }),
        ("coverage", Body::Coverage { items: coverage, totals: vec![samples::coverage(None, any)] }),
        ("coverage", Body::Contradictions { items: contradiction_samples::contradictions() }),
        ("commune", Body::Commune(Box::new(samples::commune()))),
        ("link", Body::Link(Box::new(link_samples::link()))),
        ("indicators", Body::Indicators { items: samples::indicators() }),
        ("outage", Body::Outage(Box::new(link_samples::outage()))),
        ("top", link_samples::top()),
    ]
    .map(|(topic, body)| (topic, samples::answer(body)))
    .to_vec()
}

#[test]
fn nothing_is_wider_than_the_terminal() {
    for (topic, answer) in every_table() {
        for (columns, lang) in [40, 60, 80, 120].into_iter().flat_map(|columns| [(columns, "vi"), (columns, "en")]) {
            let text = shown(&answer, &[topic, "--lang", lang], &columns.to_string());
            let widest = text.lines().map(UnicodeWidthStr::width).max();
            assert!(widest <= Some(columns), "{topic}: {widest:?} of {columns} columns:\n{text}");
        }
    }
}

#[test]
fn a_narrow_screen_shows_what_matters_most() {
    let text = every_table()
        .into_iter()
        .map(|(topic, answer)| shown(&answer, &[topic, "--lang", "en"], "40"))
        .collect::<Vec<_>>()
        .join("\n");
    insta::assert_snapshot!("narrow", text);
}

#[test]
fn a_wide_screen_shows_every_column() {
    let links = samples::answer(Body::Links { items: samples::links() });
    insta::assert_snapshot!("links-wide", shown(&links, &["links"], "160"));
    let outages =
        samples::answer(Body::Outages { items: samples::outages(), events: samples::events(), links: 124, blind: 0 });
    insta::assert_snapshot!("outages-wide", shown(&outages, &["outages", "--lang", "vi"], "160"));
    let any = phusong_model::OperatorScope::Any;
    let items = vec![samples::coverage(Some(("00847", "Đường Thượng")), any)];
    let coverage = samples::answer(Body::Coverage { items, totals: Vec::new() });
    insta::assert_snapshot!("coverage-wide", shown(&coverage, &["coverage"], "160"));
}

#[test]
fn programs_get_csv() {
    let links = samples::answer(Body::Links { items: samples::links() });
    let csv = |answer: &Answer, topic: &str| {
        let site = Site::new();
        let daemon = Daemon::start(&site.socket(), Behaviour::json(200, answer));
        let outcome = site.phusong(&[topic, "--csv"]);
        daemon.question();
        assert_eq!(outcome.code, 0);
        assert!(outcome.err.contains("example data"), "remarks go to stderr: {}", outcome.err);
        assert!(outcome.out.lines().count() > 1);
        outcome.out.replace("\r\n", "\n")
    };
    insta::assert_snapshot!("links-csv", csv(&links, "links"));
    let outages =
        samples::answer(Body::Outages { items: samples::outages(), events: samples::events(), links: 124, blind: 0 });
    insta::assert_snapshot!("outages-csv", csv(&outages, "outages"));
    let blind = samples::links().split_off(4);
    let gaps = samples::answer(Body::Gaps { items: samples::gaps(), blind, ranked_by: GapRank::Score });
    insta::assert_snapshot!("gaps-csv", csv(&gaps, "gaps"));
    let items = vec![samples::coverage(None, phusong_model::OperatorScope::Any)];
    let coverage = samples::answer(Body::Coverage { items, totals: Vec::new() });
    insta::assert_snapshot!("coverage-csv", csv(&coverage, "coverage"));
    let indicators = samples::answer(Body::Indicators { items: samples::indicators() });
    let contradictions = samples::answer(Body::Contradictions { items: contradiction_samples::contradictions() });
    insta::assert_snapshot!("contradictions-csv", csv(&contradictions, "coverage"));
    insta::assert_snapshot!("indicators-csv", csv(&indicators, "indicators"));
    let link = samples::answer(Body::Link(Box::new(link_samples::link())));
    insta::assert_snapshot!("link-csv", csv(&link, "link"));
    let maintenance = samples::answer(Body::Maintenance { items: samples::maintenance() });
    insta::assert_snapshot!("maintenance-csv", csv(&maintenance, "maintenance"));
    insta::assert_snapshot!("notify-csv", csv(&samples::answer(samples::notify()), "notify"));
    insta::assert_snapshot!("availability-csv", csv(&samples::answer(samples::availability()), "availability"));
    insta::assert_snapshot!("status-csv", csv(&status(), "status"));
}

#[test]
fn programs_get_the_answer_itself_as_json() {
    let outages =
        samples::answer(Body::Outages { items: samples::outages(), events: samples::events(), links: 124, blind: 0 });
    let text = shown(&outages, &["outages", "--json", "--lang", "vi"], "80");
    assert_eq!(serde_json::from_str::<Answer>(&text).expect("an answer"), outages);
    assert!(!text.contains('\u{202e}') && text.contains("\\u202e"), "a terminal obeys nothing of it");
    assert!(text.contains("\"schema\": \"phusong.outages/1\"") && text.contains("2026-11-23T06:22:10.000Z"));
}

#[test]
fn contradictions_are_readable_and_asked_for_by_operator() {
    let answer = samples::answer(Body::Contradictions { items: contradiction_samples::contradictions() });
    insta::assert_snapshot!("contradictions", both(&answer, &["coverage", "--contradictions"]));
    let none = samples::answer(Body::Contradictions { items: Vec::new() });
    insta::assert_snapshot!("contradictions-none", both(&none, &["coverage", "--contradictions"]));
    let text = shown(&answer, &["coverage", "--contradictions", "--json"], "80");
    assert_eq!(serde_json::from_str::<Answer>(&text).expect("an answer"), answer);
    let site = Site::new();
    let daemon = Daemon::start(&site.socket(), Behaviour::json(200, &answer));
    site.phusong(&["coverage", "--contradictions", "--operator", "Viettel", "--commune", "na hang", "--json"]);
    let asked = daemon.question();
    assert!(asked.contains("/api/v1/contradictions?commune=na%20hang&operator=Viettel"), "{asked}");
}

#[test]
fn ascii_is_enough() {
    let mut outages = samples::outages();
    outages.retain(|outage| outage.commune.is_none());
    let answer = samples::answer(Body::Outages { items: outages, events: Vec::new(), links: 124, blind: 0 });
    let text = shown(&answer, &["outages", "--ascii", "--lang", "en"], "80");
    assert!(text.is_ascii() && text.contains("X feeder-1"), "{text}");
}
