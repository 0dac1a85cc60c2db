//! How SQLite finds what is asked for: nothing that grows with time may be read from end to end.

use rusqlite::{Connection, params_from_iter, types::Value};

use crate::{
    ack, close_up,
    evidence::{EVENTS, VERDICTS, links_sql, outages_sql, spans_sql},
    feed, inspect, maintenance, notification, observation, page, retention,
    rollup::{self, Level},
    schema, sinks,
};

/// Tables that grow with time.
const GROWING: [&str; 17] = [
    "tick",
    "sample",
    "reading",
    "span",
    "outage",
    "verdict",
    "event",
    "state_change",
    "observation",
    "maintenance",
    "ack",
    "notification",
    "delivery",
    "rollup",
    "rollup_minute",
    "rollup_hour",
    "rejected",
];

/// The plan of a query as SQLite words it, one step a line.
fn plan(sql: &str) -> Vec<String> {
    let mut connection = Connection::open_in_memory().expect("memory");
    schema::migrate(&mut connection, 0).expect("schema");
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("query");
    let nothing = vec![Value::Integer(0); statement.parameter_count()];
    let steps = statement.query_map(params_from_iter(nothing), |row| row.get(3)).expect("plan");
    steps.collect::<Result<_, _>>().expect("steps")
}

/// Steps that read a growing table wholly. An index over what is open has one entry per link at most; an automatic
/// index is made by reading the table.
fn scans(sql: &str) -> Vec<String> {
    let scans = |step: &&String| {
        step.contains("AUTOMATIC")
            || GROWING
                .iter()
                .any(|table| step.strip_prefix("SCAN ").is_some_and(|rest| rest.split(' ').next() == Some(table)))
                && !step.contains("_open")
    };
    plan(sql).iter().filter(scans).cloned().collect()
}

#[test]
fn a_full_scan_would_be_noticed() {
    assert_eq!(scans("SELECT * FROM sample WHERE link = ?1"), ["SCAN sample"]);
    assert_eq!(scans("SELECT * FROM span WHERE state = 0"), ["SCAN span"]);
    let automatic = "SELECT * FROM tick CROSS JOIN sample ON sample.id < tick.sample_hi AND sample.link = ?1";
    assert_eq!(scans(automatic).len(), 2, "{:?}", plan(automatic));
}

#[test]
fn no_question_reads_a_growing_table_wholly() {
    for sql in [
        &links_sql(schema::NEWEST),
        &spans_sql(schema::NEWEST),
        &outages_sql(schema::NEWEST),
        EVENTS,
        VERDICTS,
        feed::OF_LINK,
        feed::MEASURED,
        sinks::REJECTED,
        sinks::LAST_REJECTED,
        sinks::rejected_sql(schema::NEWEST),
        &feed::ticks_sql(),
        &feed::samples_sql(),
        &feed::readings_sql(),
        &feed::states_sql(schema::NEWEST),
        ack::ABOUT[0],
        ack::ABOUT[1],
        maintenance::ONE,
        maintenance::LATER,
        notification::UNDELIVERED,
        notification::LAST_OF,
        notification::WITHIN,
        notification::DELIVERIES,
        retention::OLDEST,
        retention::OLD_HOURS,
        close_up::LIGHT,
        &close_up::outage_sql(schema::NEWEST),
        &rollup::of_everything_sql(Level::Minute),
        &rollup::of_everything_sql(Level::Hour),
        &rollup::of_everything_sql(Level::Day),
        rollup::LOOKS,
        rollup::SPANS,
        &rollup::hour_sql(),
        &rollup::day_sql(),
        &rollup::of_link_sql(Level::Minute),
        &rollup::of_link_sql(Level::Hour),
        &rollup::of_link_sql(Level::Day),
        observation::NEWEST,
        observation::SINCE,
        inspect::TICKS,
        &inspect::ids_sql("sample"),
        &inspect::ids_sql("reading"),
        &inspect::range_end_sql("sample"),
        page::TICK_FROM,
        page::OUTAGES,
        &page::sizes_sql("sample"),
        &page::samples_sql(),
        &page::readings_sql(),
        &page::spans_sql(schema::NEWEST),
    ] {
        assert_eq!(scans(sql), Vec::<String>::new(), "{sql}\n{:#?}", plan(sql));
    }
}
