//! One non-blocking ICMP socket of one address family.

use std::{
    io::{self, IoSlice},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    os::fd::{AsFd, BorrowedFd},
    time::Duration,
};

use nix::sys::socket::{
    setsockopt,
    sockopt::{RcvBuf, RcvBufForce, ReceiveTimestampns},
};
use phusong_model::IcmpMode;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    net::{MMsgHdr, SendAncillaryBuffer, SendFlags, SocketAddrAny, sendmmsg},
};
use socket2::{Domain, Protocol, SockFilter, Socket, Type};

use super::{
    counters::Refusal,
    drops::{self, Drops},
    error::OpenError,
    error_queue,
    filter::{self, ReplyLoss},
    inbox::{BATCH, Inbox, Received},
    packet::{Family, LENGTH, Wire},
    quoted::Quoted,
};

/// Receive buffer in bytes. A queued reply costs about 0.8 KiB, so this holds some 5,000 replies (the kernel doubles it
/// for its own bookkeeping): what 100 ms of 50,000 replies a second need when our thread does not get a processor.
const RECEIVE_BUFFER: usize = 4 << 20;
/// Calls of one drain: 12,288 packets, more than the receive buffer holds, so that all that waited at its start is
/// read, and a flood keeps us from sending for some milliseconds only.
const MOST_BATCHES: usize = 192;

/// Calls to receive that ICMP errors may make fail in one drain: beyond it something else is wrong.
const MOST_TOLD: usize = 64;

/// Queued ICMP errors that are read in one turn: more than routers send in a tick, and not for ever.
const MOST_ERRORS: usize = 4096;

/// The two kinds of ICMP socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Raw,
    Datagram,
}

impl Kind {
    pub(super) const fn mode(self) -> IcmpMode {
        match self {
            Self::Raw => IcmpMode::Raw,
            Self::Datagram => IcmpMode::Datagram,
        }
    }
}

/// An ICMP socket, ready to send to many and to receive.
#[derive(Debug)]
pub(super) struct IcmpSocket {
    socket: Socket,
    family: Family,
    kind: Kind,
    identifier: u16,
    inode: u64,
}

impl IcmpSocket {
    pub(super) fn open(family: Family, kind: Kind) -> Result<Self, OpenError> {
        let (domain, protocol) = match family {
            Family::V4 => (Domain::IPV4, Protocol::ICMPV4),
            Family::V6 => (Domain::IPV6, Protocol::ICMPV6),
        };
        let class = match kind {
            Kind::Raw => Type::RAW,
            Kind::Datagram => Type::DGRAM,
        };
        let socket = Socket::new(domain, class.nonblocking(), Some(protocol)).map_err(|source| OpenError::Socket {
            family,
            mode: kind.mode(),
            source,
        })?;
        let setup = |operation| move |source| OpenError::Setup { family, operation, source };
        // Without CAP_NET_ADMIN the kernel caps the size at net.core.rmem_max, and doing with less is better than not probing.
        if setsockopt(&socket, RcvBufForce, &RECEIVE_BUFFER).is_err() {
            setsockopt(&socket, RcvBuf, &RECEIVE_BUFFER).map_err(io::Error::from).map_err(setup("size the buffer"))?;
        }
        setsockopt(&socket, ReceiveTimestampns, &true)
            .map_err(io::Error::from)
            .map_err(setup("ask for time stamps"))?;
        if kind == Kind::Datagram {
            error_queue::open(&socket, family).map_err(setup("ask for ICMP errors"))?;
        }
        let identifier = match kind {
            Kind::Raw => random_identifier()?,
            Kind::Datagram => bound_identifier(&socket, family).map_err(setup("find the identifier"))?,
        };
        let inode = rustix::fs::fstat(&socket).map_err(io::Error::from).map_err(setup("find the inode"))?.st_ino;
        let opened = Self { socket, family, kind, identifier, inode };
        opened.filter(&[], &[]).map_err(setup("set the filter"))?;
        // What came in before the filter is not ours, and there were no echoes yet.
        opened.receive(&mut Inbox::default(), |_| ()).map_err(setup("empty the queue"))?;
        Ok(opened)
    }

    pub(super) const fn identifier(&self) -> u16 {
        self.identifier
    }

    pub(super) const fn wire(&self) -> Wire {
        match (self.kind, self.family) {
            (Kind::Raw, Family::V4) => Wire::RawV4,
            (Kind::Raw | Kind::Datagram, family) => Wire::Bare(family),
        }
    }

