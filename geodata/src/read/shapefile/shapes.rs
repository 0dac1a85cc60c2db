//! The `.shp`. The crate that decodes a shape reserves what its counts say, up to 32 GiB; so each record is held against
//! the bytes that are there before it is given away.

use std::io::Cursor;

use shapefile::{
    Polygon, PolygonM, PolygonZ, Polyline, PolylineM, PolylineZ, ReadableShape, Shape as Decoded, record::traits::HasXY,
};

use crate::{
    grid::doubled_area,
    read::{
        Shape,
        frame::{Frame, Position},
        report::{Wrong, wrong},
    },
};

/// Bytes of the header of `.shp` and `.shx`.
const HEADER: usize = 100;
/// Bytes before the content of a record, and of an entry of the index.
const RECORD_HEADER: usize = 8;
/// What a broken file is answered with.
const HINT: &str = "the file is damaged; copy it again, or export it again";

/// The records of a file, each lying wholly in it.
#[derive(Debug)]
pub(super) struct Shapes<'a> {
    records: Vec<&'a [u8]>,
    kind: i32,
}

impl<'a> Shapes<'a> {
    /// Looks at the header and at where the records lie.
    pub(super) fn open(shp: &'a [u8], shx: Option<&[u8]>) -> Result<Self, Wrong> {
        let (Some(length), Some(kind)) = (be(shp, 24), le(shp, 32)) else {
            return wrong(format!("{} bytes are no shapefile", shp.len()), HINT);
        };
        let length = bytes_of_words(length).filter(|length| *length >= HEADER);
        let Some(length) = length else { return wrong("its header gives no length", HINT) };
        let Some(used) = shp.get(..length) else {
            return wrong(format!("cut off: {length} bytes by its header, {} are there", shp.len()), HINT);
        };
        if ![0, 1, 3, 5, 8, 11, 13, 15, 18, 21, 23, 25, 28].contains(&kind) {
            let name = if kind == 31 { "MultiPatch".to_owned() } else { format!("number {kind}") };
            return wrong(format!("its shapes are of type {name}"), "export areas as polygons");
        }
        let records = match shx {
            Some(shx) => indexed(used, shx)?,
            None => in_a_row(used)?,
        };
        Ok(Self { records, kind })
    }

    /// How many records there are.
    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// The shape of a record, from 0. A record without one is an empty area: the format has no other.
    pub(super) fn shape(&self, index: usize, frame: &Frame<'_>) -> Result<Shape, Wrong> {
        let content = self.records.get(index).copied().unwrap_or_default();
        let vertices = vertices(content, self.kind)?;
        frame.take(vertices)?;
        let length = i32::try_from(content.len()).unwrap_or(i32::MAX);
        let decoded = Decoded::read_from(&mut Cursor::new(content), length)
            .map_err(|error| (format!("its shape is not readable: {error}"), HINT.to_owned()))?;
        match decoded {
            Decoded::NullShape => Ok(Shape::Polygons(Vec::new())),
            Decoded::Point(p) => Ok(Shape::Points(positions(&[p]))),
            Decoded::PointM(p) => Ok(Shape::Points(positions(&[p]))),
            Decoded::PointZ(p) => Ok(Shape::Points(positions(&[p]))),
            Decoded::Multipoint(p) => Ok(Shape::Points(positions(p.points()))),
            Decoded::MultipointM(p) => Ok(Shape::Points(positions(p.points()))),
            Decoded::MultipointZ(p) => Ok(Shape::Points(positions(p.points()))),
            Decoded::Polyline(line) => lines(&line_parts(&line), frame),
            Decoded::PolylineM(line) => lines(&line_m_parts(&line), frame),
            Decoded::PolylineZ(line) => lines(&line_z_parts(&line), frame),
            Decoded::Polygon(polygon) => polygons(&rings(&polygon), frame),
            Decoded::PolygonM(polygon) => polygons(&rings_m(&polygon), frame),
            Decoded::PolygonZ(polygon) => polygons(&rings_z(&polygon), frame),
            Decoded::Multipatch(_) => wrong("its shape is a MultiPatch", "export areas as polygons"),
        }
    }
}

fn positions<P: HasXY>(points: &[P]) -> Vec<Position> {
    points.iter().map(|point| [point.x(), point.y()]).collect()
}

fn line_parts(line: &Polyline) -> Vec<Vec<Position>> {
    line.parts().iter().map(|part| positions(part)).collect()
}

fn line_m_parts(line: &PolylineM) -> Vec<Vec<Position>> {
    line.parts().iter().map(|part| positions(part)).collect()
}

fn line_z_parts(line: &PolylineZ) -> Vec<Vec<Position>> {
    line.parts().iter().map(|part| positions(part)).collect()
}

