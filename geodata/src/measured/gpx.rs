//! GPX 1.0 and 1.1 (topografix.com/GPX/1/1): track points and waypoints with a time, and whatever their extensions carry
//! of signal, operator, technology, accuracy and cell, in any namespace. Routes, heights and names are left aside.

use quick_xml::{XmlVersion, events::BytesStart};

use super::record::{Asked, Field, Left, Record, Sample, Samples};
use crate::read::{Budget, MAX_NESTING, MAX_ROWS, Place, Report, Step, Wrong, shown, utf8, walk, wrong};

/// Longest value that is looked at: an operator's name is the longest of them.
const MAX_VALUE_BYTES: usize = 1024;
/// What is not XML, or not whole, is answered with.
const HINT: &str = "export it again as GPX";

/// Adds all sound tests of a file; what is wrong with the others is in the report.
pub(super) fn read(bytes: &[u8], asked: &Asked, budget: &Budget, report: &mut Report, samples: &mut Samples) {
    let text = match utf8(bytes) {
        Ok(text) => text,
        Err(wrong) => return report.wrong(&Place::File, wrong),
    };
    let mut document =
        Document { open: Vec::new(), point: None, number: 0, left: Left::default(), asked, budget, samples };
    if let Err((place, wrong)) = document.read(text, report) {
        report.wrong(&place, wrong);
    } else if document.number == 0 {
        report.fault(&Place::File, "no track point and no waypoint", "export the track itself, not a route");
    }
    document.left.tell(report);
}

/// A point that is being read.
struct Point {
    place: Place,
    record: Record,
    /// How many elements are around its own.
    depth: usize,
    /// What the innermost element is, and its text so far.
    taking: Option<(Field, String)>,
    wrong: Option<Wrong>,
}

/// The walk through a document.
struct Document<'s> {
    /// Names of the elements around, without prefixes.
    open: Vec<String>,
    /// The point around.
    point: Option<Point>,
    /// Points so far.
    number: usize,
    left: Left,
    asked: &'s Asked,
    budget: &'s Budget,
    samples: &'s mut Samples,
}

impl Document<'_> {
    fn read(&mut self, text: &str, report: &mut Report) -> Result<(), (Place, Wrong)> {
        let ended = walk(text, ("GPX", HINT), |step| {
            match step {
                Step::Start(start, line) => return self.start(start, line),
                Step::End => self.end(report),
                Step::Text(text) => self.text(text),
            }
            Ok(())
        })?;
        ended.whole(self.open.last(), HINT)
    }

    fn start(&mut self, start: &BytesStart<'_>, line: u64) -> Result<(), Wrong> {
        let name = start.local_name();
        let name: &str = name.as_ref();
        if self.open.is_empty() && name != "gpx" {
            return wrong(format!("XML of <{}>, not GPX", shown(name)), HINT);
        }
        if self.open.len() == MAX_NESTING {
            return wrong(format!("elements nested more than {MAX_NESTING} deep"), HINT);
        }
        match (&mut self.point, name) {
            (None, "trkpt" | "wpt") => {
                if self.number == MAX_ROWS {
                    return wrong(format!("more than {MAX_ROWS} points"), "split the file by day");
                }
                if !self.budget.take_all(1) {
                    return wrong("more points in all files than are read", "leave out the oldest measurements");
                }
                self.number += 1;
                let place = Place::Point { number: self.number, line };
                self.point = Some(Point::new(place, start, self.open.len()));
            }
            (Some(_), "trkpt" | "wpt") => return wrong("a point in a point", HINT),
            (None, _) => {}
            (Some(point), _) => {
                let around = self.open.get(point.depth + 1..).unwrap_or_default();
                point.start(name, around);
            }
        }
        self.open.push(name.to_owned());
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if let Some(point) = &mut self.point {
            point.text(text);
        }
    }

    fn end(&mut self, report: &mut Report) {
        // The reader has seen to it that it is the end of what is open.
        self.open.pop();
        let Some(mut point) = self.point.take() else { return };
        if self.open.len() != point.depth {
            point.end();
            self.point = Some(point);
            return;
        }
        report.log().read += 1;
        let Point { place, record, wrong, .. } = point;
        match wrong.map_or_else(|| self.asked.sample(&record, &place, &mut self.left), Err) {
            Ok(sample) => {
                report.log().used += u64::from(sample.is_some());
                self.samples.extend::<Option<Sample>>(sample);
            }
            Err(wrong) => report.wrong(&place, wrong),
        }
    }
}

impl Point {
    fn new(place: Place, start: &BytesStart<'_>, depth: usize) -> Self {
        let mut point = Self { place, record: Record::default(), depth, taking: None, wrong: None };
        let mut degrees = |name: &str| match attribute(start, name) {
            None => None,
            Some(text) => {
                let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
                if number.is_none() {
                    let hint = "degrees with a decimal point, such as 105.2";
                    point.wrong = Some((format!("{name} {:?} is no number", shown(&text)), hint.to_owned()));
                }
                number
            }
        };
        point.record.position = [degrees("lon"), degrees("lat")];
        point
    }

    /// An element in it starts; `around` are those between.
    fn start(&mut self, name: &str, around: &[String]) {
        let field = match around.first().map(String::as_str) {
            None if name == "time" => Some(Field::Time),
            Some("extensions") => Field::of_name(name),
            // GPX 1.0 has no element for extensions: those of other namespaces stand in the point itself.
            None => Field::of_name(name),
            Some(_) => None,
        };
        self.taking = field.map(|field| (field, String::new()));
    }

    fn text(&mut self, text: &str) {
        let Some((_, value)) = &mut self.taking else { return };
        if value.len() + text.len() > MAX_VALUE_BYTES {
            let message = format!("a value of more than {MAX_VALUE_BYTES} bytes");
            self.wrong.get_or_insert((message, HINT.to_owned()));
        } else {
            value.push_str(text);
        }
    }

    /// The innermost element ends. Of values that are there twice the first counts.
    fn end(&mut self) {
        let Some((field, value)) = self.taking.take().filter(|(_, value)| !value.trim().is_empty()) else { return };
        self.record.set(field, value);
    }
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = start.try_get_attribute(name).ok().flatten()?;
    attribute.normalized_value(XmlVersion::Implicit1_0).ok().map(|value| value.into_owned())
}
