//! From signal levels to classes.

use phusong_model::Technology;

use super::{geotiff::Raster, outlines::Outlines};
use crate::{grid::RawPolygon, read::Budget};

/// Levels that an instrument or a model can give, in dBm. What lies outside, such as the 0 or 255 of files that name no
/// value for "nothing here", is no level; taken as one it would count as the best signal of the province.
const PLAUSIBLE_DBM: std::ops::RangeInclusive<f64> = -200.0..=-20.0;

/// From which level on a signal counts, in dBm: RSRP for 4G and 5G, RSCP for 3G, RxLev for 2G. The level itself belongs
/// to the better class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignalThresholds {
    full_dbm: f64,
    marginal_dbm: f64,
}

impl SignalThresholds {
    /// Full signal from one level on, marginal from another that is not above it. Equal levels: nothing is marginal.
    ///
    /// `None` when they are the other way round, or not levels at all.
    #[must_use]
    pub fn new(full_dbm: f64, marginal_dbm: f64) -> Option<Self> {
        let are_levels = PLAUSIBLE_DBM.contains(&full_dbm) && PLAUSIBLE_DBM.contains(&marginal_dbm);
        (are_levels && marginal_dbm <= full_dbm).then_some(Self { full_dbm, marginal_dbm })
    }

    /// Levels for outdoors that regulators use: Ofcom's 4G −105, 3G −100 and 5G −100 and −110 dBm; 4G from −115 on is
    /// usual practice, and 2G from −94 on is without a regulator behind it.
    #[must_use]
    pub const fn usual(technology: Technology) -> Self {
        let (full_dbm, marginal_dbm) = match technology {
            Technology::G2 => (-94.0, -94.0),
            Technology::G3 => (-100.0, -100.0),
            Technology::G4 => (-105.0, -115.0),
            Technology::G5 => (-100.0, -110.0),
        };
        Self { full_dbm, marginal_dbm }
    }

    /// The class of a level; `None` is a cell without a value.
    pub(crate) fn class(&self, level: Option<f64>) -> SignalClass {
        match level.filter(|level| PLAUSIBLE_DBM.contains(level)) {
            None => SignalClass::Unknown,
            Some(level) if level >= self.full_dbm => SignalClass::Full,
            Some(level) if level >= self.marginal_dbm => SignalClass::Marginal,
            Some(_) => SignalClass::Nothing,
        }
    }
}

/// How good the signal of a cell is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SignalClass {
    /// As good as full coverage needs.
    Full,
    /// Worse, but there.
    Marginal,
    /// Too weak.
    Nothing,
    /// Nobody looked: not the same as nothing.
    Unknown,
}

impl SignalClass {
    /// All classes.
    pub const ALL: [Self; 4] = [Self::Full, Self::Marginal, Self::Nothing, Self::Unknown];
}

/// The areas of the four classes, on the overlay grid; together the extent of the raster.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct SignalAreas {
    /// With full signal.
    pub(crate) full: Vec<RawPolygon>,
    /// With marginal signal.
    pub(crate) marginal: Vec<RawPolygon>,
    /// With a signal that is too weak.
    pub(crate) nothing: Vec<RawPolygon>,
    /// Without a value.
    pub(crate) unknown: Vec<RawPolygon>,
}

impl SignalAreas {
    /// Traces the areas of a raster of signal levels in dBm. `None` when their outlines have more vertices than is
    /// allowed for all layers together: the raster is noise, or finer than any model.
    #[must_use]
    pub fn trace(raster: &Raster, thresholds: &SignalThresholds) -> Option<Self> {
        Self::trace_within(raster, thresholds, &Budget::default())
    }

    /// The same within what is left of the vertices of all layers.
    pub(crate) fn trace_within(raster: &Raster, thresholds: &SignalThresholds, budget: &Budget) -> Option<Self> {
        let grid = raster.grid();
        let cells = grid.width * grid.height;
        let classes: Vec<SignalClass> = (0..cells).map(|cell| thresholds.class(raster.value_of(cell))).collect();
        let mut areas = Self::default();
        for (class, polygon) in Outlines::new(grid, &classes)?.polygons(budget)? {
            match class {
                SignalClass::Full => areas.full.push(polygon),
                SignalClass::Marginal => areas.marginal.push(polygon),
                SignalClass::Nothing => areas.nothing.push(polygon),
                SignalClass::Unknown => areas.unknown.push(polygon),
            }
        }
        Some(areas)
    }

    /// The areas that have a value, whatever its class: far fewer outlines than those of the classes.
    pub(crate) fn known_within(
        raster: &Raster,
        thresholds: &SignalThresholds,
        budget: &Budget,
    ) -> Option<Vec<RawPolygon>> {
        let grid = raster.grid();
        let class = |cell| match thresholds.class(raster.value_of(cell)) {
            SignalClass::Full | SignalClass::Marginal | SignalClass::Nothing => SignalClass::Nothing,
            SignalClass::Unknown => SignalClass::Unknown,
        };
        let classes: Vec<SignalClass> = (0..grid.width * grid.height).map(class).collect();
        let polygons = Outlines::new(grid, &classes)?.polygons(budget)?.into_iter();
        Some(polygons.filter(|(class, _)| *class == SignalClass::Nothing).map(|(_, polygon)| polygon).collect())
    }

    /// The polygons of a class.
    pub(crate) fn of(&self, class: SignalClass) -> &[RawPolygon] {
        match class {
            SignalClass::Full => &self.full,
            SignalClass::Marginal => &self.marginal,
            SignalClass::Nothing => &self.nothing,
            SignalClass::Unknown => &self.unknown,
        }
    }

    /// Area of a class in m² on the ellipsoid.
    #[must_use]
    pub fn area_m2(&self, class: SignalClass) -> f64 {
        crate::area::polygons_m2(self.of(class))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_on_the_threshold_is_of_the_better_class() {
        let classes = |technology, levels: &[f64]| {
            let thresholds = SignalThresholds::usual(technology);
            levels.iter().map(|level| thresholds.class(Some(*level))).collect::<Vec<_>>()
        };
        use SignalClass::{Full, Marginal, Nothing, Unknown};
        assert_eq!(classes(Technology::G4, &[-105.0, -105.1, -115.0, -115.1]), [Full, Marginal, Marginal, Nothing]);
        assert_eq!(classes(Technology::G5, &[-100.0, -100.1, -110.0, -110.1]), [Full, Marginal, Marginal, Nothing]);
        assert_eq!(classes(Technology::G3, &[-100.0, -100.1]), [Full, Nothing]);
        assert_eq!(classes(Technology::G2, &[-94.0, -94.1]), [Full, Nothing]);
        assert_eq!(classes(Technology::G4, &[0.0, 255.0, -9999.0, f64::INFINITY]), [Unknown; 4]);
        assert_eq!(SignalThresholds::usual(Technology::G4).class(None), Unknown);
    }

    #[test]
    fn thresholds_are_levels_in_order() {
        assert!(SignalThresholds::new(-95.0, -105.0).is_some() && SignalThresholds::new(-95.0, -95.0).is_some());
        for (full, marginal) in [(-105.0, -95.0), (95.0, -105.0), (f64::NAN, -105.0), (-95.0, -1000.0)] {
            assert_eq!(SignalThresholds::new(full, marginal), None, "{full} {marginal}");
        }
    }
}
