//! Measured hexagons as layers.

use std::collections::BTreeMap;

use phusong_model::{CoverageSource, Signal, config::MeasuredAge};

use super::{
    found::{self, MIN_TESTS},
    hexagons::{self, Hexagon},
    record::Sample,
    times,
};
use crate::{
    keyed::KeyedPolygon,
    layers::{Layer, LayerKey, Layers, oldest},
    raster::SignalThresholds,
};

/// Adds a layer of source *measured* for each operator and technology that was measured: hexagons with tests enough, by
/// the class of their median. Of the others nothing is known.
pub(crate) fn add(samples: &[Sample], age: MeasuredAge, layers: &mut Layers) {
    for (whose, tests) in hexagons::by_whose(samples) {
        let key = LayerKey {
            source: CoverageSource::Measured,
            operator: whose.operator.clone(),
            technology: whose.technology,
        };
        let thresholds = SignalThresholds::usual(whose.technology);
        let judged: BTreeMap<Hexagon, Judged> = hexagons::by_hexagon(tests)
            .into_iter()
            .filter_map(|(hexagon, tests)| Some((hexagon, judge(&tests, age, &thresholds)?)))
            .collect();
        if !judged.is_empty() {
            layers.entry(key).or_insert_with(Layer::silent).measure(judged);
        }
    }
}

/// What a hexagon is, and since when it may be.
struct Judged {
    class: Signal,
    first: String,
}

/// Judges a hexagon by those of its tests that are not much older than its newest one: a site may have been built since.
fn judge(tests: &[&Sample], age: MeasuredAge, thresholds: &SignalThresholds) -> Option<Judged> {
    let newest = tests.iter().map(|test| test.at).max()?;
    let limit = newest.minus(times::days(age));
    let young: Vec<&Sample> = tests.iter().filter(|test| test.at >= limit).copied().collect();
    if young.len() < MIN_TESTS {
        return None;
    }
    let measured = found::sum_up(&young, thresholds)?;
    Some(Judged { class: measured.class, first: times::day_of(measured.first) })
}

impl Layer {
    fn measure(&mut self, judged: BTreeMap<Hexagon, Judged>) {
        for (hexagon, Judged { class, first }) in judged {
            let polygon = KeyedPolygon::from(vec![hexagon.ring()]);
            self.knows([polygon.clone()]);
            match class {
                Signal::Full => self.full.push(polygon),
                Signal::Marginal => self.marginal.push(polygon),
                Signal::None => {}
            }
            self.valid_on = oldest(self.valid_on.take(), Some(first));
        }
    }
}
