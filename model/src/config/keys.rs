//! From TOML to [`Config`] with every fault on the way: unknown keys, missing keys, values of a wrong type.

use std::{mem, ops::Range};

use serde::Deserialize;
use toml::{
    Spanned,
    de::{DeArray, DeTable, DeValue, Deserializer, Error},
};

use super::{Config, source::Source};
use crate::{
    findings::{FAULTS_MAX, Findings},
    suggest,
};

/// Every key once, with an example of its value.
pub(super) const EVERY_KEY: &str = include_str!("every_key.toml");

/// Keys that hold the name of a secret. What stands there by mistake may be the secret itself and is never repeated.
const SECRET_KEYS: [&str; 7] =
    ["token_file", "community", "auth_password", "priv_password", "url_file", "secret_file", "password_file"];

/// Parts of unknown keys that tell of a secret in the wrong place.
const SECRET_WORDS: [&str; 6] = ["token", "password", "passphrase", "secret", "community", "key"];

/// The remedy for a secret in the configuration.
pub(super) const SECRET_HINT: &str = "a secret is never written here: put it into a file that others cannot read \
     (chmod 640) and give its path, or \"credential:NAME\" of systemd's LoadCredential";

/// Reads everything that can be read. A value that cannot is a fault and counts as its example, so that the rest is
/// still judged; the configuration may be used only when there was no fault.
pub(super) fn read(source: &mut Source<'_>, findings: &mut Findings) -> Config {
    list_of_one(source);
    read_as(source, EVERY_KEY, findings)
}

/// The same of any file whose keys stand in `every_key`, each once and with an example of its value.
pub(super) fn read_as<T>(source: &mut Source<'_>, every_key: &'static str, findings: &mut Findings) -> T
where
    T: for<'de> Deserialize<'de> + Default,
{
    let Ok(known) = DeTable::parse(every_key) else { return T::default() };
    remove_unknown(source, known.get_ref(), findings);
    // Each turn repairs one value, and no more faults than these are shown.
    for _ in 0..FAULTS_MAX {
        let error = match T::deserialize(Deserializer::from(source.table.clone())) {
            Ok(config) => return config,
            Err(error) => error,
        };
        if !replace_refused(source, (known.get_ref(), every_key), &error, findings) {
            findings.push(source.fault(error.span(), error.message(), "see docs/configuration.md"));
            source.refused.push(String::new());
            break;
        }
    }
    T::default()
}

/// `[influx]` is the same as a single `[[influx]]`: from here on it is a list.
fn list_of_one(source: &mut Source<'_>) {
    let Some(value) = source.table.get_mut().get_mut("influx").filter(|value| value.get_ref().is_table()) else {
        return;
    };
    let span = value.span();
    let table = mem::replace(value, Spanned::new(span.clone(), DeValue::Boolean(false)));
    let mut list = DeArray::new();
    list.push(table);
    *value = Spanned::new(span, DeValue::Array(list));
}

/// Takes out what is not known, with a fault for each.
fn remove_unknown(source: &mut Source<'_>, known: &DeTable<'_>, findings: &mut Findings) {
    let mut unknown = Vec::new();
    strip(source.table.get_mut(), "", known, &mut unknown);
    for Unknown { section, key, span, siblings } in unknown {
        let names = siblings.iter().map(String::as_str);
        let secret = SECRET_WORDS.iter().any(|word| key.to_ascii_lowercase().contains(word));
        let hint = match (secret, suggest::nearest(&key, names.clone())) {
            (true, None) => SECRET_HINT.to_owned(),
            _ => suggest::hint(&key, names),
        };
        findings.push(source.fault(Some(span), &format!("unknown key \"{key}\""), hint));
        source.refused.push(format!("{section}{key}"));
    }
}

struct Unknown {
    /// Dotted path of its section with a dot at the end; empty at the top.
    section: String,
    key: String,
    span: Range<usize>,
    siblings: Vec<String>,
}

