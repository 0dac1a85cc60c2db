//! The integers of links and interfaces.

use std::collections::HashMap;

use phusong_model::{Carrier, Cause, DeviceId, IfReading, LinkId};
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
        let key = named(transaction, id.as_str())?;
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
        let Some(cause) = cause else { return Ok((None, None)) };
        let carrier = cause.carrier().map(|carrier| self.carrier(transaction, carrier)).transpose()?;
        Ok((Some(codes::cause(cause)), carrier))
    }

    /// The key of what carries a link: devices and sites stand in the dictionary too, by names that no link can have.
    pub(crate) fn carrier(&mut self, transaction: &Connection, carrier: &Carrier) -> Result<i64, Failure> {
        match carrier {
            Carrier::Link(link) => self.link(transaction, link),
            Carrier::Device(_) | Carrier::Site(_) => named(transaction, &carrier.to_string()),
        }
    }
}

/// The key of a name in the dictionary of links; it gets one at its first mention.
fn named(transaction: &Connection, name: &str) -> Result<i64, Failure> {
    transaction.prepare_cached("INSERT INTO link (id) VALUES (?1) ON CONFLICT DO NOTHING")?.execute([name])?;
    let select = "SELECT key FROM link WHERE id = ?1";
    Ok(transaction.prepare_cached(select)?.query_row([name], |row| row.get(0))?)
}
