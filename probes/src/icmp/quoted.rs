//! ICMP errors: what a router quotes of an echo of ours when it could not pass it on.
//!
//! An error is a hint with a name on it. It is never a reply, and its absence means nothing: routers send few of them
//! (Linux one a second and target by default). RFC 792 lets a router quote no more than the IP header and 8 bytes, which
//! hold identifier and sequence but not the token, so a quote may be one of the whole echo or of its head.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use phusong_model::IcmpErrorKind;

use super::{
    counters::Refusal,
    packet::{Family, SHORTEST_IP_HEADER, checksum},
    token::Token,
};

/// ICMP header in front of the quote.
const ERROR_HEADER: usize = 8;
/// Fixed header of IPv6; an echo of ours has no extension headers.
const IPV6_HEADER: usize = 40;
const PROTOCOL_ICMP: u8 = 1;
const NEXT_HEADER_ICMPV6: u8 = 58;

/// An ICMP error with the echo request it quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quoted {
    pub(super) kind: IcmpErrorKind,
    pub(super) code: u8,
    /// Where the echo was going.
    pub(super) destination: IpAddr,
    pub(super) identifier: u16,
    pub(super) sequence: u16,
    /// Serial and token, when so much was quoted.
    pub(super) proof: Option<(u64, Token)>,
}

/// Which error message this type is, if it is one.
pub(super) const fn error_kind(family: Family, kind: u8) -> Option<IcmpErrorKind> {
    match (family, kind) {
        (Family::V4, 3) | (Family::V6, 1) => Some(IcmpErrorKind::Unreachable),
        (Family::V6, 2) => Some(IcmpErrorKind::PacketTooBig),
        (Family::V4, 11) | (Family::V6, 3) => Some(IcmpErrorKind::TimeExceeded),
        (Family::V4, 12) | (Family::V6, 4) => Some(IcmpErrorKind::ParameterProblem),
        (Family::V4 | Family::V6, _) => None,
    }
}

/// The echo that an ICMP error quotes. `icmp` begins with the error's own header; its checksum is looked at where the
/// kernel has not.
pub(super) fn parse_error(
    family: Family,
    kind: IcmpErrorKind,
    icmp: &[u8],
    kernel_checked: bool,
) -> Result<Quoted, Refusal> {
    if !kernel_checked && checksum(icmp) != 0 {
        return Err(Refusal::BadChecksum);
    }
    let code = *icmp.get(1).ok_or(Refusal::WrongLength)?;
    let inner = icmp.get(ERROR_HEADER..).ok_or(Refusal::WrongLength)?;
    let (destination, echo) = match family {
        Family::V4 => inner_v4(inner),
        Family::V6 => inner_v6(inner),
    }
    .ok_or(Refusal::ForeignError)?;
    quoted_echo(family, kind, code, destination, echo)
}

/// The echo that a quote from its ICMP header on is of: what the kernel hands out with an error on a datagram socket.
pub(super) fn quoted_echo(
    family: Family,
    kind: IcmpErrorKind,
    code: u8,
    destination: IpAddr,
    echo: &[u8],
) -> Result<Quoted, Refusal> {
    let (head, rest) = echo.split_first_chunk::<8>().ok_or(Refusal::ForeignError)?;
    let [request, 0, _, _, identifier @ .., s1, s0] = *head else { return Err(Refusal::ForeignError) };
    if request != family.request() {
        return Err(Refusal::ForeignError);
    }
    let proof = rest
        .split_first_chunk::<8>()
        .and_then(|(serial, rest)| Some((u64::from_be_bytes(*serial), *rest.first_chunk::<16>()?)));
    Ok(Quoted {
        kind,
        code,
        destination,
        identifier: u16::from_be_bytes(identifier),
        sequence: u16::from_be_bytes([s1, s0]),
        proof,
    })
}

/// Destination and payload of a quoted IPv4 packet; none unless it is the beginning of an ICMP one.
fn inner_v4(inner: &[u8]) -> Option<(IpAddr, &[u8])> {
    let version_and_length = *inner.first()?;
    let header = usize::from(version_and_length & 0x0f) * 4;
    let fragment_offset = u16::from_be_bytes([*inner.get(6)?, *inner.get(7)?]) & 0x1fff;
    let ours = version_and_length >> 4 == 4
        && header >= SHORTEST_IP_HEADER
        && *inner.get(9)? == PROTOCOL_ICMP
        && fragment_offset == 0;
    let destination = inner.get(16..)?.first_chunk::<4>()?;
    ours.then_some((Ipv4Addr::from(*destination).into(), inner.get(header..)?))
}

