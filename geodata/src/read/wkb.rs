//! Well-known binary: OGC 06-103r4 with the codes of ISO 13249-3 (thousands for Z and M) and those of PostGIS (high bits).
//!
//! A count is believed only as far as the bytes that are left can hold it, so nothing is reserved for a lie; crates
//! that were looked at reserve what the count says.

use super::{
    Shape,
    frame::{Frame, Position},
    report::{Wrong, wrong},
};

/// High bits of a type in the dialect of PostGIS.
const EWKB_Z: u32 = 0x8000_0000;
const EWKB_M: u32 = 0x4000_0000;
const EWKB_SRID: u32 = 0x2000_0000;

/// What a broken geometry is answered with.
const HINT: &str = "the geometry is damaged; export the file again";
/// What a geometry of curves or of mixed kinds is answered with.
const HINT_KIND: &str = "convert it: ogr2ogr -nlt CONVERT_TO_LINEAR -nlt PROMOTE_TO_MULTI out.gpkg IN";

/// Names by code, for those that are not read.
const OTHER_KINDS: [(u32, &str); 11] = [
    (0, "a Geometry of no kind"),
    (7, "a GeometryCollection"),
    (8, "a CircularString"),
    (9, "a CompoundCurve"),
    (10, "a CurvePolygon"),
    (11, "a MultiCurve"),
    (12, "a MultiSurface"),
    (13, "a Curve"),
    (14, "a Surface"),
    (15, "a PolyhedralSurface"),
    (16, "a TIN"),
];

/// Bytes that are read from the front.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bytes<'a> {
    rest: &'a [u8],
    little_endian: bool,
}

impl<'a> Bytes<'a> {
    /// All of these bytes.
    pub(super) fn new(rest: &'a [u8], little_endian: bool) -> Self {
        Self { rest, little_endian }
    }

    /// What is left.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Wrong> {
        match self.rest.split_first_chunk::<N>() {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(*taken)
            }
            None => wrong("the geometry ends too early", HINT),
        }
    }

    fn u8(&mut self) -> Result<u8, Wrong> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn u32(&mut self) -> Result<u32, Wrong> {
        let bytes = self.array()?;
        Ok(if self.little_endian { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn f64(&mut self) -> Result<f64, Wrong> {
        let bytes = self.array()?;
        Ok(if self.little_endian { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) })
    }

    /// Leaves bytes aside.
    pub(super) fn skip(&mut self, count: usize) -> Result<(), Wrong> {
        match self.rest.split_at_checked(count) {
            Some((_, rest)) => {
                self.rest = rest;
                Ok(())
            }
            None => wrong("the geometry ends too early", HINT),
        }
    }

    /// A count of things of at least so many bytes each.
    fn count(&mut self, least_bytes: usize) -> Result<usize, Wrong> {
        let count = self.u32()?;
        match usize::try_from(count) {
            Ok(count) if count.saturating_mul(least_bytes) <= self.rest.len() => Ok(count),
            _ => wrong(format!("the geometry claims {count} parts or points, more than its bytes can hold"), HINT),
        }
    }
}

/// What the head of a geometry says.
struct Head {
    kind: u32,
    /// Coordinates after x and y.
    more: usize,
}

fn head(bytes: &mut Bytes<'_>) -> Result<Head, Wrong> {
    bytes.little_endian = match bytes.u8()? {
        0 => false,
        1 => true,
        other => return wrong(format!("{other} is no byte order"), HINT),
    };
    let code = bytes.u32()?;
    if code & EWKB_SRID != 0 {
        bytes.u32()?;
    }
    let flat = code & !(EWKB_Z | EWKB_M | EWKB_SRID);
    let (thousands, kind) = (flat / 1000, flat % 1000);
    let of_iso = match thousands {
        0 => 0,
        1 | 2 => 1,
        3 => 2,
        _ => return wrong(format!("{code} is no type of a geometry"), HINT),
    };
    let of_bits = [EWKB_Z, EWKB_M].into_iter().filter(|bit| code & bit != 0).count();
    Ok(Head { kind, more: of_iso.max(of_bits) })
}

/// The shape of a geometry.
pub(super) fn shape(bytes: &[u8], frame: &Frame<'_>) -> Result<Shape, Wrong> {
    let mut bytes = Bytes::new(bytes, true);
    let Head { kind, more } = head(&mut bytes)?;
    let bytes = &mut bytes;
    match kind {
        1 => Ok(Shape::Points(point(bytes, more, frame)?.into_iter().collect())),
        4 => {
            let points = members(bytes, 1, |bytes, more| point(bytes, more, frame))?;
            Ok(Shape::Points(points.into_iter().flatten().collect()))
        }
        2 => Ok(Shape::Lines(vec![frame.line(&positions(bytes, more, frame)?)?])),
        5 => Ok(Shape::Lines(members(bytes, 2, |bytes, more| frame.line(&positions(bytes, more, frame)?))?)),
        3 => Ok(Shape::Polygons(frame.polygons(&some(rings(bytes, more, frame)?))?)),
        6 => {
            let polygons = members(bytes, 3, |bytes, more| rings(bytes, more, frame))?;
            Ok(Shape::Polygons(frame.polygons(&polygons)?))
        }
        other => refused(other),
    }
}

fn refused<T>(kind: u32) -> Result<T, Wrong> {
    match OTHER_KINDS.iter().find(|(code, _)| *code == kind) {
        Some((_, name)) => wrong(format!("its geometry is {name}, which is not read"), HINT_KIND),
        None => wrong(format!("{kind} is no type of a geometry"), HINT),
    }
}

/// A polygon without rings is an empty one.
fn some(rings: Vec<Vec<Position>>) -> Vec<Vec<Vec<Position>>> {
    if rings.is_empty() { Vec::new() } else { vec![rings] }
}

/// The members of a collection of one kind. They are never collections themselves, so nothing nests.
fn members<T>(
    bytes: &mut Bytes<'_>,
    kind: u32,
    read: impl Fn(&mut Bytes<'_>, usize) -> Result<T, Wrong>,
) -> Result<Vec<T>, Wrong> {
    // Byte order, type and a count.
    let count = bytes.count(9)?;
    let mut members = Vec::new();
    for _ in 0..count {
        let head = head(bytes)?;
        if head.kind != kind {
            return wrong(format!("a member of type {} where {kind} is due", head.kind), HINT);
        }
        members.push(read(bytes, head.more)?);
    }
    Ok(members)
}

fn rings(bytes: &mut Bytes<'_>, more: usize, frame: &Frame<'_>) -> Result<Vec<Vec<Position>>, Wrong> {
    let count = bytes.count(4)?;
    (0..count).map(|_| positions(bytes, more, frame)).collect()
}

fn positions(bytes: &mut Bytes<'_>, more: usize, frame: &Frame<'_>) -> Result<Vec<Position>, Wrong> {
    let count = bytes.count(8 * (2 + more))?;
    frame.take(count)?;
    (0..count).map(|_| position(bytes, more)).collect()
}

fn position(bytes: &mut Bytes<'_>, more: usize) -> Result<Position, Wrong> {
    let position = [bytes.f64()?, bytes.f64()?];
    bytes.skip(8 * more)?;
    Ok(position)
}

/// A point; an empty one has coordinates that are not numbers.
fn point(bytes: &mut Bytes<'_>, more: usize, frame: &Frame<'_>) -> Result<Option<Position>, Wrong> {
    frame.take(1)?;
    let position = position(bytes, more)?;
    Ok(Some(position).filter(|position| !position.iter().all(|coordinate| coordinate.is_nan())))
}
