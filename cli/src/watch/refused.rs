//! Why there is no full screen, and what does the same without one.

use phusong_model::{glossary::Lang, printable};

/// What is missing for a full screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoScreen {
    /// stdout is a file or a pipe.
    Pipe,
    /// A terminal that cannot place text, or one that does not say what it is.
    Dumb {
        /// What `TERM` says.
        term: String,
    },
    /// A document was asked for.
    Document,
    /// A window that ends in the past was asked for.
    Past,
    /// The terminal does not let itself be set up.
    Terminal {
        /// Why.
        reason: String,
    },
    /// A part of the program failed while the screen was up.
    Broken {
        /// Which, and why.
        reason: String,
    },
}

impl NoScreen {
    /// The fact, then what to do.
    pub fn words(&self, lang: Lang) -> String {
        let (fact, remedy) = match self {
            Self::Pipe => (
                lang.of((
                    "watch chỉ vẽ lên màn hình, còn stdout là tệp hoặc ống",
                    "watch draws on a terminal, and stdout is none",
                ))
                .to_owned(),
                "phusong status",
            ),
            Self::Dumb { term } => {
                let term = printable(term);
                (
                    lang.pick(
                        format!("màn hình TERM={term:?} không vẽ được toàn màn hình"),
                        format!("a terminal with TERM={term:?} cannot draw a full screen"),
                    ),
                    "phusong status",
                )
            }
            Self::Document => (
                lang.of(("watch không xuất JSON, CSV", "watch writes no JSON and no CSV")).to_owned(),
                "phusong status --json",
            ),
            Self::Past => (
                lang.of((
                    "watch luôn xem tới lúc này: dùng --since, không dùng --until, --month",
                    "watch looks until now: --since, but no --until or --month",
                ))
                .to_owned(),
                "phusong watch --since 2h",
            ),
            Self::Terminal { reason } => {
                let fact = lang.of(("không dùng được màn hình", "the terminal cannot be used"));
                (format!("{fact}: {}", printable(reason)), "phusong status")
            }
            Self::Broken { reason } => {
                let fact = lang.of(("watch bị hỏng giữa chừng", "watch broke down"));
                (format!("{fact}: {}", printable(reason)), "phusong status")
            }
        };
        format!("{fact}\n  {remedy}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_names_a_command_that_works_instead() {
        let all = [
            NoScreen::Pipe,
            NoScreen::Dumb { term: "dumb\x1b[2J".to_owned() },
            NoScreen::Document,
            NoScreen::Past,
            NoScreen::Terminal { reason: "no such device".to_owned() },
            NoScreen::Broken { reason: "asking".to_owned() },
        ];
        for refused in all {
            let (vi, en) = (refused.words(Lang::Vi), refused.words(Lang::En));
            assert_ne!(vi, en);
            for words in [vi, en] {
                assert!(words.lines().last().is_some_and(|line| line.starts_with("  phusong ")), "{words}");
                assert!(!words.contains('\x1b'), "{words:?}");
            }
        }
    }
}
