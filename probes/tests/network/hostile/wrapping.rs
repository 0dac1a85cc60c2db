//! IP packets that are odd around a true reply.

use std::net::{IpAddr, Ipv4Addr};

use super::stage::{Case, V4};
use crate::{
    craft::{self, Request, V4 as Header},
    peer::Sent,
};

const MORE_FRAGMENTS: u16 = 0x2000;

/// The ICMP packet of the true reply, sealed.
fn reply(request: &Request) -> Vec<u8> {
    craft::sealed(request.to, request.from, request.reply())
}

fn v4(address: IpAddr) -> Ipv4Addr {
    match address {
        IpAddr::V4(address) => address,
        IpAddr::V6(address) => panic!("{address} in an IPv4 case"),
    }
}

/// The true reply behind an odd header.
fn wrapped(request: &Request, odd: Header<'_>) -> Vec<Sent> {
    let header = Header { from: v4(request.to), to: v4(request.from), ..odd };
    vec![Sent::now(header.around(&reply(request)))]
}

/// The true reply in two parts of so many bytes at these places, in units of eight bytes.
fn parts(request: &Request, parts: [(u16, usize); 2]) -> Vec<Sent> {
    let reply = reply(request);
    let [(first, first_length), (second, second_length)] = parts;
    let part = |offset: u16, length: usize, more: u16| {
        let start = usize::from(offset) * 8;
        let fragment = offset | more;
        let header = Header { from: v4(request.to), to: v4(request.from), fragment, ..Header::default() };
        Sent::now(header.around(&reply[start..start + length]))
    };
    vec![part(first, first_length, MORE_FRAGMENTS), part(second, second_length, 0)]
}

fn from(request: &Request, source: [u8; 4]) -> Vec<Sent> {
    let header = Header { from: source.into(), to: v4(request.from), ..Header::default() };
    vec![Sent::now(header.around(&reply(request)))]
}

fn to(request: &Request, destination: [u8; 4]) -> Vec<Sent> {
    let header = Header { from: v4(request.to), to: destination.into(), ..Header::default() };
    vec![Sent::now(header.around(&reply(request)))]
}

pub const CASES: &[Case] = &[
    Case::new("puts 40 bytes of IP options in front", V4, |_, request| {
        wrapped(request, Header { options: &[1; 40], ..Header::default() })
    })
    .up(),
    Case::new("puts a broken IP option in front", V4, |_, request| {
        // Record route, longer than the header.
        wrapped(request, Header { options: &[7, 200, 4, 0], ..Header::default() })
    }),
    Case::new("answers with a time to live of 1", V4, |_, request| {
        wrapped(request, Header { time_to_live: 1, ..Header::default() })
    })
    .up(),
    Case::new("claims to be longer than it is", V4, |_, request| {
        wrapped(request, Header { length_lie: 100, ..Header::default() })
    }),
    Case::new("claims to be shorter than it is", V4, |_, request| {
        wrapped(request, Header { length_lie: -8, ..Header::default() })
    })
    .told_by_raw("wrong_length", |counters| counters.wrong_length),
    Case::new("claims to be shorter than its header", V4, |_, request| {
        wrapped(request, Header { length_lie: -40, ..Header::default() })
    }),
    Case::new("adds what is no part of the packet", V4, |_, request| {
        let mut packet = request.answer();
        packet.extend([0xaa; 6]);
        vec![Sent::now(packet)]
    })
    .up(),
    Case::new("breaks the IP checksum", V4, |_, request| {
        let mut packet = request.answer();
        packet[10] ^= 0xff;
        vec![Sent::now(packet)]
    }),
    Case::new("says that it is UDP", V4, |_, request| wrapped(request, Header { protocol: 17, ..Header::default() })),
    Case::new("answers in two fragments", V4, |_, request| parts(request, [(0, 16), (2, 16)])).up(),
    Case::new("answers in two fragments, last one first", V4, |_, request| {
        let mut parts = parts(request, [(0, 16), (2, 16)]);
        parts.reverse();
        parts
    })
    .up(),
    Case::new("answers in fragments that overlap", V4, |_, request| parts(request, [(0, 24), (2, 16)])),
    Case::new("keeps the second fragment back", V4, |_, request| {
        parts(request, [(0, 16), (2, 16)]).into_iter().take(1).collect()
    }),
    Case::new("answers from everybody's address", V4, |_, request| from(request, [255; 4])),
    Case::new("answers from its network's broadcast address", V4, |_, request| from(request, [10, 78, 0, 255]))
        .told("foreign_source", |counters| counters.foreign_source),
    Case::new("answers from a multicast group", V4, |_, request| from(request, [224, 0, 0, 1])),
    Case::new("answers from nobody's address", V4, |_, request| from(request, [0; 4])),
    Case::new("answers from our loopback", V4, |_, request| from(request, [127, 0, 0, 1])),
    Case::new("answers to somebody else", V4, |_, request| to(request, [10, 78, 0, 99])),
];
