//! The situation report as a sheet: a row for each figure, with what it is of.

use phusong_model::answer::{
    SitrepBody, SitrepCause, SitrepClass, SitrepCommune, SitrepEvent, SitrepOf, SitrepPart, SitrepRow,
};

use super::{Field, Sheet};

const HEADER: &str = "section,of,name,total,up,degraded,down,blind,maintenance,down_before,still_down,restored,\
                      out_of_sight,newly_down,found_down,passed,people,start";

/// Columns of numbers between the name and `people`.
const NUMBERS: usize = 13;

pub fn sheet(body: &SitrepBody) -> Sheet {
    let communes = body.communes.classes.iter().map(class);
    let all = plain("communes", "total", "", Some(body.communes.total), None);
    let one_left = plain("communes", "one-left", "", Some(body.communes.one_left), None);
    let people = plain("people", "all", "", Some(body.people.communes), body.people.people);
    let rows = part("routes", &body.routes)
        .into_iter()
        .chain(part("stations", &body.stations))
        .chain(reports(body))
        .chain([all])
        .chain(communes)
        .chain([one_left])
        .chain(body.communes.items.iter().map(commune))
        .chain([people])
        .chain(body.people.events.iter().map(event));
    Sheet { header: HEADER, rows: rows.collect() }
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
    counted.chain(part.causes.iter().map(|one| cause(section, one))).collect()
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

/// What is down for a cause stands in the column of what is down.
fn cause(section: &str, cause: &SitrepCause) -> Vec<Field> {
    let mut row = plain(section, "cause", &cause.cause, None, None);
    if let Some(down) = row.get_mut(6) {
        *down = Field::exact(Some(cause.down));
    }
    row
}

fn reports(body: &SitrepBody) -> Vec<Vec<Field>> {
    let reports = &body.reports;
    [
        ("by-backhaul", reports.by_backhaul),
        ("by-report", reports.by_report),
        ("old-up", reports.old_up),
        ("old-down", reports.old_down),
        ("never", reports.never),
    ]
    .map(|(of, number)| plain("reports", of, "", Some(number), None))
    .to_vec()
}

fn class(class: &SitrepClass) -> Vec<Field> {
    plain("communes", class.left.id(), "", Some(class.communes), class.people)
}

fn commune(item: &SitrepCommune) -> Vec<Field> {
    let mut row = plain("commune", item.left.id(), &item.commune_name, Some(item.operators.len() as u64), item.people);
    if let Some(down) = row.get_mut(6) {
        *down = Field::exact(Some(item.lost.len()));
    }
    row
}

fn event(item: &SitrepEvent) -> Vec<Field> {
    let name = item.by.as_ref().map_or_else(|| item.event.0.to_string(), ToString::to_string);
    let mut row = plain("event", &item.cause, &name, None, Some(item.people_added));
    if let Some(down) = row.get_mut(6) {
        *down = Field::exact(Some(item.links));
    }
    if let Some(start) = row.last_mut() {
        *start = Field::exact(Some(item.start));
    }
    row
}
