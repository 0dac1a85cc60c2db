//! What must hold of profile files and recorded walks, whatever they say.

use std::path::Path;

use phusong_model::SensorValue;

use crate::snmp::{Profile, Profiles, Trial, TrialReading, Walk};

/// A walk with an answer of each kind, for profiles to be tried on.
const WALK: &str = "\
.1.3.6.1.2.1.1.2.0 = OID: .1.3.6.1.4.1.14988.1
.1.3.6.1.2.1.31.1.1.1.1.1 = STRING: \"sfp1\"
.1.3.6.1.4.1.14988.1.1.19.1.1.9.1 = INTEGER: -7212
.1.3.6.1.2.1.33.1.2.1.0 = INTEGER: 2
.1.3.6.1.2.1.33.1.2.4.0 = Gauge32: 4294967295
";

/// A profile: it is read or its faults are told, and it can be tried.
pub fn profile_file(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match Profile::parse(&text, Path::new("fuzz.toml")) {
        Ok(profile) => {
            let walk = Walk::parse(WALK, Path::new("fuzz.walk"));
            assert!(walk.is_ok(), "{walk:?}");
            let _ = walk.map(|walk| assert_trial(&profile, &walk));
        }
        Err(faults) => assert!(!faults.is_empty(), "a refusal says why"),
    }
}

/// A walk: it is read or its faults are told, and every shipped profile can be tried on it.
pub fn walk_file(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match Walk::parse(&text, Path::new("fuzz.walk")) {
        Ok(walk) => Profiles::shipped().iter().for_each(|profile| assert_trial(profile, &walk)),
        Err(faults) => assert!(!faults.is_empty(), "a refusal says why"),
    }
}

/// Nothing that a device says becomes an infinite number or a terminal escape.
fn assert_trial(profile: &Profile, walk: &Walk) {
    for row in Trial::of(profile, walk).rows {
        if let TrialReading::Reading(reading) = &row.reading
            && let SensorValue::Number { value, .. } = &reading.value
        {
            assert!(value.is_finite(), "{row}");
        }
        let line = row.to_string();
        assert!(!line.contains(char::is_control), "{line:?}");
    }
}
