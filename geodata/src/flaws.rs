//! Where the rings of a polygon cross or touch themselves or one another.
//!
//! Edges are put into the cells of a grid, and only those of one cell are held against one another: with coordinates of
//! real outlines that is a handful for each. All decisions are exact.

use crate::grid::{Bounds, Point, RawPolygon, edges, side};

/// Edges in a cell of the grid, about.
const EDGES_IN_CELL: usize = 2;
/// Most cells that an edge is put into on average. Long edges lie in many cells, and then cells are made larger.
const CELLS_OF_EDGE: usize = 8;
/// Pairs of edges that are looked at for each edge; real outlines take three to ten.
const PAIRS_OF_EDGE: usize = 100;
/// And for a polygon however small.
const FIRST_PAIRS: usize = 100_000;

/// Most crossings of a polygon that anybody repairs: each becomes a corner, and of ten thousand points that were drawn at
/// random edges cross seventeen million times.
pub(crate) const MAX_CROSSINGS: u64 = 100_000;

/// Most ways through points where edges meet, 64 MB of them: a ring that runs many times around the same square has one for
/// each pair of its edges.
const MAX_PASSES: usize = 1_000_000;

/// What is not sound about a polygon.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Flaws {
    /// Places where a ring crosses itself or another.
    pub(crate) crossings: u64,
    /// Points where a ring meets itself, or runs along itself or another.
    pub(crate) touches: u64,
    /// Edges cross one another so often that not all of it was counted.
    pub(crate) has_more: bool,
}

impl Flaws {
    /// Whether edges cross one another too often to be laid over anything.
    pub(crate) fn is_tangle(&self) -> bool {
        self.has_more || self.crossings > MAX_CROSSINGS
    }
}

/// An edge, and where it is in its polygon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Edge {
    a: Point,
    b: Point,
    ring: usize,
    /// Its place in the ring, which has so many.
    number: usize,
    of: usize,
    /// The points before and after it.
    before: Point,
    after: Point,
}

/// A way through a point where edges meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Pass {
    at: (i64, i64),
    ring: usize,
    /// Twice the number of the vertex, or of the edge and one.
    place: usize,
    from: (i64, i64),
    to: (i64, i64),
}

/// How two edges meet.
enum Meeting {
    Not,
    Crossing,
    /// In these points.
    Points(Vec<Point>),
}

/// Looks for all flaws of a polygon.
pub(crate) fn flaws(polygon: &RawPolygon) -> Flaws {
    let all = edges_of(polygon);
    let mut flaws = Flaws::default();
    let mut passes = Vec::new();
    let mut pairs = FIRST_PAIRS + PAIRS_OF_EDGE * all.len();
    let Some(cells) = Cells::of(&all) else { return flaws };
    'cells: for (number, cell) in cells.lists() {
        for (index, one) in cell.iter().enumerate() {
            for other in cell.iter().skip(index + 1) {
                let (Some(one), Some(other)) = (all.get(*one), all.get(*other)) else { continue };
                let left = pairs.checked_sub(1);
                let Some(left) = left.filter(|_| flaws.crossings <= MAX_CROSSINGS && passes.len() <= MAX_PASSES) else {
                    flaws.has_more = true;
                    break 'cells;
                };
                pairs = left;
                // Two edges may lie in several cells together; they are looked at in the first.
                if cells.first_common(one, other) == Some(number) {
                    match meeting(one, other) {
                        Meeting::Not => {}
                        Meeting::Crossing => flaws.crossings += 1,
                        Meeting::Points(points) => {
                            passes.extend(points.iter().flat_map(|p| [one.pass(*p), other.pass(*p)]));
                        }
                    }
                }
            }
        }
    }
    if flaws.has_more {
        return flaws;
    }
    passes.sort_unstable();
    passes.dedup();
    for through in passes.chunk_by(|one, other| one.at == other.at) {
        match together(through) {
            Through::Crossing => flaws.crossings += 1,
            Through::Touch => flaws.touches += 1,
            Through::Sound => {}
        }
    }
    flaws
}

