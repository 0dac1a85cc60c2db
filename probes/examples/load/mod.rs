//! What the ICMP load programs share: the same arguments, the same measures, the same JSON, so that their lines compare.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    net::Ipv4Addr,
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use clap::{Parser, ValueEnum};
use serde_json::{Value, json};

pub use self::meter::Meter;
use self::{meter::rounded, quantiles::quantiles};

mod meter;
mod quantiles;

/// Load on an ICMP prober
#[derive(Debug, Parser)]
pub struct Arguments {
    /// First address; the others follow it
    #[arg(long, default_value = "127.1.0.0")]
    base: Ipv4Addr,
    /// How many targets
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=16_000_000))]
    pub targets: u32,
    /// How many rounds
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub rounds: u32,
    /// Echoes to each target in a round
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub echoes: u16,
    /// Echoes a second; as fast as it goes when it is not given
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub rate: Option<u32>,
    /// Milliseconds that a reply is waited for
    #[arg(long, default_value_t = 1000)]
    timeout: u64,
    /// Kind of socket; what the machine allows when it is not given, raw before dgram
    #[arg(long)]
    pub sock: Option<Sock>,
    /// Writes every answered echo's target and round-trip time in microseconds
    #[arg(long, value_name = "FILE")]
    per_target: Option<PathBuf>,
}

/// The two kinds of ICMP socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sock {
    Raw,
    Dgram,
}

impl Arguments {
    /// All targets in order.
    pub fn addresses(&self) -> anyhow::Result<Vec<Ipv4Addr>> {
        let base = u32::from(self.base);
        let addresses: Option<_> = (0..self.targets).map(|place| base.checked_add(place).map(Ipv4Addr::from)).collect();
        addresses.ok_or_else(|| anyhow::anyhow!("there are not {} addresses from {} on", self.targets, self.base))
    }

    /// Echoes of one round.
    pub fn echoes_of_a_round(&self) -> u64 {
        u64::from(self.targets) * u64::from(self.echoes)
    }

    /// The time one round's echoes are spread over; none without a rate.
    pub fn spread(&self) -> Duration {
        let round = self.echoes_of_a_round() as f64;
        self.rate.map_or(Duration::ZERO, |rate| Duration::from_secs_f64(round / f64::from(rate)))
    }

    pub fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout)
    }
}

/// What became of the echoes.
#[derive(Debug, Default)]
pub struct Account {
    pub sent: u64,
    pub lost: u64,
    /// Echoes that could not be sent.
    pub blind: u64,
    /// Round-trip times in microseconds.
    pub rtts: Vec<u32>,
}

/// The line that every load program prints; `extra` is what only one of them knows.
pub fn line(arguments: &Arguments, sock: Sock, account: Account, meter: &Meter, extra: Value) -> Value {
    let sent = account.sent.max(1) as f64;
    let mut line = json!({
        "socket": match sock { Sock::Raw => "raw", Sock::Dgram => "dgram" },
        "targets": arguments.targets,
        "rounds": arguments.rounds,
        "sent": account.sent,
        "received": account.rtts.len(),
        "lost": account.lost,
        "blind": account.blind,
        "cpu_s": rounded(meter.cpu),
        "wall_s": rounded(meter.wall),
        "cpu_per_100k": rounded(meter.cpu / sent * 1e5),
        "per_second": (sent / meter.wall).round(),
        "rss_kib": meter.rss_peak,
        "rss_bytes_per_target": ((meter.rss_peak - meter.rss_before) as f64 * 1024.0 / f64::from(arguments.targets)).round(),
        "rtt_us": quantiles(account.rtts),
    });
    if let (Some(line), Value::Object(extra)) = (line.as_object_mut(), extra) {
        line.extend(extra);
    }
    line
}

/// Where each answered echo is written to, if that was asked for.
pub struct PerTarget(Option<BufWriter<File>>);

impl PerTarget {
    pub fn open(arguments: &Arguments) -> io::Result<Self> {
        Ok(Self(arguments.per_target.as_ref().map(File::create).transpose()?.map(BufWriter::new)))
    }

    pub fn write(&mut self, answered: impl Iterator<Item = (Ipv4Addr, u32)>) -> io::Result<()> {
        let Some(file) = &mut self.0 else { return Ok(()) };
        for (target, rtt) in answered {
            writeln!(file, "{target} {rtt}")?;
        }
        file.flush()
    }
}

/// Runs a load program: one JSON line on stdout, or the reason on stderr and exit code 2.
pub fn run(name: &str, load: impl FnOnce(&Arguments) -> anyhow::Result<Value>) -> ExitCode {
    match load(&Arguments::parse()) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{name}: {error:#}");
            ExitCode::from(2)
        }
    }
}
