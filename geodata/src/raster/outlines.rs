//! Outlines of cells of one class, as polygons on the overlay grid.
//!
//! Cells that share an edge belong together; those that share a corner do not, so that no ring touches itself along its
//! way. Every outline is walked with its cells on the left: shells come out counter-clockwise, holes clockwise. Two
//! classes walk the same corners along their border, so that areas of all classes add up to the raster, to the last
//! unit of the grid.

use super::{cells::RasterGrid, classes::SignalClass};
use crate::{
    grid::{RawPolygon, Ring},
    read::Budget,
};

/// Most stretches of equal cells within rows, 60 MB of them: a coverage prediction of the province has some hundred
/// thousand.
const MAX_STRETCHES: usize = 5_000_000;

/// Cells side by side in a row, of one class.
#[derive(Debug)]
struct Stretch {
    /// Column after the last.
    end: u32,
    /// A stretch of the same patch, the first of it at last.
    parent: u32,
}

/// The way along an outline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heading {
    West,
    South,
    East,
    North,
}

impl Heading {
    fn left(self) -> Self {
        match self {
            Self::West => Self::South,
            Self::South => Self::East,
            Self::East => Self::North,
            Self::North => Self::West,
        }
    }

    fn right(self) -> Self {
        match self {
            Self::West => Self::North,
            Self::North => Self::East,
            Self::East => Self::South,
            Self::South => Self::West,
        }
    }
}

/// A corner between cells: column from 0 to the width, row from 0 to the height.
type Corner = (usize, usize);

/// Cells and what is known of their patches.
pub(crate) struct Outlines<'a> {
    grid: &'a RasterGrid,
    classes: &'a [SignalClass],
    stretches: Vec<Stretch>,
    /// Where the stretches of each row start, and the end of the last.
    rows: Vec<usize>,
    /// Cells whose north edge has been walked.
    walked: Vec<u64>,
}

impl<'a> Outlines<'a> {
    /// Finds which cells belong together. There is a class for each cell, row by row. `None` when there are more
    /// patches than any signal has.
    pub(crate) fn new(grid: &'a RasterGrid, classes: &'a [SignalClass]) -> Option<Self> {
        let walked = vec![0; classes.len().div_ceil(64)];
        let mut outlines = Self { grid, classes, stretches: Vec::new(), rows: vec![0], walked };
        for (row, cells) in classes.chunks_exact(grid.width).enumerate() {
            let mut end = 0;
            for stretch in cells.chunk_by(PartialEq::eq) {
                end += stretch.len();
                let parent = u32::try_from(outlines.stretches.len()).ok()?;
                outlines.stretches.push(Stretch { end: u32::try_from(end).ok()?, parent });
            }
            if outlines.stretches.len() > MAX_STRETCHES {
                return None;
            }
            outlines.rows.push(outlines.stretches.len());
            if row > 0 {
                outlines.join_to_row_above(row)?;
            }
        }
        Some(outlines)
    }

    /// All patches: class, shell and holes, from north to south by their first cell.
    pub(crate) fn polygons(mut self, budget: &Budget) -> Option<Vec<(SignalClass, RawPolygon)>> {
        const NONE: usize = usize::MAX;
        let mut of_patch = vec![NONE; self.stretches.len()];
        let mut polygons: Vec<(SignalClass, RawPolygon)> = Vec::new();
        for (cell, class) in self.classes.iter().copied().enumerate() {
            let (row, column) = (cell / self.grid.width, cell % self.grid.width);
            let has_edge = row == 0 || self.classes.get(cell - self.grid.width) != Some(&class);
            if !has_edge || self.was_walked(cell) {
                continue;
            }
            let ring = self.walk(column, row, class, budget)?;
            let patch = self.patch(self.stretch_at(column, row)?)?;
            let index = of_patch.get_mut(patch)?;
            // The first cell of a patch has its shell to the north, so that the shell is first.
            if *index == NONE {
                *index = polygons.len();
                polygons.push((class, Vec::new()));
            }
            polygons.get_mut(*index)?.1.push(ring);
        }
        Some(polygons)
    }

    fn join_to_row_above(&mut self, row: usize) -> Option<()> {
        let [start, middle, end] = *self.rows.get(row - 1..=row + 1)? else { return None };
        let (mut above, mut here, mut column) = (start, middle, 0_u32);
        while above < middle && here < end {
            let (above_end, here_end) = (self.stretches.get(above)?.end, self.stretches.get(here)?.end);
            let cell = row * self.grid.width + column as usize;
            if self.classes.get(cell) == self.classes.get(cell - self.grid.width) {
                let (a, b) = (self.patch(above)?, self.patch(here)?);
                // The earlier one stays: numbers do not depend on the way they were joined.
                self.stretches.get_mut(a.max(b))?.parent = u32::try_from(a.min(b)).ok()?;
            }
            column = above_end.min(here_end);
            above += usize::from(above_end == column);
            here += usize::from(here_end == column);
        }
        Some(())
    }

