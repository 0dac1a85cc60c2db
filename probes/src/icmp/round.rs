//! One round: send what is due in bursts, read what arrived in ticks, let echoes end at their own deadlines.

use std::{
    io,
    net::IpAddr,
    thread,
    time::{Duration, Instant},
};

use phusong_model::BlindReason;

use super::{
    clock::Reading,
    counters::Counters,
    drop_watch::DropWatch,
    echoes::{Echo, Echoes},
    evidence::{EchoError, Errors},
    filter::ReplyLoss,
    flights::{EchoPlace, Flights},
    inbox::Inbox,
    judge::Judge,
    packet::{Echoed, Family, LENGTH, request},
    prober::Sockets,
    schedule::{RoundPlan, Schedule},
    shares::Shares,
    socket::{IcmpSocket, wait_readable},
};

/// Most packets of one `sendmmsg`: their send time is read once before the call, so a longer burst spoils round-trip times.
const BURST: usize = 32;
/// Calls of one burst that ICMP errors about earlier echoes may make fail: a flood of them was seen to spoil one call in
/// eight. When our own kernel refuses every packet, these are asked for in vain, once for each.
const MOST_TOLD: usize = BURST;
/// How long replies gather before they are read. Kernel time stamps keep the round-trip times true, and waking for each
/// reply costs two to three times the processor time.
const TICK: Duration = Duration::from_millis(2);
/// Time between bursts while more echoes are due than one burst holds.
const BURST_GAP: Duration = Duration::from_micros(250);
/// Shorter rests are left out: a burst that took most of the gap to send was spread by that, and to sleep and wake costs
/// as much as several echoes. So there are at most 256,000 echoes a second.
const SHORTEST_REST: Duration = Duration::from_micros(125);

/// What a round gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundReport {
    /// Every planned echo of every target.
    pub targets: Echoes,
    /// ICMP errors about echoes that are lost, by target. A hint why, never more: an echo that an error tells of is
    /// [`Echo::Lost`] like any other that nobody answered.
    pub errors: Vec<EchoError>,
    /// What happened on the wire during the round.
    pub counters: Counters,
}

/// An echo request ready to be sent.
struct Outgoing {
    place: EchoPlace,
    serial: u64,
    address: IpAddr,
    packet: [u8; LENGTH],
}

/// A round under way.
pub(super) struct Round<'a> {
    sockets: Vec<&'a IcmpSocket>,
    all_sockets: &'a Sockets,
    flights: &'a mut Flights,
    inbox: &'a mut Inbox,
    losses: &'a [ReplyLoss],
    targets: &'a [IpAddr],
    timeout: Duration,
    start: Instant,
    schedule: Schedule,
    echoes: Echoes,
    errors: Errors,
    drops: DropWatch,
    shares: Shares,
    counters: Counters,
}

impl<'a> Round<'a> {
    pub(super) fn new(
        all_sockets: &'a Sockets,
        flights: &'a mut Flights,
        inbox: &'a mut Inbox,
        losses: &'a [ReplyLoss],
        targets: &'a [IpAddr],
        plan: &RoundPlan,
    ) -> Self {
        // A family without targets is neither polled nor read.
        let wanted = |family| targets.iter().any(|target| Family::of(target.to_canonical()) == family);
        let families = [Family::V4, Family::V6].into_iter().filter(|family| wanted(*family));
        let sockets: Vec<_> = families.filter_map(|family| all_sockets.of(family)).collect();
        // Until it is sent, an echo is one that could not be sent: then no early end can make a loss of it.
        let unsent = Echo::NotSent(BlindReason::SendError);
        Self {
            drops: DropWatch::start(&sockets, Instant::now()),
            sockets,
            all_sockets,
            flights,
            inbox,
            losses,
            targets,
            timeout: plan.timeout,
            start: Instant::now(),
            schedule: Schedule::new(*plan, u32::try_from(targets.len()).unwrap_or(u32::MAX)),
            echoes: Echoes::all(targets.len(), plan.echoes.into(), unsent),
            errors: Errors::default(),
            shares: Shares::default(),
            counters: Counters::default(),
        }
    }

