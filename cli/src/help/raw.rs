//! What must be known of a command line before it is read.

use std::ffi::OsString;

use phusong_model::glossary::Lang;

use crate::environment::Environment;

/// The value of a long option, wherever it stands before `--`; the last one counts.
pub fn option(words: &[OsString], name: &str) -> Option<OsString> {
    let mut found = None;
    let mut words = words.iter().skip(1).take_while(|word| *word != "--");
    while let Some(word) = words.next() {
        if word == name {
            found = words.next().cloned();
        } else if let Some(value) = word.to_str().and_then(|word| word.strip_prefix(name)?.strip_prefix('=')) {
            found = Some(value.into());
        }
    }
    found
}

/// The language of what is said: `--lang`, else that of the surroundings.
pub fn language(words: &[OsString], environment: &Environment) -> Lang {
    match option(words, LANG).as_ref().and_then(|lang| lang.to_str()) {
        Some("vi") => Lang::Vi,
        Some("en") => Lang::En,
        // clap will say that there is no such language, in the one of the surroundings.
        Some(_) | None => environment.lang(None),
    }
}

/// The option that gives the language.
pub const LANG: &str = "--lang";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_found_in_both_spellings_and_not_behind_the_end_of_options() {
        let found = |line: &str| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            option(&words, LANG).map(|value| value.into_string().expect("UTF-8"))
        };
        assert_eq!(found("phusong --lang vi gaps").as_deref(), Some("vi"));
        assert_eq!(found("phusong gaps --lang=en").as_deref(), Some("en"));
        assert_eq!(found("phusong gaps --lang=en --lang vi").as_deref(), Some("vi"));
        assert_eq!(found("phusong gaps --language=en"), None);
        assert_eq!(found("phusong commune -- --lang vi"), None);
        assert_eq!(found("phusong gaps --lang"), None);
    }
}
