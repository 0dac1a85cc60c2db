//! A second opinion on one target: surge-ping's engine, which shares no code with ours.
//!
//! During an outage an engineer wants to know whether to believe the daemon. Two engines that agree are worth more than
//! one that is asked twice. Each target has a socket of its own and few echoes, so that what surge-ping does badly with many
//! targets (one small receive buffer for all of them, replies matched by source and sequence alone) does not matter here.
//!
//! ```no_run
//! # async fn example() -> Result<(), phusong_probes::ping::PingError> {
//! use std::{net::IpAddr, time::Duration};
//! use phusong_probes::ping::{PingPlan, Pinger};
//!
//! let pinger = Pinger::open(IpAddr::from([127, 0, 0, 1])).await?;
//! println!("{:?} socket", pinger.mode());
//! let plan = PingPlan { echoes: 5, interval: Duration::from_secs(1), timeout: Duration::from_secs(1), overlapping: false };
//! let tally = pinger.run(&plan, |number, echo| println!("{number}: {echo:?}")).await;
//! println!("{:?}", tally.stats());
//! # Ok(())
//! # }
//! ```

use std::{collections::BTreeMap, io, net::IpAddr, time::Duration};

use phusong_model::{EchoStats, IcmpError, IcmpErrorKind, IcmpMode, Micros, RttSummary};
use socket2::Type;
use surge_ping::{Client, Config, ICMP, IcmpPacket, PingIdentifier, PingSequence, SurgeError};
use tokio::{
    task::{JoinError, JoinSet},
    time::{Instant, sleep_until},
};

/// Bytes behind the ICMP header of a request: as many as those of the daemon's echoes, so that a path that loses long
/// packets treats both alike.
const PAYLOAD: usize = 24;

/// How to ping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PingPlan {
    /// How many echoes.
    pub echoes: u16,
    /// From one echo to the next.
    pub interval: Duration,
    /// How long a reply is waited for.
    pub timeout: Duration,
    /// Whether an echo goes out at its time though the one before it is still waited for. Otherwise that holds it back.
    pub overlapping: bool,
}

/// What became of one echo.
#[derive(Debug)]
pub enum PingEcho {
    /// An echo reply.
    Reply {
        /// How long it took; never 0.
        rtt: Micros,
        /// The time to live it arrived with; only raw IPv4 sockets tell.
        ttl: Option<u8>,
    },
    /// An ICMP error that quotes the echo took the place of a reply; only raw sockets see them.
    Error(IcmpError),
    /// Sent, and nothing came back in time.
    Lost,
    /// It was not sent: we could not look.
    NotSent(io::Error),
    /// Another ICMP message that quotes the echo, a redirect for one. surge-ping stops listening at it, so whether the
    /// reply came too is not known: we did not look to the end.
    Undecided {
        /// Its ICMP type.
        kind: u8,
        /// Its ICMP code.
        code: u8,
    },
}

/// The account of the echoes so far, in the words of the daemon's samples.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PingTally {
    /// By the number of the echo: jitter is of echoes that followed each other.
    rtts: BTreeMap<u16, Micros>,
    lost: u16,
    blind: u16,
}

impl PingTally {
    /// Adds the echo of that number.
    pub fn count(&mut self, number: u16, echo: &PingEcho) {
        match echo {
            PingEcho::Reply { rtt, .. } => drop(self.rtts.insert(number, *rtt)),
            PingEcho::Error(_) | PingEcho::Lost => self.lost += 1,
            PingEcho::NotSent(_) | PingEcho::Undecided { .. } => self.blind += 1,
        }
    }

    /// What was sent, lost and how long replies took. Echoes that could not look are in neither number.
    #[must_use]
    pub fn stats(&self) -> EchoStats {
        let replies = u16::try_from(self.rtts.len()).unwrap_or(u16::MAX);
        let rtts: Vec<Micros> = self.rtts.values().copied().collect();
        EchoStats { sent: replies.saturating_add(self.lost), lost: self.lost, rtt: RttSummary::of(&rtts) }
    }

    /// Echoes that prove nothing: not sent, or not waited for to the end.
    #[must_use]
    pub const fn blind(&self) -> u16 {
        self.blind
    }
}

/// Why there is nothing to ping with.
#[derive(Debug, thiserror::Error)]
pub enum PingError {
    /// The kernel gave neither a raw nor a datagram socket; its answer is the one to the raw socket.
    #[error("cannot open an ICMP socket for {address}")]
    Socket {
        /// Whom we wanted to ping.
        address: IpAddr,
        /// What the kernel said.
        #[source]
        source: io::Error,
    },
    /// Without random numbers a reply could be guessed.
    #[error("the kernel gives no random numbers")]
    Random(#[source] io::Error),
}

impl PingError {
    /// The number of the kernel's answer.
    #[must_use]
    pub fn errno(&self) -> Option<i32> {
        self.answer().raw_os_error()
    }

