//! Figures per commune: the commune's area, cut by what is covered, and its settlements by grade.

use std::{collections::BTreeMap, sync::Arc};

use phusong_model::{
    CommuneCode, CoverageFigure, CoverageGap, Inventory, OperatorScope, PeopleBase, RuleMark, Settlement, Share,
    Technology, UtcMs,
};

use crate::{
    boundaries::Boundary,
    cache::{CoverageCache, Surroundings},
    covered::Laying,
    gaps::{self, Part},
    geodata::Geodata,
    grades::{self, Grades},
    grid::{RawPolygon, Ring},
    ladder::{Ladder, Rung, ladders},
    layers::Layer,
    overlay::Region,
    tiles::Polygon,
};

/// Square metres in a square kilometre.
pub(crate) const M2_PER_KM2: f64 = 1e6;

/// Gaps are made for any operator and these technologies: mobile broadband begins at 3G, and 4G is what provinces are
/// measured by next. Each further scope would add as many polygons again, and 2G alone does not count as signal.
pub(crate) const GAP_TECHNOLOGIES: [Technology; 2] = [Technology::G3, Technology::G4];

/// Figures and gaps of all communes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Coverage {
    /// By commune, source, operator (any first) and technology (newest first).
    pub figures: Vec<CoverageFigure>,
    /// By commune, source, technology and place.
    pub gaps: Vec<CoverageGap>,
    /// What was too small to be a gap.
    pub dropped: Dropped,
}

/// Places without signal that are not shown as gaps. Their area is in every figure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Strips and specks that come from boundaries that do not fit together.
    pub slivers: u64,
    /// Real places, but small and without a settlement.
    pub small: u64,
}

/// What [`Geodata::coverage`] does, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoverageStep {
    /// What crosses itself or runs the wrong way is made sound.
    Prepare,
    /// Settlements are looked up in each layer.
    Grades,
    /// Layers are laid over the communes, which gives the figures and what is not covered.
    Overlay,
    /// What is not covered becomes gaps.
    Gaps,
}

/// A layer whose polygons are sound; they may overlap.
struct Sound {
    /// Those with full signal first.
    polygons: Vec<Arc<Polygon>>,
    full: usize,
}

impl Geodata {
    /// Computes all figures and gaps. `previous` are the gaps of the last time, whose `first_seen` goes on; `at` is
    /// when new ones are first seen. This is the costly part: seconds for a province.
    #[must_use]
    pub fn coverage(&self, inventory: &Inventory, previous: &[CoverageGap], at: UtcMs) -> Coverage {
        self.coverage_watched(inventory, previous, at, &mut |_| ())
    }

    /// The same as [`Self::coverage`], and calls `finished` at the end of each step, so that somebody with a clock can
    /// tell what takes how long.
    #[must_use]
    pub fn coverage_watched(
        &self,
        inventory: &Inventory,
        previous: &[CoverageGap],
        at: UtcMs,
        finished: &mut dyn FnMut(CoverageStep),
    ) -> Coverage {
        self.compute(inventory, previous, at, None, finished)
    }

    /// The same as [`Self::coverage_watched`], and takes over what `cache` has of the time before: when one footprint
    /// changed, the communes that it touched or touches now are computed and no others. The answer is the same to the
    /// last byte.
    #[must_use]
    pub fn coverage_again(
        &self,
        inventory: &Inventory,
        previous: &[CoverageGap],
        at: UtcMs,
        cache: &mut CoverageCache,
        finished: &mut dyn FnMut(CoverageStep),
    ) -> Coverage {
        self.compute(inventory, previous, at, Some(cache), finished)
    }

    fn compute(
        &self,
        inventory: &Inventory,
        previous: &[CoverageGap],
        at: UtcMs,
        mut cache: Option<&mut CoverageCache>,
        finished: &mut dyn FnMut(CoverageStep),
    ) -> Coverage {
        if let Some(cache) = &mut cache {
            cache.begin();
        }
        let layers: Vec<Sound> = self.layers.values().map(|layer| Sound::of(layer, cache.as_deref_mut())).collect();
        finished(CoverageStep::Prepare);
        let grades = Grades::of(
            inventory,
            &self.rule,
            self.layers.keys().zip(&layers).map(|(key, layer)| (key.operator.clone(), layer.full(), layer.marginal())),
        );
        finished(CoverageStep::Grades);
        let basis = Basis {
            inventory,
            approximate: self.approximate,
            rule: &self.rule_mark,
            ladders: ladders(&self.layers),
            grades,
        };
        let layers: Vec<Vec<Arc<Polygon>>> = layers.into_iter().map(|layer| layer.polygons).collect();
        let cache = cache.map(|cache| (cache, Surroundings::of(&basis.ladders, &layers)));
        let laying = Laying::new(&basis.ladders, has_gaps);
        let by_commune = settlements_by_commune(inventory);
        let mut work = Work { basis: &basis, layers: &layers, laying, by_commune, cache };
        let (mut figures, mut parts) = (Vec::new(), Vec::new());
        for boundary in &self.boundaries {
            work.commune(boundary, &mut figures, &mut parts);
        }
        if let Some((cache, _)) = work.cache {
            cache.end(&self.boundaries);
        }
        finished(CoverageStep::Overlay);
        let (places, dropped) = gaps::select(parts, &basis);
        let gaps = gaps::describe(places, &basis, previous, at);
        finished(CoverageStep::Gaps);
        Coverage { figures, gaps, dropped }
    }
}

