//! Counts as officers write them.

use crate::{
    read::{Report, shown},
    tables::Row,
};

/// More people than any province has are a phone number or a slip of the hand.
const MAX_COUNT: u64 = 100_000_000;

/// A count that a column has; none where nothing is written. What is no count is a fault.
pub(super) fn count(row: &Row<'_>, name: &str, report: &mut Report) -> Option<u64> {
    let text = row.text(name)?;
    let count = of(text).filter(|count| *count <= MAX_COUNT);
    if count.is_none() {
        let message = format!("{:?} is no count", shown(text));
        row.fault(name, &message, "write a whole number, as 3199 or 3.199, or leave the cell empty", report);
    }
    count
}

/// Digits, which points, commas or blanks may part into groups of three.
fn of(text: &str) -> Option<u64> {
    let is_mark = |letter: char| matches!(letter, '.' | ',' | ' ' | '\u{a0}' | '\u{202f}');
    let mut groups = text.split(is_mark);
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let is_digits = |group: &str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
    let is_grouped = rest.is_empty() || (first.len() <= 3 && rest.iter().all(|group| group.len() == 3));
    if !is_grouped || !is_digits(first) || !rest.iter().all(|group| is_digits(group)) {
        return None;
    }
    format!("{first}{}", rest.concat()).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_three_are_one_number() {
        for (text, count) in [
            ("3199", 3199),
            ("3.199", 3199),
            ("1,865,270", 1_865_270),
            ("1 949", 1949),
            ("0", 0),
            ("12\u{a0}000", 12_000),
        ] {
            assert_eq!(of(text), Some(count), "{text}");
        }
        for text in ["", "3.5", "-4", "31.99", "1.2345", "chưa rõ", "3199.", "99999999999999999999999"] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
