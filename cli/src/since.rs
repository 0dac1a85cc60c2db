//! `--since`, `--until` and `--month`: instants and months as people write them.

use jiff::{SignedDuration, Span, Timestamp, civil, tz::TimeZone};
use phusong_model::{
    UtcMs, Window, fold,
    glossary::{LOCAL_OFFSET, Lang},
};
use thiserror::Error;

/// Why a text is no instant or month of the past.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SinceError {
    /// The text is none of the forms.
    #[error("{0:?} is not a time")]
    Unreadable(String),
    /// The instant has not come yet.
    #[error("{0:?} is in the future")]
    Future(String),
    /// The text is no month.
    #[error("{0:?} is not a month")]
    NoMonth(String),
    /// The text is no instant of a plan.
    #[error("{0:?} is not a time")]
    NoInstant(String),
    /// The text may be a time of day and a length.
    #[error("{0:?} is a time of day or a length")]
    Ambiguous(String),
    /// What is planned would be over by now.
    #[error("{0:?} is over")]
    Over(String),
    /// The text is no length of time, or an empty one.
    #[error("{0:?} is not a length of time")]
    NoLength(String),
}

impl SinceError {
    /// The fact and what may be written instead.
    pub fn message(&self, lang: Lang) -> String {
        let examples = "2h, 1d12h, 2026-11-01, \"2026-11-01 14:05\", 01/11/2026, 2026-11-01T07:05:00Z";
        match self {
            Self::Unreadable(text) => format!(
                "{text:?} {}\n  {}: {examples}, {}",
                lang.of(("không phải là thời điểm", "is not a time")),
                lang.of(("ví dụ", "such as")),
                lang.of((
                    "\"hôm nay\", \"hôm qua\", \"tuần này\", \"tháng trước\"",
                    "today, yesterday, \"this week\", \"last month\""
                )),
            ),
            Self::Future(text) => format!(
                "{text:?} {}\n  {}",
                lang.of(("nằm trong tương lai", "is in the future")),
                lang.of(("khung thời gian kết thúc ở hiện tại", "the window ends now")),
            ),
            Self::Over(text) => format!(
                "{text:?} {}",
                lang.of(("đã qua, kể cả thời gian họp", "and the length of the meeting are over")),
            ),
            Self::NoInstant(text) => format!(
                "{text:?} {}\n  {}: 22:00, \"2026-12-01 22:00\", 01/12/2026 22:00, {}",
                lang.of(("không phải là thời điểm", "is not a time")),
                lang.of(("ví dụ", "such as")),
                lang.of(("\"ngày mai 01:00\", now", "\"tomorrow 01:00\", now")),
            ),
            Self::Ambiguous(text) => {
                let hours = text.trim_end_matches('h');
                lang.pick(
                    format!("{text:?} là {hours} giờ đúng hay sau {hours} tiếng?\n  viết --to {hours:0>2}:00 hoặc --for {text}"),
                    format!("{text:?} is a time of day or a length\n  write --to {hours:0>2}:00 or --for {text}"),
                )
            }
            Self::NoLength(text) => format!(
                "{text:?} {}\n  {}: 30m, 6h, 1h30m",
                lang.of(("không phải là khoảng thời gian", "is not a length of time")),
                lang.of(("ví dụ", "such as")),
            ),
            Self::NoMonth(text) => format!(
                "{text:?} {}\n  {}: 2026-11, 11/2026, {}",
                lang.of(("không phải là tháng", "is not a month")),
                lang.of(("ví dụ", "such as")),
                lang.of(("\"tháng này\", \"tháng trước\"", "\"this month\", \"last month\"")),
            ),
        }
    }
}

/// The instant that `text` means at `now`, of a day, week or month its start. Dates and times without an offset are those
/// of Viet Nam.
pub fn parse(text: &str, now: UtcMs) -> Result<UtcMs, SinceError> {
    let text = text.trim();
    let at = period(text, now)
        .and_then(|(first, _)| at_local(first.at(0, 0, 0, 0)))
        .or_else(|| text.parse::<Timestamp>().ok())
        .or_else(|| civil_time(text).and_then(at_local))
        .or_else(|| ago(text, now))
        .ok_or_else(|| SinceError::Unreadable(text.to_owned()))?;
    let at = UtcMs::from(at).max(UtcMs::MIN);
    if at > now { Err(SinceError::Future(text.to_owned())) } else { Ok(at) }
}

/// The instant up to which `text` means at `now`: a day, week or month is meant with all of its hours, as far as they are
/// over.
pub fn parse_end(text: &str, now: UtcMs) -> Result<UtcMs, SinceError> {
    let start = parse(text, now)?;
    let text = text.trim();
    let day = || {
        let day = LOCAL_OFFSET.to_datetime(start.timestamp()).date();
        (!text.contains(':') && civil_time(text).is_some()).then(|| day.tomorrow().ok()).flatten()
    };
    let next = period(text, now).map(|(_, next)| next).or_else(day);
    let end = next.and_then(|next| at_local(next.at(0, 0, 0, 0)));
    Ok(end.map_or(start, |end| UtcMs::from(end).min(now)))
}

