//! What a script may need to know of an answer.

use phusong_model::{
    LinkId, LinkState,
    answer::{Body, Condition, Source, StateCounts, WayState},
};

use super::{contradictions, coverage::headline, gaps, indicators, view::View};

/// All conditions that apply, in their own order.
pub(super) fn of(view: &View<'_>, body: &Body, source: Source) -> Vec<Condition> {
    [
        (Condition::Findings, has_findings(view, body)),
        (Condition::Stale, view.is_stale() && !is_over(view)),
        (Condition::Partial, is_partial(view, body, source)),
    ]
    .into_iter()
    .filter_map(|(condition, applies)| applies.then_some(condition))
    .collect()
}

/// Something that was asked about is not as it should be now: a link that does not fully work or could not be looked
/// at, a settlement without full signal, a place without any. What was announced is as it should be.
fn has_findings(view: &View<'_>, body: &Body) -> bool {
    match body {
        Body::Status(_) | Body::Commune(_) => links_differ(view) || lacks_coverage(view),
        Body::Links { .. } | Body::Link(_) | Body::Top { .. } => links_differ(view),
        Body::Outage(body) => body.outage.end.is_none(),
        Body::Outages { items, .. } => {
            let announced = |link: &LinkId| view.state(link) == Some(LinkState::Maintenance);
            items.iter().any(|item| item.end.is_none() && !announced(&item.link))
        }
        Body::Gaps { items, blind, .. } => !items.is_empty() || !blind.is_empty(),
        Body::Coverage { .. } => lacks_coverage(view),
        Body::Contradictions { items } => !items.is_empty(),
        Body::Notify { channels, .. } => channels.iter().any(|channel| channel.fault.is_some()),
        // What was announced is as it should be.
        Body::Maintenance { .. } => false,
        Body::Weak(body) => !body.items.is_empty(),
        Body::Sitrep(body) => [&body.routes, &body.stations].iter().any(|part| !is_well(part.all.counts)),
        // Asked before a meeting: what is only at risk may hold.
        Body::Ready(body) => body.counts.unfit > 0,
        Body::Tree(_) => links_differ(view),
        Body::Path(body) => body.ways.iter().any(|way| way.state != WayState::Whole),
        Body::Availability { totals, .. } => totals.iter().any(|item| item.times_ms.down.0 > 0),
        Body::Indicators { items } => items.iter().any(|item| {
            let all = item.strict.unwrap_or(item.measured);
            all.numerator < all.denominator || all.unknown > indicators::in_maintenance(view, item.indicator)
        }),
    }
}

fn is_well(counts: StateCounts) -> bool {
    counts.degraded + counts.down + counts.blind == 0
}

fn links_differ(view: &View<'_>) -> bool {
    view.seen.iter().any(|seen| match seen.state {
        LinkState::Up | LinkState::Maintenance => false,
        LinkState::Degraded | LinkState::Down | LinkState::Blind => true,
    })
}

fn lacks_coverage(view: &View<'_>) -> bool {
    gaps::headline(view).next().is_some()
        || headline(view).is_some_and(|total| total.settlements.none > 0 || total.settlements.patchy > 0)
}

/// The window that was asked about ended before now, and all of it was watched: what happens now is no part of it.
fn is_over(view: &View<'_>) -> bool {
    view.evidence.window.to < view.evidence.now && view.evidence.window.to <= view.watched_until()
}

/// Our eyes were shut, or what they saw is not all on disk: every link asked for is blind, the whole last tick was, the
/// store refuses, the daemon is away, or coverage was asked for and no layer was given. Single blind links are shown as
/// what they are and do not make the answer partial.
fn is_partial(view: &View<'_>, body: &Body, source: Source) -> bool {
    let health = view.evidence.health.as_ref();
    let all_blind = !view.seen.is_empty() && view.seen.iter().all(|seen| seen.state == LinkState::Blind);
    let tick_blind = health.and_then(|health| health.prober.last_tick).is_some_and(|tick| tick.blind.is_some());
    let refused = health.is_some_and(|health| health.store.refused.is_some());
    if is_over(view) {
        return false;
    }
    let not_judged = match body {
        Body::Coverage { items, .. } => items.is_empty(),
        // Who is about to meet must not take what nobody saw for fit.
        Body::Ready(body) => body.counts.unknown > 0 && body.counts.unfit == 0,
        // Nobody measured, so that nothing could be contradicted.
        Body::Contradictions { items } => items.is_empty() && !contradictions::was_measured(view),
        Body::Status(_)
        | Body::Links { .. }
        | Body::Outages { .. }
        | Body::Gaps { .. }
        | Body::Commune(_)
        | Body::Link(_)
        | Body::Indicators { .. }
        | Body::Availability { .. }
        | Body::Maintenance { .. }
        | Body::Notify { .. }
        | Body::Outage(_)
        | Body::Top { .. }
        | Body::Weak(_)
        | Body::Sitrep(_)
        | Body::Tree(_)
        | Body::Path(_) => false,
    };
    all_blind || tick_blind || refused || not_judged || source == Source::Store
}
