//! Many points to the communes that they lie in.
//!
//! Nothing is built before: the points are put into the cells of a grid once, and every commune then takes those in the
//! box around it and looks only at the ones that are beside each of its edges. A million points meet three million edges
//! in a pass over both, and three points meet the edges of some communes.

use phusong_model::{CommuneCode, LonLat};

use crate::{
    area::{around_m, edge_offset_m},
    boundaries::Boundary,
    geodata::Geodata,
    grid::{Bounds, Point, Ring, edges, to_grid},
    settled::Crossings,
};

/// How far a point in no commune may be from two of them and still lie between them, in metres: boundaries are usually
/// simplified to 10 m, so that two drawn by different offices gape by as much.
pub(crate) const GAPE_M: f64 = 10.0;
/// Who is no farther from two communes is on their border: corners were rounded where edges cross.
const ROUNDED_M: f64 = 1e-3;

/// Points in a cell of the grid, about: fewer cost more to walk over than to look at.
const POINTS_IN_CELL: usize = 8;
/// Most columns or rows of cells; the shape of the country keeps them far below.
const MAX_CELLS_ASIDE: usize = 4096;
/// Most rows that the points of one commune are sorted into.
const MAX_ROWS: usize = 1 << 16;

/// The communes as places where points can lie.
#[derive(Debug, Clone, Default)]
pub struct Communes {
    /// In order of the codes.
    lands: Vec<Land>,
}

#[derive(Debug, Clone)]
struct Land {
    code: CommuneCode,
    bounds: Bounds,
    /// Of a sound region.
    rings: Vec<Ring>,
}

/// A point that may lie in a commune, and its place among those that were asked for.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    at: Point,
    index: usize,
}

impl Geodata {
    /// The communes as places where points can lie; approximate ones where the boundaries are.
    #[must_use]
    pub fn communes(&self) -> Communes {
        Communes::of(&self.boundaries)
    }
}

impl Communes {
    /// Makes boundaries sound.
    pub(crate) fn of(boundaries: &[Boundary]) -> Self {
        let land = |boundary: &Boundary| {
            let region = boundary.region();
            let bounds = region.bounds()?;
            Some(Land { code: boundary.code.clone(), bounds, rings: region.polygons.into_iter().flatten().collect() })
        };
        let mut lands: Vec<Land> = boundaries.iter().filter_map(land).collect();
        lands.sort_by(|a, b| a.code.cmp(&b.code));
        Self { lands }
    }

    /// The commune of each point; `None` for one that is in no commune or not on the globe.
    ///
    /// A point on a border, or where communes overlap, belongs to the one with the lowest code. A point in no commune
    /// lies in a gape of their borders when two communes are within 10 m of it, on different sides: then it belongs to
    /// the nearest, of equally near ones to the lowest code. Beside a single commune, or before the corner that two of
    /// them have together, it lies outside, however near.
    #[must_use]
    pub fn locate(&self, points: &[LonLat]) -> Vec<Option<&CommuneCode>> {
        let on_globe = |(index, at): (usize, &LonLat)| Some(Candidate { at: to_grid(at.lon, at.lat)?, index });
        let candidates: Vec<Candidate> = points.iter().enumerate().filter_map(on_globe).collect();
        let mut found: Vec<Option<&CommuneCode>> = vec![None; points.len()];
        self.locate_inside(&candidates, &mut found);
        self.locate_between(&candidates, &mut found);
        found
    }

    fn locate_inside<'a>(&'a self, candidates: &[Candidate], found: &mut [Option<&'a CommuneCode>]) {
        let Some(cells) = Cells::of(candidates) else { return };
        let mut rows = Rows::default();
        for land in self.lands.iter().filter(|land| land.bounds.meets(&cells.bounds)) {
            // Those that a lower code has are not looked at again.
            let is_free = |candidate: &Candidate| found.get(candidate.index).is_some_and(Option::is_none);
            rows.fill(&land.bounds, cells.within(&land.bounds).filter(is_free));
            if rows.is_empty() {
                continue;
            }
            rows.meet(&land.rings);
            for (candidate, met) in rows.candidates.iter().zip(&rows.met) {
                if let Some(slot) = found.get_mut(candidate.index).filter(|_| met.is_inside()) {
                    *slot = Some(&land.code);
                }
            }
        }
    }

