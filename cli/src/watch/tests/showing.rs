//! Whole screens, in both languages, in both sizes that people use most.

use phusong_model::{
    answer::{Body, LinkItem, OutageItem},
    glossary::Lang,
};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

use super::{COLOUR, Heard, Key, Look, PLAIN, Wish, drawn, lines, press, province, text, watch, write};
use crate::{
    tests::{link_samples, samples},
    watch::{bars, state::Watch},
};

const OLD: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (120, 40);

/// A letter for each cell's style: its colour, in capitals when it is turned over, or its weight.
fn styles(watch: &Watch, look: Look) -> String {
    lines(&drawn(watch, look), |cell| {
        let colours = [(Color::Red, 'r'), (Color::Green, 'g'), (Color::Yellow, 'y')];
        let weights = [(Modifier::BOLD, 'b'), (Modifier::DIM, 'd')];
        let colour = colours.into_iter().find_map(|(colour, letter)| (cell.fg == colour).then_some(letter));
        let weight = weights.into_iter().find_map(|(weight, letter)| cell.modifier.contains(weight).then_some(letter));
        let letter = colour.or(weight).unwrap_or(' ');
        let turned = cell.modifier.contains(Modifier::REVERSED);
        if turned && letter == ' ' {
            '#'
        } else if turned {
            letter.to_ascii_uppercase()
        } else {
            letter
        }
        .to_string()
    })
}

fn both(size: (u16, u16), keys: &[Key]) -> String {
    let of = |lang| {
        let mut watch = watch(lang, size);
        press(&mut watch, keys.iter().cloned());
        text(&watch, COLOUR)
    };
    format!("{}\n\n{}", of(Lang::Vi), of(Lang::En))
}

#[test]
fn events_stand_above_communes_above_what_is_chosen() {
    insta::assert_snapshot!("screen-80x24", both(OLD, &[]));
    insta::assert_snapshot!("screen-120x40", both(LARGE, &[]));
}

#[test]
fn a_commune_is_chosen_in_the_grid_and_opened_below() {
    insta::assert_snapshot!("commune-80x24", both(OLD, &[Key::Tab, Key::Enter]));
    insta::assert_snapshot!("commune-120x40", both(LARGE, &[Key::Tab, Key::Right, Key::Enter, Key::Down]));
}

#[test]
fn an_event_opens_to_its_outages_with_who_took_notice() {
    insta::assert_snapshot!("event-80x24", both(OLD, &[Key::Enter, Key::Down]));
}

#[test]
fn a_link_shows_what_is_known_until_the_rest_is_answered() {
    let of = |lang| {
        let mut watch = watch(lang, OLD);
        press(&mut watch, [Key::Tab, Key::Enter, Key::Enter]);
        let asking = text(&watch, COLOUR);
        let answer = samples::answer(Body::Link(Box::new(link_samples::link())));
        watch.hear_of_link("fibre-02221".parse().expect("an id"), Ok(Box::new(answer)));
        press(&mut watch, [Key::Down]);
        format!("{asking}\n\n{}", text(&watch, COLOUR))
    };
    insta::assert_snapshot!("link-80x24", format!("{}\n\n{}", of(Lang::Vi), of(Lang::En)));
}

#[test]
fn state_is_told_by_sign_and_word_and_colour_only_adds_to_it() {
    let mut watch = watch(Lang::Vi, OLD);
    press(&mut watch, [Key::Tab]);
    insta::assert_snapshot!("styles", styles(&watch, COLOUR));
    let plain = Look { colour: false, ascii: false };
    assert_eq!(text(&watch, plain), text(&watch, COLOUR));
    let coloured =
        |look| drawn(&watch, look).content.iter().any(|cell| (cell.fg, cell.bg) != (Color::Reset, Color::Reset));
    assert!(coloured(COLOUR) && !coloured(plain));
    insta::assert_snapshot!("styles-without-colour", styles(&watch, plain));
}

#[test]
fn signs_of_ascii_do_without_all_others() {
    let mut watch = watch(Lang::En, OLD);
    press(&mut watch, [Key::Tab]);
    let shown = text(&watch, PLAIN);
    for line in shown.lines() {
        let names = line.chars().filter(|c| !c.is_ascii() && !c.is_alphabetic()).collect::<String>();
        assert_eq!(names, "", "{line}");
    }
    assert!(shown.lines().nth(9).is_some_and(|line| line.starts_with("X + + + + X X +")), "{shown}");
}