fn strip(table: &mut DeTable<'_>, section: &str, known: &DeTable<'_>, unknown: &mut Vec<Unknown>) {
    let mut names = Vec::new();
    for key in table.keys().filter(|key| !known.contains_key(key.get_ref().as_ref())) {
        let siblings = known.keys().map(|known| known.get_ref().to_string()).collect();
        let name = key.get_ref().to_string();
        names.push(name.clone());
        unknown.push(Unknown { section: section.to_owned(), key: name, span: key.span(), siblings });
    }
    for name in names {
        table.remove(name.as_str());
    }
    for (key, value) in table.iter_mut() {
        let Some(pattern) = known.get(key.get_ref().as_ref()) else { continue };
        let section = format!("{section}{}.", key.get_ref());
        match (value.get_mut(), pattern.get_ref()) {
            (DeValue::Table(inner), DeValue::Table(pattern)) => strip(inner, &section, pattern, unknown),
            (DeValue::Array(items), DeValue::Array(patterns)) => {
                let Some(DeValue::Table(pattern)) = patterns.first().map(Spanned::get_ref) else { continue };
                for item in items.iter_mut() {
                    if let DeValue::Table(inner) = item.get_mut() {
                        strip(inner, &section, pattern, unknown);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Reports the value that `error` refuses and puts its example in its place; false when it cannot be found.
fn replace_refused<'t>(
    source: &mut Source<'t>,
    (known, every_key): (&DeTable<'t>, &str),
    error: &Error,
    findings: &mut Findings,
) -> bool {
    let Some(span) = error.span() else { return false };
    let missing = error.message().strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
    let Some(refused) = path_at(source.table.get_ref(), &span, missing.is_some()) else { return false };
    let path = match missing {
        Some(field) => format!("{refused}.{field}"),
        None => refused,
    };
    let key = path.rsplit('.').find(|step| step.parse::<usize>().is_err()).unwrap_or(&path).to_owned();
    let Some((path, example)) = example_of(known, &path) else { return false };
    let message = match missing {
        Some(field) => format!("\"{field}\" is missing"),
        None if SECRET_KEYS.contains(&key.as_str()) => format!("\"{key}\" is not a text"),
        None => format!("\"{key}\": {}", error.message()),
    };
    let hint = if example.get_ref().is_table() || example.get_ref().is_array() {
        format!("see \"{path}\" in docs/configuration.md")
    } else if missing.is_none() && SECRET_KEYS.contains(&key.as_str()) {
        SECRET_HINT.to_owned()
    } else {
        format!("as in: {key} = {}", every_key.get(example.span()).unwrap_or_default())
    };
    findings.push(source.fault(Some(span.clone()), &message, hint));
    source.replace(&path, Spanned::new(span, example.into_inner()))
}

/// The dotted path of the value that stands at `span`, or of the table: what was put in for a missing key has the place
/// of its table.
fn path_at(table: &DeTable<'_>, span: &Range<usize>, want_table: bool) -> Option<String> {
    table.iter().find_map(|(key, value)| path_in(key.get_ref(), value, span, want_table))
}

fn path_in(path: &str, value: &Spanned<DeValue<'_>>, span: &Range<usize>, want_table: bool) -> Option<String> {
    let inside = |step: &str, value| path_in(&format!("{path}.{step}"), value, span, want_table);
    let inner = match (value.get_ref().as_table(), value.get_ref().as_array()) {
        (Some(table), _) => table.iter().find_map(|(key, value)| inside(key.get_ref(), value)),
        (None, Some(items)) => items.iter().enumerate().find_map(|(index, item)| inside(&index.to_string(), item)),
        (None, None) => None,
    };
    let here = value.span() == *span && (!want_table || value.get_ref().is_table());
    inner.or_else(|| here.then(|| path.to_owned()))
}

/// The example for the value at a path, and the path it belongs to: an item of a list of plain values is replaced with
/// its whole list.
fn example_of<'t>(known: &DeTable<'t>, path: &str) -> Option<(String, Spanned<DeValue<'t>>)> {
    let mut taken = Vec::new();
    let mut steps = path.split('.');
    let first = steps.next()?;
    let mut example = known.get(first)?;
    taken.push(first);
    for step in steps {
        example = match example.get_ref().as_array() {
            None => example.get_ref().as_table()?.get(step)?,
            Some(items) => match items.first().filter(|item| item.get_ref().is_table()) {
                Some(item) => item,
                None => break,
            },
        };
        taken.push(step);
    }
    Some((taken.join("."), example.clone()))
}
