//! Platforms of a province on real servers: nginx with a certificate of the province's own authority, dnsmasq, ports that
//! are open and ports that are not.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a suite fails by panicking, and clippy knows only functions marked as tests"
)]

mod support;
#[path = "support/tls.rs"]
mod tls;

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use phusong_model::{Evidence, Millis, Outcome, Probe, Seen, UtcMs, Window};
use phusong_store::Reader;
use rcgen::CertificateParams;
use serde_json::Value;
use support::{Daemon, Province, Server, ask, items, own_network, phusong, text, wait_for};
use tls::NGINX;

/// Attempts that a busy machine answers in time, in ticks that do not make the suite wait.
const CONFIG: &str = "[icmp]\nperiod = \"4s\"\nspacing = \"20ms\"\ntimeout = \"500ms\"\nreprobe_spacing = \"20ms\"\n\
    [service]\nperiod = \"4s\"\nspacing = \"50ms\"\ntimeout = \"1s\"\nca_file = \"ca.pem\"\n";

const LINKS: &str = "id,kind,address,service\n\
    portal,platform,127.0.0.1,https://portal.example.vn:8443/login\n\
    login,platform,127.0.0.1,https://portal.example.vn:8443/private#status=401\n\
    stranger,platform,,https://127.0.0.1:8443/\n\
    port,platform,,tcp://127.0.0.1:8443\n\
    closed,platform,127.0.0.1,tcp://127.0.0.1:9\n\
    names,platform,,dns://127.0.0.1:5300/portal.example.vn\n\
    nobody,platform,,dns://127.0.0.1:5300/missing.example.vn\n\
    unfindable,platform,,https://portal.invalid/\n";

const DNSMASQ: &str = "/usr/sbin/dnsmasq";

/// Whether the servers are there; says "skipped" when one is not.
fn installed() -> bool {
    let missing = [NGINX, DNSMASQ].into_iter().find(|program| !Path::new(program).exists());
    missing.into_iter().for_each(|program| println!("skipped: {program} is not installed"));
    missing.is_none()
}

/// Days until the portal's certificate ends.
const DAYS_LEFT: i64 = 10;

/// The authority that the configuration names, and a certificate of it that ends soon; when that is.
fn certificates(folder: &Path) -> UtcMs {
    let mut portal = CertificateParams::new(vec!["portal.example.vn".to_owned()]).expect("a name");
    let ends = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * DAYS_LEFT);
    let day = ends.to_zoned(jiff::tz::TimeZone::UTC).date();
    portal.not_after = rcgen::date_time_ymd(
        day.year().into(),
        u8::try_from(day.month()).expect("month"),
        u8::try_from(day.day()).expect("day"),
    );
    tls::issue(folder, &portal);
    day.to_zoned(jiff::tz::TimeZone::UTC).expect("midnight").timestamp().into()
}

fn nginx(folder: &Path) -> Server {
    let broken = format!("location / {{ if (-f {}/broken) {{ return 503; }} return 200 fine; }}", folder.display());
    tls::nginx(folder, 8443, &format!("{broken}\nlocation /private {{ return 401; }}"))
}

fn dnsmasq(folder: &Path) -> Server {
    let arguments = [
        "--keep-in-foreground",
        "--no-resolv",
        "--no-hosts",
        "--user=root",
        "--port=5300",
        "--listen-address=127.0.0.1",
        "--bind-interfaces",
        "--conf-file=/dev/null",
        "--address=/portal.example.vn/192.0.2.1",
    ];
    let pid = format!("--pid-file={}", folder.join("dnsmasq.pid").display());
    Server::start(Command::new(DNSMASQ).args(arguments).arg(pid))
}

fn states(answer: &Value) -> BTreeMap<&str, &str> {
    items(answer).iter().map(|link| (text(link, "link"), text(link, "state"))).collect()
}

fn link<'a>(answer: &'a Value, name: &str) -> &'a Value {
    items(answer).iter().find(|link| text(link, "link") == name).expect("the link")
}

fn evidence(province: &Province) -> Evidence {
    let now = UtcMs::from(jiff::Timestamp::now());
    Reader::open(&province.data())
        .and_then(|reader| reader.evidence(now, Window::new(now.minus(Millis::from_secs(60)), now)))
        .expect("evidence")
}

/// What the newest observations of the portal are: its status, its certificate.
fn seen(province: &Province) -> Vec<Seen> {
    let of_portal = phusong_model::Subject::Link("portal".parse().expect("id"));
    evidence(province).observations.into_iter().filter(|o| o.subject == of_portal).map(|o| o.seen).collect()
}

