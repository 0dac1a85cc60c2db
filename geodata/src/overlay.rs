//! Union, intersection and difference: the only module that knows the overlay engine.
//!
//! The engine is `i_overlay` with 64-bit integers and the non-zero fill rule. Every [`Region`] has been through it, so
//! shells run counter-clockwise, holes clockwise, and no ring crosses another; the non-zero rule then means union.

use std::{borrow::Borrow, cmp::Ordering};

use i_overlay::{
    core::{fill_rule::FillRule, overlay::Overlay, overlay_rule::OverlayRule},
    i_float::int::point::IntPoint,
    i_shape::source::int::resource::IntShapeResource,
};

use crate::{
    area,
    grid::{Bounds, RawPolygon, Ring, doubled_area, edges},
};

/// A point of the grid.
pub(crate) type Point = IntPoint<i64>;

/// Below this many regions one flat overlay is faster than halving further.
const CASCADE_LEAF: usize = 4;

/// By how many units what was cut to a box may lie beside it: points are rounded.
const BESIDE: i64 = 16;
/// Pieces narrower than this on average, a hundredth of a millimetre, are where rounding parted edges that meet.
const THINNEST: f64 = 100.0;

/// A set of points: polygons that do not overlap, each a shell and its holes.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Region {
    /// Shell first, then holes.
    pub(crate) polygons: Vec<Vec<Ring>>,
}

impl Region {
    /// The region of a polygon as a file gives it: its shell without its holes. Rings that touch or cross themselves or
    /// one another, run the wrong way round or lie outside their shell do no harm.
    pub(crate) fn of_polygon(polygon: &RawPolygon) -> Self {
        Self::made_sound(polygon).0
    }

    /// The region of a polygon as a file gives it, and the pieces of it that were too thin to keep.
    pub(crate) fn made_sound(polygon: &RawPolygon) -> (Self, Vec<Vec<Ring>>) {
        let mut rings = polygon.iter().map(canonical);
        let Some(shell) = rings.next() else { return Default::default() };
        let mut holes: Vec<Ring> = rings.collect();
        holes.sort_unstable();
        let mut region = overlay(shell.as_slice(), &holes, OverlayRule::Difference);
        // A polygon that is thin as a whole is what somebody drew; beside other pieces it is where rings cross.
        if region.polygons.len() < 2 {
            return (region, Vec::new());
        }
        let slivers = region.polygons.extract_if(.., |piece| is_sliver(piece)).collect();
        (region, slivers)
    }

    /// The region of several polygons, which may overlap.
    pub(crate) fn of_polygons(polygons: &[impl Borrow<RawPolygon>]) -> Self {
        Self::union(polygons.iter().map(|polygon| Self::of_polygon(polygon.borrow())).collect())
    }

    /// What is in any of the regions. Halves of the plane are joined before they are joined to one another: a flat
    /// overlay of hundreds of overlapping footprints is 5 to 14 times slower.
    pub(crate) fn union(mut regions: Vec<Self>) -> Self {
        regions.retain(|region| !region.is_empty());
        // In order of content: the order of the input must not show.
        regions.sort_by_cached_key(|region| region.rings().flatten().map(|p| (p.x, p.y)).collect::<Vec<_>>());
        cascade(&mut regions)
    }

    /// What is in any of the rings, which run counter-clockwise around what is in them.
    pub(crate) fn of_rings(rings: &[Ring]) -> Self {
        overlay(rings, &[] as &[Ring], OverlayRule::Subject)
    }

    /// What is in two of the rings or more.
    pub(crate) fn of_twice_in(rings: &[Ring]) -> Self {
        let Some(bounds) = Bounds::around(rings.iter().flatten()) else { return Self::default() };
        // Once around everything the other way: what was within one ring is then within none.
        let mut around = bounds.corners();
        around.reverse();
        let all: Vec<&[Point]> = rings.iter().map(Vec::as_slice).chain([around.as_slice()]).collect();
        overlay_by(FillRule::Positive, all.as_slice(), &[] as &[Ring], OverlayRule::Subject)
    }

