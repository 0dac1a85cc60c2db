//! The command line of `phusong watch`.

use std::time::Duration;

use clap::Args;
use phusong_model::config::Seconds;

/// The daemon answers out of its store, which takes milliseconds; more often than this nothing new is in it.
const LEAST: Duration = Duration::from_secs(1);

/// Whoever looks less often does not watch.
const MOST: Duration = Duration::from_secs(3600);

#[derive(Debug, Args)]
pub struct WatchArguments {
    /// From one question to the next, between 1s and 1h
    #[arg(short, long, value_name = "TIME", default_value = "5s", value_parser = interval)]
    pub interval: Seconds,
}

fn interval(text: &str) -> Result<Seconds, String> {
    let length = Seconds::try_from(text.to_owned())?;
    if length.0 < LEAST || length.0 > MOST {
        return Err(format!("between {} and {}", String::from(Seconds(LEAST)), String::from(Seconds(MOST))));
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_asks_without_end_or_never() {
        assert_eq!(interval("5s"), Ok(Seconds(Duration::from_secs(5))));
        assert_eq!(interval("1h"), Ok(Seconds(MOST)));
        for wrong in ["999ms", "2h", "soon", "-5s"] {
            assert!(interval(wrong).is_err(), "{wrong}");
        }
    }
}
