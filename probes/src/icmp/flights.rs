//! The echoes in flight: who waits for which reply until when. Pure; time comes from outside.

use std::{
    collections::VecDeque,
    net::IpAddr,
    time::{Duration, Instant},
};

use phusong_model::Micros;

use super::{
    clock::{Reading, WallNanos, micros, round_trip},
    counters::Refusal,
    packet::{Echoed, Token},
};

/// Most echoes in flight: more than 10,000 targets × 20 echoes within one time-out, 24 MB. A full table holds sending
/// back until the oldest echo is over; nothing is dropped.
pub(super) const MOST_IN_FLIGHT: usize = 1 << 18;

/// An echo of the round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct EchoPlace {
    /// Place of the target in the list that was asked for.
    pub(super) target: u32,
    /// Which of its echoes.
    pub(super) echo: u16,
}

/// What arrived, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    pub(super) source: IpAddr,
    pub(super) stamp: Option<WallNanos>,
    pub(super) drained: Reading,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// Sent, or just about to be.
    Open,
    /// Answered; it stays until its deadline so that a second answer is known as one.
    Answered,
    /// Our own kernel refused to send it.
    Withdrawn,
}

#[derive(Debug)]
struct Flight {
    place: EchoPlace,
    address: IpAddr,
    sequence: u16,
    token: Token,
    sent: Reading,
    progress: Progress,
}

/// A queue in the order of sending, which is the order of deadlines too, since one time-out holds for all. A serial is
/// a place in the queue since the prober was opened, so that a reply finds its echo without a search and a serial never
/// means two echoes.
#[derive(Debug)]
pub(super) struct Flights {
    most: usize,
    queue: VecDeque<Flight>,
    /// Serial of the first in the queue.
    first: u64,
    open: usize,
}

impl Flights {
    /// None in flight, and never more than so many.
    pub(super) const fn at_most(most: usize) -> Self {
        Self { most, queue: VecDeque::new(), first: 0, open: 0 }
    }

    /// How many more echoes may be sent now.
    pub(super) fn room(&self) -> usize {
        self.most.saturating_sub(self.queue.len())
    }

    /// Whether no echo waits for its reply.
    pub(super) const fn all_decided(&self) -> bool {
        self.open == 0
    }

    /// How long until the oldest echo is over; none while none waits.
    pub(super) fn time_left(&self, timeout: Duration, now: Instant) -> Option<Duration> {
        let oldest = self.queue.front().filter(|_| self.open > 0)?;
        Some(timeout.saturating_sub(now.saturating_duration_since(oldest.sent.monotonic)))
    }

    /// Enters an echo that is about to be sent; the answer is its serial.
    pub(super) fn enter(
        &mut self,
        place: EchoPlace,
        address: IpAddr,
        sequence: u16,
        token: Token,
        sent: Reading,
    ) -> u64 {
        let serial = self.first + self.queue.len() as u64;
        self.queue.push_back(Flight { place, address, sequence, token, sent, progress: Progress::Open });
        self.open += 1;
        serial
    }

    /// The echo is only now handed to the kernel.
    pub(super) fn restamp(&mut self, serial: u64, sent: Reading) {
        if let Some(flight) = self.find(serial) {
            flight.sent = sent;
        }
    }

    /// The echo was not sent after all.
    pub(super) fn withdraw(&mut self, serial: u64) {
        if let Some(flight) = self.find(serial).filter(|flight| flight.progress == Progress::Open) {
            flight.progress = Progress::Withdrawn;
            self.open -= 1;
        }
    }

