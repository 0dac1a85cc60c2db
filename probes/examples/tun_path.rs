//! A path of a known length: runs a command in a network namespace of its own, where every address of 10.64.0.0/10
//! answers echo requests after a delay with jitter, or not at all. What the command measures is compared with the dwell
//! that this program truly applied. Needs root.
//!
//! ```text
//! tun_path --loss-per-mille 10 -- icmp_load --base 10.80.0.0 --targets 5000 --rate 5000
//! ```
//!
//! The last line on stdout is JSON: the dwells, from the moment a request was read to the moment its reply was written,
//! and what the command cost. The time a request waits to be read is not in the dwell: it is error of the measurement
//! for whoever is measured, alike for all.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program")]

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    fs::{self, File},
    io::{self, BufWriter, Write},
    net::Ipv4Addr,
    path::PathBuf,
    process::{Command, ExitCode},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, anyhow, ensure};
use clap::Parser;
use nix::{
    sched::{CloneFlags, unshare},
    sys::resource::{UsageWho, getrusage},
};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde_json::{Value, json};
use tappers::{Interface, Tun};

use self::quantiles::quantiles;

#[path = "load/quantiles.rs"]
mod quantiles;

/// The largest packet of a TUN device with the usual MTU.
const LONGEST: usize = 2048;
/// Requests that the device holds until they are read. The usual 500 would lose some of a burst, and the path must not.
const QUEUE: &str = "100000";
/// How soon the path notices that the command has ended.
const LONGEST_WAIT: Duration = Duration::from_millis(50);

/// Runs a command on a path of a known length
#[derive(Debug, Parser)]
struct Arguments {
    /// Milliseconds from request to reply
    #[arg(long, default_value_t = 20)]
    delay: u64,
    /// Milliseconds that a reply may come earlier or later, evenly spread
    #[arg(long, default_value_t = 5)]
    jitter: u64,
    /// How many of a thousand requests get no reply
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=1000))]
    loss_per_mille: u64,
    /// Look at the device all the time instead of waiting for it: takes one whole core, and nothing waits to be read
    #[arg(long)]
    spin: bool,
    /// Writes address, identifier, sequence and dwell in microseconds of each reply
    #[arg(long, value_name = "FILE")]
    per_packet: Option<PathBuf>,
    /// The command and its arguments
    #[arg(last = true, required = true)]
    command: Vec<String>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok((line, code)) => {
            println!("{line}");
            ExitCode::from(code)
        }
        Err(error) => {
            eprintln!("tun_path: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<(Value, u8)> {
    ensure!(arguments.jitter <= arguments.delay, "a jitter beyond the delay would answer before it is asked");
    let (program, rest) = arguments.command.split_first().ok_or_else(|| anyhow!("no command"))?;
    let tun = network().context("cannot make the network")?;
    let mut path = Path::new(arguments, &tun)?;
    let done = AtomicBool::new(false);
    let start = Instant::now();
    let (ended, reflected) = thread::scope(|scope| {
        let reflector = scope.spawn(|| path.reflect(arguments, &done));
        let ended = Command::new(program).args(rest).status();
        done.store(true, Ordering::Relaxed);
        (ended, reflector.join())
    });
    let wall = start.elapsed();
    reflected.map_err(|_| anyhow!("the reflector panicked"))??;
    let code = ended.with_context(|| format!("cannot run {program}"))?.code();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let seconds = |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    let line = json!({
        "requests": path.requests,
        "dropped": path.dropped,
        "replies": path.dwells.len(),
        "dwell_us": quantiles(path.dwells),
        "command": {
            "cpu_s": seconds(usage.user_time()) + seconds(usage.system_time()),
            "wall_s": wall.as_secs_f64(),
            "rss_kib": usage.max_rss(),
        },
    });
    Ok((line, code.and_then(|code| u8::try_from(code).ok()).unwrap_or(2)))
}

/// A namespace of our own, and the device in it that leads to all targets.
fn network() -> anyhow::Result<Tun> {
    unshare(CloneFlags::CLONE_NEWNET).context("no network namespace (are you root?)")?;
    let mut tun = Tun::new_named(Interface::new("path")?).context("no TUN device")?;
    tun.set_up()?;
    tun.set_nonblocking(true)?;
    for arguments in [
        "link set lo up".to_owned(),
        format!("link set path txqueuelen {QUEUE}"),
        "address add 10.64.0.1/10 dev path".to_owned(),
    ] {
        let status = Command::new("ip").args(arguments.split(' ')).status().context("cannot run ip")?;
        ensure!(status.success(), "ip {arguments} failed");
    }
    // Closed in every new namespace, and both kinds of socket are to be measured.
    fs::write("/proc/sys/net/ipv4/ping_group_range", "0 2147483647").context("cannot open datagram sockets to all")?;
    Ok(tun)
}

/// A reply under way; the one that is due first is the greatest.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Reply {
    due: Reverse<Instant>,
    read: Instant,
    packet: Vec<u8>,
}

