//! Reading many packets with one call.

use std::{
    io::{self, IoSliceMut},
    net::IpAddr,
    os::fd::AsRawFd,
};

use nix::sys::{
    socket::{ControlMessageOwned, MsgFlags, MultiHeaders, SockaddrStorage, recvmmsg},
    time::TimeSpec,
};

use super::{
    clock::{Reading, WallNanos},
    packet::LONGEST,
};

/// Packets one call receives.
pub(super) const BATCH: usize = 64;

/// A packet as it was received.
#[derive(Debug)]
pub(super) struct Received<'a> {
    pub(super) source: Option<IpAddr>,
    pub(super) bytes: &'a [u8],
    pub(super) stamp: Option<WallNanos>,
    pub(super) control_truncated: bool,
    pub(super) drained: Reading,
}

/// Where packets are read into: kept from call to call, because clearing 36 KB costs more than the call.
#[derive(Debug)]
pub(super) struct Inbox(Vec<[u8; LONGEST]>);

impl Default for Inbox {
    fn default() -> Self {
        Self(vec![[0; LONGEST]; BATCH])
    }
}

impl Inbox {
    /// Reads at most [`BATCH`] of the packets that wait; the answer is how many.
    pub(super) fn receive(
        &mut self,
        socket: &impl AsRawFd,
        handle: &mut impl FnMut(&Received<'_>),
    ) -> io::Result<usize> {
        let mut slices: Vec<_> = self.0.iter_mut().map(|buffer| [IoSliceMut::new(buffer)]).collect();
        // Fresh headers for each call: nix does not reset the length of control messages, and reused ones lose time stamps.
        let mut headers = MultiHeaders::<SockaddrStorage>::preallocate(BATCH, Some(nix::cmsg_space!(TimeSpec)));
        let received = recvmmsg(socket.as_raw_fd(), &mut headers, slices.iter_mut(), MsgFlags::MSG_DONTWAIT, None)?;
        let drained = Reading::now();
        let mut count = 0;
        for message in received {
            count += 1;
            let stamp = message.cmsgs().ok().and_then(|mut controls| controls.find_map(|control| stamp(&control)));
            handle(&Received {
                source: message.address.as_ref().and_then(ip_address),
                bytes: message.iovs().next().unwrap_or_default(),
                stamp,
                control_truncated: message.flags.contains(MsgFlags::MSG_CTRUNC),
                drained,
            });
        }
        Ok(count)
    }
}

pub(super) fn ip_address(address: &SockaddrStorage) -> Option<IpAddr> {
    let v4 = address.as_sockaddr_in().map(|address| IpAddr::V4(address.ip()));
    v4.or_else(|| address.as_sockaddr_in6().map(|address| IpAddr::V6(address.ip())))
}

fn stamp(control: &ControlMessageOwned) -> Option<WallNanos> {
    let ControlMessageOwned::ScmTimestampns(at) = control else { return None };
    Some(WallNanos(at.tv_sec().checked_mul(1_000_000_000)?.checked_add(at.tv_nsec())?))
}
