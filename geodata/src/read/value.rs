//! Properties of formats that are not JSON, read into the same types.

use std::borrow::Cow;

use serde::{
    Deserializer,
    de::{
        IntoDeserializer, Visitor,
        value::{Error, MapDeserializer},
    },
    forward_to_deserialize_any,
};

use super::{Properties, report::Wrong};

/// Letters that a DBF table keeps of a name.
pub(crate) const DBF_NAME_LETTERS: usize = 10;

/// One value of a table or of a placemark.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Nothing, or a field of blanks.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Another number.
    Real(f64),
    /// A text, without blanks around it.
    Text(String),
}

impl Value {
    /// A text; blanks are padding, and nothing but blanks is nothing.
    pub(super) fn text(text: &str) -> Self {
        let text = text.trim();
        if text.is_empty() { Self::Null } else { Self::Text(text.to_owned()) }
    }
}

/// The properties that named values give; names that mean nothing here are left aside.
pub(super) fn properties<P: Properties>(values: Vec<(String, Value)>) -> Result<P, Wrong> {
    let known = values.into_iter().filter_map(|(name, value)| Some((meant::<P>(&name)?.into_owned(), value)));
    P::deserialize(MapDeserializer::new(known)).map_err(|e: Error| (format!("properties: {e}"), P::HINT.to_owned()))
}

/// Whether a field of a table stands for a property.
pub(super) fn is_meant<P: Properties>(field: &str) -> bool {
    meant::<P>(field).is_some()
}

/// The name of a property that a field of a table stands for.
fn meant<P: Properties>(field: &str) -> Option<Cow<'_, str>> {
    if P::ANY {
        return Some(Cow::Borrowed(field.trim()));
    }
    let field = field.trim().to_lowercase();
    let cut = field.chars().count() == DBF_NAME_LETTERS;
    let name = P::NAMES.iter().copied().find(|name| *name == field || (cut && name.starts_with(&field)));
    name.map(Cow::Borrowed)
}

impl<'de> Deserializer<'de> for Value {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Self::Null => visitor.visit_unit(),
            Self::Bool(value) => visitor.visit_bool(value),
            Self::Integer(value) => visitor.visit_i64(value),
            Self::Real(value) => visitor.visit_f64(value),
            Self::Text(value) => visitor.visit_string(value),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self == Self::Null { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    /// SQLite has no truth values, and KML has only texts.
    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let bool = match &self {
            Self::Bool(value) => Some(*value),
            Self::Integer(0) => Some(false),
            Self::Integer(1) => Some(true),
            Self::Text(text) => text.to_lowercase().parse().ok(),
            Self::Null | Self::Integer(_) | Self::Real(_) => None,
        };
        match bool {
            Some(value) => visitor.visit_bool(value),
            None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self {
            Self::Text(text) => text.into_deserializer().deserialize_enum(name, variants, visitor),
            Self::Null | Self::Bool(_) | Self::Integer(_) | Self::Real(_) => self.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct newtype_struct
        seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl IntoDeserializer<'_, Error> for Value {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Village {
        households_total: Option<u64>,
        example: Option<bool>,
        name: Option<String>,
    }

    impl Properties for Village {
        const NAMES: &'static [&'static str] = &["households_total", "example", "name"];
        const HINT: &'static str = "a village";
    }

    fn read(values: &[(&str, Value)]) -> Result<Village, Wrong> {
        properties(values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
    }

    #[test]
    fn names_are_known_cut_and_in_capitals() {
        let village =
            read(&[("HOUSEHOLDS", Value::Integer(7)), ("Example", Value::text(" TRUE ")), ("x", Value::Null)]);
        assert_eq!(village, Ok(Village { households_total: Some(7), example: Some(true), name: None }));
        assert_eq!(read(&[("house", Value::Integer(7))]), read(&[]), "only ten letters stand for a longer name");
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_told() {
        let wrong = read(&[("name", Value::Integer(691))]).expect_err("a number is no name");
        assert_eq!(wrong.0, "properties: invalid type: integer `691`, expected a string");
        let twice = read(&[("name", Value::text("a")), ("NAME", Value::text("b"))]).expect_err("which of them?");
        assert_eq!(twice.0, "properties: duplicate field `name`");
        assert!(read(&[("example", Value::text("perhaps"))]).is_err());
        assert_eq!(read(&[("example", Value::Integer(1)), ("name", Value::text("  "))]).map(|v| v.name), Ok(None));
    }
}
