//! Our engine and surge-ping look at the same well-behaved hosts and must tell the same of them. They share no code, so
//! what one gets wrong shows.

use std::{collections::HashMap, net::IpAddr, thread, time::Duration};

use phusong_model::{EchoStats, IcmpMode, Micros, RttSummary};
use phusong_probes::{
    icmp::{Echo, Prober, RoundPlan},
    ping::{PingPlan, Pinger},
};

use super::{
    craft::Request,
    namespace::{allow_datagram_sockets, give_up_raw_sockets, in_namespace},
    peer::{Peer, Sent},
};

const SEED: u64 = 20_261_124;
const ECHOES: u16 = 60;
/// A second's wait for each lost echo is all that a dead host adds.
const ECHOES_TO_THE_DEAD: u16 = 5;
/// Far above the longest delay, so that a busy machine makes no losses.
const TIMEOUT: Duration = Duration::from_millis(800);
const SPACING: Duration = Duration::from_millis(20);
/// Between the medians of both engines: they differ by less than 0.3 ms on a machine with some load, and a host's delay
/// is up to 138 ms.
const TOLERANCE: Duration = Duration::from_millis(10);
/// Standard deviations of a loss that chance may make: one in 3.5 million.
const DEVIATIONS: f64 = 5.0;

/// How a host behaves.
#[derive(Debug, Clone, Copy)]
struct Habit {
    delay: Duration,
    lost_per_mille: u16,
}

fn habits() -> HashMap<IpAddr, Habit> {
    let host = |number: u8| -> IpAddr {
        if number.is_multiple_of(2) {
            [10, 77, 0, number].into()
        } else {
            [0xfd77, 0, 0, 0, 0, 0, 0, u16::from(number)].into()
        }
    };
    let lost = [0, 0, 100, 0, 300, 1000];
    let habit = |number: u8| Habit {
        delay: Duration::from_millis(6) * u32::from(number),
        lost_per_mille: lost[usize::from(number / 2) % lost.len()],
    };
    (0..24).map(|number| (host(number), habit(number))).collect()
}

/// Answers after each host's delay, and loses some by the seed.
fn script(habits: HashMap<IpAddr, Habit>) -> impl FnMut(&Request) -> Vec<Sent> {
    let mut state = SEED;
    move |request| {
        // splitmix64: the same losses in the same order, whoever asks.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let chance = (mixed ^ (mixed >> 31)) % 1000;
        match habits.get(&request.to) {
            Some(habit) if chance >= u64::from(habit.lost_per_mille) => {
                vec![Sent { after: habit.delay, packet: request.answer() }]
            }
            Some(_) | None => Vec::new(),
        }
    }
}

fn ours(mode: IcmpMode, hosts: &[IpAddr]) -> Vec<EchoStats> {
    let plan = RoundPlan { echoes: ECHOES, spacing: SPACING, timeout: TIMEOUT, spread: SPACING };
    let report = Prober::open_as(mode).expect("root may ping").round(hosts, &plan);
    let stats = |echoes: &[Echo]| {
        let rtts: Vec<Micros> = echoes
            .iter()
            .filter_map(|echo| match echo {
                Echo::Reply(rtt) => Some(*rtt),
                Echo::Lost | Echo::NotSent(_) => None,
            })
            .collect();
        let lost = echoes.iter().filter(|echo| **echo == Echo::Lost).count();
        let lost = u16::try_from(lost).expect("few");
        EchoStats { sent: u16::try_from(rtts.len()).expect("few") + lost, lost, rtt: RttSummary::of(&rtts) }
    };
    assert_eq!(report.counters.refused(), 0, "{:?}", report.counters);
    report.targets.iter().map(stats).collect()
}

fn surge_ping(mode: IcmpMode, hosts: &[(IpAddr, Habit)]) -> Vec<EchoStats> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let one = |(host, habit): (IpAddr, Habit)| async move {
        let echoes = if habit.lost_per_mille == 1000 { ECHOES_TO_THE_DEAD } else { ECHOES };
        let pinger = Pinger::open(host).await.expect("the right to ping");
        assert_eq!(pinger.mode(), mode);
        pinger
            .run(&PingPlan { echoes, interval: SPACING, timeout: TIMEOUT, overlapping: false }, |_, _| ())
            .await
            .stats()
    };
    runtime.block_on(async {
        let local = tokio::task::LocalSet::new();
        let tasks: Vec<_> = hosts.iter().map(|host| local.spawn_local(one(*host))).collect();
        local.await;
        let mut all = Vec::new();
        for task in tasks {
            all.push(task.await.expect("pinged"));
        }
        all
    })
}

/// Whether so many of the echoes may be lost by chance.
fn is_likely(stats: &EchoStats, habit: Habit) -> bool {
    let (share, sent) = (f64::from(habit.lost_per_mille) / 1000.0, f64::from(stats.sent));
    let band = DEVIATIONS * (sent * share * (1.0 - share)).sqrt();
    (f64::from(stats.lost) - sent * share).abs() <= band
}

fn both_tell_the_same(mode: IcmpMode) {
    in_namespace(move |tun| {
        let mut hosts: Vec<(IpAddr, Habit)> = habits().into_iter().collect();
        hosts.sort_by_key(|(host, _)| *host);
        let _peer = Peer::start(tun, script(habits()));
        allow_datagram_sockets();
        let addresses: Vec<_> = hosts.iter().map(|(host, _)| *host).collect();
        let ours = ours(mode, &addresses);
        if mode == IcmpMode::Datagram {
            give_up_raw_sockets();
        }
        let theirs = surge_ping(mode, &hosts);
        assert_eq!((ours.len(), theirs.len()), (hosts.len(), hosts.len()));
        let mut widest = Duration::ZERO;
        for (((host, habit), ours), theirs) in hosts.iter().zip(&ours).zip(&theirs) {
            let told = format!("{mode:?} {host} {habit:?}: ours {ours:?}, theirs {theirs:?}");
            assert_eq!(ours.sent, ECHOES, "all were sent: {told}");
            assert!(is_likely(ours, *habit), "our loss: {told}");
            assert!(is_likely(theirs, *habit), "their loss: {told}");
            assert_eq!(ours.rtt.is_some(), theirs.rtt.is_some(), "up or down: {told}");
            let (Some(ours), Some(theirs)) = (ours.rtt, theirs.rtt) else { continue };
            assert!(Duration::from_micros(ours.min.0.into()) >= habit.delay, "less than the truth: {told}");
            let apart = Duration::from_micros(ours.median.0.abs_diff(theirs.median.0).into());
            assert!(apart <= TOLERANCE, "medians {apart:?} apart: {told}");
            widest = widest.max(apart);
        }
        println!("{mode:?}: {} hosts, medians at most {widest:?} apart", hosts.len());
    });
}

#[test]
fn our_engine_and_surge_ping_tell_the_same_of_well_behaved_hosts() {
    thread::scope(|scope| {
        let threads = [IcmpMode::Raw, IcmpMode::Datagram].map(|mode| scope.spawn(move || both_tell_the_same(mode)));
        threads.into_iter().for_each(|thread| thread.join().expect("they agree"));
    });
}
