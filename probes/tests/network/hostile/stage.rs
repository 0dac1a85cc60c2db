//! Where a case is played, and how it is judged.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use phusong_model::{IcmpError, IcmpErrorKind, IcmpMode};
use phusong_probes::icmp::{Counters, Echo, Prober, RoundPlan, RoundReport};
use tappers::Tun;

use crate::{
    craft::{self, Request},
    peer::{Peer, Sent},
};

pub const TIMEOUT: Duration = Duration::from_millis(400);
/// The first echo's time-out ends while the second echo is still waited for, so that late replies find a round.
const PLAN: RoundPlan =
    RoundPlan { echoes: 2, spacing: Duration::from_millis(250), timeout: TIMEOUT, spread: Duration::ZERO };

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    V4,
    V6,
}

pub const V4: &[Family] = &[Family::V4];
pub const V6: &[Family] = &[Family::V6];
pub const BOTH: &[Family] = &[Family::V4, Family::V6];

impl Family {
    /// A host behind the device.
    pub fn host(self, last: u8) -> IpAddr {
        match self {
            Self::V4 => [10, 77, 0, last].into(),
            Self::V6 => [0xfd77, 0, 0, 0, 0, 0, 0, u16::from(last)].into(),
        }
    }

    pub fn subject(self) -> IpAddr {
        self.host(1)
    }

    pub fn honest(self) -> IpAddr {
        self.host(2)
    }

    pub fn victim(self) -> IpAddr {
        self.host(3)
    }

    pub fn router(self) -> IpAddr {
        self.host(254)
    }
}

/// What the subject's echoes must have come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Up,
    Lost,
    /// Lost, with this ICMP error as evidence, and whether it proved to have seen the echo.
    LostBecause(IcmpErrorKind, u8, Proof),
    /// Lost, with so many different ICMP errors as evidence.
    LostBecauseOfMany(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    Confirmed,
    Unconfirmed,
}

/// Which counter tells of it.
#[derive(Debug, Clone, Copy)]
pub enum Told {
    /// None: the kernel or the receive filter keeps it out, or there is nothing to tell.
    Nothing,
    /// This one, and no other one.
    By(&'static str, fn(&Counters) -> u64),
}

/// What the peer knows when it plays.
pub struct Scene {
    pub family: Family,
    /// Requests since the case began, the present one last.
    pub seen: Vec<Request>,
    pub round: u8,
}

impl Scene {
    /// The earlier requests to a host, oldest first.
    pub fn earlier(&self, to: IpAddr) -> impl DoubleEndedIterator<Item = &Request> {
        let before = self.seen.len().saturating_sub(1);
        self.seen[..before].iter().filter(move |request| request.to == to)
    }
}

/// A misbehaviour.
#[derive(Clone, Copy)]
pub struct Case {
    pub name: &'static str,
    pub families: &'static [Family],
    pub rounds: u8,
    /// What the peer sends on a request to the subject.
    pub play: fn(&Scene, &Request) -> Vec<Sent>,
    pub verdict: Verdict,
    pub raw: Told,
    pub datagram: Told,
    /// Datagram sockets take it for a true error: their kernel has matched it to the socket and does not hand out the
    /// quoted IP header, and the token in the quote is the right one.
    pub believed_by_datagram: bool,
    /// What differs on raw IPv6 sockets, whose kernel checks checksums itself.
    pub raw_v6: Option<Told>,
}

impl Case {
    pub const fn new(name: &'static str, families: &'static [Family], play: fn(&Scene, &Request) -> Vec<Sent>) -> Self {
        let told = Told::Nothing;
        let verdict = Verdict::Lost;
        Self {
            name,
            families,
            rounds: 1,
            play,
            verdict,
            raw: told,
            datagram: told,
            believed_by_datagram: false,
            raw_v6: None,
        }
    }

    pub const fn up(mut self) -> Self {
        self.verdict = Verdict::Up;
        self
    }

    pub const fn because(mut self, kind: IcmpErrorKind, code: u8, proof: Proof) -> Self {
        self.verdict = Verdict::LostBecause(kind, code, proof);
        self.told("icmp_errors", |counters| counters.icmp_errors)
    }

    pub const fn believed_in_part(mut self, count: usize) -> Self {
        self.verdict = Verdict::LostBecauseOfMany(count);
        self
    }

    /// Both kinds of socket tell.
    pub const fn told(mut self, name: &'static str, counter: fn(&Counters) -> u64) -> Self {
        self.raw = Told::By(name, counter);
        self.datagram = self.raw;
        self
    }

    /// Only raw sockets see it.
    pub const fn told_by_raw(mut self, name: &'static str, counter: fn(&Counters) -> u64) -> Self {
        self.raw = Told::By(name, counter);
        self
    }

    /// Only datagram sockets see it: the filter of raw ones keeps it out.
    pub const fn told_by_datagram(mut self, name: &'static str, counter: fn(&Counters) -> u64) -> Self {
        self.datagram = Told::By(name, counter);
        self
    }

    pub const fn untold_by_raw_v6(mut self) -> Self {
        self.raw_v6 = Some(Told::Nothing);
        self
    }

    pub const fn believed_by_datagram(mut self) -> Self {
        self.believed_by_datagram = true;
        self.told_by_datagram("icmp_errors", |counters| counters.icmp_errors)
    }

