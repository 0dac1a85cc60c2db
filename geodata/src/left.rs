//! What layers leave of the land of one tile.
//!
//! Land that no layer covers is the *rest*; what of the rest every layer speaks of is the *gap*. What is in the rest and
//! in no gap is not known.

use std::{borrow::Cow, rc::Rc};

use crate::{
    area::rings_m2,
    grid::{Point, Ring},
    ladder::{Ladder, Rung},
    overlay::Engine,
    population::Population,
    sound::Sound,
    tiles::{Cover, Tile},
};

/// The land of a tile.
#[derive(Debug)]
pub(crate) struct Land<'a> {
    pub(crate) tile: &'a Tile<'a>,
    pub(crate) rings: Vec<Ring>,
    pub(crate) m2: f64,
    /// Who lives there, where people are counted.
    pub(crate) people: f64,
    population: Option<&'a Population>,
}

/// A part of the land of a tile.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// `None` is all of the land.
    rings: Option<Rc<Vec<Ring>>>,
    pub(crate) m2: f64,
    /// Who lives there, where people are counted.
    pub(crate) people: f64,
}

/// What a rung leaves of the land of a tile.
#[derive(Debug, Clone)]
pub(crate) struct Left {
    /// What is not covered.
    pub(crate) rest: Part,
    /// What of it has no signal; `None` is all of it.
    gap: Option<Part>,
}

/// What the layers that a rung adds cover of a tile.
enum Covers<'a> {
    Nothing,
    Rings(Vec<Cow<'a, [Point]>>),
    All,
}

impl<'a> Land<'a> {
    /// The land of a tile, and who lives there.
    pub(crate) fn of(tile: &'a Tile<'a>, population: Option<&'a Population>) -> Self {
        let rings = tile.land();
        let m2 = rings_m2(&rings);
        let people = people(population, &rings);
        Self { tile, rings, m2, people, population }
    }
}

/// Who lives inside rings. That the raster's coordinate system reaches them was seen when it was read.
fn people(population: Option<&Population>, rings: &[Ring]) -> f64 {
    population.and_then(|population| population.within(rings)).unwrap_or_default()
}

/// What is left after each rung of a ladder whose layers are joined.
pub(crate) fn climb(engine: &mut Engine, land: &Land<'_>, layers: &[Sound], ladder: &Ladder) -> Vec<Left> {
    let mut left = Left { rest: Part::all(land), gap: None };
    let mut after = |rung: &Rung| {
        left = left.less(engine, land, layers, rung);
        left.clone()
    };
    ladder.rungs.iter().map(&mut after).collect()
}

/// What is left when at least `count` of the operators have to cover, of what each of them leaves alone: the places that
/// so many leave that too few are there to cover them.
pub(crate) fn fold(engine: &mut Engine, land: &Land<'_>, count: usize, singles: &[&Left]) -> Left {
    let Some(needed) = (singles.len() + 1).checked_sub(count) else {
        return Left { rest: Part::all(land), gap: None };
    };
    let rests: Vec<&Part> = singles.iter().map(|left| &left.rest).collect();
    let rest = Part::common(engine, land, &rests, needed);
    let gap = singles.iter().any(|left| left.gap.is_some()).then(|| {
        let gaps: Vec<&Part> = singles.iter().map(|left| left.gap()).collect();
        Part::common(engine, land, &gaps, needed).at_most(&rest)
    });
    Left { rest, gap }
}

impl Left {
    /// What has no signal.
    pub(crate) fn gap(&self) -> &Part {
        self.gap.as_ref().unwrap_or(&self.rest)
    }

    /// The same, when what is left may be no more than what was left above: rounding may add a hair.
    pub(crate) fn at_most(self, above: &Self) -> Self {
        let gap = self.gap.map(|gap| gap.at_most(above.gap()).at_most(&above.rest));
        Self { rest: self.rest.at_most(&above.rest), gap }
    }

