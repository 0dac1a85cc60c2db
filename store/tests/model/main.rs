//! The store beside a plain model of it: random actions, everything compared after each.

#![allow(missing_docs, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test suite")]

mod actions;
mod plain;
#[path = "../support/mod.rs"]
mod support;

use std::collections::HashMap;

use actions::{Action, moved, some_action};
use phusong_model::{Evidence, LinkId, Millis, Tick, UtcMs, Window};
use phusong_store::{Commit, Reader, Store, StoreError, StoredTick};
use plain::Model;
use proptest::{prelude::*, test_runner::FileFailurePersistence};
use support::{NOON, PERIOD, health, inventory};

fn by_link(ticks: Vec<StoredTick>) -> Vec<StoredTick> {
    let sorted = |mut tick: StoredTick| {
        tick.states.sort_by(|a, b| a.link.cmp(&b.link));
        tick
    };
    ticks.into_iter().map(sorted).collect()
}

/// A link is never in two states, and while it is in never in none.
fn no_hole(evidence: &Evidence) -> Result<(), TestCaseError> {
    let mut open: HashMap<&LinkId, usize> = HashMap::new();
    for span in &evidence.spans {
        prop_assert!(span.to.is_none_or(|to| to > span.from), "{span:?} is empty");
        *open.entry(&span.link).or_default() += usize::from(span.to.is_none());
    }
    for (a, b) in evidence.spans.iter().zip(evidence.spans.iter().skip(1)).filter(|(a, b)| a.link == b.link) {
        prop_assert!(a.to.is_some_and(|to| to <= b.from), "{a:?} and {b:?} overlap");
    }
    for link in evidence.links.iter().filter(|link| link.entered < evidence.now) {
        prop_assert_eq!(open.get(&link.link), Some(&1), "{:?} has no open span", link.link);
    }
    Ok(())
}

fn compare(reader: &Reader, model: &Model, now: UtcMs) -> Result<(), TestCaseError> {
    let last: Option<Tick> = model.ticks.last().map(|stored| stored.tick);
    // Asked while the newest tick is fresh, or before there is one.
    let now = last.map_or(now, |tick| tick.at.plus(PERIOD));
    for since in [UtcMs::MIN, now.minus(Millis(25_000))] {
        let evidence =
            reader.evidence(now, Window::new(since, now)).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let window = Window::new(since, now);
        prop_assert_eq!(&evidence.spans, &model.spans(window));
        prop_assert_eq!(&evidence.outages, &model.outages(window));
        prop_assert_eq!(&evidence.events, &model.events(window));
        prop_assert_eq!(&evidence.links, &model.links_now(now));
        prop_assert_eq!(&evidence.inventory, &model.inventory);
        prop_assert_eq!(evidence.age, last.map(|tick| now.since(tick.at)));
        no_hole(&evidence)?;
    }
    let ticks = reader.ticks_after(0, usize::MAX).map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert_eq!(by_link(ticks), model.ticks.clone());
    Ok(())
}

fn run(actions: Vec<Action>) -> Result<(), TestCaseError> {
    let folder = tempfile::tempdir().expect("folder");
    let mut store = Store::open(folder.path()).expect("store");
    let reader = Reader::open(folder.path()).expect("reader");
    let (mut model, mut beat) = (Model::default(), 0);
    for action in actions {
        match action {
            Action::Commit { step, samples, readings, changes } => {
                let at = NOON.plus(Millis((beat + step) * PERIOD.0));
                let tick = Tick { at, period: PERIOD, slip: Millis(step), blind: None };
                let changes = changes.iter().map(|change| moved(change, at)).collect();
                let commit = Commit {
                    tick,
                    samples,
                    readings,
                    changes,
                    observations: Vec::new(),
                    tellings: Vec::new(),
                    health: health(),
                };
                match (model.commit(&commit), store.commit(&commit)) {
                    (Some(next), Ok(seq)) => {
                        prop_assert_eq!(Some(seq), next.ticks.last().map(|stored| stored.seq));
                        model = next;
                        beat += step;
                    }
                    (None, Err(StoreError::TickNotAfter { .. } | StoreError::Contradiction { .. })) => {}
                    (expected, got) => prop_assert!(false, "{:?} instead of {}", got, expected.is_some()),
                }
            }
            Action::Inventory { links, step } => {
                let (inventory, at) = (inventory(&links), NOON.plus(Millis(beat * PERIOD.0 + step * 700)));
                store.set_inventory(&inventory, at).expect("inventory");
                model.set_inventory(&inventory, at);
            }
            Action::Reopen => {
                drop(store);
                store = Store::open(folder.path()).expect("store again");
            }
        }
        compare(&reader, &model, NOON)?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_store_is_what_its_model_is(actions in prop::collection::vec(some_action(), 1..24)) {
        run(actions)?;
    }
}