    /// Sets the receive filter, in one step: at no time can a packet pass that neither the old nor the new one lets through.
    pub(super) fn filter(&self, shut_out: &[IpAddr], rules: &[ReplyLoss]) -> io::Result<()> {
        let identifier = match self.kind {
            Kind::Raw => Some(self.identifier),
            Kind::Datagram => None,
        };
        let program: Vec<SockFilter> = filter::program(self.wire(), identifier, shut_out, rules)?
            .into_iter()
            .map(|step| SockFilter::new(step.code, step.jump_true, step.jump_false, step.value))
            .collect();
        self.socket.attach_filter(&program)
    }

    pub(super) const fn family(&self) -> Family {
        self.family
    }

    /// What the kernel counts at this socket.
    pub(super) fn drops(&self) -> io::Result<Drops> {
        drops::read(self.family, self.kind, self.inode)
    }

    /// Hands packets to the kernel in one call; the answer is how many of them, from the first on, it took.
    pub(super) fn send<'a>(&self, packets: impl Iterator<Item = (IpAddr, &'a [u8; LENGTH])>) -> io::Result<usize> {
        let (addresses, payloads): (Vec<_>, Vec<_>) = packets
            .map(|(address, packet)| (SocketAddrAny::from(SocketAddr::new(address, 0)), [IoSlice::new(packet)]))
            .unzip();
        let mut controls: Vec<_> = addresses.iter().map(|_| SendAncillaryBuffer::default()).collect();
        let mut messages: Vec<_> = addresses
            .iter()
            .zip(&payloads)
            .zip(&mut controls)
            .map(|((address, payload), control)| MMsgHdr::new_with_addr(address, payload, control))
            .collect();
        Ok(sendmmsg(&self.socket, &mut messages, SendFlags::DONTWAIT)?)
    }

    /// Waits until the socket takes packets again, at most so long.
    pub(super) fn wait_writable(&self, longest: Duration) {
        wait([self.socket.as_fd()], PollFlags::OUT, longest);
    }

    /// Reads everything that waits.
    pub(super) fn receive(&self, inbox: &mut Inbox, mut handle: impl FnMut(&Received<'_>)) -> io::Result<()> {
        let mut told = 0;
        for _ in 0..MOST_BATCHES {
            match inbox.receive(&self.socket, &mut handle) {
                Ok(count) if count < BATCH => return Ok(()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // What a router says of an echo is told by the next call too, once; it waits in the error queue as well.
                Err(_) if self.has_error_queue() && told < MOST_TOLD => told += 1,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads all ICMP errors that the kernel has queued for a datagram socket; raw ones get them as packets.
    pub(super) fn receive_errors(&self, mut handle: impl FnMut(Option<(IpAddr, Result<Quoted, Refusal>)>)) {
        if self.has_error_queue() {
            for _ in 0..MOST_ERRORS {
                let Some(queued) = error_queue::next(&self.socket, self.family) else { return };
                handle(queued);
            }
        }
    }

    /// Whether errors that routers send come by a queue of their own and make the next call fail.
    pub(super) const fn has_error_queue(&self) -> bool {
        matches!(self.kind, Kind::Datagram)
    }
}

impl AsFd for IcmpSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// Waits until one of the sockets has something to read, at most so long.
pub(super) fn wait_readable<'a>(sockets: impl IntoIterator<Item = &'a IcmpSocket>, longest: Duration) {
    wait(sockets.into_iter().map(AsFd::as_fd), PollFlags::IN, longest);
}

fn wait<'a>(sockets: impl IntoIterator<Item = BorrowedFd<'a>>, event: PollFlags, longest: Duration) {
    let mut polled: Vec<_> = sockets.into_iter().map(|socket| PollFd::from_borrowed_fd(socket, event)).collect();
    // Both outcomes lead to the next look at socket and clock, an interrupted wait too.
    let _ = poll(&mut polled, Timespec::try_from(longest).ok().as_ref());
}

fn random_identifier() -> Result<u16, OpenError> {
    getrandom::u32().map(|number| number as u16).map_err(|error| OpenError::Random(error.into()))
}

/// The kernel gives a datagram socket its identifier, where others have a port.
fn bound_identifier(socket: &Socket, family: Family) -> io::Result<u16> {
    let any: IpAddr = match family {
        Family::V4 => Ipv4Addr::UNSPECIFIED.into(),
        Family::V6 => Ipv6Addr::UNSPECIFIED.into(),
    };
    socket.bind(&SocketAddr::new(any, 0).into())?;
    let bound = socket.local_addr()?.as_socket().ok_or(io::ErrorKind::AddrNotAvailable)?;
    Ok(bound.port())
}
