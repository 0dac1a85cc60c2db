//! What systemd is told: still starting, ready, reloading, stopping, a line of status, and the watchdog's food.

use std::time::Duration;

use sd_notify::NotifyState;

/// How many periods may pass without a finished tick before the watchdog may bite.
const WATCHDOG_PERIODS: u32 = 3;

/// The shortest time the watchdog waits, as the shipped unit has it.
const WATCHDOG_LEAST: Duration = Duration::from_secs(30);

/// How long systemd waits for the next word of a start that goes on: a disk that tries a bad place again and again, and
/// all that SQLite does between two words, take less.
const NEXT_WORD: Duration = Duration::from_secs(300);

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "systemd could not be told");
    }
}

/// Store and configuration are open and questions are answered. Not: InfluxDB is there.
pub(crate) fn ready(status: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// The start takes its time and goes on: without this word systemd kills it after `TimeoutStartSec=`.
pub(crate) fn still_starting(status: &str) {
    let patience = u32::try_from(NEXT_WORD.as_micros()).unwrap_or(u32::MAX);
    tell(&[NotifyState::ExtendTimeoutUsec(patience), NotifyState::Status(status)]);
}

/// A reload has begun. Both words go in one datagram: without the second, newer systemd waits until its time-out.
pub(crate) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::warn!(%error, "the monotonic clock cannot be read"),
    }
}

/// The ordered stop has begun.
pub(crate) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// A tick has ended: the recorder took it or refused it. A full disk does not starve the watchdog.
pub(crate) fn tick_ended(status: &str) {
    tell(&[NotifyState::Watchdog, NotifyState::Status(status)]);
}

/// Gives the watchdog the patience that the period needs. Does nothing where the unit sets no watchdog.
pub(crate) fn watchdog_for(period: Duration) {
    if sd_notify::watchdog_enabled().is_some() {
        let patience = (period * WATCHDOG_PERIODS).max(WATCHDOG_LEAST);
        tell(&[NotifyState::WatchdogUsec(u32::try_from(patience.as_micros()).unwrap_or(u32::MAX))]);
    }
}
