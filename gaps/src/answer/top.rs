//! The targets that most was waited for in vain, then the slowest: what burdens the probes, and who answers late.

use std::cmp::Ordering;

use phusong_model::{Link, LinkState, Looks, Micros, Probe, answer::TopItem};

use super::view::{View, target};

/// All that were looked at over the window.
pub(super) fn items(view: &View<'_>) -> Vec<TopItem> {
    let looks = view.evidence.close_up.as_ref().map_or(&[][..], |seen| &seen.looks);
    let known = looks.iter().filter_map(|looks| Some((looks, view.link(&looks.link)?)));
    let mut items: Vec<TopItem> =
        known.filter(|(_, link)| view.asks_about_link(link)).map(|(looks, link)| item(view, looks, link)).collect();
    items.sort_by(|a, b| {
        let slower = b.rtt_p95_ms.partial_cmp(&a.rtt_p95_ms).unwrap_or(Ordering::Equal);
        b.lost.cmp(&a.lost).then(slower).then_with(|| a.link.cmp(&b.link)).then(a.probe.cmp(&b.probe))
    });
    items
}

fn item(view: &View<'_>, looks: &Looks, link: &Link) -> TopItem {
    TopItem {
        link: link.id.clone(),
        name: link.name.clone(),
        kind: link.kind,
        commune: link.commune.clone(),
        commune_name: view.commune_name(link.commune.as_ref()),
        operator: link.operator.clone(),
        probe: looks.probe,
        target: asked_at(link, looks.probe),
        state: view.state(&link.id).unwrap_or(LinkState::Blind),
        looks: looks.measured,
        blind: looks.blind,
        sent: looks.sent,
        lost: looks.lost,
        lost_ratio: (looks.sent > 0).then(|| looks.lost as f64 / looks.sent as f64),
        rtt_median_ms: looks.rtt.map(|rtt| rtt.median).map(Micros::as_millis_f64),
        rtt_p95_ms: looks.rtt.map(|rtt| rtt.p95).map(Micros::as_millis_f64),
        rtt_max_ms: looks.rtt.map(|rtt| rtt.max).map(Micros::as_millis_f64),
    }
}

/// What a probe asks.
fn asked_at(link: &Link, probe: Probe) -> String {
    let address = || link.address.map(|address| address.to_string());
    let interface = || link.interface.as_ref().map(|(device, ifname)| format!("{device}/{ifname}"));
    let asked = match probe {
        Probe::Icmp => address(),
        Probe::Snmp => interface(),
        Probe::Tcp | Probe::Http | Probe::Dns => link.service.as_ref().map(ToString::to_string),
    };
    // The inventory may say something else now than when it was asked.
    asked.unwrap_or_else(|| target(link))
}
