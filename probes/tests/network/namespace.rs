//! A network namespace for one test: a TUN device leads to every host of the tests, and nothing leads outside.

use std::{fs, process::Command, thread};

use nix::sched::{CloneFlags, unshare};
use rustix::thread::{CapabilitySet, capabilities, set_capabilities};
use tappers::{Interface, Tun};

const DEVICE: &str = "hosts";
/// Ours, and those of the hosts: any address of theirs, because the peer answers for all.
const NETWORK: [&[&str]; 5] = [
    &["link", "set", "lo", "up"],
    &["addr", "add", "10.78.0.1/24", "dev", DEVICE],
    &["-6", "addr", "add", "fd78::1/64", "dev", DEVICE, "nodad"],
    &["route", "add", "10.77.0.0/16", "dev", DEVICE],
    &["-6", "route", "add", "fd77::/32", "dev", DEVICE],
];

/// Runs a test on a thread in a fresh network namespace, with the far end of its device, or says why it cannot.
pub fn in_namespace(test: impl FnOnce(Tun) + Send + 'static) {
    let thread = thread::spawn(|| match enter() {
        Ok(tun) => test(tun),
        Err(reason) => println!("skipped: {reason}"),
    });
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

fn enter() -> Result<Tun, String> {
    unshare(CloneFlags::CLONE_NEWNET).map_err(|errno| format!("no right to make a network namespace: {errno}"))?;
    let device = || Tun::new_named(Interface::new(DEVICE)?).and_then(|mut tun| tun.set_up().map(|()| tun));
    let tun = device().map_err(|error| format!("no TUN device: {error}"))?;
    NETWORK.iter().try_for_each(|arguments| ip(arguments))?;
    // What a forger sends from anywhere reaches the socket: the tests are about us, not about the kernel's own filter.
    for interface in ["all", DEVICE] {
        set(&format!("net/ipv4/conf/{interface}/rp_filter"), "0");
    }
    Ok(tun)
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