fn rings(polygon: &Polygon) -> Vec<Vec<Position>> {
    polygon.rings().iter().map(|ring| positions(ring.points())).collect()
}

fn rings_m(polygon: &PolygonM) -> Vec<Vec<Position>> {
    polygon.rings().iter().map(|ring| positions(ring.points())).collect()
}

fn rings_z(polygon: &PolygonZ) -> Vec<Vec<Position>> {
    polygon.rings().iter().map(|ring| positions(ring.points())).collect()
}

fn lines(parts: &[Vec<Position>], frame: &Frame<'_>) -> Result<Shape, Wrong> {
    Ok(Shape::Lines(parts.iter().map(|part| frame.line(part)).collect::<Result<_, _>>()?))
}

/// Outer rings run clockwise and holes the other way; which hole is whose is not said.
fn polygons(parts: &[Vec<Position>], frame: &Frame<'_>) -> Result<Shape, Wrong> {
    let (mut shells, mut holes) = (Vec::new(), Vec::new());
    for (index, part) in parts.iter().enumerate() {
        let number = index + 1;
        let ring = frame.ring(part).map_err(|(message, hint)| (format!("ring {number}: {message}"), hint))?;
        let area = doubled_area(&ring);
        // Many programs write a lone ring in whichever direction it was drawn.
        if area < 0 || (area > 0 && parts.len() == 1) {
            shells.push(ring);
        } else if area > 0 {
            holes.push((number, ring));
        } else {
            frame.leave_out(0, 1);
        }
    }
    if shells.is_empty() && !parts.is_empty() {
        return wrong(
            "no outer ring: none runs clockwise and encloses an area",
            "export it again; holes run the other way",
        );
    }
    Ok(Shape::Polygons(frame.joined(shells, holes)?))
}

/// Vertices of a record whose counts its bytes can hold.
fn vertices(content: &[u8], kind: i32) -> Result<usize, Wrong> {
    let own = le(content, 0);
    if own == Some(0) {
        return Ok(0);
    }
    if own != Some(kind) {
        return wrong("its shape is of another type than the file", HINT);
    }
    let count = |at| le(content, at).and_then(|count| usize::try_from(count).ok());
    let (parts, points, fixed) = match kind {
        1 | 11 | 21 => (0, Some(1), 4),
        8 | 18 | 28 => (0, count(36), 40),
        _ => (count(36).unwrap_or(usize::MAX), count(40), 44),
    };
    let needed = |points: usize| points.checked_mul(16)?.checked_add(parts.checked_mul(4)?)?.checked_add(fixed);
    match points.filter(|points| needed(*points).is_some_and(|needed| needed <= content.len())) {
        Some(points) => Ok(points),
        None => wrong("its shape claims more parts or points than its bytes can hold", HINT),
    }
}

/// Records one after the other.
fn in_a_row(shp: &[u8]) -> Result<Vec<&[u8]>, Wrong> {
    let mut records = Vec::new();
    let mut at = HEADER;
    while at < shp.len() {
        let content = record(shp, at, records.len() + 1)?;
        at += RECORD_HEADER + content.len();
        records.push(content);
    }
    Ok(records)
}

/// Records where the index says they are.
fn indexed<'a>(shp: &'a [u8], shx: &[u8]) -> Result<Vec<&'a [u8]>, Wrong> {
    let entries = shx.get(HEADER..).unwrap_or_default().chunks_exact(RECORD_HEADER);
    if shx.len() < HEADER || !entries.remainder().is_empty() {
        return wrong(".shx: damaged", "remove it when the .shp is whole: it is not needed then");
    }
    let place = |(index, entry): (usize, &[u8])| {
        let at = be(entry, 0).and_then(bytes_of_words).filter(|at| *at >= HEADER);
        record(shp, at.unwrap_or(usize::MAX), index + 1)
    };
    entries.enumerate().map(place).collect()
}

/// The content of the record at a place.
fn record(shp: &[u8], at: usize, number: usize) -> Result<&[u8], Wrong> {
    let content = || {
        let rest = shp.get(at..)?;
        let length = bytes_of_words(be(rest, 4)?)?;
        rest.get(RECORD_HEADER..)?.get(..length)
    };
    match content() {
        Some(content) => Ok(content),
        None => wrong(format!("record {number}: it does not lie in the file"), HINT),
    }
}

fn bytes_of_words(words: i32) -> Option<usize> {
    usize::try_from(words).ok()?.checked_mul(2)
}

fn be(bytes: &[u8], at: usize) -> Option<i32> {
    bytes.get(at..)?.first_chunk().map(|chunk| i32::from_be_bytes(*chunk))
}

fn le(bytes: &[u8], at: usize) -> Option<i32> {
    bytes.get(at..)?.first_chunk().map(|chunk| i32::from_le_bytes(*chunk))
}
