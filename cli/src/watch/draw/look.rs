//! Colour or none, all signs or those of ASCII.

use phusong_model::LinkState;
use ratatui::{
    buffer::Buffer,
    style::{Color, Modifier, Style},
    text::{Line, Span},
};

use crate::{
    paint::{Tone, ascii},
    show::tone as state_tone,
};

/// How the terminal is drawn on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// With colour.
    pub colour: bool,
    /// With signs of ASCII only; names keep their letters.
    pub ascii: bool,
}

impl Look {
    /// Whether terminals of this name have colours: all but the old ones with one, and those that say so in their name.
    pub fn knows_colour(term: &str) -> bool {
        let one = ["vt50", "vt52", "vt100", "vt102", "vt125", "vt220", "vt320", "vt420", "ansi-mini"];
        let name = term.split('-').next().unwrap_or_default();
        !one.contains(&name) && !one.contains(&term) && !term.ends_with("-m") && !term.ends_with("-mono")
    }

    /// The style of a tone. Without colour weight alone is left, and what it says stands in words and signs as well.
    pub fn tone(self, tone: Tone) -> Style {
        let coloured = |colour: Color| if self.colour { Style::new().fg(colour) } else { Style::new() };
        match tone {
            Tone::Plain => Style::new(),
            Tone::Good => coloured(Color::Green),
            Tone::Warning => coloured(Color::Yellow),
            Tone::Bad => coloured(Color::Red).add_modifier(Modifier::BOLD),
            Tone::Faint => Style::new().add_modifier(Modifier::DIM),
            Tone::Strong => Style::new().add_modifier(Modifier::BOLD),
        }
    }

    /// The style of a state.
    pub fn state(self, state: LinkState) -> Style {
        self.tone(state_tone(state))
    }

    /// A line in which tones are written as codes. All codes are ours: text of others was made printable.
    pub fn line(self, text: &str) -> Line<'static> {
        let mut pieces = text.split('\x1b');
        let plain = pieces.next().unwrap_or_default().to_owned();
        let coded = pieces.map(|piece| match piece.strip_prefix('[').and_then(|rest| rest.split_once('m')) {
            Some((code, text)) => Span::styled(text.to_owned(), self.tone(tone(code))),
            None => Span::raw(piece.to_owned()),
        });
        Line::from_iter(std::iter::once(Span::raw(plain)).chain(coded).filter(|span| !span.content.is_empty()))
    }

    /// Takes away what the terminal does not know.
    pub fn finish(self, buffer: &mut Buffer) {
        if !self.ascii {
            return;
        }
        for cell in &mut buffer.content {
            if !cell.symbol().is_ascii() {
                let known = ascii(cell.symbol()).replace('─', "-").replace('×', "x").replace('✓', "v");
                cell.set_symbol(&known);
            }
        }
    }
}

/// The tone of a code of [`crate::paint::Paint`].
fn tone(code: &str) -> Tone {
    match code {
        "32" => Tone::Good,
        "33" => Tone::Warning,
        "31" => Tone::Bad,
        "2" => Tone::Faint,
        "1" => Tone::Strong,
        _ => Tone::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::Paint;

    #[test]
    fn every_tone_comes_back_from_its_code() {
        let look = Look { colour: true, ascii: false };
        for tone in [Tone::Plain, Tone::Good, Tone::Warning, Tone::Bad, Tone::Faint, Tone::Strong] {
            let line = look.line(&format!("a{}b", Paint::Colour.apply(tone, "x")));
            let styles: Vec<(String, Style)> = line.iter().map(|span| (span.content.to_string(), span.style)).collect();
            let text: String = styles.iter().map(|(text, _)| text.as_str()).collect();
            assert_eq!(text, "axb");
            assert!(tone == Tone::Plain || styles.contains(&("x".to_owned(), look.tone(tone))), "{tone:?}: {styles:?}");
        }
    }

    #[test]
    fn without_colour_there_is_none() {
        let look = Look { colour: false, ascii: false };
        for tone in [Tone::Good, Tone::Warning, Tone::Bad, Tone::Faint, Tone::Strong] {
            assert_eq!((look.tone(tone).fg, look.tone(tone).bg), (None, None), "{tone:?}");
        }
    }

    #[test]
    fn terminals_say_by_their_name_whether_they_have_colours() {
        for term in ["xterm", "xterm-256color", "linux", "screen", "tmux-256color", "rxvt", "foot"] {
            assert!(Look::knows_colour(term), "{term}");
        }
        for term in ["vt100", "vt100-w", "vt220", "xterm-mono", "linux-m"] {
            assert!(!Look::knows_colour(term), "{term}");
        }
    }
}
