//! The brackets of well-known text: a keyword, and what stands between its brackets.

use phusong_model::printable;

/// Longest text, in bytes: the longest that GDAL writes for a compound system has some 5,000.
const MAX_BYTES: usize = 64 * 1024;
/// Deepest nesting: a compound system in WKT 2 needs eight.
const MAX_DEPTH: usize = 16;
/// Most characters repeated of a name.
const QUOTED_CHARS: usize = 60;

/// Why a text describes no known system.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reason(pub(super) String);

impl Reason {
    pub(super) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// A reason with a word of the file at its end.
    pub(super) fn quoting(text: &str, word: &str) -> Self {
        let shown: String = word.chars().take(QUOTED_CHARS).collect();
        Self(format!("{text} \"{}\"", printable(&shown)))
    }
}

/// A keyword and its contents.
#[derive(Debug, PartialEq)]
pub(super) struct Node<'a> {
    keyword: &'a str,
    items: Vec<Item<'a>>,
}

#[derive(Debug, PartialEq)]
enum Item<'a> {
    /// Between quotes; a doubled quote, which no name of interest has, stays doubled.
    Text(&'a str),
    Number(f64),
    Word(&'a str),
    Node(Node<'a>),
}

impl<'a> Node<'a> {
    /// Whether the keyword is one of these, in any case.
    pub(super) fn is(&self, keywords: &[&str]) -> bool {
        keywords.iter().any(|keyword| keyword.eq_ignore_ascii_case(self.keyword))
    }

    pub(super) fn nodes(&self) -> impl Iterator<Item = &Self> {
        self.items.iter().filter_map(|item| match item {
            Item::Node(node) => Some(node),
            Item::Text(_) | Item::Number(_) | Item::Word(_) => None,
        })
    }

    /// The first child with one of these keywords.
    pub(super) fn child(&self, keywords: &[&str]) -> Option<&Self> {
        self.nodes().find(|node| node.is(keywords))
    }

    /// The first text.
    pub(super) fn name(&self) -> Option<&'a str> {
        self.items.iter().find_map(|item| match item {
            Item::Text(text) => Some(*text),
            Item::Number(_) | Item::Word(_) | Item::Node(_) => None,
        })
    }

    /// The first word that is not between quotes.
    pub(super) fn word(&self) -> Option<&'a str> {
        self.items.iter().find_map(|item| match item {
            Item::Word(word) => Some(*word),
            Item::Text(_) | Item::Number(_) | Item::Node(_) => None,
        })
    }

    pub(super) fn numbers(&self) -> Vec<f64> {
        let number = |item: &Item<'_>| match item {
            Item::Number(number) => Some(*number),
            Item::Text(_) | Item::Word(_) | Item::Node(_) => None,
        };
        self.items.iter().filter_map(number).collect()
    }

    /// The only number.
    pub(super) fn factor(&self) -> Option<f64> {
        match self.numbers().as_slice() {
            [number] => Some(*number),
            _ => None,
        }
    }

    /// The code of an authority, which WKT 1 writes between quotes and WKT 2 as a number.
    pub(super) fn code(&self) -> Option<u32> {
        self.items.iter().skip(1).find_map(|item| match item {
            Item::Text(text) => text.trim().parse().ok(),
            Item::Number(number) => format!("{number}").parse().ok(),
            Item::Word(_) | Item::Node(_) => None,
        })
    }
}

/// The tree of a text.
pub(super) fn parse(text: &str) -> Result<Node<'_>, Reason> {
    if text.len() > MAX_BYTES {
        return Err(Reason(format!("it is longer than {} KiB", MAX_BYTES >> 10)));
    }
    // Some editors put a byte order mark before it, and some programs a zero byte after it.
    let mut rest = Rest(text.trim_start_matches('\u{feff}').trim_matches(|c: char| c.is_whitespace() || c == '\0'));
    let keyword = rest.word();
    let root = rest.node(keyword, 0).ok_or_else(|| Reason::new("it is no well-known text of a coordinate system"))?;
    rest.0.trim().is_empty().then_some(root).ok_or_else(|| Reason::new("more text follows its last bracket"))
}

/// What has not been read yet.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    /// Takes one of these signs, with the space before it.
    fn take(&mut self, signs: &[char]) -> bool {
        let rest = self.0.trim_start();
        let after = rest.strip_prefix(signs);
        self.0 = after.unwrap_or(rest);
        after.is_some()
    }

    /// Letters, digits and what numbers are made of.
    fn word(&mut self) -> &'a str {
        let rest = self.0.trim_start();
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "_+-.".contains(c))).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        self.0 = after;
        word
    }

    /// The brackets after a keyword.
    fn node(&mut self, keyword: &'a str, depth: usize) -> Option<Node<'a>> {
        if keyword.is_empty() || depth == MAX_DEPTH || !self.take(&['[', '(']) {
            return None;
        }
        let mut items = vec![self.item(depth)?];
        while self.take(&[',']) {
            items.push(self.item(depth)?);
        }
        self.take(&[']', ')']).then_some(Node { keyword, items })
    }

    fn item(&mut self, depth: usize) -> Option<Item<'a>> {
        if self.take(&['"']) {
            return self.text().map(Item::Text);
        }
        let word = self.word();
        if self.0.trim_start().starts_with(['[', '(']) {
            return self.node(word, depth + 1).map(Item::Node);
        }
        match word.parse() {
            Ok(number) if f64::is_finite(number) => Some(Item::Number(number)),
            Ok(_) | Err(_) => (!word.is_empty()).then_some(Item::Word(word)),
        }
    }

    /// Up to the quote that is not doubled.
    fn text(&mut self) -> Option<&'a str> {
        let mut from = 0;
        loop {
            let end = from + self.0.get(from..)?.find('"')?;
            let after = self.0.get(end + 1..)?;
            if !after.starts_with('"') {
                let text = self.0.get(..end)?;
                self.0 = after;
                return Some(text);
            }
            from = end + 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_brackets_and_doubled_quotes_are_read() {
        let node = parse(" A ( \"x \"\"y\"\", z\" , 1e3,B[-.5,north] )\0").expect("tree");
        assert_eq!((node.keyword, node.name(), node.numbers()), ("A", Some("x \"\"y\"\", z"), vec![1000.0]));
        let b = node.child(&["b"]).expect("child");
        assert_eq!((b.word(), b.factor()), (Some("north"), Some(-0.5)));
    }

    #[test]
    fn broken_text_has_no_tree() {
        for text in ["", "A", "A[", "A[]", "A[1", "A[1,]", "A[\"x]", "[1]", "A[1]]", "A[1] B[2]", "A[1 2]", "A[é]"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn depth_and_length_are_bounded() {
        let nested = |depth: usize| format!("{}1{}", "A[".repeat(depth), "]".repeat(depth));
        assert!(parse(&nested(MAX_DEPTH)).is_ok());
        assert!(parse(&nested(MAX_DEPTH + 1)).is_err());
        assert!(parse(&nested(10_000)).is_err());
        let padded = |length: usize| format!("A[\"{}\"]", "x".repeat(length - 5));
        assert!(parse(&padded(MAX_BYTES)).is_ok());
        assert!(parse(&padded(MAX_BYTES + 1)).is_err());
    }

    proptest! {
        #[test]
        fn no_text_stops_the_parser(text in "[A-C0-9.,\\[\\]()\" \u{e9}-]{0,60}") {
            let _ = parse(&text);
        }
    }
}
