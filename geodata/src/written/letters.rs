//! The letters of the compass and the words for an axis, before or after a number.

use super::Axis;

/// A text without its letters.
#[derive(Debug, PartialEq)]
pub(super) struct Lettered {
    /// Digits and what stands between them, upper case.
    pub(super) body: String,
    /// The axis that the letters name.
    pub(super) axis: Option<Axis>,
    /// A minus, south or west.
    pub(super) is_negative: bool,
}

/// What a word says: the axis, and the direction along it when it names one; true is south or west.
type Meaning = (Axis, Option<bool>);

const EAST: Meaning = (Axis::X, Some(false));
const WEST: Meaning = (Axis::X, Some(true));
const NORTH: Meaning = (Axis::Y, Some(false));
const SOUTH: Meaning = (Axis::Y, Some(true));

/// Words in NFC and upper case; a word stands before those that it begins or ends with.
///
/// `N` is north although *Nam*, south, begins with it: nothing of Vietnam lies south of the equator. `X` and `Y` are
/// left out: surveyors count X northwards, programs eastwards.
const WORDS: [(&str, Meaning); 30] = [
    ("LONGITUDE", (Axis::X, None)),
    ("LATITUDE", (Axis::Y, None)),
    ("EASTING", EAST),
    ("NORTHING", NORTH),
    ("KINH ĐỘ", (Axis::X, None)),
    ("KINH DO", (Axis::X, None)),
    ("VĨ ĐỘ", (Axis::Y, None)),
    ("VI DO", (Axis::Y, None)),
    ("LONG", (Axis::X, None)),
    ("LON", (Axis::X, None)),
    ("LNG", (Axis::X, None)),
    ("LAT", (Axis::Y, None)),
    ("KINH", (Axis::X, None)),
    ("VĨ", (Axis::Y, None)),
    ("KĐ", (Axis::X, None)),
    ("VĐ", (Axis::Y, None)),
    ("ĐÔNG", EAST),
    ("DONG", EAST),
    ("BẮC", NORTH),
    ("BAC", NORTH),
    ("NAM", SOUTH),
    ("TÂY", WEST),
    ("E", EAST),
    ("Đ", EAST),
    ("D", EAST),
    ("N", NORTH),
    ("B", NORTH),
    ("S", SOUTH),
    ("W", WEST),
    ("T", WEST),
];

/// Words stripped at most: an axis and a direction, on either side.
const MAX_WORDS: usize = 4;

/// Takes the letters off a text in NFC; `None` when they contradict each other.
pub(super) fn strip(text: &str) -> Option<Lettered> {
    // "22.5d" ends with a degree sign, "105D" with an east.
    let is_degrees = |rest: &&str| rest.ends_with(|c: char| c.is_ascii_digit());
    let text = text.strip_suffix('d').filter(is_degrees).unwrap_or(text).to_uppercase();
    let mut rest = text.trim();
    let (mut axis, mut direction) = (None, None);
    for _ in 0..MAX_WORDS {
        let Some((shorter, (named, towards))) = without_word(rest) else { break };
        let contradicts = axis.is_some_and(|a| a != named) || (direction.is_some() && towards.is_some());
        if contradicts {
            return None;
        }
        (axis, direction) = (Some(named), direction.or(towards));
        rest = shorter;
    }
    let (body, has_minus) = match rest.strip_prefix(['-', '−']) {
        Some(body) => (body, true),
        None => (rest.strip_prefix('+').unwrap_or(rest), false),
    };
    if has_minus && direction.is_some() {
        return None;
    }
    Some(Lettered { body: body.trim().to_owned(), axis, is_negative: has_minus || direction == Some(true) })
}

/// The text without the word at one of its ends.
fn without_word(text: &str) -> Option<(&str, Meaning)> {
    let leading = |word: &str| {
        let rest = text.strip_prefix(word)?;
        // Part of a longer word that is not known.
        (!rest.starts_with(char::is_alphabetic)).then(|| rest.trim_start_matches([' ', ':', '=']))
    };
    let trailing = |word: &str| {
        let rest = text.strip_suffix(word)?;
        let is_second = word == "S" && rest.ends_with(|c: char| c.is_ascii_digit()) && rest.contains('M');
        (!is_second && !rest.ends_with(char::is_alphabetic)).then(|| rest.trim_end())
    };
    WORDS.iter().find_map(|(word, meaning)| leading(word).or_else(|| trailing(word)).map(|rest| (rest, *meaning)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_name_the_axis_and_the_direction() {
        for (text, body, axis, is_negative) in [
            ("22.5", "22.5", None, false),
            ("-22.5", "22.5", None, true),
            ("22.5N", "22.5", Some(Axis::Y), false),
            ("N 22.5", "22.5", Some(Axis::Y), false),
            ("22.5 B", "22.5", Some(Axis::Y), false),
            ("22.5° Bắc", "22.5°", Some(Axis::Y), false),
            ("vĩ độ Bắc: 22.5", "22.5", Some(Axis::Y), false),
            ("22.5 vĩ độ Bắc", "22.5", Some(Axis::Y), false),
            ("22.5 Nam", "22.5", Some(Axis::Y), true),
            ("22.5S", "22.5", Some(Axis::Y), true),
            ("105.2Đ", "105.2", Some(Axis::X), false),
            ("105.2 đông", "105.2", Some(Axis::X), false),
            ("105.2D", "105.2", Some(Axis::X), false),
            ("105.2d", "105.2", None, false),
            ("KĐ = 105.2", "105.2", Some(Axis::X), false),
            ("Long: 105.2", "105.2", Some(Axis::X), false),
            ("105.2T", "105.2", Some(Axis::X), true),
            ("E417483.759 m", "417483.759 M", Some(Axis::X), false),
            // A sign of seconds, and a south.
            ("22d37m45s", "22D37M45S", None, false),
            ("22d37m45 S", "22D37M45", Some(Axis::Y), true),
            ("Đ105d20m53s", "105D20M53S", Some(Axis::X), false),
        ] {
            let expected = Lettered { body: body.to_owned(), axis, is_negative };
            assert_eq!(strip(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn letters_that_contradict_each_other_are_refused() {
        for text in ["N 105 E", "vĩ độ 105 Đ", "-22.5 N", "N 22.5 S"] {
            assert_eq!(strip(text), None, "{text}");
        }
    }
}
