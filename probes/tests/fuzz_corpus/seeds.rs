//! Seeds that are made: those of the ICMP targets, one for each branch that bytes can take.

use siphasher::sip128::SipHasher24;

use crate::messages;

/// The secret and the identifier of `probes/src/icmp/fuzzing.rs`.
const SECRET: [u8; 16] = *b"known to fuzzers";
const IDENTIFIER: [u8; 2] = [0xbe, 0xef];
/// Its first sequence number.
const FIRST: [u8; 2] = [0xff, 0xff];

pub type Seed = (&'static str, &'static str, Vec<u8>);

/// Every seed: target, file name, bytes.
pub fn all() -> Vec<Seed> {
    [packets(), errors(), flights(), messages::answers(), messages::traps()].concat()
}

/// An echo with the token of its serial.
fn echo(kind: u8, sequence: [u8; 2], serial: u64) -> Vec<u8> {
    let token = SipHasher24::new_with_key(&SECRET).hash(&serial.to_be_bytes()).as_bytes();
    sealed([&[kind, 0, 0, 0], &IDENTIFIER[..], &sequence, &serial.to_be_bytes(), &token].concat())
}

fn sealed(mut icmp: Vec<u8>) -> Vec<u8> {
    icmp[2..4].fill(0);
    let mut sum: u32 = icmp.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0))).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    let sum = (!u16::try_from(sum).expect("folded")).to_be_bytes();
    icmp[2..4].copy_from_slice(&sum);
    icmp
}

fn behind_v4(icmp: &[u8], options: usize) -> Vec<u8> {
    let header = 20 + options;
    let length = u8::try_from(header + icmp.len()).expect("short");
    let words = 0x40 | u8::try_from(header / 4).expect("at most 15");
    let head = [words, 0, 0, length, 0, 0, 0, 0, 64, 1, 0, 0, 192, 0, 2, 1, 192, 0, 2, 254];
    [&head[..], &vec![1; options], icmp].concat()
}

/// An error that quotes an IPv4 packet to one of the round's targets.
fn error_v4(kind: u8, code: u8, last: u8, options: usize, echo: &[u8]) -> Vec<u8> {
    let mut quoted = behind_v4(echo, options);
    quoted[12..20].copy_from_slice(&[192, 0, 2, 254, 192, 0, 2, last]);
    sealed([&[kind, code, 0, 0, 0, 0, 0, 0], &quoted[..]].concat())
}

fn error_v6(kind: u8, code: u8, echo: &[u8]) -> Vec<u8> {
    let target = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    let quoted = [&[0x60, 0, 0, 0, 0, 32, 58, 64], &[0; 16][..], &target, echo].concat();
    [&[kind, code, 0, 0, 0, 0, 0, 0], &quoted[..]].concat()
}

fn packets() -> Vec<Seed> {
    let reply = echo(0, FIRST, 7);
    let mut broken = behind_v4(&reply, 0);
    broken[40] ^= 1;
    let request = echo(8, FIRST, 0);
    [
        ("reply-v4", reply.clone()),
        ("reply-v6", echo(129, FIRST, 7)),
        ("reply-raw", behind_v4(&reply, 0)),
        ("reply-raw-40-bytes-of-options", behind_v4(&reply, 40)),
        ("reply-bad-checksum", broken),
        ("reply-short", reply[..31].to_vec()),
        ("reply-long", [&reply[..], &[0]].concat()),
        ("reply-with-code", sealed([&[0, 1], &reply[2..]].concat())),
        ("request", request.clone()),
        ("empty", Vec::new()),
        ("header-of-16-bytes", vec![0x44; 52]),
        ("header-beyond-the-end", vec![0x4f; 40]),
        ("unreachable-raw", behind_v4(&error_v4(3, 1, 1, 0, &request), 0)),
        ("unreachable-quotes-8-bytes", behind_v4(&error_v4(3, 3, 1, 0, &request[..8]), 0)),
        ("unreachable-quotes-7-bytes", behind_v4(&error_v4(3, 3, 1, 0, &request[..7]), 0)),
        ("time-exceeded-quotes-options", error_v4(11, 0, 1, 40, &request)),
        ("parameter-problem", error_v4(12, 0, 1, 0, &request)),
        ("unreachable-v6", error_v6(1, 3, &echo(128, FIRST, 0))),
        ("too-big-v6", error_v6(2, 0, &echo(128, FIRST, 0))),
    ]
    .map(|(name, bytes)| ("icmp_packet", name, bytes))
    .into()
}

/// Each packet behind its length, as the target reads them.
fn script(packets: &[Vec<u8>]) -> Vec<u8> {
    let with_length = |packet: &Vec<u8>| [&[u8::try_from(packet.len()).expect("short")], packet.as_slice()].concat();
    packets.iter().flat_map(with_length).collect()
}

fn errors() -> Vec<Seed> {
    let first = echo(8, FIRST, 0);
    let second = echo(8, [0, 0], 1);
    let mut forged = first.clone();
    forged[31] ^= 1;
    let codes: Vec<_> = (0..6).map(|code| error_v4(3, code, 1, 0, &first)).collect();
    [
        ("confirmed", script(&[error_v4(3, 1, 1, 0, &first)])),
        ("twice", script(&[error_v4(3, 1, 1, 0, &first), error_v4(3, 1, 1, 0, &second)])),
        ("head-only", script(&[error_v4(11, 0, 1, 0, &first[..8])])),
        ("forged-token", script(&[error_v4(3, 1, 1, 0, &forged)])),
        ("about-another-host", script(&[error_v4(3, 1, 99, 0, &first)])),
        ("about-another-target", script(&[error_v4(3, 1, 2, 0, &first)])),
        ("about-an-answered-echo", script(&[error_v4(3, 1, 2, 0, &echo(8, FIRST, 2))])),
        ("more-codes-than-are-kept", script(&codes)),
        ("v6", script(&[error_v6(1, 0, &echo(128, FIRST, 6)), error_v6(2, 0, &echo(128, [0, 0], 7))])),
    ]
    .map(|(name, bytes)| ("icmp_errors", name, bytes))
    .into()
}

/// Operations of `icmp_flights` and, for an answer, the lie in it.
const ENTER: u8 = 0;
const WITHDRAW: u8 = 1;
const EXPIRE: u8 = 3;
const WAIT: u8 = 4;
const ROUND: u8 = 5;
const fn answer(lie: u8) -> u8 {
    2 + 6 * lie
}

fn flights() -> Vec<Seed> {
    let full: Vec<u8> = (0..10).flat_map(|echo| [ENTER, echo]).collect();
    let lies = (0..5).flat_map(|lie| [answer(lie), 0]);
    [
        ("answered", vec![ENTER, 0, WAIT, 2, answer(0), 0]),
        ("duplicate", vec![ENTER, 0, WAIT, 2, answer(0), 0, answer(0), 0]),
        ("late", vec![ENTER, 0, WAIT, 101, answer(0), 0, EXPIRE, 0, answer(0), 0]),
        ("withdrawn", vec![ENTER, 0, WITHDRAW, 0, answer(0), 0, WITHDRAW, 0]),
        ("lies", [ENTER, 0, WAIT, 2].into_iter().chain(lies).collect()),
        ("full", [full.as_slice(), &[WAIT, 200, EXPIRE, 0], &full].concat()),
        ("next-round", vec![ENTER, 4, ROUND, 255, ENTER, 9, answer(0), 0, answer(0), 1]),
    ]
    .map(|(name, bytes)| ("icmp_flights", name, bytes))
    .into()
}
