//! What each kind of row is in an export. Names, communes and kinds are those of the newest inventory; a link that it does
//! not know any more has its id alone. The times and states are those that were written: what lasts has no end.

use std::collections::HashMap;

use phusong_model::{
    Carrier, Cause, CommuneCode, EchoStats, IfReading, Inventory, Link, LinkId, Micros, Outage, Outcome, RttSummary,
    Sample, Span, UtcMs, Worse, nfc,
};
use serde::Serialize;

use super::columns::{Column, Kind, Value};
use crate::sheet::status_id;

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind }
}

/// Columns of a sample.
pub const SAMPLES: &[Column] = &[
    column("at", Kind::Time),
    column("link", Kind::Text),
    column("name", Kind::Text),
    column("kind", Kind::Text),
    column("commune", Kind::Text),
    column("commune_name", Kind::Text),
    column("probe", Kind::Text),
    column("blind", Kind::Text),
    column("sent", Kind::Int),
    column("lost", Kind::Int),
    column("rtt_min_ms", Kind::Float),
    column("rtt_median_ms", Kind::Float),
    column("rtt_p95_ms", Kind::Float),
    column("rtt_max_ms", Kind::Float),
    column("jitter_ms", Kind::Float),
];

/// Columns of a reading; `at` is the tick that brought it.
pub const READINGS: &[Column] = &[
    column("at", Kind::Time),
    column("link", Kind::Text),
    column("name", Kind::Text),
    column("kind", Kind::Text),
    column("commune", Kind::Text),
    column("commune_name", Kind::Text),
    column("device", Kind::Text),
    column("ifname", Kind::Text),
    column("polled", Kind::Time),
    column("oper", Kind::Text),
    column("admin", Kind::Text),
    column("speed_bps", Kind::Count),
    column("in_bps", Kind::Float),
    column("out_bps", Kind::Float),
    column("in_err", Kind::Count),
    column("out_err", Kind::Count),
    column("in_disc", Kind::Count),
    column("out_disc", Kind::Count),
    column("rx_dbm", Kind::Float),
    column("tx_dbm", Kind::Float),
];

/// Columns of a span.
pub const SPANS: &[Column] = &[
    column("from", Kind::Time),
    column("to", Kind::Time),
    column("link", Kind::Text),
    column("name", Kind::Text),
    column("kind", Kind::Text),
    column("commune", Kind::Text),
    column("commune_name", Kind::Text),
    column("state", Kind::Text),
    column("cause", Kind::Text),
    column("carrier", Kind::Text),
    column("blind", Kind::Text),
    column("worse", Kind::Text),
];

/// Columns of an outage.
pub const OUTAGES: &[Column] = &[
    column("outage", Kind::Int),
    column("event", Kind::Int),
    column("start", Kind::Time),
    column("start_error_ms", Kind::Int),
    column("end", Kind::Time),
    column("end_error_ms", Kind::Int),
    column("decided", Kind::Time),
    column("link", Kind::Text),
    column("name", Kind::Text),
    column("kind", Kind::Text),
    column("commune", Kind::Text),
    column("commune_name", Kind::Text),
    column("cause", Kind::Text),
    column("confidence", Kind::Text),
    column("carrier", Kind::Text),
    column("blind_ms", Kind::Int),
];

/// The links of the newest inventory, with the names of their communes.
pub struct Directory<'a> {
    links: HashMap<&'a LinkId, &'a Link>,
    communes: HashMap<&'a CommuneCode, &'a str>,
}

impl<'a> Directory<'a> {
    /// That of an inventory.
    pub fn of(inventory: &'a Inventory) -> Self {
        Self {
            links: inventory.links.iter().map(|link| (&link.id, link)).collect(),
            communes: inventory.communes.iter().map(|commune| (&commune.code, commune.name.as_str())).collect(),
        }
    }

    /// Link, name, kind, commune and the commune's name.
    fn link(&self, id: Option<&LinkId>) -> [Value; 5] {
        let link = id.and_then(|id| self.links.get(id)).copied();
        let commune = link.and_then(|link| link.commune.as_ref());
        [
            Value::text(id),
            Value::text(link.map(|link| nfc(&link.name))),
            Value::text(link.map(|link| link.kind.id())),
            Value::text(commune),
            Value::text(commune.and_then(|code| self.communes.get(code)).map(|name| nfc(name))),
        ]
    }
}

