//! What is asked of one interface, and what the answer means. Pure.

use phusong_model::{Dbm, IfStatus};
use snmp::{Oid, Version};

use super::{
    counters::{Counters, Octets},
    mapping::Place,
    oids::Column,
    profile::{Optical, is_lit, join},
    values::Values,
};

/// Everything that is asked of one interface, with the counters that the protocol's `version` has.
pub(super) fn questions(place: &Place, optical: Option<&Optical>, version: Version) -> Vec<Oid> {
    let name = place.named_by.of(place.if_index);
    let columns = columns(version).iter().map(|column| column.of(place.if_index));
    let optics = optical.zip(place.optical.as_ref()).into_iter().flat_map(|(optical, row)| {
        [Some(&optical.rx), optical.tx.as_ref(), optical.lit.as_ref()]
            .into_iter()
            .flatten()
            .map(|column| join(column, row))
    });
    std::iter::once(name).chain(columns).chain(optics).collect()
}

fn columns(version: Version) -> &'static [Column] {
    if version == Version::V1 { &Column::READING_V1 } else { &Column::READING }
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
    /// What the values of one request say of an interface, whose [`questions`] begin at `first`; `uptime` is the device's
    /// clock in the same answer.
    pub(super) fn of(
        values: &Values<'_>,
        first: usize,
        optical: Option<&Optical>,
        version: Version,
        uptime: Option<u32>,
    ) -> Self {
        let columns = columns(version);
        let at = |column| columns.iter().position(|other| *other == column).map(|place| first + 1 + place);
        let status = |column| {
            at(column)
                .and_then(|at| values.integer(at))
                .map_or(IfStatus::Unknown, |state| IfStatus::from_mib(state.into()))
        };
        let octets = |[wide, narrow]: [Column; 2]| {
            let wide = at(wide).and_then(|at| values.counter64(at)).map(Octets::Wide);
            wide.or_else(|| at(narrow).and_then(|at| values.counter32(at)).map(Octets::Narrow))
        };
        let gauge = |column| at(column).and_then(|at| values.gauge(at));
        let megabits = gauge(Column::HighSpeed).map(|megabits| u64::from(megabits) * 1_000_000);
        // At its highest value ifSpeed says no more than "or faster" (RFC 2863).
        let bits = || gauge(Column::Speed).filter(|bits| *bits < u32::MAX).map(u64::from);
        let packets = |column| at(column).and_then(|at| values.counter32(at));
        let [rx, tx] = optical.map_or([None; 2], |optical| powers(values, first + 1 + columns.len(), optical));
        Self {
            name: values.text(first),
            oper: status(Column::OperStatus),
            admin: status(Column::AdminStatus),
            counters: Counters {
                uptime,
                discontinuity: at(Column::Discontinuity).and_then(|at| values.ticks(at)),
                speed_bps: megabits.or_else(bits),
                octets: [[Column::HcInOctets, Column::InOctets], [Column::HcOutOctets, Column::OutOctets]].map(octets),
                packets: [Column::InErrors, Column::OutErrors, Column::InDiscards, Column::OutDiscards].map(packets),
            },
            rx,
            tx,
        }
    }
}

/// Received and sent power.
fn powers(values: &Values<'_>, first: usize, optical: &Optical) -> [Option<Dbm>; 2] {
    let tx = optical.tx.as_ref().map(|_| first + 1);
    let lit = optical.lit.as_ref().map(|_| first + 1 + usize::from(tx.is_some()));
    if lit.is_some_and(|lit| !is_lit(values.get(lit))) {
        return [None; 2];
    }
    [Some(first), tx].map(|place| optical.dbm(values.get(place?)?))
}
