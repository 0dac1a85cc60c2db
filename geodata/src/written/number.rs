//! Numbers with a point or a comma, and with separators of thousands.

/// Marks that may part thousands; a space of any width has become a plain one.
const MARKS: [char; 3] = ['.', ',', ' '];

/// Every value that a text of digits and marks may have, without a sign: `417.483` has two.
pub(super) fn values(text: &str) -> Vec<f64> {
    // A unit says nothing that the coordinate system does not.
    let text = text.strip_suffix(['M', '°', 'º', '˚']).unwrap_or(text).trim_end();
    let mut found: Vec<f64> = Vec::new();
    for decimal in [None, Some('.'), Some(',')] {
        let parts = match decimal {
            None => Some((text, "")),
            Some(mark) => text.split_once(mark).filter(|(_, fraction)| !fraction.is_empty()),
        };
        let Some((whole, fraction)) = parts else { continue };
        if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        let Some(digits) = whole_digits(whole, decimal) else { continue };
        if let Ok(value) = format!("{digits}.{fraction}0").parse::<f64>()
            && !found.contains(&value)
        {
            found.push(value);
        }
    }
    found
}

/// The digits of a whole number, its thousands parted by one mark or none.
fn whole_digits(text: &str, decimal: Option<char>) -> Option<String> {
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if is_digits(text) {
        return Some(text.to_owned());
    }
    MARKS.iter().filter(|mark| Some(**mark) != decimal).find_map(|mark| {
        let (first, rest) = text.split_once(*mark)?;
        let first_is_group = is_digits(first) && first.len() <= 3 && !first.starts_with('0');
        let rest_are_groups = rest.split(*mark).all(|group| is_digits(group) && group.len() == 3);
        (first_is_group && rest_are_groups).then(|| text.replace(*mark, ""))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_and_commas_are_read_in_every_way_they_allow() {
        for (text, expected) in [
            ("105", vec![105.0]),
            ("105,34808", vec![105.34808]),
            ("105.34808°", vec![105.34808]),
            ("2.450.382,337", vec![2_450_382.337]),
            ("2,450,382.337", vec![2_450_382.337]),
            ("2 450 382,337 M", vec![2_450_382.337]),
            ("2.450.382", vec![2_450_382.0]),
            ("417.483", vec![417_483.0, 417.483]),
            ("417,483", vec![417_483.0, 417.483]),
            ("0.483", vec![0.483]),
            ("1417.483", vec![1417.483]),
            ("10534808", vec![10_534_808.0]),
            ("417.483.75", vec![]),
            ("22.37.45", vec![]),
            ("1,2,3", vec![]),
            ("1..2", vec![]),
            ("12.", vec![]),
            (".5", vec![]),
            ("1e5", vec![]),
            ("NAN", vec![]),
            ("", vec![]),
            ("2 450.382,5", vec![]),
        ] {
            assert_eq!(values(text), expected, "{text}");
        }
    }
}
