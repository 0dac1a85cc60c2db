//! Datasets of geodata as versions: imported by command with and without the daemon, named by the configuration, put
//! back and withdrawn.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a suite fails by panicking, and clippy knows only functions marked as tests"
)]

mod support;

use std::{
    fs,
    io::{Read, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
};

use nix::sys::signal::Signal;
use serde_json::Value;
use support::{Daemon, Province, ask, items, own_network, phusong, text, wait_for};

/// Two communes that lie side by side.
fn province(geodata: &str) -> Province {
    let sections = format!("[icmp]\nperiod = \"1s\"\nspacing = \"20ms\"\ntimeout = \"200ms\"\n{geodata}");
    let province = Province::write(
        &sections,
        &[
            ("communes.csv", "code,name,kind\n02221,Nà Hang,xã\n02548,Bình Ca,xã\n"),
            ("links.csv", "id,kind,commune,address\nfibre-1,fibre,02221,127.66.0.1\n"),
            ("settlements.csv", "id,name,commune,lon,lat,people\nown,Bản cũ,02221,105.05,22.05,40\n"),
        ],
    );
    let squares = [square("\"code\": \"02221\"", 105.0, 105.1), square("\"code\": \"02548\"", 105.1, 105.2)];
    write(&province, "communes.geojson", &squares.join(","));
    province
}

/// A feature between two meridians, from 22° to 22.1°.
fn square(properties: &str, west: f64, east: f64) -> String {
    format!(
        "{{\"type\":\"Feature\",\"properties\":{{{properties}}},\"geometry\":{{\"type\":\"Polygon\",\"coordinates\":\
         [[[{west},22.0],[{east},22.0],[{east},22.1],[{west},22.1],[{west},22.0]]]}}}}"
    )
}

fn write(province: &Province, name: &str, features: &str) -> PathBuf {
    let path = folder(province).join(name);
    fs::write(&path, format!("{{\"type\":\"FeatureCollection\",\"features\":[{features}]}}")).expect("file");
    path
}

/// A layer of one operator from 105° to a meridian.
fn layer(province: &Province, name: &str, east: f64) -> PathBuf {
    write(province, name, &square("\"operator\": \"viettel\", \"technology\": \"4G\"", 105.0, east))
}

fn folder(province: &Province) -> PathBuf {
    province.config().parent().expect("folder").to_owned()
}

fn run(config: &Path, arguments: &[&str]) -> String {
    let output = phusong(config, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn refused(config: &Path, arguments: &[&str]) -> String {
    let output = phusong(config, arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn json(config: &Path, arguments: &[&str]) -> Value {
    serde_json::from_str(&run(config, &[arguments, &["--json"]].concat())).expect("json")
}

fn import(config: &Path, file: &Path, more: &[&str]) -> Value {
    json(config, &[&["import", "layer", file.to_str().expect("path"), "--source", "declared"], more].concat())
}

/// Percent of each commune's area with at least 4G by any operator, rounded.
fn covered(config: &Path, more: &[&str]) -> Vec<(String, i64)> {
    // What the links do is not asked here, nor whether anybody sees them.
    let answer = ask(config, &[&["coverage"], more].concat()).expect("an answer");
    let share = |item: &Value| {
        let of = |field: &str| item["area_km2"][field].as_f64().expect("a number");
        (100.0 * of("numerator") / of("denominator")).round() as i64
    };
    let wanted = |item: &&Value| text(item, "technology") == "4G" && item["operator"] == "any";
    items(&answer).iter().filter(wanted).map(|item| (text(item, "commune").to_owned(), share(item))).collect()
}

fn percents(first: i64, second: i64) -> Vec<(String, i64)> {
    vec![("02221".to_owned(), first), ("02548".to_owned(), second)]
}

/// Dataset, author, and whether it is in force, of all versions.
fn versions(config: &Path) -> Vec<String> {
    let list = json(config, &["import", "list", "--all"]);
    let versions = list["imports"].as_array().expect("a list");
    let me = phusong_store::user_name(nix::unistd::geteuid().as_raw());
    let word = |version: &Value| {
        let by = if text(version, "author") == me { "by me" } else { text(version, "author") };
        let force = if version["in_force_since"].is_null() { "" } else { ", in force" };
        format!("{} {} {by}{force}", version["id"], text(version, "dataset"))
    };
    versions.iter().map(word).collect()
}

fn kept(province: &Province) -> usize {
    fs::read_dir(province.data().join("layers")).map_or(0, Iterator::count)
}

fn running(config: &Path) -> Daemon {
    let daemon = Daemon::with_config(config);
    wait_for("an answer", || ask(config, &["links"]).filter(|answer| text(answer, "source") == "daemon"));
    daemon
}

/// A province whose daemon runs and has the boundaries.
fn bounded() -> (Province, PathBuf, Daemon) {
    let province = province("");
    let config = province.config();
    let daemon = running(&config);
    run(&config, &["import", "boundaries", folder(&province).join("communes.geojson").to_str().expect("path")]);
    (province, config, daemon)
}

#[test]
fn an_imported_file_counts_at_once_and_its_past_can_be_asked() {
    if !own_network() {
        return;
    }
    let (province, config, daemon) = bounded();
    let half = layer(&province, "half.geojson", 105.05);
    let answer = import(&config, &half, &["--name", "viettel"]);
    assert_eq!((text(&answer, "schema"), &answer["version"]["id"]), ("phusong.import/1", &Value::from(2)));
    assert!(!answer["computed"].is_null() && answer["fault"].is_null(), "{answer}");
    assert_eq!((&answer["log"]["read"], &answer["log"]["used"]), (&Value::from(1), &Value::from(1)));
    assert_eq!(covered(&config, &[]), percents(50, 0));
    let then = jiff::Timestamp::now().to_string();

    let more = layer(&province, "more.geojson", 105.15);
    let answer = import(&config, &more, &["--name", "viettel"]);
    assert_eq!(answer["before"], 2);
    assert_eq!(covered(&config, &[]), percents(100, 50));
    assert_eq!(covered(&config, &["--until", &then]), percents(50, 0), "what was said then");
    run(&config, &["import", "roll-back", "viettel"]);
    assert_eq!(covered(&config, &[]), percents(50, 0));
    run(&config, &["import", "roll-back", "viettel", "--to", "3"]);
    assert_eq!(covered(&config, &[]), percents(100, 50));
    assert_eq!(versions(&config), ["1 boundaries by me, in force", "2 viettel by me", "3 viettel by me, in force"]);

    let rows = run(&config, &["import", "list", "--all", "--csv"]);
    assert!(rows.starts_with("version,dataset,kind,source,") && rows.lines().count() == 4, "{rows}");

    daemon.stop();
    let daemon = running(&config);
    assert_eq!(covered(&config, &[]), percents(100, 50), "a restart keeps it");
    run(&config, &["import", "withdraw", "Viettel"]);
    assert_eq!(covered(&config, &[]), []);
    assert_eq!(kept(&province), 3, "nothing is forgotten");
    daemon.stop();
}

#[test]
fn a_file_that_is_refused_or_only_looked_at_leaves_nothing() {
    if !own_network() {
        return;
    }
    let (province, config, daemon) = bounded();
    let good = layer(&province, "good.geojson", 105.05);
    let answer = import(&config, &good, &["--dry-run"]);
    assert!(answer["version"].is_null() && answer["log"]["used"] == 1, "{answer}");
    let bad = folder(&province).join("bad.geojson");
    fs::write(&bad, fs::read_to_string(&good).expect("layer").replace("105.05", "\"105,05\"")).expect("bad");
    let bad_path = bad.to_str().expect("path");
    let words = refused(&config, &["import", "layer", bad_path, "--source", "declared"]);
    assert!(
        words.contains("bad.geojson") && words.contains("hint:") && words.contains("nothing was imported"),
        "{words}"
    );
    let words = refused(&config, &["import", "layer", bad_path, "--source", "declared", "--lang", "vi"]);
    assert!(words.contains("  gợi ý: ") && words.ends_with("\n1 lỗi: không nhập gì\n"), "{words}");
    assert!(!words.contains("hint:") && words.contains("đối tượng 1: tọa độ: "), "{words}");
    let words = refused(&config, &["import", "layer", "/nowhere.gpkg", "--source", "declared"]);
    assert!(words.contains("/nowhere.gpkg: cannot be read"), "{words}");
    let pipe = folder(&province).join("pipe.geojson");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRUSR).expect("a pipe");
    for kind in [&["layer", "--source", "declared"][..], &["population"], &["sites"], &["measurements"]] {
        let words = refused(&config, &[&["import", kind[0], pipe.to_str().expect("path")], &kind[1..]].concat());
        assert!(words.contains("not a regular file"), "nobody waits for a pipe: {words}");
    }
    let words = refused(&config, &["import", "log", "99"]);
    assert!(words.contains("no version has this number"), "{words}");
    let words = refused(&config, &["import", "roll-back", "viettel"]);
    assert!(words.contains("no dataset is called \"viettel\"; there are: boundaries"), "{words}");
    let words = refused(&config, &["import", "roll-back", "boundaries"]);
    assert!(words.contains("\"boundaries\" has no version before this one"), "{words}");

    // Half a file that breaks off.
    let mut half = UnixStream::connect(folder(&province).join("phusong.sock")).expect("socket");
    let order = "{\"kind\":\"layer\",\"dataset\":\"x\",\"file\":\"x\",\"options\":{\"source\":\"declared\"}}\n";
    write!(half, "POST /api/v1/imports HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n{order}half")
        .expect("half");
    half.shutdown(std::net::Shutdown::Write).expect("cut");
    let mut rest = String::new();
    let _ = half.read_to_string(&mut rest);
    wait_for("the half to be dropped", || (kept(&province) == 1).then_some(()));
    assert_eq!(versions(&config), ["1 boundaries by me, in force"]);
    daemon.stop();
}

#[test]
fn without_the_daemon_the_same_comes_into_the_store() {
    if !own_network() {
        return;
    }
    let province = province("");
    let config = province.config();
    running(&config).stop();
    let boundaries = folder(&province).join("communes.geojson");
    run(&config, &["import", "boundaries", boundaries.to_str().expect("path")]);
    let half = layer(&province, "half.geojson", 105.05);
    let answer = import(&config, &half, &[]);
    assert!(answer["computed"].is_null() && answer["version"]["dataset"] == "half", "{answer}");
    let words = refused(&config, &["import", "boundaries", half.to_str().expect("path")]);
    assert!(words.contains("no property code"), "{words}");
    assert_eq!(kept(&province), 2);
    assert_eq!(versions(&config), ["1 boundaries by me, in force", "2 half by me, in force"]);
    let daemon = running(&config);
    wait_for("the figures", || (covered(&config, &[]) == percents(50, 0)).then_some(()));
    daemon.stop();
    run(&config, &["import", "withdraw", "half"]);
    let daemon = running(&config);
    wait_for("no figures", || covered(&config, &[]).is_empty().then_some(()));
    daemon.stop();
}

/// A point with the properties that somebody's GIS has.
fn village(name: &str, commune: &str, people: u64, [lon, lat]: [f64; 2]) -> String {
    format!(
        "{{\"type\":\"Feature\",\"properties\":{{\"Tên thôn\":\"{name}\",\"Xã\":\"{commune}\",\"Dân số\":{people}}},\
         \"geometry\":{{\"type\":\"Point\",\"coordinates\":[{lon},{lat}]}}}}"
    )
}

#[test]
fn settlements_are_points_of_a_map() {
    if !own_network() {
        return;
    }
    let (province, config, daemon) = bounded();
    import(&config, &layer(&province, "half.geojson", 105.05), &[]);
    let villages = |second: [f64; 2]| {
        let points = [village("Nà Khá", "Nà Hang", 300, [105.02, 22.05]), village("Bản Mới", "Nà Hang", 50, second)];
        write(&province, "thon.geojson", &points.join(","))
    };
    let path = villages([22.05, 105.08]);
    let file = path.to_str().expect("path");
    let words = refused(&config, &["import", "settlements", file]);
    assert!(words.contains("feature 2: \"geometry\": 02221-banmoi") && words.contains("swapped"), "{words}");
    let words = refused(&config, &["import", "settlements", file, "--crs", "EPSG:9211"]);
    assert!(words.contains("EPSG:4326 (WGS 84)") && words.contains("crs says EPSG:9211"), "{words}");
    villages([105.08, 22.05]);
    let answer = json(&config, &["import", "settlements", file]);
    assert_eq!((&answer["log"]["read"], &answer["log"]["used"]), (&Value::from(2), &Value::from(2)), "{answer}");

    // One of the two has signal, and the one that the inventory had is gone.
    let answer = ask(&config, &["coverage"]).expect("an answer");
    let wanted = |item: &&Value| {
        text(item, "commune") == "02221" && text(item, "technology") == "4G" && item["operator"] == "any"
    };
    let figure = items(&answer).iter().find(wanted).expect("a figure");
    assert_eq!((&figure["settlements"]["total"], &figure["settlements"]["none"]), (&2.into(), &1.into()), "{figure}");
    let commune = ask(&config, &["commune", "Nà Hang"]).expect("an answer").to_string();
    assert!(commune.contains("Bản Mới") && !commune.contains("Bản cũ"), "{commune}");
    daemon.stop();
}

#[test]
fn what_the_configuration_names_is_a_version_too() {
    if !own_network() {
        return;
    }
    let geodata =
        "[geodata]\ncommunes = \"communes.geojson\"\n[[geodata.layer]]\nfile = \"a.geojson\"\nsource = \"declared\"\n";
    let province = province(geodata);
    let config = province.config();
    layer(&province, "a.geojson", 105.05);
    let daemon = running(&config);
    let reload = |expected: Vec<(String, i64)>| {
        daemon.signal(Signal::SIGHUP);
        wait_for("the figures", || (covered(&config, &[]) == expected).then_some(()));
    };
    wait_for("the first figures", || (covered(&config, &[]) == percents(50, 0)).then_some(()));
    let by = |text: &str| text.replace("BY", "configuration");
    assert_eq!(versions(&config), [by("1 boundaries BY, in force"), by("2 a BY, in force")]);
    layer(&province, "a.geojson", 105.15);
    reload(percents(100, 50));
    run(&config, &["import", "roll-back", "a"]);
    reload(percents(50, 0));
    assert_eq!(versions(&config), [by("1 boundaries BY, in force"), by("2 a BY, in force"), by("3 a BY")]);
    // Back to what was before, the file is another one than the last time.
    layer(&province, "a.geojson", 105.1);
    reload(percents(100, 0));
    layer(&province, "a.geojson", 105.15);
    reload(percents(100, 50));
    assert_eq!(versions(&config).len(), 4, "the same bytes are the same version");
    // A bad file changes nothing.
    fs::write(folder(&province).join("a.geojson"), "{").expect("bad");
    daemon.signal(Signal::SIGHUP);
    wait_for("the refusal", || {
        ask(&config, &["status"]).filter(|status| status.to_string().contains("a.geojson")).map(|_| ())
    });
    assert_eq!(covered(&config, &[]), percents(100, 50));
    let text = fs::read_to_string(&config).expect("config");
    fs::write(&config, text.replace("[[geodata.layer]]\nfile = \"a.geojson\"\nsource = \"declared\"\n", ""))
        .expect("config");
    reload(Vec::new());
    assert!(versions(&config).iter().all(|version| version.contains("boundaries") || !version.contains("in force")));
    daemon.stop();
}
