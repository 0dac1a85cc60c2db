//! What of a commune's land each step of each ladder covers, what has no signal, and of what nobody knows.

use std::sync::Arc;

use crate::{
    area::rings_m2,
    grid::{Bounds, Ring},
    ladder::{Ladder, Make, Rung},
    left::{self, Land, Left},
    overlay::{Engine, Region},
    population::{People, Population},
    sound::Sound,
    tiles::{Cover, Polygon, Tile, mend},
};

/// Less land than this, in m², is not called unknown: it comes from rounding where tiles were cut.
const ROUNDING_M2: f64 = 1e-3;

/// How much of a commune's area is covered.
#[derive(Debug, Clone)]
pub(crate) struct Covered {
    /// By ladder, then by rung; nothing for the best operator, who is found among the others.
    pub(crate) ladders: Vec<Vec<Step>>,
}

/// What a rung of a ladder covers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Step {
    /// Area with signal.
    pub(crate) covered_m2: f64,
    /// Area of which it is known whether there is signal, so that the rest of it has none.
    pub(crate) known_m2: f64,
    /// The rest of the commune.
    pub(crate) unknown_m2: f64,
    /// Who lives there, where people are counted.
    pub(crate) people: People,
    /// What has no signal, if it was asked for.
    pub(crate) gap: Vec<NotSpot>,
}

/// A connected piece of a commune that has no signal. It is measured once, and kept with what is computed.
#[derive(Debug, Clone)]
pub(crate) struct NotSpot {
    /// Shell, then holes.
    pub(crate) polygon: Arc<Vec<Ring>>,
    pub(crate) bounds: Bounds,
    pub(crate) area_m2: f64,
}

impl NotSpot {
    /// The pieces of a region.
    fn all_of(region: Region) -> Vec<Self> {
        let not_spot = |polygon: Vec<Ring>| {
            let bounds = Bounds::around(polygon.first()?)?;
            Some(Self { bounds, area_m2: rings_m2(&polygon), polygon: Arc::new(polygon) })
        };
        region.polygons.into_iter().filter_map(not_spot).collect()
    }
}

/// What is added up over the tiles of a commune.
#[derive(Debug, Clone, Default)]
struct Tally {
    covered_m2: f64,
    unknown_m2: f64,
    people: f64,
    covered_people: f64,
    unknown_people: f64,
    /// Some place is not covered.
    has_rest: bool,
    /// Some place has no signal.
    has_gap: bool,
    gap: Vec<Ring>,
}

/// Lays layers over land.
pub(crate) struct Laying<'a> {
    ladders: &'a [Ladder],
    layers: &'a [Sound],
    /// For each ladder the first that has the same layers in the same rungs: what it covers is the same.
    same_as: Vec<usize>,
    /// Whether the places without signal of a rung are wanted, not only their area.
    wants_gap: fn(&Ladder, &Rung) -> bool,
    /// By what people are counted.
    population: Option<&'a Population>,
    engine: Engine,
}

impl<'a> Laying<'a> {
    /// For the ladders over these layers; `wants_gap` says of which rungs the places without signal are wanted.
    pub(crate) fn new(ladders: &'a [Ladder], layers: &'a [Sound], wants_gap: fn(&Ladder, &Rung) -> bool) -> Self {
        let same = |a: &Ladder, b: &Ladder| {
            a.make == Make::Union
                && b.make == Make::Union
                && a.rungs.iter().map(Rung::added).eq(b.rungs.iter().map(Rung::added))
        };
        let first = |(number, ladder)| ladders.iter().position(|other| same(other, ladder)).unwrap_or(number);
        let same_as = ladders.iter().enumerate().map(first).collect();
        Self { ladders, layers, same_as, wants_gap, population: None, engine: Engine::default() }
    }

    /// Counts people too.
    pub(crate) fn counting(self, population: Option<&'a Population>) -> Self {
        Self { population, ..self }
    }

