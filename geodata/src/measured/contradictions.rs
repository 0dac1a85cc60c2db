//! Declared and modelled layers against what was measured.

use std::collections::{BTreeMap, HashMap};

use phusong_model::{
    CONTRADICTION_TESTS_MAX, CommuneCode, Contradiction, ContradictionPlace, Inventory, LonLat, MeasuredSignal,
    Settlement, Signal, SignalTest, UtcMs, config::MeasuredAge,
};
use sha2::{Digest, Sha256};

use super::{
    claims::Claims,
    found::{self, MIN_TESTS},
    hexagons::{self, Hexagon, Whose},
    near::Nearby,
    record::Sample,
    times,
};
use crate::{
    boundaries::Boundary,
    fingerprint::hex,
    grid::{Point, degrees, position, to_grid},
    locate::Communes,
    raster::SignalThresholds,
};

/// Tests so many metres around the centre of a settlement speak for it. The houses around a *nhà văn hóa* reach some
/// hundred metres in the mountains; farther away it is another hamlet's slope. An assumption of ours: no regulator says.
pub(crate) const SETTLEMENT_REACH_M: u32 = 300;
/// Bytes of the hash that make an id, as those of gaps.
const ID_BYTES: usize = 6;

/// What contradictions are looked for among.
pub(crate) struct Ground<'a> {
    pub(crate) samples: &'a [Sample],
    pub(crate) boundaries: &'a [Boundary],
    pub(crate) inventory: &'a Inventory,
    pub(crate) approximate: bool,
    pub(crate) age: MeasuredAge,
    /// When figures are computed; the date of layers without one.
    pub(crate) at: UtcMs,
}

/// All contradictions, by commune, place, operator, technology and source.
pub(crate) fn of<'a>(ground: &Ground<'_>, claims: impl IntoIterator<Item = Claims<'a>>) -> Vec<Contradiction> {
    let by_whose = hexagons::by_whose(ground.samples);
    let mut found = Vec::new();
    for claims in claims {
        let whose = Whose { operator: claims.operator, technology: claims.technology };
        if let Some(tests) = by_whose.get(&whose) {
            let against = Against { ground, claims: &claims, tests: ground.young(tests, claims.valid_on) };
            against.hexagons(&mut found);
            against.settlements(&mut found);
        }
    }
    ground.locate(&mut found);
    let mut contradictions: Vec<Contradiction> = found.into_iter().map(|found| found.contradiction).collect();
    contradictions.sort_by(|a, b| {
        let key =
            |c: &Contradiction| (c.commune.clone(), place_key(&c.place), c.operator.clone(), c.technology, c.source);
        key(a).cmp(&key(b)).then(b.claimed.cmp(&a.claimed))
    });
    contradictions
}

/// A contradiction whose commune may have to be looked up.
struct Found {
    contradiction: Contradiction,
    /// Where the commune is looked up.
    middle: LonLat,
}

impl Ground<'_> {
    /// Those of the tests that are young enough to speak against a layer of that date.
    fn young<'t>(&self, tests: &[&'t Sample], valid_on: Option<&str>) -> Vec<&'t Sample> {
        let date = valid_on.and_then(times::start_of_day).unwrap_or(self.at);
        let oldest = date.minus(times::days(self.age));
        tests.iter().filter(|test| test.at >= oldest).copied().collect()
    }

    /// Says in which commune each contradiction without one lies.
    fn locate(&self, found: &mut [Found]) {
        let missing: Vec<&mut Found> = found.iter_mut().filter(|one| one.contradiction.commune.is_none()).collect();
        if missing.is_empty() {
            return;
        }
        let communes = Communes::of(self.boundaries);
        let middles: Vec<LonLat> = missing.iter().map(|one| one.middle).collect();
        for (one, commune) in missing.into_iter().zip(communes.locate(&middles)) {
            one.contradiction.commune = commune.cloned();
        }
    }
}

/// A layer, and the tests that may speak against it.
struct Against<'a, 'c> {
    ground: &'a Ground<'a>,
    claims: &'a Claims<'c>,
    tests: Vec<&'a Sample>,
}

impl Against<'_, '_> {
    fn hexagons(&self, found: &mut Vec<Found>) {
        let said = self.claims.firm(&self.tests.iter().map(|test| test.point).collect::<Vec<_>>());
        // An edge of the layer may run through a hexagon: each side is judged by its own tests.
        let mut sides: BTreeMap<(Hexagon, Signal), Vec<&Sample>> = BTreeMap::new();
        for (hexagon, tests) in hexagons::by_hexagon(self.tests.iter().copied()) {
            for test in tests {
                if let Some(claimed) = said.get(&test.point).copied().flatten() {
                    sides.entry((hexagon, claimed)).or_default().push(test);
                }
            }
        }
        for ((hexagon, claimed), tests) in sides {
            let Some(measured) = self.contradicting(claimed, &tests) else { continue };
            let ring = hexagon.ring();
            let boundary = ring.iter().chain(ring.first()).map(|p| [degrees(p.x), degrees(p.y)]).collect();
            let place = ContradictionPlace::Hexagon { index: hexagon.index(), boundary };
            let contradiction = self.contradiction(place, None, claimed, measured, tests);
            found.push(Found { contradiction, middle: hexagon.middle() });
        }
    }

