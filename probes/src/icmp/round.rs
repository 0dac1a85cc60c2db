//! One round: send what is due in bursts, read what arrived in ticks, let echoes end at their own deadlines.

use std::{
    io,
    net::IpAddr,
    thread,
    time::{Duration, Instant},
};

use phusong_model::{BlindReason, Micros};

use super::{
    clock::Reading,
    counters::{Counters, Refusal},
    echoes::{Echo, Echoes},
    evidence::{About, EchoError, Errors},
    flights::{Arrival, EchoPlace, Flights},
    inbox::{Inbox, Received},
    packet::{Echoed, Family, LENGTH, Message, parse, request},
    prober::Sockets,
    quoted::Quoted,
    schedule::{RoundPlan, Schedule},
    socket::{IcmpSocket, wait_readable},
};

/// Most packets of one `sendmmsg`: their send time is read once before the call, so a longer burst spoils round-trip times.
const BURST: usize = 32;
/// How long replies gather before they are read. Kernel time stamps keep the round-trip times true, and waking for each
/// reply costs two to three times the processor time.
const TICK: Duration = Duration::from_millis(2);
/// Pause between bursts while more echoes are due than one burst holds: at most 128,000 echoes a second.
const BURST_GAP: Duration = Duration::from_micros(250);

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
    /// Packets that our own kernel dropped during the round before we read them, and calls to receive that it refused:
    /// when it is not 0, a loss proves nothing. Raw IPv6 sockets count bad checksums too, whoever sent them.
    pub receive_drops: u64,
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
    targets: &'a [IpAddr],
    timeout: Duration,
    start: Instant,
    schedule: Schedule,
    echoes: Echoes,
    errors: Errors,
    counters: Counters,
}

impl<'a> Round<'a> {
    pub(super) fn new(
        all_sockets: &'a Sockets,
        flights: &'a mut Flights,
        inbox: &'a mut Inbox,
        targets: &'a [IpAddr],
        plan: &RoundPlan,
        first_sequence: u16,
    ) -> Self {
        flights.begin_round(first_sequence);
        // A family without targets is neither polled nor read.
        let wanted = |family| targets.iter().any(|target| Family::of(target.to_canonical()) == family);
        let sockets = [Family::V4, Family::V6].into_iter().filter(|family| wanted(*family));
        // Until it is sent, an echo is one that could not be sent: then no early end can make a loss of it.
        let unsent = Echo::NotSent(BlindReason::SendError);
        Self {
            sockets: sockets.filter_map(|family| all_sockets.of(family)).collect(),
            all_sockets,
            flights,
            inbox,
            targets,
            timeout: plan.timeout,
            start: Instant::now(),
            schedule: Schedule::new(*plan, u32::try_from(targets.len()).unwrap_or(u32::MAX)),
            echoes: Echoes::all(targets.len(), plan.echoes.into(), unsent),
            errors: Errors::default(),
            counters: Counters::default(),
        }
    }

    pub(super) fn run(mut self) -> RoundReport {
        // Late replies of the round before are counted, and their drops are not ours.
        self.receive();
        let drops_before = self.drops();
        loop {
            let now = Instant::now();
            self.receive();
            self.flights.expire(self.timeout, now);
            self.send_due(now);
            if self.schedule.next_due().is_none() && self.flights.all_decided() {
                break;
            }
            self.pause(now);
        }
        self.flights.clear();
        let receive_drops = self.drops().saturating_sub(drops_before);
        self.counters.receive_drops = receive_drops;
        // What a refused call would have read is as good as dropped.
        let receive_drops = receive_drops + self.counters.receive_errors;
        RoundReport { targets: self.echoes, errors: self.errors.into_list(), counters: self.counters, receive_drops }
    }

