//! Three days without InfluxDB, on a clock that runs as fast as it can.

use std::{
    io::ErrorKind,
    net::TcpListener,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use crate::{
    fill::Filled,
    sink::{RunningSink, settings},
    standin::StandIn,
};

const LINKS: usize = 124;

/// Ticks of the outage, and the time between them.
const TICKS: u32 = 432;
const PERIOD: Duration = Duration::from_secs(600);

/// What is waited at most, and at least once waiting has grown to it.
const PAUSES: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(45));

/// Takes connections and cuts them, until it is told to stop; how many there were, and the port.
fn cut_all(listener: TcpListener, stop: &mpsc::Receiver<()>) -> (usize, TcpListener) {
    listener.set_nonblocking(true).expect("an option of every socket");
    let mut cut = 0;
    loop {
        match listener.accept() {
            Ok(_) => cut += 1,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                if stop.try_recv().is_ok() {
                    listener.set_nonblocking(false).expect("an option of every socket");
                    return (cut, listener);
                }
                thread::sleep(Duration::from_micros(200));
            }
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn three_days_without_influxdb_cost_few_requests_and_no_sample() {
    let folder = tempfile::tempdir().expect("folder");
    let filled = Filled::new(&folder.path().join("store"), LINKS);
    let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
    let settings = settings(format!("http://{}", listener.local_addr().expect("address")), folder.path());
    let (report, reported) = mpsc::channel();
    let begun = Instant::now();
    let given = (filled, 0, Box::new(|_: &_| Ok(())) as crate::sink::Watch);
    let sink = RunningSink::start_driven(settings, folder.path().join("store"), given, move |sink, ticker| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        runtime.expect("runtime").block_on(async {
            let (stop, stopping) = mpsc::channel();
            let cutting = thread::spawn(move || cut_all(listener, &stopping));
            let running = tokio::spawn(sink.run());
            let start = tokio::time::Instant::now();
            for _ in 0..TICKS {
                tokio::time::sleep(PERIOD).await;
                ticker.tick();
            }
            let outage = start.elapsed();
            stop.send(()).expect("it listens");
            let (requests, listener) = cutting.join().expect("no panic");
            let stand_in = StandIn::on(listener, []);
            // The wait under way ends, and from here on time is that of the wall.
            tokio::time::advance(PAUSES.0).await;
            tokio::time::resume();
            report.send((outage, requests, stand_in)).expect("the test waits");
            running.await.expect("no panic");
        });
    });
    let (outage, requests, stand_in) = reported.recv().expect("the outage ends");
    sink.wait_for_cursor(i64::from(TICKS));
    let (expected, mut points) = (sink.filled().expected(), stand_in.points());
    points.retain(|series, _| series.starts_with("link_probe,"));
    assert_eq!(points, expected);
    assert_eq!(sink.rejected(), []);
    println!(
        "{} h in {:?}: {requests} requests, {} samples, lost 0, differing 0",
        outage.as_secs() / 3600,
        begun.elapsed(),
        expected.len()
    );
    assert!(outage >= PERIOD * TICKS);
    // At the least after the first ones, which come sooner.
    let most = outage.as_secs() / PAUSES.1.as_secs() + 10;
    assert!((1_000..=most).contains(&(requests as u64)), "{requests} requests");
    sink.stop();
}
