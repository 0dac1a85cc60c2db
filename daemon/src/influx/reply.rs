//! What InfluxDB, or whoever stands in front of it, answered to a write.

use std::time::Duration;

use phusong_model::printable;

use super::InfluxSettings;

/// Longest message of the server that is kept, in characters: a line of a table, not a page of HTML.
const MESSAGE_MAX: usize = 300;
/// Of a longer one so many characters of its end are kept: there InfluxDB says why, after the line that it quotes.
const MESSAGE_END: usize = 120;

/// With what a 400 begins that is about the whole request: not a line of it would fare better alone. InfluxDB quotes
/// lines only after words of its own, so that no line can look like one of these.
const NOT_OF_LINES: [&str; 7] = [
    // Of a proxy, a page: "The plain HTTP request was sent to HTTPS port".
    "<",
    // Of InfluxDB itself, when it speaks TLS.
    "Client sent an HTTP request to an HTTPS server",
    // The body was changed on the way.
    "gzip: ",
    // The question was lost on the way: 1.x.
    "database is required",
    // The same of 2.x, which names the body and the question in its own words.
    "unable to read data",
    "writing requires points",
    "invalid precision",
];

/// The same in full: 1.x, of a body that ends too early.
const CUT_SHORT: [&str; 2] = ["EOF", "unexpected EOF"];

/// The answer to a write, by what it asks of us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// 204, the only answer that means stored.
    Delivered,
    /// 400 or 422: at least one line is bad; the others may be stored or not, by version.
    Invalid {
        /// The HTTP status.
        status: u16,
        /// The server's own words.
        message: String,
    },
    /// 413: the body is too large for someone on the way.
    TooLarge,
    /// 401, 403, 404, a 400 that is not about lines, and whatever else no retry will mend: someone has to change a
    /// setting.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The server's own words.
        message: String,
    },
    /// 408, 429 or 5xx: later, perhaps.
    Busy {
        /// The HTTP status.
        status: u16,
        /// The server's own words.
        message: String,
        /// How long it asks to be left alone.
        after: Option<Duration>,
    },
    /// Who answers does not show a certificate that we trust; nothing was sent.
    Untrusted {
        /// What is wrong with it.
        why: String,
    },
    /// No whole answer: refused, cut, or out of time. The lines may be stored or not.
    Unreachable {
        /// What happened.
        what: String,
    },
}

impl Reply {
    /// The reply behind an HTTP status and its body.
    #[must_use]
    pub fn of(status: u16, body: &str) -> Self {
        let message = message_in(body);
        match status {
            204 => Self::Delivered,
            400 if !is_about_lines(&message) => Self::Refused { status, message },
            400 | 422 => Self::Invalid { status, message },
            413 => Self::TooLarge,
            408 | 429 | 500..=599 => Self::Busy { status, message, after: None },
            _ => Self::Refused { status, message },
        }
    }

    /// The same with what `Retry-After` says; only a busy server is waited for as it asks.
    pub(super) fn after(mut self, asked: Option<Duration>) -> Self {
        if let Self::Busy { after, .. } = &mut self {
            *after = asked;
        }
        self
    }

    /// Why nothing moves, with what to do about it; none when the reply does not stop anything.
    pub(super) fn fault(&self, settings: &InfluxSettings) -> Option<String> {
        let InfluxSettings { url, org, bucket, .. } = settings;
        match self {
            Self::Delivered | Self::Invalid { .. } => None,
            Self::TooLarge => Some(format!(
                "{url} refuses even a single line as too large (413); \
                 hint: raise the body limit of the server or of the proxy in front of it to 1 MiB"
            )),
            Self::Busy { status, message, .. } => Some(format!("{url} is not ready ({status}{})", quoted(message))),
            Self::Untrusted { why } => Some(format!(
                "{url} cannot be trusted, the token was not sent: {why}; \
                 hint: name the file of the authority that signed its certificate as ca_file in [influx], \
                 or have the server show a certificate for this name"
            )),
            Self::Unreachable { what } => Some(format!("{url} cannot be reached: {what}")),
            Self::Refused { status, message } => {
                let said = quoted(message);
                Some(match status {
                    400 => format!(
                        "{url} refuses the request itself, not its lines (400{said}); \
                         hint: check [influx] url, with https:// where the server speaks TLS, \
                         and that no proxy on the way changes requests"
                    ),
                    401 => format!(
                        "{url} does not accept the token (401{said}); \
                         hint: put a valid token into the file that [influx] token_file names, then restart phusongd"
                    ),
                    403 => format!(
                        "the token may not write to bucket {bucket:?} (403{said}); \
                         hint: give it write access to the bucket, or name another token in [influx] token_file"
                    ),
                    404 if !is_of_a_bucket(message) => format!(
                        "{url} has nothing at /api/v2/write (404{said}); \
                         hint: check that [influx] url is the address of InfluxDB 1.8 or later"
                    ),
                    404 => format!(
                        "{url} has no bucket {bucket:?} in organisation {org:?} (404{said}); \
                         hint: create the bucket, or correct url, org and bucket in [influx]"
                    ),
                    300..=399 => format!(
                        "{url} redirects to another address ({status}); \
                         hint: write the final address into [influx] url"
                    ),
                    _ => format!(
                        "{url} answered {status} where InfluxDB answers 204{said}; \
                         hint: check that [influx] url is the address of InfluxDB"
                    ),
                })
            }
        }
    }
}