/// The row of a sample.
pub fn sample(directory: &Directory<'_>, at: UtcMs, sample: &Sample) -> Vec<Value> {
    let (blind, echoes) = match sample.outcome {
        Outcome::Blind(reason) => (Some(reason), None),
        Outcome::Measured(echoes) => (None, Some(echoes)),
    };
    let rtt = echoes.and_then(|echoes: EchoStats| echoes.rtt);
    let ms = |of: fn(RttSummary) -> Micros| Value::float(rtt.map(|rtt| of(rtt).as_millis_f64()));
    let mut row = vec![Value::Time(at)];
    row.extend(directory.link(Some(&sample.link)));
    row.extend([
        Value::text(Some(sample.probe.id())),
        word(blind),
        Value::int(echoes.map(|echoes| echoes.sent)),
        Value::int(echoes.map(|echoes| echoes.lost)),
        ms(|rtt| rtt.min),
        ms(|rtt| rtt.median),
        ms(|rtt| rtt.p95),
        ms(|rtt| rtt.max),
        ms(|rtt| rtt.jitter),
    ]);
    row
}

/// The row of a reading.
pub fn reading(directory: &Directory<'_>, at: UtcMs, reading: &IfReading) -> Vec<Value> {
    let mut row = vec![Value::Time(at)];
    row.extend(directory.link(reading.link.as_ref()));
    row.extend([
        Value::text(Some(&reading.device)),
        Value::Text(nfc(&reading.ifname)),
        Value::Time(reading.at),
        Value::text(Some(status_id(reading.oper))),
        Value::text(Some(status_id(reading.admin))),
        Value::count(reading.speed_bps),
        Value::float(reading.in_bps),
        Value::float(reading.out_bps),
        Value::count(reading.in_err),
        Value::count(reading.out_err),
        Value::count(reading.in_disc),
        Value::count(reading.out_disc),
        Value::float(reading.rx.map(|power| power.0)),
        Value::float(reading.tx.map(|power| power.0)),
    ]);
    row
}

/// The row of a span.
pub fn span(directory: &Directory<'_>, span: &Span) -> Vec<Value> {
    let mut row = vec![Value::Time(span.from), Value::time(span.to)];
    row.extend(directory.link(Some(&span.link)));
    row.push(Value::text(Some(span.state.id())));
    row.push(Value::text(span.cause.as_ref().map(Cause::id)));
    row.push(Value::text(span.cause.as_ref().and_then(carrier)));
    row.push(word(span.blind));
    row.push(Value::text(span.worse.map(Worse::id)));
    row
}

/// The row of an outage.
pub fn outage(directory: &Directory<'_>, outage: &Outage) -> Vec<Value> {
    let mut row = vec![
        Value::Int(outage.id.0),
        Value::Int(outage.event.0),
        Value::Time(outage.start),
        Value::Int(outage.start_error.0),
        Value::time(outage.end),
        Value::int(outage.end.map(|_| outage.end_error.0)),
        Value::Time(outage.decided),
    ];
    row.extend(directory.link(Some(&outage.link)));
    row.extend([
        Value::text(Some(outage.verdict.cause.id())),
        Value::text(Some(outage.verdict.confidence.id())),
        Value::text(carrier(&outage.verdict.cause)),
        Value::Int(outage.blind.0),
    ]);
    row
}

const fn carrier(cause: &Cause) -> Option<&Carrier> {
    match cause {
        Cause::Upstream { carrier } => Some(carrier),
        Cause::Unknown | Cause::Fibre | Cause::Power | Cause::Equipment | Cause::Prober | Cause::Maintenance => None,
    }
}

/// The word that JSON has for it.
fn word(value: Option<impl Serialize>) -> Value {
    let word = value.and_then(|value| serde_json::to_value(value).ok());
    Value::text(word.as_ref().and_then(serde_json::Value::as_str))
}