    fn drops(&self) -> u64 {
        let of = |socket: &&IcmpSocket| {
            let unknown = |error: &io::Error| tracing::debug!(%error, "receive drops are unknown");
            socket.drops().inspect_err(unknown).unwrap_or(0)
        };
        self.sockets.iter().map(of).sum()
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
        let (mut waited, mut told) = (false, false);
        while let [first, others @ ..] = rest {
            let sent = Reading::now();
            rest.iter().for_each(|echo| self.flights.restamp(echo.serial, sent));
            match socket.send(rest.iter().map(|echo| (echo.address, &echo.packet))) {
                Ok(count) if count > 0 => {
                    let (taken, left) = rest.split_at_checked(count).unwrap_or((rest, &[]));
                    self.counters.sent += taken.len() as u64;
                    taken.iter().for_each(|echo| record(&mut self.echoes, echo.place, Echo::Lost));
                    rest = left;
                    told = false;
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
                // A router's word about an earlier echo makes one call fail: it is no reason not to send this one.
                Err(_) if socket.has_error_queue() && !told => told = true,
                // The call stops at the first packet that is refused: no route, a firewall of our own, no memory. It is
                // us who cannot look, whatever the reason, and the next target may be fine.
                Ok(_) | Err(_) => {
                    self.withdraw(std::slice::from_ref(first));
                    rest = others;
                    told = false;
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
        let Self { sockets, flights, inbox, targets, echoes, errors, counters, timeout, .. } = self;
        for socket in sockets {
            let mut arrived = 0_u64;
            let mut told = |router, quoted: &Quoted, flights: &Flights, echoes: &Echoes| {
                let identifier = socket.identifier();
                let first_sequence = flights.first_sequence();
                errors.take(&About { targets, identifier, first_sequence, echoes, flights }, router, quoted)
            };
            let outcome = socket.receive(inbox, |received| {
                counters.control_truncated += u64::from(received.control_truncated);
                let judged = parse(socket.wire(), received.bytes).and_then(|message| match message {
                    Message::Reply(echoed) => {
                        let (place, rtt) = credit(socket, flights, targets, received, &echoed, *timeout)?;
                        arrived += 1;
                        record(echoes, place, Echo::Reply(rtt));
                        Ok(())
                    }
                    Message::Error(quoted) => {
                        told(received.source.ok_or(Refusal::ForeignError)?, &quoted, flights, echoes)?;
                        counters.icmp_errors += 1;
                        Ok(())
                    }
                });
                if let Err(reason) = judged {
                    counters.refuse(reason);
                }
            });
            socket.receive_errors(|queued| {
                let Some((router, quoted)) = queued else { return };
                match quoted.and_then(|quoted| told(router, &quoted, flights, echoes)) {
                    Ok(()) => counters.icmp_errors += 1,
                    Err(reason) => counters.refuse(reason),
                }
            });
            counters.replies += arrived;
            counters.receive_errors += u64::from(outcome.is_err());
        }
    }

    /// Rests until there is something to do: at least a tick, so that work gathers, or only the gap between bursts.
    fn pause(&self, turn: Instant) {
        let now = Instant::now();
        let behind = self.is_due(now) && self.flights.room() > 0;
        if !behind {
            let to_send = self.schedule.next_due().filter(|_| self.flights.room() > 0);
            let to_send = to_send.map(|due| due.saturating_sub(self.elapsed(now)));
            let to_expire = self.flights.time_left(self.timeout, now);
            wait_readable(self.sockets.iter().copied(), to_send.into_iter().chain(to_expire).min().unwrap_or(TICK));
        }
        let rest = if behind { BURST_GAP } else { TICK };
        thread::sleep((turn + rest).saturating_duration_since(Instant::now()));
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

/// The echo that a reply answers, or why it answers none.
fn credit(
    socket: &IcmpSocket,
    flights: &mut Flights,
    targets: &[IpAddr],
    received: &Received<'_>,
    echoed: &Echoed,
    timeout: Duration,
) -> Result<(EchoPlace, Micros), Refusal> {
    if echoed.identifier != socket.identifier() {
        return Err(Refusal::ForeignIdentifier);
    }
    let source = received.source.ok_or(Refusal::ForeignSource)?;
    flights.accept(targets, echoed, &Arrival { source, stamp: received.stamp, drained: received.drained }, timeout)
}

fn record(echoes: &mut Echoes, place: EchoPlace, echo: Echo) {
    if let Ok(target) = usize::try_from(place.target) {
        echoes.set(target, place.echo.into(), echo);
    }
}
