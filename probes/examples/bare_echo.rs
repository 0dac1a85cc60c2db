//! The bare limit that the ICMP engine is compared with: one thread, one socket, `sendmmsg` and `recvmmsg` of 64 packets,
//! kernel time stamps, a receive filter on type and identifier, a table by sequence number. No tokens, no deadlines by
//! target, no checks: as fast as safe wrappers allow, and not to be trusted with anything.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program")]

use std::{
    io::{self, IoSlice, IoSliceMut},
    net::{Ipv4Addr, SocketAddrV4},
    os::fd::AsRawFd,
    process::ExitCode,
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::Context;
use nix::{
    errno::Errno,
    libc,
    sys::{
        socket::{
            ControlMessageOwned, MsgFlags, MultiHeaders, SockaddrIn, recvmmsg, setsockopt,
            sockopt::{RcvBufForce, ReceiveTimestampns},
        },
        time::TimeSpec,
    },
};
use rustix::net::{MMsgHdr, SendAncillaryBuffer, SendFlags, SocketAddrAny, sendmmsg};
use serde_json::{Value, json};
use socket2::{Domain, Protocol, SockFilter, Socket, Type};

use self::load::{Account, Arguments, Meter, PerTarget, Sock};

mod load;

const BATCH: usize = 64;
/// As long as the engine's, so that the kernel copies as much.
const LENGTH: usize = 32;
const RECEIVE_BUFFER: usize = 16 << 20;
/// How long replies gather when echoes are paced; the engine's tick.
const TICK: Duration = Duration::from_millis(2);
/// One identifier has so many sequence numbers, and no more echoes can be in flight.
const SEQUENCES: usize = 1 << 16;

fn main() -> ExitCode {
    load::run("bare_echo", run)
}

fn run(arguments: &Arguments) -> anyhow::Result<Value> {
    let sock = arguments.sock.unwrap_or(Sock::Raw);
    let mut bare = Bare::open(sock)?;
    let mut per_target = PerTarget::open(arguments)?;
    let mut meter = Meter::start()?;
    let targets = arguments.addresses()?;
    let mut account = Account { rtts: Vec::with_capacity(targets.len()), ..Account::default() };
    for _ in 0..arguments.rounds {
        let known = account.rtts.len();
        meter.measure(|| bare.round(arguments, &targets, &mut account))??;
        let answered = bare.answered.drain(..).zip(account.rtts.iter().skip(known));
        per_target.write(answered.filter_map(|(place, rtt)| Some((*targets.get(place as usize)?, *rtt))))?;
    }
    Ok(load::line(arguments, sock, account, &meter, json!({})))
}

/// An echo in flight: wall-clock nanoseconds of its sending, and its target.
#[derive(Clone, Copy)]
struct Flight {
    sent: i64,
    place: u32,
}

struct Bare {
    socket: Socket,
    sock: Sock,
    identifier: u16,
    flights: Vec<Option<Flight>>,
    /// Sequence numbers used so far.
    next: u64,
    /// All before it are decided.
    oldest: u64,
    /// Targets in the order of their replies.
    answered: Vec<u32>,
    buffers: Vec<[u8; 128]>,
}

impl Bare {
    fn open(sock: Sock) -> anyhow::Result<Self> {
        let class = if sock == Sock::Raw { Type::RAW } else { Type::DGRAM };
        let socket = Socket::new(Domain::IPV4, class.nonblocking(), Some(Protocol::ICMPV4))
            .with_context(|| format!("cannot open a {sock:?} socket"))?;
        setsockopt(&socket, RcvBufForce, &RECEIVE_BUFFER)?;
        setsockopt(&socket, ReceiveTimestampns, &true)?;
        let identifier = std::process::id() as u16;
        if sock == Sock::Raw {
            socket.attach_filter(&replies_with(identifier))?;
        }
        Ok(Self {
            socket,
            sock,
            identifier,
            flights: vec![None; SEQUENCES],
            next: 0,
            oldest: 0,
            answered: Vec::new(),
            buffers: vec![[0; 128]; BATCH],
        })
    }

    fn round(&mut self, arguments: &Arguments, targets: &[Ipv4Addr], account: &mut Account) -> io::Result<()> {
        let total = arguments.echoes_of_a_round();
        let (start, spread) = (Instant::now(), arguments.spread());
        let mut taken = 0;
        loop {
            self.receive(account)?;
            account.lost += self.expire(arguments.timeout());
            let due = if spread.is_zero() {
                total
            } else {
                (start.elapsed().as_secs_f64() / spread.as_secs_f64() * total as f64) as u64 + 1
            };
            let room = SEQUENCES as u64 - (self.next - self.oldest);
            let count = due.min(total).saturating_sub(taken).min(BATCH as u64).min(room);
            if count > 0 {
                let places = (taken..taken + count).map(|number| (number % targets.len() as u64) as u32);
                taken += count;
                account.sent += self.send(places, targets)? as u64;
            } else if taken == total && self.oldest == self.next {
                return Ok(());
            } else {
                thread::sleep(TICK);
            }
        }
    }

    /// Passes over what is answered, and over what was waited for long enough; the answer is how many of the latter.
    fn expire(&mut self, timeout: Duration) -> u64 {
        let too_early = wall_nanos() - i64::try_from(timeout.as_nanos()).unwrap_or(i64::MAX);
        let mut lost = 0;
        while self.oldest < self.next {
            let Some(slot) = self.flights.get_mut(usize::from(self.oldest as u16)) else { break };
            if slot.is_some_and(|flight| flight.sent > too_early) {
                break;
            }
            lost += u64::from(slot.take().is_some());
            self.oldest += 1;
        }
        lost
    }

    fn send(&mut self, places: impl Iterator<Item = u32>, targets: &[Ipv4Addr]) -> io::Result<usize> {
        let sent = wall_nanos();
        let mut addresses = Vec::with_capacity(BATCH);
        let mut packets = Vec::with_capacity(BATCH);
        for place in places {
            let Some(target) = targets.get(place as usize) else { continue };
            let sequence = self.next as u16;
            self.next += 1;
            if let Some(flight) = self.flights.get_mut(usize::from(sequence)) {
                *flight = Some(Flight { sent, place });
            }
            addresses.push(SocketAddrAny::from(SocketAddrV4::new(*target, 0)));
            packets.push(request(self.identifier, sequence));
        }
        let slices: Vec<_> = packets.iter().map(|packet| [IoSlice::new(packet)]).collect();
        let mut controls: Vec<_> = packets.iter().map(|_| SendAncillaryBuffer::default()).collect();
        let mut messages: Vec<_> = addresses
            .iter()
            .zip(&slices)
            .zip(&mut controls)
            .map(|((address, slice), control)| MMsgHdr::new_with_addr(address, slice, control))
            .collect();
        let mut done = 0;
        while let Some(rest) = messages.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match sendmmsg(&self.socket, rest, SendFlags::empty()) {
                Ok(count) => done += count,
                Err(rustix::io::Errno::AGAIN) => thread::sleep(TICK),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(done)
    }

    fn receive(&mut self, account: &mut Account) -> io::Result<()> {
        loop {
            let mut slices: Vec<_> = self.buffers.iter_mut().map(|buffer| [IoSliceMut::new(buffer)]).collect();
            let mut headers = MultiHeaders::<SockaddrIn>::preallocate(BATCH, Some(nix::cmsg_space!(TimeSpec)));
            let messages =
                recvmmsg(self.socket.as_raw_fd(), &mut headers, slices.iter_mut(), MsgFlags::MSG_DONTWAIT, None);
            let messages = match messages {
                Ok(messages) => messages,
                Err(Errno::EAGAIN) => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            let mut count = 0;
            for message in messages {
                count += 1;
                let mut controls = message.cmsgs()?;
                let Some(ControlMessageOwned::ScmTimestampns(at)) = controls.next() else { continue };
                let icmp = message.iovs().next().unwrap_or_default().get(if self.sock == Sock::Raw { 20 } else { 0 }..);
                let Some([0, _, _, _, _, _, high, low, ..]) = icmp else { continue };
                let slot = self.flights.get_mut(usize::from(u16::from_be_bytes([*high, *low])));
                let Some(flight) = slot.and_then(Option::take) else { continue };
                self.answered.push(flight.place);
                let nanos = at.tv_sec() * 1_000_000_000 + at.tv_nsec() - flight.sent;
                account.rtts.push((nanos / 1000).max(0) as u32);
            }
            if count < BATCH {
                return Ok(());
            }
        }
    }
}

fn request(identifier: u16, sequence: u16) -> [u8; LENGTH] {
    let mut packet = [0; LENGTH];
    // All but type, identifier and sequence is 0, so that these three are the whole checksum (RFC 1071).
    let sum = 0x0800 + u32::from(identifier) + u32::from(sequence);
    let checksum = !((sum & 0xffff) as u16 + (sum >> 16) as u16);
    let [[a, b], [c, d], [e, f]] = [checksum, identifier, sequence].map(u16::to_be_bytes);
    if let Some(header) = packet.first_chunk_mut() {
        *header = [8, 0, a, b, c, d, e, f];
    }
    packet
}

/// Echo replies with our identifier; the IP header in front is one without options.
fn replies_with(identifier: u16) -> [SockFilter; 6] {
    let step = |code: u32, jump_false, value| SockFilter::new(code as u16, 0, jump_false, value);
    let load = libc::BPF_LD | libc::BPF_H | libc::BPF_ABS;
    let equal = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
    [
        step(load, 0, 20),
        step(equal, 3, 0),
        step(load, 0, 24),
        step(equal, 1, identifier.into()),
        step(libc::BPF_RET | libc::BPF_K, 0, u32::MAX),
        step(libc::BPF_RET | libc::BPF_K, 0, 0),
    ]
}

fn wall_nanos() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_nanos()).unwrap_or(i64::MAX)
}
