//! Vendor profiles: where a vendor keeps optical power and other sensors, and how their values are written, as data.
//!
//! The format is a TOML file per vendor under `profiles/`, described in `docs/profiles.md`; a new vendor is a new file
//! and a line here.

mod optical;
mod sensor;
mod trial;
mod written;

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, path::Path, sync::LazyLock};

use phusong_model::{Device, Fault, ProfileGrade};

pub(super) use optical::{Optical, OpticalIndex, is_lit};
pub use sensor::NoReading;
pub(super) use sensor::{MOST_ROWS, Place, Sensor, join};
pub use trial::{Trial, TrialReading, TrialRow};

/// Every profile that is shipped.
const SHIPPED: [&str; 9] = [
    include_str!("../../../profiles/cisco.toml"),
    include_str!("../../../profiles/entity-sensor.toml"),
    include_str!("../../../profiles/huawei-olt.toml"),
    include_str!("../../../profiles/huawei-vrp.toml"),
    include_str!("../../../profiles/juniper.toml"),
    include_str!("../../../profiles/mikrotik.toml"),
    include_str!("../../../profiles/ups-mib.toml"),
    include_str!("../../../profiles/zte-c300.toml"),
    include_str!("../../../profiles/zte-c600.toml"),
];

/// By name, with its text. A file that does not parse is left out; a test makes sure that none is.
static PROFILES: LazyLock<BTreeMap<String, (Profile, &'static str)>> = LazyLock::new(|| {
    let parsed = SHIPPED.iter().filter_map(|text| Some((Profile::parse(text, Path::new("shipped")).ok()?, *text)));
    parsed.map(|(profile, text)| (profile.name.clone(), (profile, text))).collect()
});

/// What is known of one vendor.
#[derive(Debug, Clone)]
pub struct Profile {
    pub(super) name: String,
    pub(super) grade: ProfileGrade,
    pub(super) source: String,
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

    /// The shipped profile of this name.
    #[must_use]
    pub fn shipped(name: &str) -> Option<&'static Self> {
        PROFILES.get(name).map(|(profile, _)| profile)
    }

    /// The text of the shipped profile of this name: where a new one can begin.
    #[must_use]
    pub fn text(name: &str) -> Option<&'static str> {
        PROFILES.get(name).map(|(_, text)| *text)
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
}

/// The names that the column `profile` of `devices.csv` can hold, in order.
#[must_use]
pub fn profile_names() -> Vec<&'static str> {
    PROFILES.keys().map(String::as_str).collect()
}

/// A fault for every device whose profile is not known. `file` is where the devices were read from.
#[must_use]
pub fn unknown_profiles(devices: &[Device], file: &Path) -> Vec<Fault> {
    let unknown = |device: &Device| {
        let name = device.snmp.profile.as_deref()?;
        if Profile::shipped(name).is_some() {
            return None;
        }
        let message = format!("device {} has the unknown profile {name:?}", device.id);
        Some(Fault::of_file(file, message, format!("use one of {}, or leave it empty", profile_names().join(", "))))
    };
    devices.iter().filter_map(unknown).collect()
}
