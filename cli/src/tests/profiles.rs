//! `phusong profile`, which needs neither daemon nor store.

use super::*;

const PROFILE: &str = "name = \"shelter\"\ngrade = \"community\"\nsource = \"our own walk\"\n\
    [[sensor]]\nname = \"battery\"\noid = \"1.3.6.1.4.1.9999.1.0\"\nunit = \"volt\"\nscale = 0.1\nplausible = [40.0, 60.0]\n\
    [[sensor]]\nname = \"door\"\noid = \"1.3.6.1.4.1.9999.2.0\"\nstates = { 0 = \"shut\", 1 = \"open\" }\ngrade = \"documented\"\n\
    [[sensor]]\nname = \"fan\"\noid = \"1.3.6.1.4.1.9999.3.0\"\nunit = \"count\"\n";

const WALK: &str = ".1.3.6.1.4.1.9999.1.0 = INTEGER: 482\n.1.3.6.1.4.1.9999.2.0 = INTEGER: 1\n";

/// Runs `profile test` on files of the site.
fn try_out(site: &Site, profile: &str, walk: &str, more: &[&str]) -> Outcome {
    fs::write(site.path("shelter.toml"), profile).expect("a profile");
    fs::write(site.path("shelter.walk"), walk).expect("a walk");
    let [profile, walk] = ["shelter.toml", "shelter.walk"].map(|name| site.path(name).to_string_lossy().into_owned());
    site.phusong(&[&["profile", "test", &profile, "--walk", &walk], more].concat())
}

#[test]
fn a_profile_is_tried_on_a_walk() {
    let site = Site::new();
    let both = ["vi", "en"].map(|lang| try_out(&site, PROFILE, WALK, &["--lang", lang]));
    assert_eq!(both.each_ref().map(|outcome| outcome.code), [0, 0]);
    insta::assert_snapshot!("profile-test", both.map(|outcome| outcome.out).join("\n"));
}

#[test]
fn what_is_odd_is_a_finding_and_what_is_not_there_is_none() {
    let site = Site::new();
    let odd = try_out(&site, PROFILE, &WALK.replace("482", "4820"), &["--lang", "vi"]);
    assert_eq!(odd.code, 1);
    assert!(odd.out.contains("không hợp lý") && odd.out.contains("KHÔNG ĐẠT"), "{}", odd.out);
    let nothing = try_out(&site, PROFILE, ".1.3.6.1.2.1.1.5.0 = STRING: other\n", &[]);
    assert_eq!(nothing.code, 1, "a profile that reads nothing of the device: {}", nothing.out);
}

#[test]
fn what_was_expected_is_compared_line_by_line() {
    let site = Site::new();
    let expect = |text: &str| {
        fs::write(site.path("shelter.expected"), text).expect("expectations");
        let expected = site.path("shelter.expected").to_string_lossy().into_owned();
        try_out(&site, PROFILE, WALK, &["--expect", &expected, "--json"])
    };
    let well = expect("# in any order\nfan: not there\n\ndoor = open (1)\nbattery = 48.2 V\n");
    assert_eq!(well.code, 0, "{}", well.out);
    let differs = expect("door = shut (0)\nbattery = 48.2 V\n");
    assert_eq!(differs.code, 1);
    let document: serde_json::Value = serde_json::from_str(&differs.out).expect("JSON");
    assert_eq!(document["schema"], "phusong.profile-test/1");
    assert_eq!(document["missing"], serde_json::json!(["door = shut (0)"]));
    assert_eq!(document["unexpected"], serde_json::json!(["door = open (1)", "fan: not there"]));
    let battery = &document["items"][0];
    assert_eq!((&battery["grade"], &battery["verdict"]), (&"community".into(), &"good".into()), "{battery}");
}

#[test]
fn every_fault_of_both_files_is_told_with_its_place() {
    let site = Site::new();
    let bad = try_out(&site, &PROFILE.replace("unit = \"volt\"", "unit = \"volts\""), "?\n", &[]);
    assert_eq!((bad.code, bad.out.as_str()), (2, ""));
    let told = site.neutral(&bad.err);
    assert!(told.contains("DIR/shelter.toml:7") && told.contains("DIR/shelter.walk:1"), "{told}");
    assert!(told.contains("snmpbulkwalk"), "the remedy: {told}");
    let missing = site.phusong(&["profile", "test", "/nowhere.toml", "--walk", "/nowhere.walk"]);
    assert_eq!(missing.code, 2);
    assert!(missing.err.contains("/nowhere.toml") && missing.err.contains("/nowhere.walk"), "{}", missing.err);
}

#[test]
fn profiles_are_listed_with_how_sure_they_are() {
    let site = Site::new();
    let list = site.phusong(&["profile", "list", "--lang", "vi"]);
    assert_eq!(list.code, 0, "{}", list.err);
    let olt = list.out.lines().find(|line| line.starts_with("huawei-olt")).expect("the OLT");
    assert!(olt.contains("nguồn cộng đồng"), "{olt}");
    let json: serde_json::Value =
        serde_json::from_str(&site.phusong(&["profile", "list", "--json"]).out).expect("JSON");
    let ups = json["items"].as_array().and_then(|all| all.iter().find(|one| one["profile"] == "ups-mib"));
    assert_eq!(ups.map(|ups| &ups["grade"]), Some(&"documented".into()));

    let shown = site.phusong(&["profile", "show", "ups-mib"]);
    assert!(shown.code == 0 && shown.out.contains("name = \"ups-mib\""), "{}", shown.out);
    let unknown = site.phusong(&["profile", "show", "ups"]);
    assert!(unknown.code == 2 && unknown.err.contains("ups-mib"), "{}", unknown.err);
    // A laptop without a configuration knows what is shipped; a configuration that was named must be there.
    let alone = phusong(&site.path("nowhere.toml"), &["profile", "list"], &[]);
    assert_eq!(alone.code, 0, "{}", alone.err);
    let named = site.path("nowhere.toml").to_string_lossy().into_owned();
    assert_eq!(site.phusong(&["--config", &named, "profile", "list"]).code, 2);
}