    pub const fn in_the_second_round(mut self) -> Self {
        self.rounds = 2;
        self
    }
}

/// A namespace with the peer in it.
pub struct Stage {
    mode: IcmpMode,
    family: Family,
    script: Arc<Mutex<Option<(Case, Scene)>>>,
    _peer: Peer,
}

impl Stage {
    pub fn build(tun: Tun, mode: IcmpMode, family: Family) -> Self {
        let script = Arc::new(Mutex::new(None::<(Case, Scene)>));
        let peer = Peer::start(tun, {
            let script = script.clone();
            move |request| {
                let mut script = script.lock().expect("lock");
                let Some((case, scene)) = script.as_mut() else { return Vec::new() };
                scene.seen.push(request.clone());
                let honest = scene.family.honest();
                match request.to {
                    to if to == honest => vec![Sent::now(request.answer())],
                    to if to == scene.family.subject() => (case.play)(scene, request),
                    _ => Vec::new(),
                }
            }
        });
        Self { mode, family, script, _peer: peer }
    }

    /// Plays a case; the answer is what went wrong.
    pub fn play(&self, case: &Case) -> Vec<String> {
        let mut prober = Prober::open_as(self.mode).expect("root may ping");
        // The honest host first: the subject can use what it has seen of the others.
        let targets = [self.family.honest(), self.family.victim(), self.family.subject()];
        *self.script.lock().expect("lock") = Some((*case, Scene { family: self.family, seen: Vec::new(), round: 1 }));
        let mut report = prober.round(&targets, &PLAN);
        for _ in 1..case.rounds {
            if let Some((_, scene)) = self.script.lock().expect("lock").as_mut() {
                scene.round += 1;
            }
            report = prober.round(&targets, &PLAN);
        }
        *self.script.lock().expect("lock") = None;
        self.judge(case, &report).into_iter().map(|wrong| format!("{}: {wrong}", case.name)).collect()
    }

    fn judge(&self, case: &Case, report: &RoundReport) -> Vec<String> {
        let mut wrong = Vec::new();
        let is_up = |target| report.targets.of(target).iter().all(|echo| matches!(echo, Echo::Reply(_)));
        let is_lost = |target| report.targets.of(target).iter().all(|echo| *echo == Echo::Lost);
        let mut expect = |holds: bool, what: &str| {
            if !holds {
                wrong.push(format!("{what}: {}", shown(report)));
            }
        };
        expect(is_up(0), "the honest host must be up");
        expect(is_lost(1), "the silent host must be lost");
        expect(report.counters.receive_drops == 0, "nothing may pass for a drop of our own");
        let evidence: Vec<_> = report.errors.iter().map(|error| (error.target, error.error, error.confirmed)).collect();
        let verdict = if case.believed_by_datagram && self.mode == IcmpMode::Datagram {
            Verdict::LostBecause(IcmpErrorKind::Unreachable, 0, Proof::Confirmed)
        } else {
            case.verdict
        };
        match verdict {
            Verdict::Up => expect(is_up(2), "the subject must be up"),
            Verdict::Lost => expect(is_lost(2) && evidence.is_empty(), "the subject must be lost, without evidence"),
            Verdict::LostBecauseOfMany(count) => expect(is_lost(2) && evidence.len() == count, "some evidence is kept"),
            Verdict::LostBecause(kind, code, proof) => {
                let error = IcmpError { kind, code, router: self.family.router() };
                expect(is_lost(2), "the subject must be lost");
                expect(evidence == [(2, error, proof == Proof::Confirmed)], "the evidence must be the router's");
            }
        }
        let told = match (self.mode, self.family, case.raw_v6) {
            (IcmpMode::Datagram, ..) => case.datagram,
            (IcmpMode::Raw | IcmpMode::None, Family::V6, Some(told)) => told,
            (IcmpMode::Raw | IcmpMode::None, ..) => case.raw,
        };
        let counters = &report.counters;
        let arrived = counters.refused() + counters.icmp_errors;
        match told {
            Told::Nothing => expect(arrived == 0, "nothing else may have arrived"),
            Told::By(name, counter) => {
                expect(counter(counters) > 0, &format!("{name} must have risen"));
                expect(counter(counters) == arrived, &format!("{name} alone must have risen"));
            }
        }
        wrong
    }
}

/// What a reader of a failure needs of a report: not the counters that stand at 0.
fn shown(report: &RoundReport) -> String {
    let counters = format!("{:?}", report.counters);
    let risen: Vec<_> =
        counters.split([',', '{', '}']).filter(|part| part.contains(": ") && !part.ends_with(": 0")).collect();
    let echoes: Vec<_> = report.targets.iter().collect();
    format!("{echoes:?} {:?}{}", report.errors, risen.concat())
}

/// The reply with its ICMP checksum, from this host.
pub fn reply_from(source: IpAddr, request: &Request, icmp: Vec<u8>) -> Vec<Sent> {
    let icmp = craft::sealed(source, request.from, icmp);
    vec![Sent::now(craft::packet(source, request.from, &icmp))]
}

/// The true reply after a change.
pub fn changed(request: &Request, change: impl FnOnce(&mut Vec<u8>)) -> Vec<Sent> {
    let mut icmp = request.reply();
    change(&mut icmp);
    reply_from(request.to, request, icmp)
}
