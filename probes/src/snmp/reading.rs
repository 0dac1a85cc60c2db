//! What is asked of one interface, and what the answer means. Pure.

use phusong_model::{Dbm, IfStatus};
use snmp::{Oid, Version};

use super::{
    counters::{Counters, Octets},
    mapping::Place,
    oids::{self, Column},
    profile::{Optical, is_lit, join},
    values::Values,
};

/// Everything that is asked of one interface, with the counters that the protocol's `version` has.
pub(super) fn questions(place: &Place, optical: Option<&Optical>, version: Version) -> Vec<Oid> {
    let name = place.named_by.of(place.if_index);
    let columns: &[Column] = if version == Version::V1 { &Column::READING_V1 } else { &Column::READING };
    let columns = columns.iter().map(|column| column.of(place.if_index));
    let optics = optical.zip(place.optical.as_ref()).into_iter().flat_map(|(optical, row)| {
        [Some(&optical.rx), optical.tx.as_ref(), optical.lit.as_ref()]
            .into_iter()
            .flatten()
            .map(|column| join(column, row))
    });
    std::iter::once(name).chain(columns).chain(optics).collect()
}

/// One answered interface.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// The name it has on the device now.
    pub(super) name: Option<String>,
    /// `ifOperStatus`.
    pub(super) oper: IfStatus,
    /// `ifAdminStatus`.
    pub(super) admin: IfStatus,
    /// Counters and speed.
    pub(super) counters: Counters,
    /// Received optical power.
    pub(super) rx: Option<Dbm>,
    /// Sent optical power.
    pub(super) tx: Option<Dbm>,
}

impl Row {
    /// What the values of one request say of an interface.
    pub(super) fn of(values: &Values, place: &Place, optical: Option<&Optical>) -> Self {
        let at = |column: Column| column.of(place.if_index);
        let status = |column| values.integer(&at(column)).map_or(IfStatus::Unknown, |v| IfStatus::from_mib(v.into()));
        let octets = |[wide, narrow]: [Column; 2]| {
            let wide = values.counter64(&at(wide)).map(Octets::Wide);
            wide.or_else(|| values.counter32(&at(narrow)).map(Octets::Narrow))
        };
        let megabits = values.gauge(&at(Column::HighSpeed)).map(|megabits| u64::from(megabits) * 1_000_000);
        // At its highest value ifSpeed says no more than "or faster" (RFC 2863).
        let bits = || values.gauge(&at(Column::Speed)).filter(|bits| *bits < u32::MAX).map(u64::from);
        let packets = |column| values.counter32(&at(column));
        let power = |column: &Oid| {
            let (optical, row) = optical.zip(place.optical.as_ref())?;
            if optical.lit.as_ref().is_some_and(|lit| !is_lit(values.get(&join(lit, row)))) {
                return None;
            }
            optical.dbm(values.get(&join(column, row))?)
        };
        Self {
            name: values.text(&at(place.named_by)),
            oper: status(Column::OperStatus),
            admin: status(Column::AdminStatus),
            counters: Counters {
                uptime: values.ticks(&oids::sys_uptime()),
                discontinuity: values.ticks(&at(Column::Discontinuity)),
                speed_bps: megabits.or_else(bits),
                octets: [[Column::HcInOctets, Column::InOctets], [Column::HcOutOctets, Column::OutOctets]].map(octets),
                packets: [Column::InErrors, Column::OutErrors, Column::InDiscards, Column::OutDiscards].map(packets),
            },
            rx: optical.and_then(|optical| power(&optical.rx)),
            tx: optical.and_then(|optical| power(optical.tx.as_ref()?)),
        }
    }
}
