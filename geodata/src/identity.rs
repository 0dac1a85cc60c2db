//! Which gap of today is which gap of the last time.
//!
//! Gaps are the same when commune, operator scope, technology and source are, and either at least half of the smaller
//! of the two is common ground, or the same settlements lie in both. Each gap is the same as one at most: pairs are
//! taken by their common area, the largest first, then by the old id and by place. So of a gap that falls into several
//! the piece with most of its ground keeps the id and when it was first seen, and the others are new; where several
//! grow together the one that brings most ground passes its id on, and the ids of the others end.
//!
//! A new gap is called by a hash over the four and the cell that its inner point lies in, and how many of that name
//! there were. An id that the last time knew is not given to anything else.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use phusong_model::{CommuneCode, CoverageGap, CoverageSource, Grade, OperatorScope, SettlementId, Technology};
use sha2::{Digest, Sha256};

use crate::{
    fingerprint::hex,
    grid::{Bounds, Point, Ring, to_grid},
    overlay::Region,
};

/// How much of the smaller of two gaps is to be common ground.
const COMMON: f64 = 0.5;
/// Cell of the grid that the name of a new gap rests on, about 100 m.
const CELL_UNITS: i64 = 1_000_000_000;
/// Digits of the hash that make an id, enough to tell 100,000 gaps apart.
pub(crate) const ID_DIGITS: usize = 12;

/// Only gaps that have all of this in common can be the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Kind {
    pub(crate) commune: CommuneCode,
    pub(crate) operator: OperatorScope,
    pub(crate) technology: Technology,
    pub(crate) source: CoverageSource,
}

impl Kind {
    fn of(gap: &CoverageGap) -> Self {
        let CoverageGap { commune, operator, technology, source, .. } = gap;
        Self { commune: commune.clone(), operator: operator.clone(), technology: *technology, source: *source }
    }
}

/// A gap of today.
#[derive(Debug)]
pub(crate) struct Today<'a> {
    pub(crate) kind: Kind,
    /// Shell, then holes.
    pub(crate) polygon: &'a [Ring],
    pub(crate) bounds: Bounds,
    pub(crate) area_m2: f64,
    /// A point inside it.
    pub(crate) inner: Point,
    /// In order of their ids.
    pub(crate) settlements: &'a [SettlementId],
}

/// The id of each of the gaps of today, which are in an order that their content gives, and the gap of the last time
/// that it is, if any.
pub(crate) fn identify<'p>(today: &[Today<'_>], previous: &'p [CoverageGap]) -> Vec<(String, Option<&'p CoverageGap>)> {
    let mut kept = same(today, previous);
    let mut taken: HashSet<String> = previous.iter().map(|gap| gap.id.clone()).collect();
    let id = |(index, gap): (usize, &Today<'_>)| {
        if let Some(old) = kept.remove(&index) {
            return (old.id.clone(), Some(old));
        }
        let mut nth = 0_u64;
        let mut id = gap.name(nth);
        while !taken.insert(id.clone()) {
            nth += 1;
            id = gap.name(nth);
        }
        (id, None)
    };
    today.iter().enumerate().map(id).collect()
}

impl Today<'_> {
    fn name(&self, nth: u64) -> String {
        let Kind { commune, operator, technology, source } = &self.kind;
        let (x, y) = (self.inner.x.div_euclid(CELL_UNITS), self.inner.y.div_euclid(CELL_UNITS));
        let text = format!("{commune} {} {} {} {x} {y} {nth}", operator.id(), technology.id(), source.id());
        hex(&Sha256::digest(text)).chars().take(ID_DIGITS).collect()
    }
}

/// A gap of the last time.
struct Old<'p> {
    gap: &'p CoverageGap,
    region: Region,
    bounds: Option<Bounds>,
    area_m2: f64,
}

impl<'p> Old<'p> {
    fn of(gap: &'p CoverageGap) -> Self {
        let point = |[lon, lat]: &[f64; 2]| to_grid(*lon, *lat);
        let ring = |ring: &Vec<[f64; 2]>| {
            // GeoJSON repeats the first position at the end.
            ring.split_last().map(|(_, ring)| ring.iter().filter_map(point).collect::<Ring>()).unwrap_or_default()
        };
        let polygons = gap.polygon.iter().map(|polygon| polygon.iter().map(ring).collect()).collect();
        let region = Region { polygons };
        Self { gap, bounds: region.bounds(), area_m2: region.area_m2(), region }
    }

    fn west(&self) -> Option<i64> {
        self.bounds.as_ref().map(|bounds| bounds.low.x)
    }

    /// The ground in common with a gap of today, where that makes the two the same.
    fn common_m2(&self, today: &Today<'_>) -> Option<f64> {
        let common_m2 = match (self.region.polygons.as_slice(), &self.bounds) {
            ([polygon], _) if polygon == today.polygon => today.area_m2,
            (_, Some(bounds)) if bounds.meets(&today.bounds) => self.region.intersection(today.polygon).area_m2(),
            _ => 0.0,
        };
        let settled = !today.settlements.is_empty() && self.gap.settlements == today.settlements;
        let smaller_m2 = self.area_m2.min(today.area_m2);
        let enough = common_m2 > 0.0 && common_m2 >= COMMON * smaller_m2;
        (enough || settled).then_some(common_m2)
    }
}

/// The gaps of the last time of one kind, so that those at a place are found without a look at all.
struct Olds<'p> {
    /// From west to east; those without points come first.
    olds: Vec<Old<'p>>,
    /// Width of the widest.
    widest: i64,
    settled: HashMap<&'p [SettlementId], Vec<usize>>,
}

