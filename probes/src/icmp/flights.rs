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
    packet::Echoed,
    token::{Token, TokenKey},
};

/// Most echoes in flight: more than 10,000 targets × 20 echoes within one time-out, 6 MB. A full table holds sending
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
    /// As open, but our own kernel dropped packets meanwhile, the reply among them perhaps.
    Suspect,
    /// Answered; it stays until its deadline so that a second answer is known as one.
    Answered,
    /// Our own kernel refused to send it.
    Withdrawn,
}

/// 24 bytes: a hundred thousand may be in flight at once. What it can be asked about besides is computed: the echo's
/// number and its token.
#[derive(Debug)]
struct Flight {
    sent_after: Nanos,
    sent_wall: WallNanos,
    target: u32,
    sequence: u16,
    progress: Progress,
}

impl Flight {
    const fn waits(&self) -> bool {
        matches!(self.progress, Progress::Open | Progress::Suspect)
    }
}

/// Nanoseconds since the prober was opened. 64 bits last for 584 years.
type Nanos = u64;

/// A queue in the order of sending, which is the order of deadlines too, since one time-out holds for all. A serial is
/// a place in the queue since the prober was opened, so that a reply finds its echo without a search and a serial never
/// means two echoes.
#[derive(Debug)]
pub(super) struct Flights {
    most: usize,
    key: TokenKey,
    opened: Instant,
    queue: VecDeque<Flight>,
    /// Serial of the first in the queue.
    first: u64,
    open: usize,
    /// Echoes that ended without a reply since the last look at the kernel's drops.
    ended: Vec<EchoPlace>,
    /// Echoes that ended without a reply while the kernel dropped packets.
    hit: Vec<EchoPlace>,
    /// Sequence number of the first echo to each target in this round.
    first_sequence: u16,
}

impl Flights {
    /// None in flight, and never more than so many.
    pub(super) fn at_most(most: usize, key: TokenKey) -> Self {
        let opened = Instant::now();
        Self {
            most,
            key,
            opened,
            queue: VecDeque::new(),
            first: 0,
            open: 0,
            ended: Vec::new(),
            hit: Vec::new(),
            first_sequence: 0,
        }
    }

    /// The echoes entered from now on are numbered from here.
    pub(super) const fn begin_round(&mut self, first_sequence: u16) {
        self.first_sequence = first_sequence;
    }

    /// Sequence number of the first echo to each target.
    pub(super) const fn first_sequence(&self) -> u16 {
        self.first_sequence
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
        Some(timeout.saturating_sub(now.saturating_duration_since(self.sent(oldest))))
    }

    /// Enters an echo that is about to be sent; the answer is what to send, but for the socket's identifier.
    pub(super) fn enter(&mut self, place: EchoPlace, sent: Reading) -> Echoed {
        let serial = self.first + self.queue.len() as u64;
        let sequence = self.first_sequence.wrapping_add(place.echo);
        let sent_after = self.nanos(sent.monotonic);
        let flight =
            Flight { sent_after, sent_wall: sent.wall, target: place.target, sequence, progress: Progress::Open };
        self.queue.push_back(flight);
        self.open += 1;
        Echoed { identifier: 0, sequence, serial, token: self.token(serial) }
    }

    /// The token of an echo, past or present.
    pub(super) fn token(&self, serial: u64) -> Token {
        self.key.token(serial)
    }

    /// To which target an echo in flight went, and under which sequence number.
    pub(super) fn addressed(&self, serial: u64) -> Option<(u32, u16)> {
        let flight = self.queue.get(usize::try_from(serial.checked_sub(self.first)?).ok()?)?;
        Some((flight.target, flight.sequence))
    }

    /// The echo is only now handed to the kernel.
    pub(super) fn restamp(&mut self, serial: u64, sent: Reading) {
        let sent_after = self.nanos(sent.monotonic);
        if let Some(flight) = self.find(serial) {
            flight.sent_after = sent_after;
            flight.sent_wall = sent.wall;
        }
    }

