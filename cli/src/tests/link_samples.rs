//! A link on a bad afternoon, with everything that can be known of one.

use phusong_model::{
    Contact, Dbm, IcmpError, IcmpErrorKind, IfReading, IfStatus, LinkKind, LinkState, Observed, ProfileGrade, Seen,
    SensorReading, SensorUnit, SensorValue, Subject,
    answer::{LinkBody, LinkItem},
};

use super::{at, samples};

fn seen(subject: Subject, seen: Seen) -> Observed {
    Observed { subject, seen, first: at("2026-11-23T06:22:20Z"), last: at("2026-11-23T07:05:10Z") }
}

fn sensor(sensor: &str, row: &str, value: SensorValue, grade: ProfileGrade) -> Seen {
    Seen::Sensor(SensorReading { sensor: sensor.to_owned(), row: Some(row.to_owned()), value, grade })
}

fn observations() -> Vec<Observed> {
    let link = || Subject::Link("fibre-02221".parse().expect("an id"));
    let device = || Subject::Device("olt-1".parse().expect("an id"));
    let router = "2001:db8:1234:5678:9abc:def0:1234:5678".parse().expect("an address");
    let power = SensorValue::Number { value: -27.25, unit: SensorUnit::Dbm };
    let cause = SensorValue::State { code: 13, name: Some("dying-gasp".to_owned()) };
    vec![
        seen(link(), Seen::IcmpError(IcmpError { kind: IcmpErrorKind::Unreachable, code: 3, router })),
        seen(link(), Seen::Certificate { not_after: at("2026-12-10T00:00:00Z"), trusted: true }),
        seen(link(), Seen::HttpStatus(503)),
        seen(device(), sensor("onu-rx-power", "0/1/3", power, ProfileGrade::Documented)),
        seen(device(), sensor("onu-last-down", "0/1\u{1b}[2J", cause, ProfileGrade::Community)),
    ]
}

pub fn link() -> LinkBody {
    let item = samples::link("fibre-02221", Some(("02221", "Nà Hang")), LinkKind::Fibre, LinkState::Down);
    LinkBody {
        link: LinkItem { sent: Some(10), lost: Some(10), ..item },
        people: Some(12_345),
        upstream: vec!["feeder-1".parse().expect("an id")],
        contact: Contact {
            circuit: Some("TQG-0221".to_owned()),
            phone: Some("0912345678".to_owned()),
            duty: Some("Trực\u{1b}[2J ban".to_owned()),
        },
        interface: Some(IfReading {
            device: "olt-1".parse().expect("an id"),
            ifname: "GPON0/1/3".to_owned(),
            link: None,
            at: at("2026-11-23T07:04:50Z"),
            oper: IfStatus::LowerLayerDown,
            admin: IfStatus::Up,
            speed_bps: Some(1_000_000_000),
            in_bps: Some(0.0),
            out_bps: Some(1_234_567.0),
            in_err: Some(12),
            out_err: None,
            in_disc: None,
            out_disc: None,
            rx: Some(Dbm(-27.25)),
            tx: None,
        }),
        outages: samples::outages().into_iter().take(1).collect(),
        observations: observations(),
    }
}
