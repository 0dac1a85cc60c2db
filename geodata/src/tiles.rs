//! Land and what lies over it, cut into tiles until each has few edges or needs none.
//!
//! A tile that a footprint covers whole is settled: none of the edges of the dozen others over the same place is ever
//! laid over another. What is left are the borders of coverage, some hundred edges at a time. Tiles are cut along
//! [round](roundest) numbers of the grid, so that a place is cut the same way whatever lies elsewhere.

use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
};

use crate::{
    cut::{HalfPlane, Line, Piece, Split},
    grid::{Bounds, Point, Ring, side},
    keyed::Key,
    overlay::Region,
};

/// A tile with fewer edges is not cut further: the engine takes as long for them as cutting would.
const FEW_EDGES: usize = 300;
/// The same where polygons of a layer overlap: cut smaller, one of them is likely to cover a tile whole.
const FEW_OVERLAPPING: usize = 50;
/// From how many times that a tile is covered its polygons count as overlapping.
const OVERLAPPING: f64 = 1.5;
/// A tile narrower than this, about 60 m, is not cut further, however many edges meet in it.
const MIN_SIDE: i64 = 1 << 29;
/// Every line that tiles are cut along is at a multiple of this, since within [`MIN_SIDE`] there always is one.
const LINES_APART: i64 = MIN_SIDE / 2;
/// How far a point where a tile cut an edge may lie beside the edge: it was rounded, and so were its neighbours.
const ROUNDED: i128 = 2;

/// A sound polygon: rings neither cross nor touch, the shell runs counter-clockwise and holes clockwise.
#[derive(Debug)]
pub(crate) struct Polygon {
    bounds: Bounds,
    rings: Vec<(Bounds, Ring)>,
    key: OnceLock<Key>,
}

impl Polygon {
    /// The polygons of a region.
    pub(crate) fn all_of(region: Region) -> impl Iterator<Item = Self> {
        region.polygons.into_iter().filter_map(|rings| {
            let bounds = Bounds::around(rings.first()?)?;
            let bounded = rings.into_iter().filter_map(|ring| Some((Bounds::around(&ring)?, ring)));
            Some(Self { bounds, rings: bounded.collect(), key: OnceLock::new() })
        })
    }

    /// The box around it.
    pub(crate) fn bounds(&self) -> &Bounds {
        &self.bounds
    }

    /// The hash over its points, which is taken once.
    pub(crate) fn key(&self, hash: impl FnOnce() -> Key) -> Key {
        *self.key.get_or_init(hash)
    }

    /// Its rings.
    pub(crate) fn rings(&self) -> impl Iterator<Item = &Ring> {
        self.rings.iter().map(|(_, ring)| ring)
    }
}

/// What of a polygon lies in a tile.
#[derive(Debug, Default)]
struct Shape<'a> {
    /// How often rings run around the tile that have no edge inside of it: once, when it lies within the shell.
    turns: i64,
    pieces: Vec<Piece<'a>>,
}

/// What of a tile is covered, when something is.
#[derive(Debug)]
pub(crate) enum Cover<'a> {
    /// All of it.
    Full,
    /// What any of the shapes covers.
    Part(Parts<'a>),
}

/// Shapes over a tile, none of which covers it whole.
#[derive(Debug)]
pub(crate) struct Parts<'a>(Vec<Shape<'a>>);

/// A tile that is not cut further.
#[derive(Debug)]
pub(crate) struct Tile<'a> {
    frame: Bounds,
    land: Cover<'a>,
    /// The layers that cover some of it, in order of their numbers.
    layers: Vec<(usize, Cover<'a>)>,
}

impl<'a> Cover<'a> {
    /// What polygons cover of a box; `None` when that is nothing.
    pub(crate) fn of(polygons: &'a [Arc<Polygon>], frame: &Bounds) -> Option<Self> {
        let mut gathered = Gathered::default();
        for polygon in polygons.iter().filter(|polygon| polygon.bounds.meets(frame)) {
            let mut shape = Shape::default();
            for (bounds, ring) in &polygon.rings {
                let whole = Piece::whole(*bounds, ring);
                let cut = HalfPlane::of_box(frame).into_iter().try_fold(whole, |piece, half| piece.cut(half));
                match cut {
                    Some(piece) if frame.holds(bounds) && frame != bounds => shape.pieces.push(piece),
                    cut => shape.add(cut, frame),
                }
            }
            gathered.add(shape);
        }
        gathered.into_cover()
    }

