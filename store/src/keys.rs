//! The integers of links and interfaces.

use std::collections::HashMap;

use phusong_model::{Cause, DeviceId, IfReading, LinkId};
use rusqlite::Connection;

use crate::{Failure, codes};

/// What the dictionary tables say, as far as it was asked. One entry per link and interface ever written: hundreds in
/// a province, tens of thousands in the country.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    links: HashMap<LinkId, i64>,
    interfaces: HashMap<(DeviceId, String), i64>,
}

impl Keys {
    /// Forgets everything: a transaction that gave out keys was undone.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    /// The key of a link; it gets one at its first mention.
    pub(crate) fn link(&mut self, transaction: &Connection, id: &LinkId) -> Result<i64, Failure> {
        if let Some(key) = self.links.get(id) {
            return Ok(*key);
        }
        transaction
            .prepare_cached("INSERT INTO link (id) VALUES (?1) ON CONFLICT DO NOTHING")?
            .execute([id.as_str()])?;
        let key = transaction
            .prepare_cached("SELECT key FROM link WHERE id = ?1")?
            .query_row([id.as_str()], |row| row.get(0))?;
        self.links.insert(id.clone(), key);
        Ok(key)
    }

    /// The key of a reading's interface; it gets one at its first mention.
    pub(crate) fn interface(&mut self, transaction: &Connection, reading: &IfReading) -> Result<i64, Failure> {
        let name = (reading.device.clone(), reading.ifname.clone());
        if let Some(key) = self.interfaces.get(&name) {
            return Ok(*key);
        }
        let columns = (name.0.as_str(), &name.1);
        transaction
            .prepare_cached("INSERT INTO interface (device, ifname) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
            .execute(columns)?;
        let key = transaction
            .prepare_cached("SELECT key FROM interface WHERE device = ?1 AND ifname = ?2")?
            .query_row(columns, |row| row.get(0))?;
        self.interfaces.insert(name, key);
        Ok(key)
    }

    /// The two columns of a cause.
    pub(crate) fn cause(
        &mut self,
        transaction: &Connection,
        cause: Option<&Cause>,
    ) -> Result<(Option<i64>, Option<i64>), Failure> {
        Ok(match cause {
            None => (None, None),
            Some(Cause::Unknown) => (Some(codes::CAUSE_UNKNOWN), None),
            Some(Cause::Upstream { link }) => (Some(codes::CAUSE_UPSTREAM), Some(self.link(transaction, link)?)),
            Some(Cause::Interface) => (Some(codes::CAUSE_INTERFACE), None),
        })
    }
}
