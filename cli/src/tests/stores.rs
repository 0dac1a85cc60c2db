//! `phusong store`: on a store that a daemon left, on one that it writes, on a broken one.

use serde_json::Value;

use super::{asking::write_store, *};

fn document(outcome: &Outcome) -> Value {
    serde_json::from_str(&outcome.out).expect("one document of JSON")
}

fn damage(site: &Site, statement: &str) {
    let connection = rusqlite::Connection::open(site.data().join("phusong.db")).expect("database");
    connection.execute_batch(&format!("PRAGMA foreign_keys = 0; {statement}")).expect(statement);
}

#[test]
fn info_says_what_is_in_the_store_in_both_languages() {
    let site = Site::new();
    write_store(&site);
    fs::write(site.data().join("phusong.db.damaged-20261122T010203Z"), "x").expect("a file");
    let texts = ["vi", "en"].map(|lang| {
        let outcome = site.phusong(&["store", "info", "--lang", lang]);
        assert_eq!((outcome.code, outcome.err.as_str()), (0, ""));
        site.neutral(&outcome.out)
    });
    for text in &texts {
        assert!(text.starts_with("DIR/data/phusong.db") && text.contains("damaged-20261122T010203Z"), "{text}");
    }
    assert!(texts[0].contains("mẫu đo") && texts[0].contains("23/11/2026 14:04:40"), "{}", texts[0]);
    assert!(texts[1].contains("samples") && texts[1].contains("2026-11-23 14:04:40"), "{}", texts[1]);

    let info = document(&site.phusong(&["store", "info", "--json"]));
    assert_eq!(info["schema"], "phusong.store-info/1");
    assert_eq!(
        info["samples"],
        serde_json::json!({
            "rows": 1, "first": "2026-11-23T07:04:40.000Z", "last": "2026-11-23T07:04:40.000Z",
        })
    );
    assert_eq!((&info["spans"]["rows"], &info["outages"]["rows"]), (&Value::from(2), &Value::from(1)));
    assert_eq!(info["readings"], serde_json::json!({"rows": 0, "first": null, "last": null}));
    assert_eq!(info["set_aside"][0]["bytes"], 1);
}

#[test]
fn check_tells_sound_from_broken_by_its_exit_code() {
    let site = Site::new();
    write_store(&site);
    let sound = site.phusong(&["store", "check"]);
    assert_eq!((sound.code, sound.out.as_str(), sound.err.as_str()), (0, "● the store is sound\n", ""));
    damage(&site, "UPDATE span SET from_at = from_at + 1000 WHERE to_at IS NULL");
    let broken = site.phusong(&["store", "check", "--ascii"]);
    assert_eq!(broken.code, 1);
    let place = "link fibre-02221, ended 1795417480000, begins 1795417481000";
    assert_eq!(broken.out, format!("X between states of a link there is a hole: {place}\n1 finding\n"));
    let vietnamese = site.phusong(&["store", "check", "--lang", "vi"]);
    assert_eq!(vietnamese.out, format!("✗ khoảng trạng thái của tuyến bị hở: {place}\n1 điểm sai\n"));
    let found = document(&site.phusong(&["store", "check", "--json"]));
    assert_eq!((&found["sound"], &found["count"]), (&Value::from(false), &Value::from(1)));
    assert_eq!(found["findings"][0], serde_json::json!({"rule": "span-hole", "place": place}));
}

#[test]
fn what_cannot_be_opened_is_neither_sound_nor_a_finding() {
    let site = Site::new();
    let missing = site.phusong(&["store", "check"]);
    assert_eq!((missing.code, missing.out.as_str()), (2, ""));
    assert!(missing.err.starts_with("error: no store at "), "{}", missing.err);
    let vietnamese = site.phusong(&["store", "info", "--lang", "vi"]);
    assert_eq!(vietnamese.code, 4);
    assert!(
        vietnamese.err.starts_with("lỗi: ") && vietnamese.err.contains("chưa có kho dữ liệu"),
        "{}",
        vietnamese.err
    );
    fs::create_dir(site.data()).expect("a folder");
    fs::write(site.data().join("phusong.db"), [7; 9000]).expect("a file");
    let foreign = site.phusong(&["store", "check", "--json"]);
    assert_eq!(foreign.code, 2);
    assert_eq!((&document(&foreign)["error"], &document(&foreign)["exit"]), (&Value::from("store"), &Value::from(2)));
}

#[test]
fn a_backup_says_what_it_holds_and_replaces_nothing_unasked() {
    let site = Site::new();
    write_store(&site);
    let copy = site.path("copy.db");
    let file = copy.to_string_lossy().into_owned();
    let made = site.phusong(&["store", "backup", &file]);
    assert_eq!((made.code, made.err.as_str()), (0, ""), "no progress where nobody watches");
    assert!(made.out.contains("copy.db") && made.out.contains("last tick 1"), "{}", made.out);
    let refused = site.phusong(&["store", "backup", &file]);
    assert_eq!((refused.code, refused.out.as_str()), (2, ""));
    assert!(refused.err.contains("is there already") && refused.err.contains("--force"), "{}", refused.err);
    let replaced = document(&site.phusong(&["store", "backup", "--force", "--json", &file]));
    assert_eq!((&replaced["schema"], &replaced["last_tick"]), (&"phusong.store-backup/1".into(), &1.into()));
    assert_eq!(replaced["last_tick_at"], "2026-11-23T07:04:40.000Z");
    assert_eq!(replaced["bytes"], fs::metadata(&copy).expect("the copy").len());

    let other = Site::new();
    fs::create_dir(other.data()).expect("a folder");
    fs::copy(&copy, other.data().join("phusong.db")).expect("the copy in its place");
    assert_eq!(other.phusong(&["store", "check"]).code, 0);
    assert_eq!(other.phusong(&["outages"]).code, 3, "and it answers");
}
