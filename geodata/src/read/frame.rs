//! From positions in the system of a file to checked points, lines and rings on the grid: the same checks for every
//! format.

use std::cell::Cell;

use super::{
    Budget, LeftOut, Shape, Terms,
    holes::{self, Unjoined},
    limits::MAX_VERTICES,
    report::{Wrong, wrong},
    terms::Wanted,
};
use crate::{
    crs::Crs,
    grid::{Point, RawPolygon, Ring, UNITS_PER_DEGREE, doubled_area, edges, to_grid},
};

/// Two coordinates in the order of files: easting or longitude first.
pub(super) type Position = [f64; 2];

/// Fewest positions of a ring: three, and the first again.
const MIN_POSITIONS: usize = 4;

/// Steps for finding the shells of holes before any vertex is read.
const FIRST_STEPS: u64 = 1_000_000;
/// And for each vertex; real layers take five to twenty.
const STEPS_A_VERTEX: u64 = 100;
/// What is wrong with rings that take longer.
const TOO_SLOW: &str = "its holes cross its outer rings everywhere";
/// What to do about them.
const HINT_SLOW: &str = "repair the shape, or split it";

/// What an odd ring is answered with.
pub(super) const HINT_SHAPE: &str =
    "a ring is a list of [longitude, latitude] in decimal degrees, the first repeated at the end";

/// What the coordinates of a file mean, and how many of them there may be.
#[derive(Debug)]
pub(super) struct Frame<'b> {
    crs: Crs,
    budget: &'b Budget,
    wanted: Wanted,
    /// Steps that looking for the shells of holes may still take.
    steps: Cell<u64>,
    /// What was left out of the shape that is read.
    left_out: Cell<LeftOut>,
}

impl<'b> Frame<'b> {
    /// For files in this system.
    pub(super) fn new(crs: Crs, terms: &Terms<'b>) -> Self {
        let Terms { budget, wanted, .. } = *terms;
        Self { crs, budget, wanted, steps: Cell::new(FIRST_STEPS), left_out: Cell::default() }
    }

    /// The system of the file.
    pub(super) fn crs(&self) -> Crs {
        self.crs
    }

    /// Whether shapes are read.
    pub(super) fn wants_shapes(&self) -> bool {
        self.wanted == Wanted::Shapes
    }

    /// The shape of a feature as its format reads it; no points where none is wanted.
    pub(super) fn shape(&self, read: impl FnOnce() -> Result<Shape, Wrong>) -> Result<Shape, Wrong> {
        if self.wants_shapes() { read() } else { Ok(Shape::Points(Vec::new())) }
    }

    /// What was left out since this was asked for the last time.
    pub(super) fn left_out(&self) -> LeftOut {
        self.left_out.take()
    }

    /// Counts what is left out.
    pub(super) fn leave_out(&self, duplicates: usize, empty: usize) {
        let LeftOut { duplicates: before, empty: empty_before } = self.left_out.get();
        self.left_out.set(LeftOut { duplicates: before + duplicates as u64, empty: empty_before + empty as u64 });
    }

    /// Takes so many vertices before memory is taken for them.
    pub(super) fn take(&self, vertices: usize) -> Result<(), Wrong> {
        if self.budget.take_all(vertices as u64) {
            self.steps.set(self.steps.get().saturating_add(STEPS_A_VERTEX * vertices as u64));
            return Ok(());
        }
        wrong(format!("more than {MAX_VERTICES} vertices in all files together"), "simplify it: 10 m is fine enough")
    }

    /// A point on the grid.
    pub(super) fn point(&self, [x, y]: Position) -> Result<Point, Wrong> {
        let at = self.crs.to_wgs84(x, y).and_then(|at| to_grid(at.lon, at.lat));
        at.ok_or_else(|| self.misplaced(x, y))
    }

    /// A line on the grid.
    pub(super) fn line(&self, positions: &[Position]) -> Result<Vec<Point>, Wrong> {
        if positions.len() < 2 {
            return wrong(format!("a line of {} positions", positions.len()), "remove it, or draw it again");
        }
        positions.iter().map(|position| self.point(*position)).collect()
    }

    /// Several polygons, each a shell and its holes.
    pub(super) fn polygons(&self, polygons: &[Vec<Vec<Position>>]) -> Result<Vec<RawPolygon>, Wrong> {
        polygons.iter().enumerate().map(|(index, rings)| self.polygon(index + 1, rings)).collect()
    }

