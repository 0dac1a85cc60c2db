//! Is the stand-in honest? The same requests go to it and to the real InfluxDB 1.6.7 behind nginx, and both must give
//! the same status, type, words and [`Reply`], and must have stored the same.
//!
//! No test can start 2.x. What it is known to say otherwise stands in the tables below beside the words of 1.6.7, each
//! with its reason, so that a change of either is seen.

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use flate2::{Compression, read::GzEncoder};
use phusong_daemon::influx::{InfluxSettings, Reply};
use serde_json::Value;

use crate::{
    database::Version,
    fill::Filled,
    http::free_address,
    server::{Influx, TOKEN, WEAK_TOKEN, speaking_tls, wait_at_most, wait_until},
    sink::{RunningSink, settings},
    standin::{Answer, StandIn},
};

/// Longest silence of a server.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is sent.
#[derive(Clone)]
struct Asked {
    method: &'static str,
    precision: &'static str,
    token: Option<&'static str>,
    packed: bool,
    body: Vec<u8>,
}

/// Lines as the daemon sends them.
fn lines(text: &str) -> Asked {
    let mut body = Vec::new();
    GzEncoder::new(text.as_bytes(), Compression::fast()).read_to_end(&mut body).expect("memory");
    Asked { method: "POST", precision: "s", token: Some(TOKEN), packed: true, body }
}

/// The same without gzip.
fn bare(text: &str) -> Asked {
    Asked { packed: false, body: text.as_bytes().to_vec(), ..lines("") }
}

/// Bytes that are called gzip.
fn called_gzip(body: &[u8]) -> Asked {
    Asked { body: body.to_vec(), ..lines("") }
}

/// What came back.
#[derive(Debug, PartialEq)]
struct Heard {
    status: u16,
    kind: Option<String>,
    retry_after: Option<String>,
    /// Names of the JSON object, if the body is one.
    form: Vec<String>,
    /// Its words, or the body itself.
    message: String,
    reply: Reply,
}

