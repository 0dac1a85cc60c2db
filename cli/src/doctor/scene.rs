//! What all looks begin with: the configuration, and what the daemon says. Both are had once.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use phusong_model::{
    Fault, Faults, Health, Inventory, Millis, UtcMs,
    answer::{Answer, Body, Query, Topic},
    config::{self, Config},
};

use super::{
    finding::{Finding, Part, Said},
    users::User,
};
use crate::{
    ask::daemon::{self, DaemonFault, Limits},
    remedy::Starter,
};

/// As a question usually has, but an answer that has begun must end sooner: others wait for it here.
const LIMITS: Limits = Limits { head: daemon::LIMITS.head, whole: Duration::from_secs(4) };

/// Over how long the prober's eyes are judged.
const WINDOW: Millis = Millis::from_secs(3600);

/// What the daemon said, and how soon.
#[derive(Debug)]
pub struct Answered {
    /// Its answer to the question how everything is.
    pub answer: Answer,
    /// How long it took.
    pub took: Duration,
}

impl Answered {
    /// The health of its parts.
    pub fn health(&self) -> Option<&Health> {
        if let Body::Status(body) = &self.answer.body { body.health.as_ref() } else { None }
    }
}

/// An installation whose configuration can be read.
#[derive(Debug)]
pub struct Site {
    /// The configuration.
    pub config: Config,
    /// The daemon's socket.
    pub socket: PathBuf,
    /// Who starts the daemon.
    pub starter: Starter,
    /// What the daemon says.
    pub daemon: Result<Answered, DaemonFault>,
    /// As whom the daemon runs, by what belongs to it; none where it has made nothing yet.
    pub user: Option<User>,
}

/// Everything that a look may know.
#[derive(Debug)]
pub struct Scene {
    /// The configuration's file.
    pub path: PathBuf,
    /// When the doctor was called.
    pub now: UtcMs,
    /// What the configuration says, or why it cannot be used.
    pub site: Result<Site, Faults>,
    /// The inventory, or why it cannot be read.
    pub inventory: Result<Inventory, Faults>,
    /// Why a daemon could not start with all that the configuration leads to.
    pub faults: Vec<Fault>,
}

impl Scene {
    /// Reads the configuration and asks the daemon.
    pub fn set(path: PathBuf, socket: Option<PathBuf>, now: UtcMs) -> Self {
        let site = Config::load(&path).map(|config| {
            let socket = socket.unwrap_or_else(|| config.api.socket.clone());
            let starter = Starter::of(&config, &path);
            // Whom the socket belongs to made it; without one, who owns the data.
            let user = User::owner_of(&socket).or_else(|| User::owner_of(&config.store.folder));
            let daemon = ask(&socket, now);
            Site { config, socket, starter, daemon, user }
        });
        let (inventory, faults) = match phusong_checks::read(&path) {
            Ok(checked) => (Ok(checked.inventory), Vec::new()),
            // What is wrong may be beside the tables, such as a secret that this user may not read.
            Err(faults) => (config::check(&path).map(|(_, inventory)| inventory), faults.0),
        };
        Self { path, now, site, inventory, faults }
    }

    /// What the configuration says, or that a part cannot be looked at without it.
    pub fn site(&self, part: Part) -> Result<&Site, Vec<Finding>> {
        self.site.as_ref().map_err(|_faults| {
            let fact = ("không biết ở đâu: cấu hình có lỗi", "where is not known: the configuration has faults");
            vec![Finding::not_looked_at(part, Said::words(fact))]
        })
    }

    /// What the daemon says of the health of its parts, or that a part cannot be looked at without it.
    pub fn health(&self, part: Part) -> Result<(&Site, &Answered, &Health), Vec<Finding>> {
        let site = self.site(part)?;
        let unknown = |fact| vec![Finding::not_looked_at(part, Said::words(fact))];
        let answered = site.daemon.as_ref().map_err(|_fault| unknown(AWAY))?;
        let health = answered.health().ok_or_else(|| unknown(NO_TICK))?;
        Ok((site, answered, health))
    }
}

const AWAY: (&str, &str) = ("chỉ phusongd biết, mà nó không trả lời", "only phusongd knows, and it does not answer");

const NO_TICK: (&str, &str) = ("phusongd chưa xong vòng đo nào", "phusongd has not finished a tick yet");

fn ask(socket: &std::path::Path, now: UtcMs) -> Result<Answered, DaemonFault> {
    let query = Query { since: Some(now.minus(WINDOW)), ..Query::about(Topic::Status) };
    let begun = Instant::now();
    let answer = daemon::ask(socket, &query, LIMITS)?;
    let took = begun.elapsed();
    let foreign = |refusal| DaemonFault::Foreign { socket: socket.to_owned(), what: format!("{refusal:?}") };
    answer.map(|answer| Answered { answer, took }).map_err(foreign)
}
