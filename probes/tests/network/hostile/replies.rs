//! Replies that are not what they seem.

use std::time::Duration;

use phusong_probes::icmp::Counters;

use super::stage::{BOTH, Case, Family, TIMEOUT, V4, V6, changed, reply_from};
use crate::{craft, peer::Sent};

/// Where the fields of an echo stand.
const SEQUENCE: usize = 6;
const SERIAL: usize = 8;
const TOKEN: usize = 16;

const DUPLICATES: usize = 500;

const fn bad_token(counters: &Counters) -> u64 {
    counters.bad_token
}

const fn wrong_length(counters: &Counters) -> u64 {
    counters.wrong_length
}

const fn foreign_source(counters: &Counters) -> u64 {
    counters.foreign_source
}

const fn late(counters: &Counters) -> u64 {
    counters.late
}

pub const CASES: &[Case] = &[
    Case::new("answers truly", BOTH, |_, request| vec![Sent::now(request.answer())]).up(),
    Case::new("is silent", BOTH, |_, _| Vec::new()),
    // Another source.
    Case::new("answers from an address nobody asked", BOTH, |scene, request| {
        reply_from(scene.family.host(99), request, request.reply())
    })
    .told("foreign_source", foreign_source),
    Case::new("answers in the name of a silent host", BOTH, |scene, request| {
        reply_from(scene.family.victim(), request, request.reply())
    })
    .told("foreign_source", foreign_source),
    Case::new("guesses the echo of a silent host", BOTH, |scene, request| {
        // The victim was asked just before: its serial is one less, its sequence number the same.
        let mut icmp = request.reply();
        let serial = u64::from_be_bytes(icmp[SERIAL..TOKEN].try_into().expect("eight bytes")).wrapping_sub(1);
        icmp[SERIAL..TOKEN].copy_from_slice(&serial.to_be_bytes());
        reply_from(scene.family.victim(), request, icmp)
    })
    .told("bad_token", bad_token),
    Case::new("answers in the name of an honest host", BOTH, |scene, request| {
        reply_from(scene.family.honest(), request, request.reply())
    })
    .told("foreign_source", foreign_source),
    // The kernel takes it for a martian, in IPv4.
    Case::new("answers from our own address", V4, |_, request| reply_from(request.from, request, request.reply())),
    Case::new("answers from our own IPv6 address", V6, |_, request| reply_from(request.from, request, request.reply()))
        .told("foreign_source", foreign_source),
    // Replayed tokens.
    Case::new("answers with the token of its earlier echo", BOTH, |scene, request| {
        let Some(earlier) = scene.earlier(request.to).next() else { return Vec::new() };
        changed(request, |icmp| icmp[SERIAL..].copy_from_slice(&earlier.icmp[SERIAL..]))
    })
    .told("wrong_sequence", |counters| counters.wrong_sequence),
    Case::new("answers with the token of another target", BOTH, |scene, request| {
        let honest = scene.earlier(scene.family.honest()).last().expect("asked before").icmp[SERIAL..].to_vec();
        changed(request, |icmp| icmp[SERIAL..].copy_from_slice(&honest))
    })
    .told("foreign_source", foreign_source),
    Case::new("answers with the token of an earlier round", BOTH, |scene, request| {
        if scene.round == 1 {
            return Vec::new();
        }
        let earlier = scene.earlier(request.to).next().expect("asked before").icmp[SERIAL..].to_vec();
        changed(request, |icmp| icmp[SERIAL..].copy_from_slice(&earlier))
    })
    .in_the_second_round()
    .told("late", late),
    Case::new("replays its reply of an earlier round", BOTH, |scene, request| {
        if scene.round == 1 {
            return vec![Sent::now(request.answer())];
        }
        let earlier = scene.earlier(request.to).next().expect("asked before");
        vec![Sent::now(earlier.answer())]
    })
    .in_the_second_round()
    .told("late", late),
    // Altered tokens: each class of bytes.
    Case::new("flips a bit at the token's start", BOTH, |_, request| changed(request, |icmp| icmp[TOKEN] ^= 1))
        .told("bad_token", bad_token),
    Case::new("flips a bit in the token's middle", BOTH, |_, request| changed(request, |icmp| icmp[TOKEN + 8] ^= 0x80))
        .told("bad_token", bad_token),
    Case::new("flips a bit at the token's end", BOTH, |_, request| changed(request, |icmp| icmp[TOKEN + 15] ^= 1))
        .told("bad_token", bad_token),
    Case::new("blanks the token", BOTH, |_, request| changed(request, |icmp| icmp[TOKEN..].fill(0)))
        .told("bad_token", bad_token),
    Case::new("turns the token round", BOTH, |_, request| changed(request, |icmp| icmp[TOKEN..].reverse()))
        .told("bad_token", bad_token),
    Case::new("names the last serial there is", BOTH, |_, request| {
        changed(request, |icmp| icmp[SERIAL..TOKEN].fill(0xff))
    })
    .told("bad_token", bad_token),
    Case::new("writes the time where the serial was", BOTH, |_, request| {
        // What `ping` puts there and believes: a forger makes round-trip times with it.
        changed(request, |icmp| icmp[SERIAL..TOKEN].copy_from_slice(&1_700_000_000_000_u64.to_be_bytes()))
    })
    .told("bad_token", bad_token),
    Case::new("answers the echo that comes next", BOTH, |_, request| {
        changed(request, |icmp| {
            icmp[SEQUENCE + 1] = icmp[SEQUENCE + 1].wrapping_add(1);
            let serial = u64::from_be_bytes(icmp[SERIAL..TOKEN].try_into().expect("eight bytes")) + 3;
            icmp[SERIAL..TOKEN].copy_from_slice(&serial.to_be_bytes());
        })
    })
    .told("bad_token", bad_token),
    // Lengths.
    Case::new("leaves out the payload", BOTH, |_, request| changed(request, |icmp| icmp.truncate(8)))
        .told("wrong_length", wrong_length),
    Case::new("cuts the token off", BOTH, |_, request| changed(request, |icmp| icmp.truncate(TOKEN)))
        .told("wrong_length", wrong_length),
    Case::new("cuts the last byte off", BOTH, |_, request| changed(request, |icmp| icmp.truncate(31)))
        .told("wrong_length", wrong_length),
    Case::new("adds a byte", BOTH, |_, request| changed(request, |icmp| icmp.push(0)))
        .told("wrong_length", wrong_length),
    Case::new("adds a kilobyte", BOTH, |_, request| changed(request, |icmp| icmp.resize(1056, 0x55)))
        .told("wrong_length", wrong_length),
    Case::new("cuts the header", BOTH, |_, request| changed(request, |icmp| icmp.truncate(4))),
    // Checksums: where the kernel checks them, nothing arrives.
    Case::new("flips a bit and leaves the checksum", BOTH, |_, request| {
        let mut packet = request.answer();
        let last = packet.len() - 1;
        packet[last] ^= 1;
        vec![Sent::now(packet)]
    })
    .told_by_raw("bad_checksum", |counters| counters.bad_checksum)
    .untold_by_raw_v6(),
    // No checksum at all is no excuse: ICMP has no such notion.
    Case::new("leaves the checksum out", BOTH, |_, request| {
        let mut icmp = request.reply();
        icmp[2..4].fill(0);
        vec![Sent::now(craft::packet(request.to, request.from, &icmp))]
    })
    .told_by_raw("bad_checksum", |counters| counters.bad_checksum)
    .untold_by_raw_v6(),
    // Header fields.
    Case::new("answers another identifier", BOTH, |_, request| changed(request, |icmp| icmp[5] ^= 1)),
    Case::new("answers another sequence number", BOTH, |_, request| changed(request, |icmp| icmp[SEQUENCE + 1] ^= 1))
        .told("wrong_sequence", |counters| counters.wrong_sequence),
    Case::new("gives the reply a code", BOTH, |_, request| changed(request, |icmp| icmp[1] = 1))
        .told_by_datagram("not_a_reply", |counters| counters.not_a_reply),
    Case::new("sends the request back", BOTH, |_, request| reply_from(request.to, request, request.icmp.clone())),
    Case::new("answers with the other family's type", BOTH, |scene, request| {
        let other = if scene.family == Family::V4 { 129 } else { 0 };
        changed(request, |icmp| icmp[0] = other)
    }),
    Case::new("answers with a timestamp reply", V4, |_, request| changed(request, |icmp| icmp[0] = 14)),
    Case::new("answers with an information reply", V4, |_, request| changed(request, |icmp| icmp[0] = 16)),
    Case::new("answers with a node information reply", V6, |_, request| changed(request, |icmp| icmp[0] = 140)),
    // Too often, too late.
    Case::new("answers twice", BOTH, |_, request| vec![Sent::now(request.answer()); 2])
        .up()
        .told("duplicate", |counters| counters.duplicate),
    Case::new("answers five hundred times", BOTH, |_, request| vec![Sent::now(request.answer()); DUPLICATES])
        .up()
        .told("duplicate", |counters| counters.duplicate),
    Case::new("answers just after the time-out", BOTH, |scene, request| {
        // To the first echo only: the answer to the second one would come after the round.
        let after = TIMEOUT + Duration::from_millis(40);
        if scene.earlier(request.to).next().is_some() {
            return Vec::new();
        }
        vec![Sent { after, packet: request.answer() }]
    })
    .told("late", late),
    Case::new("answers in the next round", BOTH, |scene, request| {
        // What it kept of the first round, once.
        let kept: Vec<_> = scene.earlier(request.to).collect();
        match kept[..] {
            [_, last] if scene.round == 2 => vec![Sent::now(last.answer())],
            _ => Vec::new(),
        }
    })
    .in_the_second_round()
    .told("late", late),
    Case::new("answers wrongly, then truly", BOTH, |_, request| {
        let mut answers = changed(request, |icmp| icmp[TOKEN] ^= 1);
        answers.push(Sent::now(request.answer()));
        answers
    })
    .up()
    .told("bad_token", bad_token),
];