fn edges_of(polygon: &RawPolygon) -> Vec<Edge> {
    let of_ring = |(ring, points): (usize, &Vec<Point>)| {
        let of = points.len();
        let before = points.iter().copied().cycle().skip(of.saturating_sub(1));
        let after = points.iter().copied().cycle().skip(2);
        let around = edges(points).zip(before).zip(after).enumerate();
        let edge = move |(number, (((a, b), before), after))| Edge { a, b, ring, number, of, before, after };
        around.map(edge).collect::<Vec<_>>()
    };
    polygon.iter().enumerate().flat_map(of_ring).collect()
}

impl Edge {
    fn bounds(&self) -> Bounds {
        let (west, east) = (self.a.x.min(self.b.x), self.a.x.max(self.b.x));
        let (south, north) = (self.a.y.min(self.b.y), self.a.y.max(self.b.y));
        Bounds { low: Point::new(west, south), high: Point::new(east, north) }
    }

    fn is_before(&self, other: &Self) -> bool {
        self.ring == other.ring && (self.number + 1) % self.of == other.number
    }

    /// How its ring goes through a point of it.
    fn pass(&self, at: Point) -> Pass {
        let (place, from, to) = if at == self.a {
            (2 * self.number, self.before, self.b)
        } else if at == self.b {
            (2 * ((self.number + 1) % self.of), self.a, self.after)
        } else {
            (2 * self.number + 1, self.a, self.b)
        };
        Pass { at: (at.x, at.y), ring: self.ring, place, from: (from.x, from.y), to: (to.x, to.y) }
    }
}

fn meeting(one: &Edge, other: &Edge) -> Meeting {
    if !one.bounds().meets(&other.bounds()) {
        return Meeting::Not;
    }
    let next = [(one, other), (other, one)].into_iter().find(|(first, second)| first.is_before(second));
    if let Some((first, second)) = next {
        // Neighbours meet in the point that joins them; there is more only when the second runs back along the first.
        let back = first.of > 2 && side(first.a, first.b, second.b) == 0 && ahead(second.a, first.a, second.b);
        return if back { Meeting::Points(vec![first.b]) } else { Meeting::Not };
    }
    let ends = [side(one.a, one.b, other.a), side(one.a, one.b, other.b)];
    let starts = [side(other.a, other.b, one.a), side(other.a, other.b, one.b)];
    let apart = |[a, b]: [i128; 2]| (a > 0 && b < 0) || (a < 0 && b > 0);
    if apart(ends) && apart(starts) {
        return Meeting::Crossing;
    }
    let of_other = [other.a, other.b].into_iter().zip(ends).filter(|(p, side)| *side == 0 && one.bounds().has(*p));
    let of_one = [one.a, one.b].into_iter().zip(starts).filter(|(p, side)| *side == 0 && other.bounds().has(*p));
    let points: Vec<Point> = of_other.chain(of_one).map(|(point, _)| point).collect();
    if points.is_empty() { Meeting::Not } else { Meeting::Points(points) }
}

/// Whether two points lie in the same direction from a third, with which they are on one line.
fn ahead(from: Point, one: Point, other: Point) -> bool {
    let along = |one: i64, other: i64, from: i64| i128::from(one - from) * i128::from(other - from);
    along(one.x, other.x, from.x) + along(one.y, other.y, from.y) > 0
}

/// What the ways through a point come to.
enum Through {
    Crossing,
    Touch,
    /// Two rings of a polygon may touch in a point.
    Sound,
}

fn together(through: &[Pass]) -> Through {
    let pairs =
        || through.iter().enumerate().flat_map(|(i, one)| through.iter().skip(i + 1).map(move |two| (one, two)));
    if pairs().any(|(one, two)| !run_along(one, two) && cross(one, two)) {
        return Through::Crossing;
    }
    let back = through.iter().any(|pass| same_way(pass.at, pass.from, pass.to));
    let touch = pairs().any(|(one, two)| one.ring == two.ring || run_along(one, two));
    if back || touch { Through::Touch } else { Through::Sound }
}

fn run_along(one: &Pass, two: &Pass) -> bool {
    [one.from, one.to].into_iter().any(|a| [two.from, two.to].into_iter().any(|b| same_way(one.at, a, b)))
}

fn same_way(at: (i64, i64), one: (i64, i64), other: (i64, i64)) -> bool {
    let [at, one, other] = [at, one, other].map(|(x, y)| Point::new(x, y));
    side(at, one, other) == 0 && ahead(at, one, other)
}

