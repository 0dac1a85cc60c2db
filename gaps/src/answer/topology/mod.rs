//! What hangs on what, with the state of each.

pub(super) mod path;
pub(super) mod tree;

use phusong_model::{
    BlindReason, Carrier, Cause, CommuneCode, LinkState,
    answer::{NodeItem, NodeKind},
};

use super::{sites::site_state, view::View};

/// A node with what is known of it; none for one that the inventory does not have.
fn node(view: &View<'_>, carrier: &Carrier) -> Option<NodeItem> {
    let empty = |kind: NodeKind, name: &str, commune: Option<&CommuneCode>| NodeItem {
        node: carrier.clone(),
        kind,
        name: name.to_owned(),
        commune_name: view.commune_name(commune),
        state: None,
        since: None,
        cause: None,
        carrier: None,
        blind: None,
        worse: None,
        reported_at: None,
    };
    match carrier {
        Carrier::Link(id) => {
            let link = view.link(id)?;
            let item = empty(NodeKind::Link { kind: link.kind }, &link.name, link.commune.as_ref());
            let Some(now) = view.now(id) else {
                let blind = Some(BlindReason::NotYetProbed);
                return Some(NodeItem { state: Some(LinkState::Blind), blind, ..item });
            };
            Some(NodeItem {
                state: Some(now.state),
                since: Some(now.since),
                cause: now.cause.as_ref().map(|cause| cause.id().to_owned()),
                carrier: now.cause.as_ref().and_then(Cause::carrier).cloned(),
                blind: now.blind,
                worse: now.worse,
                ..item
            })
        }
        Carrier::Device(id) => {
            let device = view.device(id)?;
            let commune = device.site.as_ref().and_then(|site| view.site(site)).and_then(|site| site.commune.as_ref());
            Some(empty(NodeKind::Device, &device.name, commune))
        }
        Carrier::Site(id) => {
            let site = view.site(id)?;
            let item = empty(NodeKind::Site { site: site.kind }, &site.name, site.commune.as_ref());
            let (state, reported_at) = site_state(view, site);
            Some(NodeItem { state, reported_at, ..item })
        }
    }
}
