//! What the stand-in does when nobody has told it otherwise: it reads, stores and refuses as InfluxDB does.
//!
//! In two versions. The first is 1.6.7 behind the nginx of `server.rs`, and `agrees.rs` sends both of them the same
//! requests. The second is 2.x, which no test can start; what it says otherwise is written in a table of `agrees.rs`.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read,
    time::Instant,
};

use flate2::read::GzDecoder;
use serde_json::json;

use crate::{
    http::Request,
    lines::{self, Kind, Line},
};

/// Whose answers are given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Version {
    /// InfluxDB 1.6.7.
    V1,
    /// InfluxDB 2.x, by its sources: `http/write_handler.go`, `http/points/points_parser.go`, `tenant/error_bucket.go`.
    #[default]
    V2,
}

/// An answer.
#[derive(Debug)]
pub struct Said {
    pub status: u16,
    /// Type of the body.
    pub kind: Option<&'static str>,
    pub body: String,
}

/// What is stored, and who may write.
#[derive(Default)]
pub struct Database {
    pub version: Version,
    /// The one bucket there is; any where it does not matter.
    pub bucket: Option<String>,
    /// The tokens that are known, and whether they may write; nobody is asked when there are none.
    pub tokens: BTreeMap<String, bool>,
    /// The largest body: 1.x counts it packed, 2.x unpacked.
    pub most_bytes: Option<usize>,
    /// Beginning and end of a line that is refused with 422; nothing of its batch is stored then, as in InfluxDB 3.
    pub bad: Option<(String, String)>,
    /// Series and time to fields, as they are written.
    pub points: BTreeMap<String, String>,
    /// When the first sample of a time was stored, by the time as it is written.
    pub arrived: BTreeMap<String, Instant>,
    /// Types of fields by measurement.
    kinds: BTreeMap<String, BTreeMap<String, Kind>>,
}

/// The body without its packing, if it is packed and whole.
pub fn unpacked(request: &Request) -> std::io::Result<Vec<u8>> {
    if request.header("content-encoding") != Some("gzip") {
        return Ok(request.body.clone());
    }
    let mut body = Vec::new();
    GzDecoder::new(request.body.as_slice()).read_to_end(&mut body).map(|_| body)
}

/// A parameter of the target, decoded.
fn parameter(request: &Request, name: &str) -> String {
    let (_, query) = request.line.split(' ').nth(1).unwrap_or_default().split_once('?').unwrap_or_default();
    let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).unwrap_or_default();
    let (mut bytes, mut rest) = (Vec::new(), value.bytes());
    while let Some(byte) = rest.next() {
        let code = (byte == b'%').then(|| [rest.next(), rest.next()].map(|digit| char::from(digit.unwrap_or(b'0'))));
        let decoded = code.and_then(|code| u8::from_str_radix(&String::from_iter(code), 16).ok());
        bytes.push(decoded.unwrap_or(byte));
    }
    String::from_utf8(bytes).expect("UTF-8")
}

impl Database {
    /// The answer to a request. Each check is made where 1.6.7 makes it: the first that fails is told.
    pub fn write(&mut self, request: &Request) -> Said {
        match self.look(request) {
            Ok((text, precision)) => self.take(&text, precision),
            Err(said) => said,
        }
    }

    /// The lines and their precision, or what speaks against the request.
    fn look(&self, request: &Request) -> Result<(String, &'static str), Said> {
        if !request.line.starts_with("POST ") {
            // What 2.x says to this no test asks.
            let kind = Some("text/plain; charset=utf-8");
            return Err(Said { status: 405, kind, body: "Method Not Allowed\n".to_owned() });
        }
        let writes = self.known(request)?;
        let precision = match parameter(request, "precision").as_str() {
            "s" => "s",
            "ms" => "ms",
            "us" => "us",
            "ns" | "" => "ns",
            // 1.6.7 takes whatever it does not know for nanoseconds.
            _ if self.version == Version::V1 => "ns",
            _ => return Err(self.no(400, "invalid precision; valid precision units are ns, us, ms, and s")),
        };
        let bucket = parameter(request, "bucket");
        if self.bucket.as_ref().is_some_and(|known| *known != bucket) {
            return Err(self.no_bucket(&bucket));
        }
        if !writes {
            return Err(self.no_right(request, &bucket));
        }
        let body = self.body(request)?;
        if body.is_empty() && self.version == Version::V2 {
            return Err(self.no(400, "writing requires points"));
        }
        Ok((String::from_utf8(body).expect("UTF-8"), precision))
    }

