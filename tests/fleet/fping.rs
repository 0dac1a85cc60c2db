//! fping with the usual rule beside us: a link is down when three requests in a row were lost, and up with the next reply.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use phusong_model::UtcMs;

use crate::network::host;

const PROGRAM: &str = "/usr/bin/fping";

/// Losses in a row that make an outage.
const MISSES: u32 = 3;

/// An outage as fping's lines tell it, with times after the beginning.
#[derive(Debug, Clone)]
pub struct Told {
    pub host: u8,
    pub decided: Duration,
    pub end: Option<Duration>,
}

/// A running fping.
pub struct Fping(Child, PathBuf);

impl Fping {
    /// Asks every host once a second, with half a second for the answer; nothing where it is not installed.
    pub fn start(folder: &Path, hosts: u8) -> Option<Self> {
        if !Path::new(PROGRAM).exists() {
            return None;
        }
        let file = folder.join("fping");
        let lines = fs::File::create(&file).expect("a file");
        let mut command = Command::new(PROGRAM);
        command.args(["-l", "-D", "-p", "1000", "-t", "500", "-i", "1"]);
        command.args((0..hosts).map(|number| host(number).to_string()));
        command.stdin(Stdio::null()).stdout(lines).stderr(Stdio::null());
        Some(Self(command.spawn().expect("fping starts"), file))
    }

    /// Ends it and reads what it said.
    pub fn outages(mut self, begun: UtcMs) -> Vec<Told> {
        let pid = Pid::from_raw(i32::try_from(self.0.id()).expect("pid"));
        kill(pid, Signal::SIGINT).expect("fping lives");
        self.0.wait().expect("fping ends");
        let mut misses: HashMap<String, u32> = HashMap::new();
        let mut told: Vec<Told> = Vec::new();
        for line in fs::read_to_string(&self.1).expect("lines").lines() {
            let Some((at, name, is_lost)) = parse(line) else { continue };
            let Ok(at) = u64::try_from(at.since(begun).0).map(Duration::from_millis) else { continue };
            let number = name.rsplit('.').next().and_then(|last| last.parse::<u8>().ok()).expect("an address") - 1;
            let missed = misses.entry(name.to_owned()).or_default();
            if !is_lost {
                let open = told.iter_mut().find(|told| told.host == number && told.end.is_none());
                open.into_iter().for_each(|told| told.end = Some(at));
                *missed = 0;
                continue;
            }
            *missed += 1;
            if *missed == MISSES {
                told.push(Told { host: number, decided: at, end: None });
            }
        }
        told
    }
}

/// `[1795849542.123456] 10.77.1.5 : [3], timed out (…)` or `… : [3], 64 bytes, 5.3 ms (…)`.
fn parse(line: &str) -> Option<(UtcMs, &str, bool)> {
    let (at, rest) = line.strip_prefix('[')?.split_once("] ")?;
    let (name, rest) = rest.split_once(" : ")?;
    let seconds: f64 = at.parse().ok()?;
    Some((UtcMs((seconds * 1000.0) as i64), name.trim(), rest.contains("timed out")))
}
