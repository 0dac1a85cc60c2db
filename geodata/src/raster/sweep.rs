//! Which share of each cell lies inside a region, exactly.
//!
//! Each edge leaves two numbers in each cell that it passes: how far down it goes there, and the area to its right.
//! From west to east, the first numbers added up say how much of a row is inside the region, and with the second this
//! is the share of the cell. This is how font rasterisers smooth edges (Raph Levien, font-rs); here without a limit of
//! precision, and with the cells between two edges as one run, so that a commune costs its border and not its area.
//!
//! Edges are straight between their ends in the coordinates of the raster, as exactextract takes them.

use std::ops::Range;

use super::cells::RasterGrid;
use crate::grid::{Point, Ring, edges};

/// What edges leave in cells is counted in whole units of so many to a cell: such sums are the same in any order, and
/// those of two regions along a border add up without rest. A thousand whole cells fit an `i64`.
const UNITS: f64 = (1_u64 << 52) as f64;
/// A share so near to none or all of a cell, in units, is rounding: 10⁻¹¹ of it.
const ROUNDING: i64 = 45_000;

/// What a commune leaves at 3 arc-seconds; room for it is taken at once.
const USUAL_TRACES: usize = 4096;

/// Cells side by side in a row that lie inside a region with the same share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Run {
    /// Position of the first among all cells of the raster, row by row.
    pub(crate) start: u32,
    /// How many.
    pub(crate) length: u32,
    /// Share of each that is inside, above 0 and up to 1, to the 3·10⁻⁸ of an `f32`: exactextract keeps it so too, and
    /// sums then agree with it to 10⁻¹² where they would to 10⁻⁹.
    pub(crate) share: f32,
}

/// A region as runs of cells.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Swept {
    /// In order of the cells, none twice.
    pub(crate) runs: Vec<Run>,
    /// Area of the region in cells, with what lies beside the raster.
    pub(crate) cells: f64,
}

/// What an edge leaves in a cell.
#[derive(Debug, Clone, Copy)]
struct Trace {
    cell: u32,
    /// Part of the height of the cell that it passes, positive downwards, in units.
    down: i64,
    /// Area of the cell beside that part, to the right, in units.
    right: i64,
}

/// The shares of a region's rings: shells run counter-clockwise, holes clockwise, and no ring crosses another. `None`
/// when a point is where the raster's coordinate system does not reach.
pub(crate) fn sweep<'a>(rings: impl IntoIterator<Item = &'a Ring>, grid: &RasterGrid) -> Option<Swept> {
    let (traces, cells) = Traces::of(rings, grid)?;
    let mut runs = Vec::with_capacity(traces.left.len());
    traces.each_run(&mut |start, length, units| push(&mut runs, start, length, units));
    Some(Swept { runs, cells })
}

/// What of a raster lies inside rings, each cell by its share: `sum_of` gives the sum of columns of a row. Shares are not
/// rounded, so that those of parts add up to that of the whole. `None` as with [`sweep`].
pub(crate) fn weigh<'a>(
    rings: impl IntoIterator<Item = &'a Ring>,
    grid: &RasterGrid,
    sum_of: impl Fn(usize, Range<usize>) -> f64,
) -> Option<f64> {
    let (traces, _) = Traces::of(rings, grid)?;
    let mut weighed = 0.0;
    traces.each_run(&mut |start, length, units| {
        let (row, column) = (start as usize / grid.width, start as usize % grid.width);
        weighed += units as f64 / UNITS * sum_of(row, column..column + length as usize);
    });
    Some(weighed)
}

struct Traces {
    width: usize,
    height: usize,
    left: Vec<Trace>,
}

impl Traces {
    /// What the edges of rings leave, and the area inside in cells.
    fn of<'a>(rings: impl IntoIterator<Item = &'a Ring>, grid: &RasterGrid) -> Option<(Self, f64)> {
        let mut traces = Self { width: grid.width, height: grid.height, left: Vec::with_capacity(USUAL_TRACES) };
        let mut doubled = 0.0;
        for ring in rings {
            let place = |point: Point| grid.place_of(point);
            let mut from = place(*ring.first()?)?;
            let origin = from;
            for (_, point) in edges(ring) {
                let to = place(point)?;
                doubled += (from.0 - origin.0) * (to.1 - origin.1) - (to.0 - origin.0) * (from.1 - origin.1);
                traces.edge(from, to);
                from = to;
            }
        }
        // Rows run southwards, so that counter-clockwise on the ground is clockwise here.
        Some((traces, -doubled / 2.0))
    }
}