    /// Credits a reply to its echo, or says why not.
    pub(super) fn accept(
        &mut self,
        echoed: &Echoed,
        arrival: &Arrival,
        timeout: Duration,
    ) -> Result<(EchoPlace, Micros), Refusal> {
        // A serial below the queue was ours once. Its token is forgotten, which is no risk: it is credited to nobody.
        if echoed.serial < self.first {
            return Err(Refusal::Late);
        }
        let flight = self.find(echoed.serial).ok_or(Refusal::BadToken)?;
        if flight.address != arrival.source {
            return Err(Refusal::ForeignSource);
        }
        if flight.token != echoed.token {
            return Err(Refusal::BadToken);
        }
        if flight.sequence != echoed.sequence {
            return Err(Refusal::WrongSequence);
        }
        match flight.progress {
            Progress::Open => {}
            Progress::Answered => return Err(Refusal::Duplicate),
            // Nobody can answer what was never sent.
            Progress::Withdrawn => return Err(Refusal::BadToken),
        }
        let rtt = round_trip(flight.sent, arrival.stamp, arrival.drained);
        if rtt > timeout {
            return Err(Refusal::Late);
        }
        flight.progress = Progress::Answered;
        let place = flight.place;
        self.open -= 1;
        Ok((place, micros(rtt)))
    }

    /// Forgets the echoes whose time was up at `drained`: an instant at which everything that had arrived in time was
    /// already in the socket's queue, which has been read since.
    pub(super) fn expire(&mut self, timeout: Duration, drained: Instant) {
        while self
            .queue
            .front()
            .is_some_and(|flight| drained.saturating_duration_since(flight.sent.monotonic) >= timeout)
        {
            self.pop();
        }
    }

    /// Forgets all echoes: the round is over.
    pub(super) fn clear(&mut self) {
        while !self.queue.is_empty() {
            self.pop();
        }
    }

    fn pop(&mut self) {
        if let Some(flight) = self.queue.pop_front() {
            self.first += 1;
            self.open -= usize::from(flight.progress == Progress::Open);
        }
    }

