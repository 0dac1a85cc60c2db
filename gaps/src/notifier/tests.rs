//! What scenario files do not tell: acknowledgements, rules that change, many links. When what is told is in the files.

use phusong_model::{
    Ack, Change, Contact, Edge, Event, EventId, Inventory, Link, LinkId, LinkKind, Millis, Notification, OutageId,
    Telling, Tick, Turn, UtcMs, Verdict,
};

use super::{Listener, Notifier, NotifyRules};
use crate::Known;

const START: UtcMs = UtcMs(1_000_000);

fn everything() -> Listener {
    Listener { channel: "phòng-trực".to_owned(), on: Turn::OF_EVENTS.to_vec() }
}

fn rules() -> NotifyRules {
    let escalate = vec![Millis::from_secs(300), Millis::from_secs(900)];
    NotifyRules {
        after: Millis::from_secs(30),
        escalate,
        vantage: "hà-giang".to_owned(),
        listeners: vec![everything()],
    }
}

fn fibre(number: i64) -> LinkId {
    format!("fibre-{number}").parse().expect("id")
}

fn province(links: i64) -> Inventory {
    let link = |number| Link {
        id: fibre(number),
        kind: LinkKind::Fibre,
        name: format!("Cáp {number}"),
        commune: None,
        site: None,
        address: None,
        service: None,
        interface: None,
        rx_limit: None,
        upstream: Vec::new(),
        operator: None,
        groups: Vec::new(),
        contact: Contact::default(),
    };
    Inventory { province: "Hà Giang".to_owned(), links: (1..=links).map(link).collect(), ..Inventory::default() }
}

fn opens(number: i64) -> Change {
    let (id, link) = (OutageId(number), fibre(number));
    Change::OutageOpens { id, link, start: Edge::sharp(START), decided: START, verdict: Verdict::unknown() }
}

fn joins(number: i64, event: i64) -> Change {
    Change::OutageJoins { id: OutageId(number), link: fibre(number), event: EventId(event) }
}

fn ack(event: i64) -> Ack {
    let (outage, event, author) = (OutageId(event), EventId(event), "lan".to_owned());
    Ack { outage, event, at: START, author, note: Some("đã gọi VNPT".to_owned()), ticket: None }
}

/// A prober of some links: what is told at a second after the start.
struct Prober {
    notifier: Notifier,
    inventory: Inventory,
}

impl Prober {
    fn of(links: i64, rules: NotifyRules) -> Self {
        Self { notifier: Notifier::resume(rules, Known::default(), Vec::new(), &[]), inventory: province(links) }
    }

    fn tellings(&mut self, second: i64, changes: &[Change]) -> Vec<Telling> {
        let at = START.plus(Millis::from_secs(second));
        let tick = Tick { at, period: Millis::from_secs(10), slip: Millis(0), blind: None };
        self.notifier.tick(&tick, changes, |_| false, &self.inventory)
    }

    fn told(&mut self, second: i64, changes: &[Change]) -> Vec<Notification> {
        self.tellings(second, changes).into_iter().filter_map(|telling| telling.notification).collect()
    }

    fn turns(&mut self, second: i64, changes: &[Change]) -> Vec<Turn> {
        self.told(second, changes).iter().map(|told| told.turn).collect()
    }
}

#[test]
fn what_somebody_took_notice_of_is_not_escalated() {
    let mut prober = Prober::of(2, rules());
    assert_eq!(prober.turns(0, &[opens(1), opens(2)]), []);
    assert_eq!(prober.turns(30, &[]), [Turn::Opened, Turn::Opened]);
    prober.notifier.acknowledge(ack(1));
    let told = prober.told(330, &[]);
    assert_eq!(
        told.iter().map(|told| (told.event, told.turn, told.step)).collect::<Vec<_>>(),
        [(EventId(2), Turn::Escalated, 1)]
    );
    assert_eq!(prober.told(930, &[]).len(), 1, "the second step of the other one");
    let ends = Change::OutageEnds { link: fibre(1), end: Edge::sharp(START.plus(Millis::from_secs(940))) };
    prober.told(940, &[ends]);
    let closed = prober.told(970, &[]);
    assert_eq!(closed[0].turn, Turn::Closed);
    assert_eq!(closed[0].ack, Some(ack(1)), "with what he said");
    assert_eq!(closed[0].duration_ms, Millis::from_secs(940));
}