struct Path<'a> {
    tun: &'a Tun,
    random: Random,
    under_way: BinaryHeap<Reply>,
    requests: u64,
    dropped: u64,
    dwells: Vec<u32>,
    log: Option<BufWriter<File>>,
}

impl<'a> Path<'a> {
    fn new(arguments: &Arguments, tun: &'a Tun) -> io::Result<Self> {
        Ok(Self {
            tun,
            random: Random(1),
            under_way: BinaryHeap::new(),
            requests: 0,
            dropped: 0,
            dwells: Vec::new(),
            log: arguments.per_packet.as_ref().map(File::create).transpose()?.map(BufWriter::new),
        })
    }

    fn reflect(&mut self, arguments: &Arguments, done: &AtomicBool) -> io::Result<()> {
        while !done.load(Ordering::Relaxed) {
            self.take_up(arguments)?;
            self.deliver()?;
            if !arguments.spin {
                self.wait();
            }
        }
        self.log.as_mut().map_or(Ok(()), Write::flush)
    }

    /// Reads all requests that wait.
    fn take_up(&mut self, arguments: &Arguments) -> io::Result<()> {
        let mut buffer = [0; LONGEST];
        loop {
            let length = match self.tun.recv(&mut buffer) {
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            let read = Instant::now();
            let Some(packet) = buffer.get(..length).and_then(reply_to) else { continue };
            self.requests += 1;
            if self.random.below(1000) < arguments.loss_per_mille {
                self.dropped += 1;
                continue;
            }
            let earliest = (arguments.delay - arguments.jitter) * 1000;
            let delay = Duration::from_micros(earliest + self.random.below(2 * arguments.jitter * 1000 + 1));
            self.under_way.push(Reply { due: Reverse(read + delay), read, packet });
        }
    }

    /// Writes the replies that are due.
    fn deliver(&mut self) -> io::Result<()> {
        while self.under_way.peek().is_some_and(|reply| reply.due.0 <= Instant::now()) {
            let Some(reply) = self.under_way.pop() else { return Ok(()) };
            let dwell = reply.read.elapsed().as_micros();
            self.tun.send(&reply.packet)?;
            let dwell = u32::try_from(dwell).unwrap_or(u32::MAX);
            self.dwells.push(dwell);
            if let (Some(log), Some([a, b, c, d, .., e, f, g, h])) = (&mut self.log, reply.packet.get(12..28)) {
                let (address, identifier) = (Ipv4Addr::new(*a, *b, *c, *d), u16::from_be_bytes([*e, *f]));
                writeln!(log, "{address} {identifier} {} {dwell}", u16::from_be_bytes([*g, *h]))?;
            }
        }
        Ok(())
    }

    fn wait(&self) {
        let due = self.under_way.peek().map(|reply| reply.due.0.saturating_duration_since(Instant::now()));
        let longest = due.unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT);
        // Whatever ends the wait, the next look decides.
        let _ = poll(&mut [PollFd::new(self.tun, PollFlags::IN)], Timespec::try_from(longest).ok().as_ref());
    }
}

/// The reply to a packet that is an echo request in IPv4 without options.
fn reply_to(request: &[u8]) -> Option<Vec<u8>> {
    let mut reply = request.to_vec();
    let [0x45, _, _, _, _, _, _, _, _, 1, _, _, addresses @ .., kind, 0, high, low] = reply.get_mut(..24)? else {
        return None;
    };
    if *kind != 8 {
        return None;
    }
    *kind = 0;
    // The sum lost 0x0800 (RFC 1624).
    let (sum, carry) = u16::from_be_bytes([*high, *low]).overflowing_add(0x0800);
    [*high, *low] = (sum + u16::from(carry)).to_be_bytes();
    // The header's checksum is the same after that.
    addresses.rotate_left(4);
    Some(reply)
}

/// splitmix64: every run meets the same path.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}