    /// Gives points that lie in no commune to the nearest of two that are near.
    fn locate_between<'a>(&'a self, candidates: &[Candidate], found: &mut [Option<&'a CommuneCode>]) {
        let is_free = |candidate: &&Candidate| found.get(candidate.index).is_some_and(Option::is_none);
        let left: Vec<Candidate> = candidates.iter().filter(is_free).copied().collect();
        // By their place among those that are left.
        let numbered: Vec<Candidate> = left.iter().zip(0..).map(|(c, index)| Candidate { at: c.at, index }).collect();
        let Some(cells) = Cells::of(&numbered) else { return };
        let mut near: Vec<Near<'_>> = vec![Near::default(); left.len()];
        let mut rows = Rows::default();
        let near_all = around_m(&cells.bounds, GAPE_M);
        for land in self.lands.iter().filter(|land| land.bounds.meets(&near_all)) {
            let around = around_m(&land.bounds, GAPE_M);
            rows.fill(&around, cells.within(&around));
            if rows.is_empty() {
                continue;
            }
            for (candidate, beside) in rows.candidates.iter().zip(rows.offsets(&land.rings)) {
                if let Some((near, beside)) = near.get_mut(candidate.index).zip(beside.filter(Beside::is_near)) {
                    near.0.push((beside, &land.code));
                }
            }
        }
        for (candidate, near) in left.iter().zip(near) {
            if let Some(slot) = found.get_mut(candidate.index) {
                *slot = near.home();
            }
        }
    }
}

/// Where the nearest place of a commune's border is, seen from a point outside: metres eastwards and northwards.
#[derive(Debug, Clone, Copy)]
struct Beside([f64; 2]);

impl Beside {
    fn metres(&self) -> f64 {
        let Self([east, north]) = self;
        east.hypot(*north)
    }

    fn is_near(&self) -> bool {
        self.metres() <= GAPE_M
    }

    /// Whether a point lies between both places.
    fn is_opposite(&self, other: &Self) -> bool {
        let (Self([east, north]), Self([other_east, other_north])) = (self, other);
        east * other_east + north * other_north <= 0.0 || self.metres().max(other.metres()) <= ROUNDED_M
    }

    /// The nearer of two places, whichever is asked first.
    fn nearer(self, other: Self) -> Self {
        let (Self([east, north]), Self([other_east, other_north])) = (&self, &other);
        let order = self.metres().total_cmp(&other.metres());
        let order = order.then_with(|| east.total_cmp(other_east)).then_with(|| north.total_cmp(other_north));
        if order.is_le() { self } else { other }
    }
}

/// The communes near a point, in order of their codes.
#[derive(Debug, Clone, Default)]
struct Near<'a>(Vec<(Beside, &'a CommuneCode)>);

impl<'a> Near<'a> {
    /// The nearest commune, when the point lies between two of them.
    fn home(&self) -> Option<&'a CommuneCode> {
        let beside = || self.0.iter().map(|(beside, _)| beside);
        let is_between = beside().enumerate().any(|(place, one)| beside().skip(place + 1).any(|b| one.is_opposite(b)));
        let nearest = self.0.iter().min_by(|(a, _), (b, _)| a.metres().total_cmp(&b.metres()));
        nearest.filter(|_| is_between).map(|(_, code)| *code)
    }
}

/// Points by the cell that they lie in.
#[derive(Debug)]
struct Cells {
    /// Around all points.
    bounds: Bounds,
    low: Point,
    /// Width and height of a cell, in units of the grid of coordinates.
    size: (i64, i64),
    columns: usize,
    /// Where the points of each cell begin, row by row, and where the last ones end.
    starts: Vec<usize>,
    candidates: Vec<Candidate>,
}

