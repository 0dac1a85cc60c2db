//! Which column is what: by its title, or as the mapping file says.

use std::{collections::BTreeMap, sync::Arc};

use phusong_model::{ColumnMapping, fold};

use super::cells::{Cells, Line, place};
use crate::read::{DBF_NAME_LETTERS, Place, Wrong, shown, wrong};

/// A column that a table may have.
#[derive(Debug)]
pub(crate) struct Column {
    /// Our name.
    pub(crate) name: &'static str,
    /// Titles that mean it, folded, letters and digits only; the name is one of them.
    pub(crate) titles: &'static [&'static str],
}

/// What a table is to have.
#[derive(Debug)]
pub(crate) struct Form {
    /// All columns that are looked for.
    pub(crate) columns: &'static [Column],
    /// Of each of these at least one must be there.
    pub(crate) needed: &'static [&'static [&'static str]],
    /// And of each of these, but where rows are features: these have a geometry. Without any nobody asks for positions.
    pub(crate) placed: &'static [&'static [&'static str]],
    /// All columns in order, for a file without titles.
    pub(crate) untitled: &'static [&'static str],
}

/// The titles that are known.
pub(super) struct Titles<'f> {
    pub(super) form: &'f Form,
    /// Titles of the mapping file, folded; our names, and the titles as it writes them.
    mapped: BTreeMap<String, (&'static str, String)>,
    /// Names of the mapping file that are none of ours.
    strange: Vec<String>,
}

/// The row of titles, and where each column is.
pub(super) struct Header {
    /// Its place among the rows; none when the file has no titles.
    pub(super) index: Option<usize>,
    /// By our name, from 0.
    pub(super) columns: BTreeMap<&'static str, usize>,
}

/// A title as it is compared: folded, only letters and digits.
fn plain(title: &str) -> String {
    fold(title).chars().filter(|letter| letter.is_alphanumeric()).collect()
}

/// The same without what is said in brackets: a unit, most often.
fn unbracketed(title: &str) -> String {
    plain(title.split(['(', '[', '\n']).next().unwrap_or_default())
}

impl Form {
    /// Our name of a column that a mapping file calls so: by that name, or by a title that means it.
    pub(super) fn own(&self, name: &str) -> Option<&'static str> {
        let title = plain(name);
        let is_it = |column: &&Column| column.name == name || column.titles.contains(&title.as_str());
        self.columns.iter().find(is_it).map(|column| column.name)
    }
}

impl<'f> Titles<'f> {
    pub(super) fn new(form: &'f Form, mapping: &ColumnMapping) -> Self {
        let (mut mapped, mut strange) = (BTreeMap::new(), Vec::new());
        for (name, title) in &mapping.columns {
            match form.own(name) {
                Some(own) => {
                    mapped.insert(plain(title), (own, title.clone()));
                }
                None => strange.push(name.clone()),
            }
        }
        Self { form, mapped, strange }
    }

