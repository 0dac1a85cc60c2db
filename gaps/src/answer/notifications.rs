//! What people were told, and how the ways stand by which they are.

use std::collections::BTreeSet;

use phusong_model::{ChannelHealth, EventId, NotificationItem};

use super::{outages, view::View};

/// The channels as the daemon last saw them.
pub(super) fn channels(view: &View<'_>) -> Vec<ChannelHealth> {
    view.evidence.health.as_ref().map(|health| health.notify.clone()).unwrap_or_default()
}

/// The messages of the window, the newest first. Asked about a commune or a group, those of events that touched it.
pub(super) fn items(view: &View<'_>) -> Vec<NotificationItem> {
    let all = view.evidence.notifications.iter();
    if !view.is_narrowed() {
        return all.cloned().collect();
    }
    let events: BTreeSet<EventId> = outages::asked(view).map(|(outage, _)| outage.event).collect();
    all.filter(|item| events.contains(&item.event)).cloned().collect()
}
