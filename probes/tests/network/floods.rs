//! Floods: what one host sends must not cost another its replies. Every echo of an honest host is answered or blind;
//! lost are less than one in a thousand.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use phusong_model::IcmpMode;
use phusong_probes::icmp::{Echo, Prober, RoundPlan};
use tappers::Tun;

use super::{
    craft::{self, Request},
    namespace::{allow_datagram_sockets, in_namespace},
    peer::{Peer, Sent},
};

/// Honest hosts, and echoes to each: a loss of one in a thousand is five of these.
const HOSTS: u8 = 250;
const PLAN: RoundPlan = RoundPlan {
    echoes: 20,
    spacing: Duration::from_millis(100),
    timeout: Duration::from_millis(1000),
    spread: Duration::from_millis(100),
};
/// Packets a second of a flood; a busy machine may send fewer.
const RATE: u32 = 50_000;
/// What must have arrived of a flood for the test to mean something.
const FLOOD: u64 = 5_000;

/// How the attacker's next packet is made of a request to it.
type Forge = fn(&Request, number: u32) -> Vec<u8>;

fn attacker() -> IpAddr {
    [10, 77, 9, 9].into()
}

fn honest() -> Vec<IpAddr> {
    (0..HOSTS).map(|last| [10, 77, 1, last].into()).collect()
}

/// Sends forged packets at the rate until it is stopped; the answer is how many.
fn flood(tun: &Tun, request: &Request, forge: Forge, stop: &AtomicBool) -> u64 {
    // A millisecond's worth at a time.
    let (gap, burst) = (Duration::from_millis(1), RATE / 1000);
    let (mut due, mut sent) = (Instant::now(), 0_u32);
    while !stop.load(Ordering::Relaxed) {
        for _ in 0..burst {
            let _ = tun.send(&forge(request, sent));
            sent = sent.wrapping_add(1);
        }
        due += gap;
        thread::sleep(due.saturating_duration_since(Instant::now()));
        // What a busy machine did not let us send is not made up for in one go.
        due = due.max(Instant::now() - gap);
    }
    u64::from(sent)
}

fn honest_hosts_keep_their_replies(mode: IcmpMode, forge: Forge) {
    in_namespace(move |tun| {
        allow_datagram_sockets();
        let asked = Arc::new(Mutex::new(None));
        let peer = Peer::start(tun, {
            let asked = asked.clone();
            move |request| {
                if request.to == attacker() {
                    asked.lock().expect("lock").get_or_insert_with(|| request.clone());
                    return Vec::new();
                }
                vec![Sent::now(request.answer())]
            }
        });
        let (stop, sent) = (AtomicBool::new(false), AtomicU64::new(0));
        let tun = peer.tun();
        let start = Instant::now();
        let report = thread::scope(|scope| {
            scope.spawn(|| {
                // It floods as soon as it was asked: then it knows the identifier, and a token.
                let request = loop {
                    if let Some(request) = asked.lock().expect("lock").clone() {
                        break request;
                    }
                    thread::sleep(Duration::from_millis(1));
                };
                sent.store(flood(&tun, &request, forge, &stop), Ordering::Relaxed);
            });
            let targets = [honest(), vec![attacker()]].concat();
            let report = Prober::open_as(mode).expect("root may ping").round(&targets, &PLAN);
            stop.store(true, Ordering::Relaxed);
            report
        });
        let took = start.elapsed();
        let count = |wanted: fn(&Echo) -> bool| -> usize {
            report.targets.iter().take(HOSTS.into()).flatten().filter(|echo| wanted(echo)).count()
        };
        let replies = count(|echo| matches!(echo, Echo::Reply(_)));
        let lost = count(|echo| *echo == Echo::Lost);
        let blind = count(|echo| matches!(echo, Echo::NotSent(_)));
        let rate = sent.load(Ordering::Relaxed) as f64 / took.as_secs_f64();
        println!(
            "{mode:?}: {replies} replies, {lost} lost, {blind} blind at {rate:.0} packets/s; {:?}",
            report.counters
        );
        let all = usize::from(HOSTS) * usize::from(PLAN.echoes);
        assert_eq!(replies + lost + blind, all);
        assert!(lost * 1000 < all, "{lost} of {all} lost");
        assert!(replies * 2 > all, "the flood made us blind: {blind} of {all}");
        let of_attacker = report.targets.of(HOSTS.into());
        assert!(of_attacker.iter().all(|echo| !matches!(echo, Echo::Reply(_))), "no forgery is believed");
        let arrived = report.counters.refused() + report.counters.receive_drops;
        let shut_out = report.counters.shut_out;
        assert!(arrived >= FLOOD || shut_out > 0, "only {arrived} packets of the flood arrived");
    });
}

