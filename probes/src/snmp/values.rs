//! What a device answered, by what was asked, and each value only as the type that its MIB gives it. Pure.
//!
//! An agent that gives TimeTicks where an octet counter is due has mixed up its tables: as a number it would be a rate of
//! traffic that nobody sent. Such a value is no value; it is counted, so that people learn why a figure is missing.

use std::{cell::RefCell, collections::HashMap};

use snmp::{Oid, Value};

use super::{exchange::Failure, text};

/// Values by the OID that was asked. What was not asked for is not in it, and neither are exceptions such as
/// noSuchInstance: a value that is not there is never 0.
#[derive(Debug, Default)]
pub(super) struct Values {
    found: HashMap<Oid, Value>,
    /// How many of the objects, in the order they were asked, the device has spoken of.
    covered: usize,
    cut: Option<Failure>,
    /// Each once, however often it is looked at.
    mistyped: RefCell<Vec<Oid>>,
}

impl Values {
    /// Takes one piece of the answer, which speaks of the next `covered` objects of `asked`.
    pub(super) fn take(&mut self, asked: &[Oid], covered: usize, bound: impl IntoIterator<Item = (Oid, Value)>) {
        self.covered += covered;
        for (oid, value) in bound {
            if asked.contains(&oid) && !value.is_exception() {
                self.found.entry(oid).or_insert(value);
            }
        }
    }

    /// The rest of the answer did not come.
    pub(super) fn cut(self, why: Failure) -> Result<Self, Failure> {
        if self.covered == 0 { Err(why) } else { Ok(Self { cut: Some(why), ..self }) }
    }

    /// The same values as an answer to `asked`, when only `wanted` of it was sent, because the rest is known to be absent.
    pub(super) fn of_all(self, asked: &[Oid], wanted: &[Oid]) -> Self {
        let first_open = wanted.get(self.covered).and_then(|open| asked.iter().position(|oid| oid == open));
        Self { covered: first_open.unwrap_or(asked.len()), ..self }
    }

    /// Why the answer is not whole, and of how many objects it speaks.
    pub(super) fn cut_after(&self) -> Option<(usize, &Failure)> {
        Some((self.covered, self.cut.as_ref()?))
    }

    /// The value, whatever its type is.
    pub(super) fn get(&self, oid: &Oid) -> Option<&Value> {
        self.found.get(oid)
    }

    /// How many values had another type than their MIB gives them.
    pub(super) fn mistyped(&self) -> u16 {
        u16::try_from(self.mistyped.borrow().len()).unwrap_or(u16::MAX)
    }

    /// INTEGER: states.
    pub(super) fn integer(&self, oid: &Oid) -> Option<i32> {
        self.typed(oid, |value| if let Value::Integer(state) = value { Some(*state) } else { None })
    }

    /// Gauge32 (RFC 2578), which the older documents call UInteger32.
    pub(super) fn gauge(&self, oid: &Oid) -> Option<u32> {
        self.typed(
            oid,
            |value| {
                if let Value::Gauge32(level) | Value::UInteger32(level) = value { Some(*level) } else { None }
            },
        )
    }

    /// Counter32.
    pub(super) fn counter32(&self, oid: &Oid) -> Option<u32> {
        self.typed(oid, |value| if let Value::Counter32(count) = value { Some(*count) } else { None })
    }

    /// Counter64. A 32-bit counter in its place would look like a reset at each of its wraps.
    pub(super) fn counter64(&self, oid: &Oid) -> Option<u64> {
        self.typed(oid, |value| if let Value::Counter64(count) = value { Some(*count) } else { None })
    }

    /// TimeTicks: hundredths of a second.
    pub(super) fn ticks(&self, oid: &Oid) -> Option<u32> {
        self.typed(oid, |value| if let Value::TimeTicks(ticks) = value { Some(*ticks) } else { None })
    }

    /// OCTET STRING, as it stands.
    pub(super) fn text(&self, oid: &Oid) -> Option<String> {
        self.typed(oid, |value| if let Value::OctetString(bytes) = value { Some(text::lossy(bytes)) } else { None })
    }

    /// OCTET STRING, short enough to be shown.
    pub(super) fn shown(&self, oid: &Oid) -> Option<String> {
        self.text(oid).map(|text| text::short(&text))
    }

    fn typed<'v, T>(&'v self, oid: &Oid, read: impl FnOnce(&'v Value) -> Option<T>) -> Option<T> {
        let read = read(self.found.get(oid)?);
        if read.is_none() {
            let mut mistyped = self.mistyped.borrow_mut();
            if !mistyped.contains(oid) {
                mistyped.push(oid.clone());
            }
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use snmp::oid;

    use super::*;

    fn one(value: Value) -> Values {
        let mut values = Values::default();
        values.take(&[oid!(1, 3)], 1, [(oid!(1, 3), value)]);
        values
    }

    #[test]
    fn a_value_of_another_type_is_no_value_and_is_counted() {
        let oid = oid!(1, 3);
        let wide = one(Value::Counter64(7));
        assert_eq!((wide.counter64(&oid), wide.mistyped()), (Some(7), 0));
        for other in [Value::TimeTicks(7), Value::Counter32(7), Value::Gauge32(7), Value::Integer(7)] {
            let values = one(other.clone());
            assert_eq!((values.counter64(&oid), values.mistyped()), (None, 1), "{other:?}");
        }
        for other in [Value::Counter32(7), Value::Gauge32(7), Value::Integer(7), Value::Counter64(7)] {
            assert_eq!(one(other.clone()).ticks(&oid), None, "{other:?}");
        }
        assert_eq!(one(Value::UInteger32(7)).gauge(&oid), Some(7), "the old name of a gauge");
        let absent = Values::default();
        assert_eq!((absent.counter32(&oid), absent.mistyped()), (None, 0), "absent is not mistyped");
    }

    #[test]
    fn what_was_not_asked_for_and_exceptions_are_no_values() {
        let mut values = Values::default();
        let asked = [oid!(1, 3), oid!(1, 4)];
        values.take(&asked, 2, [(oid!(1, 3), Value::NoSuchInstance), (oid!(1, 5), Value::Integer(1))]);
        assert_eq!((values.get(&oid!(1, 3)), values.get(&oid!(1, 5))), (None, None));
        // The first of two answers for one object stands.
        values.take(&asked, 0, [(oid!(1, 4), Value::Integer(1)), (oid!(1, 4), Value::Integer(2))]);
        assert_eq!(values.integer(&oid!(1, 4)), Some(1));
    }

    #[test]
    fn the_first_pieces_of_an_answer_stand_when_a_later_one_does_not_come() {
        assert_eq!(Values::default().cut(Failure::Silent).map(|_| ()), Err(Failure::Silent));
        let cut = one(Value::Integer(1)).cut(Failure::Silent).expect("something came");
        assert_eq!((cut.cut_after(), cut.integer(&oid!(1, 3))), (Some((1, &Failure::Silent)), Some(1)));
    }
}
