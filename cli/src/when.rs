//! Instants of plans as people write them: the next time of day, a day and a time, or a length from the begin.

use jiff::{Span, civil, tz::TimeZone};
use phusong_model::{UtcMs, fold, glossary::LOCAL_OFFSET};

use crate::since::{SinceError, at_local, civil_time};

/// The instant that `text` means after `base`. A time of day alone is its next one.
pub fn instant(text: &str, base: UtcMs) -> Result<UtcMs, SinceError> {
    let text = text.trim();
    let unreadable = || SinceError::NoInstant(text.to_owned());
    if matches!(fold(text).as_str(), "now" | "baygio") {
        return Ok(base);
    }
    if let Ok(stamp) = text.parse::<jiff::Timestamp>() {
        return Ok(stamp.into());
    }
    if let Some(at) = civil_time(text).and_then(at_local) {
        return Ok(at.into());
    }
    let today = LOCAL_OFFSET.to_datetime(base.timestamp()).date();
    if let Some(time) = time_of_day(text) {
        let on = |day: civil::Date| at_local(day.to_datetime(time)).map(UtcMs::from);
        let first = on(today).filter(|at| *at > base);
        return first.or_else(|| on(today.tomorrow().ok()?)).ok_or_else(unreadable);
    }
    let (day, time) = text.rsplit_once(' ').ok_or_else(unreadable)?;
    let day = match fold(day).as_str() {
        "today" | "homnay" => Some(today),
        "tomorrow" | "mai" | "ngaymai" => today.tomorrow().ok(),
        _ => None,
    };
    let at = day.zip(time_of_day(time)).and_then(|(day, time)| at_local(day.to_datetime(time)));
    at.map(UtcMs::from).ok_or_else(unreadable)
}

/// The instant a length of time after `base`.
pub fn after(text: &str, base: UtcMs) -> Result<UtcMs, SinceError> {
    let no_length = || SinceError::NoLength(text.to_owned());
    let span: Span = text.trim().parse().map_err(|_| no_length())?;
    let from = base.timestamp().to_zoned(TimeZone::fixed(LOCAL_OFFSET));
    let to = UtcMs::from(from.checked_add(span).map_err(|_| no_length())?.timestamp());
    if to > base { Ok(to) } else { Err(no_length()) }
}

/// `22:00`, `22h00`, `22h`.
fn time_of_day(text: &str) -> Option<civil::Time> {
    let (hours, minutes) = text.split_once([':', 'h'])?;
    let number = |text: &str| (text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse::<i8>());
    let minutes = if minutes.is_empty() { 0 } else { number(minutes)?.ok()? };
    civil::Time::new(number(hours)?.ok()?, minutes, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In Viet Nam it is ten in the morning.
    const NOW: &str = "2026-11-23T03:00:00Z";

    fn now() -> UtcMs {
        NOW.parse().expect("now")
    }

    #[test]
    fn people_may_write_it_as_they_like() {
        for (text, expected) in [
            ("now", NOW),
            ("bây giờ", NOW),
            ("22:00", "2026-11-23T15:00:00Z"),
            ("22h", "2026-11-23T15:00:00Z"),
            ("9h30", "2026-11-24T02:30:00Z"),
            ("10:00", "2026-11-24T03:00:00Z"),
            ("today 08:00", "2026-11-23T01:00:00Z"),
            ("tomorrow 01:00", "2026-11-23T18:00:00Z"),
            ("ngày mai 01:00", "2026-11-23T18:00:00Z"),
            ("2026-12-01 22:00", "2026-12-01T15:00:00Z"),
            ("01/12/2026 22:00", "2026-12-01T15:00:00Z"),
            ("2026-12-01T22:00:00+07:00", "2026-12-01T15:00:00Z"),
        ] {
            assert_eq!(instant(text, now()), Ok(expected.parse().expect("time")), "{text}");
        }
        for text in ["", "22", "25:00", "soon", "tomorrow", "next 22:00", "22:0a", "-1:00"] {
            assert_eq!(instant(text, now()), Err(SinceError::NoInstant(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn a_length_is_counted_from_the_begin() {
        let from = |text: &str| after(text, now()).map(|at| at.since(now()).0 / 60_000);
        assert_eq!((from("30m"), from("6h"), from("1d")), (Ok(30), Ok(360), Ok(1440)));
        for text in ["", "0s", "-2h", "six", "9999999 years"] {
            assert_eq!(from(text), Err(SinceError::NoLength(text.to_owned())), "{text}");
        }
    }
}
