//! Which row of the device's tables is which interface of the inventory. Pure, but for the walks that it asks for.
//!
//! `ifIndex` moves when cards are added and devices restart, so an interface is known by its name, and the name is asked
//! again with every reading.

use snmp::Oid;
use tokio::time::Instant;

use super::{
    exchange::Session,
    oids::Column,
    profile::{Optical, OpticalIndex},
    walk::Rows,
};

/// Where one interface of the inventory is on the device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Its `ifIndex`.
    pub(super) if_index: u32,
    /// The column that holds the inventory's name.
    pub(super) named_by: Column,
    /// Index of its row in the vendor's optical table.
    pub(super) optical: Option<Oid>,
}

/// The places of all interfaces that were asked for, in their order.
#[derive(Debug, Clone, Default)]
pub(super) struct Mapping {
    /// None where the device has no such interface.
    pub(super) places: Vec<Option<Place>>,
    /// Why a walk did not come to its end, so that what was not found may be there.
    pub(super) cut: Option<String>,
}

impl Mapping {
    /// Walks `ifName`, and `ifAlias` and `ifDescr` only for names that were not found before.
    pub(super) async fn find(session: &Session, until: Instant, names: &[&str], optical: Option<&Optical>) -> Self {
        let mut mapping = Self { places: vec![None; names.len()], cut: None };
        for column in Column::NAMING {
            let wanted: Vec<&str> = mapping.absent(names);
            if wanted.is_empty() {
                break;
            }
            let rows = session.find_texts(&column.oid(), until, &wanted).await;
            mapping.take(names, column, &rows);
            mapping.cut = mapping.cut.or(rows.cut);
        }
        if let Some(optical) = optical {
            mapping.find_optical(session, until, names, optical).await;
        }
        mapping
    }

    /// Whether every walk came to its end.
    pub(super) const fn complete(&self) -> bool {
        self.cut.is_none()
    }

    /// Whether an interface was not found.
    pub(super) fn misses_any(&self) -> bool {
        self.places.iter().any(Option::is_none)
    }

    /// Names that no interface of the device has.
    pub(super) fn absent<'a>(&self, names: &[&'a str]) -> Vec<&'a str> {
        names.iter().zip(&self.places).filter(|(_, place)| place.is_none()).map(|(name, _)| *name).collect()
    }

    fn take(&mut self, names: &[&str], column: Column, rows: &Rows) {
        for (place, name) in self.places.iter_mut().zip(names).filter(|(place, _)| place.is_none()) {
            *place = rows.texts.iter().find(|(_, text)| text == name).and_then(|(index, _)| match index.arcs() {
                [if_index] => Some(Place { if_index: *if_index, named_by: column, optical: None }),
                _ => None,
            });
        }
    }

    async fn find_optical(&mut self, session: &Session, until: Instant, names: &[&str], optical: &Optical) {
        let column = match &optical.index {
            OpticalIndex::IfIndex => {
                for place in self.places.iter_mut().flatten() {
                    place.optical = Some(Oid::from([place.if_index]));
                }
                return;
            }
            OpticalIndex::NameColumn(column) => column,
        };
        let rows = session.find_texts(column, until, names).await;
        for (place, name) in self.places.iter_mut().zip(names) {
            if let Some(place) = place {
                place.optical = rows.texts.iter().find(|(_, text)| text == name).map(|(index, _)| index.clone());
            }
        }
        self.cut = self.cut.take().or(rows.cut);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(texts: &[(&[u32], &str)]) -> Rows {
        let texts = texts.iter().map(|(index, text)| (Oid::from_slice(index), (*text).to_owned())).collect();
        Rows { texts, cut: None }
    }

    #[test]
    fn the_first_row_with_the_name_is_taken_and_odd_indexes_are_not() {
        let names = ["ge-0/0/1", "ge-0/0/2", "ge-0/0/3"];
        let mut mapping = Mapping { places: vec![None; 3], cut: None };
        mapping.take(&names, Column::Name, &rows(&[(&[7], "ge-0/0/2"), (&[9], "ge-0/0/2"), (&[1, 2], "ge-0/0/3")]));
        assert_eq!(mapping.absent(&names), ["ge-0/0/1", "ge-0/0/3"]);
        mapping.take(&names, Column::Alias, &rows(&[(&[3], "ge-0/0/1"), (&[4], "ge-0/0/2")]));
        let found: Vec<_> = mapping.places.iter().map(|p| p.as_ref().map(|p| (p.if_index, p.named_by))).collect();
        assert_eq!(found, [Some((3, Column::Alias)), Some((7, Column::Name)), None]);
    }
}
