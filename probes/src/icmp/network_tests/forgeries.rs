//! Replies that are not what they seem are never credited, and each is counted under its reason.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use phusong_model::IcmpMode;

use super::{
    namespace::{allow_datagram_sockets, in_namespace, silence_the_kernel},
    responder::{Answer, Responder, with_checksum},
};
use crate::icmp::{Counters, Echo, Prober, RoundPlan};

const HONEST: u8 = 1;
const WRONG_TOKEN: u8 = 2;
const WRONG_SOURCE: u8 = 3;
const WRONG_IDENTIFIER: u8 = 4;
const BAD_CHECKSUM: u8 = 5;
const TWICE: u8 = 6;
const LATE: u8 = 7;
const SHORT: u8 = 8;
const SLOW: u8 = 9;
const UNREACHABLE: u8 = 10;
const WRONG_SEQUENCE: u8 = 11;
const WRONG_CODE: u8 = 12;
const ALL: std::ops::RangeInclusive<u8> = HONEST..=WRONG_CODE;

const SLOWNESS: Duration = Duration::from_millis(20);
/// The second echo goes out after the first one's time-out and before its late answer.
const PLAN: RoundPlan = RoundPlan {
    echoes: 2,
    spacing: Duration::from_millis(600),
    timeout: Duration::from_millis(500),
    spread: Duration::from_millis(10),
};
const LATENESS: Duration = Duration::from_millis(700);

fn target(last: u8) -> Ipv4Addr {
    Ipv4Addr::new(127, 9, 9, last)
}

fn script(asked: Ipv4Addr, reply: Vec<u8>) -> Vec<Answer> {
    let changed = |place: usize, to: u8| {
        let mut packet = reply.clone();
        packet[place] = to;
        packet
    };
    let flipped = |place: usize| with_checksum(changed(place, reply[place] ^ 1));
    let now = |packet: Vec<u8>| vec![Answer { delay: Duration::ZERO, source: asked, packet }];
    let after = |delay: Duration| vec![Answer { delay, source: asked, packet: reply.clone() }];
    match asked.octets()[3] {
        HONEST => after(Duration::ZERO),
        WRONG_TOKEN => now(flipped(31)),
        WRONG_SOURCE => vec![Answer { delay: Duration::ZERO, source: target(99), packet: reply }],
        WRONG_IDENTIFIER => now(flipped(4)),
        BAD_CHECKSUM => now(changed(2, reply[2] ^ 1)),
        TWICE => [after(Duration::ZERO), after(Duration::from_millis(5))].into_iter().flatten().collect(),
        LATE => after(LATENESS),
        SHORT => now(with_checksum(reply[..24].to_vec())),
        SLOW => after(SLOWNESS),
        UNREACHABLE => now(with_checksum(changed(0, 3))),
        WRONG_SEQUENCE => now(flipped(7)),
        WRONG_CODE => now(with_checksum(changed(1, 1))),
        _ => Vec::new(),
    }
}

fn credits_only_the_truth(mode: IcmpMode, expected: Counters) {
    allow_datagram_sockets();
    silence_the_kernel();
    let _responder = Responder::start(script);
    let mut prober = Prober::open_as(mode).expect("root may ping");
    let targets: Vec<IpAddr> = ALL.map(|last| target(last).into()).collect();
    let report = prober.round(&targets, &PLAN);
    for (last, echoes) in ALL.zip(report.targets.iter()) {
        match last {
            HONEST | TWICE | SLOW => {
                assert!(echoes.iter().all(|echo| matches!(echo, Echo::Reply(_))), "target {last}: {echoes:?}");
            }
            _ => assert_eq!(echoes[..], [Echo::Lost; 2], "target {last}"),
        }
    }
    for echo in report.targets.of(usize::from(SLOW - HONEST)) {
        let slowness = u32::try_from(SLOWNESS.as_micros()).expect("small");
        assert!(matches!(echo, Echo::Reply(rtt) if rtt.0 >= slowness), "not less than the truth: {echo:?}");
    }
    assert_eq!(report.counters, expected);
}

/// Two of each; the answer to the second echo of `LATE` comes after the round.
const EXPECTED: Counters = Counters {
    sent: 24,
    replies: 6,
    send_errors: 0,
    put_off: 0,
    foreign_source: 2,
    bad_token: 2,
    wrong_sequence: 2,
    foreign_identifier: 0,
    duplicate: 2,
    late: 1,
    wrong_length: 2,
    bad_checksum: 0,
    not_a_reply: 0,
    icmp_errors: 0,
    foreign_error: 0,
    forged_error: 0,
    control_truncated: 0,
    receive_errors: 0,
    shut_out: 0,
    receive_drops: 0,
};

#[test]
fn raw_sockets_credit_only_the_truth() {
    // The filter keeps out what has another identifier, type or code.
    in_namespace(|| credits_only_the_truth(IcmpMode::Raw, Counters { bad_checksum: 2, ..EXPECTED }));
}

#[test]
fn datagram_sockets_credit_only_the_truth() {
    // The kernel keeps out what has another identifier or type, or a bad checksum.
    in_namespace(|| credits_only_the_truth(IcmpMode::Datagram, Counters { not_a_reply: 2, ..EXPECTED }));
}

#[test]
fn late_replies_are_counted_in_the_next_round() {
    in_namespace(|| {
        silence_the_kernel();
        let _responder = Responder::start(script);
        let mut prober = Prober::open_as(IcmpMode::Raw).expect("root may ping");
        let late: IpAddr = target(LATE).into();
        let plan = RoundPlan { echoes: 1, ..PLAN };
        assert_eq!(prober.round(&[late], &plan).targets.of(0), [Echo::Lost]);
        let silent: IpAddr = target(99).into();
        let report = prober.round(&[silent], &plan);
        assert_eq!(report.targets.of(0), [Echo::Lost]);
        assert_eq!(report.counters.late, 1);
    });
}