    pub(super) fn run(mut self) -> RoundReport {
        // Late replies of the round before are counted, and their drops are not ours.
        self.receive();
        self.drops = DropWatch::start(&self.sockets, Instant::now());
        loop {
            let now = Instant::now();
            self.receive();
            self.flights.expire(self.timeout, now);
            if self.drops.is_due(now) {
                self.look_for_drops(now);
            }
            self.send_due(now);
            if self.schedule.next_due().is_none() && self.flights.all_decided() {
                break;
            }
            self.pause(now);
        }
        self.flights.clear();
        self.look_for_drops(Instant::now());
        self.end_shut_out();
        self.counters.receive_drops = self.drops.total();
        RoundReport { targets: self.echoes, errors: self.errors.into_list(), counters: self.counters }
    }

    /// An echo that was in flight while our own kernel dropped packets, and got no reply, is blind: its reply may have
    /// been among them.
    fn look_for_drops(&mut self, now: Instant) {
        let dropped = self.drops.look(&self.sockets, now);
        if dropped.is_empty() {
            self.flights.nothing_dropped();
        } else {
            self.may_be_hit(&dropped);
        }
        for place in self.flights.take_hit() {
            record(&mut self.echoes, place, Echo::NotSent(BlindReason::ReceiveDrops));
        }
    }

    fn may_be_hit(&mut self, families: &[Family]) {
        let family = |target| Some(Family::of(self.targets.get(usize::try_from(target).ok()?)?.to_canonical()));
        self.flights.dropped(|target| family(target).is_some_and(|family| families.contains(&family)));
    }

    /// Listens to everybody again; what we did not hear of those who were shut out is blind.
    fn end_shut_out(&mut self) {
        if self.shares.shut_out().is_empty() {
            return;
        }
        for (place, target) in self.targets.iter().enumerate() {
            if self.shares.shut_out().contains(&target.to_canonical()) {
                self.echoes.replace_lost(place, Echo::NotSent(BlindReason::ReceiveDrops));
            }
        }
        self.filter(&[]);
    }

    fn filter(&self, shut_out: &[IpAddr]) {
        for socket in &self.sockets {
            let losses = if socket.family() == Family::V4 { self.losses } else { &[] };
            if let Err(error) = socket.filter(shut_out, losses) {
                tracing::warn!(%error, sources = shut_out.len(), "the receive filter cannot be changed");
            }
        }
    }

    /// Sends one burst of what is due.
    fn send_due(&mut self, now: Instant) {
        let elapsed = self.elapsed(now);
        let room = self.flights.room().min(BURST);
        if room == 0 && self.is_due(now) {
            self.counters.put_off += 1;
        }
        let mut places: Vec<_> = std::iter::from_fn(|| self.schedule.take_due(elapsed)).take(room).collect();
        // One family after the other, before the echoes get their places among those in flight.
        places.sort_by_key(|place| self.target(*place).map(Family::of));
        let sent = Reading::now();
        let burst: Vec<_> = places.into_iter().filter_map(|place| self.enter(place, sent)).collect();
        for of_family in burst.chunk_by(|one, next| Family::of(one.address) == Family::of(next.address)) {
            self.send_burst(of_family);
        }
    }

    /// Enters an echo among those in flight, so that its reply finds it however fast it comes.
    fn enter(&mut self, place: EchoPlace, sent: Reading) -> Option<Outgoing> {
        let address = self.target(place)?;
        let family = Family::of(address);
        let identifier = self.all_sockets.of(family).map_or(0, IcmpSocket::identifier);
        let echoed = Echoed { identifier, ..self.flights.enter(place, sent) };
        Some(Outgoing { place, serial: echoed.serial, address, packet: request(family, &echoed) })
    }