    /// What is in this region and in one of the rings.
    pub(crate) fn intersection(&self, rings: &[Ring]) -> Self {
        if rings.is_empty() {
            return Self::default();
        }
        overlay(self.polygons.as_slice(), rings, OverlayRule::Intersect)
    }

    /// Area in m².
    pub(crate) fn area_m2(&self) -> f64 {
        area::polygons_m2(&self.polygons)
    }

    /// Whether there is nothing in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.polygons.is_empty()
    }

    /// The box around it.
    pub(crate) fn bounds(&self) -> Option<Bounds> {
        Bounds::around(self.rings().flatten())
    }

    /// All rings: holes run clockwise.
    pub(crate) fn rings(&self) -> impl Iterator<Item = &Ring> {
        self.polygons.iter().flatten()
    }

    /// Twice the middle of the box around it.
    fn middle(&self) -> (i64, i64) {
        self.bounds().map_or((0, 0), |b| (b.low.x + b.high.x, b.low.y + b.high.y))
    }
}

/// Overlays of whole regions, against which tests hold those of tiles.
#[cfg(test)]
impl Region {
    /// What is in this region and in none of the rings.
    pub(crate) fn difference(&self, rings: &[Ring]) -> Self {
        overlay(self.polygons.as_slice(), rings, OverlayRule::Difference)
    }
}

/// Joins regions, each half of the plane apart, halved across its longer side.
fn cascade(regions: &mut [Region]) -> Region {
    match regions {
        [] => Region::default(),
        [only] => only.clone(),
        few if few.len() <= CASCADE_LEAF => {
            let rings: Vec<&[Point]> = few.iter().flat_map(Region::rings).map(Vec::as_slice).collect();
            dissolve(&rings)
        }
        many => {
            let middles: Vec<Point> = many.iter().map(|r| Point::new(r.middle().0, r.middle().1)).collect();
            let wide = Bounds::around(&middles).is_some_and(|b| b.high.x - b.low.x >= b.high.y - b.low.y);
            many.sort_by_cached_key(|region| if wide { region.middle().0 } else { region.middle().1 });
            let (one, other) = many.split_at_mut(many.len() / 2);
            let (one, other) = (cascade(one), cascade(other));
            overlay(one.polygons.as_slice(), other.polygons.as_slice(), OverlayRule::Union)
        }
    }
}

/// What is in any of the rings.
fn dissolve(rings: &[&[Point]]) -> Region {
    overlay(rings, &[] as &[Ring], OverlayRule::Subject)
}

/// The engine with its memory, which thousands of small overlays share.
#[derive(Default)]
pub(crate) struct Engine(Option<Overlay<i64>>);

impl Engine {
    /// What is in one of the rings of the subject and in none of the others.
    pub(crate) fn difference<S, C>(&mut self, subject: &S, others: &C) -> Vec<Ring>
    where
        S: IntShapeResource<i64> + ?Sized,
        C: IntShapeResource<i64> + ?Sized,
    {
        let engine = self.0.get_or_insert_with(|| Overlay::new(0));
        engine.reinit_with_subj_and_clip(subject, others);
        engine.overlay(OverlayRule::Difference, FillRule::NonZero).concat()
    }

    /// What is in one of the rings of the subject and in one of the others.
    pub(crate) fn intersection<S, C>(&mut self, subject: &S, others: &C) -> Vec<Ring>
    where
        S: IntShapeResource<i64> + ?Sized,
        C: IntShapeResource<i64> + ?Sized,
    {
        let engine = self.0.get_or_insert_with(|| Overlay::new(0));
        engine.reinit_with_subj_and_clip(subject, others);
        engine.overlay(OverlayRule::Intersect, FillRule::NonZero).concat()
    }

