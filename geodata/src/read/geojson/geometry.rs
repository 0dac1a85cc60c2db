//! Coordinates of a geometry, from text to checked rings on the grid.

use std::fmt;

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error as _, IgnoredAny, SeqAccess, Visitor},
};

use super::document::reason;
use crate::{
    grid::{Point, RawPolygon, Ring, UNITS_PER_DEGREE, doubled_area, edges, to_grid},
    read::{Budget, limits::MAX_VERTICES},
};

/// Message and hint of a fault.
type Wrong = (String, String);

/// Fewest positions of a ring: three, and the first again.
const MIN_POSITIONS: usize = 4;

fn wrong<T>(message: impl Into<String>, hint: &str) -> Result<T, Wrong> {
    Err((message.into(), hint.to_owned()))
}

/// The polygons of a Polygon or MultiPolygon.
pub(super) fn polygons(kind: Option<&str>, coordinates: &str, budget: &Budget) -> Result<Vec<RawPolygon>, Wrong> {
    let polygon = ListOf(ListOf(PositionOf(budget)));
    let mut deserializer = serde_json::Deserializer::from_str(coordinates);
    let read = match kind {
        Some("Polygon") => polygon.deserialize(&mut deserializer).map(|polygon| vec![polygon]),
        Some("MultiPolygon") => ListOf(polygon).deserialize(&mut deserializer),
        Some(other) => {
            let shown: String = other.chars().take(40).collect();
            return wrong(format!("its geometry is {shown:?}, not an area"), "use Polygon or MultiPolygon");
        }
        None => return wrong("its geometry has no type", "use Polygon or MultiPolygon"),
    };
    let read = read.map_err(|e| (format!("coordinates: {}", reason(&e)), HINT_SHAPE.to_owned()))?;
    read.iter().enumerate().map(|(i, polygon)| checked_polygon(i + 1, polygon)).collect()
}

/// What a wrongly typed list is answered with.
const HINT_SHAPE: &str = "a ring is a list of [longitude, latitude] in decimal degrees, the first repeated at the end";

fn checked_polygon(number: usize, rings: &[Vec<[f64; 2]>]) -> Result<RawPolygon, Wrong> {
    if rings.is_empty() {
        return wrong(format!("polygon {number} has no ring"), HINT_SHAPE);
    }
    let mut polygon = RawPolygon::with_capacity(rings.len());
    for (index, ring) in rings.iter().enumerate() {
        let ring =
            checked_ring(ring).map_err(|(m, hint)| (format!("polygon {number}, ring {}: {m}", index + 1), hint))?;
        // A hole of no area takes nothing away; a shell of no area is a mistake.
        if doubled_area(&ring) != 0 {
            polygon.push(ring);
        } else if index == 0 {
            return wrong(
                format!("polygon {number}: its outer ring encloses no area"),
                "remove the polygon, or repair a ring that crosses itself",
            );
        }
    }
    Ok(polygon)
}

fn checked_ring(positions: &[[f64; 2]]) -> Result<Ring, Wrong> {
    let points = positions.iter().map(|[lon, lat]| to_grid(*lon, *lat).ok_or_else(|| off_globe(*lon, *lat)));
    let mut ring: Ring = points.collect::<Result<_, _>>()?;
    if ring.len() < MIN_POSITIONS {
        let message = format!("{} positions, at least {MIN_POSITIONS} are needed", ring.len());
        return wrong(message, "remove the ring, or draw it again");
    }
    if ring.first() != ring.last() {
        return wrong("not closed: first and last position differ", "repeat the first position at the end");
    }
    ring.pop();
    ring.dedup();
    if edges(&ring).any(|(a, b)| crosses_antimeridian(a, b)) {
        return wrong("an edge spans more than 180 degrees", "cut the shape at the antimeridian");
    }
    Ok(ring)
}

fn crosses_antimeridian(a: Point, b: Point) -> bool {
    (a.x - b.x).abs() > (180.0 * UNITS_PER_DEGREE) as i64
}

/// Why a position is not on the globe, as far as its numbers tell.
fn off_globe(lon: f64, lat: f64) -> Wrong {
    let message = format!("position [{lon}, {lat}] is not in degrees of WGS 84");
    let hint = if lon.abs() <= 90.0 && (90.0..=180.0).contains(&lat.abs()) {
        "longitude and latitude seem to be swapped: longitude comes first"
    } else if lon.abs() > 1000.0 || lat.abs() > 1000.0 {
        "these seem to be metres of a projection such as VN-2000; convert it: ogr2ogr -f GeoJSON -s_srs EPSG:9211 -t_srs \
         EPSG:4326 out.geojson IN, with the zone that the file is in"
    } else {
        "longitude is -180 to 180 and latitude -90 to 90"
    };
    (message, hint.to_owned())
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
struct PositionOf<'b>(&'b Budget);

impl<'de> DeserializeSeed<'de> for PositionOf<'_> {
    type Value = [f64; 2];

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for PositionOf<'_> {
    type Value = [f64; 2];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a position [longitude, latitude]")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        if !self.0.take() {
            return Err(A::Error::custom(format_args!("more than {MAX_VERTICES} vertices in all files together")));
        }
        let lon = list.next_element()?.ok_or_else(|| A::Error::invalid_length(0, &self))?;
        let lat = list.next_element()?.ok_or_else(|| A::Error::invalid_length(1, &self))?;
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok([lon, lat])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vertices_are_counted_before_they_are_kept() {
        let square = "[[[0,0],[1,0],[1,1],[0,0]]]";
        assert!(polygons(Some("Polygon"), square, &Budget::of(4)).is_ok());
        let refused = polygons(Some("Polygon"), square, &Budget::of(3));
        assert!(refused.is_err_and(|(message, _)| message.contains("vertices in all files")));
    }

    #[test]
    fn heights_are_ignored_and_flat_holes_dropped() {
        let text = "[[[0,0,5],[3,0,5],[3,3,5],[0,0,5]],[[1,1],[2,1],[1,1],[1,1]]]";
        assert_eq!(polygons(Some("Polygon"), text, &Budget::default()).map(|p| p[0].len()), Ok(1));
    }
}