impl<'p> Olds<'p> {
    fn new(mut olds: Vec<Old<'p>>) -> Self {
        olds.sort_by_key(|old| old.west());
        let widths = olds.iter().filter_map(|old| old.bounds.as_ref()).map(|bounds| bounds.high.x - bounds.low.x);
        let widest = widths.max().unwrap_or_default();
        let mut settled: HashMap<&[SettlementId], Vec<usize>> = HashMap::new();
        for (index, old) in olds.iter().enumerate().filter(|(_, old)| !old.gap.settlements.is_empty()) {
            settled.entry(&old.gap.settlements).or_default().push(index);
        }
        Self { olds, widest, settled }
    }

    /// Those that may be the same as a gap of today.
    fn near(&self, today: &Today<'_>) -> impl Iterator<Item = &Old<'p>> {
        let first = self.olds.partition_point(|old| old.west() < Some(today.bounds.low.x - self.widest));
        let end = self.olds.partition_point(|old| old.west() <= Some(today.bounds.high.x));
        let meets = |old: &Old<'_>| old.bounds.as_ref().is_some_and(|bounds| bounds.meets(&today.bounds));
        let at_place = (first..end).filter(move |index| self.olds.get(*index).is_some_and(meets));
        let settled = self.settled.get(today.settlements).into_iter().flatten().copied();
        let near: BTreeSet<usize> = at_place.chain(settled).collect();
        near.into_iter().filter_map(|index| self.olds.get(index))
    }
}

/// The gap of the last time that each is, by its place in the list of today.
fn same<'p>(today: &[Today<'_>], previous: &'p [CoverageGap]) -> HashMap<usize, &'p CoverageGap> {
    let mut by_kind: BTreeMap<Kind, Vec<Old<'p>>> = BTreeMap::new();
    // What is patchy has no ground, and its name says which settlement it is.
    for gap in previous.iter().filter(|gap| gap.grade == Grade::None) {
        by_kind.entry(Kind::of(gap)).or_default().push(Old::of(gap));
    }
    let by_kind: BTreeMap<Kind, Olds<'_>> = by_kind.into_iter().map(|(kind, olds)| (kind, Olds::new(olds))).collect();
    let mut pairs: Vec<(f64, &CoverageGap, usize)> = Vec::new();
    for (index, gap) in today.iter().enumerate() {
        for old in by_kind.get(&gap.kind).into_iter().flat_map(|olds| olds.near(gap)) {
            pairs.extend(old.common_m2(gap).map(|common_m2| (common_m2, old.gap, index)));
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.id.cmp(&b.1.id)).then(a.2.cmp(&b.2)));
    let (mut kept, mut passed_on) = (HashMap::new(), HashSet::new());
    for (_, old, index) in pairs {
        if !kept.contains_key(&index) && passed_on.insert(old.id.as_str()) {
            kept.insert(index, old);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many gaps of one commune, side by side in rows of a hundred.
    fn squares(count: usize, aside: i64) -> Vec<Vec<Ring>> {
        let square = |n: i64| {
            let (x, y) =
                (105_000_000_000_000 + n % 100 * 10_000_000_000 + aside, 22_000_000_000_000 + n / 100 * 10_000_000_000);
            let side = 8_000_000_000;
            vec![vec![
                Point::new(x, y),
                Point::new(x + side, y),
                Point::new(x + side, y + side),
                Point::new(x, y + side),
            ]]
        };
        (0_i64..).map(square).take(count).collect()
    }

    fn today(polygons: &[Vec<Ring>]) -> Vec<Today<'_>> {
        let gap = |polygon: &'_ Vec<Ring>| -> Option<(Bounds, Point)> {
            Some((Bounds::around(polygon.first()?)?, *polygon.first()?.first()?))
        };
        polygons
            .iter()
            .filter_map(|polygon| {
                let (bounds, inner) = gap(polygon)?;
                let kind = Kind {
                    commune: "00001".parse().expect("code"),
                    operator: OperatorScope::Any,
                    technology: Technology::G4,
                    source: CoverageSource::Declared,
                };
                let area_m2 = crate::area::polygons_m2([polygon]);
                Some(Today { kind, polygon, bounds, area_m2, inner, settlements: &[] })
            })
            .collect()
    }

    fn stored(gap: &Today<'_>, id: &str) -> CoverageGap {
        let pair = |p: &Point| [crate::grid::degrees(p.x), crate::grid::degrees(p.y)];
        let rings = gap.polygon.iter().map(|ring| ring.iter().chain(ring.first()).map(pair).collect()).collect();
        let at = phusong_model::LonLat { lon: 105.0, lat: 22.0 };
        serde_json::from_value(serde_json::json!({
            "id": id, "commune": gap.kind.commune, "operator": gap.kind.operator, "technology": gap.kind.technology,
            "source": gap.kind.source, "area_km2": gap.area_m2 / 1e6, "at": at, "polygon": Vec::<Vec<Vec<[f64; 2]>>>::from([rings]),
            "settlements": [], "approximate": false, "example": false, "first_seen": phusong_model::UtcMs(1),
        }))
        .expect("a gap")
    }

    /// Twenty thousand in one commune, all moved by a quarter of their side: each keeps its id, and no two have one.
    #[test]
    fn many_gaps_keep_their_ids_when_all_of_them_move() {
        let (before, after) = (squares(20_000, 0), squares(20_000, 2_000_000_000));
        let first = today(&before);
        let ids = identify(&first, &[]);
        let unique: HashSet<&str> = ids.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(unique.len(), 20_000);
        let mut previous: Vec<CoverageGap> = first.iter().zip(&ids).map(|(gap, (id, _))| stored(gap, id)).collect();
        previous.reverse();
        let again = identify(&today(&after), &previous);
        assert!(again.iter().zip(&ids).all(|((new, old), (id, _))| new == id && old.is_some()));
    }
}
