//! One tick and all that came of it, written as one.

use phusong_model::{Change, EchoStats, Health, IfReading, Observation, Outcome, Probe, Sample, Telling, Tick, UtcMs};
use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    Failure, codes, document,
    keys::Keys,
    notification, observation, rollup,
    timeline::{Fits, Timeline},
};

/// All that one tick brings.
#[derive(Debug, Clone, PartialEq)]
pub struct Commit {
    /// The tick.
    pub tick: Tick,
    /// One per link and probe that was due.
    pub samples: Vec<Sample>,
    /// What SNMP said since the last tick.
    pub readings: Vec<IfReading>,
    /// What the tick changed, in the order it was decided.
    pub changes: Vec<Change>,
    /// What probes saw besides answers.
    pub observations: Vec<Observation>,
    /// What people are told.
    pub tellings: Vec<Telling>,
    /// Health of the parts.
    pub health: Health,
}

/// A change of an outage that contradicts what is stored, as an end without an open outage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Misfit {
    /// Which of the tick's changes, counted from 0.
    pub change: usize,
    /// What does not fit.
    pub what: &'static str,
}

/// What is done about a change of an outage that contradicts what is stored.
pub(crate) enum Contradicting<'m> {
    /// The tick is refused with it.
    Refuses,
    /// It is left out, and told here.
    Misfits(&'m mut Vec<Misfit>),
}

/// Appends the tick and gives its number.
pub(crate) fn append(
    transaction: &Connection,
    keys: &mut Keys,
    commit: &Commit,
    contradicting: Contradicting<'_>,
) -> Result<i64, Failure> {
    let seq = begin(transaction, commit)?;
    let (sample_lo, reading_lo) = next_ids(transaction)?;
    for (id, sample) in (sample_lo..).zip(&commit.samples) {
        append_sample(transaction, keys, id, sample)?;
    }
    for (id, reading) in (reading_lo..).zip(&commit.readings) {
        append_reading(transaction, keys, id, reading)?;
    }
    let tick = commit.tick;
    transaction
        .prepare_cached(
            "INSERT INTO tick (seq, at, period_ms, slip_ms, blind, sample_lo, sample_hi, reading_lo, reading_hi)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            seq,
            tick.at.0,
            tick.period.0,
            tick.slip.0,
            tick.blind.map(codes::blind),
            sample_lo,
            sample_lo + count(&commit.samples),
            reading_lo,
            reading_lo + count(&commit.readings),
        ])?;
    apply(Timeline::new(transaction, keys), seq, &commit.changes, contradicting)?;
    for seen in &commit.observations {
        observation::keep(transaction, seen)?;
    }
    for telling in &commit.tellings {
        notification::tell(transaction, telling)?;
    }
    transaction
        .prepare_cached("INSERT OR REPLACE INTO health (one, health) VALUES (1, ?1)")?
        .execute([document::write("health", &commit.health)?])?;
    rollup::roll(transaction, tick.at)?;
    Ok(seq)
}

/// Applies the changes in their order and notes whom they touched.
fn apply(
    mut timeline: Timeline<'_>,
    seq: i64,
    changes: &[Change],
    mut contradicting: Contradicting<'_>,
) -> Result<(), Failure> {
    for (number, change) in changes.iter().enumerate() {
        match &mut contradicting {
            // Looking back costs a little, and only what is said of outages can contradict.
            Contradicting::Misfits(misfits) if is_of_outage(change) => match timeline.apply_if_it_fits(change)? {
                Fits::Yes => {}
                Fits::No(what) => misfits.push(Misfit { change: number, what }),
            },
            Contradicting::Misfits(_) | Contradicting::Refuses => timeline.apply(change)?,
        }
    }
    timeline.note(seq)
}

const fn is_of_outage(change: &Change) -> bool {
    match change {
        Change::State(_) | Change::Event(_) | Change::Usual { .. } | Change::Leaves { .. } => false,
        Change::OutageOpens { .. }
        | Change::OutageVerdict { .. }
        | Change::OutageJoins { .. }
        | Change::OutageBlind { .. }
        | Change::OutageEnds { .. } => true,
    }
}

