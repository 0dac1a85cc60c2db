//! ICMP errors, true and forged: evidence at best, never a reply.

use phusong_model::IcmpErrorKind::{PacketTooBig, ParameterProblem, TimeExceeded, Unreachable};
use phusong_probes::icmp::Counters;

use super::stage::{BOTH, Case, Family, Proof, Scene, V4, V6};
use crate::{
    craft::{self, HEADER_V4, HEADER_V6, Request},
    peer::Sent,
};

/// Where the token ends in an echo.
const LAST_OF_TOKEN: usize = 31;
const ROUTERS: u8 = 100;
/// Different errors of one target that the engine keeps.
const MOST_KEPT: usize = 4;

const fn foreign(counters: &Counters) -> u64 {
    counters.foreign_error
}

const fn forged(counters: &Counters) -> u64 {
    counters.forged_error
}

fn header(scene: &Scene) -> usize {
    if scene.family == Family::V4 { HEADER_V4 } else { HEADER_V6 }
}

/// The type of "unreachable".
fn unreachable(scene: &Scene) -> u8 {
    if scene.family == Family::V4 { 3 } else { 1 }
}

/// An error of the router that quotes these bytes.
fn error(scene: &Scene, request: &Request, kind: u8, code: u8, quote: &[u8]) -> Vec<Sent> {
    let router = scene.family.router();
    let icmp = [&[kind, code, 0, 0, 0, 0, 0, 0], quote].concat();
    vec![Sent::now(craft::packet(router, request.from, &craft::sealed(router, request.from, icmp)))]
}

/// "Unreachable", quoting the request after a change; places in the echo count from its own beginning.
fn quoting(scene: &Scene, request: &Request, change: impl FnOnce(&mut Vec<u8>, usize)) -> Vec<Sent> {
    let mut quote = request.packet.clone();
    change(&mut quote, header(scene));
    error(scene, request, unreachable(scene), 0, &quote)
}

/// Puts another destination into a quoted IP header.
fn send_to(quote: &mut [u8], host: std::net::IpAddr) {
    match host {
        std::net::IpAddr::V4(host) => quote[16..20].copy_from_slice(&host.octets()),
        std::net::IpAddr::V6(host) => quote[24..40].copy_from_slice(&host.octets()),
    }
}

