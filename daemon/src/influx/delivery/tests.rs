//! The machine against a model of a server that stores, refuses and fails as told.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn invalid() -> Reply {
    Reply::Invalid { status: 422, message: "field type conflict".to_owned() }
}

fn busy() -> Reply {
    Reply::Busy { status: 503, message: String::new(), after: None }
}

fn wait_of(next: &Next) -> Option<Duration> {
    match next {
        Next::Wait(pause) => Some(*pause),
        Next::Go | Next::Reject { .. } => None,
    }
}

#[test]
fn a_batch_that_is_taken_whole_is_one_request() {
    let mut delivery = Delivery::of(0..5000);
    assert_eq!(delivery.piece(), Some(0..5000));
    assert_eq!(delivery.answered(&Reply::Delivered, 0.0), Next::Go);
    assert_eq!(delivery.piece(), None);
    assert_eq!(Delivery::of(3..3).piece(), None);
}

#[test]
fn waits_double_from_two_seconds_to_a_minute() {
    let mut delivery = Delivery::of(0..9);
    let waits: Vec<u64> =
        (0..8).filter_map(|_| wait_of(&delivery.answered(&busy(), 1.0))).map(|pause| pause.as_secs()).collect();
    assert_eq!(waits, [2, 4, 8, 16, 32, 60, 60, 60]);
    assert_eq!(delivery.piece(), Some(0..9), "nothing is dropped");
    assert_eq!(delivery.answered(&Reply::Delivered, 1.0), Next::Go);
    assert_eq!(pause(u32::MAX, 0.0), Duration::from_secs(45));
    assert_eq!(pause(1, 0.0), FIRST_PAUSE);
}

#[test]
fn a_busy_server_is_waited_for_as_it_asks_within_limits() {
    for (asked, waited) in [(0, 2), (7, 7), (60, 60), (86_400, 60)] {
        let mut delivery = Delivery::of(0..9);
        let reply = busy().after(Some(Duration::from_secs(asked)));
        assert_eq!(wait_of(&delivery.answered(&reply, 0.5)), Some(Duration::from_secs(waited)), "{asked}");
    }
    // Only of those that are busy: a redirect may carry it too.
    assert_eq!(Reply::of(301, "").after(Some(Duration::from_secs(7))), Reply::of(301, ""));
}

#[test]
fn what_people_must_mend_is_held_whole() {
    for status in [200, 301, 401, 403, 404, 405] {
        let mut delivery = Delivery::of(0..7);
        let next = delivery.answered(&Reply::of(status, ""), 0.0);
        assert!(wait_of(&next).is_some(), "{status}: {next:?}");
        assert_eq!(delivery.piece(), Some(0..7), "{status}");
    }
}

#[test]
fn a_single_line_that_is_too_large_is_held_and_not_rejected() {
    let mut delivery = Delivery::of(4..5);
    assert!(wait_of(&delivery.answered(&Reply::TooLarge, 0.0)).is_some());
    assert_eq!(delivery.piece(), Some(4..5));
}

#[test]
fn a_rejected_line_stays_until_it_is_kept_elsewhere() {
    let mut delivery = Delivery::of(0..1);
    let reject = Next::Reject { line: 0, status: 422, message: "field type conflict".to_owned() };
    assert_eq!(delivery.answered(&invalid(), 0.0), reject);
    assert_eq!(delivery.piece(), Some(0..1));
    delivery.set_aside();
    assert_eq!(delivery.piece(), None);
}

/// A server that takes at most `limit` lines, finds some lines bad, and fails now and then.
struct Model {
    bad: BTreeSet<usize>,
    limit: usize,
    /// 2.x and 3.x store nothing of a batch with a bad line; 1.x stores the rest.
    stores_the_rest: bool,
    stored: BTreeSet<usize>,
}

impl Model {
    fn write(&mut self, piece: Range<usize>, failure: Option<Reply>) -> Reply {
        if let Some(failure) = failure {
            return failure;
        }
        if piece.len() > self.limit {
            return Reply::TooLarge;
        }
        let holds_bad = piece.clone().any(|line| self.bad.contains(&line));
        if !holds_bad || self.stores_the_rest {
            self.stored.extend(piece.filter(|line| !self.bad.contains(line)));
        }
        if holds_bad { invalid() } else { Reply::Delivered }
    }
}

fn failure() -> impl Strategy<Value = Option<Reply>> {
    prop_oneof![
        6 => Just(None),
        1 => Just(Some(busy())),
        1 => Just(Some(Reply::Unreachable { what: "cut".to_owned() })),
        1 => Just(Some(Reply::of(401, ""))),
    ]
}

proptest! {
    #[test]
    fn every_line_is_stored_or_rejected_and_only_bad_ones_are(
        lines in 1_usize..400,
        bad in prop::collection::btree_set(0_usize..400, 0..8),
        limit in 1_usize..500,
        stores_the_rest in any::<bool>(),
        failures in prop::collection::vec(failure(), 0..60),
    ) {
        let bad: BTreeSet<usize> = bad.into_iter().filter(|line| *line < lines).collect();
        let mut model = Model { bad: bad.clone(), limit, stores_the_rest, stored: BTreeSet::new() };
        let mut failures = failures.into_iter();
        let mut rejected = BTreeSet::new();
        let mut requests = 0_usize;
        let mut delivery = Delivery::of(0..lines);
        while let Some(piece) = delivery.piece() {
            requests += 1;
            prop_assert!(requests < 4000, "does not end");
            let reply = model.write(piece, failures.next().flatten());
            match delivery.answered(&reply, 0.5) {
                Next::Go => {}
                Next::Reject { line, .. } => {
                    prop_assert!(rejected.insert(line), "rejected twice");
                    delivery.set_aside();
                }
                Next::Wait(pause) => prop_assert!(pause >= FIRST_PAUSE && pause <= LONGEST_PAUSE),
            }
        }
        prop_assert_eq!(&rejected, &bad);
        prop_assert_eq!(model.stored, (0..lines).filter(|line| !bad.contains(line)).collect::<BTreeSet<_>>());
    }

    #[test]
    fn one_bad_line_costs_about_twice_the_logarithm(lines in 2_usize..5000, bad in any::<prop::sample::Index>()) {
        let bad = bad.index(lines);
        let mut model =
            Model { bad: BTreeSet::from([bad]), limit: usize::MAX, stores_the_rest: false, stored: BTreeSet::new() };
        let mut delivery = Delivery::of(0..lines);
        let mut requests = 0_u32;
        while let Some(piece) = delivery.piece() {
            requests += 1;
            let reply = model.write(piece, None);
            if matches!(delivery.answered(&reply, 0.0), Next::Reject { .. }) {
                delivery.set_aside();
            }
        }
        prop_assert!(requests <= 2 * lines.ilog2() + 3, "{requests} requests for {lines} lines");
    }
}
