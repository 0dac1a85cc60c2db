//! Values that lead elsewhere: secrets, the address of InfluxDB, credentials of devices, layers.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Config, CredentialConfig, InfluxConfig, Seconds, SecretRef, SnmpVersion, keys::SECRET_HINT, rules::Judge};
use crate::{DatasetKind, LinkId, hostile::is_hostile};

/// Time limits of one request to InfluxDB: a shorter one fails on a busy disk, a longer one hides that it is away.
const INFLUX_TIMEOUT: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(300));

/// Replicas: each reads the store by itself.
const REPLICAS_MAX: usize = 8;

/// The longest SNMPv3 user name in bytes (RFC 3414, `usmUserName`).
const USER_MAX: usize = 32;

/// Judges all of them.
pub(super) fn judge(config: &Config, judge: &mut Judge<'_, '_>) {
    geodata(config, judge);
    let mut names = BTreeSet::new();
    for (index, credential) in config.snmp.credential.iter().enumerate() {
        let path = format!("snmp.credential.{index}");
        if let Err(error) = credential.name.parse::<LinkId>() {
            judge.refuse(&format!("{path}.name"), &error.to_string(), "choose a short id; devices.csv names it");
        }
        if !names.insert(&credential.name) {
            let message = format!("there are two credentials named \"{}\"", credential.name);
            judge.refuse(&format!("{path}.name"), &message, "give each its own name");
        }
        if !judge.source.was_refused(&format!("{path}.version")) {
            judge_credential(credential, &path, judge);
        }
    }
    influx(config, judge);
    super::channels::judge(&config.notify, judge);
}

fn geodata(config: &Config, judge: &mut Judge<'_, '_>) {
    let layers = config.geodata.layer.iter().enumerate().map(|(index, layer)| ("layer", index, &layer.file));
    let datasets = config.geodata.dataset.iter().enumerate().map(|(index, dataset)| ("dataset", index, &dataset.file));
    for (block, index, file) in layers.chain(datasets) {
        let path = format!("geodata.{block}.{index}.file");
        judge.require(!file.as_os_str().is_empty(), &path, "this path is empty", "name a file of geodata");
    }
    super::signal::judge(&config.geodata.signal, judge);
    let mut singles = BTreeSet::new();
    for (index, dataset) in config.geodata.dataset.iter().enumerate() {
        let path = format!("geodata.dataset.{index}.kind");
        let elsewhere = match dataset.kind {
            DatasetKind::Boundaries => Some("give boundaries as `communes` in [geodata]"),
            DatasetKind::Layer => Some("give a layer as a block [[geodata.layer]]"),
            DatasetKind::Settlements
            | DatasetKind::Sites
            | DatasetKind::Cells
            | DatasetKind::Population
            | DatasetKind::Totals
            | DatasetKind::Measurements => None,
        };
        if let Some(remedy) = elsewhere {
            judge.refuse(&path, &format!("{} is no dataset of its own", dataset.kind.id()), remedy);
        }
        if !dataset.kind.has_names() && !singles.insert(dataset.kind) {
            let message = format!("there are two datasets of the kind {}", dataset.kind.id());
            judge.refuse(&path, &message, "put them into one file, or remove one of them");
        }
    }
}

/// All references to secrets, with their dotted paths.
pub(super) fn secrets(config: &Config) -> Vec<(String, &SecretRef)> {
    let mut all = Vec::new();
    for (index, credential) in config.snmp.credential.iter().enumerate() {
        for (key, secret) in [
            ("community", &credential.community),
            ("auth_password", &credential.auth_password),
            ("priv_password", &credential.priv_password),
        ] {
            all.extend(secret.as_ref().map(|secret| (format!("snmp.credential.{index}.{key}"), secret)));
        }
    }
    for (index, channel) in config.notify.channel.iter().enumerate() {
        for (key, secret) in [
            ("url_file", &channel.url_file),
            ("secret_file", &channel.secret_file),
            ("token_file", &channel.token_file),
            ("password_file", &channel.password_file),
        ] {
            all.extend(secret.as_ref().map(|secret| (format!("notify.channel.{index}.{key}"), secret)));
        }
    }
    for (index, influx) in config.influx.iter().enumerate() {
        all.push((format!("influx.{index}.token_file"), &influx.token_file));
    }
    all
}

