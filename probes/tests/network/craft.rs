//! Packets as anybody may send them, whole from the IP header on. Written apart from the engine's own code, so that one
//! mistake cannot hide in both.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const ICMP: u8 = 1;
const ICMP_V6: u8 = 58;
pub const HEADER_V4: usize = 20;
pub const HEADER_V6: usize = 40;

/// An echo request as it came to the peer.
#[derive(Debug, Clone)]
pub struct Request {
    pub from: IpAddr,
    pub to: IpAddr,
    /// The ICMP packet.
    pub icmp: Vec<u8>,
    /// All of it, for errors that quote it.
    pub packet: Vec<u8>,
}

impl Request {
    /// The echo request in an IP packet; none when it is anything else.
    pub fn parse(packet: &[u8]) -> Option<Self> {
        let (from, to, icmp): (IpAddr, IpAddr, &[u8]) = match packet.first()? >> 4 {
            4 if packet[9] == ICMP => {
                let header = usize::from(packet[0] & 15) * 4;
                (v4_at(packet, 12).into(), v4_at(packet, 16).into(), &packet[header..])
            }
            6 if packet[6] == ICMP_V6 => (v6_at(packet, 8).into(), v6_at(packet, 24).into(), &packet[HEADER_V6..]),
            _ => return None,
        };
        let is_request = icmp.first() == Some(&if to.is_ipv4() { 8 } else { 128 });
        is_request.then(|| Self { from, to, icmp: icmp.to_vec(), packet: packet.to_vec() })
    }

    /// The ICMP packet of the true reply; its checksum is put when it is sent.
    pub fn reply(&self) -> Vec<u8> {
        let mut reply = self.icmp.clone();
        reply[0] = if self.to.is_ipv4() { 0 } else { 129 };
        reply
    }

    /// The packet of the true reply.
    pub fn answer(&self) -> Vec<u8> {
        packet(self.to, self.from, &sealed(self.to, self.from, self.reply()))
    }
}

fn v4_at(packet: &[u8], place: usize) -> Ipv4Addr {
    Ipv4Addr::from(<[u8; 4]>::try_from(&packet[place..place + 4]).expect("four bytes"))
}

fn v6_at(packet: &[u8], place: usize) -> Ipv6Addr {
    Ipv6Addr::from(<[u8; 16]>::try_from(&packet[place..place + 16]).expect("sixteen bytes"))
}

/// The ICMP packet with the checksum that it needs between these addresses.
pub fn sealed(from: IpAddr, to: IpAddr, mut icmp: Vec<u8>) -> Vec<u8> {
    icmp[2..4].fill(0);
    // RFC 4443 section 2.3: the checksum of ICMPv6 covers a pseudo-header.
    let pseudo = match (from, to) {
        (IpAddr::V6(from), IpAddr::V6(to)) => {
            let length = u32::try_from(icmp.len()).expect("short").to_be_bytes();
            [&from.octets()[..], &to.octets(), &length, &[0, 0, 0, ICMP_V6]].concat()
        }
        _ => Vec::new(),
    };
    let sum = checksum(&[pseudo, icmp.clone()].concat());
    icmp[2..4].copy_from_slice(&sum);
    icmp
}

/// An IP packet around an ICMP packet.
pub fn packet(from: IpAddr, to: IpAddr, icmp: &[u8]) -> Vec<u8> {
    match (from, to) {
        (IpAddr::V4(from), IpAddr::V4(to)) => V4 { from, to, ..V4::default() }.around(icmp),
        (IpAddr::V6(from), IpAddr::V6(to)) => {
            let length = u16::try_from(icmp.len()).expect("short").to_be_bytes();
            let head = [0x60, 0, 0, 0, length[0], length[1], ICMP_V6, 64];
            [&head[..], &from.octets(), &to.octets(), icmp].concat()
        }
        _ => panic!("{from} and {to} are of two families"),
    }
}

/// An IPv4 header, with what may be wrong about it.
#[derive(Clone, Copy)]
pub struct V4<'a> {
    pub from: Ipv4Addr,
    pub to: Ipv4Addr,
    pub time_to_live: u8,
    pub protocol: u8,
    /// Flags and offset, as they stand in the header.
    pub fragment: u16,
    /// Added to the true total length.
    pub length_lie: i16,
    /// A multiple of four bytes.
    pub options: &'a [u8],
}

impl Default for V4<'_> {
    fn default() -> Self {
        let nobody = Ipv4Addr::UNSPECIFIED;
        Self { from: nobody, to: nobody, time_to_live: 64, protocol: ICMP, fragment: 0, length_lie: 0, options: &[] }
    }
}

impl V4<'_> {
    pub fn around(&self, content: &[u8]) -> Vec<u8> {
        let header = HEADER_V4 + self.options.len();
        let length = i16::try_from(header + content.len()).expect("short") + self.length_lie;
        let [length_high, length_low] = length.to_be_bytes();
        let [fragment_high, fragment_low] = self.fragment.to_be_bytes();
        let words = 0x40 | u8::try_from(header / 4).expect("at most 15 words");
        let head = [words, 0, length_high, length_low, 0x12, 0x34, fragment_high, fragment_low];
        let rest = [self.time_to_live, self.protocol, 0, 0];
        let mut head = [&head[..], &rest, &self.from.octets(), &self.to.octets(), self.options].concat();
        let sum = checksum(&head);
        head[10..12].copy_from_slice(&sum);
        [head.as_slice(), content].concat()
    }
}

/// RFC 1071, the slow and obvious way.
fn checksum(bytes: &[u8]) -> [u8; 2] {
    let mut sum = 0_u32;
    for pair in bytes.chunks(2) {
        sum += u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0));
        sum = (sum & 0xffff) + (sum >> 16);
    }
    (!u16::try_from(sum).expect("folded")).to_be_bytes()
}

#[test]
fn crafted_packets_carry_true_checksums() {
    let (from, to) = (IpAddr::from([10, 77, 0, 1]), IpAddr::from([10, 78, 0, 1]));
    let whole = packet(from, to, &sealed(from, to, vec![0, 0, 9, 9, 1, 2, 3, 4, 5]));
    assert_eq!(checksum(&whole[..HEADER_V4]), [0, 0], "the header");
    assert_eq!(checksum(&whole[HEADER_V4..]), [0, 0], "the ICMP packet");
    assert_eq!(whole.len(), usize::from(u16::from_be_bytes([whole[2], whole[3]])));
}
