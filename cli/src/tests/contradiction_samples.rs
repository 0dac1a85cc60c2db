//! What a drive through a small province found.

use phusong_model::{
    Contradiction, ContradictionPlace, CoverageSource, LonLat, MeasuredSignal, Signal, SignalTest, Technology,
    answer::ContradictionItem,
};

use super::at;

pub fn contradictions() -> Vec<ContradictionItem> {
    let measured = MeasuredSignal {
        class: Signal::None,
        count: 23,
        without_network: 4,
        none: 19,
        below_full: 23,
        median_dbm: Some(-119.0),
        p10_dbm: None,
        p90_dbm: Some(-108.5),
        first: at("2026-11-02T01:00:00Z"),
        last: at("2026-11-02T01:04:30Z"),
    };
    let test = SignalTest {
        dataset: "đợt đo tháng 11".to_owned(),
        place: "point 812".to_owned(),
        at: measured.first,
        position: LonLat { lon: 105.2001, lat: 22.1002 },
        dbm: None,
        cell: Some("\u{1b}[31m1234".to_owned()),
    };
    let boundary = vec![[105.2019004, 22.0985324], [105.2014309, 22.1003756], [105.2019004, 22.0985324]];
    let hexagon = Contradiction {
        id: "5d6a0c1e9b42".to_owned(),
        place: ContradictionPlace::Hexagon { index: "894158aa6afffff".to_owned(), boundary },
        commune: Some("02221".parse().expect("a code")),
        operator: "viettel".parse().expect("operator"),
        technology: Technology::G4,
        source: CoverageSource::Declared,
        claimed: Signal::Full,
        valid_on: Some("2026-06-30".to_owned()),
        measured: measured.clone(),
        tests: vec![test],
        untold: 22,
        approximate: false,
        example: true,
    };
    let settlement = Contradiction {
        id: "0b7714aa52cd".to_owned(),
        place: ContradictionPlace::Settlement {
            settlement: "thon-00847-03".parse().expect("id"),
            at: LonLat { lon: 105.0312, lat: 22.9127 },
            within_m: 300,
        },
        commune: Some("00847".parse().expect("a code")),
        operator: "vinaphone".parse().expect("operator"),
        source: CoverageSource::Modelled,
        claimed: Signal::None,
        valid_on: None,
        measured: MeasuredSignal {
            class: Signal::Marginal,
            median_dbm: Some(-110.5),
            without_network: 0,
            none: 2,
            ..measured
        },
        ..hexagon.clone()
    };
    vec![
        ContradictionItem {
            contradiction: settlement,
            commune_name: Some("Đường Thượng".to_owned()),
            settlement_name: Some("Nậm Lằn".to_owned()),
        },
        ContradictionItem { contradiction: hexagon, commune_name: Some("Nà Hang".to_owned()), settlement_name: None },
    ]
}