impl Traces {
    /// Takes an edge in columns and rows. Its ends are put in order first: both regions beside it must see the same
    /// numbers, or a cell between them would be shared out with something left over.
    fn edge(&mut self, a: (f64, f64), b: (f64, f64)) {
        let (sign, (x0, y0), (x1, y1)) = if a.1 < b.1 { (1.0, a, b) } else { (-1.0, b, a) };
        let (top, bottom) = (y0.max(0.0), y1.min(self.height as f64));
        if top >= bottom {
            return;
        }
        let slope = (x1 - x0) / (y1 - y0);
        let at = |y: f64| {
            if y == y0 {
                x0
            } else if y == y1 {
                x1
            } else {
                x0 + (y - y0) * slope
            }
        };
        // Both are within the height of the raster.
        let (first, last) = (top as usize, next_whole(bottom));
        let mut upper = top;
        for row in first..last {
            let lower = bottom.min((row + 1) as f64);
            self.in_row(row, at(upper), at(lower), sign * (lower - upper));
            upper = lower;
        }
    }

    /// Takes what of an edge is in one row, from column `a` to `b`, `down` rows downwards.
    fn in_row(&mut self, row: usize, a: f64, b: f64, down: f64) {
        let (low, high) = (a.min(b), a.max(b));
        let width = self.width as f64;
        if low >= width {
            return;
        }
        let row_start = row * self.width;
        if high <= 0.0 {
            self.leave(row_start, down, down);
            return;
        }
        let column = low.max(0.0) as usize;
        if low >= 0.0 && high <= (column + 1) as f64 {
            self.leave(row_start + column, down, down * ((column + 1) as f64 - (low + high) * 0.5));
            return;
        }
        let per_column = down / (high - low);
        if low < 0.0 {
            let before = -low * per_column;
            self.leave(row_start, before, before);
        }
        let until = high.min(width);
        let mut from = low.max(0.0);
        for column in column..next_whole(until) {
            let to = until.min((column + 1) as f64);
            let part = (to - from) * per_column;
            self.leave(row_start + column, part, part * ((column + 1) as f64 - (from + to) * 0.5));
            from = to;
        }
    }

    fn leave(&mut self, cell: usize, down: f64, right: f64) {
        // Limits keep the number of cells far below 2³²; parts of a cell are not above one.
        let (down, right) = ((down * UNITS) as i64, (right * UNITS) as i64);
        self.left.push(Trace { cell: u32::try_from(cell).unwrap_or(u32::MAX), down, right });
    }

    /// Hands over cells side by side in a row with the same share in units: where they start, how many, and the share.
    fn each_run(self, done: &mut impl FnMut(u32, u32, i64)) {
        // Cell and index in one number: sorted in half the time of the traces themselves.
        let key = |(index, trace): (usize, &Trace)| u64::from(trace.cell) << 32 | index as u64;
        let mut order: Vec<u64> = self.left.iter().enumerate().map(key).collect();
        order.sort_unstable();
        let Ok(width) = u32::try_from(self.width) else { return };
        let cell_of = |key: u64| u32::try_from(key >> 32).unwrap_or(u32::MAX);
        let mut inside = 0;
        let mut cells = order.chunk_by(|a, b| a >> 32 == b >> 32).peekable();
        while let Some(keys) = cells.next() {
            let Some(cell) = keys.first().map(|key| cell_of(*key)) else { continue };
            let traces = keys.iter().filter_map(|key| self.left.get((key & u64::from(u32::MAX)) as usize));
            let (down, right) = traces.fold((0, 0), |(d, r), trace| (d + trace.down, r + trace.right));
            done(cell, 1, inside + right);
            inside += down;
            let end = (cell / width + 1) * width;
            let next = cells.peek().and_then(|keys| keys.first()).map_or(end, |key| cell_of(*key).min(end));
            if next > cell + 1 {
                done(cell + 1, next - cell - 1, inside);
            }
            if next == end {
                inside = 0;
            }
        }
    }
}

/// The whole number at or above a small one that is not negative; `ceil` is a call where the processor is not known.
fn next_whole(number: f64) -> usize {
    let below = number as usize;
    below + usize::from((below as f64) < number)
}

