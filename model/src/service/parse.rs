//! From the text of a cell to a [`Service`].

use std::{
    net::{Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use thiserror::Error;

use super::{DNS_PORT, DnsRecord, DnsService, Endpoint, HTTP_PORT, HTTPS_PORT, Host, HttpService, Service};
use crate::network::refused_address;

/// The longest URL in bytes: servers take request lines of 8000 (RFC 9112, 3), and nobody probes a longer one.
const URL_MAX: usize = 2000;
/// The longest name in bytes as people write it (RFC 1035, 2.3.4).
const NAME_MAX: usize = 253;
/// The longest part of a name between two dots (RFC 1035, 2.3.4).
const LABEL_MAX: usize = 63;

/// Why a text is no service that can be probed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ServiceError {
    /// Another scheme, or none.
    #[error("\"{0}\" is not a service that can be probed")]
    Scheme(String),
    /// White space, a control character or a letter outside ASCII.
    #[error("{0:?} cannot stand in a URL")]
    Character(char),
    /// Longer than servers take.
    #[error("a URL has at most {URL_MAX} bytes, this one has {0}")]
    TooLong(usize),
    /// `user:password@`.
    #[error("a user or password cannot stand in a URL")]
    User,
    /// Neither a name nor an address.
    #[error("\"{0}\" is not a host")]
    Host(String),
    /// An address that no service has.
    #[error("{0}")]
    Address(String),
    /// `tcp://` without a port.
    #[error("the port is missing")]
    NoPort,
    /// Not 1 to 65535.
    #[error("\"{0}\" is not a port")]
    Port(String),
    /// `tcp://` with something behind the port.
    #[error("a TCP port has no \"{0}\"")]
    TcpRest(String),
    /// Something else than `#status=NNN`.
    #[error("\"#{0}\" does not say which status is expected")]
    Fragment(String),
    /// `dns://server` without a name.
    #[error("the name that is asked about is missing")]
    NoName,
    /// Not a name of the DNS.
    #[error("\"{0}\" is not a name")]
    Name(String),
    /// A record type that is not known here.
    #[error("\"?{0}\" does not say what is asked about the name")]
    Record(String),
}

impl ServiceError {
    /// What to write instead.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Scheme(_) => "write tcp://host:port, http://host/path, https://host/path or dns://server/name",
            Self::Character(_) => {
                "copy the address from the browser's address line, which writes such characters as %XX"
            }
            Self::TooLong(_) => "choose a shorter page of the same platform",
            Self::User => "remove what is before @; a page that asks for a password is probed with #status=401",
            Self::Host(_) | Self::Address(_) => {
                "write the name or address of one machine, as portal.example.vn or [2001:db8::1]"
            }
            Self::NoPort | Self::Port(_) => "write a port from 1 to 65535, as in: tcp://10.0.0.1:443",
            Self::TcpRest(_) => "write tcp://host:port and nothing more",
            Self::Fragment(_) => {
                "write the one status that says that the page works, as in: https://host/path#status=401"
            }
            Self::NoName | Self::Name(_) => "write server and name, as in: dns://10.0.0.53/portal.example.vn",
            Self::Record(_) => "write one of ?type=A, AAAA, CNAME, MX, NS, PTR, SOA, TXT",
        }
    }
}

impl FromStr for Service {
    type Err = ServiceError;