#[test]
fn what_is_typed_said_and_explained_stands_at_the_bottom() {
    let of = |lang| {
        let mut watch = watch(lang, OLD);
        let mut screens = Vec::new();
        press(&mut watch, [Key::Letter('/')]);
        write(&mut watch, "nà hang");
        screens.push(text(&watch, COLOUR));
        press(&mut watch, [Key::Enter, Key::Letter('a')]);
        write(&mut watch, "VNPT đang xử lý");
        let Some(Wish::Acknowledge { outage, .. }) = watch.key(&Key::Enter) else { panic!("{:?}", watch.mode) };
        watch.acknowledged(outage, Err("kho dữ liệu không ghi được\n  xem: systemctl status phusongd".to_owned()));
        screens.push(text(&watch, COLOUR));
        press(&mut watch, [Key::Esc, Key::Letter('?')]);
        screens.push(text(&watch, COLOUR));
        screens.join("\n\n")
    };
    insta::assert_snapshot!("bottom-80x24", format!("{}\n\n{}", of(Lang::Vi), of(Lang::En)));
}

#[test]
fn explanations_fit_the_smallest_screen() {
    for width in [usize::from(OLD.0), 60] {
        for line in [Lang::Vi, Lang::En].into_iter().flat_map(|lang| bars::help(lang, width)) {
            let shown = COLOUR.line(&line);
            // The signs have a line of their own, which narrow screens cut.
            assert!(shown.width() <= width.max(usize::from(OLD.0)), "{shown}");
        }
    }
}

#[test]
fn a_missing_daemon_is_told_in_red_and_in_words() {
    let of = |lang: Lang| {
        let remedy = crate::remedy::Starter::Service.start(lang);
        Watch::new(lang, OLD, super::now(), province::picture(Heard::Store { reason: "socket /s".to_owned(), remedy }))
    };
    let head = |watch: &Watch| text(watch, COLOUR).lines().take(3).collect::<Vec<_>>().join("\n");
    let (vi, en) = (of(Lang::Vi), of(Lang::En));
    insta::assert_snapshot!("daemon-away", format!("{}\n\n{}", head(&vi), head(&en)));
    assert!(styles(&vi, COLOUR).lines().nth(1).is_some_and(|line| line.starts_with("rrrr")));
    let mut nobody = of(Lang::En);
    nobody.hear_nothing("no answer\n  phusongd: x\x1b[2J".to_owned());
    insta::assert_snapshot!("nobody-answers", head(&nobody));
}

#[test]
fn a_screen_that_is_too_small_says_what_is_missing_and_shows_one_pane() {
    insta::assert_snapshot!("screen-60x15", both((60, 15), &[]));
    insta::assert_snapshot!("screen-60x15-communes", both((60, 15), &[Key::Tab]));
}

#[test]
fn no_size_of_a_terminal_is_too_odd() {
    let odd = [0, 1, 2, 3, 5, 10, 24, 39, 79, 80, 200];
    let sizes = odd.iter().flat_map(|columns| odd.iter().map(move |lines| (*columns, *lines)));
    for size in sizes {
        let mut watch = watch(Lang::Vi, size);
        for key in
            [Key::Down, Key::Tab, Key::PageDown, Key::Enter, Key::End, Key::Letter('a'), Key::Esc, Key::Letter('/')]
        {
            watch.key(&key);
            let shown = text(&watch, COLOUR);
            assert!(shown.lines().all(|line| line.width() <= usize::from(size.0)), "{size:?} after {key:?}:\n{shown}");
        }
    }
}

#[test]
fn names_and_notes_of_others_cannot_draw_on_the_screen() {
    let hostile = "\x1b[2J\u{202e}x\r\n\u{9b}31m\0";
    let link = |link: LinkItem| LinkItem {
        commune_name: link.commune_name.map(|name| name + hostile),
        name: hostile.to_owned(),
        target: hostile.to_owned(),
        ..link
    };
    let outage = |outage: OutageItem| OutageItem {
        cause: hostile.to_owned(),
        ack: outage.ack.map(|ack| phusong_model::Ack { note: Some(hostile.to_owned()), ..ack }),
        ..outage
    };
    let events = province::events().into_iter().map(|event| phusong_model::answer::EventItem {
        communes: vec![hostile.to_owned()],
        cause: hostile.to_owned(),
        ..event
    });
    let mut picture = province::picture_of(
        province::links().into_iter().map(link).collect(),
        province::outages().into_iter().map(outage).collect(),
        events.collect(),
        Heard::Daemon,
    );
    picture.province = hostile.to_owned();
    let mut watch = Watch::new(Lang::Vi, OLD, super::now(), picture);
    press(&mut watch, [Key::Letter('/'), Key::Pasted(hostile.to_owned()), Key::Esc]);
    for keys in [vec![Key::Down], vec![Key::Enter], vec![Key::Enter], vec![Key::Tab, Key::Tab], vec![Key::Letter('a')]]
    {
        press(&mut watch, keys);
        let buffer = drawn(&watch, COLOUR);
        for cell in &buffer.content {
            assert!(!cell.symbol().chars().any(|c| c.is_control() || c == '\u{202e}'), "{:?}", cell.symbol());
        }
        assert!(text(&watch, COLOUR).contains("\\u{1b}"), "it is shown, not obeyed");
    }
}