    /// Whether both are the same for the same reason.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let gaps_are_same = match (&self.gap, &other.gap) {
            (None, None) => true,
            (Some(gap), Some(other)) => gap.is_same(other),
            (None, Some(_)) | (Some(_), None) => false,
        };
        self.rest.is_same(&other.rest) && gaps_are_same
    }

    /// What is left of it by the layers that a rung adds.
    fn less(&self, engine: &mut Engine, land: &Land<'_>, layers: &[Sound], rung: &Rung) -> Self {
        let covers = Covers::of(land.tile, rung);
        let rest = self.rest.without(engine, land, &covers);
        if rest.is_empty() {
            return Self { rest, gap: None };
        }
        let mut gap = self.gap.clone();
        let has_limits = |layer: &&usize| layers.get(**layer).is_some_and(|layer| layer.known.is_some());
        for layer in rung.added().iter().filter(has_limits) {
            // What layers speak of lies behind what all of them cover.
            match land.tile.layer(layers.len() + layer) {
                Some(Cover::Full) => {}
                Some(Cover::Part(parts)) => {
                    let known: Vec<_> = parts.rings(land.tile.frame()).collect();
                    gap = Some(gap.as_ref().unwrap_or(&self.rest).within(engine, land, &known));
                }
                None => gap = Some(Part::nothing()),
            }
        }
        let gap = gap.map(|gap| gap.without(engine, land, &covers).at_most(&rest));
        Self { rest, gap }
    }
}

impl Part {
    fn all(land: &Land<'_>) -> Self {
        Self { rings: None, m2: land.m2, people: land.people }
    }

    fn nothing() -> Self {
        Self { rings: Some(Rc::default()), m2: 0.0, people: 0.0 }
    }

    /// Rounding may add a hair, but what is cut off a part never makes it larger.
    fn new(land: &Land<'_>, rings: Vec<Ring>, (most_m2, most_people): (f64, f64)) -> Self {
        let m2 = rings_m2(&rings).min(most_m2);
        let people = people(land.population, &rings).min(most_people);
        Self { rings: Some(Rc::new(rings)), m2, people }
    }

    fn at_most(self, most: &Self) -> Self {
        Self { m2: self.m2.min(most.m2), people: self.people.min(most.people), ..self }
    }

    /// Its rings.
    pub(crate) fn rings<'a>(&'a self, land: &'a Land<'_>) -> &'a [Ring] {
        self.rings.as_ref().map_or(&land.rings, |rings| rings)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rings.as_ref().is_some_and(|rings| rings.is_empty())
    }

    fn is_same(&self, other: &Self) -> bool {
        match (&self.rings, &other.rings) {
            (None, None) => true,
            (Some(one), Some(other)) => Rc::ptr_eq(one, other),
            (None, Some(_)) | (Some(_), None) => false,
        }
    }

    /// What of it is not covered.
    fn without(&self, engine: &mut Engine, land: &Land<'_>, covers: &Covers<'_>) -> Self {
        match covers {
            Covers::Nothing => self.clone(),
            Covers::All => Self::nothing(),
            Covers::Rings(_) if self.is_empty() => self.clone(),
            Covers::Rings(rings) => {
                let rings: Vec<&[Point]> = rings.iter().map(AsRef::as_ref).collect();
                Self::new(land, engine.difference(self.rings(land), rings.as_slice()), (self.m2, self.people))
            }
        }
    }

    /// What of it lies in any of the rings.
    fn within(&self, engine: &mut Engine, land: &Land<'_>, rings: &[Cow<'_, [Point]>]) -> Self {
        if self.is_empty() {
            return self.clone();
        }
        let rings: Vec<&[Point]> = rings.iter().map(AsRef::as_ref).collect();
        Self::new(land, engine.intersection(self.rings(land), rings.as_slice()), (self.m2, self.people))
    }

    /// What at least so many of the parts have in common.
    fn common(engine: &mut Engine, land: &Land<'_>, parts: &[&Self], needed: usize) -> Self {
        let whole = parts.iter().filter(|part| part.rings.is_none()).count();
        let Some(needed) = needed.checked_sub(whole).filter(|needed| *needed > 0) else {
            return Self::all(land);
        };
        let cut: Vec<&&Self> = parts.iter().filter(|part| part.rings.is_some() && !part.is_empty()).collect();
        match cut.as_slice() {
            few if few.len() < needed => Self::nothing(),
            [only] => (**only).clone(),
            many => {
                let rings: Vec<&[Point]> = many.iter().flat_map(|part| part.rings(land)).map(Vec::as_slice).collect();
                Self::new(land, engine.common(rings, needed, land.tile.frame()), (land.m2, land.people))
            }
        }
    }
}

impl<'a> Covers<'a> {
    fn of(tile: &'a Tile<'a>, rung: &Rung) -> Self {
        let mut rings = Vec::new();
        for cover in rung.added().iter().filter_map(|layer| tile.layer(*layer)) {
            match cover {
                Cover::Full => return Self::All,
                Cover::Part(parts) => rings.extend(parts.rings(tile.frame())),
            }
        }
        if rings.is_empty() { Self::Nothing } else { Self::Rings(rings) }
    }
}
