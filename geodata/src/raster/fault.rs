//! What is wrong with a raster file, before it is known as a fault of that file.

/// What is wrong and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// A short fact in lower case, with its place in the file.
    pub(crate) message: String,
    /// The remedy.
    pub(crate) hint: String,
}

/// Writes the file anew, sound, in a form that is read here.
pub(crate) const TRANSLATE: &str = "write it anew: gdal_translate -co TILED=YES -co COMPRESS=DEFLATE IN out.tif";
/// Brings the file upright and to a system that is read here.
pub(crate) const WARP: &str = "bring it upright and to WGS 84: gdalwarp -t_srs EPSG:4326 IN out.tif";
/// For files that stop early or were changed.
pub(crate) const COPY_AGAIN: &str = "the file is damaged or was cut off: copy it or download it again";

impl Wrong {
    /// A fact and a remedy.
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }

    /// Damage, for which there is one remedy.
    pub(crate) fn damage(message: impl Into<String>) -> Self {
        Self::new(message, COPY_AGAIN)
    }
}
