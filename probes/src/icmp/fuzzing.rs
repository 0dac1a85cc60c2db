//! What must hold of ICMP packets, of echoes in flight and of evidence, whatever arrives.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::Duration,
};

use super::{
    clock::{Reading, WallNanos},
    counters::Refusal,
    echoes::{Echo, Echoes},
    evidence::{About, Errors},
    flights::{Arrival, EchoPlace, Flights},
    packet::{Echoed, Family, Message, Wire, checksum, parse, request},
    quoted::Quoted,
    token::TokenKey,
};

const TIMEOUT: Duration = Duration::from_secs(1);
/// Fewer than an input has operations, so that a full table is reached.
const MOST: usize = 8;
const IDENTIFIER: u16 = 0xbeef;
const TARGETS: [IpAddr; 4] = [
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
];

/// A secret that inputs can be made for.
fn key() -> TokenKey {
    TokenKey::of(*b"known to fuzzers")
}

/// Packets of both families, with and without an IP header in front: what is read is what was written.
pub fn icmp_packet(data: &[u8]) {
    for wire in [Wire::RawV4, Wire::Bare(Family::V4), Wire::Bare(Family::V6)] {
        let icmp = match (wire, data.first()) {
            (Wire::RawV4, Some(first)) => data.get(usize::from(first & 15) * 4..).unwrap_or_default(),
            (Wire::RawV4, None) | (Wire::Bare(_), _) => data,
        };
        let family = if wire == Wire::Bare(Family::V6) { Family::V6 } else { Family::V4 };
        match parse(wire, data) {
            Ok(Message::Reply(echoed)) => {
                let head = [if family == Family::V4 { 0 } else { 129 }, 0];
                assert_eq!(icmp.get(..2), Some(head.as_slice()), "{wire:?}: type and code of a reply");
                assert_eq!(icmp.get(4..), request(family, &echoed).get(4..), "{wire:?}: all is read");
                assert!(wire != Wire::RawV4 || checksum(icmp) == 0, "{wire:?}: the checksum is looked at");
            }
            Ok(Message::Error(quoted)) => assert_quote(wire, family, icmp, &quoted),
            Err(_) => {}
        }
    }
}

