//! Columns of a sheet as a table for people: instants in the time of Viet Nam, lengths of time and numbers as the
//! language writes them, states with their signs.

use phusong_model::{
    LinkState, Millis, UtcMs,
    glossary::{self, Head, Term, sign},
};

use super::{Field, Selected};
use crate::{
    show::{View, tone},
    table::{Cell, Column, Table},
};

pub(super) fn table(sheet: &Selected, view: &View) -> Table {
    let is_number = |at: usize| {
        let cells = sheet.rows.iter().filter_map(|row| row.get(at)).filter(|field| !matches!(field, Field::Empty));
        let mut cells = cells.peekable();
        cells.peek().is_some() && cells.all(|field| matches!(field, Field::Exact(text) if text.parse::<f64>().is_ok()))
    };
    let column = |(at, name): (usize, &&'static str)| {
        let head = head(name, view);
        // A code is made of digits and is no number.
        if is_number(at) && !is_code(name) { Column::number(head) } else { Column::text(head).shrink(8) }
    };
    let mut table = Table::new(sheet.names.iter().enumerate().map(column).collect());
    for row in &sheet.rows {
        table.row(sheet.names.iter().zip(row).map(|(name, field)| cell(name, field, view)).collect());
    }
    table
}

fn is_code(name: &str) -> bool {
    matches!(name, "commune" | "code")
}

/// The head that the tables of the commands have for it, else its name.
fn head(name: &str, view: &View) -> String {
    let known = match name {
        "link" => Some(Head::Link),
        "name" => Some(Head::Name),
        "kind" | "link_kind" => Some(Head::Kind),
        "commune_name" => Some(Head::Commune),
        "place" => Some(Head::Place),
        "operator" => Some(Head::Operator),
        "state" => Some(Head::State),
        "since" | "start" => Some(Head::Since),
        "end" => Some(Head::Until),
        "duration_ms" => Some(Head::Duration),
        "people" => Some(Head::People),
        "households" => Some(Head::Households),
        "cause" => Some(Head::Cause),
        "phone" => Some(Head::Phone),
        "target" => Some(Head::Target),
        "probe" => Some(Head::Probe),
        "rx_dbm" => Some(Head::Optical),
        "availability_ratio" => Some(Head::Availability),
        "technology" => Some(Head::Technology),
        _ => None,
    };
    known.map_or_else(|| name.to_uppercase(), |head| head.term(view.lang).to_owned())
}

fn cell(name: &str, field: &Field, view: &View) -> Cell {
    let text = match field {
        Field::Empty => return Cell::missing(),
        Field::Text(text) | Field::Exact(text) => text,
    };
    if name == "state"
        && let Some(state) = LinkState::ALL.into_iter().find(|state| state.id() == text)
    {
        return Cell::new(format!("{} {}", sign(state), state.term(view.lang))).tone(tone(state));
    }
    if name == "cause" {
        return Cell::new(glossary::cause(view.lang, text, None));
    }
    let exact = matches!(field, Field::Exact(_)) && !is_code(name);
    let number = text.parse::<f64>().ok().filter(|_| exact);
    match (number, text.parse::<UtcMs>()) {
        (Some(number), _) => Cell::new(told(name, text, number, view)),
        (None, Ok(at)) if exact => view.moment(at),
        (None, _) => Cell::new(text),
    }
}

/// A number with the unit that its name tells.
fn told(name: &str, text: &str, number: f64, view: &View) -> String {
    if let (true, Ok(length)) = (name.ends_with("_ms"), text.parse::<i64>()) {
        return glossary::duration(view.lang, Millis(length));
    }
    if name.ends_with("_ratio") || name == "loss" {
        return glossary::percent(view.lang, number);
    }
    match text.parse::<u64>() {
        // The number of an outage is typed again, and has no separators.
        Ok(_) if matches!(name, "outage" | "event" | "rank" | "id") => text.to_owned(),
        Ok(whole) => glossary::integer(view.lang, whole),
        Err(_) => glossary::decimal(view.lang, number, 2),
    }
}
