//! Traps as devices send them, with Debian's `snmptrap` and `snmpinform`, against both programs.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a suite fails by panicking, and clippy knows only functions marked as tests"
)]

#[allow(dead_code, reason = "each suite uses a part of it")]
#[path = "snmpd/fixture.rs"]
mod fixture;
mod support;

use std::{
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    path::PathBuf,
    process::{Command, Output},
    time::{Duration, Instant},
};

use fixture::{AUTH_PASSWORD, COMMUNITY, PRIV_PASSWORD, Snmpd, USER, cut, make_pairs, near};
use serde_json::Value;
use support::{Daemon, Province, ask, items, own_network, text, wait_for};

/// A period that no test waits for: what is seen sooner was seen because of a trap.
const LONG: &str = "60s";
const LONG_PERIOD: Duration = Duration::from_secs(60);
/// A period for tests that look at counters, which are shown with every tick.
const SHORT: &str = "4s";

const LINK_DOWN: &str = "1.3.6.1.6.3.1.1.5.3";
const COLD_START: &str = "1.3.6.1.6.3.1.1.5.1";
const ON_BATTERY: &str = "1.3.6.1.2.1.33.2.1";
const IF_INDEX: [&str; 3] = ["1.3.6.1.2.1.2.2.1.1.1", "i", "1"];

/// What the first link is pinged at.
const PINGED: &str = "10.99.0.1";

/// Both programs on two pairs: the first link is pinged, the second watched by SNMP alone. The device is the real snmpd
/// at 127.0.0.1.
struct Scene {
    province: Province,
    daemon: Daemon,
    listen: SocketAddr,
    device: Snmpd,
}

impl Scene {
    /// None where the machine does not allow it; it has said so.
    fn start(period: &str) -> Option<Self> {
        if !own_network() || !installed() {
            return None;
        }
        make_pairs(2);
        // While the address is the machine's own it answers; without it packets leave by the first pair and are lost.
        ip(&["addr", "add", PINGED, "dev", "lo"]);
        ip(&["route", "add", PINGED, "via", "10.79.0.2"]);
        let snmpd = Snmpd::start()?;
        let listen = UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port");
        let sections = format!(
            "[icmp]\nperiod = \"{period}\"\nspacing = \"40ms\"\ntimeout = \"250ms\"\nreprobe_spacing = \"30ms\"\n\n\
             [snmp]\nperiod = \"60s\"\ntimeout = \"1s\"\n\n[traps]\nlisten = \"{listen}\"\n\n\
             [[snmp.credential]]\nname = \"v2c\"\nversion = \"2c\"\ncommunity = \"community\"\n\n\
             [[snmp.credential]]\nname = \"v3\"\nversion = \"3\"\nuser = \"{USER}\"\nauth = \"SHA\"\n\
             auth_password = \"auth\"\npriv = \"AES\"\npriv_password = \"priv\"\n"
        );
        let (ip, port) = (snmpd.address.ip(), snmpd.address.port());
        let province = Province::write(
            &sections,
            &[
                ("communes.csv", "code,name,kind\n10000,Một,xã\n10001,Hai,xã\n"),
                (
                    "links.csv",
                    &format!(
                        "id,kind,commune,address,device,ifname\npinged,fibre,10000,{PINGED},,\nwatched,fibre,10001,,edge,{}\n",
                        near(1)
                    ),
                ),
                ("devices.csv", &format!("id,address,port,credential\nedge,{ip},{port},v2c\n")),
            ],
        );
        fixture::credentials(province.dir.path());
        let daemon = Daemon::with_config(&province.config());
        let mut scene = Self { province, daemon, listen, device: snmpd };
        // The first tick is over before the first poll is; at a long period the second comes by a trap.
        wait_for("a tick and a listener", || {
            scene.tick()?;
            scene.daemon.words().contains("listening for traps").then_some(())
        });
        scene.sent("snmptrap", &V2C, COLD_START);
        wait_for("both links to be up", || {
            assert!(!scene.daemon.ended(), "{}", scene.daemon.words());
            (scene.states()? == ["up", "up"]).then_some(())
        });
        Some(scene)
    }

    fn config(&self) -> PathBuf {
        self.province.config()
    }

    fn states(&self) -> Option<[String; 2]> {
        let answer = ask(&self.config(), &["links"])?;
        let state =
            |id: &str| Some(text(items(&answer).iter().find(|link| text(link, "link") == id)?, "state").to_owned());
        Some([state("pinged")?, state("watched")?])
    }

    fn prober(&self) -> Option<Value> {
        ask(&self.config(), &["status"])?.pointer("/health/prober").cloned()
    }

    /// When the newest tick was.
    fn tick(&self) -> Option<String> {
        Some(self.prober()?.pointer("/last_tick/at")?.to_string())
    }

    fn traps(&self, what: &str) -> Option<u64> {
        self.prober()?.pointer(&format!("/traps/{what}"))?.as_u64()
    }

