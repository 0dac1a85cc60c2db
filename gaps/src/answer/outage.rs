//! All about one outage: what happened when, what was thought of its cause, who feels it.

use std::collections::BTreeMap;

use phusong_model::{
    CloseUp, CommuneCode, LinkId, LinkKind, LinkState, Millis, Outage, OutageId, Probe, Revision, UtcMs, Window,
    answer::{AffectedItem, AskError, EventItem, Happening, Moment, OutageBody, TriedItem, VerdictItem},
};

use super::{events, outages, rank::Affected, view::View};

/// # Errors
/// When no outage has that number, or none is named.
pub(super) fn body(view: &View<'_>, asked: Option<OutageId>) -> Result<OutageBody, AskError> {
    let id = asked.ok_or(AskError::NoOutage)?;
    let newest = view.evidence.outages.iter().map(|outage| outage.id).max();
    let unknown = AskError::UnknownOutage { outage: id, newest };
    let found = outages::asked(view).find(|(outage, _)| outage.id == id);
    let (outage, link) = found.ok_or_else(|| unknown.clone())?;
    let event = events::items(view).into_iter().find(|event| event.event == outage.event).ok_or(unknown)?;
    let close_up = view.evidence.close_up.as_ref();
    Ok(OutageBody {
        timeline: timeline(view, outage, &event),
        verdicts: close_up.map_or_else(Vec::new, |seen| seen.verdicts.iter().map(verdict).collect()),
        tried: close_up.map_or_else(Vec::new, |seen| tried(view, outage, seen)),
        affected: affected(view, outage, &event),
        outage: outages::item(view, outage, link),
        event,
    })
}

fn verdict(revision: &Revision) -> VerdictItem {
    let verdict = &revision.verdict;
    VerdictItem {
        at: revision.at,
        cause: verdict.cause.id().to_owned(),
        carrier: verdict.cause.carrier().cloned(),
        confidence: verdict.confidence,
        evidence: verdict.evidence.clone(),
    }
}

/// Looks from its start to its end, or to now.
fn tried(view: &View<'_>, outage: &Outage, seen: &CloseUp) -> Vec<TriedItem> {
    let until = outage.end.unwrap_or(view.evidence.now);
    let mut tried: BTreeMap<Probe, TriedItem> = BTreeMap::new();
    for looks in &seen.looks {
        let middle = looks.middle();
        if middle < outage.start || middle >= until {
            continue;
        }
        let item =
            tried.entry(looks.probe).or_insert(TriedItem { probe: looks.probe, looks: 0, blind: 0, sent: 0, lost: 0 });
        item.looks += looks.measured;
        item.blind += looks.blind;
        item.sent += looks.sent;
        item.lost += looks.lost;
    }
    tried.into_values().collect()
}

/// What happened, oldest first; of what happened at one instant, in the order of cause and effect.
fn timeline(view: &View<'_>, outage: &Outage, event: &EventItem) -> Vec<Moment> {
    let sharp = |at: UtcMs, what: Happening| Moment { at, error_ms: Millis(0), what };
    let mut moments = vec![
        Moment { at: outage.start, error_ms: outage.start_error, what: Happening::Began },
        sharp(outage.decided, Happening::Decided),
    ];
    moments.extend(outage.end.map(|at| Moment { at, error_ms: outage.end_error, what: Happening::Ended }));
    moments.extend(states(view, outage));
    moments.extend(others(view, outage));
    let clues = outage.verdict.evidence.iter();
    moments.extend(clues.map(|clue| sharp(clue.at, Happening::Seen { clue: clue.clone() })));
    moments.extend(judged(view, outage));
    let messages = view.evidence.notifications.iter().filter(|message| message.event == event.event);
    moments.extend(messages.map(|message| sharp(message.at, Happening::Told { message: message.clone() })));
    let acks = view.evidence.acks.iter().filter(|ack| ack.is_about(outage));
    moments.extend(acks.map(|ack| sharp(ack.at, Happening::Acknowledged { ack: ack.clone() })));
    moments.sort_by_key(|moment| (moment.at, order(&moment.what)));
    moments
}

/// What people understand first of things that happened at once.
const fn order(what: &Happening) -> u8 {
    match what {
        Happening::State { .. } => 0,
        Happening::OthersBegan { .. } => 1,
        Happening::Began => 2,
        Happening::Seen { .. } => 3,
        Happening::Decided => 4,
        Happening::Judged { .. } => 5,
        Happening::Told { .. } => 6,
        Happening::Acknowledged { .. } => 7,
        Happening::Ended => 8,
        Happening::OthersEnded { .. } => 9,
    }
}

