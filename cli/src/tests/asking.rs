//! Where the answer comes from, and what happens when it cannot be had.

use std::{fs, io::Write, os::unix::net::UnixListener};

use phusong_model::{
    Cause, Change, Commune, Contact, EchoStats, Edge, Health, IcmpMode, Inventory, Link, LinkKind, LinkState, Millis,
    OutageId, Outcome as Looked, Probe, ProberHealth, Sample, StoreHealth, Tick, Transition, Verdict,
    answer::{Answer, AskError, Body, Candidate, Condition, Notice, Source},
};
use phusong_store::{Commit, Store};

use super::{
    Outcome, Site,
    daemon::{Behaviour, Daemon},
    now, phusong, samples,
};
fn links() -> Answer {
    samples::answer(Body::Links { items: samples::links() })
}

/// A store with one link that went down half a minute ago, as the daemon left it.
pub fn write_store(site: &Site) {
    let link = Link {
        id: "fibre-02221".parse().expect("an id"),
        kind: LinkKind::Fibre,
        name: "Nà Hang".to_owned(),
        commune: "02221".parse().ok(),
        site: None,
        address: "127.1.2.3".parse().ok(),
        service: None,
        interface: None,
        rx_limit: None,
        upstream: Vec::new(),
        operator: None,
        groups: Vec::new(),
        contact: Contact::default(),
    };
    let commune =
        Commune { population: Some(12_345), ..Commune::new("02221".parse().expect("a code"), "Nà Hang".to_owned()) };
    let inventory = Inventory {
        province: "Tuyên Quang".to_owned(),
        communes: vec![commune],
        links: vec![link.clone()],
        ..Inventory::default()
    };
    let mut store = Store::open(&site.data()).expect("a store");
    let entered = now().minus(Millis::from_secs(3600));
    store.set_inventory(&inventory, entered).expect("the inventory");
    let at = now().minus(Millis::from_secs(32));
    let down = Transition {
        link: link.id.clone(),
        state: LinkState::Down,
        from: at,
        cause: Some(Cause::Unknown),
        blind: None,
        worse: None,
    };
    let (id, start, verdict) = (OutageId(1), Edge::sharp(at), Verdict::unknown());
    let opens = Change::OutageOpens { id, link: link.id.clone(), start, decided: at, verdict };
    let stats = EchoStats { sent: 10, lost: 10, rtt: None };
    let tick = Tick { at, period: Millis::from_secs(10), slip: Millis(0), blind: None };
    let prober = ProberHealth { last_tick: Some(tick), ..ProberHealth::at_start(IcmpMode::Raw, entered) };
    let commit = Commit {
        tick,
        samples: vec![Sample { link: link.id, probe: Probe::Icmp, outcome: Looked::Measured(stats) }],
        readings: Vec::new(),
        changes: vec![Change::State(down), opens],
        observations: Vec::new(),
        tellings: Vec::new(),
        health: Health { prober, store: StoreHealth::default(), influx: Vec::new(), notify: Vec::new() },
    };
    store.commit(&commit).expect("a tick");
}

/// The run read the store: the outage is there, JSON says where it came from, stderr says why.
fn assert_store_was_read(site: &Site, why: &str) {
    let Outcome { code, out, err } = site.phusong(&["outages", "--json"]);
    let err = site.neutral(&err);
    assert_eq!(code, 3, "{err}");
    assert!(err.contains(why) && err.contains("DIR/data: newest data 32 s ago"), "{err}");
    let answer: Answer = serde_json::from_str(&out).expect("an answer");
    assert_eq!(answer.source, Source::Store);
    assert!(answer.conditions.contains(&Condition::Partial));
    assert!(matches!(answer.notices.as_slice(), [.., Notice::DaemonAway { .. }]));
    assert!(matches!(&answer.body, Body::Outages { items, .. } if items.len() == 1 && items[0].end.is_none()));
}

#[test]
fn the_daemon_is_asked_what_the_user_asked() {
    let site = Site::new();
    let daemon = Daemon::start(&site.socket(), Behaviour::json(200, &links()));
    let outcome = site.phusong(&["links", "--since", "2h", "--commune", "Nà Hang"]);
    assert_eq!((outcome.code, outcome.err.as_str()), (0, ""));
    assert_eq!(
        daemon.question(),
        "GET /api/v1/links?commune=N%C3%A0%20Hang&since=2026-11-23T05%3A05%3A12.000Z HTTP/1.1"
    );
}

