//! A network namespace for one test: a TUN device leads to every host of the tests, and nothing leads outside.

use std::{
    fs,
    net::{Ipv6Addr, UdpSocket},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use nix::sched::{CloneFlags, unshare};
use rustix::thread::{CapabilitySet, capabilities, set_capabilities};
use tappers::{Interface, Tun};

const DEVICE: &str = "hosts";
const OURS: Ipv6Addr = Ipv6Addr::new(0xfd78, 0, 0, 0, 0, 0, 0, 1);
/// Far longer than a busy machine needs.
const PATIENCE: Duration = Duration::from_secs(20);
/// Ours, and those of the hosts: any address of theirs, because the peer answers for all.
const NETWORK: [&[&str]; 5] = [
    &["link", "set", "lo", "up"],
    &["addr", "add", "10.78.0.1/24", "dev", DEVICE],
    &["-6", "addr", "add", "fd78::1/64", "dev", DEVICE, "nodad"],
    &["route", "add", "10.77.0.0/16", "dev", DEVICE],
    &["-6", "route", "add", "fd77::/32", "dev", DEVICE],
];

/// Runs a test on a thread in a fresh network namespace, with the far end of its device, or says why it cannot.
pub fn in_namespace<T: Send + 'static>(test: impl FnOnce(Tun) -> T + Send + 'static) -> Option<T> {
    let thread = thread::spawn(|| match enter() {
        Ok(tun) => Some(test(tun)),
        Err(reason) => {
            println!("skipped: {reason}");
            None
        }
    });
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn enter() -> Result<Tun, String> {
    unshare(CloneFlags::CLONE_NEWNET).map_err(|errno| format!("no right to make a network namespace: {errno}"))?;
    let device = || Tun::new_named(Interface::new(DEVICE)?).and_then(|mut tun| tun.set_up().map(|()| tun));
    let tun = device().map_err(|error| format!("no TUN device: {error}"))?;
    NETWORK.iter().try_for_each(|arguments| ip(arguments))?;
    until_our_ipv6_address_is_there()?;
    // What a forger sends from anywhere reaches the socket: the tests are about us, not about the kernel's own filter.
    for interface in ["all", DEVICE] {
        set(&format!("net/ipv4/conf/{interface}/rp_filter"), "0");
    }
    Ok(tun)
}

/// The kernel makes an address of ours reachable some time after `ip` has ended; until then what comes for it is dropped.
fn until_our_ipv6_address_is_there() -> Result<(), String> {
    let ask = || -> std::io::Result<()> {
        let socket = UdpSocket::bind("[::]:0")?;
        socket.set_read_timeout(Some(Duration::from_millis(20)))?;
        socket.send_to(b"here", (OURS, socket.local_addr()?.port()))?;
        socket.recv(&mut [0; 8]).map(|_| ())
    };
    let since = Instant::now();
    loop {
        match ask() {
            Ok(()) => return Ok(()),
            Err(error) if since.elapsed() > PATIENCE => return Err(format!("our IPv6 address does not come: {error}")),
            Err(_) => thread::sleep(Duration::from_millis(2)),
        }
    }
}

fn ip(arguments: &[&str]) -> Result<(), String> {
    let status = Command::new("ip").args(arguments).status().map_err(|error| format!("cannot run ip: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("ip {} failed", arguments.join(" "))) }
}

/// Lets every group open datagram ICMP sockets.
pub fn allow_datagram_sockets() {
    set("net/ipv4/ping_group_range", "0 2147483647");
}

/// From now on this thread may not open raw sockets.
pub fn give_up_raw_sockets() {
    let mut sets = capabilities(None).expect("every thread may read its own");
    sets.effective.remove(CapabilitySet::NET_RAW);
    set_capabilities(None, sets).expect("every thread may give up its own");
}

fn set(key: &str, value: &str) {
    fs::write(format!("/proc/sys/{key}"), value).expect("root of a namespace of its own may set its keys");
}
