//! `devices.csv`.

use std::{collections::BTreeMap, num::NonZeroU16, path::Path};

use super::{
    row::Row,
    sheet::{Form, Sheet, needed, optional},
};
use crate::{Device, DeviceId, SnmpAccess, findings::Findings};

pub(super) const FORM: Form = Form {
    name: "devices.csv",
    rows: "devices",
    needed: false,
    columns: &[
        needed("id"),
        optional("name"),
        optional("site"),
        needed("address"),
        optional("port"),
        needed("credential"),
        optional("profile"),
    ],
};

/// Where SNMP agents listen (RFC 3417).
const SNMP_PORT: u16 = 161;

pub(super) fn read(folder: &Path, findings: &mut Findings) -> Sheet<Device, DeviceId> {
    Sheet::read(FORM, folder, findings, device)
}

fn device(row: &mut Row<'_>, ids: &mut BTreeMap<DeviceId, u64>) -> Option<Device> {
    let id = row.unique("id", ids);
    let name = row.text("name");
    let site = row.value("site");
    if row.is_empty("address") {
        row.refuse("address", "\"address\" is empty", "give the address where the device answers SNMP");
    }
    let address = row.address("address");
    let port = row.value("port").map_or(SNMP_PORT, NonZeroU16::get);
    let credential = row.needed_text("credential");
    let profile = row.text("profile");
    let id = id?;
    let name = name.unwrap_or_else(|| id.to_string());
    let snmp = SnmpAccess { port, credential: credential?, profile };
    Some(Device { id, name, site, address: address?, snmp })
}
