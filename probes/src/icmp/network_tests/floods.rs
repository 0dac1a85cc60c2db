//! One source cannot push out the replies of the others.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use phusong_model::{BlindReason, IcmpMode};

use super::{
    namespace::{allow_datagram_sockets, in_namespace, silence_the_kernel},
    responder::{Answer, Responder},
};
use crate::icmp::{Echo, Prober, RoundPlan};

const FLOODER: u8 = 1;
/// More than its share with the first echo, so that the later ones are not heard.
const COPIES: usize = 6000;

const PLAN: RoundPlan = RoundPlan {
    echoes: 3,
    spacing: Duration::from_millis(400),
    timeout: Duration::from_secs(1),
    spread: Duration::from_millis(20),
};

fn target(last: u8) -> IpAddr {
    Ipv4Addr::new(127, 9, 7, last).into()
}

fn script(asked: Ipv4Addr, reply: &[u8]) -> Vec<Answer> {
    let copies = if asked.octets()[3] == FLOODER { COPIES } else { 1 };
    (0..copies).map(|_| Answer { delay: Duration::ZERO, source: asked, packet: reply.to_owned() }).collect()
}

fn survives_a_flood(mode: IcmpMode) {
    allow_datagram_sockets();
    silence_the_kernel();
    let _responder = Responder::start(|asked, reply| script(asked, &reply));
    let mut prober = Prober::open_as(mode).expect("root may ping");
    let targets: Vec<IpAddr> = (FLOODER..100).map(target).collect();
    let report = prober.round(&targets, &PLAN);
    let honest: Vec<Echo> = report.targets.iter().skip(1).flatten().copied().collect();
    let lost = honest.iter().filter(|echo| **echo == Echo::Lost).count();
    assert_eq!(lost, 0, "{mode:?}: {:?}", report.counters);
    let flooder = report.targets.of(0);
    assert!(!flooder.contains(&Echo::Lost), "{mode:?}: who is not listened to is not lost: {flooder:?}");
    assert!(flooder.contains(&Echo::NotSent(BlindReason::ReceiveDrops)), "{mode:?}: {flooder:?}");
    assert_eq!(report.counters.shut_out, 1, "{mode:?}");
    assert!(report.counters.duplicate > 4096, "{mode:?}: {:?}", report.counters);
    // In the next round everybody is heard again.
    let report = prober.round(&targets[..1], &RoundPlan { echoes: 1, ..PLAN });
    assert!(matches!(report.targets.of(0), [Echo::Reply(_)]), "{mode:?}: {:?}", report.targets);
}

#[test]
fn a_source_that_floods_is_shut_out_from_raw_sockets() {
    in_namespace(|| survives_a_flood(IcmpMode::Raw));
}

#[test]
fn a_source_that_floods_is_shut_out_from_datagram_sockets() {
    in_namespace(|| survives_a_flood(IcmpMode::Datagram));
}
