//! Every query of the dashboard and of the downsampling, asked of a real server that the real sink has filled.

use std::{collections::BTreeSet, fs, path::PathBuf};

use serde_json::Value;

use crate::{
    fill::{Filled, time_of},
    server::Influx,
    sink::{RunningSink, settings},
};

/// Links of each kind of state, with interfaces and without.
const LINKS: usize = 15;

/// Over an hour, so that states are repeated and hourly figures are made.
const TICKS: usize = 400;

/// Types of panels that Grafana brings with it.
const PANELS: [&str; 5] = ["row", "stat", "table", "timeseries", "state-timeline"];

fn file(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("influxdb").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn dashboard() -> Value {
    serde_json::from_str(&file("grafana-dashboard.json")).expect("JSON")
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().unwrap_or_else(|| panic!("no list {key}"))
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_else(|| panic!("no text {key} in {value}"))
}

/// Where the filled ticks are, in seconds.
fn window() -> (i64, i64) {
    (time_of(0).0 / 1000, time_of(TICKS).0 / 1000)
}

/// The query as Grafana would send it. A regular expression takes all values, or one with its signs escaped.
fn filled_in(query: &str, links: &str) -> String {
    let (from, to) = window();
    let time = format!("time >= {from}s and time <= {to}s");
    let filled = query
        .replace("$timeFilter", &time)
        .replace("$__interval", "1m")
        .replace("$vantage", "(test)")
        .replace("$commune", ".*")
        .replace("$link", links);
    assert_eq!(filled.matches('$').count(), filled.matches("$/").count(), "a variable is left: {filled}");
    filled
}

/// A server with everything that phusong writes; it stays as long as the sink.
fn filled_server(folder: &std::path::Path) -> Option<(Influx, RunningSink)> {
    let influx = Influx::start()?;
    let mut filled = Filled::new(&folder.join("store"), LINKS);
    filled.cover();
    filled.turn_states();
    let newest = (0..TICKS).map(|_| filled.tick()).fold(0, i64::max);
    let settings = settings(format!("http://{}", influx.address), folder);
    let sink = RunningSink::start(settings, folder.join("store"), filled, newest, Box::new(|_| Ok(())));
    sink.wait_for_cursor(newest);
    assert_eq!(sink.rejected(), []);
    Some((influx, sink))
}

#[test]
fn the_dashboard_is_one_that_grafana_takes() {
    let dashboard = dashboard();
    assert!(dashboard["schemaVersion"].as_i64().is_some_and(|version| version >= 36));
    assert!(dashboard["id"].is_null(), "Grafana gives the number");
    assert_eq!(text(&dashboard, "uid"), "phusong");
    let mut ids = BTreeSet::new();
    let mut taken: BTreeSet<(i64, i64)> = BTreeSet::new();
    for panel in list(&dashboard, "panels") {
        assert!(ids.insert(panel["id"].as_i64().expect("a number")), "twice: {}", panel["id"]);
        assert!(PANELS.contains(&text(panel, "type")), "{panel}");
        assert!(!text(panel, "title").is_empty());
        let [x, y, w, h] = ["x", "y", "w", "h"].map(|key| panel["gridPos"][key].as_i64().expect("a number"));
        assert!(x >= 0 && w > 0 && x + w <= 24 && h > 0, "{}", panel["gridPos"]);
        for cell in (x..x + w).flat_map(|x| (y..y + h).map(move |y| (x, y))) {
            assert!(taken.insert(cell), "{} lies over another", text(panel, "title"));
        }
        if panel["type"] == "row" {
            continue;
        }
        let letters: BTreeSet<&str> = list(panel, "targets").iter().map(|target| text(target, "refId")).collect();
        assert_eq!(letters.len(), list(panel, "targets").len());
        for target in list(panel, "targets") {
            assert_eq!(
                (&target["rawQuery"], text(&target["datasource"], "uid")),
                (&Value::Bool(true), "${datasource}")
            );
        }
        let defaults = &panel["fieldConfig"]["defaults"];
        let named = list(&panel["fieldConfig"], "overrides").iter().any(|of| of["properties"][0]["id"] == "unit");
        let states = panel["type"] == "state-timeline";
        assert!(defaults["unit"].is_string() || named || states, "no unit: {}", text(panel, "title"));
    }
    let variables: Vec<&str> = list(&dashboard["templating"], "list").iter().map(|of| text(of, "name")).collect();
    assert_eq!(variables, ["datasource", "vantage", "commune", "link"]);
}

#[test]
fn every_query_of_the_dashboard_is_answered() {
    let folder = tempfile::tempdir().expect("folder");
    let Some((influx, sink)) = filled_server(folder.path()) else { return };
    let dashboard = dashboard();
    let mut asked = 0;
    for links in [".*", "(fibre-00001|fibre-00003)"] {
        for panel in list(&dashboard, "panels").iter().filter(|panel| panel["type"] != "row") {
            for target in list(panel, "targets") {
                let query = filled_in(text(target, "query"), links);
                let series = influx.query(&query);
                let rows: usize = series.iter().map(|series| series.column("time").len()).sum();
                assert!(rows > 0, "no rows: {query}");
                asked += 1;
            }
        }
        for variable in list(&dashboard["templating"], "list").iter().filter(|of| of["type"] == "query") {
            let query = filled_in(text(variable, "query"), links);
            let values: usize = influx.query(&query).iter().map(|series| series.column("value").len()).sum();
            assert!(values > 0, "no values: {query}");
        }
    }
    assert!(asked > 40, "{asked} queries");
    count_states(&influx, &dashboard);
    sink.stop();
}

/// The tiles of the first row say what `turn_states` did: three links in each of the five states.
fn count_states(influx: &Influx, dashboard: &Value) {
    let tiles = list(dashboard, "panels").iter().filter(|panel| panel["type"] == "stat").take(5);
    for tile in tiles {
        let query = filled_in(text(&tile["targets"][0], "query"), ".*");
        let series = influx.query(&query);
        assert_eq!(series[0].column("links"), [&Value::from(LINKS / 5)], "{query}");
    }
}

/// The statements of a file, without its remarks.
fn statements(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
    let statements = words.join(" ");
    statements.split(';').map(|statement| statement.trim().to_owned()).filter(|s| !s.is_empty()).collect()
}

#[test]
fn the_continuous_queries_are_taken_and_give_hourly_figures() {
    let folder = tempfile::tempdir().expect("folder");
    let Some((influx, sink)) = filled_server(folder.path()) else { return };
    let (from, to) = window();
    let mut made = 0;
    for statement in statements(&file("downsample-1x.iql")) {
        influx.query(&statement);
        let Some((_, rest)) = statement.split_once(" BEGIN ") else { continue };
        let select = rest.strip_suffix(" END").or(rest.strip_suffix("END")).expect("an end").trim();
        let written = select.replace("GROUP BY", &format!("WHERE time >= {from}s AND time <= {to}s GROUP BY"));
        let series = influx.query(&written);
        assert!(series[0].column("written")[0].as_i64() > Some(0), "{written}");
        let target = select.split_once("INTO ").and_then(|(_, rest)| rest.split(' ').next()).expect("a target");
        let rows = influx.query(&format!("SELECT * FROM {target}"));
        assert!(!rows.is_empty(), "{target}");
        made += 1;
    }
    assert_eq!(made, 3);
    let sum = |measurement: &str| {
        let series = influx.query(&format!("SELECT sum(\"sent\") AS n FROM {measurement}"));
        series[0].column("n")[0].as_i64()
    };
    assert_eq!(sum("\"hourly\".\"link_probe_1h\""), sum("link_probe"), "no echo is lost on the way");
    let known: usize = influx.query("SHOW CONTINUOUS QUERIES").iter().map(|series| series.column("name").len()).sum();
    assert_eq!(known, 3);
    sink.stop();
}
