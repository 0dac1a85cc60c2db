//! Borders of neighbours that do not fit together: what two communes both have, and what lies between them and neither
//! has.
//!
//! Where borders fit, each edge is there twice, once in each direction, and the two cancel. What is left are the outer
//! border and the edges that do not fit; how often rings run around a place is the same without the others. So the costly
//! overlays see some thousand edges of millions. A gape that is open to the outside cannot be told from outside.

use std::collections::{BTreeMap, HashMap};

use phusong_model::{BorderMismatch, CommuneCode, ImportLog};

use crate::{
    area::{edge_distance_m, ring_length_m, ring_m2},
    boundaries::Boundary,
    cut::{HalfPlane, Piece},
    grid::{Bounds, Point, Ring, edges, position, side},
    interior::interior_point,
    overlay::Region,
    read::{Place, Report},
};

/// Smaller pieces come from rounding where edges cross.
const LEAST_M2: f64 = 1e-3;
/// A hole among communes of less than this is a gape, whatever its shape: those of the published outlines have up to
/// 18.5 m².
const GAPE_M2: f64 = 100.0;
/// And so is one that is on average narrower than this, to which boundaries are usually simplified.
const GAPE_WIDTH_M: f64 = 10.0;
/// What communes may have in common, as a share of the smaller one: borders that do not fit have a thousandth.
const MOST_IN_COMMON: f64 = 0.5;
/// How far a point where edges cross may lie beside them, in units of the grid: it was rounded.
const ROUNDED: i128 = 2;

/// Looks for borders that do not fit, and writes them into the log, with a note of what they come to. Communes that have
/// most of their land in common are one polygon given twice, and refused.
pub(crate) fn compare(boundaries: &[Boundary], report: &mut Report) {
    let mut lands: Vec<Land<'_>> = boundaries.iter().filter_map(Land::of).collect();
    // In order of the codes, so that of each pair the lower one comes first.
    lands.sort_by_key(|land| land.code);
    let left = unmatched(&lands);
    let rings = closed(&left);
    let mut found = Found::default();
    for piece in Region::of_twice_in(&rings).polygons {
        found.overlap(&lands, piece);
    }
    let left = Edges::of(left);
    let holes = Region::of_rings(&rings).polygons.into_iter().flat_map(|polygon| polygon.into_iter().skip(1));
    for hole in holes {
        found.hole(&lands, &left, hole, report.log());
    }
    found.refuse(&lands, report);
    found.tell(report.log());
}

struct Land<'a> {
    code: &'a CommuneCode,
    region: Region,
    bounds: Bounds,
}

impl<'a> Land<'a> {
    fn of(boundary: &'a Boundary) -> Option<Self> {
        let region = boundary.region();
        let bounds = region.bounds()?;
        Some(Self { code: &boundary.code, region, bounds })
    }

    /// Its rings as far as they lie in a box.
    fn within(&self, frame: &Bounds) -> Vec<Ring> {
        let cut = |ring: &Ring| {
            let whole = Piece::whole(Bounds::around(ring)?, ring);
            let piece = HalfPlane::of_box(frame).into_iter().try_fold(whole, |piece, half| piece.cut(half))?;
            Some(piece.points().to_vec())
        };
        self.region.rings().filter_map(cut).collect()
    }
}

/// An edge of a commune, by the place of the commune.
#[derive(Debug, Clone, Copy)]
struct Edge {
    a: Point,
    b: Point,
    land: usize,
}

impl Edge {
    /// Its ends, the same for both directions.
    fn ends(&self) -> [(i64, i64); 2] {
        let (a, b) = ((self.a.x, self.a.y), (self.b.x, self.b.y));
        [a.min(b), a.max(b)]
    }

    fn is_forward(&self) -> bool {
        (self.a.x, self.a.y) < (self.b.x, self.b.y)
    }

    fn bounds(&self) -> Bounds {
        let (low, high) =
            ((self.a.x.min(self.b.x), self.a.y.min(self.b.y)), (self.a.x.max(self.b.x), self.a.y.max(self.b.y)));
        Bounds { low: Point::new(low.0, low.1), high: Point::new(high.0, high.1) }
    }
}

