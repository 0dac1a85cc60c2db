//! Requests over SNMPv1 and v2c, which have a community and no security. They are the bulk of all requests, and asked by
//! ourselves, because the library's client costs twice as much for each; it stays for SNMPv3.

use std::time::Duration;

use snmp::{CommunityVersion, ErrorStatus, Version};

use super::{
    Timing,
    exchange::{Failure, Refused},
    message::{Bound, Head, Request, Response},
    peer::Peer,
};

/// First wait before a request is repeated; it doubles.
pub(super) const BACKOFF_FIRST: Duration = Duration::from_millis(200);
/// Longest wait before a request is repeated.
pub(super) const BACKOFF_MOST: Duration = Duration::from_secs(2);
/// Share of the wait that chance adds or takes, so that devices that fell silent together are not asked together.
pub(super) const BACKOFF_JITTER: f64 = 0.25;

/// The conversation with one device.
pub(super) struct Community {
    pub(super) peer: Peer,
    pub(super) version: CommunityVersion,
    pub(super) community: snmp::Community,
    pub(super) timing: Timing,
}

impl Community {
    /// Asks, and asks again as often as is allowed when nothing comes. Repetitions have one id, so that the answer to the
    /// first is an answer whenever it comes.
    pub(super) async fn ask(&self, request: Request<'_>) -> Result<Vec<Bound>, Refused> {
        let id = self.peer.next_id();
        let message = request.message(self.version(), self.community.as_bytes(), id);
        let _expecting = self.peer.expect(id);
        for attempt in 0..=self.timing.retries {
            let sent = self.peer.send(&message).await.map_err(|error| Failure::not_sent(&error))?;
            let backoff = if attempt < self.timing.retries { self.backoff(attempt) } else { Duration::ZERO };
            let mut answered = false;
            while let Some(letter) = self.peer.letter(sent + self.timing.timeout + backoff).await {
                if !self.is_ours(&letter.bytes) {
                    self.peer.count_stranger();
                    continue;
                }
                if !std::mem::replace(&mut answered, true) {
                    let first = attempt == 0;
                    self.peer.count_answer(first.then(|| letter.arrived.saturating_duration_since(sent)));
                }
                let Some(response) = Response::of(&letter.bytes) else {
                    self.peer.count_unusable(&letter.bytes);
                    continue;
                };
                self.peer.count_used();
                return values(response);
            }
        }
        Err(Failure::Silent.into())
    }

    fn version(&self) -> i32 {
        Version::from(self.version).as_i32()
    }

    fn is_ours(&self, answer: &[u8]) -> bool {
        Head::of(answer).is_some_and(|head| head.version == self.version() && self.community.matches(head.community))
    }

    fn backoff(&self, attempt: u8) -> Duration {
        let wait = BACKOFF_FIRST.saturating_mul(1 << attempt.min(16)).min(BACKOFF_MOST);
        let chance = f64::from(self.peer.next_id()) / f64::from(i32::MAX);
        wait.mul_f64(1.0 + BACKOFF_JITTER * (2.0 * chance - 1.0))
    }
}

/// The values of an answer, or what the device says instead.
fn values(response: Response) -> Result<Vec<Bound>, Refused> {
    let status = ErrorStatus::from_i32(response.status);
    if status == ErrorStatus::NoError {
        return Ok(response.bound);
    }
    let at = usize::try_from(response.index).ok().and_then(|index| index.checked_sub(1));
    Err(Refused { failure: Failure::Refused(format!("the device says {status}")), status: Some(status), at })
}