pub const CASES: &[Case] = &[
    // True ones.
    Case::new("is unreachable", BOTH, |scene, request| error(scene, request, unreachable(scene), 0, &request.packet))
        .because(Unreachable, 0, Proof::Confirmed),
    Case::new("is prohibited", V4, |scene, request| error(scene, request, 3, 13, &request.packet)).because(
        Unreachable,
        13,
        Proof::Confirmed,
    ),
    Case::new("is in a loop", V4, |scene, request| error(scene, request, 11, 0, &request.packet)).because(
        TimeExceeded,
        0,
        Proof::Confirmed,
    ),
    Case::new("is in a loop of IPv6", V6, |scene, request| error(scene, request, 3, 0, &request.packet)).because(
        TimeExceeded,
        0,
        Proof::Confirmed,
    ),
    Case::new("has a parameter problem", V4, |scene, request| error(scene, request, 12, 0, &request.packet)).because(
        ParameterProblem,
        0,
        Proof::Confirmed,
    ),
    Case::new("has a parameter problem of IPv6", V6, |scene, request| error(scene, request, 4, 0, &request.packet))
        .because(ParameterProblem, 0, Proof::Confirmed),
    Case::new("is too narrow", V6, |scene, request| error(scene, request, 2, 0, &request.packet)).because(
        PacketTooBig,
        0,
        Proof::Confirmed,
    ),
    Case::new("needs fragments", V4, |scene, request| error(scene, request, 3, 4, &request.packet)).because(
        Unreachable,
        4,
        Proof::Confirmed,
    ),
    // RFC 792 lets a router quote the IP header and 8 bytes: true enough to be told, and anybody could have made it up.
    Case::new("is unreachable, says a short quote", BOTH, |scene, request| {
        quoting(scene, request, |quote, echo| quote.truncate(echo + 8))
    })
    .because(Unreachable, 0, Proof::Unconfirmed),
    Case::new("is unreachable, then answers", BOTH, |scene, request| {
        let mut both = error(scene, request, unreachable(scene), 0, &request.packet);
        both.push(Sent { after: std::time::Duration::from_millis(30), packet: request.answer() });
        both
    })
    .up()
    .told("icmp_errors", |counters| counters.icmp_errors),
    Case::new("answers, then is unreachable", BOTH, |scene, request| {
        let mut both = vec![Sent::now(request.answer())];
        let late = error(scene, request, unreachable(scene), 0, &request.packet);
        // Behind the next tick, so that the order is the same on every machine.
        both.extend(late.into_iter().map(|sent| Sent { after: std::time::Duration::from_millis(30), ..sent }));
        both
    })
    .up()
    .told("foreign_error", foreign),
    // Forged quotes.
    Case::new("quotes a host nobody asked", BOTH, |scene, request| {
        let nobody = scene.family.host(99);
        quoting(scene, request, |quote, echo| {
            send_to(quote, nobody);
            quote.truncate(echo + 8);
        })
    })
    .told("foreign_error", foreign),
    Case::new("quotes a host nobody asked with its own token", BOTH, |scene, request| {
        let nobody = scene.family.host(99);
        quoting(scene, request, |quote, _| send_to(quote, nobody))
    })
    .told("forged_error", forged),
    Case::new("quotes an honest host with its own token", BOTH, |scene, request| {
        let honest = scene.family.honest();
        quoting(scene, request, |quote, _| send_to(quote, honest))
    })
    .told("forged_error", forged),
    Case::new("quotes a silent host with its own token", BOTH, |scene, request| {
        let victim = scene.family.victim();
        quoting(scene, request, |quote, _| send_to(quote, victim))
    })
    .told("forged_error", forged),
    Case::new("quotes another program's echo", BOTH, |scene, request| {
        quoting(scene, request, |quote, echo| quote[echo + 5] ^= 1)
    }),
    Case::new("quotes another sequence number", BOTH, |scene, request| {
        quoting(scene, request, |quote, echo| quote[echo + 6] ^= 0x40)
    })
    .told("forged_error", forged),
    Case::new("quotes another sequence number, and no token", BOTH, |scene, request| {
        quoting(scene, request, |quote, echo| {
            quote[echo + 6] ^= 0x40;
            quote.truncate(echo + 8);
        })
    })
    .told("foreign_error", foreign),
    Case::new("quotes another token", BOTH, |scene, request| {
        quoting(scene, request, |quote, echo| quote[echo + LAST_OF_TOKEN] ^= 1)
    })
    .told("forged_error", forged),
    Case::new("quotes another serial", BOTH, |scene, request| {
        quoting(scene, request, |quote, echo| quote[echo + 8] ^= 1)
    })
    .told("forged_error", forged),
    // Raw sockets hand out what holds an identifier.
    Case::new("quotes less than a head", BOTH, |scene, request| {
        quoting(scene, request, |quote, echo| quote.truncate(echo + 7))
    })
    .told_by_raw("foreign_error", foreign),
    Case::new("quotes less than an identifier", BOTH, |scene, request| {
        quoting(scene, request, |quote, echo| quote.truncate(echo + 5))
    }),
    Case::new("quotes half an IP header", BOTH, |scene, request| {
        quoting(scene, request, |quote, echo| quote.truncate(echo / 2))
    }),
    Case::new("quotes nothing", BOTH, |scene, request| quoting(scene, request, |quote, _| quote.clear())),
    Case::new("quotes UDP", BOTH, |scene, request| {
        let protocol = if scene.family == Family::V4 { 9 } else { 6 };
        quoting(scene, request, |quote, _| quote[protocol] = 17)
    }),
    Case::new("quotes a reply", BOTH, |scene, request| {
        let reply = if scene.family == Family::V4 { 0 } else { 129 };
        quoting(scene, request, |quote, echo| quote[echo] = reply)
    }),
    Case::new("quotes the other IP version", BOTH, |scene, request| {
        quoting(scene, request, |quote, _| quote[0] ^= 0x20)
    })
    .told_by_raw("foreign_error", foreign)
    .believed_by_datagram(),
    Case::new("quotes an IP header of no length", V4, |scene, request| {
        quoting(scene, request, |quote, _| quote[0] = 0x40)
    }),
    Case::new("quotes an IP header beyond the end", V4, |scene, request| {
        quoting(scene, request, |quote, _| quote[0] = 0x4f)
    }),
    Case::new("quotes a later fragment", V4, |scene, request| {
        quoting(scene, request, |quote, _| quote[6..8].copy_from_slice(&[0, 9]))
    })
    .told_by_raw("foreign_error", foreign)
    .believed_by_datagram(),
    Case::new("quotes an extension header", V6, |scene, request| quoting(scene, request, |quote, _| quote[6] = 60)),
    Case::new("breaks the error's checksum", BOTH, |scene, request| {
        let mut sent = error(scene, request, unreachable(scene), 0, &request.packet);
        let last = sent[0].packet.len() - 1;
        sent[0].packet[last] ^= 1;
        sent
    })
    .told_by_raw("bad_checksum", |counters| counters.bad_checksum)
    .untold_by_raw_v6(),
    // No errors, and no replies either.
    Case::new("is redirected", V4, |scene, request| error(scene, request, 5, 1, &request.packet)),
    Case::new("quenches the source", V4, |scene, request| error(scene, request, 4, 0, &request.packet)),
    Case::new("sends an error nobody has heard of", V4, |scene, request| error(scene, request, 44, 0, &request.packet)),
    Case::new("sends an IPv6 error nobody has heard of", V6, |scene, request| {
        error(scene, request, 99, 0, &request.packet)
    }),
    Case::new("lets a hundred routers speak of one echo", BOTH, |scene, request| {
        let speak = |router: u8| {
            let router = scene.family.host(100 + router);
            let icmp = [&[unreachable(scene), 0, 0, 0, 0, 0, 0, 0], &request.packet[..]].concat();
            Sent::now(craft::packet(router, request.from, &craft::sealed(router, request.from, icmp)))
        };
        (0..ROUTERS).map(speak).collect()
    })
    .believed_in_part(MOST_KEPT)
    .told("icmp_errors and foreign_error", |counters| counters.icmp_errors + counters.foreign_error),
];
