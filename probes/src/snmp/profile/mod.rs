//! Vendor profiles: where a vendor keeps optical power and other sensors, and how their values are written, as data.
//!
//! The format is a TOML file per vendor under `profiles/`, described in `docs/profiles.md`; a new vendor is a new file
//! and a line in `shelf.rs`, or a file of the province's own folder.

mod optical;
mod sensor;
mod shelf;
mod trial;
mod written;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use phusong_model::{Fault, ProfileGrade};

pub(super) use optical::{Optical, OpticalIndex, is_lit};
pub use sensor::NoReading;
pub(super) use sensor::{MOST_ROWS, Place, Sensor, join};
pub use shelf::Profiles;
pub use trial::{Trial, TrialReading, TrialRow};

/// What is known of one vendor.
#[derive(Debug, Clone)]
pub struct Profile {
    pub(super) name: String,
    pub(super) grade: ProfileGrade,
    pub(super) source: String,
    text: String,
    file: Option<PathBuf>,
    /// Optical power of an interface.
    pub(super) optical: Option<Optical>,
    /// Everything else.
    pub(super) sensors: Vec<Sensor>,
}

impl Profile {
    /// Reads the text of a profile, or says everything that is wrong with it; `file` is where it came from.
    ///
    /// # Errors
    /// All faults, each with its line.
    pub fn parse(text: &str, file: &Path) -> Result<Self, Vec<Fault>> {
        written::read(text, file)
    }

    /// Its text: where a new one can begin.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The file of one that is not shipped.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// What `devices.csv` calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How sure its values are, where a sensor does not say otherwise.
    #[must_use]
    pub const fn grade(&self) -> ProfileGrade {
        self.grade
    }

    /// What it was written from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What it reads: `rx` for optical power, and each sensor, with how sure that is.
    pub fn reads(&self) -> impl Iterator<Item = (&str, ProfileGrade)> {
        let optical = self.optical.iter().map(|_| ("rx", self.grade));
        optical.chain(self.sensors.iter().map(|sensor| (sensor.name.as_str(), sensor.grade)))
    }
}

/// Two are the same when their texts are.
impl PartialEq for Profile {
    fn eq(&self, other: &Self) -> bool {
        (&self.text, &self.file) == (&other.text, &other.file)
    }
}
