//! `links.csv`.

use std::{collections::BTreeMap, path::Path};

use super::{
    row::Row,
    sheet::{Form, Sheet, needed, optional},
};
use crate::{Contact, Dbm, DeviceId, Link, LinkId, LinkKind, Service, ServiceError, findings::Findings};

pub(super) const FORM: Form = Form {
    name: "links.csv",
    rows: "links",
    needed: true,
    columns: &[
        needed("id"),
        needed("kind"),
        optional("name"),
        optional("commune"),
        optional("site"),
        optional("address"),
        optional("service"),
        optional("device"),
        optional("ifname"),
        optional("rx_limit_dbm"),
        optional("upstream"),
        optional("operator"),
        optional("groups"),
        optional("circuit"),
        optional("phone"),
        optional("duty"),
    ],
};

/// Receivers of access and transport networks need between these.
const RX_LIMIT_DBM: (f64, f64) = (-45.0, 0.0);

/// The longest `ifName` (RFC 2863: a `DisplayString` of 255 bytes).
const IF_NAME_MAX: usize = 255;

pub(super) fn read(folder: &Path, findings: &mut Findings) -> Sheet<Link, LinkId> {
    Sheet::read(FORM, folder, findings, link)
}

fn link(row: &mut Row<'_>, ids: &mut BTreeMap<LinkId, u64>) -> Option<Link> {
    let id = row.unique("id", ids);
    let kind = row.needed_choice("kind", &LinkKind::ALL.map(|kind| (kind.id(), kind)));
    let name = row.text("name");
    let commune = row.value("commune");
    let site = row.value("site");
    let address = row.address("address");
    let service = service(row);
    let interface = interface(row);
    let rx_limit = row.decimal("rx_limit_dbm", RX_LIMIT_DBM).map(Dbm);
    let upstream = row.list("upstream");
    let operator = row.value("operator");
    let groups = row.list("groups");
    let contact = Contact { circuit: row.text("circuit"), phone: row.text("phone"), duty: row.text("duty") };
    if kind.is_some_and(serves_a_commune) && row.is_empty("commune") {
        row.refuse("commune", "a fibre or broadband link serves a commune", "write the commune's five-digit code");
    }
    if ["address", "service", "device", "ifname"].iter().all(|column| row.is_empty(column)) {
        let hint = "give address or service, or device and ifname";
        row.refuse("address", "there is nothing to probe on this link", hint);
    }
    let id = id?;
    let name = name.unwrap_or_else(|| id.to_string());
    Some(Link {
        id,
        kind: kind?,
        name,
        commune,
        site,
        address,
        service,
        interface,
        rx_limit,
        upstream,
        operator,
        groups,
        contact,
    })
}

const fn serves_a_commune(kind: LinkKind) -> bool {
    match kind {
        LinkKind::Fibre | LinkKind::Broadband => true,
        LinkKind::VideoConference | LinkKind::Platform | LinkKind::Backhaul | LinkKind::Feeder => false,
    }
}

/// The service that users of the link need.
fn service(row: &mut Row<'_>) -> Option<Service> {
    let text = row.cell("service");
    if text.is_empty() {
        return None;
    }
    text.parse().map_err(|error: ServiceError| row.refuse("service", error.to_string(), error.remedy())).ok()
}

/// The interface that SNMP asks about. Its name is compared with what the device says and stays as it was written.
fn interface(row: &mut Row<'_>) -> Option<(DeviceId, String)> {
    let device = row.value("device");
    let name = row.cell("ifname").to_owned();
    match (row.is_empty("device"), name.is_empty()) {
        (false, true) => {
            row.refuse("ifname", "a device is given without an interface", "add its ifName, as in: ether1");
        }
        (true, false) => row.refuse("device", "an interface is given without a device", "add the device's id"),
        (true, true) | (false, false) => {}
    }
    if name.len() > IF_NAME_MAX {
        row.refuse("ifname", "no interface has so long a name", "write the interface's ifName");
    }
    device.filter(|_| !name.is_empty()).map(|device| (device, name))
}