/// Whether two ways through a point cross: the ends of one lie on both sides of the other.
fn cross(one: &Pass, two: &Pass) -> bool {
    let [at, from, to] = [one.at, one.from, one.to].map(|(x, y)| Point::new(x, y));
    let is_left = |(x, y): (i64, i64)| {
        let end = Point::new(x, y);
        // Left of a way that bends left is left of both of its parts, of one that bends right left of either.
        let (before, after) = (side(from, at, end) > 0, side(at, to, end) > 0);
        if side(from, at, to) >= 0 { before && after } else { before || after }
    };
    is_left(two.from) != is_left(two.to)
}

/// Edges by the cell that they lie in.
struct Cells {
    low: Point,
    size: (i64, i64),
    columns: i64,
    starts: Vec<usize>,
    edges: Vec<usize>,
}

impl Cells {
    fn of(all: &[Edge]) -> Option<Self> {
        let bounds = Bounds::around(all.iter().map(|edge| &edge.a))?;
        let mut columns = i64::try_from((all.len() / EDGES_IN_CELL).isqrt().max(1)).unwrap_or(1);
        let mut cells = Self { low: bounds.low, size: (1, 1), columns, starts: Vec::new(), edges: Vec::new() };
        loop {
            cells.columns = columns;
            cells.size = ((bounds.high.x - bounds.low.x) / columns + 1, (bounds.high.y - bounds.low.y) / columns + 1);
            // Counted, not listed: a million edges across all cells would be as many lists.
            let entries = all.iter().fold(0_u64, |sum, edge| sum.saturating_add(cells.count_covered(edge)));
            if columns == 1 || entries <= (CELLS_OF_EDGE * all.len()) as u64 {
                break;
            }
            columns /= 2;
        }
        cells.fill(all);
        Some(cells)
    }

