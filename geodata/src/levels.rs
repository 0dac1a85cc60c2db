//! Layers from rasters of signal levels.

use std::path::Path;

use phusong_model::{CoverageSource, ImportOptions, Operator, Technology, config::SignalConfig};

use crate::{
    keyed::KeyedPolygon,
    layers::{self, Layer, LayerKey, Layers},
    raster::{Raster, SignalAreas, SignalThresholds},
    read::{Budget, Place, Report, file_digest, is_tiff, open_file, said_crs},
};

/// What to do about a raster whose outlines are more than the memory for shapes.
const SMOOTH: &str = "smooth it or make its cells larger: gdalwarp -r average -tr SIZE SIZE IN out.tif";

/// Whether a file is a raster.
pub(crate) fn is_raster(path: &Path) -> bool {
    // What cannot be opened is told by whoever reads it.
    open_file(path).is_ok_and(is_tiff)
}

/// Adds the areas of a raster to the layer of its operator and technology, and gives the hash over its bytes.
pub(crate) fn read(
    path: &Path,
    (origin, options): (CoverageSource, &ImportOptions),
    signal: &SignalConfig,
    budget: &Budget,
    report: &mut Report,
    layers: &mut Layers,
) -> Option<String> {
    let key = key(origin, options, report);
    let said = said_crs(options, report).ok()?;
    let raster = Raster::read_in(path, said).map_err(|fault| report.take(fault)).ok()?;
    let key = key?;
    let thresholds = thresholds(signal, key.technology, report)?;
    let traced = SignalAreas::trace_within(&raster, &thresholds, budget)
        .and_then(|areas| Some((areas, SignalAreas::known_within(&raster, &thresholds, budget)?)));
    let Some((areas, known)) = traced else {
        report.fault(&Place::File, "the outlines of its levels have too many vertices", SMOOTH);
        return None;
    };
    if known.is_empty() {
        let hint = "give levels in dBm, as -95, in the raster's first band; what has no value is not known";
        report.fault(&Place::File, "no cell of it has a level of signal", hint);
    }
    let digest = file_digest(path, report);
    let cells = raster.grid().width() * raster.grid().height();
    report.log().read += cells as u64;
    report.log().used += (0..cells).filter(|cell| raster.value_of(*cell).is_some()).count() as u64;
    let layer = layers.entry(key).or_insert_with(Layer::silent);
    layer.full.extend(areas.full.into_iter().map(KeyedPolygon::from));
    layer.marginal.extend(areas.marginal.into_iter().map(KeyedPolygon::from));
    layer.knows(known.into_iter().map(KeyedPolygon::from));
    layer.valid_on = layers::oldest(layer.valid_on.take(), options.valid_on.clone());
    digest
}

/// Whose signal the raster shows; a raster cannot say it.
fn key(source: CoverageSource, options: &ImportOptions, report: &mut Report) -> Option<LayerKey> {
    let mut missing = |what: &str| {
        report.fault(
            &Place::File,
            format!("no {what}: a raster cannot say it"),
            format!(
                "give the layer a key {what}, as in {}",
                if what == "operator" { "operator = \"viettel\"" } else { "technology = \"4G\"" }
            ),
        );
    };
    let (operator, technology): (Option<Operator>, Option<Technology>) = (options.operator.clone(), options.technology);
    if operator.is_none() {
        missing("operator");
    }
    if technology.is_none() {
        missing("technology");
    }
    let (operator, technology) = (operator?, technology?);
    layers::named(LayerKey { source, operator, technology })
        .map_err(|(message, hint)| report.fault(&Place::File, message, hint))
        .ok()
}

fn thresholds(signal: &SignalConfig, technology: Technology, report: &mut Report) -> Option<SignalThresholds> {
    let levels = signal.of(technology);
    let thresholds = SignalThresholds::new(levels.full_dbm.into(), levels.marginal_dbm.into());
    if thresholds.is_none() {
        let message = format!("no levels of signal: full {} and marginal {} dBm", levels.full_dbm, levels.marginal_dbm);
        report.fault(&Place::File, message, "correct [geodata.signal] in the configuration");
    }
    thresholds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_and_the_raster_have_the_same_usual_levels() {
        let mut report = Report::of(Path::new("levels.tif"));
        for technology in Technology::ALL {
            let thresholds = thresholds(&SignalConfig::default(), technology, &mut report);
            assert_eq!(thresholds, Some(SignalThresholds::usual(technology)), "{technology:?}");
        }
    }
}
