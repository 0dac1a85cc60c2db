//! Names of things, checked once where they enter.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The longest id that is accepted, in bytes: it becomes an InfluxDB tag, a URL part and a table column.
pub const ID_MAX: usize = 64;

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdError {
    /// The text is empty.
    #[error("an id cannot be empty")]
    Empty,
    /// The text is longer than [`ID_MAX`] bytes.
    #[error("an id has at most {ID_MAX} characters, this one has {0}")]
    TooLong(usize),
    /// The text has a character that an id cannot have.
    #[error("{0:?} cannot be part of an id: use letters a-z, digits and - _ . :")]
    Character(char),
    /// A commune code that is not five digits.
    #[error("a commune code has five digits with leading zeros, not {0:?}")]
    CommuneCode(String),
}

fn check_id(text: &str) -> Result<(), IdError> {
    if text.is_empty() {
        return Err(IdError::Empty);
    }
    if text.len() > ID_MAX {
        return Err(IdError::TooLong(text.chars().count()));
    }
    match text.chars().find(|c| !(c.is_ascii_alphanumeric() || "-_.:".contains(*c))) {
        Some(c) => Err(IdError::Character(c)),
        None => Ok(()),
    }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                let check: fn(&str) -> Result<(), IdError> = $check;
                check(text)?;
                Ok(Self(text.into()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.as_ref().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    };
}

text_id!(
    /// A link of the inventory: the circuit that is probed.
    LinkId,
    check_id
);
text_id!(
    /// A device that answers SNMP.
    DeviceId,
    check_id
);
text_id!(
    /// An office, a hub or a base station.
    SiteId,
    check_id
);
text_id!(
    /// A settlement (*thôn, bản, tổ dân phố*).
    SettlementId,
    check_id
);
text_id!(
    /// A group of links that is asked about together, as `video-conference`.
    GroupId,
    check_id
);
text_id!(
    /// The five-digit code of a commune-level unit (*xã, phường*), leading zeros kept.
    CommuneCode,
    |text| {
        if text.len() == 5 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(())
        } else {
            Err(IdError::CommuneCode(text.chars().take(ID_MAX).collect()))
        }
    }
);

/// A telecom operator, as its lower-case id (`viettel`); [`Operator::label`] gives the brand.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Operator(Arc<str>);

impl Operator {
    /// The id, always lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The brand as people write it; an unknown operator is its id.
    #[must_use]
    pub fn label(&self) -> &str {
        match self.as_str() {
            "viettel" => "Viettel",
            "vnpt" => "VNPT",
            "vinaphone" => "VinaPhone",
            "mobifone" => "MobiFone",
            "vietnamobile" => "Vietnamobile",
            "fpt" => "FPT",
            "gtel" => "Gtel",
            "cmc" => "CMC",
            other => other,
        }
    }
}

impl FromStr for Operator {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        check_id(text)?;
        Ok(Self(text.to_ascii_lowercase().into()))
    }
}

impl TryFrom<String> for Operator {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<Operator> for String {
    fn from(operator: Operator) -> Self {
        operator.0.as_ref().to_owned()
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Operator({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_refuse_what_would_break_a_tag_or_a_path() {
        for bad in ["", "a b", "a,b", "a=b", "a/b", "na\nhang", "đường", "\\", "\""] {
            assert!(bad.parse::<LinkId>().is_err(), "{bad:?}");
        }
        assert_eq!("x".repeat(65).parse::<LinkId>(), Err(IdError::TooLong(65)));
        assert_eq!("fibre-02221".parse::<LinkId>().map(|id| id.to_string()), Ok("fibre-02221".to_owned()));
    }

    #[test]
    fn commune_codes_keep_their_zeros() {
        assert_eq!("00691".parse::<CommuneCode>().map(|c| c.to_string()), Ok("00691".to_owned()));
        for bad in ["691", "006910", "0069a", "٠٠٦٩١"] {
            assert!(bad.parse::<CommuneCode>().is_err(), "{bad}");
        }
    }

    #[test]
    fn operators_meet_whatever_the_case() {
        assert_eq!("VinaPhone".parse::<Operator>(), "vinaphone".parse());
        assert_eq!("VIETTEL".parse::<Operator>().map(|o| o.label().to_owned()), Ok("Viettel".to_owned()));
    }
}
