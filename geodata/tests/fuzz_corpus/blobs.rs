//! Seeds that are geometries of a GeoPackage.

use crate::seeds::Seed;

/// Bytes of a geometry, little-endian.
#[derive(Default)]
struct Wkb(Vec<u8>);

impl Wkb {
    /// The start of a geometry of a kind.
    fn of(kind: u32) -> Self {
        Self([&[1][..], &kind.to_le_bytes()].concat())
    }

    fn count(mut self, count: u32) -> Self {
        self.0.extend(count.to_le_bytes());
        self
    }

    fn numbers(mut self, numbers: &[f64]) -> Self {
        self.0.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        self
    }

    fn part(mut self, part: &Self) -> Self {
        self.0.extend(&part.0);
        self
    }

    /// The blob: magic, version, flags, system, and an envelope of so many numbers.
    fn blob(self, flags: u8, envelope: usize) -> Vec<u8> {
        let head = [&b"GP\0"[..], &[flags], &4326_i32.to_le_bytes()].concat();
        [head, vec![0; 8 * envelope], self.0].concat()
    }
}

/// All of them.
pub fn all() -> Vec<Seed> {
    let ring = [105.0, 22.0, 105.1, 22.0, 105.1, 22.1, 105.0, 22.0];
    let metres = [417_000.0, 2_450_000.0, 418_000.0, 2_450_000.0, 418_000.0, 2_451_000.0, 417_000.0, 2_450_000.0];
    let high = [105.0, 22.0, 9.0, 105.1, 22.0, 9.0, 105.1, 22.1, 9.0, 105.0, 22.0, 9.0];
    let polygon = |ring: &[f64]| Wkb::of(3).count(1).count(4).numbers(ring);
    let point = Wkb::of(1).numbers(&[105.2, 22.1]);
    let big = [&[0_u8][..], &1_u32.to_be_bytes(), &105.2_f64.to_be_bytes(), &22.1_f64.to_be_bytes()].concat();
    let blobs = [
        ("polygon", polygon(&ring).blob(0x01, 0)),
        ("metres", polygon(&metres).blob(0x01, 0)),
        ("envelope", polygon(&ring).blob(0x03, 4)),
        ("multi-polygon", Wkb::of(6).count(2).part(&polygon(&ring)).part(&polygon(&ring)).blob(0x01, 0)),
        ("heights", Wkb::of(1003).count(1).count(4).numbers(&high).blob(0x05, 6)),
        ("postgis-heights", Wkb::of(0x8000_0003).count(1).count(4).numbers(&high).blob(0x01, 0)),
        ("line", Wkb::of(2).count(4).numbers(&ring).blob(0x01, 0)),
        ("points", Wkb::of(4).count(2).part(&point).part(&point).blob(0x01, 0)),
        ("big-endian", Wkb(big).blob(0x00, 0)),
        ("empty", Wkb::of(3).count(0).blob(0x11, 0)),
        ("a-lie", Wkb::of(3).count(u32::MAX).blob(0x01, 0)),
        ("collection", Wkb::of(7).count(1).part(&point).blob(0x01, 0)),
        ("not-numbers", polygon(&[f64::NAN; 8]).blob(0x01, 0)),
        ("cut", Wkb::of(3).count(1).count(4).numbers(&ring[..5]).blob(0x01, 0)),
    ];
    blobs.into_iter().map(|(name, bytes)| ("gpkg_blob", name, bytes)).collect()
}
