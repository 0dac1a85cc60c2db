//! What an answer rests on.

use std::collections::{BTreeSet, HashMap};

use phusong_model::{
    BlindReason, Event, EventId, Evidence, Health, Inventory, LinkId, LinkNow, LinkState, Millis, Outage, OutageId,
    Revision, Span, StorePart, Tick, Together, UtcMs, Window,
};
use rusqlite::Connection;

use crate::{
    Failure, Unstored, ack,
    columns::{ECHO, READING, TICK, USUAL, collect, first},
    coverage, document, inventory, maintenance, notification, observation, schema,
    unstored::undecided,
};

/// So many periods without a tick, and the daemon is taken for dead: one may be late, and the clock of the asker may
/// be a little ahead.
const SILENT_PERIODS: i64 = 2;

/// How a damaged store is read.
pub(crate) enum Damage<'d> {
    /// An answer rests on everything or there is none: the daemon's, which then saves what can be read.
    Refused,
    /// What cannot be read is left out and named here: somebody asks while nobody can mend it.
    LeftOut(&'d mut Vec<StorePart>),
}

impl Damage<'_> {
    /// The part, or nothing in its place when it is damaged and may be left out.
    fn part<T: Default>(&mut self, part: StorePart, read: Result<T, Failure>) -> Result<T, Failure> {
        match (read, self) {
            (Err(failure), Damage::LeftOut(left_out)) if failure.is_damage() => {
                left_out.push(part);
                Ok(T::default())
            }
            (read, _) => read,
        }
    }
}

/// Reads everything, inside one transaction. Without an inventory there is nothing to tell of.
pub(crate) fn read(
    transaction: &Connection,
    window: Window,
    now: UtcMs,
    unstored: Option<&Unstored>,
    mut damage: Damage<'_>,
) -> Result<Evidence, Failure> {
    let stored = damage.part(StorePart::Ticks, last_tick(transaction))?;
    let last = newest(stored, unstored);
    let silent_from = last.and_then(|tick| silent_from(tick, now));
    let inventory = inventory::last(transaction)?.unwrap_or_default();
    let past = (window.to < now).then_some(window.to);
    let (figures, coverage_gaps) = damage.part(StorePart::Coverage, coverage::last(transaction, past))?;
    let health: Result<Option<String>, Failure> =
        first(transaction, "SELECT health FROM health", [], |row| row.value());
    let health = health.and_then(|text| text.map(|text| document::read::<Health>("health", &text)).transpose());
    let version = schema::version(transaction)?;
    let outages = damage.part(StorePart::Outages, outages(transaction, window, version))?;
    let links_now = damage.part(StorePart::States, links(transaction, &inventory, now, version))?;
    let spans = damage.part(StorePart::States, spans(transaction, window, version))?;
    let contradictions = if past.is_some() { Ok(Vec::new()) } else { coverage::contradictions(transaction) };
    let seen = stored.map_or(Ok(Vec::new()), |tick| observation::present(transaction, tick.at));
    let mut evidence = Evidence {
        now,
        window,
        links: if links_now.is_empty() { unknown(&inventory, now) } else { links_now },
        spans: end_at(spans, silent_from, window),
        // As they were written: how much of an open one is blind by now is for whoever answers to add.
        events: damage.part(StorePart::Outages, events(transaction, &outages, version))?,
        acks: damage.part(StorePart::Acks, ack::about(transaction, &outages))?,
        outages,
        planned: damage.part(StorePart::Maintenance, maintenance::later_than(transaction, window.from))?,
        notifications: damage.part(StorePart::Notifications, notification::within(transaction, window))?,
        figures,
        coverage_gaps,
        contradictions: damage.part(StorePart::Coverage, contradictions)?,
        observations: damage.part(StorePart::Observations, seen)?,
        health: damage.part(StorePart::Health, health)?,
        age: last.map(|tick| now.since(tick.at)),
        inventory,
        close_up: None,
        left_out: Vec::new(),
    };
    if let Some(unstored) = unstored {
        unstored.lay_over(&mut evidence, stored.map(|tick| tick.at));
    }
    if let Damage::LeftOut(left_out) = damage {
        left_out.sort_unstable();
        left_out.dedup();
        evidence.left_out.clone_from(left_out);
    }
    Ok(evidence)
}

/// Links of whose state nothing can be read.
fn unknown(inventory: &Inventory, now: UtcMs) -> Vec<LinkNow> {
    inventory.links.iter().map(|link| undecided(&link.id, now)).collect()
}

/// The newest tick, the stored one or one that the disk does not take yet.
fn newest(stored: Option<Tick>, unstored: Option<&Unstored>) -> Option<Tick> {
    stored.into_iter().chain(unstored.and_then(Unstored::newest)).max_by_key(|tick| tick.at)
}

