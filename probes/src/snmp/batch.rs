//! The requests of one poll: made when the interfaces are found, and sent with every poll. Pure.

use snmp::Version;

use super::{mapping::Place, objects::Objects, oids, profile::Optical, reading::questions, values::Values};

/// Objects asked for in one request. Thirty make an answer of about 900 bytes, which every agent can send and one
/// Ethernet frame holds: two interfaces with their optics, so that four interfaces cost two requests.
pub(super) const OBJECTS_PER_REQUEST: usize = 30;

/// One request.
pub(super) struct Batch {
    pub(super) objects: Objects,
    pub(super) rows: Vec<Span>,
}

/// The objects of one interface in a request.
pub(super) struct Span {
    /// Which of the places it is.
    pub(super) at: usize,
    /// Its first object.
    pub(super) first: usize,
    /// Behind its last object.
    pub(super) end: usize,
}

/// What the first request of a poll says of the device itself.
pub(super) struct System {
    pub(super) uptime: Option<u32>,
    pub(super) name: Option<String>,
    pub(super) last_change: Option<u32>,
}

impl System {
    /// Of the values of the first batch.
    pub(super) fn of(values: &Values<'_>) -> Self {
        Self { uptime: uptime(values), last_change: values.ticks(1), name: values.shown(2) }
    }
}

/// `sysUpTime`, which every batch begins with: rates need the time of their answer.
pub(super) fn uptime(values: &Values<'_>) -> Option<u32> {
    values.ticks(0)
}

/// At least one batch, so that a device without interfaces is asked too.
pub(super) fn batches(
    places: &[Option<Place>],
    optical: Option<&Optical>,
    version: Version,
) -> snmp::Result<Vec<Batch>> {
    let mut done = Vec::new();
    let mut oids = vec![oids::sys_uptime(), oids::if_table_last_change(), oids::sys_name()];
    let mut rows = Vec::new();
    for (at, place) in places.iter().enumerate() {
        let Some(place) = place else { continue };
        let objects = questions(place, optical, version);
        if !rows.is_empty() && oids.len() + objects.len() > OBJECTS_PER_REQUEST {
            done.push(Batch { objects: Objects::of(&oids)?, rows: std::mem::take(&mut rows) });
            oids = vec![oids::sys_uptime()];
        }
        let first = oids.len();
        oids.extend(objects);
        rows.push(Span { at, first, end: oids.len() });
    }
    done.push(Batch { objects: Objects::of(&oids)?, rows });
    Ok(done)
}
