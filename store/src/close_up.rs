//! What is known of one link or one outage beyond what every answer rests on.
//!
//! Looks are taken from the rollups: minutes, or hours and days where minutes would be too many. The newest minutes are
//! not added up yet; for one link their samples are added here, since somebody who asks at night asks about now.

use std::collections::BTreeMap;

use phusong_model::{
    CloseUp, CloseUpOf, Dbm, EchoStats, LinkId, LookTimes, Looks, Micros, Millis, Outage, OutageId, Outcome, Probe,
    Sample, UtcMs, Window,
};
use rusqlite::Connection;

use crate::{
    Failure,
    columns::first,
    evidence, feed,
    rollup::{self, Level, Rollup, RttSketch, Sum},
    schema,
};

/// Up to this long a link's looks are told by minutes: a day and what daylight saving elsewhere would make of it.
const BY_MINUTE: Millis = Millis::from_secs(26 * 3600);

/// Up to this long they are told by hours.
const BY_HOUR: Millis = Millis::from_secs(62 * 86_400);

/// So many buckets of a finer level come after the last one of a coarser level: as many hours as a day and some, as many
/// minutes as an hour and some.
const FINER: i64 = 75;

/// How far back samples are added up here: longer than rollups let wait for themselves, and some thousand rows at most
/// for each link of the inventory.
const BY_SAMPLE: Millis = Millis::from_secs(15 * 60);

/// How far back light is looked at: a month shows a connector that ages and is not misled by a week of rain.
const LIGHT_DAYS: i64 = 30;

/// Readings of light of each day: day and night differ by the temperature.
const LIGHT_OF_A_DAY: i64 = 2;

/// How long a reading of light is searched from each instant: devices are polled once an hour at the least.
const LIGHT_SEARCHED: Millis = Millis::from_secs(3600);

/// Reads it, inside one transaction.
pub(crate) fn read(connection: &Connection, of: &CloseUpOf, window: Window) -> Result<CloseUp, Failure> {
    if schema::version(connection)? < schema::WITH_ROLLUPS {
        // A reader may be newer than the daemon, which alone migrates.
        return Ok(CloseUp::default());
    }
    match of {
        CloseUpOf::Link(link) => {
            let (looks, light) = (looks(connection, link, window)?, light(connection, link, window.to)?);
            Ok(CloseUp { looks, light, counted_until: Some(window.to), ..CloseUp::default() })
        }
        CloseUpOf::Outage(outage, link) => {
            let (verdicts, looks) = (evidence::verdicts(connection, *outage)?, looks(connection, link, window)?);
            Ok(CloseUp { verdicts, looks, counted_until: Some(window.to), ..CloseUp::default() })
        }
        CloseUpOf::Everything => everything(connection, window),
    }
}

/// The outage of a number, wherever in time it lies.
pub(crate) fn outage(connection: &Connection, id: OutageId) -> Result<Option<Outage>, Failure> {
    first(connection, &outage_sql(schema::version(connection)?), [id.0], |row| row.outage())
}

pub(crate) fn outage_sql(version: i64) -> String {
    format!("{} WHERE outage.id = ?1", evidence::outage_sql(version))
}

/// The looks at one link, by buckets of the level that fits the window, the newest ones from samples.
fn looks(connection: &Connection, link: &LinkId, window: Window) -> Result<Vec<Looks>, Failure> {
    let fitting = match window.to.since(window.from) {
        length if length <= BY_MINUTE => Level::Minute,
        length if length <= BY_HOUR => Level::Hour,
        _ => Level::Day,
    };
    let mut looks: Vec<Looks> = Vec::new();
    let mut until = window.from;
    for level in [Level::Day, Level::Hour, Level::Minute].into_iter().filter(|level| *level <= fitting) {
        // Coarse buckets first; what they do not reach yet is told by finer ones, which go back a little only.
        let reach = if level == fitting { window.from } else { window.to.minus(Millis(level.length().0 * FINER)) };
        let rest = Window::new(level.start_of(until.max(reach).plus(Millis(level.length().0 - 1))), window.to);
        if rest.from >= rest.to {
            continue;
        }
        let buckets = rollup::of_link(connection, level, link, rest)?;
        looks.extend(buckets.into_iter().map(|bucket| of_bucket(link, level, &bucket)));
        until = looks.iter().map(|look| look.window.to).max().unwrap_or(until).max(until);
    }
    let newest = Window::new(until.max(window.to.minus(BY_SAMPLE)), window.to);
    if newest.from < newest.to {
        looks.extend(of_samples(link, newest, &feed::of_link(connection, link, newest)?));
    }
    Ok(looks)
}

fn of_bucket(link: &LinkId, level: Level, bucket: &Rollup) -> Looks {
    let window = Window::new(bucket.at, bucket.at.plus(level.length()));
    told(link, bucket.probe, window, &bucket.sum)
}

