//! What officers are told of a gap, as CLI and page both say it.

use super::{Lang, Term, amount, decimal, integer, moment};
use crate::{
    GapKind, Grade, NearestSite, OperatorScope, PeopleBase, PowerCounts, UtcMs,
    answer::{GapItem, RankBy},
};

/// Below this distance metres are told, above it kilometres with one decimal.
const METRES_TO: f64 = 1_000.0;
/// Each of the eight directions with the azimuth at which the next one begins; north goes on behind the last.
const DIRECTIONS: [(f64, (&str, &str)); 8] = [
    (22.5, ("bắc", "north")),
    (67.5, ("đông bắc", "north-east")),
    (112.5, ("đông", "east")),
    (157.5, ("đông nam", "south-east")),
    (202.5, ("nam", "south")),
    (247.5, ("tây nam", "south-west")),
    (292.5, ("tây", "west")),
    (337.5, ("tây bắc", "north-west")),
];

/// The kind of a gap, and of one in coverage whether its signal is patchy.
#[must_use]
pub fn gap_kind(lang: Lang, item: &GapItem) -> &'static str {
    match (item.kind, item.grade) {
        (GapKind::Coverage, Some(Grade::Patchy)) => lang.of(("lõm sóng", "patchy")),
        (kind @ (GapKind::Link | GapKind::Coverage), _) => kind.term(lang),
    }
}

/// What is not there: a link, or signal of at least a technology, for so many settlements on so much ground. Of a single
/// settlement with patchy signal its name says more than its number.
#[must_use]
pub fn gap_missing(lang: Lang, item: &GapItem) -> String {
    if item.kind == GapKind::Link {
        let link = item.link.as_ref().map(ToString::to_string);
        let kind = item.link_kind.map(|kind| format!("({})", kind.term(lang)));
        return link.into_iter().chain(kind).collect::<Vec<_>>().join(" ");
    }
    let technology = item.technology.map(|technology| format!("{}+ ", technology.id())).unwrap_or_default();
    let settlements = match (item.grade, item.settlements.as_slice()) {
        (Some(Grade::Patchy), [one]) => lang.pick(format!("lõm: {}", one.name), format!("patchy: {}", one.name)),
        (Some(Grade::None | Grade::Patchy | Grade::Full) | None, all) => {
            let count = all.len() as u64;
            lang.pick(format!("{} thôn", integer(lang, count)), counted(count, "settlement"))
        }
    };
    let area = item.area_km2.map(|area| format!("{} km²", decimal(lang, area, 1)));
    // Of one operator only: others may serve the place.
    let operator = item.operator.as_ref().and_then(|scope| match scope {
        OperatorScope::One(operator) => Some(operator.label().to_owned()),
        OperatorScope::Any | OperatorScope::Best | OperatorScope::All | OperatorScope::AtLeast(_) => None,
    });
    technology + &std::iter::once(settlements).chain(area).chain(operator).collect::<Vec<_>>().join(", ")
}

/// The facts of a coverage gap: who lives there and how they were counted, power, since when and until when it was seen,
/// and what its score is made of. Without the nearest sites; those are [`gap_sites`].
#[must_use]
pub fn gap_facts(lang: Lang, item: &GapItem, now: UtcMs) -> Vec<String> {
    let people = item.people.map(|count| people(lang, count, item.people_base.unwrap_or_default()));
    let households = item.households.map(|count| {
        let number = integer(lang, count);
        lang.pick(format!("{number} hộ"), counted(count, "household"))
    });
    let power = item.power.and_then(|counts| power(lang, counts));
    let seen = moment(lang, item.since, now);
    let first = lang.pick(format!("ghi nhận lần đầu {seen}"), format!("first seen {seen}"));
    let facts = [people, households, power, Some(first), last_seen(lang, item, now), Some(score(lang, item.rank_by))];
    facts.into_iter().flatten().collect()
}

/// The same beside columns that have the numbers and since when: what people were counted by, power, when it was last
/// seen, and the score.
#[must_use]
pub fn gap_notes(lang: Lang, item: &GapItem, now: UtcMs) -> Vec<String> {
    let base = item.people.and(item.people_base).map(|base| counted_by(lang, base).to_owned());
    let power = item.power.and_then(|counts| power(lang, counts));
    [base, power, last_seen(lang, item, now), Some(score(lang, item.rank_by))].into_iter().flatten().collect()
}

/// The nearest base station of each operator, seen from the gap.
#[must_use]
pub fn gap_sites(lang: Lang, item: &GapItem) -> Vec<String> {
    item.nearest.iter().map(|site| nearest(lang, site)).collect()
}

/// So many people, and what they were counted by.
fn people(lang: Lang, count: u64, base: PeopleBase) -> String {
    let people = lang.of(("người", if count == 1 { "person" } else { "people" }));
    format!("{} {people} ({})", integer(lang, count), counted_by(lang, base))
}

const fn counted_by(lang: Lang, base: PeopleBase) -> &'static str {
    lang.of(match base {
        PeopleBase::Settlements => ("tính theo thôn", "counted by settlement"),
        PeopleBase::Raster => ("tính theo lưới dân cư", "counted by raster"),
    })
}

fn last_seen(lang: Lang, item: &GapItem, now: UtcMs) -> Option<String> {
    let at = moment(lang, item.last_seen?, now);
    Some(lang.pick(format!("lần cuối {at}"), format!("last seen {at}")))
}