    fn split(self, line: Line, frames: [&Bounds; 2]) -> [Option<Self>; 2] {
        let Self::Part(Parts(shapes)) = self else { return [Some(Self::Full), Some(Self::Full)] };
        let [mut low, mut high] = [Gathered::default(), Gathered::default()];
        for shape in shapes {
            let [on_low, on_high] = shape.split(line, frames);
            low.add(on_low);
            high.add(on_high);
        }
        [low.into_cover(), high.into_cover()]
    }

    /// About how many times it covers the tile.
    fn times(&self, frame: &Bounds) -> f64 {
        match self {
            Self::Full => 1.0,
            Self::Part(Parts(shapes)) => shapes.iter().map(|shape| shape.extent(frame)).sum::<f64>() / extent(frame),
        }
    }

    fn edges(&self) -> usize {
        match self {
            Self::Full => 0,
            Self::Part(Parts(shapes)) => {
                shapes.iter().flat_map(|shape| &shape.pieces).map(|piece| piece.points().len()).sum()
            }
        }
    }
}

impl<'a> Shape<'a> {
    /// Area of the box around it.
    fn extent(&self, frame: &Bounds) -> f64 {
        if self.turns != 0 {
            return extent(frame);
        }
        // The shell comes first.
        self.pieces.first().map_or(0.0, |shell| extent(shell.bounds()))
    }

    /// Adds what was cut off by the border of the tile.
    fn add(&mut self, piece: Option<Piece<'a>>, frame: &Bounds) {
        let Some(piece) = piece else { return };
        match piece.turns_around(frame) {
            Some(turns) => self.turns += turns,
            None => self.pieces.push(piece),
        }
    }

    fn split(self, line: Line, frames: [&Bounds; 2]) -> [Self; 2] {
        let half = || Self { turns: self.turns, pieces: Vec::new() };
        let [mut low, mut high] = [half(), half()];
        for piece in self.pieces {
            match piece.split(line) {
                Split::Low(piece) => low.pieces.push(piece),
                Split::High(piece) => high.pieces.push(piece),
                Split::Both([on_low, on_high]) => {
                    low.add(on_low, frames[0]);
                    high.add(on_high, frames[1]);
                }
            }
        }
        [low, high]
    }
}

/// Shapes of a tile as they come in.
#[derive(Debug, Default)]
struct Gathered<'a> {
    full: bool,
    shapes: Vec<Shape<'a>>,
}

impl<'a> Gathered<'a> {
    fn add(&mut self, shape: Shape<'a>) {
        if shape.pieces.is_empty() {
            self.full |= shape.turns != 0;
        } else if !self.full {
            self.shapes.push(shape);
        }
    }

    fn into_cover(self) -> Option<Cover<'a>> {
        match self {
            Self { full: true, .. } => Some(Cover::Full),
            Self { shapes, .. } => (!shapes.is_empty()).then_some(Cover::Part(Parts(shapes))),
        }
    }
}