    fn polygon(&self, number: usize, rings: &[Vec<Position>]) -> Result<RawPolygon, Wrong> {
        if rings.is_empty() {
            return wrong(format!("polygon {number} has no ring"), HINT_SHAPE);
        }
        let mut polygon = RawPolygon::with_capacity(rings.len());
        for (index, ring) in rings.iter().enumerate() {
            let ring =
                self.ring(ring).map_err(|(m, hint)| (format!("polygon {number}, ring {}: {m}", index + 1), hint))?;
            // A hole of no area takes nothing away; a shell of no area is a mistake.
            if doubled_area(&ring) != 0 {
                polygon.push(ring);
            } else if index == 0 {
                return wrong(
                    format!("polygon {number}: its outer ring encloses no area"),
                    "remove the polygon, or repair a ring that crosses itself",
                );
            } else {
                self.leave_out(0, 1);
            }
        }
        match self.counted(|steps| holes::all_inside(&polygon, steps)) {
            Ok(()) => Ok(polygon),
            Err(Unjoined::Outside(hole)) => wrong(
                format!("polygon {number}: its hole {hole} lies outside of its outer ring"),
                "make it a polygon of its own, or remove it; the first ring is the outer one",
            ),
            Err(Unjoined::TooSlow) => wrong(format!("polygon {number}: {TOO_SLOW}"), HINT_SLOW),
        }
    }

    /// Polygons of rings of a format that does not say which hole is whose; holes come with their numbers.
    pub(super) fn joined(&self, shells: Vec<Ring>, holes: Vec<(usize, Ring)>) -> Result<Vec<RawPolygon>, Wrong> {
        match self.counted(|steps| holes::joined(shells, holes, steps)) {
            Ok(polygons) => Ok(polygons),
            Err(Unjoined::Outside(number)) => wrong(
                format!("ring {number} runs counter-clockwise, as a hole, but lies outside of every outer ring"),
                "export it again, or turn the ring",
            ),
            Err(Unjoined::TooSlow) => wrong(TOO_SLOW, HINT_SLOW),
        }
    }

    fn counted<T>(&self, look: impl FnOnce(&mut u64) -> T) -> T {
        let mut steps = self.steps.get();
        let outcome = look(&mut steps);
        self.steps.set(steps);
        outcome
    }

    /// A ring on the grid, without its last position, which repeats the first.
    pub(super) fn ring(&self, positions: &[Position]) -> Result<Ring, Wrong> {
        let mut ring: Ring = positions.iter().map(|position| self.point(*position)).collect::<Result<_, _>>()?;
        if ring.len() < MIN_POSITIONS {
            let message = format!("{} positions, at least {MIN_POSITIONS} are needed", ring.len());
            return wrong(message, "remove the ring, or draw it again");
        }
        if ring.first() != ring.last() {
            return wrong("not closed: first and last position differ", "repeat the first position at the end");
        }
        ring.pop();
        let written = ring.len();
        ring.dedup();
        self.leave_out(written - ring.len(), 0);
        // Grown while positions were checked, it has up to twice the room; layers have millions of points.
        ring.shrink_to_fit();
        if edges(&ring).any(|(a, b)| crosses_antimeridian(a, b)) {
            return wrong("an edge spans more than 180 degrees", "cut the shape at the antimeridian");
        }
        Ok(ring)
    }

    /// Why a position has no place on the grid, as far as its numbers tell.
    fn misplaced(&self, x: f64, y: f64) -> Wrong {
        let swapped = self.crs.to_wgs84(y, x).is_some();
        if self.crs == Crs::WGS84 {
            return off_globe(x, y, swapped);
        }
        let message = format!("position [{x}, {y}] is not where {} is used", self.crs.name());
        let hint = if swapped {
            "easting and northing seem to be swapped: easting comes first"
        } else if self.crs.to_wgs84(500_000.0, 2_400_000.0).is_some() && x.abs() <= 180.0 && y.abs() <= 90.0 {
            "these seem to be degrees; name the system that the file is in"
        } else {
            "check the system that the file names; the zones of VN-2000 are easily mistaken for one another"
        };
        (message, hint.to_owned())
    }
}

fn off_globe(lon: f64, lat: f64, swapped: bool) -> Wrong {
    let message = format!("position [{lon}, {lat}] is not in degrees of WGS 84");
    let hint = if !lon.is_finite() || !lat.is_finite() {
        "coordinates are numbers; remove the vertex, or export the file again"
    } else if swapped {
        "longitude and latitude seem to be swapped: longitude comes first"
    } else if lon.abs() > 1000.0 || lat.abs() > 1000.0 {
        "these seem to be metres of a projection such as VN-2000: name it in the file (\"crs\" of GeoJSON, the .prj of a \
         shapefile), or convert it: ogr2ogr -f GeoJSON -s_srs EPSG:9211 -t_srs EPSG:4326 out.geojson IN, with the zone \
         that the file is in"
    } else {
        "longitude is -180 to 180 and latitude -90 to 90"
    };
    (message, hint.to_owned())
}

fn crosses_antimeridian(a: Point, b: Point) -> bool {
    (a.x - b.x).abs() > (180.0 * UNITS_PER_DEGREE) as i64
}
