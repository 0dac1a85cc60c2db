//! What the questions of a storm night take on the command line.

use clap::Args;
use phusong_model::{Millis, UtcMs, answer::MEETING_LENGTH};

use crate::{since::SinceError, when};

#[derive(Debug, Args)]
pub struct ReadyArguments {
    /// When the meeting begins: 14:00 (the next one), "tomorrow 08:00", "2026-12-01 08:00", RFC 3339 [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<String>,

    /// How long it lasts: 90m, 3h [default: 2h]
    #[arg(long = "for", id = "meeting_length", value_name = "LENGTH")]
    length: Option<String>,
}

impl ReadyArguments {
    /// When the meeting begins and how long it lasts, as far as that was said.
    pub fn window(&self, now: UtcMs) -> Result<(Option<UtcMs>, Option<Millis>), SinceError> {
        let at = self.at.as_deref().map(|text| when::instant(text, now)).transpose()?;
        let begin = at.unwrap_or(now);
        let end = self.length.as_deref().map(|text| when::after(text, begin)).transpose()?;
        let length = end.map(|end| end.since(begin));
        match &self.at {
            // One that is under way may be asked about.
            Some(text) if begin.plus(length.unwrap_or(MEETING_LENGTH)) < now => Err(SinceError::Over(text.clone())),
            Some(_) | None => Ok((at, length)),
        }
    }
}

#[derive(Debug, Args)]
pub struct TreeArguments {
    /// Branches where all is well too
    #[arg(long)]
    pub all: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(at: Option<&str>, length: Option<&str>) -> Result<(Option<i64>, Option<i64>), SinceError> {
        let now: UtcMs = "2026-11-23T03:00:00Z".parse().expect("now");
        let arguments = ReadyArguments { at: at.map(str::to_owned), length: length.map(str::to_owned) };
        let minutes = |length: Millis| length.0 / 60_000;
        arguments.window(now).map(|(at, length)| (at.map(|at| minutes(at.since(now))), length.map(minutes)))
    }

    #[test]
    fn a_meeting_is_ahead_or_under_way() {
        assert_eq!(window(None, None), Ok((None, None)));
        // In Viet Nam it is ten in the morning.
        assert_eq!(window(Some("14:00"), Some("3h")), Ok((Some(240), Some(180))));
        assert_eq!(window(Some("2026-11-23 09:30"), Some("1h")), Ok((Some(-30), Some(60))));
        let over = Err(SinceError::Over("2026-11-23 09:30".to_owned()));
        assert_eq!(window(Some("2026-11-23 09:30"), Some("20m")), over);
        assert_eq!(window(Some("2026-11-23 09:30"), None), Ok((Some(-30), None)));
        assert_eq!(window(Some("soon"), None), Err(SinceError::NoInstant("soon".to_owned())));
    }
}
