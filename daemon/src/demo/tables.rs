//! The inventory tables of the example: sites, links and devices. No field needs quoting.

use super::province::{BRIDGE, DemoCommune, DemoLine, Province};

/// Interface of the fibre on every example router.
pub(super) const FIBRE_PORT: &str = "ge-0/0/0";

/// Interface of the broadband line on every example router.
pub(super) const BROADBAND_PORT: &str = "ge-0/0/1";

/// A row of `links.csv`; what is not set stays empty.
#[derive(Default)]
struct LinkRow {
    id: String,
    kind: &'static str,
    name: String,
    commune: String,
    site: String,
    address: String,
    device: String,
    ifname: &'static str,
    upstream: String,
    operator: &'static str,
    groups: &'static str,
    circuit: String,
    phone: String,
    duty: &'static str,
}

impl LinkRow {
    const HEADER: &str =
        "id,kind,name,commune,site,address,device,ifname,upstream,operator,groups,circuit,phone,duty\n";

    fn of(line: &DemoLine, kind: &'static str, operator: &'static str) -> Self {
        let (id, name, address) = (line.id.clone(), line.name.clone(), line.address.to_string());
        Self { id, kind, name, address, operator, ..Self::default() }
    }

    fn text(&self) -> String {
        let fields: [&str; 14] = [
            &self.id,
            self.kind,
            &self.name,
            &self.commune,
            &self.site,
            &self.address,
            &self.device,
            self.ifname,
            &self.upstream,
            self.operator,
            self.groups,
            &self.circuit,
            &self.phone,
            self.duty,
        ];
        fields.join(",") + "\n"
    }
}

/// `links.csv`.
pub(super) fn links(province: &Province) -> String {
    let feeder = |line: &DemoLine| LinkRow { duty: "Trực truyền dẫn", ..LinkRow::of(line, "feeder", "viettel") };
    let endpoint =
        |line: &DemoLine| LinkRow { groups: "video-conference", ..LinkRow::of(line, "video-conference", "vnpt") };
    let hub = |(code, line): &(String, DemoLine)| {
        let (commune, site, upstream) = (code.clone(), format!("hub-{code}"), format!("fibre-{code}"));
        LinkRow { commune, site, upstream, operator: "viettel", ..endpoint(line) }
    };
    // The endpoints meet on the bridge.
    let platform = |line: &DemoLine| LinkRow {
        groups: if line.id == BRIDGE { "platforms video-conference" } else { "platforms" },
        duty: "Trực trung tâm dữ liệu",
        ..LinkRow::of(line, "platform", "vnpt")
    };
    let rows = (province.feeders.iter().map(feeder))
        .chain(province.communes.iter().flat_map(commune_links))
        .chain(province.hub_endpoints.iter().map(hub))
        .chain(province.province_endpoints.iter().map(endpoint))
        .chain(province.platforms.iter().map(platform));
    [LinkRow::HEADER.to_owned()].into_iter().chain(rows.map(|row| row.text())).collect()
}

/// The fibre, the broadband line and, where there is one, the endpoint behind the fibre.
fn commune_links(c: &DemoCommune) -> Vec<LinkRow> {
    let DemoCommune { code, name, .. } = c;
    let fibre = LinkRow {
        id: format!("fibre-{code}"),
        kind: "fibre",
        name: format!("Cáp quang {name}"),
        commune: code.clone(),
        site: office(c),
        address: c.fibre.to_string(),
        device: router(c),
        ifname: FIBRE_PORT,
        upstream: format!("feeder-{:02}", c.feeder + 1),
        operator: "viettel",
        groups: "tslcd",
        circuit: format!("VD-{code}-Q"),
        phone: format!("000 {code} 1"),
        duty: "Trực cáp",
    };
    let broadband = LinkRow {
        id: format!("broadband-{code}"),
        kind: "broadband",
        name: format!("Băng rộng {name}"),
        commune: code.clone(),
        site: office(c),
        address: c.broadband.to_string(),
        device: router(c),
        ifname: BROADBAND_PORT,
        upstream: if c.leased { format!("feeder-{:02}", c.feeder + 1) } else { String::new() },
        operator: "vnpt",
        circuit: format!("VD-{code}-B"),
        phone: format!("000 {code} 2"),
        duty: "Trực băng rộng",
        ..LinkRow::default()
    };
    let endpoint = c.endpoint.map(|address| LinkRow {
        id: format!("vc-{code}"),
        kind: "video-conference",
        name: format!("Điểm cầu {name}"),
        commune: code.clone(),
        site: office(c),
        address: address.to_string(),
        upstream: format!("fibre-{code}"),
        operator: "viettel",
        groups: "video-conference",
        ..LinkRow::default()
    });
    [fibre, broadband].into_iter().chain(endpoint).collect()
}

/// `sites.csv`: an office or hub and a base station in every commune.
pub(super) fn sites(province: &Province) -> String {
    let mut out = "id,kind,name,commune,operator,lon,lat,backhaul,reported_state,reported_at\n".to_owned();
    for c in &province.communes {
        let DemoCommune { code, name, label, .. } = c;
        let (lon, lat, kind) = (label.lon, label.lat, site_kind(c));
        // One station in eight has no known backhaul: its state is the operator's word.
        let state =
            if c.feeder % 8 == 7 { ",up,2026-01-12T08:00:00+07:00".to_owned() } else { format!("fibre-{code},,") };
        out += &format!("{kind}-{code},{kind},Trụ sở {name},{code},,{lon},{lat},,,\n");
        out += &format!("bts-{code},bts,Trạm {name},{code},viettel,{lon},{lat},{state}\n");
    }
    out
}

/// `devices.csv`: a router in every commune.
pub(super) fn devices(province: &Province, port: u16) -> String {
    let header = "id,name,site,address,port,credential,profile\n".to_owned();
    let row = |c: &DemoCommune| {
        format!("{},Bộ định tuyến {},{},{},{port},demo,juniper\n", router(c), c.name, office(c), c.router)
    };
    [header].into_iter().chain(province.communes.iter().map(row)).collect()
}

fn site_kind(c: &DemoCommune) -> &'static str {
    if c.hub { "hub" } else { "office" }
}

fn office(c: &DemoCommune) -> String {
    format!("{}-{}", site_kind(c), c.code)
}

fn router(c: &DemoCommune) -> String {
    format!("router-{}", c.code)
}
