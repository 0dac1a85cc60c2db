//! `phusong store export`: what is written is what the store has, typed, and safe to open.

use std::{fs::File, path::Path};

use parquet::{
    basic::Type as Physical,
    file::reader::{FileReader, SerializedFileReader},
    record::{Field, Row},
};
use phusong_model::{
    BlindReason, EchoStats, Health, IcmpMode, IfReading, IfStatus, Micros, Millis, Outcome as Looked, Probe,
    ProberHealth, RttSummary, Sample, StoreHealth, Tick, UtcMs,
};
use phusong_store::{Commit, Store};

use super::{asking::write_store, *};

/// Ticks of a store with more rows than one group of a Parquet file holds.
const TICKS: i64 = 600;

/// Samples of each tick.
const EACH: i64 = 100;

/// Ticks of the store, from this instant, a second each.
fn start() -> UtcMs {
    now().minus(Millis::from_secs(TICKS + 100))
}

/// Samples of one link: answers, silence, blindness; in some ticks a reading whose name a device made up.
fn fill(site: &Site, ticks: i64, each: i64) {
    let mut store = Store::open(&site.data()).expect("a store");
    for number in 0..ticks {
        let at = start().plus(Millis::from_secs(number));
        let rtt = RttSummary {
            min: Micros(1_500),
            median: Micros(2_000),
            p95: Micros(2_500),
            max: Micros(3_000),
            jitter: Micros(7),
        };
        let outcome = |sample: i64| match sample % 5 {
            0 => Looked::Blind(BlindReason::SendError),
            1 => Looked::Measured(EchoStats { sent: 5, lost: 5, rtt: None }),
            _ => Looked::Measured(EchoStats { sent: 5, lost: 0, rtt: Some(rtt) }),
        };
        let reading = IfReading {
            device: "ce-1".parse().expect("an id"),
            ifname: "=HYPERLINK(\"x\")\u{1b}[2J".to_owned(),
            link: "fibre-02221".parse().ok(),
            at,
            oper: IfStatus::Up,
            admin: IfStatus::Up,
            speed_bps: Some(u64::MAX),
            in_bps: Some(0.5),
            out_bps: None,
            in_err: None,
            out_err: None,
            in_disc: None,
            out_disc: None,
            rx: None,
            tx: None,
        };
        let prober = ProberHealth::at_start(IcmpMode::Raw, start());
        let commit = Commit {
            tick: Tick { at, period: Millis::from_secs(1), slip: Millis(0), blind: None },
            samples: (0..each)
                .map(|of_tick| Sample {
                    link: "fibre-02221".parse().expect("an id"),
                    probe: Probe::Icmp,
                    outcome: outcome(number * each + of_tick),
                })
                .collect(),
            readings: if number == 3 { vec![reading] } else { Vec::new() },
            changes: Vec::new(),
            observations: Vec::new(),
            tellings: Vec::new(),
            health: Health { prober, store: StoreHealth::default(), influx: Vec::new(), notify: Vec::new() },
        };
        store.commit(&commit).expect("a tick");
    }
    drop(store);
}

fn rows(path: &Path) -> (SerializedFileReader<File>, Vec<Row>) {
    let reader = SerializedFileReader::new(File::open(path).expect("a file")).expect("Parquet");
    let rows = reader.get_row_iter(None).expect("rows").map(|row| row.expect("a row")).collect();
    (reader, rows)
}

fn field<'r>(row: &'r Row, name: &str) -> &'r Field {
    row.get_column_iter().find(|(column, _)| *column == name).map(|(_, field)| field).expect("the column")
}

#[test]
fn parquet_has_every_sample_with_its_type() {
    let site = Site::new();
    // The last tick is that of `write_store`, which must come first: it makes the inventory.
    fill(&site, TICKS, EACH);
    write_store(&site);
    let file = site.path("samples.parquet");
    let outcome = site.phusong(&["store", "export", &file.to_string_lossy(), "--since", "2d", "--json"]);
    assert_eq!((outcome.code, outcome.err.as_str()), (0, ""), "{}", outcome.out);
    let summary: serde_json::Value = serde_json::from_str(&outcome.out).expect("JSON");
    assert_eq!((&summary["schema"], &summary["rows"]), (&"phusong.store-export/1".into(), &(TICKS * EACH + 1).into()));
    let (reader, rows) = rows(&file);
    assert_eq!(rows.len() as i64, TICKS * EACH + 1);
    assert!(reader.metadata().num_row_groups() > 1, "one group would be all of it in memory");
    let types: Vec<Physical> =
        reader.metadata().file_metadata().schema_descr().columns().iter().map(|c| c.physical_type()).collect();
    assert_eq!(types[..2], [Physical::INT64, Physical::BYTE_ARRAY]);
    for (number, row) in (0..TICKS * EACH).zip(&rows) {
        assert_eq!(*field(row, "at"), Field::TimestampMillis(start().plus(Millis::from_secs(number / EACH)).0));
        let (blind, lost, rtt) = match number % 5 {
            0 => (Field::Str("send-error".to_owned()), Field::Null, Field::Null),
            1 => (Field::Null, Field::Long(5), Field::Null),
            _ => (Field::Null, Field::Long(0), Field::Double(2.0)),
        };
        assert_eq!([field(row, "blind"), field(row, "lost"), field(row, "rtt_median_ms")], [&blind, &lost, &rtt]);
    }
    assert_eq!(*field(&rows[0], "commune_name"), Field::Str("Nà Hang".to_owned()));
}

