//! What an honest agent has to say: two interfaces whose counters rise by the same amount from round to round.

use std::collections::BTreeMap;

use super::{
    ber::{self, COUNTER32, COUNTER64, GAUGE32, INTEGER, TIME_TICKS, number},
    message::{Answer, Binding, GET, GET_BULK, Request},
};

/// Hundredths of a second, on the device's clock, from round to round.
const ROUND: i64 = 1000;
/// Octets in that time: 8 Mbit/s.
const OCTETS: i64 = 10_000_000;

const END_OF_MIB_VIEW: [u8; 2] = [0x82, 0];
const NO_SUCH_INSTANCE: [u8; 2] = [0x81, 0];

const IF_ENTRY: [u32; 9] = [1, 3, 6, 1, 2, 1, 2, 2, 1];
const IF_X_ENTRY: [u32; 10] = [1, 3, 6, 1, 2, 1, 31, 1, 1, 1];

pub(super) struct Tree(BTreeMap<Vec<u32>, Vec<u8>>);

impl Tree {
    pub(super) fn of(round: u32) -> Self {
        let mut values = BTreeMap::new();
        let mut add = |prefix: &[u32], rest: &[u32], value: Vec<u8>| values.insert([prefix, rest].concat(), value);
        let system = [1, 3, 6, 1, 2, 1, 1];
        add(&system, &[1, 0], ber::text("agent"));
        add(&system, &[3, 0], number(TIME_TICKS, 100_000 + ROUND * i64::from(round)));
        add(&system, &[5, 0], ber::text("router"));
        add(&[1, 3, 6, 1, 2, 1, 31, 1, 5, 0], &[], number(TIME_TICKS, 0));
        for (row, name) in [(11, "ge-1"), (12, "ge-2")] {
            add(&IF_ENTRY, &[2, row], ber::text(name));
            add(&IF_ENTRY, &[7, row], number(INTEGER, 1));
            add(&IF_ENTRY, &[8, row], number(INTEGER, i64::from(row) - 10));
            for column in [13, 14, 19, 20] {
                add(&IF_ENTRY, &[column, row], number(COUNTER32, 7));
            }
            add(&IF_X_ENTRY, &[1, row], ber::text(name));
            for column in [6, 10] {
                add(&IF_X_ENTRY, &[column, row], number(COUNTER64, i64::from(row) * OCTETS * i64::from(round)));
            }
            add(&IF_X_ENTRY, &[15, row], number(GAUGE32, 1000));
            add(&IF_X_ENTRY, &[18, row], ber::text(""));
            add(&IF_X_ENTRY, &[19, row], number(TIME_TICKS, 0));
        }
        Self(values)
    }

    /// The true answer.
    pub(super) fn answer(&self, request: &Request) -> Answer {
        Answer::to(request, self.bindings(request))
    }

    pub(super) fn bindings(&self, request: &Request) -> Vec<Binding> {
        let pdu = &request.pdu;
        match pdu.kind {
            GET => pdu.names.iter().map(|name| self.get(name)).collect(),
            GET_BULK => {
                assert_eq!((pdu.non_repeaters, pdu.names.len()), (0, 1), "walks are of one column");
                let mut names = vec![pdu.names[0].clone()];
                let mut bindings = Vec::new();
                for repetition in 0..pdu.repetitions {
                    let (name, binding) = self.next(&names[repetition]);
                    names.push(name);
                    bindings.push(binding);
                }
                bindings
            }
            _ => pdu.names.iter().map(|name| self.next(name).1).collect(),
        }
    }

    fn get(&self, name: &[u32]) -> Binding {
        (ber::object(name), self.0.get(name).cloned().unwrap_or_else(|| NO_SUCH_INSTANCE.to_vec()))
    }

    fn next(&self, name: &[u32]) -> (Vec<u32>, Binding) {
        let after = (std::ops::Bound::Excluded(name.to_vec()), std::ops::Bound::Unbounded);
        match self.0.range(after).next() {
            Some((name, value)) => (name.clone(), (ber::object(name), value.clone())),
            None => (name.to_vec(), (ber::object(name), END_OF_MIB_VIEW.to_vec())),
        }
    }
}
