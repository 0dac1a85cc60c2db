//! E-mail to people, through the mail server of the office.

use std::{path::Path, str::FromStr, time::Duration};

use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    address::Envelope,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{
        self,
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
        response::{Category, Code, Detail, Severity},
    },
};
use phusong_model::{
    Fault, Notification, UtcMs,
    config::MailTls,
    glossary::{Lang, integer, message_line, message_lines},
};

use phusong_probes::service::roots;

use super::{
    batch_name,
    channel::{Around, Outcome},
    hashed,
};
use crate::http::deepest;

/// A mail server and whom it is to tell.
pub(super) struct Email {
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Address,
    to: Vec<Address>,
    /// Stands for the name of this prober in the names of mails, whatever characters it has.
    vantage: String,
    lang: Lang,
}

impl Email {
    pub(super) fn open(around: &Around<'_>) -> Result<Self, Fault> {
        let channel = around.channel;
        let mailbox = |text: &str| {
            let hint = "as in: \"truc@example.vn\"";
            Address::from_str(text).map_err(|error| around.fault(format!("mailbox {text:?}: {error}"), hint))
        };
        let from = channel.from.as_deref().unwrap_or_default();
        Ok(Self {
            server: server(around)?,
            from: mailbox(from)?,
            to: channel.to.iter().map(|to| mailbox(to)).collect::<Result<_, _>>()?,
            vantage: hashed([around.vantage]),
            lang: around.lang,
        })
    }

    /// Sends to each receiver by itself: one mailbox that is full must not keep the others from knowing. When one of them
    /// was told the messages are delivered; sent again, they would be told twice each minute.
    pub(super) async fn deliver(&self, messages: &[Notification], now: UtcMs) -> Outcome {
        let mail = match self.mail(messages, now) {
            Ok(mail) => mail.formatted(),
            Err(error) => return Outcome::Never(deepest(&error)),
        };
        let (mut told, mut refused, mut failed) = (0, Vec::new(), Vec::new());
        for to in &self.to {
            let sent = match Envelope::new(Some(self.from.clone()), vec![to.clone()]) {
                Ok(envelope) => self.server.send_raw(&envelope, &mail).await,
                Err(error) => return Outcome::Never(error.to_string()),
            };
            match sent {
                Ok(_) => told += 1,
                Err(error) if is_refusal(&error) => refused.push(format!("{to}: {}", deepest(&error))),
                Err(error) => {
                    failed.push(format!("{to}: {}", deepest(&error)));
                    // Without an answer the others will have none either; not to wait for each.
                    if !error.is_transient() {
                        break;
                    }
                }
            }
        }
        let what = [refused.as_slice(), failed.as_slice()].concat().join("; ");
        match (told, failed.is_empty()) {
            (0, true) => Outcome::Never(what),
            (0, false) => Outcome::Again(what),
            _ => Outcome::Delivered(Some(what).filter(|what| !what.is_empty())),
        }
    }

    fn mail(&self, messages: &[Notification], now: UtcMs) -> Result<Message, lettre::error::Error> {
        let mut mail = Message::builder()
            .from(Mailbox::new(None, self.from.clone()))
            .subject(self.subject(messages))
            .date(now.timestamp().into())
            .message_id(Some(format!("<{}@{}.phusong>", batch_name(messages), self.vantage)))
            // RFC 3834: no machine answers it.
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
            .header(ContentType::TEXT_PLAIN);
        for to in &self.to {
            mail = mail.to(Mailbox::new(None, to.clone()));
        }
        // Mails of one event are shown together, also when the first of them was lost.
        let mut events: Vec<i64> = messages.iter().map(|message| message.event.0).collect();
        events.dedup();
        let threads: Vec<String> =
            events.iter().map(|event| format!("<event-{event}@{}.phusong>", self.vantage)).collect();
        mail.references(threads.join(" ")).body(self.text(messages))
    }

