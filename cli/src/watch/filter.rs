//! What is shown of everything: links that fit what was typed, and the communes and events that have such links.

use phusong_model::{
    answer::LinkItem,
    fold,
    glossary::{Lang, Term, sign},
};

/// What was typed after `/`. Parts between commas must all fit, each any of a link's names, without tone marks, case and
/// spaces: `na hang, mất` leaves the links of Nà Hang that are down.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    text: String,
    parts: Vec<String>,
}

impl Filter {
    /// The filter that a text stands for.
    pub fn of(text: &str) -> Self {
        let parts = text.split(',').map(fold).filter(|part| !part.is_empty()).collect();
        Self { text: text.to_owned(), parts }
    }

    /// As it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it leaves everything.
    pub const fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Whether it leaves this link.
    pub fn keeps(&self, link: &LinkItem) -> bool {
        self.parts.is_empty() || {
            let (names, states) = (names(link), states(link));
            // A state is meant from its beginning: "up" is not to find a commune's name by its last letters alone.
            let fits = |part: &String| {
                names.iter().any(|name| name.contains(part.as_str()))
                    || states.iter().any(|state| state.starts_with(part.as_str()))
            };
            self.parts.iter().all(fits)
        }
    }
}

/// The names by which a link may be looked for.
fn names(link: &LinkItem) -> Vec<String> {
    let kind = [link.kind.id(), link.kind.term(Lang::Vi), link.kind.term(Lang::En)];
    let commune = [link.commune.as_ref().map(|code| code.as_str()), link.commune_name.as_deref()];
    let operator = link.operator.as_ref().map(|operator| [operator.to_string(), operator.label().to_owned()]);
    let plain = kind.into_iter().chain(commune.into_iter().flatten()).chain([link.link.as_str(), link.name.as_str()]);
    plain.map(fold).chain(operator.into_iter().flatten().map(|name| fold(&name))).collect()
}

/// The words for its state.
fn states(link: &LinkItem) -> [String; 4] {
    let state = link.state;
    [fold(state.id()), fold(state.term(Lang::Vi)), fold(state.term(Lang::En)), sign(state).to_string()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::samples;

    fn kept(text: &str) -> Vec<String> {
        let filter = Filter::of(text);
        samples::links().iter().filter(|link| filter.keeps(link)).map(|link| link.link.to_string()).collect()
    }

    #[test]
    fn links_are_found_by_commune_link_operator_kind_and_state_in_any_spelling() {
        let here = ["fibre-02221", "broadband-02221"];
        for text in ["na hang", "NÀ HANG", "nahang", "Na\u{300} Hang", "02221"] {
            assert_eq!(kept(text), here, "{text}");
        }
        assert_eq!(kept("duong thuong"), ["fibre-00847", "vc-00847"]);
        assert_eq!(kept("feeder-1"), ["feeder-1"]);
        assert_eq!(kept("vnpt").len(), 5);
        assert_eq!(kept("băng rộng"), ["broadband-02221"]);
        for text in ["down", "mất kết nối", "mat", "✗"] {
            assert_eq!(kept(text), ["fibre-02221"], "{text}");
        }
    }

    #[test]
    fn parts_between_commas_must_all_fit() {
        assert_eq!(kept("na hang, degraded"), ["broadband-02221"]);
        assert_eq!(kept("na hang, bảo trì"), Vec::<String>::new());
        assert_eq!(kept(" , "), kept(""));
        assert!(Filter::of(" ,").is_empty() && !Filter::of("x").is_empty());
    }
}
