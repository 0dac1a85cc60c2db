//! A hostile peer: each misbehaviour that we know, with the verdict it deserves and the counter that must tell of it.
//!
//! A case is played in a round of its own against three hosts: the *subject*, which misbehaves; the *honest* one, which
//! answers, and must be up whatever the subject does; and the *victim*, which is silent, and must be lost whatever the
//! subject sends in its name. The peer is on the path: it sees every request, so it knows every token.

mod errors;
mod replies;
mod stage;
mod wrapping;

use std::thread;

use phusong_model::IcmpMode;

use super::namespace::{allow_datagram_sockets, in_namespace};
use stage::{Case, Family, Stage};

/// Namespaces at once: most of a case is waiting.
const AT_ONCE: usize = 6;

fn cases() -> impl Iterator<Item = Case> {
    replies::CASES.iter().chain(wrapping::CASES).chain(errors::CASES).copied()
}

fn all_get_their_verdict(mode: IcmpMode, family: Family) {
    let played: Vec<Case> = cases().filter(|case| case.families.contains(&family)).collect();
    let share = played.len().div_ceil(AT_ONCE);
    thread::scope(|scope| {
        let shares = played.chunks(share).map(<[Case]>::to_vec);
        let threads = shares.map(|share| {
            let play = move |tun| {
                allow_datagram_sockets();
                let stage = Stage::build(tun, mode, family);
                share.iter().flat_map(|case| stage.play(case)).collect::<Vec<String>>()
            };
            scope.spawn(|| in_namespace(play))
        });
        let threads: Vec<_> = threads.collect();
        let wrong: Vec<String> =
            threads.into_iter().flat_map(|thread| thread.join().expect("played").unwrap_or_default()).collect();
        assert!(wrong.is_empty(), "{mode:?} {family:?}\n{}", wrong.join("\n"));
    });
    println!("{mode:?} {family:?}: {} misbehaviours", played.len());
}

#[test]
fn raw_ipv4_sockets_judge_every_misbehaviour() {
    all_get_their_verdict(IcmpMode::Raw, Family::V4);
}

#[test]
fn datagram_ipv4_sockets_judge_every_misbehaviour() {
    all_get_their_verdict(IcmpMode::Datagram, Family::V4);
}

#[test]
fn raw_ipv6_sockets_judge_every_misbehaviour() {
    all_get_their_verdict(IcmpMode::Raw, Family::V6);
}

#[test]
fn datagram_ipv6_sockets_judge_every_misbehaviour() {
    all_get_their_verdict(IcmpMode::Datagram, Family::V6);
}

#[test]
fn the_table_is_long_and_no_name_comes_twice() {
    let mut names: Vec<_> = cases().map(|case| case.name).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
    assert!(count >= 60, "{count} misbehaviours");
}
