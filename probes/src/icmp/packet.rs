//! Echo requests and replies as bytes.
//!
//! ```text
//! 0        type (8 → 0 by RFC 792, 128 → 129 by RFC 4443)
//! 1        code, 0
//! 2..4     checksum (RFC 1071)
//! 4..6     identifier: one per socket
//! 6..8     sequence number: one per echo of a round
//! 8..16    serial: where the echo stands among those in flight; only a hint, everything is compared with what was sent
//! 16..32   token: random, one per echo; who did not see the request cannot answer it
//! ```
//! All numbers are big-endian. A raw IPv4 socket delivers the IP header in front; the others do not.

use std::{fmt, net::IpAddr};

use super::{
    counters::Refusal,
    quoted::{Quoted, error_kind, parse_error},
    token::Token,
};

/// Header, serial and token.
pub(super) const LENGTH: usize = 32;
/// The longest packet that is read: an ICMP error as routers may send it (RFC 1812 section 4.3.2.3). A reply of ours
/// takes at most 92 bytes.
pub(super) const LONGEST: usize = 576;

const REPLY_V4: u8 = 0;
const REQUEST_V4: u8 = 8;
const REQUEST_V6: u8 = 128;
const REPLY_V6: u8 = 129;
pub(super) const SHORTEST_IP_HEADER: usize = 20;

/// The address family of a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    /// The family that reaches `address`.
    pub(super) const fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::V4,
            IpAddr::V6(_) => Self::V6,
        }
    }

    pub(super) const fn reply(self) -> u8 {
        match self {
            Self::V4 => REPLY_V4,
            Self::V6 => REPLY_V6,
        }
    }

    pub(super) const fn request(self) -> u8 {
        match self {
            Self::V4 => REQUEST_V4,
            Self::V6 => REQUEST_V6,
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        })
    }
}

/// How a socket hands out what it received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wire {
    /// IP header in front, checksum not looked at by anyone yet.
    RawV4,
    /// ICMP alone, checksum already checked by the kernel.
    Bare(Family),
}

impl Wire {
    pub(super) const fn family(self) -> Family {
        match self {
            Self::RawV4 => Family::V4,
            Self::Bare(family) => family,
        }
    }
}

/// The fields that a reply returns as they were sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Echoed {
    pub(super) identifier: u16,
    pub(super) sequence: u16,
    pub(super) serial: u64,
    pub(super) token: Token,
}

/// An echo request. For IPv6 the kernel puts the true checksum, which covers addresses that only it knows.
pub(super) fn request(family: Family, echoed: &Echoed) -> [u8; LENGTH] {
    write(family.request(), echoed)
}

fn write(kind: u8, echoed: &Echoed) -> [u8; LENGTH] {
    let mut packet = [0; LENGTH];
    let fields: [&[u8]; 5] = [
        &[kind, 0, 0, 0],
        &echoed.identifier.to_be_bytes(),
        &echoed.sequence.to_be_bytes(),
        &echoed.serial.to_be_bytes(),
        &echoed.token,
    ];
    for (to, from) in packet.iter_mut().zip(fields.into_iter().flatten()) {
        *to = *from;
    }
    let [high, low] = checksum(&packet).to_be_bytes();
    packet[2] = high;
    packet[3] = low;
    packet
}

/// What a packet from outside is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Message {
    /// It has the form of a reply to a request of ours.
    Reply(Echoed),
    /// It quotes an echo request.
    Error(Quoted),
}

/// What a packet is, if it has the form of something that we wait for.
pub(super) fn parse(wire: Wire, bytes: &[u8]) -> Result<Message, Refusal> {
    let icmp = match wire {
        Wire::RawV4 => behind_ip_header(bytes).ok_or(Refusal::WrongLength)?,
        Wire::Bare(_) => bytes,
    };
    let (&kind, &code) = icmp.first().zip(icmp.get(1)).ok_or(Refusal::WrongLength)?;
    let kernel_checked = wire != Wire::RawV4;
    if let Some(kind) = error_kind(wire.family(), kind) {
        return parse_error(wire.family(), kind, icmp, kernel_checked).map(Message::Error);
    }
    if kind != wire.family().reply() || code != 0 {
        return Err(Refusal::NotAReply);
    }
    if icmp.len() != LENGTH {
        return Err(Refusal::WrongLength);
    }
    if !kernel_checked && checksum(icmp) != 0 {
        return Err(Refusal::BadChecksum);
    }
    echoed(icmp).map(Message::Reply).ok_or(Refusal::WrongLength)
}

fn behind_ip_header(bytes: &[u8]) -> Option<&[u8]> {
    let length = usize::from(bytes.first()? & 0x0f) * 4;
    if length < SHORTEST_IP_HEADER { None } else { bytes.get(length..) }
}

fn echoed(icmp: &[u8]) -> Option<Echoed> {
    let rest = icmp.get(4..)?;
    let (identifier, rest) = rest.split_first_chunk()?;
    let (sequence, rest) = rest.split_first_chunk()?;
    let (serial, rest) = rest.split_first_chunk()?;
    Some(Echoed {
        identifier: u16::from_be_bytes(*identifier),
        sequence: u16::from_be_bytes(*sequence),
        serial: u64::from_be_bytes(*serial),
        token: rest.try_into().ok()?,
    })
}

