//! The objects that every device is asked for (SNMPv2-MIB, IF-MIB of RFC 2863), without instance.

use snmp::{Oid, oid};

/// sysDescr.0
pub(super) fn sys_descr() -> Oid {
    oid!(1, 3, 6, 1, 2, 1, 1, 1, 0)
}

/// sysUpTime.0, hundredths of a second; wraps after 497.1 days.
pub(super) fn sys_uptime() -> Oid {
    oid!(1, 3, 6, 1, 2, 1, 1, 3, 0)
}

/// sysName.0
pub(super) fn sys_name() -> Oid {
    oid!(1, 3, 6, 1, 2, 1, 1, 5, 0)
}

/// ifTableLastChange.0: sysUpTime when a row was last added or removed.
pub(super) fn if_table_last_change() -> Oid {
    oid!(1, 3, 6, 1, 2, 1, 31, 1, 5, 0)
}

/// A column of ifTable.
const fn if_entry(column: u32) -> [u32; 10] {
    [1, 3, 6, 1, 2, 1, 2, 2, 1, column]
}

/// A column of ifXTable.
const fn if_x_entry(column: u32) -> [u32; 11] {
    [1, 3, 6, 1, 2, 1, 31, 1, 1, 1, column]
}

/// A column of the interface tables that is asked of every interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Descr,
    AdminStatus,
    OperStatus,
    Speed,
    InOctets,
    OutOctets,
    InDiscards,
    InErrors,
    OutDiscards,
    OutErrors,
    Name,
    HcInOctets,
    HcOutOctets,
    HighSpeed,
    Alias,
    Discontinuity,
}

impl Column {
    /// The columns of one reading; the name that the interface was found by is asked beside them.
    pub(super) const READING: [Self; 10] = [
        Self::AdminStatus,
        Self::OperStatus,
        Self::HighSpeed,
        Self::HcInOctets,
        Self::HcOutOctets,
        Self::InErrors,
        Self::OutErrors,
        Self::InDiscards,
        Self::OutDiscards,
        Self::Discontinuity,
    ];

    /// The same for SNMPv1, which has no 64-bit counters (RFC 1155): octets of 32 bits, and `ifSpeed` for devices so old
    /// that they have no ifXTable.
    pub(super) const READING_V1: [Self; 11] = [
        Self::AdminStatus,
        Self::OperStatus,
        Self::HighSpeed,
        Self::Speed,
        Self::InOctets,
        Self::OutOctets,
        Self::InErrors,
        Self::OutErrors,
        Self::InDiscards,
        Self::OutDiscards,
        Self::Discontinuity,
    ];

    /// The columns that may hold the name of the inventory, in the order they are tried.
    pub(super) const NAMING: [Self; 3] = [Self::Name, Self::Alias, Self::Descr];

    /// The column's OID.
    pub(super) fn oid(self) -> Oid {
        match self {
            Self::Descr => Oid::from(if_entry(2)),
            Self::AdminStatus => Oid::from(if_entry(7)),
            Self::OperStatus => Oid::from(if_entry(8)),
            Self::Speed => Oid::from(if_entry(5)),
            Self::InOctets => Oid::from(if_entry(10)),
            Self::OutOctets => Oid::from(if_entry(16)),
            Self::InDiscards => Oid::from(if_entry(13)),
            Self::InErrors => Oid::from(if_entry(14)),
            Self::OutDiscards => Oid::from(if_entry(19)),
            Self::OutErrors => Oid::from(if_entry(20)),
            Self::Name => Oid::from(if_x_entry(1)),
            Self::HcInOctets => Oid::from(if_x_entry(6)),
            Self::HcOutOctets => Oid::from(if_x_entry(10)),
            Self::HighSpeed => Oid::from(if_x_entry(15)),
            Self::Alias => Oid::from(if_x_entry(18)),
            Self::Discontinuity => Oid::from(if_x_entry(19)),
        }
    }

    /// The column's object of one interface.
    pub(super) fn of(self, if_index: u32) -> Oid {
        self.oid().child(if_index)
    }
}
