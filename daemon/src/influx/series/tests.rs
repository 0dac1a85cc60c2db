use influxdb_line_protocol::parse_lines;
use phusong_model::{
    BlindReason, Cause, Contact, CoverageSource, EchoStats, IfStatus, LinkKind, LinkState, OperatorScope, OutageId,
    PeopleBase, Probe, RttSummary, SettlementCounts, Share, Technology, Worse,
};

use super::*;

const AT: UtcMs = UtcMs(1_795_422_310_000);

fn link(id: &str, kind: LinkKind, commune: Option<&str>, interface: Option<(&str, &str)>) -> Link {
    Link {
        id: id.parse().expect("id"),
        kind,
        name: "Nà Hang, \"chính\"\nevil v=1".to_owned(),
        commune: commune.map(|code| code.parse().expect("code")),
        site: None,
        address: None,
        service: None,
        interface: interface.map(|(device, name)| (device.parse().expect("id"), name.to_owned())),
        rx_limit: None,
        upstream: Vec::new(),
        operator: None,
        groups: Vec::new(),
        contact: Contact::default(),
    }
}

fn inventory() -> Inventory {
    let links = vec![
        link("fibre-02221", LinkKind::Fibre, Some("02221"), Some(("ce-02221", "ether1"))),
        link("feeder-1", LinkKind::Feeder, None, Some(("core", "10GE1/0/1, up"))),
    ];
    Inventory { links, ..Inventory::default() }
}

fn tick_at(at: UtcMs) -> Tick {
    Tick { at, period: Millis::from_secs(10), slip: Millis(12), blind: None }
}

fn stored() -> StoredTick {
    StoredTick {
        seq: 7,
        tick: tick_at(AT),
        samples: Vec::new(),
        readings: Vec::new(),
        states: Vec::new(),
        coverage: Vec::new(),
    }
}

fn sample(id: &str, outcome: Outcome) -> Sample {
    Sample { link: id.parse().expect("id"), probe: Probe::Icmp, outcome }
}

fn reading(device: &str, ifname: &str) -> IfReading {
    IfReading {
        device: device.parse().expect("id"),
        ifname: ifname.to_owned(),
        link: None,
        at: UtcMs(AT.0 - 400),
        oper: IfStatus::Up,
        admin: IfStatus::Down,
        speed_bps: None,
        in_bps: Some(1.0),
        out_bps: None,
        in_err: Some(u64::MAX),
        out_err: None,
        in_disc: None,
        out_disc: None,
        rx: Some(phusong_model::Dbm(-21.5)),
        tx: None,
    }
}

/// All lines but the tick's own, each of which must be line protocol.
fn lines(stored: &StoredTick, standing: &[StateChange]) -> (Vec<String>, Chunk) {
    let inventory = inventory();
    let mut chunk = Chunk::default();
    add_tick(&mut chunk, stored, standing, &Directory::of(&inventory), "province");
    let text = chunk.text_of(0..chunk.lines()).to_owned();
    assert!(parse_lines(&text).all(|line| line.is_ok()), "{text}");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let own = lines.pop().expect("the tick's own line");
    assert!(own.starts_with("phusong_self,vantage=province probe_lag_ms=12.0,blind_share="), "{own}");
    (lines, chunk)
}

#[test]
fn a_sample_is_a_point_and_silence_has_no_round_trip_time() {
    let rtt = RttSummary::of(&[3000, 5500, 4000].map(Micros));
    let stored = StoredTick {
        samples: vec![
            sample("fibre-02221", Outcome::Measured(EchoStats { sent: 5, lost: 2, rtt })),
            sample("feeder-1", Outcome::Measured(EchoStats { sent: 5, lost: 5, rtt: None })),
        ],
        ..stored()
    };
    assert_eq!(
        lines(&stored, &[]).0,
        [
            "link_probe,vantage=province,commune=02221,link=fibre-02221,kind=fibre,probe=icmp \
             sent=5i,lost=2i,rtt_min=3.0,rtt_median=4.0,rtt_p95=5.5,rtt_max=5.5,jitter=2.0,up=true 1795422310",
            "link_probe,vantage=province,link=feeder-1,kind=feeder,probe=icmp sent=5i,lost=5i,up=false 1795422310",
        ]
    );
}

