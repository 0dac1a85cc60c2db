//! What ranks before what.

use std::cmp::{Ordering, Reverse};

use phusong_model::{
    GapKind, Millis,
    answer::{GapItem, GapRank, RankBy},
};

/// A gap that leaves nothing.
pub(super) const GRADE_NONE: f64 = 1.0;

/// A gap beside something that still works. 0.4 is what the officers' own ranking gives to *lõm sóng* beside *trắng
/// sóng*.
pub(super) const GRADE_PATCHY: f64 = 0.4;

/// A gap counts twice as much when it has lasted so long, and no more after that: coverage gaps are years old, and the
/// outages of today must not drown in them.
const PERSISTENCE_FULL: Millis = Millis::from_secs(30 * 86_400);

/// People affected, ordered so that more come first, unknown numbers after every known one but none at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Affected(pub(super) Reverse<u64>, bool);

#[derive(Debug)]
pub(super) struct Ranked {
    pub(super) item: GapItem,
    /// How much is missing: [`GRADE_NONE`] or [`GRADE_PATCHY`].
    pub(super) grade: f64,
    /// How long it has lasted.
    pub(super) age: Millis,
}

impl Affected {
    pub(super) fn by(people: Option<u64>) -> Self {
        Self(Reverse(people.unwrap_or(0)), people.is_some())
    }
}

/// Puts gaps in order and numbers them, the greatest first of what is asked for. The score is
///
/// `people affected × grade × persistence`,
///
/// where persistence grows evenly from 1 to 2 over thirty days; by persistence alone the oldest comes first. What is not
/// known counts as 0, but stands before a known 0. Among equals more settlements go first, then the greater
/// grade × persistence, then links before coverage, then the id.
pub(super) fn order(mut gaps: Vec<Ranked>, rank: GapRank) -> Vec<GapItem> {
    gaps.sort_by(|a, b| compare(a, b, rank));
    let numbered = gaps.into_iter().zip(1_u64..).map(|(gap, rank)| {
        let rank_by = gap.rank_by();
        GapItem { rank, rank_by, ..gap.item }
    });
    numbered.collect()
}

impl Ranked {
    /// 1 for what is new, 2 for what has lasted as long as counts.
    fn persistence(&self) -> f64 {
        1.0 + self.age.0.clamp(0, PERSISTENCE_FULL.0) as f64 / PERSISTENCE_FULL.0 as f64
    }

    fn weight(&self) -> f64 {
        self.grade * self.persistence()
    }

    fn score(&self) -> f64 {
        self.item.people.unwrap_or(0) as f64 * self.weight()
    }

    /// What the gap is ranked by; none where that is not known.
    fn measure(&self, rank: GapRank) -> Option<f64> {
        match rank {
            GapRank::Score => self.item.people.map(|_| self.score()),
            GapRank::People => self.item.people.map(|people| people as f64),
            GapRank::Households => self.item.households.map(|households| households as f64),
            GapRank::Settlements => Some(self.item.settlements.len() as f64),
            GapRank::Area => self.item.area_km2,
            GapRank::Persistence => Some(self.age.0 as f64),
        }
    }

    fn rank_by(&self) -> RankBy {
        RankBy {
            people: self.item.people.unwrap_or(0),
            grade_weight: self.grade,
            persistence: self.persistence(),
            score: self.score(),
        }
    }

    fn id(&self) -> (GapKind, Option<&str>, Option<&str>) {
        let link = self.item.link.as_ref().map(|link| link.as_str());
        (self.item.kind, link, self.item.gap.as_deref())
    }
}

fn compare(a: &Ranked, b: &Ranked, rank: GapRank) -> Ordering {
    let (of_a, of_b) = (a.measure(rank), b.measure(rank));
    of_b.unwrap_or(0.0)
        .total_cmp(&of_a.unwrap_or(0.0))
        .then_with(|| of_a.is_some().cmp(&of_b.is_some()))
        .then_with(|| b.item.settlements.len().cmp(&a.item.settlements.len()))
        .then_with(|| b.weight().total_cmp(&a.weight()))
        .then_with(|| a.id().cmp(&b.id()))
}