/// A reply with a wrong token, from here.
fn refused_reply(source: IpAddr, request: &Request) -> Vec<u8> {
    let mut icmp = request.reply();
    icmp[31] ^= 1;
    craft::packet(source, request.from, &craft::sealed(source, request.from, icmp))
}

fn from_one_source(request: &Request, _: u32) -> Vec<u8> {
    refused_reply(request.to, request)
}

/// 1,009 sources: more than can be shut out, none of them an honest host's.
fn from_many_sources(request: &Request, number: u32) -> Vec<u8> {
    let [.., high, low] = (number % 1009).to_be_bytes();
    refused_reply(Ipv4Addr::new(10, 77, 100 + high, low).into(), request)
}

/// Errors that quote a host nobody asked, so that they are about nothing.
fn errors_about_nothing(request: &Request, number: u32) -> Vec<u8> {
    let [.., high, low] = (number % 1009).to_be_bytes();
    let router = Ipv4Addr::new(10, 77, 100 + high, low).into();
    let mut quote = request.packet[..28].to_vec();
    quote[16..20].copy_from_slice(&[10, 77, 200, 1]);
    let icmp = [&[3, 1, 0, 0, 0, 0, 0, 0], &quote[..]].concat();
    craft::packet(router, request.from, &craft::sealed(router, request.from, icmp))
}

#[test]
fn a_flood_of_refused_replies_from_one_source_pushes_nobody_out_of_raw_sockets() {
    honest_hosts_keep_their_replies(IcmpMode::Raw, from_one_source);
}

#[test]
fn a_flood_of_refused_replies_from_one_source_pushes_nobody_out_of_datagram_sockets() {
    honest_hosts_keep_their_replies(IcmpMode::Datagram, from_one_source);
}

#[test]
fn a_flood_from_many_forged_sources_pushes_nobody_out_of_raw_sockets() {
    honest_hosts_keep_their_replies(IcmpMode::Raw, from_many_sources);
}

#[test]
fn a_flood_from_many_forged_sources_pushes_nobody_out_of_datagram_sockets() {
    honest_hosts_keep_their_replies(IcmpMode::Datagram, from_many_sources);
}

#[test]
fn a_flood_of_errors_pushes_nobody_out_of_raw_sockets() {
    honest_hosts_keep_their_replies(IcmpMode::Raw, errors_about_nothing);
}

#[test]
fn a_flood_of_errors_pushes_nobody_out_of_datagram_sockets() {
    honest_hosts_keep_their_replies(IcmpMode::Datagram, errors_about_nothing);
}

#[test]
fn a_host_that_answers_five_hundred_times_costs_the_others_nothing() {
    for mode in [IcmpMode::Raw, IcmpMode::Datagram] {
        in_namespace(move |tun| {
            allow_datagram_sockets();
            let _peer = Peer::start(tun, |request| {
                let times = if request.to == attacker() { 500 } else { 1 };
                vec![Sent::now(request.answer()); times]
            });
            let targets = [honest(), vec![attacker()]].concat();
            let report = Prober::open_as(mode).expect("root may ping").round(&targets, &PLAN);
            let lost: Vec<_> =
                targets.iter().zip(report.targets.iter()).filter(|(_, echoes)| echoes.contains(&Echo::Lost)).collect();
            println!("{mode:?}: {} duplicates, {} shut out", report.counters.duplicate, report.counters.shut_out);
            assert!(lost.is_empty(), "{lost:?}");
            assert!(report.counters.duplicate > 4000 || report.counters.shut_out > 0, "{:?}", report.counters);
        });
    }
}