    /// Our name of the column with a title.
    fn name_of(&self, title: &str) -> Option<&'static str> {
        let full = plain(title);
        if full.is_empty() {
            return None;
        }
        if let Some((name, _)) = self.mapped.get(&full) {
            return Some(name);
        }
        let short = unbracketed(title);
        let known = |wanted: &str| {
            let column = self.form.columns.iter().find(|column| column.titles.contains(&wanted))?;
            // What the mapping names is not also something else.
            (!self.mapped.values().any(|(name, _)| *name == column.name)).then_some(column.name)
        };
        known(&full).or_else(|| known(&short))
    }

    /// Where each column is in a row of titles; the first of those with one meaning.
    fn columns<'t>(&self, titles: impl Iterator<Item = &'t str>) -> BTreeMap<&'static str, usize> {
        let mut columns = BTreeMap::new();
        for (index, title) in titles.enumerate() {
            if let Some(name) = self.name_of(title) {
                columns.entry(name).or_insert(index);
            }
        }
        columns
    }

    /// How many different columns a row of titles names.
    pub(super) fn known<'t>(&self, titles: impl Iterator<Item = &'t str>) -> usize {
        self.columns(titles).len()
    }

    /// What is wrong with the mapping file, whatever table it is for.
    pub(super) fn check_mapping(&self) -> Result<(), Wrong> {
        match self.strange.first() {
            None => Ok(()),
            Some(name) => {
                let message = format!("the mapping file names {:?}, which is no column of ours", shown(name));
                wrong(message, format!("ours are {}", self.names()))
            }
        }
    }

    /// Finds the titles among the first rows: those of the row that the mapping says, else of the one that names most
    /// columns.
    pub(super) fn header(
        &self,
        lines: &[Line],
        sheet: Option<&Arc<str>>,
        mapping: &ColumnMapping,
    ) -> Result<Header, (Place, Wrong)> {
        let of_file = |wrong| (Place::File, wrong);
        let Some(first) = lines.first() else {
            return Err(of_file(match mapping.header {
                Some(number) => no_row(number),
                None => ("an empty table".to_owned(), self.remedy()),
            }));
        };
        let index = match mapping.header {
            Some(number) => {
                lines.iter().position(|line| line.number == number).ok_or_else(|| of_file(no_row(number)))?
            }
            None => self.best(lines),
        };
        let line = lines.get(index).unwrap_or(first);
        let columns = self.columns(line.cells.iter());
        if mapping.header.is_none() && columns.len() < 2 && self.is_untitled(first) {
            let columns = self.form.untitled.iter().copied().zip(0..).collect();
            return Ok(Header { index: None, columns });
        }
        self.check(&line.cells, &columns).map_err(|wrong| (place(sheet, line.number, None), wrong))?;
        Ok(Header { index: Some(index), columns })
    }

    /// The row that names most columns; of equals the first.
    fn best(&self, lines: &[Line]) -> usize {
        let mut best = (0, 0);
        for (index, line) in lines.iter().enumerate() {
            let known = self.known(line.cells.iter());
            if known > best.0 {
                best = (known, index);
            }
        }
        best.1
    }

    /// Whether a row may be one of a form that comes without titles.
    fn is_untitled(&self, line: &Line) -> bool {
        let columns = self.form.untitled.len();
        columns > 0 && line.cells.iter().filter(|cell| !cell.is_empty()).count() > 2 && {
            let width = line.cells.iter().count();
            width == columns
        }
    }

    /// Our name of a property with a name, which the table of a shapefile may have cut.
    pub(super) fn name_of_field(&self, field: &str) -> Option<&'static str> {
        self.name_of(field).or_else(|| {
            let cut = plain(field);
            let is_cut = [field.len(), field.chars().count()].contains(&DBF_NAME_LETTERS);
            let is_it = |column: &&Column| column.titles.iter().any(|title| title.starts_with(&cut));
            let mut meant = self.form.columns.iter().filter(is_it).map(|column| column.name);
            let only = meant.next().filter(|_| is_cut && meant.next().is_none())?;
            (!self.mapped.values().any(|(name, _)| *name == only)).then_some(only)
        })
    }

    /// Whether all columns are there that a table must have.
    fn check(&self, titles: &Cells, columns: &BTreeMap<&'static str, usize>) -> Result<(), Wrong> {
        self.check_fields(titles, columns)?;
        self.check_for(self.form.placed, titles, columns)
    }

    /// Whether all columns are there that features must have.
    pub(super) fn check_fields(&self, titles: &Cells, columns: &BTreeMap<&'static str, usize>) -> Result<(), Wrong> {
        for (name, title) in self.mapped.values() {
            if !columns.contains_key(name) {
                let message = format!("no column {:?}, which the mapping file calls {name}", shown(title));
                return wrong(message, format!("the titles are {}", titles_of(titles)));
            }
        }
        self.check_for(self.form.needed, titles, columns)
    }

    fn check_for(
        &self,
        needed: &[&[&str]],
        titles: &Cells,
        columns: &BTreeMap<&'static str, usize>,
    ) -> Result<(), Wrong> {
        let is_there = |names: &&&[&str]| names.iter().any(|name| columns.contains_key(name));
        match needed.iter().find(|names| !is_there(names)) {
            None => Ok(()),
            Some(names) => {
                let message = format!("no column {} among the titles: {}", names.join(" or "), titles_of(titles));
                wrong(message, self.remedy())
            }
        }
    }

    fn names(&self) -> String {
        self.form.columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
    }

    /// A mapping file as the remedy.
    fn remedy(&self) -> String {
        let needed = self.form.needed.iter().chain(self.form.placed);
        let name = needed.filter_map(|names| names.first()).next_back().copied().unwrap_or("name");
        format!(
            "write a mapping file, as sheet = \"Sheet2\", header = 5 and columns = {{ {name} = \"TITLE IN THE FILE\" }}, and \
             name it with --columns; our columns are {}",
            self.names()
        )
    }
}

fn no_row(number: u64) -> Wrong {
    let message = format!("nothing in row {number}, where the titles are said to be");
    (message, "correct header in the mapping file".to_owned())
}

fn titles_of(titles: &Cells) -> String {
    let titles: Vec<String> = titles.iter().filter(|cell| !cell.is_empty()).take(24).map(shown).collect();
    if titles.is_empty() { "none".to_owned() } else { titles.join(", ") }
}
