//! What happened on the wire, by reason.

use std::ops::{Add, AddAssign};

/// Why something that arrived is not the reply we wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    NotAReply,
    WrongLength,
    BadChecksum,
    ForeignIdentifier,
    ForeignSource,
    WrongSequence,
    BadToken,
    Duplicate,
    Late,
    ForeignError,
    ForgedError,
}

/// What happened on the wire. Add the counters of rounds for those of a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Echo requests that the kernel took.
    pub sent: u64,
    /// Replies credited to a target.
    pub replies: u64,
    /// Echo requests that our own kernel refused.
    pub send_errors: u64,
    /// How often sending had to wait because too many echoes were in flight.
    pub put_off: u64,
    /// Replies from another address than the one asked.
    pub foreign_source: u64,
    /// Replies without the token of an echo of ours.
    pub bad_token: u64,
    /// Replies with the right token and another sequence number.
    pub wrong_sequence: u64,
    /// Replies with another identifier than our socket's.
    pub foreign_identifier: u64,
    /// Replies to an echo that was answered before.
    pub duplicate: u64,
    /// Replies after the time-out.
    pub late: u64,
    /// Packets of another length than the reply to our request has.
    pub wrong_length: u64,
    /// Replies with a wrong ICMP checksum; where the kernel checks it, it drops them before we can count.
    pub bad_checksum: u64,
    /// ICMP packets that are neither an echo reply nor an error.
    pub not_a_reply: u64,
    /// ICMP errors that quote an unanswered echo of ours: evidence, see [`RoundReport::errors`](super::RoundReport).
    pub icmp_errors: u64,
    /// ICMP errors that quote no echo of this round.
    pub foreign_error: u64,
    /// ICMP errors that quote an echo with a token that is not its own.
    pub forged_error: u64,
    /// Packets whose control messages, the time stamp among them, did not fit.
    pub control_truncated: u64,
    /// Calls to receive that our own kernel refused.
    pub receive_errors: u64,
    /// Sources that were shut out for the rest of a round because they sent too much that was refused.
    pub shut_out: u64,
    /// Packets that our own kernel dropped before we read them. A signal, not a count: on loopback it counts double.
    pub receive_drops: u64,
}

impl Counters {
    /// Everything that arrived and was not credited to a target.
    #[must_use]
    pub const fn refused(&self) -> u64 {
        self.foreign_source
            + self.bad_token
            + self.wrong_sequence
            + self.foreign_identifier
            + self.duplicate
            + self.late
            + self.wrong_length
            + self.bad_checksum
            + self.not_a_reply
            + self.foreign_error
            + self.forged_error
    }

    pub(super) fn refuse(&mut self, reason: Refusal) {
        let counter = match reason {
            Refusal::NotAReply => &mut self.not_a_reply,
            Refusal::WrongLength => &mut self.wrong_length,
            Refusal::BadChecksum => &mut self.bad_checksum,
            Refusal::ForeignIdentifier => &mut self.foreign_identifier,
            Refusal::ForeignSource => &mut self.foreign_source,
            Refusal::WrongSequence => &mut self.wrong_sequence,
            Refusal::BadToken => &mut self.bad_token,
            Refusal::Duplicate => &mut self.duplicate,
            Refusal::Late => &mut self.late,
            Refusal::ForeignError => &mut self.foreign_error,
            Refusal::ForgedError => &mut self.forged_error,
        };
        *counter += 1;
    }
}

impl Add for Counters {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        // Named one by one: a new counter that is forgotten here does not compile.
        Self {
            sent: self.sent + other.sent,
            replies: self.replies + other.replies,
            send_errors: self.send_errors + other.send_errors,
            put_off: self.put_off + other.put_off,
            foreign_source: self.foreign_source + other.foreign_source,
            bad_token: self.bad_token + other.bad_token,
            wrong_sequence: self.wrong_sequence + other.wrong_sequence,
            foreign_identifier: self.foreign_identifier + other.foreign_identifier,
            duplicate: self.duplicate + other.duplicate,
            late: self.late + other.late,
            wrong_length: self.wrong_length + other.wrong_length,
            bad_checksum: self.bad_checksum + other.bad_checksum,
            not_a_reply: self.not_a_reply + other.not_a_reply,
            icmp_errors: self.icmp_errors + other.icmp_errors,
            foreign_error: self.foreign_error + other.foreign_error,
            forged_error: self.forged_error + other.forged_error,
            control_truncated: self.control_truncated + other.control_truncated,
            receive_errors: self.receive_errors + other.receive_errors,
            shut_out: self.shut_out + other.shut_out,
            receive_drops: self.receive_drops + other.receive_drops,
        }
    }
}

impl AddAssign for Counters {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_its_own_counter() {
        let reasons = [
            Refusal::NotAReply,
            Refusal::WrongLength,
            Refusal::BadChecksum,
            Refusal::ForeignIdentifier,
            Refusal::ForeignSource,
            Refusal::WrongSequence,
            Refusal::BadToken,
            Refusal::Duplicate,
            Refusal::Late,
            Refusal::ForeignError,
            Refusal::ForgedError,
        ];
        let mut all = Counters::default();
        for reason in reasons {
            let mut one = Counters::default();
            one.refuse(reason);
            assert_eq!(one.refused(), 1, "{reason:?}");
            all += one;
        }
        assert_eq!(all.refused(), reasons.len() as u64);
        let each_once = Counters {
            foreign_source: 1,
            bad_token: 1,
            wrong_sequence: 1,
            foreign_identifier: 1,
            duplicate: 1,
            late: 1,
            wrong_length: 1,
            bad_checksum: 1,
            not_a_reply: 1,
            foreign_error: 1,
            forged_error: 1,
            ..Counters::default()
        };
        assert_eq!(all, each_once);
    }
}