    /// What at least so many of sound regions have in common, given as all their rings and a box around them. Each
    /// region winds once around its points, and the box backwards takes away all turns but the last that is needed.
    pub(crate) fn common(&mut self, rings: Vec<&[Point]>, needed: usize, frame: &Bounds) -> Vec<Ring> {
        let around = frame.widened(BESIDE).corners().into_iter().rev().collect::<Ring>();
        let mut rings: Vec<&[Point]> = rings;
        rings.extend(std::iter::repeat_n(around.as_slice(), needed.saturating_sub(1)));
        let engine = self.0.get_or_insert_with(|| Overlay::new(0));
        engine.reinit_with_subj_and_clip(rings.as_slice(), &[] as &[Ring]);
        engine.overlay(OverlayRule::Subject, FillRule::Positive).concat()
    }
}

fn overlay<S, C>(subject: &S, clip: &C, rule: OverlayRule) -> Region
where
    S: IntShapeResource<i64> + ?Sized,
    C: IntShapeResource<i64> + ?Sized,
{
    overlay_by(FillRule::NonZero, subject, clip, rule)
}

fn overlay_by<S, C>(fill: FillRule, subject: &S, clip: &C, rule: OverlayRule) -> Region
where
    S: IntShapeResource<i64> + ?Sized,
    C: IntShapeResource<i64> + ?Sized,
{
    let mut polygons = Overlay::from_subj_and_clip(subject, clip).overlay(rule, fill);
    polygons.retain(|polygon| polygon.first().is_some_and(|shell| doubled_area(shell) != 0));
    Region { polygons }
}

/// A ring as it is written whoever wrote it: counter-clockwise, from its lowest point on. Where edges cross between the
/// points of the grid the engine rounds by which edge it meets first; and two holes that overlap would cancel each other
/// if they ran in opposite directions.
fn canonical(ring: &Ring) -> Ring {
    let backwards = || from_lowest(ring.iter().rev().copied().collect());
    match doubled_area(ring).cmp(&0) {
        Ordering::Less => backwards(),
        Ordering::Equal => from_lowest(ring.clone()).min(backwards()),
        Ordering::Greater => from_lowest(ring.clone()),
    }
}

/// A ring from its lowest point on; where it comes there several times, from the time after which the lowest ones follow.
fn from_lowest(mut ring: Ring) -> Ring {
    let from = |start: usize| ring.iter().skip(start).chain(ring.iter().take(start));
    let lowest = ring.iter().min();
    let starts = ring.iter().zip(0..).filter(|(point, _)| Some(*point) == lowest).map(|(_, start)| start);
    let start = starts.min_by(|a, b| from(*a).cmp(from(*b))).unwrap_or_default();
    ring.rotate_left(start);
    ring
}

