//! The best single operator of a commune, found among the figures of all.

use phusong_model::{BestFigure, CoverageFigure, OperatorFigure, OperatorScope};

use crate::ladder::{Ladder, Make};

/// Fills in the figures of the best operators of a commune, by ladder and rung, from those of single operators.
pub(crate) fn choose(ladders: &[Ladder], figures: &mut [Vec<CoverageFigure>]) {
    for (number, ladder) in ladders.iter().enumerate() {
        let Make::Best { of } = &ladder.make else { continue };
        let best_of = |technology| {
            let singles = of.iter().filter_map(|single| figures.get(*single)).flatten();
            let singles = singles.filter(|figure| figure.technology == technology).filter_map(single);
            BestFigure::of(&singles.collect::<Vec<_>>())
        };
        let best: Vec<_> = ladder.rungs.iter().map(|rung| best_of(rung.technology)).collect();
        for (figure, best) in figures.get_mut(number).into_iter().flatten().zip(best) {
            let Some(BestFigure { settlements, people, area_km2, operators }) = best else { continue };
            figure.settlements = settlements;
            figure.people = people;
            figure.area_km2 = area_km2;
            figure.best = Some(operators);
        }
    }
}

fn single(figure: &CoverageFigure) -> Option<OperatorFigure<'_>> {
    let CoverageFigure { operator, settlements, people, area_km2, .. } = figure;
    match operator {
        OperatorScope::One(operator) => {
            Some(OperatorFigure { operator, settlements: *settlements, people: *people, area_km2: *area_km2 })
        }
        OperatorScope::Any | OperatorScope::Best | OperatorScope::All | OperatorScope::AtLeast(_) => None,
    }
}
