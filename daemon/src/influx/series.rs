//! What each thing in the store becomes in InfluxDB.
//!
//! | measurement | tags | fields |
//! |---|---|---|
//! | `link_probe` | vantage, commune, link, kind, probe | sent, lost i; rtt_min, rtt_median, rtt_p95, rtt_max, jitter in ms, absent when nothing came back; up bool |
//! | `if_stat` | vantage, commune, device, ifname, link | oper, admin, speed_bps i; in_bps, out_bps; in_err, out_err, in_disc, out_disc i since the reading before; rx_dbm, tx_dbm |
//! | `link_state` | vantage, commune, link, kind | state i (0 down, 1 degraded, 2 up, 3 blind, 4 maintenance); since i in seconds of UTC; cause; outage i. On change, and for every link once an hour |
//! | `coverage` | commune, operator, tech, source | settlements_total, _none, _patchy, _covered i; people_total, _covered, _unknown; area_km2, area_covered_km2, area_unknown_km2. Totals hold the unknown. Per recompute |
//! | `phusong_self` | vantage | probe_lag_ms, blind_share of every tick; queue, oldest_s, sent, rejected, db_bytes i of the moment of sending, with the last tick of a look at the store |
//!
//! The time is the tick's, never that of an answer: sent twice it overwrites itself, and two vantages never meet. A
//! sample that could not look gives no point: its absence is what blind looks like, and `link_state` says 3.

use std::collections::HashMap;

use phusong_model::{
    Cause, CoverageFigure, DeviceId, IfReading, Inventory, Link, LinkId, Micros, Millis, Outcome, Sample, Tick, UtcMs,
    Worse,
};
use phusong_store::{Backlog, CoverageRun, StateChange, StoredTick};

use super::{
    chunk::Chunk,
    line::{Point, Value},
    tag::{InterfaceName, Tag},
};

/// How often the state of a link is repeated, so that a window of a day always has it.
const STATE_REPEAT: Millis = Millis::from_secs(3600);

/// The inventory by the keys that samples and readings carry.
pub(super) struct Directory<'a> {
    links: HashMap<&'a LinkId, &'a Link>,
    interfaces: HashMap<(&'a DeviceId, &'a str), &'a Link>,
}

impl<'a> Directory<'a> {
    /// All links and interfaces of an inventory. Of several links on one interface the first gives the tags.
    pub(super) fn of(inventory: &'a Inventory) -> Self {
        let mut interfaces = HashMap::new();
        for link in &inventory.links {
            if let Some((device, name)) = &link.interface {
                interfaces.entry((device, name.as_str())).or_insert(link);
            }
        }
        Self { links: inventory.links.iter().map(|link| (&link.id, link)).collect(), interfaces }
    }

    /// Commune, link and kind: what the inventory of the time says. A link that it does not know has only its id.
    fn link_tags<'t>(&self, id: &'t LinkId) -> impl Iterator<Item = Tag<'t>>
    where
        'a: 't,
    {
        let link = self.links.get(id).copied();
        let commune = link.and_then(|link| link.commune.as_ref()).map(Tag::Commune);
        let kind = link.map(|link| Tag::Kind(link.kind));
        commune.into_iter().chain([Tag::Link(id)]).chain(kind)
    }
}

/// What the sink knows of itself and of what waits, at the moment of a look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Account {
    /// What InfluxDB has not acknowledged, and what it refused.
    pub(super) backlog: Backlog,
    /// How long the oldest tick of it has waited.
    pub(super) waited: Millis,
    /// Lines acknowledged since the daemon started.
    pub(super) sent: u64,
    /// Size of the database in bytes.
    pub(super) db_bytes: u64,
}

/// Whether the state of every link is repeated with this tick: it is the first of its hour.
pub(super) fn repeats_states(tick: &Tick) -> bool {
    let hour = |at: UtcMs| at.0.div_euclid(STATE_REPEAT.0);
    hour(tick.at) != hour(tick.at.minus(tick.period))
}

/// Adds all that happened with a tick. `standing` are the states of all links at a tick that repeats them.
pub(super) fn add_tick(
    chunk: &mut Chunk,
    stored: &StoredTick,
    standing: &[StateChange],
    directory: &Directory<'_>,
    vantage: &str,
) {
    let (seq, at) = (stored.seq, stored.tick.at);
    for sample in &stored.samples {
        if let Some(point) = link_probe(sample, at, directory, vantage) {
            chunk.push(seq, &point);
        }
    }
    for reading in &stored.readings {
        match if_stat(reading, at, directory, vantage) {
            Some(point) => chunk.push(seq, &point),
            None => chunk.refuse(
                seq,
                format!("if_stat {} {:?}", reading.device, reading.ifname),
                "the inventory of the time does not name this interface".to_owned(),
            ),
        }
    }
    for change in standing.iter().chain(&stored.states) {
        chunk.push(seq, &link_state(change, at, directory, vantage));
    }
    for run in &stored.coverage {
        add_coverage(chunk, seq, run);
    }
    chunk.push(seq, &phusong_self(stored, vantage));
    chunk.end_tick(seq, at);
}

/// The sink's own account; it goes with the last tick of a look.
pub(super) fn account_point(account: Account, at: UtcMs, vantage: &str) -> Point<'_> {
    let Account { backlog, waited, sent, db_bytes } = account;
    Point {
        measurement: "phusong_self",
        tags: vec![Tag::Vantage(vantage)],
        fields: vec![
            ("queue", count(backlog.queued_ticks)),
            ("oldest_s", Value::Int(waited.0.div_euclid(1000))),
            ("sent", count(sent)),
            ("rejected", count(backlog.rejected_lines)),
            ("db_bytes", count(db_bytes)),
        ],
        at,
    }
}

