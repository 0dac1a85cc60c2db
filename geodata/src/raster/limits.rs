//! Named limits, each checked before the memory is taken.

/// Largest file. It is not held in memory: one tile is, and the values of the picture are.
pub(crate) const MAX_FILE_BYTES: u64 = 1 << 30;
/// Most bytes that the values of a raster take once decoded: 42 million cells, twelve times the province at 3
/// arc-seconds. With [`MAX_CHUNK_BYTES`] thrice and the list of tiles, a file made to be large stays below 256 MB.
pub(crate) const MAX_VALUE_BYTES: u64 = 160 << 20;
/// Most columns, and most rows: no product of them overflows.
pub(crate) const MAX_SIDE: u64 = u32::MAX as u64;
/// Most bytes of one tile or strip, packed or unpacked: a tile of 1,024 × 1,024 doubles takes half of it.
pub(crate) const MAX_CHUNK_BYTES: u64 = 16 << 20;
/// Most tiles and strips: a strip for each row of the tallest picture that has 84 columns.
pub(crate) const MAX_CHUNKS: u64 = 500_000;
/// Most tags of a directory; usual files have twenty.
pub(crate) const MAX_TAGS: u64 = 512;
/// Most directories of a file: overviews halve the picture, so that a dozen do.
pub(crate) const MAX_DIRECTORIES: usize = 64;
/// Most bytes of the value of a tag, those that list tiles excepted: GeoKeys take some hundred.
pub(crate) const MAX_TAG_BYTES: u64 = 64 << 10;
