//! A body that goes piece by piece and tells how much of it went: a national layer has gigabytes, and the daemon reads it
//! to its end before it says a word.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use hyper::body::{Body, Bytes, Frame, SizeHint};

use crate::progress::{Length, Meter, What};

/// Bytes of a piece.
const PIECE: usize = 64 << 10;

/// Bytes on their way.
#[derive(Debug, Clone)]
pub struct Upload {
    rest: Bytes,
    sent: u64,
    meter: Meter,
    /// What the daemon does when it has all of them.
    then: Option<What>,
}

impl Upload {
    /// Bytes whose way is watched, and what the daemon does with them then.
    pub const fn watched(bytes: Bytes, meter: Meter, then: What) -> Self {
        Self { rest: bytes, sent: 0, meter, then: Some(then) }
    }
}

impl From<Bytes> for Upload {
    fn from(bytes: Bytes) -> Self {
        Self { rest: bytes, sent: 0, meter: Meter::UNSEEN, then: None }
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let upload = self.get_mut();
        if upload.rest.is_empty() {
            return Poll::Ready(None);
        }
        let piece = upload.rest.split_to(PIECE.min(upload.rest.len()));
        upload.sent += piece.len() as u64;
        upload.meter.at(upload.sent);
        if let Some(then) = upload.then.filter(|_| upload.rest.is_empty()) {
            upload.meter.turn_to(then, Length::Unknown);
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}