#[test]
fn a_blind_sample_is_no_point_and_counts_as_blind() {
    let blind = Outcome::Blind(BlindReason::SendError);
    let looked = Outcome::Measured(EchoStats { sent: 1, lost: 1, rtt: None });
    let one_of_two = StoredTick { samples: vec![sample("fibre-02221", blind), sample("feeder-1", looked)], ..stored() };
    let (points, chunk) = lines(&one_of_two, &[]);
    assert_eq!(points.len(), 1);
    assert!(chunk.text_of(1..2).contains("blind_share=0.5 "));
    let tick = Tick { blind: Some(BlindReason::Anchors), ..tick_at(AT) };
    let (points, chunk) = lines(&StoredTick { tick, ..stored() }, &[]);
    assert_eq!(points.len(), 0);
    assert!(chunk.text_of(0..1).contains("blind_share=1.0 "));
}

#[test]
fn a_link_that_left_the_inventory_keeps_its_samples() {
    let looked = Outcome::Measured(EchoStats { sent: 1, lost: 1, rtt: None });
    let (points, _) = lines(&StoredTick { samples: vec![sample("gone", looked)], ..stored() }, &[]);
    assert_eq!(points, ["link_probe,vantage=province,link=gone,probe=icmp sent=1i,lost=1i,up=false 1795422310"]);
}

#[test]
fn an_interface_is_tagged_as_the_inventory_names_it() {
    let stored = StoredTick { readings: vec![reading("core", "10GE1/0/1, up")], ..stored() };
    assert_eq!(
        lines(&stored, &[]).0,
        ["if_stat,vantage=province,device=core,ifname=10GE1/0/1\\,\\ up,link=feeder-1 \
          oper=1i,admin=2i,in_err=9223372036854775807i,in_bps=1.0,rx_dbm=-21.5 1795422310"]
    );
}

#[test]
fn a_name_that_only_a_device_knows_never_becomes_a_tag() {
    let stored = StoredTick { readings: vec![reading("core", "x\nlink_probe,link=y up=true 1")], ..stored() };
    let (points, chunk) = lines(&stored, &[]);
    assert_eq!(points, [""; 0]);
    assert_eq!(chunk.unwritable().len(), 1, "it is kept with the rejected lines");
}

#[test]
fn states_are_written_on_change_and_repeated_hourly() {
    let down = StateChange {
        link: "fibre-02221".parse().expect("id"),
        state: LinkState::Down,
        since: UtcMs(AT.0 - 20_000),
        cause: Some(Cause::Power),
        blind: None,
        worse: None,
        outage: Some(OutageId(3)),
    };
    let stored = StoredTick { states: vec![down.clone()], ..stored() };
    let line = "link_state,vantage=province,commune=02221,link=fibre-02221,kind=fibre \
                state=0i,since=1795422290i,cause=\"power\",outage=3i 1795422310";
    assert_eq!(lines(&stored, &[]).0, [line]);
    let up =
        StateChange { state: LinkState::Up, cause: None, outage: None, link: "feeder-1".parse().expect("id"), ..down };
    let hourly = "link_state,vantage=province,link=feeder-1,kind=feeder state=2i,since=1795422290i 1795422310";
    assert_eq!(lines(&stored, std::slice::from_ref(&up)).0, [hourly, line]);
    let slow = StateChange { state: LinkState::Degraded, worse: Some(Worse::Delay), ..up };
    let told =
        "link_state,vantage=province,link=feeder-1,kind=feeder state=1i,since=1795422290i,cause=\"delay\" 1795422310";
    assert_eq!(lines(&stored, &[slow]).0, [told, line]);
}

