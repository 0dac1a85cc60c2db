//! From a packed tile or strip to its values.

use flate2::{Decompress, FlushDecompress, Status};
use weezl::{BitOrder, LzwStatus, decode::Configuration};

use super::{
    directory::ByteOrder,
    fault::Wrong,
    layout::{Packing, Predictor, Sample},
};

/// Unpacks one tile after the other into the same memory.
pub(crate) struct Unpacker {
    packing: Packing,
    inflate: Decompress,
    unpacked: Vec<u8>,
}

impl Unpacker {
    /// For tiles packed in this way.
    pub(crate) fn new(packing: Packing) -> Self {
        Self { packing, inflate: Decompress::new(true), unpacked: Vec::new() }
    }

    /// The first `bytes` bytes of what was packed; a caller's limit holds for them. More is not looked at: some
    /// writers fill up.
    pub(crate) fn unpack(&mut self, what: &str, packed: &[u8], bytes: usize) -> Result<&mut [u8], Wrong> {
        self.unpacked.resize(bytes, 0);
        let (found, problem) = match self.packing {
            Packing::Plain => {
                let found = packed.len().min(bytes);
                for (to, from) in self.unpacked.iter_mut().zip(packed) {
                    *to = *from;
                }
                (found, None)
            }
            Packing::Deflate => self.inflate(packed),
            Packing::Lzw => self.lzw(packed),
        };
        if let Some(problem) = problem.filter(|_| found < bytes) {
            return Err(Wrong::damage(format!("{what}: cannot be unpacked: {problem}")));
        }
        if found < bytes {
            return Err(Wrong::damage(format!("{what}: {found} bytes where there should be {bytes}")));
        }
        Ok(&mut self.unpacked)
    }

    fn inflate(&mut self, packed: &[u8]) -> (usize, Option<String>) {
        self.inflate.reset(true);
        let problem = match self.inflate.decompress(packed, &mut self.unpacked, FlushDecompress::Finish) {
            Ok(Status::Ok | Status::BufError | Status::StreamEnd) => None,
            Err(error) => Some(error.to_string()),
        };
        (usize::try_from(self.inflate.total_out()).unwrap_or(usize::MAX), problem)
    }

    fn lzw(&mut self, packed: &[u8]) -> (usize, Option<String>) {
        // TIFF switches to longer codes one code early. A code that is out of room is not an error: the last tile may
        // hold more than is asked for.
        let mut decoder =
            Configuration::with_tiff_size_switch(BitOrder::Msb, 8).with_yield_on_full_buffer(true).build();
        let (mut read, mut written) = (0, 0);
        while let (Some(from), Some(to)) = (packed.get(read..), self.unpacked.get_mut(written..)) {
            let step = decoder.decode_bytes(from, to);
            read += step.consumed_in;
            written += step.consumed_out;
            match step.status {
                Ok(LzwStatus::Ok) if step.consumed_in > 0 || step.consumed_out > 0 => {}
                Ok(LzwStatus::Ok | LzwStatus::NoProgress | LzwStatus::Done) => break,
                Err(error) => return (written, Some(error.to_string())),
            }
        }
        (written, None)
    }
}

/// Makes the bytes of a row into those of its values, each with its low end first, as they were before the predictor.
/// `scratch` is as long as the row.
pub(crate) fn restore<'a>(
    row: &'a mut [u8],
    scratch: &'a mut [u8],
    sample: Sample,
    order: ByteOrder,
    predictor: Predictor,
) -> &'a [u8] {
    match predictor {
        Predictor::Nothing => low_end_first(row, sample, order),
        Predictor::Difference => {
            low_end_first(row, sample, order);
            match sample.bytes() {
                1 => add_up(row, |[a], [b]: [u8; 1]| [a.wrapping_add(b)]),
                2 => add_up(row, |a, b| u16::from_le_bytes(a).wrapping_add(u16::from_le_bytes(b)).to_le_bytes()),
                4 => add_up(row, |a, b| u32::from_le_bytes(a).wrapping_add(u32::from_le_bytes(b)).to_le_bytes()),
                _ => add_up(row, |a, b| u64::from_le_bytes(a).wrapping_add(u64::from_le_bytes(b)).to_le_bytes()),
            }
        }
        Predictor::Bytes => {
            // The high ends come first whatever the byte order of the file is.
            add_up_bytes(row);
            match sample.bytes() {
                4 => gather_four(row, scratch),
                _ => gather_eight(row, scratch),
            }
            return scratch;
        }
    }
    row
}