/// A count as the signed integer that every version of InfluxDB takes; none of ours comes near the end of it.
fn count<'a>(number: u64) -> Value<'a> {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

fn link_probe<'a>(sample: &'a Sample, at: UtcMs, directory: &Directory<'a>, vantage: &'a str) -> Option<Point<'a>> {
    let Outcome::Measured(echoes) = sample.outcome else {
        return None;
    };
    let mut tags = vec![Tag::Vantage(vantage)];
    tags.extend(directory.link_tags(&sample.link));
    tags.push(Tag::Probe(sample.probe));
    let mut fields = vec![("sent", Value::Int(i64::from(echoes.sent))), ("lost", Value::Int(i64::from(echoes.lost)))];
    if let Some(rtt) = echoes.rtt {
        let ms = |length: Micros| Value::Float(length.as_millis_f64());
        fields.extend([
            ("rtt_min", ms(rtt.min)),
            ("rtt_median", ms(rtt.median)),
            ("rtt_p95", ms(rtt.p95)),
            ("rtt_max", ms(rtt.max)),
            ("jitter", ms(rtt.jitter)),
        ]);
    }
    fields.push(("up", Value::Bool(echoes.lost < echoes.sent)));
    Some(Point { measurement: "link_probe", tags, fields, at })
}

/// None for an interface that the inventory does not name: then its name is the device's word, and no tag.
fn if_stat<'a>(reading: &'a IfReading, at: UtcMs, directory: &Directory<'a>, vantage: &'a str) -> Option<Point<'a>> {
    let link = directory.interfaces.get(&(&reading.device, reading.ifname.as_str())).copied()?;
    let mut tags = vec![Tag::Vantage(vantage)];
    tags.extend(link.commune.as_ref().map(Tag::Commune));
    tags.push(Tag::Device(&reading.device));
    tags.extend(InterfaceName::of(link).map(Tag::Interface));
    tags.push(Tag::Link(&link.id));
    let mut fields = vec![("oper", Value::Int(reading.oper.mib())), ("admin", Value::Int(reading.admin.mib()))];
    let counts = [
        ("speed_bps", reading.speed_bps),
        ("in_err", reading.in_err),
        ("out_err", reading.out_err),
        ("in_disc", reading.in_disc),
        ("out_disc", reading.out_disc),
    ];
    fields.extend(counts.into_iter().filter_map(|(key, number)| Some((key, count(number?)))));
    let measures = [
        ("in_bps", reading.in_bps),
        ("out_bps", reading.out_bps),
        ("rx_dbm", reading.rx.map(|power| power.0)),
        ("tx_dbm", reading.tx.map(|power| power.0)),
    ];
    fields.extend(measures.into_iter().filter_map(|(key, number)| Some((key, Value::Float(number?)))));
    Some(Point { measurement: "if_stat", tags, fields, at })
}

fn link_state<'a>(change: &'a StateChange, at: UtcMs, directory: &Directory<'a>, vantage: &'a str) -> Point<'a> {
    let mut tags = vec![Tag::Vantage(vantage)];
    tags.extend(directory.link_tags(&change.link));
    let mut fields =
        vec![("state", Value::Int(change.state.code())), ("since", Value::Int(change.since.0.div_euclid(1000)))];
    let why = change.cause.as_ref().map(Cause::id).or(change.worse.map(Worse::id));
    fields.extend(why.map(|why| ("cause", Value::Text(why))));
    fields.extend(change.outage.map(|outage| ("outage", Value::Int(outage.0))));
    Point { measurement: "link_state", tags, fields, at }
}

fn add_coverage(chunk: &mut Chunk, seq: i64, run: &CoverageRun) {
    for figure in &run.figures {
        chunk.push(seq, &coverage(figure, run.at));
    }
}

fn coverage(figure: &CoverageFigure, at: UtcMs) -> Point<'_> {
    let (settlements, people, area) = (figure.settlements, figure.people, figure.area_km2);
    Point {
        measurement: "coverage",
        tags: vec![
            Tag::Commune(&figure.commune),
            Tag::Operator(&figure.operator),
            Tag::Technology(figure.technology),
            Tag::Source(figure.source),
        ],
        fields: vec![
            ("settlements_total", count(settlements.total)),
            ("settlements_none", count(settlements.none)),
            ("settlements_patchy", count(settlements.patchy)),
            ("settlements_covered", count(settlements.full)),
            ("people_total", Value::Float(people.denominator + people.unknown)),
            ("people_covered", Value::Float(people.numerator)),
            ("people_unknown", Value::Float(people.unknown)),
            ("area_km2", Value::Float(area.denominator + area.unknown)),
            ("area_covered_km2", Value::Float(area.numerator)),
            ("area_unknown_km2", Value::Float(area.unknown)),
        ],
        at,
    }
}

fn phusong_self<'a>(stored: &StoredTick, vantage: &'a str) -> Point<'a> {
    let looked = stored.samples.len();
    let blind = stored.samples.iter().filter(|sample| matches!(sample.outcome, Outcome::Blind(_))).count();
    let blind_share = match (looked, stored.tick.blind) {
        (_, Some(_)) => 1.0,
        (0, None) => 0.0,
        (looked, None) => blind as f64 / looked as f64,
    };
    Point {
        measurement: "phusong_self",
        tags: vec![Tag::Vantage(vantage)],
        fields: vec![
            ("probe_lag_ms", Value::Float(stored.tick.slip.0 as f64)),
            ("blind_share", Value::Float(blind_share)),
        ],
        at: stored.tick.at,
    }
}

#[cfg(test)]
mod tests;
