//! Something a probe saw besides whether it was answered: evidence for people and for the search of a cause, never a
//! verdict.

use std::{fmt, net::IpAddr};

use serde::{Deserialize, Serialize};

use crate::{DeviceId, LinkId, UtcMs};

/// What an observation is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    /// A link.
    Link(LinkId),
    /// A device that SNMP asks.
    Device(DeviceId),
}

/// Something a probe saw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// What it is about.
    pub subject: Subject,
    /// When it was seen.
    pub at: UtcMs,
    /// What it was.
    pub seen: Seen,
}

/// What can be seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seen {
    /// An ICMP error that quotes an echo of ours: a router's word on why nothing came back, never a reply.
    IcmpError(IcmpError),
    /// The certificate that a TLS server showed.
    Certificate {
        /// When it ends.
        not_after: UtcMs,
        /// Whether a known authority vouches for it, for this name and this time.
        trusted: bool,
    },
    /// The status code of an HTTP answer (RFC 9110 section 15).
    HttpStatus(u16),
    /// A value that a vendor profile knows how to read.
    Sensor(SensorReading),
}

impl Seen {
    /// What tells this kind of sight from others of the same subject: a later one with the same key takes its place.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::IcmpError(error) => format!("icmp-error/{}/{}/{}", error.kind.id(), error.code, error.router),
            Self::Certificate { .. } => "certificate".to_owned(),
            Self::HttpStatus(_) => "http-status".to_owned(),
            Self::Sensor(reading) => match &reading.row {
                Some(row) => format!("sensor/{}/{row}", reading.sensor),
                None => format!("sensor/{}", reading.sensor),
            },
        }
    }
}

/// An ICMP error message about an echo of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct IcmpError {
    /// Which message.
    pub kind: IcmpErrorKind,
    /// Its code, as the RFC of the target's address family numbers it: RFC 792 or RFC 4443.
    pub code: u8,
    /// Who sent it.
    pub router: IpAddr,
}

/// The ICMP error messages of both families.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IcmpErrorKind {
    /// Destination unreachable: type 3, in IPv6 type 1.
    Unreachable,
    /// Packet too big: in IPv6 type 2; in IPv4 it is a code of unreachable.
    PacketTooBig,
    /// Time exceeded: type 11, in IPv6 type 3. A loop between routers, most often.
    TimeExceeded,
    /// Parameter problem: type 12, in IPv6 type 4.
    ParameterProblem,
}

impl IcmpErrorKind {
    /// The id that JSON and the store use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::PacketTooBig => "packet-too-big",
            Self::TimeExceeded => "time-exceeded",
            Self::ParameterProblem => "parameter-problem",
        }
    }
}

impl IcmpError {
    /// What the RFC calls this type and code; RFC 792 with RFC 1812 for IPv4, RFC 4443 for IPv6.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match (self.kind, self.router, self.code) {
            (IcmpErrorKind::Unreachable, IpAddr::V4(_), code) => unreachable_v4(code),
            (IcmpErrorKind::Unreachable, IpAddr::V6(_), code) => unreachable_v6(code),
            (IcmpErrorKind::PacketTooBig, _, _) => "packet too big",
            (IcmpErrorKind::TimeExceeded, _, 1) => "fragment reassembly time exceeded",
            (IcmpErrorKind::TimeExceeded, _, _) => "time to live exceeded in transit",
            (IcmpErrorKind::ParameterProblem, _, _) => "parameter problem",
        }
    }
}

const fn unreachable_v4(code: u8) -> &'static str {
    match code {
        0 | 6 => "network unreachable",
        1 | 7 => "host unreachable",
        2 => "protocol unreachable",
        3 => "port unreachable",
        4 => "fragmentation needed",
        5 => "source route failed",
        9 | 10 | 13 => "administratively prohibited",
        11 | 12 => "unreachable for this type of service",
        _ => "unreachable",
    }
}

const fn unreachable_v6(code: u8) -> &'static str {
    match code {
        0 => "no route to destination",
        1 => "administratively prohibited",
        2 => "beyond scope of source address",
        3 => "address unreachable",
        4 => "port unreachable",
        5 => "source address failed policy",
        6 => "reject route to destination",
        _ => "unreachable",
    }
}

