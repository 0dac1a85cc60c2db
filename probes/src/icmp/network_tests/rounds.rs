//! Rounds against loopback, silence and refusals.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::{Duration, Instant},
};

use nix::sys::socket::{setsockopt, sockopt::RcvBuf};
use phusong_model::{BlindReason, IcmpMode};

use super::namespace::{SILENT, allow_datagram_sockets, in_namespace};
use crate::icmp::{Echo, Prober, ReplyLoss, RoundPlan, RoundReport};

const BOTH: [IcmpMode; 2] = [IcmpMode::Raw, IcmpMode::Datagram];
/// All at once; long enough for a machine that is busy with something else.
const AT_ONCE: RoundPlan =
    RoundPlan { echoes: 1, spacing: Duration::ZERO, timeout: Duration::from_secs(2), spread: Duration::ZERO };
const UNSENT: Echo = Echo::NotSent(BlindReason::SendError);

/// So many different addresses under two octets.
fn addresses(network: [u8; 2], count: u16) -> Vec<IpAddr> {
    let [first, second] = network;
    let address = |host: u16| [first, second, host.to_be_bytes()[0], host.to_be_bytes()[1]].into();
    (1..=count).map(address).collect()
}

fn prober(mode: IcmpMode) -> Prober {
    allow_datagram_sockets();
    let prober = Prober::open_as(mode).expect("root may ping");
    assert_eq!(prober.mode(), mode);
    prober
}

fn is_reply(echo: &Echo) -> bool {
    matches!(echo, Echo::Reply(_))
}

/// Which targets answered every echo.
fn answered(report: &RoundReport) -> Vec<bool> {
    report.targets.iter().map(|echoes| echoes.iter().all(is_reply)).collect()
}

#[test]
fn loopback_answers_over_both_families() {
    in_namespace(|| {
        for mode in BOTH {
            let targets =
                [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into(), "::ffff:127.0.0.2".parse().expect("v6")];
            let spacing = Duration::from_millis(5);
            let report = prober(mode).round(&targets, &RoundPlan { echoes: 4, spacing, spread: spacing, ..AT_ONCE });
            assert_eq!(report.targets.iter().map(<[Echo]>::len).collect::<Vec<_>>(), [4; 3]);
            assert_eq!(answered(&report), [true; 3], "{mode:?}: {report:?}");
            assert_eq!((report.counters.sent, report.counters.replies, report.counters.refused()), (12, 12, 0));
            assert!(report.targets.iter().flatten().all(|echo| *echo != Echo::Reply(phusong_model::Micros(0))));
        }
    });
}

#[test]
fn five_thousand_targets_due_at_once_lose_nothing() {
    in_namespace(|| {
        for mode in BOTH {
            let start = Instant::now();
            let report = prober(mode).round(&addresses([127, 7], 5000), &AT_ONCE);
            let lost = report.targets.iter().flatten().filter(|echo| !is_reply(echo)).count();
            println!("{mode:?}: {} echoes in {:?}, {lost} lost", report.counters.sent, start.elapsed());
            assert_eq!((report.counters.sent, lost, report.counters.receive_drops), (5000, 0, 0));
        }
    });
}

#[test]
fn the_same_address_twice_is_two_targets() {
    in_namespace(|| {
        let twice = [IpAddr::from([127, 0, 0, 1]); 2];
        assert_eq!(answered(&prober(IcmpMode::Raw).round(&twice, &RoundPlan { echoes: 3, ..AT_ONCE })), [true; 2]);
    });
}

#[test]
fn dead_targets_delay_nobody() {
    in_namespace(|| {
        let mut prober = prober(IcmpMode::Raw);
        let mut targets = addresses(SILENT, 400);
        let live = addresses([127, 8], 40);
        // A live one after every ten dead ones.
        for (place, address) in live.iter().enumerate() {
            targets.insert(place * 11 + 10, *address);
        }
        let plan = RoundPlan {
            echoes: 3,
            spacing: Duration::from_millis(100),
            timeout: Duration::from_millis(800),
            spread: Duration::from_millis(100),
        };
        let start = Instant::now();
        let report = prober.round(&targets, &plan);
        let took = start.elapsed();
        for (target, echoes) in targets.iter().zip(report.targets.iter()) {
            if live.contains(target) {
                assert!(echoes.iter().all(|echo| matches!(echo, Echo::Reply(rtt) if rtt.0 < 400_000)), "{echoes:?}");
            } else {
                assert_eq!(echoes[..], [Echo::Lost; 3]);
            }
        }
        // Last echo after 300 ms, its deadline 800 ms later; the rest is for a busy machine.
        assert!(took >= Duration::from_millis(1090) && took < Duration::from_millis(2500), "{took:?}");
    });
}

#[test]
fn a_round_ends_when_all_have_answered() {
    in_namespace(|| {
        let start = Instant::now();
        let patient = RoundPlan { timeout: Duration::from_secs(60), ..AT_ONCE };
        assert_eq!(answered(&prober(IcmpMode::Raw).round(&addresses([127, 8], 10), &patient)), [true; 10]);
        assert!(start.elapsed() < Duration::from_secs(10));
        let nobody = prober(IcmpMode::Raw).round(&[], &patient);
        assert!(nobody.targets.is_empty());
    });
}

#[test]
fn a_full_table_holds_sending_back_and_drops_nothing() {
    in_namespace(|| {
        let mut prober = prober(IcmpMode::Raw);
        prober.limit_flights(50);
        let targets = [addresses(SILENT, 60), addresses([127, 8], 60)].concat();
        let report = prober.round(&targets, &RoundPlan { timeout: Duration::from_millis(300), ..AT_ONCE });
        assert_eq!(answered(&report), [[false; 60], [true; 60]].concat());
        assert_eq!((report.counters.sent, report.counters.send_errors), (120, 0));
        assert!(report.counters.put_off > 0);
    });
}

