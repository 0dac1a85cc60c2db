//! JSON by HTTP POST, signed as Standard Webhooks 1.0 are, so that the libraries for these can check it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use hyper::{HeaderMap, header::HeaderValue};
use phusong_model::{
    Fault, Notification, UtcMs,
    config::Secret,
    glossary::{Lang, message_line, message_lines},
};
use serde::Serialize;
use sha2::Sha256;

use super::{Around, Outcome, batch_name, post::Post};

/// What a signing secret in base64 starts with.
const BASE64_SECRET: &str = "whsec_";

/// A webhook.
pub(super) struct Webhook {
    post: Post,
    key: Option<Vec<u8>>,
    channel: String,
    lang: Lang,
}

/// What is posted.
#[derive(Serialize)]
struct Posted<'a> {
    schema: &'static str,
    /// Not `channel`: chat servers take that for the room that it is to go to.
    sent_by: &'a str,
    at: UtcMs,
    /// For people; the field that chat servers show.
    text: String,
    messages: &'a [Notification],
}

/// Name and version of the document. Within a version fields are only added.
const SCHEMA: &str = "phusong.delivery/1";

impl Webhook {
    pub(super) fn open(around: &Around<'_>) -> Result<Self, Fault> {
        let key = around.channel.secret_file.as_ref().map(|file| key(&file.read()?, around));
        Ok(Self {
            post: Post::open(around, "")?,
            key: key.transpose()?,
            channel: around.channel.name.clone(),
            lang: around.lang,
        })
    }

    pub(super) async fn deliver(&self, messages: &[Notification], now: UtcMs) -> Outcome {
        let text = text(self.lang, messages);
        let posted = Posted { schema: SCHEMA, sent_by: &self.channel, at: now, text, messages };
        match serde_json::to_vec(&posted) {
            Ok(body) => self.post.send(self.headers(messages, now, &body), body).await,
            Err(error) => Outcome::Never(error.to_string()),
        }
    }

    /// The name of the delivery, which is the same when it is repeated, its time, and the signature over both and the body.
    fn headers(&self, messages: &[Notification], now: UtcMs, body: &[u8]) -> HeaderMap {
        let id = format!("msg_{}", batch_name(messages));
        let seconds = (now.0 / 1000).to_string();
        let signature = self.key.as_deref().map(|key| ("webhook-signature", sign(key, &id, &seconds, body)));
        let named = [("webhook-id", id), ("webhook-timestamp", seconds)].into_iter().chain(signature);
        named.filter_map(|(name, value)| Some((name.parse().ok()?, HeaderValue::from_str(&value).ok()?))).collect()
    }
}

fn key(secret: &Secret, around: &Around<'_>) -> Result<Vec<u8>, Fault> {
    match secret.expose().strip_prefix(BASE64_SECRET) {
        None => Ok(secret.expose().as_bytes().to_vec()),
        Some(base64) => STANDARD.decode(base64).map_err(|_| {
            let hint =
                "copy it whole from where it was made, or make one: echo whsec_$(head -c 32 /dev/urandom | base64)";
            around.fault("what follows whsec_ in secret_file is not base64", hint)
        }),
    }
}

/// `v1,` and the HMAC-SHA256 of name, time and body, in base64.
fn sign(key: &[u8], id: &str, seconds: &str, body: &[u8]) -> String {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    mac.update(format!("{id}.{seconds}.").as_bytes());
    mac.update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

/// One message in full, several as a line each.
fn text(lang: Lang, messages: &[Notification]) -> String {
    let lines = match messages {
        [single] => message_lines(lang, single),
        several => several.iter().map(|message| message_line(lang, message)).collect(),
    };
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the Standard Webhooks specification's own libraries.
    #[test]
    fn signatures_are_those_of_standard_webhooks() {
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("base64");
        let signed = sign(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", br#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
