//! "Did you mean": the known word nearest to one that is not known. It is suggested, never taken.

use crate::{fold, names::edit_distance};

/// More known words than this are not searched, so that a file full of wrong references is still answered at once.
const SEARCHED_MAX: usize = 50_000;

/// The known word nearest to `word`, when it is near enough to have been meant.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = fold(word);
    let length = word.chars().count();
    let limit = 1 + length / 4;
    known
        .into_iter()
        .take(SEARCHED_MAX)
        .map(|candidate| (fold(candidate), candidate))
        .filter(|(folded, _)| folded.chars().count().abs_diff(length) <= limit)
        .map(|(folded, candidate)| (edit_distance(&folded, &word), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// A hint for a word that is not known: the nearest known word, else all of them.
pub(crate) fn hint<'a>(word: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(word, known.clone()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("known are: {}", known.into_iter().collect::<Vec<_>>().join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_suggested_and_a_far_one_is_not() {
        let known = ["period", "echoes", "timeout"];
        assert_eq!(nearest("perod", known), Some("period"));
        assert_eq!(nearest("Time-Out", known), Some("timeout"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(hint("colour", known), "known are: period, echoes, timeout");
    }
}