/// Whether a piece is thinner than coordinates are exact.
fn is_sliver(piece: &[Ring]) -> bool {
    let doubled: i128 = piece.iter().map(|ring| doubled_area(ring)).sum();
    let length = |(a, b): (Point, Point)| ((b.x - a.x) as f64).hypot((b.y - a.y) as f64);
    let around: f64 = piece.iter().flat_map(|ring| edges(ring)).map(length).sum();
    // The area is about the width times half of the way around.
    (doubled as f64) < THINNEST * around
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Rings on a grid so coarse that points, edges and crossings coincide all the time.
    fn tangled() -> impl Strategy<Value = RawPolygon> {
        let point = (0_i64..7, 0_i64..7).prop_map(|(x, y)| Point::new(x * 1_000_000_007, y * 1_000_000_007));
        prop::collection::vec(prop::collection::vec(point, 3..12), 1..4)
    }

    fn size(region: &Region) -> f64 {
        region.rings().map(|ring| doubled_area(ring)).sum::<i128>() as f64
    }

    #[test]
    fn direction_and_overlap_do_not_matter() {
        let square = |low: i64, high: i64| {
            vec![Point::new(low, low), Point::new(high, low), Point::new(high, high), Point::new(low, high)]
        };
        let turned = |ring: Ring| ring.into_iter().rev().collect::<Ring>();
        let region = Region::of_polygons(&[vec![square(0, 10)], vec![turned(square(5, 15))]]);
        assert_eq!(size(&region), 2.0 * 175.0);
        let holed = [vec![square(0, 10), square(2, 4)], vec![turned(square(0, 10)), turned(square(2, 4))]];
        assert_eq!(size(&Region::of_polygons(&holed)), 2.0 * 96.0);
    }

    #[test]
    fn a_piece_that_only_rounding_made_is_taken_away_and_handed_over() {
        let at = |x: i64, y: i64| Point::new(x, y);
        let far = 1_000_000_000;
        // A square with a spike of ten units in width that a crossing parts from it.
        let polygon =
            vec![vec![at(0, 0), at(far, 0), at(far, far), at(1, far), at(-9, 2 * far), at(-10, 2 * far), at(0, far)]];
        let whole = vec![vec![at(0, 0), at(10, 0), at(10, far), at(0, far)]];
        let (region, slivers) = Region::made_sound(&polygon);
        assert_eq!((region.polygons.len(), slivers.len()), (1, 0), "what hangs together is one piece");
        let bow = vec![vec![at(0, 0), at(far, 0), at(far, far), at(-3, far), at(-3, 2 * far), at(0, 2 * far)]];
        let (region, slivers) = Region::made_sound(&bow);
        assert_eq!((region.polygons.len(), slivers.len()), (1, 1));
        assert_eq!(Region::made_sound(&whole).1.len(), 0, "thin as a whole");
    }

    #[test]
    fn what_rings_have_twice_is_found() {
        let square = |low: i64, high: i64| {
            vec![Point::new(low, low), Point::new(high, low), Point::new(high, high), Point::new(low, high)]
        };
        let twice = Region::of_twice_in(&[square(0, 10), square(5, 15), square(10, 20), square(30, 40)]);
        assert_eq!((twice.polygons.len(), size(&twice)), (2, 2.0 * 50.0));
        assert!(Region::of_twice_in(&[square(0, 10), square(10, 15)]).is_empty());
    }

    proptest! {
        #[test]
        fn tangled_rings_give_sound_regions(a in tangled(), b in tangled(), c in tangled()) {
            let (whole, other) = (Region::of_polygons(&[a.clone(), b.clone()]), Region::of_polygon(&c));
            prop_assert!(whole.polygons.iter().all(|p| doubled_area(&p[0]) > 0), "shells run counter-clockwise");
            prop_assert!(whole.rings().all(|ring| ring.len() >= 3));
            let rings = other.polygons.concat();
            let (inside, outside) = (whole.intersection(&rings), whole.difference(&rings));
            let error = size(&inside) + size(&outside) - size(&whole);
            prop_assert!(error.abs() <= 1e-7 * size(&whole).max(1e18), "{}", error);
            prop_assert_eq!(Region::of_polygons(&[b, a]), whole);
        }

        #[test]
        fn how_rings_are_written_changes_no_digit(polygon in tangled(), turns in 0_usize..12) {
            let written = |ring: &Ring| {
                let mut ring: Ring = ring.iter().rev().copied().collect();
                let start = turns % ring.len();
                ring.rotate_left(start);
                ring
            };
            let mut other: RawPolygon = polygon.iter().map(written).collect();
            prop_assert_eq!(Region::of_polygon(&other), Region::of_polygon(&polygon));
            // One hole the other way, and another order of them.
            other[1..].reverse();
            other.last_mut().expect("a ring").reverse();
            prop_assert_eq!(Region::of_polygon(&other), Region::of_polygon(&polygon));
        }

        #[test]
        fn the_cascade_is_the_flat_union(many in prop::collection::vec(tangled(), 5..12)) {
            let regions: Vec<Region> = many.iter().map(Region::of_polygon).collect();
            let rings: Vec<&[Point]> = regions.iter().flat_map(Region::rings).map(Vec::as_slice).collect();
            let flat = dissolve(&rings);
            let error = size(&Region::union(regions.clone())) - size(&flat);
            prop_assert!(error.abs() <= 1e-7 * size(&flat).max(1e18), "{}", error);
        }
    }
}
