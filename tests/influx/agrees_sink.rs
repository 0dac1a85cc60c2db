//! The same for a whole sink: it makes of the stand-in what it makes of the real server.

use std::{
    collections::BTreeSet,
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use phusong_daemon::influx::{InfluxSettings, Reply};

use crate::{
    agrees::Setting,
    asked::{ask, bare, facts},
    database::Version,
    fill::Filled,
    http::free_address,
    server::{speaking_tls, wait_at_most, wait_until},
    sink::{RunningSink, settings},
    standin::{Answer, StandIn},
};

/// What a sink makes of a server: the fault that it shows first, what is rejected, and what is stored in the end.
#[derive(Debug, PartialEq)]
struct Story {
    fault: String,
    rejected: Vec<(String, u16, String)>,
}

const LINKS: usize = 12;

/// A whole sink with some ticks, until it shows a fault or has delivered everything.
fn story(address: SocketAddr, ticks: usize, change: impl FnOnce(&mut InfluxSettings)) -> Story {
    let folder = tempfile::tempdir().expect("folder");
    let mut filled = Filled::new(&folder.path().join("store"), LINKS);
    let newest = (0..ticks).map(|_| filled.tick()).fold(0, i64::max);
    let mut settings = settings(format!("http://{address}"), folder.path());
    change(&mut settings);
    let sink = RunningSink::start(settings, folder.path().join("store"), filled, newest, Box::new(|_| Ok(())));
    let mut fault = String::new();
    wait_at_most(Duration::from_secs(60), "a fault or delivery", &mut || {
        fault = sink.fault();
        !fault.is_empty() || sink.cursor() >= newest
    });
    let rejected = sink.rejected();
    sink.stop();
    Story { fault: fault.replace(&address.to_string(), "ADDRESS"), rejected }
}

#[test]
fn agrees_on_what_the_whole_sink_makes_of_it() {
    // Both far below four kilobytes: of a larger body influxd leaves a part unread when it answers 413, and nginx makes a
    // 502 of that now and then.
    let setting = Setting { tokens: true, most_bytes: Some(800) };
    let Some(influx) = setting.real() else { return };
    let one = setting.stand_in(Version::V1, crate::server::BUCKET);
    // A field of the wrong type, written by someone before us.
    let before = bare("phusong_self,vantage=test probe_lag_ms=\"word\" 1795420700");
    for address in [influx.address, one.address] {
        assert_eq!(ask(address, crate::server::BUCKET, &before).status, 204);
    }
    type Change = fn(&InfluxSettings, &std::path::Path) -> InfluxSettings;
    let changes: [(&str, usize, Change); 3] = [
        ("", 9, |settings, _| settings.clone()),
        ("does not accept the token (401: authorization failed)", 1, |settings, folder| {
            std::fs::write(folder.join("wrong"), "wrong\n").expect("token");
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
            std::fs::set_permissions(folder.join("wrong"), mode).expect("mode");
            let token = phusong_model::config::SecretRef(folder.join("wrong")).read().expect("token");
            InfluxSettings { token, ..settings.clone() }
        }),
        ("has no bucket \"absent\" in organisation \"tuyen-quang\" (404: database not found", 1, |settings, _| {
            InfluxSettings { bucket: "absent".to_owned(), ..settings.clone() }
        }),
    ];
    for (shown, ticks, change) in changes {
        let folder = tempfile::tempdir().expect("folder");
        let [real, ours] = [influx.address, one.address]
            .map(|address| story(address, ticks, |settings| *settings = change(settings, folder.path())));
        assert_eq!(ours, real, "{shown}");
        assert!(real.fault.contains(shown) && real.fault.is_empty() == shown.is_empty(), "{}", real.fault);
        // Every tick has one line of the wrong type, and no other is rejected; what was too large was halved.
        assert_eq!(real.rejected.len(), if shown.is_empty() { ticks } else { 0 });
        assert!(real.rejected.iter().all(|(line, status, message)| {
            line.starts_with("phusong_self,") && *status == 400 && message.contains("field type conflict")
        }));
    }
    // What the daemon says of itself tells the time of the day.
    let others = |mut facts: BTreeSet<String>| {
        facts.retain(|fact| !fact.starts_with("[\"phusong_self\""));
        facts
    };
    let stored = others(facts(&influx, crate::server::BUCKET));
    assert!(stored.len() > 9 * LINKS);
    assert_eq!(others(one.facts()), stored);
    let [large, bad] = [413, 400].map(|status| one.seen().iter().filter(|seen| seen.status == status).count());
    assert!(large > 0 && bad > 0, "{large} {bad}");
}

#[test]
fn agrees_that_tls_is_asked_for_in_a_400_and_the_sink_holds_its_lines() {
    // The port of a proxy that speaks TLS, and that of InfluxDB, which says so in one sentence of Go.
    let folder = tempfile::tempdir().expect("folder");
    let stand_in = StandIn::start([]);
    stand_in.always(Some(Answer::Status(400, "Client sent an HTTP request to an HTTPS server.\n")));
    let told = story(stand_in.address, 3, |_| {});
    assert!(told.fault.contains("refuses the request itself") && told.fault.contains("https://"), "{}", told.fault);
    assert_eq!(told.rejected, []);

    let name = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("a name");
    crate::tls::issue(folder.path(), &name);
    let [certificate, key] = ["server.pem", "server.key"].map(|file| folder.path().join(file).display().to_string());
    let Some((_server, address)) = speaking_tls(folder.path(), &certificate, &key) else { return };
    // Without a body: what is left unread when the server closes resets the connection, and may take the answer along.
    let real = ask(address, crate::server::BUCKET, &bare(""));
    assert_eq!((real.status, real.message.as_str()), (400, "Client sent an HTTP request to an HTTPS server."));
    assert!(matches!(real.reply, Reply::Refused { status: 400, .. }), "{real:?}");
    let met = story(address, 3, |_| {});
    assert!(met == told || met.fault.contains("cannot be reached") && met.rejected.is_empty(), "{met:?}");

    let port = free_address().port();
    let _proxy = crate::tls::nginx(folder.path(), port, "location / { return 204; }");
    wait_until("the proxy listens", || TcpStream::connect(("127.0.0.1", port)).is_ok());
    let proxied = story(SocketAddr::from(([127, 0, 0, 1], port)), 3, |_| {});
    assert!(proxied.fault.contains("refuses the request itself, not its lines (400: <html>"), "{}", proxied.fault);
    assert_eq!(proxied.rejected, []);
}
