//! The store beside a plain model of it: random actions, everything compared after each.

#![allow(missing_docs, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test suite")]

mod actions;
mod plain;
#[path = "../support/mod.rs"]
mod support;

use std::{collections::HashMap, sync::Arc};

use actions::{Action, moved, some_action};
use phusong_model::{Change, Event, Evidence, Inventory, LinkId, LinkNow, Millis, Tick, Transition, UtcMs, Window};
use phusong_store::{Commit, Reader, Store, StoreError, StoredTick, Unstored};
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
    let mut findings = Vec::new();
    reader.check(&mut |finding| findings.push(finding)).map_err(|error| TestCaseError::fail(error.to_string()))?;
    prop_assert_eq!(findings, vec![]);
    Ok(())
}

/// What answers say of a tick that the disk does not take.
fn laid_over(reader: &Reader, inventory: &Inventory, commit: &Commit) -> Option<Vec<Evidence>> {
    // A link that leaves is written with the inventory, which a refusing disk does not take either; one that is not in
    // has no place to be laid over.
    let now = commit.tick.at.plus(PERIOD);
    let before = reader.evidence(now, Window::new(now, now)).expect("evidence");
    let is_in = |link: &LinkId| before.links.iter().any(|known| known.link == *link && known.entered < now);
    let all_in = inventory.links.iter().all(|link| is_in(&link.id));
    let fits = commit.changes.iter().all(|change| match change {
        Change::State(Transition { link, .. })
        | Change::OutageOpens { link, .. }
        | Change::OutageVerdict { link, .. }
        | Change::OutageBlind { link, .. }
        | Change::OutageEnds { link, .. }
        | Change::OutageJoins { link, .. }
        | Change::Usual { link, .. } => is_in(link),
        Change::Event(_) => true,
        Change::Leaves { .. } => false,
    });
    let unstored = Unstored {
        inventory: Arc::new(inventory.clone()),
        standing: Vec::new(),
        commits: vec![Arc::new(commit.clone())],
    };
    let evidence = |since| reader.evidence_with(now, Window::new(since, now), Some(&unstored)).expect("evidence");
    (fits && all_in).then(|| vec![evidence(UtcMs::MIN), evidence(now.minus(Millis(25_000)))])
}

fn inventory_of(model: &Model) -> Inventory {
    model.inventory.clone()
}

/// Links without their newest sample: which one it is follows the service in the inventory, and these have none although
/// some samples are a service's.
fn plain_links(evidence: &Evidence) -> Vec<LinkNow> {
    let served = |link: &LinkNow| LinkNow { icmp: None, ..link.clone() };
    evidence.links.iter().map(served).collect()
}

fn same_as_stored(reader: &Reader, before: Option<Vec<Evidence>>) -> Result<(), TestCaseError> {
    for laid_over in before.into_iter().flatten() {
        let stored = reader.evidence(laid_over.now, laid_over.window).expect("evidence");
        prop_assert_eq!(plain_links(&laid_over), plain_links(&stored));
        prop_assert_eq!(&laid_over.spans, &stored.spans);
        prop_assert_eq!(&laid_over.outages, &stored.outages);
        prop_assert_eq!(laid_over.age, stored.age);
        let of_outages = |event: &&Event| stored.outages.iter().any(|outage| outage.event == event.id);
        let events: Vec<&Event> = laid_over.events.iter().filter(of_outages).collect();
        // An event that only an older outage told of is read with the tick that joins it.
        prop_assert!(events.iter().all(|event| stored.events.contains(event)));
    }
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
                let before = laid_over(&reader, &inventory_of(&model), &commit);
                match (model.commit(&commit), store.commit(&commit)) {
                    (Some(next), Ok(seq)) => {
                        same_as_stored(&reader, before)?;
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
