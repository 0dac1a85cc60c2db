//! Objects that are asked for, written as a request names them, so that they can be sent again and again. Pure.

use std::ops::Range;

use snmp::Oid;

use super::message::{name_in, put_binding};

/// A list of objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Objects {
    /// The content of the list of bindings in a request.
    list: Box<[u8]>,
    /// Where each binding ends.
    ends: Box<[u32]>,
}

impl Objects {
    /// # Errors
    /// When one of them cannot be sent: a first number above 2, or more numbers than an identifier may have.
    pub(super) fn of(oids: &[Oid]) -> snmp::Result<Self> {
        let names = oids.iter().map(Oid::to_ber).collect::<snmp::Result<Vec<_>>>()?;
        Ok(Self::named(names.iter().map(Vec::as_slice)))
    }

    fn named<'n>(names: impl Iterator<Item = &'n [u8]>) -> Self {
        let (mut list, mut ends) = (Vec::new(), Vec::new());
        for name in names {
            put_binding(&mut list, name);
            ends.push(u32::try_from(list.len()).unwrap_or(u32::MAX));
        }
        Self { list: list.into(), ends: ends.into() }
    }

    /// Those of which `keep` is true, by their names.
    pub(super) fn filtered(&self, mut keep: impl FnMut(&[u8]) -> bool) -> Self {
        Self::named((0..self.len()).filter_map(|place| self.name(place)).filter(|name| keep(name)))
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The content of the object identifier at a place.
    pub(super) fn name(&self, place: usize) -> Option<&[u8]> {
        name_in(self.piece(place..place + 1))
    }

    /// A piece of the list, by places.
    pub(super) fn piece(&self, places: Range<usize>) -> &[u8] {
        let end_of = |place: Option<usize>| place.and_then(|place| self.ends.get(place)).map_or(0, |end| *end as usize);
        let bytes = end_of(places.start.checked_sub(1))..end_of(places.end.checked_sub(1));
        self.list.get(bytes).unwrap_or_default()
    }

    /// The objects again, for who wants numbers.
    pub(super) fn oids(&self) -> snmp::Result<Vec<Oid>> {
        (0..self.len()).filter_map(|place| self.name(place)).map(Oid::from_ber).collect()
    }
}

#[cfg(test)]
mod tests {
    use snmp::oid;

    use super::*;

    #[test]
    fn what_goes_in_comes_out_whole_and_in_pieces() {
        let oids = [oid!(1, 3, 6, 1, 2, 1, 1, 3, 0), oid!(1, 3, 6, 1, 4, 1, 2011, 5, 4_194_304_000), oid!(1, 3)];
        let objects = Objects::of(&oids).expect("objects");
        assert_eq!((objects.len(), objects.oids().expect("OIDs")), (3, oids.to_vec()));
        assert_eq!(objects.name(2), Some(&[0x2b][..]));
        assert_eq!(objects.name(3), None);
        let pieces = [objects.piece(0..1), objects.piece(1..3)].concat();
        assert_eq!(pieces, objects.piece(0..3));
        assert!(objects.piece(3..3).is_empty() && objects.piece(2..9).is_empty());

        let without = objects.filtered(|name| name != [0x2b]);
        assert_eq!(without.oids().expect("OIDs"), oids[..2]);
        assert_eq!(Objects::of(&[]).expect("none").len(), 0);
        assert!(Objects::of(&[oid!(7, 1)]).is_err(), "no identifier begins with 7");
    }
}