fn low_end_first(row: &mut [u8], sample: Sample, order: ByteOrder) {
    let size = usize::try_from(sample.bytes()).unwrap_or(1);
    match order {
        ByteOrder::Little => {}
        ByteOrder::Big => row.chunks_exact_mut(size).for_each(<[u8]>::reverse),
    }
}

fn add_up<const N: usize>(row: &mut [u8], add: impl Fn([u8; N], [u8; N]) -> [u8; N]) {
    let (values, _) = row.as_chunks_mut::<N>();
    let mut before = [0; N];
    for value in values {
        before = add(before, *value);
        *value = before;
    }
}

/// Each byte becomes the sum of those up to it. Eight at a time within one number, by three shifts, and then the sum of
/// all before: a byte at a time takes three times as long, and this is a third of the time that a file takes.
fn add_up_bytes(row: &mut [u8]) {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // Adds bytes to bytes without a carry into the next.
    let add = |a: u64, b: u64| ((a & !HIGH) + (b & !HIGH)) ^ ((a ^ b) & HIGH);
    let (eights, rest) = row.as_chunks_mut::<8>();
    // No eight waits for another here: the compiler does several at once.
    for eight in &mut *eights {
        let mut sums = u64::from_le_bytes(*eight);
        sums = add(sums, sums << 8);
        sums = add(sums, sums << 16);
        sums = add(sums, sums << 32);
        *eight = sums.to_le_bytes();
    }
    let mut before = 0_u8;
    for eight in eights {
        let sums = u64::from_le_bytes(*eight);
        *eight = add(sums, u64::from_le_bytes([before; 8])).to_le_bytes();
        let [.., all] = sums.to_le_bytes();
        before = before.wrapping_add(all);
    }
    for byte in rest {
        before = before.wrapping_add(*byte);
        *byte = before;
    }
}

/// Brings the four bytes of each value together: the row holds the highest bytes of all values, then the next.
fn gather_four(row: &[u8], values: &mut [u8]) {
    let count = row.len() / 4;
    let (high, low) = row.split_at(2 * count);
    let ((a, b), (c, d)) = (high.split_at(count), low.split_at(count));
    let (values, _) = values.as_chunks_mut();
    for ((((value, a), b), c), d) in values.iter_mut().zip(a).zip(b).zip(c).zip(d) {
        // As a number, so that the compiler does sixteen at once.
        let bits = u32::from(*a) << 24 | u32::from(*b) << 16 | u32::from(*c) << 8 | u32::from(*d);
        *value = bits.to_le_bytes();
    }
}

/// The same for eight bytes, which are rare: a plane of bytes after the other.
fn gather_eight(row: &[u8], values: &mut [u8]) {
    let count = (row.len() / 8).max(1);
    for (place, plane) in row.chunks_exact(count).rev().enumerate() {
        for (value, byte) in values.iter_mut().skip(place).step_by(8).zip(plane) {
            *value = *byte;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn eight_sums_at_a_time_are_the_sums(mut row in prop::collection::vec(any::<u8>(), 0..70)) {
            let mut plain = row.clone();
            for i in 1..plain.len() {
                plain[i] = plain[i].wrapping_add(plain[i - 1]);
            }
            add_up_bytes(&mut row);
            prop_assert_eq!(row, plain);
        }
    }
}