fn quoted(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}

/// Whether a 400 with these words is an answer to the lines that were sent.
fn is_about_lines(message: &str) -> bool {
    !NOT_OF_LINES.iter().any(|beginning| message.starts_with(beginning)) && !CUT_SHORT.contains(&message)
}

/// Whether a 404 with these words is InfluxDB's of a bucket, and not Go's or a proxy's of a path.
fn is_of_a_bucket(message: &str) -> bool {
    message != "404 page not found" && !message.starts_with('<')
}

/// The words inside an error body: 2.x sends `{"code": …, "message": …}`, 1.x and 3.x `{"error": …}`, proxies anything.
fn message_in(body: &str) -> String {
    let json = serde_json::from_str::<serde_json::Value>(body).ok();
    let inside =
        json.as_ref().and_then(|json| ["message", "error"].into_iter().find_map(|key| json.get(key)?.as_str()));
    printable(&shortened(inside.unwrap_or(body).trim())).into_owned()
}

/// At most [`MESSAGE_MAX`] characters of a text: its beginning and its end.
fn shortened(text: &str) -> String {
    let length = text.chars().count();
    if length <= MESSAGE_MAX {
        return text.to_owned();
    }
    let beginning = text.chars().take(MESSAGE_MAX - MESSAGE_END - 1);
    beginning.chain(['…']).chain(text.chars().skip(length - MESSAGE_END)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_204_is_delivery() {
        assert_eq!(Reply::of(204, ""), Reply::Delivered);
        for status in (100..=599).filter(|status| *status != 204) {
            assert_ne!(Reply::of(status, ""), Reply::Delivered, "{status}");
        }
    }

    #[test]
    fn every_version_is_quoted_in_its_own_words() {
        let v2 = r#"{"code":"unprocessable entity","message":"failure writing points to database: partial write"}"#;
        let v1 = r#"{"error":"partial write: field type conflict dropped=1"}"#;
        let said = |body| {
            let Reply::Invalid { message, .. } = Reply::of(422, body) else { panic!("422 means invalid") };
            message
        };
        assert_eq!(said(v2), "failure writing points to database: partial write");
        assert_eq!(said(v1), "partial write: field type conflict dropped=1");
        assert_eq!(said("<h1>\x1b[31mno</h1>"), "<h1>\\u{1b}[31mno</h1>");
        assert_eq!(said(&"x".repeat(5000)).chars().count(), MESSAGE_MAX);
    }

    #[test]
    fn why_a_long_line_is_refused_is_kept_though_the_line_is_not() {
        let body = format!(r#"{{"error":"unable to parse '{}': invalid number"}}"#, "ủ".repeat(5000));
        let Reply::Invalid { message, .. } = Reply::of(400, &body) else { panic!("400 means invalid") };
        assert!(message.starts_with("unable to parse 'ủ") && message.ends_with("ủ': invalid number"), "{message}");
        assert_eq!(message.chars().count(), MESSAGE_MAX);
    }

    #[test]
    fn a_400_that_is_not_about_lines_holds_them() {
        for body in [
            "Client sent an HTTP request to an HTTPS server.\n",
            "<html>\r\n<head><title>400 The plain HTTP request was sent to HTTPS port</title></head>",
            r#"{"error":"unexpected EOF"}"#,
            r#"{"error":"EOF"}"#,
            r#"{"error":"gzip: invalid header"}"#,
            r#"{"error":"database is required"}"#,
        ] {
            assert!(matches!(Reply::of(400, body), Reply::Refused { status: 400, .. }), "{body}");
        }
        // Of lines, whatever they quote; 3.x has no JSON around some of its words.
        for body in [
            r#"{"error":"unable to parse 'm,link=gzip: v= 1': missing field value"}"#,
            r#"{"error":"partial write: points beyond retention policy dropped=1"}"#,
            r#"{"code":"invalid","message":"unable to parse '<html>': missing fields"}"#,
            "write buffer error: parsing for line protocol failed",
            "",
        ] {
            assert!(matches!(Reply::of(400, body), Reply::Invalid { status: 400, .. }), "{body}");
        }
    }
}