impl<'a> Tile<'a> {
    /// All of a commune: its land, and the layers as far as they lie in the box around it.
    pub(crate) fn new(frame: Bounds, land: Cover<'a>, layers: Vec<(usize, Cover<'a>)>) -> Self {
        Self { frame, land, layers }
    }

    /// Cuts the tile until it need not be, and hands over every part that has land.
    pub(crate) fn settle(self, done: &mut impl FnMut(&Self)) {
        if self.is_settled() {
            return done(&self);
        }
        match self.halves() {
            Some((line, frames)) => {
                for half in self.split(line, frames).into_iter().flatten() {
                    half.settle(done);
                }
            }
            None => done(&self),
        }
    }

    fn is_settled(&self) -> bool {
        let covers = || self.layers.iter().map(|(_, cover)| cover);
        let edges: usize = std::iter::once(&self.land).chain(covers()).map(Cover::edges).sum();
        let overlaps = || covers().any(|cover| cover.times(&self.frame) > OVERLAPPING);
        covers().all(|cover| matches!(cover, Cover::Full))
            || edges <= FEW_OVERLAPPING
            || (edges <= FEW_EDGES && !overlaps())
    }

    /// Halves of the longer side.
    fn halves(&self) -> Option<(Line, [Bounds; 2])> {
        let Bounds { low, high } = self.frame;
        let (width, height) = (high.x - low.x, high.y - low.y);
        if width.max(height) < MIN_SIDE {
            return None;
        }
        Some(if width >= height {
            let x = roundest(low.x, high.x)?;
            let frames = [Bounds { low, high: Point::new(x, high.y) }, Bounds { low: Point::new(x, low.y), high }];
            (Line::Upright(x), frames)
        } else {
            let y = roundest(low.y, high.y)?;
            let frames = [Bounds { low, high: Point::new(high.x, y) }, Bounds { low: Point::new(low.x, y), high }];
            (Line::Level(y), frames)
        })
    }

    fn split(self, line: Line, frames: [Bounds; 2]) -> [Option<Self>; 2] {
        let [one, other] = &frames;
        let [on_low, on_high] = self.land.split(line, [one, other]);
        let half = |land: Option<Cover<'a>>, frame: &Bounds| {
            land.map(|land| Self { frame: *frame, land, layers: Vec::with_capacity(self.layers.len()) })
        };
        let [mut low, mut high] = [half(on_low, one), half(on_high, other)];
        for (number, cover) in self.layers {
            let [on_low, on_high] = cover.split(line, [one, other]);
            let add = |half: &mut Option<Self>, cover: Option<Cover<'a>>| {
                if let (Some(half), Some(cover)) = (half, cover) {
                    half.layers.push((number, cover));
                }
            };
            add(&mut low, on_low);
            add(&mut high, on_high);
        }
        [low, high]
    }

    /// The rings of the land.
    pub(crate) fn land(&self) -> Vec<Ring> {
        match &self.land {
            Cover::Full => vec![self.frame.corners()],
            Cover::Part(parts) => parts.rings(&self.frame).map(Cow::into_owned).collect(),
        }
    }

    /// What a layer covers of the tile.
    pub(crate) fn layer(&self, number: usize) -> Option<&Cover<'a>> {
        self.layers.iter().find(|(layer, _)| *layer == number).map(|(_, cover)| cover)
    }

    /// The box around it.
    pub(crate) fn frame(&self) -> &Bounds {
        &self.frame
    }
}

impl Parts<'_> {
    /// The rings of all shapes; what is within any of them is covered.
    pub(crate) fn rings(&self, frame: &Bounds) -> impl Iterator<Item = Cow<'_, [Point]>> {
        let corners = frame.corners();
        self.0.iter().flat_map(move |shape| {
            let mut around = corners.clone();
            if shape.turns < 0 {
                around.reverse();
            }
            let times = usize::try_from(shape.turns.unsigned_abs()).unwrap_or_default();
            let turns = std::iter::repeat_n(Cow::Owned(around), times);
            shape.pieces.iter().map(|piece| Cow::Borrowed(piece.points())).chain(turns)
        })
    }
}

fn extent(bounds: &Bounds) -> f64 {
    (bounds.high.x - bounds.low.x) as f64 * (bounds.high.y - bounds.low.y) as f64
}

/// The number strictly between two that is a multiple of the largest power of two.
fn roundest(low: i64, high: i64) -> Option<i64> {
    let multiple = |power: u32| ((low >> power) + 1) << power;
    (0..i64::BITS - 2).rev().map(multiple).find(|number| low < *number && *number < high)
}