/// Destination and payload of a quoted IPv6 packet; none unless it is the beginning of an ICMPv6 one.
fn inner_v6(inner: &[u8]) -> Option<(IpAddr, &[u8])> {
    let ours = *inner.first()? >> 4 == 6 && *inner.get(6)? == NEXT_HEADER_ICMPV6;
    let destination = inner.get(24..)?.first_chunk::<16>()?;
    ours.then_some((Ipv6Addr::from(*destination).into(), inner.get(IPV6_HEADER..)?))
}

/// Errors as a router would send them.
#[cfg(test)]
pub(super) mod crafted {
    use super::{Family, IpAddr, checksum};

    /// An error of this type and code that quotes so many bytes of an echo request to this destination.
    pub(in super::super) fn error(kind: u8, code: u8, destination: IpAddr, echo: &[u8]) -> Vec<u8> {
        let mut packet = vec![kind, code, 0, 0, 0, 0, 0, 0];
        match destination {
            IpAddr::V4(to) => {
                packet.extend([0x45, 0, 0, 52, 0, 0, 0x40, 0, 1, 1, 0, 0, 127, 0, 0, 1]);
                packet.extend(to.octets());
            }
            IpAddr::V6(to) => {
                packet.extend([0x60, 0, 0, 0, 0, 32, 58, 1]);
                packet.extend([0; 16]);
                packet.extend(to.octets());
            }
        }
        packet.extend(echo);
        if Family::of(destination) == Family::V4 {
            let [high, low] = checksum(&packet).to_be_bytes();
            packet[2] = high;
            packet[3] = low;
        }
        packet
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::packet::{Echoed, request},
        crafted::error,
        *,
    };

    const ECHOED: Echoed = Echoed { identifier: 0xbeef, sequence: 7, serial: 0x0102_0304, token: *b"0123456789abcdef" };

    fn v4() -> IpAddr {
        [192, 0, 2, 9].into()
    }

    fn parse(family: Family, packet: &[u8]) -> Result<Quoted, Refusal> {
        let kind = error_kind(family, packet[0]).expect("an error message");
        parse_error(family, kind, packet, family == Family::V6)
    }

    #[test]
    fn a_whole_quote_is_read_in_both_families() {
        for (family, kind, to) in [(Family::V4, 3, v4()), (Family::V6, 1, "2001:db8::9".parse().expect("an address"))] {
            let quoted = parse(family, &error(kind, 1, to, &request(family, &ECHOED)));
            let expected = Quoted {
                kind: IcmpErrorKind::Unreachable,
                code: 1,
                destination: to,
                identifier: ECHOED.identifier,
                sequence: ECHOED.sequence,
                proof: Some((ECHOED.serial, ECHOED.token)),
            };
            assert_eq!(quoted, Ok(expected), "{family}");
        }
    }

    #[test]
    fn a_quote_of_eight_bytes_proves_less() {
        let echo = request(Family::V4, &ECHOED);
        let quoted = parse(Family::V4, &error(11, 0, v4(), &echo[..8])).expect("an error");
        assert_eq!((quoted.kind, quoted.sequence, quoted.proof), (IcmpErrorKind::TimeExceeded, 7, None));
        assert_eq!(parse(Family::V4, &error(11, 0, v4(), &echo[..7])), Err(Refusal::ForeignError));
    }

    #[test]
    fn what_quotes_no_echo_request_is_foreign() {
        let echo = request(Family::V4, &ECHOED);
        let changed = |place: usize, to: u8| {
            let mut inner = error(3, 1, v4(), &echo);
            inner[place] = to;
            inner[2..4].copy_from_slice(&[0, 0]);
            let [high, low] = checksum(&inner).to_be_bytes();
            inner[2..4].copy_from_slice(&[high, low]);
            parse(Family::V4, &inner)
        };
        assert!(changed(0, 3).is_ok(), "nothing changed");
        for (place, to, what) in [
            (8, 0x65, "IPv6 in an IPv4 error"),
            (8, 0x44, "an IP header of 16 bytes"),
            (8, 0x4f, "an IP header beyond the end"),
            (15, 3, "a later fragment"),
            (17, 17, "UDP"),
            (28, 0, "an echo reply"),
            (29, 1, "a request with a code"),
        ] {
            assert_eq!(changed(place, to), Err(Refusal::ForeignError), "{what}");
        }
        let mut broken = error(3, 1, v4(), &echo);
        broken[20] ^= 1;
        assert_eq!(parse(Family::V4, &broken), Err(Refusal::BadChecksum));
    }

    proptest! {
        #[test]
        fn arbitrary_quotes_never_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..140), kind: u8) {
            if let Some(first) = bytes.first_mut() {
                *first = kind;
            }
            for family in [Family::V4, Family::V6] {
                if let Some(kind) = error_kind(family, kind) {
                    let quoted = parse_error(family, kind, &bytes, true);
                    prop_assert!(quoted.is_err() || bytes.len() >= 8 + 20 + 8);
                }
            }
        }
    }
}