#[test]
fn an_event_that_joins_another_takes_its_acknowledgement_nowhere() {
    let mut prober = Prober::of(2, rules());
    prober.told(0, &[opens(1), opens(2)]);
    prober.told(30, &[]);
    prober.notifier.acknowledge(ack(2));
    let told = prober.told(40, &[joins(2, 1), Change::Event(Event::single(EventId(1)))]);
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].event, told[0].turn, told[0].joined), (EventId(2), Turn::Closed, Some(EventId(1))));
    assert_eq!(prober.turns(330, &[]), [Turn::Escalated], "of the larger one nobody took notice");
}

#[test]
fn rules_that_tell_nobody_tell_what_is_open_when_they_change() {
    let mut prober = Prober::of(1, NotifyRules { listeners: Vec::new(), ..rules() });
    prober.told(0, &[opens(1)]);
    assert_eq!(prober.turns(600, &[]), []);
    prober.notifier.set_rules(rules());
    let told = prober.told(610, &[]);
    assert_eq!((told[0].turn, told[0].start, told[0].duration_ms), (Turn::Opened, START, Millis::from_secs(610)));
}

#[test]
fn a_message_lists_what_one_may_read_and_says_how_many_there_are() {
    let mut prober = Prober::of(250, rules());
    let changes: Vec<Change> = (1..=250).map(opens).chain((2..=250).map(|number| joins(number, 1))).collect();
    prober.told(0, &changes);
    let told = prober.told(30, &[]);
    assert_eq!(told.len(), 1, "one message for an event");
    assert_eq!((told[0].links.len(), told[0].links_total, told[0].links_down), (200, 250, 250));
    assert_eq!(told[0].id, format!("hà-giang.1.opened.{}", START.0 + 30_000));
}

#[test]
fn what_is_over_for_long_is_forgotten() {
    let mut prober = Prober::of(1, rules());
    prober.told(0, &[opens(1)]);
    prober.told(30, &[]);
    let ends = Change::OutageEnds { link: fibre(1), end: Edge::sharp(START.plus(Millis::from_secs(60))) };
    prober.told(60, &[ends]);
    assert_eq!(prober.turns(90, &[]), [Turn::Closed]);
    let forgotten: Vec<_> = prober.tellings(3 * 3600, &[]).into_iter().map(|t| (t.event, t.told)).collect();
    assert_eq!(forgotten, [(EventId(1), None)]);
    assert_eq!(prober.tellings(3 * 3600 + 10, &[]), []);
}

#[test]
fn each_channel_is_told_the_turns_that_it_asked_for() {
    let only_ends = Listener { channel: "sổ".to_owned(), on: vec![Turn::Closed] };
    let rules = NotifyRules { listeners: vec![everything(), only_ends], escalate: Vec::new(), ..rules() };
    let mut prober = Prober::of(1, rules);
    prober.told(0, &[opens(1)]);
    let channels = |tellings: Vec<Telling>| -> Vec<String> { tellings.into_iter().flat_map(|t| t.channels).collect() };
    assert_eq!(channels(prober.tellings(30, &[])), ["phòng-trực"]);
    let ends = Change::OutageEnds { link: fibre(1), end: Edge::sharp(START.plus(Millis::from_secs(60))) };
    prober.told(60, &[ends]);
    assert_eq!(channels(prober.tellings(90, &[])), ["phòng-trực", "sổ"]);
}
