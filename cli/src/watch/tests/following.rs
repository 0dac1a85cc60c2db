//! What answers do to what is chosen and opened.

use phusong_model::{EventId, StorePart, answer::Notice, glossary::Lang};

use super::{COLOUR, Heard, Key, Watch, press, province, text, watch};
use crate::watch::{
    places::PlaceId,
    state::{List, Subject},
};

const SIZE: (u16, u16) = (80, 24);

#[test]
fn what_is_chosen_stays_chosen_when_others_come_before_it() {
    let mut watch = watch(Lang::Vi, SIZE);
    press(&mut watch, [Key::Down, Key::Tab, Key::Right, Key::BackTab]);
    let mut events = province::events();
    let mut worse = events[1].clone();
    (worse.event, worse.people) = (EventId(77), Some(90_000));
    events.push(worse);
    watch.hear(province::picture_of(province::links(), province::outages(), events, Heard::Daemon));
    assert_eq!((watch.event, watch.event_index()), (Some(EventId(9)), Some(2)));
    assert_eq!(watch.place_index(), Some(1));
}

#[test]
fn when_it_is_gone_its_neighbour_is_chosen() {
    let mut watch = watch(Lang::Vi, SIZE);
    press(&mut watch, [Key::End]);
    assert_eq!(watch.event, Some(EventId(5)));
    let fewer = province::events().into_iter().take(2).collect();
    watch.hear(province::picture_of(province::links(), province::outages(), fewer, Heard::Daemon));
    assert_eq!(watch.event, Some(EventId(9)), "the last one now");
    watch.hear(province::picture_of(Vec::new(), Vec::new(), Vec::new(), Heard::Daemon));
    assert_eq!((watch.event, watch.place.clone(), watch.subject()), (None, None, None));
    assert_eq!(press(&mut watch, [Key::Enter, Key::Down, Key::Tab, Key::Tab, Key::End]), None);
    assert!(text(&watch, COLOUR).contains("không có lần mất kết nối nào"));
}

#[test]
fn what_is_open_stays_open_when_the_daemon_dies_and_comes_back() {
    let mut watch = watch(Lang::En, SIZE);
    press(&mut watch, [Key::Tab, Key::Enter]);
    let open = Subject::Place(PlaceId::Commune("02221".parse().expect("a code")));
    let remedy = "start it: systemctl start phusongd".to_owned();
    let left_out = Notice::LeftUnread { parts: vec![StorePart::Outages] };
    let mut store = province::picture(Heard::Store { reason: "nobody listens".to_owned(), remedy: remedy.clone() });
    store.notices.push(left_out);
    watch.hear(store);
    let shown = text(&watch, COLOUR);
    for told in ["DOES NOT ANSWER", "nobody listens", &remedy, "this cannot be read: outages"] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    assert_eq!(watch.subject(), Some(open.clone()));
    watch.hear_nothing("no answer".to_owned());
    assert!(text(&watch, COLOUR).contains("fibre-02221"), "what was told before is still there");
    watch.hear(province::picture(Heard::Daemon));
    assert!(!text(&watch, COLOUR).contains("DOES NOT ANSWER"));
    assert_eq!((watch.subject(), watch.list), (Some(open), List::Places));
}

#[test]
fn an_opened_event_that_has_left_the_window_says_so() {
    let mut watch = watch(Lang::En, SIZE);
    press(&mut watch, [Key::End, Key::Enter]);
    let fewer = province::events().into_iter().take(2).collect();
    watch.hear(province::picture_of(province::links(), province::outages(), fewer, Heard::Daemon));
    assert!(text(&watch, COLOUR).contains("no longer in the window"));
}

#[test]
fn where_nothing_happens_the_communes_are_looked_at_first() {
    let picture = province::picture_of(province::links(), Vec::new(), Vec::new(), Heard::Daemon);
    assert_eq!(Watch::new(Lang::Vi, SIZE, super::now(), picture).list, List::Places);
}