#[test]
fn the_first_tick_of_an_hour_repeats() {
    let hour = UtcMs(1_795_420_800_000);
    let repeats = |at: UtcMs, seconds| {
        repeats_states(&Tick { at, period: Millis::from_secs(seconds), slip: Millis(0), blind: None })
    };
    assert!(repeats(hour, 10) && repeats(hour.plus(Millis(9000)), 10) && repeats(hour.plus(Millis(1)), 7200));
    assert!(!repeats(hour.plus(Millis(10_000)), 10) && !repeats(hour.minus(Millis(1)), 10));
}

#[test]
fn coverage_totals_hold_the_unknown() {
    let share = |numerator, denominator, unknown| Share { numerator, denominator, unknown };
    let figure = CoverageFigure {
        commune: "02221".parse().expect("code"),
        operator: OperatorScope::Any,
        technology: Technology::G4,
        source: CoverageSource::Modelled,
        settlements: SettlementCounts { total: 20, none: 3, patchy: 2, full: 14, unknown: 1, patchiness_unknown: 0 },
        people: share(4100.0, 5000.0, 120.0),
        area_km2: share(60.25, 90.5, 9.5),
        approximate: false,
        example: true,
        valid_on: None,
        rule: None,
        people_base: PeopleBase::Settlements,
        people_scaled: false,
        best: None,
    };
    let of_several = CoverageFigure { operator: OperatorScope::AtLeast(2), ..figure.clone() };
    let run = CoverageRun { run: 1, at: UtcMs(AT.0 - 3000), figures: vec![figure, of_several] };
    let lines = lines(&StoredTick { coverage: vec![run], ..stored() }, &[]).0;
    assert!(lines[1].starts_with("coverage,commune=02221,operator=atleast2,tech=4G,"), "{}", lines[1]);
    assert_eq!(
        lines[..1],
        ["coverage,commune=02221,operator=any,tech=4G,source=modelled settlements_total=20i,settlements_none=3i,\
          settlements_patchy=2i,settlements_covered=14i,people_total=5120.0,people_covered=4100.0,people_unknown=120.0,\
          area_km2=100.0,area_covered_km2=60.25,area_unknown_km2=9.5 1795422307"]
    );
}

#[test]
fn the_account_goes_with_a_tick() {
    let backlog =
        Backlog { queued_ticks: 6, oldest: Some(AT), rejected_lines: 2, given_up_lines: 0, removed_samples: 0 };
    let account = Account { backlog, waited: Millis(61_900), sent: 99, db_bytes: 4096 };
    let mut text = String::new();
    account_point(account, AT, "province").write(&mut text).expect("line");
    let line = "phusong_self,vantage=province queue=6i,oldest_s=61i,sent=99i,rejected=2i,db_bytes=4096i 1795422310\n";
    assert_eq!(text, line);
}

mod guards {
    //! What must hold for every line, whatever a device says.

    use std::collections::{BTreeMap, BTreeSet};

    use influxdb_line_protocol::{FieldValue, ParsedLine};
    use proptest::prelude::*;

    use super::*;

