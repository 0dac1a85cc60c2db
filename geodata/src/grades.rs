//! The signal at the points of each settlement, and its grade by the rule.

use std::ops::Range;

use phusong_model::{
    Grade, Inventory, Operator, OperatorScope, Settlement, SettlementCounts, Share, config::CoverageRule,
};

use crate::{
    grid::{Ring, to_grid},
    ladder::{Ladder, Make, Rung},
    rule::{self, PointClass, Reach, UNKNOWN, Verdict, judge, points_of},
    settled::SortedPoints,
};

/// What the points of all settlements have of all layers.
#[derive(Debug)]
pub(crate) struct Grades {
    rule: CoverageRule,
    settlements: Vec<Looked>,
    /// Weight of each point, and whether its position is one.
    points: Vec<(f64, bool)>,
    layers: Vec<LayerReach>,
}

/// The points of a settlement.
#[derive(Debug)]
struct Looked {
    /// Its centre has a position.
    placed: bool,
    points: Range<usize>,
}

/// A layer at all points.
#[derive(Debug)]
struct LayerReach {
    operator: Operator,
    points: Vec<Reach>,
}

/// Of how many operators a point needs signal.
#[derive(Debug, Clone, Copy)]
enum Asked {
    /// Of any, as many as the rule says.
    ByRule(u8),
    /// Of each of so many.
    Nth(usize),
}

impl Grades {
    /// Looks at each point in each layer, given as whose it is, the rings of its full and of its marginal area, and those
    /// of what it speaks of when that is not the whole world.
    pub(crate) fn of<'a, F, M, K>(
        inventory: &Inventory,
        rule: &CoverageRule,
        layers: impl IntoIterator<Item = (Operator, F, M, Option<K>)>,
    ) -> Self
    where
        F: IntoIterator<Item = &'a Ring>,
        M: IntoIterator<Item = &'a Ring>,
        K: IntoIterator<Item = &'a Ring>,
    {
        let (mut settlements, mut points, mut places) = (Vec::new(), Vec::new(), Vec::new());
        for settlement in &inventory.settlements {
            let first = points.len();
            for (at, weight) in points_of(rule, settlement) {
                let place = to_grid(at.lon, at.lat);
                points.push((weight, place.is_some()));
                places.push(place);
            }
            let placed = to_grid(settlement.at.lon, settlement.at.lat).is_some();
            settlements.push(Looked { placed, points: first..points.len() });
        }
        let sorted = SortedPoints::new(places);
        let layers = layers.into_iter().map(|(operator, full, marginal, known)| {
            let (full, marginal) = (sorted.inside(full), sorted.inside(marginal));
            let known = known.map_or_else(|| vec![true; points.len()], |known| sorted.inside(known));
            LayerReach { operator, points: full.into_iter().zip(marginal).zip(known).map(reach_of).collect() }
        });
        Self { rule: rule.clone(), settlements, layers: layers.collect(), points }
    }

    /// The grade of a settlement; `None` when its position is not one, or nobody knows its signal.
    pub(crate) fn grade(&self, ladder: &Ladder, rung: &Rung, settlement: usize) -> Option<Grade> {
        self.verdict(ladder, rung, settlement).map(|verdict| verdict.grade)
    }

    /// The same, with whether it is known not to be patchy.
    pub(crate) fn verdict(&self, ladder: &Ladder, rung: &Rung, settlement: usize) -> Option<Verdict> {
        let looked = self.settlements.get(settlement).filter(|looked| looked.placed)?;
        let asked = match &ladder.make {
            Make::Union if ladder.operator == OperatorScope::Any => Asked::ByRule(self.rule.operators),
            Make::Union => Asked::ByRule(1),
            Make::Fold { count, .. } => Asked::Nth(*count),
            // The best operator is found among the figures of all.
            Make::Best { .. } => return None,
        };
        let points: Vec<(Reach, f64)> = looked
            .points
            .clone()
            .filter_map(|point| Some((self.reach(rung, asked, point)?, self.points.get(point)?.0)))
            .collect();
        judge(&self.rule, &points)
    }

    /// What the layers of a rung give a point.
    fn reach(&self, rung: &Rung, asked: Asked, point: usize) -> Option<Reach> {
        let (_, placed) = self.points.get(point)?;
        if !placed {
            return Some(UNKNOWN);
        }
        let layers = || rung.layers.iter().filter_map(|layer| self.layers.get(*layer));
        let class = |layer: &LayerReach| layer.points.get(point).copied();
        if matches!(asked, Asked::ByRule(0 | 1)) {
            return Some(layers().filter_map(class).fold(Reach::default(), Reach::or));
        }
        let mut by_operator: Vec<(&Operator, Reach)> = Vec::new();
        for layer in layers() {
            let reach = class(layer).unwrap_or_default();
            match by_operator.iter_mut().find(|(operator, _)| **operator == layer.operator) {
                Some((_, best)) => *best = best.or(reach),
                None => by_operator.push((&layer.operator, reach)),
            }
        }
        let reaches: Vec<Reach> = by_operator.into_iter().map(|(_, reach)| reach).collect();
        match asked {
            Asked::ByRule(needed) => Some(rule::of_operators(&reaches, needed)),
            Asked::Nth(count) => rule::nth_best(&reaches, count),
        }
    }
}

/// What a layer gives a point with full or marginal signal, of which it speaks or not.
fn reach_of(((full, marginal), known): ((bool, bool), bool)) -> Reach {
    match (full, marginal, known) {
        (true, _, _) => Reach::of(PointClass::Full),
        (false, true, _) => Reach::of(PointClass::Marginal),
        (false, false, true) => Reach::of(PointClass::None),
        (false, false, false) => UNKNOWN,
    }
}

/// Settlements by grade, and their people: those with signal out of those counted. The unknown people are those of
/// settlements that cannot be judged; settlements whose people nobody counted are in none of the numbers.
pub(crate) fn count<'a>(
    settlements: impl IntoIterator<Item = (&'a Settlement, Option<Verdict>)>,
) -> (SettlementCounts, Share) {
    let (mut counts, mut people) = (SettlementCounts::default(), Share::default());
    for (settlement, verdict) in settlements {
        let inhabitants = settlement.people.unwrap_or_default() as f64;
        counts.total += 1;
        counts.patchiness_unknown += u64::from(verdict.is_some_and(|verdict| verdict.patchiness_unknown));
        let grade = verdict.map(|verdict| verdict.grade);
        match grade {
            Some(Grade::None) => counts.none += 1,
            Some(Grade::Patchy) => counts.patchy += 1,
            Some(Grade::Full) => counts.full += 1,
            None => counts.unknown += 1,
        }
        match grade {
            Some(Grade::None) => people.denominator += inhabitants,
            Some(Grade::Patchy | Grade::Full) => {
                people.numerator += inhabitants;
                people.denominator += inhabitants;
            }
            None => people.unknown += inhabitants,
        }
    }
    (counts, people)
}
