//! Against the real `snmpd` of Debian: 24 veth pairs as interfaces, one cut during the test. First the poller alone,
//! then both programs.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a suite fails by panicking, and clippy knows only functions marked as tests"
)]

#[path = "snmpd/fixture.rs"]
mod fixture;
mod support;

use std::{collections::BTreeSet, fmt::Write as _, net::SocketAddr, process::Command, time::Duration};

use fixture::{Snmpd, cut, make_pairs, near, send};
use nix::sys::signal::Signal;
use phusong_model::{Device, IfReading, IfStatus, SnmpAccess, UtcMs};
use phusong_probes::snmp::{Answer, Credentials, DevicePoller, DeviceReport, Timing, Transport};
use support::{Daemon, Province, ask, items, own_network, text, wait_for};

const PAIRS: u8 = 24;
/// The pair that is cut.
const CUT: u8 = 17;
/// The pair that carries traffic.
const BUSY: u8 = 5;
/// snmpd reads its interfaces anew every few seconds; this is how often we ask until it has.
const ASK_AGAIN: Duration = Duration::from_millis(500);
/// After so many questions it should have.
const ASK_MOST: u32 = 80;

fn device(address: SocketAddr, credential: &str) -> Device {
    Device {
        id: "edge".parse().expect("id"),
        name: "edge".to_owned(),
        site: None,
        address: address.ip(),
        snmp: SnmpAccess { port: address.port(), credential: credential.to_owned(), profile: None },
    }
}

fn readings(report: DeviceReport) -> Vec<IfReading> {
    match report.answer {
        Answer::Answered { readings, missing, system } => {
            assert_eq!(system.name.as_deref(), Some("phusong-test"));
            assert!(system.uptime.is_some() && system.descr.is_some_and(|descr| descr.starts_with("Linux")));
            assert_eq!(missing, Vec::<String>::new());
            readings
        }
        other @ (Answer::Silent | Answer::Refused(_) | Answer::NotSent(_)) => panic!("{other:?}"),
    }
}

fn now() -> UtcMs {
    UtcMs::from(jiff::Timestamp::now())
}

/// Polls until a reading fits, as often as snmpd may need to look at its interfaces again.
async fn poll_until(poller: &mut DevicePoller, what: &str, fits: impl Fn(&[IfReading]) -> bool) -> Vec<IfReading> {
    for _ in 0..ASK_MOST {
        let readings = readings(poller.poll(now()).await);
        if fits(&readings) {
            return readings;
        }
        tokio::time::sleep(ASK_AGAIN).await;
    }
    panic!("never saw {what}");
}

/// Sockets belong to the namespace of the thread that opens them, so everything stays on this one.
fn on_this_thread<F: Future>(work: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");
    runtime.block_on(work)
}

#[test]
fn the_poller_reads_a_real_agent_over_v1_v2c_and_v3() {
    if !own_network() {
        return;
    }
    make_pairs(PAIRS);
    let Some(snmpd) = Snmpd::start() else { return };
    let folder = tempfile::tempdir().expect("folder");
    on_this_thread(async {
        let config = fixture::credentials(folder.path());
        let credentials = Credentials::resolve(&config).expect("credentials");
        let transport = Transport::bind().expect("transport");
        let poller = |credential: &str| {
            let interfaces = (0..PAIRS).map(|pair| (near(pair), None)).collect();
            DevicePoller::new(
                &transport,
                &device(snmpd.address, credential),
                interfaces,
                &credentials,
                Timing::from(&config),
            )
        };
        let (mut v1, mut v2c, mut v3) = (poller("v1"), poller("v2c"), poller("v3"));
        for poller in [&mut v1, &mut v2c, &mut v3] {
            let all_up = |readings: &[IfReading]| readings.iter().all(|r| r.oper == IfStatus::Up);
            let readings = poll_until(poller, "all interfaces up", all_up).await;
            assert_eq!(readings.len(), usize::from(PAIRS));
            let names: BTreeSet<_> = readings.iter().map(|r| r.ifname.clone()).collect();
            assert_eq!(names, (0..PAIRS).map(near).collect());
        }

        // The first reading is the baseline.
        send(BUSY, 3_000_000);
        let flows = |readings: &[IfReading]| {
            readings.get(usize::from(BUSY)).and_then(|r| r.out_bps).is_some_and(|bps| bps > 100_000.0)
        };
        let busy = poll_until(&mut v2c, "traffic on the busy pair", flows).await;
        assert!(busy.iter().all(|r| r.out_bps.is_none_or(|bps| bps < 1e9)), "{busy:?}");

        cut(CUT);
        for poller in [&mut v1, &mut v2c, &mut v3] {
            let is_cut =
                |readings: &[IfReading]| readings.get(usize::from(CUT)).is_some_and(|r| r.oper != IfStatus::Up);
            let readings = poll_until(poller, "the cut", is_cut).await;
            let down: Vec<_> = readings.iter().filter(|r| r.oper != IfStatus::Up).collect();
            assert_eq!(down.len(), 1, "{down:?}");
            assert_eq!((down[0].ifname.clone(), down[0].admin), (near(CUT), IfStatus::Up));
        }

        let report = poller("wrong").poll(now()).await;
        assert!(
            matches!(&report.answer, Answer::Refused(why) if why.contains("password")),
            "a wrong password is not silence: {report:?}"
        );
        assert_eq!(report.lost, 0);
    });
}

