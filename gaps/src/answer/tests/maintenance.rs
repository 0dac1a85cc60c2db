//! Announced work of the inventory and of commands, in the order in which it matters.

use phusong_model::{
    Every, Evidence, Maintenance, MaintenanceId, Millis, Planned, Repeat, Scope, Window,
    answer::{Body, MaintenanceItem, Topic, WorkState},
};

use super::province::{NOW, ask, code, id, minutes_ago, province};

fn items(evidence: &Evidence, commune: Option<&str>) -> Vec<MaintenanceItem> {
    let answer = ask(evidence, Topic::Maintenance, commune).expect("an answer");
    let Body::Maintenance { items } = answer.body else { panic!("{answer:?}") };
    items
}

fn planned(number: i64, from: i64, to: i64) -> Planned {
    Planned {
        id: MaintenanceId(number),
        scope: Scope::Commune(code("00001")),
        window: Window::new(minutes_ago(from), minutes_ago(to)),
        why: "x".to_owned(),
        author: "y".to_owned(),
        added: minutes_ago(from),
        ended: None,
    }
}

#[test]
fn what_is_on_comes_first_then_what_is_next() {
    let mut evidence = province();
    let cancelled = Planned { ended: Some(minutes_ago(60)), ..planned(4, 30, -30) };
    evidence.planned = vec![planned(1, 90, 60), planned(2, -120, -180), planned(3, 10, -10), cancelled];
    let weekly = Maintenance {
        scope: Scope::Link(id("fibre-2")),
        window: Window::new(minutes_ago(7 * 24 * 60 - 60), minutes_ago(7 * 24 * 60 - 90)),
        repeat: Some(Repeat { every: Every::Week, until: None }),
        why: "z".to_owned(),
    };
    evidence.inventory.maintenance = vec![weekly];
    let all = items(&evidence, None);
    let told: Vec<(Option<i64>, WorkState)> = all.iter().map(|item| (item.id.map(|id| id.0), item.state)).collect();
    let expected = [
        (Some(3), WorkState::On),
        (None, WorkState::Ahead),
        (Some(2), WorkState::Ahead),
        (Some(4), WorkState::Over),
        (Some(1), WorkState::Over),
    ];
    assert_eq!(told, expected);
    let next = &all[1];
    assert_eq!(
        (next.window.from, next.links),
        (NOW.plus(Millis(3_600_000)), 1),
        "an hour ahead, a week after the first"
    );
    assert_eq!((all[0].name.as_str(), all[0].links), ("Nà Hang", 2));
    assert_eq!(items(&evidence, Some("binh ca")).len(), 1);
}

#[test]
fn work_that_was_over_before_the_window_is_not_told() {
    let mut evidence = province();
    evidence.planned = vec![planned(1, 26 * 60, 25 * 60)];
    assert_eq!(items(&evidence, None), []);
}
