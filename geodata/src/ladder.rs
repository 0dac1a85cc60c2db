//! "At least 3G" holds 4G and 5G: the technologies of a scope from the newest down, each step adding its layers.

use std::collections::BTreeSet;

use phusong_model::{CoverageSource, OperatorScope, Technology};

use crate::layers::{Layer, LayerKey, Layers, oldest};

/// All steps of one scope and source.
#[derive(Debug)]
pub(crate) struct Ladder {
    /// How the layers came to be; sources are never mixed.
    pub(crate) source: CoverageSource,
    /// Whose coverage.
    pub(crate) operator: OperatorScope,
    /// From the newest technology that has a layer down to the oldest of all.
    pub(crate) rungs: Vec<Rung>,
}

/// At least one technology.
#[derive(Debug)]
pub(crate) struct Rung {
    /// The oldest technology that counts.
    pub(crate) technology: Technology,
    /// The layers, as their place in the order of keys.
    pub(crate) layers: Vec<usize>,
    /// How many of the last of [`Self::layers`] the rung above does not have.
    pub(crate) added: usize,
    /// The oldest date of the layers.
    pub(crate) valid_on: Option<String>,
    /// Some layer calls itself an example.
    pub(crate) example: bool,
}

impl Rung {
    /// The layers that the rung above does not have.
    pub(crate) fn added(&self) -> &[usize] {
        self.layers.get(self.layers.len() - self.added..).unwrap_or_default()
    }
}

/// The ladders of all scopes that have a layer: any operator and each one, for each source.
pub(crate) fn ladders(layers: &Layers) -> Vec<Ladder> {
    let scopes: BTreeSet<(CoverageSource, OperatorScope)> = layers
        .keys()
        .flat_map(|key| [(key.source, OperatorScope::Any), (key.source, OperatorScope::One(key.operator.clone()))])
        .collect();
    scopes.into_iter().map(|(source, operator)| ladder(layers, source, operator)).collect()
}

fn ladder(layers: &Layers, source: CoverageSource, operator: OperatorScope) -> Ladder {
    let members: Vec<(usize, (&LayerKey, &Layer))> =
        layers.iter().enumerate().filter(|(_, (key, _))| key.source == source && within(&operator, key)).collect();
    let mut rungs: Vec<Rung> = Vec::new();
    for technology in Technology::ALL.into_iter().rev() {
        let above = rungs.last();
        let mut rung = Rung {
            technology,
            layers: above.map(|r| r.layers.clone()).unwrap_or_default(),
            added: 0,
            valid_on: above.and_then(|r| r.valid_on.clone()),
            example: above.is_some_and(|r| r.example),
        };
        for (index, (_, layer)) in members.iter().filter(|(_, (key, _))| key.technology == technology) {
            rung.layers.push(*index);
            rung.added += 1;
            rung.valid_on = oldest(rung.valid_on, layer.valid_on.clone());
            rung.example |= layer.example;
        }
        // No layer says nothing: neither covered nor gap.
        if !rung.layers.is_empty() {
            rungs.push(rung);
        }
    }
    Ladder { source, operator, rungs }
}

fn within(scope: &OperatorScope, key: &LayerKey) -> bool {
    match scope {
        OperatorScope::Any => true,
        OperatorScope::One(operator) => *operator == key.operator,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers(keys: &[(&str, Technology)]) -> Layers {
        keys.iter()
            .map(|(operator, technology)| LayerKey {
                source: CoverageSource::Declared,
                operator: operator.parse().expect("operator"),
                technology: *technology,
            })
            .map(|key| (key, Layer::default()))
            .collect()
    }

    #[test]
    fn a_newer_technology_serves_those_below_it_and_none_above() {
        let layers = layers(&[("a", Technology::G4), ("b", Technology::G2), ("b", Technology::G5)]);
        let mut steps = Vec::new();
        for ladder in ladders(&layers) {
            for rung in ladder.rungs {
                let (scope, technology) = (ladder.operator.id(), rung.technology.id());
                steps.push(format!("{scope} {technology} {:?} +{}", rung.layers, rung.added));
            }
        }
        // Layer 0 is 4G of a, 1 is 2G of b, 2 is 5G of b.
        let expected = [
            "any 5G [2] +1",
            "any 4G [2, 0] +1",
            "any 3G [2, 0] +0",
            "any 2G [2, 0, 1] +1",
            "a 4G [0] +1",
            "a 3G [0] +0",
            "a 2G [0] +0",
            "b 5G [2] +1",
            "b 4G [2] +0",
            "b 3G [2] +0",
            "b 2G [2, 1] +1",
        ];
        assert_eq!(steps, expected);
    }
}
