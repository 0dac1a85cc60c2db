//! What people are told, on real servers: a mail server that wants encryption and a password, Alertmanager, a webhook
//! behind nginx with a certificate of the province's own authority, a script. Servers that fail, and a daemon that is
//! killed in between.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a suite fails by panicking, and clippy knows only functions marked as tests"
)]

mod support;

#[allow(dead_code, reason = "this suite uses a part of it")]
#[path = "influx/http.rs"]
mod http;
#[path = "notify/receiver.rs"]
mod receiver;
#[path = "support/tls.rs"]
mod tls;

use std::{
    fs,
    net::SocketAddr,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use nix::sys::signal::Signal;
use rcgen::CertificateParams;
use receiver::Receiver;
use serde_json::Value;
use support::{Daemon, Province, Server, ask, items, own_network, phusong, run_ok, text, wait_for};
use tls::NGINX;

const FAST: &str = "[icmp]\nperiod = \"1s\"\nspacing = \"20ms\"\ntimeout = \"200ms\"\nreprobe_spacing = \"20ms\"\n\
    [notify]\nafter = \"1s\"\nlanguage = \"en\"\n";

const ALERTMANAGER: &str = "/usr/bin/prometheus-alertmanager";
const AIOSMTPD: &str = "/usr/lib/python3/dist-packages/aiosmtpd";
const KEY: &[u8] = b"0123456789abcdef0123456789abcdef";

/// Two communes behind a feeder, and a link that hangs on nothing.
const LINKS: &str = "id,kind,commune,address,upstream\nfeeder,feeder,,127.66.0.9,\nfibre-1,fibre,02221,127.66.0.1,feeder\n\
    fibre-2,fibre,02548,127.66.0.2,feeder\nother,fibre,02548,127.66.0.3,\n";

fn province(channels: &str) -> Province {
    let communes = "code,name,kind\n02221,Nà Hang,xã\n02548,Bình Ca,xã\n";
    Province::write(&format!("{FAST}{channels}"), &[("communes.csv", communes), ("links.csv", LINKS)])
}

/// Cuts these addresses off; requests are lost on their way, as behind a cut fibre.
fn cut(addresses: &str) {
    let rules = format!(
        "add table ip cut\nadd chain ip cut arriving {{ type filter hook input priority 0; }}\n\
         add rule ip cut arriving ip daddr {{ {addresses} }} drop\n"
    );
    run_ok(Command::new("nft").arg(rules));
}

fn heal() {
    run_ok(Command::new("nft").args(["delete", "table", "ip", "cut"]));
}

fn all_up(config: &Path) {
    wait_for("all links up", || {
        let answer = ask(config, &["links"]).filter(|answer| text(answer, "source") == "daemon")?;
        items(&answer).iter().all(|link| text(link, "state") == "up").then_some(())
    });
}

/// nginx with TLS in front of the receiver; its port.
fn nginx(folder: &Path, behind: SocketAddr) -> (Server, u16) {
    let port = http::free_address().port();
    (tls::nginx(folder, port, &format!("location / {{ proxy_pass http://{behind}; }}")), port)
}

fn mail_server(folder: &Path) -> (Server, u16) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/notify/mail.py");
    let port = http::free_address().port();
    let mut command = Command::new("/usr/bin/python3");
    command.arg(script).arg(port.to_string()).arg(folder.join("server.pem")).arg(folder.join("server.key"));
    (Server::start(command.arg(folder.join("mails"))), port)
}

fn alertmanager(folder: &Path) -> (Server, SocketAddr) {
    let config = "route: { receiver: nobody, group_wait: 1s }\nreceivers: [{ name: nobody }]\n";
    fs::write(folder.join("alertmanager.yml"), config).expect("write");
    let address = http::free_address();
    let words = fs::File::create(folder.join("alertmanager.log")).expect("log");
    let mut command = Command::new(ALERTMANAGER);
    command
        .arg(format!("--config.file={}", folder.join("alertmanager.yml").display()))
        .arg(format!("--storage.path={}", folder.join("alertmanager").display()))
        .arg(format!("--web.listen-address={address}"))
        .arg("--cluster.listen-address=")
        .stdout(words.try_clone().expect("log"))
        .stderr(words);
    (Server::start(&mut command), address)
}