    /// The line of the first message, and how many follow.
    fn subject(&self, messages: &[Notification]) -> String {
        let first = messages.first().map(|message| message_line(self.lang, message)).unwrap_or_default();
        match messages.len().saturating_sub(1) as u64 {
            0 => first,
            more => {
                let more = integer(self.lang, more);
                self.lang.pick(format!("{first} (và {more} tin nữa)"), format!("{first} (and {more} more)"))
            }
        }
    }

    fn text(&self, messages: &[Notification]) -> String {
        let texts: Vec<String> =
            messages.iter().map(|message| message_lines(self.lang, message).join("\r\n")).collect();
        texts.join("\r\n\r\n――――――――\r\n\r\n") + "\r\n"
    }
}

/// Whether the server will never take this for this mailbox. That it does not let us in is for people to mend.
fn is_refusal(error: &smtp::Error) -> bool {
    let lets_us_in = error.status().is_none_or(|code| !is_about_us(code));
    error.is_permanent() && lets_us_in
}

/// 530, 534, 535, 538: authentication (RFC 4954); 521, 554 at the greeting are no answers to a mail and come as others.
fn is_about_us(code: Code) -> bool {
    let access = code.severity == Severity::PermanentNegativeCompletion && code.category == Category::Unspecified3;
    access && matches!(code.detail, Detail::Zero | Detail::Four | Detail::Five | Detail::Eight)
}

fn server(around: &Around<'_>) -> Result<AsyncSmtpTransport<Tokio1Executor>, Fault> {
    let channel = around.channel;
    let tls = channel.tls.unwrap_or(MailTls::Starttls);
    let usual = match tls {
        MailTls::Starttls => smtp::SUBMISSION_PORT,
        MailTls::Implicit => smtp::SUBMISSIONS_PORT,
        MailTls::None => smtp::SMTP_PORT,
    };
    let (host, port) = host_and_port(channel.server.as_deref().unwrap_or_default(), usual);
    let encrypted = || parameters(&host, channel.ca_file.as_deref(), around);
    let tls = match tls {
        MailTls::Starttls => Tls::Required(encrypted()?),
        MailTls::Implicit => Tls::Wrapper(encrypted()?),
        MailTls::None => Tls::None,
    };
    let timeout: Duration = channel.timeout.0;
    let mut server =
        AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&host).port(port).tls(tls).timeout(Some(timeout));
    if let (Some(user), Some(password)) = (&channel.user, &channel.password_file) {
        server = server.credentials(Credentials::new(user.clone(), password.read()?.expose().to_owned()));
    }
    Ok(server.build())
}

fn parameters(host: &str, ca_file: Option<&Path>, around: &Around<'_>) -> Result<TlsParameters, Fault> {
    let hint = "name a file of certificates in PEM as ca_file, or remove that key";
    let fault = |error: &smtp::Error| around.fault(format!("TLS cannot be set up: {}", deepest(error)), hint);
    let mut parameters = TlsParameters::builder(host.to_owned());
    if let Some(path) = ca_file {
        // The library takes a file without certificates as well.
        roots(Some(path)).map_err(|error| around.fault(format!("{:#}", anyhow::Error::from(error)), hint))?;
        let pem = std::fs::read(path).map_err(|error| around.fault(format!("{}: {error}", path.display()), hint))?;
        parameters = parameters.add_root_certificate(Certificate::from_pem(&pem).map_err(|error| fault(&error))?);
    }
    parameters.build_rustls().map_err(|error| fault(&error))
}

/// `mail.example.vn:587`, `[::1]:25`, or either without its port.
fn host_and_port(server: &str, usual: u16) -> (String, u16) {
    let (host, port) = match server.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port.parse().unwrap_or(usual)),
        _ => (server, usual),
    };
    (host.trim_start_matches('[').trim_end_matches(']').to_owned(), port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_has_the_usual_port_unless_another_is_given() {
        for (server, host, port) in [
            ("mail.example.vn", "mail.example.vn", 587),
            ("mail.example.vn:2525", "mail.example.vn", 2525),
            ("127.0.0.1:25", "127.0.0.1", 25),
            ("[::1]:25", "::1", 25),
            ("[::1]", "::1", 587),
        ] {
            assert_eq!(host_and_port(server, 587), (host.to_owned(), port), "{server}");
        }
    }
}