    /// Whether a right is missing: CAP_NET_RAW, or a group inside `net.ipv4.ping_group_range`.
    #[must_use]
    pub fn is_permission(&self) -> bool {
        self.answer().kind() == io::ErrorKind::PermissionDenied
    }

    const fn answer(&self) -> &io::Error {
        match self {
            Self::Socket { source, .. } | Self::Random(source) => source,
        }
    }
}

/// Pings one target.
pub struct Pinger {
    family: ICMP,
    mode: IcmpMode,
    address: IpAddr,
    identifier: PingIdentifier,
    first_sequence: u16,
    /// Its receiving task ends when it is dropped.
    client: Client,
}

impl Pinger {
    /// Opens a raw socket, which sees ICMP errors too, or a datagram one where that right is missing. Inside a tokio
    /// runtime only.
    pub async fn open(address: IpAddr) -> Result<Self, PingError> {
        // An IPv4 address in IPv6 clothes is an IPv4 target.
        let address = address.to_canonical();
        let family = match address {
            IpAddr::V4(_) => ICMP::V4,
            IpAddr::V6(_) => ICMP::V6,
        };
        let config = Config::builder().kind(family).sock_type_hint(Type::RAW).build();
        let client = Client::new(&config).map_err(|source| PingError::Socket { address, source })?;
        let mode = if client.get_socket().get_type() == Type::RAW { IcmpMode::Raw } else { IcmpMode::Datagram };
        // Both unpredictable: they are all that surge-ping tells a true reply by.
        let (identifier, first_sequence) = (PingIdentifier(random()?), random()?);
        Ok(Self { family, mode, address, identifier, first_sequence, client })
    }

    /// The kind of socket in use.
    #[must_use]
    pub const fn mode(&self) -> IcmpMode {
        self.mode
    }

    /// Sends the echoes and hands out each with its number, from 0, as soon as it is decided. To stop early, drop the
    /// future: what was handed out stands.
    pub async fn run(self, plan: &PingPlan, mut on_echo: impl FnMut(u16, PingEcho)) -> PingTally {
        let mut tally = PingTally::default();
        let mut hand_out = |ended: Result<(u16, PingEcho), JoinError>| {
            // surge-ping has no reason to panic, and one that did would be an echo that nobody heard of.
            let Ok((number, echo)) = ended else { return };
            tally.count(number, &echo);
            on_echo(number, echo);
        };
        let mut waiting = JoinSet::new();
        let mut due = Instant::now();
        for number in 0..plan.echoes {
            // After an echo that held the next one back, that goes out at once and the pace starts anew.
            while !plan.overlapping
                && let Some(ended) = waiting.join_next().await
            {
                hand_out(ended);
            }
            loop {
                tokio::select! {
                    Some(ended) = waiting.join_next() => hand_out(ended),
                    () = sleep_until(due) => break,
                }
            }
            due = Instant::now() + plan.interval;
            let echo = self.echo(number, plan.timeout).await;
            waiting.spawn(async move { (number, echo.await) });
        }
        while let Some(ended) = waiting.join_next().await {
            hand_out(ended);
        }
        tally
    }

