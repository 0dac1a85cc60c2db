//! The store between processes: another user reads, the writer is killed, the disk is full.
//!
//! The suite starts itself again as the other process: [`plays_its_part`] is that process's `main`.

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
    ffi::OsStr,
    hash::{BuildHasher, RandomState},
    io::{BufRead, BufReader, Read, Write},
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

use nix::unistd::{Gid, Group, Uid, setgid, setgroups, setuid};
use phusong_store::{DataLock, LockError, Reader, Replace, Store, StoreError};
use rusqlite::{Connection, OpenFlags};
use support::{beat, commit, inventory, on_small_disk};

/// The part that this process plays: `writer`, `reader` or `full`.
const PART: &str = "PHUSONG_STORE_TEST_PART";
/// Its data folder.
const FOLDER: &str = "PHUSONG_STORE_TEST_FOLDER";
/// `uid:gid:group` it becomes first.
const IDENTITY: &str = "PHUSONG_STORE_TEST_IDENTITY";

/// A group that every system has and nobody is in by default.
const GROUP: u32 = 1;
/// The daemon, and two engineers: one is in its group.
const DAEMON: &str = "64001:1:1";
const MEMBER: &str = "64002:64002:1";
const STRANGER: &str = "64003:64003:64003";

/// Rounds of writing and killing.
const KILLS: usize = 50;

const LINKS: [&str; 3] = ["a", "b", "c"];

#[test]
fn plays_its_part() {
    let Ok(part) = env::var(PART) else { return };
    if let Ok(identity) = env::var(IDENTITY) {
        become_user(&identity);
    }
    let folder = PathBuf::from(env::var_os(FOLDER).expect("folder"));
    match part.as_str() {
        "writer" => write_until_told(&folder),
        "reader" => say(&read(&folder)),
        "full" => fill_the_disk(&folder),
        other => panic!("no part {other}"),
    }
}

fn become_user(identity: &str) {
    let ids: Vec<u32> = identity.split(':').map(|id| id.parse().expect("number")).collect();
    setgroups(&[Gid::from_raw(ids[2])]).expect("groups");
    setgid(Gid::from_raw(ids[1])).expect("gid");
    setuid(Uid::from_raw(ids[0])).expect("uid");
}

/// One line for the parent, which must not wait in a buffer.
fn say(line: &str) {
    println!("\nsaid {line}");
    std::io::stdout().flush().expect("stdout");
}

/// Commits and says so, tick after tick, until stdin ends; then closes the store as a daemon does.
fn write_until_told(folder: &Path) {
    let _lock = DataLock::take(folder).expect("lock");
    let mut store = Store::open(folder).expect("store");
    store.set_inventory(&inventory(&LINKS), beat(0)).expect("inventory");
    let told = std::thread::spawn(|| std::io::stdin().read_to_end(&mut Vec::new()));
    let mut next = store.backlog("test").expect("count").queued_ticks as i64 + 1;
    while !told.is_finished() {
        let seq = store.commit(&commit(next, &LINKS, Vec::new())).expect("tick");
        say(&seq.to_string());
        next += 1;
    }
}

fn read(folder: &Path) -> String {
    let ticks = Reader::open(folder).and_then(|reader| {
        let evidence = reader.evidence(beat(0), support::until(beat(0)))?;
        assert_eq!(evidence.links.len(), LINKS.len());
        // Whoever may read may also look, check and copy.
        reader.inspect()?;
        assert_eq!(reader.check(&mut |finding| panic!("{finding:?}"))?, 0);
        let elsewhere = tempfile::tempdir().expect("folder");
        let copied = reader.copy(&elsewhere.path().join("copy.db"), Replace::Never, &mut |_, _| {}).expect("copied");
        assert!(copied.last.is_some());
        reader.ticks_after(0, usize::MAX)
    });
    match ticks {
        Ok(ticks) => format!("{} ticks", ticks.len()),
        Err(error @ StoreError::Denied { .. }) => format!("denied: {error}"),
        Err(error) => format!("{error:?}"),
    }
}

