//! Vietnamese names: one spelling inside (NFC), any spelling when asking.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use std::{collections::BTreeSet, net::IpAddr};

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
    ///
    /// A former name that several units have today, because it was divided or because two communes had it, is ambiguous:
    /// only who asks knows which part is meant.
    #[must_use]
    pub fn commune(communes: &'a [Commune], asked: &str) -> Self {
        let exact = nfc(asked);
        let folded = fold(&strip_kind(&exact).replace(['(', ')'], " "));
        let stages: [&dyn Fn(&Commune) -> bool; 5] = [
            &|c| c.code.as_str() == exact,
            &|c| c.name == exact,
            &|c| fold(&c.name) == folded || fold(&c.name) == fold(&exact),
            &|c| !folded.is_empty() && c.aliases.iter().any(|alias| former(alias).contains(&folded)),
            &|c| !folded.is_empty() && fold(&c.name).starts_with(&folded),
        ];
        let names = |c: &'a Commune| {
            let formerly = c.aliases.iter().flat_map(|alias| former(alias));
            std::iter::once(fold(&c.name)).chain(formerly).collect()
        };
        let near = || nearest(communes, &folded, names, |c| c.code.as_str());
        first_stage(communes, &stages).unwrap_or_else(|| Self::Unknown(near()))
    }
}

/// The spellings, folded, under which a former name is asked for: `Xã Tân Tiến (huyện Yên Sơn)` also without its district.
fn former(alias: &str) -> [String; 2] {
    let name = strip_kind(alias);
    let without = name.split('(').next().unwrap_or_default();
    [fold(&name.replace(['(', ')'], " ")), fold(without)]
}

/// A district as it was before July 2025, with the communes of today that were most of it.
#[derive(Debug, Clone, PartialEq)]
pub struct FormerDistrict<'a> {
    /// Its name without its kind, as `Na Hang`.
    pub name: &'a str,
    /// Its communes, in the order of the inventory.
    pub communes: Vec<&'a Commune>,
}

impl<'a> FormerDistrict<'a> {
    /// The district of that name, in any spelling, with or without its kind in front.
    #[must_use]
    pub fn find(communes: &'a [Commune], asked: &str) -> Option<Self> {
        let folded = fold(without_word(&nfc(asked), &DISTRICT_KINDS).as_deref().unwrap_or(asked));
        let of = |commune: &&Commune| commune.district.as_deref().is_some_and(|name| fold(name) == folded);
        let communes: Vec<&Commune> = communes.iter().filter(of).collect();
        let name = communes.first()?.district.as_deref()?;
        Some(Self { name, communes })
    }

    /// Whether a name says by its first word that it means a district: `huyện Na Hang`, which is also a commune's name.
    #[must_use]
    pub fn is_meant(asked: &str) -> bool {
        without_word(&nfc(asked), &DISTRICT_KINDS).is_some()
    }

    /// Names of districts near to one that is not known, nearest first.
    #[must_use]
    pub fn near(communes: &'a [Commune], asked: &str) -> Vec<&'a str> {
        let folded = fold(without_word(&nfc(asked), &DISTRICT_KINDS).as_deref().unwrap_or(asked));
        let names: BTreeSet<&str> = communes.iter().filter_map(|commune| commune.district.as_deref()).collect();
        nearest(names, &folded, |name| vec![fold(name)], |name| name)
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
        let near = || nearest(links, &folded, |l| vec![fold(l.id.as_str()), fold(&l.name)], |l| l.id.as_str());
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

/// Words for what a commune is or was.
const COMMUNE_KINDS: [&str; 6] = ["xã ", "phường ", "thị trấn ", "xa ", "phuong ", "thi tran "];

/// Words for what a district was.
const DISTRICT_KINDS: [&str; 10] =
    ["huyện cũ ", "huyen cu ", "huyện ", "huyen ", "thành phố ", "thanh pho ", "thị xã ", "thi xa ", "tp. ", "tp "];

/// The name without the word for its kind in front: `xã Nà Hang` asks for `Nà Hang`.
fn strip_kind(name: &str) -> String {
    without_word(name, &COMMUNE_KINDS).unwrap_or_else(|| name.to_owned())
}

/// The name without the first of these words that it begins with; none when it begins with none.
fn without_word(name: &str, words: &[&str]) -> Option<String> {
    let lower = name.to_lowercase();
    let word = words.iter().find(|word| lower.starts_with(**word))?;
    Some(name.chars().skip(word.chars().count()).collect())
}

/// Those with a folded name near to `folded`, nearest first; of equals the lesser key.
fn nearest<'a, T: Copy>(
    known: impl IntoIterator<Item = T>,
    folded: &str,
    names: impl Fn(T) -> Vec<String>,
    key: impl Fn(T) -> &'a str,
) -> Vec<T> {
    let length = folded.chars().count();
    let limit = 1 + length / 4;
    let distance = |one: T| {
        let near = names(one).into_iter().filter(|name| name.chars().count().abs_diff(length) <= limit);
        near.map(|name| edit_distance(&name, folded)).min()
    };
    let mut scored: Vec<(usize, T)> =
        known.into_iter().filter_map(|one| Some((distance(one).filter(|distance| *distance <= limit)?, one))).collect();
    scored.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| key(a.1).cmp(key(b.1))));
    scored.into_iter().take(SUGGESTIONS).map(|(_, one)| one).collect()
}

