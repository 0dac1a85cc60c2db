//! Answers that are well-formed, and not what was asked.

use phusong_model::{IfReading, IfStatus};

use super::{
    ber::{self, COUNTER64, GAUGE32, INTEGER, OCTETS, TIME_TICKS, element, number},
    message::{GET, GET_BULK, Request},
    stage::{Case, LATE, Mouth, Scene, Sent, Verdict, changed},
};

/// Column and row of objects that a reading asks for.
const OPER_STATUS: &[u32] = &[2, 2, 1, 8, 11];
const ADMIN_STATUS: &[u32] = &[2, 2, 1, 7, 11];
const IN_OCTETS: &[u32] = &[31, 1, 1, 1, 6, 11];
const NAME: &[u32] = &[31, 1, 1, 1, 1, 11];
const UPTIME: &[u32] = &[1, 1, 3, 0];

const UNUSABLE: Verdict = Verdict::Refused("cannot be used");

pub(super) const CASES: &[Case] = &[
    // Whose answer it is.
    Case::reading("answers under the next request id", Verdict::Silent, |scene, request| {
        changed(scene, request, |answer| answer.id = number(INTEGER, request.pdu.id ^ 1))
    }),
    Case::reading("answers under request id 0", Verdict::Silent, |scene, request| {
        changed(scene, request, |answer| answer.id = number(INTEGER, 0))
    }),
    Case::reading("answers under the negative request id", Verdict::Silent, |scene, request| {
        changed(scene, request, |answer| answer.id = number(INTEGER, -request.pdu.id))
    }),
    Case::reading("answers under the id of an earlier request", Verdict::Silent, |scene, request| {
        let earlier = scene.earlier(request).pdu.id;
        changed(scene, request, |answer| answer.id = number(INTEGER, earlier))
    }),
    Case::reading("answers in SNMPv1", Verdict::Silent, |scene, request| {
        changed(scene, request, |answer| answer.version = number(INTEGER, 0))
    }),
    Case::reading("answers in a version that is none", Verdict::Silent, |scene, request| {
        changed(scene, request, |answer| answer.version = number(INTEGER, 7))
    }),
    Case::reading("answers in another community", Verdict::Silent, |scene, request| {
        changed(scene, request, |answer| answer.community = ber::text("private"))
    }),
    Case::reading("answers without community", Verdict::Silent, |scene, request| {
        changed(scene, request, |answer| answer.community = ber::text(""))
    }),
    Case::reading("echoes the request", UNUSABLE, |_, request| vec![Sent::now(request.bytes.clone())]),
    Case::reading("answers with a GET", UNUSABLE, |scene, request| changed(scene, request, |answer| answer.kind = GET)),
    Case::reading("answers with a GETBULK", UNUSABLE, |scene, request| {
        changed(scene, request, |answer| answer.kind = GET_BULK)
    }),
    Case::reading("answers with a trap", UNUSABLE, |scene, request| {
        changed(scene, request, |answer| answer.kind = 0xa7)
    }),
    Case::reading("answers with a report", UNUSABLE, |scene, request| {
        changed(scene, request, |answer| answer.kind = 0xa8)
    }),
    Case::reading("answers from another address", Verdict::Silent, |scene, request| {
        by(scene, request, Mouth::OtherAddress)
    }),
    Case::reading("answers from another port", Verdict::Silent, |scene, request| by(scene, request, Mouth::OtherPort)),
    // When it comes.
    Case::reading("answers each request only after its time-out", Verdict::Silent, |scene, request| {
        vec![Sent::now(scene.truth(request).bytes()).after(LATE)]
    }),
    Case::reading("answers the next request with the answer to the one before", Verdict::Silent, |scene, request| {
        vec![Sent::now(scene.truth(scene.earlier(request)).bytes())]
    }),
    Case::reading("answers 500 times", Verdict::Read, |scene, request| {
        vec![Sent::now(scene.truth(request).bytes()); 500]
    }),
    Case::reading("answers 500 times under other ids before the true one", Verdict::Read, |scene, request| {
        let mut sent = Vec::new();
        for number_of_lie in 1..=500 {
            sent.extend(changed(scene, request, |answer| answer.id = number(INTEGER, request.pdu.id ^ number_of_lie)));
        }
        sent.extend(changed(scene, request, |_| {}));
        sent
    }),
    // What it speaks of.
    Case::reading("leaves the last object out", Verdict::Lacks(without_rates, 0), |scene, request| {
        changed(scene, request, |answer| drop(answer.bindings.pop()))
    }),
    Case::reading("answers with no objects at all", Verdict::Refused("none of the objects"), |scene, request| {
        changed(scene, request, |answer| answer.bindings.clear())
    }),
    Case::reading("adds an object", Verdict::Read, |scene, request| {
        changed(scene, request, |answer| answer.bindings.push(answer.bindings[0].clone()))
    }),
    Case::reading("answers two requests in one", Verdict::Read, |scene, request| {
        let earlier = scene.truth(scene.earlier(request));
        changed(scene, request, |answer| answer.bindings.extend(earlier.bindings))
    }),
    Case::reading("answers in another order", Verdict::Read, |scene, request| {
        changed(scene, request, |answer| answer.bindings.reverse())
    }),
    Case::reading(
        "speaks of another device's objects only",
        Verdict::Refused("none of the objects"),
        |scene, request| {
            changed(scene, request, |answer| {
                answer.bindings.iter_mut().for_each(|(name, _)| *name = ber::object(&[1, 3, 6, 1, 4, 1, 9, 2, 1]));
            })
        },
    ),
    Case::reading(
        "names another interface",
        Verdict::Lacks(|read| read.oper = IfStatus::Unknown, 0),
        |scene, request| {
            changed(scene, request, |answer| {
                let place = answer.place(OPER_STATUS);
                answer.bindings[place].0 = ber::object(&[1, 3, 6, 1, 2, 1, 2, 2, 1, 8, 12]);
            })
        },
    ),
    Case::reading(
        "names one object twice",
        Verdict::Lacks(|read| read.oper = IfStatus::Unknown, 0),
        |scene, request| {
            changed(scene, request, |answer| {
                let (admin, oper) = (answer.place(ADMIN_STATUS), answer.place(OPER_STATUS));
                answer.bindings[oper].0 = answer.bindings[admin].0.clone();
                answer.bindings[oper].1 = number(INTEGER, 2);
            })
        },
    ),
    // What it says of them.
    Case::reading("has no such object", Verdict::Lacks(|read| read.oper = IfStatus::Unknown, 0), |scene, request| {
        changed(scene, request, |answer| *answer.value(OPER_STATUS) = vec![0x80, 0])
    }),
    Case::reading("has no such instance", Verdict::Lacks(|read| read.oper = IfStatus::Unknown, 0), |scene, request| {
        changed(scene, request, |answer| *answer.value(OPER_STATUS) = vec![0x81, 0])
    }),
    Case::reading(
        "is at its end in a GET",
        Verdict::Lacks(|read| read.oper = IfStatus::Unknown, 0),
        |scene, request| changed(scene, request, |answer| *answer.value(OPER_STATUS) = vec![0x82, 0]),
    ),
    Case::reading("has none of the objects", Verdict::Missing, |scene, request| {
        changed(scene, request, |answer| answer.bindings.iter_mut().for_each(|(_, value)| *value = vec![0x81, 0]))
    }),
    Case::reading("answers NULL", Verdict::Lacks(|read| read.oper = IfStatus::Unknown, 1), |scene, request| {
        changed(scene, request, |answer| *answer.value(OPER_STATUS) = vec![5, 0])
    }),
    Case::reading(
        "gives a state as text",
        Verdict::Lacks(|read| read.oper = IfStatus::Unknown, 1),
        |scene, request| changed(scene, request, |answer| *answer.value(OPER_STATUS) = ber::text("1")),
    ),
    Case::reading(
        "gives a state that is none",
        Verdict::Lacks(|read| read.oper = IfStatus::Unknown, 0),
        |scene, request| changed(scene, request, |answer| *answer.value(OPER_STATUS) = number(INTEGER, -1)),
    ),
    Case::reading("gives a clock as octets", Verdict::Lacks(|read| read.in_bps = None, 1), |scene, request| {
        changed(scene, request, |answer| *answer.value(IN_OCTETS) = number(TIME_TICKS, 9_000_000))
    }),
    Case::reading("gives a speed as octets", Verdict::Lacks(|read| read.in_bps = None, 1), |scene, request| {
        changed(scene, request, |answer| *answer.value(IN_OCTETS) = number(GAUGE32, 9_000_000))
    }),
    Case::reading("counts back", Verdict::Lacks(|read| read.in_bps = None, 0), |scene, request| {
        changed(scene, request, |answer| *answer.value(IN_OCTETS) = number(COUNTER64, 1))
    })
    .counter_believed(),
    Case::reading("gives its clock as a counter", Verdict::Lacks(without_rates, 1), |scene, request| {
        changed(scene, request, |answer| *answer.value(UPTIME) = number(ber::COUNTER32, 102_000))
    }),
    Case::reading("has another name in the row", Verdict::Missing, |scene, request| {
        changed(scene, request, |answer| *answer.value(NAME) = ber::text("ge-2"))
    }),
    Case::reading("has a name that ends with a zero byte", Verdict::Missing, |scene, request| {
        changed(scene, request, |answer| *answer.value(NAME) = element(OCTETS, b"ge-1\0"))
    }),
    Case::reading("has a name that is no UTF-8", Verdict::Missing, |scene, request| {
        changed(scene, request, |answer| *answer.value(NAME) = element(OCTETS, b"ge-\xff"))
    }),
    // Errors.
    Case::reading("says tooBig whatever is asked", Verdict::Unread, |scene, request| error(scene, request, 1, 0)),
    Case::reading("says noSuchName", Verdict::Refused("noSuchName"), |scene, request| error(scene, request, 2, 4)),
    Case::reading("says genErr", Verdict::Refused("genErr"), |scene, request| error(scene, request, 5, 4)),
    Case::reading("says authorizationError", Verdict::Refused("authorizationError"), |scene, request| {
        error(scene, request, 16, 0)
    }),
    Case::reading("says an error that nobody knows", Verdict::Refused("77"), |scene, request| {
        error(scene, request, 77, 1)
    }),
    Case::reading("says a negative error", Verdict::Refused("-1"), |scene, request| error(scene, request, -1, 1)),
    Case::reading("points its error at no object", Verdict::Refused("genErr"), |scene, request| {
        error(scene, request, 5, 4000)
    }),
    Case::reading("points its error below zero", Verdict::Refused("genErr"), |scene, request| {
        error(scene, request, 5, -7)
    }),
];

fn by(scene: &Scene, request: &Request, mouth: Mouth) -> Vec<Sent> {
    vec![Sent::now(scene.truth(request).bytes()).by(mouth)]
}

fn error(scene: &Scene, request: &Request, status: i64, index: i64) -> Vec<Sent> {
    changed(scene, request, |answer| {
        answer.status = number(INTEGER, status);
        answer.index = number(INTEGER, index);
    })
}

/// Without the device's clock, or its word that the counters ran on, no two counters can be compared.
fn without_rates(read: &mut IfReading) {
    (read.in_bps, read.out_bps) = (None, None);
    (read.in_err, read.out_err, read.in_disc, read.out_disc) = (None, None, None, None);
}
