//! Names as people write them: all communes of the province, in every spelling, by their old names and their districts.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a suite fails by panicking, and clippy knows only functions marked as tests"
)]

use std::collections::BTreeSet;

use phusong_model::{Commune, CommuneKind, FormerDistrict, Lookup, fold, nfc};

const COMMUNES: &str = include_str!("../daemon/src/demo/communes.csv");

/// The 124 communes. No field of the table is quoted.
fn communes() -> Vec<Commune> {
    let commune = |row: &str| {
        let fields: Vec<&str> = row.split(',').collect();
        let [code, name, kind, _, _, _, _, aliases, district] = fields.as_slice() else { panic!("{row}") };
        Commune {
            kind: if *kind == "xã" { CommuneKind::Commune } else { CommuneKind::Ward },
            aliases: aliases.split('|').filter(|alias| !alias.is_empty()).map(nfc).collect(),
            district: Some(nfc(district)),
            ..Commune::new(code.parse().expect("a code"), nfc(name))
        }
    };
    COMMUNES.lines().skip(1).map(commune).collect()
}

/// A letter and its marks apart, as a Mac writes names of files.
fn apart(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    text.nfd().collect()
}

/// Without marks and `đ`, spaces kept.
fn plain(text: &str) -> String {
    text.split(' ').map(fold).collect::<Vec<_>>().join(" ")
}

#[test]
fn each_commune_is_found_in_six_spellings_and_never_another_one() {
    let communes = communes();
    assert_eq!(communes.len(), 124);
    let mut tried = 0;
    for commune in &communes {
        let name = &commune.name;
        let kind = if commune.kind == CommuneKind::Commune { "xã" } else { "phường" };
        for asked in [
            name.clone(),
            apart(name),
            plain(name),
            plain(name).to_uppercase(),
            plain(name).replace(' ', "-"),
            format!("{kind} {}", name.to_lowercase()),
        ] {
            let found = Lookup::commune(&communes, &asked);
            assert!(matches!(found, Lookup::Found(found) if found.code == commune.code), "{asked:?} is not {name}");
            tried += 1;
        }
    }
    assert_eq!(tried, 744);
}

#[test]
fn a_letter_too_few_or_another_one_is_never_repaired_silently() {
    let communes = communes();
    let names: BTreeSet<String> = communes.iter().map(|commune| fold(&commune.name)).collect();
    for commune in &communes {
        let name = fold(&commune.name);
        let letters: Vec<char> = name.chars().collect();
        for place in 1..letters.len() {
            let mut typo = letters.clone();
            typo.swap(place - 1, place);
            let typo: String = typo.into_iter().collect();
            if names.contains(&typo) {
                continue;
            }
            match Lookup::commune(&communes, &typo) {
                // A former name may be spelled like that.
                Lookup::Found(found) => assert!(
                    found.aliases.iter().any(|alias| fold(alias).contains(&typo)),
                    "{typo:?} was taken for {}",
                    found.name
                ),
                Lookup::Ambiguous(_) => {}
                Lookup::Unknown(near) => {
                    assert!(
                        near.iter().any(|near| near.code == commune.code),
                        "{typo:?} does not suggest {}",
                        commune.name
                    );
                }
            }
        }
    }
}

#[test]
fn each_former_commune_leads_to_where_it_is_today() {
    let communes = communes();
    let mut divided = BTreeSet::new();
    for (commune, alias) in
        communes.iter().flat_map(|commune| commune.aliases.iter().map(move |alias| (commune, alias)))
    {
        for asked in [alias.clone(), plain(alias)] {
            match Lookup::commune(&communes, &asked) {
                Lookup::Found(found) if found.code == commune.code => {}
                // A commune of today has the name of a former one that is elsewhere now: today's is meant.
                Lookup::Found(found) => assert!(
                    fold(alias).ends_with(&fold(&found.name)),
                    "{asked:?} is found as {} and not as {}",
                    found.name,
                    commune.name
                ),
                Lookup::Ambiguous(hits) => {
                    assert!(hits.iter().any(|hit| hit.code == commune.code), "{asked:?}");
                    divided.insert(alias.clone());
                }
                Lookup::Unknown(_) => panic!("{asked:?} is not known"),
            }
        }
    }
    assert!(divided.contains("Phường Quang Trung"), "{divided:?}");
}

#[test]
fn the_eighteen_former_districts_have_all_communes_once() {
    let communes = communes();
    let names: BTreeSet<&str> = communes.iter().filter_map(|commune| commune.district.as_deref()).collect();
    assert_eq!(names.len(), 18, "eleven of Hà Giang, seven of Tuyên Quang");
    let found: usize = names
        .iter()
        .map(|name| {
            let asked = format!("huyen {}", plain(name));
            FormerDistrict::find(&communes, &asked).expect("a district").communes.len()
        })
        .sum();
    assert_eq!(found, 124);
}
