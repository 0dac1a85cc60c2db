//! Where a misbehaviour is played, and how it is judged.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use phusong_model::{IfReading, config::AuthProtocol};
use tokio::net::UdpSocket;

use super::{
    super::{
        Answer, DevicePoller, DeviceReport, IfStatus, NOW, PATIENT, SnmpVersion, Timing, Transport, credentials,
        device,
        secured::{PASSWORD, user},
    },
    message::{self, Request},
    secured,
    tree::Tree,
};

/// Long enough for a busy machine to answer in time, short enough to wait for those that never do.
pub(super) const TIMING: Timing = Timing { timeout: Duration::from_millis(600), retries: 1 };
/// Later than the repetition of a request is waited for: the two have one id, and what comes before is an answer.
pub(super) const LATE: Duration = Duration::from_millis(2500);
/// Polls in which a device that is honest again must be read again: one that said it has no such interface is searched
/// again after ten.
const POLLS_UNTIL_READ: u32 = 12;
/// The interface that is read.
const WANTED: &str = "ge-1";

/// Where an answer comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mouth {
    Own,
    OtherPort,
    OtherAddress,
}

#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) bytes: Vec<u8>,
    pub(super) mouth: Mouth,
    pub(super) after: Duration,
}

impl Sent {
    pub(super) fn now(bytes: Vec<u8>) -> Self {
        Self { bytes, mouth: Mouth::Own, after: Duration::ZERO }
    }

    pub(super) fn by(self, mouth: Mouth) -> Self {
        Self { mouth, ..self }
    }

    pub(super) fn after(self, after: Duration) -> Self {
        Self { after, ..self }
    }
}

/// What the agent knows when it is asked.
pub(super) struct Scene {
    pub(super) round: u32,
    /// Requests before this one.
    pub(super) seen: Vec<Request>,
}

impl Scene {
    pub(super) fn truth(&self, request: &Request) -> message::Answer {
        Tree::of(self.round).answer(request)
    }

    /// The last request that was another one, and not this one sent before.
    pub(super) fn earlier(&self, request: &Request) -> &Request {
        self.seen.iter().rev().find(|seen| seen.pdu.id != request.pdu.id).expect("asked before")
    }
}

/// What a poll of the subject must come to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Verdict {
    /// The truth, all of it: the misbehaviour does no harm.
    Read,
    /// The truth, but for what this takes away, with so many values of a wrong type.
    Lacks(fn(&mut IfReading), u16),
    /// The device has no such interface, or does not show it.
    Missing,
    /// The device answered in part, and of the interface nothing is said.
    Unread,
    /// Nothing came that was an answer.
    Silent,
    /// Something came, and this is said of it.
    Refused(&'static str),
}

/// A misbehaviour.
#[derive(Clone, Copy)]
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) play: fn(&Scene, &Request) -> Vec<Sent>,
    pub(super) verdict: Verdict,
    /// The round it is played in; before it the device is honest, and after it again.
    round: u32,
    /// The requests it is played on.
    on: fn(&Request) -> bool,
    version: SnmpVersion,
    /// The counter that it gives cannot be told from one that began anew, and the next rate is counted from it.
    counter_believed: bool,
}

impl Case {
    /// Played on requests for a reading, in the second poll.
    pub(super) const fn reading(name: &'static str, verdict: Verdict, play: fn(&Scene, &Request) -> Vec<Sent>) -> Self {
        let (on, version) = (on_reading as fn(&Request) -> bool, SnmpVersion::V2c);
        Self { name, play, verdict, round: 2, on, version, counter_believed: false }
    }

    /// The same over SNMPv3.
    pub(super) const fn secured(name: &'static str, verdict: Verdict, play: fn(&Scene, &Request) -> Vec<Sent>) -> Self {
        Self { version: SnmpVersion::V3, ..Self::reading(name, verdict, play) }
    }

    /// Played on the question for the engine of SNMPv3, in the first poll.
    pub(super) const fn discovery(
        name: &'static str,
        verdict: Verdict,
        play: fn(&Scene, &Request) -> Vec<Sent>,
    ) -> Self {
        Self { round: 1, on: secured::is_discovery, ..Self::secured(name, verdict, play) }
    }