    /// `ifOperStatus` of an interface as the device says it now; snmpd looks at its interfaces every few seconds.
    fn oper_status(&self, interface: &str) -> String {
        let link = support::run_ok(Command::new("ip").args(["-o", "link", "show", interface]));
        let index = link.split(':').next().expect("index").to_owned();
        let object = format!("1.3.6.1.2.1.2.2.1.8.{index}");
        let mut snmpget = Command::new("snmpget");
        snmpget.args(["-v2c", "-c", COMMUNITY, "-Oqve", &self.device.address.to_string(), &object]).env("MIBS", "");
        support::run_ok(&mut snmpget).trim().to_owned()
    }

    /// Sends one notification of the device.
    fn send(&self, program: &str, credential: &[&str], trap: &str) -> Output {
        Command::new(program)
            .args(credential)
            .args(["-r", "1", "-t", "2", &self.listen.to_string(), "", trap])
            .args(IF_INDEX)
            .env("SNMP_PERSISTENT_DIR", self.province.dir.path().join("sender"))
            .env("MIBS", "")
            .output()
            .expect("net-snmp")
    }

    fn sent(&self, program: &str, credential: &[&str], trap: &str) {
        let output = self.send(program, credential, trap);
        assert!(output.status.success(), "{}\n{}", String::from_utf8_lossy(&output.stderr), self.daemon.words());
    }
}

fn ip(arguments: &[&str]) {
    support::run_ok(Command::new("ip").args(arguments));
}

fn installed() -> bool {
    let there = Command::new("snmptrap").arg("-V").output().is_ok();
    if !there {
        println!("skipped: snmptrap is not installed");
    }
    there
}

const V2C: [&str; 3] = ["-v2c", "-c", COMMUNITY];

fn v3(auth_password: &str) -> [&str; 13] {
    ["-v3", "-l", "authPriv", "-u", USER, "-a", "SHA", "-A", auth_password, "-x", "AES", "-X", PRIV_PASSWORD]
}

#[test]
fn a_trap_has_an_outage_decided_long_before_the_next_tick() {
    let Some(scene) = Scene::start(LONG) else { return };
    // A little after the last tick; the next is due a period after that.
    let begun = Instant::now();
    // Both sorts of evidence: the address no longer answers, and the other interface has lost its carrier.
    ip(&["addr", "del", &format!("{PINGED}/32"), "dev", "lo"]);
    cut(1);
    wait_for("the device to notice", || (scene.oper_status(&near(1)) != "1").then_some(()));
    assert_eq!(scene.states().expect("states"), ["up", "up"], "nobody has looked yet");
    let sent = Instant::now();
    scene.sent("snmptrap", &V2C, LINK_DOWN);
    wait_for("the outages to be decided", || (scene.states()? == ["down", "down"]).then_some(()));
    println!("decided {:?} after the trap, at a period of {LONG_PERIOD:?}", sent.elapsed());
    assert!(begun.elapsed() < LONG_PERIOD * 5 / 6, "{:?}\n{}", begun.elapsed(), scene.daemon.words());
    scene.daemon.stop();
}

#[test]
fn a_false_trap_brings_an_early_look_and_nothing_else() {
    let Some(scene) = Scene::start(LONG) else { return };
    let (before, at) = (scene.tick().expect("a tick"), Instant::now());
    scene.sent("snmptrap", &V2C, LINK_DOWN);
    wait_for("an early tick", || scene.tick().filter(|tick| *tick != before));
    assert!(at.elapsed() < LONG_PERIOD * 5 / 6, "{:?}", at.elapsed());
    assert_eq!(scene.states().expect("states"), ["up", "up"]);
    let outages = ask(&scene.config(), &["outages", "--since", "1h"]).expect("outages");
    assert_eq!(items(&outages).len(), 0, "{outages}");
    assert_eq!(scene.traps("acted"), Some(2), "the cold start and the false one");
    scene.daemon.stop();
}

#[test]
fn every_version_is_heard_and_informs_are_acknowledged_also_after_a_restart() {
    let Some(mut scene) = Scene::start(SHORT) else { return };
    scene.sent("snmptrap", &V2C, ON_BATTERY);
    scene.sent("snmpinform", &V2C, LINK_DOWN);
    scene.sent("snmpinform", &v3(AUTH_PASSWORD), LINK_DOWN);
    // The engine of a trap is its sender's.
    let trap = [&["-e", "0x8000000001020304"], v3(AUTH_PASSWORD).as_slice()].concat();
    scene.sent("snmptrap", &trap, LINK_DOWN);
    // With the cold start a hint more than a device has at once.
    wait_for("all hints", || (scene.traps("acted")? + scene.traps("limited")? == 5).then_some(()));
    assert_eq!(scene.traps("refused/credential"), Some(0), "asking for the engine id is no offence");

    let engine = scene.province.data().join("snmp-engine.toml");
    let id = |text: &str| text.lines().find(|line| line.starts_with("engine_id")).map(str::to_owned);
    let before = std::fs::read_to_string(&engine).expect("engine");
    let config = scene.config();
    scene.daemon.stop();
    scene.daemon = Daemon::with_config(&config);
    wait_for("the daemon to listen again", || scene.daemon.words().matches("listening for traps").nth(1).map(|_| ()));
    scene.sent("snmpinform", &v3(AUTH_PASSWORD), LINK_DOWN);
    let after = std::fs::read_to_string(&engine).expect("engine");
    assert!(id(&before) == id(&after) && id(&after).is_some(), "{before}\n{after}");
    assert!(before.contains("boots = 1") && after.contains("boots = 2"), "{before}\n{after}");
    scene.daemon.stop();
}

