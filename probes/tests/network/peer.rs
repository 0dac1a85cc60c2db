//! Everybody behind the TUN device, played by one script.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    net::UdpSocket,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use tappers::Tun;

use super::craft::Request;

/// More than the device's MTU.
const LONGEST: usize = 2048;
/// Nobody answers here; a datagram to it only wakes the reader.
const NOBODY: &str = "10.77.255.254:9";

/// Packets in one go. The kernel queues what a TUN device delivers, a thousand packets for all devices of a processor
/// together, and drops the rest where no socket can see it: on a busy machine a longer go would lose honest replies.
const BREATH: usize = 32;

/// A packet to be sent so long after the request.
#[derive(Debug, Clone)]
pub struct Sent {
    pub after: Duration,
    pub packet: Vec<u8>,
}

impl Sent {
    pub fn now(packet: Vec<u8>) -> Self {
        Self { after: Duration::ZERO, packet }
    }
}

/// Packets under way, soonest first.
type Due = Reverse<(Instant, Vec<u8>)>;

/// Runs until it is dropped.
pub struct Peer {
    tun: Arc<Tun>,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Peer {
    /// Answers each echo request with the packets that the script makes of it.
    pub fn start(tun: Tun, script: impl FnMut(&Request) -> Vec<Sent> + Send + 'static) -> Self {
        let (tun, stop) = (Arc::new(tun), Arc::new(AtomicBool::new(false)));
        let (sender, receiver) = mpsc::channel();
        let reader = thread::spawn({
            let (tun, stop) = (tun.clone(), stop.clone());
            move || read(&tun, &stop, script, &sender)
        });
        let writer = thread::spawn({
            let tun = tun.clone();
            move || write(&tun, &receiver)
        });
        Self { tun, stop, threads: vec![reader, writer] }
    }
}

impl Peer {
    /// The device, for packets that answer nothing.
    pub fn tun(&self) -> Arc<Tun> {
        self.tun.clone()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // In the namespace of the test's thread, which drops the peer.
        let wake = UdpSocket::bind("0.0.0.0:0").and_then(|socket| socket.send_to(b"wake", NOBODY));
        wake.expect("the device takes a datagram");
        for thread in self.threads.drain(..) {
            thread.join().expect("the peer ends well");
        }
    }
}

fn read(tun: &Tun, stop: &AtomicBool, mut script: impl FnMut(&Request) -> Vec<Sent>, sender: &Sender<Due>) {
    let mut buffer = [0; LONGEST];
    while !stop.load(Ordering::Relaxed) {
        let length = tun.recv(&mut buffer).expect("the device is there");
        let now = Instant::now();
        let Some(request) = Request::parse(&buffer[..length]) else { continue };
        for (number, sent) in (1_usize..).zip(script(&request)) {
            if sent.after.is_zero() {
                deliver(tun, &sent.packet);
                if number.is_multiple_of(BREATH) {
                    thread::sleep(Duration::from_millis(1));
                }
            } else {
                sender.send(Reverse((now + sent.after, sent.packet))).expect("the writer lives as long");
            }
        }
    }
}

fn write(tun: &Tun, receiver: &mpsc::Receiver<Due>) {
    let mut waiting: BinaryHeap<Due> = BinaryHeap::new();
    loop {
        let now = Instant::now();
        while waiting.peek().is_some_and(|Reverse((due, _))| *due <= now) {
            if let Some(Reverse((_, packet))) = waiting.pop() {
                deliver(tun, &packet);
            }
        }
        let rest =
            waiting.peek().map_or(Duration::from_secs(1), |Reverse((due, _))| due.saturating_duration_since(now));
        match receiver.recv_timeout(rest) {
            Ok(due) => waiting.push(due),
            Err(RecvTimeoutError::Timeout) => {}
            // The reader has ended: what is still under way is wanted by nobody.
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// The kernel refuses some of what a hostile peer sends (an IP header it cannot read); that is its answer to it.
fn deliver(tun: &Tun, packet: &[u8]) {
    let _ = tun.send(packet);
}
