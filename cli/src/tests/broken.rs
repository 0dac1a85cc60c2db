//! What is told when half of everything is down: whole outputs, in both languages.

use std::fs;

use super::{Site, asking::write_store, phusong};

/// stderr and stdout of a run in both languages, with its exit code.
fn both(site: &Site, arguments: &[&str]) -> String {
    let of = |lang: &str| {
        let outcome = phusong(&site.path("phusong.toml"), arguments, &[("LANG", lang)]);
        format!("{}{}exit {}\n", site.neutral(&outcome.err), site.neutral(&outcome.out), outcome.code)
    };
    format!("{}\n{}", of("vi_VN.UTF-8"), of("en_GB.UTF-8"))
}

/// The database of a store that no process has open.
fn database(site: &Site) -> std::path::PathBuf {
    site.data().join("phusong.db")
}

#[test]
fn a_store_one_version_newer_is_left_alone_and_told() {
    let site = Site::new();
    write_store(&site);
    let newer = rusqlite::Connection::open(database(&site)).expect("a database");
    let version: i64 = newer.pragma_query_value(None, "user_version", |row| row.get(0)).expect("a version");
    newer.pragma_update(None, "user_version", version + 1).expect("one more");
    drop(newer);
    insta::assert_snapshot!("broken-newer", both(&site, &["gaps"]));
}

#[test]
fn a_store_that_is_no_database_is_told_with_what_to_do() {
    let site = Site::new();
    write_store(&site);
    for suffix in ["", "-wal"] {
        let path = site.data().join(format!("phusong.db{suffix}"));
        if path.exists() {
            fs::write(&path, b"this was a store once".repeat(400)).expect("overwritten");
        }
    }
    insta::assert_snapshot!("broken-damaged", both(&site, &["status"]));
}

#[test]
fn a_store_that_another_program_has_locked_is_read_from_a_copy() {
    let site = Site::new();
    write_store(&site);
    let locked = rusqlite::Connection::open(database(&site)).expect("a database");
    locked.pragma_update(None, "locking_mode", "EXCLUSIVE").expect("a mode");
    locked.execute_batch("BEGIN EXCLUSIVE").expect("a lock");
    insta::assert_snapshot!("broken-locked", both(&site, &["outages"]));
}

#[test]
fn a_killed_daemons_socket_is_told_and_the_store_read() {
    let site = Site::new();
    write_store(&site);
    drop(std::os::unix::net::UnixListener::bind(site.socket()).expect("bind"));
    insta::assert_snapshot!("broken-leftover", both(&site, &["outages"]));
}

#[test]
fn of_a_store_that_is_damaged_in_part_the_rest_is_told() {
    let site = Site::new();
    write_store(&site);
    let database = rusqlite::Connection::open(database(&site)).expect("a database");
    // A state and an account that no version writes, as flipped bits leave them.
    database.execute_batch("UPDATE span SET state = 77; UPDATE health SET health = '{'; ").expect("damage");
    drop(database);
    insta::assert_snapshot!("broken-in-part", both(&site, &["status"]));
}