    fn fill(&mut self, all: &[Edge]) {
        let count = usize::try_from(self.columns * self.columns).unwrap_or(0);
        let mut starts = vec![0_usize; count + 1];
        for cell in all.iter().flat_map(|edge| self.covered(edge)) {
            if let Some(start) = starts.get_mut(cell + 1) {
                *start += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let (mut next, mut edges) = (starts.clone(), vec![0; sum]);
        for (index, edge) in all.iter().enumerate() {
            for cell in self.covered(edge) {
                let Some(place) = next.get_mut(cell) else { continue };
                if let Some(slot) = edges.get_mut(*place) {
                    *slot = index;
                }
                *place += 1;
            }
        }
        (self.starts, self.edges) = (starts, edges);
    }

    fn place(&self, point: Point) -> (i64, i64) {
        ((point.x - self.low.x) / self.size.0, (point.y - self.low.y) / self.size.1)
    }

    fn number(&self, column: i64, row: i64) -> usize {
        usize::try_from(row * self.columns + column).unwrap_or(0)
    }

    /// The cells that the box around an edge lies in.
    fn covered(&self, edge: &Edge) -> impl Iterator<Item = usize> {
        let bounds = edge.bounds();
        let ((west, south), (east, north)) = (self.place(bounds.low), self.place(bounds.high));
        (south..=north).flat_map(move |row| (west..=east).map(move |column| self.number(column, row)))
    }

    fn count_covered(&self, edge: &Edge) -> u64 {
        let bounds = edge.bounds();
        let ((west, south), (east, north)) = (self.place(bounds.low), self.place(bounds.high));
        (1 + east - west).unsigned_abs() * (1 + north - south).unsigned_abs()
    }

    /// The cell of the south-western corner of what the boxes around two edges have in common.
    fn first_common(&self, one: &Edge, other: &Edge) -> Option<usize> {
        let (a, b) = (one.bounds(), other.bounds());
        let corner = Point::new(a.low.x.max(b.low.x), a.low.y.max(b.low.y));
        let (column, row) = self.place(corner);
        a.meets(&b).then(|| self.number(column, row))
    }

    /// The edges of each cell, with its number.
    fn lists(&self) -> impl Iterator<Item = (usize, &[usize])> {
        let ends = self.starts.iter().skip(1);
        let list = |(start, end): (&usize, &usize)| self.edges.get(*start..*end).unwrap_or_default();
        self.starts.iter().zip(ends).map(list).enumerate()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        grid::{Ring, doubled_area},
        overlay::Region,
    };

    fn ring(points: &[(i64, i64)]) -> Ring {
        points.iter().map(|(x, y)| Point::new(x * 1_000_003, y * 1_000_003)).collect()
    }

    fn found(rings: &[&[(i64, i64)]]) -> (u64, u64) {
        let polygon: RawPolygon = rings.iter().map(|points| ring(points)).collect();
        let flaws = flaws(&polygon);
        assert!(!flaws.has_more);
        (flaws.crossings, flaws.touches)
    }

    const SQUARE: &[(i64, i64)] = &[(0, 0), (10, 0), (10, 10), (0, 10)];

    #[test]
    fn crossings_and_touches_are_told_apart_and_counted() {
        assert_eq!(found(&[SQUARE]), (0, 0));
        assert_eq!(found(&[&[(0, 0), (10, 10), (10, 0), (0, 10)]]), (1, 0), "a bow-tie");
        assert_eq!(found(&[&[(0, 0), (5, 5), (10, 10), (10, 0), (5, 5), (0, 10)]]), (1, 0), "crossing in a vertex");
        let pinched: &[(i64, i64)] = &[(0, 0), (10, 0), (5, 5), (10, 10), (0, 10), (5, 5)];
        assert_eq!(found(&[pinched]), (0, 1), "twice in a point");
        assert_eq!(found(&[&[(0, 0), (10, 0), (10, 10), (5, 0), (0, 10)]]), (0, 1), "a vertex on an edge");
        assert_eq!(found(&[&[(0, 0), (10, 0), (10, 10), (10, 15), (10, 10), (0, 10)]]), (0, 2), "there and back");
        assert_eq!(found(&[SQUARE, &[(0, 5), (3, 3), (3, 7)]]), (0, 0), "a hole may touch in a point");
        assert_eq!(found(&[SQUARE, &[(0, 3), (3, 3), (3, 7), (0, 7)]]), (0, 2), "but not along an edge");
        assert_eq!(found(&[SQUARE, &[(5, 5), (15, 5), (15, 7), (5, 7)]]), (2, 0), "a hole that sticks out");
        assert_eq!(found(&[SQUARE, &[(8, 8), (10, 10), (12, 12), (8, 12)]]), (2, 0), "out through a corner");
    }

    #[test]
    fn what_crosses_everywhere_is_not_counted_to_the_end() {
        let star: Vec<(i64, i64)> = (0..6000).map(|i| if i % 2 == 0 { (0, i) } else { (9000, 6000 - i) }).collect();
        let flaws = flaws(&vec![ring(&star)]);
        assert!(flaws.is_tangle() && flaws.crossings > 0, "{flaws:?}");
        let laps: Vec<(i64, i64)> = [(0, 0), (10, 0), (10, 10), (0, 10)].repeat(5_000);
        assert!(super::flaws(&vec![ring(&laps)]).is_tangle(), "five thousand times around");
    }

    proptest! {
        /// A ring without flaws is what an overlay makes of it; one with a crossing is not.
        #[test]
        fn a_ring_without_flaws_is_sound(points in prop::collection::vec((0_i64..12, 0_i64..12), 3..14)) {
            let mut ring = ring(&points);
            ring.dedup();
            prop_assume!(ring.len() > 2 && ring.first() != ring.last() && doubled_area(&ring) != 0);
            let size = doubled_area(&ring).abs();
            let polygon = vec![ring];
            let flaws = flaws(&polygon);
            let made = Region::of_polygon(&polygon);
            let made_size: i128 = made.rings().map(|ring| doubled_area(ring)).sum();
            if flaws == Flaws::default() {
                prop_assert_eq!((made.polygons.len(), made.polygons[0].len(), made_size), (1, 1, size));
            }
            // The slow way, which knows nothing of cells.
            let all = edges_of(&polygon);
            let proper = all.iter().enumerate().flat_map(|(i, one)| all.iter().skip(i + 1).map(move |two| (one, two)));
            let proper = proper.filter(|(one, two)| matches!(meeting(one, two), Meeting::Crossing)).count() as u64;
            prop_assert!(flaws.crossings >= proper);
            // Neither direction nor start show.
            let mut turned: Ring = polygon[0].iter().rev().copied().collect();
            turned.rotate_left(points.len() % 3);
            prop_assert_eq!(super::flaws(&vec![turned]), flaws);
        }
    }
}
