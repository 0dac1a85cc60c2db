//! What probes saw besides answers: a row lasts as long as the same is seen, so that a certificate looked at every ten
//! seconds is one row and not three million a year.

use phusong_model::{DeviceId, LinkId, Millis, Observation, Observed, Seen, Subject, UtcMs};
use rusqlite::{Connection, OptionalExtension};

use crate::{Failure, columns::collect, document, schema};

/// A sight that was not had for so long begins anew, although it looks the same: a router's word of last week and one
/// of today are two.
const SAME_WITHIN: Millis = Millis::from_secs(3600);

/// What was seen so long before the newest tick, and not since, is history: three polls of what is asked every fifth
/// minute.
const PRESENT: Millis = Millis::from_secs(15 * 60);

/// The newest row of a kind of sight.
pub(crate) const NEWEST: &str =
    "SELECT first_at, last_at, seen FROM observation WHERE subject = ?1 AND key = ?2 ORDER BY first_at DESC LIMIT 1";

/// Everything that was seen since an instant, by kind and start. Named, because for the order's sake SQLite would rather
/// read the whole table.
pub(crate) const SINCE: &str = "SELECT subject, key, first_at, last_at, seen FROM observation \
     INDEXED BY observation_last WHERE last_at >= ?1 ORDER BY subject, key, first_at";

/// Keeps one sight: as the end of the same one before it, or as a row of its own.
pub(crate) fn keep(transaction: &Connection, observation: &Observation) -> Result<(), Failure> {
    let (subject, key, at) = (name(&observation.subject), observation.seen.key(), observation.at.0);
    let seen = document::write("observation", &observation.seen)?;
    let newest: Option<(i64, i64, String)> = transaction
        .prepare_cached(NEWEST)?
        .query_row((&subject, &key), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    match newest {
        // A clock that was set back writes no history anew.
        Some((_, last, _)) if at < last => Ok(()),
        Some((first, last, same)) if same == seen && at.saturating_sub(last) <= SAME_WITHIN.0 => transaction
            .prepare_cached("UPDATE observation SET last_at = ?4 WHERE subject = ?1 AND key = ?2 AND first_at = ?3")?
            .execute((&subject, &key, first, at))
            .map(drop)
            .map_err(Failure::from),
        Some(_) | None => transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO observation (subject, key, first_at, last_at, seen)
                 VALUES (?1, ?2, ?3, ?3, ?4)",
            )?
            .execute((&subject, &key, at, &seen))
            .map(drop)
            .map_err(Failure::from),
    }
}

/// What is seen at present, seen from the newest tick: the last row of each kind, by subject and kind.
pub(crate) fn present(connection: &Connection, newest_tick: UtcMs) -> Result<Vec<Observed>, Failure> {
    // A reader may be newer than the daemon, which alone migrates.
    if schema::version(connection)? < schema::WITH_OBSERVATIONS {
        return Ok(Vec::new());
    }
    let rows = collect(connection, SINCE, [newest_tick.minus(PRESENT).0], |row| {
        let (subject, key): (String, String) = (row.value()?, row.value()?);
        let (first, last) = (UtcMs(row.value()?), UtcMs(row.value()?));
        let seen: Seen = document::read("observation", &row.value::<String>()?)?;
        Ok((key, Observed { subject: subject_of(&subject)?, seen, first, last }))
    })?;
    let mut present: Vec<(String, Observed)> = Vec::with_capacity(rows.len());
    for (key, observed) in rows {
        match present.last_mut() {
            Some((same, before)) if *same == key && before.subject == observed.subject => *before = observed,
            Some(_) | None => present.push((key, observed)),
        }
    }
    Ok(present.into_iter().map(|(_, observed)| observed).collect())
}

fn name(subject: &Subject) -> String {
    match subject {
        Subject::Link(id) => format!("link {id}"),
        Subject::Device(id) => format!("device {id}"),
    }
}

/// Whether a subject was written by [`keep`].
pub(crate) fn is_subject(name: &str) -> bool {
    subject_of(name).is_ok()
}

fn subject_of(name: &str) -> Result<Subject, Failure> {
    let damaged = || Failure::Damaged(format!("{name:?} is not the subject of an observation"));
    match name.split_once(' ').ok_or_else(damaged)? {
        ("link", id) => id.parse::<LinkId>().map(Subject::Link).map_err(|_| damaged()),
        ("device", id) => id.parse::<DeviceId>().map(Subject::Device).map_err(|_| damaged()),
        _ => Err(damaged()),
    }
}