    /// Played on walks, in the first poll.
    pub(super) const fn walk(name: &'static str, verdict: Verdict, play: fn(&Scene, &Request) -> Vec<Sent>) -> Self {
        Self { round: 1, on: on_walk, ..Self::reading(name, verdict, play) }
    }

    pub(super) const fn counter_believed(self) -> Self {
        Self { counter_believed: true, ..self }
    }

    fn applies(&self, scene: &Scene, request: &Request) -> bool {
        scene.round == self.round && (self.on)(request)
    }
}

fn on_reading(request: &Request) -> bool {
    request.pdu.reads()
}

fn on_walk(request: &Request) -> bool {
    request.pdu.walks()
}

/// The true answer after a change.
pub(super) fn changed(scene: &Scene, request: &Request, change: impl FnOnce(&mut message::Answer)) -> Vec<Sent> {
    let mut answer = scene.truth(request);
    change(&mut answer);
    vec![Sent::now(answer.bytes())]
}

/// The bytes of the true answer after a change.
pub(super) fn broken(scene: &Scene, request: &Request, change: impl FnOnce(&mut Vec<u8>)) -> Vec<Sent> {
    let mut bytes = scene.truth(request).bytes();
    change(&mut bytes);
    vec![Sent::now(bytes)]
}

/// An agent that plays a case, or is honest.
async fn agent(address: Ipv4Addr, case: Option<Case>, round: Arc<AtomicU32>) -> SocketAddr {
    let bind = async |address: Ipv4Addr| Arc::new(UdpSocket::bind((address, 0)).await.expect("loopback"));
    let [a, b, c, d] = address.octets();
    let (own, other_port) = (bind(address).await, bind(address).await);
    let other_address = bind(Ipv4Addr::new(a, b, c + 100, d)).await;
    let here = own.local_addr().expect("bound");
    let seen = Mutex::new(Vec::new());
    tokio::spawn(async move {
        let mut buffer = vec![0; 65_536];
        loop {
            let Ok((length, asker)) = own.recv_from(&mut buffer).await else { continue };
            let request = Request::of(&buffer[..length]);
            let scene =
                Scene { round: round.load(Ordering::Relaxed), seen: std::mem::take(&mut *seen.lock().expect("seen")) };
            let sent = match case {
                Some(case) if case.applies(&scene, &request) => (case.play)(&scene, &request),
                Some(_) | None if request.secured.is_some() => vec![Sent::now(secured::truth(&scene, &request))],
                Some(_) | None => vec![Sent::now(scene.truth(&request).bytes())],
            };
            let mut before = scene.seen;
            before.push(request);
            *seen.lock().expect("seen") = before;
            for one in sent {
                let socket = Arc::clone(match one.mouth {
                    Mouth::Own => &own,
                    Mouth::OtherPort => &other_port,
                    Mouth::OtherAddress => &other_address,
                });
                if one.after.is_zero() {
                    // The kernel refuses what is larger than a datagram; nothing else can go wrong here.
                    let _ = socket.send_to(&one.bytes, asker).await;
                } else {
                    tokio::spawn(async move {
                        tokio::time::sleep(one.after).await;
                        let _ = socket.send_to(&one.bytes, asker).await;
                    });
                }
            }
        }
    });
    here
}

fn poller(transport: &Transport, version: SnmpVersion, address: SocketAddr, timing: Timing) -> DevicePoller {
    let interfaces = vec![(WANTED.to_owned(), None)];
    let credentials = match version {
        SnmpVersion::V3 => {
            let folder = tempfile::tempdir().expect("folder");
            user(folder.path(), PASSWORD, Some(AuthProtocol::Sha1), None)
        }
        SnmpVersion::V1 | SnmpVersion::V2c => credentials("public"),
    };
    DevicePoller::new(transport, &device(address, None), interfaces, &credentials, timing)
}

