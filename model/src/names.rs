//! Vietnamese names: one spelling inside (NFC), any spelling when asking.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::Commune;

/// The text in NFC, white space at the ends removed and runs of it made one space.
#[must_use]
pub fn nfc(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").nfc().collect()
}

/// A name without tones, case, spaces and hyphens, for comparing: `Nà Hang`, `na hang` and `NA-HANG` are one.
/// `đ` has no decomposition and is mapped by hand.
#[must_use]
pub fn fold(text: &str) -> String {
    text.nfd()
        .filter(|c| !is_combining_mark(*c) && !c.is_whitespace() && !matches!(c, '-' | '_' | '.' | '\''))
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'đ' { 'd' } else { c })
        .collect()
}

/// What a name was found to be.
#[derive(Debug, Clone, PartialEq)]
pub enum Lookup<'a> {
    /// Exactly one commune.
    Found(&'a Commune),
    /// Several communes fit.
    Ambiguous(Vec<&'a Commune>),
    /// None fits; these are close, nearest first. They are suggested, never taken.
    Unknown(Vec<&'a Commune>),
}

/// Most suggestions after a name that fits nothing.
const SUGGESTIONS: usize = 3;

impl<'a> Lookup<'a> {
    /// Finds a commune by code, then exact name, then folded name, then former name, then unique folded beginning.
    #[must_use]
    pub fn commune(communes: &'a [Commune], asked: &str) -> Self {
        let exact = nfc(asked);
        let folded = fold(&strip_kind(&exact));
        let stages: [&dyn Fn(&Commune) -> bool; 5] = [
            &|c| c.code.as_str() == exact,
            &|c| c.name == exact,
            &|c| fold(&c.name) == folded || fold(&c.name) == fold(&exact),
            &|c| c.aliases.iter().any(|a| fold(&strip_kind(a)) == folded),
            &|c| !folded.is_empty() && fold(&c.name).starts_with(&folded),
        ];
        for fits in stages {
            let mut hits: Vec<&Commune> = communes.iter().filter(|c| fits(c)).collect();
            match hits.len() {
                0 => {}
                1 => return Self::Found(hits.remove(0)),
                _ => return Self::Ambiguous(hits),
            }
        }
        Self::Unknown(nearest(communes, &folded))
    }
}

/// The name without the word for its kind in front: `xã Nà Hang` asks for `Nà Hang`.
fn strip_kind(name: &str) -> String {
    let lower = name.to_lowercase();
    for kind in ["xã ", "phường ", "thị trấn ", "xa ", "phuong ", "thi tran "] {
        if lower.starts_with(kind) {
            return name.chars().skip(kind.chars().count()).collect();
        }
    }
    name.to_owned()
}

fn nearest<'a>(communes: &'a [Commune], folded: &str) -> Vec<&'a Commune> {
    let limit = 1 + folded.chars().count() / 4;
    let mut scored: Vec<(usize, &Commune)> = communes
        .iter()
        .map(|c| (edit_distance(&fold(&c.name), folded), c))
        .filter(|(distance, _)| *distance <= limit)
        .collect();
    scored.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.code.cmp(&b.1.code)));
    scored.into_iter().take(SUGGESTIONS).map(|(_, c)| c).collect()
}

/// Levenshtein distance; folded names are short ASCII, so the plain table is enough.
pub(crate) fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (cb, above) in b.iter().zip(row.iter().skip(1)) {
            left = (diagonal + usize::from(ca != *cb)).min(left + 1).min(above + 1);
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CommuneKind;

    fn commune(code: &str, name: &str, aliases: &[&str]) -> Commune {
        Commune {
            code: code.parse().expect("code"),
            name: nfc(name),
            kind: CommuneKind::Commune,
            area_km2: None,
            label: None,
            population: None,
            aliases: aliases.iter().map(|a| nfc(a)).collect(),
        }
    }

    fn found(list: &[Commune], asked: &str) -> Option<String> {
        match Lookup::commune(list, asked) {
            Lookup::Found(c) => Some(c.name.clone()),
            Lookup::Ambiguous(_) | Lookup::Unknown(_) => None,
        }
    }

    #[test]
    fn any_spelling_finds_the_commune() {
        let list = [commune("02221", "Nà Hang", &["Thị trấn Na Hang", "Năng Khả"]), commune("02548", "Bình Ca", &[])];
        for asked in
            ["Nà Hang", "na hang", "NA-HANG", "nahang", "02221", "xã Nà Hang", "Na\u{300} Hang", "nang kha", "na"]
        {
            assert_eq!(found(&list, asked).as_deref(), Some("Nà Hang"), "{asked}");
        }
    }

    #[test]
    fn a_typo_is_answered_with_suggestions_and_not_repaired() {
        let list = [commune("02404", "Bình Xa", &[]), commune("02548", "Bình Ca", &[])];
        assert!(matches!(Lookup::commune(&list, "binh sa"), Lookup::Unknown(near) if near.len() == 2));
        assert!(matches!(Lookup::commune(&list, "binh"), Lookup::Ambiguous(hits) if hits.len() == 2));
        assert!(matches!(Lookup::commune(&list, ""), Lookup::Unknown(_)));
    }

    #[test]
    fn distance_is_levenshteins() {
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(edit_distance("binhca", "binhxa"), 1);
    }
}
