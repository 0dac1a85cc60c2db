//! The layout of `phusong.db`, version 7.
//!
//! # Layout
//! All instants are milliseconds of UTC. Links, and pairs of device and interface, are written once in a dictionary
//! table and are integers everywhere else; the integers mean nothing outside this file. Enums are the integers of
//! `codes.rs`. Half-open ranges everywhere: the lower end is inside, the upper end is not.
//!
//! | table | one row per | written |
//! |---|---|---|
//! | `link`, `interface` | id; in `link` also `device/ID` and `site/ID` of what carries links | at first mention |
//! | `tick` | beat of the scheduler, with the ranges of its `sample` and `reading` rows | once |
//! | `sample`, `reading` | link, probe and tick; interface and poll | once, appended, never in the middle |
//! | `link_now` | link: its newest measured sample of service or ICMP, and its newest reading | each tick |
//! | `span` | link and start of a state | each transition |
//! | `usual` | link: what is usual for it by now | once an hour |
//! | `outage` | outage, with its last verdict | when it opens, changes and ends |
//! | `verdict` | verdict on the cause of an outage, the last one included | once |
//! | `event` | event that is known to be more than one outage | when it changes |
//! | `state_change` | tick and link whose state or cause changed in it | once |
//! | `observation` | sight that a probe had besides answers, as long as it looked the same | when it changes; its end, each time |
//! | `ack` | notice that somebody took of an outage | by command |
//! | `maintenance` | work that was planned by command | by command |
//! | `told` | event: what people were told of it; while it lasts and an hour more | when it is told |
//! | `notification`, `delivery` | message; message and channel by which it goes | when it is told; when it has arrived |
//! | `rollup_minute`, `rollup_hour`, `rollup_day` | link, probe and bucket with a sample | once, some minutes after its end |
//! | `rolled` | store: one row, up to when rollups are written | when one is |
//! | `health` | store: one row | each tick |
//! | `inventory` | version that differed from the one before | each change |
//! | `import` | version of a dataset of geodata, whose file is `layers/HASH` | when it is imported |
//! | `in_force` | time that a version of a dataset was put in force, or none | by command, or a change of the configuration |
//! | `coverage_run` | recompute: figures of all runs, gaps and contradictions of the last one | each recompute |
//! | `sink`, `rejected` | sink: the last tick delivered; line that a sink refused for good | by the sink |
//! | `numbering` | store: one row, what tells its numbers of ticks from those of a store that it was saved from | once |
//!
//! A link's state is its open span; there is no second copy of it. The outbox is not a table: what a sink has not
//! delivered are the ticks after its cursor.
//!
//! # Limits
//! One writer (the data folder's lock sees to it), any number of readers. A row of `sample` takes about 31 bytes, one of `rollup_minute`
//! about 50.
//! What is removed when is in `retention.rs`; beside the database lies a reserve that is given up when the disk is full,
//! since even a deletion needs room in the log.
//!
//! # Recovery
//! A tick and all that it changes are one transaction, flushed before the call returns (`synchronous=FULL`): after a
//! crash of program or machine it is there wholly or not at all. SQLite repeats the log by itself at the next open,
//! reader or writer. A full disk refuses a transaction and leaves the file as it was. A copy is made with `.backup`
//! of the `sqlite3` program, not with `cp`: the newest ticks may be in `phusong.db-wal` only.

use rusqlite::{Connection, TransactionBehavior};

/// "phus": tells our files from other SQLite databases.
const APPLICATION_ID: i64 = 0x7068_7573;

/// Each entry brings a store from the version of its position to the next one. Entries are never edited once shipped.
const MIGRATIONS: [&str; 7] = [VERSION_1, VERSION_2, VERSION_3, VERSION_4, VERSION_5, VERSION_6, VERSION_7];

/// The version that this program reads and writes.
pub(crate) const NEWEST: i64 = MIGRATIONS.len() as i64;

