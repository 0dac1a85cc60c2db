//! The prober: its sockets, and what outlives a round.

use std::{io, net::IpAddr};

use phusong_model::IcmpMode;

use super::{
    error::OpenError,
    filter::ReplyLoss,
    flights::{Flights, MOST_IN_FLIGHT},
    inbox::Inbox,
    packet::Family,
    round::{Round, RoundReport},
    schedule::RoundPlan,
    socket::{IcmpSocket, Kind},
    token::TokenKey,
};

/// The sockets of both families; at least one is there.
#[derive(Debug)]
pub(super) struct Sockets {
    pub(super) v4: Option<IcmpSocket>,
    pub(super) v6: Option<IcmpSocket>,
}

impl Sockets {
    fn open(kind: Kind) -> Result<Self, OpenError> {
        match (IcmpSocket::open(Family::V4, kind), IcmpSocket::open(Family::V6, kind)) {
            (Err(error), Err(_)) => Err(error),
            (v4, v6) => Ok(Self { v4: keep(v4), v6: keep(v6) }),
        }
    }

    pub(super) const fn of(&self, family: Family) -> Option<&IcmpSocket> {
        match family {
            Family::V4 => self.v4.as_ref(),
            Family::V6 => self.v6.as_ref(),
        }
    }
}

/// A machine without one family still looks at the targets of the other; those of the missing one are never sent to.
fn keep(opened: Result<IcmpSocket, OpenError>) -> Option<IcmpSocket> {
    opened.inspect_err(|error| tracing::info!(%error, "one address family cannot be pinged")).ok()
}

/// Sends ICMP echoes and receives the replies, on the thread of the caller.
#[derive(Debug)]
pub struct Prober {
    sockets: Sockets,
    kind: Kind,
    flights: Flights,
    inbox: Inbox,
    /// What the demo makes disappear from IPv4.
    losses: Vec<ReplyLoss>,
    next_sequence: u16,
}

impl Prober {
    /// Opens one socket per address family: raw ones where CAP_NET_RAW is held, else datagram ones where
    /// `net.ipv4.ping_group_range` includes our group.
    pub fn open() -> Result<Self, OpenError> {
        Self::open_kind(Kind::Raw).or_else(|raw| {
            Self::open_kind(Kind::Datagram)
                .map_err(|datagram| OpenError::Refused { raw: raw.into_answer(), datagram: datagram.into_answer() })
        })
    }

    /// Opens sockets of the kind that is asked for, and no other.
    pub fn open_as(mode: IcmpMode) -> Result<Self, OpenError> {
        match mode {
            IcmpMode::Raw => Self::open_kind(Kind::Raw),
            IcmpMode::Datagram => Self::open_kind(Kind::Datagram),
            IcmpMode::None => Err(OpenError::NoMode),
        }
    }

    fn open_kind(kind: Kind) -> Result<Self, OpenError> {
        let sockets = Sockets::open(kind)?;
        let start = getrandom::u32().map_err(|error| OpenError::Random(error.into()))?;
        let key = TokenKey::random().map_err(|error| OpenError::Random(error.into()))?;
        let flights = Flights::at_most(MOST_IN_FLIGHT, key);
        Ok(Self { sockets, kind, flights, inbox: Inbox::default(), losses: Vec::new(), next_sequence: start as u16 })
    }

    /// The kind of socket in use.
    #[must_use]
    pub const fn mode(&self) -> IcmpMode {
        self.kind.mode()
    }

    /// Sends every planned echo to every target and waits until each was answered or its time was up. Blocks; it takes
    /// about the spread, all spacings and, when something is lost, one time-out.
    pub fn round(&mut self, targets: &[IpAddr], plan: &RoundPlan) -> RoundReport {
        let first_sequence = self.next_sequence;
        // Every round has sequence numbers of its own, and so has every echo of a target within a round: none comes
        // again before 65,536 others, far beyond any time-out.
        self.next_sequence = first_sequence.wrapping_add(plan.echoes);
        self.flights.begin_round(first_sequence);
        let Self { sockets, flights, inbox, losses, .. } = self;
        Round::new(sockets, flights, inbox, losses, targets, plan).run()
    }

    /// For the demo only: from now on the kernel drops replies as the rules say, besides whatever is not ours. Empty
    /// rules restore the plain filter. At most about 2,000 rules of whole loss, or 800 of a share; on an error the old
    /// filter stays.
    pub fn filter_replies(&mut self, rules: &[ReplyLoss]) -> io::Result<()> {
        match (&self.sockets.v4, rules) {
            (Some(socket), _) => socket.filter(&[], rules)?,
            (None, []) => {}
            (None, _) => return Err(io::Error::new(io::ErrorKind::Unsupported, "there is no IPv4 socket to filter")),
        }
        self.losses = rules.to_vec();
        Ok(())
    }
}

#[cfg(test)]
impl Prober {
    pub(super) fn sockets(&self) -> &Sockets {
        &self.sockets
    }

    pub(super) fn limit_flights(&mut self, most: usize) {
        self.flights = Flights::at_most(most, TokenKey::random().expect("random numbers"));
    }
}
