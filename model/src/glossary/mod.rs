//! The glossary: every term that CLI and page show, in Vietnamese and in English, and how each language writes numbers,
//! lengths of time and instants. Terms are keyed by enums and kept in `match` tables, so that the compiler refuses a
//! term that lacks a language.
//!
//! ```
//! use phusong_model::{LinkState, glossary::{Lang, Term}};
//! assert_eq!(LinkState::Down.term(Lang::Vi), "mất kết nối");
//! assert_eq!(LinkState::Down.term(Lang::En), "down");
//! ```

mod clues;
mod faults;
mod gaps;
mod happenings;
mod imports;
mod messages;
mod mobile;
mod numbers;
mod observations;
mod orders;
mod ready;
mod sentences;
mod sitrep;
mod terms;
mod times;
mod words;

pub use clues::sign_text;
#[cfg(test)]
pub(crate) use faults::tests::told;
pub use faults::{fault, fault_lines, fault_sentences, fault_text, faults, faults_listed, is_told};
pub use gaps::{gap_facts, gap_kind, gap_missing, gap_notes, gap_sites, nearest, power};
pub use happenings::{event_subject, happening, news};
pub use messages::{message_line, message_lines};
pub use mobile::{headline, origin, patchiness_unknown, people, rule};
pub use numbers::{amount, bits_per_second, bytes, decimal, integer, percent, percent_to};
pub use observations::{icmp_error, seen, sensor_value};
pub use orders::order_error;
pub use ready::{fitness_sign, ready_reason};
pub use sentences::{ask_error, base, cause, event, influx, notice};
pub use sitrep::sitrep_of;
pub use terms::{Lang, Term, sign};
pub use times::{LOCAL_OFFSET, date, date_of, duration, instant, moment};
pub use words::{Head, Word};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        BlindReason, CommuneKind, CoverageSource, Grade, GridPower, IcmpErrorKind, IcmpMode, IfStatus, Indicator,
        LinkKind, LinkState, ProfileGrade, SiteKind, answer::Source, nfc,
    };

    fn check(term: &dyn Term) {
        for lang in [Lang::Vi, Lang::En] {
            let text = term.term(lang);
            assert!(!text.trim().is_empty(), "an empty term");
            assert_eq!(text, nfc(text), "{text:?} is not NFC or has stray spaces");
        }
    }

    #[test]
    fn terms_are_nfc_in_both_languages() {
        Head::ALL.iter().for_each(|t| check(t));
        Word::ALL.iter().for_each(|t| check(t));
        LinkState::ALL.iter().for_each(|t| check(t));
        LinkKind::ALL.iter().for_each(|t| check(t));
        Indicator::ALL.iter().for_each(|t| check(t));
        [Grade::None, Grade::Patchy, Grade::Full].iter().for_each(|t| check(t));
        [CoverageSource::Declared, CoverageSource::Modelled, CoverageSource::Measured].iter().for_each(|t| check(t));
        [GridPower::Yes, GridPower::No, GridPower::Unknown].iter().for_each(|t| check(t));
        [IcmpMode::Raw, IcmpMode::Datagram, IcmpMode::None].iter().for_each(|t| check(t));
        [SiteKind::Office, SiteKind::Hub, SiteKind::Bts].iter().for_each(|t| check(t));
        [CommuneKind::Commune, CommuneKind::Ward].iter().for_each(|t| check(t));
        [Source::Daemon, Source::Store].iter().for_each(|t| check(t));
        [ProfileGrade::Documented, ProfileGrade::Community].iter().for_each(|t| check(t));
        for kind in [
            IcmpErrorKind::Unreachable,
            IcmpErrorKind::PacketTooBig,
            IcmpErrorKind::TimeExceeded,
            IcmpErrorKind::ParameterProblem,
        ] {
            check(&kind);
        }
        (1..=7).for_each(|mib| check(&IfStatus::from_mib(mib)));
        for reason in [
            BlindReason::NotRunning,
            BlindReason::NoPermission,
            BlindReason::SendError,
            BlindReason::ReceiveDrops,
            BlindReason::LateTick,
            BlindReason::NoEvidence,
            BlindReason::Anchors,
            BlindReason::NotYetProbed,
        ] {
            check(&reason);
        }
    }

    #[test]
    fn states_have_five_different_terms_and_signs() {
        let mut signs: Vec<char> = LinkState::ALL.iter().map(|s| sign(*s)).collect();
        signs.dedup();
        assert_eq!(signs, ['●', '◐', '✗', '?', '‖']);
    }
}
