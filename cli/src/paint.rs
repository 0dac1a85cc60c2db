//! Colour, and signs for terminals that know ASCII only.

/// Whether colour is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// ANSI codes.
    Colour,
    /// None.
    Plain,
}

/// What a piece of text says beside its words; it never says it alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// Nothing.
    #[default]
    Plain,
    /// Works.
    Good,
    /// Works badly, or is not known.
    Warning,
    /// Does not work.
    Bad,
    /// Of less weight.
    Faint,
    /// A heading.
    Strong,
}

impl Paint {
    /// The text in the tone's colour.
    pub fn apply(self, tone: Tone, text: &str) -> String {
        let code = match (self, tone) {
            (Self::Plain, _) | (Self::Colour, Tone::Plain) => return text.to_owned(),
            (Self::Colour, Tone::Good) => "32",
            (Self::Colour, Tone::Warning) => "33",
            (Self::Colour, Tone::Bad) => "31",
            (Self::Colour, Tone::Faint) => "2",
            (Self::Colour, Tone::Strong) => "1",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

/// The text with our own signs replaced by ASCII ones of the same width. Names keep their letters.
pub fn ascii(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '●' => '+',
            '↓' => '<',
            '↑' => '>',
            '◐' | '≈' => '~',
            '✗' => 'X',
            '‖' => '=',
            '·' | '│' | '├' => '|',
            '└' => '`',
            '─' | '←' => '-',
            '↻' => '@',
            '…' => '.',
            '\u{2212}' | '–' => '-',
            '²' => '2',
            '▁' => '1',
            '▂' => '2',
            '▃' => '3',
            '▄' => '4',
            '▅' => '5',
            '▆' => '6',
            '▇' => '7',
            '█' => '8',
            '±' => '~',
            '≤' => '<',
            '“' | '”' => '"',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_can_be_taken_away() {
        assert_eq!(Paint::Colour.apply(Tone::Bad, "x"), "\x1b[31mx\x1b[0m");
        assert_eq!(Paint::Plain.apply(Tone::Bad, "x"), "x");
        assert_eq!(Paint::Colour.apply(Tone::Plain, "x"), "x");
    }

    #[test]
    fn english_in_ascii_has_no_other_byte_than_names_bring() {
        assert!(ascii("● ◐ ✗ ? ‖ ↓ ↑ a · b… ≈ \u{2212}3 km² – ─▁▂▃▄▅▆▇█ ± ≤ “a” ├─ └─ │ ← ↻").is_ascii());
        assert_eq!(ascii("Nà Hang"), "Nà Hang");
    }
}