    /// Reads `tcp://host:port`, `http://host[:port][/path][#status=NNN]`, the same with `https`, or
    /// `dns://server[:port]/name[?type=A]`. An IPv6 address stands in brackets.
    ///
    /// # Errors
    /// What of the text cannot be probed.
    fn from_str(text: &str) -> Result<Self, ServiceError> {
        if text.len() > URL_MAX {
            return Err(ServiceError::TooLong(text.len()));
        }
        let (scheme, rest) = text.split_once("://").ok_or_else(|| ServiceError::Scheme(text.to_owned()))?;
        if let Some(wrong) = rest.chars().find(|c| !c.is_ascii_graphic()) {
            return Err(ServiceError::Character(wrong));
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at_checked(end).unwrap_or((rest, ""));
        if authority.contains('@') {
            return Err(ServiceError::User);
        }
        match scheme.to_ascii_lowercase().as_str() {
            "tcp" => tcp(authority, rest),
            "http" => http(authority, rest, false),
            "https" => http(authority, rest, true),
            "dns" => dns(authority, rest),
            _ => Err(ServiceError::Scheme(text.to_owned())),
        }
    }
}

fn tcp(authority: &str, rest: &str) -> Result<Service, ServiceError> {
    match rest {
        "" | "/" => endpoint(authority, None).map(Service::Tcp),
        _ => Err(ServiceError::TcpRest(rest.to_owned())),
    }
}

fn http(authority: &str, rest: &str, tls: bool) -> Result<Service, ServiceError> {
    let endpoint = endpoint(authority, Some(if tls { HTTPS_PORT } else { HTTP_PORT }))?;
    let (path, status) = match rest.split_once('#') {
        Some((path, fragment)) => (path, Some(status(fragment)?)),
        None => (rest, None),
    };
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    Ok(Service::Http(HttpService { endpoint, tls, path, status }))
}

fn status(fragment: &str) -> Result<u16, ServiceError> {
    let digits = fragment.strip_prefix("status=").filter(|digits| digits.len() == 3);
    let status = digits.and_then(|digits| digits.parse().ok()).filter(|status| (200..=599).contains(status));
    status.ok_or_else(|| ServiceError::Fragment(fragment.to_owned()))
}

fn dns(authority: &str, rest: &str) -> Result<Service, ServiceError> {
    let endpoint = endpoint(authority, Some(DNS_PORT))?;
    let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
    let name = path.strip_prefix('/').unwrap_or(path);
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    if name.is_empty() {
        return Err(ServiceError::NoName);
    }
    if !is_name(&name) {
        return Err(ServiceError::Name(name));
    }
    let record = query.map_or(Ok(DnsRecord::default()), record)?;
    Ok(Service::Dns(DnsService { endpoint, name, record }))
}

fn record(query: &str) -> Result<DnsRecord, ServiceError> {
    let asked = query.strip_prefix("type=");
    let known = |asked: &str| DnsRecord::ALL.into_iter().find(|record| record.id().eq_ignore_ascii_case(asked));
    asked.and_then(known).ok_or_else(|| ServiceError::Record(query.to_owned()))
}

fn endpoint(authority: &str, usual: Option<u16>) -> Result<Endpoint, ServiceError> {
    let (host, port) = match authority.rsplit_once(':') {
        // The last colon of a bare IPv6 address in brackets is a part of it.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let port = match port {
        Some(text) => number(text).ok_or_else(|| ServiceError::Port(text.to_owned()))?,
        None => usual.ok_or(ServiceError::NoPort)?,
    };
    Ok(Endpoint { host: self::host(host)?, port })
}

/// `u16::from_str` takes a plus sign, which no URL has.
fn number(text: &str) -> Option<u16> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| digits && *port > 0)
}

fn host(text: &str) -> Result<Host, ServiceError> {
    let refused = || ServiceError::Host(text.to_owned());
    let address: Option<std::net::IpAddr> = match text.strip_prefix('[') {
        Some(rest) => {
            Some(rest.strip_suffix(']').and_then(|v6| v6.parse::<Ipv6Addr>().ok()).ok_or_else(refused)?.into())
        }
        None => text.parse::<Ipv4Addr>().ok().map(Into::into),
    };
    if let Some(address) = address {
        return match refused_address(address) {
            Some(reason) => Err(ServiceError::Address(format!("{address} {reason}"))),
            None => Ok(Host::Address(address)),
        };
    }
    // What ends in a number was meant as an address (WHATWG URL, 3.5): 10.0.0.300 is no name.
    let numeric = text.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    if numeric || !is_name(text) { Err(refused()) } else { Ok(Host::Name(text.to_ascii_lowercase())) }
}

/// Names as machines have them (RFC 1123, 2.1), and the underscore that services put into theirs.
fn is_name(text: &str) -> bool {
    let label = |label: &str| {
        let fine = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        fine && (1..=LABEL_MAX).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    text.len() <= NAME_MAX && text.split('.').all(label)
}
