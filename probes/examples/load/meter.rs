//! What a piece of work costs this process.

use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};

/// Processor time and memory of this process since the load began.
#[derive(Debug)]
pub struct Meter {
    /// In KiB.
    pub rss_before: i64,
    /// In KiB, at the end of the first piece.
    pub rss_peak: i64,
    /// User and system time in seconds.
    pub cpu: f64,
    /// In seconds.
    pub wall: f64,
}

impl Meter {
    /// Before there is a target: program, runtime and sockets stand.
    pub fn start() -> nix::Result<Self> {
        let rss_before = peak_rss_kib()?;
        Ok(Self { rss_before, rss_peak: rss_before, cpu: 0.0, wall: 0.0 })
    }

    /// Measures a piece of work. What this program itself keeps between two pieces is not the prober's: only the first
    /// piece counts for the memory.
    pub fn measure<T>(&mut self, work: impl FnOnce() -> T) -> nix::Result<T> {
        let (cpu, start) = (cpu_seconds()?, Instant::now());
        let outcome = work();
        if self.wall == 0.0 {
            self.rss_peak = peak_rss_kib()?;
        }
        self.cpu += cpu_seconds()? - cpu;
        self.wall += start.elapsed().as_secs_f64();
        Ok(outcome)
    }
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

/// With four decimals.
pub fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}
