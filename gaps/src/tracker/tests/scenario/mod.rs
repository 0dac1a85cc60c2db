//! Scenario files (`gaps/scenarios/*.toml`): a topology, what goes wrong when, and the events, causes and accounts that
//! must come of it. Times are seconds after the beginning; `gaps/scenarios/README.md` describes the form.

mod expected;
mod form;
mod play;

use std::{fs, path::Path};

use form::Scenario;
pub(super) use play::{BEGIN, instant};

#[test]
fn every_scenario_comes_out_as_its_file_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("scenarios")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    let mut wrong = Vec::new();
    for path in &files {
        let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let text = fs::read_to_string(path).expect("a scenario");
        let scenario: Scenario = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let played = std::panic::catch_unwind(|| {
            let world = scenario.play();
            expected::events(&scenario, &world.ledger);
            expected::told_to_people(&scenario, &world);
            expected::degraded(&scenario, &world.ledger);
            expected::accounts(&scenario, &world);
        });
        if played.is_err() {
            wrong.push(name);
        }
    }
    assert!(wrong.is_empty(), "of {} scenarios these came out otherwise: {wrong:?}", files.len());
    assert!(files.len() >= 40, "{} scenarios", files.len());
}