fn ask(address: SocketAddr, bucket: &str, asked: &Asked) -> Heard {
    let Asked { method, precision, token, packed, body } = asked;
    let mut head = format!(
        "{method} /api/v2/write?bucket={bucket}&org=o&precision={precision} HTTP/1.0\r\nHost: {address}\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n",
        body.len()
    );
    head.extend(token.map(|token| format!("Authorization: Token {token}\r\n")));
    head.extend(packed.then_some("Content-Encoding: gzip\r\n"));
    let mut stream = TcpStream::connect(address).expect("connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("time limit");
    stream.write_all(format!("{head}\r\n").as_bytes()).expect("head");
    stream.write_all(body).expect("body");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("UTF-8");
    heard(&answer)
}

fn heard(answer: &str) -> Heard {
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let header = |name: &str| {
        let mut headers = head.lines().filter_map(|line| line.split_once(": "));
        headers.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    };
    let json: Value = serde_json::from_str(body).unwrap_or_default();
    let words = ["error", "message"].iter().find_map(|key| json[key].as_str());
    Heard {
        status,
        kind: header("content-type"),
        retry_after: header("retry-after"),
        form: json.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect(),
        message: words.unwrap_or(body).trim_end().to_owned(),
        reply: Reply::of(status, body),
    }
}

/// All that the real server has in a database, in the form of [`StandIn::facts`].
fn facts(influx: &Influx, database: &str) -> BTreeSet<String> {
    let mut facts = BTreeSet::new();
    for series in influx.series(database, "ns", "SELECT * FROM /.*/ GROUP BY *") {
        let text = |json: &Value| json.as_str().expect("text").to_owned();
        let mut parts = vec![text(&series["name"])];
        // Of all tags of the measurement; those that this series has not are empty.
        let tags = series["tags"].as_object().into_iter().flatten().filter(|(_, value)| **value != "");
        parts.extend(tags.map(|(key, value)| format!("{key}={}", text(value))));
        let columns: Vec<String> = series["columns"].as_array().into_iter().flatten().map(text).collect();
        for row in series["values"].as_array().into_iter().flatten().filter_map(Value::as_array) {
            let fields = columns.iter().zip(row).skip(1).filter(|(_, value)| !value.is_null());
            facts.extend(fields.map(|(field, value)| {
                let value = value.as_f64().map_or_else(|| value.clone(), Value::from);
                format!("{parts:?} {} {field} {value}", row[0])
            }));
        }
    }
    facts
}

/// Status, words and number of stored fields.
type Told = (u16, &'static str, usize);

/// A story: requests of which the last is of interest.
struct Row {
    what: &'static str,
    asked: Vec<Asked>,
    /// 1.6.7.
    v1: Told,
    /// 2.x.
    v2: Told,
    /// Why they differ.
    why: &'static str,
}

fn same(what: &'static str, asked: impl Into<Vec<Asked>>, told: Told) -> Row {
    Row { what, asked: asked.into(), v1: told, v2: told, why: "" }
}

fn differ(what: &'static str, asked: impl Into<Vec<Asked>>, [v1, v2]: [Told; 2], why: &'static str) -> Row {
    Row { what, asked: asked.into(), v1, v2, why }
}

/// What the servers of a table are told to be.
#[derive(Clone, Copy, Default)]
struct Setting {
    tokens: bool,
    most_bytes: Option<usize>,
}

impl Setting {
    fn real(self) -> Option<Influx> {
        let limit = self.most_bytes.map(|most| format!("max-body-size = {most}\n")).unwrap_or_default();
        Influx::start_with(&format!("auth-enabled = {}\n{limit}", self.tokens))
    }

    fn stand_in(self, version: Version, bucket: &str) -> StandIn {
        let stand_in = StandIn::start([]);
        stand_in.be(|database| {
            database.version = version;
            database.bucket = Some(bucket.to_owned());
            database.most_bytes = self.most_bytes;
            if self.tokens {
                database.tokens = [(TOKEN.to_owned(), true), (WEAK_TOKEN.to_owned(), false)].into();
            }
        });
        stand_in
    }
}

/// Sends all requests of a row; what came back for each.
fn tell(address: SocketAddr, bucket: &str, row: &Row) -> Vec<Heard> {
    row.asked.iter().map(|asked| ask(address, bucket, asked)).collect()
}

fn told(heard: &[Heard], stored: usize) -> (u16, &str, usize) {
    let last = heard.last().expect("a request");
    (last.status, &last.message, stored)
}

/// Each row on a database of its own.
fn agree(setting: Setting, rows: &[Row]) {
    for row in rows {
        assert_eq!(row.v1 == row.v2, row.why.is_empty(), "{}: a difference has a reason", row.what);
        let two = setting.stand_in(Version::V2, "phusong");
        let heard = tell(two.address, "phusong", row);
        assert_eq!(told(&heard, two.facts().len()), row.v2, "2.x: {}", row.what);
    }
    let Some(influx) = setting.real() else { return };
    for (number, row) in rows.iter().enumerate() {
        let bucket = format!("c{number}");
        influx.order(&format!("CREATE DATABASE {bucket}"));
        let one = setting.stand_in(Version::V1, &bucket);
        let (real, ours) = (tell(influx.address, &bucket, row), tell(one.address, &bucket, row));
        assert_eq!(ours, real, "{}", row.what);
        let stored = facts(&influx, &bucket);
        assert_eq!(one.facts(), stored, "{}", row.what);
        assert_eq!(told(&real, stored.len()), row.v1, "1.6.7: {}", row.what);
    }
}

const GOOD: &str = "m,a=b v=1i,f=2.5,s=\"x\",up=true 1795420810\nm,a=c v=2i 1795420810\n";

const ATOMIC: &str = "2.x parses the whole body before it writes any of it";

#[test]
fn agrees_on_what_is_stored_and_what_is_refused() {
    let cut = lines(GOOD).body[..30].to_vec();
    let conflict = "m,a=b v=1i 1\nm,a=b v=\"x\",w=1i 2\nm,a=b v=3.5 3\nm,a=b v=4i 4";
    let clash = "field type conflict: input field \"v\" on measurement \"m\" is type string, \
                 already exists as type integer dropped=2";
    let partial: &'static str = format!("partial write: {clash}").leak();
    let failure: &'static str = format!("failure writing points to database: {partial}").leak();
    agree(
        Setting::default(),
        &[
            same("good lines", [lines(GOOD)], (204, "", 5)),
            same("the same lines again", [lines(GOOD), lines(GOOD)], (204, "", 5)),
            same("without gzip", [bare(GOOD)], (204, "", 5)),
            same("the last value of a point", [bare("m v=1i,w=1i 7"), bare("m v=2i,x=1i 7")], (204, "", 3)),
            same("comments and blank lines", [lines("# no\n\nm v=1i 7\n\n")], (204, "", 1)),
            same("times before 1970", [lines("m v=1i -7")], (204, "", 1)),
            same("the last second there is", [lines("m v=1i 9223372036")], (204, "", 1)),
            differ(
                "gzip that ends too early",
                [called_gzip(&cut)],
                [(400, "unexpected EOF", 0), (500, "unable to read data: unexpected EOF", 0)],
                "2.x counts only a wrong sum as the client's fault",
            ),
            differ(
                "no gzip at all",
                [called_gzip(b"this is not gzip")],
                [(400, "gzip: invalid header", 0), (500, "An internal error has occurred - check server logs", 0)],
                "2.x has no words for it",
            ),
            differ(
                "an empty body",
                [bare("")],
                [(204, "", 0), (400, "writing requires points", 0)],
                "1.6.7 has nothing to do, 2.x wants something",
            ),
            differ(
                "a malformed line between good ones",
                [lines("m,a=b v=1i 1\nm,a=b v= 2\nm,a=b v=3i 3")],
                [
                    (400, "partial write: unable to parse 'm,a=b v= 2': missing field value dropped=0", 2),
                    (400, "unable to parse 'm,a=b v= 2': missing field value", 0),
                ],
                ATOMIC,
            ),
            differ(
                "two malformed lines",
                [lines("m,a=b v=1i 1\nm,a=b v= 2\nm,a= v=3i 3")],
                [
                    (
                        400,
                        "partial write: unable to parse 'm,a=b v= 2': missing field value\n\
                         unable to parse 'm,a= v=3i 3': missing tag value dropped=0",
                        1,
                    ),
                    (
                        400,
                        "unable to parse 'm,a=b v= 2': missing field value\n\
                         unable to parse 'm,a= v=3i 3': missing tag value",
                        0,
                    ),
                ],
                ATOMIC,
            ),
            differ(
                "a field of another type",
                [bare("m,a=b v=0i 0"), lines(conflict)],
                [(400, partial, 3), (422, failure, 3)],
                "2.x has a status for what it understood and cannot store",
            ),
            differ(
                "a precision that there is not",
                [Asked { precision: "bogus", ..lines("m v=1i 7") }],
                [(204, "", 1), (400, "invalid precision; valid precision units are ns, us, ms, and s", 0)],
                "1.6.7 takes it for nanoseconds",
            ),
            same("milliseconds", [Asked { precision: "ms", ..lines("m v=1i 7000") }], (204, "", 1)),
        ],
    );
}

#[test]
fn agrees_on_names_that_somebody_else_has_chosen() {
    // As the encoder writes them: `,`, `=` and space behind `\` in tags, `"` and `\` in strings.
    let names = [
        r#"m,a=x\ y\,z\=1 v=1i 7"#,
        r#"m,a="q",b='q' v=1i 7"#,
        r#"m,a=Xã\ Đồng\ Văn,b=<b>&amp; v=1i 7"#,
        r#"m,a=b s="a \"q\" \\ b, c=d\\" 7"#,
        r#"m,a=b s="",t="\\\\",u="<script>" 7"#,
        r#"m,a=b s="dark since 03:00 # no comment" 7"#,
        "m,ifname=ether\\ 1/0\\,up\\=link oper=1i,in_bps=3.0 7",
    ];
    let each =
        |line: &&'static str| same("a name", [lines(line)], (204, "", crate::lines::read(line, 1).0[0].fields.len()));
    agree(Setting::default(), &names.iter().map(each).collect::<Vec<_>>());
}

#[test]
fn agrees_on_every_line_that_cannot_be_read() {
    let bad = [
        "m",
        "m ",
        "m,",
        ",a=b v=1i 1",
        "m,a v=1i 1",
        "m,=a v=1i 1",
        "m,a= v=1i 1",
        "m,a=b,c= v=1i 1",
        "m,a=b,a=c v=1i 1",
        "m,a=x\\ v=1i 1",
        "m,a=b v 1",
        "m,a=b v= 1",
        "m,a=b =1i 1",
        "m,a=b v=1i,=2 1",
        "m,a=b v=1i, 1",
        "m,a=b 1795420810",
        "m,a=b f=NaN 1",
        "m,a=b f=nan 1",
        "m,a=b f=inf 1",
        "m,a=b f=-Inf 1",
        "m,a=b f=1e400 1",
        "m,a=b f=1.2.3 1",
        "m,a=b f=- 1",
        "m,a=b v=1u 1",
        "m,a=b v=1.5i 1",
        "m,a=b v=9223372036854775808i 1",
        "m,a=b b=maybe 1",
        "m,a=b s=\"open 1",
        "m,a=b v=1i tomorrow",
        "m,a=b v=1i 1.5",
        "m,a=b v=1i 1 2",
        "m,a=b v=1i 1\r",
        "m,a=b v=1i 9223372037",
        "m,a=b v=1i 9223372036854775807",
        "m,a=b v=1i 92233720368547758080",
    ];
    let Some(influx) = Setting::default().real() else { return };
    let [one, two] = [Version::V1, Version::V2].map(|version| Setting::default().stand_in(version, "phusong"));
    for line in bad {
        let real = ask(influx.address, "phusong", &lines(line));
        assert_eq!(ask(one.address, "phusong", &lines(line)), real, "{line:?}");
        assert!(real.message.starts_with(&format!("unable to parse '{line}': ")), "{real:?}");
        assert!(matches!(real.reply, Reply::Invalid { status: 400, .. }), "{real:?}");
        // 2.x has the same parser; only the form around its words is another.
        let other = ask(two.address, "phusong", &lines(line));
        assert_eq!((other.reply, other.form), (real.reply, vec!["code".to_owned(), "message".to_owned()]), "{line:?}");
    }
    assert_eq!((one.facts(), two.facts()), (facts(&influx, "phusong"), BTreeSet::new()));
}

#[test]
fn agrees_on_who_may_write() {
    let by = |token| Asked { token, ..lines("m v=1i 7") };
    let words = "words of its own";
    agree(
        Setting { tokens: true, most_bytes: None },
        &[
            same("a token that may", [by(Some(TOKEN))], (204, "", 1)),
            differ(
                "no token",
                [by(None)],
                [(401, "unable to parse authentication credentials", 0), (401, "unauthorized access", 0)],
                words,
            ),
            differ(
                "a wrong token",
                [by(Some("wrong"))],
                [(401, "authorization failed", 0), (401, "unauthorized access", 0)],
                words,
            ),
            differ(
                "a token that may not",
                [by(Some(WEAK_TOKEN))],
                [
                    (403, "\"weak-token\" user is not authorized to write to database \"c3\"", 0),
                    (403, "insufficient permissions for write", 0),
                ],
                words,
            ),
        ],
    );
}

#[test]
fn agrees_on_a_bucket_that_is_not_there() {
    let Some(influx) = Setting::default().real() else { return };
    let [one, two] = [Version::V1, Version::V2].map(|version| Setting::default().stand_in(version, "phusong"));
    let real = ask(influx.address, "absent", &lines(GOOD));
    assert_eq!(ask(one.address, "absent", &lines(GOOD)), real);
    assert_eq!((real.status, real.message.as_str()), (404, "database not found: \"absent\""));
    let other = ask(two.address, "absent", &lines(GOOD));
    assert_eq!((other.status, other.message.as_str()), (404, "bucket \"absent\" not found"));
}

#[test]
fn agrees_on_a_batch_that_disagrees_with_itself() {
    // What 2.x does with it is not known here. 1.6.7 stores nothing of it, says less than otherwise, and from then on
    // knows the type that came first: the halves of the batch fare better.
    let Some(influx) = Setting::default().real() else { return };
    let one = Setting::default().stand_in(Version::V1, "phusong");
    for (told, stored) in [("field type conflict", 0), ("partial write: field type conflict: input field", 1)] {
        let asked = lines("m,a=b v=1i 1\nm,a=b v=\"x\" 2");
        let real = ask(influx.address, "phusong", &asked);
        assert_eq!(ask(one.address, "phusong", &asked), real);
        assert!(real.status == 400 && real.message.starts_with(told), "{real:?}");
        assert!(matches!(real.reply, Reply::Invalid { status: 400, .. }), "{real:?}");
        let found = facts(&influx, "phusong");
        assert_eq!((one.facts(), found.len()), (found.clone(), stored));
    }
}

#[test]
fn agrees_on_another_method() {
    let Some(influx) = Setting::default().real() else { return };
    let one = Setting::default().stand_in(Version::V1, "phusong");
    for method in ["PUT", "GET", "DELETE"] {
        let asked = Asked { method, ..lines(GOOD) };
        let real = ask(influx.address, "phusong", &asked);
        assert_eq!(ask(one.address, "phusong", &asked), real, "{method}");
        assert!(matches!(real.reply, Reply::Refused { status: 405, .. }), "{real:?}");
    }
}

#[test]
fn agrees_on_what_is_too_large() {
    // 1.6.7 counts what comes over the wire, 2.x what is in it.
    let many: &'static str = (0..200).map(|n| format!("m,a=b v=1i {n}\n")).collect::<String>().leak();
    assert!(lines(many).body.len() < 1000 && many.len() > 2000);
    agree(
        Setting { tokens: false, most_bytes: Some(1000) },
        &[
            same("small enough", [lines(GOOD)], (204, "", 5)),
            differ(
                "too large",
                [bare(many)],
                [(413, "Request Entity Too Large", 0), (413, "unable to read data: points batch is too large", 0)],
                "words of its own",
            ),
            differ(
                "too large when it is unpacked",
                [lines(many)],
                [(204, "", 200), (413, "unable to read data: points batch is too large", 0)],
                "1.6.7 counts the packed bytes, 2.x the unpacked ones",
            ),
        ],
    );
}

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