/// Each time the cause was judged to be another one, or with another confidence.
fn judged(view: &View<'_>, outage: &Outage) -> Vec<Moment> {
    let revisions = view.evidence.close_up.as_ref().map_or(&[][..], |seen| &seen.verdicts);
    let told = |at: UtcMs, cause: &phusong_model::Verdict| Moment {
        at,
        error_ms: Millis(0),
        what: Happening::Judged {
            cause: cause.cause.id().to_owned(),
            carrier: cause.cause.carrier().cloned(),
            confidence: cause.confidence,
        },
    };
    if revisions.is_empty() {
        return vec![told(outage.decided, &outage.verdict)];
    }
    let mut moments: Vec<Moment> = Vec::new();
    for revision in revisions {
        let moment = told(revision.at, &revision.verdict);
        // More evidence for the same is no news.
        if moments.last().is_none_or(|last| last.what != moment.what) {
            moments.push(moment);
        }
    }
    moments
}

/// The link's other states before the outage and in it. That it was down is the outage itself, and what came after its end
/// is another story.
fn states(view: &View<'_>, outage: &Outage) -> Vec<Moment> {
    let spans = view.evidence.spans.iter().filter(|span| span.link == outage.link);
    let told = Window::new(view.evidence.window.from, outage.end.unwrap_or(view.evidence.now));
    let inside = spans.filter(|span| span.from >= told.from && span.from <= told.to && span.state != LinkState::Down);
    let news = inside.filter(|span| span.state != LinkState::Up || Some(span.from) != outage.end);
    news.map(|span| Moment {
        at: span.from,
        error_ms: Millis(0),
        what: Happening::State { state: span.state, blind: span.blind, worse: span.worse },
    })
    .collect()
}

/// The other links of the event, those that changed at the same second together.
fn others(view: &View<'_>, outage: &Outage) -> Vec<Moment> {
    let others = || outages::asked(view).filter(|(other, _)| other.event == outage.event && other.id != outage.id);
    let began = together(others().map(|(other, _)| (other.start, &other.link)));
    let ended = together(others().filter_map(|(other, _)| Some((other.end?, &other.link))));
    let moment = |at, what| Moment { at, error_ms: Millis(0), what };
    let began = began.into_iter().map(|(at, links)| moment(at, Happening::OthersBegan { links }));
    let ended = ended.into_iter().map(|(at, links)| moment(at, Happening::OthersEnded { links }));
    began.chain(ended).collect()
}

fn together<'a>(changes: impl Iterator<Item = (UtcMs, &'a LinkId)>) -> BTreeMap<UtcMs, Vec<LinkId>> {
    let mut together: BTreeMap<UtcMs, Vec<LinkId>> = BTreeMap::new();
    for (at, link) in changes {
        let second = UtcMs(at.0.div_euclid(1000) * 1000);
        together.entry(second).or_default().push(link.clone());
    }
    together
}

/// The communes of the event's links, those with most people first, as they are, or as they were when the outage was over.
fn affected(view: &View<'_>, outage: &Outage, event: &EventItem) -> Vec<AffectedItem> {
    let last = outage.end.map(|end| end.minus(Millis(1)));
    let state = |id: &LinkId| match last {
        None => view.state(id),
        Some(last) => {
            let mut spans = view.evidence.spans.iter().filter(|span| span.link == *id);
            spans.find(|span| span.from <= last && span.to.is_none_or(|to| to > last)).map(|span| span.state)
        }
    };
    let mut links: BTreeMap<&CommuneCode, Vec<LinkId>> = BTreeMap::new();
    for link in event.links.iter().filter_map(|id| view.link(id)) {
        if let Some(code) = &link.commune {
            links.entry(code).or_default().push(link.id.clone());
        }
    }
    let mut affected: Vec<AffectedItem> = links
        .into_iter()
        .map(|(code, links)| AffectedItem {
            commune: code.clone(),
            commune_name: view.commune_name(Some(code)).unwrap_or_else(|| code.to_string()),
            people: view.people(code),
            working: ways(view, code, &state, LinkState::works),
            unseen: ways(view, code, &state, |state| state == LinkState::Blind),
            links,
        })
        .collect();
    affected.sort_by_key(|item| (Affected::by(item.people), item.commune.clone()));
    affected
}

/// The fibre and broadband links of a commune that are in such a state.
fn ways(
    view: &View<'_>,
    code: &CommuneCode,
    state: &impl Fn(&LinkId) -> Option<LinkState>,
    is: fn(LinkState) -> bool,
) -> Vec<LinkId> {
    let serves = |kind: LinkKind| matches!(kind, LinkKind::Fibre | LinkKind::Broadband);
    let of_commune = view.evidence.inventory.links.iter().filter(|link| link.commune.as_ref() == Some(code));
    // One of which nothing is known yet has not been looked at.
    let state = |id: &LinkId| state(id).unwrap_or(LinkState::Blind);
    of_commune.filter(|link| serves(link.kind) && is(state(&link.id))).map(|link| link.id.clone()).collect()
}
