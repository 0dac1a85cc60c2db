//! What `[notify]` and its channels must fulfil.

use std::{collections::BTreeSet, net::IpAddr, time::Duration};

use super::{ChannelConfig, ChannelKind, MailTls, NotifyConfig, references::is_authority, rules::Judge};
use crate::{LinkId, Turn, hostile::is_hostile};

/// How long a beginning may be kept back: longer, and a storm is over before anybody hears of it.
const AFTER: (Duration, Duration) = (Duration::ZERO, Duration::from_secs(3600));

/// The steps of an escalation.
const ESCALATE: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(7 * 86_400));
const STEPS_MAX: usize = 10;

/// From one delivery of a channel to the next.
const EVERY: (Duration, Duration) = (Duration::ZERO, Duration::from_secs(3600));

/// How long one delivery may take.
const TIMEOUT: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(120));

/// Channels, receivers of a mail, words of a command.
const LIST_MAX: usize = 50;

/// The longest address of a mailbox in bytes (RFC 5321, 4.5.3.1.3).
const MAILBOX_MAX: usize = 254;

/// Judges all of it.
pub(super) fn judge(notify: &NotifyConfig, judge: &mut Judge<'_, '_>) {
    judge.time("notify.after", notify.after, AFTER);
    let steps = notify.escalate.len();
    judge.require(steps <= STEPS_MAX, "notify.escalate", "these are too many steps", "keep 10 or fewer");
    for (index, step) in notify.escalate.iter().enumerate().take(STEPS_MAX) {
        let path = format!("notify.escalate.{index}");
        let before = index.checked_sub(1).and_then(|before| notify.escalate.get(before));
        if judge.time(&path, *step, ESCALATE) && before.is_some_and(|before| before >= step) {
            judge.refuse(&path, "this step is not after the one before", "write growing times since the first message");
        }
    }
    let many = notify.channel.len();
    judge.require(many <= LIST_MAX, "notify.channel", "these are too many channels", "keep 50 or fewer");
    let mut names = BTreeSet::new();
    for (index, channel) in notify.channel.iter().enumerate().take(LIST_MAX) {
        let path = format!("notify.channel.{index}");
        if let Err(error) = channel.name.parse::<LinkId>() {
            judge.refuse(&format!("{path}.name"), &error.to_string(), "choose a short id, as in: name = \"duty-room\"");
        }
        if !names.insert(&channel.name) {
            let message = format!("there are two channels named \"{}\"", channel.name);
            judge.refuse(&format!("{path}.name"), &message, "give each its own name");
        }
        one(channel, &path, judge);
    }
}

fn one(channel: &ChannelConfig, path: &str, judge: &mut Judge<'_, '_>) {
    let at = |key: &str| format!("{path}.{key}");
    judge.time(&at("every"), channel.every, EVERY);
    judge.time(&at("timeout"), channel.timeout, TIMEOUT);
    for (key, turns) in [("on", &channel.on), ("quiet_passes", &channel.quiet_passes)] {
        if let Some(index) = turns.iter().position(|turn| *turn == Turn::Test) {
            let hint = "opened, escalated, cause and closed are the turns of an event; a test is always sent";
            judge.refuse(&format!("{path}.{key}.{index}"), "a test is no turn of an event", hint);
        }
    }
    judge.require(!channel.on.is_empty(), &at("on"), "this channel would never be told anything", "remove the channel");
    if !judge.source.was_refused(&at("kind")) {
        keys_of_kind(channel, path, judge);
    }
}

/// The keys that only some kinds have, with whether they are given.
fn own_keys(channel: &ChannelConfig) -> [(&'static str, bool, &'static [ChannelKind]); 12] {
    use ChannelKind::{Alertmanager, Command, Email, Webhook};
    [
        ("url", channel.url.is_some(), &[Webhook, Alertmanager]),
        ("url_file", channel.url_file.is_some(), &[Webhook]),
        ("secret_file", channel.secret_file.is_some(), &[Webhook]),
        ("token_file", channel.token_file.is_some(), &[Webhook, Alertmanager]),
        ("ca_file", channel.ca_file.is_some(), &[Webhook, Alertmanager, Email]),
        ("server", channel.server.is_some(), &[Email]),
        ("tls", channel.tls.is_some(), &[Email]),
        ("user", channel.user.is_some(), &[Email]),
        ("password_file", channel.password_file.is_some(), &[Email]),
        ("from", channel.from.is_some(), &[Email]),
        ("to", !channel.to.is_empty(), &[Email]),
        ("command", !channel.command.is_empty(), &[Command]),
    ]
}

