//! Lines read from the store that wait to be delivered, and what may be said to the store once they are.

use std::ops::Range;

use phusong_model::UtcMs;
use phusong_store::Rejection;

use super::{SinkOrder, line::Point};

/// Most lines of a request: InfluxDB's own advice, and half a second of work for a busy server.
const BATCH_LINES: usize = 5_000;
/// Most bytes of a request before packing: nginx refuses more unless told otherwise, InfluxDB 3 refuses ten times this.
const BATCH_BYTES: usize = 1 << 20;

/// The end of a tick: with all lines up to it delivered, the cursor may move to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct TickEnd {
    /// How many lines of the chunk lie before it.
    lines: usize,
    /// Number of the tick in the store.
    seq: i64,
    /// Time of the tick.
    at: UtcMs,
}

/// Lines in the order they will be sent.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    text: String,
    /// Where each line ends in `text`.
    ends: Vec<usize>,
    ticks: Vec<TickEnd>,
    /// Points that no line can hold; they go to the rejected lines unsent.
    unwritable: Vec<Rejection>,
    /// Whose numbers those of the ticks are.
    numbering: i64,
}

/// Status of a rejected line that was never sent.
const UNSENT: u16 = 0;

impl Chunk {
    /// An empty chunk for ticks of a store with this numbering.
    pub(super) fn of(numbering: i64) -> Self {
        Self { numbering, ..Self::default() }
    }

    /// Adds a point. One that cannot be written is rejected under `seq`.
    pub(super) fn push(&mut self, seq: i64, point: &Point<'_>) {
        match point.write(&mut self.text) {
            Ok(()) => self.ends.push(self.text.len()),
            Err(reason) => self.refuse(seq, format!("{point:?}"), reason.to_string()),
        }
    }

    /// Adds what cannot become a line at all.
    pub(super) fn refuse(&mut self, seq: i64, what: String, reason: String) {
        self.unwritable.push(Rejection { seq, line: what, status: UNSENT, message: reason });
    }

    /// Ends a tick: everything since the tick before belongs to it.
    pub(super) fn end_tick(&mut self, seq: i64, at: UtcMs) {
        self.ticks.push(TickEnd { lines: self.ends.len(), seq, at });
    }

    /// How many lines there are.
    pub(super) fn lines(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no tick to pass, and so nothing to do.
    pub(super) fn is_empty(&self) -> bool {
        self.ticks.is_empty()
    }

    /// Number of the last tick; 0 without any.
    pub(super) fn last_tick(&self) -> i64 {
        self.ticks.last().map_or(0, |tick| tick.seq)
    }

    /// What is to be rejected before anything is sent.
    pub(super) fn unwritable(&self) -> &[Rejection] {
        &self.unwritable
    }

    /// The lines cut into requests, in order. The last one may be empty, so that a tick without lines is passed too.
    pub(super) fn batches(&self) -> Vec<Range<usize>> {
        let mut batches = Vec::new();
        let (mut first, mut bytes, mut before) = (0, 0, 0);
        for (line, &end) in self.ends.iter().enumerate() {
            let length = end - before;
            before = end;
            if line - first == BATCH_LINES || (bytes + length > BATCH_BYTES && line > first) {
                batches.push(first..line);
                (first, bytes) = (line, 0);
            }
            bytes += length;
        }
        batches.push(first..self.ends.len());
        batches
    }

    /// The text of some lines; empty for lines that are not there.
    pub(super) fn text_of(&self, lines: Range<usize>) -> &str {
        let end_of = |count: usize| count.checked_sub(1).map_or(Some(0), |last| self.ends.get(last).copied());
        match (end_of(lines.start), end_of(lines.end)) {
            (Some(from), Some(to)) => self.text.get(from..to).unwrap_or_default(),
            _ => "",
        }
    }

    /// A line that is refused.
    pub(super) fn rejection(&self, line: usize, status: u16, message: String) -> Rejection {
        let tick = self.ticks.iter().find(|tick| line < tick.lines);
        let text = self.text_of(line..line + 1).trim_end().to_owned();
        Rejection { seq: tick.map_or(0, |tick| tick.seq), line: text, status, message }
    }

    /// Whose numbers those of its ticks are.
    pub(super) const fn numbering(&self) -> i64 {
        self.numbering
    }

    /// The order to move the cursor to a tick.
    pub(super) const fn advance(&self, seq: i64) -> SinkOrder {
        SinkOrder::Advance { seq, numbering: self.numbering }
    }

    /// The last tick with all its lines among the first `delivered`.
    pub(super) fn whole_tick(&self, delivered: usize) -> Option<i64> {
        let whole = self.ticks.partition_point(|tick| tick.lines <= delivered);
        self.ticks.get(..whole)?.last().map(|tick| tick.seq)
    }

    /// Time of the oldest tick that still waits after the one with number `seq`.
    pub(super) fn oldest_after(&self, seq: i64) -> Option<UtcMs> {
        self.ticks.iter().find(|tick| tick.seq > seq).map(|tick| tick.at)
    }
}

#[cfg(test)]
mod tests {
    use phusong_model::LinkId;