/// The other process, and the last thing it said.
struct Part {
    child: Child,
    said: BufReader<ChildStdout>,
    last: Option<String>,
}

impl Part {
    fn start(part: &str, folder: &Path, identity: Option<&str>) -> Self {
        let mut command = Command::new(env::current_exe().expect("this program"));
        command.args(["--exact", "plays_its_part", "--nocapture"]).env(PART, part).env(FOLDER, folder);
        if let Some(identity) = identity {
            command.env(IDENTITY, identity);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("child");
        let said = BufReader::new(child.stdout.take().expect("stdout"));
        Self { child, said, last: None }
    }

    /// The next thing it says; nothing when it has ended.
    fn hear(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            if self.said.read_line(&mut line).expect("line") == 0 {
                return None;
            }
            // A line cut by a kill was not said to its end.
            if let Some(said) = line.strip_prefix("said ").and_then(|said| said.strip_suffix('\n')) {
                self.last = Some(said.to_owned());
                return self.last.clone();
            }
        }
    }

    /// Hears it out; the last thing it said.
    fn last(&mut self) -> String {
        while self.hear().is_some() {}
        self.last.clone().expect("it said something")
    }

    fn kill(mut self) -> String {
        self.child.kill().expect("kill");
        let last = self.last();
        self.child.wait().expect("wait");
        last
    }

    fn stop(mut self) -> String {
        drop(self.child.stdin.take());
        let last = self.last();
        assert!(self.child.wait().expect("wait").success(), "the writer ends well");
        last
    }
}

fn ask(folder: &Path, identity: &str) -> String {
    Part::start("reader", folder, Some(identity)).last()
}

fn integrity(folder: &Path) -> String {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let connection = Connection::open_with_flags(folder.join("phusong.db"), flags).expect("database");
    connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("check")
}

#[test]
fn a_killed_writer_loses_nothing_that_it_acknowledged() {
    let folder = tempfile::tempdir().expect("folder");
    let chance = RandomState::new();
    let mut acknowledged = 0;
    for round in 0..KILLS {
        let mut writer = Part::start("writer", folder.path(), None);
        for _ in 0..=chance.hash_one(("ticks", round)) % 40 {
            writer.hear().expect("a tick");
        }
        // In the middle of whatever it does.
        std::thread::sleep(Duration::from_micros(chance.hash_one(("moment", round)) % 2000));
        let said: i64 = writer.kill().parse().expect("number");
        assert!(said > acknowledged, "round {round}: it went on after {acknowledged}");
        acknowledged = said;

        let ticks = Reader::open(folder.path()).and_then(|reader| reader.ticks_after(0, usize::MAX)).expect("ticks");
        let found = ticks.len() as i64;
        assert!(found == acknowledged || found == acknowledged + 1, "{found} ticks, {acknowledged} acknowledged");
        for (number, tick) in (1..).zip(&ticks) {
            assert_eq!((tick.seq, tick.tick.at, tick.samples.len()), (number, beat(number), LINKS.len()));
        }
        assert_eq!(integrity(folder.path()), "ok");
        acknowledged = found;
    }
}

#[test]
fn a_reader_sees_whole_ticks_while_they_are_written() {
    let folder = tempfile::tempdir().expect("folder");
    let mut writer = Part::start("writer", folder.path(), None);
    let mut said: i64 = writer.hear().expect("a tick").parse().expect("number");
    let reader = Reader::open(folder.path()).expect("reader");
    for _ in 0..40 {
        let ticks = reader.ticks_after(said - 1, usize::MAX).expect("ticks");
        assert!(ticks.first().is_some_and(|tick| tick.seq == said), "what was acknowledged can be read");
        assert!(ticks.iter().all(|tick| tick.samples.len() == LINKS.len()));
        said = writer.hear().expect("a tick").parse().expect("number");
    }
    let refused = DataLock::take(folder.path()).expect_err("the writer has it");
    assert!(matches!(refused, LockError::Held { pid, .. } if pid == Some(writer.child.id())), "{refused}");
    writer.kill();
    DataLock::take(folder.path()).expect("the kernel gave it back");
}