impl Cells {
    /// `None` without points.
    fn of(candidates: &[Candidate]) -> Option<Self> {
        let bounds = Bounds::around(candidates.iter().map(|candidate| &candidate.at))?;
        let aside = (candidates.len() / POINTS_IN_CELL).isqrt().clamp(1, MAX_CELLS_ASIDE);
        let size = |low: i64, high: i64| (high - low) / i64::try_from(aside).unwrap_or(1) + 1;
        let size = (size(bounds.low.x, bounds.high.x), size(bounds.low.y, bounds.high.y));
        let mut cells =
            Self { bounds, low: bounds.low, size, columns: aside, starts: Vec::new(), candidates: Vec::new() };
        let number = |candidate: &Candidate| {
            let (column, row) = cells.cell(candidate.at);
            row * aside + column
        };
        (cells.starts, cells.candidates) = sorted(candidates, aside * aside, number);
        Some(cells)
    }

    /// Column and row of a point; those of the border for one outside.
    fn cell(&self, at: Point) -> (usize, usize) {
        let place = |from: i64, size: i64| {
            usize::try_from((from / size).max(0)).map_or(0, |place| place.min(self.columns.saturating_sub(1)))
        };
        (place(at.x - self.low.x, self.size.0), place(at.y - self.low.y, self.size.1))
    }

    /// The points in a box.
    fn within(&self, bounds: &Bounds) -> impl Iterator<Item = Candidate> {
        let ((west, south), (east, north)) = (self.cell(bounds.low), self.cell(bounds.high));
        let row = move |row: usize| {
            let start = |column: usize| self.starts.get(row * self.columns + column).copied();
            let range = start(west).zip(start(east + 1));
            range.and_then(|(start, end)| self.candidates.get(start..end)).unwrap_or_default()
        };
        let bounds = *bounds;
        (south..=north).flat_map(row).copied().filter(move |candidate| bounds.has(candidate.at))
    }
}

/// Candidates in order of a number below `count`, and where those of each number begin.
fn sorted(
    candidates: &[Candidate],
    count: usize,
    number: impl Fn(&Candidate) -> usize,
) -> (Vec<usize>, Vec<Candidate>) {
    let mut starts = vec![0_usize; count + 1];
    for candidate in candidates {
        if let Some(start) = starts.get_mut(number(candidate) + 1) {
            *start += 1;
        }
    }
    let mut sum = 0;
    for start in &mut starts {
        sum += *start;
        *start = sum;
    }
    let mut next = starts.clone();
    let mut sorted = candidates.to_vec();
    for candidate in candidates {
        let Some(place) = next.get_mut(number(candidate)) else { continue };
        if let Some(slot) = sorted.get_mut(*place) {
            *slot = *candidate;
        }
        *place += 1;
    }
    (starts, sorted)
}

/// The candidates of a commune in rows from south to north, so that an edge finds those beside it.
#[derive(Debug, Default)]
struct Rows {
    south: i64,
    /// A row is this power of two units high.
    power: u32,
    starts: Vec<usize>,
    candidates: Vec<Candidate>,
    /// What each has met of the commune's edges.
    met: Vec<Crossings>,
    gathered: Vec<Candidate>,
}

impl Rows {
    /// Takes the candidates in a box in place of those before.
    fn fill(&mut self, bounds: &Bounds, candidates: impl Iterator<Item = Candidate>) {
        self.gathered.clear();
        self.gathered.extend(candidates);
        self.south = bounds.low.y;
        let height = (bounds.high.y - bounds.low.y).unsigned_abs();
        let wanted = (2 * self.gathered.len()).clamp(1, MAX_ROWS) as u64;
        self.power = (height / wanted).checked_ilog2().map_or(0, |power| power + 1);
        let rows = usize::try_from(height >> self.power).unwrap_or(0) + 1;
        let row = |candidate: &Candidate| row_of(candidate.at.y, self.south, self.power);
        (self.starts, self.candidates) = sorted(&self.gathered, rows, row);
        self.met.clear();
        self.met.resize(self.candidates.len(), Crossings::default());
    }

