//! `phusong influx` against the real thing: what is missing there is found, and what was refused is sent again.

use std::{fmt::Write as _, path::Path};

use phusong_store::Reader;
use serde_json::Value;

use crate::{
    daemon::{EACH_SECOND, province_with},
    server::{BUCKET, Influx, wait_until},
    sink::SINK,
    support::{Daemon, Province, items, phusong, text},
};

fn province(influx: &Influx) -> Province {
    let mut sections = EACH_SECOND.to_owned();
    writeln!(
        sections,
        "[influx]\nurl = \"http://{}\"\norg = \"o\"\nbucket = \"{BUCKET}\"\ntoken_file = \"token\"",
        influx.address
    )
    .expect("text");
    province_with(&sections, 5)
}

fn cursor(province: &Province) -> i64 {
    Reader::open(&province.data()).and_then(|reader| reader.sink_cursor(SINK)).unwrap_or(0)
}

/// Runs `phusong influx … --json`; the document and the exit code.
fn influx(config: &Path, arguments: &[&str]) -> (Value, Option<i32>) {
    let output = phusong(config, &[&["influx"], arguments, &["--json"]].concat());
    let document = serde_json::from_slice(&output.stdout);
    let document = document.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (document, output.status.code())
}

fn number(document: &Value, field: &str) -> u64 {
    document["replicas"][0][field].as_u64().unwrap_or_else(|| panic!("{field} in {document}"))
}

fn is_root() -> bool {
    let root = nix::unistd::geteuid().is_root();
    if !root {
        println!("skipped: probing needs root here");
    }
    root
}

#[test]
fn what_influxdb_lacks_or_has_too_much_is_found_by_series_and_hour() {
    let Some(mut server) = Influx::start().filter(|_| is_root()) else { return };
    let province = province(&server);
    let daemon = Daemon::with_config(&province.config());
    wait_until("ticks are delivered", || cursor(&province) >= 5);

    let (same, code) = influx(&province.config(), &["verify"]);
    assert_eq!((code, number(&same, "differing")), (Some(0), 0), "{same}");
    assert!(number(&same, "stored") >= 25 && number(&same, "stored") == number(&same, "found"), "{same}");

    server.order("DELETE FROM link_probe WHERE link = 'fibre-3'");
    let now = jiff::Timestamp::now().as_nanosecond() - 2_000_000_000;
    server.write_directly(&format!("link_probe,vantage=province,link=stranger,probe=icmp sent=1i {now}"));
    let last = cursor(&province);
    wait_until("the cursor has passed both", || cursor(&province) >= last + 2);
    let (different, code) = influx(&province.config(), &["verify", SINK]);
    assert_eq!(code, Some(1), "{different}");
    let differences = different["replicas"][0]["differences"].as_array().expect("differences");
    let of = |link: &str| differences.iter().find(|difference| text(difference, "link") == link);
    let missing = of("fibre-3").unwrap_or_else(|| panic!("{different}"));
    assert!(missing["stored"].as_u64() >= missing["found"].as_u64().map(|found| found + 5), "{different}");
    let stranger = of("stranger").unwrap_or_else(|| panic!("{different}"));
    assert_eq!((stranger["stored"].as_u64(), stranger["found"].as_u64()), (Some(0), Some(1)));
    assert!(of("fibre-1").is_none(), "{different}");
    let shown = phusong(&province.config(), &["influx", "verify", "--lang", "vi"]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("fibre-3") && shown.contains("thiếu: ") && shown.contains("thừa: 1"), "{shown}");

    // What came before the window is not asked about.
    let (_, code) = influx(&province.config(), &["verify", "--since", "2h", "--until", "1h"]);
    assert_eq!(code, Some(0));
    let (unknown, code) = influx(&province.config(), &["verify", "nowhere"]);
    assert_eq!((code, text(&unknown, "error")), (Some(2), "unknown-replica"), "{unknown}");
    server.kill();
    let (away, code) = influx(&province.config(), &["verify"]);
    assert_eq!(code, Some(3), "{away}");
    assert!(away["replicas"][0]["fault"].as_str().is_some_and(|fault| fault.contains("502")), "{away}");
    daemon.stop();
}

#[test]
fn refused_lines_are_listed_kept_and_sent_again_once_the_reason_is_mended() {
    let Some(server) = Influx::start().filter(|_| is_root()) else { return };
    let now = jiff::Timestamp::now().as_nanosecond();
    server.write_directly(&format!("phusong_self,vantage=province probe_lag_ms=\"word\" {now}"));
    let province = province(&server);
    let config = province.config();
    let daemon = Daemon::with_config(&config);
    wait_until("lines are refused", || {
        Reader::open(&province.data()).and_then(|r| r.backlog(SINK)).is_ok_and(|backlog| backlog.rejected_lines >= 3)
    });
    let (status, code) = influx(&config, &[]);
    assert_eq!(code, Some(0), "{status}");
    assert!(number(&status, "rejected_lines") >= 3 && number(&status, "sent_lines") > 0, "{status}");
    assert_eq!(influx(&config, &["status", "--check"]).1, Some(1));

    // Nothing is mended: they stay.
    let (refused, code) = influx(&config, &["retry"]);
    assert_eq!((code, number(&refused, "taken")), (Some(1), 0), "{refused}");
    assert!(number(&refused, "refused") >= 3, "{refused}");

    // Somebody gives them up: what comes is refused again, and kept again.
    let (given_up, code) = influx(&config, &["retry", "--discard"]);
    assert_eq!((code, number(&given_up, "taken")), (Some(0), 0), "{given_up}");
    let discarded = number(&given_up, "discarded");
    assert!(discarded >= 3, "{given_up}");
    assert_eq!(number(&influx(&config, &["status"]).0, "given_up_lines"), discarded, "it is not forgotten");
    wait_until("lines are refused", || {
        Reader::open(&province.data()).and_then(|r| r.backlog(SINK)).is_ok_and(|backlog| backlog.rejected_lines >= 3)
    });

    // The table is read without a daemon too; what only the daemon can do says so.
    daemon.kill();
    let (listed, code) = influx(&config, &["rejected"]);
    assert_eq!(code, Some(0));
    assert!(items(&listed).len() >= 3, "{listed}");
    for item in items(&listed) {
        assert!(text(item, "line").starts_with("phusong_self,vantage=province "), "{item}");
        assert!(item["status"] == 400 && text(item, "message").contains("field type conflict"), "{item}");
    }
    let shown = phusong(&config, &["influx", "rejected"]);
    assert!(String::from_utf8_lossy(&shown.stdout).contains("field type conflict"));
    assert_eq!(phusong(&config, &["influx", "retry"]).status.code(), Some(4));

    server.order("DROP MEASUREMENT phusong_self");
    let daemon = Daemon::with_config(&config);
    wait_until("the daemon answers", || phusong(&config, &["influx", "retry"]).status.code() == Some(0));
    let (listed, _) = influx(&config, &["rejected"]);
    assert_eq!(items(&listed), [] as [Value; 0], "{listed}");
    let last = cursor(&province);
    wait_until("the next tick is delivered", || cursor(&province) > last);
    daemon.stop();
    let reached = cursor(&province);
    let accounts = server.query("SELECT count(probe_lag_ms) AS n FROM phusong_self");
    let found = accounts[0].column("n")[0].as_i64().expect("a count") + i64::try_from(discarded).expect("few");
    // The tick under way at the stop may be there before the cursor says so.
    assert!(found == reached || found == reached + 1, "{found} of {reached}");
}