/// Refuses a reference that leads to no file, which is how a secret looks that was written into the configuration. What
/// stands there is not repeated. A file that this user may not even see is left to the one who reads it.
pub(super) fn judge_secret(path: &str, secret: &SecretRef, judge: &mut Judge<'_, '_>) {
    match secret.credential() {
        Some(name) => {
            let fine = !name.is_empty() && !name.starts_with('.') && !name.contains('/');
            judge.require(fine, path, "this is not the name of a credential", "as in: \"credential:influx-token\"");
        }
        None => {
            let missing = secret.0.as_os_str().is_empty()
                || std::fs::metadata(&secret.0).is_err_and(|e| e.kind() == std::io::ErrorKind::NotFound);
            judge.require(!missing, path, "there is no such file", SECRET_HINT);
        }
    }
}

fn judge_credential(credential: &CredentialConfig, path: &str, judge: &mut Judge<'_, '_>) {
    let at = |key: &str| format!("{path}.{key}");
    let v3_keys = [
        ("user", credential.user.is_some()),
        ("auth", credential.auth.is_some()),
        ("auth_password", credential.auth_password.is_some()),
        ("priv", credential.privacy.is_some()),
        ("priv_password", credential.priv_password.is_some()),
    ];
    match credential.version {
        SnmpVersion::V1 | SnmpVersion::V2c => {
            let hint = "add: community = \"credential:snmp-community\"";
            judge.require(credential.community.is_some(), &at("community"), "version 1 or 2c needs a community", hint);
            for (key, _) in v3_keys.iter().filter(|(_, given)| *given) {
                judge.refuse(&at(key), &format!("\"{key}\" belongs to version 3"), "remove it, or set version = \"3\"");
            }
        }
        SnmpVersion::V3 => {
            let hint = "remove it, or set version = \"2c\"";
            judge.require(credential.community.is_none(), &at("community"), "version 3 has no community", hint);
            judge.require(credential.user.is_some(), &at("user"), "version 3 needs a user", "add: user = \"NAME\"");
            together(
                judge,
                path,
                ("auth", credential.auth.is_some(), "SHA-256"),
                ("auth_password", credential.auth_password.is_some(), "credential:snmp-auth"),
            );
            together(
                judge,
                path,
                ("priv", credential.privacy.is_some(), "AES"),
                ("priv_password", credential.priv_password.is_some(), "credential:snmp-priv"),
            );
            let fine = credential.privacy.is_none() || credential.auth.is_some();
            judge.require(fine, &at("priv"), "priv needs auth", "add: auth = \"SHA-256\" and auth_password");
        }
    }
    if let Some(user) = &credential.user {
        let fine = !user.is_empty() && user.len() <= USER_MAX && !user.chars().any(is_hostile);
        judge.require(fine, &at("user"), "a user has 1 to 32 bytes", "write the name that the devices know");
    }
}

/// Two keys of which each needs the other, each with its name, whether it is there, and an example.
fn together(judge: &mut Judge<'_, '_>, path: &str, one: (&str, bool, &str), other: (&str, bool, &str)) {
    for ((key, given, _), (needed, there, example)) in [(one, other), (other, one)] {
        if given && !there {
            let hint = format!("add: {needed} = \"{example}\"");
            judge.refuse(&format!("{path}.{key}"), &format!("{key} needs {needed}"), hint);
        }
    }
}