/// The month that `text` means at `now`, in Viet Nam; one that is not over ends with it all the same.
pub fn month(text: &str, now: UtcMs) -> Result<Window, SinceError> {
    let text = text.trim();
    let first = match fold(text).as_str() {
        "thismonth" | "thangnay" | "lastmonth" | "thangtruoc" => period(text, now).map(|(first, _)| first),
        _ => written_month(text),
    };
    let window = first.and_then(|first| {
        let next = first.checked_add(Span::new().months(1)).ok()?;
        let start = |date: civil::Date| at_local(date.at(0, 0, 0, 0)).map(UtcMs::from);
        Some(Window::new(start(first)?, start(next)?))
    });
    let window = window.ok_or_else(|| SinceError::NoMonth(text.to_owned()))?;
    if window.from > now { Err(SinceError::Future(text.to_owned())) } else { Ok(window) }
}

/// `2026-11` and `11/2026`.
fn written_month(text: &str) -> Option<civil::Date> {
    let (year, month) = match text.split_once('-') {
        Some(parts) => parts,
        None => text.split_once('/').map(|(month, year)| (year, month))?,
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_month = year.len() == 4 && month.len() <= 2 && digits(year) && digits(month);
    let (year, month) = (year.parse().ok()?, month.parse().ok()?);
    is_month.then(|| civil::Date::new(year, month, 1).ok()).flatten()
}

/// The first day of a day, week or month with a name, and the first day after it. Weeks begin on Monday.
fn period(text: &str, now: UtcMs) -> Option<(civil::Date, civil::Date)> {
    let today = LOCAL_OFFSET.to_datetime(now.timestamp()).date();
    let monday = today.checked_sub(Span::new().days(i64::from(today.weekday().to_monday_zero_offset()))).ok()?;
    let (first, length) = match fold(text).as_str() {
        "today" | "homnay" => (today, Span::new().days(1)),
        "yesterday" | "homqua" => (today.yesterday().ok()?, Span::new().days(1)),
        "thisweek" | "tuannay" => (monday, Span::new().weeks(1)),
        "lastweek" | "tuantruoc" => (monday.checked_sub(Span::new().weeks(1)).ok()?, Span::new().weeks(1)),
        "thismonth" | "thangnay" => (today.first_of_month(), Span::new().months(1)),
        "lastmonth" | "thangtruoc" => {
            (today.first_of_month().yesterday().ok()?.first_of_month(), Span::new().months(1))
        }
        _ => return None,
    };
    Some((first, first.checked_add(length).ok()?))
}

pub fn civil_time(text: &str) -> Option<civil::DateTime> {
    // jiff reads a date and a time with any offset as their civil part; what has an offset was read before.
    let iso = || text.parse::<civil::DateTime>().ok();
    let vietnamese = || civil::DateTime::strptime("%d/%m/%Y %H:%M", text).ok();
    let vietnamese_date = || civil::Date::strptime("%d/%m/%Y", text).ok().map(|date| date.at(0, 0, 0, 0));
    iso().or_else(vietnamese).or_else(vietnamese_date)
}

pub fn at_local(time: civil::DateTime) -> Option<Timestamp> {
    LOCAL_OFFSET.to_timestamp(time).ok()
}

/// `2 giờ`, `30 phút`, `3 ngày`, `2 tuần` as `2h`, `30m`, `3d`, `2w`.
fn in_english(text: &str) -> Option<String> {
    let folded = fold(text);
    let units = [("phut", "m"), ("gio", "h"), ("ngay", "d"), ("tuan", "w")];
    let number = |unit: &str| folded.strip_suffix(unit).filter(|number| number.bytes().all(|b| b.is_ascii_digit()));
    units.into_iter().find_map(|(unit, letter)| {
        number(unit).filter(|number| !number.is_empty()).map(|number| format!("{number}{letter}"))
    })
}

/// A length of time back from now; `2h ago` and `-2h` mean the same as `2h`.
fn ago(text: &str, now: UtcMs) -> Option<Timestamp> {
    let english = in_english(text);
    let text = english.as_deref().unwrap_or(text);
    let span: Span = text.parse().ok()?;
    let now = now.timestamp().to_zoned(TimeZone::fixed(LOCAL_OFFSET));
    let start = now.checked_sub(span.abs()).ok()?.timestamp();
    (start.duration_since(now.timestamp()) <= SignedDuration::ZERO).then_some(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-23T03:00:00Z";

    fn since(text: &str) -> Result<String, SinceError> {
        parse(text, NOW.parse().expect("now")).map(|at| at.to_string())
    }

    #[test]
    fn people_may_write_it_as_they_like() {
        for (text, expected) in [
            ("2h", "2026-11-23T01:00:00.000Z"),
            ("2h ago", "2026-11-23T01:00:00.000Z"),
            ("2 giờ", "2026-11-23T01:00:00.000Z"),
            ("30 phút", "2026-11-23T02:30:00.000Z"),
            ("3 ngày", "2026-11-20T03:00:00.000Z"),
            ("1d12h", "2026-11-21T15:00:00.000Z"),
            ("90 minutes", "2026-11-23T01:30:00.000Z"),
            ("P1D", "2026-11-22T03:00:00.000Z"),
            ("1 month", "2026-10-23T03:00:00.000Z"),
            ("2026-11-01", "2026-10-31T17:00:00.000Z"),
            ("2026-11-01 14:05", "2026-11-01T07:05:00.000Z"),
            ("2026-11-01T14:05", "2026-11-01T07:05:00.000Z"),
            ("01/11/2026", "2026-10-31T17:00:00.000Z"),
            ("01/11/2026 14:05", "2026-11-01T07:05:00.000Z"),
            ("2026-11-01T07:05:00Z", "2026-11-01T07:05:00.000Z"),
            ("2026-11-01T14:05:00+07:00", "2026-11-01T07:05:00.000Z"),
            ("today", "2026-11-22T17:00:00.000Z"),
            ("Hôm nay", "2026-11-22T17:00:00.000Z"),
            ("yesterday", "2026-11-21T17:00:00.000Z"),
            ("hom qua", "2026-11-21T17:00:00.000Z"),
            ("this week", "2026-11-22T17:00:00.000Z"),
            ("Tuần trước", "2026-11-15T17:00:00.000Z"),
            ("this month", "2026-10-31T17:00:00.000Z"),
            ("tháng trước", "2026-09-30T17:00:00.000Z"),
            ("1900-01-01", "1970-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(since(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_day_ends_with_its_last_hour() {
        let end = |text: &str| parse_end(text, NOW.parse().expect("now")).map(|at| at.to_string());
        for (text, expected) in [
            ("2026-11-21", "2026-11-21T17:00:00.000Z"),
            ("21/11/2026", "2026-11-21T17:00:00.000Z"),
            ("hôm qua", "2026-11-22T17:00:00.000Z"),
            ("today", "2026-11-23T03:00:00.000Z"),
            ("last month", "2026-10-31T17:00:00.000Z"),
            ("tuần trước", "2026-11-22T17:00:00.000Z"),
            ("this month", "2026-11-23T03:00:00.000Z"),
            ("2026-11-21 14:05", "2026-11-21T07:05:00.000Z"),
            ("2h", "2026-11-23T01:00:00.000Z"),
        ] {
            assert_eq!(end(text).as_deref(), Ok(expected), "{text}");
        }
        assert!(end("2026-11-24").is_err(), "it has not begun");
    }

    #[test]
    fn nonsense_is_refused_with_examples() {
        for text in ["", "soon", "2", "2026-13-01", "31/02/2026", "14:05", "2h3x", "2026", "99999 years"] {
            assert_eq!(since(text), Err(SinceError::Unreadable(text.to_owned())));
        }
        assert!(SinceError::Unreadable("soon".to_owned()).message(Lang::Vi).contains("hôm qua"));
    }

    #[test]
    fn a_month_is_that_of_viet_nam() {
        let month = |text: &str| month(text, NOW.parse().expect("now")).map(|window| (window.from, window.to));
        let of = |from: &str, to: &str| Ok((from.parse().expect("time"), to.parse().expect("time")));
        let october = of("2026-09-30T17:00:00Z", "2026-10-31T17:00:00Z");
        for text in ["2026-10", "10/2026", "last month", "Tháng trước"] {
            assert_eq!(month(text), october, "{text}");
        }
        assert_eq!(month("this month"), of("2026-10-31T17:00:00Z", "2026-11-30T17:00:00Z"));
        assert_eq!(month("2024-2").map(|(from, to)| to.since(from).0 / 86_400_000), Ok(29));
        assert_eq!(month("2026-12"), Err(SinceError::Future("2026-12".to_owned())));
        for text in ["", "october", "2026", "2026-13", "26-10", "2026-10-01", "10/26", "-10"] {
            assert_eq!(month(text), Err(SinceError::NoMonth(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn the_future_is_refused() {
        for text in ["2026-11-24", "2026-11-23T03:00:01Z"] {
            assert_eq!(since(text), Err(SinceError::Future(text.to_owned())));
        }
        assert!(since(NOW).is_ok());
    }
}