fn keys_of_kind(channel: &ChannelConfig, path: &str, judge: &mut Judge<'_, '_>) {
    for (key, _, kinds) in own_keys(channel).iter().filter(|(_, given, kinds)| *given && !kinds.contains(&channel.kind))
    {
        let owners: Vec<&str> = kinds.iter().map(|kind| kind.id()).collect();
        let message = format!("a channel of kind {} has no \"{key}\"", channel.kind.id());
        judge.refuse(&format!("{path}.{key}"), &message, format!("remove it; it belongs to {}", owners.join(", ")));
    }
    match channel.kind {
        ChannelKind::Webhook | ChannelKind::Alertmanager => http(channel, path, judge),
        ChannelKind::Email => email(channel, path, judge),
        ChannelKind::Command => command(channel, path, judge),
    }
}

fn http(channel: &ChannelConfig, path: &str, judge: &mut Judge<'_, '_>) {
    let at = |key: &str| format!("{path}.{key}");
    let both = [Turn::Opened, Turn::Closed].iter().all(|turn| channel.on.contains(turn));
    let wrong = channel.kind == ChannelKind::Alertmanager && !both;
    let hint = "add opened and closed, or remove on";
    judge.require(!wrong, &at("on"), "an alert needs its beginning and its end", hint);
    let asks = channel.kind == ChannelKind::Alertmanager && channel.url.as_ref().is_some_and(|url| url.contains('?'));
    judge.require(!asks, &at("url"), "an Alertmanager is not asked with ?", "remove what stands behind it");
    match (&channel.url, &channel.url_file) {
        (None, None) => judge.refuse(&at("url"), "no address is given", "add: url = \"https://…\""),
        (Some(_), Some(_)) => judge.refuse(&at("url"), "there are two addresses", "keep url or url_file"),
        (Some(url), None) => {
            if let Err((message, hint)) = judge_url(url) {
                judge.refuse(&at("url"), message, hint);
            } else if channel.token_file.is_some() && !is_safe_for_secrets(url) {
                let hint = "use https, or a proxy on this machine";
                judge.refuse(&at("url"), "the token would cross the network for all to read", hint);
            }
        }
        (None, Some(_)) => {}
    }
}

/// Whether this is an address that is called, `http://` or `https://` with a host, a path and a query; else a fact and a
/// remedy.
///
/// # Errors
/// What is wrong and how to mend it; the address is not repeated, since it may be a secret.
pub fn judge_url(url: &str) -> Result<(), (&'static str, &'static str)> {
    const EXAMPLE: &str = "as in: url = \"https://chat.example.vn/hooks/duty\"";
    let Some(rest) = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://")) else {
        return Err(("this is not an http or https address", EXAMPLE));
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err((
            "a user or password cannot stand here",
            "put a token into token_file and remove what is before @",
        ));
    }
    if url.contains('#') {
        return Err(("what follows # would never be sent", "remove it"));
    }
    if !is_authority(authority) || !url.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(("this is not an address of a server", EXAMPLE));
    }
    Ok(())
}

/// Whether what is sent to this address can be read by nobody on the way.
#[must_use]
pub fn is_safe_for_secrets(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else { return true };
    is_this_machine(rest.split(['/', '?']).next().unwrap_or_default())
}