    fn is_empty(&self) -> bool {
        self.candidates.is_empty()
    }

    /// Where the candidates of the rows from one latitude to another are.
    fn beside(&self, south: i64, north: i64) -> std::ops::Range<usize> {
        let last = self.starts.len().saturating_sub(1);
        let start = row_of(south, self.south, self.power).min(last);
        let end = (row_of(north, self.south, self.power) + 1).min(last);
        let at = |row: usize| self.starts.get(row).copied().unwrap_or_default();
        at(start)..at(end)
    }

    /// Counts what each candidate meets of the edges.
    fn meet(&mut self, rings: &[Ring]) {
        for (a, b) in rings.iter().flat_map(|ring| edges(ring)) {
            let beside = self.beside(a.y.min(b.y), a.y.max(b.y));
            let (Some(candidates), Some(met)) = (self.candidates.get(beside.clone()), self.met.get_mut(beside)) else {
                continue;
            };
            for (candidate, met) in candidates.iter().zip(met) {
                met.meet(a, b, candidate.at);
            }
        }
    }

    /// Where the nearest place of the edges is, seen from each candidate, where that is not farther than a gape is wide.
    fn offsets(&self, rings: &[Ring]) -> Vec<Option<Beside>> {
        let mut offsets: Vec<Option<Beside>> = vec![None; self.candidates.len()];
        for (a, b) in rings.iter().flat_map(|ring| edges(ring)) {
            let Some(edge) = Bounds::around(&[a, b]) else { continue };
            let around = around_m(&edge, GAPE_M);
            let beside = self.beside(around.low.y, around.high.y);
            let candidates = self.candidates.get(beside.clone()).unwrap_or_default();
            let slots = offsets.get_mut(beside).unwrap_or_default();
            for (candidate, slot) in candidates.iter().zip(slots) {
                if around.has(candidate.at) {
                    let place = Beside(edge_offset_m(candidate.at, a, b));
                    *slot = Some(slot.map_or(place, |nearest| nearest.nearer(place)));
                }
            }
        }
        offsets
    }
}

