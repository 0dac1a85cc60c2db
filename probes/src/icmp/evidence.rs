//! ICMP errors of a round, by the target they are about.

use std::{collections::BTreeMap, net::IpAddr};

use phusong_model::IcmpError;

use super::{
    counters::Refusal,
    echoes::{Echo, Echoes},
    flights::Flights,
    quoted::Quoted,
};

/// Different errors that are kept of one target in one round. Routers on a path say one or two things of it; more is
/// somebody who makes them up.
const MOST_PER_TARGET: usize = 4;

/// An ICMP error about a target: a hint why its echoes are lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EchoError {
    /// Place of the target in the list that was asked for.
    pub target: usize,
    /// What came, and from whom.
    pub error: IcmpError,
    /// About how many of its echoes.
    pub echoes: u16,
    /// Whether one of them quoted our token, so that its sender saw the echo. RFC 792 lets routers quote less.
    pub confirmed: bool,
}

/// What was gathered so far.
#[derive(Debug, Default)]
pub(super) struct Errors {
    /// By target and error: how many echoes, and whether one was confirmed.
    seen: BTreeMap<(u32, IcmpError), (u16, bool)>,
    /// Targets by address; made when the first error comes, which in most rounds is never.
    places: Option<Vec<(IpAddr, u32)>>,
}

/// The round that an error must be about.
pub(super) struct About<'a> {
    pub(super) targets: &'a [IpAddr],
    pub(super) identifier: u16,
    pub(super) first_sequence: u16,
    pub(super) echoes: &'a Echoes,
    pub(super) flights: &'a Flights,
}

impl About<'_> {
    /// Whether the quote proves that its sender saw the very echo it speaks of; an error when it proves a lie. A host knows
    /// the tokens of its own echoes, and they must not serve it to speak of another's.
    fn confirms(&self, quoted: &Quoted) -> Result<bool, Refusal> {
        let Some((serial, token)) = quoted.proof else { return Ok(false) };
        if self.flights.token(serial) != token {
            return Err(Refusal::ForgedError);
        }
        // Of an echo whose time is up nobody knows any more to whom it went.
        let Some((target, sequence)) = self.flights.addressed(serial) else { return Ok(false) };
        let address = usize::try_from(target).ok().and_then(|target| self.targets.get(target));
        let of_that_echo = address.map(IpAddr::to_canonical) == Some(quoted.destination) && sequence == quoted.sequence;
        if of_that_echo { Ok(true) } else { Err(Refusal::ForgedError) }
    }
}

impl Errors {
    /// Takes an error as evidence if it quotes an echo of this round that was sent and is unanswered.
    pub(super) fn take(&mut self, round: &About<'_>, router: IpAddr, quoted: &Quoted) -> Result<(), Refusal> {
        if quoted.identifier != round.identifier {
            return Err(Refusal::ForeignError);
        }
        let confirmed = round.confirms(quoted)?;
        let echo = usize::from(quoted.sequence.wrapping_sub(round.first_sequence));
        let error = IcmpError { kind: quoted.kind, code: quoted.code, router };
        let mut taken = false;
        // An address may be listed twice; a router cannot tell which of the two it speaks of.
        for target in self.targets_at(round.targets, quoted.destination) {
            let waits = usize::try_from(target).is_ok_and(|at| round.echoes.of(at).get(echo) == Some(&Echo::Lost));
            taken |= waits && self.note(target, error, confirmed);
        }
        if taken { Ok(()) } else { Err(Refusal::ForeignError) }
    }

    /// What was gathered, by target.
    pub(super) fn into_list(self) -> Vec<EchoError> {
        let error = |((target, error), (echoes, confirmed))| {
            Some(EchoError { target: usize::try_from(target).ok()?, error, echoes, confirmed })
        };
        self.seen.into_iter().filter_map(error).collect()
    }

    fn note(&mut self, target: u32, error: IcmpError, confirmed: bool) -> bool {
        if let Some((echoes, before)) = self.seen.get_mut(&(target, error)) {
            *echoes = echoes.saturating_add(1);
            *before |= confirmed;
            return true;
        }
        let others = self.seen.keys().filter(|(of, _)| *of == target).count();
        if others >= MOST_PER_TARGET {
            return false;
        }
        self.seen.insert((target, error), (1, confirmed));
        true
    }

    fn targets_at(&mut self, targets: &[IpAddr], address: IpAddr) -> Vec<u32> {
        let places = self.places.get_or_insert_with(|| {
            let mut places: Vec<_> = targets.iter().map(IpAddr::to_canonical).zip(0..).collect();
            places.sort_unstable();
            places
        });
        let from = places.partition_point(|(at, _)| *at < address);
        let here = places.get(from..).unwrap_or_default();
        here.iter().take_while(|(at, _)| *at == address).map(|(_, place)| *place).collect()
    }
}

#[cfg(test)]
mod tests {
    use phusong_model::{BlindReason, IcmpErrorKind, Micros};

    use super::*;
    use crate::icmp::{clock::Reading, flights::EchoPlace, token::TokenKey};