/// What an honest device says of the interface; there are rates when it was read before.
fn truth(rates: bool) -> IfReading {
    let bps = rates.then_some(11.0 * 8e6);
    let packets = rates.then_some(0);
    IfReading {
        device: "router-1".parse().expect("id"),
        ifname: WANTED.to_owned(),
        link: None,
        at: NOW,
        oper: IfStatus::Up,
        admin: IfStatus::Up,
        speed_bps: Some(1_000_000_000),
        in_bps: bps,
        out_bps: bps,
        in_err: packets,
        out_err: packets,
        in_disc: packets,
        out_disc: packets,
        rx: None,
        tx: None,
    }
}

/// Plays a case on addresses of its own; the answer is what went wrong.
pub(super) async fn play(transport: Transport, number: u8, case: Case) -> Vec<String> {
    let round = Arc::new(AtomicU32::new(0));
    let subject = agent(Ipv4Addr::new(127, 66, 0, number), Some(case), Arc::clone(&round)).await;
    let neighbour = agent(Ipv4Addr::new(127, 67, 0, number), None, Arc::clone(&round)).await;
    let mut subject = poller(&transport, case.version, subject, TIMING);
    let mut neighbour = poller(&transport, case.version, neighbour, PATIENT);
    let mut wrong = Vec::new();
    let mut read_again = false;
    for now in 1..=case.round + POLLS_UNTIL_READ {
        round.store(now, Ordering::Relaxed);
        let (report, beside) = tokio::join!(subject.poll(NOW), neighbour.poll(NOW));
        let mut expect = |holds: bool, what: &str, report: &DeviceReport| {
            if !holds {
                wrong.push(format!("{}, round {now}: {what}: {report:?}", case.name));
            }
        };
        expect(beside.lost == 0 && is_read(&beside, &truth(now > 1), 0), "the neighbour is read", &beside);
        expect(report.lost <= report.sent, "the count holds", &report);
        if now < case.round {
            expect(is_read(&report, &truth(false), 0), "the subject is read before", &report);
        } else if now == case.round {
            expect(meets(&report, case.verdict, now > 1), &format!("must be {:?}", case.verdict), &report);
        } else {
            expect(is_never_wrong(&report, case.counter_believed), "nothing untrue afterwards", &report);
            read_again = matches!(&report.answer, Answer::Answered { readings, .. } if !readings.is_empty());
        }
        if read_again {
            return wrong;
        }
    }
    wrong.push(format!("{}: never read again", case.name));
    wrong
}

fn is_read(report: &DeviceReport, truth: &IfReading, mistyped: u16) -> bool {
    report.mistyped == mistyped
        && matches!(&report.answer, Answer::Answered { readings, missing, .. }
            if readings == std::slice::from_ref(truth) && missing.is_empty())
}

fn meets(report: &DeviceReport, verdict: Verdict, rates: bool) -> bool {
    let mut truth = truth(rates);
    match (verdict, &report.answer) {
        (Verdict::Read, _) => is_read(report, &truth, 0),
        (Verdict::Lacks(take, mistyped), _) => {
            take(&mut truth);
            is_read(report, &truth, mistyped)
        }
        (Verdict::Missing, Answer::Answered { readings, missing, .. }) => readings.is_empty() && missing == &[WANTED],
        (Verdict::Unread, Answer::Answered { readings, missing, .. }) => readings.is_empty() && missing.is_empty(),
        (Verdict::Silent, Answer::Silent) => true,
        (Verdict::Refused(words), Answer::Refused(why)) => why.contains(words),
        (Verdict::Missing | Verdict::Unread | Verdict::Silent | Verdict::Refused(_), _) => false,
    }
}

/// A rate may be absent, because the reading before was none; it may not be another one.
fn is_never_wrong(report: &DeviceReport, counter_believed: bool) -> bool {
    let truth = truth(true);
    let within = |bps: Option<f64>| bps.is_none() || bps == truth.in_bps || counter_believed;
    match &report.answer {
        Answer::Answered { readings, .. } => readings.iter().all(|read| {
            let packets = [read.in_err, read.out_err, read.in_disc, read.out_disc];
            (read.oper, read.admin, read.speed_bps) == (truth.oper, truth.admin, truth.speed_bps)
                && within(read.in_bps)
                && within(read.out_bps)
                && packets.iter().all(|count| count.is_none_or(|count| count == 0))
        }),
        Answer::Silent | Answer::Refused(_) => true,
        Answer::NotSent(_) => false,
    }
}
