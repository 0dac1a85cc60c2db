//! Named limits of tables, each checked before the memory is taken.

pub(super) use crate::read::MAX_ROWS;

/// Most columns with content: the widest logs of drive-test programs have some 300. Programs write empty ones up to 16,384,
/// which are not counted.
pub(super) const MAX_COLUMNS: usize = 2048;
/// Longest cell in bytes: a full name with all former ones has some 200, and more is a quote that was never closed.
pub(super) const MAX_CELL_BYTES: usize = 4096;
/// Most bytes of all cells that are kept together, repeated texts counted each time: a workbook tells a text once and names
/// it often.
pub(super) const MAX_TEXT_BYTES: usize = 128 * 1024 * 1024;
/// Most cells with content of a workbook: twenty columns of all settlements of the country.
pub(super) const MAX_CELLS: usize = 4_000_000;
/// Most different texts of a workbook: two for each row that is read, and most repeat. Its reader takes some 60 bytes for the
/// shortest one.
pub(super) const MAX_TEXTS: usize = 1_000_000;
/// Most bytes of an entry of a workbook that says where sheets are or how cells look: those of offices have some thousand.
pub(super) const MAX_INDEX_BYTES: usize = 8 * 1024 * 1024;
/// Most merged regions of a sheet: one for each commune of the country, in some columns.
pub(super) const MAX_MERGED: usize = 50_000;
/// The row of titles is among so many: names of offices and documents come before it.
pub(super) const HEADER_WITHIN: usize = 50;