/// What an error quotes stands in it, where the inner header says.
fn assert_quote(wire: Wire, family: Family, icmp: &[u8], quoted: &Quoted) {
    assert!(wire != Wire::RawV4 || checksum(icmp) == 0, "{wire:?}: the checksum is looked at");
    assert_eq!(icmp.get(1), Some(&quoted.code));
    let inner = icmp.get(8..).unwrap_or_default();
    let (header, destination) = match family {
        Family::V4 => (usize::from(inner.first().copied().unwrap_or_default() & 15) * 4, inner.get(16..20)),
        Family::V6 => (40, inner.get(24..40)),
    };
    let expected = match quoted.destination {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    assert_eq!(destination, Some(expected.as_slice()), "{wire:?}: destination");
    let (serial, token) = quoted.proof.unwrap_or_default();
    let whole = request(family, &Echoed { identifier: quoted.identifier, sequence: quoted.sequence, serial, token });
    let length = if quoted.proof.is_some() { whole.len() } else { 8 };
    let echo = inner.get(header..).unwrap_or_default();
    assert_eq!(echo.get(..2), whole.get(..2), "{wire:?}: a request");
    assert_eq!(echo.get(4..length), whole.get(4..length), "{wire:?}: all is read");
}

/// Evidence: each packet is a length byte and so many bytes of an ICMP error, for which a round waits that has sent two
/// echoes to each of its targets; the first one to the second target was answered.
pub fn icmp_errors(data: &[u8]) {
    let mut flights = Flights::at_most(MOST, key());
    flights.begin_round(u16::MAX);
    let mut echoes = Echoes::all(TARGETS.len(), 2, Echo::Lost);
    echoes.set(1, 0, Echo::Reply(phusong_model::Micros(900)));
    for place in (0..).zip(0..TARGETS.len()).flat_map(|(target, _)| [0, 1].map(|echo| EchoPlace { target, echo })) {
        flights.enter(place, Reading::now());
    }
    let mut errors = Errors::default();
    let (mut rest, mut taken) = (data, BTreeMap::<usize, u64>::new());
    while let [length, others @ ..] = rest {
        let (packet, others) = others.split_at_checked((*length).into()).unwrap_or((others, &[]));
        rest = others;
        for family in [Family::V4, Family::V6] {
            let Ok(Message::Error(quoted)) = parse(Wire::Bare(family), packet) else { continue };
            let about = About {
                targets: &TARGETS,
                identifier: IDENTIFIER,
                first_sequence: flights.first_sequence(),
                echoes: &echoes,
                flights: &flights,
            };
            if errors.take(&about, TARGETS[0], &quoted).is_err() {
                continue;
            }
            assert_eq!(quoted.identifier, IDENTIFIER, "an error about another program's echo");
            assert!(quoted.proof.is_none_or(|(serial, token)| flights.token(serial) == token), "a forged token");
            for (target, _) in TARGETS.iter().enumerate().filter(|(_, address)| **address == quoted.destination) {
                *taken.entry(target).or_default() += 1;
            }
        }
    }
    for error in errors.into_list() {
        let most = taken.get(&error.target).copied().unwrap_or_default();
        assert!(u64::from(error.echoes) <= most, "{error:?} of {most}");
        assert!(error.echoes > 0);
    }
}

/// One echo, as the model of [`icmp_flights`] knows it.
struct Known {
    echoed: Echoed,
    target: u32,
    echo: u16,
    sent: Duration,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Answered,
    Withdrawn,
    Forgotten,
}

/// Echoes in flight against a slow and obvious model of them: each byte pair is an operation and what it is done to.
pub fn icmp_flights(data: &[u8]) {
    let flights = Flights::at_most(MOST, key());
    // Not before the flights were opened: they count from there.
    let start = Reading::now();
    let mut play = Play { flights, known: Vec::new(), first_sequence: 0, now: start };
    for operation in data.chunks_exact(2) {
        let &[what, argument] = operation else { continue };
        match what % 6 {
            0 => play.enter(start, argument),
            1 => play.withdraw(argument),
            2 => play.answer(start, argument, what / 6),
            3 => play.expire(start),
            4 => play.now = after(play.now, Duration::from_millis(10) * u32::from(argument)),
            _ => play.begin_round(argument),
        }
        let open = play.known.iter().filter(|known| known.state == State::Open).count();
        let kept = play.known.iter().filter(|known| known.state != State::Forgotten).count();
        assert_eq!(play.flights.all_decided(), open == 0);
        assert_eq!(play.flights.room(), MOST - kept);
    }
}

struct Play {
    flights: Flights,
    known: Vec<Known>,
    first_sequence: u16,
    now: Reading,
}

impl Play {
    fn enter(&mut self, start: Reading, argument: u8) {
        if self.flights.room() == 0 {
            return;
        }
        let place = EchoPlace { target: u32::from(argument % 4), echo: u16::from(argument / 4) };
        let echoed = self.flights.enter(place, self.now);
        assert_eq!(echoed.serial, self.known.len() as u64, "serials are never used again");
        assert_eq!(echoed.sequence, self.first_sequence.wrapping_add(place.echo));
        let sent = self.now.monotonic - start.monotonic;
        self.known.push(Known { echoed, target: place.target, echo: place.echo, sent, state: State::Open });
    }

    fn withdraw(&mut self, argument: u8) {
        if let Some(known) = self.known.get_mut(usize::from(argument)) {
            self.flights.withdraw(known.echoed.serial);
            if known.state == State::Open {
                known.state = State::Withdrawn;
            }
        }
    }

    /// A reply to an echo, true or with one thing wrong.
    fn answer(&mut self, start: Reading, argument: u8, lie: u8) {
        let Some(known) = self.known.get_mut(usize::from(argument)) else { return };
        let mut reply = known.echoed;
        let mut source = TARGETS.get(known.target as usize).copied().unwrap_or(TARGETS[0]);
        match lie % 5 {
            1 => source = IpAddr::from([192, 0, 2, 99]),
            2 => reply.token.iter_mut().skip(usize::from(lie) % 16).take(1).for_each(|byte| *byte ^= 1 << (lie % 8)),
            3 => reply.sequence = reply.sequence.wrapping_add(1 + u16::from(lie)),
            4 => reply.serial ^= 1 << (lie % 64),
            _ => {}
        }
        let arrival = Arrival { source, stamp: Some(self.now.wall), drained: self.now };
        let verdict = self.flights.accept(&TARGETS, &reply, &arrival, TIMEOUT);
        let age = (self.now.monotonic - start.monotonic).saturating_sub(known.sent);
        let truth = match known.state {
            _ if !lie.is_multiple_of(5) => {
                assert!(verdict.is_err(), "a lie was believed: {lie}");
                return;
            }
            State::Open if age > TIMEOUT => Err(Refusal::Late),
            State::Open => Ok(EchoPlace { target: known.target, echo: known.echo }),
            State::Answered => Err(Refusal::Duplicate),
            State::Withdrawn => Err(Refusal::BadToken),
            State::Forgotten => Err(Refusal::Late),
        };
        assert_eq!(verdict.map(|(place, _)| place), truth);
        if truth.is_ok() {
            known.state = State::Answered;
        }
    }

    fn expire(&mut self, start: Reading) {
        self.flights.expire(TIMEOUT, self.now.monotonic);
        let elapsed = self.now.monotonic - start.monotonic;
        let old = self.known.iter_mut().take_while(|known| elapsed.saturating_sub(known.sent) >= TIMEOUT);
        old.for_each(|known| known.state = State::Forgotten);
    }

    fn begin_round(&mut self, argument: u8) {
        self.flights.clear();
        self.known.iter_mut().for_each(|known| known.state = State::Forgotten);
        self.first_sequence = u16::from_be_bytes([argument, argument]);
        self.flights.begin_round(self.first_sequence);
    }
}

fn after(from: Reading, length: Duration) -> Reading {
    let nanos = i64::try_from(length.as_nanos()).unwrap_or(i64::MAX);
    Reading { monotonic: from.monotonic + length, wall: WallNanos(from.wall.0.saturating_add(nanos)) }
}
