//! What every format is read into.

use serde::de::DeserializeOwned;

use super::{
    Place,
    frame::Position,
    report::{Wrong, wrong},
};
use crate::{
    crs::Crs,
    grid::{Point, RawPolygon},
};

/// What a place without its point is answered with.
const HINT_POINT: &str = "give the culture house or the main cluster of dwellings; a site its mast";

/// What the features of a kind of file say of themselves.
pub(crate) trait Properties: DeserializeOwned {
    /// Their names. Tables cut names to ten letters and change their case; these are what is meant.
    const NAMES: &'static [&'static str];
    /// Whether all others count too, by the names that they have.
    const ANY: bool = false;
    /// What to do when they do not say it rightly.
    const HINT: &'static str;
}

/// One feature: what it says of itself, and its shape.
#[derive(Debug)]
pub(crate) struct Feature<P> {
    /// Where it is in the file.
    pub(crate) place: Place,
    /// Its properties.
    pub(crate) properties: P,
    /// Its shape.
    pub(crate) shape: Shape,
    /// What was left out of it.
    pub(crate) left_out: LeftOut,
    /// The system that its points are in.
    pub(crate) crs: Crs,
}

/// What is left out of every shape when it is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct LeftOut {
    /// Points that repeat the one before them.
    pub(crate) duplicates: u64,
    /// Holes without area.
    pub(crate) empty: u64,
}

/// A feature that is an area.
#[derive(Debug)]
pub(crate) struct Area<P> {
    /// Where it is in the file.
    pub(crate) place: Place,
    /// Its properties.
    pub(crate) properties: P,
    /// Shell and holes of each polygon; rings have at least three points and an area.
    pub(crate) polygons: Vec<RawPolygon>,
    /// What was left out of them.
    pub(crate) left_out: LeftOut,
}

/// A shape. Several of a kind are one shape, as formats differ in whether they tell one from several.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    /// Points as they are written, in the system of their file: whoever wants them knows where each should be, and what
    /// is wrong where it is not.
    Points(Vec<Position>),
    /// Lines of at least two points, on the grid.
    Lines(Vec<Vec<Point>>),
    /// Shell and holes of each polygon, on the grid; rings have at least three points and an area.
    Polygons(Vec<RawPolygon>),
}

impl Shape {
    /// The polygons; what is not an area is refused by name.
    fn into_polygons(self) -> Result<Vec<RawPolygon>, Wrong> {
        let kind = match self {
            Self::Polygons(polygons) => return Ok(polygons),
            Self::Points(points) => counted(points.len(), "point"),
            Self::Lines(lines) => counted(lines.len(), "line"),
        };
        Err((format!("its geometry is {kind}, not an area"), "use Polygon or MultiPolygon".to_owned()))
    }
}

impl<P> Feature<P> {
    /// The one point that the feature is, as its file writes it.
    pub(crate) fn point(&self) -> Result<Position, Wrong> {
        match &self.shape {
            Shape::Points(points) => match points.as_slice() {
                [point] => Ok(*point),
                [] => wrong("no geometry", HINT_POINT),
                [_, _, ..] => {
                    let message = format!("its geometry is {}, not one", counted(points.len(), "point"));
                    wrong(message, "make a feature of each; clusters of dwellings name theirs in a column cluster")
                }
            },
            Shape::Lines(_) => wrong("its geometry is a line, not a point", HINT_POINT),
            Shape::Polygons(polygons) if polygons.is_empty() => wrong("no geometry", HINT_POINT),
            Shape::Polygons(_) => wrong("its geometry is an area, not a point", HINT_POINT),
        }
    }

    /// The same feature as an area.
    pub(super) fn into_area(self) -> Result<Area<P>, (Place, Wrong)> {
        let Self { place, properties, shape, left_out, crs: _ } = self;
        match shape.into_polygons() {
            Ok(polygons) => Ok(Area { place, properties, polygons, left_out }),
            Err(wrong) => Err((place, wrong)),
        }
    }
}

impl<P> Area<P> {
    /// The same area, when its properties have been read.
    pub(crate) fn without_properties(self) -> Area<()> {
        Area { place: self.place, properties: (), polygons: self.polygons, left_out: self.left_out }
    }
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("a {what}") } else { format!("{count} {what}s") }
}
