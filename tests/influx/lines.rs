//! Line protocol as InfluxDB 1.6.7 reads it, with its own words for what it refuses. 2.x has the same parser.
//!
//! Written from what the real server answered, and shares nothing with the encoder; `agrees.rs` holds it against the
//! server.

/// What a line says, every part as it is written.
#[derive(Debug)]
pub struct Line<'a> {
    /// Measurement and tags.
    pub series: &'a str,
    /// Keys and values.
    pub fields: Vec<(&'a str, &'a str)>,
    /// The time, in the precision of the request; none when the server shall take its own.
    pub time: Option<i64>,
}

/// The times that fit: nanoseconds in 64 bits, less three values of its own.
const TIMES: std::ops::RangeInclusive<i64> = -9_223_372_036_854_775_806..=9_223_372_036_854_775_806;

/// The lines of a body: those that are points, and what is said of the others.
pub fn read(text: &str, unit: i64) -> (Vec<Line<'_>>, Vec<String>) {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for line in text.split('\n').filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        match one(line, unit) {
            Ok(read) => good.push(read),
            Err(reason) => bad.push(format!("unable to parse '{line}': {reason}")),
        }
    }
    (good, bad)
}

fn one(line: &str, unit: i64) -> Result<Line<'_>, String> {
    let end = series(line)?;
    let (series, rest) = line.split_at(end);
    let rest = rest.trim_start_matches(' ');
    let (fields, rest) = rest.split_at(fields_end(rest)?);
    Ok(Line { series, fields: each_field(fields)?, time: time(rest.trim_matches(' '), unit)? })
}

/// Where the measurement and the tags end.
fn series(line: &str) -> Result<usize, &'static str> {
    let mut at = until(line, 0, &[',', ' ']);
    if at == 0 {
        return Err("missing measurement");
    }
    let mut keys = Vec::new();
    while line[at..].starts_with(',') {
        let equals = until(line, at + 1, &['=', ',', ' ']);
        let key = &line[at + 1..equals];
        if key.is_empty() {
            return Err("missing tag key");
        }
        if !line[equals..].starts_with('=') {
            return Err("missing tag value");
        }
        at = until(line, equals + 1, &['=', ',', ' ']);
        if line[at..].starts_with('=') {
            return Err("invalid tag format");
        }
        if at == equals + 1 {
            return Err("missing tag value");
        }
        if keys.contains(&key) {
            return Err("duplicate tags");
        }
        keys.push(key);
    }
    if at == line.len() { Err("missing fields") } else { Ok(at) }
}

/// The first of these characters from `from` on that has no backslash before it, or the end.
fn until(text: &str, from: usize, stops: &[char]) -> usize {
    let mut escaped = false;
    for (at, c) in text[from..].char_indices() {
        if stops.contains(&c) && !escaped {
            return from + at;
        }
        escaped = c == '\\' && !escaped;
    }
    text.len()
}

/// Where the fields end: a space outside of a string.
fn fields_end(text: &str) -> Result<usize, &'static str> {
    let (mut escaped, mut quoted) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' if !escaped => quoted = !quoted,
            ' ' if !escaped && !quoted => return Ok(at),
            _ => {}
        }
        escaped = c == '\\' && !escaped;
    }
    if quoted { Err("unbalanced quotes") } else { Ok(text.len()) }
}

/// Keys and values of the part of a line that holds them.
pub fn each_field(text: &str) -> Result<Vec<(&str, &str)>, String> {
    let (mut fields, mut rest) = (Vec::new(), text);
    loop {
        let equals = until(rest, 0, &['=', ',']);
        if !rest[equals..].starts_with('=') {
            return Err("invalid field format".to_owned());
        }
        if equals == 0 {
            return Err("missing field key".to_owned());
        }
        let (key, after) = (&rest[..equals], &rest[equals + 1..]);
        let end = if after.starts_with('"') { string_end(after) } else { until(after, 0, &[',']) };
        let value = &after[..end];
        check(value)?;
        fields.push((key, value));
        match after[end..].strip_prefix(',') {
            Some(next) => rest = next,
            None => return Ok(fields),
        }
    }
}

