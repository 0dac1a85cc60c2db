//! What people are told: kept with its tick, until it has arrived.

#![allow(missing_docs, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test suite")]

mod support;

use std::path::Path;

use phusong_model::{
    Cause, Delivery, EventId, Inventory, Notification, NotificationItem, Telling, Told, Turn, UtcMs, Window,
};
use phusong_store::{Commit, Delivered, Reader, Store, Undelivered};
use support::{beat, commit};

fn message(event: i64, turn: Turn, at: UtcMs) -> Notification {
    let id = format!("tq.{event}.{}.{}", turn.id(), at.0);
    Notification {
        id,
        event: EventId(event),
        turn,
        links_total: 3,
        ..Notification::test("tq", &Inventory::default(), at)
    }
}

fn told(event: i64, opened: UtcMs, closed: Option<UtcMs>) -> Told {
    Told { event: EventId(event), opened, cause: Cause::Power, by: None, escalated: 0, closed }
}

fn telling(message: &Notification, told: Option<Told>, channels: &[&str]) -> Telling {
    let channels = channels.iter().map(|name| (*name).to_owned()).collect();
    Telling { event: message.event, told, notification: Some(message.clone()), channels }
}

fn tells(number: i64, tellings: Vec<Telling>) -> Commit {
    Commit { tellings, ..commit(number, &[], Vec::new()) }
}

fn delivered(message: &Notification, channel: &str, given_up: Option<&str>) -> Delivered {
    let (channel, given_up) = (channel.to_owned(), given_up.map(str::to_owned));
    Delivered { notification: message.id.clone(), channel, at: beat(9), given_up }
}

fn waiting(folder: &Path) -> Vec<(String, String)> {
    let waiting = Reader::open(folder).and_then(|reader| reader.undelivered()).expect("messages");
    waiting.into_iter().map(|Undelivered { channel, notification }| (channel, notification.id)).collect()
}

#[test]
fn a_message_waits_for_each_channel_until_it_has_arrived_there() {
    let folder = tempfile::tempdir().expect("folder");
    let mut store = Store::open(folder.path()).expect("store");
    let (first, second) = (message(7, Turn::Opened, beat(1)), message(7, Turn::Closed, beat(2)));
    let opened = telling(&first, Some(told(7, beat(1), None)), &["sms", "mail"]);
    store.commit(&tells(1, vec![opened])).expect("tick");
    let closed = telling(&second, Some(told(7, beat(1), Some(beat(2)))), &["mail"]);
    store.commit(&tells(2, vec![closed])).expect("tick");
    let pair = |channel: &str, message: &Notification| (channel.to_owned(), message.id.clone());
    let all = [pair("mail", &first), pair("sms", &first), pair("mail", &second)];
    assert_eq!(waiting(folder.path()), all, "oldest first");
    store.deliver(&[delivered(&first, "mail", None), delivered(&first, "sms", Some("no money"))]).expect("kept");
    assert_eq!(waiting(folder.path()), [pair("mail", &second)]);
    let reader = Reader::open(folder.path()).expect("reader");
    let evidence = reader.evidence(beat(10), Window::new(beat(0), beat(10))).expect("evidence");
    let way = |channel: &str, done: Option<UtcMs>, given_up: Option<&str>| Delivery {
        channel: channel.to_owned(),
        done,
        given_up: given_up.map(str::to_owned),
    };
    let item = |message: &Notification, deliveries| NotificationItem {
        id: message.id.clone(),
        at: message.at,
        event: EventId(7),
        turn: message.turn,
        cause: "unknown".to_owned(),
        links: 3,
        deliveries,
    };
    let expected = [
        item(&second, vec![way("mail", None, None)]),
        item(&first, vec![way("mail", Some(beat(9)), None), way("sms", Some(beat(9)), Some("no money"))]),
    ];
    assert_eq!(evidence.notifications, expected, "newest first");
    let before = reader.evidence(beat(10), Window::new(beat(0), beat(2))).expect("evidence");
    assert_eq!(before.notifications.len(), 1, "only those of the window");
}

#[test]
fn what_was_told_is_known_until_it_is_forgotten() {
    let folder = tempfile::tempdir().expect("folder");
    let mut store = Store::open(folder.path()).expect("store");
    let (one, two) = (message(1, Turn::Opened, beat(1)), message(2, Turn::Opened, beat(1)));
    let again = message(1, Turn::Cause, beat(2));
    let tellings = vec![
        telling(&one, Some(told(1, beat(1), None)), &["mail"]),
        telling(&two, Some(told(2, beat(1), Some(beat(1)))), &["mail"]),
    ];
    store.commit(&tells(1, tellings)).expect("tick");
    store.commit(&tells(2, vec![telling(&again, Some(told(1, beat(1), None)), &["mail"])])).expect("tick");
    let reader = Reader::open(folder.path()).expect("reader");
    assert_eq!(reader.told().expect("told"), [told(1, beat(1), None), told(2, beat(1), Some(beat(1)))]);
    assert_eq!(reader.open_notifications().expect("open"), [again], "the last of the one that goes on");
    let forgotten = Telling { event: EventId(2), told: None, notification: None, channels: Vec::new() };
    store.commit(&tells(3, vec![forgotten])).expect("tick");
    assert_eq!(reader.told().expect("told"), [told(1, beat(1), None)]);
}

#[test]
fn one_that_arrived_before_the_store_could_keep_it_is_not_sent_again() {
    let folder = tempfile::tempdir().expect("folder");
    let mut store = Store::open(folder.path()).expect("store");
    let early = message(1, Turn::Opened, beat(1));
    store.deliver(&[delivered(&early, "mail", None)]).expect("kept");
    store.commit(&tells(1, vec![telling(&early, Some(told(1, beat(1), None)), &["mail", "sms"])])).expect("tick");
    assert_eq!(waiting(folder.path()), [("sms".to_owned(), early.id.clone())]);
    // The same tick again, as after a write that failed.
    store.commit(&tells(2, vec![telling(&early, Some(told(1, beat(1), None)), &["mail", "sms"])])).expect("tick");
    assert_eq!(waiting(folder.path()).len(), 1);
}
