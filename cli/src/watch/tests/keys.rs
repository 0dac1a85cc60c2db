//! What keys do.

use phusong_model::{EventId, OutageId, glossary::Lang};

use super::{COLOUR, Key, Watch, Wish, press, text, watch, write};
use crate::watch::{
    places::PlaceId,
    state::{List, Mode, Noting, Subject},
};

const SIZE: (u16, u16) = (80, 24);

fn here() -> Watch {
    watch(Lang::En, SIZE)
}

fn place(code: &str) -> PlaceId {
    PlaceId::Commune(code.parse().expect("a code"))
}

fn letter(letter: char) -> Key {
    Key::Letter(letter)
}

#[test]
fn arrows_and_letters_move_in_the_list_that_has_the_mark() {
    let mut watch = here();
    assert_eq!((watch.list, watch.event), (List::Events, Some(EventId(6))), "most people first");
    press(&mut watch, [letter('j')]);
    assert_eq!(watch.event, Some(EventId(9)));
    press(&mut watch, [Key::End]);
    assert_eq!(watch.event, Some(EventId(5)));
    press(&mut watch, [Key::Down, Key::Up, Key::Up, Key::Up]);
    assert_eq!(watch.event, Some(EventId(6)), "there is nothing beyond the ends");
}

#[test]
fn in_the_grid_lines_and_columns_are_those_that_are_seen() {
    let mut watch = here();
    press(&mut watch, [Key::Tab]);
    assert_eq!(watch.place, Some(place("02221")));
    press(&mut watch, [letter('l'), letter('j')]);
    assert_eq!(watch.place, Some(place("02262")), "forty signs stand in a row");
    press(&mut watch, [letter('h'), letter('k')]);
    assert_eq!(watch.place, Some(place("02221")));
    press(&mut watch, [letter('k'), letter('h')]);
    assert_eq!(watch.place, Some(place("02221")));
    press(&mut watch, [Key::End]);
    assert_eq!(watch.place, Some(PlaceId::Shared), "what serves no single commune has a cell too");
    press(&mut watch, [letter('j')]);
    assert_eq!(watch.place, Some(PlaceId::Shared));
    watch.size = (120, 40);
    press(&mut watch, [Key::Home, letter('j')]);
    assert_eq!(watch.place, Some(place("02231")), "ten names do");
}

#[test]
fn an_event_opens_to_its_outages_and_those_to_their_links_and_back() {
    let mut watch = here();
    assert_eq!(press(&mut watch, [Key::Enter]), Some(Wish::Follow(None)));
    assert_eq!(watch.subject(), Some(Subject::Event(EventId(6))));
    let followed = press(&mut watch, [Key::Down, Key::Enter]);
    let link = "fibre-02226".parse().expect("an id");
    assert_eq!(followed, Some(Wish::Follow(Some(link))));
    assert_eq!(press(&mut watch, [Key::Enter]), None, "there is nothing inside a link");
    assert_eq!(press(&mut watch, [Key::Esc]), Some(Wish::Follow(None)));
    assert_eq!(watch.opened.last().map(|opened| opened.row), Some(1), "where it was left");
    press(&mut watch, [Key::Esc]);
    assert!(watch.opened.is_empty() && watch.list == List::Events);
}

#[test]
fn tab_goes_round_the_panes_both_ways() {
    let mut watch = here();
    press(&mut watch, [Key::Tab, Key::Tab]);
    assert_eq!(watch.subject(), Some(Subject::Place(place("02221"))));
    assert_eq!(watch.opened.len(), 1);
    press(&mut watch, [Key::Tab]);
    assert!(watch.opened.is_empty() && watch.list == List::Events);
    press(&mut watch, [Key::BackTab]);
    assert_eq!((watch.subject(), watch.opened.len()), (Some(Subject::Event(EventId(6))), 1));
    press(&mut watch, [Key::BackTab, Key::BackTab]);
    assert!(watch.opened.is_empty() && watch.list == List::Events);
}

#[test]
fn a_filter_acts_as_it_is_typed_and_is_told() {
    let mut watch = here();
    press(&mut watch, [letter('/')]);
    write(&mut watch, "thuong lam");
    let names: Vec<&str> = watch.shown.places.iter().map(|place| place.name.as_str()).collect();
    assert_eq!(names, ["Thượng Lâm", "Thượng Lâm 1", "Thượng Lâm 2", "Thượng Lâm 3"]);
    assert_eq!(watch.shown.events.iter().map(|event| event.event.0).collect::<Vec<_>>(), [6]);
    assert!(text(&watch, COLOUR).contains("Filter \"thuong lam\": 8 of 250 links, 4 communes, 1 event"));
    press(&mut watch, [Key::Enter]);
    assert_eq!(watch.mode, Mode::Looking);
    assert_eq!(watch.filter.text(), "thuong lam");

    press(&mut watch, [letter('/'), Key::Erase]);
    write(&mut watch, "viettel, down");
    assert_eq!(watch.shown.places.len(), 0);
    assert!(watch.place.is_none() && watch.event.is_none());
    press(&mut watch, [Key::Esc]);
    assert_eq!(watch.filter.text(), "thuong lam", "thought better of");
    press(&mut watch, [Key::Esc]);
    assert!(watch.filter.is_empty());
    assert_eq!(watch.shown.places.len(), 125);
}