    fn find(&mut self, serial: u64) -> Option<&mut Flight> {
        self.queue.get_mut(usize::try_from(serial.checked_sub(self.first)?).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::icmp::packet::{Family, Wire, parse_reply};

    const TIMEOUT: Duration = Duration::from_secs(1);
    const TOKEN: Token = *b"an unknown token";
    const PLACE: EchoPlace = EchoPlace { target: 3, echo: 1 };

    fn target() -> IpAddr {
        IpAddr::from([192, 0, 2, 3])
    }

    fn after(sent: Reading, length: Duration) -> Reading {
        let nanos = i64::try_from(length.as_nanos()).expect("short");
        Reading { monotonic: sent.monotonic + length, wall: WallNanos(sent.wall.0 + nanos) }
    }

    /// One echo in flight, its true reply, and that reply's arrival after 20 ms.
    fn one_in_flight() -> (Flights, Echoed, Arrival) {
        let (mut flights, sent) = (Flights::at_most(10), Reading::now());
        let serial = flights.enter(PLACE, target(), 77, TOKEN, sent);
        let drained = after(sent, Duration::from_millis(20));
        let arrival = Arrival { source: target(), stamp: Some(drained.wall), drained };
        (flights, Echoed { identifier: 1, sequence: 77, serial, token: TOKEN }, arrival)
    }

    #[test]
    fn the_true_reply_is_credited_once() {
        let (mut flights, reply, arrival) = one_in_flight();
        assert!(!flights.all_decided());
        assert_eq!(flights.accept(&reply, &arrival, TIMEOUT), Ok((PLACE, Micros(20_000))));
        assert!(flights.all_decided());
        assert_eq!(flights.accept(&reply, &arrival, TIMEOUT), Err(Refusal::Duplicate));
        assert!(flights.all_decided());
    }

    #[test]
    fn everything_must_match() {
        let (mut flights, reply, arrival) = one_in_flight();
        let elsewhere = Arrival { source: IpAddr::from([192, 0, 2, 4]), ..arrival };
        assert_eq!(flights.accept(&reply, &elsewhere, TIMEOUT), Err(Refusal::ForeignSource));
        let guessed = Echoed { token: *b"an unknown tokem", ..reply };
        assert_eq!(flights.accept(&guessed, &arrival, TIMEOUT), Err(Refusal::BadToken));
        let out_of_step = Echoed { sequence: 78, ..reply };
        assert_eq!(flights.accept(&out_of_step, &arrival, TIMEOUT), Err(Refusal::WrongSequence));
        let from_nowhere = Echoed { serial: reply.serial + 1, ..reply };
        assert_eq!(flights.accept(&from_nowhere, &arrival, TIMEOUT), Err(Refusal::BadToken));
        assert!(!flights.all_decided(), "the echo still waits");
        assert!(flights.accept(&reply, &arrival, TIMEOUT).is_ok());
    }

    #[test]
    fn a_late_reply_is_late_before_and_after_the_echo_is_forgotten() {
        let (mut flights, reply, arrival) = one_in_flight();
        let drained = after(arrival.drained, TIMEOUT);
        let late = Arrival { stamp: Some(drained.wall), drained, ..arrival };
        assert_eq!(flights.accept(&reply, &late, TIMEOUT), Err(Refusal::Late));
        flights.expire(TIMEOUT, drained.monotonic);
        assert!(flights.all_decided());
        assert_eq!(flights.accept(&reply, &late, TIMEOUT), Err(Refusal::Late));
    }

    #[test]
    fn a_reply_that_came_in_time_counts_however_late_it_is_read() {
        let (mut flights, reply, arrival) = one_in_flight();
        let read_late = Arrival { drained: after(arrival.drained, 5 * TIMEOUT), ..arrival };
        assert_eq!(flights.accept(&reply, &read_late, TIMEOUT), Ok((PLACE, Micros(20_000))));
    }

    #[test]
    fn what_was_not_sent_is_not_waited_for() {
        let (mut flights, reply, arrival) = one_in_flight();
        flights.withdraw(reply.serial);
        flights.withdraw(reply.serial);
        assert!(flights.all_decided());
        assert_eq!(flights.time_left(TIMEOUT, arrival.drained.monotonic), None);
        assert_eq!(flights.accept(&reply, &arrival, TIMEOUT), Err(Refusal::BadToken));
    }

    #[test]
    fn echoes_end_one_by_one_at_their_own_deadlines() {
        let (mut flights, start) = (Flights::at_most(10), Reading::now());
        for echo in 0..10 {
            let sent = after(start, Duration::from_millis(100) * u32::from(echo));
            flights.enter(EchoPlace { target: 0, echo }, target(), echo, TOKEN, sent);
        }
        assert_eq!(flights.time_left(TIMEOUT, start.monotonic), Some(TIMEOUT));
        let now = start.monotonic + Duration::from_millis(1350);
        flights.expire(TIMEOUT, now);
        assert_eq!(flights.time_left(TIMEOUT, now), Some(Duration::from_millis(50)));
        assert_eq!(flights.room(), 4);
        flights.clear();
        assert!(flights.all_decided());
        assert_eq!(flights.enter(PLACE, target(), 0, TOKEN, start), 10, "serials are never used again");
    }

    proptest! {
        #[test]
        fn arbitrary_packets_are_never_credited(
            bytes in proptest::collection::vec(any::<u8>(), 32..=32),
            head in prop_oneof![Just([0_u8, 0]), any::<[u8; 2]>()],
        ) {
            let (mut flights, _, arrival) = one_in_flight();
            let packet = [head.as_slice(), &bytes[2..]].concat();
            if let Ok(echoed) = parse_reply(Wire::Bare(Family::V4), &packet) {
                // The hardest case: even the serial is guessed.
                for serial in [echoed.serial, 0] {
                    let refusal = flights.accept(&Echoed { serial, ..echoed }, &arrival, TIMEOUT);
                    prop_assert_eq!(refusal, Err(Refusal::BadToken));
                }
            }
        }
    }
}
