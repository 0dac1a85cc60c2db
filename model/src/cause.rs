//! Why something is down: the cause, how sure we are, and the evidence that it rests on.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Dbm, DeviceId, IdError, LinkId, Metres, Millis, SiteId, UtcMs};

/// Something that carries links: another link, a device, or a site. As text it is the id of a link, or
/// `device/ID`, or `site/ID`; no id has a slash.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Carrier {
    /// A link.
    Link(LinkId),
    /// A device that SNMP asks.
    Device(DeviceId),
    /// A site.
    Site(SiteId),
}

impl Carrier {
    /// The link, when it is one.
    #[must_use]
    pub const fn link(&self) -> Option<&LinkId> {
        match self {
            Self::Link(link) => Some(link),
            Self::Device(_) | Self::Site(_) => None,
        }
    }
}

impl FromStr for Carrier {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        match text.split_once('/') {
            Some(("device", id)) => id.parse().map(Self::Device),
            Some(("site", id)) => id.parse().map(Self::Site),
            Some(_) | None => text.parse().map(Self::Link),
        }
    }
}

impl fmt::Display for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link(id) => id.fmt(f),
            Self::Device(id) => write!(f, "device/{id}"),
            Self::Site(id) => write!(f, "site/{id}"),
        }
    }
}

impl TryFrom<String> for Carrier {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<Carrier> for String {
    fn from(carrier: Carrier) -> Self {
        carrier.to_string()
    }
}

/// What is known of the cause. `Unknown` is a valid answer; a wrong `Fibre` sends a crew into the mountains.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "cause")]
pub enum Cause {
    /// Nothing tells.
    Unknown,
    /// Something that carries this link is down.
    Upstream {
        /// The nearest such thing.
        carrier: Carrier,
    },
    /// The fibre, or what else lies between two ends that both have power.
    Fibre,
    /// The site has no power.
    Power,
    /// A device: it restarted, its port is shut, it does not register.
    Equipment,
    /// Our own side.
    Prober,
    /// Announced work.
    Maintenance,
}

impl Cause {
    /// The id that JSON, CSV and InfluxDB use.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Upstream { .. } => "upstream",
            Self::Fibre => "fibre",
            Self::Power => "power",
            Self::Equipment => "equipment",
            Self::Prober => "prober",
            Self::Maintenance => "maintenance",
        }
    }

    /// What carries the link, when that is the cause.
    #[must_use]
    pub const fn carrier(&self) -> Option<&Carrier> {
        match self {
            Self::Upstream { carrier } => Some(carrier),
            Self::Unknown | Self::Fibre | Self::Power | Self::Equipment | Self::Prober | Self::Maintenance => None,
        }
    }
}

/// How sure a verdict is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// One sign that has other explanations.
    Low,
    /// A good sign, or several weak ones.
    Medium,
    /// A device said so, or two independent signs.
    High,
}

impl Confidence {
    /// The id that JSON and the store use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// Something that was seen and bears on the cause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Clue {
    /// When it was seen.
    pub at: UtcMs,
    /// What it was.
    #[serde(flatten)]
    pub sign: Sign,
}

/// What can be seen that bears on a cause. Text in it comes from the inventory only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "sign")]
pub enum Sign {
    /// Something that carries the link is down.
    CarrierDown {
        /// What.
        carrier: Carrier,
    },
    /// The near end says that its interface is down: what is behind it, or the far end's power.
    InterfaceDown {
        /// The near end.
        device: DeviceId,
    },
    /// Somebody has shut the interface: `ifAdminStatus` is down.
    InterfaceShut {
        /// Where.
        device: DeviceId,
    },
    /// No light comes in: the fibre, or the far end's power.
    NoLight {
        /// The near end.
        device: DeviceId,
        /// What it receives, when it says.
        rx: Option<Dbm>,
    },
    /// Less and less light came in before the loss.
    LightFaded {
        /// The near end.
        device: DeviceId,
        /// How much less than usual in dB.
        db: f64,
    },
    /// The ONT's last word: its power fails.
    DyingGasp {
        /// The OLT that heard it.
        device: DeviceId,
    },
    /// The ONT is lit and does not get in: it fails to register or to authenticate.
    NotRegistered {
        /// The OLT that says so.
        device: DeviceId,
    },
    /// Other ONTs of the same PON port lost their light with it.
    PortDark {
        /// The OLT.
        device: DeviceId,
        /// ONTs of the port without light.
        dark: u32,
        /// ONTs of the port with light.
        lit: u32,
    },
    /// The break lies between the farthest ONT that works and the nearest that does not.
    Break {
        /// The OLT from which it is measured.
        device: DeviceId,
        /// Fibre metres from there to the farthest ONT that works; 0 when none does.
        from: Metres,
        /// Fibre metres from there to the nearest ONT that does not.
        to: Metres,
    },
    /// The site's supply runs from its battery.
    OnBattery {
        /// The UPS.
        device: DeviceId,
        /// What it had left when last asked.
        left: Option<Millis>,
        /// It said that it is low or empty.
        low: bool,
    },
    /// The mains of the site are off.
    MainsOff {
        /// Who says so.
        device: DeviceId,
    },
    /// The site's supply is in order.
    MainsOn {
        /// Who says so.
        device: DeviceId,
    },
    /// The far end came back and had restarted meanwhile.
    Restarted {
        /// Which device.
        device: DeviceId,
        /// How long it had been up.
        uptime: Millis,
    },
    /// The far end came back and had been up all the time: it had power.
    StayedUp {
        /// Which device.
        device: DeviceId,
        /// How long it had been up.
        uptime: Millis,
    },
    /// Something else at the site still answers: it has power, and a way to it works.
    SiteAnswers {
        /// What answers.
        carrier: Carrier,
    },
    /// Links of several operators around the site fell silent together.
    DarkTogether {
        /// Links.
        links: u32,
        /// Operators.
        operators: u32,
    },
    /// Everything that is looked at fell silent at once.
    EverythingLost {
        /// Links.
        links: u32,
    },
    /// Work was announced.
    Announced {
        /// What is done.
        why: String,
    },
}

/// The cause of an outage as far as it is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The cause.
    #[serde(flatten)]
    pub cause: Cause,
    /// How sure.
    pub confidence: Confidence,
    /// What speaks for it, and what was seen beside, the weightiest first.
    pub evidence: Vec<Clue>,
}

impl Verdict {
    /// Nothing tells.
    #[must_use]
    pub const fn unknown() -> Self {
        Self { cause: Cause::Unknown, confidence: Confidence::Low, evidence: Vec::new() }
    }
}

/// A verdict and when it was reached: the verdicts of an outage are kept, the last one counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Revision {
    /// When.
    pub at: UtcMs,
    /// What.
    #[serde(flatten)]
    pub verdict: Verdict,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_carrier_is_a_link_unless_it_says_otherwise() {
        for text in ["feeder-1", "device/olt-1", "site/pop-1"] {
            let carrier: Carrier = text.parse().expect("a carrier");
            assert_eq!(carrier.to_string(), text);
            assert_eq!(carrier.link().is_some(), text == "feeder-1");
        }
        for wrong in ["", "site/", "device/a/b", "room/1", "a b"] {
            assert!(wrong.parse::<Carrier>().is_err(), "{wrong:?}");
        }
    }
}
