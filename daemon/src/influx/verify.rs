//! Compares a replica with the store: how many samples of each series and hour are here, how many points are there.
//!
//! Asked in InfluxQL, the one language that 1.x, 2.4 and later, and 3.x share. An hour at a time, so that memory holds the
//! counts of an hour and no samples.

use std::collections::BTreeMap;

use hyper::{
    HeaderMap, Uri,
    header::{AUTHORIZATION, HeaderValue},
};
use phusong_checks::{Http, encoded};
use phusong_model::{
    Millis, UtcMs, Window,
    command::{Difference, OrderError, Verified, VerifyAnswer, VerifyOrder},
};
use serde::Deserialize;

use super::{InfluxSettings, start::Replicas};
use crate::tick::wall;

const SECOND: Millis = Millis::from_secs(1);
const HOUR: Millis = Millis::from_secs(3600);

/// What is compared when nobody says since when.
const USUAL: Millis = Millis::from_secs(86_400);

/// The longest window in hours: 93 days.
const HOURS_MOST: usize = 24 * 93;

/// Differences that are told one by one.
const TOLD_MOST: usize = 200;

/// The largest answer to a question in bytes; of 33,000 series it is 6 MB.
const ANSWER_MOST: usize = 64 << 20;

/// Samples of a link by a probe.
type Counts = BTreeMap<(String, String), u64>;

impl Replicas {
    /// Compares a replica, or each of them.
    pub(crate) async fn verify(&self, order: &VerifyOrder) -> Result<VerifyAnswer, OrderError> {
        // Labels of ticks are whole seconds, and so is what is asked: the second under way is part of it.
        let until = begin_of(SECOND, order.until.unwrap_or_else(wall).plus(Millis(999)));
        let since = order.since.unwrap_or_else(|| until.minus(USUAL));
        let mut replicas = Vec::new();
        for settings in self.named(order.replica.as_deref())? {
            let mut verified = Verified {
                replica: settings.name.clone(),
                window: Window::new(begin_of(HOUR, since).min(until), until),
                stored: 0,
                found: 0,
                differing: 0,
                differences: Vec::new(),
                fault: None,
            };
            verified.fault = self.compare(&settings, &mut verified).await.err();
            replicas.push(verified);
        }
        Ok(VerifyAnswer { schema: VerifyAnswer::SCHEMA.to_owned(), replicas })
    }

    async fn compare(&self, settings: &InfluxSettings, verified: &mut Verified) -> Result<(), String> {
        let question = Question::new(settings)?;
        let name = settings.name.clone();
        let reached = self.read(move |reader| {
            let cursor = reader.sink_cursor(&name)?;
            Ok((cursor, reader.tick_time(cursor)?))
        });
        let (cursor, reached) = reached.await?;
        // What the cursor has not passed may be there or not.
        let end = reached.map_or(verified.window.from, |at| at.plus(SECOND));
        verified.window = Window::new(verified.window.from, verified.window.to.min(end).max(verified.window.from));
        let mut from = verified.window.from;
        for _ in 0..HOURS_MOST {
            let hour = Window::new(from, from.plus(HOUR).min(verified.window.to));
            if hour.from >= hour.to {
                return Ok(());
            }
            let stored = self.read(move |reader| reader.measured(hour, cursor)).await?;
            let stored =
                stored.into_iter().map(|(link, probe, count)| ((link.to_string(), probe.id().to_owned()), count));
            let found = question.ask(hour).await?;
            add_hour(verified, hour.from, &stored.collect(), &found);
            from = hour.to;
        }
        Err(format!("only the first {HOURS_MOST} hours were compared"))
    }
}

fn begin_of(unit: Millis, at: UtcMs) -> UtcMs {
    at.minus(Millis(at.0.rem_euclid(unit.0)))
}

fn add_hour(verified: &mut Verified, hour: UtcMs, stored: &Counts, found: &Counts) {
    verified.stored += stored.values().sum::<u64>();
    verified.found += found.values().sum::<u64>();
    let mut series: Vec<_> = stored.keys().chain(found.keys().filter(|key| !stored.contains_key(*key))).collect();
    series.sort();
    for key in series {
        let [stored, found] = [stored, found].map(|counts| counts.get(key).copied().unwrap_or(0));
        if stored != found {
            verified.differing += 1;
            if verified.differences.len() < TOLD_MOST {
                let (link, probe) = key.clone();
                verified.differences.push(Difference { hour, link, probe, stored, found });
            }
        }
    }
}

/// Where and how is asked.
struct Question {
    http: Http,
    address: String,
    vantage: String,
    headers: HeaderMap,
}

