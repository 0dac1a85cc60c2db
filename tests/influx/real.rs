//! The same against the real thing.

use std::collections::BTreeMap;

use phusong_daemon::influx::SinkOrder;

use crate::{
    fill::Filled,
    server::{Influx, wait_until},
    sink::{RunningSink, settings},
};

const LINKS: usize = 124;

/// Series, time and figures of all samples, as InfluxDB has them; rows of several series of one link would add up.
pub fn samples_in(influx: &Influx) -> BTreeMap<String, String> {
    let mut points = BTreeMap::new();
    let statement = "SELECT sent, lost, rtt_min, rtt_median, rtt_p95, rtt_max, jitter, up FROM link_probe \
                     GROUP BY vantage, commune, link, kind, probe";
    for series in influx.query(statement) {
        let tags =
            ["vantage", "commune", "link", "kind", "probe"].map(|key| format!("{key}={}", series.tag(key))).join(",");
        let times = series.column("time");
        for (row, time) in times.iter().enumerate() {
            let integer = |name: &str| series.column(name)[row].as_i64().expect("an integer");
            let (sent, lost, up) = (integer("sent"), integer("lost"), series.column("up")[row]);
            let measure = |name: &str| series.column(name)[row].as_f64();
            let fields = match measure("rtt_min") {
                None => format!("lost={lost}i,sent={sent}i,up={up}"),
                Some(min) => {
                    let of = |name: &str| measure(name).expect("a float");
                    let (jitter, max, median, p95) = (of("jitter"), of("rtt_max"), of("rtt_median"), of("rtt_p95"));
                    format!(
                        "jitter={jitter:?},lost={lost}i,rtt_max={max:?},rtt_median={median:?},rtt_min={min:?},\
                         rtt_p95={p95:?},sent={sent}i,up={up}"
                    )
                }
            };
            let twice = points.insert(format!("link_probe,{tags} {time}"), fields);
            assert_eq!(twice, None, "twice: {tags} {time}");
        }
    }
    points
}

fn start(influx: &Influx, folder: &std::path::Path, ticks: usize) -> (RunningSink, i64) {
    let mut filled = Filled::new(&folder.join("store"), LINKS);
    let newest = (0..ticks).map(|_| filled.tick()).fold(0, i64::max);
    let settings = settings(format!("http://{}", influx.address), folder);
    (RunningSink::start(settings, folder.join("store"), filled, newest, Box::new(|_| Ok(()))), newest)
}

fn compare(influx: &Influx, sink: &RunningSink) {
    let (expected, found) = (sink.filled().expected(), samples_in(influx));
    assert_eq!(found.len(), expected.len());
    for (series, fields) in &expected {
        assert_eq!(found.get(series), Some(fields), "{series}");
    }
    assert_eq!(sink.rejected(), []);
}

fn sum_of(influx: &Influx, what: &str, measurement: &str) -> i64 {
    let series = influx.query(&format!("SELECT {what} AS n FROM {measurement}"));
    series.first().and_then(|series| series.column("n")[0].as_i64()).unwrap_or(0)
}

#[test]
fn every_sample_is_there_once_though_the_server_was_killed_in_between() {
    let Some(mut influx) = Influx::start() else { return };
    let folder = tempfile::tempdir().expect("folder");
    let (sink, newest) = start(&influx, folder.path(), 20);
    sink.wait_for_cursor(newest);
    influx.kill();
    let newest = (0..100).map(|_| sink.tick()).fold(0, i64::max);
    wait_until("the fault is shown", || sink.fault().contains("not ready (502"));
    wait_until("the queue is shown", || sink.health().is_some_and(|health| health.queued_ticks == 100));
    influx.resume();
    sink.wait_for_cursor(newest);
    compare(&influx, &sink);
    let Filled { ticks, readings, .. } = sink.stop();
    assert_eq!(sum_of(&influx, "count(oper)", "if_stat"), i64::try_from(readings).expect("few"));
    assert_eq!(sum_of(&influx, "count(probe_lag_ms)", "phusong_self"), i64::try_from(ticks).expect("few"));
}

#[test]
fn a_server_killed_while_the_backlog_drains() {
    let Some(mut influx) = Influx::start() else { return };
    let folder = tempfile::tempdir().expect("folder");
    let (sink, newest) = start(&influx, folder.path(), 600);
    // Two of some twenty requests are through: the others meet a dead server.
    wait_until("it drains", || sink.health().is_some_and(|health| health.sent_lines > 5000));
    influx.kill();
    let reached = sink.cursor();
    assert!(reached < newest, "killed too late to show anything");
    wait_until("the fault is shown", || !sink.fault().is_empty());
    influx.resume();
    sink.wait_for_cursor(newest);
    compare(&influx, &sink);
    sink.stop();
}

#[test]
fn the_servers_own_refusals_are_understood() {
    let Some(influx) = Influx::start() else { return };
    let folder = tempfile::tempdir().expect("folder");
    // A field of the wrong type, written by someone else before us: the server will refuse ours for good.
    influx.write_directly("phusong_self,vantage=test probe_lag_ms=\"word\" 1795420810000000000");
    let (sink, newest) = start(&influx, folder.path(), 3);
    sink.wait_for_cursor(newest);
    compare_but(&influx, &sink);
    sink.stop();

    let mut elsewhere = settings(format!("http://{}", influx.address), folder.path());
    elsewhere.bucket = "no-such-bucket".to_owned();
    let filled = Filled::new(&folder.path().join("second"), LINKS);
    let sink = RunningSink::start(elsewhere, folder.path().join("second"), filled, 0, Box::new(|_| Ok(())));
    sink.tick();
    wait_until("the missing bucket is named", || sink.fault().contains("database not found: \"no-such-bucket\""));
    assert_eq!(sink.cursor(), 0);
    sink.stop();
}

/// Everything but the health of the daemon itself is there, and exactly that is rejected.
fn compare_but(influx: &Influx, sink: &RunningSink) {
    let (expected, found) = (sink.filled().expected(), samples_in(influx));
    assert_eq!(found, expected);
    let rejected = sink.rejected();
    assert!(!rejected.is_empty());
    for (line, status, message) in &rejected {
        assert!(line.starts_with("phusong_self,vantage=test probe_lag_ms="), "{line}");
        assert_eq!(*status, 400);
        assert!(message.contains("field type conflict"), "{message}");
    }
    assert!(sink.orders().iter().any(|order| matches!(order, SinkOrder::Advance { seq: 3, .. })));
}
