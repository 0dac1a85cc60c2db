//! Versions of the inventory, and which links are in.

use std::collections::HashSet;

use phusong_model::{Inventory, LinkId, UtcMs};
use rusqlite::Connection;

use crate::{
    Failure,
    columns::{collect, first},
    document,
    keys::Keys,
    timeline::Timeline,
};

/// Writes the inventory when it differs from the last one, and lets links enter and leave.
pub(crate) fn set(transaction: &Connection, keys: &mut Keys, inventory: &Inventory, at: UtcMs) -> Result<i64, Failure> {
    let text = document::write("inventory", inventory)?;
    let last: Option<(i64, String)> =
        first(transaction, "SELECT version, inventory FROM inventory ORDER BY version DESC LIMIT 1", [], |row| {
            Ok((row.value()?, row.value()?))
        })?;
    let version = match last {
        Some((version, same)) if same == text => version,
        Some((version, _)) => insert(transaction, version + 1, at, &text)?,
        None => insert(transaction, 1, at, &text)?,
    };
    // After a step back of the clock nothing of what the ticks saw may be taken back.
    let newest = first(transaction, "SELECT at FROM tick ORDER BY seq DESC LIMIT 1", [], |row| row.at())?;
    let at = newest.map_or(at, |newest| at.max(newest));
    // Done for an unchanged inventory too: a crash may have come between it and the change that let a link leave.
    let stays: HashSet<&LinkId> = inventory.links.iter().map(|link| &link.id).collect();
    let sql = "SELECT key, id FROM link WHERE entered_at IS NOT NULL AND left_at IS NULL";
    let inside = collect(transaction, sql, [], |row| Ok((row.value::<i64>()?, row.id::<LinkId>()?)))?;
    let mut timeline = Timeline::new(transaction, keys);
    for (key, _) in inside.iter().filter(|(_, id)| !stays.contains(id)) {
        timeline.leaves(*key, at)?;
    }
    for link in &inventory.links {
        timeline.present(&link.id, at)?;
        if link.service.is_none() {
            transaction.prepare_cached(FORGET_SERVICE)?.execute([link.id.as_str()])?;
        }
    }
    Ok(version)
}

/// A link that has lost its service is shown by its pings again: the newest sample must not stay the service's.
const FORGET_SERVICE: &str = "UPDATE link_now SET icmp = NULL
     WHERE link = (SELECT key FROM link WHERE id = ?1) AND (SELECT probe FROM sample WHERE sample.id = icmp) != 0";

fn insert(transaction: &Connection, version: i64, at: UtcMs, text: &str) -> Result<i64, Failure> {
    transaction.execute("INSERT INTO inventory (version, at, inventory) VALUES (?1, ?2, ?3)", (version, at.0, text))?;
    Ok(version)
}

/// The last inventory; none before the first.
pub(crate) fn last(connection: &Connection) -> Result<Option<Inventory>, Failure> {
    let sql = "SELECT inventory FROM inventory ORDER BY version DESC LIMIT 1";
    let text: Option<String> = first(connection, sql, [], |row| row.value())?;
    text.map(|text| document::read("inventory", &text)).transpose()
}

/// The version in force at an instant; the first one before it, 0 when there is none.
pub(crate) fn version_at(connection: &Connection, at: UtcMs) -> Result<i64, Failure> {
    let sql =
        "SELECT coalesce((SELECT max(version) FROM inventory WHERE at <= ?1), (SELECT min(version) FROM inventory), 0)";
    Ok(first(connection, sql, [at.0], |row| row.value())?.unwrap_or(0))
}

/// The inventory of a version; none when there is no such version.
pub(crate) fn of_version(connection: &Connection, version: i64) -> Result<Option<Inventory>, Failure> {
    let sql = "SELECT inventory FROM inventory WHERE version = ?1";
    let text: Option<String> = first(connection, sql, [version], |row| row.value())?;
    text.map(|text| document::read("inventory", &text)).transpose()
}
