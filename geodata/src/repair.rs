//! What of the geometry of a file has to be repaired, feature by feature.
//!
//! The repair itself happens where shapes are laid over one another ([`Region::of_polygon`]), each time alike; here it is
//! only counted and measured, for those who import a file and want to know what becomes of it.

use phusong_model::{Repair, RepairKind};

use crate::{
    area::ring_m2,
    flaws::{Flaws, MAX_CROSSINGS, flaws},
    grid::{RawPolygon, doubled_area},
    overlay::Region,
    read::{Area, Look, Place, Report, Source},
};

/// Areas are told to a thousandth of a square metre; what is below comes from rounding.
const PARTS_OF_M2: f64 = 1e3;

/// Features that are refused before the rest of a file is not looked at any more: each takes a tenth of a second.
const MAX_TANGLED: usize = 20;

/// The repairs of one file.
#[derive(Debug)]
pub(crate) struct Repairs {
    look: Look,
    /// How outer rings should run.
    is_clockwise: bool,
    found: Vec<Repair>,
    /// Features whose edges cross too often.
    tangled: Vec<Place>,
}

/// What is found in one feature.
#[derive(Debug, Default)]
struct Found {
    turned: u64,
    flaws: Flaws,
    /// By how much repairing crossings and touches changes the area.
    changed_m2: f64,
    slivers: u64,
    slivers_m2: f64,
}

impl Repairs {
    /// For a file, as closely as its report asks.
    pub(crate) fn of(source: &Source, report: &Report) -> Self {
        Self { look: report.look(), is_clockwise: source.is_clockwise(), found: Vec::new(), tangled: Vec::new() }
    }

    /// Looks at a feature, if anybody asked.
    pub(crate) fn look_at<P>(&mut self, area: &Area<P>) {
        match self.look {
            Look::Use => return,
            Look::Examine => {}
        }
        if self.tangled.len() >= MAX_TANGLED {
            return;
        }
        let mut found = Found::default();
        for polygon in &area.polygons {
            found.add(polygon, self.is_clockwise);
            // The others change nothing about it.
            if found.flaws.is_tangle() {
                break;
            }
        }
        if found.flaws.is_tangle() {
            self.tangled.push(area.place.clone());
            return;
        }
        let place = area.place.to_string();
        let crossing_m2 = if found.flaws.crossings > 0 { found.changed_m2 } else { 0.0 };
        let kinds = [
            (RepairKind::Orientation, found.turned, 0.0),
            (RepairKind::DuplicatePoint, area.left_out.duplicates, 0.0),
            (RepairKind::SelfTouch, found.flaws.touches, found.changed_m2 - crossing_m2),
            (RepairKind::Crossing, found.flaws.crossings, crossing_m2),
            (RepairKind::Sliver, found.slivers, -found.slivers_m2),
            (RepairKind::Empty, area.left_out.empty, 0.0),
        ];
        let repair = |(kind, count, area_m2)| Repair { place: place.clone(), kind, count, area_m2: told(area_m2) };
        self.found.extend(kinds.into_iter().filter(|(_, count, _)| *count > 0).map(repair));
    }

    /// Writes into the log what was found, and refuses what cannot be repaired. The direction of rings comes last: a file has
    /// it wrong everywhere or nowhere, and thousands of turned rings would leave no room for what changes an area.
    pub(crate) fn tell(self, report: &mut Report) {
        let log = report.log();
        let (turned, others): (Vec<_>, Vec<_>) =
            self.found.into_iter().partition(|repair| repair.kind == RepairKind::Orientation);
        others.into_iter().chain(turned).for_each(|repair| log.repair(repair));
        for place in self.tangled {
            let hint = "no outline is drawn so: export it anew, or have it repaired by ogr2ogr -makevalid OUT IN";
            report.fault(&place, format!("its edges cross or meet one another more than {MAX_CROSSINGS} times"), hint);
        }
    }
}

impl Found {
    fn add(&mut self, polygon: &RawPolygon, is_clockwise: bool) {
        let runs_wrong = |(index, ring): (usize, &Vec<_>)| (doubled_area(ring) < 0) == ((index == 0) != is_clockwise);
        self.turned += polygon.iter().enumerate().filter(|ring| runs_wrong(*ring)).count() as u64;
        let flaws = flaws(polygon);
        self.flaws.crossings += flaws.crossings;
        self.flaws.touches += flaws.touches;
        self.flaws.has_more |= flaws.has_more;
        // What is refused is not laid over anything: that would take minutes, and gigabytes.
        if flaws == Flaws::default() || flaws.is_tangle() {
            return;
        }
        let written = polygon.iter().enumerate().map(|(index, ring)| {
            let m2 = ring_m2(ring).abs();
            if index == 0 { m2 } else { -m2 }
        });
        let (region, slivers) = Region::made_sound(polygon);
        let slivers_m2: f64 = slivers.iter().flatten().map(|ring| ring_m2(ring)).sum();
        self.changed_m2 += region.area_m2() + slivers_m2 - written.sum::<f64>();
        self.slivers += slivers.len() as u64;
        self.slivers_m2 += slivers_m2;
    }
}

fn told(m2: f64) -> f64 {
    // Adding zero makes -0 a 0.
    (m2 * PARTS_OF_M2).round() / PARTS_OF_M2 + 0.0
}
