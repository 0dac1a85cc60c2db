//! From what is not covered to the gaps that people are shown: specks dropped and counted, settlements put inside,
//! each gap with who lives there and what is near.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use phusong_model::{CommuneCode, CoverageGap, Grade, PeopleBase, PowerCounts, Settlement, SettlementId, UtcMs};

use crate::{
    area::{distance_m, ring_length_m},
    coverage::{Basis, Dropped, M2_PER_KM2},
    covered::NotSpot,
    grid::{Bounds, Point, Ring, degrees, position, to_grid},
    identity::{Kind, Today, identify},
    interior::interior_point,
    ladder::Ladder,
    nearest::Stations,
    patchy,
    settled::SortedPoints,
};

/// Below this area nothing is a place: the neighbours of the published outlines overlap and gape by up to 84 m².
const SLIVER_M2: f64 = 100.0;
/// Boundaries and layers are usually simplified to this; a strip that is on average narrower is a border that does not
/// fit, however long it is.
const SLIVER_WIDTH_M: f64 = 10.0;
/// Square metres in a hectare.
const M2_PER_HA: f64 = 10_000.0;
/// How far outside of every boundary a settlement may lie and still count as inside a gap: boundaries are simplified and
/// drawn by different offices. Farther out its position is wrong.
const BESIDE_M: f64 = 500.0;

/// A connected piece of a commune that is not covered.
#[derive(Debug)]
pub(crate) struct Part {
    commune: CommuneCode,
    /// Which scope it belongs to, and which technology.
    ladder: usize,
    rung: usize,
    /// Shell, then holes.
    polygon: Arc<Vec<Ring>>,
    bounds: Bounds,
    area_m2: f64,
}

/// A part that is a gap, and who lives there.
#[derive(Debug)]
pub(crate) struct Place {
    part: Part,
    settlements: Vec<SettlementId>,
}

impl Part {
    /// A piece of a commune, for a scope and technology.
    pub(crate) fn new(commune: CommuneCode, ladder: usize, rung: usize, not_spot: NotSpot) -> Self {
        let NotSpot { polygon, bounds, area_m2 } = not_spot;
        Self { commune, ladder, rung, polygon, bounds, area_m2 }
    }

    fn is_sliver(&self) -> bool {
        let border: f64 = self.polygon.iter().map(|ring| ring_length_m(ring)).sum();
        self.area_m2 < SLIVER_M2.max(0.5 * SLIVER_WIDTH_M * border)
    }

    fn holds(&self, point: Point) -> bool {
        self.bounds.has(point) && SortedPoints::new([Some(point)]).inside(self.polygon.iter()) == [true]
    }
}

/// Keeps the parts that are places.
pub(crate) fn select(parts: Vec<Part>, basis: &Basis<'_>) -> (Vec<Place>, Dropped) {
    let mut inhabitants = inhabitants(&parts, basis);
    let smallest_m2 = f64::from(basis.min_gap.hectares()) * M2_PER_HA;
    let mut dropped = Dropped::default();
    let mut places = Vec::new();
    for (index, part) in parts.into_iter().enumerate() {
        let mut settlements = inhabitants.remove(&index).unwrap_or_default();
        settlements.sort();
        if !settlements.is_empty() {
            places.push(Place { part, settlements });
        } else if part.is_sliver() {
            dropped.slivers += 1;
        } else if part.area_m2 < smallest_m2 {
            dropped.small += 1;
        } else {
            places.push(Place { part, settlements });
        }
    }
    (places, dropped)
}

/// The settlements without signal in each part, by the part's index.
fn inhabitants(parts: &[Part], basis: &Basis<'_>) -> HashMap<usize, Vec<SettlementId>> {
    let mut by_scope: BTreeMap<(usize, usize), Vec<(usize, &Part)>> = BTreeMap::new();
    for (index, part) in parts.iter().enumerate() {
        by_scope.entry((part.ladder, part.rung)).or_default().push((index, part));
    }
    let mut inhabitants: HashMap<usize, Vec<SettlementId>> = HashMap::new();
    for ((ladder, rung), parts) in by_scope {
        let Some(ladder) = basis.ladders.get(ladder) else { continue };
        let Some(rung) = ladder.rungs.get(rung) else { continue };
        for (index, settlement) in basis.inventory.settlements.iter().enumerate() {
            if basis.grades.grade(ladder, rung, index) != Some(Grade::None) {
                continue;
            }
            if let Some(part) = home(settlement, &parts) {
                inhabitants.entry(part).or_default().push(settlement.id.clone());
            }
        }
    }
    inhabitants
}

/// The part that a settlement belongs to: where it lies, on a border its own commune's, else that of the lowest code.
/// One that lies outside of all communes, by no more than borders are off, belongs to the nearest part of its own.
fn home(settlement: &Settlement, parts: &[(usize, &Part)]) -> Option<usize> {
    let point = to_grid(settlement.at.lon, settlement.at.lat)?;
    let around = parts.iter().filter(|(_, part)| part.holds(point));
    let lying_in = around.min_by_key(|(_, part)| (part.commune != settlement.commune, &part.commune));
    let beside = || {
        parts
            .iter()
            .filter(|(_, part)| part.commune == settlement.commune)
            .map(|(index, part)| (distance_m(point, &part.polygon), *index))
            .filter(|(metres, _)| *metres <= BESIDE_M)
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, index)| index)
    };
    lying_in.map(|(index, _)| *index).or_else(beside)
}

