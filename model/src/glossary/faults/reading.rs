//! From a text to its Vietnamese.
//!
//! A message is a sentence, often behind what it is about: `layer.zip: record 4: its shape is a MultiPatch`. Of all ways to
//! read it the one counts that leaves the fewest letters untold.

use std::borrow::Cow;

use super::{
    sentence::{Place, Sentence},
    tables::sentences,
};

/// What may stand between a sentence and what it is about, or a second sentence.
const BETWEEN: [&str; 2] = [": ", "; "];

/// Parts of a text that are looked at one by one; a text of more is quoted from somebody, and its rest is one part.
const PARTS_MAX: usize = 16;

/// Sentences in sentences.
const DEPTH_MAX: usize = 4;

/// A way to read a text.
pub(super) struct Reading {
    /// Letters that a table knows.
    told: usize,
    /// Whether its last part is a sentence of a table; what stands before it may be a name.
    pub(super) ends_told: bool,
    /// The Vietnamese.
    pub(super) text: String,
}

/// The best reading of a text; none when nothing in it is known.
pub(super) fn read(text: &str) -> Option<Reading> {
    let reading = within(text, DEPTH_MAX);
    (reading.told > 0).then_some(reading)
}

fn within(text: &str, depth: usize) -> Reading {
    let mut ends: Vec<(usize, &str)> = BETWEEN.iter().flat_map(|between| text.match_indices(between)).collect();
    ends.sort_unstable();
    ends.truncate(PARTS_MAX);
    let mut starts: Vec<usize> = ends.iter().map(|(at, between)| at + between.len()).collect();
    starts.insert(0, 0);
    // From the last part to the first: how the rest behind each is read best is known by then.
    let mut best: Vec<Reading> = Vec::new();
    for (part, start) in starts.iter().enumerate().rev() {
        let mut here = alone(text.get(*start..).unwrap_or_default(), depth);
        for (offset, (end, between)) in ends.iter().enumerate().skip(part) {
            let Some(rest) = starts.len().checked_sub(offset + 2).and_then(|from_last| best.get(from_last)) else {
                continue;
            };
            let before = alone(text.get(*start..*end).unwrap_or_default(), depth);
            if before.told + rest.told > here.told {
                here = Reading {
                    told: before.told + rest.told,
                    ends_told: rest.ends_told,
                    text: format!("{}{between}{}", before.text, rest.text),
                };
            }
        }
        best.push(here);
    }
    best.pop().unwrap_or_else(|| alone(text, depth))
}

/// A text as one sentence.
fn alone(text: &str, depth: usize) -> Reading {
    let known = sentences().iter().filter_map(|sentence| {
        let pieces = sentence.pieces(text)?;
        Some((sentence, pieces))
    });
    let mut best = Reading { told: 0, ends_told: false, text: text.to_owned() };
    for (sentence, pieces) in known {
        let reading = told(sentence, &pieces, depth);
        if reading.told > best.told {
            best = reading;
        }
    }
    best
}

fn told(sentence: &Sentence, pieces: &[&str], depth: usize) -> Reading {
    let mut letters = sentence.weight();
    let told = sentence.places.iter().zip(pieces).map(|(place, piece)| match place {
        Place::Quoted => Cow::Borrowed(*piece),
        Place::Text => match depth.checked_sub(1) {
            None => Cow::Borrowed(*piece),
            Some(depth) => {
                let inner = within(piece, depth);
                letters += inner.told;
                Cow::Owned(inner.text)
            }
        },
        Place::List => Cow::Owned(piece.replace(" or ", " hoặc ").replace(" and ", " và ")),
        Place::Number => Cow::Owned(piece.replace('.', ",")),
    });
    let pieces: Vec<Cow<'_, str>> = told.collect();
    Reading { told: letters, ends_told: true, text: sentence.tell(&pieces) }
}