fn is_this_machine(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => host,
        _ => authority,
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn email(channel: &ChannelConfig, path: &str, judge: &mut Judge<'_, '_>) {
    let at = |key: &str| format!("{path}.{key}");
    match &channel.server {
        None => judge.refuse(&at("server"), "an email needs a mail server", "add: server = \"mail.example.vn\""),
        Some(server) => {
            let hint = "as in: server = \"mail.example.vn\" or \"mail.example.vn:587\"";
            judge.require(is_authority(server), &at("server"), "this is not an address of a server", hint);
            let in_the_clear = channel.tls == Some(MailTls::None) && !is_this_machine(server);
            let exposed = in_the_clear && channel.password_file.is_some();
            let hint = "set tls = \"starttls\" or \"implicit\"";
            judge.require(!exposed, &at("tls"), "the password would cross the network for all to read", hint);
        }
    }
    let (user, password) = (channel.user.is_some(), channel.password_file.is_some());
    let hint = "add: password_file = \"credential:mail-password\"";
    judge.require(!user || password, &at("user"), "user needs password_file", hint);
    judge.require(!password || user, &at("password_file"), "password_file needs user", "add: user = \"NAME\"");
    if let Some(user) = &channel.user {
        judge.name(&at("user"), user);
    }
    const MAILBOX: &str = "as in: \"truc@example.vn\"";
    match &channel.from {
        None => judge.refuse(&at("from"), "an email needs a sender", "add: from = \"phusong@example.vn\""),
        Some(from) => judge.require(is_mailbox(from), &at("from"), "this is not the address of a mailbox", MAILBOX),
    }
    let receivers = channel.to.len();
    judge.require(receivers > 0, &at("to"), "an email needs receivers", "add: to = [\"truc@example.vn\"]");
    judge.require(receivers <= LIST_MAX, &at("to"), "these are too many receivers", "name a mailing list");
    for (index, to) in channel.to.iter().enumerate().take(LIST_MAX) {
        judge.require(is_mailbox(to), &format!("{path}.to.{index}"), "this is not the address of a mailbox", MAILBOX);
    }
}

fn is_mailbox(text: &str) -> bool {
    let plain = text.len() <= MAILBOX_MAX && !text.chars().any(|c| is_hostile(c) || " <>,;\"".contains(c));
    let parts = text.rsplit_once('@').filter(|(name, _)| !name.is_empty() && !name.contains('@'));
    plain && parts.is_some_and(|(_, domain)| is_authority(domain) && !domain.contains(':'))
}

fn command(channel: &ChannelConfig, path: &str, judge: &mut Judge<'_, '_>) {
    let at = format!("{path}.command");
    let Some(program) = channel.command.first() else {
        return judge.refuse(&at, "no program is given", "add: command = [\"/usr/local/bin/send-sms\"]");
    };
    let hint = "write the whole path, as in: command = [\"/usr/local/bin/send-sms\"]";
    judge.require(program.starts_with('/'), &at, "a program is named by its whole path", hint);
    judge.require(channel.command.len() <= LIST_MAX, &at, "these are too many arguments", "write a script");
    let fine = channel.command.iter().all(|word| !word.contains('\0'));
    judge.require(fine, &at, "an argument cannot hold a zero byte", "remove it");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_http_addresses_are_called() {
        for good in [
            "https://chat.example.vn/hooks/abc?room=1",
            "http://127.0.0.1:9093",
            "http://[::1]:9093/",
            "https://10.0.0.5:8443/x",
        ] {
            assert_eq!(judge_url(good), Ok(()), "{good}");
        }
        for (bad, fact) in [
            ("chat.example.vn", "not an http"),
            ("ftp://x", "not an http"),
            ("file:///etc/passwd", "not an http"),
            ("https://user:pw@chat.example.vn", "user or password"),
            ("https://chat.example.vn/#x", "what follows #"),
            ("https://", "not an address"),
            ("https://chat example.vn/", "not an address"),
            ("https://chat.example.vn/ x", "not an address"),
            ("https://chat.example.vn/\u{e1}", "not an address"),
            ("https://chat.example.vn:0/", "not an address"),
        ] {
            assert!(judge_url(bad).is_err_and(|(message, _)| message.contains(fact)), "{bad}");
        }
    }

    #[test]
    fn a_token_goes_to_this_machine_or_by_https() {
        for safe in
            ["https://x", "http://127.0.0.1", "http://localhost:1/x", "http://[::1]:9093/?a", "http://127.8.0.1:1"]
        {
            assert!(is_safe_for_secrets(safe), "{safe}");
        }
        for bare in ["http://10.0.0.1", "http://chat.example.vn/", "http://localhost.example.vn", "http://[fd00::1]:1"]
        {
            assert!(!is_safe_for_secrets(bare), "{bare}");
        }
    }

    #[test]
    fn mailboxes_are_plain_addresses() {
        for good in ["truc@example.vn", "a.b+c@10.0.0.1", "root@localhost", "trực@example.vn"] {
            assert!(is_mailbox(good), "{good}");
        }
        for bad in ["", "truc", "@example.vn", "truc@", "a b@c", "T <t@c>", "a@b@c", "a@b\n", "a@b:25", "a,b@c"] {
            assert!(!is_mailbox(bad), "{bad}");
        }
    }
}
