//! One request to whoever it may be, in full: the same for the stand-in and for the real server.

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use flate2::{Compression, read::GzEncoder};
use phusong_daemon::influx::Reply;
use serde_json::Value;

use crate::server::{Influx, TOKEN};

/// Longest silence of a server.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is sent.
#[derive(Clone)]
pub struct Asked {
    pub method: &'static str,
    pub precision: &'static str,
    pub token: Option<&'static str>,
    pub packed: bool,
    pub body: Vec<u8>,
}

/// Lines as the daemon sends them.
pub fn lines(text: &str) -> Asked {
    let mut body = Vec::new();
    GzEncoder::new(text.as_bytes(), Compression::fast()).read_to_end(&mut body).expect("memory");
    Asked { method: "POST", precision: "s", token: Some(TOKEN), packed: true, body }
}

/// The same without gzip.
pub fn bare(text: &str) -> Asked {
    Asked { packed: false, body: text.as_bytes().to_vec(), ..lines("") }
}

/// Bytes that are called gzip.
pub fn called_gzip(body: &[u8]) -> Asked {
    Asked { body: body.to_vec(), ..lines("") }
}

/// What came back.
#[derive(Debug, PartialEq)]
pub struct Heard {
    pub status: u16,
    pub kind: Option<String>,
    pub retry_after: Option<String>,
    /// Names of the JSON object, if the body is one.
    pub form: Vec<String>,
    /// Its words, or the body itself.
    pub message: String,
    pub reply: Reply,
}

pub fn ask(address: SocketAddr, bucket: &str, asked: &Asked) -> Heard {
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
pub fn facts(influx: &Influx, database: &str) -> BTreeSet<String> {
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
