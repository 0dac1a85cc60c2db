//! Is the stand-in honest? The same requests go to it and to the real InfluxDB 1.6.7 behind nginx, and both must give
//! the same status, type, words and [`Reply`], and must have stored the same.
//!
//! No test can start 2.x. What it is known to say otherwise stands in the tables below beside the words of 1.6.7, each
//! with its reason, so that a change of either is seen.

use std::{collections::BTreeSet, net::SocketAddr};

use phusong_daemon::influx::Reply;

use crate::{
    asked::{Asked, Heard, ask, bare, called_gzip, facts, lines},
    database::Version,
    server::{Influx, TOKEN, WEAK_TOKEN},
    standin::StandIn,
};

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
pub struct Setting {
    pub tokens: bool,
    pub most_bytes: Option<usize>,
}

impl Setting {
    pub fn real(self) -> Option<Influx> {
        let limit = self.most_bytes.map(|most| format!("max-body-size = {most}\n")).unwrap_or_default();
        Influx::start_with(&format!("auth-enabled = {}\n{limit}", self.tokens))
    }

    pub fn stand_in(self, version: Version, bucket: &str) -> StandIn {
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
fn agrees_on_what_is_stored() {
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
            same("milliseconds", [Asked { precision: "ms", ..lines("m v=1i 7000") }], (204, "", 1)),
        ],
    );
}

#[test]
fn agrees_on_what_is_refused() {
    let cut = lines(GOOD).body[..30].to_vec();
    let conflict = "m,a=b v=1i 1\nm,a=b v=\"x\",w=1i 2\nm,a=b v=3.5 3\nm,a=b v=4i 4";
    let clash = "field type conflict: input field \"v\" on measurement \"m\" is type string, \
                 already exists as type integer dropped=2";
    let partial: &'static str = format!("partial write: {clash}").leak();
    let failure: &'static str = format!("failure writing points to database: {partial}").leak();
    agree(
        Setting::default(),
        &[
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
