//! Links now, and over the window.

use phusong_model::{
    Cause, LinkKind, LinkState, Micros, Millis, StateTimes,
    answer::{KindCounts, LinkItem, StateCounts},
};

use super::view::{Seen, View, target};

pub(super) fn items(view: &View<'_>) -> Vec<LinkItem> {
    view.seen.iter().map(|seen| item(view, seen)).collect()
}

pub(super) fn blind(view: &View<'_>) -> Vec<LinkItem> {
    view.seen.iter().filter(|seen| seen.state == LinkState::Blind).map(|seen| item(view, seen)).collect()
}

pub(super) fn item(view: &View<'_>, seen: &Seen<'_>) -> LinkItem {
    let link = seen.link;
    let icmp = seen.now.and_then(|now| now.icmp);
    let rtt = icmp.and_then(|echoes| echoes.rtt);
    let interface = seen.now.and_then(|now| now.interface.as_ref());
    let usual = seen.now.and_then(|now| now.usual);
    LinkItem {
        link: link.id.clone(),
        name: link.name.clone(),
        kind: link.kind,
        commune: link.commune.clone(),
        commune_name: view.commune_name(link.commune.as_ref()),
        operator: link.operator.clone(),
        target: target(link),
        address: link.address,
        state: seen.state,
        since: seen.since,
        cause: seen.cause.map(|cause| cause.id().to_owned()),
        carrier: seen.cause.and_then(Cause::carrier).cloned(),
        blind: seen.blind,
        worse: seen.now.and_then(|now| now.worse),
        sent: icmp.map(|echoes| echoes.sent),
        lost: icmp.map(|echoes| echoes.lost),
        rtt_min_ms: rtt.map(|rtt| rtt.min).map(Micros::as_millis_f64),
        rtt_median_ms: rtt.map(|rtt| rtt.median).map(Micros::as_millis_f64),
        rtt_p95_ms: rtt.map(|rtt| rtt.p95).map(Micros::as_millis_f64),
        rtt_max_ms: rtt.map(|rtt| rtt.max).map(Micros::as_millis_f64),
        jitter_ms: rtt.map(|rtt| rtt.jitter).map(Micros::as_millis_f64),
        usual_rtt_ms: usual.map(|usual| usual.rtt.as_millis_f64()),
        usual_loss: usual.and_then(|usual| usual.loss),
        oper: interface.map(|reading| reading.oper),
        in_bps: interface.and_then(|reading| reading.in_bps),
        out_bps: interface.and_then(|reading| reading.out_bps),
        speed_bps: interface.and_then(|reading| reading.speed_bps),
        rx_dbm: interface.and_then(|reading| reading.rx).map(|power| power.0),
        availability: seen.times.availability(),
        blind_share: seen.times.blind_share(),
    }
}

/// Links by state for each kind that is there.
pub(super) fn kinds(view: &View<'_>) -> Vec<KindCounts> {
    let count = |kind: LinkKind| {
        let mut counts = StateCounts::default();
        view.seen.iter().filter(|seen| seen.link.kind == kind).for_each(|seen| counts.add(seen.state));
        KindCounts { kind, counts }
    };
    LinkKind::ALL.into_iter().map(count).filter(|kind| kind.counts.total() > 0).collect()
}

/// Share of the links' time in which we could not look; 0 without links.
pub(super) fn blind_share<'a>(times: impl Iterator<Item = &'a StateTimes>) -> f64 {
    let (blind, total) =
        times.fold((Millis(0), Millis(0)), |(blind, total), times| (blind + times.blind, total + times.total()));
    if total.0 > 0 { blind.0 as f64 / total.0 as f64 } else { 0.0 }
}

/// How many of the links asked about cannot be looked at now: all of them when nobody looks. Of a time that has passed the
/// share that was blind tells more.
pub(super) fn unseen(view: &View<'_>) -> u64 {
    if view.evidence.window.to < view.evidence.now {
        return 0;
    }
    view.seen.iter().filter(|seen| view.is_stale() || seen.state == LinkState::Blind).count() as u64
}
