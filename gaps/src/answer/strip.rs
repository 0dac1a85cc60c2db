//! A link over the window, in stretches of one length: what state it was in, and how it was looked at.

use phusong_model::{
    LinkState, Looks, Micros, Millis, Probe, Span, Window,
    answer::{LooksItem, StripItem},
};

use super::view::{Seen, View};

/// So many stretches a window has: what a line of the narrowest terminal holds beside a few words.
const STRETCHES: i64 = 60;

/// The states of a link over the window.
pub(super) fn states(view: &View<'_>, seen: &Seen<'_>) -> Vec<StripItem> {
    let Some(now) = seen.now else { return Vec::new() };
    let spans: Vec<&Span> = view.evidence.spans.iter().filter(|span| span.link == seen.link.id).collect();
    let worst = |stretch: Window| {
        let known = Window::new(stretch.from.max(now.entered), stretch.to);
        let touches = |span: &&&Span| span.from < known.to && span.to.is_none_or(|to| to > known.from);
        let states: Vec<LinkState> = spans.iter().filter(touches).map(|span| span.state).collect();
        let watched = known.from < view.watched_until() || known.from >= known.to;
        let worst = LinkState::WORST_FIRST.into_iter().find(|state| states.contains(state));
        if watched { worst } else { Some(LinkState::Blind) }.filter(|_| known.from < known.to)
    };
    let strip = stretches(view.evidence.window).map(|stretch| StripItem {
        from: stretch.from,
        to: stretch.to,
        state: worst(stretch),
    });
    strip.collect()
}

/// How a link was looked at over the window, by the probe that decides.
pub(super) fn looks(view: &View<'_>, seen: &Seen<'_>) -> Vec<LooksItem> {
    let all = view.evidence.close_up.as_ref().map_or(&[][..], |seen| &seen.looks);
    let probe = deciding(seen, all);
    let of_probe: Vec<&Looks> = all.iter().filter(|looks| Some(looks.probe) == probe).collect();
    if of_probe.is_empty() {
        return Vec::new();
    }
    stretches(view.evidence.window).map(|stretch| told(stretch, &of_probe)).collect()
}

/// The service, else the echoes, else SNMP.
fn deciding(seen: &Seen<'_>, looks: &[Looks]) -> Option<Probe> {
    let has = |probe: &Probe| looks.iter().any(|looks| looks.probe == *probe);
    let services = [Probe::Http, Probe::Tcp, Probe::Dns].into_iter().filter(|_| seen.link.service.is_some());
    services.chain([Probe::Icmp, Probe::Snmp]).find(has)
}

/// What looks come to whose middle lies in a stretch.
fn told(stretch: Window, looks: &[&Looks]) -> LooksItem {
    let inside = looks.iter().filter(|looks| {
        let middle = looks.middle();
        stretch.from <= middle && middle < stretch.to
    });
    let mut item = LooksItem {
        from: stretch.from,
        to: stretch.to,
        blind: 0,
        sent: 0,
        lost: 0,
        rtt_median_ms: None,
        rtt_max_ms: None,
    };
    let mut medians: Vec<Micros> = Vec::new();
    for looks in inside {
        item.blind += looks.blind;
        item.sent += looks.sent;
        item.lost += looks.lost;
        if let Some(rtt) = looks.rtt {
            medians.push(rtt.median);
            let max = rtt.max.as_millis_f64();
            item.rtt_max_ms = Some(item.rtt_max_ms.map_or(max, |known| known.max(max)));
        }
    }
    medians.sort_unstable();
    item.rtt_median_ms = medians.get(medians.len().saturating_sub(1) / 2).copied().map(Micros::as_millis_f64);
    item
}

/// The window in stretches of one length; the last one may be shorter.
fn stretches(window: Window) -> impl Iterator<Item = Window> {
    let length = window.to.since(window.from).0.max(0);
    let step = Millis(length.div_euclid(STRETCHES) + i64::from(length.rem_euclid(STRETCHES) > 0));
    let froms = (0..STRETCHES).map(move |number| window.from.plus(Millis(step.0 * number)));
    let inside = froms.take_while(move |from| *from < window.to);
    inside.map(move |from| Window::new(from, from.plus(step).min(window.to)))
}

#[cfg(test)]
mod tests {
    use phusong_model::UtcMs;

    use super::*;

    #[test]
    fn stretches_fill_the_window_and_nothing_else() {
        for length in [1, 59, 60, 61, 86_400_000, 86_400_001, 31_536_000_123] {
            let window = Window::new(UtcMs(1_000), UtcMs(1_000 + length));
            let all: Vec<Window> = stretches(window).collect();
            assert!(all.len() <= 60, "{length}");
            assert_eq!(all.first().map(|first| first.from), Some(window.from), "{length}");
            assert_eq!(all.last().map(|last| last.to), Some(window.to), "{length}");
            assert!(all.windows(2).all(|pair| pair[0].to == pair[1].from), "{length}");
        }
        assert_eq!(stretches(Window::new(UtcMs(5), UtcMs(5))).count(), 0);
    }
}