/// The edges that no neighbour has in the other direction.
fn unmatched(lands: &[Land<'_>]) -> Vec<Edge> {
    let of_land = |(land, it): (usize, &Land<'_>)| {
        let rings = it.region.rings().flat_map(|ring| edges(ring));
        rings.map(|(a, b)| Edge { a, b, land }).collect::<Vec<_>>()
    };
    let mut all: Vec<Edge> = lands.iter().enumerate().flat_map(of_land).collect();
    all.sort_unstable_by_key(|edge| (edge.ends(), edge.is_forward(), edge.land));
    let mut left = Vec::new();
    for same in all.chunk_by(|one, other| one.ends() == other.ends()) {
        let (backward, forward) = same.split_at(same.partition_point(|edge| !edge.is_forward()));
        let matched = backward.len().min(forward.len());
        left.extend(backward.iter().skip(matched).chain(forward.iter().skip(matched)));
    }
    left
}

/// The edges joined to rings. As many end in each point as begin there, so that every way comes back.
fn closed(edges: &[Edge]) -> Vec<Ring> {
    let mut from: HashMap<(i64, i64), Vec<Point>> = HashMap::new();
    for edge in edges.iter().rev() {
        from.entry((edge.a.x, edge.a.y)).or_default().push(edge.b);
    }
    let mut next = |at: Point| from.get_mut(&(at.x, at.y)).and_then(Vec::pop);
    let mut rings = Vec::new();
    for edge in edges {
        let mut ring = Ring::new();
        let mut at = edge.a;
        while let Some(to) = next(at) {
            ring.push(at);
            at = to;
        }
        if ring.len() > 2 {
            rings.push(ring);
        }
    }
    rings
}

/// Edges in order of their southern ends, so that those of a box are found.
struct Edges {
    all: Vec<Edge>,
    tallest: i64,
}

impl Edges {
    fn of(mut all: Vec<Edge>) -> Self {
        all.sort_by_key(|edge| edge.bounds().low.y);
        let tallest = all.iter().map(|edge| (edge.b.y - edge.a.y).abs()).max().unwrap_or_default();
        Self { all, tallest }
    }

    fn within(&self, bounds: &Bounds) -> Vec<&Edge> {
        let start = self.all.partition_point(|edge| edge.bounds().low.y < bounds.low.y - self.tallest);
        let near = self.all.iter().skip(start).take_while(|edge| edge.bounds().low.y <= bounds.high.y);
        near.filter(|edge| edge.bounds().meets(bounds)).collect()
    }

    /// How many metres of a ring each commune has along it, the one with most first.
    fn along(&self, ring: &Ring) -> Vec<(usize, f64)> {
        let Some(bounds) = Bounds::around(ring) else { return Vec::new() };
        let near = self.within(&bounds);
        let mut metres: BTreeMap<usize, f64> = BTreeMap::new();
        for (a, b) in edges(ring) {
            for edge in near.iter().filter(|edge| edge.runs_along(a) && edge.runs_along(b)) {
                *metres.entry(edge.land).or_default() += edge_distance_m(a, b, b);
            }
        }
        let mut metres: Vec<(usize, f64)> = metres.into_iter().collect();
        metres.sort_by(|a, b| b.1.total_cmp(&a.1));
        metres
    }
}

impl Edge {
    /// Whether a point is on it, as far as rounding goes.
    fn runs_along(&self, point: Point) -> bool {
        let length = i128::from((self.b.x - self.a.x).abs().max((self.b.y - self.a.y).abs()));
        let around = self.bounds();
        side(self.a, self.b, point).abs() <= ROUNDED * length
            && (around.low.x - 2..=around.high.x + 2).contains(&point.x)
            && (around.low.y - 2..=around.high.y + 2).contains(&point.y)
    }
}

/// What is found between two communes.
#[derive(Debug, Clone, Copy)]
struct Between {
    overlap_m2: f64,
    gape_m2: f64,
    largest_m2: f64,
    at: Point,
}

#[derive(Debug, Default)]
struct Found<'a> {
    pairs: BTreeMap<[&'a CommuneCode; 2], Between>,
    overlaps: u64,
    gapes: u64,
}

impl<'a> Found<'a> {
    /// Adds a place that communes have together.
    fn overlap(&mut self, lands: &[Land<'a>], piece: Vec<Ring>) {
        let region = Region { polygons: vec![piece] };
        let Some(bounds) = region.bounds() else { return };
        let common = |land: &Land<'_>| region.intersection(&land.within(&bounds));
        let parts: Vec<(&Land<'a>, Region)> = lands
            .iter()
            .filter(|land| land.bounds.meets(&bounds))
            .map(|land| (land, common(land)))
            .filter(|(_, part)| part.area_m2() >= LEAST_M2)
            .collect();
        for (index, (one, part)) in parts.iter().enumerate() {
            for (other, _) in parts.iter().skip(index + 1) {
                let both = part.intersection(&other.within(&bounds));
                let (m2, at) = (both.area_m2(), both.polygons.first().and_then(|polygon| inner(polygon)));
                if let Some(at) = at.filter(|_| m2 >= LEAST_M2) {
                    self.overlaps += 1;
                    self.between([one.code, other.code], m2, at).overlap_m2 += m2;
                }
            }
        }
    }

    /// Adds a place among communes that none has.
    fn hole(&mut self, lands: &[Land<'a>], left: &Edges, hole: Ring, log: &mut ImportLog) {
        let m2 = ring_m2(&hole).abs();
        let along = left.along(&hole);
        let codes = along.iter().filter_map(|(land, _)| lands.get(*land)).map(|land| land.code);
        let [one, other] = codes.take(2).collect::<Vec<_>>()[..] else {
            // A hole in one commune only is its own.
            return;
        };
        let is_gape = m2 < GAPE_M2.max(0.5 * GAPE_WIDTH_M * ring_length_m(&hole));
        let Some(at) = inner(&[hole]).filter(|_| m2 >= LEAST_M2) else { return };
        if is_gape {
            self.gapes += 1;
            self.between([one.min(other), one.max(other)], m2, at).gape_m2 += m2;
        } else {
            let at = position(at);
            log.note(format!(
                "a place of {:.4} km² between communes {one} and {other} is in none, around {}, {}: is a commune missing?",
                m2 / 1e6,
                at.lon,
                at.lat
            ));
        }
    }

    fn between(&mut self, pair: [&'a CommuneCode; 2], m2: f64, at: Point) -> &mut Between {
        let none = Between { overlap_m2: 0.0, gape_m2: 0.0, largest_m2: 0.0, at };
        let between = self.pairs.entry(pair).or_insert(none);
        if m2 > between.largest_m2 {
            (between.largest_m2, between.at) = (m2, at);
        }
        between
    }

    fn refuse(&self, lands: &[Land<'a>], report: &mut Report) {
        let m2 = |code: &CommuneCode| {
            let land = lands.binary_search_by(|land| land.code.cmp(code)).ok().and_then(|place| lands.get(place));
            land.map_or(f64::INFINITY, |land| land.region.area_m2())
        };
        for ([one, other], between) in &self.pairs {
            let overlap_m2 = between.overlap_m2;
            if overlap_m2 > 0.0 && overlap_m2 > MOST_IN_COMMON * m2(one).min(m2(other)) {
                let km2 = overlap_m2 / 1e6;
                let message =
                    format!("communes {one} and {other} have {km2:.1} km² in common, most of the smaller one");
                let hint = "give each its own polygon: one of them may have been written twice";
                report.fault(&Place::File, message, hint);
            }
        }
    }

    fn tell(self, log: &mut ImportLog) {
        if self.pairs.is_empty() {
            return;
        }
        let mut communes: Vec<&CommuneCode> = self.pairs.keys().flatten().copied().collect();
        communes.sort_unstable();
        communes.dedup();
        let sum = |of: fn(&Between) -> f64| self.pairs.values().map(of).sum::<f64>();
        let (overlap, gape) = (sum(|between| between.overlap_m2), sum(|between| between.gape_m2));
        log.note(format!(
            "borders of {} communes do not fit together: {} overlaps of {overlap:.1} m² and {} gapes of {gape:.1} m² in \
             all; a place in an overlap counts for the lowest code, one in a gape for the nearest commune",
            communes.len(),
            self.overlaps,
            self.gapes
        ));
        for ([one, other], between) in self.pairs {
            let Between { overlap_m2, gape_m2, largest_m2: _, at } = between;
            let communes = [one.clone(), other.clone()];
            log.border(BorderMismatch { communes, overlap_m2, gape_m2, at: position(at) });
        }
    }
}

fn inner(polygon: &[Ring]) -> Option<Point> {
    interior_point(polygon).or_else(|| polygon.first()?.first().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A thousandth of a degree, about 100 m.
    const STEP: i64 = 1_000_000_000;

    fn boundary(code: &str, [west, south, east, north]: [i64; 4]) -> Boundary {
        let at = |x: i64, y: i64| Point::new(x * STEP, y * STEP);
        // Clockwise, as published outlines run.
        let ring = vec![at(west, south), at(west, north), at(east, north), at(east, south)];
        Boundary::new(code.parse().expect("code"), vec![vec![ring]])
    }

    fn log(boundaries: &[Boundary]) -> ImportLog {
        let mut report = Report::of("communes.geojson".as_ref());
        compare(boundaries, &mut report);
        report.finish().1
    }

    fn told(boundaries: &[Boundary]) -> Vec<(String, f64, f64)> {
        let of = |border: BorderMismatch| {
            let [one, other] = border.communes;
            // In cells of the grid of thousandths; at the equator all have the same size.
            let cells =
                |m2: f64| (m2 / ring_m2(&boundary("00001", [0, 0, 1, 1]).polygons[0][0]).abs() * 1e3).round() / 1e3;
            (format!("{one} {other}"), cells(border.overlap_m2), cells(border.gape_m2))
        };
        log(boundaries).borders.into_iter().map(of).collect()
    }

    #[test]
    fn borders_that_fit_are_not_told() {
        // Three that meet in the middle of an edge.
        let fit =
            [boundary("00001", [0, 0, 10, 10]), boundary("00002", [10, 0, 20, 5]), boundary("00003", [10, 5, 20, 10])];
        assert_eq!(log(&fit), ImportLog::default());
        assert_eq!(log(&[]), ImportLog::default());
    }

    #[test]
    fn what_two_have_is_told_of_each_two() {
        let over = [boundary("00002", [0, 0, 10, 10]), boundary("00001", [8, 0, 20, 10])];
        assert_eq!(told(&over), [("00001 00002".to_owned(), 20.0, 0.0)]);
        let twice = [boundary("00001", [0, 0, 4, 4]), boundary("00002", [0, 0, 4, 4])];
        assert_eq!(told(&twice), [("00001 00002".to_owned(), 16.0, 0.0)]);
        let within = [boundary("00001", [0, 0, 9, 9]), boundary("00002", [2, 2, 4, 4])];
        assert_eq!(told(&within), [("00001 00002".to_owned(), 4.0, 0.0)]);
        let three = [boundary("00001", [0, 0, 4, 4]), boundary("00002", [2, 0, 6, 4]), boundary("00003", [3, 0, 9, 1])];
        let expected = [("00001 00002", 8.0), ("00001 00003", 1.0), ("00002 00003", 3.0)];
        assert_eq!(told(&three), expected.map(|(pair, cells)| (pair.to_owned(), cells, 0.0)));
    }

    #[test]
    fn a_narrow_place_that_nobody_has_is_a_gape_and_a_wide_one_a_question() {
        let mut gaping = [boundary("00001", [0, 0, 10, 10]), boundary("00002", [10, 0, 20, 10])];
        // About five metres to the east, on half of the border.
        let bend = |y: i64| Point::new(10 * STEP + 50_000_000, y * STEP);
        gaping[1].polygons[0][0]
            .splice(1..1, [Point::new(10 * STEP, 2 * STEP), bend(3), bend(7), Point::new(10 * STEP, 8 * STEP)]);
        assert_eq!(told(&gaping), [("00001 00002".to_owned(), 0.0, 0.25)]);
        let found = log(&gaping);
        assert_eq!(found.notes.len(), 1);
        assert!(found.notes[0].contains("0 overlaps of 0.0 m² and 1 gapes of 3"), "{}", found.notes[0]);
        let ring = [
            boundary("00001", [0, 0, 10, 4]),
            boundary("00002", [0, 6, 10, 10]),
            boundary("00003", [0, 4, 4, 6]),
            boundary("00004", [6, 4, 10, 6]),
        ];
        let missing = log(&ring);
        assert!(missing.borders.is_empty());
        assert_eq!(missing.notes.len(), 1);
        assert!(missing.notes[0].contains("is a commune missing?"), "{}", missing.notes[0]);
    }

    #[test]
    fn order_and_direction_do_not_show() {
        let mut some =
            vec![boundary("00001", [0, 0, 4, 4]), boundary("00002", [2, 0, 6, 4]), boundary("00003", [3, 0, 9, 1])];
        let first = log(&some);
        for boundary in &mut some {
            boundary.polygons.iter_mut().flatten().for_each(|ring| ring.reverse());
        }
        assert_eq!(log(&some), first);
    }
}