/// Reads the interfaces' speeds as sensors: every agent has them.
const SPEEDS: &str = "name = \"our-speeds\"\ngrade = \"community\"\nsource = \"IF-MIB\"\n\
    [[sensor]]\nname = \"speed\"\ncolumn = \"1.3.6.1.2.1.31.1.1.1.15\"\nname_column = \"1.3.6.1.2.1.31.1.1.1.1\"\n\
    unit = \"count\"\nplausible = [1.0, 100000.0]\n";

/// One link of a device whose profile is in a folder that is not there yet.
fn province_with_own_profile(address: SocketAddr) -> Province {
    let links = "id,kind,commune,device,ifname\nfibre-0,fibre,10001,edge,uplink0\n";
    let devices =
        format!("id,address,port,credential,profile\nedge,{},{},v2c,our-speeds\n", address.ip(), address.port());
    let province = Province::write(
        "[icmp]\nperiod = \"2s\"\nspacing = \"40ms\"\ntimeout = \"250ms\"\n\n[snmp]\nperiod = \"2s\"\ntimeout = \"1s\"\nprofiles = \"profiles\"\n\n\
         [[snmp.credential]]\nname = \"v2c\"\nversion = \"2c\"\ncommunity = \"community\"\n",
        &[("communes.csv", "code,name,kind\n10001,Xã Một,xã\n"), ("links.csv", links), ("devices.csv", &devices)],
    );
    fixture::credentials(province.dir.path());
    province
}

#[test]
fn an_engineer_adds_a_profile_from_a_walk_of_a_real_device() {
    if !own_network() {
        return;
    }
    make_pairs(2);
    let Some(snmpd) = Snmpd::start() else { return };
    let speeds = SPEEDS.replace("plausible = [1.0,", "plausible = [10.0,");
    let province = province_with_own_profile(snmpd.address);
    let (config, folder) = (province.config(), province.dir.path());
    let run = |arguments: &[&str]| {
        let output = support::phusong(&config, arguments);
        let told = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(told).expect("UTF-8"))
    };

    // The three forms that net-snmp users record: plain, with bulk, and without the names of types' units.
    let profile = folder.join("our-speeds.toml");
    std::fs::write(&profile, &speeds).expect("profile");
    let profile = profile.to_string_lossy().into_owned();
    for (program, form) in [("snmpwalk", "-On"), ("snmpbulkwalk", "-On"), ("snmpwalk", "-One")] {
        let community = ["-v2c", "-c", fixture::COMMUNITY, form];
        let at = format!("udp:{}", snmpd.address);
        let walked = support::run_ok(Command::new(program).args(community).args([&at, ".1.3.6.1.2.1"]));
        let walk = folder.join("edge.walk");
        std::fs::write(&walk, walked).expect("walk");
        let walk = walk.to_string_lossy().into_owned();
        let (code, told) = run(&["profile", "test", &profile, "--walk", &walk, "--lang", "vi"]);
        assert_eq!(code, Some(0), "{program} {form}: {told}");
        assert!(told.contains("uplink0") && told.contains("10.000") && told.contains("đạt"), "{told}");
    }
    let walk = folder.join("edge.walk").to_string_lossy().into_owned();
    let expected = folder.join("edge.expected");
    std::fs::write(&expected, "# what it has\nspeed[uplink0] = 10000\nspeed[gone] = 7\n").expect("expected");
    let expected = expected.to_string_lossy().into_owned();
    let (code, told) = run(&["profile", "test", &profile, "--walk", &walk, "--expect", &expected, "--json"]);
    let answer: serde_json::Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!((code, &answer["missing"]), (Some(1), &serde_json::json!(["speed[gone] = 7"])));
    assert!(
        answer["unexpected"].as_array().is_some_and(|lines| lines.iter().any(|line| line == "speed[uplink1] = 10000"))
    );

    // A folder that is not there is a fault, with its place; with the profile in it the daemon reads the sensor.
    let check = |config: &std::path::Path| {
        let output = Command::new(env!("CARGO_BIN_EXE_phusongd"))
            .args(["--lang", "en", "check", "--config"])
            .arg(config)
            .output();
        let output = output.expect("phusongd runs");
        (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    let (code, told) = check(&config);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("/profiles: cannot be read"), "{told}");
    std::fs::create_dir(folder.join("profiles")).expect("folder");
    std::fs::write(folder.join("profiles/speeds.toml"), speeds.replace("count", "counts")).expect("file");
    let (code, told) = check(&config);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("speeds.toml:8"), "{told}");
    std::fs::write(folder.join("profiles/speeds.toml"), &speeds).expect("file");
    assert_eq!(check(&config).0, Some(0));
    assert!(run(&["profile", "list"]).1.contains("our-speeds"));
    assert_eq!(run(&["profile", "show", "our-speeds"]).1, speeds);

    let daemon = Daemon::with_config(&config);
    let told = wait_for("the sensor of the own profile", || {
        let (_, told) = run(&["link", "fibre-0", "--lang", "en"]);
        told.contains("speed [uplink0]: 10,000").then_some(told)
    });
    assert!(told.contains("community source"), "how sure it is stands beside it: {told}");

    std::fs::write(folder.join("profiles/cisco.toml"), run(&["profile", "show", "cisco"]).1).expect("file");
    daemon.signal(Signal::SIGHUP);
    wait_for("the reload to say what is replaced", || {
        daemon.words().contains("cisco.toml takes the place of the shipped profile cisco").then_some(())
    });
    daemon.stop();
}

