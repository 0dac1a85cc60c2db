use phusong_model::{
    Cause, Change, Contact, EchoStats, Edge, Health, IcmpMode, Link, LinkKind, LinkState, Outcome, Probe, ProberHealth,
    Sample, StoreHealth, Tick, Transition, Verdict,
};
use phusong_store::{Commit, Store};

use super::*;

const SINK: &str = "influx";

/// A full hour.
const HOUR: UtcMs = UtcMs(1_795_420_800_000);
const PERIOD: Millis = Millis::from_secs(10);

fn inventory(kind: LinkKind) -> Inventory {
    let link = |id: &str| Link {
        id: id.parse().expect("id"),
        kind,
        name: id.to_owned(),
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
    Inventory { links: vec![link("a"), link("b")], ..Inventory::default() }
}

fn commit(at: UtcMs, changes: Vec<Change>) -> Commit {
    let prober = ProberHealth::at_start(IcmpMode::Raw, at);
    let outcome = Outcome::Measured(EchoStats { sent: 1, lost: 1, rtt: None });
    Commit {
        tick: Tick { at, period: PERIOD, slip: Millis(0), blind: None },
        samples: vec![Sample { link: "a".parse().expect("id"), probe: Probe::Icmp, outcome }],
        readings: Vec::new(),
        changes,
        observations: Vec::new(),
        tellings: Vec::new(),
        health: Health { prober, store: StoreHealth::default(), influx: Vec::new(), notify: Vec::new() },
    }
}

fn down(link: &str, from: UtcMs) -> [Change; 2] {
    let link: LinkId = link.parse().expect("id");
    let (cause, verdict) = (Cause::Unknown, Verdict::unknown());
    let id = OutageId(1);
    let state = LinkState::Down;
    let transition = Transition { link: link.clone(), state, from, cause: Some(cause), blind: None, worse: None };
    [Change::State(transition), Change::OutageOpens { id, link, start: Edge::sharp(from), decided: from, verdict }]
}

/// The lines of the next look that begin with this, after which everything up to there counts as delivered.
fn next_lines(source: &mut Source, store: &mut Store, beginning: &str) -> Vec<String> {
    let fetched = source.fetch(0).expect("fetch");
    let text = fetched.chunk.text_of(0..fetched.chunk.lines());
    let lines = text.lines().filter(|line| line.starts_with(beginning)).map(str::to_owned).collect();
    let seq = fetched.chunk.whole_tick(fetched.chunk.lines()).expect("a tick");
    {
        let numbering = store.numbering().expect("numbering");
        store.advance_sink(SINK, seq, numbering)
    }
    .expect("advance");
    lines
}

#[test]
fn a_tick_carries_the_inventory_of_its_time() {
    let folder = tempfile::tempdir().expect("folder");
    let mut store = Store::open(folder.path()).expect("store");
    store.set_inventory(&inventory(LinkKind::Fibre), HOUR.plus(PERIOD)).expect("inventory");
    store.commit(&commit(HOUR.plus(PERIOD), Vec::new())).expect("commit");
    // Within the second that the label of the next tick is cut to.
    store.set_inventory(&inventory(LinkKind::Backhaul), HOUR.plus(Millis(20_400))).expect("inventory");
    store.commit(&commit(HOUR.plus(Millis(20_000)), Vec::new())).expect("commit");
    let mut source = Source::new(folder.path().to_owned(), SINK.to_owned(), "v".to_owned());
    let tagged = |kind: &str, seconds: i64| {
        [format!("link_probe,vantage=v,link=a,kind={kind},probe=icmp sent=1i,lost=1i,up=false {seconds}")]
    };
    assert_eq!(next_lines(&mut source, &mut store, "link_probe"), tagged("fibre", 1_795_420_810));
    assert_eq!(next_lines(&mut source, &mut store, "link_probe"), tagged("backhaul", 1_795_420_820));
    assert!(source.fetch(0).expect("fetch").chunk.is_empty());
}

#[test]
fn the_first_tick_of_an_hour_tells_the_state_of_every_link() {
    let folder = tempfile::tempdir().expect("folder");
    let mut store = Store::open(folder.path()).expect("store");
    let before = HOUR.minus(PERIOD);
    store.set_inventory(&inventory(LinkKind::Fibre), before).expect("inventory");
    store.commit(&commit(before, down("b", before).to_vec())).expect("commit");
    store.commit(&commit(HOUR, Vec::new())).expect("commit");
    store.commit(&commit(HOUR.plus(PERIOD), Vec::new())).expect("commit");
    let mut source = Source::new(folder.path().to_owned(), SINK.to_owned(), "v".to_owned());
    let b = |seconds: i64| {
        let fields = "state=0i,since=1795420790i,cause=\"unknown\",outage=1i";
        format!("link_state,vantage=v,link=b,kind=fibre {fields} {seconds}")
    };
    assert!(next_lines(&mut source, &mut store, "link_state").contains(&b(1_795_420_790)), "on change");
    let a = "link_state,vantage=v,link=a,kind=fibre state=3i,since=1795420790i 1795420800".to_owned();
    let look = next_lines(&mut source, &mut store, "link_state");
    assert_eq!(look, [a, b(1_795_420_800)], "once an hour, and not with the tick after it");
}

#[test]
fn a_store_that_is_not_there_yet_is_opened_when_it_is() {
    let folder = tempfile::tempdir().expect("folder");
    let mut source = Source::new(folder.path().to_owned(), SINK.to_owned(), "v".to_owned());
    assert!(source.fetch(0).is_err());
    let mut store = Store::open(folder.path()).expect("store");
    store.set_inventory(&inventory(LinkKind::Fibre), HOUR).expect("inventory");
    assert!(source.fetch(0).is_ok_and(|fetched| fetched.chunk.is_empty()));
}
