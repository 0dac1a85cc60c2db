//! From what is not covered to the gaps that people are shown: specks dropped and counted, settlements put inside,
//! each gap with an identity that stays.

use std::collections::{BTreeMap, HashMap};

use phusong_model::{
    CommuneCode, CoverageGap, CoverageSource, Grade, OperatorScope, Settlement, SettlementId, Technology, UtcMs,
};
use sha2::{Digest, Sha256};

use crate::{
    area::{distance_m, polygons_m2, ring_length_m},
    coverage::{Basis, Dropped, M2_PER_KM2},
    fingerprint::hex,
    grid::{Bounds, Point, Ring, degrees, position, to_grid},
    interior::interior_point,
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
/// Cell of the grid that a gap's identity rests on, about 100 m: digits that differ after an export do not change it.
const IDENTITY_UNITS: i64 = 1_000_000_000;
/// Bytes of the hash that make an id: 12 digits, enough to tell 100,000 gaps apart.
const ID_BYTES: usize = 6;

/// A connected piece of a commune that is not covered.
#[derive(Debug)]
pub(crate) struct Part {
    commune: CommuneCode,
    /// Which scope it belongs to, and which technology.
    ladder: usize,
    rung: usize,
    /// Shell, then holes.
    polygon: Vec<Ring>,
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
    /// A piece of a commune, for a scope and technology; `None` without points.
    pub(crate) fn new(commune: CommuneCode, ladder: usize, rung: usize, polygon: Vec<Ring>) -> Option<Self> {
        let bounds = Bounds::around(polygon.first()?)?;
        let area_m2 = polygons_m2([&polygon]);
        Some(Self { commune, ladder, rung, polygon, bounds, area_m2 })
    }

    fn is_sliver(&self) -> bool {
        let border: f64 = self.polygon.iter().map(|ring| ring_length_m(ring)).sum();
        self.area_m2 < SLIVER_M2.max(0.5 * SLIVER_WIDTH_M * border)
    }

    fn holds(&self, point: Point) -> bool {
        self.bounds.has(point) && SortedPoints::new([Some(point)]).inside(&self.polygon) == [true]
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

/// What makes two gaps the same gap.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Identity {
    commune: CommuneCode,
    operator: OperatorScope,
    technology: Technology,
    source: CoverageSource,
    /// The cell that the gap's inner point lies in.
    cell: (i64, i64),
}

impl Identity {
    /// The id of the nth gap with this identity: two in one cell are told apart by their order.
    fn id(&self, nth: u32) -> String {
        let text = format!(
            "{} {} {} {} {} {} {nth}",
            self.commune,
            self.operator.id(),
            self.technology.id(),
            self.source.id(),
            self.cell.0,
            self.cell.1
        );
        hex(&Sha256::digest(text)).chars().take(2 * ID_BYTES).collect()
    }
}

/// The gaps, with the time each was first seen.
pub(crate) fn describe(
    mut places: Vec<Place>,
    basis: &Basis<'_>,
    previous: &[CoverageGap],
    at: UtcMs,
) -> Vec<CoverageGap> {
    let first_seen: HashMap<&str, UtcMs> = previous.iter().map(|gap| (gap.id.as_str(), gap.first_seen)).collect();
    let mut seen: HashMap<Identity, u32> = HashMap::new();
    // Communes and scopes are in order already; of several in one cell the largest comes first.
    places.sort_by(|a, b| {
        let order = |p: &Place| (p.part.ladder, p.part.rung);
        a.part
            .commune
            .cmp(&b.part.commune)
            .then(order(a).cmp(&order(b)))
            .then(b.part.area_m2.total_cmp(&a.part.area_m2))
    });
    let gap = |place: Place| {
        let ladder = basis.ladders.get(place.part.ladder)?;
        let rung = ladder.rungs.get(place.part.rung)?;
        let inner = interior_point(&place.part.polygon).or_else(|| place.part.polygon.first()?.first().copied())?;
        let identity = Identity {
            commune: place.part.commune,
            operator: ladder.operator.clone(),
            technology: rung.technology,
            source: ladder.source,
            cell: (inner.x.div_euclid(IDENTITY_UNITS), inner.y.div_euclid(IDENTITY_UNITS)),
        };
        let nth = seen.entry(identity.clone()).and_modify(|n| *n += 1).or_insert(0);
        let id = identity.id(*nth);
        let first_seen = first_seen.get(id.as_str()).copied().unwrap_or(at);
        Some(CoverageGap {
            id,
            commune: identity.commune,
            operator: identity.operator,
            technology: identity.technology,
            source: identity.source,
            area_km2: place.part.area_m2 / M2_PER_KM2,
            at: position(inner),
            polygon: vec![place.part.polygon.iter().map(|ring| closed(ring)).collect()],
            settlements: place.settlements,
            approximate: basis.approximate,
            example: basis.inventory.example || rung.example,
            first_seen,
        })
    };
    places.into_iter().filter_map(gap).collect()
}

/// A ring as GeoJSON writes it: its first position again at the end.
fn closed(ring: &[Point]) -> Vec<[f64; 2]> {
    let pair = |point: &Point| [degrees(point.x), degrees(point.y)];
    ring.iter().chain(ring.first()).map(pair).collect()
}
