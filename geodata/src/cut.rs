//! Cutting rings along upright and level lines (Sutherland-Hodgman), so that the engine sees hundreds of edges in place
//! of tens of thousands, which is what makes a province take seconds.
//!
//! A cut ring may run back and forth along the line; under the non-zero rule these runs cancel. Both sides of a line
//! get the same points on it, so that what was cut fits together again.

use std::borrow::Cow;

use crate::grid::{Bounds, Point, Ring, doubled_area, edges};

/// A ring or what was cut from one, with the box around it, so that most need no look at their points.
#[derive(Debug, Clone)]
pub(crate) struct Piece<'a> {
    bounds: Bounds,
    points: Cow<'a, [Point]>,
}

impl<'a> Piece<'a> {
    /// A ring whole, with the box around it.
    pub(crate) fn whole(bounds: Bounds, ring: &'a [Point]) -> Self {
        Self { bounds, points: Cow::Borrowed(ring) }
    }

    /// Its points, the last joined to the first.
    pub(crate) fn points(&self) -> &[Point] {
        &self.points
    }

    /// What of it lies in the half; nothing when that has no area.
    pub(crate) fn cut(&self, half: HalfPlane) -> Option<Self> {
        match half.side(&self.bounds) {
            Side::In => Some(self.clone()),
            Side::Out => None,
            Side::Across => Self::of(cut_half(&self.points, half)),
        }
    }

    /// What of it lies on each side of a line.
    pub(crate) fn split(self, line: Line) -> Split<'a> {
        let [low, high] = line.halves();
        match (low.side(&self.bounds), high.side(&self.bounds)) {
            (Side::In, _) => Split::Low(self),
            (_, Side::In) => Split::High(self),
            _ => Split::Both(split_ring(&self.points, line).map(Self::of)),
        }
    }

    /// The box around it.
    pub(crate) fn bounds(&self) -> &Bounds {
        &self.bounds
    }

    /// How often it runs around the inside of the box, if all its edges run along the border.
    pub(crate) fn turns_around(&self, frame: &Bounds) -> Option<i64> {
        let along = |a: Point, b: Point| {
            (a.x == b.x && (a.x == frame.low.x || a.x == frame.high.x))
                || (a.y == b.y && (a.y == frame.low.y || a.y == frame.high.y))
        };
        edges(&self.points).all(|(a, b)| along(a, b)).then(|| {
            let whole = 2 * i128::from(frame.high.x - frame.low.x) * i128::from(frame.high.y - frame.low.y);
            i64::try_from(doubled_area(&self.points) / whole.max(1)).unwrap_or_default()
        })
    }

    fn of(ring: Ring) -> Option<Self> {
        let bounds = Bounds::around(&ring)?;
        (ring.len() >= 3).then_some(Self { bounds, points: Cow::Owned(ring) })
    }
}

/// An upright or level line.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Line {
    /// At this longitude.
    Upright(i64),
    /// At this latitude.
    Level(i64),
}