    use super::*;
    use crate::influx::{line::Value, tag::Tag};

    fn chunk(ticks: &[usize], word: &str) -> Chunk {
        let link: LinkId = "l".parse().expect("id");
        let mut chunk = Chunk::default();
        for (seq, lines) in (1..).zip(ticks) {
            let at = UtcMs(seq * 1000);
            for _ in 0..*lines {
                let fields = vec![("word", Value::Text(word))];
                chunk.push(seq, &Point { measurement: "m", tags: vec![Tag::Link(&link)], fields, at });
            }
            chunk.end_tick(seq, at);
        }
        chunk
    }

    #[test]
    fn batches_keep_both_limits_and_lose_nothing() {
        for (ticks, word) in [
            (vec![1240; 12], "x".to_owned()),
            (vec![33_210], "x".to_owned()),
            (vec![10, 0, 3], "x".repeat(BATCH_BYTES)),
            (vec![0, 0], String::new()),
        ] {
            let chunk = chunk(&ticks, &word);
            let batches = chunk.batches();
            let mut next = 0;
            for batch in &batches {
                assert_eq!(batch.start, next);
                next = batch.end;
                assert!(batch.len() <= BATCH_LINES);
                assert!(batch.len() == 1 || chunk.text_of(batch.clone()).len() <= BATCH_BYTES);
            }
            assert_eq!(next, chunk.lines());
            let whole: String = batches.into_iter().map(|batch| chunk.text_of(batch)).collect();
            assert_eq!(whole, chunk.text);
        }
    }

    #[test]
    fn the_cursor_follows_whole_ticks_only() {
        let chunk = chunk(&[3, 0, 4], "x");
        let whole: Vec<Option<i64>> = (0..=7).map(|delivered| chunk.whole_tick(delivered)).collect();
        assert_eq!(whole, [None, None, None, Some(2), Some(2), Some(2), Some(2), Some(3)]);
        assert_eq!(chunk.oldest_after(2), Some(UtcMs(3000)));
        assert_eq!(chunk.oldest_after(3), None);
    }

    #[test]
    fn a_tick_without_lines_is_passed() {
        let chunk = chunk(&[0, 0], "");
        assert_eq!(chunk.batches().as_slice(), std::slice::from_ref(&(0..0)));
        assert_eq!(chunk.whole_tick(0), Some(2));
    }

    #[test]
    fn a_rejection_names_the_tick_of_its_line() {
        let chunk = chunk(&[3, 4], "x");
        let Rejection { seq, line, status, .. } = chunk.rejection(3, 422, String::new());
        assert_eq!((seq, line.as_str(), status), (2, "m,link=l word=\"x\" 2", 422));
    }

    #[test]
    fn what_cannot_be_written_is_rejected_and_not_forgotten() {
        let mut chunk = Chunk::default();
        let fields = vec![("v", Value::Int(1))];
        chunk.push(7, &Point { measurement: "m", tags: vec![Tag::Vantage("a\nb")], fields, at: UtcMs(0) });
        assert_eq!(chunk.lines(), 0);
        let [Rejection { seq: 7, status: UNSENT, message, .. }] = chunk.unwritable() else {
            panic!("{:?}", chunk.unwritable())
        };
        assert_eq!(message, "tag vantage of m cannot hold '\\n'");
    }
}