/// An inventory of 24 links that only SNMP watches, half of them asked over v2c and half over v3.
fn province(address: SocketAddr) -> Province {
    let (mut links, mut communes) = ("id,kind,commune,device,ifname\n".to_owned(), "code,name,kind\n".to_owned());
    for pair in 0..PAIRS {
        let code = 10_000 + u32::from(pair);
        let device = if pair % 2 == 0 { "edge-a" } else { "edge-b" };
        writeln!(communes, "{code},Xã {pair},xã").expect("text");
        writeln!(links, "fibre-{pair},fibre,{code},{device},{}", near(pair)).expect("text");
    }
    let (ip, port) = (address.ip(), address.port());
    let devices = format!("id,address,port,credential\nedge-a,{ip},{port},v2c\nedge-b,{ip},{port},v3\n");
    let province = Province::write(
        "[icmp]\nperiod = \"2s\"\nspacing = \"40ms\"\ntimeout = \"250ms\"\nreprobe_spacing = \"30ms\"\n\n[snmp]\nperiod = \"2s\"\ntimeout = \"1s\"\n\n\
         [[snmp.credential]]\nname = \"v2c\"\nversion = \"2c\"\ncommunity = \"community\"\n\n\
         [[snmp.credential]]\nname = \"v3\"\nversion = \"3\"\nuser = \"phusong\"\nauth = \"SHA\"\n\
         auth_password = \"auth\"\npriv = \"AES\"\npriv_password = \"priv\"\n",
        &[("communes.csv", &communes), ("links.csv", &links), ("devices.csv", &devices)],
    );
    fixture::credentials(province.dir.path());
    province
}

#[test]
fn the_cli_shows_the_interface_that_went_down() {
    if !own_network() {
        return;
    }
    make_pairs(PAIRS);
    let Some(snmpd) = Snmpd::start() else { return };
    let province = province(snmpd.address);
    let config = province.config();
    let mut daemon = Daemon::with_config(&config);
    let in_state = |state: &str| -> Option<Vec<serde_json::Value>> {
        let answer = ask(&config, &["links"])?;
        Some(items(&answer).iter().filter(|link| text(link, "state") == state).cloned().collect())
    };
    wait_for("every link to be up", || {
        assert!(!daemon.ended(), "{}", daemon.words());
        (in_state("up")?.len() == usize::from(PAIRS)).then_some(())
    });

    cut(CUT);
    let down = wait_for("the cut to be seen", || in_state("down").filter(|down| !down.is_empty()));
    let names: Vec<_> = down.iter().map(|link| (text(link, "link"), text(link, "cause"))).collect();
    assert_eq!(names, [(format!("fibre-{CUT}").as_str(), "unknown")], "{}", daemon.words());
    // What the device says is a clue and no verdict: it may be the fibre, or the far end's power.
    let outages = ask(&config, &["outages"]).expect("an answer");
    let open = items(&outages).iter().find(|outage| outage["end"].is_null()).expect("an open outage").clone();
    assert_eq!(open["evidence"][0]["sign"], "interface-down", "{open}");
    assert_eq!(in_state("up").map(|up| up.len()), Some(usize::from(PAIRS) - 1));
    daemon.stop();
}
