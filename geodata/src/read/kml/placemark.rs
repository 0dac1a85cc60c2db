//! One placemark as its events come.

use std::marker::PhantomData;

use quick_xml::{XmlVersion, events::BytesStart};

use super::coordinates::Coordinates;
use crate::{
    grid::Point,
    read::{
        Feature, Place, Properties, Shape,
        frame::{Frame, Position},
        report::{Wrong, wrong},
        value::{self, Value, is_meant},
    },
};

/// Longest value of a property.
const MAX_VALUE_BYTES: usize = 1024 * 1024;
/// Geometries that are no points, lines or areas of KML itself.
const OTHER_KINDS: [&str; 3] = ["Model", "Track", "MultiTrack"];

/// A placemark that is being read.
pub(super) struct Placemark<'b, P> {
    place: Place,
    frame: &'b Frame<'b>,
    values: Vec<(String, Value)>,
    points: Vec<Position>,
    lines: Vec<Vec<Point>>,
    polygons: Vec<Vec<Vec<Position>>>,
    /// What the text of the innermost element is.
    taking: Taking,
    /// Name of the extended datum around.
    datum: Option<String>,
    polygon: Option<Boundaries>,
    wrong: Option<Wrong>,
    properties: PhantomData<P>,
}

/// The rings of the polygon around.
#[derive(Default)]
struct Boundaries {
    outer: Option<Vec<Position>>,
    inner: Vec<Vec<Position>>,
}

/// What text is for.
enum Taking {
    Nothing,
    Value(String),
    Coordinates(Coordinates),
}

impl<'b, P: Properties> Placemark<'b, P> {
    /// Before its first element.
    pub(super) fn new(place: Place, frame: &'b Frame<'b>) -> Self {
        Self {
            place,
            frame,
            values: Vec::new(),
            points: Vec::new(),
            lines: Vec::new(),
            polygons: Vec::new(),
            taking: Taking::Nothing,
            datum: None,
            polygon: None,
            wrong: None,
            properties: PhantomData,
        }
    }

    /// An element in it starts.
    pub(super) fn start(&mut self, name: &str, around: &str, start: &BytesStart<'_>) {
        match name {
            "name" if around == "Placemark" => {
                self.datum = Some(name.to_owned());
                self.taking = Taking::Value(String::new());
            }
            "Data" => self.datum = attribute(start, "name"),
            "SimpleData" => {
                self.datum = attribute(start, "name");
                self.taking = Taking::Value(String::new());
            }
            "value" if around == "Data" => self.taking = Taking::Value(String::new()),
            _ if !self.frame.wants_shapes() => {}
            "coordinates" => self.taking = Taking::Coordinates(Coordinates::default()),
            "Polygon" => self.polygon = Some(Boundaries::default()),
            other if OTHER_KINDS.contains(&other) => {
                let message = format!("its geometry is {other:?}, which is not read");
                self.keep(wrong(message, "use Polygon for areas, and Point for places"));
            }
            _ => {}
        }
    }

    /// Text of the innermost element.
    pub(super) fn text(&mut self, text: &str) {
        let read = match &mut self.taking {
            Taking::Nothing => return,
            Taking::Value(value) if value.len() + text.len() > MAX_VALUE_BYTES => {
                wrong("a property of more than 1 MiB", "shorten it")
            }
            Taking::Value(value) => {
                value.push_str(text);
                return;
            }
            // After a first fault the rest would only repeat it.
            Taking::Coordinates(_) if self.wrong.is_some() => return,
            Taking::Coordinates(coordinates) => coordinates.read(text, self.frame),
        };
        self.keep(read);
    }

    /// An element in it ends; `around` says in which it was.
    pub(super) fn end(&mut self, name: &str, around: &[String]) {
        match name {
            "value" | "SimpleData" | "name" => {
                if let (Taking::Value(value), Some(datum)) = (self.take(), &self.datum)
                    && is_meant::<P>(datum)
                {
                    self.values.push((datum.clone(), Value::text(&value)));
                }
            }
            "Data" => self.datum = None,
            "coordinates" => {
                if let Taking::Coordinates(coordinates) = self.take() {
                    let read = coordinates.finish(self.frame).and_then(|positions| self.geometry(positions, around));
                    self.keep(read);
                }
            }
            "Polygon" => {
                if let Some(Boundaries { outer, inner }) = self.polygon.take() {
                    match outer {
                        Some(outer) => self.polygons.push(std::iter::once(outer).chain(inner).collect()),
                        None => {
                            self.keep(wrong("a polygon without an outer ring", "every polygon has an outerBoundaryIs"));
                        }
                    }
                }
            }
            _ => {}
        }
    }

    fn take(&mut self) -> Taking {
        std::mem::replace(&mut self.taking, Taking::Nothing)
    }

    /// Coordinates of an element, by the elements around them.
    fn geometry(&mut self, positions: Vec<Position>, around: &[String]) -> Result<(), Wrong> {
        let mut outward = around.iter().rev().map(String::as_str);
        match (outward.next().unwrap_or_default(), outward.next().unwrap_or_default()) {
            ("Point", _) => {
                self.points.extend(positions);
            }
            ("LinearRing", boundary @ ("outerBoundaryIs" | "innerBoundaryIs")) => {
                let Some(Boundaries { outer, inner }) = &mut self.polygon else { return Ok(()) };
                if boundary == "innerBoundaryIs" {
                    inner.push(positions);
                } else if outer.replace(positions).is_some() {
                    return wrong("a polygon with two outer rings", "make two polygons of it");
                }
            }
            ("LineString" | "LinearRing", _) => self.lines.push(self.frame.line(&positions)?),
            _ => {}
        }
        Ok(())
    }

    fn keep(&mut self, outcome: Result<(), Wrong>) {
        if let Err(wrong) = outcome {
            self.wrong.get_or_insert(wrong);
        }
    }

    /// The feature, when its last element has ended.
    pub(super) fn finish(self) -> Result<Feature<P>, (Place, Wrong)> {
        let place = self.place.clone();
        self.feature().map_err(|wrong| (place, wrong))
    }

    fn feature(self) -> Result<Feature<P>, Wrong> {
        let Self { place, frame, values, points, lines, polygons, wrong: found, .. } = self;
        if let Some(found) = found {
            return Err(found);
        }
        let shape = frame.shape(|| match (points.is_empty(), lines.is_empty(), polygons.is_empty()) {
            (true, true, true) => wrong("no geometry", "remove the placemark"),
            (false, true, true) => Ok(Shape::Points(points)),
            (true, false, true) => Ok(Shape::Lines(lines)),
            (true, true, false) => Ok(Shape::Polygons(frame.polygons(&polygons)?)),
            _ => {
                let message = "its geometry mixes points, lines and areas";
                wrong(message, "make placemarks of their own of labels and lines")
            }
        })?;
        let properties = value::properties(values)?;
        Ok(Feature { place, properties, shape, left_out: frame.left_out(), crs: frame.crs() })
    }
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = start.try_get_attribute(name).ok().flatten()?;
    attribute.normalized_value(XmlVersion::Implicit1_0).ok().map(|value| value.into_owned())
}
