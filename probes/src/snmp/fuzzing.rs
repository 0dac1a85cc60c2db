//! What must hold of answers over SNMPv2c, from bytes to readings. Over v3 the library alone works on bytes that nobody
//! has vouched for, and what is behind it is the same.

use std::time::Duration;

use bytes::Bytes;
use phusong_model::SensorValue;
use snmp::{
    DecodeConfig, Oid, Value, Version,
    message::{CommunityMessage, CommunityPdu},
};

use super::{
    Profile, Profiles,
    counters::{Counters, Octets},
    mapping::Place,
    oids::{self, Column},
    profile::{Place as SensorPlace, Sensor},
    reading::{Row, questions},
    values::Values,
};

/// The row that is asked for in every table.
const ROW: u32 = 11;
/// Between two readings, on the device's clock and on ours.
const PERIOD: Duration = Duration::from_secs(10);
const PERIOD_TICKS: u32 = 1000;

type Bound = Vec<(Oid, Value)>;

/// Nothing is read that the answer does not say, of the object that was asked for and as the type that its MIB gives it;
/// and nothing that it says becomes an infinite number or a terminal escape.
pub fn snmp_answer(data: &[u8]) {
    let Some(bound) = bound(data) else { return };
    for profile in Profiles::shipped().iter() {
        for version in [Version::V1, Version::V2c] {
            assert_interface(profile, version, &bound);
        }
        profile.sensors.iter().for_each(|sensor| assert_sensor(sensor, &bound));
    }
}

fn bound(data: &[u8]) -> Option<Bound> {
    let decoded = CommunityMessage::decode(Bytes::copy_from_slice(data), DecodeConfig::default()).ok()?;
    let (_, _, CommunityPdu::Standard(pdu)) = decoded.value.into_parts() else { return None };
    Some(pdu.varbinds().iter().map(|bound| (bound.oid.clone(), bound.value.clone())).collect())
}

fn values(asked: &[Oid], bound: &Bound) -> Values {
    let mut values = Values::default();
    values.take(asked, asked.len(), bound.iter().cloned());
    values
}

fn assert_interface(profile: &Profile, version: Version, bound: &Bound) {
    let optical = profile.optical.as_ref();
    let place = Place { if_index: ROW, named_by: Column::Name, optical: optical.map(|_| Oid::from([ROW])) };
    let mut asked = questions(&place, optical, version);
    asked.extend([oids::sys_uptime(), oids::sys_name()]);
    let values = values(&asked, bound);
    let row = Row::of(&values, &place, optical);

    let said = |oid: Oid, value: Value| assert!(bound.contains(&(oid.clone(), value)), "{oid}: the answer says it");
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
    let shown = values.shown(&oids::sys_name()).unwrap_or_default();
    assert!(!shown.contains(char::is_control), "{shown:?}");
    assert!(usize::from(values.mistyped()) <= asked.len(), "each value is looked at once");
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

fn assert_sensor(sensor: &Sensor, bound: &Bound) {
    let row = match sensor.place {
        SensorPlace::Scalar(_) => Oid::empty(),
        SensorPlace::Column { .. } => Oid::from([ROW]),
    };
    let values = values(&sensor.objects(&row), bound);
    if let Ok(reading) = sensor.read(&row, None, |oid| values.get(oid))
        && let SensorValue::Number { value, .. } = reading.value
    {
        assert!(value.is_finite(), "{}", sensor.name);
    }
}