    /// The echo was not sent after all.
    pub(super) fn withdraw(&mut self, serial: u64) {
        if let Some(flight) = self.find(serial).filter(|flight| flight.waits()) {
            flight.progress = Progress::Withdrawn;
            self.open -= 1;
        }
    }

    /// Credits a reply to its echo, or says why not. `targets` are those of the round.
    pub(super) fn accept(
        &mut self,
        targets: &[IpAddr],
        echoed: &Echoed,
        arrival: &Arrival,
        timeout: Duration,
    ) -> Result<(EchoPlace, Micros), Refusal> {
        // A serial below the queue was ours once. It is credited to nobody, whatever its token.
        if echoed.serial < self.first {
            return Err(Refusal::Late);
        }
        let token = self.token(echoed.serial);
        let (opened, first_sequence) = (self.opened, self.first_sequence);
        let flight = self.find(echoed.serial).ok_or(Refusal::BadToken)?;
        let address = usize::try_from(flight.target).ok().and_then(|target| targets.get(target));
        if address.map(IpAddr::to_canonical) != Some(arrival.source) {
            return Err(Refusal::ForeignSource);
        }
        if token != echoed.token {
            return Err(Refusal::BadToken);
        }
        if flight.sequence != echoed.sequence {
            return Err(Refusal::WrongSequence);
        }
        match flight.progress {
            Progress::Open | Progress::Suspect => {}
            Progress::Answered => return Err(Refusal::Duplicate),
            // Nobody can answer what was never sent.
            Progress::Withdrawn => return Err(Refusal::BadToken),
        }
        let sent = Reading { monotonic: opened + Duration::from_nanos(flight.sent_after), wall: flight.sent_wall };
        let rtt = round_trip(sent, arrival.stamp, arrival.drained);
        if rtt > timeout {
            return Err(Refusal::Late);
        }
        flight.progress = Progress::Answered;
        let place = EchoPlace { target: flight.target, echo: flight.sequence.wrapping_sub(first_sequence) };
        self.open -= 1;
        Ok((place, micros(rtt)))
    }

    /// Forgets the echoes whose time was up at `drained`: an instant at which everything that had arrived in time was
    /// already in the socket's queue, which has been read since.
    pub(super) fn expire(&mut self, timeout: Duration, drained: Instant) {
        while self.queue.front().is_some_and(|flight| drained.saturating_duration_since(self.sent(flight)) >= timeout) {
            self.pop();
        }
    }

    /// The kernel's drops were looked at: which targets they may have hit since the last look. What is open then may be
    /// hit, and what has ended since.
    pub(super) fn dropped(&mut self, may_hit: impl Fn(u32) -> bool) {
        self.hit.extend(self.ended.drain(..).filter(|place| may_hit(place.target)));
        for flight in self.queue.iter_mut().filter(|flight| flight.progress == Progress::Open) {
            if may_hit(flight.target) {
                flight.progress = Progress::Suspect;
            }
        }
    }

    /// The kernel's drops were looked at, and there were none.
    pub(super) fn nothing_dropped(&mut self) {
        self.ended.clear();
    }