impl Question {
    fn new(settings: &InfluxSettings) -> Result<Self, String> {
        let http = Http::keeping(settings.ca_file.as_deref(), settings.timeout)
            .map_err(|error| format!("{:#}", anyhow::Error::from(error)))?;
        let mut token = HeaderValue::from_str(&format!("Token {}", settings.token.expose()))
            .map_err(|_| "the InfluxDB token has characters that no HTTP header can carry".to_owned())?;
        token.set_sensitive(true);
        let address =
            format!("{}/query?db={}&epoch=s&q=", settings.url.trim_end_matches('/'), encoded(&settings.bucket));
        let headers = HeaderMap::from_iter([(AUTHORIZATION, token)]);
        Ok(Self { http, address, vantage: settings.vantage.clone(), headers })
    }

    /// How many points of each series InfluxDB has in a window.
    async fn ask(&self, window: Window) -> Result<Counts, String> {
        let statement = statement(&self.vantage, window);
        let address = format!("{}{}", self.address, encoded(&statement));
        let address: Uri = address.parse().map_err(|_| format!("{} is not an address", self.address))?;
        let reply = self.http.get(&address, &self.headers, ANSWER_MOST).await;
        let reply = reply.map_err(|error| format!("{} cannot be asked: {error}", self.address))?;
        if !reply.status.is_success() {
            let hint = match reply.status.as_u16() {
                401 | 403 => "; hint: the token of token_file needs the right to read the bucket, too",
                404 => "; hint: InfluxDB 2 before 2.4 needs a mapping for InfluxQL: influx v1 dbrp create",
                _ => "",
            };
            return Err(format!("{} answered {}{hint}", self.address, reply.words()));
        }
        counts(&reply.text()).map_err(|what| format!("what {} answered is not understood: {what}", self.address))
    }
}

/// The question, of whole seconds: labels of ticks are.
fn statement(vantage: &str, window: Window) -> String {
    let [from, to] = [window.from, window.to].map(|at| at.0.div_euclid(1000));
    // A vantage is an id: it has neither quotes nor backslashes.
    format!(
        "SELECT count(\"sent\") FROM \"link_probe\" WHERE \"vantage\" = '{vantage}' AND time >= {from}s AND time < {to}s \
         GROUP BY \"link\", \"probe\""
    )
}

/// What of an answer in InfluxQL's JSON is of interest.
#[derive(Deserialize)]
struct Answered {
    results: Vec<Outcome>,
}

#[derive(Deserialize)]
struct Outcome {
    #[serde(default)]
    series: Vec<Series>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Series {
    #[serde(default)]
    tags: BTreeMap<String, String>,
    /// Rows of time and count; 3.x writes some numbers as floats.
    values: Vec<(serde_json::Value, f64)>,
}

fn counts(answer: &str) -> Result<Counts, String> {
    let answered: Answered = serde_json::from_str(answer).map_err(|error| error.to_string())?;
    let mut counts = Counts::new();
    for outcome in answered.results {
        if let Some(error) = outcome.error {
            return Err(error);
        }
        for Series { mut tags, values } in outcome.series {
            let mut tag = |key: &str| tags.remove(key).unwrap_or_default();
            let key = (tag("link"), tag("probe"));
            *counts.entry(key).or_default() += values.iter().map(|(_, count)| *count as u64).sum::<u64>();
        }
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_1_x_and_3_x_are_counted() {
        let v1 = r#"{"results":[{"statement_id":0,"series":[
            {"name":"link_probe","tags":{"link":"a","probe":"icmp"},"columns":["time","count"],"values":[[1,60]]},
            {"name":"link_probe","tags":{"link":"b","probe":"tcp"},"columns":["time","count"],"values":[[1,2.0]]}]}]}"#;
        let key = |link: &str, probe: &str| (link.to_owned(), probe.to_owned());
        assert_eq!(counts(v1), Ok(Counts::from([(key("a", "icmp"), 60), (key("b", "tcp"), 2)])));
        assert_eq!(counts(r#"{"results":[{"statement_id":0}]}"#), Ok(Counts::new()));
        let wrong = r#"{"results":[{"statement_id":0,"error":"database not found: x"}]}"#;
        assert_eq!(counts(wrong), Err("database not found: x".to_owned()));
        assert!(counts("OK").is_err());
    }

    #[test]
    fn what_is_missing_and_what_is_too_much_is_told() {
        let key = |link: &str| (link.to_owned(), "icmp".to_owned());
        let mut verified = Verified {
            replica: "influx".to_owned(),
            window: Window::new(UtcMs(0), UtcMs(HOUR.0)),
            stored: 0,
            found: 0,
            differing: 0,
            differences: Vec::new(),
            fault: None,
        };
        let stored = Counts::from([(key("a"), 3), (key("b"), 4), (key("c"), 1)]);
        let found = Counts::from([(key("a"), 3), (key("b"), 2), (key("d"), 1)]);
        add_hour(&mut verified, UtcMs(0), &stored, &found);
        assert_eq!((verified.stored, verified.found, verified.differing), (8, 6, 3));
        let told: Vec<_> = verified.differences.iter().map(|d| (d.link.as_str(), d.stored, d.found)).collect();
        assert_eq!(told, [("b", 4, 2), ("c", 1, 0), ("d", 0, 1)]);
    }
}
