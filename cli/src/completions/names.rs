//! Names as they can be offered.

use std::collections::HashMap;

use clap_complete::CompletionCandidate;
use phusong_model::{CommuneCode, fold, printable};

/// A word that a command takes, and what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    pub word: String,
    pub says: String,
}

impl Name {
    pub fn new(word: impl Into<String>, says: impl Into<String>) -> Self {
        Self { word: word.into(), says: says.into() }
    }
}

/// Those that begin as what is on the line does: by their word, or by what it stands for in any spelling. What a shell
/// would read as more than a word is not offered: it would stand on the line unquoted.
pub fn offered(names: Vec<Name>, begun: &str) -> Vec<CompletionCandidate> {
    let folded = fold(begun);
    let begins = |name: &Name| {
        name.word.starts_with(begun)
            || (!folded.is_empty() && [&name.word, &name.says].iter().any(|text| fold(text).starts_with(&folded)))
    };
    let fitting = names.into_iter().filter(|name| is_word(&name.word) && begins(name));
    let candidate = |(at, Name { word, says }): (usize, Name)| {
        let says = printable(&says).into_owned();
        CompletionCandidate::new(word).help(Some(says.into())).display_order(Some(at))
    };
    fitting.enumerate().map(candidate).collect()
}

/// Whether no shell sees more in it than one word.
fn is_word(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('-')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:@+".contains(c))
}

/// Each commune by a word of ASCII: its name without accents, its code where another one has that name or letters would
/// be lost.
pub fn communes(communes: Vec<(CommuneCode, String)>) -> Vec<Name> {
    let mut so_called: HashMap<String, u32> = HashMap::new();
    for (_, name) in &communes {
        *so_called.entry(fold(name)).or_default() += 1;
    }
    let name = |(code, name): (CommuneCode, String)| {
        let slug = slug(&name);
        let is_clear = fold(&slug) == fold(&name) && so_called.get(&fold(&name)) == Some(&1);
        let word = if is_clear { slug } else { code.to_string() };
        Name::new(word, format!("{name} ({code})"))
    };
    communes.into_iter().map(name).collect()
}

/// The name in small letters without accents, its words joined by hyphens.
fn slug(name: &str) -> String {
    name.split_whitespace().map(fold).filter(|word| is_word(word)).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(of: &[(&str, &str)]) -> Vec<String> {
        let named = of.iter().map(|(code, name)| (code.parse().expect("a code"), (*name).to_owned())).collect();
        communes(named).into_iter().map(|name| name.word).collect()
    }

    #[test]
    fn communes_are_offered_without_accents_and_by_code_where_a_name_is_not_alone() {
        assert_eq!(
            words(&[("02221", "Nà Hang"), ("00691", "Hà Giang 1"), ("02000", "Đường Thượng")]),
            ["na-hang", "ha-giang-1", "duong-thuong"]
        );
        assert_eq!(
            words(&[("00001", "Tân An"), ("00002", "Tân Ân"), ("00003", "Tân Yên")]),
            ["00001", "00002", "tan-yen"]
        );
        assert_eq!(words(&[("00001", "Xã (mới)")]), ["00001"], "what would lose letters goes by its code");
    }

    #[test]
    fn what_is_begun_in_any_spelling_is_found() {
        let offer = |begun: &str| -> Vec<String> {
            let names = vec![Name::new("na-hang", "Nà Hang (02221)"), Name::new("02548", "Bình Ca (02548)")];
            offered(names, begun).iter().map(|one| one.get_value().to_string_lossy().into_owned()).collect()
        };
        for begun in ["na", "Nà", "NA-H", "na h", "na-hang"] {
            assert_eq!(offer(begun), ["na-hang"], "{begun}");
        }
        assert_eq!(offer("Bình"), ["02548"]);
        assert_eq!(offer(""), ["na-hang", "02548"]);
        assert!(offer("x").is_empty());
    }

    #[test]
    fn nothing_is_offered_that_a_shell_would_run() {
        let names = ["$(reboot)", "a b", "a;b", "", "-rf", "ok", "`x`", "a\nb"].map(|word| Name::new(word, ""));
        let offered = offered(names.to_vec(), "");
        assert_eq!(offered.iter().map(CompletionCandidate::get_value).collect::<Vec<_>>(), ["ok"]);
    }
}