/// The alerts that stand, by their labels; `None` while it does not answer.
fn alerts(address: SocketAddr) -> Option<Vec<Value>> {
    let (status, body) = http::ask(address, "GET", "/api/v2/alerts").ok().filter(|(status, _)| *status == 200)?;
    let body = body.get(body.find('[')?..=body.rfind(']')?)?;
    serde_json::from_str(body).inspect_err(|error| println!("{status} {body}: {error}")).ok()
}

/// A script that writes what it is told.
fn script(folder: &Path, name: &str, lines: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/sh\n{lines}\n")).expect("write");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("mode");
    path
}

fn lines_of(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap_or_default().lines().map(str::to_owned).collect()
}

fn installed() -> bool {
    let missing = [NGINX, ALERTMANAGER, AIOSMTPD].into_iter().find(|needed| !Path::new(needed).exists());
    missing.into_iter().for_each(|needed| println!("skipped: {needed} is not installed"));
    missing.is_none()
}

/// All servers, a configuration that names them, and what tells what they got.
struct Office {
    province: Province,
    receiver: Receiver,
    alertmanager: SocketAddr,
    _servers: [Server; 3],
}

impl Office {
    fn open() -> Self {
        let province = province("");
        let folder = province.dir.path().to_owned();
        tls::issue(&folder, &CertificateParams::new(vec!["localhost".to_owned()]).expect("a name"));
        let receiver = Receiver::start();
        let (nginx, hook_port) = nginx(&folder, receiver.address);
        let (mail_server, mail_port) = mail_server(&folder);
        let (alerts_server, alertmanager) = alertmanager(&folder);
        province.secret("sign", &format!("whsec_{}\n", STANDARD.encode(KEY)));
        province.secret("token", "t0ken\n");
        province.secret("password", "s3cret\n");
        let told = script(
            &folder,
            "tell",
            &format!(
                "echo \"$1|$PHUSONG_TURN|$PHUSONG_LINKS|$PHUSONG_TEXT\" >>{}/told; cat >{}/told.json",
                folder.display(),
                folder.display()
            ),
        );
        let channels = format!(
            "[[notify.channel]]\nname = \"hook\"\nkind = \"webhook\"\nurl = \"https://localhost:{hook_port}/hooks/duty\"\n\
             secret_file = \"sign\"\ntoken_file = \"token\"\nca_file = \"ca.pem\"\nevery = \"0s\"\n\
             [[notify.channel]]\nname = \"mail\"\nkind = \"email\"\nserver = \"localhost:{mail_port}\"\nuser = \"phusong\"\n\
             password_file = \"password\"\nfrom = \"phusong@example.vn\"\nto = [\"truc@example.vn\", \"doi@example.vn\"]\n\
             ca_file = \"ca.pem\"\nevery = \"0s\"\n\
             [[notify.channel]]\nname = \"alerts\"\nkind = \"alertmanager\"\nurl = \"http://{alertmanager}\"\nevery = \"0s\"\n\
             [[notify.channel]]\nname = \"script\"\nkind = \"command\"\ncommand = [\"{}\", \"a b; $(id)\"]\nevery = \"0s\"\n",
            told.display()
        );
        let config = fs::read_to_string(province.config()).expect("config") + &channels;
        fs::write(province.config(), config).expect("config");
        wait_for("Alertmanager", || alerts(alertmanager));
        wait_for("the mail server", || std::net::TcpStream::connect(("127.0.0.1", mail_port)).ok());
        wait_for("nginx", || std::net::TcpStream::connect(("127.0.0.1", hook_port)).ok());
        Self { province, receiver, alertmanager, _servers: [nginx, mail_server, alerts_server] }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.province.dir.path().join(name)
    }

