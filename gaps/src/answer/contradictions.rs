//! Where layers say something else than was measured.

use phusong_model::{Contradiction, ContradictionPlace, CoverageSource, answer::ContradictionItem};

use super::view::View;

/// Contradictions of the communes asked for, in the order in which they were found. Those that lie in no commune are
/// shown with all communes only.
pub(super) fn items(view: &View<'_>) -> Vec<ContradictionItem> {
    let of_operator = |one: &&Contradiction| view.operator.as_ref().is_none_or(|only| one.operator == *only);
    let asked = view.evidence.contradictions.iter().filter(of_operator);
    let asked = asked.filter(|one| view.asks_about(one.commune.as_ref()));
    let item = |contradiction: &Contradiction| ContradictionItem {
        commune_name: view.commune_name(contradiction.commune.as_ref()),
        settlement_name: match &contradiction.place {
            ContradictionPlace::Hexagon { .. } => None,
            ContradictionPlace::Settlement { settlement, .. } => {
                view.settlements.get(settlement).map(|settlement| settlement.name.clone())
            }
        },
        contradiction: contradiction.clone(),
    };
    asked.map(item).collect()
}

/// Whether there are figures of measurements at all.
pub(super) fn was_measured(view: &View<'_>) -> bool {
    view.evidence.figures.iter().any(|figure| figure.source == CoverageSource::Measured)
}
