//! Figures per commune: the commune's area, cut by what is covered, and its settlements by grade.

use std::collections::BTreeMap;

use phusong_model::{
    CommuneCode, Contradiction, CoverageFigure, CoverageGap, CoverageSource, Inventory, OperatorScope, PeopleBase,
    RuleMark, Settlement, Share, Technology, UtcMs, config::MinGap,
};

use crate::{
    best,
    boundaries::Boundary,
    cache::{CoverageCache, Surroundings},
    covered::{Laying, Step},
    gaps::{self, Part},
    geodata::Geodata,
    grades::{self, Grades},
    ladder::{Ladder, Rung, ladders},
    layers::LayerKey,
    measured::{self, Claims, Ground},
    overlay::Region,
    population::Scaled,
    sound::Sound,
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
    /// Where declared and modelled layers say something else than was measured: by commune, place, operator, technology
    /// and source.
    pub contradictions: Vec<Contradiction>,
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
    /// Layers are laid over a commune, one after the other.
    Commune {
        /// How many are done.
        done: usize,
        /// How many there are.
        of: usize,
    },
    /// That was the last of them, which gives the figures and what is not covered.
    Overlay,
    /// What is not covered becomes gaps.
    Gaps,
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
    pub(crate) fn coverage_again(
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
        let said = self.layers.keys().zip(&layers);
        let said = said.map(|(key, layer)| (key.operator.clone(), layer.full(), layer.marginal(), layer.known()));
        let grades = Grades::of(inventory, &self.rule, said);
        finished(CoverageStep::Grades);
        let people = self.population.as_ref().map(|population| Scaled::new(population, inventory));
        let basis = Basis {
            inventory,
            people,
            approximate: self.approximate,
            min_gap: self.min_gap,
            rule: &self.rule_mark,
            ladders: ladders(&self.layers),
            grades,
        };
        let contradictions = self.contradictions(inventory, &layers, at);
        let cache = cache.map(|cache| (cache, Surroundings::of(&basis.ladders, &layers, self.population.as_ref())));
        let laying = Laying::new(&basis.ladders, &layers, has_gaps).counting(self.population.as_ref());
        let by_commune = settlements_by_commune(inventory);
        let mut work = Work { basis: &basis, laying, by_commune, cache };
        let (mut figures, mut parts) = (Vec::new(), Vec::new());
        for (done, boundary) in (1..).zip(&self.boundaries) {
            work.commune(boundary, &mut figures, &mut parts);
            finished(CoverageStep::Commune { done, of: self.boundaries.len() });
        }
        if let Some((cache, _)) = work.cache {
            cache.end(&self.boundaries);
        }
        finished(CoverageStep::Overlay);
        let (places, dropped) = gaps::select(parts, &basis);
        let gaps = gaps::describe(places, &basis, previous, at);
        finished(CoverageStep::Gaps);
        Coverage { figures, gaps, dropped, contradictions }
    }
}

impl Geodata {
    /// Measured layers contradict nothing: they are what others are held against.
    fn contradictions(&self, inventory: &Inventory, layers: &[Sound], at: UtcMs) -> Vec<Contradiction> {
        let ground = Ground {
            samples: &self.samples,
            boundaries: &self.boundaries,
            inventory,
            approximate: self.approximate,
            age: self.measured_age,
            at,
        };
        let is_tested = |key: &LayerKey| {
            let mut samples = self.samples.iter();
            samples.any(|test| test.operator == key.operator && test.technology == key.technology)
        };
        let claims = self.layers.iter().zip(layers);
        let claims = claims.filter(|((key, _), _)| key.source != CoverageSource::Measured && is_tested(key));
        let claims = claims.map(|((key, layer), sound)| Claims {
            source: key.source,
            operator: &key.operator,
            technology: key.technology,
            full: sound.full().collect(),
            marginal: sound.marginal().collect(),
            known: layer.known.as_deref().map(Region::of_polygons),
            valid_on: layer.valid_on.as_deref(),
            example: layer.example,
        });
        measured::contradictions(&ground, claims)
    }
}

/// What figures and gaps both rest on.
pub(crate) struct Basis<'a> {
    pub(crate) inventory: &'a Inventory,
    /// By what people are counted, where that is not by settlement.
    pub(crate) people: Option<Scaled<'a>>,
    pub(crate) approximate: bool,
    pub(crate) min_gap: MinGap,
    pub(crate) rule: &'a RuleMark,
    pub(crate) ladders: Vec<Ladder>,
    pub(crate) grades: Grades,
}

/// Whether the places without signal are shown as gaps.
pub(crate) fn has_gaps(ladder: &Ladder, rung: &Rung) -> bool {
    ladder.operator == OperatorScope::Any && GAP_TECHNOLOGIES.contains(&rung.technology)
}

/// The settlements of a commune with their places in the inventory.
type Settled<'a> = Vec<(usize, &'a Settlement)>;

/// What the computation of every commune needs.
struct Work<'a> {
    basis: &'a Basis<'a>,
    cache: Option<(&'a mut CoverageCache, Surroundings)>,
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
        let mut compute = || self.laying.over(&boundary.region());
        let covered = match &mut self.cache {
            Some((cache, surroundings)) => cache.covered(boundary, surroundings, compute),
            None => compute(),
        };
        let Some(covered) = covered else { return };
        let mut of_ladders: Vec<Vec<CoverageFigure>> = Vec::with_capacity(self.basis.ladders.len());
        for (ladder_index, (ladder, steps)) in self.basis.ladders.iter().zip(covered.ladders).enumerate() {
            let mut of_ladder = Vec::with_capacity(ladder.rungs.len());
            for (rung_index, (rung, step)) in ladder.rungs.iter().zip(steps).enumerate() {
                of_ladder.push(self.figure(&boundary.code, ladder, rung, &step));
                if has_gaps(ladder, rung) {
                    let part = |not_spot| Part::new(boundary.code.clone(), ladder_index, rung_index, not_spot);
                    parts.extend(step.gap.into_iter().map(part));
                }
            }
            of_ladders.push(of_ladder);
        }
        best::choose(&self.basis.ladders, &mut of_ladders);
        figures.extend(of_ladders.into_iter().flatten());
    }

    fn figure(&self, commune: &CommuneCode, ladder: &Ladder, rung: &Rung, step: &Step) -> CoverageFigure {
        let settled = self.by_commune.get(commune).map(Vec::as_slice).unwrap_or_default();
        let graded =
            settled.iter().map(|(index, settlement)| (*settlement, self.basis.grades.verdict(ladder, rung, *index)));
        let (settlements, in_settlements) = grades::count(graded);
        let counted = self.basis.people.as_ref();
        CoverageFigure {
            commune: commune.clone(),
            operator: ladder.operator.clone(),
            technology: rung.technology,
            source: ladder.source,
            settlements,
            people: counted.map_or(in_settlements, |people| people.share(commune, step.people)),
            area_km2: Share {
                numerator: step.covered_m2 / M2_PER_KM2,
                denominator: step.known_m2 / M2_PER_KM2,
                unknown: step.unknown_m2 / M2_PER_KM2,
            },
            approximate: self.basis.approximate,
            example: self.basis.inventory.example || rung.example,
            valid_on: rung.valid_on.clone(),
            rule: Some(self.basis.rule.clone()),
            people_base: counted.map_or(PeopleBase::Settlements, |_| PeopleBase::Raster),
            people_scaled: counted.is_some_and(|people| people.is_scaled(commune)),
            best: None,
        }
    }
}
