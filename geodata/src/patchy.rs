//! Settlements with patchy signal as gaps. Nobody knows on how much ground their signal fails, so each of them is the
//! point of its centre.
//!
//! Such a gap is called by a hash over scope, technology, source and the settlement's id: it stays the same for as long
//! as the signal of that settlement is patchy, wherever its centre or the borders of its commune move.

use std::collections::HashMap;

use phusong_model::{CoverageGap, Grade, PeopleBase, PowerCounts, Settlement, UtcMs};
use sha2::{Digest, Sha256};

use crate::{
    coverage::{Basis, has_gaps},
    fingerprint::hex,
    identity::ID_DIGITS,
    ladder::{Ladder, Rung},
    nearest::Stations,
};

/// The settlements whose signal is patchy, for each scope that has gaps, in order of their ids.
pub(crate) fn gaps(
    basis: &Basis<'_>,
    stations: &Stations<'_>,
    previous: &[CoverageGap],
    at: UtcMs,
) -> Vec<CoverageGap> {
    let patchy = previous.iter().filter(|gap| gap.grade == Grade::Patchy);
    let first_seen: HashMap<&str, UtcMs> = patchy.map(|gap| (gap.id.as_str(), gap.first_seen)).collect();
    let mut gaps = Vec::new();
    for ladder in &basis.ladders {
        for rung in ladder.rungs.iter().filter(|rung| has_gaps(ladder, rung)) {
            let settlements = basis.inventory.settlements.iter().enumerate();
            let patchy = settlements.filter(|(i, _)| basis.grades.grade(ladder, rung, *i) == Some(Grade::Patchy));
            let mut patchy: Vec<&Settlement> = patchy.map(|(_, settlement)| settlement).collect();
            patchy.sort_by(|a, b| a.commune.cmp(&b.commune).then_with(|| a.id.cmp(&b.id)));
            gaps.extend(patchy.into_iter().map(|settlement| {
                let id = name(ladder, rung, settlement);
                let first_seen = first_seen.get(id.as_str()).copied().unwrap_or(at);
                let example = basis.inventory.example || rung.example;
                let power = power(settlement);
                CoverageGap {
                    id,
                    grade: Grade::Patchy,
                    commune: settlement.commune.clone(),
                    operator: ladder.operator.clone(),
                    technology: rung.technology,
                    source: ladder.source,
                    area_km2: 0.0,
                    at: settlement.at,
                    polygon: Vec::new(),
                    settlements: vec![settlement.id.clone()],
                    approximate: basis.approximate,
                    example,
                    first_seen,
                    last_seen: Some(at),
                    people: settlement.people,
                    people_base: PeopleBase::Settlements,
                    households: settlement.households,
                    power,
                    nearest: stations.nearest(settlement.at),
                }
            }));
        }
    }
    gaps
}

fn name(ladder: &Ladder, rung: &Rung, settlement: &Settlement) -> String {
    let (operator, technology, source) = (ladder.operator.id(), rung.technology.id(), ladder.source.id());
    let text = format!("patchy {operator} {technology} {source} {}", settlement.id);
    hex(&Sha256::digest(text)).chars().take(ID_DIGITS).collect()
}

fn power(settlement: &Settlement) -> PowerCounts {
    let mut power = PowerCounts::default();
    power.add(settlement.power);
    power
}
