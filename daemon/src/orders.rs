//! What the tick loop is asked to do between ticks.

/// Orders that may wait for the end of a tick. What does not find room is not needed: those that wait hasten as well.
pub(crate) const ORDERS: usize = 16;

/// An order to the tick loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Something may have happened: begin the next tick as soon as is decent.
    Hasten,
}
