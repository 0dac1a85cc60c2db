//! Tables that fit the screen: numbers to the right, text columns shrunk with `…`, the least needed columns left out
//! and named. Width is columns of the terminal, never bytes.

use phusong_model::printable;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::paint::{Paint, Tone};

/// Space between two columns.
const GAP: usize = 2;

/// What stands for a value that is not known.
const MISSING: &str = "–";

/// On which side of its column a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Align {
    Left,
    Right,
}

/// When a column may be left out; the lesser go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Leave {
    /// Before heads are abbreviated.
    Early(u8),
    /// When nothing else helps.
    Late(u8),
}

/// A column of a table.
#[derive(Debug, Clone)]
pub struct Column {
    head: String,
    brief: Option<String>,
    align: Align,
    least: Option<usize>,
    leave: Option<Leave>,
}

impl Column {
    /// A column of text.
    pub fn text(head: impl Into<String>) -> Self {
        Self { head: head.into(), brief: None, align: Align::Left, least: None, leave: None }
    }

    /// A column of numbers.
    pub fn number(head: impl Into<String>) -> Self {
        Self { align: Align::Right, ..Self::text(head) }
    }

    /// May be cut down to `least`. It is left out when it has nothing to say.
    pub fn shrink(mut self, least: usize) -> Self {
        self.least = Some(least);
        self
    }

    /// May be left out; lower numbers go first. It is also left out when it has nothing to say.
    pub fn drop(mut self, order: u8) -> Self {
        self.leave = Some(Leave::Early(order));
        self
    }

    /// May be left out when nothing else helps; lower numbers go first.
    pub fn yields(mut self, order: u8) -> Self {
        self.leave = Some(Leave::Late(order));
        self
    }

    /// A head for narrow screens; the table then says what it stands for.
    pub fn brief(mut self, head: impl Into<String>) -> Self {
        self.brief = Some(head.into());
        self
    }

    /// It is there for the rows that have something in it.
    const fn is_optional(&self) -> bool {
        self.least.is_some() || matches!(self.leave, Some(Leave::Early(_)))
    }
}

/// A cell; its text is safe to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    /// A text, made printable.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self { text: printable(text.as_ref()).into_owned(), tone: Tone::Plain }
    }

    /// A text that may not be known.
    pub fn maybe(text: Option<impl AsRef<str>>) -> Self {
        text.map_or_else(Self::missing, Self::new)
    }

    /// A value that is not known.
    pub fn missing() -> Self {
        Self { text: MISSING.to_owned(), tone: Tone::Faint }
    }

    /// The same text in a tone.
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    fn is_empty(&self) -> bool {
        self.text.is_empty() || self.text == MISSING
    }
}

/// A table.
#[derive(Debug, Clone)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

/// A table as it is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Head and rows.
    pub lines: Vec<String>,
    /// Heads of the columns that had no room.
    pub hidden: Vec<String>,
    /// Heads that were abbreviated, in full.
    pub abbreviated: Vec<String>,
}