#[test]
fn another_user_of_the_group_reads_whatever_became_of_the_writer() {
    if !Uid::effective().is_root() {
        eprintln!("skipped: becoming another user needs root");
        return;
    }
    let base = tempfile::tempdir().expect("folder");
    std::fs::set_permissions(base.path(), PermissionsExt::from_mode(0o755)).expect("mode");
    let (uid, gid) = DAEMON.split_once(':').map(|(uid, _)| (uid.parse().ok(), Some(GROUP))).expect("identity");
    chown(base.path(), uid, gid).expect("owner");
    let folder = base.path().join("data");

    let mut writer = Part::start("writer", &folder, Some(DAEMON));
    writer.hear().expect("a tick");
    assert!(ask(&folder, MEMBER).ends_with(" ticks"), "while it writes");
    let stopped = writer.stop();
    assert_eq!(ask(&folder, MEMBER), format!("{stopped} ticks"), "after a clean stop");

    let mut writer = Part::start("writer", &folder, Some(DAEMON));
    writer.hear().expect("a tick");
    let killed: i64 = writer.kill().parse().expect("number");
    let seen = ask(&folder, MEMBER);
    assert!([killed, killed + 1].iter().any(|ticks| seen == format!("{ticks} ticks")), "after a kill: {seen}");

    let group = Group::from_gid(Gid::from_raw(GROUP)).expect("groups").expect("a name").name;
    let denied = ask(&folder, STRANGER);
    assert!(denied.starts_with("denied: ") && denied.contains(&format!("group {group} may")), "{denied}");

    // Somebody's tool closed the database and took the log away: nothing is left that a reader would have to make.
    let tool = Connection::open(folder.join("phusong.db")).expect("tool");
    tool.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("checkpoint");
    drop(tool);
    assert!(!folder.join("phusong.db-wal").exists(), "the tool removed the log");
    assert_eq!(ask(&folder, MEMBER), seen, "without a log");
}

#[test]
fn a_full_disk_refuses_a_tick_and_takes_the_next_one() {
    let folder = tempfile::tempdir().expect("folder");
    let environment = [(PART, OsStr::new("full")), (FOLDER, folder.path().as_os_str())];
    let Some(said) = on_small_disk("4m", folder.path(), "plays_its_part", &environment) else { return };
    assert!(said.contains("said filled and freed"), "{said}");
}

fn fill_the_disk(folder: &Path) {
    let many: Vec<String> = (0..500).map(|number| format!("link-{number}")).collect();
    let links: Vec<&str> = many.iter().map(String::as_str).collect();
    let mut store = Store::open(folder).expect("store");
    let ballast = folder.join("ballast");
    std::fs::write(&ballast, vec![0; 1 << 20]).expect("ballast");

    let fill = |store: &mut Store, from: i64| {
        let refusal = |number| store.commit(&commit(number, &links, Vec::new())).err().map(|error| (number, error));
        (from..from + 10_000).find_map(refusal).expect("the disk fills up")
    };
    let (number, refused) = fill(&mut store, 1);
    assert!(matches!(refused, StoreError::Full { .. }), "{refused:?}");
    assert!(refused.to_string().contains("no space left"), "{refused}");
    assert!(number > 5, "only {number} ticks fit");
    let again = store.commit(&commit(number, &links, Vec::new())).expect_err("still full");
    assert!(matches!(again, StoreError::Full { .. }), "{again:?}");
    let reader = Reader::open(folder).expect("reader");
    let seen = |after: i64| reader.ticks_after(after, usize::MAX).expect("ticks").len() as i64;
    assert_eq!(seen(0), number - 1, "a full disk can be read");

    std::fs::remove_file(&ballast).expect("space");
    assert_eq!(store.commit(&commit(number, &links, Vec::new())).expect("space again"), number);
    let (number, _) = fill(&mut store, number + 1);
    drop(store);
    assert_eq!(seen(0), number - 1);
    assert_eq!(integrity(folder), "ok");
    say("filled and freed");
}
