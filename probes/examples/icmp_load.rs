//! Load on the ICMP engine: drives `Prober::round` as the daemon does, with nothing left out, and prints one JSON line.
//!
//! ```text
//! cargo run --release -p phusong-probes --example icmp_load -- --base 127.1.0.0 --targets 100000 --rounds 3
//! ```

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program")]

use std::{
    fs,
    io::{self, BufWriter, Write},
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::{Parser, ValueEnum};
use nix::sys::resource::{UsageWho, getrusage};
use phusong_model::{IcmpMode, Micros};
use phusong_probes::icmp::{Counters, Echo, Echoes, Prober, RoundPlan};
use serde_json::{Value, json};

/// Load on the ICMP engine
#[derive(Debug, Parser)]
struct Arguments {
    /// First address; the others follow it
    #[arg(long, default_value = "127.1.0.0")]
    base: Ipv4Addr,
    /// How many targets
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=16_000_000))]
    targets: u32,
    /// How many rounds
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Echoes to each target in a round
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    echoes: u16,
    /// Milliseconds between two echoes to one target
    #[arg(long, default_value_t = 0)]
    spacing: u64,
    /// Echoes a second; as fast as bursts allow when it is not given
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    rate: Option<u32>,
    /// Milliseconds that a reply is waited for
    #[arg(long, default_value_t = 1000)]
    timeout: u64,
    /// Kind of socket; what the machine allows when it is not given
    #[arg(long)]
    sock: Option<Sock>,
    /// Writes every answered echo's target and round-trip time in microseconds, in the order of targets
    #[arg(long, value_name = "FILE")]
    per_target: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Sock {
    Raw,
    Dgram,
}

/// What the rounds gave together.
#[derive(Default)]
struct Account {
    counters: Counters,
    lost: u64,
    blind: u64,
    errors: u64,
    rtts: Vec<u32>,
}

impl Account {
    fn add(&mut self, echoes: &Echoes) {
        for echo in echoes.iter().flatten() {
            match echo {
                Echo::Reply(Micros(rtt)) => self.rtts.push(*rtt),
                Echo::Lost => self.lost += 1,
                Echo::NotSent(_) => self.blind += 1,
            }
        }
    }
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("icmp_load: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<Value> {
    let mut prober = match arguments.sock {
        Some(Sock::Raw) => Prober::open_as(IcmpMode::Raw),
        Some(Sock::Dgram) => Prober::open_as(IcmpMode::Datagram),
        None => Prober::open(),
    }?;
    let mode = prober.mode();
    // What stands before there is a target: program, runtime, sockets.
    let rss_before = peak_rss_kib()?;
    let base = u32::from(arguments.base);
    let address = |place| base.checked_add(place).map(|address| IpAddr::from(Ipv4Addr::from(address)));
    let targets: Option<Vec<IpAddr>> = (0..arguments.targets).map(address).collect();
    let targets = targets.ok_or_else(|| anyhow::anyhow!("there are not so many addresses after {}", arguments.base))?;
    let plan = plan(arguments);
    let mut account = Account::default();
    let mut per_target = arguments.per_target.as_ref().map(fs::File::create).transpose()?.map(BufWriter::new);
    let start = Instant::now();
    let mut rss_peak = rss_before;
    let mut cpu = 0.0;
    for _ in 0..arguments.rounds {
        let before = cpu_seconds()?;
        let report = prober.round(&targets, &plan);
        cpu += cpu_seconds()? - before;
        // Before the account of this program grows.
        rss_peak = rss_peak.max(if account.rtts.is_empty() { peak_rss_kib()? } else { 0 });
        account.counters += report.counters;
        account.errors += report.errors.len() as u64;
        account.add(&report.targets);
        if let Some(file) = &mut per_target {
            write_each(file, &targets, &report.targets)?;
        }
    }
    Ok(line(arguments, mode, account, (cpu, start.elapsed()), (rss_before, rss_peak)))
}

fn plan(arguments: &Arguments) -> RoundPlan {
    let echoes = f64::from(arguments.targets) * f64::from(arguments.echoes);
    let spread = arguments.rate.map_or(Duration::ZERO, |rate| Duration::from_secs_f64(echoes / f64::from(rate)));
    RoundPlan {
        echoes: arguments.echoes,
        spacing: Duration::from_millis(arguments.spacing),
        timeout: Duration::from_millis(arguments.timeout),
        spread,
    }
}

fn line(
    arguments: &Arguments,
    mode: IcmpMode,
    mut account: Account,
    (cpu, wall): (f64, Duration),
    (rss_before, rss_peak): (i64, i64),
) -> Value {
    account.rtts.sort_unstable();
    let quantile = |share: f64| {
        let last = account.rtts.len().saturating_sub(1);
        account.rtts.get((last as f64 * share).round() as usize).copied()
    };
    let counters = account.counters;
    let sent = counters.sent.max(1) as f64;
    json!({
        "socket": mode,
        "targets": arguments.targets,
        "rounds": arguments.rounds,
        "sent": counters.sent,
        "received": counters.replies,
        "lost": account.lost,
        "blind": account.blind,
        "errors": account.errors,
        "foreign": {
            "source": counters.foreign_source,
            "token": counters.bad_token,
            "sequence": counters.wrong_sequence,
            "identifier": counters.foreign_identifier,
            "duplicate": counters.duplicate,
            "late": counters.late,
            "length": counters.wrong_length,
            "checksum": counters.bad_checksum,
            "kind": counters.not_a_reply,
            "error": counters.foreign_error,
            "forged_error": counters.forged_error,
        },
        "receive_drops": counters.receive_drops,
        "cpu_s": round(cpu),
        "wall_s": round(wall.as_secs_f64()),
        "cpu_per_100k": round(cpu / sent * 1e5),
        "per_second": (sent / wall.as_secs_f64()).round(),
        "rss_kib": rss_peak,
        "rss_bytes_per_target": ((rss_peak - rss_before) as f64 * 1024.0 / f64::from(arguments.targets)).round(),
        "rtt_us": {
            "min": quantile(0.0),
            "p50": quantile(0.5),
            "p95": quantile(0.95),
            "p99": quantile(0.99),
            "max": quantile(1.0),
        },
    })
}

fn write_each(file: &mut impl Write, targets: &[IpAddr], echoes: &Echoes) -> io::Result<()> {
    for (target, echoes) in targets.iter().zip(echoes.iter()) {
        for echo in echoes {
            if let Echo::Reply(Micros(rtt)) = echo {
                writeln!(file, "{target} {rtt}")?;
            }
        }
    }
    Ok(())
}

/// User and system time of this process.
fn cpu_seconds() -> nix::Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let seconds = |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    Ok(seconds(usage.user_time()) + seconds(usage.system_time()))
}

fn peak_rss_kib() -> nix::Result<i64> {
    getrusage(UsageWho::RUSAGE_SELF).map(|usage| usage.max_rss())
}

fn round(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}
