//! Who is believed: devices of the inventory with a credential of the configuration, at its level.

use std::{collections::HashMap, net::IpAddr, sync::Arc};

use bytes::Bytes;
use snmp::{Community, NotificationAcceptance, NotificationEnvelope, SecurityLevel};

use super::counts::Counters;
use crate::snmp::Inbound;

/// Says whether an address is a device's.
pub(super) type Known = Arc<dyn Fn(IpAddr) -> bool + Send + Sync>;

/// Asked once for every notification that could be read. What it refuses is counted and not acknowledged.
pub(super) struct Gate {
    known: Known,
    communities: Vec<Community>,
    levels: HashMap<Bytes, SecurityLevel>,
    counters: Arc<Counters>,
}

impl Gate {
    pub(super) fn new(inbound: &Inbound, known: Known, counters: Arc<Counters>) -> Self {
        let mut levels = HashMap::new();
        for user in &inbound.users {
            levels.entry(user.username().clone()).or_insert(user.maximum_security_level());
        }
        Self { known, communities: inbound.communities.clone(), levels, counters }
    }

    pub(super) fn judge(&self, envelope: &NotificationEnvelope<'_>) -> NotificationAcceptance {
        let refusal = if !(self.known)(envelope.source.ip().to_canonical()) {
            &self.counters.unknown_source
        } else if !self.credential_fits(envelope) {
            &self.counters.credential
        } else {
            return NotificationAcceptance::Accept;
        };
        refusal.add();
        NotificationAcceptance::Reject
    }

    fn credential_fits(&self, envelope: &NotificationEnvelope<'_>) -> bool {
        if let Some(community) = envelope.community {
            // All are compared, each in constant time: how long it takes tells nothing.
            return self.communities.iter().fold(false, |fits, ours| fits | ours.matches(community.as_bytes()));
        }
        // A user with keys may by the protocol also speak without them; from us nobody does.
        let level = envelope.username.and_then(|user| self.levels.get(user));
        level.is_some_and(|level| envelope.security_level >= Some(*level))
    }
}
