//! Which values the readers of this crate take, column by column: SQLite has no check sums, and a flipped bit inside a
//! sound page makes a row that nobody can read and that no check of SQLite's sees.
//!
//! A row is saved without such a value where it says the same without it, or less. Where it would say something else it
//! is left out: a state that is not known is a hole, and holes are blind.

use phusong_model::{
    Carrier, Clue, Contradiction, CoverageFigure, CoverageGap, DatasetKind, DeviceId, Health, ImportContent, ImportLog,
    ImportOptions, Inventory, Notification, Scope, Seen, Together, Told, Turn,
};
use rusqlite::{Connection, types::Value};

use super::rows::{Shape, by_weight};
use crate::{codes, document, observation};

/// What the readers take from a column.
#[derive(Clone, Copy)]
enum Kind {
    /// Text that this finds well; also NULL.
    Text(fn(&str) -> bool),
    /// An integer that this finds well; also NULL.
    Number(fn(i64) -> bool),
}

/// What becomes of a row whose value is odd.
#[derive(Clone, Copy)]
enum Instead {
    /// It is left out.
    Nothing,
    /// It has no value there.
    Null,
    /// It has this one, which claims nothing.
    Number(i64),
    /// As [`Instead::Number`].
    Text(&'static str),
}

/// Columns whose values are not taken as they come. All others hold instants, lengths of time, counts by their bits, and
/// text as people wrote it.
const COLUMNS: &[(&str, &str, Kind, Instead)] = &[
    ("link", "id", Kind::Text(|id| id.parse::<Carrier>().is_ok()), Instead::Nothing),
    ("interface", "device", Kind::Text(|id| id.parse::<DeviceId>().is_ok()), Instead::Nothing),
    // Without its reason a tick would count as one that looked.
    ("tick", "blind", Kind::Number(is_blind), Instead::Nothing),
    ("sample", "probe", Kind::Number(is_probe), Instead::Nothing),
    ("sample", "blind", Kind::Number(is_blind), Instead::Nothing),
    ("sample", "sent", Kind::Number(fits::<u16>), Instead::Nothing),
    ("sample", "lost", Kind::Number(fits::<u16>), Instead::Nothing),
    ("sample", "rtt_min_us", Kind::Number(fits::<u32>), Instead::Nothing),
    ("sample", "rtt_median_us", Kind::Number(fits::<u32>), Instead::Nothing),
    ("sample", "rtt_p95_us", Kind::Number(fits::<u32>), Instead::Nothing),
    ("sample", "rtt_max_us", Kind::Number(fits::<u32>), Instead::Nothing),
    ("sample", "jitter_us", Kind::Number(fits::<u32>), Instead::Nothing),
    ("span", "state", Kind::Number(is_state), Instead::Nothing),
    ("span", "blind", Kind::Number(is_blind), Instead::Null),
    ("span", "worse", Kind::Number(is_worse), Instead::Null),
    ("state_change", "state", Kind::Number(is_state), Instead::Nothing),
    ("state_change", "blind", Kind::Number(is_blind), Instead::Null),
    ("state_change", "worse", Kind::Number(is_worse), Instead::Null),
    ("outage", "confidence", Kind::Number(is_confidence), Instead::Number(0)),
    ("outage", "evidence", Kind::Text(is::<Vec<Clue>>), Instead::Text("[]")),
    ("verdict", "confidence", Kind::Number(is_confidence), Instead::Number(0)),
    ("verdict", "evidence", Kind::Text(is::<Vec<Clue>>), Instead::Text("[]")),
    ("event", "together", Kind::Text(is::<Together>), Instead::Null),
    ("usual", "rtt_us", Kind::Number(fits::<u32>), Instead::Nothing),
    ("usual", "rtt_high_us", Kind::Number(fits::<u32>), Instead::Nothing),
    ("usual", "rounds", Kind::Number(fits::<u32>), Instead::Nothing),
    ("observation", "subject", Kind::Text(observation::is_subject), Instead::Nothing),
    ("observation", "seen", Kind::Text(is::<Seen>), Instead::Nothing),
    ("maintenance", "scope", Kind::Text(is::<Scope>), Instead::Nothing),
    // Rather told once more than not at all.
    ("told", "told", Kind::Text(is::<Told>), Instead::Nothing),
    ("notification", "turn", Kind::Text(is::<Turn>), Instead::Nothing),
    ("notification", "links", Kind::Number(fits::<u64>), Instead::Nothing),
    ("notification", "body", Kind::Text(is::<Notification>), Instead::Nothing),
    ("rollup_minute", "probe", Kind::Number(is_probe), Instead::Nothing),
    ("rollup_minute", "measured", Kind::Number(fits::<u64>), Instead::Nothing),
    ("rollup_minute", "blind", Kind::Number(fits::<u64>), Instead::Nothing),
    ("rollup_minute", "sent", Kind::Number(fits::<u64>), Instead::Nothing),
    ("rollup_minute", "lost", Kind::Number(fits::<u64>), Instead::Nothing),
    ("rollup_minute", "rtt_min_us", Kind::Number(fits::<u32>), Instead::Nothing),
    ("rollup_minute", "rtt_max_us", Kind::Number(fits::<u32>), Instead::Nothing),
    ("rollup_hour", "probe", Kind::Number(is_probe), Instead::Nothing),
    ("rollup_hour", "measured", Kind::Number(fits::<u64>), Instead::Nothing),
    ("rollup_hour", "blind", Kind::Number(fits::<u64>), Instead::Nothing),
    ("rollup_hour", "sent", Kind::Number(fits::<u64>), Instead::Nothing),
    ("rollup_hour", "lost", Kind::Number(fits::<u64>), Instead::Nothing),
    ("rollup_hour", "rtt_min_us", Kind::Number(fits::<u32>), Instead::Nothing),
    ("rollup_hour", "rtt_max_us", Kind::Number(fits::<u32>), Instead::Nothing),
    ("rollup_day", "probe", Kind::Number(is_probe), Instead::Nothing),
    ("rollup_day", "measured", Kind::Number(fits::<u64>), Instead::Nothing),
    ("rollup_day", "blind", Kind::Number(fits::<u64>), Instead::Nothing),
    ("rollup_day", "sent", Kind::Number(fits::<u64>), Instead::Nothing),
    ("rollup_day", "lost", Kind::Number(fits::<u64>), Instead::Nothing),
    ("rollup_day", "rtt_min_us", Kind::Number(fits::<u32>), Instead::Nothing),
    ("rollup_day", "rtt_max_us", Kind::Number(fits::<u32>), Instead::Nothing),
    ("health", "health", Kind::Text(is::<Health>), Instead::Nothing),
    ("inventory", "inventory", Kind::Text(is::<Inventory>), Instead::Nothing),
    ("coverage_run", "figures", Kind::Text(is::<Vec<CoverageFigure>>), Instead::Nothing),
    // Without its gaps a run would say that there are none.
    ("coverage_run", "gaps", Kind::Text(is::<Vec<CoverageGap>>), Instead::Nothing),
    // None of a run with some would say that nothing is contradicted: rather none of the run.
    ("coverage_run", "contradictions", Kind::Text(is::<Vec<Contradiction>>), Instead::Nothing),
    ("coverage_run", "imports", Kind::Text(is::<Vec<i64>>), Instead::Null),
    ("import", "kind", Kind::Text(|id| DatasetKind::of_id(id).is_some()), Instead::Nothing),
    ("import", "bytes", Kind::Number(fits::<u64>), Instead::Number(0)),
    // Under other options the same file says something else.
    ("import", "options", Kind::Text(is::<ImportOptions>), Instead::Nothing),
    ("import", "log", Kind::Text(is::<ImportLog>), Instead::Text("{}")),
    // Without what it brings a version would take the inventory's lists away.
    ("import", "content", Kind::Text(is::<ImportContent>), Instead::Nothing),
    ("in_force", "kind", Kind::Text(|id| DatasetKind::of_id(id).is_some()), Instead::Nothing),
    ("sink", "removed_samples", Kind::Number(fits::<u64>), Instead::Number(0)),
    ("sink", "rejected", Kind::Number(fits::<u64>), Instead::Number(0)),
    ("sink", "given_up", Kind::Number(fits::<u64>), Instead::Number(0)),
    ("rejected", "status", Kind::Number(fits::<u16>), Instead::Nothing),
];

/// Tables whose cause is not NULL: where it is odd, it is unknown.
const WITH_A_CAUSE: [&str; 2] = ["outage", "verdict"];

fn is<T: serde::Serialize + serde::de::DeserializeOwned>(text: &str) -> bool {
    document::read::<T>("value", text).is_ok()
}

fn fits<T: TryFrom<i64>>(value: i64) -> bool {
    T::try_from(value).is_ok()
}

fn is_state(code: i64) -> bool {
    phusong_model::LinkState::from_code(code).is_some()
}

fn is_blind(code: i64) -> bool {
    codes::blind_of(code).is_some()
}

fn is_worse(code: i64) -> bool {
    codes::worse_of(code).is_some()
}

fn is_probe(code: i64) -> bool {
    codes::probe_of(code).is_some()
}

fn is_confidence(code: i64) -> bool {
    codes::confidence_of(code).is_some()
}

impl Kind {
    fn takes(self, value: &Value) -> bool {
        match (self, value) {
            // Where NULL must not be, the new store does not take it.
            (_, Value::Null) => true,
            (Self::Text(well), Value::Text(text)) => well(text),
            (Self::Number(well), Value::Integer(number)) => well(*number),
            (Self::Text(_) | Self::Number(_), _) => false,
        }
    }
}

/// What a look at a row came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Row {
    /// Every reader takes it.
    Sound,
    /// Every reader takes it now.
    Mended,
    /// It can only be left out.
    Hopeless,
}