#[test]
fn letters_of_a_filter_or_a_note_are_no_orders() {
    let mut watch = here();
    press(&mut watch, [letter('/')]);
    assert_eq!(press(&mut watch, "qa?/".chars().map(Key::Letter)), None);
    assert_eq!(watch.filter.text(), "qa?/");
    assert_eq!(press(&mut watch, [Key::Interrupt]), Some(Wish::Quit), "but for Ctrl-C");
    let mut watch = here();
    assert_eq!(press(&mut watch, [letter('q')]), Some(Wish::Quit));
    assert_eq!(press(&mut watch, [Key::Pasted("q".to_owned())]), None);
    assert_eq!(press(&mut watch, [letter('?'), letter('q')]), None, "it closes the explanations");
    assert_eq!(watch.mode, Mode::Looking);
}

#[test]
fn an_acknowledgement_takes_a_note_and_loses_nothing_when_it_fails() {
    let mut watch = here();
    press(&mut watch, [letter('a')]);
    write(&mut watch, " đang xử lý ");
    let sent = press(&mut watch, [Key::Enter]);
    assert_eq!(sent, Some(Wish::Acknowledge { outage: OutageId(6), note: Some("đang xử lý".to_owned()) }));
    assert_eq!(press(&mut watch, [Key::Enter, letter('q')]), None, "it is on its way");
    watch.acknowledged(OutageId(6), Err("the store refuses".to_owned()));
    let Mode::Noting(Noting { text: note, sent: false, error: Some(error), .. }) = &watch.mode else {
        panic!("{:?}", watch.mode)
    };
    assert_eq!((note.as_str(), error.as_str()), (" đang xử lý ", "the store refuses"));
    assert!(text(&watch, COLOUR).contains("the store refuses"));

    let again = press(&mut watch, [Key::Erase, Key::Enter]);
    assert_eq!(again, Some(Wish::Acknowledge { outage: OutageId(6), note: None }), "a note may be empty");
    watch.acknowledged(OutageId(6), Ok("outage 6 is acknowledged".to_owned()));
    assert_eq!(watch.mode, Mode::Looking);
    assert!(text(&watch, COLOUR).contains("outage 6 is acknowledged"));
    press(&mut watch, [Key::Down]);
    assert!(!text(&watch, COLOUR).contains("outage 6 is acknowledged"), "until the next key");
}

#[test]
fn whoever_does_not_wait_for_an_acknowledgement_leaves_it_and_hears_of_it_later() {
    let mut watch = here();
    press(&mut watch, [letter('a'), Key::Enter, Key::Esc]);
    assert_eq!(watch.mode, Mode::Looking);
    press(&mut watch, [letter('/')]);
    watch.acknowledged(OutageId(6), Err("phusongd does not answer".to_owned()));
    assert!(matches!(watch.mode, Mode::Filtering { .. }), "what is typed is not taken away");
    press(&mut watch, [Key::Enter]);
    assert!(text(&watch, COLOUR).contains("phusongd does not answer"));
}

#[test]
fn the_lines_below_the_rows_can_be_read_and_are_no_rows() {
    let mut watch = here();
    press(&mut watch, [Key::Tab, Key::Enter, Key::End]);
    let opened = watch.opened.last().expect("a commune").clone();
    assert!(opened.row >= watch.rows(&opened.subject).len(), "whom to call stands below: {opened:?}");
    assert_eq!(press(&mut watch, [Key::Enter]), None);
}

#[test]
fn what_is_acknowledged_is_what_is_chosen() {
    let noted = |keys: &[Key]| {
        let mut watch = here();
        press(&mut watch, keys.iter().cloned());
        press(&mut watch, [letter('a')]);
        match watch.mode {
            Mode::Noting(noting) => Some(noting.outage.0),
            Mode::Looking | Mode::Filtering { .. } | Mode::Help => {
                assert!(watch.said.is_some_and(|said| said.bad), "why not is said");
                None
            }
        }
    };
    assert_eq!(noted(&[Key::Down]), Some(9));
    assert_eq!(noted(&[Key::Enter, Key::Down]), Some(6), "an event as a whole");
    assert_eq!(noted(&[Key::Tab]), None, "a commune is no event");
    assert_eq!(noted(&[Key::Tab, Key::Enter]), Some(9), "the link in the row");
    assert_eq!(noted(&[Key::Tab, Key::Enter, Key::Enter]), Some(9), "an opened link");
    assert_eq!(noted(&[Key::Tab, Key::Enter, Key::Down]), None, "a link that is up");
}