    /// An echo, which is sent when the inner future is waited for.
    async fn echo(&self, number: u16, timeout: Duration) -> impl Future<Output = PingEcho> + use<> {
        let sequence = PingSequence(self.first_sequence.wrapping_add(number));
        let mut engine = self.client.pinger(self.address, self.identifier).await;
        engine.timeout(timeout);
        let family = self.family;
        async move {
            let mut payload = [0; PAYLOAD];
            if let Err(error) = getrandom::fill(&mut payload) {
                return PingEcho::NotSent(error.into());
            }
            match engine.ping(sequence, &payload).await {
                Ok((packet, rtt)) => judge(family, &Answer::of(&packet), rtt),
                Err(SurgeError::Timeout { .. }) => PingEcho::Lost,
                Err(SurgeError::IOError(error)) => PingEcho::NotSent(error),
                Err(other) => PingEcho::NotSent(io::Error::other(other)),
            }
        }
    }
}

/// The part of an answer that tells what it is.
struct Answer {
    kind: u8,
    code: u8,
    source: IpAddr,
    ttl: Option<u8>,
}

impl Answer {
    fn of(packet: &IcmpPacket) -> Self {
        match packet {
            IcmpPacket::V4(packet) => Self {
                kind: packet.get_icmp_type().0,
                code: packet.get_icmp_code().0,
                source: packet.get_source().into(),
                ttl: packet.get_ttl(),
            },
            IcmpPacket::V6(packet) => Self {
                kind: packet.get_icmpv6_type().0,
                code: packet.get_icmpv6_code().0,
                source: packet.get_source().into(),
                ttl: None,
            },
        }
    }
}

/// surge-ping hands out every message that names an echo in flight as a success, errors included: only its type tells
/// a live host from a dead link.
fn judge(family: ICMP, answer: &Answer, rtt: Duration) -> PingEcho {
    let &Answer { kind, code, source, ttl } = answer;
    let error = match (family, kind, code) {
        (ICMP::V4, 0, 0) | (ICMP::V6, 129, 0) => {
            let rtt = Micros(u32::try_from(rtt.as_micros()).unwrap_or(u32::MAX).max(1));
            return PingEcho::Reply { rtt, ttl };
        }
        (ICMP::V4, 3, _) | (ICMP::V6, 1, _) => IcmpErrorKind::Unreachable,
        (ICMP::V6, 2, _) => IcmpErrorKind::PacketTooBig,
        (ICMP::V4, 11, _) | (ICMP::V6, 3, _) => IcmpErrorKind::TimeExceeded,
        (ICMP::V4, 12, _) | (ICMP::V6, 4, _) => IcmpErrorKind::ParameterProblem,
        (ICMP::V4 | ICMP::V6, ..) => return PingEcho::Undecided { kind, code },
    };
    PingEcho::Error(IcmpError { kind: error, code, router: source })
}

fn random() -> Result<u16, PingError> {
    getrandom::u32().map(|number| number as u16).map_err(|error| PingError::Random(error.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn source(family: ICMP) -> IpAddr {
        match family {
            ICMP::V4 => IpAddr::from([192, 0, 2, 1]),
            ICMP::V6 => "2001:db8::1".parse().expect("an address"),
        }
    }

    fn verdict(family: ICMP, kind: u8, code: u8) -> PingEcho {
        judge(family, &Answer { kind, code, source: source(family), ttl: Some(60) }, MS)
    }

    #[test]
    fn only_an_echo_reply_is_a_reply() {
        for (family, reply) in [(ICMP::V4, 0), (ICMP::V6, 129)] {
            for kind in 0..=u8::MAX {
                for code in [0, 1, 13] {
                    let is_reply = matches!(verdict(family, kind, code), PingEcho::Reply { .. });
                    assert_eq!(is_reply, kind == reply && code == 0, "{family:?} type {kind} code {code}");
                }
            }
        }
    }

    #[test]
    fn errors_keep_kind_code_and_router() {
        use IcmpErrorKind::{PacketTooBig, ParameterProblem, TimeExceeded, Unreachable};
        for (family, kind, expected) in [
            (ICMP::V4, 3, Unreachable),
            (ICMP::V4, 11, TimeExceeded),
            (ICMP::V4, 12, ParameterProblem),
            (ICMP::V6, 1, Unreachable),
            (ICMP::V6, 2, PacketTooBig),
            (ICMP::V6, 3, TimeExceeded),
            (ICMP::V6, 4, ParameterProblem),
        ] {
            let PingEcho::Error(error) = verdict(family, kind, 13) else {
                panic!("{family:?} type {kind} is an error")
            };
            assert_eq!((error.kind, error.code, error.router), (expected, 13, source(family)));
        }
    }

    #[test]
    fn what_we_could_not_see_is_neither_sent_nor_lost() {
        let mut tally = PingTally::default();
        let echoes = [
            PingEcho::Reply { rtt: Micros(2000), ttl: None },
            PingEcho::Lost,
            verdict(ICMP::V4, 3, 1),
            verdict(ICMP::V4, 5, 1),
            PingEcho::NotSent(io::ErrorKind::NetworkUnreachable.into()),
            PingEcho::Reply { rtt: Micros(4000), ttl: None },
        ];
        for (number, echo) in (0..).zip(&echoes) {
            tally.count(number, echo);
        }
        let stats = tally.stats();
        assert_eq!((stats.sent, stats.lost, tally.blind()), (4, 2, 2));
        assert_eq!(stats.rtt.map(|rtt| (rtt.min, rtt.max)), Some((Micros(2000), Micros(4000))));
        assert_eq!(PingTally::default().stats(), EchoStats { sent: 0, lost: 0, rtt: None });
    }

    #[test]
    fn a_missing_right_is_told_from_other_failures() {
        let error = |errno| PingError::Socket {
            address: IpAddr::from([192, 0, 2, 1]),
            source: io::Error::from_raw_os_error(errno),
        };
        assert!(error(nix::libc::EPERM).is_permission());
        assert!(error(nix::libc::EACCES).is_permission());
        assert!(!error(nix::libc::EAFNOSUPPORT).is_permission());
        assert_eq!(error(nix::libc::EPERM).errno(), Some(nix::libc::EPERM));
    }
}
