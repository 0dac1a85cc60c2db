//! Vendor profiles: where a vendor keeps the optical power and how it is written, as data.
//!
//! The format is a TOML file per vendor under `profiles/`; a new vendor is a new file and a line here.

use std::{cmp::Ordering, collections::BTreeMap, fmt, path::Path, sync::LazyLock};

use phusong_model::{Dbm, Device, Fault};
use serde::Deserialize;
use snmp::{Oid, Value};
use thiserror::Error;

/// Every profile that is shipped.
const SHIPPED: [&str; 3] = [
    include_str!("../../profiles/huawei-vrp.toml"),
    include_str!("../../profiles/juniper.toml"),
    include_str!("../../profiles/mikrotik.toml"),
];

/// By name. A file that does not parse is left out; a test makes sure that none is.
static PROFILES: LazyLock<BTreeMap<String, Profile>> = LazyLock::new(|| {
    let parsed = SHIPPED.iter().filter_map(|text| Profile::parse(text).ok());
    parsed.map(|profile| (profile.name.clone(), profile)).collect()
});

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
        if find(name).is_some() {
            return None;
        }
        let message = format!("device {} has the unknown profile {name:?}", device.id);
        Some(Fault::of_file(file, message, format!("use one of {}, or leave it empty", profile_names().join(", "))))
    };
    devices.iter().filter_map(unknown).collect()
}

/// The profile with this name.
pub(super) fn find(name: &str) -> Option<&'static Profile> {
    PROFILES.get(name)
}

/// Why a profile is not usable.
#[derive(Debug, Error)]
pub(super) enum ProfileError {
    /// Not the TOML that a profile is.
    #[error("the profile cannot be read")]
    Toml(#[from] toml::de::Error),
    /// An OID is not one.
    #[error("{text:?} is not an OID")]
    Oid { text: String },
    /// The range of believed values is empty.
    #[error("the plausible range of {name:?} is empty")]
    Range { name: String },
    /// A scale would make every value 0 or nonsense.
    #[error("a scale of {name:?} is not a positive number")]
    Scale { name: String },
}

/// What is known of one vendor.
#[derive(Debug, Clone)]
pub(super) struct Profile {
    /// What `devices.csv` calls it.
    pub(super) name: String,
    /// Optical power of an interface.
    pub(super) optical: Optical,
}

/// Where the optical power is, and how it is written.
#[derive(Debug, Clone)]
pub(super) struct Optical {
    /// How a row of the table is found.
    pub(super) index: OpticalIndex,
    /// Column of the received power.
    pub(super) rx: Oid,
    /// Column of the sent power.
    pub(super) tx: Option<Oid>,
    /// Column that is 0 while the module tells nothing.
    pub(super) lit: Option<Oid>,
    scale: Scale,
}

/// How a row of the optical table is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum OpticalIndex {
    /// It is the ifIndex.
    IfIndex,
    /// It is the row whose text in this column is the interface's name.
    NameColumn(Oid),
}

/// How an integer becomes dBm.
#[derive(Debug, Clone)]
struct Scale {
    sentinels: Vec<i64>,
    plausible: [f64; 2],
    positive: Rule,
    negative: Rule,
    zero: Option<Rule>,
}

/// The unit of a value of one sign.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    unit: Unit,
    scale: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Unit {
    Dbm,
    Microwatt,
}

impl Optical {
    /// The power that a value stands for; none for a sentinel, a value that nobody would believe, or no number.
    pub(super) fn dbm(&self, value: &Value) -> Option<Dbm> {
        let raw = number(value)?;
        let scale = &self.scale;
        if scale.sentinels.contains(&raw) {
            return None;
        }
        let rule = match raw.signum() {
            1 => scale.positive,
            -1 => scale.negative,
            _ => scale.zero?,
        };
        let scaled = raw as f64 * rule.scale;
        let power = match rule.unit {
            Unit::Dbm => scaled,
            Unit::Microwatt => 10.0 * (scaled / 1000.0).log10(),
        };
        let [least, most] = scale.plausible;
        (power >= least && power <= most).then_some(Dbm(power))
    }
}

fn number(value: &Value) -> Option<i64> {
    value.as_i32().map(i64::from).or_else(|| i64::try_from(value.as_u64()?).ok())
}

/// Whether the laser is on, by the value of the profile's `lit` column.
pub(super) fn is_lit(value: Option<&Value>) -> bool {
    value.and_then(number).is_some_and(|raw| raw != 0)
}

/// A profile as its file says it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    grade: Grade,
    source: String,
    optical: WrittenOptical,
}