    /// Lays the layers over the land of a commune; `None` when it has none.
    pub(crate) fn over(&mut self, land: &Region) -> Option<Covered> {
        let frame = land.bounds()?;
        let total_m2 = land.area_m2();
        let polygons: Vec<_> = Polygon::all_of(land.clone()).map(Arc::new).collect();
        // What layers cover, and behind all of that what they speak of.
        let signal = self.layers.iter().map(|layer| Some(&layer.signal));
        let sheets = signal.chain(self.layers.iter().map(|layer| layer.known.as_ref())).enumerate();
        let over = sheets.filter_map(|(number, sheet)| Some((number, Cover::of(sheet?, &frame)?)));
        let whole = Tile::new(frame, Cover::of(&polygons, &frame)?, over.collect());
        let mut tallies: Vec<Vec<Tally>> =
            self.ladders.iter().map(|ladder| vec![Tally::default(); ladder.rungs.len()]).collect();
        whole.settle(&mut |tile| self.add(tile, &mut tallies));
        let mut steps: Vec<Vec<Step>> =
            tallies.into_iter().map(|rungs| rungs.into_iter().map(|tally| tally.step(total_m2)).collect()).collect();
        for (ladder, first) in self.same_as.iter().enumerate().filter(|(ladder, first)| ladder != *first) {
            let copied = steps.get(*first).cloned().unwrap_or_default();
            if let Some(slot) = steps.get_mut(ladder) {
                *slot = copied;
            }
        }
        Some(Covered { ladders: steps })
    }

    /// Adds a tile to what each rung covers.
    fn add(&mut self, tile: &Tile<'_>, tallies: &mut [Vec<Tally>]) {
        let land = Land::of(tile, self.population);
        // What several operators cover is counted over single ones, so that these come first.
        let mut left: Vec<Vec<Left>> = Vec::with_capacity(self.ladders.len());
        for (number, ladder) in self.ladders.iter().enumerate() {
            left.push(match ladder.make {
                Make::Union if self.same_as.get(number) == Some(&number) => {
                    left::climb(&mut self.engine, &land, self.layers, ladder)
                }
                Make::Union | Make::Fold { .. } | Make::Best { .. } => Vec::new(),
            });
        }
        for (ladder, tallies) in self.ladders.iter().zip(tallies.iter_mut()) {
            if let Make::Fold { count, of } = &ladder.make {
                self.fold(&land, ladder, *count, of, &left, tallies);
            }
        }
        for ((ladder, left), tallies) in self.ladders.iter().zip(&left).zip(tallies) {
            for ((rung, left), tally) in ladder.rungs.iter().zip(left).zip(tallies) {
                tally.add(&land, left, (self.wants_gap)(ladder, rung));
            }
        }
    }

    /// Adds a tile to what at least `count` of the operators cover, of what their own ladders left.
    fn fold(
        &mut self,
        land: &Land<'_>,
        ladder: &Ladder,
        count: usize,
        of: &[usize],
        left: &[Vec<Left>],
        tallies: &mut [Tally],
    ) {
        let single = |technology, number: &usize| {
            let rung = self.ladders.get(*number)?.rung(technology)?;
            left.get(*self.same_as.get(*number)?)?.get(rung)
        };
        let mut above: Option<(Vec<&Left>, Left)> = None;
        for (rung, tally) in ladder.rungs.iter().zip(tallies) {
            let singles: Vec<&Left> = of.iter().filter_map(|number| single(rung.technology, number)).collect();
            let folded = match above.take() {
                // Most technologies add nothing in most tiles.
                Some((before, folded)) if before.iter().zip(&singles).all(|(one, other)| one.is_same(other)) => folded,
                Some((_, above)) => left::fold(&mut self.engine, land, count, &singles).at_most(&above),
                None => left::fold(&mut self.engine, land, count, &singles),
            };
            tally.add(land, &folded, (self.wants_gap)(ladder, rung));
            above = Some((singles, folded));
        }
    }
}

impl Tally {
    fn add(&mut self, land: &Land<'_>, left: &Left, wants_gap: bool) {
        let gap = left.gap();
        self.covered_m2 += land.m2 - left.rest.m2;
        self.unknown_m2 += left.rest.m2 - gap.m2;
        self.people += land.people;
        self.covered_people += land.people - left.rest.people;
        self.unknown_people += left.rest.people - gap.people;
        self.has_rest |= !left.rest.is_empty();
        self.has_gap |= !gap.is_empty();
        if wants_gap {
            self.gap.extend_from_slice(gap.rings(land));
        }
    }