#[test]
fn a_link_is_told_by_the_daemon_or_by_the_store_alone() {
    let site = Site::new();
    let body = Body::Link(Box::new(super::link_samples::link()));
    let daemon = Daemon::start(&site.socket(), Behaviour::json(200, &samples::answer(body)));
    assert_eq!(site.phusong(&["link", "Cáp", "quang"]).code, 0);
    assert_eq!(daemon.question(), "GET /api/v1/link?link=C%C3%A1p%20quang HTTP/1.1");
    fs::remove_file(site.socket()).expect("the daemon is gone");
    write_store(&site);
    let outcome = site.phusong(&["link", "na hang", "--lang", "en"]);
    assert_eq!(outcome.code, 3, "{}", outcome.err);
    assert!(outcome.out.starts_with("fibre-02221 · Nà Hang") && outcome.out.contains("✗ down"), "{}", outcome.out);
}

#[test]
fn another_socket_may_be_named() {
    let site = Site::new();
    let socket = site.path("other.sock");
    let daemon = Daemon::start(&socket, Behaviour::json(200, &links()));
    let outcome = site.phusong(&["links", "--socket", &socket.to_string_lossy()]);
    assert_eq!(outcome.code, 0);
    daemon.question();
}

#[test]
fn findings_are_an_exit_code_only_when_asked_for() {
    for (arguments, expected) in [(&["links"][..], 0), (&["links", "--check"][..], 1)] {
        let site = Site::new();
        let daemon = Daemon::start(&site.socket(), Behaviour::json(200, &links()));
        assert_eq!(site.phusong(arguments).code, expected);
        daemon.question();
    }
    let site = Site::new();
    let stale = Answer { conditions: vec![Condition::Findings, Condition::Stale], ..links() };
    let daemon = Daemon::start(&site.socket(), Behaviour::json(200, &stale));
    assert_eq!(site.phusong(&["links", "--check"]).code, 3, "stale goes before findings");
    daemon.question();
}

#[test]
fn a_wrong_name_is_answered_with_suggestions() {
    let site = Site::new();
    let suggestions = vec![Candidate { code: "02404".parse().expect("a code"), name: "Bình Xa".to_owned() }];
    let unknown = AskError::UnknownCommune { asked: "binh sa".to_owned(), suggestions };
    let daemon = Daemon::start(&site.socket(), Behaviour::json(404, &unknown));
    let outcome = site.phusong(&["commune", "binh", "sa"]);
    assert_eq!((outcome.code, outcome.out.as_str()), (2, ""));
    assert_eq!(outcome.err, "error: no commune \"binh sa\"\n  did you mean: Bình Xa (02404)\n");
    assert!(daemon.question().contains("commune=binh%20sa"));
}

#[test]
fn without_a_socket_the_store_is_read() {
    let site = Site::new();
    write_store(&site);
    assert_store_was_read(&site, "there is no socket DIR/phusong.sock");
}

#[test]
fn a_killed_daemons_socket_leads_to_the_store() {
    let site = Site::new();
    write_store(&site);
    drop(UnixListener::bind(site.socket()).expect("bind"));
    assert!(site.socket().exists(), "the socket is left over");
    assert_store_was_read(&site, "nobody listens at DIR/phusong.sock");
}

