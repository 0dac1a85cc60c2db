//! The whole way: `phusongd` probes, InfluxDB is away for a while, and nothing is missing afterwards.

use std::{collections::BTreeMap, fmt::Write as _, thread, time::Duration};

use phusong_model::Outcome;
use phusong_store::{Reader, StoredTick};

use crate::{
    fill::point,
    real::samples_in,
    server::{BUCKET, Influx, wait_at_most, wait_until},
    sink::SINK,
    standin::{Answer, StandIn},
    support::{Daemon, Province, ask, phusong},
};

const LINKS: usize = 124;

/// How links are probed here: each second.
pub const EACH_SECOND: &str =
    "[icmp]\nperiod = \"1s\"\nspacing = \"20ms\"\ntimeout = \"200ms\"\nreprobe_spacing = \"20ms\"\n\n";

/// How long InfluxDB is away: a minute where `PHUSONG_LONG` asks for it.
fn outage() -> Duration {
    Duration::from_secs(if std::env::var_os("PHUSONG_LONG").is_some() { 60 } else { 12 })
}

fn province(influx: &Influx) -> Province {
    let sections = format!(
        "{EACH_SECOND}[influx]\nurl = \"http://{}\"\norg = \"tuyen-quang\"\nbucket = \"{BUCKET}\"\ntoken_file = \"token\"\n",
        influx.address
    );
    province_with(&sections, LINKS)
}

pub fn province_with(sections: &str, count: usize) -> Province {
    let mut links = "id,kind,commune,address\n".to_owned();
    for link in 1..=count {
        writeln!(links, "fibre-{link},fibre,02221,127.66.1.{link}").expect("text");
    }
    let communes = "code,name,kind\n02221,Nà Hang,xã\n";
    let province = Province::write(sections, &[("communes.csv", communes), ("links.csv", &links)]);
    province.secret("token", "a-token");
    province
}

pub fn all_ticks(reader: &Reader) -> Vec<StoredTick> {
    let mut ticks: Vec<StoredTick> = Vec::new();
    loop {
        let newest = ticks.last().map_or(0, |tick| tick.seq);
        let more = reader.ticks_after(newest, 1000).expect("ticks");
        if more.is_empty() {
            return ticks;
        }
        ticks.extend(more);
    }
}

/// What InfluxDB must have of some ticks.
pub fn expected<'a>(ticks: impl IntoIterator<Item = &'a StoredTick>) -> BTreeMap<String, String> {
    let mut points = BTreeMap::new();
    for tick in ticks {
        for sample in &tick.samples {
            if let Outcome::Measured(echoes) = &sample.outcome {
                let tags = format!("vantage=province,commune=02221,link={},kind=fibre", sample.link);
                let (series, fields) = point(&tags, echoes, tick.tick.at);
                assert_eq!(points.insert(series, fields), None, "a sample is one row per link, probe and tick");
            }
        }
    }
    points
}

fn newest(reader: &Reader) -> i64 {
    let cursor = reader.sink_cursor(SINK).expect("cursor");
    cursor + i64::try_from(reader.backlog(SINK).expect("backlog").queued_ticks).expect("a count")
}