const VERSION_1: &str = "
CREATE TABLE link (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  entered_at INTEGER,            -- NULL: was never in the inventory
  left_at INTEGER                -- NULL: has not left
) STRICT;
CREATE TABLE interface (
  key INTEGER PRIMARY KEY,
  device TEXT NOT NULL,
  ifname TEXT NOT NULL,
  UNIQUE (device, ifname)
) STRICT;
CREATE TABLE tick (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL UNIQUE,
  period_ms INTEGER NOT NULL,
  slip_ms INTEGER NOT NULL,
  blind INTEGER,
  sample_lo INTEGER NOT NULL,
  sample_hi INTEGER NOT NULL,
  reading_lo INTEGER NOT NULL,
  reading_hi INTEGER NOT NULL
) STRICT;
CREATE TABLE sample (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link,
  probe INTEGER NOT NULL,
  blind INTEGER,                 -- set: we could not look, and nothing below is
  sent INTEGER,
  lost INTEGER,
  rtt_min_us INTEGER,            -- NULL with the four below: nothing came back
  rtt_median_us INTEGER,
  rtt_p95_us INTEGER,
  rtt_max_us INTEGER,
  jitter_us INTEGER,
  CHECK ((blind IS NULL) = (sent IS NOT NULL))
) STRICT;
CREATE TABLE reading (
  id INTEGER PRIMARY KEY,
  interface INTEGER NOT NULL REFERENCES interface,
  link INTEGER REFERENCES link,
  at INTEGER NOT NULL,
  oper INTEGER NOT NULL,
  admin INTEGER NOT NULL,
  speed_bps INTEGER,             -- unsigned 64-bit numbers are kept by their bits
  in_bps REAL,
  out_bps REAL,
  in_err INTEGER,
  out_err INTEGER,
  in_disc INTEGER,
  out_disc INTEGER,
  rx_dbm REAL,
  tx_dbm REAL
) STRICT;
CREATE TABLE link_now (
  link INTEGER PRIMARY KEY REFERENCES link,
  icmp INTEGER,                  -- sample.id; of its service when the link has one
  reading INTEGER                -- reading.id
) STRICT;
CREATE TABLE span (
  link INTEGER NOT NULL REFERENCES link,
  from_at INTEGER NOT NULL,
  to_at INTEGER,                 -- NULL: lasts
  state INTEGER NOT NULL,
  cause INTEGER,
  cause_link INTEGER REFERENCES link,
  blind INTEGER,
  PRIMARY KEY (link, from_at),
  CHECK (to_at > from_at)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX span_open ON span (link) WHERE to_at IS NULL;
CREATE INDEX span_end ON span (to_at) WHERE to_at IS NOT NULL;
CREATE TABLE outage (
  id INTEGER PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES link,
  start_at INTEGER NOT NULL,
  end_at INTEGER,                -- NULL: lasts
  decided_at INTEGER NOT NULL,
  cause INTEGER NOT NULL,
  cause_link INTEGER REFERENCES link,
  blind_ms INTEGER NOT NULL,
  CHECK (end_at >= start_at)
) STRICT;
CREATE UNIQUE INDEX outage_open ON outage (link) WHERE end_at IS NULL;
CREATE INDEX outage_end ON outage (end_at) WHERE end_at IS NOT NULL;
CREATE TABLE state_change (
  tick INTEGER NOT NULL REFERENCES tick,
  link INTEGER NOT NULL REFERENCES link,
  state INTEGER NOT NULL,
  since INTEGER NOT NULL,
  cause INTEGER,
  cause_link INTEGER REFERENCES link,
  blind INTEGER,
  outage INTEGER,                -- the outage that was open then
  PRIMARY KEY (tick, link)
) STRICT, WITHOUT ROWID;
CREATE TABLE health (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  health TEXT NOT NULL           -- JSON
) STRICT;
CREATE TABLE inventory (
  version INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  inventory TEXT NOT NULL        -- JSON
) STRICT;
CREATE TABLE coverage_run (
  id INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL,          -- the tick that a sink delivers it with: the next one after the run
  at INTEGER NOT NULL,
  input_hash TEXT NOT NULL,
  figures TEXT NOT NULL,         -- JSON
  gaps TEXT                      -- JSON; NULL once a later run is there
) STRICT;
CREATE INDEX coverage_run_seq ON coverage_run (seq);
CREATE TABLE sink (
  name TEXT PRIMARY KEY,
  seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE rejected (
  sink TEXT NOT NULL,
  seq INTEGER NOT NULL,
  line TEXT NOT NULL,
  status INTEGER NOT NULL,
  message TEXT NOT NULL,
  PRIMARY KEY (sink, seq, line)
) STRICT, WITHOUT ROWID;
";

const VERSION_2: &str = "
CREATE TABLE observation (
  subject TEXT NOT NULL,         -- 'link ' or 'device ' and the id
  key TEXT NOT NULL,             -- what tells kinds of sights apart
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  seen TEXT NOT NULL,            -- JSON
  PRIMARY KEY (subject, key, first_at),
  CHECK (last_at >= first_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX observation_last ON observation (last_at);
";

/// An outage keeps its number; it was an event of its own.
const VERSION_3: &str = "
ALTER TABLE outage ADD COLUMN start_error_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outage ADD COLUMN end_error_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outage ADD COLUMN confidence INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outage ADD COLUMN evidence TEXT NOT NULL DEFAULT '[]';  -- JSON
ALTER TABLE outage ADD COLUMN event INTEGER NOT NULL DEFAULT 0;     -- id of its first outage
UPDATE outage SET event = id;
CREATE INDEX outage_event ON outage (event);
CREATE TABLE verdict (
  outage INTEGER NOT NULL REFERENCES outage,
  number INTEGER NOT NULL,       -- from 1, in the order they were reached
  at INTEGER NOT NULL,
  cause INTEGER NOT NULL,
  cause_link INTEGER REFERENCES link,
  confidence INTEGER NOT NULL,
  evidence TEXT NOT NULL,        -- JSON
  PRIMARY KEY (outage, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE event (
  id INTEGER PRIMARY KEY,
  carrier INTEGER REFERENCES link,
  together TEXT,                 -- JSON
  flapping INTEGER NOT NULL
) STRICT;
";

const VERSION_4: &str = "
ALTER TABLE span ADD COLUMN worse INTEGER;
ALTER TABLE state_change ADD COLUMN worse INTEGER;
CREATE TABLE usual (
  link INTEGER PRIMARY KEY REFERENCES link,
  rtt_us INTEGER NOT NULL,
  rtt_high_us INTEGER NOT NULL,
  loss REAL,                     -- NULL: too little was learned
  rounds INTEGER NOT NULL
) STRICT;
CREATE TABLE maintenance (
  id INTEGER PRIMARY KEY,
  scope TEXT NOT NULL,           -- JSON
  from_at INTEGER NOT NULL,
  to_at INTEGER NOT NULL,
  why TEXT NOT NULL,
  author TEXT NOT NULL,
  added_at INTEGER NOT NULL,
  ended_at INTEGER,
  CHECK (to_at > from_at)
) STRICT;
CREATE INDEX maintenance_to ON maintenance (to_at);
CREATE TABLE ack (
  id INTEGER PRIMARY KEY,
  outage INTEGER NOT NULL REFERENCES outage,
  event INTEGER NOT NULL,
  at INTEGER NOT NULL,
  author TEXT NOT NULL,
  note TEXT,
  ticket TEXT
) STRICT;
CREATE INDEX ack_outage ON ack (outage);
CREATE INDEX ack_event ON ack (event);
CREATE TABLE told (
  event INTEGER PRIMARY KEY,
  told TEXT NOT NULL             -- JSON
) STRICT;
CREATE TABLE notification (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  at INTEGER NOT NULL,
  event INTEGER NOT NULL,
  turn TEXT NOT NULL,            -- JSON
  cause TEXT NOT NULL,
  links INTEGER NOT NULL,
  body TEXT NOT NULL             -- JSON
) STRICT;
CREATE INDEX notification_at ON notification (at);
CREATE INDEX notification_event ON notification (event);
CREATE TABLE delivery (
  notification TEXT NOT NULL,
  channel TEXT NOT NULL,
  done_at INTEGER,               -- NULL: waits
  given_up TEXT,                 -- NULL: was delivered
  PRIMARY KEY (notification, channel)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_open ON delivery (notification) WHERE done_at IS NULL;
";

/// Rollups are clustered by how they are written: minutes by time, hours and days by link. The indexes of spans hold all
/// that answers ask for: the spans of a day lie all over a year of them.
const VERSION_5: &str = "
CREATE TABLE rollup_minute (
  at INTEGER NOT NULL,
  link INTEGER NOT NULL REFERENCES link,
  probe INTEGER NOT NULL,
  measured INTEGER NOT NULL,
  blind INTEGER NOT NULL,
  sent INTEGER NOT NULL,
  lost INTEGER NOT NULL,
  rtt_min_us INTEGER,            -- NULL with the next one: nothing came back
  rtt_max_us INTEGER,
  rtt BLOB NOT NULL,             -- sketch of the medians of the looks
  up_ms INTEGER NOT NULL,
  degraded_ms INTEGER NOT NULL,
  down_ms INTEGER NOT NULL,
  blind_ms INTEGER NOT NULL,
  maintenance_ms INTEGER NOT NULL,
  PRIMARY KEY (at, link, probe)
) STRICT, WITHOUT ROWID;
CREATE TABLE rollup_hour (
  at INTEGER NOT NULL,
  link INTEGER NOT NULL REFERENCES link,
  probe INTEGER NOT NULL,
  measured INTEGER NOT NULL,
  blind INTEGER NOT NULL,
  sent INTEGER NOT NULL,
  lost INTEGER NOT NULL,
  rtt_min_us INTEGER,
  rtt_max_us INTEGER,
  rtt BLOB NOT NULL,
  up_ms INTEGER NOT NULL,
  degraded_ms INTEGER NOT NULL,
  down_ms INTEGER NOT NULL,
  blind_ms INTEGER NOT NULL,
  maintenance_ms INTEGER NOT NULL,
  PRIMARY KEY (link, probe, at)
) STRICT, WITHOUT ROWID;
CREATE TABLE rollup_day (
  at INTEGER NOT NULL,
  link INTEGER NOT NULL REFERENCES link,
  probe INTEGER NOT NULL,
  measured INTEGER NOT NULL,
  blind INTEGER NOT NULL,
  sent INTEGER NOT NULL,
  lost INTEGER NOT NULL,
  rtt_min_us INTEGER,
  rtt_max_us INTEGER,
  rtt BLOB NOT NULL,
  up_ms INTEGER NOT NULL,
  degraded_ms INTEGER NOT NULL,
  down_ms INTEGER NOT NULL,
  blind_ms INTEGER NOT NULL,
  maintenance_ms INTEGER NOT NULL,
  PRIMARY KEY (link, probe, at)
) STRICT, WITHOUT ROWID;
CREATE TABLE rolled (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  minutes_to INTEGER NOT NULL,   -- buckets that end by then are written
  hours_to INTEGER NOT NULL,
  days_to INTEGER NOT NULL
) STRICT;
DROP INDEX span_end;
CREATE INDEX span_end ON span (to_at, link, from_at, state, cause, cause_link, blind, worse) WHERE to_at IS NOT NULL;
CREATE INDEX span_now_open ON span (link, from_at, to_at, state, cause, cause_link, blind, worse) WHERE to_at IS NULL;
ALTER TABLE sink ADD COLUMN removed_ticks INTEGER NOT NULL DEFAULT 0;    -- by retention, before delivery
ALTER TABLE sink ADD COLUMN removed_samples INTEGER NOT NULL DEFAULT 0;
";

/// Rejected lines are counted where they are written: a replica may refuse all that it gets, and the count is asked for at
/// each look. A store that is made anew draws another number.
const VERSION_6: &str = "
ALTER TABLE sink ADD COLUMN rejected INTEGER NOT NULL DEFAULT 0;         -- its rows in that table
ALTER TABLE sink ADD COLUMN given_up INTEGER NOT NULL DEFAULT 0;         -- rows that somebody gave up
UPDATE sink SET rejected = (SELECT count(*) FROM rejected WHERE rejected.sink = sink.name);
CREATE TABLE numbering (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  number INTEGER NOT NULL
) STRICT;
INSERT INTO numbering VALUES (1, random());
";

/// Versions are never removed: figures of a past day rest on those of that day.
const VERSION_7: &str = "
CREATE TABLE import (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  dataset TEXT NOT NULL,
  hash TEXT NOT NULL,            -- of the file under layers
  file TEXT NOT NULL,            -- as it was called
  bytes INTEGER NOT NULL,
  at INTEGER NOT NULL,
  author TEXT NOT NULL,
  options TEXT NOT NULL,         -- JSON
  log TEXT NOT NULL,             -- JSON
  content TEXT NOT NULL          -- JSON: what it puts into the inventory
) STRICT;
CREATE INDEX import_dataset ON import (kind, dataset);
CREATE TABLE in_force (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  dataset TEXT NOT NULL,
  import INTEGER REFERENCES import,   -- NULL: none from then on
  since INTEGER NOT NULL,
  author TEXT NOT NULL
) STRICT;
ALTER TABLE coverage_run ADD COLUMN imports TEXT;         -- JSON: the versions it was computed from
ALTER TABLE coverage_run ADD COLUMN contradictions TEXT;  -- JSON; NULL once a later run is there
CREATE INDEX coverage_run_at ON coverage_run (at);
";

/// Whose file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing is in it.
    Nothing,
    /// A store of this version.
    Version(i64),
    /// Something else.
    Foreign,
}

/// The first version that keeps observations.
pub(crate) const WITH_OBSERVATIONS: i64 = 2;

/// The first version that keeps verdicts and events.
pub(crate) const WITH_EVENTS: i64 = 3;

/// The first version that keeps what is worse about a degraded link, and what is usual for links.
pub(crate) const WITH_USUAL: i64 = 4;

/// The first version that keeps what people order: announced work, acknowledgements; and what they are told.
pub(crate) const WITH_ORDERS: i64 = 4;

/// The first version that keeps rollups, and counts what retention removed before delivery.
pub(crate) const WITH_ROLLUPS: i64 = 5;

/// The first version that counts rejected lines by sink, and tells its numbers of ticks from others.
pub(crate) const WITH_NUMBERING: i64 = 6;

/// The first version that keeps imported datasets.
pub(crate) const WITH_IMPORTS: i64 = 7;

/// The version of the open store.
pub(crate) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Looks at the marks in the file's head.
pub(crate) fn found(connection: &Connection) -> rusqlite::Result<Found> {
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let (application, version) = (number("PRAGMA application_id")?, version(connection)?);
    let tables = number("SELECT count(*) FROM sqlite_schema")?;
    Ok(match (application, version, tables) {
        (0, 0, 0) => Found::Nothing,
        (APPLICATION_ID, 1.., _) => Found::Version(version),
        _ => Found::Foreign,
    })
}

/// Brings the store to [`NEWEST`], one transaction a version; the version that failed is in the error.
pub(crate) fn migrate(connection: &mut Connection, from: i64) -> Result<(), (i64, rusqlite::Error)> {
    for (version, sql) in (1..).zip(MIGRATIONS).filter(|(version, _)| *version > from) {
        step(connection, version, sql).map_err(|error| (version, error))?;
    }
    Ok(())
}

fn step(connection: &mut Connection, version: i64, sql: &str) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(sql)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", version)?;
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use phusong_model::{EventId, Millis, Outage, OutageId, UtcMs, Verdict, Window};

    use super::*;
    use crate::{Reader, Store};

    /// A store as the program of version 1 left it.
    fn of_version_1(folder: &std::path::Path) {
        let mut connection = Connection::open(folder.join("phusong.db")).expect("database");
        connection.pragma_update(None, "journal_mode", "WAL").expect("WAL");
        step(&mut connection, 1, VERSION_1).expect("version 1");
        let rows = "INSERT INTO link (id, entered_at) VALUES ('a', 5);
             INSERT INTO span (link, from_at, state) VALUES (1, 5, 2);
             INSERT INTO tick VALUES (1, 1000, 1000, 0, NULL, 1, 1, 1, 1);
             INSERT INTO outage (link, start_at, decided_at, cause, blind_ms) VALUES (1, 7, 9, 2, 0);
             INSERT INTO inventory VALUES (1, 5, '{}');";
        connection.execute_batch(&rows.replace("'{}'", &format!("'{}'", inventory()))).expect("rows");
    }

    /// The outage of that store, whose cause was an interface that is down.
    fn outage() -> Outage {
        Outage {
            id: OutageId(1),
            link: "a".parse().expect("id"),
            start: UtcMs(7),
            start_error: Millis(0),
            end: None,
            end_error: Millis(0),
            decided: UtcMs(9),
            verdict: Verdict::unknown(),
            blind: Millis(0),
            event: EventId(1),
        }
    }

    fn inventory() -> String {
        serde_json::to_string(&phusong_model::Inventory::default()).expect("JSON")
    }

    #[test]
    fn a_reader_takes_a_store_of_version_1_as_it_is() {
        let folder = tempfile::tempdir().expect("folder");
        of_version_1(folder.path());
        let evidence = Reader::open(folder.path())
            .and_then(|reader| reader.evidence(UtcMs(2000), Window::new(UtcMs::MIN, UtcMs(2000))));
        let evidence = evidence.expect("evidence");
        assert_eq!(evidence.observations, []);
        assert_eq!(evidence.outages, [outage()]);
        assert_eq!(evidence.events, []);
    }

    #[test]
    fn the_writer_brings_a_store_of_version_1_to_the_newest_and_keeps_what_is_in_it() {
        let folder = tempfile::tempdir().expect("folder");
        of_version_1(folder.path());
        drop(Store::open(folder.path()).expect("migrated"));
        let connection = Connection::open(folder.path().join("phusong.db")).expect("database");
        assert_eq!(version(&connection).expect("version"), NEWEST);
        let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).expect(sql);
        assert_eq!(count("SELECT count(*) FROM link JOIN span ON span.link = link.key"), 1);
        assert_eq!(count("SELECT count(*) FROM observation"), 0);
        let evidence = Reader::open(folder.path())
            .and_then(|reader| reader.evidence(UtcMs(2000), Window::new(UtcMs::MIN, UtcMs(2000))));
        assert_eq!(evidence.expect("evidence").outages, [outage()]);
    }
}