/// The number of the new tick, which must be later than the newest one.
fn begin(transaction: &Connection, commit: &Commit) -> Result<i64, Failure> {
    let newest: Option<(i64, i64)> = transaction
        .prepare_cached("SELECT seq, at FROM tick ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match newest {
        None => Ok(1),
        Some((_, last)) if commit.tick.at.0 <= last => {
            Err(Failure::TickNotAfter { at: commit.tick.at, last: UtcMs(last) })
        }
        Some((seq, _)) => Ok(seq + 1),
    }
}

/// The first ids of samples and readings that no tick has used, also when retention has removed all rows.
fn next_ids(transaction: &Connection) -> Result<(i64, i64), Failure> {
    let ends = transaction
        .prepare_cached("SELECT sample_hi, reading_hi FROM tick ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(ends.unwrap_or((1, 1)))
}

/// A slice has fewer elements than an `i64` counts.
fn count<T>(rows: &[T]) -> i64 {
    rows.len() as i64
}

fn append_sample(transaction: &Connection, keys: &mut Keys, id: i64, sample: &Sample) -> Result<(), Failure> {
    let key = keys.link(transaction, &sample.link)?;
    let (blind, stats) = match sample.outcome {
        Outcome::Measured(stats) => (None, Some(stats)),
        Outcome::Blind(reason) => (Some(codes::blind(reason)), None),
    };
    let rtt = stats.and_then(|stats: EchoStats| stats.rtt);
    transaction
        .prepare_cached(
            "INSERT INTO sample (id, link, probe, blind, sent, lost, rtt_min_us, rtt_median_us, rtt_p95_us, rtt_max_us,
             jitter_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute(params![
            id,
            key,
            codes::probe(sample.probe),
            blind,
            stats.map(|stats| stats.sent),
            stats.map(|stats| stats.lost),
            rtt.map(|rtt| rtt.min.0),
            rtt.map(|rtt| rtt.median.0),
            rtt.map(|rtt| rtt.p95.0),
            rtt.map(|rtt| rtt.max.0),
            rtt.map(|rtt| rtt.jitter.0),
        ])?;
    if let (Some(sql), Some(_)) = (newest_of(sample.probe), stats) {
        transaction.prepare_cached(sql)?.execute((key, id))?;
    }
    Ok(())
}

/// Which sample is the newest of its link: that of its service when it has one, since it decides, else ICMP's.
const fn newest_of(probe: Probe) -> Option<&'static str> {
    match probe {
        Probe::Tcp | Probe::Http | Probe::Dns => {
            Some("INSERT INTO link_now (link, icmp) VALUES (?1, ?2) ON CONFLICT (link) DO UPDATE SET icmp = ?2")
        }
        Probe::Icmp => Some(
            "INSERT INTO link_now (link, icmp) VALUES (?1, ?2) ON CONFLICT (link) DO UPDATE SET icmp = ?2
             WHERE coalesce((SELECT probe FROM sample WHERE sample.id = link_now.icmp), 0) = 0",
        ),
        Probe::Snmp => None,
    }
}

fn append_reading(transaction: &Connection, keys: &mut Keys, id: i64, reading: &IfReading) -> Result<(), Failure> {
    let interface = keys.interface(transaction, reading)?;
    let link = reading.link.as_ref().map(|link| keys.link(transaction, link)).transpose()?;
    // A device may claim any 64-bit number; by its bits every one fits and comes back as it was.
    let bits = |value: Option<u64>| value.map(u64::cast_signed);
    transaction
        .prepare_cached(
            "INSERT INTO reading (id, interface, link, at, oper, admin, speed_bps, in_bps, out_bps, in_err, out_err,
             in_disc, out_disc, rx_dbm, tx_dbm)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        )?
        .execute(params![
            id,
            interface,
            link,
            reading.at.0,
            reading.oper.mib(),
            reading.admin.mib(),
            bits(reading.speed_bps),
            reading.in_bps,
            reading.out_bps,
            bits(reading.in_err),
            bits(reading.out_err),
            bits(reading.in_disc),
            bits(reading.out_disc),
            reading.rx.map(|power| power.0),
            reading.tx.map(|power| power.0),
        ])?;
    if let Some(link) = link {
        transaction
            .prepare_cached(
                "INSERT INTO link_now (link, reading) VALUES (?1, ?2) ON CONFLICT (link) DO UPDATE SET reading = ?2",
            )?
            .execute((link, id))?;
    }
    Ok(())
}