/// The end of the last tick, when nobody looks any more.
pub(crate) fn silent_since(
    connection: &Connection,
    now: UtcMs,
    unstored: Option<&Unstored>,
) -> Result<Option<UtcMs>, Failure> {
    let last = newest(last_tick(connection)?, unstored).filter(|tick| silent_from(*tick, now).is_some());
    Ok(last.map(|tick| tick.at.plus(tick.period)))
}

/// The first instant that no tick vouches for, when it has passed.
fn silent_from(last: Tick, now: UtcMs) -> Option<UtcMs> {
    let until = last.at.plus(Millis(last.period.0.saturating_mul(SILENT_PERIODS)));
    (until < now).then_some(until)
}

/// Ends the open spans where the silence begins and lets a blind one follow.
fn end_at(spans: Vec<Span>, silent_from: Option<UtcMs>, window: Window) -> Vec<Span> {
    let Some(silent) = silent_from else { return spans };
    let mut known = Vec::with_capacity(spans.len() * 2);
    for mut span in spans {
        let unseen = span.to.is_none() && span.from < silent && span.blind != Some(BlindReason::NotRunning);
        let blind = unseen.then(|| Span {
            link: span.link.clone(),
            state: LinkState::Blind,
            from: silent,
            to: None,
            cause: None,
            blind: Some(BlindReason::NotRunning),
            worse: None,
        });
        if unseen {
            span.to = Some(silent);
        }
        known.extend([Some(span), blind].into_iter().flatten().filter(|span| touches(span, window)));
    }
    known
}

fn touches(span: &Span, window: Window) -> bool {
    span.from < window.to && span.to.is_none_or(|to| to > window.from)
}

/// One entry per link of the inventory, in its order.
fn links(transaction: &Connection, inventory: &Inventory, now: UtcMs, version: i64) -> Result<Vec<LinkNow>, Failure> {
    let rows = collect(transaction, &links_sql(version), [], |row| {
        Ok(LinkNow {
            link: row.id()?,
            entered: row.at()?,
            state: row.state()?,
            since: row.at()?,
            cause: row.cause()?,
            blind: row.blind()?,
            worse: row.worse()?,
            usual: row.usual()?,
            icmp: row.echo()?,
            interface: row.reading()?,
        })
    })?;
    let mut known: HashMap<LinkId, LinkNow> = rows.into_iter().map(|row| (row.link.clone(), row)).collect();
    // The writer lets every link of an inventory enter with it; a link without an entry was never written about.
    Ok(inventory.links.iter().map(|link| known.remove(&link.id).unwrap_or_else(|| undecided(&link.id, now))).collect())
}

/// The open spans, each with the newest of its link.
pub(crate) fn links_sql(version: i64) -> String {
    let open = open_spans(version);
    let (worse, usual, join) = if version < schema::WITH_USUAL {
        ("NULL", "NULL, NULL, NULL, NULL", "")
    } else {
        ("span.worse", USUAL, "LEFT JOIN usual ON usual.link = span.link")
    };
    format!(
        "SELECT link.id, link.entered_at, span.state, span.from_at, span.cause, cause_link.id, span.blind, {worse},
           {usual}, {ECHO}, {READING}
         FROM span {open} JOIN link ON link.key = span.link {join}
         LEFT JOIN link cause_link ON cause_link.key = span.cause_link
         LEFT JOIN link_now ON link_now.link = span.link
         LEFT JOIN sample ON sample.id = link_now.icmp
         LEFT JOIN reading ON reading.id = link_now.reading
         LEFT JOIN interface ON interface.key = reading.interface
         LEFT JOIN link reading_link ON reading_link.key = reading.link
         WHERE span.to_at IS NULL"
    )
}

/// Open spans lie between a year of closed ones, one on a page: an index has them side by side. Left to itself SQLite
/// takes the one that only tells where they are.
const fn open_spans(version: i64) -> &'static str {
    if version < schema::WITH_ROLLUPS { "" } else { "INDEXED BY span_now_open" }
}

/// The spans that touch the window: closed ones from an index over their ends, open ones from one of their own.
pub(crate) fn spans_sql(version: i64) -> String {
    let (worse, open) = (if version < schema::WITH_USUAL { "NULL" } else { "worse" }, open_spans(version));
    let columns = format!("state, cause, cause_link, blind, {worse} AS worse");
    format!(
        "SELECT link.id, touching.state, touching.from_at, touching.to_at, touching.cause, cause_link.id, touching.blind, touching.worse
         FROM (SELECT link, from_at, to_at, {columns} FROM span WHERE to_at > ?1 AND from_at < ?2
               UNION ALL SELECT link, from_at, NULL, {columns} FROM span {open} WHERE to_at IS NULL AND from_at < ?2) touching
         JOIN link ON link.key = touching.link
         LEFT JOIN link cause_link ON cause_link.key = touching.cause_link
         ORDER BY link.id, touching.from_at"
    )
}

