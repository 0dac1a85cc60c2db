//! From the store to lines. All of it blocks, so it runs on a blocking thread.

use std::{collections::HashMap, path::PathBuf};

use phusong_model::{Inventory, LinkId, Millis, Outage, OutageId, Span, UtcMs, Window};
use phusong_store::{Backlog, Reader, StateChange, StoreError, StoredTick};

use super::{
    chunk::Chunk,
    series::{Account, Directory, account_point, add_tick, repeats_states},
};

/// Lines that are read at a time: two full requests. Five times as many took 45 MB more and delivered no faster. A
/// single tick may have more.
const CHUNK_LINES: usize = 10_000;
/// Ticks that are read at a time, however few lines they have.
const CHUNK_TICKS: usize = 1_000;
/// Ticks that are sent before a backlog: what is new since the last time, and after an outage the picture of the moment.
const AHEAD_TICKS: usize = 10;
/// The label of a tick is its start cut to the second: an inventory that came into force within that second is its.
const LABEL_CUT: Millis = Millis(999);

/// What a look at the store gave.
pub(super) struct Fetched {
    /// Number of the last tick that InfluxDB has.
    pub(super) cursor: i64,
    /// Number of the newest tick in the store.
    pub(super) newest: i64,
    /// What waits, this look included.
    pub(super) backlog: Backlog,
    /// The next ticks as lines; without a tick when nothing waits.
    pub(super) chunk: Chunk,
}

/// Reads the store as any other reader does.
pub(super) struct Source {
    folder: PathBuf,
    /// Name of the cursor.
    sink: String,
    vantage: String,
    reader: Option<Reader>,
    /// The store that was read last.
    numbering: i64,
    /// The inventory of the ticks read last, with its version there.
    inventory: (i64, Inventory),
    /// How many ticks to read next, by how many lines they had before.
    take: usize,
}

impl Source {
    /// A source on the store in a folder; it is opened at the first look.
    pub(super) fn new(folder: PathBuf, sink: String, vantage: String) -> Self {
        Self { folder, sink, vantage, reader: None, numbering: 0, inventory: (0, Inventory::default()), take: 1 }
    }

    /// The next ticks after the cursor. `sent` are the lines acknowledged since the daemon started.
    pub(super) fn fetch(&mut self, sent: u64) -> Result<Fetched, StoreError> {
        self.with_reader(|source, reader| source.fetch_with(reader, sent))
    }

    /// The newest ticks after the number `after`, without an account; at most [`AHEAD_TICKS`] up to `newest`.
    pub(super) fn ahead(&mut self, after: i64, newest: i64) -> Result<Chunk, StoreError> {
        let take = self.take.clamp(1, AHEAD_TICKS);
        let from = after.max(newest.saturating_sub(i64::try_from(take).unwrap_or(i64::MAX)));
        self.with_reader(|source, reader| {
            let mut chunk = source.begin(reader)?;
            source.add_ticks(reader, (from, take), &mut chunk)?;
            Ok(chunk)
        })
    }

    fn with_reader<T>(
        &mut self,
        work: impl FnOnce(&mut Self, &Reader) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let reader = match self.reader.take().filter(|reader| !reader.is_lost()) {
            Some(reader) => reader,
            None => Reader::open(&self.folder)?,
        };
        // Put back only when all went well: after an error the store is opened anew.
        let done = work(self, &reader)?;
        self.reader = Some(reader);
        Ok(done)
    }

    /// An empty chunk for what is read now.
    fn begin(&mut self, reader: &Reader) -> Result<Chunk, StoreError> {
        let numbering = reader.numbering()?;
        if self.numbering != numbering {
            (self.numbering, self.inventory) = (numbering, (0, Inventory::default()));
        }
        Ok(Chunk::of(numbering))
    }

    fn fetch_with(&mut self, reader: &Reader, sent: u64) -> Result<Fetched, StoreError> {
        let cursor = reader.sink_cursor(&self.sink)?;
        let backlog = reader.backlog(&self.sink)?;
        let mut chunk = self.begin(reader)?;
        let (ticks, last) = self.add_ticks(reader, (cursor, self.take), &mut chunk)?;
        if let Some((seq, at)) = last {
            let per_tick = chunk.lines().div_ceil(ticks).max(1);
            self.take = (CHUNK_LINES / per_tick).clamp(1, CHUNK_TICKS);
            let waited = backlog.oldest.map_or(Millis(0), |oldest| UtcMs::from(jiff::Timestamp::now()).since(oldest));
            let account = Account { backlog, waited, sent, db_bytes: reader.bytes()? };
            chunk.push(seq, &account_point(account, at, &self.vantage));
            chunk.end_tick(seq, at);
        }
        let newest = cursor.saturating_add(i64::try_from(backlog.queued_ticks).unwrap_or(i64::MAX));
        Ok(Fetched { cursor, newest, backlog, chunk })
    }

    /// Adds so many ticks after a number; how many there were, and number and time of the last one.
    fn add_ticks(
        &mut self,
        reader: &Reader,
        (after, limit): (i64, usize),
        chunk: &mut Chunk,
    ) -> Result<(usize, Option<(i64, UtcMs)>), StoreError> {
        let mut ticks = Vec::new();
        for tick in reader.ticks_after(after, limit)? {
            ticks.push((reader.inventory_version(tick.tick.at.plus(LABEL_CUT))?, tick));
        }
        for group in ticks.chunk_by(|a, b| a.0 == b.0) {
            self.add_group(reader, group, chunk)?;
        }
        Ok((ticks.len(), ticks.last().map(|(_, last)| (last.seq, last.tick.at))))
    }

    /// Adds ticks that share a version of the inventory.
    fn add_group(&mut self, reader: &Reader, group: &[(i64, StoredTick)], chunk: &mut Chunk) -> Result<(), StoreError> {
        let Some((version, _)) = group.first() else { return Ok(()) };
        if self.inventory.0 != *version {
            self.inventory = (*version, reader.inventory_of(*version)?.unwrap_or_default());
        }
        let directory = Directory::of(&self.inventory.1);
        for (_, tick) in group {
            let standing = if repeats_states(&tick.tick) { states_at(reader, tick.tick.at)? } else { Vec::new() };
            add_tick(chunk, tick, &standing, &directory, &self.vantage);
        }
        Ok(())
    }
}

/// The states of all links at an instant, as spans and outages tell them now.
fn states_at(reader: &Reader, at: UtcMs) -> Result<Vec<StateChange>, StoreError> {
    let instant = Window::new(at, at.plus(Millis(1)));
    let evidence = reader.evidence(instant.to, Window::new(instant.from, instant.to))?;
    let lasts = |outage: &&Outage| outage.start <= at && outage.end.is_none_or(|end| at < end);
    let outages: HashMap<&LinkId, OutageId> =
        evidence.outages.iter().filter(lasts).map(|outage| (&outage.link, outage.id)).collect();
    let covering = evidence.spans.iter().filter(|span| !span.within(instant).is_empty());
    Ok(covering.map(|span| state_of(span, outages.get(&span.link).copied())).collect())
}

fn state_of(span: &Span, outage: Option<OutageId>) -> StateChange {
    StateChange {
        link: span.link.clone(),
        state: span.state,
        since: span.from,
        cause: span.cause.clone(),
        blind: span.blind,
        worse: span.worse,
        outage,
    }
}

#[cfg(test)]
mod tests;