    /// The first stretch of the patch that a stretch belongs to.
    fn patch(&mut self, stretch: usize) -> Option<usize> {
        let mut at = stretch;
        loop {
            let parent = self.stretches.get(at)?.parent;
            if parent as usize == at {
                return Some(at);
            }
            // Halve the way for those who come after.
            let grandparent = self.stretches.get(parent as usize)?.parent;
            self.stretches.get_mut(at)?.parent = grandparent;
            at = grandparent as usize;
        }
    }

    fn stretch_at(&self, column: usize, row: usize) -> Option<usize> {
        let (start, end) = (*self.rows.get(row)?, *self.rows.get(row + 1)?);
        let of_row = self.stretches.get(start..end)?;
        Some(start + of_row.partition_point(|stretch| stretch.end as usize <= column))
    }

    fn was_walked(&self, cell: usize) -> bool {
        self.walked.get(cell / 64).is_some_and(|bits| bits >> (cell % 64) & 1 == 1)
    }

    /// Whether a cell is of the class; cells beside the raster are of none.
    fn is(&self, class: SignalClass, column: Option<usize>, row: Option<usize>) -> bool {
        let (Some(column), Some(row)) = (column, row) else { return false };
        column < self.grid.width && self.classes.get(row * self.grid.width + column) == Some(&class)
    }

    /// Walks an outline westwards from the north-east corner of a cell, back to there.
    fn walk(&mut self, column: usize, row: usize, class: SignalClass, budget: &Budget) -> Option<Ring> {
        // Where long edges are straight on the overlay grid too, corners on the way need not be written.
        let only_turns = self.grid.is_axis_parallel();
        let start: Corner = (column + 1, row);
        let (mut at, mut heading) = (start, Heading::West);
        let mut ring = Ring::new();
        loop {
            at = self.step(at, heading)?;
            let turned = self.turn(at, heading, class);
            if turned != heading || !only_turns {
                if !budget.take_all(1) {
                    return None;
                }
                ring.push(self.grid.corner(at.0, at.1)?);
            }
            heading = turned;
            if at == start && heading == Heading::West {
                return Some(ring);
            }
        }
    }

    fn step(&mut self, (column, row): Corner, heading: Heading) -> Option<Corner> {
        match heading {
            Heading::West => {
                let column = column.checked_sub(1)?;
                let cell = row * self.grid.width + column;
                *self.walked.get_mut(cell / 64)? |= 1 << (cell % 64);
                Some((column, row))
            }
            Heading::South => Some((column, row + 1)),
            Heading::East => Some((column + 1, row)),
            Heading::North => Some((column, row.checked_sub(1)?)),
        }
    }