/// What figures and gaps both rest on.
pub(crate) struct Basis<'a> {
    pub(crate) inventory: &'a Inventory,
    pub(crate) approximate: bool,
    pub(crate) rule: &'a RuleMark,
    pub(crate) ladders: Vec<Ladder>,
    pub(crate) grades: Grades,
}

impl Sound {
    fn of(layer: &Layer, mut cache: Option<&mut CoverageCache>) -> Self {
        let mut sound = |raw: &Vec<RawPolygon>| {
            let one = |raw| match &mut cache {
                Some(cache) => cache.sound(raw),
                None => Polygon::all_of(Region::of_polygon(raw)).map(Arc::new).collect(),
            };
            let mut polygons: Vec<Arc<Polygon>> = raw.iter().flat_map(one).collect();
            // In order of content: the order of the input must not show.
            polygons.sort_unstable_by(|a, b| a.rings().cmp(b.rings()));
            polygons
        };
        let mut polygons = sound(&layer.full);
        let full = polygons.len();
        polygons.extend(sound(&layer.marginal));
        Self { polygons, full }
    }

    fn full(&self) -> impl Iterator<Item = &Ring> {
        self.polygons.iter().take(self.full).flat_map(|polygon| polygon.rings())
    }

    fn marginal(&self) -> impl Iterator<Item = &Ring> {
        self.polygons.iter().skip(self.full).flat_map(|polygon| polygon.rings())
    }
}

/// Whether the places without signal are shown as gaps.
fn has_gaps(ladder: &Ladder, rung: &Rung) -> bool {
    ladder.operator == OperatorScope::Any && GAP_TECHNOLOGIES.contains(&rung.technology)
}

/// The settlements of a commune with their places in the inventory.
type Settled<'a> = Vec<(usize, &'a Settlement)>;

/// What the computation of every commune needs.
struct Work<'a> {
    basis: &'a Basis<'a>,
    layers: &'a [Vec<Arc<Polygon>>],
    cache: Option<(&'a mut CoverageCache, Surroundings<'a>)>,
    laying: Laying<'a>,
    by_commune: BTreeMap<&'a CommuneCode, Settled<'a>>,
}

fn settlements_by_commune(inventory: &Inventory) -> BTreeMap<&CommuneCode, Settled<'_>> {
    let mut by_commune: BTreeMap<&CommuneCode, Settled<'_>> = BTreeMap::new();
    for (index, settlement) in inventory.settlements.iter().enumerate() {
        by_commune.entry(&settlement.commune).or_default().push((index, settlement));
    }
    by_commune
}

impl Work<'_> {
    /// Adds the figures of one commune, and the parts of it that are not covered.
    fn commune(&mut self, boundary: &Boundary, figures: &mut Vec<CoverageFigure>, parts: &mut Vec<Part>) {
        let mut compute = || self.laying.over(&Region::of_polygons(&boundary.polygons), self.layers);
        let covered = match &mut self.cache {
            Some((cache, surroundings)) => cache.covered(boundary, surroundings, compute),
            None => compute(),
        };
        let Some(covered) = covered else { return };
        let total_m2 = covered.total_m2;
        for (ladder_index, (ladder, steps)) in self.basis.ladders.iter().zip(covered.ladders).enumerate() {
            for (rung_index, (rung, step)) in ladder.rungs.iter().zip(steps).enumerate() {
                figures.push(self.figure(&boundary.code, ladder, rung, step.covered_m2, total_m2));
                if has_gaps(ladder, rung) {
                    let part = |polygon| Part::new(boundary.code.clone(), ladder_index, rung_index, polygon);
                    parts.extend(step.gap.polygons.into_iter().filter_map(part));
                }
            }
        }
    }

    fn figure(
        &self,
        commune: &CommuneCode,
        ladder: &Ladder,
        rung: &Rung,
        covered_m2: f64,
        total_m2: f64,
    ) -> CoverageFigure {
        let settled = self.by_commune.get(commune).map(Vec::as_slice).unwrap_or_default();
        let graded =
            settled.iter().map(|(index, settlement)| (*settlement, self.basis.grades.verdict(ladder, rung, *index)));
        let (settlements, people) = grades::count(graded);
        CoverageFigure {
            commune: commune.clone(),
            operator: ladder.operator.clone(),
            technology: rung.technology,
            source: ladder.source,
            settlements,
            people,
            area_km2: Share { numerator: covered_m2 / M2_PER_KM2, denominator: total_m2 / M2_PER_KM2, unknown: 0.0 },
            approximate: self.basis.approximate,
            example: self.basis.inventory.example || rung.example,
            valid_on: rung.valid_on.clone(),
            rule: Some(self.basis.rule.clone()),
            people_base: PeopleBase::Settlements,
            people_scaled: false,
        }
    }
}
