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

/// What may be done to a column when the screen is narrow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// Nothing.
    Fixed,
    /// Texts may be cut down to this width.
    Shrink { least: usize },
    /// The column may be left out; lower numbers first.
    Drop { order: u8 },
}

/// A column of a table.
#[derive(Debug, Clone)]
pub struct Column {
    head: String,
    align: Align,
    fit: Fit,
}

impl Column {
    /// A column of text.
    pub fn text(head: impl Into<String>) -> Self {
        Self { head: head.into(), align: Align::Left, fit: Fit::Fixed }
    }

    /// A column of numbers.
    pub fn number(head: impl Into<String>) -> Self {
        Self { head: head.into(), align: Align::Right, fit: Fit::Fixed }
    }

    /// May be cut down to `least`. It is left out when it has nothing to say.
    pub fn shrink(mut self, least: usize) -> Self {
        self.fit = Fit::Shrink { least };
        self
    }

    /// May be left out; lower numbers go first. It is also left out when it has nothing to say.
    pub fn drop(mut self, order: u8) -> Self {
        self.fit = Fit::Drop { order };
        self
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
        self.leave_out(|column, cells| column.fit != Fit::Fixed && cells.iter().all(|c| c.is_empty()));
        let mut hidden = Vec::new();
        let widths = loop {
            match fitted(&self.columns, &self.widths(), width) {
                Ok(widths) => break widths,
                Err(too_wide) => match self.next_to_drop() {
                    Some(order) => {
                        let is_it = |fit: Fit| fit == Fit::Drop { order };
                        hidden.extend(self.columns.iter().filter(|c| is_it(c.fit)).map(|c| c.head.clone()));
                        self.leave_out(|column, _| is_it(column.fit));
                    }
                    None => break too_wide,
                },
            }
        };
        let heads = self.columns.iter().map(|c| Cell::new(&c.head).tone(Tone::Strong)).collect::<Vec<_>>();
        let rows = std::iter::once(&heads).chain(&self.rows);
        let lines = rows.map(|cells| line(&self.columns, cells, &widths, paint)).collect();
        Rendered { lines, hidden }
    }

    /// Widths that show everything.
    fn widths(&self) -> Vec<usize> {
        let of_column = |(i, column): (usize, &Column)| {
            let cells = self.rows.iter().filter_map(|row| row.get(i)).map(|cell| cell.text.width());
            cells.chain([column.head.width()]).max().unwrap_or(0)
        };
        self.columns.iter().enumerate().map(of_column).collect()
    }

    fn next_to_drop(&self) -> Option<u8> {
        let order = |column: &Column| match column.fit {
            Fit::Drop { order } => Some(order),
            Fit::Fixed | Fit::Shrink { .. } => None,
        };
        self.columns.iter().filter_map(order).min()
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
        let room = |(column, width): &(&Column, &mut usize)| match column.fit {
            Fit::Shrink { least } => **width > least,
            Fit::Fixed | Fit::Drop { .. } => false,
        };
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

/// Pieces put side by side with `separator`, on as many lines as they need; lines after the first are indented.
pub fn flow(
    pieces: impl IntoIterator<Item = impl AsRef<str>>,
    separator: &str,
    indent: usize,
    width: usize,
) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces {
        let piece = piece.as_ref();
        match lines.last_mut() {
            Some(line) if line.width() + separator.width() + piece.width() <= width => {
                line.push_str(separator);
                line.push_str(piece);
            }
            Some(_) => lines.push(format!("{}{piece}", " ".repeat(indent))),
            None => lines.push(piece.to_owned()),
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
        assert!(flow(Vec::<String>::new(), " ", 2, 9).is_empty());
    }
}