    /// Where the value of each tag comes from. Whoever adds a tag has to answer it here: InfluxDB keeps an index entry for
    /// each value for ever, so a device must not be able to invent one.
    fn origin(tag: &Tag<'_>) -> &'static str {
        match tag {
            Tag::Vantage(_) => "configuration",
            Tag::Commune(_) | Tag::Link(_) | Tag::Kind(_) | Tag::Device(_) | Tag::Interface(_) => "inventory",
            Tag::Operator(_) | Tag::Source(_) => "layers of the configuration",
            Tag::Probe(_) | Tag::Technology(_) => "a closed list",
        }
    }

    /// The type of each field, for ever: InfluxDB refuses a point that brings another one.
    const TYPES: [(&str, &str, char); 40] = [
        ("coverage", "area_covered_km2", 'f'),
        ("coverage", "area_km2", 'f'),
        ("coverage", "area_unknown_km2", 'f'),
        ("coverage", "people_covered", 'f'),
        ("coverage", "people_total", 'f'),
        ("coverage", "people_unknown", 'f'),
        ("coverage", "settlements_covered", 'i'),
        ("coverage", "settlements_none", 'i'),
        ("coverage", "settlements_patchy", 'i'),
        ("coverage", "settlements_total", 'i'),
        ("if_stat", "admin", 'i'),
        ("if_stat", "in_bps", 'f'),
        ("if_stat", "in_disc", 'i'),
        ("if_stat", "in_err", 'i'),
        ("if_stat", "oper", 'i'),
        ("if_stat", "out_bps", 'f'),
        ("if_stat", "out_disc", 'i'),
        ("if_stat", "out_err", 'i'),
        ("if_stat", "rx_dbm", 'f'),
        ("if_stat", "speed_bps", 'i'),
        ("if_stat", "tx_dbm", 'f'),
        ("link_probe", "jitter", 'f'),
        ("link_probe", "lost", 'i'),
        ("link_probe", "rtt_max", 'f'),
        ("link_probe", "rtt_median", 'f'),
        ("link_probe", "rtt_min", 'f'),
        ("link_probe", "rtt_p95", 'f'),
        ("link_probe", "sent", 'i'),
        ("link_probe", "up", 'b'),
        ("link_state", "cause", 's'),
        ("link_state", "outage", 'i'),
        ("link_state", "since", 'i'),
        ("link_state", "state", 'i'),
        ("phusong_self", "blind_share", 'f'),
        ("phusong_self", "db_bytes", 'i'),
        ("phusong_self", "oldest_s", 'i'),
        ("phusong_self", "probe_lag_ms", 'f'),
        ("phusong_self", "queue", 'i'),
        ("phusong_self", "rejected", 'i'),
        ("phusong_self", "sent", 'i'),
    ];

    fn kind_of(value: &FieldValue<'_>) -> char {
        match value {
            FieldValue::I64(_) => 'i',
            FieldValue::U64(_) => 'u',
            FieldValue::F64(_) => 'f',
            FieldValue::String(_) => 's',
            FieldValue::Boolean(_) => 'b',
        }
    }

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            Just("ether1".to_owned()),
            Just("10GE1/0/1, up".to_owned()),
            "\\PC{0,12}",
            "[,= \"\\\\\n\r\t\0\u{202e}a-z]{0,12}",
        ]
    }

    prop_compose! {
        fn readings()(
            device in prop_oneof!["ce-02221", "core", "[a-z]{1,6}"], ifname in text(), link in prop::option::of("[a-z]{1,6}"),
            counts in prop::array::uniform5(prop::option::of(any::<u64>())),
            measures in prop::array::uniform4(prop::option::of(any::<f64>())),
        ) -> IfReading {
            let [speed_bps, in_err, out_err, in_disc, out_disc] = counts;
            let [in_bps, out_bps, rx, tx] = measures;
            IfReading {
                link: link.map(|link| link.parse().expect("id")),
                speed_bps, in_err, out_err, in_disc, out_disc, in_bps, out_bps,
                rx: rx.map(phusong_model::Dbm), tx: tx.map(phusong_model::Dbm),
                ..reading(&device, &ifname)
            }
        }
    }

    fn outcomes() -> impl Strategy<Value = Outcome> {
        prop_oneof![
            Just(Outcome::Blind(BlindReason::SendError)),
            Just(Outcome::Measured(EchoStats { sent: 3, lost: 3, rtt: None })),
            prop::collection::vec(any::<u32>(), 1..4).prop_map(|rtts| {
                let rtts: Vec<Micros> = rtts.into_iter().map(Micros).collect();
                Outcome::Measured(EchoStats { sent: 4, lost: 1, rtt: RttSummary::of(&rtts) })
            }),
        ]
    }

    fn standing() -> StateChange {
        StateChange {
            link: "feeder-1".parse().expect("id"),
            state: LinkState::Down,
            since: AT,
            cause: Some(Cause::Power),
            blind: None,
            worse: None,
            outage: Some(OutageId(3)),
        }
    }

    fn run() -> CoverageRun {
        let share = Share { numerator: 1.0, denominator: 2.0, unknown: 0.0 };
        let figure = CoverageFigure {
            commune: "02221".parse().expect("code"),
            operator: OperatorScope::Any,
            technology: Technology::G4,
            source: CoverageSource::Declared,
            settlements: SettlementCounts { total: 1, none: 0, patchy: 0, full: 1, unknown: 0, patchiness_unknown: 0 },
            people: share,
            area_km2: share,
            approximate: false,
            example: false,
            valid_on: None,
            rule: None,
            people_base: PeopleBase::Settlements,
            people_scaled: false,
            best: None,
        };
        CoverageRun { run: 1, at: AT, figures: vec![figure] }
    }

    /// Everything that is sent with a tick.
    fn sent(readings: Vec<IfReading>, outcome: Outcome) -> String {
        let inventory = inventory();
        let samples = inventory.links.iter().map(|link| sample(link.id.as_str(), outcome)).collect();
        let stored = StoredTick { samples, readings, states: vec![standing()], coverage: vec![run()], ..stored() };
        let mut chunk = Chunk::default();
        add_tick(&mut chunk, &stored, &[standing()], &Directory::of(&inventory), "province");
        let backlog =
            Backlog { queued_ticks: 1, oldest: Some(AT), rejected_lines: 0, given_up_lines: 0, removed_samples: 0 };
        chunk.push(7, &account_point(Account { backlog, waited: Millis(0), sent: 1, db_bytes: 1 }, AT, "province"));
        chunk.text_of(0..chunk.lines()).to_owned()
    }

    fn parsed(text: &str) -> Vec<ParsedLine<'_>> {
        parse_lines(text).map(|line| line.unwrap_or_else(|error| panic!("{text:?}: {error}"))).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn a_device_adds_no_series_and_changes_no_type(
            readings in prop::collection::vec(readings(), 0..6), outcome in outcomes(),
        ) {
            let known: BTreeSet<&str> = BTreeSet::from([
                "province", "02221", "fibre-02221", "feeder-1", "fibre", "feeder", "icmp", "ce-02221", "core", "ether1",
                "10GE1/0/1, up", "any", "4G", "declared",
            ]);
            let types: BTreeMap<(&str, &str), char> = TYPES.into_iter().map(|(m, f, kind)| ((m, f), kind)).collect();
            let text = sent(readings, outcome);
            for line in parsed(&text) {
                let measurement = line.series.measurement.as_str();
                for (key, value) in line.series.tag_set.iter().flatten() {
                    prop_assert!(known.contains(value.as_str()), "{measurement} {key}={value}");
                }
                for (key, value) in &line.field_set {
                    let kind = types.get(&(measurement, key.as_str())).copied();
                    prop_assert_eq!(Some(kind_of(value)), kind, "{} {}", measurement, key);
                    if let FieldValue::F64(number) = value {
                        prop_assert!(number.is_finite(), "{measurement} {key}");
                    }
                }
            }
        }
    }

    #[test]
    fn every_tag_has_an_origin_that_is_no_device() {
        let inventory = inventory();
        let link = inventory.links.first().expect("a link");
        let tags = [Tag::Vantage("province"), Tag::Link(&link.id), Tag::Kind(link.kind), Tag::Probe(Probe::Icmp)];
        let named = InterfaceName::of(link).map(Tag::Interface);
        assert!(tags.iter().chain(named.as_ref()).all(|tag| origin(tag) != "a device"));
    }

    #[test]
    fn the_names_that_a_device_gives_its_interfaces_stay_out_of_the_index() {
        let mut series = BTreeSet::new();
        for number in 0..500 {
            let text = sent(vec![reading("core", &format!("ge-{number}")), reading("core", "10GE1/0/1, up")], silent());
            series.extend(text.lines().map(|line| line.split(' ').next().unwrap_or_default().to_owned()));
        }
        let once = sent(vec![reading("core", "10GE1/0/1, up")], silent());
        let once: BTreeSet<_> =
            once.lines().map(|line| line.split(' ').next().unwrap_or_default().to_owned()).collect();
        assert_eq!(series, once);
    }

    fn silent() -> Outcome {
        Outcome::Measured(EchoStats { sent: 3, lost: 3, rtt: None })
    }
}