#[test]
fn csv_goes_to_stdout_in_utc_and_safe_for_spreadsheets() {
    let site = Site::new();
    fill(&site, 5, 1);
    write_store(&site);
    let samples = site.phusong(&["store", "export", "--csv", "-", "--since", "2d"]);
    assert_eq!(samples.code, 0, "{}", samples.err);
    let lines: Vec<&str> = samples.out.split("\r\n").collect();
    assert_eq!(lines.len(), 1 + 5 + 1 + 1);
    assert!(
        lines[0].starts_with("at,at_ms,link,name,kind,commune,commune_name,probe,blind,sent,lost,"),
        "{}",
        lines[0]
    );
    let at = start().plus(Millis::from_secs(2));
    let expected = format!("{at},{},fibre-02221,Nà Hang,fibre,02221,Nà Hang,icmp,,5,0,1.5,2,2.5,3,0.007", at.0);
    assert_eq!(lines[3], expected);
    assert!(samples.err.contains("6 rows"), "the words go to stderr: {}", samples.err);

    let readings = site.phusong(&["store", "export", "--csv", "-", "--what", "readings", "--since", "2d"]);
    assert!(readings.out.contains(",ce-1,\"'=HYPERLINK(\"\"x\"\")\\u{1b}[2J\","), "{}", readings.out);
    assert!(readings.out.contains(&format!(",{},", u64::MAX)), "{}", readings.out);
}

#[test]
fn spans_and_outages_are_written_as_they_stand_in_the_store() {
    let site = Site::new();
    write_store(&site);
    let spans = site.phusong(&["store", "export", "--csv", "-", "--what", "spans"]);
    let lines: Vec<&str> = spans.out.trim_end().split("\r\n").collect();
    assert_eq!(lines.len(), 3, "{}", spans.out);
    assert!(lines[1].contains(",blind,,,not-yet-probed,") && lines[2].contains(",down,unknown,,,"), "{}", spans.out);
    assert!(lines[2].starts_with("2026-11-23T07:04:40.000Z,1795417480000,,,fibre-02221"), "it lasts: {}", lines[2]);
    let file = site.path("outages.parquet");
    let path = file.to_string_lossy();
    let made = site.phusong(&["store", "export", &path, "--what", "outages", "--commune", "na hang", "--lang", "vi"]);
    assert_eq!(made.code, 0, "{}", made.err);
    assert!(made.out.contains("1 dòng"), "{}", made.out);
    let (_, rows) = rows(&file);
    assert_eq!((rows.len(), field(&rows[0], "end")), (1, &Field::Null));
    let none = site.phusong(&["store", "export", "--csv", "-", "--what", "outages", "--until", "1h"]);
    assert_eq!(none.out.matches("\r\n").count(), 1, "only the head: {}", none.out);
}

#[test]
fn what_cannot_be_written_is_said_before_anything_is() {
    let site = Site::new();
    write_store(&site);
    let there = site.path("there.csv");
    fs::write(&there, "mine").expect("a file");
    let there = there.to_string_lossy().into_owned();
    let missing = site.path("no/folder.csv").to_string_lossy().into_owned();
    for (arguments, code, words) in [
        (&["store", "export", &there][..], 2, "is there already"),
        (&["store", "export", "data.txt"], 2, "CSV or Parquet?"),
        (&["store", "export", "--parquet", "-"], 2, "Parquet needs a file"),
        (&["store", "export", &missing], 4, "cannot write"),
        (&["store", "export", "--csv", "-", "--link", "nobody"], 2, "nobody"),
        (&["store", "export", "--csv", "--parquet", "x"], 2, "cannot be used with"),
    ] {
        let outcome = site.phusong(arguments);
        assert_eq!((outcome.code, outcome.out.as_str()), (code, ""), "{arguments:?} {}", outcome.err);
        assert!(outcome.err.contains(words), "{arguments:?}: {}", outcome.err);
    }
    assert_eq!(fs::read(&there).expect("a file"), b"mine");
    assert_eq!(site.phusong(&["store", "export", "--force", &there]).code, 0);
    let left = fs::read_dir(site.folder.path()).expect("a folder").flatten();
    let hidden: Vec<_> = left.filter(|entry| entry.file_name().to_string_lossy().starts_with('.')).collect();
    assert!(hidden.is_empty(), "{hidden:?}");
}

/// A reader that has seen enough, as `head` has; or a disk that is full.
struct Refuses(std::io::ErrorKind);

impl std::io::Write for Refuses {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Err(self.0.into())
    }
}

#[test]
fn who_has_seen_enough_is_no_failure_and_a_full_disk_is_one() {
    let site = Site::new();
    fill(&site, 200, EACH);
    write_store(&site);
    for (kind, expected) in [(std::io::ErrorKind::BrokenPipe, 0), (std::io::ErrorKind::StorageFull, 4)] {
        let config = ("PHUSONG_CONFIG".into(), site.path("phusong.toml").into_os_string());
        let environment = Environment::new([config], Screen::Pipe, now());
        let arguments = ["phusong", "store", "export", "--csv", "-", "--since", "2d"].map(OsString::from);
        let mut err = Vec::new();
        let code = run(arguments, &environment, &mut Refuses(kind), &mut err);
        assert_eq!(code, expected, "{}", String::from_utf8_lossy(&err));
    }
}
