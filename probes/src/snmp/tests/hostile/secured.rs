//! SNMPv3 agents that know the key and lie about time and name, and liars that do not know it.

use snmp::{AuthProtocol, LocalizedKey};

use super::{
    super::secured::PASSWORD,
    ber::{self, COUNTER32, INTEGER, OCTETS, SEQUENCE, element, number},
    message::{Answer, Request},
    stage::{Case, Scene, Sent, Verdict},
};

/// Of an SNMPv3 agent that was never restarted since it was made.
const ENGINE: &[u8] = b"\x80\x00\x1f\x88\x04honest";
const BOOTS: i64 = 5;
/// Seconds since its last start.
const TIME: i64 = 100_000;
/// Outside of the time window of 150 s (RFC 3414, 2.2.3).
const FAR: i64 = 1000;
/// Where an engine ends (RFC 3414, 2.2.2).
const BOOTS_LAST: i64 = 2_147_483_647;
/// HMAC-SHA-96.
const MAC: usize = 12;

const AUTHENTICATED: u8 = 1;
const ENCRYPTED: u8 = 2;
const REPORT: u8 = 0xa8;
const USM_STATS: [u32; 9] = [1, 3, 6, 1, 6, 3, 15, 1, 1];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mac {
    True,
    Wrong,
    Zero,
    Absent,
}

/// A message of SNMPv3 in parts.
#[derive(Debug, Clone)]
struct Secured {
    id: Vec<u8>,
    flags: u8,
    engine: Vec<u8>,
    boots: i64,
    time: i64,
    user: Vec<u8>,
    mac: Mac,
    context_engine: Vec<u8>,
    context: Vec<u8>,
    answer: Answer,
}

impl Secured {
    fn to(scene: &Scene, request: &Request) -> Self {
        let head = request.secured.as_ref().expect("a message of SNMPv3");
        Self {
            id: head.id.clone(),
            flags: AUTHENTICATED,
            engine: ENGINE.to_vec(),
            boots: BOOTS,
            time: TIME + i64::from(scene.round),
            user: head.user.clone(),
            mac: Mac::True,
            context_engine: ENGINE.to_vec(),
            context: Vec::new(),
            answer: scene.truth(request),
        }
    }

    /// What anybody can send: a count of `usmStats`, without name and key.
    fn report(scene: &Scene, request: &Request, counted: u32) -> Self {
        let name = ber::object(&[&USM_STATS[..], &[counted, 0]].concat());
        let mut answer = Answer::to(request, vec![(name, number(COUNTER32, 1))]);
        answer.kind = REPORT;
        Self { flags: 0, mac: Mac::Absent, user: Vec::new(), answer, ..Self::to(scene, request) }
    }

    fn bytes(&self) -> Vec<u8> {
        let octets = |content: &[u8]| element(OCTETS, content);
        let mac = if self.mac == Mac::Absent { 0 } else { MAC };
        let global = [self.id.clone(), number(INTEGER, 65_507), octets(&[self.flags]), number(INTEGER, 3)].concat();
        let security = [
            octets(&self.engine),
            number(INTEGER, self.boots),
            number(INTEGER, self.time),
            octets(&self.user),
            octets(&vec![0; mac]),
            octets(&[]),
        ];
        let scoped = [octets(&self.context_engine), octets(&self.context), self.answer.pdu()].concat();
        let parts = [
            number(INTEGER, 3),
            element(SEQUENCE, &global),
            octets(&element(SEQUENCE, &security.concat())),
            element(SEQUENCE, &scoped),
        ];
        let mut bytes = element(SEQUENCE, &parts.concat());
        let blank = octets(&[0; MAC]);
        let place = bytes.windows(blank.len()).position(|window| window == blank);
        let sign = |bytes: &[u8]| {
            let key = LocalizedKey::from_password(AuthProtocol::Sha1, PASSWORD.as_bytes(), &self.engine);
            key.and_then(|key| key.compute_hmac(bytes)).expect("a key")
        };
        if let (Some(place), Mac::True | Mac::Wrong) = (place, self.mac) {
            let mut mac = sign(&bytes);
            mac[0] ^= u8::from(self.mac == Mac::Wrong);
            bytes.splice(place + 2..place + 2 + MAC, mac);
        }
        bytes
    }
}

