//! What the tick loop is asked to do between ticks.

use phusong_model::{Ack, MaintenanceId, Planned};
use phusong_store::{NewAck, NewWork};
use tokio::sync::oneshot;

use crate::recorder::RecordError;

/// Orders that may wait for the end of a tick. One to hasten that does not find room is not needed: those that wait
/// hasten as well. One from a person waits for room.
pub(crate) const ORDERS: usize = 16;

/// The answer to an order: done, or why the store refused it.
pub(crate) type Done<T> = oneshot::Sender<Result<T, RecordError>>;

/// An order to the tick loop.
pub(crate) enum Order {
    /// Something may have happened: begin the next tick as soon as is decent.
    Hasten,
    /// Announce work.
    Plan(NewWork, Done<Planned>),
    /// End announced work, or cancel it; nothing when there is no such work.
    EndWork(MaintenanceId, Done<Option<Planned>>),
    /// Keep that somebody took notice of an outage; nothing when there is no such outage.
    Acknowledge(NewAck, Done<Option<Ack>>),
}