impl fmt::Display for IcmpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} code {}) from {}", self.name(), self.kind.id(), self.code, self.router)
    }
}

/// One value of a device, read by a vendor profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SensorReading {
    /// The profile's name for it, as in `battery-status`.
    pub sensor: String,
    /// Which of several: the device's own name or index, made printable.
    pub row: Option<String>,
    /// What it said.
    pub value: SensorValue,
    /// How sure the profile is.
    pub grade: ProfileGrade,
}

/// A measured value or a state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SensorValue {
    /// A measured value.
    Number {
        /// In the unit.
        value: f64,
        /// The unit.
        unit: SensorUnit,
    },
    /// A state out of a list.
    State {
        /// The MIB's number.
        code: i64,
        /// The profile's name for it; none for a number that the profile does not know.
        name: Option<String>,
    },
}

/// What a sensor measures in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SensorUnit {
    /// Optical power over one milliwatt.
    Dbm,
    /// Degrees Celsius.
    Celsius,
    /// Volts.
    Volt,
    /// Amperes.
    Ampere,
    /// Watts.
    Watt,
    /// Hertz.
    Hertz,
    /// Revolutions a minute.
    Rpm,
    /// Hundredths of a whole; relative humidity too.
    Percent,
    /// Metres.
    Metre,
    /// Seconds.
    Second,
    /// Minutes.
    Minute,
    /// A plain number.
    Count,
}

impl SensorUnit {
    /// How the unit is written behind a number; empty for plain numbers.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Dbm => "dBm",
            Self::Celsius => "°C",
            Self::Volt => "V",
            Self::Ampere => "A",
            Self::Watt => "W",
            Self::Hertz => "Hz",
            Self::Rpm => "rpm",
            Self::Percent => "%",
            Self::Metre => "m",
            Self::Second => "s",
            Self::Minute => "min",
            Self::Count => "",
        }
    }
}

/// How sure the values of a profile are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProfileGrade {
    /// The vendor's MIB or an RFC says so.
    Documented,
    /// Known from use only: check it on the real device.
    Community,
}

impl ProfileGrade {
    /// The id that files and JSON use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Community => "community",
        }
    }
}

/// An observation as the store kept it: the same sight is one entry, however often it was had.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// What it is about.
    pub subject: Subject,
    /// What was seen.
    pub seen: Seen,
    /// Since when it has looked the same.
    pub first: UtcMs,
    /// When it was last seen.
    pub last: UtcMs,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: IcmpErrorKind, code: u8, router: &str) -> IcmpError {
        IcmpError { kind, code, router: router.parse().expect("an address") }
    }

    #[test]
    fn errors_are_named_as_their_family_numbers_them() {
        let v4 = error(IcmpErrorKind::Unreachable, 1, "10.0.0.1");
        assert_eq!(v4.to_string(), "host unreachable (unreachable code 1) from 10.0.0.1");
        assert_eq!(error(IcmpErrorKind::Unreachable, 1, "fd00::1").name(), "administratively prohibited");
        assert_eq!(error(IcmpErrorKind::TimeExceeded, 0, "10.0.0.1").name(), "time to live exceeded in transit");
    }

    #[test]
    fn what_replaces_what_is_told_by_the_key() {
        let sensor = |row: Option<&str>, code| {
            Seen::Sensor(SensorReading {
                sensor: "battery-status".to_owned(),
                row: row.map(str::to_owned),
                value: SensorValue::State { code, name: None },
                grade: ProfileGrade::Documented,
            })
        };
        assert_eq!(sensor(None, 2).key(), sensor(None, 3).key());
        assert_ne!(sensor(Some("1"), 2).key(), sensor(Some("2"), 2).key());
        let by = |router| Seen::IcmpError(error(IcmpErrorKind::Unreachable, 1, router)).key();
        assert_ne!(by("10.0.0.1"), by("10.0.0.2"), "two routers say two things");
    }
}
