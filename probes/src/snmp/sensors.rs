//! The sensors of one device: found once with its interfaces, then asked by known index, a request at a time.

use std::sync::Arc;

use phusong_model::SensorReading;
use snmp::Oid;
use tokio::time::{Instant, timeout_at};

use super::{
    batch::OBJECTS_PER_REQUEST,
    exchange::Session,
    objects::Objects,
    profile::{MOST_ROWS, Place, Profile, Sensor, join},
    values::Values,
};

/// What is known of a device's sensors between polls.
#[derive(Debug, Default)]
pub(super) struct Sensors {
    profile: Option<Arc<Profile>>,
    rows: Vec<Row>,
    /// Where the next request begins.
    next: usize,
    /// Why a table was not read to its end.
    pub(super) cut: Option<String>,
}

#[derive(Debug)]
struct Row {
    /// Place of the sensor in the profile.
    sensor: usize,
    index: Oid,
    name: Option<String>,
}

impl Sensors {
    /// Finds the rows of every sensor: those that the inventory names, or all of its table.
    pub(super) async fn find(
        session: &Session,
        until: Instant,
        profile: Option<&Arc<Profile>>,
        names: &[&str],
    ) -> Self {
        let (mut rows, mut cut) = (Vec::new(), None);
        for (place, sensor) in profile.iter().flat_map(|profile| &profile.sensors).enumerate() {
            let found = match &sensor.place {
                Place::Scalar(_) => vec![(Oid::empty(), None)],
                Place::Column { names: _, of_inventory: Some(suffix), .. } => {
                    names.iter().filter_map(|name| inventory_row(name, suffix)).collect()
                }
                Place::Column { values, names, of_inventory: None } => {
                    let (indexes, ended) = session.indexes(values, until, MOST_ROWS).await;
                    cut = cut.or(ended);
                    named(session, until, names.as_ref(), indexes).await
                }
            };
            rows.extend(found.into_iter().map(|(index, name)| Row { sensor: place, index, name }));
        }
        Self { profile: profile.cloned(), rows, next: 0, cut }
    }

    /// Asks one request's worth of sensors, in turn, so that a device with many costs no more requests a minute than
    /// one with few. A device that does not answer this one was heard already: nothing is concluded.
    pub(super) async fn ask(&mut self, session: &Session) -> Vec<SensorReading> {
        let mut objects = Vec::new();
        let mut asked: Vec<(&Sensor, &Row)> = Vec::new();
        let sensors = self.profile.as_ref().map_or(&[][..], |profile| &profile.sensors);
        let rows = self.rows.iter().filter_map(|row| Some((sensors.get(row.sensor)?, row)));
        for (sensor, row) in rows.skip(self.next) {
            let of_row = sensor.objects(&row.index);
            if !asked.is_empty() && objects.len() + of_row.len() > OBJECTS_PER_REQUEST {
                break;
            }
            objects.extend(of_row);
            asked.push((sensor, row));
        }
        if asked.is_empty() {
            return Vec::new();
        }
        // The profile's OIDs were checked when it was read, and the rows are the device's own.
        let Ok(objects) = Objects::of(&objects) else { return Vec::new() };
        let read = match session.get(&objects).await {
            Ok(values) => {
                let reading = |(sensor, row): &(&Sensor, &Row)| {
                    sensor.read(&row.index, row.name.as_deref(), |oid| values.get_by_oid(oid))
                };
                asked.iter().map(reading).filter_map(Result::ok).collect()
            }
            Err(failure) => {
                tracing::debug!(?failure, "sensors did not answer");
                Vec::new()
            }
        };
        let next = self.next + asked.len();
        self.next = if next < self.rows.len() { next } else { 0 };
        read
    }
}

/// The row that a link's `ifname` means, when it is written as an index: `4194304000.2` is an ONT.
fn inventory_row(name: &str, suffix: &Oid) -> Option<(Oid, Option<String>)> {
    let arcs: Vec<u32> = name.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
    // One number is an interface whose name is a number.
    (arcs.len() > 1).then(|| (join(&Oid::from_slice(&arcs), suffix), Some(name.to_owned())))
}

/// The rows with the names that the device gives them.
async fn named(
    session: &Session,
    until: Instant,
    names: Option<&Oid>,
    indexes: Vec<Oid>,
) -> Vec<(Oid, Option<String>)> {
    let Some(names) = names else { return indexes.into_iter().map(|index| (index, None)).collect() };
    let mut named = Vec::with_capacity(indexes.len());
    for some in indexes.chunks(OBJECTS_PER_REQUEST) {
        let objects: Vec<Oid> = some.iter().map(|index| join(names, index)).collect();
        let Ok(objects) = Objects::of(&objects) else { continue };
        // A row without its name is still a reading.
        let values = timeout_at(until, session.get(&objects)).await;
        let values = values.ok().and_then(Result::ok).unwrap_or_else(|| Values::none_of(&objects));
        named.extend(some.iter().cloned().enumerate().map(|(place, index)| (index, values.shown(place))));
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ont_is_named_by_its_index() {
        let row =
            |name: &str, suffix: &[u32]| inventory_row(name, &Oid::from_slice(suffix)).map(|(row, _)| row.to_string());
        assert_eq!(row("4194304000.2", &[]).as_deref(), Some("4194304000.2"));
        assert_eq!(row("268501248.1", &[1]).as_deref(), Some("268501248.1.1"));
        for no_index in ["ether1", "7", "1.x", "", "1..2", "99999999999.1"] {
            assert_eq!(row(no_index, &[]), None, "{no_index}");
        }
    }
}
