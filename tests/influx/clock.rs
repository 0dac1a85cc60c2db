//! The clock of the machine is set forth and back under a running daemon: no outage comes of it, no sample is lost or written
//! over another, in the store or in InfluxDB.

use std::{collections::BTreeMap, fs, path::Path};

use phusong_model::{LinkState, Millis, Outcome, UtcMs, Window};
use phusong_store::Reader;

use crate::{
    daemon::{EACH_SECOND, all_ticks, expected, province_with},
    server::{BUCKET, wait_until},
    sink::SINK,
    standin::StandIn,
    support::{Daemon, ask, phusong, text},
};

/// Of Debian's package `faketime`: the wall clock that programs see, with an offset from a file; the monotonic clock and the
/// kernel's time stamps are the machine's own.
const LIBRARY: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

const LINKS: usize = 3;

/// Days of a clock that was wrong after a start, hours of one that is corrected, and the seconds of everyday.
const STEPS: [&str; 6] = ["+7200", "+0", "+2.5", "-86400", "+0", "-0.7"];

#[test]
fn a_clock_that_is_set_makes_no_outage_and_loses_no_sample() {
    if !nix::unistd::geteuid().is_root() || !Path::new(LIBRARY).exists() {
        println!("skipped: needs root and Debian's faketime");
        return;
    }
    let stand_in = StandIn::start([]);
    let sections = format!(
        "{EACH_SECOND}[influx]\nurl = \"http://{}\"\norg = \"tuyen-quang\"\nbucket = \"{BUCKET}\"\ntoken_file = \"token\"\n",
        stand_in.address
    );
    let province = province_with(&sections, LINKS);
    let clock = province.config().with_file_name("clock");
    let set = |to: &str| {
        // Replaced whole: the daemon reads it whenever it looks at the clock.
        let new = clock.with_extension("new");
        fs::write(&new, format!("{to}\n")).and_then(|()| fs::rename(&new, &clock)).expect("the clock");
    };
    set("+0");
    let log = province.config().with_file_name("phusongd.log");
    let daemon = Daemon::start(
        &log,
        &["--config", &province.config().to_string_lossy()],
        &[
            ("LD_PRELOAD", LIBRARY),
            ("FAKETIME_TIMESTAMP_FILE", &clock.to_string_lossy()),
            ("FAKETIME_NO_CACHE", "1"),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ],
    );
    let reader = wait_for_store(&province.data());
    for step in STEPS {
        let before = newest(&reader);
        set(step);
        wait_until(&format!("ticks go on after {step}"), || newest(&reader) >= before + 4);
        let status = ask(&province.config(), &["status"]).expect("an answer");
        assert_eq!(text(&status, "source"), "daemon", "{status}");
    }
    wait_until("all is delivered", || reader.backlog(SINK).is_ok_and(|backlog| backlog.queued_ticks <= 1));
    daemon.stop();

    let ticks = all_ticks(&reader);
    assert!(ticks.windows(2).all(|pair| pair[0].tick.at < pair[1].tick.at), "labels grow");
    let mut measured = 0;
    for sample in ticks.iter().flat_map(|tick| &tick.samples) {
        // A round that a busy machine starts late is blind.
        let Outcome::Measured(echoes) = &sample.outcome else { continue };
        measured += 1;
        assert!(echoes.rtt.as_ref().is_some_and(|rtt| rtt.max.0 < 200_000), "{sample:?}");
    }
    assert!(measured * 2 > LINKS * ticks.len(), "{measured} samples of {} ticks", ticks.len());
    let asked = Window::new(UtcMs::MIN, ticks.last().expect("ticks").tick.at.plus(Millis(1)));
    let evidence = reader.evidence(asked.to, asked).expect("evidence");
    assert_eq!(evidence.outages, []);
    let seen: BTreeMap<LinkState, usize> = evidence.spans.iter().fold(BTreeMap::new(), |mut seen, span| {
        *seen.entry(span.state).or_default() += 1;
        seen
    });
    assert!(seen.keys().all(|state| matches!(state, LinkState::Up | LinkState::Blind)), "{seen:?}");
    assert_eq!(phusong(&province.config(), &["store", "check"]).status.code(), Some(0), "no hole, no overlap");

    let cursor = reader.sink_cursor(SINK).expect("cursor");
    let mut found = stand_in.points();
    found.retain(|series, _| series.starts_with("link_probe,"));
    for (series, fields) in &expected(ticks.iter().filter(|tick| tick.seq <= cursor)) {
        assert_eq!(found.get(series), Some(fields), "{series}");
    }
    // The tick under way at the stop may be there before the cursor says so; nothing else may.
    let committed = expected(&ticks);
    assert!(found.iter().all(|(series, fields)| committed.get(series) == Some(fields)));
}

fn wait_for_store(data: &Path) -> Reader {
    wait_until("the first ticks are there", || Reader::open(data).is_ok_and(|reader| newest(&reader) >= 3));
    Reader::open(data).expect("store")
}

fn newest(reader: &Reader) -> i64 {
    let cursor = reader.sink_cursor(SINK).expect("cursor");
    cursor + i64::try_from(reader.backlog(SINK).expect("backlog").queued_ticks).expect("a count")
}
