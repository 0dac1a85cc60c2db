//! ICMP errors on datagram sockets: the kernel has matched them to the socket by the quoted identifier and hands them out
//! by a queue of their own (`IP_RECVERR`, `IPV6_RECVERR`; ip(7)).

use std::{
    io::{self, IoSliceMut},
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    os::fd::AsRawFd,
};

use nix::{
    libc,
    sys::{
        socket::{
            ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt,
            sockopt::{Ipv4RecvErr, Ipv6RecvErr},
        },
        time::TimeSpec,
    },
};
use socket2::Socket;

use super::{
    counters::Refusal,
    inbox::ip_address,
    packet::{Family, LENGTH},
    quoted::{Quoted, error_kind, quoted_echo},
};

/// Asks the kernel to queue errors.
pub(super) fn open(socket: &Socket, family: Family) -> io::Result<()> {
    match family {
        Family::V4 => setsockopt(socket, Ipv4RecvErr, &true)?,
        Family::V6 => setsockopt(socket, Ipv6RecvErr, &true)?,
    }
    Ok(())
}

/// An error from the queue: the router and what it quotes; `Some(None)` for one that is not a router's.
type Queued = Option<(IpAddr, Result<Quoted, Refusal>)>;

/// The next error in the queue, if there is one.
pub(super) fn next(socket: &Socket, family: Family) -> Option<Queued> {
    let mut quote = [0; LENGTH];
    let mut parts = [IoSliceMut::new(&mut quote)];
    let mut controls = nix::cmsg_space!(TimeSpec, libc::sock_extended_err, libc::sockaddr_in6);
    let flags = MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT;
    let message = recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut parts, Some(&mut controls), flags).ok()?;
    let destination = message.address.as_ref().and_then(ip_address);
    let length = message.bytes;
    let told = message.cmsgs().ok().and_then(|mut controls| controls.find_map(|control| told(&control)));
    let (Some(destination), Some((router, kind, code))) = (destination, told) else { return Some(None) };
    let Some(kind) = error_kind(family, kind) else { return Some(None) };
    let quote = quote.get(..length).unwrap_or(&quote);
    Some(Some((router, quoted_echo(family, kind, code, destination, quote))))
}

/// Who sent the ICMP error, its type and its code; none for errors of our own kernel.
fn told(control: &ControlMessageOwned) -> Option<(IpAddr, u8, u8)> {
    if let ControlMessageOwned::Ipv4RecvErr(error, Some(offender)) = control {
        let router = Ipv4Addr::from(u32::from_be(offender.sin_addr.s_addr));
        return (error.ee_origin == libc::SO_EE_ORIGIN_ICMP).then_some((router.into(), error.ee_type, error.ee_code));
    }
    if let ControlMessageOwned::Ipv6RecvErr(error, Some(offender)) = control {
        let router = Ipv6Addr::from(offender.sin6_addr.s6_addr);
        return (error.ee_origin == libc::SO_EE_ORIGIN_ICMP6).then_some((router.into(), error.ee_type, error.ee_code));
    }
    None
}
