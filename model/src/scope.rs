//! Whose coverage a figure counts: one operator's, or that of several in one of the ways in which people add it up.

use std::{borrow::Cow, cmp::Ordering};

use serde::{Deserialize, Serialize};

use crate::{Operator, SettlementCounts, Share};

/// Whose coverage a figure counts.
///
/// Of several operators any is what provinces report, best what the indicator SDG 9.c.1 of the United Nations asks for
/// (the largest of the operators, not what they cover together), and all less at least so many is how far people
/// can choose. In JSON, tags and tables these are `any`, `best`, `all` and `atleast2`; one operator is
/// `{"one": "viettel"}` in JSON and its id elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub enum OperatorScope {
    /// At least one operator covers.
    Any,
    /// The single operator that covers most, found for each base (settlements, people, area) of each unit apart.
    Best,
    /// Every operator covers that has a layer of the source.
    All,
    /// At least so many operators cover, two or more of those that have a layer of the source but not all.
    AtLeast(u8),
    /// One operator.
    One(Operator),
}

/// The form in JSON.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Words(String),
    One { one: Operator },
}

/// What the id of [`OperatorScope::AtLeast`] begins with.
const AT_LEAST: &str = "atleast";

impl OperatorScope {
    /// `any`, `best`, `all`, `atleast2`, or the operator's id.
    #[must_use]
    pub fn id(&self) -> Cow<'_, str> {
        match self {
            Self::Any => Cow::Borrowed("any"),
            Self::Best => Cow::Borrowed("best"),
            Self::All => Cow::Borrowed("all"),
            Self::AtLeast(count) => Cow::Owned(format!("{AT_LEAST}{count}")),
            Self::One(operator) => Cow::Borrowed(operator.as_str()),
        }
    }

    /// The scope of several operators with an id; an operator may not have one of these as its own.
    #[must_use]
    pub fn of_several(id: &str) -> Option<Self> {
        match id {
            "any" => Some(Self::Any),
            "best" => Some(Self::Best),
            "all" => Some(Self::All),
            other => {
                let digits = other.strip_prefix(AT_LEAST)?;
                let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
                let count: u8 = digits.parse().ok().filter(|_| plain)?;
                (count >= 2).then_some(Self::AtLeast(count))
            }
        }
    }
}

impl TryFrom<Written> for OperatorScope {
    type Error = String;
    fn try_from(written: Written) -> Result<Self, String> {
        match written {
            Written::One { one } => Ok(Self::One(one)),
            Written::Words(id) => Self::of_several(&id).ok_or_else(|| {
                let shown: String = id.chars().take(40).collect();
                format!("{shown:?} is no scope of operators: any, best, all, atleast2 or {{\"one\": OPERATOR}}")
            }),
        }
    }
}

impl From<OperatorScope> for Written {
    fn from(scope: OperatorScope) -> Self {
        match scope {
            OperatorScope::One(one) => Self::One { one },
            OperatorScope::Any | OperatorScope::Best | OperatorScope::All | OperatorScope::AtLeast(_) => {
                Self::Words(scope.id().into_owned())
            }
        }
    }
}

/// Which operator is the best of a unit, for each base: that with the largest numerator. Of equals it is the one
/// of which less is unknown, and then the first by id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BestOperators {
    /// Most settlements with signal; of equals most with full signal.
    pub settlements: Operator,
    /// Most people with signal.
    pub people: Operator,
    /// Most area with signal.
    pub area: Operator,
}

/// What one operator covers of a unit, on each base.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OperatorFigure<'a> {
    /// Whose.
    pub operator: &'a Operator,
    /// Settlements by grade.
    pub settlements: SettlementCounts,
    /// People with signal.
    pub people: Share,
    /// Area with signal, in km².
    pub area_km2: Share,
}

/// What the best operators of a unit cover.
#[derive(Debug, Clone, PartialEq)]
pub struct BestFigure {
    /// Settlements of the one that is best by them.
    pub settlements: SettlementCounts,
    /// People of the one that is best by them.
    pub people: Share,
    /// Area of the one that is best by it, in km².
    pub area_km2: Share,
    /// Which they are.
    pub operators: BestOperators,
}

