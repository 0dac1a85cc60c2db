//! A province behind a wire: the prober's namespace has a TUN device, a second namespace has another and all the hosts,
//! answered by its kernel (echo) and by real agents (SNMP). Packets between the two pass through this file, which
//! delays and drops them as the schedule says. Nothing of it touches the machine's own network.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    net::Ipv4Addr,
    process::Command,
    sync::{Arc, Condvar, Mutex, mpsc},
    thread,
    time::{Duration, Instant},
};

use nix::sched::{CloneFlags, unshare};
use tappers::{Interface, Tun};

use crate::{agent, support::run_ok};

/// The largest packet of a TUN device with the usual MTU.
const PACKET: usize = 2048;

/// What happens to a packet on its way to a host.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fate {
    Dropped,
    Delayed(Duration),
}

/// Decides the fate of a packet to a host at a moment.
pub type Judge = Arc<dyn Fn(Ipv4Addr, Instant) -> Fate + Send + Sync>;

/// Address of a host by its number, from 0.
pub fn host(number: u8) -> Ipv4Addr {
    Ipv4Addr::new(10, 77, 1, number + 1)
}

/// Addresses in the prober's own network, which only its uplink reaches.
pub const ANCHOR: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 1);

/// Builds both namespaces; the calling thread must already be in the prober's.
pub fn build(hosts: u8, judge: Judge, uptime: agent::Uptime) {
    let near = device("fleet-near");
    run_ok(Command::new("ip").args(["addr", "add", "10.78.0.1/24", "dev", "fleet-near"]));
    run_ok(Command::new("ip").args(["route", "add", "10.77.0.0/16", "dev", "fleet-near"]));
    let far = Arc::new(far_side(hosts, uptime));
    let near = Arc::new(near);
    let wire = Arc::new(Wire::default());
    thread::spawn({
        let (near, wire) = (near.clone(), wire.clone());
        move || take_up(&near, &wire, &judge)
    });
    thread::spawn({
        let (far, wire) = (far.clone(), wire);
        move || deliver(&far, &wire)
    });
    thread::spawn(move || carry_back(&far, &near));
}

fn device(name: &str) -> Tun {
    let mut tun = Tun::new_named(Interface::new(name).expect("name")).expect("a TUN device");
    tun.set_up().expect("up");
    tun
}

/// The hosts' namespace lives as long as the thread that runs the agents.
fn far_side(hosts: u8, uptime: agent::Uptime) -> Tun {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        unshare(CloneFlags::CLONE_NEWNET).expect("a namespace");
        run_ok(Command::new("ip").args(["link", "set", "lo", "up"]));
        let tun = device("fleet-far");
        run_ok(Command::new("ip").args(["route", "add", "local", "10.77.0.0/16", "dev", "lo"]));
        run_ok(Command::new("ip").args(["route", "add", "10.78.0.0/24", "dev", "fleet-far"]));
        agent::serve((0..hosts).map(host).collect(), &uptime, move || sender.send(tun).expect("the test waits"));
    });
    receiver.recv().expect("the far side is there")
}

/// When a packet is due, and its bytes.
type Packet = (Instant, Vec<u8>);

/// Packets under way, soonest first.
#[derive(Default)]
struct Wire {
    packets: Mutex<BinaryHeap<Reverse<Packet>>>,
    changed: Condvar,
}

fn take_up(near: &Tun, wire: &Wire, judge: &Judge) {
    let mut buffer = [0_u8; PACKET];
    while let Ok(length) = near.recv(&mut buffer) {
        let packet = &buffer[..length];
        let now = Instant::now();
        // IPv4 only: the destination stands in bytes 16 to 19.
        if length < 20 || packet[0] >> 4 != 4 {
            continue;
        }
        let destination = Ipv4Addr::new(packet[16], packet[17], packet[18], packet[19]);
        if let Fate::Delayed(delay) = judge(destination, now) {
            wire.packets.lock().expect("lock").push(Reverse((now + delay, packet.to_vec())));
            wire.changed.notify_one();
        }
    }
}

fn deliver(far: &Tun, wire: &Wire) {
    let mut packets = wire.packets.lock().expect("lock");
    loop {
        let now = Instant::now();
        match packets.peek().map(|Reverse((due, _))| *due) {
            Some(due) if due <= now => {
                if let Some(Reverse((_, packet))) = packets.pop() {
                    far.send(&packet).expect("the far side takes packets");
                }
            }
            Some(due) => packets = wire.changed.wait_timeout(packets, due - now).expect("lock").0,
            None => packets = wire.changed.wait(packets).expect("lock"),
        }
    }
}

fn carry_back(far: &Tun, near: &Tun) {
    let mut buffer = [0_u8; PACKET];
    while let Ok(length) = far.recv(&mut buffer) {
        // The near side is gone when the test has ended.
        if near.send(&buffer[..length]).is_err() {
            return;
        }
    }
}