    /// Whether the one who asks may write; an answer for those who are not known.
    fn known(&self, request: &Request) -> Result<bool, Said> {
        if self.tokens.is_empty() {
            return Ok(true);
        }
        let token = request.header("authorization").and_then(|header| header.strip_prefix("Token "));
        match (token, token.and_then(|token| self.tokens.get(token)), self.version) {
            (_, Some(&writes), _) => Ok(writes),
            (_, None, Version::V2) => Err(self.no(401, "unauthorized access")),
            (Some(_), None, Version::V1) => Err(self.no(401, "authorization failed")),
            (None, None, Version::V1) => Err(self.no(401, "unable to parse authentication credentials")),
        }
    }

    fn no_bucket(&self, bucket: &str) -> Said {
        match self.version {
            Version::V1 => self.no(404, &format!("database not found: {bucket:?}")),
            Version::V2 => self.no(404, &format!("bucket {bucket:?} not found")),
        }
    }

    fn no_right(&self, request: &Request, bucket: &str) -> Said {
        // The nginx of the tests makes the token the name of the user.
        let user = request.header("authorization").and_then(|header| header.strip_prefix("Token ")).unwrap_or_default();
        match self.version {
            Version::V1 => self.no(403, &format!("{user:?} user is not authorized to write to database {bucket:?}")),
            Version::V2 => self.no(403, "insufficient permissions for write"),
        }
    }

    fn body(&self, request: &Request) -> Result<Vec<u8>, Said> {
        let most = self.most_bytes.unwrap_or(usize::MAX);
        if self.version == Version::V1 && request.body.len() > most {
            return Err(self.no(413, "Request Entity Too Large"));
        }
        let body = unpacked(request).map_err(|_| self.broken(&request.body))?;
        if self.version == Version::V2 && body.len() > most {
            return Err(self.no(413, "unable to read data: points batch is too large"));
        }
        Ok(body)
    }

    /// Of gzip that cannot be unpacked.
    fn broken(&self, packed: &[u8]) -> Said {
        let headed = packed.starts_with(&[0x1f, 0x8b]);
        match self.version {
            Version::V1 if packed.is_empty() => self.no(400, "EOF"),
            // The head of gzip is ten bytes long.
            Version::V1 if headed || packed.len() < 10 => self.no(400, "unexpected EOF"),
            Version::V1 => self.no(400, "gzip: invalid header"),
            Version::V2 if headed => self.no(500, "unable to read data: unexpected EOF"),
            Version::V2 => self.no(500, "An internal error has occurred - check server logs"),
        }
    }

    /// Stores what can be stored, and says what could not.
    fn take(&mut self, text: &str, precision: &'static str) -> Said {
        let bad = |line: &str| self.bad.as_ref().is_some_and(|(a, b)| line.starts_with(a) && line.ends_with(b));
        if text.lines().any(bad) {
            return self.no(422, "failure writing points to database: partial write: field type conflict dropped=1");
        }
        let (good, wrong) = lines::read(text, unit(precision));
        if !wrong.is_empty() && (self.version == Version::V2 || good.is_empty()) {
            return self.no(400, &wrong.join("\n"));
        }
        if self.version == Version::V1 && self.disagrees(&good) {
            return self.no(400, "field type conflict");
        }
        let (mut conflict, mut dropped) = (None, 0);
        for line in &good {
            match self.clash(line) {
                None => self.store(line, precision),
                Some(clash) => {
                    conflict.get_or_insert(clash);
                    dropped += 1;
                }
            }
        }
        let partial = |what: &str| format!("partial write: {what} dropped={dropped}");
        match (conflict, self.version) {
            (Some(clash), Version::V1) => self.no(400, &partial(&clash)),
            (Some(clash), Version::V2) => {
                self.no(422, &format!("failure writing points to database: {}", partial(&clash)))
            }
            (None, _) if !wrong.is_empty() => self.no(400, &partial(&wrong.join("\n"))),
            (None, version) => {
                let kind = (version == Version::V1).then_some("application/json");
                Said { status: 204, kind, body: String::new() }
            }
        }
    }

