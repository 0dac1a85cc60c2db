//! From the signal at the points of a settlement to its grade.
//!
//! The signal of a point may be known only in part: one layer knows the place and another does not. It lies then between
//! the least that is certain and the most that is possible, and so does the share of households that are served.

use phusong_model::{
    Grade, LonLat, RuleMark, Settlement,
    config::{CoverageRule, PlaceSignal, RulePoint},
};
use sha2::{Digest, Sha256};

use crate::fingerprint::hex;

/// Digits of the hash that tells rules apart.
const HASH_DIGITS: usize = 12;
/// A share of households so near to the threshold is rounding.
const ROUNDING: f64 = 1e-12;

/// The signal of a point in a layer, worst first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PointClass {
    /// There is none.
    #[default]
    None,
    /// There is some.
    Marginal,
    /// It holds.
    Full,
}

/// What is known of the signal of a point.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Reach {
    /// At least this.
    pub(crate) least: PointClass,
    /// At most this.
    pub(crate) most: PointClass,
}

/// What is known of a place that no layer speaks of.
pub(crate) const UNKNOWN: Reach = Reach { least: PointClass::None, most: PointClass::Full };

/// The grade of a settlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// The grade; full where it is not known to be patchy.
    pub(crate) grade: Grade,
    /// There is signal, and nobody knows whether it is patchy.
    pub(crate) patchiness_unknown: bool,
}

impl From<PlaceSignal> for PointClass {
    fn from(signal: PlaceSignal) -> Self {
        match signal {
            PlaceSignal::Marginal => Self::Marginal,
            PlaceSignal::Full => Self::Full,
        }
    }
}

impl Reach {
    /// Known for certain.
    pub(crate) const fn of(class: PointClass) -> Self {
        Self { least: class, most: class }
    }

    /// What one of two gives, whichever is better.
    pub(crate) fn or(self, other: Self) -> Self {
        Self { least: self.least.max(other.least), most: self.most.max(other.most) }
    }
}

/// What figures say of the rule.
pub(crate) fn mark(rule: &CoverageRule, assumed: bool) -> RuleMark {
    // Its keys stand in the order of the type.
    let text = serde_json::to_string(rule).unwrap_or_default();
    RuleMark {
        name: rule.name.clone(),
        hash: hex(&Sha256::digest(text)).chars().take(HASH_DIGITS).collect(),
        assumed,
        patchy_households: rule.patchy_households,
        operators: rule.operators,
        floor: rule.floor,
        floor_since: rule.floor_since.clone(),
    }
}

/// The points of a settlement that count, with the weight of each: its households, or what stands for them.
pub(crate) fn points_of(rule: &CoverageRule, settlement: &Settlement) -> Vec<(LonLat, f64)> {
    let alone = vec![(settlement.at, 1.0)];
    if settlement.clusters.is_empty() || !rule.points.contains(&RulePoint::Clusters) {
        return alone;
    }
    let counted: Vec<f64> =
        settlement.clusters.iter().filter_map(|cluster| cluster.households.map(as_weight)).collect();
    let mean = if counted.is_empty() { 1.0 } else { counted.iter().sum::<f64>() / counted.len() as f64 };
    let weight = |households: Option<u64>| households.map_or(mean, as_weight);
    let clusters = settlement.clusters.iter().map(|cluster| (cluster.at, weight(cluster.households)));
    let mut points: Vec<(LonLat, f64)> = Vec::new();
    if rule.points.contains(&RulePoint::Centre) {
        let apart: f64 = clusters.clone().map(|(_, weight)| weight).sum();
        let own = settlement.households.map_or(mean, |households| (as_weight(households) - apart).max(0.0));
        points.push((settlement.at, own));
    }
    points.extend(clusters);
    if points.iter().all(|(_, weight)| *weight == 0.0) {
        // Nobody is counted anywhere, so that each point is as good as another.
        points.iter_mut().for_each(|(_, weight)| *weight = 1.0);
    }
    points
}

/// More households than 2⁵³ are in no country.
fn as_weight(households: u64) -> f64 {
    households as f64
}

/// The signal of a point where any operator may serve, of what each operator gives: what so many of them give is certain
/// or possible, and a single one still gives marginal signal.
pub(crate) fn of_operators(reaches: &[Reach], needed: u8) -> Reach {
    let best = reaches.iter().copied().reduce(Reach::or).unwrap_or_default();
    if needed <= 1 {
        return best;
    }
    let together = |class: fn(&Reach) -> PointClass| {
        let full = reaches.iter().filter(|reach| class(reach) == PointClass::Full).count();
        if full >= usize::from(needed) { PointClass::Full } else { class(&best).min(PointClass::Marginal) }
    };
    Reach { least: together(|reach| reach.least), most: together(|reach| reach.most) }
}

/// The signal of a point that so many operators have to give, of what each gives: the worst of the best so many. `None`
/// when there are not so many.
pub(crate) fn nth_best(reaches: &[Reach], count: usize) -> Option<Reach> {
    let nth = |class: fn(&Reach) -> PointClass| {
        let mut classes: Vec<PointClass> = reaches.iter().map(class).collect();
        classes.sort_unstable_by(|a, b| b.cmp(a));
        classes.get(count.checked_sub(1)?).copied()
    };
    Some(Reach { least: nth(|reach| reach.least)?, most: nth(|reach| reach.most)? })
}