fn influx(config: &Config, judge: &mut Judge<'_, '_>) {
    let many = config.influx.len();
    judge.require(many <= REPLICAS_MAX, "influx", "these are too many replicas", "keep 8 or fewer");
    let mut names = BTreeSet::new();
    for (index, influx) in config.influx.iter().enumerate().take(REPLICAS_MAX) {
        let path = format!("influx.{index}");
        let at = |key: &str| format!("{path}.{key}");
        if let Err(error) = influx.name.parse::<LinkId>() {
            judge.refuse(&at("name"), &error.to_string(), "choose a short id, as in: name = \"ministry\"");
        }
        if !names.insert(&influx.name) {
            let message = format!("there are two replicas named \"{}\"", influx.name);
            judge.refuse(&at("name"), &message, "give each its own, as in: name = \"ministry\"");
        }
        replica(influx, &path, judge);
    }
}

fn replica(influx: &InfluxConfig, path: &str, judge: &mut Judge<'_, '_>) {
    let at = |key: &str| format!("{path}.{key}");
    if let Err((message, hint)) = judge_url(&influx.url) {
        judge.refuse(&at("url"), message, hint);
    }
    judge.name(&at("org"), &influx.org);
    judge.name(&at("bucket"), &influx.bucket);
    if let Some(file) = &influx.ca_file {
        let named = !file.as_os_str().is_empty();
        judge.require(named, &at("ca_file"), "this path is empty", "name a file of certificates in PEM");
        let used = influx.url.starts_with("https://");
        let hint = "remove it, or write https into url";
        judge.require(used, &at("ca_file"), "without https no certificate is looked at", hint);
    }
    judge.time(&at("timeout"), Seconds(influx.timeout.0), INFLUX_TIMEOUT);
}

/// Whether this is `http://` or `https://` with a host and perhaps a path; else a fact and a remedy.
fn judge_url(url: &str) -> Result<(), (&'static str, &'static str)> {
    const EXAMPLE: &str = "as in: url = \"http://127.0.0.1:8086\" or \"https://influx.example.vn/influx/\"";
    let Some(rest) = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://")) else {
        return Err(("this is not an http or https address", EXAMPLE));
    };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    if rest.contains(['?', '#']) {
        return Err(("a query cannot stand here", "org and bucket have their own keys"));
    }
    if authority.contains('@') {
        return Err((
            "a user or password cannot stand here",
            "put the token into token_file and remove what is before @",
        ));
    }
    if format!("/{}", path.trim_end_matches('/')).ends_with("/api/v2/write") {
        return Err(("this is the address of writing, not of InfluxDB", "remove /api/v2/write, which is added to it"));
    }
    let fine = is_authority(authority) && path.bytes().all(|byte| byte.is_ascii_graphic());
    if fine { Ok(()) } else { Err(("this is not an address of a server", EXAMPLE)) }
}

/// Whether this is a host name or an address, with or without a port.
pub(super) fn is_authority(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let port_fine = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    let v6 = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let host_fine = match v6 {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c)),
    };
    port_fine && host_fine
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_and_https_with_or_without_a_path_are_taken() {
        for good in [
            "http://127.0.0.1:8086",
            "http://influx",
            "http://influx.local:80/",
            "http://[::1]:8086",
            "http://[::1]",
            "https://influx:8086",
            "https://influx.example.vn/influx/",
            "http://influx/a/b",
        ] {
            assert_eq!(judge_url(good), Ok(()), "{good}");
        }
        for (bad, fact) in [
            ("ftp://influx", "not an http"),
            ("influx:8086", "not an http"),
            ("https://influx/api/v2/write", "address of writing"),
            ("https://influx/prefix/api/v2/write/", "address of writing"),
            ("http://user:pw@influx", "user or password"),
            ("https://user:pw@influx/prefix", "user or password"),
            ("http://influx?org=x", "query"),
            ("http://influx/prefix?org=x", "query"),
            ("http://influx/#x", "query"),
            ("http://", "not an address"),
            ("https:///influx", "not an address"),
            ("http://influx:0", "not an address"),
            ("http://influx:99999", "not an address"),
            ("http://in flux", "not an address"),
            ("http://influx/a b", "not an address"),
            ("http://influx/\u{e1}", "not an address"),
            ("http://::1", "not an address"),
        ] {
            assert!(judge_url(bad).is_err_and(|(message, _)| message.contains(fact)), "{bad}");
        }
    }
}