impl BestFigure {
    /// Finds the best of the operators of one unit, whatever their order; `None` without any.
    #[must_use]
    pub fn of(singles: &[OperatorFigure<'_>]) -> Option<Self> {
        let best = |order: &dyn Fn(&OperatorFigure<'_>, &OperatorFigure<'_>) -> Ordering| {
            // Of equals the first by id, so that the answer is always the same.
            singles.iter().copied().max_by(|a, b| order(a, b).then_with(|| b.operator.cmp(a.operator)))
        };
        let more =
            |a: Share, b: Share| a.numerator.total_cmp(&b.numerator).then_with(|| b.unknown.total_cmp(&a.unknown));
        let settled = |of: &OperatorFigure<'_>| {
            let SettlementCounts { patchy, full, unknown, .. } = of.settlements;
            (patchy + full, full, std::cmp::Reverse(unknown))
        };
        let settlements = best(&|a, b| settled(a).cmp(&settled(b)))?;
        let (people, area) = (best(&|a, b| more(a.people, b.people))?, best(&|a, b| more(a.area_km2, b.area_km2))?);
        Some(Self {
            settlements: settlements.settlements,
            people: people.people,
            area_km2: area.area_km2,
            operators: BestOperators {
                settlements: settlements.operator.clone(),
                people: people.operator.clone(),
                area: area.operator.clone(),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_is_found_for_each_base_apart() {
        let operator = |id: &str| id.parse::<Operator>().expect("operator");
        let share = |numerator, unknown| Share { numerator, denominator: 100.0 - unknown, unknown };
        let counts = |none, patchy, full, unknown| SettlementCounts {
            total: none + patchy + full + unknown,
            patchiness_unknown: 0,
            none,
            patchy,
            full,
            unknown,
        };
        let (a, b, c) = (operator("a"), operator("b"), operator("c"));
        let figure =
            |operator, settlements, people, area_km2| OperatorFigure { operator, settlements, people, area_km2 };
        let mut singles = [
            figure(&c, counts(2, 1, 7, 0), share(40.0, 0.0), share(10.0, 5.0)),
            figure(&a, counts(0, 2, 6, 2), share(40.0, 0.0), share(10.0, 0.0)),
            figure(&b, counts(9, 1, 0, 0), share(90.0, 10.0), share(9.0, 0.0)),
        ];
        let best = BestFigure::of(&singles).expect("a best");
        assert_eq!(
            (best.settlements, &best.operators.settlements),
            (counts(2, 1, 7, 0), &c),
            "equal but for full ones"
        );
        assert_eq!((best.people, &best.operators.people), (share(90.0, 10.0), &b));
        assert_eq!((best.area_km2, &best.operators.area), (share(10.0, 0.0), &a), "equal, and less is unknown");
        singles.reverse();
        assert_eq!(BestFigure::of(&singles), Some(best), "whatever their order");
        assert_eq!(BestFigure::of(&[]), None);
    }

    #[test]
    fn ids_come_back_and_stored_forms_stay() {
        let viettel: Operator = "viettel".parse().expect("operator");
        let scopes = [
            (OperatorScope::Any, "any", r#""any""#),
            (OperatorScope::Best, "best", r#""best""#),
            (OperatorScope::All, "all", r#""all""#),
            (OperatorScope::AtLeast(2), "atleast2", r#""atleast2""#),
            (OperatorScope::One(viettel), "viettel", r#"{"one":"viettel"}"#),
        ];
        for (scope, id, json) in &scopes {
            assert_eq!(scope.id(), *id);
            assert_eq!(serde_json::to_string(scope).expect("JSON"), *json);
            assert_eq!(serde_json::from_str::<OperatorScope>(json).expect("a scope"), *scope);
        }
        assert!(scopes.is_sorted(), "any comes first and single operators last");
    }

    #[test]
    fn what_is_no_scope_is_refused() {
        for id in ["viettel", "Any", "atleast", "atleast0", "atleast1", "atleast02", "atleast+2", "atleast256"] {
            assert_eq!(OperatorScope::of_several(id), None, "{id}");
            assert!(serde_json::from_str::<OperatorScope>(&format!("{id:?}")).is_err(), "{id}");
        }
    }
}
