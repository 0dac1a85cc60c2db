//! Answers that are no BER, or not the BER that SNMP allows (RFC 3417, section 8).

use phusong_model::IfStatus;

use super::{
    ber::{self, COUNTER64, INTEGER, OBJECT, OCTETS, SEQUENCE, element, number},
    stage::{Case, Sent, Verdict, broken, changed},
};

const OPER_STATUS: &[u32] = &[2, 2, 1, 8, 11];
const IN_OCTETS: &[u32] = &[31, 1, 1, 1, 6, 11];

const UNUSABLE: Verdict = Verdict::Refused("cannot be used");
/// What we cannot read is no value.
const WITHOUT_STATE: Verdict = Verdict::Lacks(|read| read.oper = IfStatus::Unknown, 0);
const WITHOUT_STATE_MISTYPED: Verdict = Verdict::Lacks(|read| read.oper = IfStatus::Unknown, 1);
/// Deeper than any SNMP message, which has five levels.
const DEPTH: usize = 5_000;

pub(super) const CASES: &[Case] = &[
    Case::reading("answers with nothing", Verdict::Silent, |_, _| vec![Sent::now(Vec::new())]),
    Case::reading("answers with one byte", Verdict::Silent, |_, _| vec![Sent::now(vec![SEQUENCE])]),
    Case::reading("answers with text", Verdict::Silent, |_, _| {
        vec![Sent::now(b"HTTP/1.1 400 Bad Request\r\n".to_vec())]
    }),
    Case::reading("answers with the largest datagram of garbage", Verdict::Silent, |_, _| {
        vec![Sent::now((0..65_507_u32).map(|at| ((at * 31) >> 3) as u8).collect())]
    }),
    Case::reading("answers with the largest datagram of zeros", Verdict::Silent, |_, _| {
        vec![Sent::now(vec![0; 65_507])]
    }),
    Case::reading("ends in the head", Verdict::Silent, |scene, request| {
        broken(scene, request, |bytes| bytes.truncate(3))
    }),
    Case::reading("ends in the community", Verdict::Silent, |scene, request| {
        broken(scene, request, |bytes| bytes.truncate(12))
    }),
    Case::reading("ends in the bindings", Verdict::Silent, |scene, request| {
        broken(scene, request, |bytes| bytes.truncate(bytes.len() / 2))
    }),
    Case::reading("lacks its last byte", Verdict::Silent, |scene, request| {
        broken(scene, request, |bytes| bytes.truncate(bytes.len() - 1))
    }),
    Case::reading("goes on behind its end", Verdict::Read, |scene, request| {
        broken(scene, request, |bytes| bytes.extend([5, 0, 0xff]))
    }),
    Case::reading("says it is longer than it is", Verdict::Silent, |scene, request| {
        broken(scene, request, |bytes| bytes[3] = bytes[3].wrapping_add(9))
    }),
    Case::reading("has no definite length", Verdict::Silent, |scene, request| {
        broken(scene, request, |bytes| {
            bytes.splice(1..4, [0x80]);
            bytes.extend([0, 0]);
        })
    }),
    Case::reading("has a length of five bytes", Verdict::Silent, |scene, request| {
        broken(scene, request, |bytes| drop(bytes.splice(1..4, [0x85, 1, 0, 0, 0, 0])))
    }),
    Case::reading("has a length of 4 GiB", Verdict::Silent, |scene, request| {
        broken(scene, request, |bytes| drop(bytes.splice(1..4, [0x84, 0xff, 0xff, 0xff, 0xff])))
    }),
    Case::reading("has a length with zeros in front", Verdict::Read, |scene, request| {
        broken(scene, request, |bytes| {
            let [high, low] = [bytes[2], bytes[3]];
            drop(bytes.splice(1..4, [0x84, 0, 0, high, low]));
        })
    }),
    Case::reading("is of another tag", Verdict::Silent, |scene, request| {
        broken(scene, request, |bytes| bytes[0] = 0x31)
    }),
    Case::reading("gives a state of nine bytes", UNUSABLE, |scene, request| {
        changed(scene, request, |answer| *answer.value(OPER_STATUS) = element(INTEGER, &[1; 9]))
    }),
    Case::reading("gives a state of no bytes", UNUSABLE, |scene, request| {
        changed(scene, request, |answer| *answer.value(OPER_STATUS) = element(INTEGER, &[]))
    }),
    Case::reading("counts in ten bytes", UNUSABLE, |scene, request| {
        changed(scene, request, |answer| *answer.value(IN_OCTETS) = element(COUNTER64, &[1; 10]))
    }),
    Case::reading("counts below zero", Verdict::Lacks(|read| read.in_bps = None, 0), |scene, request| {
        changed(scene, request, |answer| *answer.value(IN_OCTETS) = number(COUNTER64, -5))
    })
    .counter_believed(),
    Case::reading("gives a value of a tag that is none", UNUSABLE, |scene, request| {
        changed(scene, request, |answer| *answer.value(OPER_STATUS) = element(0x5f, &[1]))
    }),
    Case::reading("gives a value that is a message of its own", WITHOUT_STATE_MISTYPED, |scene, request| {
        let inner = scene.truth(request).bytes();
        changed(scene, request, |answer| *answer.value(OPER_STATUS) = inner)
    }),
    Case::reading("nests thousands of levels", WITHOUT_STATE_MISTYPED, |scene, request| {
        changed(scene, request, |answer| {
            *answer.value(OPER_STATUS) = (0..DEPTH).fold(vec![5, 0], |inner, _| element(SEQUENCE, &inner));
        })
    }),
    Case::reading("names an object without arcs", WITHOUT_STATE, |scene, request| {
        changed(scene, request, |answer| {
            let place = answer.place(OPER_STATUS);
            answer.bindings[place].0 = element(OBJECT, &[]);
        })
    }),
    Case::reading("names an object whose last arc does not end", UNUSABLE, |scene, request| {
        changed(scene, request, |answer| {
            let place = answer.place(OPER_STATUS);
            answer.bindings[place].0 = element(OBJECT, &[0x2b, 6, 0x81]);
        })
    }),
    Case::reading("names an object of an arc beyond 32 bits", UNUSABLE, |scene, request| {
        changed(scene, request, |answer| {
            let place = answer.place(OPER_STATUS);
            answer.bindings[place].0 = element(OBJECT, &[0x2b, 6, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]);
        })
    }),
    Case::reading("names an object of 2,000 arcs", UNUSABLE, |scene, request| {
        changed(scene, request, |answer| {
            let place = answer.place(OPER_STATUS);
            answer.bindings[place].0 = ber::object(&[1; 2000]);
        })
    }),
    Case::reading("has a request id of nine bytes", Verdict::Silent, |scene, request| {
        changed(scene, request, |answer| answer.id = element(INTEGER, &[1; 9]))
    }),
    Case::reading("has a community of 1,000 bytes", Verdict::Silent, |scene, request| {
        changed(scene, request, |answer| answer.community = element(OCTETS, &[b'p'; 1000]))
    }),
];