/// Adds cells with a share in units, unless there is nothing to add; whole ones join those before.
fn push(runs: &mut Vec<Run>, start: u32, length: u32, units: i64) {
    if units <= ROUNDING {
        return;
    }
    let is_whole = units >= UNITS as i64 - ROUNDING;
    let share = if is_whole { 1.0 } else { (units as f64 / UNITS) as f32 };
    match runs.last_mut() {
        Some(last) if is_whole && last.share == 1.0 && last.start + last.length == start => last.length += length,
        Some(_) | None => runs.push(Run { start, length, share }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        grid::{RawPolygon, doubled_area},
        overlay::Region,
    };

    const COLUMNS: usize = 7;
    const ROWS: usize = 5;
    /// Units of the overlay grid in a cell.
    const CELL: i64 = 10_000_000_000;

    fn grid() -> RasterGrid {
        RasterGrid::of_degrees(105.0, 22.0, 0.01, COLUMNS, ROWS)
    }

    /// Hundredths of a cell from the north-west corner, southwards.
    fn point(x: i64, y: i64) -> Point {
        Point::new(105_000_000_000_000 + x * CELL / 100, 22_000_000_000_000 - y * CELL / 100)
    }

    fn ring(corners: &[(i64, i64)]) -> Ring {
        corners.iter().map(|(x, y)| point(*x, *y)).collect()
    }

    fn shares(region: &Region) -> Vec<f64> {
        let mut shares = vec![0.0; COLUMNS * ROWS];
        let swept = sweep(region.rings(), &grid()).expect("on the globe");
        for run in swept.runs {
            for cell in run.start..run.start + run.length {
                assert_eq!(shares[cell as usize], 0.0, "cell {cell} is in two runs");
                shares[cell as usize] = f64::from(run.share);
            }
        }
        shares
    }

    fn size(region: &Region) -> f64 {
        region.rings().map(|ring| doubled_area(ring)).sum::<i128>() as f64 / 2.0 / (CELL as f64).powi(2)
    }

    /// Each cell as a square, laid over the region by the overlay engine.
    fn slow_shares(region: &Region) -> Vec<f64> {
        let cells = (0..ROWS as i64).flat_map(|row| (0..COLUMNS as i64).map(move |column| (100 * column, 100 * row)));
        let squares = cells.map(|(x, y)| ring(&[(x, y), (x, y + 100), (x + 100, y + 100), (x + 100, y)]));
        squares.map(|square| size(&Region::of_polygon(&vec![square]).intersection(&region.polygons.concat()))).collect()
    }

    /// Polygons whose corners often lie on edges and corners of cells, and beside the raster.
    fn tangled() -> impl Strategy<Value = RawPolygon> {
        let number = |most: i64| prop_oneof![(-2..most + 2).prop_map(|n| n * 100), -200..most * 100 + 200];
        let corner = (number(COLUMNS as i64), number(ROWS as i64)).prop_map(|(x, y)| point(x, y));
        prop::collection::vec(prop::collection::vec(corner, 3..9), 1..3)
    }

    #[test]
    fn whole_cells_are_runs_and_halves_are_halves() {
        let box_of = |x0, y0, x1, y1| Region::of_polygon(&vec![ring(&[(x0, y0), (x0, y1), (x1, y1), (x1, y0)])]);
        let runs = |region: &Region| {
            let swept = sweep(region.rings(), &grid()).expect("on the globe");
            let runs: Vec<_> = swept.runs.iter().map(|run| (run.start, run.length, f64::from(run.share))).collect();
            (runs, swept.cells)
        };
        let (whole, cells) = runs(&box_of(100, 100, 400, 200));
        assert_eq!((whole, cells.round()), (vec![(8, 3, 1.0)], 3.0));
        let (all, cells) = runs(&box_of(-5000, -5000, 5000, 5000));
        assert_eq!((all, cells.round()), (vec![(0, 35, 1.0)], 10_000.0));
        let (halves, _) = runs(&box_of(150, 150, 350, 200));
        let near = |found: &[(u32, u32, f64)], expected: &[(u32, u32, f64)]| {
            found.len() == expected.len()
                && found.iter().zip(expected).all(|(a, b)| (a.0, a.1) == (b.0, b.1) && (a.2 - b.2).abs() < 1e-7)
        };
        assert!(near(&halves, &[(8, 1, 0.25), (9, 1, 0.5), (10, 1, 0.25)]), "{halves:?}");
        assert!(runs(&box_of(700, 0, 900, 500)).0.is_empty(), "beside the raster");
    }

    proptest! {
        #[test]
        fn shares_are_those_of_cells_cut_one_by_one(polygon in tangled()) {
            let region = Region::of_polygon(&polygon);
            let (fast, slow) = (shares(&region), slow_shares(&region));
            for (cell, (fast, slow)) in fast.iter().zip(&slow).enumerate() {
                prop_assert!((fast - slow).abs() < 1e-7, "cell {}: {} against {}", cell, fast, slow);
            }
            let swept = sweep(region.rings(), &grid()).expect("on the globe");
            prop_assert!((swept.cells - size(&region)).abs() < 1e-8 * (1.0 + swept.cells));
        }

        #[test]
        fn neighbours_share_a_cell_without_rest(polygon in tangled()) {
            let inside = Region::of_polygon(&polygon);
            let frame = Region::of_polygon(&vec![ring(&[(0, 0), (0, 500), (700, 500), (700, 0)])]);
            let outside = frame.difference(&inside.polygons.concat());
            let inside = frame.intersection(&inside.polygons.concat());
            for (a, b) in shares(&inside).into_iter().zip(shares(&outside)) {
                prop_assert!((a + b - 1.0).abs() < 1e-7, "{} and {}", a, b);
            }
        }

        #[test]
        fn order_of_rings_and_points_changes_no_bit(polygon in tangled(), turn in 0_usize..9) {
            let region = Region::of_polygon(&polygon);
            let mut rings: Vec<Ring> = region.rings().cloned().collect();
            rings.reverse();
            for ring in &mut rings {
                let by = turn % ring.len();
                ring.rotate_left(by);
            }
            let (a, b) = (sweep(region.rings(), &grid()), sweep(&rings, &grid()));
            prop_assert_eq!(a.expect("on the globe").runs, b.expect("on the globe").runs);
        }
    }
}
