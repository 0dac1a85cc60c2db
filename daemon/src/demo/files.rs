//! The files of the demo: the same configuration and inventory that a real province fills in.

use std::{
    fs, io,
    net::SocketAddr,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

use super::{
    layers,
    province::{COMMUNES_CSV, Province},
    tables,
};

/// The community of the example agents; it opens nothing but the demo's own loopback sockets.
pub(super) const COMMUNITY: &str = "phusong-demo";

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
        ("inventory/sites.csv", tables::sites(province)),
        ("inventory/links.csv", tables::links(province)),
        ("inventory/devices.csv", tables::devices(province, agent_port)),
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
communes-fibre,100,124,124,xã và phường,2026-01-12,Ví dụ - không phải văn bản thật
communes-broadband,100,124,124,xã và phường,2026-01-12,Ví dụ - không phải văn bản thật
mobile-settlements,98.6,,,thôn và bản,2026-01-12,Ví dụ - không phải văn bản thật
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
