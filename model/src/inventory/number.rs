//! Numbers as spreadsheets write them in both languages. What two people would read as two numbers is refused.

use thiserror::Error;

/// Why a text is not the number that a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(super) enum NumberError {
    /// Letters, `NaN`, an exponent, a second separator.
    #[error("this is not a number")]
    NotANumber,
    /// `1.234` where a whole number is expected: one, or a thousand.
    #[error("this is not a whole number without separators")]
    NotWhole,
}

impl NumberError {
    /// What to do about it.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::NotANumber => "write digits with one decimal point or comma, and no unit or separator of thousands",
            Self::NotWhole => "write digits only, as 12345",
        }
    }
}

/// A number with a decimal point or comma.
pub(super) fn decimal(text: &str) -> Result<f64, NumberError> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once(['.', ',']).unwrap_or((unsigned, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return Err(NumberError::NotANumber);
    }
    text.replace(',', ".").parse::<f64>().ok().filter(|value| value.is_finite()).ok_or(NumberError::NotANumber)
}

/// A whole number from 0.
pub(super) fn count(text: &str) -> Result<u64, NumberError> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NumberError::NotWhole);
    }
    text.parse().map_err(|_| NumberError::NotANumber)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_decimal_signs_are_read_and_nothing_is_guessed() {
        for (text, value) in [("105.5", 105.5), ("105,5", 105.5), ("-3", -3.0), ("0,250", 0.25), ("00691", 691.0)] {
            assert_eq!(decimal(text), Ok(value), "{text}");
        }
        for bad in ["NaN", "inf", "-inf", "1e308", "1.234,5", "1,234.5", "1.2.3", "5 km", ".5", "5.", "-", "١", "0x10"]
        {
            assert_eq!(decimal(bad), Err(NumberError::NotANumber), "{bad}");
        }
        assert!(decimal(&"9".repeat(400)).is_err());
    }

    #[test]
    fn a_whole_number_has_no_separator() {
        assert_eq!(count("12345"), Ok(12345));
        for bad in ["12.345", "12,345", "12 345", "-1", "+1", "1e3", "99999999999999999999999"] {
            assert!(count(bad).is_err(), "{bad}");
        }
    }
}