/// The row of a latitude; the first for those farther south.
fn row_of(y: i64, south: i64, power: u32) -> usize {
    usize::try_from((y - south).max(0) >> power).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::grid::RawPolygon;

    /// A hundredth of a degree, about a kilometre.
    const STEP: i64 = 10_000_000_000;
    /// About a metre.
    const METRE: i64 = 9_000_000;

    fn ring(points: &[(i64, i64)]) -> Ring {
        points.iter().map(|(x, y)| Point::new(x * STEP, y * STEP)).collect()
    }

    fn commune(code: usize, polygons: Vec<RawPolygon>) -> Boundary {
        Boundary::new(format!("{code:05}").parse().expect("code"), polygons)
    }

    fn at(x: f64, y: f64) -> LonLat {
        LonLat { lon: x / 100.0, lat: y / 100.0 }
    }

    fn codes(communes: &Communes, points: &[LonLat]) -> Vec<Option<String>> {
        communes.locate(points).into_iter().map(|code| code.map(ToString::to_string)).collect()
    }

    fn square(west: i64, south: i64, east: i64, north: i64) -> Ring {
        ring(&[(west, south), (west, north), (east, north), (east, south)])
    }

    #[test]
    fn borders_and_overlaps_go_to_the_lowest_code_and_gapes_to_the_nearest() {
        let mut east = square(10, 0, 20, 10);
        // A gape of eight metres that narrows to nothing in the north.
        east[0].x += 8 * METRE;
        let boundaries = [
            commune(3, vec![vec![square(0, 0, 10, 10)]]),
            commune(2, vec![vec![east]]),
            commune(1, vec![vec![square(18, 5, 30, 10)]]),
        ];
        let communes = Communes::of(&boundaries);
        let metres = |m: f64| m * METRE as f64 / STEP as f64;
        let points = [
            (at(5.0, 5.0), Some("00003")),
            (at(10.0, 10.0), Some("00002")),
            (at(19.0, 7.0), Some("00001")),
            (at(18.0, 7.0), Some("00001")),
            (at(10.0 + metres(1.0), 0.5), Some("00003")),
            (at(10.0 + metres(6.5), 0.5), Some("00002")),
            (at(-metres(2.0), 5.0), None),
            // Before the mouth of the gape, and beside it.
            (at(10.0 + metres(4.0), -metres(1.0)), Some("00003")),
            (at(10.0 - metres(1.0), -metres(1.4)), None),
            (at(10.0 + metres(4.0), -metres(40.0)), None),
            (at(f64::NAN, 5.0), None),
            (at(0.0, 0.0), Some("00003")),
        ];
        let (asked, expected): (Vec<LonLat>, Vec<_>) = points.into_iter().unzip();
        assert_eq!(codes(&communes, &asked), expected.into_iter().map(|c| c.map(str::to_owned)).collect::<Vec<_>>());
        assert!(codes(&communes, &[]).is_empty());
        assert_eq!(codes(&Communes::default(), &asked[..1]), [None]);
    }

    /// Communes as tangled polygons on a coarse grid, and points on its half steps: corners, edges and overlaps come up
    /// all the time.
    fn world() -> impl Strategy<Value = (Vec<Boundary>, Vec<LonLat>)> {
        let corner = (0_i64..9, 0_i64..9).prop_map(|(x, y)| Point::new(2 * x * STEP, 2 * y * STEP));
        let rings = prop::collection::vec(prop::collection::vec(corner, 3..9), 1..3);
        let boundaries = prop::collection::vec(rings, 1..6);
        let points = prop::collection::vec((-2_i32..19, -2_i32..19).prop_map(|(x, y)| at(x.into(), y.into())), 0..80);
        (boundaries, points).prop_map(|(rings, points)| {
            (rings.into_iter().enumerate().map(|(code, rings)| commune(code, vec![rings])).collect(), points)
        })
    }

    /// The slow way: every point against every edge of every commune.
    ///
    /// Where edges cross between the points of the grid, the corner made there is rounded, and a point that was on such
    /// an edge of two communes lies between them from then on. So the reference knows gapes as well.
    fn slowly(boundaries: &[Boundary], at: LonLat) -> Option<String> {
        let point = to_grid(at.lon, at.lat)?;
        let (mut holders, mut near) = (Vec::new(), Near::default());
        for boundary in boundaries {
            let (mut met, mut beside) = (Crossings::default(), None::<Beside>);
            for (a, b) in boundary.region().rings().flat_map(|ring| edges(ring)) {
                met.meet(a, b, point);
                let place = Beside(edge_offset_m(point, a, b));
                beside = Some(beside.map_or(place, |nearest| nearest.nearer(place)));
            }
            if met.is_inside() {
                holders.push(boundary.code.to_string());
            }
            near.0.extend(beside.filter(Beside::is_near).map(|beside| (beside, &boundary.code)));
        }
        holders.into_iter().min().or_else(|| near.home().map(ToString::to_string))
    }

    proptest! {
        #[test]
        fn many_points_at_once_lie_where_each_alone_does((boundaries, points) in world()) {
            let expected: Vec<_> = points.iter().map(|at| slowly(&boundaries, *at)).collect();
            let communes = Communes::of(&boundaries);
            prop_assert_eq!(&codes(&communes, &points), &expected);
            // Neither the order of communes, points or rings nor their direction shows.
            let turned = |boundary: &Boundary| {
                let polygons = boundary.polygons.iter().map(|rings| {
                    rings.iter().map(|ring| ring.iter().rev().copied().collect()).collect()
                });
                Boundary::new(boundary.code.clone(), polygons.collect())
            };
            let backwards: Vec<Boundary> = boundaries.iter().rev().map(turned).collect();
            let reversed: Vec<LonLat> = points.iter().rev().copied().collect();
            let mut again = codes(&Communes::of(&backwards), &reversed);
            again.reverse();
            prop_assert_eq!(again, expected);
        }
    }
}
