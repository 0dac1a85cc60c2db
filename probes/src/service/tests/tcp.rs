//! Connections, and whose fault it is when there is none.

use std::fs;

use super::*;

#[tokio::test]
async fn a_listener_answers_over_both_families_although_it_accepts_nobody() {
    for any in ["127.0.0.1:0", "[::1]:0"] {
        let slow_to_accept = TcpListener::bind(any).await.expect("a port");
        let url = format!("tcp://{}", slow_to_accept.local_addr().expect("bound"));
        let report = look(&prober(), &url, &PATIENT).await;
        assert!(answered(&report), "{url}: {report:?}");
    }
}

#[tokio::test]
async fn a_refusal_is_a_loss_long_before_the_deadline() {
    let begun = Instant::now();
    let report = look(&prober(), &format!("tcp://{}", closed_port().await), &PATIENT).await;
    assert!(lost(&report), "{report:?}");
    assert!(begun.elapsed() < PATIENT.timeout, "{:?}", begun.elapsed());
}

#[test]
fn attempts_leave_no_connection_behind() {
    in_namespace(|| async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("tcp://{}", listener.local_addr().expect("bound"));
        assert!(answered(&look(&prober(), &url, &PATIENT).await));
        let table = fs::read_to_string("/proc/thread-self/net/tcp").expect("the connections");
        // st is the fourth field; 0A is LISTEN, 06 is TIME_WAIT.
        let states: Vec<&str> = table.lines().skip(1).filter_map(|line| line.split_whitespace().nth(3)).collect();
        assert_eq!(states, ["0A"], "{table}");
    });
}

#[test]
fn a_black_hole_is_lost_at_its_own_deadline_and_delays_nobody() {
    in_namespace(|| async {
        command("nft", &["add", "table", "ip", "hole"]);
        command("nft", &["add", "chain", "ip", "hole", "in", "{ type filter hook input priority 0; }"]);
        command("nft", &["add", "rule", "ip", "hole", "in", "tcp", "dport", "4444", "drop"]);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let live = format!("tcp://{}", listener.local_addr().expect("bound"));
        let prober = prober();
        let plan = ServicePlan { timeout: Duration::from_secs(2), ..PATIENT };
        let mut dead = std::pin::pin!(look(&prober, "tcp://127.0.0.1:4444", &plan));
        tokio::select! {
            biased;
            report = &mut dead => panic!("the silent one was decided first: {report:?}"),
            report = look(&prober, &live, &plan) => assert!(answered(&report), "{report:?}"),
        }
        assert!(lost(&dead.await));
    });
}

#[test]
fn without_a_route_of_our_own_we_could_not_look() {
    in_namespace(|| async {
        command("ip", &["route", "add", "unreachable", "198.51.100.0/24"]);
        command("ip", &["route", "add", "blackhole", "203.0.113.0/24"]);
        let services = [
            "tcp://192.0.2.1:80",
            "tcp://198.51.100.1:80",
            "tcp://203.0.113.1:80",
            "tcp://[2001:db8::1]:80",
            "http://192.0.2.1/",
            "https://192.0.2.1/",
            "dns://192.0.2.1/a.vn",
            "dns://[2001:db8::1]/a.vn",
        ];
        for url in services {
            assert_eq!(look(&prober(), url, &SHORT).await.attempts, [UNSENT; 2], "{url}");
        }
    });
}

#[test]
fn without_a_port_of_our_own_we_could_not_look() {
    in_namespace(|| async {
        fs::write("/proc/sys/net/ipv4/ip_local_port_range", "40000 40000").expect("a namespace of our own");
        let listener = TcpListener::bind("127.0.0.1:5000").await.expect("a port");
        let _holds_the_only_port = TcpStream::connect("127.0.0.1:5000").await.expect("connected");
        let report = look(&prober(), "tcp://127.0.0.1:5000", &SHORT).await;
        assert_eq!(report.attempts, [UNSENT; 2]);
        drop(listener);
    });
}

#[test]
fn a_connection_with_ourselves_is_nobody_who_listens() {
    in_namespace(|| async {
        fs::write("/proc/sys/net/ipv4/ip_local_port_range", "40000 40000").expect("a namespace of our own");
        let plan = ServicePlan { attempts: 1, ..SHORT };
        let report = look(&prober(), "tcp://127.0.0.1:40000", &plan).await;
        assert_eq!(report.attempts, [Echo::Lost]);
    });
}

#[tokio::test]
async fn an_attempt_that_gets_no_turn_was_not_made() {
    let silent = server(|stream| async move {
        let _held = stream;
        std::future::pending::<()>().await;
    })
    .await;
    let (prober, url) = (prober(), format!("http://{silent}/"));
    // More than may be under way at once, none of which ends before the last has lost its patience.
    let plan = ServicePlan { attempts: 300, spacing: Duration::from_millis(1), timeout: Duration::from_secs(3) };
    let report = look(&prober, &url, &plan).await;
    let of = |wanted: Echo| report.attempts.iter().filter(|echo| **echo == wanted).count();
    assert_eq!((of(Echo::Lost), of(UNSENT)), (256, 44));
}

#[tokio::test]
async fn a_name_is_looked_up_unless_the_inventory_pins_its_address() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let by_name = target(&format!("tcp://localhost:{port}"));
    let found = prober().find(&by_name, PATIENT.timeout).await.expect("every machine knows localhost");
    assert!(found.iter().all(|address| address.ip().is_loopback() && address.port() == port), "{found:?}");
    let pinned =
        ServiceTarget { pinned: Some([127, 0, 0, 1].into()), ..target(&format!("tcp://portal.invalid:{port}")) };
    assert!(answered(&look_at(&prober(), &pinned, &PATIENT).await));
}

#[test]
fn a_resolver_that_does_not_tell_makes_us_blind() {
    in_namespace(|| async {
        // .invalid is known to nobody (RFC 6761), and no resolver can be reached from here.
        let found = prober().find(&target("https://portal.invalid/"), Duration::from_secs(1)).await;
        assert_eq!(found, Err(BlindReason::Resolver));
    });
}