/// Letters that are wrong, missing, too many or swapped with their neighbour (Damerau's distance, where no part is changed
/// twice); folded names are short ASCII, so the plain table is enough.
pub(crate) fn edit_distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, cb) in b.iter().enumerate() {
            let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX - 1);
            let mut best = at(&row, j) + usize::from(ca != cb);
            best = best.min(at(&next, j) + 1).min(at(&row, j + 1) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(cb) && b.get(j - 1) == Some(ca);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
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
    fn a_former_name_finds_where_it_is_today_and_a_divided_one_both_parts() {
        let list = [
            commune("00691", "Hà Giang 2", &["Phường Quang Trung", "Xã Phong Quang"]),
            commune("00694", "Hà Giang 1", &["Phường Quang Trung"]),
            commune("02470", "Tân Long", &["Xã Tân Tiến (huyện Yên Sơn)"]),
        ];
        assert_eq!(found(&list, "phong quang").as_deref(), Some("Hà Giang 2"));
        for asked in ["tan tien", "Xã Tân Tiến", "tân tiến (huyện Yên Sơn)", "tan tien huyen yen son"] {
            assert_eq!(found(&list, asked).as_deref(), Some("Tân Long"), "{asked}");
        }
        assert!(matches!(Lookup::commune(&list, "quang trung"), Lookup::Ambiguous(hits) if hits.len() == 2));
        let Lookup::Unknown(near) = Lookup::commune(&list, "phong kuang") else { panic!("a typo is not repaired") };
        assert_eq!(near.first().map(|c| c.name.as_str()), Some("Hà Giang 2"), "former names are suggested from too");
    }

    #[test]
    fn a_former_district_is_found_in_any_spelling() {
        let of = |code: &str, name: &str, district: &str| Commune {
            district: Some(nfc(district)),
            ..commune(code, name, &[])
        };
        let list =
            [of("02221", "Nà Hang", "Na Hang"), of("02239", "Thượng Nông", "Na Hang"), commune("00001", "Xa", &[])];
        for asked in ["na hang", "Huyện Na Hang", "huyen nahang", "HUYỆN CŨ NA HANG", "huye\u{302}\u{323}n Na Hang"]
        {
            let district = FormerDistrict::find(&list, asked);
            assert_eq!(district.map(|d| (d.name, d.communes.len())), Some(("Na Hang", 2)), "{asked}");
        }
        assert!(FormerDistrict::is_meant("huyện na hang") && !FormerDistrict::is_meant("na hang"));
        assert_eq!(FormerDistrict::find(&list, "hà giang"), None);
        assert_eq!(FormerDistrict::near(&list, "huyện na hag"), ["Na Hang"]);
        assert_eq!(FormerDistrict::near(&list, "sơn dương"), Vec::<&str>::new());
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
            rx_limit: None,
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
    fn distance_counts_a_swap_once() {
        assert_eq!(edit_distance("lungtma", "lungtam"), 1);
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(edit_distance("binhca", "binhxa"), 1);
    }
}