fn spans(transaction: &Connection, window: Window, version: i64) -> Result<Vec<Span>, Failure> {
    collect(transaction, &spans_sql(version), (window.from.0, window.to.0), |row| {
        Ok(Span {
            link: row.id()?,
            state: row.state()?,
            from: row.at()?,
            to: row.maybe_at()?,
            cause: row.cause()?,
            blind: row.blind()?,
            worse: row.worse()?,
        })
    })
}

/// The newest tick.
pub(crate) fn last_tick(connection: &Connection) -> Result<Option<Tick>, Failure> {
    first(connection, &format!("SELECT {TICK} FROM tick ORDER BY seq DESC LIMIT 1"), [], |row| row.tick())
}

/// Outages, as `Columns::outage` reads them; the rows of `from` are called `outage`.
fn outages_from(from: &str, version: i64) -> String {
    // A reader may be newer than the daemon, which alone migrates.
    let judged = if version < schema::WITH_EVENTS {
        "0, '[]', 0, 0, outage.id"
    } else {
        "outage.confidence, outage.evidence, outage.start_error_ms, outage.end_error_ms, outage.event"
    };
    format!(
        "SELECT outage.id, link.id, outage.start_at, outage.end_at, outage.decided_at, outage.blind_ms, outage.cause,
           cause_link.id, {judged}
         FROM {from}
         JOIN link ON link.key = outage.link
         LEFT JOIN link cause_link ON cause_link.key = outage.cause_link"
    )
}

/// All outages.
pub(crate) fn outage_sql(version: i64) -> String {
    outages_from("outage", version)
}

/// The outages that touch the window, found as the spans are.
pub(crate) fn outages_sql(version: i64) -> String {
    let touching = "(SELECT * FROM outage WHERE end_at > ?1 AND start_at < ?2
               UNION ALL SELECT * FROM outage WHERE end_at IS NULL AND start_at < ?2) outage";
    format!("{} ORDER BY outage.start_at, outage.id", outages_from(touching, version))
}

fn outages(transaction: &Connection, window: Window, version: i64) -> Result<Vec<Outage>, Failure> {
    collect(transaction, &outages_sql(version), (window.from.0, window.to.0), |row| row.outage())
}

/// What is known of the events of a list; most are single outages and have no row.
pub(crate) const EVENTS: &str = "SELECT event.id, carrier.id, event.together, event.flapping
     FROM json_each(?1) asked CROSS JOIN event ON event.id = asked.value
     LEFT JOIN link carrier ON carrier.key = event.carrier ORDER BY event.id";

/// What is known of the events of these outages, by number.
fn events(transaction: &Connection, outages: &[Outage], version: i64) -> Result<Vec<Event>, Failure> {
    if version < schema::WITH_EVENTS {
        return Ok(Vec::new());
    }
    let ids: BTreeSet<i64> = outages.iter().map(|outage| outage.event.0).collect();
    collect(transaction, EVENTS, [document::write("event", &ids)?], |row| {
        let (id, by) = (EventId(row.value()?), row.maybe_id()?);
        let together: Option<String> = row.value()?;
        let together = together.map(|text| document::read::<Together>("event", &text)).transpose()?;
        Ok(Event { id, by, together, flapping: row.value()? })
    })
}

/// The newest number of an outage.
pub(crate) fn last_outage(connection: &Connection) -> Result<Option<OutageId>, Failure> {
    let newest: Option<Option<i64>> = first(connection, "SELECT max(id) FROM outage", [], |row| row.value())?;
    Ok(newest.flatten().map(OutageId))
}

pub(crate) const VERDICTS: &str =
    "SELECT verdict.at, verdict.cause, cause_link.id, verdict.confidence, verdict.evidence
     FROM verdict LEFT JOIN link cause_link ON cause_link.key = verdict.cause_link
     WHERE verdict.outage = ?1 ORDER BY verdict.number";

/// The verdicts on an outage, oldest first.
pub(crate) fn verdicts(connection: &Connection, outage: OutageId) -> Result<Vec<Revision>, Failure> {
    if schema::version(connection)? < schema::WITH_EVENTS {
        return Ok(Vec::new());
    }
    collect(connection, VERDICTS, [outage.0], |row| Ok(Revision { at: row.at()?, verdict: row.verdict()? }))
}
