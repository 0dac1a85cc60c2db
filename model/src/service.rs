//! What a platform offers its users, as `links.csv` names it: a TCP port, a page, or the answer of a name server.
//!
//! The text is a URL, because that is what people have in their spreadsheets. The parser is our own and strict: it takes
//! the few forms that can be probed and says of every other one what to write instead.

mod parse;
#[cfg(test)]
mod tests;

use std::{fmt, net::IpAddr};

use serde::{Deserialize, Serialize};

use crate::Probe;
pub use parse::ServiceError;

/// Port of `http://` when none is written (RFC 9110).
const HTTP_PORT: u16 = 80;
/// Port of `https://` when none is written (RFC 9110).
const HTTPS_PORT: u16 = 443;
/// Port of `dns://` when none is written (RFC 1035).
const DNS_PORT: u16 = 53;

/// A service that can be asked. Its text form is a URL; see [`Service::from_str`](std::str::FromStr::from_str).
///
/// ```
/// use phusong_model::{Probe, Service};
/// let service: Service = "https://dichvucong.example.vn/login#status=401".parse().unwrap();
/// assert_eq!((service.probe(), service.endpoint().port), (Probe::Http, 443));
/// assert_eq!(service.to_string(), "https://dichvucong.example.vn/login#status=401");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Service {
    /// `tcp://host:port`: a connection is taken.
    Tcp(Endpoint),
    /// `http://…` or `https://…`: a request is answered with the expected status.
    Http(HttpService),
    /// `dns://server/name`: a name server knows a name.
    Dns(DnsService),
}

/// Where a service is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The machine.
    pub host: Host,
    /// Its port, never 0.
    pub port: u16,
}

/// A machine by its address, or by a name that the system's resolver knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// An address as it stands in the URL.
    Address(IpAddr),
    /// A name in lower case.
    Name(String),
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpService {
    /// Where it is asked for.
    pub endpoint: Endpoint,
    /// Whether TLS protects it: `https`.
    pub tls: bool,
    /// Path and query, starting with `/`.
    pub path: String,
    /// The status that says that it works; any 2xx or 3xx when none was written.
    pub status: Option<u16>,
}

impl HttpService {
    /// Whether an answer with this status is the one that users need.
    #[must_use]
    pub fn expects(&self, status: u16) -> bool {
        self.status.map_or_else(|| (200..400).contains(&status), |expected| expected == status)
    }

    /// The `Host` of the request: the port stands in it only when it is not the usual one (RFC 9110, 4.2.3).
    #[must_use]
    pub fn authority(&self) -> String {
        let usual = if self.tls { HTTPS_PORT } else { HTTP_PORT };
        self.endpoint.text(usual)
    }
}

/// A question to a name server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsService {
    /// The server.
    pub endpoint: Endpoint,
    /// The name that is asked about, in lower case and without the dot at its end.
    pub name: String,
    /// What is asked about it.
    pub record: DnsRecord,
}

/// What a name server is asked about a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DnsRecord {
    /// An IPv4 address.
    #[default]
    A,
    /// An IPv6 address.
    Aaaa,
    /// Another name for it.
    Cname,
    /// Its mail servers.
    Mx,
    /// Its name servers.
    Ns,
    /// The name of an address.
    Ptr,
    /// Who holds the zone.
    Soa,
    /// A text.
    Txt,
}

impl DnsRecord {
    /// All of them.
    pub const ALL: [Self; 8] = [Self::A, Self::Aaaa, Self::Cname, Self::Mx, Self::Ns, Self::Ptr, Self::Soa, Self::Txt];

    /// The mnemonic of RFC 1035 and RFC 3596.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
            Self::Cname => "CNAME",
            Self::Mx => "MX",
            Self::Ns => "NS",
            Self::Ptr => "PTR",
            Self::Soa => "SOA",
            Self::Txt => "TXT",
        }
    }
}

impl Service {
    /// Where it is asked.
    #[must_use]
    pub const fn endpoint(&self) -> &Endpoint {
        match self {
            Self::Tcp(endpoint) => endpoint,
            Self::Http(http) => &http.endpoint,
            Self::Dns(dns) => &dns.endpoint,
        }
    }

    /// How it is looked at.
    #[must_use]
    pub const fn probe(&self) -> Probe {
        match self {
            Self::Tcp(_) => Probe::Tcp,
            Self::Http(_) => Probe::Http,
            Self::Dns(_) => Probe::Dns,
        }
    }
}

impl Endpoint {
    /// Host and port as a URL has them; the usual port is left out.
    fn text(&self, usual: u16) -> String {
        if self.port == usual { self.host.to_string() } else { format!("{}:{}", self.host, self.port) }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
            Self::Address(IpAddr::V4(address)) => address.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(Endpoint { host, port }) => write!(f, "tcp://{host}:{port}"),
            Self::Http(http) => {
                let scheme = if http.tls { "https" } else { "http" };
                write!(f, "{scheme}://{}{}", http.authority(), http.path)?;
                http.status.map_or(Ok(()), |status| write!(f, "#status={status}"))
            }
            Self::Dns(dns) => {
                write!(f, "dns://{}/{}", dns.endpoint.text(DNS_PORT), dns.name)?;
                if dns.record == DnsRecord::default() { Ok(()) } else { write!(f, "?type={}", dns.record.id()) }
            }
        }
    }
}

impl From<Service> for String {
    fn from(service: Service) -> Self {
        service.to_string()
    }
}

impl TryFrom<String> for Service {
    type Error = ServiceError;
    fn try_from(text: String) -> Result<Self, ServiceError> {
        text.parse()
    }
}