    /// The whole of a commune of such an area. Where there is nothing left the whole is covered to the last digit,
    /// however its tiles add up; so it is with what is known.
    fn step(self, total_m2: f64) -> Step {
        let covered_m2 = if self.has_rest { self.covered_m2.min(total_m2) } else { total_m2 };
        let known_m2 = match (self.has_gap, self.unknown_m2 < ROUNDING_M2) {
            (_, true) => total_m2,
            (false, false) => covered_m2,
            (true, false) => (total_m2 - self.unknown_m2).max(covered_m2),
        };
        // Nobody lives on land that is but rounding.
        let unknown = if known_m2 < total_m2 { self.unknown_people.max(0.0) } else { 0.0 };
        let people = People { covered: self.covered_people, known: self.people - unknown, unknown };
        Step { covered_m2, known_m2, unknown_m2: total_m2 - known_m2, people, gap: NotSpot::all_of(joined(&self.gap)) }
    }
}

/// The pieces of all tiles as whole polygons.
fn joined(pieces: &[Ring]) -> Region {
    let mut region = Region::of_rings(pieces);
    region.polygons.iter_mut().flatten().for_each(mend);
    region
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use phusong_model::{CoverageSource, Technology};
    use proptest::prelude::*;

    use super::*;
    use crate::{
        grid::{Point, RawPolygon},
        keyed::KeyedPolygon,
        ladder::ladders,
        layers::{Layer, LayerKey, Layers},
    };

    /// Three operators, of which one has two technologies and another has two layers of a technology of which one is
    /// older.
    const KEYS: [(&str, Technology); 5] = [
        ("a", Technology::G4),
        ("a", Technology::G5),
        ("b", Technology::G3),
        ("b", Technology::G4),
        ("c", Technology::G4),
    ];

    /// Tangled rings about twenty tiles wide.
    fn tangled(points: std::ops::Range<usize>) -> impl Strategy<Value = RawPolygon> {
        let point = (0_i64..2000, 0_i64..2000).prop_map(|(x, y)| Point::new(x * 6_000_011, y * 6_000_011));
        prop::collection::vec(point, points).prop_map(|ring| vec![ring])
    }

    /// A layer, whose signal lies inside or outside of what it speaks of.
    fn layer() -> impl Strategy<Value = Layer> {
        let known = prop::option::of(prop::collection::vec(tangled(3..12), 0..3));
        let signal = prop::collection::vec(tangled(3..40), 0..4);
        (signal, known).prop_map(|(full, known)| Layer {
            full: full.into_iter().map(KeyedPolygon::from).collect(),
            known: known.map(|known| known.into_iter().map(KeyedPolygon::from).collect()),
            ..Layer::default()
        })
    }

    fn layers(layers: Vec<Layer>) -> Layers {
        let keys = KEYS.iter().map(|(operator, technology)| LayerKey {
            source: CoverageSource::Measured,
            operator: operator.parse().expect("operator"),
            technology: *technology,
        });
        keys.zip(layers).collect::<BTreeMap<_, _>>()
    }

    fn laid(land: &Region, layers: &Layers) -> (Vec<Ladder>, Covered) {
        let ladders = ladders(layers);
        let sound: Vec<Sound> = layers.values().map(|layer| Sound::of(layer, None)).collect();
        let covered = Laying::new(&ladders, &sound, |_, _| true).over(land).expect("land");
        (ladders, covered)
    }

    /// The slow and obvious way: sets of operators over whole regions.
    struct Whole<'a> {
        land: &'a Region,
        ladders: &'a [Ladder],
        layers: Vec<&'a Layer>,
    }

    impl Whole<'_> {
        fn rings(region: &Region) -> Vec<Ring> {
            region.polygons.concat()
        }

        /// What any of the layers of a rung covers, and what all of them know not to be covered.
        fn union(&self, rung: &Rung) -> [Region; 2] {
            let layers = || rung.layers.iter().map(|number| self.layers[*number]);
            let signal = Region::union(layers().map(|layer| Region::of_polygons(&layer.full)).collect());
            let known = layers().filter_map(|layer| layer.known.as_deref()).map(Region::of_polygons);
            let without = self.land.difference(&Self::rings(&signal));
            let gap = known.fold(without, |gap, known| gap.intersection(&Self::rings(&known)));
            [self.land.intersection(&Self::rings(&signal)), gap]
        }

        /// What at least so many of the regions have, over all choices of them.
        fn common(&self, regions: &[Region], needed: usize) -> Region {
            let choices = (0_u32..1 << regions.len()).filter(|choice| choice.count_ones() as usize == needed);
            let met = choices.map(|choice| {
                let chosen = regions.iter().enumerate().filter(|(number, _)| choice >> number & 1 == 1);
                chosen.fold(self.land.clone(), |met, (_, region)| met.intersection(&Self::rings(region)))
            });
            Region::union(met.collect())
        }

        /// Covered, and without signal.
        fn of(&self, ladder: &Ladder, rung: &Rung) -> Option<[Region; 2]> {
            match &ladder.make {
                Make::Union => Some(self.union(rung)),
                Make::Fold { count, of } => {
                    let single = |number: &usize| {
                        let single = &self.ladders[*number];
                        self.union(&single.rungs[single.rung(rung.technology).expect("heard")])
                    };
                    let (covered, gaps): (Vec<_>, Vec<_>) =
                        of.iter().map(single).map(|[covered, gap]| (covered, gap)).unzip();
                    Some([self.common(&covered, *count), self.common(&gaps, of.len() + 1 - count)])
                }
                Make::Best { .. } => None,
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Tile by tile gives what laying the whole layers over the whole land gives.
        #[test]
        fn tiles_give_what_the_whole_gives(
            land in tangled(3..30),
            given in prop::collection::vec(layer(), KEYS.len()),
        ) {
            let land = Region::of_polygon(&land);
            prop_assume!(!land.is_empty());
            let layers = layers(given);
            let (ladders, covered) = laid(&land, &layers);
            let whole = Whole { land: &land, ladders: &ladders, layers: layers.values().collect() };
            for (ladder, steps) in ladders.iter().zip(&covered.ladders) {
                for (rung, step) in ladder.rungs.iter().zip(steps) {
                    let Some([inside, outside]) = whole.of(ladder, rung) else { continue };
                    let (scope, technology) = (ladder.operator.id(), rung.technology.id());
                    let gap_m2 = step.known_m2 - step.covered_m2;
                    let errors = [
                        step.covered_m2 - inside.area_m2(),
                        step.gap.iter().map(|not_spot| not_spot.area_m2).sum::<f64>() - outside.area_m2(),
                        gap_m2 - outside.area_m2(),
                        step.known_m2 + step.unknown_m2 - land.area_m2(),
                    ];
                    let close = errors.iter().all(|error| error.abs() <= 1e-2);
                    prop_assert!(close, "{scope} {technology}: {errors:?} m² of {}", land.area_m2());
                }
            }
        }

        /// Whatever a further layer says, it never takes signal away.
        #[test]
        fn a_further_layer_never_lowers_what_is_covered(
            land in tangled(3..20),
            given in prop::collection::vec(layer(), KEYS.len()),
            last in 0..KEYS.len(),
        ) {
            let land = Region::of_polygon(&land);
            prop_assume!(!land.is_empty());
            let after = layers(given);
            let mut before = after.iter().map(|(key, layer)| (key.clone(), copy(layer))).collect::<Layers>();
            let key = before.keys().nth(last).expect("a key").clone();
            before.remove(&key);
            let (figures_before, figures_after) = (figures(&land, &before), figures(&land, &after));
            for (scope, covered_m2) in figures_before {
                // All operators are others when there is one more.
                let Some(now_m2) = figures_after.get(&scope) else { continue };
                let counts_all = scope.0 == "all" || scope.0.starts_with("atleast");
                prop_assert!(counts_all || *now_m2 >= covered_m2 - 1e-2, "{scope:?}: {covered_m2} m², now {now_m2} m²");
            }
        }
    }

    fn copy(layer: &Layer) -> Layer {
        Layer { full: layer.full.clone(), known: layer.known.clone(), ..Layer::default() }
    }

    fn figures(land: &Region, layers: &Layers) -> BTreeMap<(String, Technology), f64> {
        let (ladders, covered) = laid(land, layers);
        let steps = ladders.iter().zip(&covered.ladders).flat_map(|(ladder, steps)| {
            let scope = ladder.operator.id().into_owned();
            ladder.rungs.iter().zip(steps).map(move |(rung, step)| ((scope.clone(), rung.technology), step.covered_m2))
        });
        steps.collect()
    }
}
