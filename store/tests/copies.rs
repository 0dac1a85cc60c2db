//! Copies of a store that is being written, and what may be in their way.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test suite"
)]

mod support;

use std::{
    env,
    fs::{self, read_dir},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicI64, Ordering},
    thread,
};

use phusong_store::{CopyError, Reader, Replace, Store};
use support::{NOON, beat, commit, inventory, on_small_disk};

/// Set in the process that stands on a small disk: its folder.
const SMALL_DISK: &str = "PHUSONG_STORE_TEST_SMALL_DISK";

fn names(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("link-{number}")).collect()
}

/// A store with so many ticks of 300 links.
fn write(folder: &Path, ticks: i64) -> Store {
    let names = names(300);
    let links: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut store = Store::open(folder).expect("store");
    store.set_inventory(&inventory(&links), NOON).expect("inventory");
    for number in 1..=ticks {
        store.commit(&commit(number, &links, Vec::new())).expect("tick");
    }
    store
}

fn copy(folder: &Path, target: &Path, replace: Replace) -> Result<phusong_store::Copied, CopyError> {
    Reader::open(folder).expect("reader").copy(target, replace, &mut |_, _| {})
}

/// The copy as the store of a folder of its own, which nobody may write into.
fn as_store(copy: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("folder");
    fs::copy(copy, folder.path().join("phusong.db")).expect("copied");
    folder
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = read_dir(folder)
        .expect("folder")
        .map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_copy_of_a_store_that_is_written_all_the_time_is_one_moment_of_it() {
    let (folder, elsewhere) = (tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("folder"));
    let mut store = write(folder.path(), 50);
    let (stop, newest) = (AtomicBool::new(false), AtomicI64::new(50));
    thread::scope(|scope| {
        scope.spawn(|| {
            let names = names(300);
            let links: Vec<&str> = names.iter().map(String::as_str).collect();
            while !stop.load(Ordering::SeqCst) {
                let next = newest.load(Ordering::SeqCst) + 1;
                store.commit(&commit(next, &links, Vec::new())).expect("tick");
                newest.store(next, Ordering::SeqCst);
            }
        });
        let mut grew = 0;
        for round in 0..5 {
            let target = elsewhere.path().join(format!("copy-{round}.db"));
            let before = newest.load(Ordering::SeqCst);
            let mut heard = Vec::new();
            let reader = Reader::open(folder.path()).expect("reader");
            let copied =
                reader.copy(&target, Replace::Never, &mut |done, all| heard.push((done, all))).expect("copied");
            let after = newest.load(Ordering::SeqCst);
            grew += after - before;
            let (last, at) = copied.last.expect("ticks");
            assert!(before <= last && last <= after + 1, "{before} to {after}, and {last} in the copy");
            assert_eq!(at, beat(last));
            assert_eq!(copied.bytes, fs::metadata(&target).expect("copy").len());
            let (done, all) = heard[heard.len() - 1];
            assert!(
                done == all && heard.iter().all(|(_, pages)| *pages == all),
                "one size from first to last: {heard:?}"
            );

            let copy = as_store(&target);
            let reader = Reader::open(copy.path()).expect("the copy opens without a log");
            let ticks = reader.ticks_after(0, usize::MAX).expect("ticks");
            assert_eq!(ticks.iter().map(|tick| tick.seq).collect::<Vec<_>>(), (1..=last).collect::<Vec<_>>());
            assert!(ticks.iter().all(|tick| tick.samples.len() == 300), "every tick is whole");
            assert_eq!(reader.check(&mut |finding| panic!("{finding:?}")).expect("checked"), 0);
            assert_eq!(files(copy.path()), ["phusong.db"], "and makes none");
        }
        stop.store(true, Ordering::SeqCst);
        assert!(grew > 0, "nothing was written meanwhile");
    });
    let five: Vec<String> = (0..5).map(|round| format!("copy-{round}.db")).collect();
    assert_eq!(files(elsewhere.path()), five, "nothing else is left");
}

#[test]
fn a_daemon_goes_on_from_a_copy() {
    let (folder, elsewhere) = (tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("folder"));
    drop(write(folder.path(), 3));
    copy(folder.path(), &elsewhere.path().join("phusong.db"), Replace::Never).expect("copied");
    let mut store = Store::open(elsewhere.path()).expect("store");
    assert_eq!(store.commit(&commit(4, &["link-1"], Vec::new())).expect("tick"), 4);
}

#[test]
fn what_is_there_stays_unless_it_may_be_replaced() {
    let folder = tempfile::tempdir().expect("folder");
    drop(write(folder.path(), 3));
    let target = folder.path().join("copy.db");
    fs::write(&target, "mine").expect("file");
    let refused = copy(folder.path(), &target, Replace::Never).expect_err("it is there");
    assert!(matches!(&refused, CopyError::Exists(path) if *path == target), "{refused}");
    assert_eq!(fs::read(&target).expect("file"), b"mine");
    copy(folder.path(), &target, Replace::Existing).expect("replaced");
    assert_eq!(Reader::open(as_store(&target).path()).and_then(|r| r.ticks_after(0, 9)).expect("ticks").len(), 3);

    for replace in [Replace::Never, Replace::Existing] {
        let refused = copy(folder.path(), &folder.path().join("phusong.db"), replace).expect_err("the store");
        assert!(matches!(refused, CopyError::Itself(_)), "{refused}");
        fs::write(folder.path().join("other.db-wal"), "another's log").expect("file");
        let refused = copy(folder.path(), &folder.path().join("other.db"), replace).expect_err("a log");
        assert!(matches!(refused, CopyError::Beside(_)), "{refused}");
        let refused = copy(folder.path(), &folder.path().join("no/such/folder.db"), replace).expect_err("no folder");
        assert!(matches!(refused, CopyError::Write { .. }), "{refused}");
    }
    let expected = ["copy.db", "other.db-wal", "phusong.db", "phusong.db-wal"];
    let left: Vec<String> = files(folder.path()).into_iter().filter(|name| !name.ends_with("-shm")).collect();
    assert_eq!(left, expected, "nothing else is left");
}

#[test]
fn a_full_disk_keeps_nothing_of_a_copy() {
    let folder = tempfile::tempdir().expect("folder");
    drop(write(folder.path(), 300));
    let disk = folder.path().join("disk");
    fs::create_dir(&disk).expect("folder");
    let environment = [(SMALL_DISK, folder.path().as_os_str())];
    let Some(said) = on_small_disk("1m", &disk, "stands_on_a_small_disk", &environment) else { return };
    assert!(said.contains("said full and empty again"), "{said}");
}

/// The other process of [`a_full_disk_keeps_nothing_of_a_copy`].
#[test]
fn stands_on_a_small_disk() {
    let Some(folder) = env::var_os(SMALL_DISK).map(PathBuf::from) else { return };
    let disk = folder.join("disk");
    let refused = copy(&folder, &disk.join("copy.db"), Replace::Never).expect_err("too small");
    assert!(matches!(refused, CopyError::Full(_)), "{refused:?}");
    assert_eq!(files(&disk), [""; 0]);
    println!("\nsaid full and empty again");
}