/// Samples by minute, as rollups will have them.
fn of_samples(link: &LinkId, window: Window, samples: &[(UtcMs, Sample)]) -> Vec<Looks> {
    let mut minutes: BTreeMap<(UtcMs, Probe), Sum> = BTreeMap::new();
    for (at, sample) in samples {
        add(minutes.entry((Level::Minute.start_of(*at), sample.probe)).or_default(), sample);
    }
    let length = Level::Minute.length();
    let told = |(&(from, probe), sum): (&(UtcMs, Probe), &Sum)| {
        told(link, probe, Window::new(from.max(window.from), from.plus(length).min(window.to)), sum)
    };
    minutes.iter().map(told).collect()
}

fn add(sum: &mut Sum, sample: &Sample) {
    match sample.outcome {
        Outcome::Blind(_) => sum.take(None, None),
        Outcome::Measured(EchoStats { sent, lost, rtt }) => {
            sum.take(Some((sent.into(), lost.into())), rtt.map(|rtt| (rtt.min, rtt.median, rtt.max)));
        }
    }
}

fn told(link: &LinkId, probe: Probe, window: Window, sum: &Sum) -> Looks {
    Looks {
        link: link.clone(),
        probe,
        window,
        measured: sum.measured,
        blind: sum.blind,
        sent: sum.sent,
        lost: sum.lost,
        rtt: times(sum.extremes, &sum.rtt),
    }
}

fn times(extremes: Option<(Micros, Micros)>, sketch: &RttSketch) -> Option<LookTimes> {
    let (min, max) = extremes?;
    // A sketch knows a percentile to one part in 64, which may lie beyond the extremes, and these are exact.
    let at = |percent| sketch.percentile(percent).unwrap_or(max).clamp(min, max);
    Some(LookTimes { min, median: at(50), p95: at(95), max })
}

/// Every link over the whole window: its full hours by hours, its edges by minutes.
fn everything(connection: &Connection, window: Window) -> Result<CloseUp, Failure> {
    let hours = Window::new(Level::Hour.start_of(window.from.plus(Millis(Level::Hour.length().0 - 1))), window.to);
    let mut sums: BTreeMap<(LinkId, Probe), Sum> = BTreeMap::new();
    let mut until = hours.from.min(window.to);
    if hours.from < hours.to {
        let buckets = rollup::of_everything(connection, Level::Hour, hours)?;
        let end = buckets.iter().map(|(_, bucket)| bucket.at.plus(Level::Hour.length())).max();
        until = end.unwrap_or(until).min(window.to);
        buckets.iter().for_each(|(link, bucket)| {
            sums.entry((link.clone(), bucket.probe)).or_default().merge(&bucket.sum);
        });
    }
    let mut counted = until;
    for edge in [Window::new(window.from, hours.from.min(window.to)), Window::new(until, window.to)] {
        if edge.from >= edge.to {
            continue;
        }
        let buckets = rollup::of_everything(connection, Level::Minute, edge)?;
        let end = buckets.iter().map(|(_, bucket)| bucket.at.plus(Level::Minute.length())).max();
        counted = counted.max(end.unwrap_or(counted));
        buckets.iter().for_each(|(link, bucket)| {
            sums.entry((link.clone(), bucket.probe)).or_default().merge(&bucket.sum);
        });
    }
    let looks = sums.iter().map(|((link, probe), sum)| told(link, *probe, window, sum)).collect();
    Ok(CloseUp { looks, counted_until: Some(counted.min(window.to)), ..CloseUp::default() })
}

/// Light that the interface of a link received, at instants of the days before `until`.
fn light(connection: &Connection, link: &LinkId, until: UtcMs) -> Result<Vec<(UtcMs, Dbm)>, Failure> {
    let step = Millis(86_400_000 / LIGHT_OF_A_DAY);
    let mut light: Vec<(UtcMs, Dbm)> = Vec::new();
    for back in (0..=LIGHT_DAYS * LIGHT_OF_A_DAY).rev() {
        let from = until.minus(Millis(step.0 * back)).minus(LIGHT_SEARCHED);
        let found = first(connection, LIGHT, (link.as_str(), from.0, from.plus(LIGHT_SEARCHED).0), |row| {
            Ok((row.at()?, Dbm(row.value()?)))
        })?;
        light.extend(found);
    }
    Ok(light)
}

/// The first light of a link in a window. Readings lie by time, so that the search ends with the first one.
pub(crate) const LIGHT: &str = "SELECT reading.at, reading.rx_dbm FROM reading
     WHERE reading.id >= (SELECT reading_lo FROM tick WHERE at >= ?2 ORDER BY at LIMIT 1)
       AND reading.id < (SELECT reading_hi FROM tick WHERE at < ?3 ORDER BY at DESC LIMIT 1)
       AND +reading.link = (SELECT key FROM link WHERE id = ?1) AND reading.rx_dbm IS NOT NULL
     ORDER BY reading.id LIMIT 1";