#[test]
fn what_we_cannot_send_is_not_lost() {
    in_namespace(|| {
        let mut prober = prober(IcmpMode::Raw);
        let no_route = [203, 0, 113, 1].into();
        let targets = [no_route, [127, 0, 0, 1].into(), "2001:db8::1".parse().expect("v6"), [127, 0, 0, 2].into()];
        let report = prober.round(&targets, &RoundPlan { echoes: 2, ..AT_ONCE });
        assert_eq!(answered(&report), [false, true, false, true]);
        assert_eq!(*report.targets.of(0), [UNSENT; 2]);
        assert_eq!(*report.targets.of(2), [UNSENT; 2]);
        assert_eq!((report.counters.sent, report.counters.send_errors), (4, 4));
    });
}

#[test]
fn the_reply_filter_drops_what_it_lists_and_nothing_else() {
    in_namespace(|| {
        for mode in BOTH {
            let mut prober = prober(mode);
            let targets = addresses([127, 8], 60);
            let plan = RoundPlan { echoes: 2, timeout: Duration::from_millis(300), ..AT_ONCE };
            let dark = [3, 20, 21, 59];
            let rules: Vec<_> =
                dark.map(|place: usize| ReplyLoss { address: targets[place], lost_per_mille: 1000 }).into();
            prober.filter_replies(&rules).expect("few rules");
            let report = prober.round(&targets, &plan);
            for (place, echoes) in report.targets.iter().enumerate() {
                assert_eq!(echoes.iter().all(is_reply), !dark.contains(&place), "{mode:?} target {place}: {echoes:?}");
                assert!(!dark.contains(&place) || echoes[..] == [Echo::Lost; 2]);
            }
            assert_eq!(report.counters.receive_drops, 0, "a filtered reply is no drop of ours");
            prober.filter_replies(&[]).expect("the plain filter");
            assert_eq!(answered(&prober.round(&targets, &plan)), [true; 60], "{mode:?}");
        }
    });
}

#[test]
fn the_reply_filter_loses_a_share() {
    in_namespace(|| {
        for mode in BOTH {
            let mut prober = prober(mode);
            let [poor, good] = [[127, 8, 0, 1], [127, 8, 0, 2]].map(IpAddr::from);
            prober.filter_replies(&[ReplyLoss { address: poor, lost_per_mille: 400 }]).expect("one rule");
            let plan = RoundPlan { echoes: 1000, timeout: Duration::from_millis(300), ..AT_ONCE };
            let report = prober.round(&[poor, good], &plan);
            let lost = report.targets.of(0).iter().filter(|echo| !is_reply(echo)).count();
            // Eight standard deviations of 15.5 around 400.
            assert!((276..=524).contains(&lost), "{mode:?}: {lost} of 1000 lost");
            assert!(report.targets.of(1).iter().all(is_reply));
        }
    });
}

#[test]
fn a_filter_that_cannot_be_played_leaves_the_old_one() {
    in_namespace(|| {
        let mut prober = prober(IcmpMode::Raw);
        let targets = addresses([127, 8], 3);
        let dark = ReplyLoss { address: targets[1], lost_per_mille: 1000 };
        prober.filter_replies(&[dark]).expect("one rule");
        let too_many = vec![ReplyLoss { address: targets[0], lost_per_mille: 1000 }; 5000];
        assert!(prober.filter_replies(&too_many).is_err());
        let plan = RoundPlan { timeout: Duration::from_millis(300), ..AT_ONCE };
        assert_eq!(answered(&prober.round(&targets, &plan)), [true, false, true]);
    });
}

#[test]
fn a_reply_that_our_own_kernel_drops_is_reported() {
    in_namespace(|| {
        for mode in BOTH {
            let mut prober = prober(mode);
            let socket = socket_of(&prober);
            // The kernel raises it to its least, which holds fewer replies than a burst.
            setsockopt(socket, RcvBuf, &1).expect("any size is taken");
            let plan = RoundPlan { timeout: Duration::from_millis(300), ..AT_ONCE };
            let report = prober.round(&addresses([127, 8], 200), &plan);
            assert!(answered(&report).contains(&false), "{mode:?}: the buffer was too large for this test");
            assert!(report.counters.receive_drops > 0, "{mode:?}");
            assert!(!report.targets.iter().flatten().any(|echo| *echo == Echo::Lost), "{mode:?}: none is called lost");
            // Drops of one round are not those of the next.
            setsockopt(socket_of(&prober), RcvBuf, &(1 << 20)).expect("any size is taken");
            let report = prober.round(&addresses([127, 8], 200), &plan);
            assert_eq!((answered(&report).contains(&false), report.counters.receive_drops), (false, 0), "{mode:?}");
        }
    });
}

fn socket_of(prober: &Prober) -> &impl std::os::fd::AsFd {
    prober.sockets().v4.as_ref().expect("IPv4 is there")
}

#[test]
fn a_missing_right_is_told_from_other_failures() {
    in_namespace(|| {
        // A fresh namespace lets no group open datagram sockets.
        let error = Prober::open_as(IcmpMode::Datagram).expect_err("not allowed yet");
        assert!(error.is_permission(), "{error:?}");
        assert_eq!(error.errno(), Some(nix::libc::EACCES));
        assert_eq!(Prober::open().expect("root may ping").mode(), IcmpMode::Raw);
        assert!(!Prober::open_as(IcmpMode::None).expect_err("nothing to open").is_permission());
    });
}
