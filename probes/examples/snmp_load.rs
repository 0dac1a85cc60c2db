//! Load on the SNMP poller: drives `DevicePoller::poll` as the daemon does, with nothing left out, and prints one JSON
//! line. A poll of `get` is that of a device with one interface that is known already; one of `walk` begins with
//! nothing, finds the last interface of 48 by walking their names, and asks for it.
//!
//! ```text
//! cargo run --release -p phusong-probes --example snmp_load -- --port 16161 --agents 1000 --polls 20000 --op get
//! ```

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program")]

use std::{
    fs,
    net::{IpAddr, Ipv4Addr},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::ExitCode,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::Context;
use clap::{Parser, ValueEnum};
use phusong_model::{
    Device, SnmpAccess, UtcMs,
    config::{AuthProtocol, CredentialConfig, PrivProtocol, SecretRef, SnmpConfig, SnmpVersion},
};
use phusong_probes::snmp::{Answer, Credentials, DevicePoller, DeviceReport, Foreign, Timing, Transport};
use serde_json::{Value, json};
use tokio::{runtime::Builder, task::JoinSet};

use self::{
    meter::{Meter, rounded},
    quantiles::quantiles,
};

#[path = "load/meter.rs"]
mod meter;
#[path = "load/quantiles.rs"]
mod quantiles;

const CREDENTIAL: &str = "load";
/// The user of `--v3`; both passwords are [`PASSWORD`].
const USER: &str = "phusong";
const PASSWORD: &str = "phusong-load";

/// Load on the SNMP poller
#[derive(Debug, Parser)]
struct Arguments {
    /// First agent; the others follow it
    #[arg(long, default_value = "127.2.0.0")]
    base: Ipv4Addr,
    /// UDP port of all agents
    #[arg(long)]
    port: u16,
    /// How many agents
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    agents: u32,
    /// How many polls altogether; every agent gets as many, and at least one
    #[arg(long, default_value_t = 10_000)]
    polls: u32,
    /// Agents that are polled at once
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    in_flight: u32,
    /// What a poll does
    #[arg(long, value_enum, default_value_t = Operation::Get)]
    op: Operation,
    /// SNMPv3 with SHA-1 and AES-128, user "phusong", both passwords "phusong-load"; else v2c, community "public"
    #[arg(long)]
    v3: bool,
    /// The interface that is asked about, by ifName
    #[arg(long, default_value = "GigabitEthernet0/48")]
    interface: String,
    /// Milliseconds that a request is waited for
    #[arg(long, default_value_t = 2000)]
    timeout: u64,
    /// How often a request without answer is repeated
    #[arg(long, default_value_t = 1)]
    retries: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Operation {
    /// One GET of what a link needs
    Get,
    /// A walk over all names and two GETs
    Walk,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("snmp_load: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<Value> {
    // One thread for all devices, as in the daemon.
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let _inside = runtime.enter();
    let maker = Maker::new(arguments)?;
    let mut meter = Meter::start()?;
    let mut lanes = maker.lanes()?;
    if arguments.op == Operation::Get {
        // Finds the interfaces: that is done once for each device and is not what is measured.
        (lanes, _) = runtime.block_on(poll_all(lanes));
    }
    let mut account = Account::default();
    for round in 0..(arguments.polls / arguments.agents).max(1) {
        if arguments.op == Operation::Walk && round > 0 {
            lanes = maker.lanes()?;
        }
        let (polled, told) = meter.measure(|| runtime.block_on(poll_all(lanes)))?;
        lanes = polled;
        account.join(told);
    }
    Ok(account.line(arguments, &meter, maker.transport.foreign()))
}

/// Pollers that are polled one after the other.
type Lane = Vec<DevicePoller>;

/// Polls each once, all lanes at the same time; the pollers come back with what they know now.
async fn poll_all(lanes: Vec<Lane>) -> (Vec<Lane>, Account) {
    let mut tasks = JoinSet::new();
    for mut lane in lanes {
        tasks.spawn(async move {
            let mut account = Account::default();
            for poller in &mut lane {
                account.add(poller.poll(now()).await);
            }
            (lane, account)
        });
    }
    let (mut lanes, mut account) = (Vec::new(), Account::default());
    for (lane, told) in tasks.join_all().await {
        lanes.push(lane);
        account.join(told);
    }
    (lanes, account)
}

/// Makes pollers that share sockets and credentials, as the daemon's do.
struct Maker<'a> {
    arguments: &'a Arguments,
    transport: Transport,
    credentials: Credentials,
}

impl<'a> Maker<'a> {
    fn new(arguments: &'a Arguments) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let config = SnmpConfig { credential: vec![credential(arguments, folder.path())?], ..SnmpConfig::default() };
        let credentials = Credentials::resolve(&config).map_err(|faults| anyhow::anyhow!("{faults:?}"))?;
        Ok(Self { arguments, transport: Transport::bind()?, credentials })
    }

    fn lanes(&self) -> anyhow::Result<Vec<Lane>> {
        let agents: Vec<u32> = (0..self.arguments.agents).collect();
        let share = agents.len().div_ceil(self.arguments.in_flight as usize).max(1);
        agents.chunks(share).map(|some| some.iter().map(|agent| self.poller(*agent)).collect()).collect()
    }

    fn poller(&self, agent: u32) -> anyhow::Result<DevicePoller> {
        let address = u32::from(self.arguments.base).checked_add(agent).context("there are not so many addresses")?;
        let device = Device {
            id: format!("agent-{agent}").parse()?,
            name: String::new(),
            site: None,
            address: IpAddr::from(Ipv4Addr::from(address)),
            snmp: SnmpAccess { port: self.arguments.port, credential: CREDENTIAL.to_owned(), profile: None },
        };
        let interfaces = vec![(self.arguments.interface.clone(), None)];
        let timing = Timing { timeout: Duration::from_millis(self.arguments.timeout), retries: self.arguments.retries };
        Ok(DevicePoller::new(&self.transport, &device, interfaces, &self.credentials, timing))
    }
}

fn credential(arguments: &Arguments, folder: &Path) -> anyhow::Result<CredentialConfig> {
    let secret = |text: &str| -> anyhow::Result<_> {
        let path = folder.join(text);
        fs::write(&path, text)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        Ok(Some(SecretRef(path)))
    };
    let blank = CredentialConfig {
        name: CREDENTIAL.to_owned(),
        version: SnmpVersion::V2c,
        community: None,
        user: None,
        auth: None,
        auth_password: None,
        privacy: None,
        priv_password: None,
    };
    if !arguments.v3 {
        return Ok(CredentialConfig { community: secret("public")?, ..blank });
    }
    Ok(CredentialConfig {
        version: SnmpVersion::V3,
        user: Some(USER.to_owned()),
        auth: Some(AuthProtocol::Sha1),
        auth_password: secret(PASSWORD)?,
        privacy: Some(PrivProtocol::Aes128),
        priv_password: secret(PASSWORD)?,
        ..blank
    })
}

/// What became of the polls.
#[derive(Default)]
struct Account {
    polls: u64,
    answered: u64,
    silent: u64,
    refused: u64,
    blind: u64,
    missing: u64,
    requests: u64,
    requests_lost: u64,
    rtts: Vec<u32>,
}

impl Account {
    fn add(&mut self, report: DeviceReport) {
        self.polls += 1;
        self.requests += u64::from(report.sent);
        self.requests_lost += u64::from(report.lost);
        self.rtts.extend(report.rtt.map(|rtt| rtt.0));
        match report.answer {
            Answer::Answered { missing, .. } if missing.is_empty() => self.answered += 1,
            Answer::Answered { .. } => self.missing += 1,
            Answer::Silent => self.silent += 1,
            Answer::Refused(_) => self.refused += 1,
            Answer::NotSent(_) => self.blind += 1,
        }
    }

    fn join(&mut self, other: Self) {
        self.polls += other.polls;
        self.answered += other.answered;
        self.silent += other.silent;
        self.refused += other.refused;
        self.blind += other.blind;
        self.missing += other.missing;
        self.requests += other.requests;
        self.requests_lost += other.requests_lost;
        self.rtts.extend(other.rtts);
    }

    fn line(self, arguments: &Arguments, meter: &Meter, foreign: Foreign) -> Value {
        let polls = self.polls.max(1) as f64;
        json!({
            "op": match arguments.op { Operation::Get => "get", Operation::Walk => "walk" },
            "version": if arguments.v3 { "3" } else { "2c" },
            "agents": arguments.agents,
            "sent": self.polls,
            "received": self.answered,
            "lost": self.silent,
            "blind": self.blind,
            "refused": self.refused,
            "without_interface": self.missing,
            "foreign": {
                "source": foreign.source,
                "broken": foreign.broken,
                "unasked": foreign.unasked,
                "unusable": foreign.unusable,
                "surplus": foreign.surplus,
            },
            "requests": self.requests,
            "requests_lost": self.requests_lost,
            "cpu_s": rounded(meter.cpu),
            "wall_s": rounded(meter.wall),
            "cpu_per_10k": rounded(meter.cpu / polls * 1e4),
            "per_second": (polls / meter.wall).round(),
            "rss_kib": meter.rss_peak,
            "rss_bytes_per_agent":
                ((meter.rss_peak - meter.rss_before) as f64 * 1024.0 / f64::from(arguments.agents)).round(),
            "rtt_us": quantiles(self.rtts),
        })
    }
}

fn now() -> UtcMs {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UtcMs(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX))
}
