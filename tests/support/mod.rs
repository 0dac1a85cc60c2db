//! What the suites share: a network of their own, the programs as users run them, waiting without sleeping blindly.

#![allow(dead_code, reason = "each suite uses a part of it")]

use std::{
    fs,
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use nix::{
    sched::{CloneFlags, unshare},
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;

/// How long a suite waits for what must come before it gives up.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How often a wait looks again.
const STEP: Duration = Duration::from_millis(50);

/// The same as [`own_network`], in which 10.9.0.2 is silent: frames to it go to a hardware address that nobody has.
pub fn silent_network() -> bool {
    let ip = |arguments: &str| run_ok(Command::new("ip").args(arguments.split(' ')));
    own_network() && {
        ip("link add void type veth peer name nobody");
        ip("address add 10.9.0.1/24 dev void");
        ip("link set void up");
        ip("link set nobody up");
        ip("neighbour add 10.9.0.2 lladdr 02:00:00:00:00:02 dev void nud permanent");
        true
    }
}

/// A daemon of three links that has found out that the second is down.
pub fn running_with_one_down(province: &Province) -> Daemon {
    let daemon = Daemon::with_config(&province.config());
    wait_for("the dead link", || {
        let answer = ask(&province.config(), &["links"])?;
        let states: Vec<&str> = items(&answer).iter().map(|link| text(link, "state")).collect();
        (states == ["up", "down", "up"]).then_some(())
    });
    daemon
}

/// Moves this thread, and what it starts, into a network namespace of its own with a working loopback. Says "skipped"
/// and gives `false` where the machine does not allow it.
pub fn own_network() -> bool {
    match unshare(CloneFlags::CLONE_NEWNET) {
        Ok(()) => {
            run_ok(Command::new("ip").args(["link", "set", "lo", "up"]));
            true
        }
        Err(error) => {
            println!("skipped: a network namespace needs root ({error})");
            false
        }
    }
}

/// Runs a command that must succeed.
pub fn run_ok(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Waits until `look` gives something; panics with `what` after [`PATIENCE`].
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "waited {PATIENCE:?} for {what}");
        thread::sleep(STEP);
    }
}

/// A running `phusongd`, killed when dropped. Its words go to `phusongd.log` beside the configuration.
pub struct Daemon {
    child: Child,
    log: PathBuf,
}

impl Daemon {
    /// Starts the daemon with the arguments and waits for nothing.
    pub fn start(log: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let words = fs::OpenOptions::new().create(true).append(true).open(log).expect("log");
        let child = Command::new(env!("CARGO_BIN_EXE_phusongd"))
            .args(arguments)
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(words.try_clone().expect("log"))
            .stderr(words)
            .spawn()
            .expect("phusongd starts");
        Self { child, log: log.to_owned() }
    }

    /// Starts the daemon on a configuration.
    pub fn with_config(config: &Path) -> Self {
        let log = config.with_file_name("phusongd.log");
        Self::start(&log, &["--config", &config.to_string_lossy()], &[])
    }

    /// What it has said so far.
    pub fn words(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    pub fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).expect("pid"))
    }

    pub fn signal(&self, signal: Signal) {
        kill(self.pid(), signal).expect("the daemon lives");
    }

    /// Whether it has ended by itself.
    pub fn ended(&mut self) -> bool {
        self.child.try_wait().expect("wait").is_some()
    }

    /// SIGKILL, as a power cut would.
    pub fn kill(mut self) {
        self.signal(Signal::SIGKILL);
        let status = self.child.wait().expect("wait");
        assert_eq!(status.signal(), Some(9), "it must have been alive until then: {}", self.words());
    }

    /// SIGTERM; it must end well.
    pub fn stop(mut self) {
        self.signal(Signal::SIGTERM);
        let status = wait_for("the daemon to stop", || self.child.try_wait().expect("wait"));
        assert!(status.success(), "{status}: {}", self.words());
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Already ended is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server that ends with the test.
pub struct Server(Child);

impl Server {
    pub fn start(command: &mut Command) -> Self {
        Self(command.stdin(Stdio::null()).spawn().unwrap_or_else(|error| panic!("{command:?}: {error}")))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // nginx takes its worker with it on SIGTERM, which SIGKILL would leave behind.
        let pid = Pid::from_raw(i32::try_from(self.0.id()).expect("pid"));
        let _ = kill(pid, Signal::SIGTERM);
        let _ = self.0.wait();
    }
}

/// Runs `phusong` and gives what it printed and its exit code.
pub fn phusong(config: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_phusong"))
        .arg("--config")
        .arg(config)
        .args(arguments)
        .env("LANG", "en_US.UTF-8")
        .env_remove("LC_ALL")
        .env_remove("LC_MESSAGES")
        .output()
        .expect("phusong runs")
}

/// Runs `phusong … --json`; what it printed, when that is JSON.
pub fn ask(config: &Path, arguments: &[&str]) -> Option<Value> {
    let output = phusong(config, &[arguments, &["--json"]].concat());
    serde_json::from_slice(&output.stdout).ok()
}

/// The items of an answer.
pub fn items(answer: &Value) -> &[Value] {
    answer.get("items").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The text of a field.
pub fn text<'a>(item: &'a Value, field: &str) -> &'a str {
    item.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// A configuration folder of a test, with its files.
pub struct Province {
    pub dir: tempfile::TempDir,
}

impl Province {
    /// Writes `phusong.toml` from the given sections, with store and socket inside the folder, and the inventory.
    pub fn write(sections: &str, inventory: &[(&str, &str)]) -> Self {
        Self::write_with("", sections, inventory)
    }

    /// The same with more keys of `[store]`.
    pub fn write_with(store: &str, sections: &str, inventory: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().expect("folder");
        let config = format!(
            "[inventory]\nfolder = \"inventory\"\n\n[store]\nfolder = \"data\"\n{store}\n[api]\nsocket = \"phusong.sock\"\nlisten = \"127.0.0.1:0\"\n\n{sections}"
        );
        fs::create_dir_all(dir.path().join("inventory")).expect("folder");
        fs::write(dir.path().join("phusong.toml"), config).expect("config");
        for (name, text) in inventory {
            fs::write(dir.path().join("inventory").join(name), text).expect("inventory");
        }
        Self { dir }
    }

    pub fn config(&self) -> PathBuf {
        self.dir.path().join("phusong.toml")
    }

    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// Writes a secret that only its owner can read; its path relative to the configuration.
    pub fn secret(&self, name: &str, value: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.dir.path().join(name);
        fs::write(&path, value).expect("secret");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("mode");
        path
    }
}

/// Everything that a pipe still holds.
pub fn drain(mut pipe: impl std::io::Read) -> String {
    let mut text = String::new();
    let _ = pipe.by_ref().read_to_string(&mut text);
    text
}
