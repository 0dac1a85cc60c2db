//! A sentence with places for what is put into it.

use std::borrow::Cow;

/// What may stand in a place of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// `{}`: a name, a path, a number, words of others; taken as it is.
    Quoted,
    /// `{text}`: again a sentence, or what the tables do not know, as it is.
    Text,
    /// `{list}`: names with "and" or "or" between them.
    List,
    /// `{number}`: a number that is told and not typed, with the decimal sign of the language.
    Number,
}

impl Place {
    fn of(name: &str) -> Option<Self> {
        match name {
            "" => Some(Self::Quoted),
            "text" => Some(Self::Text),
            "list" => Some(Self::List),
            "number" => Some(Self::Number),
            _ => None,
        }
    }
}

/// Words with what stands between them: one more than there are places. `{{` and `}}` are braces.
fn split(pattern: &str) -> Option<(Vec<String>, Vec<&str>)> {
    let (mut words, mut places) = (vec![String::new()], Vec::new());
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, brace) = rest.split_at_checked(at)?;
        words.last_mut()?.push_str(before);
        let doubled = brace.get(..2).filter(|two| matches!(*two, "{{" | "}}"));
        if doubled.is_some() {
            words.last_mut()?.push_str(brace.get(..1)?);
            rest = brace.get(2..)?;
        } else {
            let (place, after) = brace.strip_prefix('{')?.split_once('}')?;
            places.push(place);
            words.push(String::new());
            rest = after;
        }
    }
    words.last_mut()?.push_str(rest);
    Some((words, places))
}

/// An English sentence and its Vietnamese.
#[derive(Debug)]
pub(super) struct Sentence {
    /// English words, one more than there are places.
    words: Vec<String>,
    /// The places between them.
    pub(super) places: Vec<Place>,
    /// Vietnamese words, and before each but the first which piece stands there.
    told: Vec<(Option<usize>, String)>,
}

impl Sentence {
    /// A sentence of a table; none when its places are not written as they must be, or the two have not the same ones.
    pub(super) fn of(english: &str, vietnamese: &str) -> Option<Self> {
        let (words, places) = split(english)?;
        let places: Vec<Place> = places.into_iter().map(Place::of).collect::<Option<_>>()?;
        let (told, order) = split(vietnamese)?;
        let order: Vec<usize> = order
            .into_iter()
            .enumerate()
            .map(
                |(nth, number)| {
                    if number.is_empty() { Some(nth) } else { number.parse::<usize>().ok()?.checked_sub(1) }
                },
            )
            .collect::<Option<_>>()?;
        let mut all = order.clone();
        all.sort_unstable();
        let same = all.into_iter().eq(0..places.len());
        let told = std::iter::once(None).chain(order.into_iter().map(Some)).zip(told).collect();
        same.then_some(Self { words, places, told })
    }

    /// How many letters of it are its own.
    pub(super) fn weight(&self) -> usize {
        self.words.iter().map(|words| words.chars().count()).sum()
    }

    /// What stands in the places when `text` is this sentence.
    pub(super) fn pieces<'t>(&self, text: &'t str) -> Option<Vec<&'t str>> {
        let (first, others) = self.words.split_first()?;
        let mut rest = text.strip_prefix(first.as_str())?;
        let Some((last, between)) = others.split_last() else { return rest.is_empty().then(Vec::new) };
        let mut pieces = Vec::with_capacity(others.len());
        for words in between {
            let (piece, after) = rest.split_once(words.as_str())?;
            pieces.push(piece);
            rest = after;
        }
        pieces.push(rest.strip_suffix(last.as_str())?);
        let fits = |(place, piece): (&Place, &&str)| *place != Place::Number || piece.parse::<f64>().is_ok();
        self.places.iter().zip(&pieces).all(fits).then_some(pieces)
    }

    /// The English sentence around these pieces.
    #[cfg(test)]
    pub(super) fn english(&self, pieces: &[String]) -> String {
        let pieces = std::iter::once("").chain(pieces.iter().map(String::as_str));
        pieces.zip(&self.words).flat_map(|(piece, words)| [piece, words.as_str()]).collect()
    }

    /// The Vietnamese sentence around these pieces.
    pub(super) fn tell(&self, pieces: &[Cow<'_, str>]) -> String {
        let piece = |nth: &Option<usize>| nth.and_then(|nth| pieces.get(nth)).map_or("", |piece| piece);
        self.told.iter().flat_map(|(nth, words)| [piece(nth), words.as_str()]).collect()
    }
}
