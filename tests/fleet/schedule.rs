//! What goes wrong in the fleet, from a seed: ninety faults of which some are outages and some only look like one, and
//! the prober's own uplink.

use std::{
    net::Ipv4Addr,
    ops::Range,
    time::{Duration, Instant},
};

use crate::network::{ANCHOR, Fate, host};

/// Feeders are the first hosts; each carries as many of the hosts after them.
pub const FEEDERS: u8 = 4;
pub const CHILDREN: u8 = 6;

/// The faults of single hosts, by kind; together with the cuts of the feeders there are ninety.
const SINGLE: [(Kind, usize); 5] =
    [(Kind::Hard, 36), (Kind::Lossy, 20), (Kind::Slow, 14), (Kind::Flapping, 8), (Kind::Reboot, 8)];

/// A link that flaps is down so long, and up so long.
const FLAP: Duration = Duration::from_secs(4);

/// A delay that is no loss.
const STEP: Duration = Duration::from_millis(150);

/// What happens to a host for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing gets through: an outage.
    Hard,
    /// The same, and the host starts anew.
    Reboot,
    /// A feeder and all that hang on it at once.
    Cut,
    /// Down and up again and again.
    Flapping,
    /// Three packets in ten are lost: degraded at worst, never an outage.
    Lossy,
    /// Everything takes longer: never an outage.
    Slow,
}

/// A fault, with its time after the beginning.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Whom it hits; a feeder first.
    pub hosts: Vec<u8>,
    pub from: Duration,
    pub to: Duration,
    pub kind: Kind,
}

impl Fault {
    /// When nothing gets through.
    pub fn down(&self) -> Vec<Range<Duration>> {
        match self.kind {
            Kind::Hard | Kind::Reboot | Kind::Cut => Vec::from([self.from..self.to]),
            Kind::Flapping => {
                let starts = (0..).map(|n| self.from + FLAP * 2 * n).take_while(|start| *start + FLAP <= self.to);
                starts.map(|start| start..start + FLAP).collect()
            }
            Kind::Lossy | Kind::Slow => Vec::new(),
        }
    }
}

/// The whole run.
#[derive(Debug, Clone)]
pub struct Schedule {
    pub faults: Vec<Fault>,
    /// When the prober's own uplink is dead.
    pub uplink: Range<Duration>,
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

    fn between(&mut self, least: u64, most: u64) -> Duration {
        Duration::from_millis(least + self.roll(most - least))
    }
}

impl Schedule {
    /// One fault at most per host, so that what is found can be told apart; none touches the uplink's time.
    pub fn from_seed(seed: u64, begun: Instant) -> Self {
        // Neighbouring seeds are to have nothing in common.
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let seconds = Duration::from_secs;
        let halves = [seconds(4)..seconds(42), seconds(58)..seconds(96)];
        let mut faults = Vec::new();
        let kinds = SINGLE.iter().flat_map(|(kind, count)| std::iter::repeat_n(*kind, *count));
        for (number, kind) in (FEEDERS * (CHILDREN + 1)..).zip(kinds) {
            let half = &halves[usize::from(number % 2)];
            let (from, to) = if kind == Kind::Flapping {
                (half.start + dice.between(0, 2_000), half.end)
            } else {
                let from = half.start + dice.between(0, 24_000);
                (from, from + dice.between(5_000, 13_000))
            };
            faults.push(Fault { hosts: vec![number], from, to, kind });
        }
        for feeder in 0..FEEDERS {
            let from = halves[usize::from(feeder % 2)].start + dice.between(0, 24_000);
            let hosts = std::iter::once(feeder).chain(children(feeder)).collect();
            faults.push(Fault { hosts, from, to: from + dice.between(8_000, 13_000), kind: Kind::Cut });
        }
        Self { faults, uplink: seconds(46)..seconds(52), length: seconds(104), begun }
    }

    /// The fate of a packet; lossy lines use the packet's moment as chance.
    pub fn fate(&self, destination: Ipv4Addr, now: Instant) -> Fate {
        let elapsed = now.saturating_duration_since(self.begun);
        if self.uplink.contains(&elapsed) {
            return Fate::Dropped;
        }
        let usual = Duration::from_millis(2 + u64::from(destination.octets()[3]) % 20);
        let hits = |fault: &&Fault| fault.hosts.iter().any(|number| host(*number) == destination);
        let Some(fault) = self.faults.iter().find(hits).filter(|_| destination != ANCHOR) else {
            return Fate::Delayed(usual);
        };
        let is_on = (fault.from..fault.to).contains(&elapsed);
        let is_unlucky = || Dice(elapsed.as_nanos() as u64 | 1).roll(1000) < 300;
        match fault.kind {
            Kind::Hard | Kind::Reboot | Kind::Cut | Kind::Flapping => {
                let is_down = fault.down().iter().any(|down| down.contains(&elapsed));
                if is_down { Fate::Dropped } else { Fate::Delayed(usual) }
            }
            Kind::Lossy if is_on && is_unlucky() => Fate::Dropped,
            Kind::Slow if is_on => Fate::Delayed(usual + STEP),
            Kind::Lossy | Kind::Slow => Fate::Delayed(usual),
        }
    }

    /// When a host was started, after the beginning; none for those that were up before.
    pub fn booted(&self, address: Ipv4Addr, now: Instant) -> Option<Duration> {
        let elapsed = now.saturating_duration_since(self.begun);
        let reboots = self.faults.iter().filter(|fault| fault.kind == Kind::Reboot && host(fault.hosts[0]) == address);
        // A second before it is heard of again.
        reboots.map(|fault| fault.to - Duration::from_secs(1)).find(|booted| *booted <= elapsed)
    }
}

/// What hangs on a feeder.
pub fn children(feeder: u8) -> Range<u8> {
    let first = FEEDERS + feeder * CHILDREN;
    first..first + CHILDREN
}