    fn settlements(&self, found: &mut Vec<Found>) {
        let nearby = Nearby::of(self.tests.iter().copied());
        let reach = f64::from(SETTLEMENT_REACH_M);
        let placed = self.ground.inventory.settlements.iter().filter_map(|settlement| {
            let centre = to_grid(settlement.at.lon, settlement.at.lat)?;
            let tests: Vec<&Sample> = nearby.within(centre, reach).collect();
            (tests.len() >= MIN_TESTS).then_some((settlement, centre, tests))
        });
        let placed: Vec<(&Settlement, Point, Vec<&Sample>)> = placed.collect();
        let claimed = self.claims.of(placed.iter().map(|(_, centre, _)| Some(*centre)));
        let points: Vec<Point> = placed.iter().flat_map(|(_, _, tests)| tests.iter().map(|test| test.point)).collect();
        let said: HashMap<Point, Option<Signal>> = self.claims.firm(&points);
        for ((settlement, _, mut tests), claimed) in placed.into_iter().zip(claimed) {
            let Some(claimed) = claimed else { continue };
            // What lies beyond an edge of the layer does not speak for the centre.
            tests.retain(|test| said.get(&test.point).copied().flatten() == Some(claimed));
            let Some(measured) = self.contradicting(claimed, &tests) else { continue };
            let place = ContradictionPlace::Settlement {
                settlement: settlement.id.clone(),
                at: settlement.at,
                within_m: SETTLEMENT_REACH_M,
            };
            let commune = Some(settlement.commune.clone());
            let contradiction = self.contradiction(place, commune, claimed, measured, tests);
            found.push(Found { contradiction, middle: settlement.at });
        }
    }

    /// What the tests say, when there are enough of them and it is not what was claimed: less than was claimed, or some
    /// signal where none was. More signal than a marginal claim is no contradiction: weather and leaves do as much.
    fn contradicting(&self, claimed: Signal, tests: &[&Sample]) -> Option<MeasuredSignal> {
        if tests.len() < MIN_TESTS {
            return None;
        }
        let measured = found::sum_up(tests, &SignalThresholds::usual(self.claims.technology))?;
        let more = claimed == Signal::None && measured.class > Signal::None;
        (measured.class < claimed || more).then_some(measured)
    }

    fn contradiction(
        &self,
        place: ContradictionPlace,
        commune: Option<CommuneCode>,
        claimed: Signal,
        measured: MeasuredSignal,
        tests: Vec<&Sample>,
    ) -> Contradiction {
        let Claims { source, operator, technology, valid_on, example, .. } = self.claims;
        let (kind, name) = place_key(&place);
        let way = if measured.class < claimed { "less" } else { "more" };
        let identity = format!(
            "contradiction {kind} {name} {operator} {} {} {} {way}",
            technology.id(),
            source.id(),
            claimed.id()
        );
        let (tests, untold) = listed(tests);
        Contradiction {
            id: hex(&Sha256::digest(identity)).chars().take(2 * ID_BYTES).collect(),
            place,
            commune,
            operator: (*operator).clone(),
            technology: *technology,
            source: *source,
            claimed,
            valid_on: valid_on.map(str::to_owned),
            measured,
            tests,
            untold,
            approximate: self.ground.approximate,
            example: *example || self.ground.inventory.example,
        }
    }
}

/// Hexagons before settlements, each by its name.
fn place_key(place: &ContradictionPlace) -> (&'static str, String) {
    match place {
        ContradictionPlace::Hexagon { index, .. } => ("hexagon", index.clone()),
        ContradictionPlace::Settlement { settlement, .. } => ("settlement", settlement.to_string()),
    }
}

/// The first and the last tests by time, as many as are listed, and how many are not.
fn listed(mut tests: Vec<&Sample>) -> (Vec<SignalTest>, u64) {
    tests.sort_by(|a, b| a.order().cmp(&b.order()));
    let untold = tests.len().saturating_sub(CONTRADICTION_TESTS_MAX);
    if untold > 0 {
        let first = CONTRADICTION_TESTS_MAX.div_ceil(2);
        tests.drain(first..first + untold);
    }
    let told = |test: &Sample| SignalTest {
        dataset: test.dataset.to_string(),
        place: test.place.to_string(),
        at: test.at,
        position: position(test.point),
        dbm: test.dbm,
        cell: test.cell.as_deref().map(str::to_owned),
    };
    (tests.into_iter().map(told).collect(), untold as u64)
}
