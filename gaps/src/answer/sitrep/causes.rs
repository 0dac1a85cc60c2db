//! Why something is down at the bottom of it: *behind the feeder* is whatever befell the feeder.

use phusong_model::{Carrier, Cause, DeviceId, LinkId, LinkState, SiteId};

use super::instants::Instants;

/// So far a cause is followed from carrier to carrier. The inventory has no circle; this ends one all the same.
const STEPS_MOST: usize = 64;

/// A cause that is not *behind something*.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Root {
    id: &'static str,
    /// It is the cause of something else that this is behind.
    pub(super) behind: bool,
}

impl Root {
    pub(super) const UNKNOWN: Self = Self { id: Cause::Unknown.id(), behind: false };

    pub(super) fn is(self, cause: &Cause) -> bool {
        self.id == cause.id()
    }

    pub(super) const fn id(self) -> &'static str {
        self.id
    }
}

/// Why a link is down; unknown for one that is not.
pub(super) fn root(instants: &Instants<'_, '_>, link: &LinkId) -> Root {
    link_root(instants, link, STEPS_MOST)
}

/// Why all of these links are down, when it is the same for all.
pub(super) fn common<'l>(instants: &Instants<'_, '_>, links: impl IntoIterator<Item = &'l LinkId>) -> Root {
    join(links.into_iter().map(|link| root(instants, link)))
}

fn join(roots: impl Iterator<Item = Root>) -> Root {
    let join = |a: Root, b: Root| {
        let behind = a.behind || b.behind;
        if a.id == b.id { Root { behind, ..a } } else { Root { behind, ..Root::UNKNOWN } }
    };
    roots.reduce(join).unwrap_or(Root::UNKNOWN)
}

fn link_root(instants: &Instants<'_, '_>, link: &LinkId, steps: usize) -> Root {
    match instants.cause(link) {
        Some(Cause::Upstream { carrier }) => Root { behind: true, ..carrier_root(instants, carrier, steps) },
        Some(
            cause @ (Cause::Unknown
            | Cause::Fibre
            | Cause::Power
            | Cause::Equipment
            | Cause::Prober
            | Cause::Maintenance),
        ) => Root { id: cause.id(), behind: false },
        None => Root::UNKNOWN,
    }
}

/// A carrier that is not seen to be down any more explains nothing.
fn carrier_root(instants: &Instants<'_, '_>, carrier: &Carrier, steps: usize) -> Root {
    let Some(steps) = steps.checked_sub(1) else { return Root::UNKNOWN };
    match carrier {
        Carrier::Link(link) => link_root(instants, link, steps),
        Carrier::Site(site) => site_root(instants, site, steps),
        Carrier::Device(device) => {
            device_site(instants, device).map_or(Root::UNKNOWN, |site| site_root(instants, site, steps))
        }
    }
}

fn site_root(instants: &Instants<'_, '_>, site: &SiteId, steps: usize) -> Root {
    let backhaul = instants.view.site(site).map_or(&[][..], |site| site.backhaul.as_slice());
    if backhaul.iter().any(|link| instants.state(link) != LinkState::Down) {
        return Root::UNKNOWN;
    }
    join(backhaul.iter().map(|link| link_root(instants, link, steps)))
}

fn device_site<'a>(instants: &Instants<'_, 'a>, device: &DeviceId) -> Option<&'a SiteId> {
    instants.view.device(device)?.site.as_ref()
}
