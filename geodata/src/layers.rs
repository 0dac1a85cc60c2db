//! Coverage layers: who says that there is which signal where.

use std::collections::BTreeMap;

use jiff::civil::Date;
use phusong_model::{CoverageSource, ImportOptions, Operator, OperatorScope, Technology};
use serde::Deserialize;

use crate::{
    keyed::KeyedPolygon,
    read::{Area, Budget, Look, Place, Properties, Report, Source, Terms},
    repair::Repairs,
};

/// What makes a layer one: areas of the same key are joined, whatever files they come from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LayerKey {
    /// How it came to be.
    pub(crate) source: CoverageSource,
    /// Whose signal.
    pub(crate) operator: Operator,
    /// Of which generation.
    pub(crate) technology: Technology,
}

/// The areas of a layer as its files give them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layer {
    /// With signal.
    pub(crate) full: Vec<KeyedPolygon>,
    /// With marginal signal.
    pub(crate) marginal: Vec<KeyedPolygon>,
    /// What the layer speaks of; outside of it, and outside of its signal, nobody knows. `None` is the whole world:
    /// where no declared polygon is, the operator says that there is no signal.
    pub(crate) known: Option<Vec<KeyedPolygon>>,
    /// The oldest date that any of its features gives.
    pub(crate) valid_on: Option<String>,
    /// Some feature calls itself an example.
    pub(crate) example: bool,
}

/// All layers by their key.
pub(crate) type Layers = BTreeMap<LayerKey, Layer>;

#[derive(Deserialize)]
struct LayerProperties {
    operator: Option<String>,
    technology: Option<String>,
    radio: Option<String>,
    class: Option<Class>,
    valid_on: Option<String>,
    example: Option<bool>,
}

/// How good the signal is.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Class {
    Full,
    Marginal,
}

impl Properties for LayerProperties {
    const NAMES: &'static [&'static str] = &["operator", "technology", "radio", "class", "valid_on", "example"];
    const HINT: &'static str = "operator, technology (2G to 5G) or radio (GSM, UMTS, LTE, NR), class (full or marginal) \
                                and valid_on (YYYY-MM-DD) are texts, example is true or false";
}

/// Adds layers to others; those of the same key are joined.
pub(crate) fn join(layers: &mut Layers, others: Layers) {
    for (key, other) in others {
        let layer = layers.entry(key).or_insert_with(Layer::silent);
        match other.known {
            Some(known) => layer.knows(known),
            None => layer.knows_all(),
        }
        layer.full.extend(other.full);
        layer.marginal.extend(other.marginal);
        layer.example |= other.example;
        layer.valid_on = oldest(layer.valid_on.take(), other.valid_on);
    }
}

/// Adds the areas of one file.
pub(crate) fn read(
    source: &Source,
    origin: CoverageSource,
    options: &ImportOptions,
    budget: &Budget,
    report: &mut Report,
    layers: &mut Layers,
) {
    let Some(terms) = Terms::new(budget, options, report) else { return };
    let mut repairs = Repairs::of(source, report);
    for mut area in source.areas::<LayerProperties>(&terms, report) {
        report.log().read += 1;
        if area.properties.valid_on.is_none() {
            area.properties.valid_on.clone_from(&options.valid_on);
        }
        let key = match layer_key(&area.properties, origin, options) {
            Ok(key) => key,
            Err((message, hint)) => {
                report.fault(&area.place, message, hint);
                continue;
            }
        };
        report.log().used += 1;
        repairs.look_at(&area);
        let layer = layers.entry(key).or_insert_with(Layer::silent);
        layer.add(area);
        layer.knows_all();
    }
    repairs.tell(report);
    if report.look() == Look::Examine && report.log().read == 0 && report.is_clean() {
        let hint = "export the covered areas as polygons, each a feature of its own";
        report.fault(&Place::File, "a layer without an area", hint);
    }
}

impl Layer {
    /// A layer that speaks of nothing yet. What its files speak of is joined, as their signal is.
    pub(crate) fn silent() -> Self {
        Self { known: Some(Vec::new()), ..Self::default() }
    }

