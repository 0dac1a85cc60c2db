//! What goes wrong in the fleet, from a seed: hard outages, lossy lines that must not become outages, and the prober's
//! own uplink.

use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use crate::network::{ANCHOR, Fate, host};

/// What happens to a host for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing gets through: an outage.
    Hard,
    /// Three packets in ten are lost: degraded at worst, never an outage.
    Lossy,
}

/// A fault, with its time after the beginning.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    pub host: u8,
    pub from: Duration,
    pub to: Duration,
    pub kind: Kind,
}

/// The whole run.
#[derive(Debug, Clone)]
pub struct Schedule {
    pub faults: Vec<Fault>,
    /// When the prober's own uplink is dead.
    pub uplink: (Duration, Duration),
    pub length: Duration,
    pub begun: Instant,
}

/// Xorshift: enough chance for a test, and the same at every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

impl Schedule {
    /// One fault at most per host, so that what is found can be told apart; none touches the uplink's time.
    pub fn from_seed(seed: u64, hosts: u8, faults: u8, begun: Instant) -> Self {
        let mut dice = Dice(seed | 1);
        let seconds = |ms: u64| Duration::from_millis(ms);
        let uplink = (seconds(30_000), seconds(36_000));
        let faults = (0..faults)
            .map(|n| {
                let kind = if n % 4 == 3 { Kind::Lossy } else { Kind::Hard };
                // Before or after the uplink's failure.
                let (earliest, latest) = if n % 2 == 0 { (4_000, 26_000) } else { (40_000, 62_000) };
                let from = earliest + dice.roll(12_000);
                let to = (from + 5_000 + dice.roll(8_000)).min(latest);
                Fault { host: n * (hosts / faults), from: seconds(from), to: seconds(to), kind }
            })
            .collect();
        Self { faults, uplink, length: seconds(68_000), begun }
    }

    /// The fate of a packet; lossy lines use the packet's moment as chance.
    pub fn fate(&self, destination: Ipv4Addr, now: Instant) -> Fate {
        let elapsed = now.saturating_duration_since(self.begun);
        let within = |from: Duration, to: Duration| (from..to).contains(&elapsed);
        if within(self.uplink.0, self.uplink.1) {
            return Fate::Dropped;
        }
        let number = destination.octets()[3];
        let delay = Fate::Delayed(Duration::from_millis(2 + u64::from(number) % 20));
        if destination == ANCHOR {
            return delay;
        }
        match self.faults.iter().find(|f| host(f.host) == destination && within(f.from, f.to)) {
            Some(fault) if fault.kind == Kind::Hard => Fate::Dropped,
            Some(_) if Dice(elapsed.as_nanos() as u64 | 1).roll(1000) < 300 => Fate::Dropped,
            _ => delay,
        }
    }
}
