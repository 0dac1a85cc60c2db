//! The light that a link receives: how far it is above what the receiver needs, and when it will not be.

use phusong_model::{
    Dbm, Link, UtcMs,
    answer::{LightItem, LightReading},
};

/// What is taken for the limit where nobody wrote one down: the sensitivity of a GPON ONT of class B+ (ITU-T G.984.2).
const LIMIT: Dbm = Dbm(-27.0);

/// Fewer days say nothing about the next ones.
const DAYS_LEAST: f64 = 7.0;

/// Fewer readings say nothing either.
const READINGS_LEAST: usize = 8;

/// A fall slower than this in dB a day is within what readings are rounded to: 0.1 dB in thirty days.
const FALL_LEAST: f64 = 0.1 / 30.0;

/// Nobody plans further ahead, and no trend holds so long.
const DAYS_MOST: f64 = 3650.0;

const DAY_MS: f64 = 86_400_000.0;

/// None when no light was read.
pub(super) fn item(link: &Link, readings: &[(UtcMs, Dbm)]) -> Option<LightItem> {
    let (at, newest) = *readings.last()?;
    let limit = link.rx_limit.unwrap_or(LIMIT);
    let margin = newest.0 - limit.0;
    let change = slope(readings);
    let falls = change.filter(|change| *change <= -FALL_LEAST && margin > 0.0);
    Some(LightItem {
        rx_dbm: newest.0,
        at,
        limit_dbm: limit.0,
        limit_assumed: link.rx_limit.is_none(),
        margin_db: margin,
        change_db_per_day: change,
        days_to_limit: falls.map(|change| margin / -change).filter(|days| *days <= DAYS_MOST),
        readings: readings.iter().map(|(at, dbm)| LightReading { at: *at, rx_dbm: dbm.0 }).collect(),
    })
}

/// The change in dB a day: the median of the slopes between all pairs of readings (Theil 1950, Sen 1968). One dirty
/// connector that was cleaned again, or a day of rain, does not bend it.
fn slope(readings: &[(UtcMs, Dbm)]) -> Option<f64> {
    let (first, last) = (readings.first()?, readings.last()?);
    let days = |from: UtcMs, to: UtcMs| to.since(from).0 as f64 / DAY_MS;
    if readings.len() < READINGS_LEAST || days(first.0, last.0) < DAYS_LEAST {
        return None;
    }
    let mut slopes: Vec<f64> = Vec::new();
    for (number, (from, before)) in readings.iter().enumerate() {
        let later = readings.iter().skip(number + 1).filter(|(to, _)| to > from);
        slopes.extend(later.map(|(to, after)| (after.0 - before.0) / days(*from, *to)));
    }
    slopes.sort_by(f64::total_cmp);
    let middle = slopes.len() / 2;
    let upper = slopes.get(middle).copied()?;
    let lower = slopes.get(slopes.len().saturating_sub(1) / 2).copied()?;
    Some(f64::midpoint(lower, upper))
}

#[cfg(test)]
mod tests {
    use super::*;
    use phusong_model::LinkKind;

    use crate::answer::tests::province::link;

    fn month(dbm: impl Fn(f64) -> f64) -> Vec<(UtcMs, Dbm)> {
        (0..60_i32).map(|half| f64::from(half) / 2.0).map(|day| (UtcMs((day * DAY_MS) as i64), Dbm(dbm(day)))).collect()
    }

    #[test]
    fn a_steady_fall_is_told_with_the_days_that_are_left() {
        let link = Link { rx_limit: Some(Dbm(-24.0)), ..link("f", LinkKind::Fibre, None, &[]) };
        let item = item(&link, &month(|day| -20.0 - 0.05 * day)).expect("light");
        assert!((item.change_db_per_day.expect("a trend") + 0.05).abs() < 1e-9, "{item:?}");
        assert!((item.margin_db - (4.0 - 0.05 * 29.5)).abs() < 1e-9, "{item:?}");
        assert!((item.days_to_limit.expect("days") - 50.5).abs() < 1e-6, "{item:?}");
        assert!(!item.limit_assumed);
    }

    #[test]
    fn one_bad_week_is_no_trend() {
        let link = link("f", LinkKind::Fibre, None, &[]);
        let item = item(&link, &month(|day| if (8.0..14.0).contains(&day) { -26.0 } else { -20.0 })).expect("light");
        assert!(item.change_db_per_day.expect("enough days").abs() < 1e-9 && item.days_to_limit.is_none(), "{item:?}");
        assert!(item.limit_assumed && (item.margin_db - 7.0).abs() < 1e-9);
    }

    #[test]
    fn a_few_days_light_that_grows_and_light_that_is_gone_have_no_end_in_sight() {
        let link = link("f", LinkKind::Fibre, None, &[]);
        let few: Vec<(UtcMs, Dbm)> = month(|day| -20.0 - day).into_iter().take(8).collect();
        assert_eq!(item(&link, &few).expect("light").change_db_per_day, None);
        assert_eq!(item(&link, &month(|day| -26.0 + 0.1 * day)).expect("light").days_to_limit, None);
        assert_eq!(item(&link, &month(|day| -30.0 - 0.1 * day)).expect("light").days_to_limit, None);
        assert_eq!(item(&link, &[]), None);
    }
}