    /// It speaks of these areas too.
    pub(crate) fn knows(&mut self, areas: impl IntoIterator<Item = KeyedPolygon>) {
        if let Some(known) = &mut self.known {
            known.extend(areas);
        }
    }

    /// It speaks of the whole world.
    pub(crate) fn knows_all(&mut self) {
        self.known = None;
    }

    fn add(&mut self, area: Area<LayerProperties>) {
        let Area { properties, polygons, .. } = area;
        let polygons = polygons.into_iter().map(KeyedPolygon::from);
        match properties.class.unwrap_or(Class::Full) {
            Class::Full => self.full.extend(polygons),
            Class::Marginal => self.marginal.extend(polygons),
        }
        self.example |= properties.example.unwrap_or(false);
        self.valid_on = oldest(self.valid_on.take(), properties.valid_on);
    }
}

/// The earlier of two dates written as `YYYY-MM-DD`; a file without a date takes nothing from those with one.
pub(crate) fn oldest(a: Option<String>, b: Option<String>) -> Option<String> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

fn layer_key(
    properties: &LayerProperties,
    source: CoverageSource,
    options: &ImportOptions,
) -> Result<LayerKey, (String, &'static str)> {
    let operator = match &properties.operator {
        Some(text) => text.trim().parse().map_err(|e| (format!("operator: {e}"), LayerProperties::HINT))?,
        None => options.operator.clone().ok_or((
            "no operator".to_owned(),
            "give the feature a property operator, or say --operator (operator in the configuration)",
        ))?,
    };
    let technology = match properties.technology.as_deref().or(properties.radio.as_deref()) {
        Some(text) => Technology::parse(text).ok_or_else(|| {
            let shown: String = text.chars().take(40).collect();
            (format!("technology {shown:?} is not known"), "use 2G to 5G, or GSM, UMTS, LTE, NR")
        })?,
        None => options.technology.ok_or((
            "no technology".to_owned(),
            "give the feature a property technology, or say --technology (technology in the configuration)",
        ))?,
    };
    if let Some(date) = properties.valid_on.as_deref().filter(|date| !is_date(date)) {
        let shown: String = date.chars().take(40).collect();
        return Err((format!("valid_on {shown:?} is not a date"), "write it as YYYY-MM-DD"));
    }
    named(LayerKey { source, operator, technology })
}

/// The key, unless its operator has the name of several.
pub(crate) fn named(key: LayerKey) -> Result<LayerKey, (String, &'static str)> {
    if OperatorScope::of_several(key.operator.as_str()).is_some() {
        let message = format!("operator {}: figures of several operators have this name", key.operator);
        return Err((message, "give the operator another id"));
    }
    Ok(key)
}

/// Whether a text is a day as `YYYY-MM-DD` writes it.
pub(crate) fn is_date(text: &str) -> bool {
    let shape = |(place, byte): (usize, u8)| if matches!(place, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    text.len() == 10
        && text.bytes().enumerate().all(|(place, byte)| shape((place, byte)))
        && text.parse::<Date>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_dates() {
        assert!(is_date("2025-07-01"));
        for bad in ["2025-7-1", "01/07/2025", "2025-13-01", "2025-07-32", "2026-02-30", "2025-07-0é", "", "+025-07-01"]
        {
            assert!(!is_date(bad), "{bad}");
        }
    }

    #[test]
    fn a_layer_knows_what_any_of_its_files_knows() {
        let (mut layer, polygon) = (Layer::silent(), KeyedPolygon::from(Vec::new()));
        layer.knows([polygon.clone()]);
        layer.knows([polygon.clone()]);
        assert_eq!(layer.known, Some(vec![polygon.clone(), polygon.clone()]));
        layer.knows_all();
        layer.knows([polygon]);
        assert_eq!(layer.known, None, "the whole world");
    }

    #[test]
    fn the_oldest_date_is_kept() {
        let date = |text: &str| Some(text.to_owned());
        assert_eq!(oldest(date("2025-07-01"), date("2024-12-31")), date("2024-12-31"));
        assert_eq!(oldest(None, date("2024-12-31")), date("2024-12-31"));
        assert_eq!(oldest(None, None), None);
    }
}