    fn send_burst(&mut self, burst: &[Outgoing]) {
        let Some(socket) = burst.first().and_then(|first| self.all_sockets.of(Family::of(first.address))) else {
            return self.withdraw(burst);
        };
        let mut rest = burst;
        let (mut waited, mut told) = (false, 0);
        while let [first, others @ ..] = rest {
            let sent = Reading::now();
            rest.iter().for_each(|echo| self.flights.restamp(echo.serial, sent));
            match socket.send(rest.iter().map(|echo| (echo.address, &echo.packet))) {
                Ok(count) if count > 0 => {
                    let (taken, left) = rest.split_at_checked(count).unwrap_or((rest, &[]));
                    self.counters.sent += taken.len() as u64;
                    taken.iter().for_each(|echo| record(&mut self.echoes, echo.place, Echo::Lost));
                    rest = left;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    // The send buffer is full. It gets one tick to empty, because others are due after this burst.
                    if waited {
                        return self.withdraw(rest);
                    }
                    waited = true;
                    socket.wait_writable(TICK);
                }
                // A router's word about an earlier echo makes one call fail, and a flood of them many: they are no reason
                // not to send this one.
                Err(_) if socket.has_error_queue() && told < MOST_TOLD => told += 1,
                // The call stops at the first packet that is refused: no route, a firewall of our own, no memory. It is
                // us who cannot look, whatever the reason, and the next target may be fine.
                Ok(_) | Err(_) => {
                    self.withdraw(std::slice::from_ref(first));
                    rest = others;
                }
            }
        }
    }

    /// These were not sent; their place in the report says so already.
    fn withdraw(&mut self, echoes: &[Outgoing]) {
        self.counters.send_errors += echoes.len() as u64;
        echoes.iter().for_each(|echo| self.flights.withdraw(echo.serial));
    }

    /// Reads and judges all that waits.
    fn receive(&mut self) {
        let mut flood = false;
        let mut failed = Vec::new();
        for at in 0..self.sockets.len() {
            let Some(socket) = self.sockets.get(at).copied() else { continue };
            let Self { flights, inbox, targets, echoes, errors, shares, counters, timeout, .. } = self;
            let mut judge = Judge { socket, flights, targets, echoes, errors, counters, timeout: *timeout };
            let mut refuse = |source: Option<IpAddr>| flood |= source.is_some_and(|source| shares.exceeds(source));
            let outcome = socket.receive(inbox, |received| {
                if judge.packet(received).is_err() {
                    refuse(received.source);
                }
            });
            socket.receive_errors(|queued| {
                if let Some((router, quoted)) = queued
                    && judge.queued_error(router, quoted).is_err()
                {
                    refuse(Some(router));
                }
            });
            if outcome.is_err() {
                self.counters.receive_errors += 1;
                failed.push(socket.family());
            }
        }
        // What a refused call would have read is as good as dropped.
        if !failed.is_empty() {
            self.may_be_hit(&failed);
        }
        if flood {
            self.counters.shut_out = self.shares.shut_out().len() as u64;
            self.filter(self.shares.shut_out());
        }
    }

    /// Rests until there is something to do: at least a tick, so that work gathers, or only the gap between bursts.
    fn pause(&self, turn: Instant) {
        // What became due during the turn is no backlog: it gathers too.
        let behind = self.is_due(turn) && self.flights.room() > 0;
        let rest = if behind { BURST_GAP } else { TICK };
        let left = (turn + rest).saturating_duration_since(Instant::now());
        if left > SHORTEST_REST {
            thread::sleep(left);
        }
        if behind {
            return;
        }
        let now = Instant::now();
        let to_send = self.schedule.next_due().filter(|_| self.flights.room() > 0);
        let to_send = to_send.map(|due| due.saturating_sub(self.elapsed(now)));
        let idle = to_send.into_iter().chain(self.flights.time_left(self.timeout, now)).min().unwrap_or(TICK);
        // Whoever is due makes the next turn read as well.
        if !idle.is_zero() {
            wait_readable(self.sockets.iter().copied(), idle);
        }
    }

    fn is_due(&self, now: Instant) -> bool {
        self.schedule.next_due().is_some_and(|due| due <= self.elapsed(now))
    }

    fn elapsed(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.start)
    }

    /// An IPv4 address in IPv6 clothes is an IPv4 target.
    fn target(&self, place: EchoPlace) -> Option<IpAddr> {
        self.targets.get(usize::try_from(place.target).ok()?).map(IpAddr::to_canonical)
    }
}

pub(super) fn record(echoes: &mut Echoes, place: EchoPlace, echo: Echo) {
    if let Ok(target) = usize::try_from(place.target) {
        echoes.set(target, place.echo.into(), echo);
    }
}
