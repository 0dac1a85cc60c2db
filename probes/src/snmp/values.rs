//! What a device answered, by what was asked, and each value only as the type that its MIB gives it. Pure.
//!
//! An agent that gives TimeTicks where an octet counter is due has mixed up its tables: as a number it would be a rate of
//! traffic that nobody sent. Such a value is no value; it is counted, so that people learn why a figure is missing.

use std::cell::RefCell;

use snmp::{Oid, Value};

use super::{exchange::Failure, message::Bound, objects::Objects, text};

/// Values by the places of the objects that were asked for. What was not asked for is not in it, and neither are exceptions
/// such as noSuchInstance: a value that is not there is never 0.
#[derive(Debug)]
pub(super) struct Values<'a> {
    objects: &'a Objects,
    /// What was said of each of them.
    found: Vec<Option<Value>>,
    /// How many of the objects, in their order, the device has spoken of.
    covered: usize,
    cut: Option<Failure>,
    /// Places, each once, however often it is looked at.
    mistyped: RefCell<Vec<usize>>,
}

impl<'a> Values<'a> {
    /// No answer yet.
    pub(super) fn none_of(objects: &'a Objects) -> Self {
        let found = vec![None; objects.len()];
        Self { objects, found, covered: 0, cut: None, mistyped: RefCell::default() }
    }

    /// How many of the objects, in their order, the device has spoken of.
    pub(super) const fn covered(&self) -> usize {
        self.covered
    }

    /// Whether an answer is about any of the objects. An agent that speaks only of other things has not said that these
    /// are not there.
    pub(super) fn speaks_of(&self, bound: &[Bound]) -> bool {
        bound.iter().any(|bound| self.place(&bound.name, self.covered).is_some())
    }

    /// Takes one piece of the answer, which speaks of the next `covered` objects. Of two values for one object the first
    /// stands.
    pub(super) fn take(&mut self, covered: usize, bound: impl IntoIterator<Item = Bound>) {
        let mut next = self.covered;
        self.covered += covered;
        for Bound { name, value } in bound {
            if let Some(place) = self.place(&name, next) {
                next = place + 1;
                if let Some(found) = self.found.get_mut(place).filter(|_| !value.is_exception()) {
                    found.get_or_insert(value);
                }
            }
        }
    }

    /// The place of an object. Answers mostly come in the order of the request, so `likely` is looked at first.
    fn place(&self, name: &[u8], likely: usize) -> Option<usize> {
        let is = |place: &usize| self.objects.name(*place) == Some(name);
        Some(likely).filter(is).or_else(|| (0..self.objects.len()).find(is))
    }

    /// The rest of the answer did not come.
    pub(super) fn cut(self, why: Failure) -> Result<Self, Failure> {
        if self.covered == 0 { Err(why) } else { Ok(Self { cut: Some(why), ..self }) }
    }

