//! A real `snmpd` in the network namespace of the calling thread, with veth pairs as its interfaces.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, Command, Stdio},
};

use phusong_model::config::{AuthProtocol, CredentialConfig, PrivProtocol, SecretRef, SnmpConfig, SnmpVersion};

use crate::support::{run_ok, wait_for};

pub const COMMUNITY: &str = "phu-song-community";
pub const USER: &str = "phusong";
pub const AUTH_PASSWORD: &str = "phu-song-auth";
pub const PRIV_PASSWORD: &str = "phu-song-priv";

/// Far ends of the pairs answer to nobody; their neighbours get this address so that packets leave.
const FAR_MAC: &str = "02:00:00:00:00:02";

/// The near end of a pair, as `ifName` has it.
pub fn near(pair: u8) -> String {
    format!("uplink{pair}")
}

fn far(pair: u8) -> String {
    format!("far{pair}")
}

/// Makes pairs 0 … `count`-1, up, each with a network of its own behind it.
pub fn make_pairs(count: u8) {
    for pair in 0..count {
        let (near, far) = (near(pair), far(pair));
        ip(&["link", "add", &near, "type", "veth", "peer", "name", &far]);
        ip(&["addr", "add", &format!("10.79.{pair}.1/30"), "dev", &near]);
        ip(&["link", "set", &near, "up"]);
        ip(&["link", "set", &far, "up"]);
        ip(&["neigh", "replace", &format!("10.79.{pair}.2"), "lladdr", FAR_MAC, "dev", &near]);
    }
}

/// Takes the far end of a pair down, as a cut cable would: the near end loses its carrier and stays enabled.
pub fn cut(pair: u8) {
    ip(&["link", "set", &far(pair), "down"]);
}

/// Sends so many payload octets out of a pair, in packets of 1,000.
pub fn send(pair: u8, octets: usize) {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).expect("socket");
    for _ in 0..octets / 1000 {
        socket.send_to(&[0; 1000], (Ipv4Addr::new(10, 79, pair, 2), 9)).expect("send");
    }
}

fn ip(arguments: &[&str]) {
    run_ok(Command::new("ip").args(arguments));
}

/// A running `snmpd`; it ends with the value.
pub struct Snmpd {
    child: Child,
    pub address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Snmpd {
    /// Starts snmpd with a v2c community and a v3 user (SHA, AES) on a free loopback port. Says "skipped" and gives
    /// none where it is not installed.
    pub fn start() -> Option<Self> {
        let Some(program) = ["/usr/sbin/snmpd", "/sbin/snmpd"].into_iter().find(|path| Path::new(path).exists()) else {
            println!("skipped: snmpd is not installed");
            return None;
        };
        let folder = tempfile::tempdir().expect("folder");
        let config = folder.path().join("snmpd.conf");
        let text = format!(
            "rocommunity {COMMUNITY}\n\
             createUser {USER} SHA {AUTH_PASSWORD} AES {PRIV_PASSWORD}\n\
             rouser {USER} priv\n\
             sysName phusong-test\n\
             # The users' localised keys are written here; without it snmpd writes below /var/lib.\n\
             [snmp] persistentDir {}\n",
            folder.path().join("state").display()
        );
        fs::write(&config, text).expect("config");
        let address = UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port");
        let child = Command::new(program)
            // In the foreground, with no configuration but ours and no agentx socket of the machine.
            .args(["-f", "-C", "-x", "", "-Lf"])
            .arg(folder.path().join("log"))
            .arg("-c")
            .arg(&config)
            .arg(format!("udp:{address}"))
            .env("SNMP_PERSISTENT_DIR", folder.path().join("state"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("snmpd starts");
        let mut snmpd = Self { child, address, _folder: folder };
        wait_for("snmpd to listen", || snmpd.listens().then_some(()));
        Some(snmpd)
    }

    /// The port is taken as soon as snmpd listens on it.
    fn listens(&mut self) -> bool {
        assert!(self.child.try_wait().expect("wait").is_none(), "snmpd ended at once");
        UdpSocket::bind(self.address).is_err()
    }
}

impl Drop for Snmpd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes the secrets of both credentials into a folder, and says how the configuration names them.
pub fn credentials(folder: &Path) -> SnmpConfig {
    let secret = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).expect("secret");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("mode");
        Some(SecretRef(path))
    };
    let v2c = CredentialConfig {
        name: "v2c".to_owned(),
        version: SnmpVersion::V2c,
        community: secret("community", COMMUNITY),
        user: None,
        auth: None,
        auth_password: None,
        privacy: None,
        priv_password: None,
    };
    let v1 = CredentialConfig { name: "v1".to_owned(), version: SnmpVersion::V1, ..v2c.clone() };
    let v3 = CredentialConfig {
        name: "v3".to_owned(),
        version: SnmpVersion::V3,
        community: None,
        user: Some(USER.to_owned()),
        auth: Some(AuthProtocol::Sha1),
        auth_password: secret("auth", AUTH_PASSWORD),
        privacy: Some(PrivProtocol::Aes128),
        priv_password: secret("priv", PRIV_PASSWORD),
    };
    let wrong =
        CredentialConfig { name: "wrong".to_owned(), auth_password: secret("wrong", "phu-song-wrong"), ..v3.clone() };
    SnmpConfig { credential: vec![v1, v2c, v3, wrong], ..SnmpConfig::default() }
}