#[test]
fn whatever_is_no_answer_leads_to_the_store() {
    for (behaviour, why) in [
        (Behaviour::Garbage, "does not speak HTTP"),
        (Behaviour::HangsUp, "broke off before the answer was whole"),
        (Behaviour::Answers(200, b"{\"schema\":\"phusong.links/9\"}".to_vec()), "is not phusongd of this version"),
        (Behaviour::Answers(404, b"<html>".to_vec()), "is not phusongd of this version"),
        (Behaviour::Answers(500, Vec::new()), "status 500"),
        (
            Behaviour::BreaksOff(200, b"{\"schema\":".to_vec()),
            "the connection at DIR/phusong.sock broke off before the answer was whole",
        ),
        (
            Behaviour::Answers(503, br#"{"error":"store","reason":"disk I/O error"}"#.to_vec()),
            "cannot do it now: disk I/O error",
        ),
    ] {
        let site = Site::new();
        write_store(&site);
        let daemon = Daemon::start(&site.socket(), behaviour);
        assert_store_was_read(&site, why);
        daemon.question();
    }
}

#[test]
fn a_demo_that_stopped_is_started_as_a_demo() {
    let site = Site::new();
    let config = fs::read_to_string(site.path("phusong.toml")).expect("the configuration");
    fs::write(site.path("phusong.toml"), format!("vantage = \"demo\"\n{config}")).expect("write");
    let outcome = site.phusong(&["gaps"]);
    assert!(site.neutral(&outcome.err).ends_with("start it: phusongd demo --dir DIR\n"), "{}", outcome.err);
    write_store(&site);
    let outcome = site.phusong(&["gaps"]);
    assert_eq!(outcome.code, 3);
    assert!(site.neutral(&outcome.err).ends_with("; start it: phusongd demo --dir DIR\n"), "{}", outcome.err);
}

#[test]
fn the_store_answers_in_the_readers_language() {
    let site = Site::new();
    write_store(&site);
    let outcome = phusong(&site.path("phusong.toml"), &["outages"], &[("LANG", "vi_VN.UTF-8")]);
    assert_eq!(outcome.code, 3);
    insta::assert_snapshot!("store-vi", site.neutral(&format!("{}\n{}", outcome.err, outcome.out)));
}

#[test]
fn the_store_knows_names_too() {
    let site = Site::new();
    write_store(&site);
    let outcome = site.phusong(&["commune", "na hanh"]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.err.ends_with("did you mean: Nà Hang (02221)\n"), "{}", outcome.err);
    assert_eq!(site.phusong(&["commune", "NA-HANG"]).code, 3);
    assert_eq!(site.phusong(&["commune"]).code, 2);
}

#[test]
fn with_neither_source_there_is_no_answer() {
    let site = Site::new();
    let outcome = site.phusong(&["gaps", "--check"]);
    assert_eq!((outcome.code, outcome.out.as_str()), (4, ""));
    insta::assert_snapshot!("no-answer", site.neutral(&outcome.err));
}

#[test]
fn a_wrong_question_is_a_usage_error() {
    let site = Site::new();
    for arguments in [
        &["gapps"][..],
        &["--json", "--csv"],
        &["links", "--since", "soon"],
        &["links", "--since", "2027-01-01"],
        &["links", "--lang", "fr"],
        &["commune", "x", "--commune", "y"],
    ] {
        let outcome = site.phusong(arguments);
        assert_eq!((outcome.code, outcome.out.as_str()), (2, ""), "{arguments:?}");
        assert!(outcome.err.contains("error"), "{}", outcome.err);
    }
}

#[test]
fn help_and_version_are_answers() {
    let site = Site::new();
    let help = site.phusong(&["--help"]);
    assert_eq!((help.code, help.err.as_str()), (0, ""));
    assert!(help.out.contains("phusong gaps --commune \"na hang\"") && help.out.contains("Exit codes"));
    let version = site.phusong(&["--version"]);
    assert_eq!((version.code, version.out), (0, format!("phusong {}\n", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn a_configuration_with_faults_is_refused_with_all_of_them() {
    let site = Site::new();
    fs::write(site.path("phusong.toml"), "[api]\nsokket = \"x\"\n[stor]\n").expect("write");
    let outcome = site.phusong(&["status"]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.err.contains("sokket") && outcome.err.contains("stor"), "{}", outcome.err);
    let outcome = phusong(&site.path("absent.toml"), &["status"], &[]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.err.contains("absent.toml") && outcome.err.contains("--config"), "{}", outcome.err);
}

/// A reader that has seen enough.
struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_broken_pipe_ends_quietly() {
    let site = Site::new();
    write_store(&site);
    let config = ("PHUSONG_CONFIG".into(), site.path("phusong.toml").into_os_string());
    let environment = crate::Environment::new([config], crate::Screen::Pipe, now());
    let daemon = Daemon::start(&site.socket(), Behaviour::json(200, &links()));
    let mut err = Vec::new();
    let code = crate::run(["phusong".into(), "links".into()], &environment, &mut Closed, &mut err);
    assert_eq!((code, err.as_slice()), (0, &b""[..]));
    daemon.question();
}
