//! ICMP errors are evidence about the echo they quote, and about no other.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use phusong_model::{IcmpError, IcmpErrorKind, IcmpMode};

use super::{
    namespace::{allow_datagram_sockets, in_namespace, silence_the_kernel},
    responder::{Answer, Responder, with_checksum},
};
use crate::icmp::{Echo, EchoError, Prober, RoundPlan, quoted::crafted::error};

const ROUTER: Ipv4Addr = Ipv4Addr::new(127, 9, 8, 1);
const HONEST: u8 = 1;
const NO_ROUTE: u8 = 2;
const SHORT_QUOTE: u8 = 3;
const LOOP: u8 = 4;
const FORGED_TOKEN: u8 = 5;
const ABOUT_ANOTHER: u8 = 6;
const LATER_ANSWERED: u8 = 7;
const ALL: std::ops::RangeInclusive<u8> = HONEST..=LATER_ANSWERED;

const PLAN: RoundPlan = RoundPlan {
    echoes: 2,
    spacing: Duration::from_millis(20),
    timeout: Duration::from_millis(500),
    spread: Duration::from_millis(10),
};

fn target(last: u8) -> Ipv4Addr {
    Ipv4Addr::new(127, 9, 9, last)
}

fn script(asked: Ipv4Addr, reply: &[u8]) -> Vec<Answer> {
    let mut request = reply.to_owned();
    request[0] = 8;
    let request = with_checksum(request);
    let word = |kind, code, about: Ipv4Addr, quote: &[u8]| Answer {
        delay: Duration::ZERO,
        source: ROUTER,
        packet: error(kind, code, about.into(), quote),
    };
    let answer = |delay| Answer { delay, source: asked, packet: reply.to_owned() };
    match asked.octets()[3] {
        HONEST => vec![answer(Duration::ZERO)],
        NO_ROUTE => vec![word(3, 1, asked, &request)],
        SHORT_QUOTE => vec![word(3, 0, asked, &request[..8])],
        LOOP => vec![word(11, 0, asked, &request)],
        FORGED_TOKEN => {
            let mut forged = request;
            forged[31] ^= 1;
            vec![word(3, 1, asked, &forged)]
        }
        // With a true token, but not of an echo to that host.
        ABOUT_ANOTHER => vec![word(3, 1, target(99), &request)],
        LATER_ANSWERED => vec![word(3, 1, asked, &request), answer(Duration::from_millis(50))],
        _ => Vec::new(),
    }
}

fn evidence(mode: IcmpMode) {
    allow_datagram_sockets();
    silence_the_kernel();
    let _responder = Responder::start(|asked, reply| script(asked, &reply));
    let mut prober = Prober::open_as(mode).expect("root may ping");
    let targets: Vec<IpAddr> = ALL.map(|last| target(last).into()).collect();
    let report = prober.round(&targets, &PLAN);
    for (last, echoes) in ALL.zip(report.targets.iter()) {
        let answered = [HONEST, LATER_ANSWERED].contains(&last);
        let expected = |echo: &Echo| matches!(echo, Echo::Reply(_)) == answered;
        assert!(echoes.iter().all(expected), "{mode:?} target {last}: {echoes:?}");
    }
    let of = |last: u8, kind, code, confirmed| EchoError {
        target: usize::from(last - HONEST),
        error: IcmpError { kind, code, router: ROUTER.into() },
        echoes: 2,
        confirmed,
    };
    let expected = [
        of(NO_ROUTE, IcmpErrorKind::Unreachable, 1, true),
        of(SHORT_QUOTE, IcmpErrorKind::Unreachable, 0, false),
        of(LOOP, IcmpErrorKind::TimeExceeded, 0, true),
        of(LATER_ANSWERED, IcmpErrorKind::Unreachable, 1, true),
    ];
    assert_eq!(report.errors, expected, "{mode:?}");
    let counters = report.counters;
    assert_eq!((counters.icmp_errors, counters.forged_error, counters.foreign_error), (8, 4, 0), "{mode:?}");
    assert_eq!((counters.sent, counters.send_errors, counters.receive_errors), (14, 0, 0), "{mode:?}");
    assert_eq!(report.counters.receive_drops, 0);
}

#[test]
fn raw_sockets_take_errors_as_evidence() {
    in_namespace(|| evidence(IcmpMode::Raw));
}

#[test]
fn datagram_sockets_take_errors_as_evidence() {
    in_namespace(|| evidence(IcmpMode::Datagram));
}
