//! The headline of a province as its report states it, through the whole way from counts to text and JSON.

use phusong_model::{
    CoverageFigure, CoverageSource, Evidence, Inventory, Millis, OperatorScope, PeopleBase, SettlementCounts, Share,
    Technology, UtcMs, Window,
    answer::{Query, Source, Topic},
};

use super::{
    Site,
    daemon::{Behaviour, Daemon},
    phusong, samples,
};

const NOW: UtcMs = UtcMs(1_795_417_512_000);

/// Figures like those of the report of 12 January 2026: 3,802 settlements that can be judged, 91 without signal and 182
/// with patchy signal, spread over some communes.
fn evidence() -> Evidence {
    let counts = [(50, 100, 1_850, 0), (41, 60, 1_199, 3), (0, 22, 480, 0)];
    let figure = |(place, (none, patchy, full, unknown)): (usize, (u64, u64, u64, u64))| CoverageFigure {
        commune: format!("0000{}", place + 1).parse().expect("code"),
        operator: OperatorScope::Any,
        technology: Technology::G3,
        source: CoverageSource::Declared,
        settlements: SettlementCounts {
            total: none + patchy + full + unknown,
            none,
            patchy,
            full,
            unknown,
            patchiness_unknown: full - 100,
        },
        people: Share::default(),
        area_km2: Share::default(),
        approximate: false,
        example: false,
        valid_on: Some("2026-01-12".to_owned()),
        rule: Some(samples::rule()),
        people_base: PeopleBase::Settlements,
        people_scaled: false,
        best: None,
    };
    Evidence {
        now: NOW,
        window: Window::new(NOW.minus(Millis(86_400_000)), NOW),
        inventory: Inventory { province: "Tuyên Quang".to_owned(), ..Inventory::default() },
        links: Vec::new(),
        spans: Vec::new(),
        outages: Vec::new(),
        events: Vec::new(),
        acks: Vec::new(),
        planned: Vec::new(),
        notifications: Vec::new(),
        figures: counts.into_iter().enumerate().map(figure).collect(),
        coverage_gaps: Vec::new(),
        contradictions: Vec::new(),
        observations: Vec::new(),
        health: None,
        age: Some(Millis(4_000)),
        close_up: None,
        left_out: Vec::new(),
    }
}

/// What the CLI prints when the daemon computes its answer.
fn told(topic: Topic, arguments: &[&str]) -> String {
    let answer = phusong_gaps::answer(&evidence(), &Query::about(topic), Source::Daemon).expect("an answer");
    let site = Site::new();
    let daemon = Daemon::start(&site.socket(), Behaviour::json(200, &answer));
    let outcome = phusong(&site.path("phusong.toml"), arguments, &[("COLUMNS", "100")]);
    daemon.question();
    outcome.out
}

#[test]
fn as_a_province_states_it_and_strictly() {
    for (topic, arguments) in
        [(Topic::Status, &["status"][..]), (Topic::Coverage, &["coverage"]), (Topic::Indicators, &["indicators"])]
    {
        let text = |lang| told(topic, &[arguments, &["--lang", lang]].concat()).replace("\n  ", " ");
        let (vi, en) = (text("vi"), text("en"));
        for part in ["3.711/3.802 = 97,6 %", "3.529/3.802 = 92,8 %", "3.229 chưa rõ có lõm", "không rõ 3", "3G+"]
        {
            assert!(vi.contains(part), "{part} of {topic:?}:\n{vi}");
        }
        for part in ["3,711/3,802 = 97.6%", "3,529/3,802 = 92.8%", "3,229 of these may be patchy", "unknown 3", "3G+"] {
            assert!(en.contains(part), "{part} of {topic:?}:\n{en}");
        }
        for part in ["kê khai ngày 12/01/2026", "tiêu chí: giả định của phusong (lõm khi dưới 95 % số hộ có sóng)"]
        {
            assert!(vi.replace('\n', " ").replace("    ", " ").contains(part), "{part} of {topic:?}:\n{vi}");
        }
    }
}

#[test]
fn the_same_in_json() {
    let answer: serde_json::Value =
        serde_json::from_str(&told(Topic::Indicators, &["indicators", "--json"])).expect("JSON");
    let item = &answer["items"][2];
    let ratio = |share: &serde_json::Value| {
        share["numerator"].as_f64().expect("number") / share["denominator"].as_f64().expect("number")
    };
    assert_eq!(item["indicator"], "mobile-settlements");
    assert_eq!(format!("{:.3} {:.3}", ratio(&item["measured"]), ratio(&item["strict"])), "0.976 0.928");
    assert_eq!((item["measured"]["unknown"].as_f64(), item["patchiness_unknown"].as_u64()), (Some(3.0), Some(3_229)));
    assert_eq!((&item["rule"]["assumed"], &item["valid_on"]), (&true.into(), &"2026-01-12".into()));
}