/// Takes the points out of a ring that are in it only because tiles were cut there.
pub(crate) fn mend(ring: &mut Ring) {
    let on_line = |p: Point| p.x % LINES_APART == 0 || p.y % LINES_APART == 0;
    let on_edge = |before: Point, p: Point, after: Point| {
        let length = i128::from((after.x - before.x).abs().max((after.y - before.y).abs()));
        side(before, after, p).abs() <= ROUNDED * length
    };
    let mut kept = Ring::with_capacity(ring.len());
    for (index, &point) in ring.iter().enumerate() {
        let after = ring.get(index + 1).or_else(|| kept.first()).copied();
        let before = kept.last().or_else(|| ring.last()).copied();
        let (Some(before), Some(after)) = (before, after) else { continue };
        if !(on_line(point) && on_edge(before, point, after)) {
            kept.push(point);
        }
    }
    if kept.len() >= 3 {
        *ring = kept;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::grid::doubled_area;

    /// A ring as wide as several tiles, its corners at multiples of a prime number of units.
    fn ring(points: &[(i64, i64)]) -> Ring {
        points.iter().map(|(x, y)| Point::new(x * 9_999_991, y * 9_999_991)).collect()
    }

    #[test]
    fn the_roundest_number_lies_between() {
        let found = [(0, 10), (5, 7), (-3, 3), (1000, 1100), (7, 8)].map(|(low, high)| roundest(low, high));
        assert_eq!(found, [Some(8), Some(6), Some(0), Some(1024), None]);
    }

    #[test]
    fn what_covers_a_box_is_told_from_what_does_not() {
        let square = |low, high| ring(&[(low, low), (high, low), (high, high), (low, high)]);
        let frame = Bounds::around(&square(0, 10)).expect("bounds");
        let cover = |rings: Vec<Ring>| {
            let polygons: Vec<_> = Polygon::all_of(Region::of_polygons(&[rings])).map(Arc::new).collect();
            match Cover::of(&polygons, &frame) {
                None => "nothing",
                Some(Cover::Full) => "all",
                Some(Cover::Part(_)) => "some",
            }
        };
        assert_eq!(cover(vec![square(-5, 15)]), "all");
        assert_eq!(cover(vec![square(-5, 15), square(-2, 12)]), "nothing");
        assert_eq!(cover(vec![square(-5, 15), square(3, 4)]), "some");
        assert_eq!(cover(vec![square(0, 10)]), "all");
        assert_eq!(cover(vec![square(10, 20)]), "nothing");
    }

    #[test]
    fn only_points_of_cuts_are_mended_away() {
        let line = 3 * LINES_APART;
        let corner = Point::new(line, 5);
        let mut mended = vec![Point::new(0, 0), Point::new(line, 0), Point::new(2 * line, 1), corner];
        mend(&mut mended);
        assert_eq!(mended, [Point::new(0, 0), Point::new(2 * line, 1), corner]);
    }

    proptest! {
        /// Tiles take nothing away and add nothing.
        #[test]
        fn tiles_are_the_whole(
            shell in prop::collection::vec((0_i64..1000, 0_i64..1000), 3..60),
            over in prop::collection::vec((0_i64..1000, 0_i64..1000), 60..90),
        ) {
            let size = |rings: &[Ring]| rings.iter().map(|ring| doubled_area(ring)).sum::<i128>();
            let region = Region::of_polygon(&vec![ring(&shell)]);
            let over = Region::of_polygon(&vec![ring(&over)]);
            let over: Vec<_> = Polygon::all_of(over).map(Arc::new).collect();
            let whole = size(&region.polygons.concat());
            prop_assume!(whole > 0);
            let frame = region.bounds().expect("bounds");
            let land: Vec<_> = Polygon::all_of(region.clone()).map(Arc::new).collect();
            let layers = Cover::of(&over, &frame).map(|cover| (0, cover)).into_iter().collect();
            let mut pieces: Vec<Ring> = Vec::new();
            let mut tiles = 0;
            Tile::new(frame, Cover::of(&land, &frame).expect("land"), layers).settle(&mut |tile| {
                pieces.extend(tile.land());
                tiles += 1;
            });
            // A cut moves an edge by less than a unit.
            let slack = i128::from(2 * tiles * (frame.high.x - frame.low.x + frame.high.y - frame.low.y));
            prop_assert!((size(&pieces) - whole).abs() <= slack, "{} of {} in {} tiles", size(&pieces), whole, tiles);
            let mut again = Region::of_rings(&pieces);
            again.polygons.iter_mut().flatten().for_each(mend);
            prop_assert_eq!(again.rings().count(), region.rings().count());
        }
    }
}