/// How the rows of one table are looked at.
pub(super) struct Sieve {
    columns: Vec<(usize, Kind, Instead)>,
    /// Cause, what carries the link, and the cause that stands for an odd one.
    cause: Option<(usize, usize, Value)>,
    /// What was sent and what was lost: both or none.
    echoes: Option<(usize, usize)>,
}

impl Sieve {
    /// For rows of these columns.
    pub(super) fn of(table: &str, columns: &[String]) -> Self {
        let place = |name: &str| columns.iter().position(|column| column == name);
        let known = COLUMNS.iter().filter(|(of, ..)| *of == table);
        let stands = if WITH_A_CAUSE.contains(&table) { Value::Integer(0) } else { Value::Null };
        Self {
            columns: known.filter_map(|(_, name, kind, instead)| Some((place(name)?, *kind, *instead))).collect(),
            cause: place("cause").zip(place("cause_link")).map(|(cause, carrier)| (cause, carrier, stands)),
            echoes: (table == "sample").then(|| place("sent").zip(place("lost"))).flatten(),
        }
    }

    /// Looks at a row, and takes out of it what no reader takes.
    pub(super) fn sift(&self, row: &mut [Value]) -> Row {
        let mut came = Row::Sound;
        for (place, kind, instead) in &self.columns {
            let Some(value) = row.get_mut(*place).filter(|value| !kind.takes(value)) else { continue };
            *value = match instead {
                Instead::Nothing => return Row::Hopeless,
                Instead::Null => Value::Null,
                Instead::Number(number) => Value::Integer(*number),
                Instead::Text(text) => Value::Text((*text).to_owned()),
            };
            came = Row::Mended;
        }
        let null = |row: &[Value], place: usize| matches!(row.get(place), Some(Value::Null));
        if self.echoes.is_some_and(|(sent, lost)| null(row, sent) != null(row, lost)) {
            return Row::Hopeless;
        }
        if let Some((cause, carrier, stands)) = &self.cause {
            let carried = !null(row, *carrier);
            let fits = match row.get(*cause) {
                Some(Value::Integer(code)) => codes::is_cause(*code, carried),
                Some(Value::Null) => !carried,
                Some(Value::Real(_) | Value::Text(_) | Value::Blob(_)) | None => false,
            };
            if !fits {
                for (place, value) in [(*cause, stands.clone()), (*carrier, Value::Null)] {
                    row.get_mut(place).into_iter().for_each(|old| *old = value.clone());
                }
                came = Row::Mended;
            }
        }
        came
    }
}

