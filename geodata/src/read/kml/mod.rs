//! KML 2.2 and 2.3 (OGC 12-007r2): the areas, lines and points of placemarks in whatever folders, with their extended
//! data. Heights, styles, views, overlays and times are left aside; links to other files are not followed.

mod coordinates;
mod placemark;

use quick_xml::events::BytesStart;

use super::{
    Place, Properties, Report, Terms,
    frame::Frame,
    limits::{MAX_FEATURES, MAX_NESTING},
    report::{Wrong, shown, wrong},
    source::Take,
    terms::Stated,
    text::utf8,
    xml::{self, Step},
};
use placemark::Placemark;

/// What is not XML, or not whole, is answered with.
const HINT: &str = "export it again as KML";

/// Gives away all sound features; what is wrong with the others is in the report.
pub(super) fn features<P: Properties>(bytes: &[u8], terms: &Terms<'_>, report: &mut Report, take: &mut Take<'_, P>) {
    let read = utf8(bytes).and_then(|text| Ok((text, terms.system(Stated::Standard("KML"))?)));
    let (text, crs) = match read {
        Ok(read) => read,
        Err(wrong) => return report.wrong(&Place::File, wrong),
    };
    let frame = Frame::new(crs, terms);
    let mut document = Document { open: Vec::new(), placemark: None, number: 0, links: 0 };
    if let Err((place, wrong)) = document.read(text, &frame, report, take) {
        report.wrong(&place, wrong);
    } else if document.number == 0 {
        let message = if document.links > 0 { "no placemark, only links to other files" } else { "no placemark" };
        report.fault(&Place::File, message, "save the places themselves as KML or KMZ");
    }
}

/// The walk through a document.
struct Document<'b, P> {
    /// Names of the elements around, without prefixes.
    open: Vec<String>,
    /// The placemark around.
    placemark: Option<Placemark<'b, P>>,
    /// Placemarks so far.
    number: usize,
    /// Links to other files so far.
    links: usize,
}

impl<'b, P: Properties> Document<'b, P> {
    fn read(
        &mut self,
        text: &str,
        frame: &'b Frame<'b>,
        report: &mut Report,
        take: &mut Take<'_, P>,
    ) -> Result<(), (Place, Wrong)> {
        let ended = xml::walk(text, ("KML", HINT), |step| {
            match step {
                Step::Start(start, line) => return self.start(start, line, frame),
                Step::End => self.end(report, take),
                Step::Text(text) => self.text(text),
            }
            Ok(())
        })?;
        ended.whole(self.open.last(), HINT)
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

    fn end(&mut self, report: &mut Report, take: &mut Take<'_, P>) {
        // The reader has seen to it that it is the end of what is open.
        let Some(name) = self.open.pop() else { return };
        if name != "Placemark" {
            if let Some(placemark) = &mut self.placemark {
                placemark.end(&name, &self.open);
            }
        } else if let Some(placemark) = self.placemark.take() {
            match placemark.finish() {
                Ok(feature) => take(feature, report),
                Err((place, wrong)) => report.wrong(&place, wrong),
            }
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(placemark) = &mut self.placemark {
            placemark.text(text);
        }
    }
}
