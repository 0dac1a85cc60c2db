//! The objects of the agent, in their order, as bytes that are ready to be sent.

use std::{collections::HashMap, time::Instant};

use super::ber::{INTEGER, OBJECT, OCTETS, SEQUENCE, arcs, element, number, oid};

const COUNTER32: u8 = 0x41;
const GAUGE32: u8 = 0x42;
const TIME_TICKS: u8 = 0x43;
const COUNTER64: u8 = 0x46;
/// Values that stand for none (RFC 3416 section 4.2).
const NO_SUCH_INSTANCE: &[u8] = &[0x81, 0];
const END_OF_MIB_VIEW: &[u8] = &[0x82, 0];

const SYSTEM: [u32; 7] = [1, 3, 6, 1, 2, 1, 1];
const IF_NUMBER: [u32; 9] = [1, 3, 6, 1, 2, 1, 2, 1, 0];
const IF_ENTRY: [u32; 9] = [1, 3, 6, 1, 2, 1, 2, 2, 1];
const IF_X_ENTRY: [u32; 10] = [1, 3, 6, 1, 2, 1, 31, 1, 1, 1];
const IF_TABLE_LAST_CHANGE: [u32; 10] = [1, 3, 6, 1, 2, 1, 31, 1, 5, 0];

struct Object {
    arcs: Vec<u32>,
    name: Vec<u8>,
    binding: Vec<u8>,
}

pub struct Tree {
    objects: Vec<Object>,
    place: HashMap<Vec<u8>, usize>,
    up_time: Vec<u8>,
    start: Instant,
}

impl Tree {
    pub fn new(rows: u32) -> Self {
        let text = |text: &str| element(OCTETS, text.as_bytes());
        let mut all = Vec::new();
        let mut add = |prefix: &[u32], rest: &[u32], value: Vec<u8>| all.push(([prefix, rest].concat(), value));
        add(&SYSTEM, &[1, 0], text("agent of a load test"));
        add(&SYSTEM, &[2, 0], element(OBJECT, &oid(&[1, 3, 6, 1, 4, 1, 8072, 3, 2, 10])));
        add(&SYSTEM, &[3, 0], number(TIME_TICKS, 0));
        add(&SYSTEM, &[5, 0], text("stub"));
        add(&IF_NUMBER, &[], number(INTEGER, rows.into()));
        add(&IF_TABLE_LAST_CHANGE, &[], number(TIME_TICKS, 100));
        for row in 1..=rows {
            let name = format!("GigabitEthernet0/{row}");
            add(&IF_ENTRY, &[1, row], number(INTEGER, row.into()));
            add(&IF_ENTRY, &[2, row], text(&name));
            add(&IF_ENTRY, &[3, row], number(INTEGER, 6));
            add(&IF_ENTRY, &[7, row], number(INTEGER, 1));
            add(&IF_ENTRY, &[8, row], number(INTEGER, 1));
            add(&IF_ENTRY, &[9, row], number(TIME_TICKS, 200));
            for column in [10, 13, 14, 16, 19, 20] {
                add(&IF_ENTRY, &[column, row], number(COUNTER32, u64::from(column * 100_000 + row)));
            }
            add(&IF_X_ENTRY, &[1, row], text(&name));
            for column in [6, 7, 10, 11] {
                add(&IF_X_ENTRY, &[column, row], number(COUNTER64, u64::from(column) << 34 | u64::from(row)));
            }
            add(&IF_X_ENTRY, &[15, row], number(GAUGE32, 1000));
            add(&IF_X_ENTRY, &[18, row], text(&format!("uplink {row}")));
            add(&IF_X_ENTRY, &[19, row], number(TIME_TICKS, 0));
        }
        all.sort();
        let objects: Vec<_> = all.into_iter().map(|(name, value)| object(&name, &value)).collect();
        let place = objects.iter().enumerate().map(|(place, object)| (object.name.clone(), place)).collect();
        let up_time = oid(&[&SYSTEM[..], &[3, 0]].concat());
        let mut tree = Self { objects, place, up_time, start: Instant::now() };
        tree.tick();
        tree
    }

    /// Moves the device's clock.
    pub fn tick(&mut self) {
        let ticks = self.start.elapsed().as_millis() as u64 / 10 + 1_000_000;
        let object = self.place.get(&self.up_time).and_then(|place| self.objects.get_mut(*place));
        if let Some(object) = object {
            object.binding = binding(&object.name, &number(TIME_TICKS, ticks));
        }
    }

    /// The binding of exactly this object.
    pub fn get(&self, name: &[u8], out: &mut Vec<u8>) {
        match self.place.get(name).and_then(|place| self.objects.get(*place)) {
            Some(object) => out.extend(&object.binding),
            None => out.extend(binding(name, NO_SUCH_INSTANCE)),
        }
    }

    /// The first object after this name, and where it stands.
    pub fn after(&self, name: &[u8]) -> usize {
        self.place.get(name).map_or_else(
            || {
                let wanted = arcs(name);
                self.objects.partition_point(|object| object.arcs <= wanted)
            },
            |place| place + 1,
        )
    }

    /// The binding of the object that stands there; behind the last one it says so.
    pub fn at(&self, place: usize, name: &[u8], out: &mut Vec<u8>) {
        match self.objects.get(place) {
            Some(object) => out.extend(&object.binding),
            None => out.extend(binding(self.objects.last().map_or(name, |last| &last.name), END_OF_MIB_VIEW)),
        }
    }
}

fn object(name: &[u32], value: &[u8]) -> Object {
    let name = oid(name);
    Object { arcs: arcs(&name), binding: binding(&name, value), name }
}

fn binding(name: &[u8], value: &[u8]) -> Vec<u8> {
    element(SEQUENCE, &[element(OBJECT, name).as_slice(), value].concat())
}
