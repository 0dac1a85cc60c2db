//! The situation report as a sheet: a row for each figure, with what it is of.

use phusong_model::{
    UtcMs,
    answer::{SitrepBody, SitrepCause, SitrepClass, SitrepCommune, SitrepEvent, SitrepOf, SitrepPart, SitrepRow},
};

use super::{Field, Sheet};

const HEADER: &str = "section,of,name,total,up,degraded,down,blind,maintenance,compared,down_before,still_down,restored,\
                      out_of_sight,newly_down,found_down,passed,people,time";

/// The column of what is down.
const DOWN: usize = 6;

/// Columns of numbers between the name and `people`.
const NUMBERS: usize = 14;

pub fn sheet(body: &SitrepBody) -> Sheet {
    let communes = body.communes.classes.iter().map(class);
    let all = plain("communes", "total", "", Some(body.communes.total), None);
    let one_left = plain("communes", "one-left", "", Some(body.communes.one_left), None);
    let people = plain("people", "all", "", Some(body.people.communes), body.people.people);
    let unknown = plain("people", "unknown", "", Some(body.people.communes_unknown), None);
    let rows = hours(body)
        .into_iter()
        .chain(part("routes", &body.routes))
        .chain(part("stations", &body.stations))
        .chain(reports(body))
        .chain([all])
        .chain(communes)
        .chain([one_left])
        .chain(body.communes.items.iter().map(commune))
        .chain([people, unknown])
        .chain(body.people.events.iter().map(event));
    Sheet { header: HEADER, rows: rows.collect() }
}

/// Of when it is: a sheet that was saved has no other date.
fn hours(body: &SitrepBody) -> [Vec<Field>; 2] {
    let as_of = if body.old { "last-look" } else { "at" };
    [(as_of, body.at), ("before", body.before)].map(|(of, time)| at(plain("report", of, "", None, None), time))
}

/// The row with a time.
fn at(mut row: Vec<Field>, time: UtcMs) -> Vec<Field> {
    if let Some(field) = row.last_mut() {
        *field = Field::exact(Some(time));
    }
    row
}

/// A row with a number in the column of totals at most.
fn plain(section: &str, of: &str, name: &str, total: Option<u64>, people: Option<u64>) -> Vec<Field> {
    let mut row =
        vec![Field::text(Some(section)), Field::text(Some(of)), Field::text((!name.is_empty()).then_some(name))];
    row.push(Field::exact(total));
    row.extend(vec![Field::Empty; NUMBERS - 1]);
    row.extend([Field::exact(people), Field::Empty]);
    row
}

fn part(section: &str, part: &SitrepPart) -> Vec<Vec<Field>> {
    let counted = std::iter::once(&part.all).chain(&part.rows).map(|one| row(section, one));
    counted.chain(part.causes.iter().flat_map(|one| causes(section, one))).collect()
}

fn row(section: &str, row: &SitrepRow) -> Vec<Field> {
    let (of, name) = match &row.of {
        SitrepOf::All => ("all", None),
        SitrepOf::Kind { kind } => ("kind", Some(kind.id().to_owned())),
        SitrepOf::Operator { operator } => ("operator", operator.as_ref().map(ToString::to_string)),
        SitrepOf::District { district } => ("district", district.clone()),
    };
    let (counts, change) = (row.counts, row.change);
    let numbers: [u64; NUMBERS] = [
        row.total,
        counts.up,
        counts.degraded,
        counts.down,
        counts.blind,
        counts.maintenance,
        change.compared,
        change.down_before,
        change.still_down,
        change.restored,
        change.out_of_sight,
        change.newly_down,
        change.found_down,
        change.passed,
    ];
    let mut fields = vec![Field::text(Some(section)), Field::text(Some(of)), Field::text(name)];
    fields.extend(numbers.map(|number| Field::exact(Some(number))));
    fields.extend([Field::Empty, Field::Empty]);
    fields
}

/// What is down for a cause, and how much of it is behind something else, stand in the column of what is down.
fn causes(section: &str, cause: &SitrepCause) -> [Vec<Field>; 2] {
    [("cause", cause.down), ("cause-behind", cause.behind)]
        .map(|(of, links)| down(plain(section, of, &cause.cause, None, None), links))
}

/// The row with a number in the column of what is down.
fn down(mut row: Vec<Field>, number: u64) -> Vec<Field> {
    if let Some(field) = row.get_mut(DOWN) {
        *field = Field::exact(Some(number));
    }
    row
}

fn reports(body: &SitrepBody) -> Vec<Vec<Field>> {
    let reports = &body.reports;
    let counts = [
        ("by-backhaul", reports.by_backhaul),
        ("by-report", reports.by_report),
        ("old-up", reports.old_up),
        ("old-down", reports.old_down),
        ("never", reports.never),
    ];
    let rows = counts.into_iter().map(|(of, number)| plain("reports", of, "", Some(number), None));
    let oldest = reports.oldest_counted.map(|oldest| at(plain("reports", "oldest-counted", "", None, None), oldest));
    rows.chain(oldest).collect()
}

fn class(class: &SitrepClass) -> Vec<Field> {
    plain("communes", class.left.id(), "", Some(class.communes), class.people)
}

/// Operators: all, and those that are out.
fn commune(item: &SitrepCommune) -> Vec<Field> {
    let row = plain("commune", item.left.id(), &item.commune_name, Some(item.operators.len() as u64), item.people);
    down(row, item.lost.len() as u64)
}

/// Its links that are down, and the people that it adds.
fn event(item: &SitrepEvent) -> Vec<Field> {
    let by = item.by.as_ref().map_or_else(String::new, |by| format!(" {by}"));
    let row = plain("event", &item.cause, &format!("{}{by}", item.event.0), None, Some(item.people_added));
    at(down(row, item.links), item.start)
}
