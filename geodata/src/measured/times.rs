//! Times as files write them.

use jiff::{
    Timestamp, civil,
    fmt::strtime,
    tz::{Offset, TimeZone},
};
use phusong_model::{ColumnMapping, Millis, UtcMs, config::MeasuredAge};

use crate::read::{Wrong, shown, wrong};

/// The zone of tables that name none. Its offset is written here, so that no database of zones is asked for it: seven
/// hours since 13 June 1975, in summer and winter.
const VIETNAM: &str = "Asia/Ho_Chi_Minh";
/// Hours of [`VIETNAM`] ahead of UTC.
const VIETNAM_HOURS: i8 = 7;

/// How the times of a file are to be read.
#[derive(Debug)]
pub(super) struct Times {
    format: Option<String>,
    zone: TimeZone,
}

impl Times {
    /// GPX 1.1: times are of UTC, whether they say so or not.
    pub(super) fn utc() -> Self {
        Self { format: None, zone: TimeZone::UTC }
    }

    /// As the mapping of a table says.
    pub(super) fn of(mapping: &ColumnMapping) -> Result<Self, Wrong> {
        let name = mapping.time_zone.as_deref().unwrap_or(VIETNAM);
        Ok(Self { format: mapping.time_format.clone(), zone: zone(name)? })
    }

    /// The instant of a text.
    pub(super) fn read(&self, text: &str) -> Result<UtcMs, Wrong> {
        let text = text.trim();
        let read = match &self.format {
            // A moment of a workbook comes as 2026-01-12T08:30:00, whatever format its texts have.
            Some(format) => self.formatted(format, text).or_else(|| self.standard(text).filter(|_| text.contains('T'))),
            None => self.standard(text),
        };
        match (read, &self.format) {
            (Some(at), _) => Ok(at.into()),
            (None, Some(format)) => wrong(
                format!("time {:?} is not written as {:?}", shown(text), shown(format)),
                "correct time_format: %Y year, %m month, %d day, %H hour, %M minute, %S second, %z offset",
            ),
            (None, None) => wrong(
                format!("time {:?} is not a time", shown(text)),
                "write it as 2026-01-12T08:30:00+07:00, or say time_format in the mapping file",
            ),
        }
    }

    fn standard(&self, text: &str) -> Option<Timestamp> {
        text.parse().ok().or_else(|| self.local(text.parse().ok()?))
    }

    fn formatted(&self, format: &str, text: &str) -> Option<Timestamp> {
        let broken = strtime::parse(format, text).ok()?;
        broken.to_timestamp().ok().or_else(|| self.local(broken.to_datetime().ok()?))
    }

    fn local(&self, time: civil::DateTime) -> Option<Timestamp> {
        self.zone.to_timestamp(time).ok()
    }
}

/// When a day starts in Viet Nam; `None` when the text is no date written as `YYYY-MM-DD`.
pub(super) fn start_of_day(date: &str) -> Option<UtcMs> {
    let midnight = date.parse::<civil::Date>().ok()?.at(0, 0, 0, 0);
    vietnam().to_timestamp(midnight).ok().map(UtcMs::from)
}

/// The day of an instant in Viet Nam, as `YYYY-MM-DD`.
pub(super) fn day_of(at: UtcMs) -> String {
    vietnam().to_datetime(at.timestamp()).date().to_string()
}

/// So many days.
pub(super) fn days(age: MeasuredAge) -> Millis {
    Millis::from_secs(i64::from(age.days()) * 86_400)
}

fn vietnam() -> TimeZone {
    TimeZone::fixed(Offset::constant(VIETNAM_HOURS))
}

fn zone(name: &str) -> Result<TimeZone, Wrong> {
    if name == VIETNAM {
        return Ok(vietnam());
    }
    let known = TimeZone::get(name).ok().or_else(|| offset(name));
    known.ok_or_else(|| {
        let hint = "write Asia/Ho_Chi_Minh, UTC, or an offset such as +07:00";
        (format!("time_zone {:?} is not known", shown(name)), hint.to_owned())
    })
}

/// `+07:00`.
fn offset(text: &str) -> Option<TimeZone> {
    let offset = strtime::parse("%:z", text).ok()?.offset()?;
    Some(TimeZone::fixed(offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(format: Option<&str>, zone: Option<&str>) -> Times {
        let mapping = ColumnMapping {
            time_format: format.map(str::to_owned),
            time_zone: zone.map(str::to_owned),
            ..ColumnMapping::default()
        };
        Times::of(&mapping).expect("times")
    }

    #[test]
    fn one_instant_in_many_ways() {
        let at: UtcMs = "2026-01-12T01:30:00Z".parse().expect("an instant");
        for (format, zone, text) in [
            (None, None, "2026-01-12T08:30:00+07:00"),
            (None, None, "2026-01-12 08:30:00"),
            (None, Some("UTC"), "2026-01-12T01:30:00"),
            (None, Some("+09:00"), "2026-01-12T10:30:00"),
            (Some("%d/%m/%Y %H:%M:%S"), None, "12/01/2026 08:30:00"),
            (Some("%Y.%m.%d_%H.%M.%S"), None, "2026.01.12_08.30.00"),
            (Some("%d/%m/%Y %H:%M %:z"), None, "12/01/2026 03:30 +02:00"),
            (Some("%d/%m/%Y %H:%M"), None, "2026-01-12T08:30:00"),
        ] {
            assert_eq!(times(format, zone).read(text), Ok(at), "{format:?} {zone:?} {text}");
        }
        assert_eq!(Times::utc().read("2026-01-12T01:30:00"), Ok(at));
    }

    #[test]
    fn what_is_no_time_is_told() {
        for text in ["", "12/01/2026", "2026-02-30T00:00:00Z", "yesterday", "1768181400"] {
            assert!(times(None, None).read(text).is_err(), "{text}");
        }
        assert!(times(Some("%d/%m/%Y"), None).read("2026-01-12").is_err_and(|(said, _)| said.contains("%d/%m/%Y")));
        let mapping = ColumnMapping { time_zone: Some("Hanoi".to_owned()), ..ColumnMapping::default() };
        assert!(Times::of(&mapping).is_err_and(|(said, _)| said.contains("Hanoi")));
    }
}