/// The true answer: to who asks for the engine, a report.
pub(super) fn truth(scene: &Scene, request: &Request) -> Vec<u8> {
    let report = Secured::report(scene, request, 4);
    if is_discovery(request) { report.bytes() } else { Secured::to(scene, request).bytes() }
}

pub(super) fn is_discovery(request: &Request) -> bool {
    request.secured.as_ref().is_some_and(|head| head.engine.is_empty())
}

fn lie(scene: &Scene, request: &Request, change: impl FnOnce(&mut Secured)) -> Vec<Sent> {
    let mut answer = Secured::to(scene, request);
    change(&mut answer);
    vec![Sent::now(answer.bytes())]
}

/// A report alone, with a count that a report may have.
fn reports(scene: &Scene, request: &Request, counted: u32) -> Vec<Sent> {
    vec![Sent::now(Secured::report(scene, request, counted).bytes())]
}

const UNUSABLE: Verdict = Verdict::Refused("cannot be used");

pub(super) const CASES: &[Case] = &[
    // Whose key it is.
    Case::secured("signs wrongly", UNUSABLE, |scene, request| lie(scene, request, |lie| lie.mac = Mac::Wrong)),
    Case::secured("signs with zeros", UNUSABLE, |scene, request| lie(scene, request, |lie| lie.mac = Mac::Zero)),
    Case::secured("does not sign", UNUSABLE, |scene, request| {
        lie(scene, request, |lie| (lie.flags, lie.mac) = (0, Mac::Absent))
    }),
    Case::secured("says it signed and did not", UNUSABLE, |scene, request| {
        lie(scene, request, |lie| lie.mac = Mac::Absent)
    }),
    Case::secured("says it encrypted and did not", UNUSABLE, |scene, request| {
        lie(scene, request, |lie| lie.flags = AUTHENTICATED | ENCRYPTED)
    }),
    Case::secured("signs for another engine", UNUSABLE, |scene, request| {
        lie(scene, request, |lie| lie.engine = b"\x80\x00\x1f\x88\x04another".to_vec())
    }),
    Case::secured("speaks of another engine's objects", UNUSABLE, |scene, request| {
        lie(scene, request, |lie| lie.context_engine = b"\x80\x00\x1f\x88\x04another".to_vec())
    }),
    Case::secured("speaks of another context's objects", UNUSABLE, |scene, request| {
        lie(scene, request, |lie| lie.context = b"other".to_vec())
    }),
    Case::secured("signs as another user", UNUSABLE, |scene, request| {
        lie(scene, request, |lie| lie.user = b"writer".to_vec())
    }),
    Case::secured("answers under another message id", Verdict::Silent, |scene, request| {
        lie(scene, request, |lie| lie.id = number(INTEGER, 4711))
    }),
    Case::secured("answers under another request id", UNUSABLE, |scene, request| {
        lie(scene, request, |lie| lie.answer.id = number(INTEGER, 4711))
    }),
    Case::secured("answers in SNMPv2c", Verdict::Silent, |scene, request| {
        vec![Sent::now(scene.truth(request).bytes())]
    }),
    // When it was said.
    Case::secured("replays an earlier answer", Verdict::Silent, |scene, request| {
        vec![Sent::now(Secured::to(scene, scene.earlier(request)).bytes())]
    }),
    Case::secured("replays an earlier answer under the new message id", UNUSABLE, |scene, request| {
        let earlier = Secured::to(scene, scene.earlier(request));
        lie(scene, request, |lie| *lie = Secured { id: lie.id.clone(), ..earlier })
    }),
    Case::secured("signs a time that is past", UNUSABLE, |scene, request| lie(scene, request, |lie| lie.time -= FAR)),
    Case::secured("signs a time below zero", UNUSABLE, |scene, request| lie(scene, request, |lie| lie.time = -1)),
    Case::secured("signs a start that is past", UNUSABLE, |scene, request| {
        lie(scene, request, |lie| lie.boots = BOOTS - 1)
    }),
    Case::secured("signs at the end of its starts", UNUSABLE, |scene, request| {
        lie(scene, request, |lie| lie.boots = BOOTS_LAST)
    }),
    // It has the key, so it is believed (RFC 3414, 3.2 step 7b); that its time then falls back must not silence it.
    Case::secured("signs a time to come", Verdict::Read, |scene, request| {
        lie(scene, request, |lie| lie.time += FAR * 100)
    }),
    Case::secured("signs a start to come", Verdict::Read, |scene, request| {
        lie(scene, request, |lie| (lie.boots, lie.time) = (BOOTS + 7, 1))
    }),
    Case::secured("claims a time to come and cannot sign", UNUSABLE, |scene, request| {
        lie(scene, request, |lie| (lie.time, lie.mac) = (TIME + FAR * 100, Mac::Wrong))
    }),
    Case::secured("claims a start to come and cannot sign", UNUSABLE, |scene, request| {
        lie(scene, request, |lie| (lie.boots, lie.mac) = (BOOTS + 1, Mac::Wrong))
    }),
    Case::secured("reports a time to come", Verdict::Refused("too old or too new"), |scene, request| {
        let report = Secured::report(scene, request, 2);
        vec![Sent::now(Secured { time: TIME + FAR * 100, boots: BOOTS + 7, ..report }.bytes())]
    }),
    // Reports that anybody can send.
    Case::secured("reports a level that is not offered", Verdict::Refused("security level"), |scene, request| {
        reports(scene, request, 1)
    }),
    Case::secured("reports that we are late", Verdict::Refused("too old or too new"), |scene, request| {
        reports(scene, request, 2)
    }),
    Case::secured("reports an unknown user", Verdict::Refused("SNMPv3 user"), |scene, request| {
        reports(scene, request, 3)
    }),
    Case::secured("reports an unknown engine", Verdict::Refused("engine id"), |scene, request| {
        reports(scene, request, 4)
    }),
    Case::secured("reports a wrong digest", Verdict::Refused("authentication wrong"), |scene, request| {
        reports(scene, request, 5)
    }),
    Case::secured("reports what it cannot decrypt", Verdict::Refused("cannot decrypt"), |scene, request| {
        reports(scene, request, 6)
    }),
    Case::secured("reports what nobody counts", UNUSABLE, |scene, request| reports(scene, request, 99)),
    Case::secured("is answered for by a forger of reports, and answers", Verdict::Read, |scene, request| {
        let forged = (1..=6).flat_map(|counted| reports(scene, request, counted));
        forged.chain([Sent::now(truth(scene, request))]).collect()
    }),
    Case::secured("is drowned in 500 forged reports, and answers", Verdict::Read, |scene, request| {
        let forged = (0..500).flat_map(|number| reports(scene, request, 1 + number % 6));
        forged.chain([Sent::now(truth(scene, request))]).collect()
    }),
    Case::secured(
        "is drowned in forged reports under the name of the user, and answers",
        Verdict::Read,
        |scene, request| {
            let forged = (1..=6).map(|counted| Secured::report(scene, request, counted));
            let named = forged.map(|report| Sent::now(Secured { user: b"reader".to_vec(), ..report }.bytes()));
            named.chain([Sent::now(truth(scene, request))]).collect()
        },
    ),
    // Before it is known.
    Case::discovery("has an engine id of no bytes", Verdict::Refused("engine id"), |scene, request| {
        engine(scene, request, 0)
    }),
    Case::discovery("has an engine id of 4 bytes", Verdict::Refused("engine id"), |scene, request| {
        engine(scene, request, 4)
    }),
    Case::discovery("has an engine id of 33 bytes", Verdict::Refused("engine id"), |scene, request| {
        engine(scene, request, 33)
    }),
    Case::discovery("answers to who asks for the engine as if it were known", UNUSABLE, |scene, request| {
        lie(scene, request, |_| {})
    }),
];

fn engine(scene: &Scene, request: &Request, length: usize) -> Vec<Sent> {
    let engine = vec![0x80; length];
    let report = Secured::report(scene, request, 4);
    vec![Sent::now(Secured { context_engine: engine.clone(), engine, ..report }.bytes())]
}
