//! Remarks that go with an answer. That the daemon is away is for the asker to add: only it knows what it tried.

use phusong_model::{
    Health, IcmpMode,
    answer::{Body, Notice},
};

use super::view::View;

pub(super) fn of(view: &View<'_>, body: &Body) -> Vec<Notice> {
    let evidence = view.evidence;
    let health = evidence.health.as_ref();
    let rests = CoverageUse::of(view, body);
    let example = evidence.inventory.example || health.is_some_and(|health| health.prober.demo) || rests.example;
    let mut notices = Vec::new();
    notices.extend(example.then_some(Notice::Example));
    notices.extend(rests.approximate.then_some(Notice::ApproximateBoundaries));
    notices.extend(health.into_iter().flat_map(of_health));
    notices.extend((rests.asked && evidence.figures.is_empty()).then_some(Notice::NoCoverage));
    notices
}

fn of_health(health: &Health) -> impl Iterator<Item = Notice> {
    let no_icmp = match health.prober.icmp {
        IcmpMode::None => Some(Notice::NoIcmp),
        IcmpMode::Raw | IcmpMode::Datagram => None,
    };
    let not_stored = health.store.refused.clone().map(|reason| Notice::NotStored { reason });
    let influx = health.influx.as_ref().and_then(|influx| influx.fault.clone());
    let reload = health.prober.reload_refused.clone();
    [
        no_icmp,
        not_stored,
        influx.map(|reason| Notice::InfluxAway { reason }),
        reload.map(|reason| Notice::ReloadRefused { reason }),
    ]
    .into_iter()
    .flatten()
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
            Body::Links { .. } | Body::Link(_) | Body::Outages { .. } => false,
            Body::Status(_)
            | Body::Gaps { .. }
            | Body::Coverage { .. }
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
