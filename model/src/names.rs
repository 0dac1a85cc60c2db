//! Vietnamese names: one spelling inside (NFC), any spelling when asking.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use std::net::IpAddr;

use crate::{Commune, Link};

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
pub enum Lookup<'a, T> {
    /// Exactly one.
    Found(&'a T),
    /// Several fit.
    Ambiguous(Vec<&'a T>),
    /// None fits; these are close, nearest first. They are suggested, never taken.
    Unknown(Vec<&'a T>),
}

/// Most suggestions after a name that fits nothing.
const SUGGESTIONS: usize = 3;

impl<'a> Lookup<'a, Commune> {
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
        let near = || nearest(communes, &folded, |c| [fold(&c.name)], |c| c.code.as_str());
        first_stage(communes, &stages).unwrap_or_else(|| Self::Unknown(near()))
    }
}

impl<'a> Lookup<'a, Link> {
    /// Finds a link by id, then address, then exact name, then folded id or name, then unique folded beginning of an id.
    #[must_use]
    pub fn link(links: &'a [Link], asked: &str) -> Self {
        let exact = nfc(asked);
        let folded = fold(&exact);
        let address: Option<IpAddr> = exact.parse().ok();
        let stages: [&dyn Fn(&Link) -> bool; 5] = [
            &|link| link.id.as_str() == exact,
            &|link| address.is_some() && link.address == address,
            &|link| link.name == exact,
            &|link| !folded.is_empty() && (fold(link.id.as_str()) == folded || fold(&link.name) == folded),
            &|link| !folded.is_empty() && fold(link.id.as_str()).starts_with(&folded),
        ];
        let near = || nearest(links, &folded, |l| [fold(l.id.as_str()), fold(&l.name)], |l| l.id.as_str());
        first_stage(links, &stages).unwrap_or_else(|| Self::Unknown(near()))
    }
}

/// What the first stage that fits anything gives.
fn first_stage<'a, T>(known: &'a [T], stages: &[&dyn Fn(&T) -> bool]) -> Option<Lookup<'a, T>> {
    stages.iter().find_map(|fits| {
        let hits: Vec<&T> = known.iter().filter(|one| fits(one)).collect();
        match hits.as_slice() {
            [] => None,
            [only] => Some(Lookup::Found(*only)),
            [..] => Some(Lookup::Ambiguous(hits)),
        }
    })
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

/// Those with a folded name near to `folded`, nearest first; of equals the lesser key.
fn nearest<'a, T, const NAMES: usize>(
    known: &'a [T],
    folded: &str,
    names: impl Fn(&T) -> [String; NAMES],
    key: impl Fn(&'a T) -> &'a str,
) -> Vec<&'a T> {
    let length = folded.chars().count();
    let limit = 1 + length / 4;
    let distance = |one: &T| {
        let near = names(one).into_iter().filter(|name| name.chars().count().abs_diff(length) <= limit);
        near.map(|name| edit_distance(&name, folded)).min()
    };
    let mut scored: Vec<(usize, &T)> =
        known.iter().filter_map(|one| Some((distance(one).filter(|distance| *distance <= limit)?, one))).collect();
    scored.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| key(a.1).cmp(key(b.1))));
    scored.into_iter().take(SUGGESTIONS).map(|(_, one)| one).collect()
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

    fn commune(code: &str, name: &str, aliases: &[&str]) -> Commune {
        Commune {
            aliases: aliases.iter().map(|a| nfc(a)).collect(),
            ..Commune::new(code.parse().expect("code"), nfc(name))
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

    fn link(id: &str, name: &str, address: &str) -> Link {
        Link {
            id: id.parse().expect("id"),
            kind: crate::LinkKind::Fibre,
            name: nfc(name),
            commune: None,
            site: None,
            address: address.parse().ok(),
            service: None,
            interface: None,
            upstream: Vec::new(),
            operator: None,
            groups: Vec::new(),
            contact: crate::Contact::default(),
        }
    }

    #[test]
    fn a_link_is_found_by_id_address_or_name() {
        let links = [
            link("fibre-02221", "Cáp quang Nà Hang", "127.0.0.1"),
            link("fibre-02222", "Cáp quang Bình Ca", "::1"),
            link("vc-1", "Điểm cầu", "127.0.0.3"),
        ];
        for (asked, id) in [
            ("fibre-02221", "fibre-02221"),
            ("FIBRE 02221", "fibre-02221"),
            ("127.0.0.1", "fibre-02221"),
            ("0:0:0:0:0:0:0:1", "fibre-02222"),
            ("cap quang binh ca", "fibre-02222"),
            ("vc", "vc-1"),
        ] {
            let Lookup::Found(found) = Lookup::link(&links, asked) else { panic!("{asked} is not found") };
            assert_eq!(found.id.as_str(), id, "{asked}");
        }
        assert!(matches!(Lookup::link(&links, "fibre"), Lookup::Ambiguous(hits) if hits.len() == 2));
        assert!(matches!(Lookup::link(&links, "fibre-02212"), Lookup::Unknown(near) if near.len() == 2));
        assert!(matches!(Lookup::link(&links, ""), Lookup::Unknown(near) if near.is_empty()));
        assert!(matches!(Lookup::link(&links, "127.0.0.9"), Lookup::Unknown(_)), "a suggestion, never a take");
    }

    #[test]
    fn distance_is_levenshteins() {
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(edit_distance("binhca", "binhxa"), 1);
    }
}
