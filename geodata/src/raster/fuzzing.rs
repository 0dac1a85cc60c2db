//! GeoTIFF files as a fuzzing target.

use std::io::Cursor;

use super::{directory::Pieces, geotiff::Raster};

/// Largest values that are unpacked: a mutated size of a picture must not make the replay slow.
const MAX_VALUE_BYTES: u64 = 64 << 10;

/// Reads a GeoTIFF. A raster that is read has a value for each cell, no infinity among them, and corners on the globe;
/// what is refused is refused with a reason and a remedy, and both ways come out the same again.
///
/// # Panics
/// When one of these promises is broken.
pub fn geotiff(bytes: &[u8]) {
    let read = || Raster::from_pieces(&mut Pieces::new(Cursor::new(bytes), bytes.len() as u64), MAX_VALUE_BYTES, None);
    match (read(), read()) {
        (Ok(raster), Ok(again)) => {
            let grid = raster.grid();
            assert_eq!(grid, again.grid(), "two readings are the same");
            assert!(grid.width > 0 && grid.height > 0 && grid.step_x > 0.0 && grid.step_y > 0.0);
            for (column, row) in [(0, 0), (grid.width, grid.height)] {
                assert!(grid.corner(column, row).is_some(), "the raster is on the globe");
            }
            for cell in [0, grid.width * grid.height - 1] {
                let value = raster.value_of(cell);
                assert_eq!(value, again.value_of(cell), "two readings are the same");
                assert!(value.is_none_or(f64::is_finite), "values are finite");
            }
            assert_eq!(raster.value_of(grid.width * grid.height), None);
        }
        (Err(wrong), Err(again)) => {
            assert_eq!(wrong, again, "two readings are the same");
            assert!(!wrong.message.is_empty() && !wrong.hint.is_empty(), "a fault has a reason and a remedy");
        }
        (one, other) => assert_eq!(one.is_ok(), other.is_ok(), "two readings are the same"),
    }
}