    /// Echoes of whose loss nobody can be sure.
    pub(super) fn take_hit(&mut self) -> Vec<EchoPlace> {
        std::mem::take(&mut self.hit)
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
            self.open -= usize::from(flight.waits());
            let echo = flight.sequence.wrapping_sub(self.first_sequence);
            let place = EchoPlace { target: flight.target, echo };
            match flight.progress {
                Progress::Open => self.ended.push(place),
                Progress::Suspect => self.hit.push(place),
                Progress::Answered | Progress::Withdrawn => {}
            }
        }
    }

    fn sent(&self, flight: &Flight) -> Instant {
        self.opened + Duration::from_nanos(flight.sent_after)
    }

    fn nanos(&self, at: Instant) -> Nanos {
        u64::try_from(at.saturating_duration_since(self.opened).as_nanos()).unwrap_or(u64::MAX)
    }

    fn find(&mut self, serial: u64) -> Option<&mut Flight> {
        self.queue.get_mut(usize::try_from(serial.checked_sub(self.first)?).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::icmp::packet::{Family, Message, Wire, parse};

    const TIMEOUT: Duration = Duration::from_secs(1);
    const PLACE: EchoPlace = EchoPlace { target: 1, echo: 1 };

    fn targets() -> [IpAddr; 2] {
        [[192, 0, 2, 2].into(), [192, 0, 2, 3].into()]
    }

    fn flights() -> Flights {
        Flights::at_most(10, TokenKey::random().expect("random numbers"))
    }

    fn after(sent: Reading, length: Duration) -> Reading {
        let nanos = i64::try_from(length.as_nanos()).expect("short");
        Reading { monotonic: sent.monotonic + length, wall: WallNanos(sent.wall.0 + nanos) }
    }

    /// One echo in flight, its true reply, and that reply's arrival after 20 ms.
    fn one_in_flight() -> (Flights, Echoed, Arrival) {
        let (mut flights, sent) = (flights(), Reading::now());
        flights.begin_round(76);
        let echoed = flights.enter(PLACE, sent);
        let drained = after(sent, Duration::from_millis(20));
        let arrival = Arrival { source: targets()[1], stamp: Some(drained.wall), drained };
        (flights, echoed, arrival)
    }

    #[test]
    fn the_true_reply_is_credited_once() {
        let (mut flights, reply, arrival) = one_in_flight();
        assert!(!flights.all_decided());
        assert_eq!(flights.accept(&targets(), &reply, &arrival, TIMEOUT), Ok((PLACE, Micros(20_000))));
        assert!(flights.all_decided());
        assert_eq!(flights.accept(&targets(), &reply, &arrival, TIMEOUT), Err(Refusal::Duplicate));
        assert!(flights.all_decided());
    }

    #[test]
    fn everything_must_match() {
        let (mut flights, reply, arrival) = one_in_flight();
        let elsewhere = Arrival { source: targets()[0], ..arrival };
        assert_eq!(flights.accept(&targets(), &reply, &elsewhere, TIMEOUT), Err(Refusal::ForeignSource));
        let guessed = Echoed { token: *b"an unknown token", ..reply };
        assert_eq!(flights.accept(&targets(), &guessed, &arrival, TIMEOUT), Err(Refusal::BadToken));
        let out_of_step = Echoed { sequence: 78, ..reply };
        assert_eq!(flights.accept(&targets(), &out_of_step, &arrival, TIMEOUT), Err(Refusal::WrongSequence));
        let from_nowhere = Echoed { serial: reply.serial + 1, ..reply };
        assert_eq!(flights.accept(&targets(), &from_nowhere, &arrival, TIMEOUT), Err(Refusal::BadToken));
        assert!(!flights.all_decided(), "the echo still waits");
        assert!(flights.accept(&targets(), &reply, &arrival, TIMEOUT).is_ok());
    }

    #[test]
    fn a_late_reply_is_late_before_and_after_the_echo_is_forgotten() {
        let (mut flights, reply, arrival) = one_in_flight();
        let drained = after(arrival.drained, TIMEOUT);
        let late = Arrival { stamp: Some(drained.wall), drained, ..arrival };
        assert_eq!(flights.accept(&targets(), &reply, &late, TIMEOUT), Err(Refusal::Late));
        flights.expire(TIMEOUT, drained.monotonic);
        assert!(flights.all_decided());
        assert_eq!(flights.accept(&targets(), &reply, &late, TIMEOUT), Err(Refusal::Late));
    }

    #[test]
    fn a_reply_that_came_in_time_counts_however_late_it_is_read() {
        let (mut flights, reply, arrival) = one_in_flight();
        let read_late = Arrival { drained: after(arrival.drained, 5 * TIMEOUT), ..arrival };
        assert_eq!(flights.accept(&targets(), &reply, &read_late, TIMEOUT), Ok((PLACE, Micros(20_000))));
    }

    #[test]
    fn what_was_not_sent_is_not_waited_for() {
        let (mut flights, reply, arrival) = one_in_flight();
        flights.withdraw(reply.serial);
        flights.withdraw(reply.serial);
        assert!(flights.all_decided());
        assert_eq!(flights.time_left(TIMEOUT, arrival.drained.monotonic), None);
        assert_eq!(flights.accept(&targets(), &reply, &arrival, TIMEOUT), Err(Refusal::BadToken));
    }

    #[test]
    fn echoes_end_one_by_one_at_their_own_deadlines() {
        let (mut flights, start) = (flights(), Reading::now());
        for echo in 0..10 {
            let sent = after(start, Duration::from_millis(100) * u32::from(echo));
            flights.enter(EchoPlace { target: 0, echo }, sent);
        }
        assert_eq!(flights.time_left(TIMEOUT, start.monotonic), Some(TIMEOUT));
        let now = start.monotonic + Duration::from_millis(1350);
        flights.expire(TIMEOUT, now);
        assert_eq!(flights.time_left(TIMEOUT, now), Some(Duration::from_millis(50)));
        assert_eq!(flights.room(), 4);
        flights.clear();
        assert!(flights.all_decided());
        assert_eq!(flights.enter(PLACE, start).serial, 10, "serials are never used again");
    }

    #[test]
    fn an_echo_in_flight_takes_24_bytes() {
        assert_eq!(size_of::<Flight>(), 24);
    }

    #[test]
    fn a_drop_hits_what_was_in_flight_and_nothing_else() {
        let (mut flights, start) = (flights(), Reading::now());
        for echo in 0..4 {
            let sent = after(start, Duration::from_millis(100) * u32::from(echo));
            flights.enter(EchoPlace { target: u32::from(echo) % 2, echo }, sent);
        }
        let now = |millis| start.monotonic + Duration::from_millis(millis);
        flights.expire(TIMEOUT, now(1050));
        flights.nothing_dropped();
        flights.expire(TIMEOUT, now(1150));
        flights.dropped(|target| target == 1);
        assert_eq!(flights.take_hit(), [EchoPlace { target: 1, echo: 1 }], "it ended since the look before");
        flights.expire(TIMEOUT, now(2000));
        assert_eq!(flights.take_hit(), [EchoPlace { target: 1, echo: 3 }], "it was open then; the third is another's");
        assert!(flights.all_decided());
    }

    #[test]
    fn a_reply_that_came_in_spite_of_drops_counts() {
        let (mut flights, reply, arrival) = one_in_flight();
        flights.dropped(|_| true);
        assert!(flights.accept(&targets(), &reply, &arrival, TIMEOUT).is_ok());
        flights.clear();
        assert_eq!(flights.take_hit(), []);
    }

    #[test]
    fn echo_numbers_survive_the_wrap_of_the_sequence() {
        let (mut flights, sent) = (flights(), Reading::now());
        flights.begin_round(u16::MAX);
        let echoed = flights.enter(PLACE, sent);
        assert_eq!(echoed.sequence, 0);
        let arrival = Arrival { source: targets()[1], stamp: None, drained: sent };
        assert_eq!(flights.accept(&targets(), &echoed, &arrival, TIMEOUT).map(|(place, _)| place), Ok(PLACE));
    }

    proptest! {
        #[test]
        fn arbitrary_packets_are_never_credited(
            bytes in proptest::collection::vec(any::<u8>(), 32..=32),
            head in prop_oneof![Just([0_u8, 0]), any::<[u8; 2]>()],
        ) {
            let (mut flights, _, arrival) = one_in_flight();
            let packet = [head.as_slice(), &bytes[2..]].concat();
            if let Ok(Message::Reply(echoed)) = parse(Wire::Bare(Family::V4), &packet) {
                // The hardest case: even the serial is guessed.
                for serial in [echoed.serial, 0] {
                    let refusal = flights.accept(&targets(), &Echoed { serial, ..echoed }, &arrival, TIMEOUT);
                    prop_assert_eq!(refusal, Err(Refusal::BadToken));
                }
            }
        }
    }
}