/// The gaps with their ids, with who lives there and which base stations are near; behind them the settlements with
/// patchy signal. `at` is when they are seen.
pub(crate) fn describe(
    mut places: Vec<Place>,
    basis: &Basis<'_>,
    previous: &[CoverageGap],
    at: UtcMs,
) -> Vec<CoverageGap> {
    places.sort_by(Place::in_order);
    let today: Vec<Today<'_>> = places.iter().filter_map(|place| place.today(basis)).collect();
    let ids = identify(&today, previous);
    let stations = Stations::of(basis.inventory);
    let settlements: HashMap<&SettlementId, &Settlement> =
        basis.inventory.settlements.iter().map(|settlement| (&settlement.id, settlement)).collect();
    let example = |kind: &Kind| {
        let of_kind = |ladder: &&Ladder| ladder.operator == kind.operator && ladder.source == kind.source;
        let mut rungs = basis.ladders.iter().filter(of_kind).flat_map(|ladder| &ladder.rungs);
        rungs.any(|rung| rung.technology == kind.technology && rung.example)
    };
    let gap = |(gap, (id, before)): (Today<'_>, (String, Option<&CoverageGap>))| {
        let inside: Vec<&Settlement> = gap.settlements.iter().filter_map(|id| settlements.get(id).copied()).collect();
        let mut power = PowerCounts::default();
        inside.iter().for_each(|settlement| power.add(settlement.power));
        let (people, people_base) = people(&gap, &inside, basis);
        CoverageGap {
            id,
            grade: Grade::None,
            area_km2: gap.area_m2 / M2_PER_KM2,
            at: position(gap.inner),
            polygon: vec![gap.polygon.iter().map(|ring| closed(ring)).collect()],
            settlements: gap.settlements.to_vec(),
            approximate: basis.approximate,
            example: basis.inventory.example || example(&gap.kind),
            first_seen: before.map_or(at, |before| before.first_seen),
            last_seen: Some(at),
            people,
            people_base,
            households: known(inside.iter().map(|settlement| settlement.households), basis),
            power,
            nearest: stations.nearest(position(gap.inner)),
            commune: gap.kind.commune,
            operator: gap.kind.operator,
            technology: gap.kind.technology,
            source: gap.kind.source,
        }
    };
    let without = today.into_iter().zip(ids).map(gap);
    without.chain(patchy::gaps(basis, &stations, previous, at)).collect()
}

impl Place {
    /// By commune and scope, the largest first; what is left is told apart by where it is.
    fn in_order(a: &Self, b: &Self) -> Ordering {
        let order = |p: &Self| (p.part.ladder, p.part.rung);
        let corners = |p: &Self| p.part.polygon.iter().flatten().map(|point| (point.x, point.y)).collect::<Vec<_>>();
        a.part
            .commune
            .cmp(&b.part.commune)
            .then_with(|| order(a).cmp(&order(b)))
            .then_with(|| b.part.area_m2.total_cmp(&a.part.area_m2))
            .then_with(|| corners(a).cmp(&corners(b)))
    }

    fn today(&self, basis: &Basis<'_>) -> Option<Today<'_>> {
        let part = &self.part;
        let ladder = basis.ladders.get(part.ladder)?;
        Some(Today {
            kind: Kind {
                commune: part.commune.clone(),
                operator: ladder.operator.clone(),
                technology: ladder.rungs.get(part.rung)?.technology,
                source: ladder.source,
            },
            polygon: &part.polygon,
            bounds: part.bounds,
            area_m2: part.area_m2,
            inner: interior_point(&part.polygon).or_else(|| part.polygon.first()?.first().copied())?,
            settlements: &self.settlements,
        })
    }
}

/// Who lives in a gap: by the raster where there is one, else as its settlements were counted.
fn people(gap: &Today<'_>, inside: &[&Settlement], basis: &Basis<'_>) -> (Option<u64>, PeopleBase) {
    match &basis.people {
        Some(scaled) => {
            let people = scaled.people_in(&gap.kind.commune, gap.polygon);
            // Half a person lives nowhere; a raster of counts holds no more than there are people on earth.
            (people.map(|people| people.round().max(0.0) as u64), PeopleBase::Raster)
        }
        None => (known(inside.iter().map(|settlement| settlement.people), basis), PeopleBase::Settlements),
    }
}

/// The sum of what is known; none when nothing is. Where settlements are known, a place without any has nobody.
fn known(counts: impl ExactSizeIterator<Item = Option<u64>>, basis: &Basis<'_>) -> Option<u64> {
    if counts.len() == 0 {
        return (!basis.inventory.settlements.is_empty()).then_some(0);
    }
    counts.flatten().reduce(u64::saturating_add)
}

/// A ring as GeoJSON writes it: its first position again at the end.
fn closed(ring: &[Point]) -> Vec<[f64; 2]> {
    let pair = |point: &Point| [degrees(point.x), degrees(point.y)];
    ring.iter().chain(ring.first()).map(pair).collect()
}
