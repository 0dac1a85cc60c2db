//! What a layer says of points.

use std::collections::HashMap;

use phusong_model::{CoverageSource, Operator, Signal, Technology};

use super::{near, record::WORST_ACCURACY_M};
use crate::{
    grid::{Point, Ring},
    overlay::Region,
    settled::SortedPoints,
};

/// A layer that tests may contradict.
pub(crate) struct Claims<'a> {
    pub(crate) source: CoverageSource,
    pub(crate) operator: &'a Operator,
    pub(crate) technology: Technology,
    /// Sound polygons with full signal, and with marginal signal; they may overlap.
    pub(crate) full: Vec<&'a Ring>,
    pub(crate) marginal: Vec<&'a Ring>,
    /// What it speaks of; without it, the whole world.
    pub(crate) known: Option<Region>,
    pub(crate) valid_on: Option<&'a str>,
    pub(crate) example: bool,
}

impl Claims<'_> {
    /// What it says of each point; none where it does not speak of it, and where it says one thing of the point and
    /// another of what lies as far away as the position of a test may be wrong: who stands at an edge speaks for neither
    /// side.
    pub(super) fn firm(&self, points: &[Point]) -> HashMap<Point, Option<Signal>> {
        const D: f64 = WORST_ACCURACY_M;
        let around = [[0.0, 0.0], [D, 0.0], [-D, 0.0], [0.0, D], [0.0, -D]];
        let all = points.iter().flat_map(|point| around.map(|offset| near::moved(*point, offset)));
        let said = self.of(all.map(Some));
        let firm = |said: &[Option<Signal>]| {
            said.first().filter(|first| said.iter().all(|one| one == *first)).copied().flatten()
        };
        points.iter().zip(said.chunks(around.len())).map(|(point, said)| (*point, firm(said))).collect()
    }

    /// What it says of each point; where it speaks and has no signal it is *none*.
    pub(super) fn of(&self, points: impl IntoIterator<Item = Option<Point>>) -> Vec<Option<Signal>> {
        let sorted = SortedPoints::new(points);
        let full = sorted.inside(self.full.iter().copied());
        let marginal = sorted.inside(self.marginal.iter().copied());
        let known = match &self.known {
            Some(region) => sorted.inside(region.rings()),
            None => vec![true; full.len()],
        };
        let class = |((full, marginal), known)| match (full, marginal, known) {
            (true, _, _) => Some(Signal::Full),
            (false, true, _) => Some(Signal::Marginal),
            (false, false, true) => Some(Signal::None),
            (false, false, false) => None,
        };
        full.into_iter().zip(marginal).zip(known).map(class).collect()
    }
}
