//! How a batch of lines reaches InfluxDB whole, as a state machine without I/O: it is told what was answered and says
//! what comes next. Nothing is ever given up here; a line leaves only by 204 or into the rejected lines of the store.
//!
//! The same lines may be sent twice. That is harmless: a point of the same series and time overwrites itself.

use std::{ops::Range, time::Duration};

use super::reply::Reply;
use crate::patience::{FIRST_PAUSE, LONGEST_PAUSE, pause};

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    /// Send the next piece, or all is done when there is none.
    Go,
    /// This one line is refused for good: it is for the rejected lines, and [`Delivery::set_aside`] goes on without it. The
    /// cursor passes it when it is among them.
    Reject {
        /// Index of the line in its batch.
        line: usize,
        /// The HTTP status.
        status: u16,
        /// The server's own words.
        message: String,
    },
    /// Wait, then send the same piece again.
    Wait(Duration),
}

/// The pieces of a batch that InfluxDB has not acknowledged yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Delivery {
    /// Pieces in reverse order: the next one to send is the last.
    pieces: Vec<Range<usize>>,
    /// Failures in a row.
    failures: u32,
}

impl Delivery {
    /// All lines of a batch in one piece.
    pub(super) fn of(lines: Range<usize>) -> Self {
        Self { pieces: if lines.is_empty() { Vec::new() } else { vec![lines] }, failures: 0 }
    }

    /// The lines to send next; none when everything is delivered.
    pub(super) fn piece(&self) -> Option<Range<usize>> {
        self.pieces.last().cloned()
    }

    /// Takes the answer to the piece that was sent. `jitter` is between 0 and 1.
    pub(super) fn answered(&mut self, reply: &Reply, jitter: f64) -> Next {
        match reply {
            Reply::Delivered => {
                self.pieces.pop();
                self.failures = 0;
                Next::Go
            }
            Reply::Invalid { status, message } => match self.halve() {
                Halved::Yes => Next::Go,
                Halved::Single(line) => Next::Reject { line, status: *status, message: message.clone() },
            },
            Reply::TooLarge => match self.halve() {
                Halved::Yes => Next::Go,
                // Our lines are shorter than any sane limit: it is the server's setting, not the line.
                Halved::Single(_) => self.wait(reply, jitter),
            },
            Reply::Refused { .. } | Reply::Busy { .. } | Reply::Untrusted { .. } | Reply::Unreachable { .. } => {
                self.wait(reply, jitter)
            }
        }
    }

    /// Goes on without the line of the last [`Next::Reject`].
    pub(super) fn set_aside(&mut self) {
        self.pieces.pop();
        self.failures = 0;
    }

    fn wait(&mut self, reply: &Reply, jitter: f64) -> Next {
        self.failures = self.failures.saturating_add(1);
        Next::Wait(pause_after(reply, self.failures, jitter))
    }

    fn halve(&mut self) -> Halved {
        // A server that understands what it refuses is there: the waits start anew.
        self.failures = 0;
        match self.pieces.pop() {
            Some(piece) if piece.len() > 1 => {
                let middle = piece.start + piece.len() / 2;
                self.pieces.extend([middle..piece.end, piece.start..middle]);
                Halved::Yes
            }
            Some(piece) => {
                let line = piece.start;
                self.pieces.push(piece);
                Halved::Single(line)
            }
            None => Halved::Yes,
        }
    }
}

/// How long to wait after a reply: as long as the server asks, within our own limits, or longer with each failure.
pub(super) fn pause_after(reply: &Reply, failures: u32, jitter: f64) -> Duration {
    if let Reply::Busy { after: Some(asked), .. } = reply {
        return (*asked).clamp(FIRST_PAUSE, LONGEST_PAUSE);
    }
    pause(failures, jitter)
}

enum Halved {
    Yes,
    Single(usize),
}

#[cfg(test)]
mod tests;
