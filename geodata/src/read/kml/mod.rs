//! KML 2.2 and 2.3 (OGC 12-007r2): the areas, lines and points of placemarks in whatever folders, with their extended
//! data. Heights, styles, views, overlays and times are left aside; links to other files are not followed.
//!
//! The text is read event by event. A document type is refused, so no entity but the five of XML exists.

mod coordinates;
mod placemark;

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use super::{
    Budget, Feature, Place, Properties, Report,
    frame::Frame,
    limits::{MAX_FEATURES, MAX_NESTING},
    report::{Wrong, shown, wrong},
    text::utf8,
    xml::{self, Lines},
};
use crate::crs::Crs;
use placemark::Placemark;

/// What is not XML, or not whole, is answered with.
const HINT: &str = "export it again as KML";

/// All sound features; what is wrong with the others is in the report.
pub(super) fn features<P: Properties>(bytes: &[u8], budget: &Budget, report: &mut Report) -> Vec<Feature<P>> {
    let text = match utf8(bytes) {
        Ok(text) => text,
        Err(wrong) => {
            report.wrong(&Place::File, wrong);
            return Vec::new();
        }
    };
    let frame = Frame::new(Crs::WGS84, budget);
    let mut document = Document { lines: Lines::of(text), open: Vec::new(), placemark: None, number: 0, links: 0 };
    let mut features = Vec::new();
    if let Err((place, wrong)) = document.read(&frame, report, &mut features) {
        report.wrong(&place, wrong);
    } else if document.number == 0 {
        let message = if document.links > 0 { "no placemark, only links to other files" } else { "no placemark" };
        report.fault(&Place::File, message, "save the places themselves as KML or KMZ");
    }
    features
}

/// The walk through a document.
struct Document<'a, 'b, P> {
    lines: Lines<'a>,
    /// Names of the elements around, without prefixes.
    open: Vec<String>,
    /// The placemark around.
    placemark: Option<Placemark<'b, P>>,
    /// Placemarks so far.
    number: usize,
    /// Links to other files so far.
    links: usize,
}

impl<'b, P: Properties> Document<'_, 'b, P> {
    fn read(
        &mut self,
        frame: &'b Frame<'b>,
        report: &mut Report,
        features: &mut Vec<Feature<P>>,
    ) -> Result<(), (Place, Wrong)> {
        let mut reader = Reader::from_str(self.lines.text());
        reader.config_mut().expand_empty_elements = true;
        loop {
            let line = self.lines.at(reader.buffer_position());
            let event = reader.read_event();
            let event = event.map_err(|error| {
                let line = self.lines.at(reader.error_position().max(reader.buffer_position()));
                (Place::Line(line), (format!("not readable as XML: {error}"), HINT.to_owned()))
            })?;
            let step = match event {
                Event::Start(start) => self.start(&start, line, frame),
                Event::End(_) => {
                    self.end(report, features);
                    Ok(())
                }
                Event::Text(text) => {
                    self.text(&text.xml10_content());
                    Ok(())
                }
                Event::CData(text) => {
                    self.text(&text.into_inner());
                    Ok(())
                }
                Event::GeneralRef(reference) => self.reference(&reference),
                Event::DocType(_) => wrong("a document type, which KML has none of", "remove the line with <!DOCTYPE"),
                Event::Eof => return self.eof(line),
                Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => Ok(()),
            };
            step.map_err(|wrong| (Place::Line(self.lines.at(reader.buffer_position())), wrong))?;
        }
    }

    fn start(&mut self, start: &BytesStart<'_>, line: u64, frame: &'b Frame<'b>) -> Result<(), Wrong> {
        let name = start.local_name();
        let name: &str = name.as_ref();
        if self.open.is_empty() && name != "kml" {
            return wrong(format!("XML of <{}>, not KML", shown(name)), HINT);
        }
        if self.open.len() == MAX_NESTING {
            return wrong(format!("elements nested more than {MAX_NESTING} deep"), "put folders side by side");
        }
        match (&mut self.placemark, name) {
            (None, "Placemark") => {
                if self.number == MAX_FEATURES {
                    return wrong(format!("more than {MAX_FEATURES} placemarks"), "split it by operator");
                }
                self.number += 1;
                self.placemark = Some(Placemark::new(Place::Placemark { number: self.number, line }, frame));
            }
            (Some(_), "Placemark") => return wrong("a placemark in a placemark", HINT),
            (None, "NetworkLink") => self.links += 1,
            (None, _) => {}
            (Some(placemark), _) => {
                let around = self.open.last().map(String::as_str).unwrap_or_default();
                placemark.start(name, around, start);
            }
        }
        self.open.push(name.to_owned());
        Ok(())
    }

    fn end(&mut self, report: &mut Report, features: &mut Vec<Feature<P>>) {
        // The reader has seen to it that it is the end of what is open.
        let Some(name) = self.open.pop() else { return };
        if name != "Placemark" {
            if let Some(placemark) = &mut self.placemark {
                placemark.end(&name, &self.open);
            }
        } else if let Some(placemark) = self.placemark.take() {
            match placemark.finish() {
                Ok(feature) => features.push(feature),
                Err((place, wrong)) => report.wrong(&place, wrong),
            }
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(placemark) = &mut self.placemark {
            placemark.text(text);
        }
    }

    /// A character by its number, or one of the five that XML knows.
    fn reference(&mut self, reference: &quick_xml::events::BytesRef<'_>) -> Result<(), Wrong> {
        let letter = xml::letter(reference)?;
        self.text(letter.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    fn eof(&self, line: u64) -> Result<(), (Place, Wrong)> {
        match self.open.last() {
            None if self.lines.has_moved() => Ok(()),
            None => Err((Place::File, ("an empty file".to_owned(), HINT.to_owned()))),
            Some(name) => {
                Err((Place::Line(line), (format!("cut off: <{}> is not closed", shown(name)), HINT.to_owned())))
            }
        }
    }
}
