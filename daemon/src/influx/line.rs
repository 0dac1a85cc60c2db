//! Line protocol, written by us: the encoder of the `influxdb2` crate lets a newline in a tag start a point of its own.
//!
//! ```text
//! link_probe,vantage=province,commune=02221,link=fibre-02221,kind=fibre,probe=icmp sent=5i,lost=0i,up=true 1795422310
//! ```
//!
//! | part | rule |
//! |---|---|
//! | tag value | `,`, `=` and space behind `\`. Empty, a control character or a `\` is refused: InfluxDB 1.x reads `\\` as two characters, 2.x and 3.x as one, and none of them can end a tag with one |
//! | integer | suffix `i`. There is no unsigned: 1.x refuses it |
//! | float | shortest text that reads back as the same number. NaN and infinities have no spelling: the field is left out |
//! | string | in `"`, with `"` and `\` behind `\`. A control character is refused |
//! | time | whole seconds, sent with `precision=s`: the one spelling that all versions share |

use std::fmt::Write as _;

use phusong_model::UtcMs;
use thiserror::Error;

use super::tag::{Tag, escaped};

/// The value of a field. A field keeps its type for ever: InfluxDB refuses a point that brings another one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value<'a> {
    /// A count or a code.
    Int(i64),
    /// A measure; always written as a float.
    Float(f64),
    /// Yes or no.
    Bool(bool),
    /// A word.
    Text(&'a str),
}

/// A point: what one line says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Point<'a> {
    /// The measurement; ours, so it needs no escaping.
    pub(super) measurement: &'static str,
    /// Tags in the order they are written.
    pub(super) tags: Vec<Tag<'a>>,
    /// Fields in the order they are written.
    pub(super) fields: Vec<(&'static str, Value<'a>)>,
    /// The time; written as whole seconds.
    pub(super) at: UtcMs,
}

/// Why a point cannot be written as a line.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum Unwritable {
    /// InfluxDB has no empty tags.
    #[error("tag {key} of {measurement} is empty")]
    EmptyTag {
        /// Of which measurement.
        measurement: &'static str,
        /// Which tag.
        key: &'static str,
    },
    /// A control character or a backslash.
    #[error("tag {key} of {measurement} cannot hold {character:?}")]
    TagCharacter {
        /// Of which measurement.
        measurement: &'static str,
        /// Which tag.
        key: &'static str,
        /// What stands in the way.
        character: char,
    },
    /// A control character.
    #[error("field {key} of {measurement} cannot hold {character:?}")]
    TextCharacter {
        /// Of which measurement.
        measurement: &'static str,
        /// Which field.
        key: &'static str,
        /// What stands in the way.
        character: char,
    },
    /// No field is left: a line needs one.
    #[error("{measurement} has no field with a value")]
    NoField {
        /// Of which measurement.
        measurement: &'static str,
    },
}

impl Point<'_> {
    /// Adds the point to `out` as a line with its newline. A point that cannot be written leaves `out` as it was.
    pub(super) fn write(&self, out: &mut String) -> Result<(), Unwritable> {
        let start = out.len();
        let written = self.write_parts(out);
        if written.is_err() {
            out.truncate(start);
        }
        written
    }

    fn write_parts(&self, out: &mut String) -> Result<(), Unwritable> {
        out.push_str(self.measurement);
        for tag in &self.tags {
            self.check_tag(tag)?;
            out.push(',');
            out.push_str(tag.key());
            out.push('=');
            out.push_str(&escaped(&tag.value()));
        }
        let mut separator = ' ';
        for &(key, value) in &self.fields {
            if matches!(value, Value::Float(number) if !number.is_finite()) {
                continue;
            }
            out.push(separator);
            separator = ',';
            out.push_str(key);
            out.push('=');
            self.write_value(key, value, out)?;
        }
        if separator == ' ' {
            return Err(Unwritable::NoField { measurement: self.measurement });
        }
        push(out, format_args!(" {}\n", self.at.0.div_euclid(1000)));
        Ok(())
    }

    fn check_tag(&self, tag: &Tag<'_>) -> Result<(), Unwritable> {
        let (measurement, key, value) = (self.measurement, tag.key(), tag.value());
        if value.is_empty() {
            return Err(Unwritable::EmptyTag { measurement, key });
        }
        match value.chars().find(|c| c.is_control() || *c == '\\') {
            Some(character) => Err(Unwritable::TagCharacter { measurement, key, character }),
            None => Ok(()),
        }
    }

    fn write_value(&self, key: &'static str, value: Value<'_>, out: &mut String) -> Result<(), Unwritable> {
        match value {
            Value::Int(number) => push(out, format_args!("{number}i")),
            Value::Float(number) => push(out, format_args!("{number:?}")),
            Value::Bool(yes) => out.push_str(if yes { "true" } else { "false" }),
            Value::Text(text) => {
                if let Some(character) = text.chars().find(|c| c.is_control()) {
                    return Err(Unwritable::TextCharacter { measurement: self.measurement, key, character });
                }
                out.push('"');
                for c in text.chars() {
                    if matches!(c, '"' | '\\') {
                        out.push('\\');
                    }
                    out.push(c);
                }
                out.push('"');
            }
        }
        Ok(())
    }
}

/// Writing to a `String` cannot fail.
fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
}

#[cfg(test)]
mod tests;