impl Table {
    /// A table without rows.
    pub fn new(columns: Vec<Column>) -> Self {
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row; it has a cell for each column.
    pub fn row(&mut self, cells: Vec<Cell>) {
        debug_assert_eq!(cells.len(), self.columns.len(), "a row has a cell for each column");
        self.rows.push(cells);
    }

    /// The table within `width` columns of the terminal, as far as that can be done.
    pub fn render(mut self, width: usize, paint: Paint) -> Rendered {
        self.leave_out(|column, cells| column.is_optional() && cells.iter().all(|c| c.is_empty()));
        let (mut hidden, mut abbreviated) = (Vec::new(), Vec::new());
        let widths = loop {
            match (fitted(&self.columns, &self.widths(), width), self.next_to_leave()) {
                (Ok(widths), _) => break widths,
                (Err(_), Some(leave @ Leave::Early(_))) => hidden.extend(self.hide(leave)),
                (Err(_), _) if self.can_abbreviate() => abbreviated.extend(self.abbreviate()),
                (Err(_), Some(leave @ Leave::Late(_))) => hidden.extend(self.hide(leave)),
                (Err(too_wide), None) => break too_wide,
            }
        };
        let heads = self.columns.iter().map(|c| Cell::new(&c.head).tone(Tone::Strong)).collect::<Vec<_>>();
        let rows = std::iter::once(&heads).chain(&self.rows);
        let lines = rows.map(|cells| line(&self.columns, cells, &widths, paint)).collect();
        Rendered { lines, hidden, abbreviated }
    }

    /// Widths that show everything.
    fn widths(&self) -> Vec<usize> {
        let of_column = |(i, column): (usize, &Column)| {
            let cells = self.rows.iter().filter_map(|row| row.get(i)).map(|cell| cell.text.width());
            cells.chain([column.head.width()]).max().unwrap_or(0)
        };
        self.columns.iter().enumerate().map(of_column).collect()
    }

    fn next_to_leave(&self) -> Option<Leave> {
        self.columns.iter().filter_map(|column| column.leave).min()
    }

    /// Leaves columns out and gives their heads.
    fn hide(&mut self, leave: Leave) -> Vec<String> {
        let goes = |column: &Column| column.leave == Some(leave);
        let heads = self.columns.iter().filter(|column| goes(column)).map(|column| column.head.clone()).collect();
        self.leave_out(|column, _| goes(column));
        heads
    }

    fn can_abbreviate(&self) -> bool {
        self.columns.iter().any(|column| column.brief.is_some())
    }

    /// Puts brief heads in place and gives those that stood there.
    fn abbreviate(&mut self) -> Vec<String> {
        let swap = |column: &mut Column| column.brief.take().map(|brief| std::mem::replace(&mut column.head, brief));
        self.columns.iter_mut().filter_map(swap).collect()
    }

    fn leave_out(&mut self, goes: impl Fn(&Column, &[&Cell]) -> bool) {
        let stays: Vec<bool> = self
            .columns
            .iter()
            .enumerate()
            .map(|(i, column)| !goes(column, &self.rows.iter().filter_map(|row| row.get(i)).collect::<Vec<_>>()))
            .collect();
        let mut stay = stays.iter();
        self.columns.retain(|_| stay.next() != Some(&false));
        for row in &mut self.rows {
            let mut stay = stays.iter();
            row.retain(|_| stay.next() != Some(&false));
        }
    }
}

/// Widths that fit, the widest shrinkable column cut first; or the narrowest there are, when that is not enough.
fn fitted(columns: &[Column], natural: &[usize], width: usize) -> Result<Vec<usize>, Vec<usize>> {
    let mut widths = natural.to_vec();
    let gaps = GAP * columns.len().saturating_sub(1);
    loop {
        if widths.iter().sum::<usize>() + gaps <= width {
            return Ok(widths);
        }
        let room = |(column, width): &(&Column, &mut usize)| column.least.is_some_and(|least| **width > least);
        let widest = columns.iter().zip(widths.iter_mut()).filter(room).max_by_key(|(_, width)| **width);
        match widest {
            Some((_, width)) => *width -= 1,
            None => return Err(widths),
        }
    }
}

fn line(columns: &[Column], cells: &[Cell], widths: &[usize], paint: Paint) -> String {
    let mut out = String::new();
    let last = columns.len().saturating_sub(1);
    for (i, ((column, cell), width)) in columns.iter().zip(cells).zip(widths).enumerate() {
        let text = clip(&cell.text, *width);
        let padding = " ".repeat(width.saturating_sub(text.width()));
        let painted = paint.apply(cell.tone, &text);
        match column.align {
            Align::Right => out.extend([padding.as_str(), &painted]),
            // No blanks at the end of a line: they would only be copied along.
            Align::Left if i == last => out.push_str(&painted),
            Align::Left => out.extend([painted.as_str(), &padding]),
        }
        if i < last {
            out.push_str(&" ".repeat(GAP));
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// The text cut to `width` columns; a cut one ends with `…`.
pub fn clip(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used + 1 > width {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

/// Pieces put side by side with `separator`, on as many lines as they need; lines after the first are indented. A piece
/// that is longer than a line is broken between words.
pub fn flow(
    pieces: impl IntoIterator<Item = impl AsRef<str>>,
    separator: &str,
    indent: usize,
    width: usize,
) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces {
        let piece = piece.as_ref();
        let fits = |line: &str, next: &str| line.width() + next.width() <= width;
        match lines.last_mut() {
            Some(line) if fits(line, &format!("{separator}{piece}")) => line.extend([separator, piece]),
            last => {
                let mut words = piece.split(' ');
                let first = words.next().unwrap_or_default();
                let margin = if last.is_some() { " ".repeat(indent) } else { String::new() };
                lines.push(margin + first);
                for word in words {
                    match lines.last_mut() {
                        Some(line) if fits(line, &format!(" {word}")) => line.extend([" ", word]),
                        _ => lines.push(" ".repeat(indent) + word),
                    }
                }
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> Table {
        let mut table = Table::new(vec![
            Column::text("PLACE").shrink(6),
            Column::text("KIND").drop(1),
            Column::number("PEOPLE"),
            Column::number("RX").drop(0),
        ]);
        table.row(["Đường Thượng", "fibre", "1,234", ""].map(Cell::new).to_vec());
        table.row(["Na\u{300} Hang", "broadband", "12", "–"].map(Cell::new).to_vec());
        table
    }

    /// The lines with the decomposed letter composed, as the snapshots have it.
    fn composed(shown: &Rendered) -> String {
        shown.lines.join("\n").replace("a\u{300}", "à")
    }

    #[test]
    fn columns_are_aligned_by_what_is_seen_not_by_bytes() {
        let shown = places().render(80, Paint::Plain);
        insta::assert_snapshot!(composed(&shown), @"
        PLACE         KIND       PEOPLE
        Đường Thượng  fibre       1,234
        Nà Hang       broadband      12
        ");
        assert!(shown.hidden.is_empty(), "a column without a value is not missed");
    }

    #[test]
    fn a_narrow_screen_shrinks_texts_then_leaves_columns_out_and_names_them() {
        let shrunk = places().render(28, Paint::Plain);
        insta::assert_snapshot!(composed(&shrunk), @"
        PLACE      KIND       PEOPLE
        Đường Th…  fibre       1,234
        Nà Hang    broadband      12
        ");
        let dropped = places().render(20, Paint::Plain);
        insta::assert_snapshot!(composed(&dropped), @"
        PLACE         PEOPLE
        Đường Thượng   1,234
        Nà Hang           12
        ");
        assert_eq!(dropped.hidden, ["KIND"]);
        assert!(dropped.lines.iter().all(|line| line.width() <= 20));
    }

    #[test]
    fn on_the_narrowest_screen_heads_are_abbreviated_then_columns_yield() {
        let table = || {
            let mut table = Table::new(vec![
                Column::text("KIND"),
                Column::number("✗ DOWN").brief("✗"),
                Column::number("TOTAL").yields(1),
            ]);
            table.row(["fibre", "2", "124"].map(Cell::new).to_vec());
            table
        };
        assert_eq!(table().render(20, Paint::Plain).lines, ["KIND   ✗ DOWN  TOTAL", "fibre       2    124"]);
        let brief = table().render(19, Paint::Plain);
        assert_eq!(brief.lines, ["KIND   ✗  TOTAL", "fibre  2    124"]);
        assert_eq!((brief.abbreviated.as_slice(), brief.hidden.len()), (&["✗ DOWN".to_owned()][..], 0));
        let least = table().render(14, Paint::Plain);
        assert_eq!(least.lines, ["KIND   ✗", "fibre  2"]);
        assert_eq!(least.hidden, ["TOTAL"]);
    }

    #[test]
    fn colour_does_not_shift_columns() {
        let mut table = Table::new(vec![Column::text("A"), Column::number("B")]);
        table.row(vec![Cell::new("x").tone(Tone::Bad), Cell::new("1").tone(Tone::Good)]);
        let lines = table.render(80, Paint::Colour).lines;
        assert_eq!(lines, ["\x1b[1mA\x1b[0m  \x1b[1mB\x1b[0m", "\x1b[31mx\x1b[0m  \x1b[32m1\x1b[0m"]);
    }

    #[test]
    fn a_device_cannot_draw_on_the_screen() {
        let mut table = Table::new(vec![Column::text("NAME")]);
        table.row(vec![Cell::new("eth0\x1b[2J\n")]);
        assert_eq!(table.render(80, Paint::Plain).lines, ["NAME", "eth0\\u{1b}[2J\\u{a}"]);
    }

    #[test]
    fn texts_are_cut_and_flow_by_columns() {
        assert_eq!(clip("Đường Thượng", 12), "Đường Thượng");
        assert_eq!(clip("Đường Thượng", 6), "Đường…");
        assert_eq!(clip("宽宽宽", 4), "宽…");
        assert_eq!(clip("ab", 1), "…");
        assert_eq!(flow(["aaa", "bb", "cccc"], " · ", 2, 9), ["aaa · bb", "  cccc"]);
        assert_eq!(flow(["a", "bb cc dd", "e"], " · ", 1, 7), ["a", " bb cc", " dd · e"]);
        assert!(flow(Vec::<String>::new(), " ", 2, 9).is_empty());
    }
}
