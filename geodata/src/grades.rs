//! The signal at the centre of each settlement.

use phusong_model::{Grade, Inventory, Settlement, SettlementCounts, Share};

use crate::{
    grid::{Ring, to_grid},
    ladder::Rung,
    settled::SortedPoints,
};

/// The grade of every settlement in every layer.
#[derive(Debug)]
pub(crate) struct Grades {
    /// By layer, then by settlement in the order of the inventory.
    layers: Vec<Vec<Grade>>,
    /// By settlement: its position is one.
    placed: Vec<bool>,
}

impl Grades {
    /// Looks at each settlement in each layer, given as the rings of its full and of its marginal area.
    pub(crate) fn of<'a, F, M>(inventory: &Inventory, layers: impl IntoIterator<Item = (F, M)>) -> Self
    where
        F: IntoIterator<Item = &'a Ring>,
        M: IntoIterator<Item = &'a Ring>,
    {
        let points: Vec<_> = inventory.settlements.iter().map(|s| to_grid(s.at.lon, s.at.lat)).collect();
        let sorted = SortedPoints::new(points.iter().copied());
        let grade = |(full, marginal): (F, M)| {
            let (full, marginal) = (sorted.inside(full), sorted.inside(marginal));
            full.into_iter().zip(marginal).map(best_of).collect()
        };
        Self { layers: layers.into_iter().map(grade).collect(), placed: points.iter().map(Option::is_some).collect() }
    }

    /// The best grade that any layer of the rung gives the settlement; `None` when its position is not one.
    pub(crate) fn grade(&self, rung: &Rung, settlement: usize) -> Option<Grade> {
        let placed = self.placed.get(settlement).copied().unwrap_or(false);
        let grades = rung.layers.iter().filter_map(|layer| self.layers.get(*layer)?.get(settlement).copied());
        placed.then(|| grades.max().unwrap_or(Grade::None))
    }
}

fn best_of((full, marginal): (bool, bool)) -> Grade {
    match (full, marginal) {
        (true, _) => Grade::Full,
        (false, true) => Grade::Patchy,
        (false, false) => Grade::None,
    }
}

/// Settlements by grade, and their people: those with signal out of those counted. The unknown people are those of
/// settlements without a position; settlements whose people nobody counted are in none of the numbers.
pub(crate) fn count<'a>(
    settlements: impl IntoIterator<Item = (&'a Settlement, Option<Grade>)>,
) -> (SettlementCounts, Share) {
    let (mut counts, mut people) = (SettlementCounts::default(), Share::default());
    for (settlement, grade) in settlements {
        let inhabitants = settlement.people.unwrap_or_default() as f64;
        counts.total += 1;
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
