//! Every failure that the design names, against the stand-in.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::{Arc, atomic},
    time::Duration,
};

use phusong_daemon::influx::SinkOrder;

use crate::{
    fill::{Filled, expected},
    server::wait_until,
    sink::{RunningSink, Watch, settings},
    standin::{Answer, StandIn},
};

const LINKS: usize = 124;

/// Refuses nothing, but fails the test when the cursor would pass a sample that the stand-in does not have.
fn cursor_watch(stand_in: &StandIn) -> Watch {
    let stand_in = stand_in.clone();
    let (mut passed, mut rejected) = (0, BTreeSet::new());
    Box::new(move |order| {
        match order {
            SinkOrder::Advance { seq, .. } => {
                let points = stand_in.points();
                let upto = usize::try_from(*seq).expect("a count");
                for (series, _) in (passed..upto).flat_map(|tick| expected(LINKS, tick)) {
                    if !points.contains_key(&series) && !rejected.contains(&series) {
                        // Seen by the sink as a store that refuses, and by the test as a cursor that never arrives.
                        return Err(format!("the cursor must not pass {series}"));
                    }
                }
                passed = upto;
            }
            SinkOrder::Forget(..) | SinkOrder::Damaged(_) => {}
            SinkOrder::Reject(lines) => rejected.extend(lines.iter().map(|refused| {
                let mut parts = refused.line.split(' ');
                format!("{} {}", parts.next().unwrap_or(""), parts.next_back().unwrap_or(""))
            })),
        }
        Ok(())
    })
}

fn start(stand_in: &StandIn, folder: &Path, ticks: usize) -> (RunningSink, i64) {
    start_watched(stand_in, folder, ticks, cursor_watch(stand_in))
}

fn start_watched(stand_in: &StandIn, folder: &Path, ticks: usize, watch: Watch) -> (RunningSink, i64) {
    let mut filled = Filled::new(&folder.join("store"), LINKS);
    let newest = (0..ticks).map(|_| filled.tick()).fold(0, i64::max);
    let settings = settings(format!("http://{}", stand_in.address), folder);
    (RunningSink::start(settings, folder.join("store"), filled, newest, watch), newest)
}

/// All samples are there, each once and with its figures; returns how many.
fn all_there(sink: &RunningSink, stand_in: &StandIn) -> usize {
    let expected = sink.filled().expected();
    let mut points = stand_in.points();
    points.retain(|series, _| series.starts_with("link_probe,"));
    assert_eq!(points.len(), expected.len());
    for (series, fields) in &expected {
        assert_eq!(points.get(series), Some(fields), "{series}");
    }
    expected.len()
}

/// The first request fails as told. The fault is shown, two seconds pass, and then everything is delivered.
fn overcomes(answer: Answer, shown: &str) {
    let folder = tempfile::tempdir().expect("folder");
    let stand_in = StandIn::start([answer]);
    let (sink, newest) = start(&stand_in, folder.path(), 30);
    wait_until(&format!("the fault {shown:?} is shown"), || sink.fault().contains(shown));
    assert_eq!(sink.cursor(), 0, "nothing has moved");
    assert!(sink.health().is_some_and(|health| health.queued_ticks == 30 && health.oldest.is_some()));
    sink.wait_for_cursor(newest);
    assert_eq!(all_there(&sink, &stand_in), sink.filled().expected().len());
    assert_eq!(sink.rejected(), []);
    wait_until("the fault is over", || sink.health().is_some_and(|h| h.fault.is_none() && h.queued_ticks == 0));
    let seen = stand_in.seen();
    let pause = seen[1].at.duration_since(seen[0].at);
    assert!(pause >= Duration::from_secs(2), "came again after {pause:?}");
    assert_eq!(seen[0].lines, seen[1].lines, "the same lines again");
    sink.stop();
}

