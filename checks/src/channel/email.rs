//! E-mail to people, through the mail server of the office.

use std::{
    collections::BTreeSet,
    path::Path,
    str::FromStr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    address::Envelope,
    message::{
        Mailbox, SinglePart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{
        self,
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};
use phusong_model::{
    Fault, Notification, UtcMs, chain,
    config::MailTls,
    glossary::{Lang, integer, message_line, message_lines},
};

use phusong_probes::service::roots;

use super::{Around, Outcome, batch_name, hashed};
use crate::http::deepest;

/// Characters of what the server says that are repeated.
const WORDS_MOST: usize = 500;

/// The name of messages that did not reach everybody, and whom they did.
type Told = (String, BTreeSet<Address>);

/// A mail server and whom it is to tell.
pub(super) struct Email {
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Address,
    to: Vec<Address>,
    timeout: Duration,
    told: Mutex<Told>,
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
            timeout: channel.timeout.0,
            told: Mutex::default(),
            vantage: hashed([around.vantage]),
            lang: around.lang,
        })
    }

    /// Sends to each receiver by itself: one mailbox that is full must not keep the others from knowing. Who was not told
    /// is told when the same messages are sent again, and who was is not told twice. That a server will not have a mailbox
    /// is no reason to tell nobody; that it will have none of them is more likely a fault of its own, or of ours.
    pub(super) async fn deliver(&self, messages: &[Notification], now: UtcMs) -> Outcome {
        let mail = match self.mail(messages, now) {
            Ok(mail) => mail.formatted(),
            Err(error) => return Outcome::Never(deepest(&error)),
        };
        let mut told = self.told_of(&batch_name(messages));
        let (mut refused, mut failed) = (Vec::new(), Vec::new());
        let left: Vec<&Address> = self.to.iter().filter(|to| !told.contains(*to)).collect();
        for (index, to) in left.iter().copied().enumerate() {
            match self.send(to, &mail).await {
                Ok(()) => drop(told.insert(to.clone())),
                Err(Unsent::Refused(what)) => refused.push(format!("{to}: {what}")),
                Err(Unsent::Failed(what)) => failed.push(format!("{to}: {what}")),
                Err(Unsent::NoAnswer(what)) => {
                    // The others will have none either; not to wait for each.
                    let skipped = left.iter().skip(index).map(ToString::to_string).collect::<Vec<_>>();
                    failed.push(format!("{}: {what}", skipped.join(", ")));
                    break;
                }
            }
        }
        let somebody_knows = !told.is_empty();
        let is_done = failed.is_empty() && somebody_knows;
        if !is_done {
            *self.told() = (batch_name(messages), told);
        }
        let what: String = [failed, refused].concat().join("; ").chars().take(WORDS_MOST).collect();
        if is_done { Outcome::Delivered(Some(what).filter(|what| !what.is_empty())) } else { Outcome::Again(what) }
    }

    /// No code that holds this lock can panic half way; what another one left is whole.
    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who was told already of the messages that are sent again.
    fn told_of(&self, batch: &str) -> BTreeSet<Address> {
        let (known, told) = &*self.told();
        if known == batch { told.clone() } else { BTreeSet::new() }
    }

    /// The library limits the time to connect only.
    async fn send(&self, to: &Address, mail: &[u8]) -> Result<(), Unsent> {
        let envelope = Envelope::new(Some(self.from.clone()), vec![to.clone()]);
        let envelope = envelope.map_err(|error| Unsent::Failed(error.to_string()))?;
        match tokio::time::timeout(self.timeout, self.server.send_raw(&envelope, mail)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) if error.is_permanent() => Err(Unsent::Refused(deepest(&error))),
            Ok(Err(error)) if error.is_transient() || error.is_client() => Err(Unsent::Failed(deepest(&error))),
            Ok(Err(error)) => Err(Unsent::NoAnswer(deepest(&error))),
            Err(_) => Err(Unsent::NoAnswer(format!("no answer within {} s", self.timeout.as_secs_f64()))),
        }
    }

    fn mail(&self, messages: &[Notification], now: UtcMs) -> Result<Message, lettre::error::Error> {
        let mut mail = Message::builder()
            .from(Mailbox::new(None, self.from.clone()))
            .subject(self.subject(messages))
            .date(now.timestamp().into())
            .message_id(Some(format!("<{}@{}.phusong>", batch_name(messages), self.vantage)))
            // RFC 3834: no machine answers it.
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ));
        for to in &self.to {
            mail = mail.to(Mailbox::new(None, to.clone()));
        }
        // Mails of one event are shown together, also when the first of them was lost.
        let mut events: Vec<i64> = messages.iter().map(|message| message.event.0).collect();
        events.dedup();
        let threads: Vec<String> =
            events.iter().map(|event| format!("<event-{event}@{}.phusong>", self.vantage)).collect();
        mail.references(threads.join(" ")).singlepart(SinglePart::plain(self.text(messages)))
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

/// Why a receiver has no mail.
enum Unsent {
    /// The server says that it never will.
    Refused(String),
    /// The server says no for now, or the mail cannot be sent by it.
    Failed(String),
    /// The server says nothing.
    NoAnswer(String),
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
        roots(Some(path)).map_err(|error| around.fault(chain(&error), hint))?;
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
