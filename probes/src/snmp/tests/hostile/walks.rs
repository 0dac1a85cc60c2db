//! Walks that do not go up, do not end, or end elsewhere.

use std::time::Duration;

use super::{
    ber::{self, INTEGER, element, number},
    message::{Answer, Binding, GET_BULK, Request},
    stage::{Case, LATE, Scene, Sent, Verdict, changed},
};

/// `ifName`, the first column that is walked.
const NAMES: [u32; 11] = [1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1];

/// Rows that never end are found out at the cap of rows or of time, and the interface then by its other names.
pub(super) const CASES: &[Case] = &[
    Case::walk("repeats the same row for ever", Verdict::Missing, |scene, request| rows(scene, request, |_, _| 5)),
    Case::walk("goes down from row to row", Verdict::Missing, |scene, request| {
        rows(scene, request, |_, at| 100_000 - at)
    }),
    Case::walk("goes up and down", Verdict::Missing, |scene, request| rows(scene, request, |_, at| 50 + (at % 2) * 7)),
    Case::walk("answers with the row that was asked after", Verdict::Missing, |_, request| {
        let bindings = request.pdu.names.iter().map(|name| (ber::object(name), ber::text("x"))).collect();
        vec![Sent::now(Answer::to(request, bindings).bytes())]
    }),
    Case::walk("has no end of rows", Verdict::Missing, |scene, request| rows(scene, request, |last, at| last + 1 + at)),
    Case::walk("leaves the column at once", Verdict::Missing, |_, request| {
        let elsewhere = (ber::object(&[1, 3, 6, 1, 4, 1, 9, 1]), ber::text("ge-1"));
        vec![Sent::now(Answer::to(request, vec![elsewhere]).bytes())]
    }),
    Case::walk("goes back before the column", Verdict::Missing, |_, request| {
        let before = (ber::object(&[1, 3, 6, 1, 2, 1, 1, 5, 0]), ber::text("ge-1"));
        vec![Sent::now(Answer::to(request, vec![before]).bytes())]
    }),
    Case::walk("ends at once", Verdict::Missing, |_, request| {
        let end = (ber::object(&request.pdu.names[0]), vec![0x82, 0]);
        vec![Sent::now(Answer::to(request, vec![end]).bytes())]
    }),
    Case::walk("answers GETBULK with no rows", Verdict::Read, |scene, request| {
        only_bulk(scene, request, |answer| answer.bindings.clear())
    }),
    Case::walk("answers GETBULK with the first row only", Verdict::Read, |scene, request| {
        only_bulk(scene, request, |answer| answer.bindings.truncate(1))
    }),
    Case::walk("answers GETBULK with genErr", Verdict::Read, |scene, request| {
        only_bulk(scene, request, |answer| answer.status = number(INTEGER, 5))
    }),
    Case::walk("says tooBig to every GETBULK", Verdict::Read, |scene, request| {
        only_bulk(scene, request, |answer| {
            answer.status = number(INTEGER, 1);
            answer.bindings.clear();
        })
    }),
    Case::walk("never answers GETBULK", Verdict::Read, |scene, request| {
        let bulk = request.pdu.kind == GET_BULK;
        if bulk { Vec::new() } else { changed(scene, request, |_| {}) }
    }),
    Case::walk("answers GETBULK with more rows than were asked for", Verdict::Read, |scene, request| {
        only_bulk(scene, request, |answer| {
            let last = answer.bindings.last().expect("a row").clone();
            answer.bindings.extend(vec![last; 40]);
        })
    }),
    Case::walk("breaks every GETBULK off in the middle", Verdict::Read, |scene, request| {
        let mut bytes = scene.truth(request).bytes();
        if request.pdu.kind == GET_BULK {
            bytes.truncate(bytes.len() / 2);
        }
        vec![Sent::now(bytes)]
    }),
    Case::walk("never answers a walk", Verdict::Missing, |_, _| Vec::new()),
    Case::walk("answers walks only after their time-out", Verdict::Missing, |scene, request| {
        vec![Sent::now(scene.truth(request).bytes()).after(LATE)]
    }),
    Case::walk("gives names that are numbers", Verdict::Missing, |scene, request| {
        changed(scene, request, |answer| answer.bindings.iter_mut().for_each(|(_, value)| *value = number(INTEGER, 1)))
    }),
    Case::walk("gives rows of indexes with many parts", Verdict::Missing, |scene, request| {
        changed(scene, request, |answer| {
            for (name, value) in &mut answer.bindings {
                let arcs = ber::arcs(ber::take(name).1);
                if value[0] == ber::OCTETS {
                    *name = ber::object(&[&arcs[..], &[1, 2, 3]].concat());
                }
            }
        })
    }),
    Case::walk("gives names of 10,000 bytes", Verdict::Missing, |scene, request| {
        changed(scene, request, |answer| {
            answer.bindings.truncate(1);
            answer.bindings[0].1 = element(ber::OCTETS, &[b'g'; 10_000]);
        })
    }),
    Case::walk("drips rows that lead nowhere", Verdict::Read, |_, request| {
        let names = request.pdu.names[0].starts_with(&NAMES);
        let round = |sent: Sent| vec![sent];
        if !names {
            // ifAlias and ifDescr are told: by the second one the interface is found.
            return round(Sent::now(super::tree::Tree::of(1).answer(request).bytes()));
        }
        let last = row_of(request).unwrap_or_default();
        round(Sent::now(Answer::to(request, vec![row(request, last + 1)]).bytes()).after(DRIP))
    }),
];

/// Shorter than the time-out, so that every request is answered in time.
const DRIP: Duration = Duration::from_millis(300);

/// The row that a request asks after.
fn row_of(request: &Request) -> Option<u32> {
    request.pdu.names[0].get(NAMES.len()).copied()
}

/// A row of the column that is walked, with a name that nobody looks for.
fn row(request: &Request, index: u32) -> Binding {
    let name = &request.pdu.names[0];
    let column = &name[..name.len().min(if name.starts_with(&[1, 3, 6, 1, 2, 1, 31]) { 11 } else { 10 })];
    (ber::object(&[column, &[index]].concat()), ber::text("x"))
}

/// As many rows as were asked for; `index` gives the index of each from the row asked after and its place in the answer.
fn rows(scene: &Scene, request: &Request, index: fn(u32, u32) -> u32) -> Vec<Sent> {
    let name = &request.pdu.names[0];
    let columns = if name.starts_with(&[1, 3, 6, 1, 2, 1, 31]) { 11 } else { 10 };
    let last = name.get(columns).copied().unwrap_or_default();
    let count = if request.pdu.kind == GET_BULK { request.pdu.repetitions } else { 1 };
    let so_far = u32::try_from(scene.seen.len()).expect("few") * 25;
    let bindings = (0..u32::try_from(count).expect("few")).map(|at| {
        let at = if index(0, 0) == 1 { at } else { so_far + at };
        row(request, index(last, at))
    });
    vec![Sent::now(Answer::to(request, bindings.collect()).bytes())]
}

/// A change to answers to GETBULK; GETNEXT is answered truly.
fn only_bulk(scene: &Scene, request: &Request, change: impl FnOnce(&mut Answer)) -> Vec<Sent> {
    changed(scene, request, |answer| {
        if request.pdu.kind == GET_BULK {
            change(answer);
        }
    })
}