/// The Internet checksum of RFC 1071; over a packet that carries its own it is 0.
pub(super) fn checksum(bytes: &[u8]) -> u16 {
    let words = bytes.chunks(2).map(|pair| match *pair {
        [high, low] => u64::from(u16::from_be_bytes([high, low])),
        [high] => u64::from(u16::from_be_bytes([high, 0])),
        _ => 0,
    });
    let mut sum: u64 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

/// Packets as others would send them.
#[cfg(test)]
pub(super) mod crafted {
    use super::{Echoed, Family, LENGTH, write};

    /// The ICMP part of a true reply.
    pub(in super::super) fn reply(family: Family, echoed: &Echoed) -> [u8; LENGTH] {
        write(family.reply(), echoed)
    }

    /// The same behind an IPv4 header of so many bytes.
    pub(in super::super) fn behind_header(icmp: &[u8], header: usize) -> Vec<u8> {
        let mut packet = vec![0; header];
        packet[0] = 0x40 | u8::try_from(header / 4).expect("at most 60");
        packet.extend_from_slice(icmp);
        packet
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        crafted::{behind_header, reply},
        *,
    };

    const ECHOED: Echoed = Echoed { identifier: 0xbeef, sequence: 7, serial: 0x0102_0304, token: *b"0123456789abcdef" };

    #[test]
    fn checksums_of_rfc_1071() {
        // Section 3: the words 0001 f203 f4f5 f6f7 sum to ddf2.
        assert_eq!(checksum(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]), !0xddf2);
        // Its odd example: the last byte is the high half of a word.
        assert_eq!(checksum(&[0x00, 0x01, 0xf2]), !(0x0001_u16 + 0xf200));
        assert_eq!(checksum(&[]), 0xffff);
        assert_eq!(checksum(&[0xff; 65_536]), 0);
    }

    #[test]
    fn a_request_is_laid_out_as_documented() {
        let packet = request(Family::V4, &ECHOED);
        assert_eq!(packet[..2], [8, 0]);
        assert_eq!(packet[4..8], [0xbe, 0xef, 0, 7]);
        assert_eq!(packet[8..16], [0, 0, 0, 0, 1, 2, 3, 4]);
        assert_eq!(packet[16..], *b"0123456789abcdef");
        assert_eq!(checksum(&packet), 0);
        assert_eq!(request(Family::V6, &ECHOED)[0], 128);
    }

    #[test]
    fn replies_come_back_as_they_were_sent() {
        let v4 = reply(Family::V4, &ECHOED);
        assert_eq!(parse(Wire::RawV4, &behind_header(&v4, 20)), Ok(Message::Reply(ECHOED)));
        assert_eq!(parse(Wire::RawV4, &behind_header(&v4, 60)), Ok(Message::Reply(ECHOED)), "with IP options");
        assert_eq!(parse(Wire::Bare(Family::V4), &v4), Ok(Message::Reply(ECHOED)));
        assert_eq!(parse(Wire::Bare(Family::V6), &reply(Family::V6, &ECHOED)), Ok(Message::Reply(ECHOED)));
    }

    #[test]
    fn whatever_is_no_reply_is_named() {
        let v4 = reply(Family::V4, &ECHOED);
        let bare = Wire::Bare(Family::V4);
        assert_eq!(parse(bare, &request(Family::V4, &ECHOED)), Err(Refusal::NotAReply), "our own request");
        assert_eq!(
            parse(bare, &[3, 1, 0, 0, 0, 0, 0, 0]),
            Err(Refusal::ForeignError),
            "unreachable that quotes nothing"
        );
        assert_eq!(parse(Wire::Bare(Family::V6), &v4), Err(Refusal::NotAReply), "the other family");
        let mut with_code = v4;
        with_code[1] = 1;
        assert_eq!(parse(bare, &with_code), Err(Refusal::NotAReply));
        assert_eq!(parse(bare, &v4[..31]), Err(Refusal::WrongLength));
        assert_eq!(parse(bare, &[v4.as_slice(), &[0]].concat()), Err(Refusal::WrongLength));
        assert_eq!(parse(bare, &[]), Err(Refusal::WrongLength));
        assert_eq!(parse(Wire::RawV4, &[0x44; 52]), Err(Refusal::WrongLength), "IP header of 16 bytes");
        assert_eq!(parse(Wire::RawV4, &[0x4f; 40]), Err(Refusal::WrongLength), "IP header beyond the end");
    }

    #[test]
    fn any_flipped_bit_is_noticed_by_the_checksum() {
        let good = behind_header(&reply(Family::V4, &ECHOED), 20);
        for bit in 20 * 8..good.len() * 8 {
            let mut packet = good.clone();
            packet[bit / 8] ^= 1 << (bit % 8);
            assert!(parse(Wire::RawV4, &packet).is_err(), "bit {bit}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..128)) {
            for wire in [Wire::RawV4, Wire::Bare(Family::V4), Wire::Bare(Family::V6)] {
                if let Ok(Message::Reply(echoed)) = parse(wire, &bytes) {
                    prop_assert_ne!(echoed, ECHOED);
                }
            }
        }

        #[test]
        fn what_is_written_is_read(identifier: u16, sequence: u16, serial: u64, token: Token, options in 0_usize..=10) {
            let echoed = Echoed { identifier, sequence, serial, token };
            let packet = behind_header(&reply(Family::V4, &echoed), 20 + 4 * options);
            prop_assert_eq!(parse(Wire::RawV4, &packet), Ok(Message::Reply(echoed)));
        }
    }
}