    /// Whether lines give different types to a field that is new: 1.6.7 stores none of them then. The field has the type
    /// that came first from now on, so that the next time only the others are dropped.
    fn disagrees(&mut self, lines: &[Line<'_>]) -> bool {
        let (mut new, mut disagree) = (BTreeMap::new(), false);
        for line in lines {
            let measurement = measurement(line);
            let known = self.kinds.get(measurement);
            for (key, value) in &line.fields {
                if known.is_none_or(|known| !known.contains_key(*key)) {
                    let kind = lines::kind(value).expect("a value that was read");
                    disagree |= *new.entry((measurement, *key)).or_insert(kind) != kind;
                }
            }
        }
        if disagree {
            for ((measurement, key), kind) in new {
                self.kinds.entry(measurement.to_owned()).or_default().insert(key.to_owned(), kind);
            }
        }
        disagree
    }

    /// What a line says against the type of a field; where nothing does, its fields have their types from now on.
    fn clash(&mut self, line: &Line<'_>) -> Option<String> {
        let measurement = measurement(line);
        if !self.kinds.contains_key(measurement) {
            self.kinds.insert(measurement.to_owned(), BTreeMap::new());
        }
        let known = self.kinds.get_mut(measurement)?;
        for (key, value) in &line.fields {
            let kind = lines::kind(value).expect("a value that was read");
            match known.get(*key) {
                Some(other) if *other != kind => {
                    let (kind, other) = (kind.name(), other.name());
                    return Some(format!(
                        "field type conflict: input field {key:?} on measurement {measurement:?} is type {kind}, \
                         already exists as type {other}"
                    ));
                }
                Some(_) => {}
                None => {
                    known.insert((*key).to_owned(), kind);
                }
            }
        }
        None
    }

    fn store(&mut self, line: &Line<'_>, precision: &'static str) {
        let now = || jiff::Timestamp::now().as_nanosecond() / i128::from(unit(precision));
        let time = line.time.map_or_else(now, i128::from);
        let time = if precision == "s" { time.to_string() } else { format!("{time}{precision}") };
        if line.series.starts_with("link_probe,") && !self.arrived.contains_key(&time) {
            self.arrived.insert(time.clone(), Instant::now());
        }
        let point = self.points.entry(format!("{} {time}", line.series)).or_default();
        let before = std::mem::take(point);
        // Fields of the same point, each once, the last value of it.
        let kept = fields_of(&before);
        let all: BTreeMap<&str, &str> = kept.into_iter().chain(line.fields.iter().copied()).collect();
        *point = all.into_iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",");
    }

    /// All that is stored: measurement, tags in the order of their names, nanoseconds, field and value.
    pub fn facts(&self) -> BTreeSet<String> {
        let mut facts = BTreeSet::new();
        for (point, fields) in &self.points {
            let (series, time) = point.rsplit_once(' ').expect("series and time");
            let digits = time.trim_end_matches(char::is_alphabetic);
            let precision = if digits == time { "s" } else { &time[digits.len()..] };
            let nanoseconds = digits.parse::<i64>().expect("a time") * unit(precision);
            let mut parts = lines::parts(series);
            parts[1..].sort();
            for (key, value) in fields_of(fields) {
                let value = match lines::kind(value) {
                    Some(Kind::String) => json!(lines::unquoted(value)),
                    Some(Kind::Boolean) => json!(value.starts_with(['t', 'T'])),
                    _ => json!(value.trim_end_matches('i').parse::<f64>().expect("a number")),
                };
                facts.insert(format!("{parts:?} {nanoseconds} {} {value}", lines::plain(key)));
            }
        }
        facts
    }

    /// A refusal in the words and the form of the version.
    fn no(&self, status: u16, message: &str) -> Said {
        match self.version {
            Version::V1 => {
                let body = json!({ "error": message }).to_string() + "\n";
                Said { status, kind: Some("application/json"), body }
            }
            Version::V2 => {
                let code = match status {
                    401 => "unauthorized",
                    403 => "forbidden",
                    404 => "not found",
                    413 => "request too large",
                    422 => "unprocessable entity",
                    500 => "internal error",
                    _ => "invalid",
                };
                let body = json!({ "code": code, "message": message }).to_string();
                Said { status, kind: Some("application/json; charset=utf-8"), body }
            }
        }
    }
}

fn measurement<'a>(line: &Line<'a>) -> &'a str {
    line.series.split(',').next().unwrap_or_default()
}

/// The fields of a point that is stored.
fn fields_of(fields: &str) -> Vec<(&str, &str)> {
    if fields.is_empty() {
        return Vec::new();
    }
    lines::each_field(fields).expect("fields that were read")
}

/// Nanoseconds of a unit of time.
fn unit(precision: &str) -> i64 {
    match precision {
        "s" => 1_000_000_000,
        "ms" => 1_000_000,
        "us" => 1_000,
        _ => 1,
    }
}
