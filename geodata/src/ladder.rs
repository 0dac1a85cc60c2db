//! "At least 3G" holds 4G and 5G: the technologies of a scope from the newest down, each step adding its layers.
//!
//! A place has signal of at least 3G when any layer of 3G, 4G or 5G covers it, and has none when every one of them
//! speaks of it and none covers it. Where 4G is not known and 3G is not there, "at least 3G" is not known.

use std::collections::{BTreeMap, BTreeSet};

use phusong_model::{CoverageSource, Operator, OperatorScope, Technology};

use crate::layers::{Layer, LayerKey, Layers, oldest};

/// All steps of one scope and source.
#[derive(Debug)]
pub(crate) struct Ladder {
    /// How the layers came to be; sources are never mixed.
    pub(crate) source: CoverageSource,
    /// Whose coverage.
    pub(crate) operator: OperatorScope,
    /// How its coverage comes from layers.
    pub(crate) make: Make,
    /// From the newest technology that has a layer down to the oldest of all.
    pub(crate) rungs: Vec<Rung>,
}

/// How the coverage of a scope comes from its layers. Ladders of single operators are named by their places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Make {
    /// What any of the layers covers.
    Union,
    /// What at least so many of the operators cover.
    Fold { count: usize, of: Vec<usize> },
    /// What the best of the operators covers.
    Best { of: Vec<usize> },
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

impl Ladder {
    /// The rung of a technology.
    pub(crate) fn rung(&self, technology: Technology) -> Option<usize> {
        self.rungs.iter().position(|rung| rung.technology == technology)
    }
}

/// The ladders of all scopes, for each source: any operator, each one, and where there are two or more the best,
/// all, and at least two, three and so on as long as that is not all.
///
/// An operator that has no layer of a technology or of a newer one says nothing of it. Who counts operators needs to
/// hear all of them, so the ladders of all and of at least so many end above with the technology that each operator has
/// or exceeds; the best is the best of those that say something, as any is.
pub(crate) fn ladders(layers: &Layers) -> Vec<Ladder> {
    let mut operators: BTreeMap<CoverageSource, BTreeSet<&Operator>> = BTreeMap::new();
    for key in layers.keys() {
        operators.entry(key.source).or_default().insert(&key.operator);
    }
    let mut all = Vec::new();
    for (source, operators) in operators {
        let scopes = scopes(&operators);
        // Single operators come last.
        let first = all.len() + scopes.len() - operators.len();
        let singles: Vec<usize> = (first..all.len() + scopes.len()).collect();
        all.extend(scopes.into_iter().map(|scope| ladder(layers, source, scope, &singles)));
        let (before, of_singles) = all.split_at_mut(first);
        for ladder in before.iter_mut().filter(|ladder| ladder.source == source) {
            if let Make::Fold { .. } = ladder.make {
                let heard = |rung: &Rung| of_singles.iter().all(|single| single.rung(rung.technology).is_some());
                ladder.keep_rungs(heard);
            }
        }
    }
    all
}

/// The scopes of a source with these operators, in order.
fn scopes(operators: &BTreeSet<&Operator>) -> Vec<OperatorScope> {
    let mut scopes = vec![OperatorScope::Any];
    if operators.len() > 1 {
        scopes.extend([OperatorScope::Best, OperatorScope::All]);
        // More operators than a byte counts are in no country.
        let below = u8::try_from(operators.len()).unwrap_or(u8::MAX);
        scopes.extend((2..below).map(OperatorScope::AtLeast));
    }
    scopes.extend(operators.iter().map(|operator| OperatorScope::One((*operator).clone())));
    scopes
}

fn ladder(layers: &Layers, source: CoverageSource, operator: OperatorScope, singles: &[usize]) -> Ladder {
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
    let of = || singles.to_vec();
    let make = match &operator {
        OperatorScope::Any | OperatorScope::One(_) => Make::Union,
        OperatorScope::Best => Make::Best { of: of() },
        OperatorScope::All => Make::Fold { count: singles.len(), of: of() },
        OperatorScope::AtLeast(count) => Make::Fold { count: usize::from(*count), of: of() },
    };
    Ladder { source, operator, make, rungs }
}

impl Ladder {
    /// Drops rungs from above; the first that stays has all its layers added.
    fn keep_rungs(&mut self, keep: impl Fn(&Rung) -> bool) {
        self.rungs.retain(keep);
        if let Some(first) = self.rungs.first_mut() {
            first.added = first.layers.len();
        }
    }
}

fn within(scope: &OperatorScope, key: &LayerKey) -> bool {
    match scope {
        OperatorScope::Any | OperatorScope::Best | OperatorScope::All | OperatorScope::AtLeast(_) => true,
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
            "best 5G [2] +1",
            "best 4G [2, 0] +1",
            "best 3G [2, 0] +0",
            "best 2G [2, 0, 1] +1",
            "all 4G [2, 0] +2",
            "all 3G [2, 0] +0",
            "all 2G [2, 0, 1] +1",
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
    #[test]
    fn as_many_operators_are_counted_as_there_are() {
        let scopes = |operators: &[&str]| {
            let keys: Vec<_> = operators.iter().map(|operator| (*operator, Technology::G4)).collect();
            let ladders = ladders(&layers(&keys));
            ladders.iter().map(|ladder| (ladder.operator.id().into_owned(), ladder.make.clone())).collect::<Vec<_>>()
        };
        let of = |name: &str, make| (name.to_owned(), make);
        assert_eq!(scopes(&["a"]), [of("any", Make::Union), of("a", Make::Union)]);
        let singles = || vec![4, 5, 6];
        let expected = [
            of("any", Make::Union),
            of("best", Make::Best { of: singles() }),
            of("all", Make::Fold { count: 3, of: singles() }),
            of("atleast2", Make::Fold { count: 2, of: singles() }),
            of("a", Make::Union),
            of("b", Make::Union),
            of("c", Make::Union),
        ];
        assert_eq!(scopes(&["a", "b", "c"]), expected);
    }
}