    const ROUTER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));

    fn targets() -> [IpAddr; 3] {
        [[192, 0, 2, 1].into(), [192, 0, 2, 2].into(), [192, 0, 2, 1].into()]
    }

    /// A round of three targets with two echoes: all sent, the second echo of the second target answered.
    fn echoes() -> Echoes {
        let mut echoes = Echoes::all(3, 2, Echo::Lost);
        echoes.set(1, 1, Echo::Reply(Micros(900)));
        echoes
    }

    fn unreachable(last: u8, sequence: u16, proof: Option<(u64, [u8; 16])>) -> Quoted {
        let kind = IcmpErrorKind::Unreachable;
        Quoted { kind, code: 1, destination: [192, 0, 2, last].into(), identifier: 9, sequence, proof }
    }

    fn take(errors: &mut Errors, quoted: &Quoted) -> Result<(), Refusal> {
        let (targets, echoes, flights) = (targets(), echoes(), flights());
        let round =
            About { targets: &targets, identifier: 9, first_sequence: u16::MAX, echoes: &echoes, flights: &flights };
        errors.take(&round, ROUTER, quoted)
    }

    fn flights() -> Flights {
        Flights::at_most(10, TokenKey::random().expect("random numbers"))
    }

    #[test]
    fn errors_of_one_target_are_one_entry() {
        let mut errors = Errors::default();
        assert_eq!(take(&mut errors, &unreachable(2, u16::MAX, None)), Ok(()));
        assert_eq!(take(&mut errors, &unreachable(1, 0, None)), Ok(()));
        assert_eq!(take(&mut errors, &unreachable(1, u16::MAX, None)), Ok(()));
        let list = errors.into_list();
        let told: Vec<_> = list.iter().map(|error| (error.target, error.echoes, error.confirmed)).collect();
        assert_eq!(told, [(0, 2, false), (1, 1, false), (2, 2, false)], "both targets of one address");
    }

    #[test]
    fn an_error_about_nothing_that_waits_is_foreign() {
        let mut errors = Errors::default();
        for (quoted, why) in [
            (unreachable(2, 0, None), "it was answered"),
            (unreachable(2, 1, None), "no such echo"),
            (unreachable(9, 0, None), "no such target"),
            (Quoted { identifier: 8, ..unreachable(1, 0, None) }, "another program's"),
        ] {
            assert_eq!(take(&mut errors, &quoted), Err(Refusal::ForeignError), "{why}");
        }
        assert_eq!(errors.into_list(), []);
    }

    #[test]
    fn an_echo_that_was_never_sent_has_no_errors() {
        let (targets, flights) = (targets(), flights());
        let echoes = Echoes::all(3, 2, Echo::NotSent(BlindReason::SendError));
        let round = About { targets: &targets, identifier: 9, first_sequence: 0, echoes: &echoes, flights: &flights };
        assert_eq!(Errors::default().take(&round, ROUTER, &unreachable(1, 0, None)), Err(Refusal::ForeignError));
    }

    #[test]
    fn the_token_of_that_very_echo_confirms_and_any_other_one_condemns() {
        let (targets, echoes, mut flights) = (targets(), echoes(), flights());
        flights.begin_round(7);
        let [first, second] = [1, 0].map(|target| flights.enter(EchoPlace { target, echo: 0 }, Reading::now()));
        let round = About { targets: &targets, identifier: 9, first_sequence: 7, echoes: &echoes, flights: &flights };
        let mut errors = Errors::default();
        let take = |errors: &mut Errors, last, sequence, proof| {
            errors.take(&round, ROUTER, &unreachable(last, sequence, Some(proof)))
        };
        assert_eq!(take(&mut errors, 2, 7, (first.serial, first.token)), Ok(()));
        let forged = Err(Refusal::ForgedError);
        assert_eq!(take(&mut errors, 2, 7, (first.serial, [0; 16])), forged);
        assert_eq!(take(&mut errors, 2, 7, (second.serial, second.token)), forged, "of another host's echo");
        assert_eq!(take(&mut errors, 2, 8, (first.serial, first.token)), forged, "of another echo");
        assert!(errors.into_list().iter().all(|error| error.confirmed && error.echoes == 1));
    }

    #[test]
    fn a_token_whose_echo_is_over_confirms_nothing() {
        let (targets, echoes, mut flights) = (targets(), echoes(), flights());
        let old = flights.enter(EchoPlace { target: 0, echo: 0 }, Reading::now());
        flights.clear();
        let round = About { targets: &targets, identifier: 9, first_sequence: 0, echoes: &echoes, flights: &flights };
        let mut errors = Errors::default();
        assert_eq!(errors.take(&round, ROUTER, &unreachable(2, 0, Some((old.serial, old.token)))), Ok(()));
        assert!(errors.into_list().iter().all(|error| !error.confirmed));
    }

    #[test]
    fn made_up_routers_fill_no_memory() {
        let (targets, echoes, flights) = (targets(), echoes(), flights());
        let round = About { targets: &targets, identifier: 9, first_sequence: 0, echoes: &echoes, flights: &flights };
        let mut errors = Errors::default();
        for router in 0..1000_u32 {
            let _ = errors.take(&round, std::net::Ipv4Addr::from(router).into(), &unreachable(2, 0, None));
        }
        assert_eq!(errors.into_list().len(), MOST_PER_TARGET);
    }
}
