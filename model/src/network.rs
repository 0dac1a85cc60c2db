//! Links and the devices at their ends.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::{Carrier, CommuneCode, Dbm, DeviceId, GroupId, LinkId, Operator, Service, SiteId};

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkKind {
    /// Fibre to the commune's centre.
    Fibre,
    /// Broadband service in the commune.
    Broadband,
    /// A video-conference endpoint.
    VideoConference,
    /// A shared platform that communes depend on.
    Platform,
    /// Backhaul of a base station.
    Backhaul,
    /// A line that feeds other links and serves nobody by itself.
    Feeder,
}

impl LinkKind {
    /// All kinds, in the order they are shown.
    pub const ALL: [Self; 6] =
        [Self::Fibre, Self::Broadband, Self::VideoConference, Self::Platform, Self::Backhaul, Self::Feeder];

    /// The id that files, JSON and InfluxDB use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Fibre => "fibre",
            Self::Broadband => "broadband",
            Self::VideoConference => "video-conference",
            Self::Platform => "platform",
            Self::Backhaul => "backhaul",
            Self::Feeder => "feeder",
        }
    }
}

/// Who answers for a link.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The circuit's number at the operator.
    pub circuit: Option<String>,
    /// Telephone of whom to call.
    pub phone: Option<String>,
    /// The duty holder.
    pub duty: Option<String>,
}

/// A link: the circuit that is probed. At least one of `address`, `service` and `interface` is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// Unique in the inventory.
    pub id: LinkId,
    /// What it is for.
    pub kind: LinkKind,
    /// What people call it; its id when nobody gave a name.
    pub name: String,
    /// The commune it serves; none for platforms and feeders.
    pub commune: Option<CommuneCode>,
    /// The site at its end.
    pub site: Option<SiteId>,
    /// The address that is pinged: the far end.
    pub address: Option<IpAddr>,
    /// The service that its users need. When there is one, it decides and not the pings. Inventories that were stored
    /// before it existed have none.
    #[serde(default)]
    pub service: Option<Service>,
    /// The device, and the interface on it by `ifName`, that SNMP asks about.
    pub interface: Option<(DeviceId, String)>,
    /// The least light that the receiver at the interface needs, from its data sheet, when somebody wrote it down.
    #[serde(default)]
    pub rx_limit: Option<Dbm>,
    /// What carries it, one step nearer to the centre: links, devices, sites. More than one makes a ring.
    pub upstream: Vec<Carrier>,
    /// Who runs it.
    pub operator: Option<Operator>,
    /// Groups it is asked about with.
    pub groups: Vec<GroupId>,
    /// Whom to call.
    pub contact: Contact,
}

/// How a device is asked, by reference: the secrets stay in their files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnmpAccess {
    /// UDP port.
    pub port: u16,
    /// Name of the `[[snmp.credential]]` in the configuration.
    pub credential: String,
    /// Vendor profile for optical power and other sensors.
    pub profile: Option<String>,
}

/// A device that answers SNMP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Unique in the inventory.
    pub id: DeviceId,
    /// What people call it.
    pub name: String,
    /// The site it stands at.
    pub site: Option<SiteId>,
    /// Where it answers.
    pub address: IpAddr,
    /// How it is asked.
    pub snmp: SnmpAccess,
}

/// Why nothing answers echoes at this address, as the end of a sentence; none for an address that can be asked.
pub(crate) fn refused_address(address: IpAddr) -> Option<&'static str> {
    if address.is_unspecified() {
        return Some("is no address of a machine");
    }
    if address.is_multicast() {
        return Some("is a multicast address");
    }
    match address {
        IpAddr::V4(v4) if v4.is_broadcast() => Some("is a broadcast address"),
        IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some() => Some("is an IPv4 address written as IPv6"),
        IpAddr::V6(v6) if v6.is_unicast_link_local() => Some("is link-local and leads nowhere without an interface"),
        IpAddr::V4(_) | IpAddr::V6(_) => None,
    }
}
