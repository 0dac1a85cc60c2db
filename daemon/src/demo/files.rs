//! The files of the demo: the same configuration and inventory that a real province fills in.

use std::{
    fmt::Write as _,
    fs, io,
    net::SocketAddr,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

use super::{
    layers,
    province::{COMMUNES_CSV, DemoCommune, Province},
};

/// The community of the example agents; it opens nothing but the demo's own loopback sockets.
pub(super) const COMMUNITY: &str = "phusong-demo";

/// Interface of the fibre on every example router.
pub(super) const FIBRE_PORT: &str = "ge-0/0/0";

/// Interface of the broadband line on every example router.
pub(super) const BROADBAND_PORT: &str = "ge-0/0/1";

/// Writes all files anew; history in `data/` is not touched.
pub(super) fn write(dir: &Path, province: &Province, agent_port: u16, page: SocketAddr) -> io::Result<()> {
    for folder in ["inventory", "geodata", "credentials", "data"] {
        fs::create_dir_all(dir.join(folder))?;
    }
    fs::set_permissions(dir.join("credentials"), fs::Permissions::from_mode(0o700))?;
    secret(&dir.join("credentials/snmp-community"), COMMUNITY)?;
    let settlements = layers::settlements(province);
    for (name, text) in [
        ("inventory/communes.csv", COMMUNES_CSV.to_owned()),
        ("inventory/sites.csv", sites(province)),
        ("inventory/links.csv", links(province)),
        ("inventory/devices.csv", devices(province, agent_port)),
        ("inventory/settlements.csv", settlements),
        ("inventory/declared.csv", DECLARED.to_owned()),
        ("geodata/coverage-example.geojson", layers::coverage(province)),
        ("phusong.toml", config(province, page)),
    ] {
        fs::write(dir.join(name), text)?;
    }
    Ok(())
}

fn secret(path: &Path, text: &str) -> io::Result<()> {
    // The mode of an existing file is not changed by opening it.
    let _ = fs::remove_file(path);
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    io::Write::write_all(&mut file, text.as_bytes())
}

const DECLARED: &str = "indicator,value_percent,numerator,denominator,base,date,document
communes-fibre,100,124,124,communes,2026-01-12,Ví dụ - không phải văn bản thật
communes-broadband,100,124,124,communes,2026-01-12,Ví dụ - không phải văn bản thật
mobile-settlements,98.6,,,settlements,2026-01-12,Ví dụ - không phải văn bản thật
";

fn config(province: &Province, page: SocketAddr) -> String {
    let [first, second] = province.anchors;
    format!(
        r#"# Written anew at every start of `phusongd demo`: an example province on loopback addresses.
vantage = "demo"

[inventory]
province = "Tuyên Quang (ví dụ)"
folder = "inventory"
example = true

[[geodata.layer]]
file = "geodata/coverage-example.geojson"
source = "modelled"

[icmp]
period = "5s"
spacing = "150ms"
timeout = "500ms"
reprobe_spacing = "100ms"
anchors = ["{first}", "{second}"]

[snmp]
period = "30s"
timeout = "1s"

[[snmp.credential]]
name = "demo"
version = "2c"
community = "credentials/snmp-community"

[store]
folder = "data"

[api]
socket = "phusong.sock"
listen = "{page}"
"#
    )
}

/// Writing to a `String` cannot fail; the macro's result is of no interest.
macro_rules! row {
    ($out:expr, $($field:expr),+ $(,)?) => {{
        let fields: Vec<String> = vec![$($field.to_string()),+];
        let _ = writeln!($out, "{}", fields.join(","));
    }};
}

fn sites(province: &Province) -> String {
    let mut out = "id,kind,name,commune,operator,lon,lat,backhaul,reported_state,reported_at\n".to_owned();
    for c in &province.communes {
        let (lon, lat) = (c.label.lon, c.label.lat);
        let kind = if c.hub { "hub" } else { "office" };
        row!(out, format!("{kind}-{}", c.code), kind, format!("Trụ sở {}", c.name), c.code, "", lon, lat, "", "", "");
        // One station in eight has no known backhaul: its state is the operator's word.
        let (backhaul, state, at) = match c.feeder % 8 {
            7 => (String::new(), "up", "2026-01-12T08:00:00+07:00"),
            _ => (format!("fibre-{}", c.code), "", ""),
        };
        row!(out, format!("bts-{}", c.code), "bts", format!("Trạm {}", c.name), c.code, "viettel", lon, lat, backhaul, state, at);
    }
    out
}

fn links(province: &Province) -> String {
    let mut out =
        "id,kind,name,commune,site,address,device,ifname,upstream,operator,groups,circuit,phone,duty\n".to_owned();
    let none = "";
    for f in &province.feeders {
        row!(out, f.id, "feeder", f.name, none, none, f.address, none, none, none, "viettel", none, none, none, "Trực truyền dẫn");
    }
    for c in &province.communes {
        commune_links(&mut out, c);
    }
    for (code, hub) in &province.hub_endpoints {
        row!(out, hub.id, "video-conference", hub.name, code, format!("hub-{code}"), hub.address, none, none, format!("fibre-{code}"), "viettel", "video-conference", none, none, none);
    }
    for e in &province.province_endpoints {
        row!(out, e.id, "video-conference", e.name, none, none, e.address, none, none, none, "vnpt", "video-conference", none, none, none);
    }
    for p in &province.platforms {
        row!(out, p.id, "platform", p.name, none, none, p.address, none, none, none, "vnpt", "platforms", none, none, "Trực trung tâm dữ liệu");
    }
    out
}

fn commune_links(out: &mut String, c: &DemoCommune) {
    let DemoCommune { code, name, .. } = c;
    let kind = if c.hub { "hub" } else { "office" };
    let (site, router) = (format!("{kind}-{code}"), format!("router-{code}"));
    let feeder = format!("feeder-{:02}", c.feeder + 1);
    let none = "";
    row!(out, format!("fibre-{code}"), "fibre", format!("Cáp quang {name}"), code, site, c.fibre, router, FIBRE_PORT, feeder, "viettel", "tslcd", format!("VD-{code}-Q"), format!("000 {code} 1"), "Trực cáp");
    row!(out, format!("broadband-{code}"), "broadband", format!("Băng rộng {name}"), code, site, c.broadband, router, BROADBAND_PORT, none, "vnpt", none, format!("VD-{code}-B"), format!("000 {code} 2"), "Trực băng rộng");
    if let Some(endpoint) = c.endpoint {
        row!(out, format!("vc-{code}"), "video-conference", format!("Điểm cầu {name}"), code, site, endpoint, none, none, format!("fibre-{code}"), "viettel", "video-conference", none, none, none);
    }
}

fn devices(province: &Province, port: u16) -> String {
    let mut out = "id,name,site,address,port,credential,profile\n".to_owned();
    for c in &province.communes {
        let kind = if c.hub { "hub" } else { "office" };
        row!(out, format!("router-{}", c.code), format!("Bộ định tuyến {}", c.name), format!("{kind}-{}", c.code), c.router, port, "demo", "juniper");
    }
    out
}
