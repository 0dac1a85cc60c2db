//! Features of a file of shapes as the rows of a table: what they say of themselves are cells, and their geometry is the
//! position.

use std::{collections::BTreeMap, fmt};

use phusong_model::ColumnMapping;
use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::{
    Table,
    cells::{Cells, Line, Spot},
    columns::{Form, Titles},
    limits::MAX_COLUMNS,
    rows::{Found, Head},
    weigh,
};
use crate::read::{Feature, Place, Properties, Report, Wrong, wrong};

/// What a feature says of itself: names and texts in the order of the file.
#[derive(Debug)]
pub(crate) struct Attributes(Vec<(String, String)>);

/// A table that comes feature by feature.
pub(crate) struct Features<'f> {
    titles: Titles<'f>,
    mapping: &'f ColumnMapping,
    /// All names so far, and where in a row the values are kept of those that mean something.
    names: BTreeMap<String, Option<usize>>,
    columns: BTreeMap<&'static str, Found>,
    lines: Vec<Line>,
    weight: usize,
    /// Whether any feature came.
    is_begun: bool,
}

impl<'f> Features<'f> {
    /// Before the first feature.
    pub(crate) fn new(form: &'f Form, mapping: &'f ColumnMapping) -> Result<Self, Wrong> {
        let titles = Titles::new(form, mapping);
        titles.check_mapping()?;
        if mapping.header.is_some() || mapping.sheet.is_some() {
            let message = "the mapping file says where the titles are, and features have theirs with them";
            return wrong(message, "leave out header and sheet");
        }
        let (names, columns) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { titles, mapping, names, columns, lines: Vec::new(), weight: 0, is_begun: false })
    }

    /// Adds a feature; what is wrong with it is in the report.
    pub(crate) fn push(&mut self, feature: &Feature<Attributes>, report: &mut Report) {
        self.is_begun = true;
        match self.line(feature) {
            Ok(line) => self.lines.push(line),
            Err(wrong) => report.wrong(&feature.place, wrong),
        }
    }

    fn line(&mut self, feature: &Feature<Attributes>) -> Result<Line, Wrong> {
        let Attributes(attributes) = &feature.properties;
        let mut texts: Vec<&str> = Vec::new();
        for (name, text) in attributes {
            let Some(index) = self.index(name)? else { continue };
            if texts.len() <= index {
                texts.resize(index + 1, "");
            }
            // Of those that are there twice the first counts.
            if let Some(slot) = texts.get_mut(index).filter(|slot| slot.is_empty()) {
                *slot = text;
            }
        }
        let mut cells = Cells::default();
        texts.into_iter().try_for_each(|text| cells.push(text))?;
        let at = if self.titles.form.placed.is_empty() { None } else { Some(feature.point()?) };
        let spot = Spot { place: feature.place.clone(), at, crs: feature.crs };
        let line = Line { number: 0, cells, spot: Some(Box::new(spot)) };
        weigh(&line, &mut self.weight)?;
        Ok(line)
    }

    /// Where the values of a name are kept; none of those that mean nothing here.
    fn index(&mut self, name: &str) -> Result<Option<usize>, Wrong> {
        if let Some(index) = self.names.get(name) {
            return Ok(*index);
        }
        if self.names.len() == MAX_COLUMNS {
            return wrong(
                format!("more than {MAX_COLUMNS} names of properties"),
                "remove the properties that are not needed",
            );
        }
        let index = self.columns.len();
        let own = self.titles.name_of_field(name).filter(|own| !self.columns.contains_key(own));
        if let Some(own) = own {
            self.columns.insert(own, Found { column: index, index, title: name.to_owned() });
        }
        let index = own.map(|_| index);
        self.names.insert(name.to_owned(), index);
        Ok(index)
    }

    /// The table of all features; what is wrong with it as a whole is in the report.
    pub(crate) fn finish(self, report: &mut Report) -> Option<Table> {
        let Self { titles, mapping, names, columns, lines, is_begun, .. } = self;
        if !is_begun {
            // Where each feature is at fault, that is told there.
            if report.is_clean() {
                report.fault(
                    &Place::File,
                    "no features",
                    "export the places themselves, each with what is known of it",
                );
            }
            return None;
        }
        let mut all = Cells::default();
        let known = columns.iter().map(|(name, found)| (*name, found.index)).collect();
        // More than fit into a message are not shown either.
        let shown = names.keys().try_for_each(|name| all.push(name));
        let checked = shown.and_then(|()| titles.check_fields(&all, &known));
        checked.map_err(|wrong| report.wrong(&Place::File, wrong)).ok()?;
        Some(Table { head: Head::new(None, columns, titles.form, mapping), lines })
    }
}

impl Properties for Attributes {
    const NAMES: &'static [&'static str] = &[];
    const ANY: bool = true;
    const HINT: &'static str = "properties are texts and numbers by their names";
}

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;

        impl<'de> Visitor<'de> for All {
            type Value = Attributes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("properties by their names")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Attributes, A::Error> {
                let mut all = Vec::new();
                while let Some((name, Cell(text))) = map.next_entry()? {
                    all.push((name, text));
                }
                Ok(Attributes(all))
            }
        }

        deserializer.deserialize_map(All)
    }
}

/// A value as it would be typed into a cell. Lists and objects are none.
struct Cell(String);

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Cell;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_bool<E: Error>(self, value: bool) -> Result<Cell, E> {
                Ok(Cell(if value { "yes" } else { "no" }.to_owned()))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Cell, E> {
                Ok(Cell(value.to_string()))
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Cell, E> {
                Ok(Cell(value.to_string()))
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<Cell, E> {
                Ok(Cell(value.to_string()))
            }

            fn visit_str<E: Error>(self, value: &str) -> Result<Cell, E> {
                Ok(Cell(value.to_owned()))
            }

            fn visit_string<E: Error>(self, value: String) -> Result<Cell, E> {
                Ok(Cell(value))
            }

            fn visit_unit<E: Error>(self) -> Result<Cell, E> {
                Ok(Cell(String::new()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Cell, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Cell(String::new()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cell, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Cell(String::new()))
            }
        }

        deserializer.deserialize_any(Any)
    }
}