    /// The way on from a corner. Left when the cell ahead on the left is of another class: cells that meet in a corner
    /// stay apart.
    fn turn(&self, (column, row): Corner, heading: Heading, class: SignalClass) -> Heading {
        let (west, east) = (column.checked_sub(1), Some(column));
        let (north, south) = (row.checked_sub(1), Some(row));
        let (left, right) = match heading {
            Heading::West => ((west, south), (west, north)),
            Heading::South => ((east, south), (west, south)),
            Heading::East => ((east, north), (east, south)),
            Heading::North => ((west, north), (east, north)),
        };
        if !self.is(class, left.0, left.1) {
            heading.left()
        } else if self.is(class, right.0, right.1) {
            heading.right()
        } else {
            heading
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        grid::{doubled_area, edges},
        overlay::Region,
        raster::{SignalAreas, SignalThresholds, geotiff::Raster},
    };
    use phusong_model::Technology;

    const FULL: f32 = -90.0;
    const MARGINAL: f32 = -110.0;
    const WEAK: f32 = -125.0;

    fn areas(rows: &[&[f32]]) -> (SignalAreas, RasterGrid) {
        let grid = RasterGrid::of_degrees(105.0, 22.0, 1.0 / 1200.0, rows[0].len(), rows.len());
        let raster = Raster::of_values(grid.clone(), rows.concat());
        (SignalAreas::trace(&raster, &SignalThresholds::usual(Technology::G4)).expect("few cells"), grid)
    }

    /// Twice the area in units of the overlay grid, exactly.
    fn doubled(polygons: &[RawPolygon]) -> i128 {
        polygons.iter().flatten().map(|ring| doubled_area(ring)).sum()
    }

    /// Twice the area of cells, by their corners.
    fn doubled_cells(grid: &RasterGrid, cells: impl Iterator<Item = usize>) -> i128 {
        let corner = |column, row| grid.corner(column, row).expect("on the globe");
        cells
            .map(|cell| {
                let (column, row) = (cell % grid.width, cell / grid.width);
                let (a, b) = (corner(column, row + 1), corner(column + 1, row));
                2 * i128::from(b.x - a.x) * i128::from(b.y - a.y)
            })
            .sum()
    }

    #[test]
    fn holes_are_holes_and_corners_do_not_join() {
        let (f, w, n) = (FULL, WEAK, f32::NAN);
        let rows: [&[f32]; 5] =
            [&[f, f, f, f, w], &[f, w, w, f, w], &[f, w, n, f, w], &[f, f, f, f, w], &[w, w, w, w, f]];
        let (areas, _) = areas(&rows);
        let rings = |polygons: &[RawPolygon]| polygons.iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(rings(&areas.full), [2, 1], "a frame with a hole, and the cell that meets it in a corner");
        assert_eq!(rings(&areas.nothing), [1, 1, 1]);
        assert_eq!(rings(&areas.unknown), [1]);
        assert!(areas.marginal.is_empty());
        assert_eq!(areas.full[0][0].len(), 4, "straight edges have no points on the way");
        assert!(areas.area_m2(SignalClass::Full) > 13.0 * 7000.0);
    }

    #[test]
    fn cells_of_metres_meet_in_the_same_corners() {
        let grid = RasterGrid {
            crs: crate::crs::Crs::of_epsg(9211).expect("known"),
            west: 417_000.0,
            north: 2_450_000.0,
            step_x: 100.0,
            step_y: 100.0,
            width: 3,
            height: 2,
        };
        let raster = Raster::of_values(grid.clone(), vec![FULL, FULL, WEAK, FULL, WEAK, WEAK]);
        let areas = SignalAreas::trace(&raster, &SignalThresholds::usual(Technology::G4)).expect("few cells");
        assert_eq!(areas.full[0][0].len(), 8, "every corner is written");
        let frame = Outlines::new(&grid, &[SignalClass::Full; 6]).and_then(|o| o.polygons(&Budget::default()));
        let frame = frame.expect("few cells").remove(0).1;
        assert_eq!(doubled(&areas.full) + doubled(&areas.nothing), doubled(&[frame]));
        // Hectares on the plane; the scale there is 0.9999, and so is the ratio of the areas, twice.
        let hectares = areas.area_m2(SignalClass::Full) / 1e4;
        assert!((hectares - 3.0 / 0.9999_f64.powi(2)).abs() < 1e-3, "{hectares}");
    }

    #[test]
    fn noise_ends_at_the_budget() {
        let rows: Vec<Vec<f32>> = (0..20).map(|y| (0..20).map(|x| [FULL, WEAK][(x + y) % 2]).collect()).collect();
        let grid = RasterGrid::of_degrees(105.0, 22.0, 0.01, 20, 20);
        let raster = Raster::of_values(grid, rows.concat());
        let thresholds = SignalThresholds::usual(Technology::G4);
        assert_eq!(SignalAreas::trace_within(&raster, &thresholds, &Budget::of(1599)), None);
        assert!(SignalAreas::trace_within(&raster, &thresholds, &Budget::of(1600)).is_some());
    }

    proptest! {
        #[test]
        fn areas_are_those_of_the_cells(width in 1_usize..9, levels in prop::collection::vec(0_usize..4, 1..60)) {
            let height = levels.len().div_ceil(width);
            let level = |at: usize| [FULL, MARGINAL, WEAK, f32::NAN][levels.get(at).copied().unwrap_or(0)];
            let values: Vec<f32> = (0..width * height).map(level).collect();
            let rows: Vec<&[f32]> = values.chunks(width).collect();
            let (areas, grid) = areas(&rows);
            let thresholds = SignalThresholds::usual(Technology::G4);
            let mut sum = 0;
            for class in SignalClass::ALL {
                let of = |value: f32| thresholds.class(Some(f64::from(value)).filter(|value| !value.is_nan()));
                let cells = (0..values.len()).filter(|cell| of(values[*cell]) == class);
                let polygons = areas.of(class);
                prop_assert_eq!(doubled(polygons), doubled_cells(&grid, cells));
                sum += doubled(polygons);
                for polygon in polygons {
                    prop_assert!(doubled_area(&polygon[0]) > 0, "shells run counter-clockwise");
                    prop_assert!(polygon[1..].iter().all(|hole| doubled_area(hole) < 0), "holes run clockwise");
                    for (a, b) in polygon.iter().flat_map(|ring| edges(ring)) {
                        prop_assert!((a.x == b.x) != (a.y == b.y), "edges are upright or level, and none is a point");
                    }
                }
                // The overlay finds nothing to repair.
                prop_assert_eq!(doubled(&Region::of_polygons(polygons).polygons), doubled(polygons));
            }
            prop_assert_eq!(sum, doubled_cells(&grid, 0..values.len()), "the classes are the extent");
        }
    }
}
