use std::path::Path;

use snmp::Value;

use super::{super::walk_file::Walk, shelf::SHIPPED, *};

fn profile(text: &str) -> Result<Profile, Vec<Fault>> {
    Profile::parse(text, Path::new("profile.toml")).inspect_err(|faults| {
        let is_told = |fault: &Fault| phusong_model::glossary::is_told(&fault.hint);
        assert!(faults.iter().all(is_told), "a remedy without Vietnamese: {faults:#?}");
    })
}

fn dbm(name: &str, raw: i32) -> Option<f64> {
    let profiles = Profiles::shipped();
    let optical = profiles.get(name).and_then(|profile| profile.optical.as_ref()).expect("optics");
    Some((optical.dbm(&Value::Integer(raw))?.0 * 100.0).round() / 100.0)
}

#[test]
fn every_shipped_profile_parses_and_is_found_by_its_name() {
    for text in SHIPPED {
        let profile = profile(text).unwrap_or_else(|faults| panic!("{faults:#?}"));
        assert_eq!(Profiles::shipped().get(profile.name()).map(|shipped| shipped.text()), Some(text));
        assert!(!profile.source().is_empty(), "{}", profile.name());
    }
    assert_eq!(Profiles::shipped().iter().count(), SHIPPED.len(), "no two have one name");
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
}

/// Every shipped profile on the walk that was written for it from the vendor's documented tables: each value, and each
/// that is not believed.
#[test]
fn recorded_walks_give_the_expected_values() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("walks");
    let read =
        |name: &str| std::fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    for profile in Profiles::shipped().iter() {
        let name = profile.name();
        let walk = Walk::parse(&read(&format!("{name}.walk")), &folder).unwrap_or_else(|faults| panic!("{faults:#?}"));
        let trial = Trial::of(profile, &walk);
        let found: Vec<String> = trial.rows.iter().map(ToString::to_string).collect();
        let expected = read(&format!("{name}.expected"));
        let expected: Vec<&str> = expected.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(found, expected, "{name}");
        let believed = |row: &&TrialRow| matches!(row.reading, TrialReading::Reading(_));
        assert!(trial.rows.iter().any(|row| !believed(&row)), "{name}: the walk has a value not to believe");
        assert!(trial.readings() > 0, "{name}");
    }
}

#[test]
fn a_profile_with_a_fault_is_refused_with_its_line() {
    let profiles = Profiles::shipped();
    let good = profiles.get("juniper").expect("shipped").text();
    for (from, to) in [
        ("[-60.0, 20.0]", "[20.0, -60.0]"),
        ("scale = 0.01 }", "scale = 0.0 }"),
        ("\"if-index\"", "\"ifindex\""),
        ("1.3.6.1.4.1.2636.3.60.1.1.1.1.5", "1.3.x"),
        ("grade =", "colour ="),
        ("unit = \"celsius\"", "unit = \"kelvin\""),
        ("1 = \"unknown\"", "one = \"unknown\""),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{from}");
        let faults = profile(&bad).expect_err(to);
        let line = bad.lines().position(|line| line.contains(to)).expect("the line") as u64 + 1;
        assert!(faults.iter().any(|fault| fault.line == Some(line)), "{to}: {faults:#?}");
    }
}

#[test]
fn all_faults_of_a_profile_are_told_at_once() {
    let bad = "name = \"A B\"\ngrade = \"documented\"\nsource = \"x\"\n[[sensor]]\nname = \"a\"\noid = \"1.x\"\n\
               unit = \"volt\"\n[[sensor]]\nname = \"a\"\ncolumn = \"1.3.6\"\n[[sensor]]\nname = \"b\"\nunit = \"volt\"\n";
    let faults = profile(bad).expect_err("faults");
    let lines: Vec<_> = faults.iter().map(|fault| fault.line).collect();
    assert_eq!(lines, [Some(1), Some(6), Some(8), Some(11)], "{faults:#?}");
    assert_eq!(profile("name = \"a\"\ngrade = \"documented\"\nsource = \"x\"").expect_err("nothing to read").len(), 1);
    assert_eq!(profile(&" ".repeat(1 << 20)).expect_err("too long").len(), 1);
}

#[test]
fn the_example_of_the_document_is_a_profile() {
    let document = include_str!("../../../../docs/profiles.md");
    let example = document.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let profile = profile(example).unwrap_or_else(|faults| panic!("{faults:#?}"));
    assert_eq!(profile.reads().map(|(sensor, _)| sensor).collect::<Vec<_>>(), ["rx", "temperature", "mains"]);
}
