//! A network namespace for one test.

use std::{fs, process::Command, thread};

use nix::sched::{CloneFlags, unshare};

/// Addresses for benchmarks (RFC 2544), which the namespace routes to nobody: echoes to them leave and never come back.
pub(super) const SILENT: [u8; 2] = [198, 18];

/// Runs a test on a thread in a fresh network namespace with loopback up, or says why it cannot.
pub(super) fn in_namespace(test: impl FnOnce() + Send + 'static) {
    let thread = thread::spawn(|| match enter() {
        Ok(()) => test(),
        Err(reason) => println!("skipped: {reason}"),
    });
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

fn enter() -> Result<(), String> {
    unshare(CloneFlags::CLONE_NEWNET).map_err(|errno| format!("no right to make a network namespace: {errno}"))?;
    ip(&["link", "set", "lo", "up"])?;
    ip(&["route", "add", "198.18.0.0/15", "dev", "lo"])
}

fn ip(arguments: &[&str]) -> Result<(), String> {
    let status = Command::new("ip").args(arguments).status().map_err(|error| format!("cannot run ip: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("ip {} failed", arguments.join(" "))) }
}

/// Lets every group open datagram ICMP sockets.
pub(super) fn allow_datagram_sockets() {
    set("net/ipv4/ping_group_range", "0 2147483647");
}

/// Makes the kernel of this namespace answer no echo, so that only a test's responder does.
pub(super) fn silence_the_kernel() {
    set("net/ipv4/icmp_echo_ignore_all", "1");
}

fn set(key: &str, value: &str) {
    fs::write(format!("/proc/sys/{key}"), value).expect("root of a namespace of its own may set its keys");
}
