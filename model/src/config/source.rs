//! The text of the configuration and the places of everything in it.

use std::{ops::Range, path::PathBuf};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::{Fault, findings::Findings};

/// A TOML text with the places of its values.
pub(super) struct Source<'t> {
    /// The file, as faults name it.
    pub file: PathBuf,
    text: &'t str,
    /// What stands in it.
    pub table: Spanned<DeTable<'t>>,
    /// Dotted paths that were refused already, so that no second fault is built on them.
    pub refused: Vec<String>,
}

impl<'t> Source<'t> {
    /// Parses the text; syntax faults go to `findings` and what could be read is kept.
    pub fn parse(file: PathBuf, text: &'t str, findings: &mut Findings) -> Self {
        let (table, errors) = DeTable::parse_recoverable(text);
        let source = Self { file, text, table, refused: Vec::new() };
        for error in errors {
            let hint = "this is not TOML: a line reads key = \"text\", key = 5, or [section]";
            findings.push(source.fault(error.span(), error.message(), hint));
        }
        source
    }

    /// A fault at a stretch of the text.
    pub fn fault(&self, span: Option<Range<usize>>, message: &str, hint: impl Into<String>) -> Fault {
        let fault = Fault::of_file(&self.file, message, hint);
        match span {
            Some(span) => {
                let (line, column) = place(self.text, span.start);
                fault.at_line(line).at_column(column)
            }
            None => fault,
        }
    }

    /// A fault of the value at a dotted path such as `snmp.credential.0.name`, or of the section it is missing from;
    /// none when that value was refused already.
    pub fn fault_at(&self, path: &str, message: &str, hint: impl Into<String>) -> Option<Fault> {
        if self.was_refused(path) {
            return None;
        }
        let mut known = path;
        loop {
            if let Some(span) = self.span(known) {
                return Some(self.fault(Some(span), message, hint));
            }
            match known.rsplit_once('.') {
                Some((section, _)) => known = section,
                None => return Some(self.fault(None, message, hint)),
            }
        }
    }

    /// Whether the text has a value at a dotted path.
    pub fn has(&self, path: &str) -> bool {
        self.span(path).is_some()
    }

    /// Whether there is a fault of the value at a dotted path already.
    pub fn was_refused(&self, path: &str) -> bool {
        self.refused.iter().any(|refused| refused == path)
    }

    /// Whether a section was read as its author meant it: no fault in it, and none that may be a misspelt section.
    pub fn is_sound(&self, section: &str) -> bool {
        let touches = |path: &String| !path.contains('.') || path.split('.').next() == Some(section);
        !self.refused.iter().any(touches)
    }

    /// Where the value at a dotted path stands; none when the text does not have it.
    pub fn span(&self, path: &str) -> Option<Range<usize>> {
        let (first, rest) = split(path);
        let mut value = self.table.get_ref().get(first)?;
        for step in rest.into_iter().flat_map(|rest| rest.split('.')) {
            value = match value.get_ref().as_array() {
                Some(items) => items.get(step.parse::<usize>().ok()?)?,
                None => value.get_ref().as_table()?.get(step)?,
            };
        }
        Some(value.span())
    }

    /// Puts another value at a dotted path that leads through existing tables; false when it does not.
    pub fn replace(&mut self, path: &str, value: Spanned<DeValue<'t>>) -> bool {
        self.refused.push(path.to_owned());
        let Some((parents, key)) = path.rsplit_once('.') else {
            return set(self.table.get_mut(), path, value);
        };
        let (first, rest) = split(parents);
        let mut parent = self.table.get_mut().get_mut(first);
        for step in rest.into_iter().flat_map(|rest| rest.split('.')) {
            parent = parent.and_then(|value| inside_mut(value, step));
        }
        match parent.map(Spanned::get_mut) {
            Some(DeValue::Table(table)) => set(table, key, value),
            Some(_) | None => false,
        }
    }
}

fn inside_mut<'v, 't>(value: &'v mut Spanned<DeValue<'t>>, step: &str) -> Option<&'v mut Spanned<DeValue<'t>>> {
    match value.get_mut() {
        DeValue::Array(items) => step.parse::<usize>().ok().and_then(|index| items.get_mut(index)),
        DeValue::Table(table) => table.get_mut(step),
        DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
            None
        }
    }
}

fn split(path: &str) -> (&str, Option<&str>) {
    path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)))
}

fn set<'t>(table: &mut DeTable<'t>, key: &str, value: Spanned<DeValue<'t>>) -> bool {
    if let Some(present) = table.get_mut(key) {
        *present = value;
    } else {
        table.insert(Spanned::new(value.span(), key.to_owned().into()), value);
    }
    true
}

/// Line and column, from 1, of a byte of the text; columns count characters.
pub(super) fn place(text: &str, offset: usize) -> (u64, u64) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |i| i + 1);
    let line = before.matches('\n').count() + 1;
    let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
    (line as u64, column as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_dotted_path() {
        let text = "vantage = \"đ\"\n[snmp]\nperiod = \"1m\"\n[[snmp.credential]]\nname = \"a\"\n";
        let mut findings = Findings::default();
        let source = Source::parse(PathBuf::from("f"), text, &mut findings);
        assert!(findings.is_empty());
        let at = |path: &str| source.span(path).map(|span| place(text, span.start));
        assert_eq!(at("vantage"), Some((1, 11)));
        assert_eq!(at("snmp.period"), Some((3, 10)));
        assert_eq!(at("snmp.credential.0.name"), Some((5, 8)));
        assert_eq!(at("snmp.credential.1.name"), None);
        let fault = source.fault_at("snmp.credential.0.user", "no user", "give one");
        assert_eq!(fault.and_then(|f| f.line), Some(4), "a missing key is reported at its section");
    }
}
