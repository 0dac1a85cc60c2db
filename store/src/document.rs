//! Values that are kept as JSON because nothing asks for their parts.

use serde::{Serialize, de::DeserializeOwned};

use crate::Failure;

/// The value as JSON. It is read back at once: a number that JSON cannot hold would otherwise be found by the reader,
/// when it is too late.
pub(crate) fn write<T: Serialize + DeserializeOwned>(what: &'static str, value: &T) -> Result<String, Failure> {
    let unstorable = |source| Failure::Unstorable { what, source };
    let text = serde_json::to_string(value).map_err(unstorable)?;
    serde_json::from_str::<T>(&text).map_err(unstorable)?;
    Ok(text)
}

/// The value behind the JSON.
pub(crate) fn read<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::Damaged(format!("{what}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_json_cannot_hold_is_refused_before_it_is_written() {
        assert!(matches!(write("figure", &vec![f64::NAN]), Err(Failure::Unstorable { what: "figure", .. })));
    }

    #[test]
    fn numbers_come_back_to_the_last_bit() {
        let value = vec![0.1 + 0.2, 105.000_000_000_000_01, f64::MIN_POSITIVE, -0.0, 8.98846567431158e307];
        let text = write("numbers", &value).expect("json");
        let back: Vec<f64> = read("numbers", &text).expect("numbers");
        assert_eq!(
            back.iter().map(|f| f.to_bits()).collect::<Vec<_>>(),
            value.iter().map(|f| f.to_bits()).collect::<Vec<_>>()
        );
    }
}