#[test]
fn a_refused_token() {
    overcomes(Answer::Status(401, r#"{"code":"unauthorized","message":"unauthorized access"}"#), "token_file");
}

#[test]
fn a_token_without_the_right() {
    overcomes(Answer::Status(403, ""), "may not write to bucket \"phusong\"");
}

#[test]
fn a_missing_bucket() {
    overcomes(Answer::Status(404, r#"{"code":"not found","message":"bucket not found"}"#), "bucket not found");
}

#[test]
fn too_many_requests() {
    overcomes(Answer::Status(429, ""), "not ready (429");
}

#[test]
fn not_available() {
    overcomes(Answer::Status(503, "warming up"), "not ready (503: warming up)");
}

#[test]
fn an_answer_that_never_comes() {
    overcomes(Answer::Hang, "no answer within");
}

#[test]
fn a_cut_connection() {
    overcomes(Answer::Cut, "cannot be reached");
}

#[test]
fn stored_but_the_answer_was_lost() {
    overcomes(Answer::StoreAndCut, "cannot be reached");
}

#[test]
fn an_answer_of_200_is_not_delivery() {
    overcomes(Answer::StoreAndSay(200, "stored"), "answered 200 where InfluxDB answers 204");
}

#[test]
fn a_redirect_is_not_followed() {
    overcomes(Answer::Status(307, ""), "redirects to another address");
}

#[test]
fn too_large_is_halved_until_it_fits() {
    let folder = tempfile::tempdir().expect("folder");
    let stand_in = StandIn::start([Answer::LimitLines(100)]);
    let (sink, newest) = start(&stand_in, folder.path(), 30);
    sink.wait_for_cursor(newest);
    all_there(&sink, &stand_in);
    assert_eq!(sink.rejected(), []);
    assert!(stand_in.seen().iter().all(|seen| (seen.status == 204) == (seen.lines <= 100)));
    sink.stop();
}

#[test]
fn one_bad_line_goes_to_the_rejected_ones_and_takes_no_other_with_it() {
    let folder = tempfile::tempdir().expect("folder");
    let stand_in = StandIn::start([]);
    let (series, _) = expected(LINKS, 17).into_iter().nth(60).expect("a sample");
    let (tags, time) = series.split_once(' ').expect("time");
    stand_in.refuse_line(tags, time);
    let (sink, newest) = start(&stand_in, folder.path(), 30);
    sink.wait_for_cursor(newest);
    let rejected = sink.rejected();
    let [(line, 422, message)] = rejected.as_slice() else { panic!("{rejected:?}") };
    assert!(line.starts_with(tags) && line.ends_with(time), "{line}");
    assert!(message.starts_with("failure writing points to database"), "{message}");
    let (expected, points) = (sink.filled().expected(), stand_in.points());
    let missing: Vec<&String> = expected.keys().filter(|series| !points.contains_key(*series)).collect();
    assert_eq!(missing, [&series]);
    assert_eq!(sink.health().map(|health| health.rejected_lines), Some(1));
    sink.stop();
}

#[test]
fn a_store_that_refuses_holds_the_cursor_and_loses_nothing() {
    let folder = tempfile::tempdir().expect("folder");
    let stand_in = StandIn::start([]);
    let refusals = atomic::AtomicUsize::new(0);
    let watch: Watch = Box::new(move |_| match refusals.fetch_add(1, atomic::Ordering::SeqCst) {
        0 => Err("disk full".to_owned()),
        _ => Ok(()),
    });
    let (sink, newest) = start_watched(&stand_in, folder.path(), 5, watch);
    wait_until("the fault is shown", || sink.fault().contains("disk full"));
    assert_eq!(sink.cursor(), 0);
    sink.wait_for_cursor(newest);
    all_there(&sink, &stand_in);
    sink.stop();
}

#[test]
fn live_ticks_follow_at_once_and_a_restart_goes_on_where_it_was() {
    let folder = tempfile::tempdir().expect("folder");
    let stand_in = StandIn::start([]);
    let (sink, _) = start(&stand_in, folder.path(), 0);
    for _ in 0..5 {
        sink.wait_for_cursor(sink.tick());
    }
    let before = stand_in.seen().len();
    let filled = sink.stop();
    let settings = settings(format!("http://{}", stand_in.address), folder.path());
    let watch = cursor_watch(&stand_in);
    let sink = RunningSink::start(settings, folder.path().join("store"), filled, 5, watch);
    sink.wait_for_cursor(sink.tick());
    all_there(&sink, &stand_in);
    let seen = stand_in.seen();
    assert!(seen[before..].iter().all(|seen| seen.lines < 2 * (LINKS + LINKS / 2) + 5), "only what was new: {seen:?}");
    sink.stop();
}

#[test]
fn requests_are_as_documented() {
    let folder = tempfile::tempdir().expect("folder");
    let stand_in = StandIn::start([]);
    let (sink, newest) = start(&stand_in, folder.path(), 100);
    sink.wait_for_cursor(newest);
    let seen = stand_in.seen();
    assert!(seen.len() > 2 && seen.iter().all(|seen| seen.lines <= 5000), "{seen:?}");
    for request in &seen {
        let line = "POST /api/v2/write?bucket=phusong&org=tuyen-quang&precision=s HTTP/1.1";
        assert_eq!((request.line.as_str(), request.authorization.as_str()), (line, "Token a-token"));
    }
    let own = stand_in.points().into_iter().filter(|(series, _)| series.starts_with("phusong_self,vantage=test "));
    let (ticks, accounts): (Vec<_>, Vec<_>) = own.partition(|(_, fields)| !fields.contains("queue="));
    assert_eq!(ticks.len() + accounts.len(), 100, "one account of itself a tick");
    assert!(accounts.iter().any(|(_, fields)| fields.contains("queue=100i") && fields.contains("blind_share=")));
    sink.stop();
}

/// The sink may be the only one who reads what is old: what it meets there, the writer is to know.
#[test]
fn a_damaged_page_is_reported_to_the_writer() {
    let folder = tempfile::tempdir().expect("folder");
    let stand_in = StandIn::start([]);
    let data = folder.path().join("store");
    let mut filled = Filled::new(&data, LINKS);
    let newest = (0..30).map(|_| filled.tick()).fold(0, i64::max);
    // Closed, so that all of it is in the one file.
    let other = Filled::new(&folder.path().join("other"), LINKS);
    drop(std::mem::replace(&mut filled.store, other.store));
    let database = data.join("phusong.db");
    let sound = std::fs::read(&database).expect("the store");
    let mut damaged = sound.clone();
    damaged[4 * 4096..].fill(0xa5);
    std::fs::write(&database, &damaged).expect("rubbish");

    let reported = Arc::new(atomic::AtomicUsize::new(0));
    let seen = reported.clone();
    let watch: Watch = Box::new(move |order| {
        if let SinkOrder::Damaged(reason) = order {
            assert!(reason.contains("malformed"), "{reason}");
            seen.fetch_add(1, atomic::Ordering::SeqCst);
        }
        Ok(())
    });
    let settings = settings(format!("http://{}", stand_in.address), folder.path());
    let sink = RunningSink::start(settings, data, filled, newest, watch);
    wait_until("the damage is reported", || reported.load(atomic::Ordering::SeqCst) > 0);
    wait_until("the fault is shown", || sink.fault().contains("the store cannot be read"));
    // As if the writer had mended it.
    std::fs::write(&database, &sound).expect("the store");
    let probes = || stand_in.points().keys().filter(|series| series.starts_with("link_probe,")).count();
    wait_until("all is delivered", || probes() == sink.filled().expected().len());
    assert_eq!(sink.fault(), "");
    sink.stop();
}