#[test]
fn who_cannot_be_believed_is_counted_and_told_of() {
    let Some(scene) = Scene::start(SHORT) else { return };
    scene.sent("snmptrap", &["-v2c", "-c", "guessed"], LINK_DOWN);
    let inform = scene.send("snmpinform", &v3("phu-song-wrong"), LINK_DOWN);
    assert!(!inform.status.success(), "a wrong password is not acknowledged");
    let stranger = ["--clientaddr=127.0.0.9", "-v2c", "-c", COMMUNITY];
    scene.sent("snmptrap", &stranger, LINK_DOWN);
    wait_for("the stranger to be counted", || (scene.traps("refused/unknown_source")? == 1).then_some(()));
    // The sender of an inform tries more than once.
    assert!(scene.traps("refused/credential").is_some_and(|count| count >= 2), "{:?}", scene.prober());
    assert_eq!((scene.traps("acted"), scene.states()), (Some(1), Some(["up", "up"].map(str::to_owned))));
    let answer = ask(&scene.config(), &["status"]).expect("status");
    let told = |notice: &Value| text(notice, "notice") == "traps-refused";
    assert!(answer.get("notices").and_then(Value::as_array).is_some_and(|all| all.iter().any(told)), "{answer}");
    scene.daemon.stop();
}

/// An SNMPv2c linkDown in the given community, which has fewer than 50 characters.
fn forged(community: &str) -> Vec<u8> {
    let field = |tag: u8, value: &[u8]| {
        let length = u8::try_from(value.len()).expect("short");
        [&[tag, length], value].concat()
    };
    let up_time = field(0x30, &[field(6, &[0x2b, 6, 1, 2, 1, 1, 3, 0]), field(0x43, &[1])].concat());
    let trap_oid = [0x2b, 6, 1, 6, 3, 1, 1, 4, 1, 0];
    let trap = field(0x30, &[field(6, &trap_oid), field(6, &[0x2b, 6, 1, 6, 3, 1, 1, 5, 3])].concat());
    let pdu = [field(2, &[1]), field(2, &[0]), field(2, &[0]), field(0x30, &[up_time, trap].concat())].concat();
    field(0x30, &[field(2, &[1]), field(4, community.as_bytes()), field(0xa7, &pdu)].concat())
}

#[test]
fn a_flood_of_forged_traps_changes_nothing_for_the_probes() {
    const FLOOD: u16 = 10_000;
    let Some(scene) = Scene::start(SHORT) else { return };
    let (good, bad) = (forged(COMMUNITY), forged("guessed"));
    let from = |address: Ipv4Addr| UdpSocket::bind((address, 0)).expect("socket");
    let (device, stranger) = (from(Ipv4Addr::LOCALHOST), from(Ipv4Addr::new(127, 0, 0, 9)));
    for number in 0..FLOOD {
        let (socket, datagram) = match number % 4 {
            0 => (&device, &good),
            1 => (&device, &bad),
            2 => (&stranger, &good),
            _ => (&stranger, &bad),
        };
        socket.send_to(datagram, scene.listen).expect("sent");
    }
    let of_the_flood = |what: &str| scene.traps(what).filter(|count| *count > 0);
    for what in ["limited", "refused/unknown_source", "refused/credential"] {
        wait_for(what, || of_the_flood(what));
    }
    // The kernel may drop a part of them; what it does not is counted once. Some tokens may have come back meanwhile.
    assert!(scene.traps("received").is_some_and(|received| received <= u64::from(FLOOD)), "{:?}", scene.prober());
    assert!(scene.traps("acted").is_some_and(|acted| (4..=8).contains(&acted)), "{:?}", scene.prober());
    // A round or two later all is as before: no blind tick, no link down, no outage.
    let before = scene.tick().expect("a tick");
    wait_for("another tick", || scene.tick().filter(|tick| *tick != before));
    assert_eq!(scene.states().expect("states"), ["up", "up"]);
    let prober = scene.prober().expect("prober");
    assert_eq!(prober.pointer("/last_tick/blind"), Some(&Value::Null), "{prober}");
    assert_eq!(prober.get("receive_drops"), Some(&0.into()), "{prober}");
    println!("{prober}");
    let outages = ask(&scene.config(), &["outages", "--since", "1h"]).expect("outages");
    assert_eq!(items(&outages).len(), 0, "{outages}");
    // The lost tokens come back, and the device is heard again.
    let acted = scene.traps("acted");
    wait_for("a true trap to be heard", || {
        scene.sent("snmptrap", &V2C, LINK_DOWN);
        (scene.traps("acted") > acted).then_some(())
    });
    scene.daemon.stop();
}
