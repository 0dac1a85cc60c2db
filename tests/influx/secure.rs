//! Https with an authority of one's own and a path in front, as a province's proxy has it, to the real database.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use rcgen::CertificateParams;

use crate::{
    fill::Filled,
    http::free_address,
    real::samples_in,
    server::{Influx, wait_until},
    sink::{RunningSink, settings},
    standin::{Answer, StandIn},
    support::{Daemon, Province, Server, ask},
    tls::{issue, nginx},
};

const LINKS: usize = 124;

/// A proxy with a certificate for 127.0.0.1, that passes on what is asked of it beneath `/influx/`.
struct Proxy {
    folder: tempfile::TempDir,
    url: String,
    _server: Server,
}

impl Proxy {
    fn to(behind: SocketAddr) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let name = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("a name");
        issue(folder.path(), &name);
        let port = free_address().port();
        let server = nginx(folder.path(), port, &format!("location /influx/ {{ proxy_pass http://{behind}/; }}"));
        wait_until("the proxy listens", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        Self { folder, url: format!("https://127.0.0.1:{port}/influx/"), _server: server }
    }

    fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }
}

fn start(url: &str, ca_file: Option<PathBuf>, folder: &Path, ticks: usize) -> (RunningSink, i64) {
    let mut filled = Filled::new(&folder.join("store"), LINKS);
    let newest = (0..ticks).map(|_| filled.tick()).fold(0, i64::max);
    let mut settings = settings(url.to_owned(), folder);
    settings.ca_file = ca_file;
    (RunningSink::start(settings, folder.join("store"), filled, newest, Box::new(|_| Ok(()))), newest)
}

#[test]
fn every_sample_arrives_by_https_beneath_a_path_though_the_server_was_killed_in_between() {
    let Some(mut influx) = Influx::start() else { return };
    let (proxy, folder) = (Proxy::to(influx.address), tempfile::tempdir().expect("folder"));
    let (sink, newest) = start(&proxy.url, Some(proxy.ca_file()), folder.path(), 100);
    sink.wait_for_cursor(newest);
    influx.kill();
    let newest = (0..20).map(|_| sink.tick()).fold(0, i64::max);
    wait_until("the fault is shown", || sink.fault().contains("not ready (502"));
    influx.resume();
    sink.wait_for_cursor(newest);
    assert_eq!(samples_in(&influx), sink.filled().expected());
    assert_eq!(sink.rejected(), []);
    sink.stop();
}

#[test]
fn an_authority_that_is_not_trusted_is_named_as_what_to_mend_and_nothing_is_lost() {
    if !Path::new(crate::tls::NGINX).exists() {
        println!("skipped: nginx is not installed (apt-get install nginx-light)");
        return;
    }
    let stand_in = StandIn::start([]);
    let (proxy, stranger) = (Proxy::to(stand_in.address), Proxy::to(stand_in.address));
    let folder = tempfile::tempdir().expect("folder");
    // Neither the system nor another authority will do; and a good authority does not help against another name.
    let by_name = proxy.url.replace("127.0.0.1", "localhost");
    for (url, ca_file) in
        [(&proxy.url, None), (&proxy.url, Some(stranger.ca_file())), (&by_name, Some(proxy.ca_file()))]
    {
        let within = tempfile::tempdir_in(folder.path()).expect("folder");
        let (sink, _) = start(url, ca_file, within.path(), 3);
        wait_until("the fault is shown", || !sink.fault().is_empty());
        let fault = sink.fault();
        assert!(fault.contains("cannot be trusted, the token was not sent"), "{fault}");
        assert!(fault.contains("ca_file in [influx]"), "{fault}");
        assert_eq!((sink.cursor(), stand_in.seen().len()), (0, 0));
        let filled = sink.stop();
        let mut mended = settings(proxy.url.clone(), within.path());
        mended.ca_file = Some(proxy.ca_file());
        let sink = RunningSink::start(mended, within.path().join("store"), filled, 3, Box::new(|_| Ok(())));
        sink.wait_for_cursor(3);
        let mut points = stand_in.take();
        points.0.retain(|series, _| series.starts_with("link_probe,"));
        assert_eq!(points.0, sink.filled().expected());
        sink.stop();
    }
}

#[test]
fn a_busy_server_is_waited_for_as_long_as_it_asks() {
    let stand_in = StandIn::start([Answer::RetryAfter(503, 4)]);
    let folder = tempfile::tempdir().expect("folder");
    let (sink, newest) = start(&format!("http://{}/influx/", stand_in.address), None, folder.path(), 3);
    sink.wait_for_cursor(newest);
    let seen = stand_in.seen();
    let pause = seen[1].at.duration_since(seen[0].at).as_millis();
    assert!((4000..6000).contains(&pause), "came again after {pause} ms");
    let line = "POST /influx/api/v2/write?bucket=phusong&org=tuyen-quang&precision=s HTTP/1.1";
    assert!(seen.iter().all(|seen| seen.line == line && seen.authorization == "Token a-token"), "{seen:?}");
    sink.stop();
}

#[test]
fn the_daemon_takes_the_address_of_a_proxy_and_refuses_a_ca_file_that_holds_none() {
    let Some(influx) = Influx::start() else { return };
    let proxy = Proxy::to(influx.address);
    let written = |ca_file: &str| {
        let sections = format!(
            "[icmp]\nperiod = \"1s\"\nspacing = \"20ms\"\ntimeout = \"200ms\"\nreprobe_spacing = \"20ms\"\n\n\
             [influx]\nurl = \"{}\"\norg = \"o\"\nbucket = \"phusong\"\ntoken_file = \"token\"\nca_file = \"{ca_file}\"\n",
            proxy.url
        );
        let links = "id,kind,commune,address\nfibre-1,fibre,02221,127.66.1.1\n";
        let communes = "code,name,kind\n02221,Nà Hang,xã\n";
        let province = Province::write(&sections, &[("communes.csv", communes), ("links.csv", links)]);
        province.secret("token", "a-token");
        province
    };
    for (ca_file, told) in [("token", "holds no certificate"), ("absent.pem", "absent.pem")] {
        let province = written(ca_file);
        let checked = std::process::Command::new(env!("CARGO_BIN_EXE_phusongd"))
            .args(["--lang", "en", "check", "--config"])
            .arg(province.config())
            .output()
            .expect("phusongd runs");
        let words = String::from_utf8_lossy(&checked.stderr).into_owned() + &String::from_utf8_lossy(&checked.stdout);
        assert_eq!(checked.status.code(), Some(2), "{words}");
        assert!(words.contains(told) && words.contains("as ca_file in [influx], or remove that key"), "{words}");
    }
    let province = written(&proxy.ca_file().to_string_lossy());
    let daemon = Daemon::with_config(&province.config());
    wait_until("ticks are delivered", || {
        let accounts = influx.query("SELECT count(probe_lag_ms) AS n FROM phusong_self");
        accounts.first().is_some_and(|series| series.column("n")[0].as_i64() >= Some(3))
    });
    assert!(ask(&province.config(), &["status"]).is_some_and(|answer| !answer.to_string().contains("influx-away")));
    daemon.stop();
}
