//! The three panes, each with a head line.

use phusong_model::{
    answer::EventItem,
    glossary::{self, Term, Word, sign},
    printable,
};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
    text::Line,
};

use super::{super::layout::Pane, Look};
use crate::{
    paint::Tone,
    show::View,
    table::{Cell, Column, Table, clip},
    watch::{
        bars::PAINT,
        detail,
        layout::{Cells, first, focus},
        places::Place,
        state::{List, Subject, Watch},
    },
};

/// Events: those that are on, and those that are over.
pub fn events(buffer: &mut Buffer, area: Rect, watch: &Watch, look: Look) {
    let lang = watch.lang;
    let (open, all) = (watch.shown.events.iter().filter(|event| event.end.is_none()).count(), watch.shown.events.len());
    let count = |number: usize| glossary::integer(lang, number as u64);
    let head = lang.pick(
        format!("SỰ CỐ: {} đang diễn ra, {} đã qua", count(open), count(all - open)),
        format!("EVENTS: {} on, {} over", count(open), count(all - open)),
    );
    let body = head_line(buffer, area, &head, focus(watch) == Pane::Events, look);
    if body.is_empty() {
        return;
    }
    if all == 0 {
        let (tone, words) = if watch.filter.is_empty() {
            (Tone::Good, Word::NoOutages.term(lang))
        } else {
            (Tone::Faint, lang.of(("không sự cố nào khớp bộ lọc", "no event fits the filter")))
        };
        buffer.set_line(body.x, body.y, &look.line(&PAINT.apply(tone, words)), body.width);
        return;
    }
    let chosen = watch.event_index().unwrap_or(0);
    let start = first(chosen, all, usize::from(body.height));
    let seen: Vec<&EventItem> = watch.shown.events.iter().skip(start).take(usize::from(body.height)).collect();
    let rows = event_rows(&seen, watch, usize::from(body.width));
    for ((y, row), index) in (body.top()..body.bottom()).zip(rows).zip(start..) {
        let here = index == chosen && watch.list == List::Events;
        put(buffer, (body.x, y, body.width), &look.line(&row), here);
    }
}

/// A row for each: sign, begin, length, people, what it is, cause, who has taken notice.
fn event_rows(events: &[&EventItem], watch: &Watch, width: usize) -> Vec<String> {
    let lang = watch.lang;
    let view = View { lang, width, paint: PAINT, now: watch.now };
    let mut table = Table::new(vec![
        Column::text(""),
        Column::text(""),
        Column::number("").yields(1),
        Column::text("").shrink(24),
        Column::text("").shrink(8).yields(2),
        Column::text("").shrink(8).yields(0),
    ]);
    for event in events {
        let sign = if event.end.is_none() { sign(phusong_model::LinkState::Down) } else { ' ' };
        let tone = if event.end.is_none() { Tone::Bad } else { Tone::Faint };
        let length = event.end.unwrap_or(watch.now).since(event.start);
        let people =
            event.people.map(|people| format!("{} {}", glossary::integer(lang, people), Word::People.term(lang)));
        let ack = watch.outages_of(event.event).into_iter().find_map(|outage| outage.ack.as_ref());
        let noticed = ack.map(|ack| format!("✓ {}", ack.author));
        table.row(vec![
            Cell::new(format!("{sign} {}", glossary::moment(lang, event.start, watch.now))).tone(tone),
            Cell::new(glossary::duration(lang, length)),
            Cell::maybe(people),
            Cell::new(watch.name_of(event)),
            view.cause(Some(&event.cause), event.by.as_ref().filter(|_| event.cause == "upstream")),
            Cell::new(noticed.unwrap_or_default()).tone(Tone::Good),
        ]);
    }
    // There is no room for heads, and each cell says what it is.
    table.render(width, PAINT).lines.into_iter().skip(1).collect()
}