/// Behind the quote that ends a string; that there is one is known.
fn string_end(text: &str) -> usize {
    let end = until(&text[1..], 0, &['"']);
    (end + 2).min(text.len())
}

fn check(value: &str) -> Result<(), String> {
    let Some(first) = value.chars().next() else { return Err("missing field value".to_owned()) };
    match kind(value) {
        Some(Kind::Integer) => {
            let digits = value.trim_end_matches('i');
            digits.parse::<i64>().map(|_| ()).map_err(|_| {
                format!("unable to parse integer {digits}: strconv.ParseInt: parsing \"{digits}\": value out of range")
            })
        }
        // Text of our own may read as infinite; the server's own parser says that it does not fit.
        Some(Kind::Float) if value.parse::<f64>().is_ok_and(f64::is_infinite) => Err("invalid float".to_owned()),
        Some(Kind::Float | Kind::Boolean | Kind::String) => Ok(()),
        None if first.is_ascii_digit() || matches!(first, '-' | '+' | '.' | 'N' | 'n') => {
            Err("invalid number".to_owned())
        }
        None => Err("invalid boolean".to_owned()),
    }
}

/// The type of a field, which it keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Integer,
    Float,
    Boolean,
    String,
}

impl Kind {
    /// What InfluxDB calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Float => "float",
            Self::Boolean => "boolean",
            Self::String => "string",
        }
    }
}

/// The type of a value, if it is one.
pub fn kind(value: &str) -> Option<Kind> {
    if value.starts_with('"') {
        return Some(Kind::String);
    }
    if matches!(value, "t" | "T" | "true" | "True" | "TRUE" | "f" | "F" | "false" | "False" | "FALSE") {
        return Some(Kind::Boolean);
    }
    if let Some(digits) = value.strip_suffix('i') {
        let digits = digits.strip_prefix('-').unwrap_or(digits);
        let integer = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        return integer.then_some(Kind::Integer);
    }
    let begins = value.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '.'));
    let number = begins && value.bytes().any(|byte| byte.is_ascii_digit()) && value.parse::<f64>().is_ok();
    number.then_some(Kind::Float)
}

fn time(text: &str, unit: i64) -> Result<Option<i64>, String> {
    let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
    let digits = first.strip_prefix('-').unwrap_or(first);
    if first.is_empty() {
        return Ok(None);
    }
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("bad timestamp".to_owned());
    }
    if !rest.is_empty() {
        return Err("point is invalid".to_owned());
    }
    let time: i64 = first.parse().map_err(|_| format!("strconv.ParseInt: parsing \"{first}\": value out of range"))?;
    if time.checked_mul(unit).is_some_and(|nanoseconds| TIMES.contains(&nanoseconds)) {
        return Ok(Some(time));
    }
    Err(format!("time outside range {} - {}", TIMES.start(), TIMES.end()))
}

/// A part of a series or a key without its escapes.
pub fn plain(text: &str) -> String {
    ["\\,", "\\=", "\\ "].iter().fold(text.to_owned(), |text, escape| text.replace(escape, &escape[1..]))
}

/// The value of a string without quotes and escapes.
pub fn unquoted(value: &str) -> String {
    let inside = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
    let (mut text, mut escaped) = (String::new(), false);
    for c in inside.chars() {
        match (escaped, c) {
            (false, '\\') => escaped = true,
            (true, '"' | '\\') | (false, _) => {
                text.push(c);
                escaped = false;
            }
            (true, _) => {
                text.extend(['\\', c]);
                escaped = false;
            }
        }
    }
    text
}

/// The parts of a series, without their escapes: the measurement, then `key=value`.
pub fn parts(series: &str) -> Vec<String> {
    let (mut parts, mut from) = (Vec::new(), 0);
    loop {
        let end = until(series, from, &[',']);
        parts.push(plain(&series[from..end]));
        if end == series.len() {
            return parts;
        }
        from = end + 1;
    }
}
