//! Remarks that go with an answer. That the daemon is away is for the asker to add: only it knows what it tried.

use phusong_model::{
    Health, IcmpMode, LinkId, Millis, Observed, Seen, Subject, UtcMs,
    answer::{Body, Notice},
};

use super::view::View;

/// How long before its end a certificate is worth a word: an office needs two or three weeks to get a new one signed.
const CERTIFICATE_WARNING: Millis = Millis::from_secs(21 * 86_400);

/// How long refused traps are told of: longer than somebody who mends a device waits before asking again.
const TRAPS_TOLD: Millis = Millis(10 * 60 * 1000);

pub(super) fn of(view: &View<'_>, body: &Body) -> Vec<Notice> {
    let evidence = view.evidence;
    let health = evidence.health.as_ref();
    let rests = CoverageUse::of(view, body);
    let example = evidence.inventory.example || health.is_some_and(|health| health.prober.demo) || rests.example;
    let mut notices = Vec::new();
    notices.extend(example.then_some(Notice::Example));
    notices.extend(rests.approximate.then_some(Notice::ApproximateBoundaries));
    let left_out = &evidence.left_out;
    notices.extend((!left_out.is_empty()).then(|| Notice::LeftUnread { parts: left_out.clone() }));
    notices.extend(health.into_iter().flat_map(of_health));
    notices.extend(certificates(view));
    notices.extend(health.and_then(|health| traps(health, evidence.now)));
    notices.extend((rests.asked && evidence.figures.is_empty()).then_some(Notice::NoCoverage));
    notices
}

/// Certificates of the services that were asked about, as far as somebody has to do something.
fn certificates(view: &View<'_>) -> Vec<Notice> {
    let soon = view.evidence.now.plus(CERTIFICATE_WARNING);
    let of_link = |link: &LinkId| {
        let about = |observed: &&Observed| observed.subject == Subject::Link(link.clone());
        view.evidence.observations.iter().filter(about).find_map(|observed| match observed.seen {
            Seen::Certificate { not_after, .. } if not_after < soon => {
                Some(Notice::CertificateEnds { link: link.clone(), not_after })
            }
            Seen::Certificate { trusted: false, .. } => Some(Notice::CertificateUntrusted { link: link.clone() }),
            Seen::Certificate { .. } | Seen::IcmpError(_) | Seen::HttpStatus(_) | Seen::Sensor(_) => None,
        })
    };
    let served = view.seen.iter().map(|seen| seen.link).filter(|link| link.service.is_some());
    served.filter_map(|link| of_link(&link.id)).collect()
}

fn of_health(health: &Health) -> impl Iterator<Item = Notice> {
    let no_icmp = match health.prober.icmp {
        IcmpMode::None => Some(Notice::NoIcmp),
        IcmpMode::Raw | IcmpMode::Datagram => None,
    };
    let store = &health.store;
    let not_stored = store.refused.clone().map(|reason| Notice::NotStored {
        reason,
        waiting_ticks: store.waiting_ticks,
        given_up_ticks: store.refused_ticks,
    });
    let set_aside = store.set_aside.iter().map(|file| Notice::SetAside { file: file.clone() });
    let away = health
        .influx
        .iter()
        .filter_map(|influx| Some(Notice::InfluxAway { replica: influx.name.clone(), reason: influx.fault.clone()? }));
    let reload = health.prober.reload_refused.clone();
    let untold = health.notify.iter().filter_map(|channel| {
        Some(Notice::NotTold { channel: channel.channel.clone(), reason: channel.fault.clone()? })
    });
    let removed = health
        .influx
        .iter()
        .filter(|influx| influx.removed_samples > 0)
        .map(|influx| Notice::RemovedUndelivered { replica: influx.name.clone(), samples: influx.removed_samples });
    let reload = reload.map(|reason| Notice::ReloadRefused { reason });
    let given_up =
        (store.refused.is_none() && store.refused_ticks > 0).then_some(Notice::GivenUp { ticks: store.refused_ticks });
    let short = store.short.then_some(Notice::StoreShort);
    [no_icmp, not_stored, given_up, short]
        .into_iter()
        .flatten()
        .chain(away)
        .chain(removed)
        .chain(reload)
        .chain(set_aside)
        .chain(untold)
}

/// Somebody forges traps, or a device is not set up as the inventory says.
fn traps(health: &Health, now: UtcMs) -> Option<Notice> {
    let traps = health.prober.traps;
    let recent = now.since(traps.refused_at?) <= TRAPS_TOLD;
    recent.then_some(Notice::TrapsRefused { refused: traps.refused.total(), limited: traps.limited })
}

/// What the answer takes from coverage.
#[derive(Debug, Clone, Copy)]
struct CoverageUse {
    asked: bool,
    approximate: bool,
    example: bool,
}

impl CoverageUse {
    /// Links and outages rest on no layer; everything else on those of the communes asked for.
    fn of(view: &View<'_>, body: &Body) -> Self {
        let asked = match body {
            Body::Links { .. }
            | Body::Link(_)
            | Body::Outages { .. }
            | Body::Availability { .. }
            | Body::Maintenance { .. }
            | Body::Notify { .. }
            | Body::Outage(_)
            | Body::Top { .. }
            | Body::Weak(_)
            | Body::Sitrep(_)
            | Body::Ready(_)
            | Body::Tree(_)
            | Body::Path(_) => false,
            Body::Status(_)
            | Body::Gaps { .. }
            | Body::Coverage { .. }
            | Body::Contradictions { .. }
            | Body::Commune(_)
            | Body::Indicators { .. } => true,
        };
        let figures = view.evidence.figures.iter().filter(|figure| view.asks_about(Some(&figure.commune)));
        let gaps = view.evidence.coverage_gaps.iter().filter(|gap| view.asks_about(Some(&gap.commune)));
        let marks = figures.map(|f| (f.approximate, f.example)).chain(gaps.map(|g| (g.approximate, g.example)));
        let (approximate, example) = marks.fold((false, false), |a, b| (a.0 | b.0, a.1 | b.1));
        Self { asked, approximate: asked && approximate, example: asked && example }
    }
}