/// How sure the values of a profile are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Grade {
    /// The vendor's MIB says so.
    Documented,
    /// Known from use; check it on the real device.
    Community,
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Documented => "documented",
            Self::Community => "community",
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenOptical {
    index: WrittenIndex,
    rx: String,
    tx: Option<String>,
    lit: Option<String>,
    plausible_dbm: [f64; 2],
    #[serde(default)]
    sentinels: Vec<i64>,
    positive: Rule,
    negative: Rule,
    zero: Option<Rule>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum WrittenIndex {
    IfIndex,
    #[serde(rename = "name_column")]
    NameColumn(String),
}

impl Profile {
    fn parse(text: &str) -> Result<Self, ProfileError> {
        let Written { name, grade, source, optical } = toml::from_str(text)?;
        let [least, most] = optical.plausible_dbm;
        if least.partial_cmp(&most) != Some(Ordering::Less) {
            return Err(ProfileError::Range { name });
        }
        let rules = [Some(optical.positive), Some(optical.negative), optical.zero];
        if rules.into_iter().flatten().any(|rule| !(rule.scale.is_finite() && rule.scale > 0.0)) {
            return Err(ProfileError::Scale { name });
        }
        let optical = Optical {
            index: match optical.index {
                WrittenIndex::IfIndex => OpticalIndex::IfIndex,
                WrittenIndex::NameColumn(column) => OpticalIndex::NameColumn(oid(&column)?),
            },
            rx: oid(&optical.rx)?,
            tx: optical.tx.as_deref().map(oid).transpose()?,
            lit: optical.lit.as_deref().map(oid).transpose()?,
            scale: Scale {
                sentinels: optical.sentinels,
                plausible: optical.plausible_dbm,
                positive: optical.positive,
                negative: optical.negative,
                zero: optical.zero,
            },
        };
        tracing::debug!(profile = name, %grade, source, "vendor profile");
        Ok(Self { name, optical })
    }
}

fn oid(text: &str) -> Result<Oid, ProfileError> {
    let refused = || ProfileError::Oid { text: text.to_owned() };
    let oid = Oid::parse(text).map_err(|_| refused())?;
    oid.validate_for_wire().map_err(|_| refused())?;
    Ok(oid)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dbm(profile: &str, raw: i32) -> Option<f64> {
        let power = find(profile).expect("profile").optical.dbm(&Value::Integer(raw))?;
        Some((power.0 * 100.0).round() / 100.0)
    }

    #[test]
    fn every_shipped_profile_parses_and_is_found_by_its_name() {
        for text in SHIPPED {
            let profile = Profile::parse(text).expect("profile");
            assert_eq!(find(&profile.name).map(|p| &p.name), Some(&profile.name));
        }
        assert_eq!(profile_names(), ["huawei-vrp", "juniper", "mikrotik"]);
    }

    #[test]
    fn values_of_the_vendors_tables_become_dbm() {
        assert_eq!(dbm("juniper", -587), Some(-5.87));
        assert_eq!(dbm("juniper", 0), Some(0.0));
        assert_eq!(dbm("mikrotik", -12_345), Some(-12.35));
        assert_eq!(dbm("mikrotik", 0), None);
        // 500 uW is half a milliwatt; the same module with newer firmware says -3.01 dBm.
        assert_eq!(dbm("huawei-vrp", 500), Some(-3.01));
        assert_eq!(dbm("huawei-vrp", -301), Some(-3.01));
        assert_eq!(dbm("huawei-vrp", -1), None);
        assert_eq!(dbm("huawei-vrp", 0), None);
        assert_eq!(dbm("juniper", i32::MAX), None);
        assert_eq!(dbm("juniper", -7_000), None, "-70 dBm is no reading");
        assert!(find("juniper").is_some_and(|p| p.optical.dbm(&Value::OctetString("x".into())).is_none()));
    }

    #[test]
    fn a_profile_with_a_fault_is_refused() {
        let good = SHIPPED[1];
        for (from, to) in [
            ("[-60.0, 20.0]", "[20.0, -60.0]"),
            ("scale = 0.01 }", "scale = 0.0 }"),
            ("\"if-index\"", "\"ifindex\""),
            ("1.3.6.1.4.1.2636.3.60.1.1.1.1.5", "1.3.x"),
            ("grade =", "colour ="),
        ] {
            let bad = good.replace(from, to);
            assert_ne!(bad, good, "{from}");
            assert!(Profile::parse(&bad).is_err(), "{to}");
        }
    }
}