/// What a line makes of a piece.
#[derive(Debug)]
pub(crate) enum Split<'a> {
    /// It lies west or south.
    Low(Piece<'a>),
    /// It lies east or north.
    High(Piece<'a>),
    /// It lies on both sides; a side without area is nothing.
    Both([Option<Piece<'a>>; 2]),
}

impl Line {
    /// West or south of it, and east or north.
    fn halves(self) -> [HalfPlane; 2] {
        match self {
            Self::Upright(x) => [HalfPlane::West(x), HalfPlane::East(x)],
            Self::Level(y) => [HalfPlane::South(y), HalfPlane::North(y)],
        }
    }

    /// How far east or north of it a point is.
    fn beyond(self, p: Point) -> i64 {
        match self {
            Self::Upright(x) => p.x - x,
            Self::Level(y) => p.y - y,
        }
    }
}

/// Where a box lies as seen from a half of the plane.
enum Side {
    In,
    Out,
    Across,
}

/// What lies on one side of a line, the line included.
#[derive(Debug, Clone, Copy)]
pub(crate) enum HalfPlane {
    East(i64),
    West(i64),
    North(i64),
    South(i64),
}

impl HalfPlane {
    /// The four that make a box.
    pub(crate) fn of_box(bounds: &Bounds) -> [Self; 4] {
        [Self::East(bounds.low.x), Self::West(bounds.high.x), Self::North(bounds.low.y), Self::South(bounds.high.y)]
    }

    /// Whether a box lies in it, beside it (or only touching it), or across its line.
    fn side(self, bounds: &Bounds) -> Side {
        let (is_in, is_out) = match self {
            Self::East(x) => (bounds.low.x >= x, bounds.high.x <= x),
            Self::West(x) => (bounds.high.x <= x, bounds.low.x >= x),
            Self::North(y) => (bounds.low.y >= y, bounds.high.y <= y),
            Self::South(y) => (bounds.high.y <= y, bounds.low.y >= y),
        };
        if is_in {
            Side::In
        } else if is_out {
            Side::Out
        } else {
            Side::Across
        }
    }

    fn has(self, p: Point) -> bool {
        match self {
            Self::East(x) => p.x >= x,
            Self::West(x) => p.x <= x,
            Self::North(y) => p.y >= y,
            Self::South(y) => p.y <= y,
        }
    }

    /// Where the edge meets the border. The same for both directions of the edge, so that neighbours stay neighbours.
    fn crossing(self, a: Point, b: Point) -> Point {
        let (a, b) = if (a.x, a.y) <= (b.x, b.y) { (a, b) } else { (b, a) };
        match self {
            Self::East(x) | Self::West(x) => Point::new(x, interpolate(a.y, b.y, x - a.x, b.x - a.x)),
            Self::North(y) | Self::South(y) => Point::new(interpolate(a.x, b.x, y - a.y, b.y - a.y), y),
        }
    }
}

/// `from + (to - from) * part / whole`, rounded to the nearest unit.
fn interpolate(from: i64, to: i64, part: i64, whole: i64) -> i64 {
    let (part, whole) = if whole < 0 { (-i128::from(part), -i128::from(whole)) } else { (part.into(), whole.into()) };
    let moved = (2 * i128::from(to - from) * part + whole).div_euclid(2 * whole);
    from + i64::try_from(moved).unwrap_or_default()
}

/// Both sides of a ring at once; points on the line belong to both.
fn split_ring(ring: &[Point], line: Line) -> [Ring; 2] {
    let [mut low, mut high] = [Ring::new(), Ring::new()];
    let Some(mut before) = ring.last().copied() else { return [low, high] };
    let mut was = line.beyond(before);
    for &point in ring {
        let is = line.beyond(point);
        if (is < 0 && was > 0) || (is > 0 && was < 0) {
            let [half, _] = line.halves();
            let crossing = half.crossing(before, point);
            low.push(crossing);
            high.push(crossing);
        }
        if is <= 0 {
            low.push(point);
        }
        if is >= 0 {
            high.push(point);
        }
        (before, was) = (point, is);
    }
    [low, high]
}

fn cut_half(ring: &[Point], plane: HalfPlane) -> Ring {
    let mut kept = Ring::with_capacity(ring.len());
    let Some(mut before) = ring.last().copied() else { return kept };
    let mut was_in = plane.has(before);
    for &point in ring {
        let is_in = plane.has(point);
        if is_in != was_in {
            kept.push(plane.crossing(before, point));
        }
        if is_in {
            kept.push(point);
        }
        (before, was_in) = (point, is_in);
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::overlay::Region;

    fn square(low: i64, high: i64) -> Ring {
        vec![Point::new(low, low), Point::new(high, low), Point::new(high, high), Point::new(low, high)]
    }

    fn bounds(low: i64, high: i64) -> Bounds {
        Bounds { low: Point::new(low, low), high: Point::new(high, high) }
    }

    fn cut_to_box(ring: &Ring, frame: &Bounds) -> Option<Ring> {
        let whole = Piece::whole(Bounds::around(ring)?, ring);
        let cut = HalfPlane::of_box(frame).into_iter().try_fold(whole, |piece, half| piece.cut(half))?;
        Some(cut.points().to_vec())
    }

    #[test]
    fn what_lies_inside_stays_and_what_lies_outside_goes() {
        let cut = |low, high| cut_to_box(&square(low, high), &bounds(0, 20)).map(|ring| doubled_area(&ring));
        assert_eq!([cut(0, 10), cut(100, 110), cut(-5, 3), cut(-50, 50)], [Some(200), None, Some(18), Some(800)]);
        assert_eq!(cut(-10, 0), None, "touching is not lying inside");
    }

    #[test]
    fn a_shared_edge_is_cut_at_one_point_from_both_sides() {
        let plane = HalfPlane::East(7);
        let (a, b) = (Point::new(-3, 11), Point::new(19, -8));
        assert_eq!(plane.crossing(a, b), plane.crossing(b, a));
    }

    #[test]
    fn only_what_runs_along_the_border_turns_around_the_box() {
        let frame = bounds(0, 20);
        let turns = |ring: &Ring| Bounds::around(ring).and_then(|b| Piece::whole(b, ring).turns_around(&frame));
        let backwards: Ring = square(0, 20).into_iter().rev().collect();
        let folded = vec![Point::new(0, 0), Point::new(0, 9), Point::new(0, 20), Point::new(0, 3)];
        assert_eq!([turns(&square(0, 20)), turns(&backwards), turns(&folded)], [Some(1), Some(-1), Some(0)]);
        let corner_cut = vec![Point::new(0, 0), Point::new(20, 0), Point::new(0, 20)];
        assert_eq!([turns(&square(0, 19)), turns(&corner_cut)], [None, None]);
    }

    proptest! {
        /// Cutting to a box is intersecting with it.
        #[test]
        fn cutting_is_intersecting(points in prop::collection::vec((0_i64..1000, 0_i64..1000), 3..9)) {
            // Far apart on the grid, so that rounded crossings weigh nothing.
            let scale = 1_000_000;
            let ring: Ring = points.iter().map(|(x, y)| Point::new(x * scale, y * scale)).collect();
            let region = Region::of_polygon(&vec![ring]);
            let frame = bounds(250 * scale, 700 * scale);
            let cut: Vec<Ring> = region.rings().filter_map(|ring| cut_to_box(ring, &frame)).collect();
            let area = |r: &Region| r.rings().map(|ring| doubled_area(ring)).sum::<i128>();
            let boxed = Region::of_polygon(&vec![square(250 * scale, 700 * scale)]);
            let (a, b) = (area(&boxed.intersection(&cut)), area(&boxed.intersection(&region.polygons.concat())));
            prop_assert!((a - b).abs() <= 200_000 * 1_000_000, "{} {}", a, b);
        }

        /// The two sides of a line are the whole again, and what cutting to either side gives.
        #[test]
        fn both_sides_are_the_whole(
            points in prop::collection::vec((-1000_i64..1000, -1000_i64..1000), 3..20),
            line in -900_i64..900,
        ) {
            let ring: Ring = points.iter().map(|(x, y)| Point::new(*x, *y)).collect();
            let bounds = Bounds::around(&ring).expect("bounds");
            let whole = Piece::whole(bounds, &ring);
            if let Split::Both(sides) = whole.clone().split(Line::Upright(line)) {
                let halves = [HalfPlane::West(line), HalfPlane::East(line)];
                let area = |piece: &Option<Piece<'_>>| piece.as_ref().map_or(0, |p| doubled_area(p.points()));
                prop_assert_eq!(sides.each_ref().map(area), halves.map(|half| area(&whole.cut(half))));
                // Rounded crossings move each cut edge by half a unit.
                let error = sides.iter().map(area).sum::<i128>() - doubled_area(&ring);
                prop_assert!(error.abs() <= 2000 * points.len() as i128, "{}", error);
            }
        }
    }
}
