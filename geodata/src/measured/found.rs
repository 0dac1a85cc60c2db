//! What the tests of a place say together.

use phusong_model::{MeasuredSignal, Signal};

use super::record::Sample;
use crate::raster::{SignalClass, SignalThresholds};

/// Fewer tests than this judge nothing. It is what the FCC asks of a challenge at the least: five negative tests in a
/// hexagon (47 CFR 1.7006(e), 87 FR 21476). One is an accident, two are a turn in the road; at walking pace five are
/// some seconds of a log, so that any serious drive has them.
pub(crate) const MIN_TESTS: usize = 5;

/// Sums up tests of one operator and technology; `None` when there are none.
pub(super) fn sum_up(tests: &[&Sample], thresholds: &SignalThresholds) -> Option<MeasuredSignal> {
    let mut levels: Vec<Option<f64>> = tests.iter().map(|test| test.dbm).collect();
    // No network is below every level.
    levels.sort_by(|a, b| a.unwrap_or(f64::NEG_INFINITY).total_cmp(&b.unwrap_or(f64::NEG_INFINITY)));
    let quantile = |of_ten: usize| {
        let rank = (levels.len() * of_ten).div_ceil(10);
        levels.get(rank.saturating_sub(1)).copied().flatten()
    };
    let class = |level: Option<f64>| signal(thresholds, level);
    let worse_than = |limit| levels.iter().filter(|level| class(**level) < limit).count() as u64;
    let median = quantile(5);
    Some(MeasuredSignal {
        class: class(median),
        count: levels.len() as u64,
        without_network: levels.iter().filter(|level| level.is_none()).count() as u64,
        none: worse_than(Signal::Marginal),
        below_full: worse_than(Signal::Full),
        median_dbm: median,
        p10_dbm: quantile(1),
        p90_dbm: quantile(9),
        first: tests.iter().map(|test| test.at).min()?,
        last: tests.iter().map(|test| test.at).max()?,
    })
}

/// The class of a level; none is no network.
fn signal(thresholds: &SignalThresholds, level: Option<f64>) -> Signal {
    match thresholds.class(level) {
        SignalClass::Full => Signal::Full,
        SignalClass::Marginal => Signal::Marginal,
        SignalClass::Nothing | SignalClass::Unknown => Signal::None,
    }
}

#[cfg(test)]
mod tests {
    use phusong_model::{Technology, UtcMs};

    use super::*;
    use crate::{grid::Point, read::Place};

    fn tests(levels: &[Option<f64>]) -> Vec<Sample> {
        let test = |(index, dbm): (usize, &Option<f64>)| Sample {
            at: UtcMs(index as i64),
            point: Point::new(0, 0),
            operator: "viettel".parse().expect("operator"),
            technology: Technology::G4,
            dbm: *dbm,
            cell: None,
            dataset: "drive".into(),
            place: Place::Line(index as u64),
        };
        levels.iter().enumerate().map(test).collect()
    }

    fn found(levels: &[Option<f64>]) -> MeasuredSignal {
        let tests = tests(levels);
        sum_up(&tests.iter().collect::<Vec<_>>(), &SignalThresholds::usual(Technology::G4)).expect("tests")
    }

    #[test]
    fn the_median_decides_and_no_network_is_below_all() {
        let measured = found(&[Some(-120.0), None, Some(-110.0), Some(-90.0), Some(-104.0)]);
        assert_eq!((measured.class, measured.median_dbm), (Signal::Marginal, Some(-110.0)));
        assert_eq!((measured.count, measured.without_network, measured.none, measured.below_full), (5, 1, 2, 3));
        assert_eq!((measured.p10_dbm, measured.p90_dbm), (None, Some(-90.0)));
        assert_eq!((measured.first, measured.last), (UtcMs(0), UtcMs(4)));
        // The lower one of two.
        assert_eq!(found(&[Some(-90.0), Some(-116.0)]).class, Signal::None);
        assert_eq!(found(&[None, None, Some(-60.0)]).median_dbm, None);
        assert!(sum_up(&[], &SignalThresholds::usual(Technology::G4)).is_none());
    }
}
