//! Coordinates of a geometry, from text to checked rings on the grid.

use std::fmt;

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error as _, IgnoredAny, SeqAccess, Visitor},
};

use super::document::reason;
use crate::read::{
    Shape,
    frame::{Frame, HINT_SHAPE, Position},
    report::{Wrong, shown, wrong},
};

/// What a geometry of another kind is answered with.
const HINT_KIND: &str = "use Polygon or MultiPolygon for areas, and Point for places";

/// The shape of a geometry of any kind but a collection.
pub(super) fn shape(kind: Option<&str>, coordinates: &str, frame: &Frame<'_>) -> Result<Shape, Wrong> {
    let position = PositionOf(frame);
    let (line, polygon) = (ListOf(position), ListOf(ListOf(position)));
    match kind {
        Some("Polygon") => Ok(Shape::Polygons(frame.polygons(&[read(polygon, coordinates)?])?)),
        Some("MultiPolygon") => Ok(Shape::Polygons(frame.polygons(&read(ListOf(polygon), coordinates)?)?)),
        Some("Point") => Ok(Shape::Points(vec![read(position, coordinates)?])),
        Some("MultiPoint") => Ok(Shape::Points(read(line, coordinates)?)),
        Some("LineString") => Ok(Shape::Lines(vec![frame.line(&read(line, coordinates)?)?])),
        Some("MultiLineString") => {
            let lines: Vec<Vec<Position>> = read(polygon, coordinates)?;
            Ok(Shape::Lines(lines.iter().map(|line| frame.line(line)).collect::<Result<_, _>>()?))
        }
        Some(other) => wrong(format!("its geometry is {:?}, which is not read", shown(other)), HINT_KIND),
        None => wrong("its geometry has no type", HINT_KIND),
    }
}

fn read<'de, S: DeserializeSeed<'de>>(seed: S, coordinates: &'de str) -> Result<S::Value, Wrong> {
    seed.deserialize(&mut serde_json::Deserializer::from_str(coordinates))
        .map_err(|e| (format!("coordinates: {}", reason(&e)), HINT_SHAPE.to_owned()))
}

/// A list of what the inner seed reads.
#[derive(Clone, Copy)]
struct ListOf<S>(S);

impl<'de, S: DeserializeSeed<'de> + Copy> DeserializeSeed<'de> for ListOf<S> {
    type Value = Vec<S::Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, S: DeserializeSeed<'de> + Copy> Visitor<'de> for ListOf<S> {
    type Value = Vec<S::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(self.0)? {
            values.push(value);
        }
        Ok(values)
    }
}

/// A position, which takes one vertex of the budget; what follows longitude and latitude is height and is ignored.
#[derive(Clone, Copy)]
struct PositionOf<'f, 'b>(&'f Frame<'b>);

impl<'de> DeserializeSeed<'de> for PositionOf<'_, '_> {
    type Value = Position;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for PositionOf<'_, '_> {
    type Value = Position;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a position [longitude, latitude]")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        self.0.take(1).map_err(|(message, _)| A::Error::custom(message))?;
        let lon = list.next_element()?.ok_or_else(|| A::Error::invalid_length(0, &self))?;
        let lat = list.next_element()?.ok_or_else(|| A::Error::invalid_length(1, &self))?;
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok([lon, lat])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        crs::Crs,
        read::{Budget, Terms},
    };

    fn shape_of(kind: &str, coordinates: &str, vertices: u64) -> Result<Shape, Wrong> {
        let budget = Budget::of(vertices);
        shape(Some(kind), coordinates, &Frame::new(Crs::WGS84, &Terms::silent(&budget)))
    }

    #[test]
    fn vertices_are_counted_before_they_are_kept() {
        let square = "[[[0,0],[1,0],[1,1],[0,0]]]";
        assert!(shape_of("Polygon", square, 4).is_ok());
        let refused = shape_of("Polygon", square, 3);
        assert!(refused.is_err_and(|(message, _)| message.contains("vertices in all files")));
    }

    #[test]
    fn heights_are_ignored_and_flat_holes_dropped() {
        let text = "[[[0,0,5],[3,0,5],[3,3,5],[0,0,5]],[[1,1],[2,1],[1,1],[1,1]]]";
        let Ok(Shape::Polygons(polygons)) = shape_of("Polygon", text, 100) else { panic!("a polygon") };
        assert_eq!(polygons[0].len(), 1);
    }

    #[test]
    fn points_and_lines_are_read_one_or_several() {
        let points = |kind, text| match shape_of(kind, text, 100) {
            Ok(Shape::Points(points)) => points.len(),
            other => panic!("{other:?}"),
        };
        assert_eq!((points("Point", "[105,22,7]"), points("MultiPoint", "[[105,22],[106,22]]")), (1, 2));
        let lines = |kind, text| match shape_of(kind, text, 100) {
            Ok(Shape::Lines(lines)) => lines.len(),
            other => panic!("{other:?}"),
        };
        assert_eq!((lines("LineString", "[[0,0],[1,0]]"), lines("MultiLineString", "[[[0,0],[1,0]]]")), (1, 1));
        assert!(shape_of("LineString", "[[0,0]]", 100).is_err_and(|(message, _)| message == "a line of 1 positions"));
    }
}
