//! What must hold of answers over SNMPv2c, from bytes to readings. Over v3 the library alone works on bytes that nobody
//! has vouched for, and what is behind it is the same.

use std::time::Duration;

use bytes::Bytes;
use phusong_model::SensorValue;
use snmp::{
    DecodeConfig, Oid, Value, VarBind, Version,
    message::CommunityMessage,
    pdu::{Pdu, PduType},
};

use super::{
    Profile, Profiles,
    batch::{Batch, System, batches},
    counters::{Counters, Octets},
    mapping::Place,
    message::{Bound, Response},
    objects::Objects,
    oids::{self, Column},
    profile::{Optical, Place as SensorPlace, Sensor},
    reading::Row,
    values::Values,
};

/// The row that is asked for in every table.
const ROW: u32 = 11;
/// Between two readings, on the device's clock and on ours.
const PERIOD: Duration = Duration::from_secs(10);
const PERIOD_TICKS: u32 = 1000;

type Bindings = Vec<VarBind>;

/// Nothing is read that the answer does not say, of the object that was asked for and as the type that its MIB gives it;
/// and nothing that it says becomes an infinite number or a terminal escape. What we make of the bytes is what the
/// library makes of them.
pub fn snmp_answer(data: &[u8]) {
    let message = Bytes::copy_from_slice(data);
    let Some(response) = Response::of(&message) else { return };
    let Some(bindings) = bindings(&response.bound) else { return };
    if let Some(pdu) = pdu_of_library(message) {
        assert_eq!((response.status, response.index), (pdu.error_status(), pdu.error_index()));
        assert_eq!(bindings, pdu.into_varbinds());
    }
    for profile in Profiles::shipped().iter() {
        for version in [Version::V1, Version::V2c] {
            assert_interface(profile, version, &response.bound, &bindings);
        }
        profile.sensors.iter().for_each(|sensor| assert_sensor(sensor, &response.bound));
    }
}

fn bindings(bound: &[Bound]) -> Option<Bindings> {
    bound.iter().map(|bound| Some(VarBind::new(Oid::from_ber(&bound.name).ok()?, bound.value.clone()))).collect()
}

fn pdu_of_library(message: Bytes) -> Option<Pdu> {
    let decoded = CommunityMessage::decode(message, DecodeConfig::default()).ok()?;
    decoded.value.into_pdu().filter(|pdu| pdu.pdu_type() == PduType::Response)
}

fn values<'a>(asked: &'a Objects, bound: &[Bound]) -> Values<'a> {
    let mut values = Values::none_of(asked);
    values.take(asked.len(), bound.iter().cloned());
    values
}

fn assert_interface(profile: &Profile, version: Version, bound: &[Bound], bindings: &Bindings) {
    let optical = profile.optical.as_ref();
    let place = Place { if_index: ROW, named_by: Column::Name, optical: optical.map(|_| Oid::from([ROW])) };
    let batches = batches(&[Some(place)], optical, version).unwrap_or_default();
    assert_eq!(batches.len(), 1, "the profile's OIDs can be sent, and one interface is one request");
    for Batch { objects, rows } in &batches {
        let values = values(objects, bound);
        rows.iter().for_each(|span| assert_row(&values, span.first, optical, version, bindings));
    }
}

fn assert_row(values: &Values<'_>, first: usize, optical: Option<&Optical>, version: Version, bindings: &Bindings) {
    let system = System::of(values);
    let row = Row::of(values, first, optical, version, system.uptime);

    let said = |oid: Oid, value: Value| {
        assert!(bindings.contains(&VarBind::new(oid.clone(), value)), "{oid}: the answer says it");
    };
    let columns = [(Column::HcInOctets, Column::InOctets), (Column::HcOutOctets, Column::OutOctets)];
    for ((wide, narrow), octets) in columns.into_iter().zip(row.counters.octets) {
        match octets {
            Some(Octets::Wide(octets)) => said(wide.of(ROW), Value::Counter64(octets)),
            Some(Octets::Narrow(octets)) => said(narrow.of(ROW), Value::Counter32(octets)),
            None => {}
        }
    }
    let columns = [Column::InErrors, Column::OutErrors, Column::InDiscards, Column::OutDiscards];
    for (column, packets) in columns.into_iter().zip(row.counters.packets) {
        packets.into_iter().for_each(|packets| said(column.of(ROW), Value::Counter32(packets)));
    }
    row.counters.uptime.into_iter().for_each(|ticks| said(oids::sys_uptime(), Value::TimeTicks(ticks)));
    for power in [row.rx, row.tx].into_iter().flatten() {
        assert!(power.0.is_finite(), "{power:?}");
    }
    assert_rates(&row.counters);
    let shown = system.name.unwrap_or_default();
    assert!(!shown.contains(char::is_control), "{shown:?}");
}

/// Against a reading of zeros, one period before.
fn assert_rates(counters: &Counters) {
    let before = Counters {
        uptime: counters.uptime.map(|ticks| ticks.wrapping_sub(PERIOD_TICKS)),
        octets: counters.octets.map(|octets| {
            octets.map(|octets| match octets {
                Octets::Wide(_) => Octets::Wide(0),
                Octets::Narrow(_) => Octets::Narrow(0),
            })
        }),
        packets: [Some(0); 4],
        ..*counters
    };
    for traffic in [counters.since(&before, PERIOD), before.since(counters, PERIOD)] {
        assert!(traffic.bps.into_iter().flatten().all(|rate| rate.is_finite() && rate >= 0.0), "{traffic:?}");
    }
}

fn assert_sensor(sensor: &Sensor, bound: &[Bound]) {
    let row = match sensor.place {
        SensorPlace::Scalar(_) => Oid::empty(),
        SensorPlace::Column { .. } => Oid::from([ROW]),
    };
    let asked = Objects::of(&sensor.objects(&row));
    assert!(asked.is_ok(), "the profile's OIDs can be sent");
    let Ok(asked) = asked else { return };
    let values = values(&asked, bound);
    if let Ok(reading) = sensor.read(&row, None, |oid| values.get_by_oid(oid))
        && let SensorValue::Number { value, .. } = reading.value
    {
        assert!(value.is_finite(), "{}", sensor.name);
    }
}
