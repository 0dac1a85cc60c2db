//! Where the cells of a raster are.

use phusong_model::LonLat;

use super::layout::Window;
use crate::{
    crs::Crs,
    grid::{self, Point, degrees, to_grid},
};

/// An upright grid of cells in some coordinate system: rows run from north to south, columns from west to east.
#[derive(Debug, Clone, PartialEq)]
pub struct RasterGrid {
    /// System of the coordinates, degrees or metres.
    pub(crate) crs: Crs,
    /// West edge of the first column.
    pub(crate) west: f64,
    /// North edge of the first row.
    pub(crate) north: f64,
    /// Width of a cell; positive.
    pub(crate) step_x: f64,
    /// Height of a cell; positive.
    pub(crate) step_y: f64,
    /// Columns, at least one.
    pub(crate) width: usize,
    /// Rows, at least one.
    pub(crate) height: usize,
}

impl RasterGrid {
    /// Number of columns.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Number of rows.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// The cells of a window as a grid of their own.
    pub(crate) fn part(&self, window: &Window) -> Self {
        let Window { left, top, width, height } = *window;
        let (west, north) = (self.west + left as f64 * self.step_x, self.north - top as f64 * self.step_y);
        Self { west, north, width, height, ..self.clone() }
    }

    /// Columns from the west edge and rows from the north edge, with fractions; `None` where the system does not reach.
    pub(crate) fn place(&self, at: LonLat) -> Option<(f64, f64)> {
        let (x, y) = self.crs.from_wgs84(at)?;
        Some(((x - self.west) / self.step_x, (self.north - y) / self.step_y))
    }

    /// The same of a point of the overlay grid.
    pub(crate) fn place_of(&self, point: Point) -> Option<(f64, f64)> {
        self.place(grid::position(point))
    }

    /// The cell at a place, as its position among all cells, row by row. North and west edges belong to a cell.
    pub(crate) fn cell(&self, at: LonLat) -> Option<usize> {
        let (column, row) = self.place(at)?;
        let inside = |place: f64, count: usize| {
            (place >= 0.0 && place < count as f64).then(|| (place as usize).min(count.saturating_sub(1)))
        };
        Some(inside(row, self.height)? * self.width + inside(column, self.width)?)
    }

    /// The corner between cells: `column` from 0 to the width, `row` from 0 to the height, on the overlay grid. `None`
    /// where the system does not reach.
    pub(crate) fn corner(&self, column: usize, row: usize) -> Option<Point> {
        let (x, y) = (self.west + column as f64 * self.step_x, self.north - row as f64 * self.step_y);
        let at = self.crs.to_wgs84(x, y)?;
        to_grid(at.lon, at.lat)
    }

    /// Whether meridians and parallels bound the cells, so that a long edge of many cells is straight on the overlay
    /// grid and needs no points between its ends.
    pub(crate) fn is_axis_parallel(&self) -> bool {
        self.crs == Crs::WGS84
    }

    /// How it is told from others in messages.
    pub(crate) fn describe(&self) -> String {
        let (west, north) = (self.west, self.north);
        format!("{} × {} cells from {west}, {north} in EPSG:{}", self.width, self.height, self.crs.epsg())
    }

    #[cfg(test)]
    pub(crate) fn of_degrees(west: f64, north: f64, step: f64, width: usize, height: usize) -> Self {
        Self { crs: Crs::WGS84, west, north, step_x: step, step_y: step, width, height }
    }
}

/// A grid coordinate in cells must be told from rounding: no cell is smaller than this many units of the overlay grid.
pub(crate) const MIN_UNITS_PER_CELL: f64 = 1e3;

/// Whether a step in degrees is coarse enough for the overlay grid.
pub(crate) fn is_coarse_enough(step: f64) -> bool {
    step >= degrees(1) * MIN_UNITS_PER_CELL
}