/// Communes: a cell each, by the worst state of its links.
pub fn places(buffer: &mut Buffer, area: Rect, watch: &Watch, cells: Cells, look: Look) {
    let lang = watch.lang;
    let count = glossary::integer(lang, watch.shown.communes() as u64);
    let head = lang.pick(format!("XÃ, PHƯỜNG ({count})"), format!("COMMUNES ({count})"));
    // While events are chosen no cell is.
    let head = match detail::summary(watch).filter(|_| watch.list == List::Places) {
        Some(chosen) => format!("{head}: {chosen}"),
        None => head,
    };
    let body = head_line(buffer, area, &head, focus(watch) == Pane::Places, look);
    let chosen = watch.place_index().unwrap_or(0);
    let rows = watch.shown.places.len().div_ceil(cells.columns);
    let start = first(chosen / cells.columns, rows, usize::from(body.height));
    let rows = watch.shown.places.chunks(cells.columns).enumerate().skip(start);
    for (y, (row, places)) in (body.top()..body.bottom()).zip(rows) {
        for ((column, place), x) in
            places.iter().enumerate().zip((body.left()..body.right()).step_by(usize::from(cells.width)))
        {
            let here = row * cells.columns + column == chosen && !watch.shown.places.is_empty();
            cell(buffer, (x, y), place, cells, here && watch.list == List::Places, look);
        }
    }
}

fn cell(buffer: &mut Buffer, (x, y): (u16, u16), place: &Place, cells: Cells, chosen: bool, look: Look) {
    let state = place.state();
    let room = cells.width.saturating_sub(1);
    let text = if cells.named() {
        format!("{} {}", sign(state), clip(&printable(&place.name), usize::from(room.saturating_sub(2))))
    } else {
        sign(state).to_string()
    };
    let style = look.state(state);
    let style = if chosen { style.add_modifier(Modifier::REVERSED) } else { style };
    buffer.set_stringn(x, y, text, usize::from(room), style);
}

/// What is chosen or opened.
pub fn detail(buffer: &mut Buffer, area: Rect, watch: &Watch, look: Look) {
    let content = detail::content(watch, usize::from(area.width));
    let (lines, height) = (content.lines.len(), usize::from(area.height.saturating_sub(1)));
    let opened = watch.opened.last();
    let (chosen, start) = match opened {
        None => (None, 0),
        Some(opened) if matches!(opened.subject, Subject::Link(_)) => {
            (None, opened.row.min(lines.saturating_sub(height)))
        }
        Some(opened) if content.rows > 0 => {
            let line = (content.first + opened.row).min(lines.saturating_sub(1));
            (Some(line), first(line, lines, height))
        }
        Some(_) => (None, 0),
    };
    let mut head = format!("{}: {}", watch.lang.of(("CHI TIẾT", "DETAIL")), printable(&content.title));
    if lines > height {
        head += &format!(" {}–{}/{lines}", start + 1, (start + height).min(lines));
    }
    if opened.is_none() && watch.subject().is_some() {
        head += watch.lang.of((" (Enter mở)", " (Enter opens)"));
    }
    let body = head_line(buffer, area, &head, opened.is_some(), look);
    let seen = content.lines.iter().enumerate().skip(start);
    for (y, (index, line)) in (body.top()..body.bottom()).zip(seen) {
        put(buffer, (body.x, y, body.width), &look.line(line), chosen == Some(index));
    }
}

/// The head line of a pane, and the room below it. The pane that keys go to has a mark, which needs no colour.
fn head_line(buffer: &mut Buffer, area: Rect, text: &str, focused: bool, look: Look) -> Rect {
    if area.height == 0 {
        return area;
    }
    let mark = if focused { "> " } else { "─ " };
    let style = look.tone(if focused { Tone::Strong } else { Tone::Faint });
    let (mut x, _) = buffer.set_stringn(area.x, area.y, mark, usize::from(area.width), style);
    let room = |x: u16| area.right().saturating_sub(x);
    (x, _) = buffer.set_line(x, area.y, &look.line(text), room(x));
    (x, _) = buffer.set_stringn(x, area.y, " ", usize::from(room(x)), style);
    buffer.set_stringn(x, area.y, "─".repeat(usize::from(room(x))), usize::from(room(x)), look.tone(Tone::Faint));
    Rect { y: area.y + 1, height: area.height - 1, ..area }
}

/// A row; a chosen one is turned over along its whole width.
fn put(buffer: &mut Buffer, (x, y, width): (u16, u16, u16), line: &Line<'static>, chosen: bool) {
    buffer.set_line(x, y, line, width);
    if chosen {
        buffer.set_style(Rect::new(x, y, width, 1), Style::new().add_modifier(Modifier::REVERSED));
    }
}