    /// The same values for `all` objects, of which only a part was asked, because the rest is known to be absent.
    pub(super) fn of_all(mut self, all: &Objects) -> Values<'_> {
        let mut of_all = Values::none_of(all);
        let mut asked = 0;
        for (place, found) in of_all.found.iter_mut().enumerate() {
            if asked < self.objects.len() && self.objects.name(asked) == all.name(place) {
                if asked == self.covered {
                    break;
                }
                *found = self.found.get_mut(asked).and_then(Option::take);
                asked += 1;
            }
            of_all.covered = place + 1;
        }
        Values { cut: self.cut, ..of_all }
    }

    /// Why the answer is not whole, and of how many objects it speaks.
    pub(super) fn cut_after(&self) -> Option<(usize, &Failure)> {
        Some((self.covered, self.cut.as_ref()?))
    }

    /// The value, whatever its type is.
    pub(super) fn get(&self, place: usize) -> Option<&Value> {
        self.found.get(place)?.as_ref()
    }

    /// The same by the object's numbers.
    pub(super) fn get_by_oid(&self, oid: &Oid) -> Option<&Value> {
        self.get(self.place(&oid.to_ber().ok()?, 0)?)
    }

    /// How many values had another type than their MIB gives them.
    pub(super) fn mistyped(&self) -> u16 {
        u16::try_from(self.mistyped.borrow().len()).unwrap_or(u16::MAX)
    }

    /// INTEGER: states.
    pub(super) fn integer(&self, place: usize) -> Option<i32> {
        self.typed(place, |value| if let Value::Integer(state) = value { Some(*state) } else { None })
    }

    /// Gauge32 (RFC 2578), which the older documents call UInteger32.
    pub(super) fn gauge(&self, place: usize) -> Option<u32> {
        self.typed(place, |value| {
            if let Value::Gauge32(level) | Value::UInteger32(level) = value { Some(*level) } else { None }
        })
    }

    /// Counter32.
    pub(super) fn counter32(&self, place: usize) -> Option<u32> {
        self.typed(place, |value| if let Value::Counter32(count) = value { Some(*count) } else { None })
    }

    /// Counter64. A 32-bit counter in its place would look like a reset at each of its wraps.
    pub(super) fn counter64(&self, place: usize) -> Option<u64> {
        self.typed(place, |value| if let Value::Counter64(count) = value { Some(*count) } else { None })
    }

    /// TimeTicks: hundredths of a second.
    pub(super) fn ticks(&self, place: usize) -> Option<u32> {
        self.typed(place, |value| if let Value::TimeTicks(ticks) = value { Some(*ticks) } else { None })
    }

    /// OCTET STRING, as it stands.
    pub(super) fn text(&self, place: usize) -> Option<String> {
        self.typed(place, |value| {
            if let Value::OctetString(bytes) = value { Some(text::lossy(bytes).into_owned()) } else { None }
        })
    }

    /// OCTET STRING, short enough to be shown.
    pub(super) fn shown(&self, place: usize) -> Option<String> {
        self.text(place).map(|text| text::short(&text))
    }

    fn typed<'v, T>(&'v self, place: usize, read: impl FnOnce(&'v Value) -> Option<T>) -> Option<T> {
        let read = read(self.get(place)?);
        if read.is_none() {
            let mut mistyped = self.mistyped.borrow_mut();
            if !mistyped.contains(&place) {
                mistyped.push(place);
            }
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects<const N: usize>(arcs: [u32; N]) -> Objects {
        Objects::of(&arcs.map(|arc| Oid::from([1, 3, arc]))).expect("objects")
    }

    fn bound(arc: u8, value: Value) -> Bound {
        Bound { name: vec![0x2b, arc].into(), value }
    }

    fn one(objects: &Objects, value: Value) -> Values<'_> {
        let mut values = Values::none_of(objects);
        values.take(1, [bound(3, value)]);
        values
    }

    #[test]
    fn a_value_of_another_type_is_no_value_and_is_counted() {
        let asked = objects([3]);
        let wide = one(&asked, Value::Counter64(7));
        assert_eq!((wide.counter64(0), wide.mistyped()), (Some(7), 0));
        for other in [Value::TimeTicks(7), Value::Counter32(7), Value::Gauge32(7), Value::Integer(7)] {
            let values = one(&asked, other.clone());
            assert_eq!((values.counter64(0), values.counter64(0), values.mistyped()), (None, None, 1), "{other:?}");
        }
        for other in [Value::Counter32(7), Value::Gauge32(7), Value::Integer(7), Value::Counter64(7)] {
            assert_eq!(one(&asked, other.clone()).ticks(0), None, "{other:?}");
        }
        assert_eq!(one(&asked, Value::UInteger32(7)).gauge(0), Some(7), "the old name of a gauge");
        let absent = Values::none_of(&asked);
        assert_eq!((absent.counter32(0), absent.mistyped()), (None, 0), "absent is not mistyped");
    }

    #[test]
    fn what_was_not_asked_for_and_exceptions_are_no_values() {
        let asked = objects([3, 4]);
        let mut values = Values::none_of(&asked);
        values.take(2, [bound(3, Value::NoSuchInstance), bound(5, Value::Integer(1))]);
        assert_eq!([0, 1, 2].map(|place| values.get(place)), [None; 3]);
        assert!(!values.speaks_of(&[bound(5, Value::Integer(1))]));
        assert!(values.speaks_of(&[bound(3, Value::NoSuchInstance)]));
        // The first of two answers for one object stands.
        values.take(0, [bound(4, Value::Integer(1)), bound(4, Value::Integer(2))]);
        assert_eq!(values.integer(1), Some(1));
        assert_eq!(values.get_by_oid(&Oid::from([1, 3, 4])), Some(&Value::Integer(1)));
    }

    #[test]
    fn values_find_their_places_in_whatever_order_they_come() {
        let asked = objects([3, 4, 5]);
        let mut values = Values::none_of(&asked);
        values.take(3, [(5, 50), (3, 30), (4, 40)].map(|(arc, value)| bound(arc, Value::Integer(value))));
        assert_eq!([0, 1, 2].map(|place| values.integer(place)), [30, 40, 50].map(Some));
        assert_eq!(values.covered(), 3);
    }

    #[test]
    fn the_first_pieces_of_an_answer_stand_when_a_later_one_does_not_come() {
        let asked = objects([3, 4]);
        assert_eq!(Values::none_of(&asked).cut(Failure::Silent).map(|_| ()), Err(Failure::Silent));
        let cut = one(&asked, Value::Integer(1)).cut(Failure::Silent).expect("something came");
        assert_eq!((cut.cut_after(), cut.integer(0)), (Some((1, &Failure::Silent)), Some(1)));
        // The same when other objects are known to be absent and were not asked.
        let all = objects([2, 3, 6, 4, 7]);
        let of_all = cut.of_all(&all);
        assert_eq!((of_all.cut_after(), of_all.integer(1)), (Some((3, &Failure::Silent)), Some(1)));
        let whole = one(&objects([3]), Value::Integer(1)).of_all(&all).covered();
        assert_eq!(whole, 5, "what is known to be absent was spoken of");
    }
}