#[test]
fn probing_goes_on_while_influxdb_is_away_and_every_sample_arrives_once() {
    if !nix::unistd::geteuid().is_root() {
        println!("skipped: probing needs root here");
        return;
    }
    let Some(mut influx) = Influx::start() else { return };
    let province = province(&influx);
    let daemon = Daemon::with_config(&province.config());
    wait_until("the first ticks are delivered", || {
        Reader::open(&province.data()).and_then(|reader| reader.sink_cursor(SINK)).is_ok_and(|cursor| cursor >= 3)
    });
    let reader = Reader::open(&province.data()).expect("store");

    influx.kill();
    let before = newest(&reader);
    wait_until("the fault is shown", || {
        ask(&province.config(), &["status"]).is_some_and(|answer| answer.to_string().contains("not ready (502"))
    });
    thread::sleep(outage());
    let probed = newest(&reader) - before;
    assert!(probed >= i64::try_from(outage().as_secs()).expect("seconds") - 2, "probing goes on: {probed} ticks");

    influx.resume();
    // The wait between two tries grows to a minute.
    wait_at_most(Duration::from_secs(100), "the queue is drained", &mut || {
        reader.backlog(SINK).is_ok_and(|backlog| backlog.queued_ticks <= 1)
    });
    daemon.stop();

    let (ticks, cursor) = (all_ticks(&reader), reader.sink_cursor(SINK).expect("cursor"));
    let found = samples_in(&influx);
    let delivered = expected(ticks.iter().filter(|tick| tick.seq <= cursor));
    assert!(delivered.len() > LINKS * usize::try_from(outage().as_secs()).expect("seconds"));
    for (series, fields) in &delivered {
        assert_eq!(found.get(series), Some(fields), "{series}");
    }
    // The tick under way at the stop may be there before the cursor says so; nothing else may.
    let committed = expected(&ticks);
    assert!(found.iter().all(|(series, fields)| committed.get(series) == Some(fields)));
    assert_eq!(reader.backlog(SINK).expect("backlog").rejected_lines, 0);
    println!("{} samples of {} ticks compared, {probed} ticks during the outage", delivered.len(), ticks.len());
}

/// Whether a stand-in has exactly these points of samples.
pub fn has(stand_in: &StandIn, samples: &BTreeMap<String, String>) -> bool {
    let mut points = stand_in.points();
    points.retain(|series, _| series.starts_with("link_probe,"));
    points == *samples
}

#[test]
fn a_ministry_that_hangs_does_not_hold_up_the_province() {
    if !nix::unistd::geteuid().is_root() {
        println!("skipped: probing needs root here");
        return;
    }
    let (near, far) = (StandIn::start([]), StandIn::start([]));
    far.always(Some(Answer::Hang));
    let mut sections = EACH_SECOND.to_owned();
    for (name, stand_in) in [("province", &near), ("ministry", &far)] {
        write!(
            sections,
            "[[influx]]\nname = \"{name}\"\nurl = \"http://{}\"\norg = \"o\"\nbucket = \"b\"\ntoken_file = \"token\"\ntimeout = \"500ms\"\n",
            stand_in.address
        )
        .expect("text");
    }
    let province = province_with(&sections, 5);
    let daemon = Daemon::with_config(&province.config());
    let cursor = |name: &str| Reader::open(&province.data()).and_then(|reader| reader.sink_cursor(name)).unwrap_or(0);
    let mut last = 0;
    for _ in 0..6 {
        wait_at_most(Duration::from_secs(4), "the province gets each tick at once", &mut || cursor("province") > last);
        last = cursor("province");
    }
    assert_eq!(cursor("ministry"), 0);
    wait_until("the account of each is shown", || {
        let answer = ask(&province.config(), &["status"]).unwrap_or_default();
        let (accounts, told) = (&answer["health"]["influx"], answer["notices"].to_string());
        accounts[0]["name"] == "province"
            && accounts[0]["fault"].is_null()
            && accounts[1]["name"] == "ministry"
            && accounts[1]["queued_ticks"].as_i64() >= Some(5)
            && told.contains("\"replica\":\"ministry\"")
            && !told.contains("\"replica\":\"province\"")
    });
    let shown = phusong(&province.config(), &["status", "--lang", "vi"]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("InfluxDB ministry không nhận dữ liệu"), "{shown}");
    assert!(shown.contains("InfluxDB province: đang chờ"), "{shown}");

    far.always(None);
    wait_at_most(Duration::from_secs(70), "the ministry has caught up", &mut || cursor("ministry") + 1 >= last.max(8));
    daemon.stop();
    let reader = Reader::open(&province.data()).expect("store");
    let ticks = all_ticks(&reader);
    for (name, stand_in) in [("province", &near), ("ministry", &far)] {
        let reached = reader.sink_cursor(name).expect("cursor");
        assert!(reached >= last, "{name}");
        let upto = expected(ticks.iter().filter(|tick| tick.seq <= reached));
        // The tick under way at the stop may be there before the cursor says so.
        assert!(
            has(stand_in, &upto) || has(stand_in, &expected(ticks.iter().filter(|t| t.seq <= reached + 1))),
            "{name}"
        );
    }
}
