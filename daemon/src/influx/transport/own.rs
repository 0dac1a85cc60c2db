//! Https, an authority of one's own, and a path in front of `/api/v2/write`. Hears `Retry-After`, which the crate loses.

use std::time::Duration;

use hyper::{
    HeaderMap, Uri,
    header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, RETRY_AFTER},
};
use phusong_checks::{Http, Unanswered, encoded};
use phusong_model::UtcMs;

use crate::influx::{InfluxSettings, reply::Reply, transport::TransportError};

/// A connection to one bucket.
pub(in crate::influx) struct Own {
    http: Http,
    url: Uri,
    headers: HeaderMap,
}

impl Own {
    /// A client for the settings. No request is made.
    pub(super) fn new(settings: &InfluxSettings) -> Result<Self, TransportError> {
        let InfluxSettings { url, org, bucket, token, ca_file, timeout, .. } = settings;
        let (base, org, bucket) = (url.trim_end_matches('/'), encoded(org), encoded(bucket));
        let address = format!("{base}/api/v2/write?bucket={bucket}&org={org}&precision=s").parse::<Uri>();
        let address = address.ok().filter(|address| address.scheme().is_some() && address.host().is_some());
        let mut authorization =
            HeaderValue::from_str(&format!("Token {}", token.expose())).map_err(|_| TransportError::Token)?;
        authorization.set_sensitive(true);
        let headers = HeaderMap::from_iter([
            (AUTHORIZATION, authorization),
            (CONTENT_ENCODING, HeaderValue::from_static("gzip")),
            (CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")),
        ]);
        let http =
            Http::keeping(ca_file.as_deref(), *timeout).map_err(|error| TransportError::https(settings, error))?;
        Ok(Self { http, url: address.ok_or_else(|| TransportError::Url { url: url.clone() })?, headers })
    }

    /// Writes lines that are packed.
    pub(super) async fn write(&self, packed: Vec<u8>) -> Reply {
        match self.http.post(&self.url, &self.headers, packed).await {
            Ok(answer) => {
                let asked = answer.headers.get(RETRY_AFTER).and_then(|after| after.to_str().ok());
                let after = asked.and_then(|after| retry_after(after, UtcMs::from(jiff::Timestamp::now())));
                Reply::of(answer.status.as_u16(), &answer.text()).after(after)
            }
            Err(Unanswered::TimeOut(_)) => Reply::Unreachable { what: "no answer within [influx] timeout".to_owned() },
            Err(why @ Unanswered::Certificate(_)) => Reply::Untrusted { why: why.to_string() },
            Err(Unanswered::Other(what)) => Reply::Unreachable { what },
        }
    }
}

/// How long a server asks to be left alone: seconds, or an instant (RFC 9110, 10.2.3).
fn retry_after(text: &str, now: UtcMs) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text.trim()).ok()?;
    Some(Duration::from_millis(u64::try_from(UtcMs::from(until).since(now).0).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_asked_for_in_seconds_or_until_an_instant() {
        let now = UtcMs(784_111_777_000);
        assert_eq!(retry_after("120", now), Some(Duration::from_secs(120)));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:50:07 GMT", now), Some(Duration::from_secs(30)));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now), Some(Duration::ZERO));
        for none in ["", "soon", "-3", "1.5"] {
            assert_eq!(retry_after(none, now), None, "{none}");
        }
    }
}