/// Settlements by power from the grid; none where there are no settlements.
#[must_use]
pub fn power(lang: Lang, counts: PowerCounts) -> Option<String> {
    let PowerCounts { yes, no, unknown } = counts;
    let part = |count: u64, (vietnamese, english): (&str, &str)| {
        let number = integer(lang, count);
        lang.pick(format!("{number} {vietnamese}"), format!("{number} {english}"))
    };
    let with = (yes > 0 || no > 0).then(|| part(yes, ("có điện lưới", "with grid power")));
    let without = (no > 0).then(|| part(no, ("không", "without")));
    let alone =
        if yes > 0 || no > 0 { ("chưa rõ", "unknown") } else { ("chưa rõ điện lưới", "grid power unknown") };
    let unknown = (unknown > 0).then(|| part(unknown, alone));
    let parts: Vec<String> = [with, without, unknown].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// `TQG0123 (Viettel): 6,2 km hướng đông bắc (47°)`.
#[must_use]
pub fn nearest(lang: Lang, site: &NearestSite) -> String {
    let distance = if site.distance_m < METRES_TO {
        format!("{} m", decimal(lang, site.distance_m, 0))
    } else {
        format!("{} km", decimal(lang, site.distance_m / 1_000.0, 1))
    };
    let towards = lang.of(direction(site.azimuth_deg));
    // 359.6° is 0° when it is rounded, and not 360°.
    let degrees = decimal(lang, site.azimuth_deg.round() % 360.0, 0);
    let way = lang.pick(format!("hướng {towards} ({degrees}°)"), format!("{towards} ({degrees}°)"));
    format!("{} ({}): {distance} {way}", site.site, site.operator.label())
}

/// The direction of an azimuth between 0 and 360 degrees, in Vietnamese and in English.
fn direction(azimuth_deg: f64) -> (&'static str, &'static str) {
    let north = ("bắc", "north");
    DIRECTIONS.iter().find(|(end, _)| azimuth_deg < *end).map_or(north, |(_, names)| *names)
}

/// `điểm 195 = 130 người × 1 × 1,5`.
fn score(lang: Lang, by: RankBy) -> String {
    let (score, people) = (decimal(lang, by.score, 0), integer(lang, by.people));
    let shown = (by.persistence * 10.0).round() / 10.0;
    let (weight, lasted) = (amount(lang, by.grade_weight), amount(lang, shown));
    // The factors are rounded for people, and then they need not come to it.
    let comes_to = (by.people as f64 * by.grade_weight * shown).round() == by.score.round();
    let is = if comes_to { "=" } else { "≈" };
    lang.pick(
        format!("điểm {score} {is} {people} người × {weight} × {lasted}"),
        format!("score {score} {is} {people} people × {weight} × {lasted}"),
    )
}

/// A number with its English noun, which takes an s unless there is one of it.
fn counted(count: u64, one: &str) -> String {
    format!("{} {one}{}", integer(Lang::En, count), if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nfc;

    fn site(distance_m: f64, azimuth_deg: f64) -> NearestSite {
        let (operator, site) = ("viettel".parse().expect("operator"), "TQG0123".parse().expect("id"));
        NearestSite { operator, site, distance_m, azimuth_deg }
    }

    #[test]
    fn the_way_to_the_nearest_site_is_said_in_both_languages() {
        assert_eq!(nearest(Lang::Vi, &site(6_234.0, 47.4)), "TQG0123 (Viettel): 6,2 km hướng đông bắc (47°)");
        assert_eq!(nearest(Lang::En, &site(6_234.0, 47.4)), "TQG0123 (Viettel): 6.2 km north-east (47°)");
        assert_eq!(nearest(Lang::En, &site(87.2, 359.6)), "TQG0123 (Viettel): 87 m north (0°)");
    }

    #[test]
    fn each_direction_is_an_eighth_of_the_circle_around_its_middle() {
        let names = ["north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"];
        for (eighth, name) in (0_u32..).zip(names) {
            let middle = f64::from(eighth) * 45.0;
            for azimuth in [middle - 22.4, middle, middle + 22.4] {
                assert_eq!(direction(azimuth.rem_euclid(360.0)).1, name, "{azimuth}");
            }
        }
        assert!(DIRECTIONS.iter().all(|(_, (vi, en))| *vi == nfc(vi) && *en == nfc(en)));
    }

    #[test]
    fn power_is_counted_and_nothing_is_said_of_nobody() {
        let all = PowerCounts { yes: 3, no: 1, unknown: 2 };
        assert_eq!(power(Lang::Vi, all).as_deref(), Some("3 có điện lưới, 1 không, 2 chưa rõ"));
        assert_eq!(power(Lang::En, all).as_deref(), Some("3 with grid power, 1 without, 2 unknown"));
        let unknown = PowerCounts { yes: 0, no: 0, unknown: 1 };
        assert_eq!(power(Lang::En, unknown).as_deref(), Some("1 grid power unknown"));
        assert_eq!(power(Lang::En, PowerCounts::default()), None);
    }

    #[test]
    fn one_of_anything_is_no_plural() {
        assert_eq!([counted(0, "settlement"), counted(1, "settlement")], ["0 settlements", "1 settlement"]);
        assert_eq!(people(Lang::En, 1, PeopleBase::Raster), "1 person (counted by raster)");
        assert_eq!(people(Lang::Vi, 1_234, PeopleBase::Settlements), "1.234 người (tính theo thôn)");
    }
}