/// The first table found in which some reader does not take a value. All of it is read, the small tables first, while it
/// is to go on.
pub(super) fn odd_table(connection: &Connection, go_on: &dyn Fn() -> bool) -> rusqlite::Result<Option<String>> {
    for table in by_weight(connection)? {
        let columns = Shape::of(connection, &table)?.columns;
        let sieve = Sieve::of(&table, &columns);
        let mut statement = connection.prepare(&format!("SELECT {} FROM {table}", columns.join(", ")))?;
        let mut rows = statement.query([])?;
        while go_on()
            && let Some(row) = rows.next()?
        {
            let values = (0..columns.len()).map(|column| row.get::<_, Value>(column)).collect::<Result<Vec<_>, _>>();
            // Text that is not UTF-8 cannot be read at all.
            if values.map_or(Row::Hopeless, |mut values| sieve.sift(&mut values)) != Row::Sound {
                return Ok(Some(table));
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema;

    fn new_store() -> Connection {
        let mut connection = Connection::open_in_memory().expect("memory");
        schema::migrate(&mut connection, 0).expect("schema");
        connection
    }

    #[test]
    fn every_document_of_the_schema_is_looked_at_and_no_other_column_is_named() {
        let connection = new_store();
        let mut documents = 0;
        for table in by_weight(&connection).expect("tables") {
            let sql = "SELECT sql FROM sqlite_schema WHERE name = ?1";
            let text: String = connection.query_row(sql, [&table], |row| row.get(0)).expect("a table");
            for line in text.lines().filter(|line| line.contains("-- JSON")) {
                let column = line.split_whitespace().next().expect("a column");
                documents += 1;
                assert!(COLUMNS.iter().any(|(of, name, ..)| *of == table && *name == column), "{table}.{column}");
            }
        }
        assert!(documents > 8, "{documents}");
        for (table, column, ..) in COLUMNS {
            let columns = Shape::of(&connection, table).expect("a table").columns;
            assert!(columns.iter().any(|name| name == column), "{table}.{column}");
        }
    }

    #[test]
    fn an_odd_value_is_replaced_where_the_row_says_no_more_without_it_and_else_the_row_is_left_out() {
        let connection = new_store();
        for (table, column, kind, instead) in COLUMNS {
            let columns = Shape::of(&connection, table).expect("a table").columns;
            let place = columns.iter().position(|name| name == column).expect("a column");
            let sieve = Sieve::of(table, &columns);
            let mut row = vec![Value::Null; columns.len()];
            if WITH_A_CAUSE.contains(table) {
                row[columns.iter().position(|name| name == "cause").expect("a column")] = Value::Integer(3);
            }
            assert_eq!(sieve.sift(&mut row), Row::Sound, "{table}.{column}");
            row[place] = match kind {
                Kind::Text(_) => Value::Text("\u{1}[{".to_owned()),
                Kind::Number(_) => Value::Integer(-7),
            };
            let expected = match instead {
                Instead::Nothing => Row::Hopeless,
                Instead::Null | Instead::Number(_) | Instead::Text(_) => Row::Mended,
            };
            assert_eq!(sieve.sift(&mut row), expected, "{table}.{column}");
            if expected == Row::Mended {
                assert_eq!(sieve.sift(&mut row), Row::Sound, "{table}.{column}");
            }
        }
    }

    #[test]
    fn a_cause_without_what_carries_the_link_is_unknown_and_a_sample_without_its_losses_is_none() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let outage = Sieve::of("outage", &names(&["cause", "cause_link"]));
        let span = Sieve::of("span", &names(&["cause", "cause_link"]));
        let mut row = [Value::Integer(1), Value::Null];
        assert_eq!((outage.sift(&mut row), &row), (Row::Mended, &[Value::Integer(0), Value::Null]));
        row = [Value::Integer(99), Value::Integer(4)];
        assert_eq!((span.sift(&mut row), &row), (Row::Mended, &[Value::Null, Value::Null]));
        row = [Value::Integer(1), Value::Integer(4)];
        assert_eq!(span.sift(&mut row), Row::Sound);
        let sample = Sieve::of("sample", &names(&["sent", "lost"]));
        assert_eq!(sample.sift(&mut [Value::Integer(3), Value::Null]), Row::Hopeless);
        assert_eq!(sample.sift(&mut [Value::Integer(3), Value::Integer(0)]), Row::Sound);
    }
}
