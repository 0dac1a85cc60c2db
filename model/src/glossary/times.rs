//! Instants and lengths of time as each language writes them, in the time of Viet Nam.

use jiff::{Timestamp, civil, tz::Offset};

use super::Lang;
use crate::{Millis, UtcMs};

/// Viet Nam's offset from UTC. It has no summer time and has been at +07 since 1975, so that no time-zone data is needed.
pub const LOCAL_OFFSET: Offset = Offset::constant(7);

fn local(at: UtcMs) -> civil::DateTime {
    let stamp = at.timestamp();
    // The offset cannot be applied in the last hours that a time stamp can hold; no clock of ours goes there.
    if stamp > Timestamp::MAX - jiff::SignedDuration::from_hours(24) {
        return Offset::UTC.to_datetime(stamp);
    }
    LOCAL_OFFSET.to_datetime(stamp)
}

/// Date and time to the second: `22/11/2026 14:05:12` and `2026-11-22 14:05:12`.
#[must_use]
pub fn instant(lang: Lang, at: UtcMs) -> String {
    let pattern = lang.of(("%d/%m/%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S"));
    local(at).strftime(pattern).to_string()
}

/// The date alone: `22/11/2026` and `2026-11-22`.
#[must_use]
pub fn date_of(lang: Lang, at: UtcMs) -> String {
    local(at).strftime(lang.of(("%d/%m/%Y", "%Y-%m-%d"))).to_string()
}

/// As short as it can be told from `now`: the time of today, day and time of this year, the date of other years.
#[must_use]
pub fn moment(lang: Lang, at: UtcMs, now: UtcMs) -> String {
    let (at, now) = (local(at), local(now));
    let pattern = if at.date() == now.date() {
        "%H:%M"
    } else if at.year() == now.year() {
        lang.of(("%d/%m %H:%M", "%d %b %H:%M"))
    } else {
        lang.of(("%d/%m/%Y", "%Y-%m-%d"))
    };
    at.strftime(pattern).to_string()
}

/// A date that a file wrote as `YYYY-MM-DD`, as the language writes it; anything else stays as it is.
#[must_use]
pub fn date(lang: Lang, text: &str) -> String {
    match text.parse::<civil::Date>() {
        Ok(date) => date.strftime(lang.of(("%d/%m/%Y", "%Y-%m-%d"))).to_string(),
        Err(_) => text.to_owned(),
    }
}

/// A length of time by its two largest units: `43 phút`, `2 giờ 5 phút`, `3 ngày` and `43 min`, `2 h 5 min`, `3 d`.
#[must_use]
pub fn duration(lang: Lang, length: Millis) -> String {
    let seconds = length.0.max(0) / 1000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let (second, minute, hour, day) = lang.of((("giây", "phút", "giờ", "ngày"), ("s", "min", "h", "d")));
    match () {
        () if days > 0 => two(days, day, hours % 24, hour),
        () if hours > 0 => two(hours, hour, minutes % 60, minute),
        () if minutes > 0 => format!("{minutes} {minute}"),
        () => format!("{seconds} {second}"),
    }
}

fn two(large: i64, large_unit: &str, small: i64, small_unit: &str) -> String {
    if small == 0 { format!("{large} {large_unit}") } else { format!("{large} {large_unit} {small} {small_unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::glossary::Lang::{En, Vi};

    fn at(text: &str) -> UtcMs {
        text.parse().expect("time")
    }

    #[test]
    fn lengths_take_their_two_largest_units() {
        let both = |s: i64| (duration(Vi, Millis::from_secs(s)), duration(En, Millis::from_secs(s)));
        assert_eq!(both(-5), ("0 giây".into(), "0 s".into()));
        assert_eq!(both(59), ("59 giây".into(), "59 s".into()));
        assert_eq!(both(2585), ("43 phút".into(), "43 min".into()));
        assert_eq!(both(7500), ("2 giờ 5 phút".into(), "2 h 5 min".into()));
        assert_eq!(both(86_400 * 3 + 7), ("3 ngày".into(), "3 d".into()));
        assert_eq!(both(86_400 + 3600), ("1 ngày 1 giờ".into(), "1 d 1 h".into()));
    }

    #[test]
    fn instants_are_shown_in_viet_nam() {
        let (shown, now) = (at("2026-11-22T18:30:00Z"), at("2026-11-23T05:00:00Z"));
        assert_eq!(instant(Vi, shown), "23/11/2026 01:30:00");
        assert_eq!(instant(En, shown), "2026-11-23 01:30:00");
        assert_eq!(moment(Vi, shown, now), "01:30");
        assert_eq!(moment(Vi, at("2026-11-22T16:59:00Z"), now), "22/11 23:59");
        assert_eq!(moment(En, at("2026-11-22T16:59:00Z"), now), "22 Nov 23:59");
        assert_eq!(moment(Vi, at("2025-12-31T16:59:00Z"), now), "31/12/2025");
        assert_eq!((date(Vi, "2026-06-30"), date(Vi, "quý II")), ("30/06/2026".into(), "quý II".into()));
        assert!(!instant(Vi, UtcMs(i64::MAX)).is_empty() && !instant(Vi, UtcMs(i64::MIN)).is_empty());
    }
}
