//! The headline of mobile coverage and what it rests on, as CLI and page both say it.

use super::{Lang, Term, Word, amount, date, integer};
use crate::{CoverageSource, OperatorScope, PeopleBase, RuleMark, Share, answer::CoverageItem};

/// Settlements with signal as a province states it, and strictly: each with its parts. Then how many settlements cannot
/// be judged, and whose signal it is.
#[must_use]
pub fn headline(lang: Lang, item: &CoverageItem) -> Vec<String> {
    let counts = item.settlements;
    let share = |with_signal: u64| Share {
        numerator: with_signal as f64,
        denominator: (counts.none + counts.patchy + counts.full) as f64,
        unknown: counts.unknown as f64,
    };
    let title = format!("{} {}+", Word::MobileLine.term(lang), item.technology.id());
    let what = format!("{} {}", Word::Settlements.term(lang), Word::WithSignal.term(lang));
    let strictly = lang.of(("không tính vùng lõm", "not counting patchy"));
    let mut facts = vec![
        format!("{title}: {} {what}", share(counts.patchy + counts.full).display(lang)),
        format!("{strictly} {}", share(counts.full).display(lang)),
    ];
    facts.extend(patchiness_unknown(lang, counts.patchiness_unknown));
    if counts.unknown > 0 {
        facts.push(format!("{} {}", Word::Unknown.term(lang), integer(lang, counts.unknown)));
    }
    facts.push(match &item.operator {
        OperatorScope::Any => Word::AnyOperator.term(lang).to_owned(),
        OperatorScope::Best => Word::BestOperator.term(lang).to_owned(),
        OperatorScope::All => Word::AllOperators.term(lang).to_owned(),
        OperatorScope::AtLeast(count) => {
            format!("{} {count}{}", Word::AtLeastOperators.term(lang), lang.of((" nhà mạng", "")))
        }
        OperatorScope::One(operator) => operator.label().to_owned(),
    });
    facts
}

/// How many of the settlements that count as full may be patchy; none when none.
#[must_use]
pub fn patchiness_unknown(lang: Lang, settlements: u64) -> Option<String> {
    let number = integer(lang, settlements);
    let text = lang.pick(format!("{number} chưa rõ có lõm hay không"), format!("{number} of these may be patchy"));
    (settlements > 0).then_some(text)
}

/// How the layers came to be, and of which day they are.
#[must_use]
pub fn origin(lang: Lang, source: Option<CoverageSource>, valid_on: Option<&str>) -> String {
    let valid = valid_on.map(|day| format!("{} {}", Word::ValidOn.term(lang), date(lang, day)));
    [source.map(|source| source.term(lang).to_owned()), valid].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The rule that settlements were judged by.
#[must_use]
pub fn rule(lang: Lang, rule: &RuleMark) -> String {
    let name = match (rule.assumed, lang) {
        (true, Lang::Vi) => "tiêu chí: giả định của phusong".to_owned(),
        (true, Lang::En) => "rule: our own assumption".to_owned(),
        (false, Lang::Vi) => format!("tiêu chí: {}", rule.name),
        (false, Lang::En) => format!("rule: {}", rule.name),
    };
    // Rounded first, so that 0.57 is 57 and not 56.99999.
    let percent = amount(lang, (rule.patchy_households * 1_000.0).round() / 10.0);
    let mut text = lang.pick(
        format!("{name} (lõm khi dưới {percent} % số hộ có sóng"),
        format!("{name} (patchy when under {percent}% of households have signal"),
    );
    if rule.operators > 1 {
        let operators = rule.operators;
        text += &lang.pick(format!(", cần {operators} nhà mạng"), format!(", {operators} operators are needed"));
    }
    text + ")"
}

/// What the people of a figure were counted by.
#[must_use]
pub const fn people(lang: Lang, base: PeopleBase, scaled: bool) -> &'static str {
    lang.of(match (base, scaled) {
        (PeopleBase::Settlements, false) => ("dân số tính theo thôn", "people counted by settlement"),
        (PeopleBase::Settlements, true) => (
            "dân số tính theo thôn, hiệu chỉnh theo tổng số của xã",
            "people counted by settlement, scaled to totals of communes",
        ),
        (PeopleBase::Raster, false) => ("dân số tính theo lưới dân cư", "people counted by raster"),
        (PeopleBase::Raster, true) => (
            "dân số tính theo lưới dân cư, hiệu chỉnh theo tổng số của xã",
            "people counted by raster, scaled to totals of communes",
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SettlementCounts, Technology, nfc};

    /// The counts of the province's report of 12 January 2026.
    fn province() -> CoverageItem {
        CoverageItem {
            commune: None,
            commune_name: None,
            operator: OperatorScope::Any,
            technology: Technology::G3,
            source: CoverageSource::Declared,
            settlements: SettlementCounts {
                total: 3_805,
                none: 91,
                patchy: 182,
                full: 3_529,
                unknown: 3,
                patchiness_unknown: 3_000,
            },
            people: Share::default(),
            area_km2: Share::default(),
            approximate: false,
            example: false,
            valid_on: None,
            rule: None,
            people_base: PeopleBase::Settlements,
            people_scaled: false,
            best: None,
        }
    }

    #[test]
    fn the_headline_is_said_as_a_province_states_it_and_strictly() {
        assert_eq!(
            headline(Lang::Vi, &province()),
            [
                "Di động 3G+: 3.711/3.802 = 97,6 % thôn có sóng",
                "không tính vùng lõm 3.529/3.802 = 92,8 %",
                "3.000 chưa rõ có lõm hay không",
                "không rõ 3",
                "ít nhất một nhà mạng",
            ]
        );
        assert_eq!(
            headline(Lang::En, &province()),
            [
                "Mobile 3G+: 3,711/3,802 = 97.6% settlements with signal",
                "not counting patchy 3,529/3,802 = 92.8%",
                "3,000 of these may be patchy",
                "unknown 3",
                "any operator",
            ]
        );
    }

    #[test]
    fn a_rule_says_whose_it_is() {
        let mut mark = RuleMark {
            name: "1603/BTTTT-CVT".to_owned(),
            hash: "0123456789ab".to_owned(),
            assumed: true,
            patchy_households: 0.95,
            operators: 1,
            floor: Technology::G3,
            floor_since: None,
        };
        assert_eq!(rule(Lang::En, &mark), "rule: our own assumption (patchy when under 95% of households have signal)");
        mark = RuleMark { assumed: false, operators: 2, patchy_households: 0.555, ..mark };
        assert_eq!(
            rule(Lang::Vi, &mark),
            "tiêu chí: 1603/BTTTT-CVT (lõm khi dưới 55,5 % số hộ có sóng, cần 2 nhà mạng)"
        );
        for base in [PeopleBase::Settlements, PeopleBase::Raster] {
            for (scaled, lang) in [(true, Lang::Vi), (false, Lang::Vi), (true, Lang::En), (false, Lang::En)] {
                assert_eq!(people(lang, base, scaled), nfc(people(lang, base, scaled)));
            }
        }
    }

    #[test]
    fn the_floor_holds_from_its_day_on() {
        let mark = RuleMark {
            name: String::new(),
            hash: String::new(),
            assumed: true,
            patchy_households: 0.95,
            operators: 1,
            floor: Technology::G4,
            floor_since: Some("2028-01-01".to_owned()),
        };
        assert_eq!((mark.floor_on("2027-12-31"), mark.floor_on("2028-01-01")), (Technology::G2, Technology::G4));
        assert_eq!(RuleMark { floor_since: None, ..mark }.floor_on("1999-01-01"), Technology::G4);
    }
}