/// The grade of a settlement by the signal and weight of its points, the centre alone where it has no others. `None` when
/// nobody knows whether it has signal at all.
pub(crate) fn judge(rule: &CoverageRule, points: &[(Reach, f64)]) -> Option<Verdict> {
    let (signal, served) = (PointClass::from(rule.signal_from), PointClass::from(rule.served_from));
    if points.iter().all(|(reach, _)| reach.most < signal) {
        return Some(Verdict { grade: Grade::None, patchiness_unknown: false });
    }
    if points.iter().all(|(reach, _)| reach.least < signal) {
        return None;
    }
    let undecided = Verdict { grade: Grade::Full, patchiness_unknown: true };
    let patchy = Verdict { grade: Grade::Patchy, patchiness_unknown: false };
    if let [(centre, _)] = points {
        // The centre tells nothing of houses elsewhere, unless its own signal is poor.
        return Some(if centre.most < served { patchy } else { undecided });
    }
    let all: f64 = points.iter().map(|(_, weight)| weight).sum();
    let share = |class: fn(&Reach) -> PointClass| {
        points.iter().filter(|(reach, _)| class(reach) >= served).map(|(_, weight)| weight).sum::<f64>() / all
    };
    let enough = rule.patchy_households - ROUNDING;
    Some(if share(|reach| reach.least) >= enough {
        Verdict { grade: Grade::Full, patchiness_unknown: false }
    } else if share(|reach| reach.most) < enough {
        patchy
    } else {
        undecided
    })
}

#[cfg(test)]
mod tests {
    use phusong_model::{DwellingCluster, GridPower};
    use proptest::prelude::*;

    use super::*;

    const NONE: Reach = Reach::of(PointClass::None);
    const MARGINAL: Reach = Reach::of(PointClass::Marginal);
    const FULL: Reach = Reach::of(PointClass::Full);

