//! What the channels over HTTP have in common: an address and a token from the configuration, and what an answer means.

use std::time::Duration;

use hyper::{
    HeaderMap, StatusCode, Uri,
    header::{AUTHORIZATION, HeaderValue, LOCATION},
};
use phusong_model::{
    Fault, chain,
    config::{is_safe_for_secrets, judge_url},
};

use super::{Around, Outcome};
use crate::http::{Http, Reply};

/// An address to which is posted.
pub(super) struct Post {
    http: Http,
    url: Uri,
    /// The address is a secret, which an answer may repeat.
    is_secret: bool,
    authorization: Option<HeaderValue>,
}

impl Post {
    /// An address of the configuration; `beneath` is appended to its path.
    pub(super) fn open(around: &Around<'_>, beneath: &str) -> Result<Self, Fault> {
        let channel = around.channel;
        let url = match (&channel.url, &channel.url_file) {
            (Some(url), _) => format!("{}{beneath}", if beneath.is_empty() { url } else { url.trim_end_matches('/') }),
            (None, Some(file)) => {
                let secret = file.read()?;
                judge_url(secret.expose())
                    .map_err(|(message, hint)| around.fault(format!("what url_file holds: {message}"), hint))?;
                secret.expose().to_owned()
            }
            (None, None) => return Err(around.fault("no address is given", "add: url = \"https://…\"")),
        };
        // What cannot be read is not repeated: it may be a secret.
        let unreadable = |_| around.fault("the address cannot be read", "write it as a browser shows it");
        if channel.token_file.is_some() && !is_safe_for_secrets(&url) {
            let hint = "use https, or a proxy on this machine";
            return Err(around.fault("the token would cross the network for all to read", hint));
        }
        let url: Uri = url.parse().map_err(unreadable)?;
        let is_secret = channel.url_file.is_some();
        let authorization = channel.token_file.as_ref().map(|file| {
            let secret = file.read()?;
            let mut value = HeaderValue::from_str(&format!("Bearer {}", secret.expose())).map_err(|_| {
                around.fault("the token has characters that no HTTP header can carry", "ask for another")
            })?;
            value.set_sensitive(true);
            Ok(value)
        });
        let timeout: Duration = channel.timeout.0;
        let http = Http::new(channel.ca_file.as_deref(), timeout).map_err(|error| {
            let hint = "name a file of certificates in PEM as ca_file, or remove that key";
            around.fault(chain(&error), hint)
        })?;
        Ok(Self { http, url, is_secret, authorization: authorization.transpose()? })
    }

    /// Posts, and says what the answer means for the messages.
    pub(super) async fn send(&self, mut headers: HeaderMap, body: Vec<u8>) -> Outcome {
        if let Some(authorization) = &self.authorization {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        match self.http.post_json(&self.url, &headers, body).await {
            Ok(reply) => meaning(&reply, self.is_secret),
            Err(what) => Outcome::Again(what),
        }
    }
}

/// A receiver that does not like what it gets will never like it; all else is for people to mend, and then the messages
/// are wanted still.
fn meaning(reply: &Reply, is_secret: bool) -> Outcome {
    let status = reply.status;
    let words = || if is_secret { status.to_string() } else { reply.words() };
    if status.is_success() {
        return Outcome::Delivered(None);
    }
    if status.is_redirection() {
        let to = reply.headers.get(LOCATION).and_then(|to| to.to_str().ok()).filter(|_| !is_secret).unwrap_or("…");
        return Outcome::Again(format!("{status}: it points to {to}, and redirects are not followed"));
    }
    match status {
        StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNPROCESSABLE_ENTITY => {
            Outcome::Never(words())
        }
        _ => Outcome::Again(words()),
    }
}