/// Whether the newest rows of the portal say that pings come back and requests do not.
fn pings_but_serves_nobody(province: &Province) -> bool {
    let reader = Reader::open(&province.data()).expect("store");
    let ticks = reader.ticks_after(0, 1000).expect("ticks");
    ticks.iter().any(|tick| {
        let measured = |probe: Probe| {
            tick.samples.iter().find_map(|sample| match sample.outcome {
                Outcome::Measured(stats) if sample.probe == probe && sample.link.as_str() == "portal" => Some(stats),
                Outcome::Measured(_) | Outcome::Blind(_) => None,
            })
        };
        matches!((measured(Probe::Icmp), measured(Probe::Http)),
            (Some(pings), Some(requests)) if pings.lost == 0 && requests.lost == requests.sent)
    })
}

#[test]
fn a_platform_that_answers_pings_and_nothing_else_is_down() {
    if !installed() || !own_network() {
        return;
    }
    let province =
        Province::write(CONFIG, &[("communes.csv", "code,name,kind\n02221,Nà Hang,xã\n"), ("links.csv", LINKS)]);
    let folder = province.dir.path();
    let ends = certificates(folder);
    let (_nginx, _dnsmasq) = (nginx(folder), dnsmasq(folder));
    let config = province.config();
    let daemon = Daemon::with_config(&config);
    let becomes = |expected: &[(&str, &str)]| {
        wait_for(&format!("{expected:?}"), || {
            let answer = ask(&config, &["links"])?;
            let states = states(&answer);
            expected.iter().all(|(link, state)| states.get(link) == Some(state)).then_some(answer)
        })
    };
    let answer = becomes(&[
        ("portal", "up"),
        ("login", "up"),
        ("stranger", "up"),
        ("port", "up"),
        ("closed", "down"),
        ("names", "up"),
        ("nobody", "down"),
        ("unfindable", "blind"),
    ]);
    assert_eq!(text(link(&answer, "unfindable"), "blind"), "resolver", "{answer}");
    let portal = link(&answer, "portal");
    assert_eq!(text(portal, "target"), "https://portal.example.vn:8443/login");
    assert_eq!((portal["sent"].as_u64(), portal["lost"].as_u64()), (Some(5), Some(0)), "{portal}");
    assert!(portal["rtt_median_ms"].as_f64().is_some_and(|delay| delay > 0.0), "{portal}");

    let certificate = Seen::Certificate { not_after: ends, trusted: true };
    assert!(seen(&province).contains(&certificate) && seen(&province).contains(&Seen::HttpStatus(200)));
    let notices = |kind: &str| -> Vec<String> {
        let answer = ask(&config, &["status"]).expect("an answer");
        let notices = answer["notices"].as_array().cloned().unwrap_or_default();
        notices.iter().filter(|n| text(n, "notice") == kind).map(|n| text(n, "link").to_owned()).collect()
    };
    assert_eq!(notices("certificate-ends"), ["portal", "login", "stranger"]);
    for (language, words) in
        [("vi", "chứng thư số của portal chỉ có hạn đến"), ("en", "the certificate of portal is valid until")]
    {
        let screen = phusong(&config, &["status", "--lang", language]).stdout;
        assert!(String::from_utf8_lossy(&screen).contains(words), "{}", String::from_utf8_lossy(&screen));
    }

    fs::write(folder.join("broken"), "").expect("write");
    becomes(&[("portal", "down"), ("port", "up"), ("login", "up")]);
    assert!(seen(&province).contains(&Seen::HttpStatus(503)), "{:?}", seen(&province));
    assert!(pings_but_serves_nobody(&province));
    let gaps = ask(&config, &["gaps"]).expect("an answer");
    assert!(gaps.to_string().contains("portal"), "{gaps}");

    fs::remove_file(folder.join("broken")).expect("remove");
    becomes(&[("portal", "up")]);
    let outages: Vec<_> = evidence(&province).outages.into_iter().filter(|o| o.link.as_str() == "portal").collect();
    assert!(outages.len() == 1 && outages[0].end.is_some(), "one outage, which has ended: {outages:?}");
    daemon.stop();
}

#[test]
fn a_round_that_does_not_fit_and_a_file_without_certificates_are_faults() {
    for (sections, fault) in [
        ("[icmp]\nperiod = \"5s\"\n", "a tick with its round of services takes"),
        ("[service]\nca_file = \"missing.pem\"\n", "missing.pem"),
    ] {
        let province =
            Province::write(sections, &[("communes.csv", "code,name,kind\n02221,Nà Hang,xã\n"), ("links.csv", LINKS)]);
        let output = Command::new(env!("CARGO_BIN_EXE_phusongd"))
            .args(["--lang", "en", "check", "--config"])
            .arg(province.config())
            .output()
            .expect("run");
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{words}");
        assert!(words.contains(fault) && words.contains("hint:"), "{words}");
    }
}