    fn mails(&self) -> Vec<Value> {
        lines_of(&self.file("mails")).iter().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    fn alerts(&self) -> Vec<Value> {
        wait_for("alerts", || alerts(self.alertmanager))
    }
}

#[test]
fn an_event_is_told_once_by_every_channel_whatever_fails_in_between() {
    if !own_network() || !installed() {
        return;
    }
    let office = Office::open();
    let config = office.province.config();
    let daemon = Daemon::with_config(&config);
    all_up(&config);

    office.receiver.answers(503, "");
    cut("127.66.0.1, 127.66.0.2, 127.66.0.9");
    wait_for("a try of the webhook", || (!office.receiver.got().is_empty()).then_some(()));
    wait_for("a mail to each", || (office.mails().len() == 2).then_some(()));
    wait_for("an alert", || (office.alerts().len() == 1).then_some(()));
    wait_for("the script", || (lines_of(&office.file("told")).len() == 1).then_some(()));
    a_message_of_three_links(&office);

    let hook = fault(&config, "hook", "503 Service Unavailable: words");
    assert_eq!(hook["waiting"], 1, "{hook}");
    assert_eq!(phusong(&config, &["notify", "--check"]).status.code(), Some(1));
    let screen = String::from_utf8_lossy(&phusong(&config, &["status", "--lang", "vi"]).stdout).into_owned();
    assert!(screen.contains("tin báo qua kênh hook không đến nơi"), "{screen}");

    daemon.kill();
    office.receiver.answers(200, "");
    let daemon = Daemon::with_config(&config);
    let taken = wait_for("the webhook", || office.receiver.taken().into_iter().next());
    let first = &office.receiver.got()[0];
    assert_eq!((&taken.id, taken.line.as_str()), (&first.id, "POST /hooks/duty HTTP/1.0"), "the same delivery");
    assert!(taken.is_signed_with(KEY) && !taken.is_signed_with(b"another"), "{taken:?}");
    assert_eq!(taken.authorization, "Bearer t0ken");
    assert_eq!(taken.told().len(), 1, "one message of the event: {taken:?}");
    let mut keys: Vec<String> = taken.json().as_object().expect("an object").keys().cloned().collect();
    keys.sort();
    assert_eq!(keys, ["at", "messages", "schema", "sent_by", "text"], "none that a chat server takes for an order");

    heal();
    wait_for("its end", || (office.receiver.taken().len() == 2).then_some(()));
    wait_for("its end by mail", || (office.mails().len() == 4).then_some(()));
    wait_for("its end at Alertmanager", || office.alerts().is_empty().then_some(()));
    wait_for("its end by script", || (lines_of(&office.file("told")).len() == 2).then_some(()));
    let turns: Vec<String> = office.receiver.taken().iter().flat_map(receiver::Got::told).collect();
    assert_eq!(turns.iter().map(|told| told.split(' ').next().unwrap_or("")).collect::<Vec<_>>(), ["opened", "closed"]);

    wait_for("the marks", || {
        let shows = ask(&config, &["notify"])?;
        let deliveries =
            items(&shows).iter().flat_map(|item| item["deliveries"].as_array().cloned().unwrap_or_default());
        let done = deliveries.filter(|delivery| delivery["done"].is_string()).count();
        (items(&shows).len() == 2 && done == 8).then_some(())
    });
    daemon.stop();
    let daemon = Daemon::with_config(&config);
    all_up(&config);
    assert_eq!((office.receiver.taken().len(), office.mails().len()), (2, 4), "nothing is told again");
    daemon.stop();
}

/// What each channel says of the event.
fn a_message_of_three_links(office: &Office) {
    let mails = office.mails();
    let receivers: Vec<&str> = mails.iter().filter_map(|mail| mail["to"][0].as_str()).collect();
    assert_eq!(receivers, ["truc@example.vn", "doi@example.vn"]);
    let mail = &mails[0];
    assert!(text(mail, "subject").contains("Down: feeder"), "{mail}");
    assert!(text(mail, "text").contains("2 communes: Nà Hang, Bình Ca"), "{mail}");
    assert_eq!(text(mail, "mime"), "1.0");
    assert!(text(mail, "references").starts_with("<event-") && text(mail, "auto") == "auto-generated", "{mail}");
    let alert = &office.alerts()[0];
    assert_eq!(text(&alert["labels"], "alertname"), "PhusongOutage");
    assert!(text(&alert["annotations"], "summary").contains("Down: feeder"), "{alert}");
    let told = lines_of(&office.file("told"));
    assert!(told[0].starts_with("a b; $(id)|opened|3|") && told[0].contains("Down: feeder"), "{told:?}");
    let document: Value = serde_json::from_slice(&fs::read(office.file("told.json")).expect("read")).expect("JSON");
    assert_eq!((text(&document, "schema"), &document["links_down"]), ("phusong.notification/1", &Value::from(3)));
}

/// The channels of `phusong notify`, by name.
fn channel(config: &Path, name: &str) -> Option<Value> {
    let shows = ask(config, &["notify"])?;
    shows["channels"].as_array()?.iter().find(|channel| text(channel, "channel") == name).cloned()
}

/// Waits until something is wrong with a channel.
fn fault(config: &Path, name: &str, part: &str) -> Value {
    wait_for(part, || channel(config, name).filter(|channel| text(channel, "fault").contains(part)))
}

#[test]
fn what_is_refused_is_given_up_and_no_redirect_is_followed() {
    if !own_network() {
        return;
    }
    let (receiver, elsewhere) = (Receiver::start(), Receiver::start());
    receiver.answers(302, &format!("Location: http://{}/SECRET\r\n", elsewhere.address));
    let province = province("");
    let folder = province.dir.path().to_owned();
    let fails = script(&folder, "fails", "echo no modem >&2; exit 3");
    let hangs = script(&folder, "hangs", &format!("echo $$ >{}/pid; sleep 600 & wait", folder.display()));
    let plain = format!(
        "[[notify.channel]]\nname = \"hook\"\nkind = \"webhook\"\nurl = \"http://{}/x?y=1\"\nevery = \"0s\"\n",
        receiver.address
    );
    // A secret address, which nothing repeats, and a mail server that takes the connection and says nothing.
    province.secret("address", &format!("http://{}/hooks/SECRET\n", receiver.address));
    let plain =
        plain + "[[notify.channel]]\nname = \"secret\"\nkind = \"webhook\"\nurl_file = \"address\"\nevery = \"0s\"\n";
    let mute = std::net::TcpListener::bind("127.0.0.1:0").expect("bind");
    let scripts = format!(
        "[[notify.channel]]\nname = \"fails\"\nkind = \"command\"\ncommand = [\"{}\"]\n\
         [[notify.channel]]\nname = \"hangs\"\nkind = \"command\"\ncommand = [\"{}\"]\ntimeout = \"1s\"\n\
         [[notify.channel]]\nname = \"mute\"\nkind = \"email\"\nserver = \"{}\"\ntls = \"none\"\ntimeout = \"1s\"\n\
         from = \"a@example.vn\"\nto = [\"b@example.vn\", \"c@example.vn\"]\n",
        fails.display(),
        hangs.display(),
        mute.local_addr().expect("an address"),
    );
    let config = province.config();
    let before = fs::read_to_string(&config).expect("config");
    fs::write(&config, format!("{before}{plain}{scripts}")).expect("config");
    let daemon = Daemon::with_config(&config);
    all_up(&config);

    cut("127.66.0.3");
    fault(&config, "hook", "redirects are not followed");
    let secret = fault(&config, "secret", "redirects are not followed");
    assert!(!secret.to_string().contains("SECRET"), "{secret}");
    fault(&config, "mute", "b@example.vn, c@example.vn: no answer within 1 s");
    fault(&config, "fails", "exit code 3: no modem");
    fault(&config, "hangs", "not ended within 1 s; it was killed");
    let pid = lines_of(&folder.join("pid"))[0].clone();
    let group = run_ok(Command::new("ps").args(["-eo", "pgid,stat,args"]));
    let alive = group.lines().filter(|line| line.trim_start().starts_with(&format!("{pid} ")) && !line.contains(" Z"));
    let left: Vec<&str> = alive.filter(|line| !line.contains("hangs")).collect();
    assert!(left.is_empty(), "what it started was killed with it: {left:?}");
    let lines: Vec<String> = receiver.got().into_iter().map(|got| got.line).collect();
    assert!(elsewhere.got().is_empty() && lines.iter().any(|line| line.starts_with("POST /x?y=1 ")), "{lines:?}");

    receiver.answers(400, "");
    wait_for("a refused message", || channel(&config, "hook").filter(|hook| hook["given_up"] == 1));
    receiver.answers(200, "");
    heal();
    wait_for("the next message", || (receiver.taken().len() == 2).then_some(()));
    assert_eq!(receiver.taken()[0].told()[0].split(' ').next(), Some("closed"));
    wait_for("no fault", || channel(&config, "hook").filter(|hook| hook["fault"].is_null()));

    // Channels that a reload removes give up what waits for them, and say so.
    fs::write(&config, format!("{before}{plain}")).expect("config");
    daemon.signal(Signal::SIGHUP);
    wait_for("the end of the scripts' channels", || {
        let shows = ask(&config, &["notify"])?;
        let ends = items(&shows).iter().flat_map(|item| item["deliveries"].as_array().cloned().unwrap_or_default());
        let removed = ends.filter(|end| text(end, "given_up") == "the channel was removed").count();
        (shows["channels"].as_array()?.len() == 2 && removed == 6).then_some(())
    });
    daemon.stop();
}

#[test]
fn a_stop_does_not_wait_for_a_delivery_that_hangs_which_is_made_again() {
    if !own_network() {
        return;
    }
    let province = province("");
    let folder = province.dir.path().to_owned();
    let config = province.config();
    let before = fs::read_to_string(&config).expect("config");
    let daemon = Daemon::with_config(&config);
    all_up(&config);
    let started = folder.join("started");
    let slow = script(&folder, "slow", &format!("echo >>{}; exec sleep 600", started.display()));
    let slow = format!(
        "[[notify.channel]]\nname = \"slow\"\nkind = \"command\"\ncommand = [\"{}\"]\ntimeout = \"60s\"\n",
        slow.display()
    );
    fs::write(&config, format!("{before}{slow}")).expect("config");
    daemon.signal(Signal::SIGHUP);
    wait_for("the reload", || channel(&config, "slow"));
    cut("127.66.0.3");
    wait_for("the script", || (lines_of(&started).len() == 1).then_some(()));
    let stopping = Instant::now();
    daemon.stop();
    assert!(stopping.elapsed() < Duration::from_secs(8), "{:?}", stopping.elapsed());
    let daemon = Daemon::with_config(&config);
    wait_for("the script again", || (lines_of(&started).len() == 2).then_some(()));
    daemon.stop();
}

#[test]
fn channels_are_tried_by_command_and_faults_are_found_before() {
    if !own_network() || !installed() {
        return;
    }
    let office = Office::open();
    let config = office.province.config();
    let daemon = Daemon::with_config(&config);
    all_up(&config);
    let test = |arguments: &[&str]| {
        let output = phusong(&config, &[&["notify", "test"], arguments].concat());
        let words = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        (output.status.code().unwrap_or(-1), words)
    };
    let (code, words) = test(&[]);
    assert!(code == 0 && words.matches("delivered").count() == 4, "{words}");
    assert_eq!((office.receiver.taken().len(), office.mails().len(), office.alerts().len()), (1, 2, 1));
    assert!(text(&office.mails()[0], "subject").contains("A test of phusong"), "{:?}", office.mails());
    assert_eq!(test(&["script", "--json"]).0, 0);
    assert_eq!(lines_of(&office.file("told")).len(), 2);

    let (code, words) = test(&["nobody", "--lang", "vi"]);
    assert!(code == 2 && words.contains("hiện có: hook, mail, alerts, script"), "{words}");
    office.receiver.answers(403, "");
    let (code, words) = test(&["hook"]);
    assert!(code == 1 && words.contains("403 Forbidden: words"), "{words}");

    let config_text = fs::read_to_string(&config).expect("config");
    fs::write(&config, config_text.replace("\"truc@example.vn\"", "\"gone@example.vn\"")).expect("config");
    daemon.signal(Signal::SIGHUP);
    wait_for("a mailbox that is gone", || {
        let (code, words) = test(&["mail"]);
        (code == 1 && words.contains("gone@example.vn: ")).then_some(())
    });
    assert_eq!(
        text(office.mails().last().expect("a mail"), "subject"),
        "[Tuyên Quang] A test of phusong: nothing has happened"
    );

    fs::remove_file(office.file("tell")).expect("remove");
    fs::write(office.file("sign"), "whsec_!!").expect("write");
    let output =
        Command::new(env!("CARGO_BIN_EXE_phusongd")).args(["--lang", "en", "check", "--config"]).arg(&config).output();
    let output = output.expect("run");
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{words}");
    assert!(
        words.contains("channel \"hook\" of [notify]: what follows whsec_ in secret_file is not base64"),
        "{words}"
    );
    assert!(words.contains("channel \"script\" of [notify]:") && words.contains("No such file"), "{words}");
    daemon.stop();
}
