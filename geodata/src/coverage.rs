//! Figures per commune: the commune's area, cut by what is covered, and its settlements by grade.

use std::collections::BTreeMap;

use phusong_model::{
    CommuneCode, CoverageFigure, CoverageGap, Inventory, OperatorScope, Settlement, Share, Technology, UtcMs,
};

use crate::{
    boundaries::Boundary,
    cut::BoxedRings,
    gaps::{self, Part},
    geodata::Geodata,
    grades::{self, Grades},
    grid::Ring,
    ladder::{Ladder, Rung, ladders},
    layers::Layer,
    overlay::Region,
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

/// A layer whose overlapping areas have been joined.
struct Dissolved {
    full: Region,
    marginal: Region,
    /// Full or marginal: with signal.
    signal: BoxedRings,
}

impl Geodata {
    /// Computes all figures and gaps. `previous` are the gaps of the last time, whose `first_seen` goes on; `at` is
    /// when new ones are first seen. This is the costly part: seconds for a province.
    #[must_use]
    pub fn coverage(&self, inventory: &Inventory, previous: &[CoverageGap], at: UtcMs) -> Coverage {
        let layers: Vec<Dissolved> = self.layers.values().map(Dissolved::new).collect();
        let grades = Grades::of(inventory, layers.iter().map(|layer| (&layer.full, &layer.marginal)));
        let basis = Basis { inventory, approximate: self.approximate, ladders: ladders(&self.layers), grades };
        let work = Work { basis: &basis, layers, by_commune: settlements_by_commune(inventory) };
        let (mut figures, mut parts) = (Vec::new(), Vec::new());
        for boundary in &self.boundaries {
            work.commune(boundary, &mut figures, &mut parts);
        }
        let (places, dropped) = gaps::select(parts, &basis);
        Coverage { figures, gaps: gaps::describe(places, &basis, previous, at), dropped }
    }
}

/// What figures and gaps both rest on.
pub(crate) struct Basis<'a> {
    pub(crate) inventory: &'a Inventory,
    pub(crate) approximate: bool,
    pub(crate) ladders: Vec<Ladder>,
    pub(crate) grades: Grades,
}

impl Dissolved {
    fn new(layer: &Layer) -> Self {
        let full = Region::of_polygons(&layer.full);
        let marginal = Region::of_polygons(&layer.marginal);
        let signal = if marginal.is_empty() {
            BoxedRings::new(full.rings())
        } else {
            BoxedRings::new(Region::union(vec![full.clone(), marginal.clone()]).rings())
        };
        Self { full, marginal, signal }
    }
}

/// The settlements of a commune with their places in the inventory.
type Settled<'a> = Vec<(usize, &'a Settlement)>;

/// What the computation of every commune needs.
struct Work<'a> {
    basis: &'a Basis<'a>,
    layers: Vec<Dissolved>,
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
    fn commune(&self, boundary: &Boundary, figures: &mut Vec<CoverageFigure>, parts: &mut Vec<Part>) {
        let land = Region::of_polygons(&boundary.polygons);
        let Some(bounds) = land.bounds() else { return };
        let total_m2 = land.area_m2();
        let near: Vec<Vec<Ring>> = self.layers.iter().map(|layer| layer.signal.cut(&bounds)).collect();
        for (ladder_index, ladder) in self.basis.ladders.iter().enumerate() {
            let mut signal: Vec<Ring> = Vec::new();
            let mut covered_m2 = 0.0;
            for (rung_index, rung) in ladder.rungs.iter().enumerate() {
                if rung.added > 0 {
                    signal = joined(&signal, rung, &near);
                    covered_m2 = land.intersection(&signal).area_m2();
                }
                figures.push(self.figure(&boundary.code, ladder, rung, covered_m2, total_m2));
                if ladder.operator == OperatorScope::Any && GAP_TECHNOLOGIES.contains(&rung.technology) {
                    let gap = land.difference(&signal);
                    let part = |polygon| Part::new(boundary.code.clone(), ladder_index, rung_index, polygon);
                    parts.extend(gap.polygons.into_iter().filter_map(part));
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
        let graded = settled.iter().map(|(index, settlement)| (*settlement, self.basis.grades.grade(rung, *index)));
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
        }
    }
}

/// The signal of the rung above with the layers that this rung adds.
fn joined(above: &[Ring], rung: &Rung, near: &[Vec<Ring>]) -> Vec<Ring> {
    let added = rung.added().iter().filter_map(|layer| near.get(*layer)).map(Vec::as_slice);
    let groups: Vec<&[Ring]> = std::iter::once(above).chain(added).collect();
    Region::union_of_rings(&groups)
}
