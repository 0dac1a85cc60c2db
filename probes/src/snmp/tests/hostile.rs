//! Devices that answer nonsense: nothing of it panics, hangs, or is believed.
//!
//! Beside the tests in this file there is a table of every misbehaviour that we know, each with the verdict it deserves.
//! A case is played against a device of its own, all at once through one socket, and beside each an honest neighbour is
//! polled, which must be read whole whatever happens. Before and after its misbehaviour the device is honest, and must be
//! read again without one untrue value.

mod answers;
mod ber;
mod broken;
mod flood;
mod message;
mod secured;
mod stage;
mod tree;
mod walks;

use std::collections::BTreeSet;

use tokio::net::UdpSocket;

use self::stage::Case;

use super::*;

fn cases() -> impl Iterator<Item = Case> {
    answers::CASES.iter().chain(broken::CASES).chain(walks::CASES).chain(secured::CASES).copied()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_misbehaviour_gets_its_verdict_and_no_neighbour_loses_a_request() {
    let transport = Transport::bind().expect("transport");
    let mut plays = tokio::task::JoinSet::new();
    for (number, case) in (1..).zip(cases()) {
        plays.spawn(stage::play(transport.clone(), number, case));
    }
    let wrong = plays.join_all().await.concat();
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), cases().count(), wrong.join("\n"));
}

#[test]
fn the_table_is_long_and_no_name_comes_twice() {
    let names: BTreeSet<_> = cases().map(|case| case.name).collect();
    assert_eq!(names.len(), cases().count());
    assert!(names.len() >= 120, "{} misbehaviours", names.len());
}

/// Bytes in front of an SNMPv2c answer that are left as they are, so that the answer still belongs to its request:
/// version, community `public` and the request id.
const LEFT_ALONE: usize = 24;

/// Hands requests on to the agent and breaks the answers, from the n-th on.
async fn breaker(agent: SocketAddr, whole: usize, mut breaks: impl FnMut(&mut Vec<u8>) + Send + 'static) -> SocketAddr {
    let mut answered = 0;
    let broken = move |answer: &mut Vec<u8>| {
        if answered >= whole {
            breaks(answer);
        }
        answered += 1;
    };
    relay(agent, |_| true, broken).await
}

#[tokio::test]
async fn broken_answers_never_panic_and_never_give_a_wrong_name() {
    let table = four_interfaces();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random
    };
    let address = breaker(table.serve().await, 0, move |answer| {
        for _ in 0..=next() % 4 {
            let at = LEFT_ALONE + usize::try_from(next() % 2000).expect("small") % (answer.len() - LEFT_ALONE);
            answer[at] = next().to_le_bytes()[0];
        }
        if next().is_multiple_of(8) {
            answer.truncate(LEFT_ALONE + usize::try_from(next() % 100).expect("small"));
        }
    })
    .await;
    let hurried = Timing { timeout: Duration::from_millis(5), retries: 0 };
    let mut outcomes = [0; 3];
    for _ in 0..400 {
        let mut poller = poller(address, &["ge-1", "ge-3"], Some("juniper"), hurried).await;
        let report = poller.poll(NOW).await;
        assert!(report.lost <= report.sent);
        match report.answer {
            Answer::Answered { readings, missing, .. } => {
                outcomes[0] += 1;
                assert!(readings.len() + missing.len() <= 2);
                assert!(readings.iter().all(|r| ["ge-1", "ge-3"].contains(&r.ifname.as_str())));
            }
            Answer::Silent => outcomes[1] += 1,
            Answer::Refused(_) => outcomes[2] += 1,
            Answer::NotSent(why) => panic!("{why}"),
        }
    }
    assert!(outcomes.iter().all(|count| *count > 0), "the test must meet every kind of answer: {outcomes:?}");
}

#[tokio::test]
async fn values_of_other_objects_are_not_believed() {
    let table = four_interfaces();
    // The answer to the interface request names ge-2's row where ge-1's was asked: index 11 becomes 12.
    let address = breaker(table.serve().await, 2, |answer| {
        for at in LEFT_ALONE..answer.len() - 2 {
            if answer[at..].starts_with(&[1, 8, 11]) {
                answer[at + 2] = 12;
            }
        }
    })
    .await;
    let mut poller = poller(address, &["ge-1"], None, PATIENT).await;
    let (_, readings, _) = answered(poller.poll(NOW).await);
    assert_eq!(readings[0].oper, IfStatus::Unknown, "the state of another interface was believed");
    assert_eq!(readings[0].admin, IfStatus::Up);
}

#[tokio::test]
async fn a_walk_that_does_not_grow_ends() {
    let table = four_interfaces();
    // ifName.11 is answered for every row of the walk.
    let address = breaker(table.serve().await, 1, |answer| {
        for at in LEFT_ALONE..answer.len() - 2 {
            if answer[at..].starts_with(&[31, 1, 1, 1, 1]) {
                answer[at + 5] = 11;
            }
        }
    })
    .await;
    let mut poller = poller(address, &["nowhere"], None, HASTY).await;
    let (_, readings, missing) = answered(poller.poll(NOW).await);
    assert_eq!((readings.len(), missing.as_slice()), (0, ["nowhere".to_owned()].as_slice()));
}

#[tokio::test]
async fn an_answer_from_another_address_is_not_one() {
    let address = four_interfaces().serve().await;
    let front = UdpSocket::bind("127.0.0.1:0").await.expect("socket");
    let target = front.local_addr().expect("address");
    tokio::spawn(async move {
        let other = UdpSocket::bind("127.0.0.1:0").await.expect("socket");
        let mut buffer = vec![0; 2048];
        loop {
            let (length, asker) = front.recv_from(&mut buffer).await.expect("request");
            let relay = UdpSocket::bind("127.0.0.1:0").await.expect("socket");
            relay.send_to(&buffer[..length], address).await.expect("hand on");
            let length = relay.recv(&mut buffer).await.expect("answer");
            other.send_to(&buffer[..length], asker).await.expect("forge");
        }
    });
    let mut poller = poller(target, &["ge-1"], None, HASTY).await;
    assert_eq!(poller.poll(NOW).await.answer, Answer::Silent);
}

#[tokio::test]
async fn texts_of_the_device_are_shown_and_not_obeyed() {
    let table = four_interfaces();
    table.text(oids::sys_name(), "router\x1b[2J\u{202e}");
    let mut poller = poller(table.serve().await, &[], None, PATIENT).await;
    let (system, _, _) = answered(poller.poll(NOW).await);
    assert_eq!(system.name.as_deref(), Some("router\\u{1b}[2J\\u{202e}"));
}
