//! `105.2,22.1,300 105.3,22.1` and so on, in pieces.

use crate::read::{
    frame::{Frame, Position},
    report::{Wrong, shown, wrong},
};

/// Longest tuple: three numbers of every digit that an `f64` has.
const MAX_TUPLE_BYTES: usize = 128;
/// What a wrong tuple is answered with.
const HINT: &str = "tuples are longitude,latitude,height without a blank inside, with a decimal point";

/// Tuples, read as their text comes.
#[derive(Debug, Default)]
pub(super) struct Coordinates {
    positions: Vec<Position>,
    /// The start of a tuple that may go on in the next piece.
    open: String,
}

impl Coordinates {
    /// Reads on.
    pub(super) fn read(&mut self, text: &str, frame: &Frame<'_>) -> Result<(), Wrong> {
        for (index, tuple) in text.split(|letter: char| letter.is_ascii_whitespace()).enumerate() {
            if index > 0 {
                self.close(frame)?;
            }
            if self.open.len() + tuple.len() > MAX_TUPLE_BYTES {
                return wrong(format!("coordinates: {:?} is no tuple", shown(tuple)), HINT);
            }
            self.open.push_str(tuple);
        }
        Ok(())
    }

    /// All positions, when the text is over.
    pub(super) fn finish(mut self, frame: &Frame<'_>) -> Result<Vec<Position>, Wrong> {
        self.close(frame)?;
        Ok(self.positions)
    }

    fn close(&mut self, frame: &Frame<'_>) -> Result<(), Wrong> {
        if self.open.is_empty() {
            return Ok(());
        }
        frame.take(1)?;
        let position = position(&self.open);
        let Some(position) = position else {
            return wrong(format!("coordinates: {:?} is no tuple", shown(&self.open)), HINT);
        };
        self.positions.push(position);
        self.open.clear();
        Ok(())
    }
}

fn position(tuple: &str) -> Option<Position> {
    let mut numbers = tuple.split(',');
    let mut number = || numbers.next()?.parse::<f64>().ok();
    let position = [number()?, number()?];
    // A height, which is ignored; a fourth number would be a decimal comma somewhere.
    (numbers.count() <= 1).then_some(position)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        crs::Crs,
        read::{Budget, Terms},
    };

    fn read(pieces: &[&str]) -> Result<Vec<Position>, Wrong> {
        let budget = Budget::of(3);
        let frame = Frame::new(Crs::WGS84, &Terms::silent(&budget));
        let mut coordinates = Coordinates::default();
        for piece in pieces {
            coordinates.read(piece, &frame)?;
        }
        coordinates.finish(&frame)
    }

    #[test]
    fn tuples_are_read_in_whatever_pieces() {
        let expected = Ok(vec![[105.2, 22.1], [105.3, -0.5]]);
        assert_eq!(read(&["\n\t105.2,22.1,300  105.3,-0.5\n"]), expected);
        assert_eq!(read(&["105", ".2,2", "2.1 ", " 105.3,-5e-1"]), expected);
        assert_eq!(read(&["", " "]), Ok(Vec::new()));
    }

    #[test]
    fn what_is_no_tuple_is_told() {
        for text in ["105.2", "105.2, 22.1", "105,2,22,1", "a,b", "105.2;22.1", &"1".repeat(1000)] {
            assert!(read(&[text]).is_err_and(|(message, _)| message.contains("is no tuple")), "{text}");
        }
        assert!(read(&["1,1 1,1 1,1 1,1"]).is_err_and(|(message, _)| message.contains("vertices in all files")));
    }
}