    fn verdict(points: &[(Reach, f64)]) -> &'static str {
        match judge(&CoverageRule::default(), points) {
            None => "unknown",
            Some(Verdict { grade: Grade::None, .. }) => "none",
            Some(Verdict { grade: Grade::Patchy, .. }) => "patchy",
            Some(Verdict { grade: Grade::Full, patchiness_unknown: false }) => "full",
            Some(Verdict { grade: Grade::Full, patchiness_unknown: true }) => "full or patchy",
        }
    }

    #[test]
    fn the_default_rule_is_the_documented_one() {
        for (points, expected) in [
            // Without clusters.
            (vec![(NONE, 1.0)], "none"),
            (vec![(MARGINAL, 1.0)], "patchy"),
            (vec![(FULL, 1.0)], "full or patchy"),
            (vec![(UNKNOWN, 1.0)], "unknown"),
            (vec![(Reach { least: PointClass::Marginal, most: PointClass::Full }, 1.0)], "full or patchy"),
            // No signal at centre and all clusters.
            (vec![(NONE, 40.0), (NONE, 10.0)], "none"),
            (vec![(NONE, 0.0), (MARGINAL, 10.0)], "patchy"),
            // 95 % of households are enough, less are not.
            (vec![(FULL, 95.0), (NONE, 5.0)], "full"),
            (vec![(FULL, 94.0), (NONE, 6.0)], "patchy"),
            (vec![(FULL, 94.0), (MARGINAL, 6.0)], "patchy"),
            (vec![(NONE, 5.0), (FULL, 95.0)], "full"),
            // What is unknown makes a grade unknown only where it could change it.
            (vec![(FULL, 95.0), (UNKNOWN, 5.0)], "full"),
            (vec![(FULL, 90.0), (UNKNOWN, 10.0)], "full or patchy"),
            (vec![(FULL, 80.0), (UNKNOWN, 10.0), (NONE, 10.0)], "patchy"),
            (vec![(NONE, 80.0), (UNKNOWN, 10.0)], "unknown"),
        ] {
            assert_eq!(verdict(&points), expected, "{points:?}");
        }
    }

    #[test]
    fn keys_of_the_rule_change_what_they_say() {
        let strict = CoverageRule { signal_from: PlaceSignal::Full, ..CoverageRule::default() };
        let grade = |rule: &CoverageRule, points: &[(Reach, f64)]| judge(rule, points).map(|v| v.grade);
        assert_eq!(grade(&strict, &[(MARGINAL, 1.0)]), Some(Grade::None));
        let lenient = CoverageRule { served_from: PlaceSignal::Marginal, ..CoverageRule::default() };
        assert_eq!(grade(&lenient, &[(MARGINAL, 1.0)]), Some(Grade::Full));
        let half = CoverageRule { patchy_households: 0.5, ..CoverageRule::default() };
        assert_eq!(grade(&half, &[(FULL, 5.0), (NONE, 5.0)]), Some(Grade::Full));
    }

    #[test]
    fn two_operators_are_needed_where_the_rule_says_so() {
        assert_eq!(of_operators(&[FULL, NONE], 1), FULL);
        assert_eq!(of_operators(&[FULL, NONE], 2), MARGINAL);
        assert_eq!(of_operators(&[FULL, FULL, NONE], 2), FULL);
        assert_eq!(of_operators(&[FULL, UNKNOWN], 2), Reach { least: PointClass::Marginal, most: PointClass::Full });
        assert_eq!(of_operators(&[NONE, NONE], 2), NONE);
        assert_eq!(of_operators(&[], 2), NONE);
    }

    #[test]
    fn all_of_so_many_operators_give_what_the_worst_of_them_does() {
        let mixed = [NONE, FULL, MARGINAL, UNKNOWN];
        let nth = |count| nth_best(&mixed, count);
        assert_eq!(nth(1), Some(FULL));
        assert_eq!(nth(2), Some(Reach { least: PointClass::Marginal, most: PointClass::Full }));
        assert_eq!(nth(3), Some(Reach { least: PointClass::None, most: PointClass::Marginal }));
        assert_eq!(nth(4), Some(NONE));
        assert_eq!((nth(0), nth(5)), (None, None));
    }

    fn settlement(households: Option<u64>, clusters: &[Option<u64>]) -> Settlement {
        let at = LonLat { lon: 105.0, lat: 22.0 };
        Settlement {
            id: "s".parse().expect("id"),
            name: "s".to_owned(),
            commune: "00001".parse().expect("code"),
            at,
            people: None,
            households,
            power: GridPower::Unknown,
            clusters: clusters.iter().map(|households| DwellingCluster { at, households: *households }).collect(),
        }
    }

    #[test]
    fn points_weigh_by_their_households() {
        let weights = |points: &[RulePoint], households, clusters: &[Option<u64>]| {
            let rule = CoverageRule { points: points.to_vec(), ..CoverageRule::default() };
            let points = points_of(&rule, &settlement(households, clusters));
            points.into_iter().map(|(_, weight)| weight).collect::<Vec<_>>()
        };
        let both = [RulePoint::Centre, RulePoint::Clusters];
        assert_eq!(weights(&both, Some(100), &[]), [1.0], "the centre alone");
        assert_eq!(weights(&both, Some(100), &[Some(30), Some(10)]), [60.0, 30.0, 10.0]);
        assert_eq!(weights(&both, Some(30), &[Some(30), Some(10)]), [0.0, 30.0, 10.0], "more in clusters than in all");
        assert_eq!(weights(&both, None, &[Some(30), Some(10)]), [20.0, 30.0, 10.0]);
        assert_eq!(weights(&both, Some(90), &[Some(30), None]), [30.0, 30.0, 30.0]);
        assert_eq!(weights(&both, None, &[None, None]), [1.0, 1.0, 1.0]);
        assert_eq!(weights(&both, Some(0), &[Some(0)]), [1.0, 1.0], "nobody is counted anywhere");
        assert_eq!(weights(&[RulePoint::Clusters], Some(100), &[Some(30)]), [30.0]);
        assert_eq!(weights(&[RulePoint::Centre], Some(100), &[Some(30)]), [1.0]);
        assert_eq!(weights(&[RulePoint::Clusters], Some(100), &[]), [1.0], "there are no others");
    }

    #[test]
    fn rules_that_differ_have_other_hashes() {
        let rule = CoverageRule::default();
        let other = CoverageRule { patchy_households: 0.9, ..rule.clone() };
        assert_eq!(mark(&rule, true), mark(&rule, true));
        assert_ne!(mark(&rule, true).hash, mark(&other, true).hash);
        assert_eq!(mark(&rule, true).hash.len(), 12);
    }

    proptest! {
        /// A point that gets better never makes a settlement worse, and what is certain lies within what is possible.
        #[test]
        fn more_signal_is_never_worse(
            classes in prop::collection::vec((0_usize..3, 0_usize..3, 0_u32..50), 1..6),
            at in 0_usize..6,
        ) {
            const ALL: [PointClass; 3] = [PointClass::None, PointClass::Marginal, PointClass::Full];
            let points: Vec<(Reach, f64)> = classes
                .iter()
                .map(|(a, b, weight)| (Reach { least: ALL[*a.min(b)], most: ALL[*a.max(b)] }, f64::from(*weight) + 1.0))
                .collect();
            let rule = CoverageRule::default();
            let rank = |points: &[(Reach, f64)]| judge(&rule, points).map(|verdict| verdict.grade);
            let least: Vec<_> = points.iter().map(|(reach, weight)| (Reach::of(reach.least), *weight)).collect();
            let most: Vec<_> = points.iter().map(|(reach, weight)| (Reach::of(reach.most), *weight)).collect();
            let (low, high) = (rank(&least).expect("certain"), rank(&most).expect("certain"));
            prop_assert!(low <= high);
            if let Some(grade) = rank(&points) {
                prop_assert!(low <= grade && grade <= high, "{:?} {:?} {:?}", low, grade, high);
            }
            let mut better = least.clone();
            let index = at % better.len();
            better[index].0 = FULL;
            prop_assert!(rank(&better) >= rank(&least));
        }
    }
}
