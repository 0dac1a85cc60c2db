//! A host that answers echo requests to loopback as a test wants, true or forged.

use std::{
    collections::HashMap,
    io::Read,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use socket2::{Domain, Protocol, SockFilter, Socket, Type};

use crate::icmp::packet::checksum;

const IP_HEADER: usize = 20;
const REQUEST: u8 = 8;

/// What is sent back for a request.
pub(super) struct Answer {
    /// How long after the request.
    pub(super) delay: Duration,
    /// Under which address.
    pub(super) source: Ipv4Addr,
    /// The ICMP packet.
    pub(super) packet: Vec<u8>,
}

/// Runs until it is dropped.
pub(super) struct Responder {
    stop: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Responder {
    /// Answers each request to an address with what the script makes of that address and the true reply.
    pub(super) fn start(script: impl Fn(Ipv4Addr, Vec<u8>) -> Vec<Answer> + Send + 'static) -> Self {
        let listener = raw_socket();
        // Requests only: its own answers, when they are many, would push them out of the queue.
        listener.attach_filter(&only_requests()).expect("a filter of five steps");
        listener.set_read_timeout(Some(Duration::from_millis(2))).expect("a positive time-out");
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || serve(listener, &stopped, &script));
        Self { stop, thread: Some(thread) }
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the responder ends well");
        }
    }
}

fn serve(mut listener: Socket, stop: &AtomicBool, script: &impl Fn(Ipv4Addr, Vec<u8>) -> Vec<Answer>) {
    let mut waiting: Vec<(Instant, Ipv4Addr, Answer)> = Vec::new();
    let mut senders: HashMap<Ipv4Addr, Socket> = HashMap::new();
    let mut buffer = [0; 256];
    while !stop.load(Ordering::Relaxed) {
        if let Ok(length) = listener.read(&mut buffer) {
            let packet = &buffer[..length];
            if packet[IP_HEADER] == REQUEST {
                let reply = true_reply(&packet[IP_HEADER..]);
                let answers = script(address_at(packet, 16), reply);
                waiting.extend(
                    answers.into_iter().map(|answer| (Instant::now() + answer.delay, address_at(packet, 12), answer)),
                );
            }
        }
        waiting.retain(|(due, asker, answer)| {
            let wait = *due > Instant::now();
            if !wait {
                let socket = senders.entry(answer.source).or_insert_with(|| sender(answer.source));
                socket.send_to(&answer.packet, &SocketAddr::from((*asker, 0)).into()).expect("loopback takes it");
            }
            wait
        });
    }
}

/// A socket that speaks under an address and hears nothing.
fn sender(source: Ipv4Addr) -> Socket {
    let socket = raw_socket();
    socket.bind(&SocketAddr::from((source, 0)).into()).expect("a loopback address");
    socket.attach_filter(&[SockFilter::new(0x06, 0, 0, 0)]).expect("a filter of one step");
    socket
}

/// `X = length of the IP header; accept when byte X is 8`.
fn only_requests() -> [SockFilter; 5] {
    [
        SockFilter::new(0xb1, 0, 0, 0),
        SockFilter::new(0x50, 0, 0, 0),
        SockFilter::new(0x15, 0, 1, u32::from(REQUEST)),
        SockFilter::new(0x06, 0, 0, u32::MAX),
        SockFilter::new(0x06, 0, 0, 0),
    ]
}

fn raw_socket() -> Socket {
    Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::ICMPV4)).expect("the test runs as root")
}

fn address_at(packet: &[u8], offset: usize) -> Ipv4Addr {
    let bytes: [u8; 4] = packet[offset..offset + 4].try_into().expect("four bytes");
    bytes.into()
}

fn true_reply(request: &[u8]) -> Vec<u8> {
    let mut reply = request.to_vec();
    reply[0] = 0;
    with_checksum(reply)
}

/// The packet with the checksum that its other bytes need.
pub(super) fn with_checksum(mut packet: Vec<u8>) -> Vec<u8> {
    packet[2..4].fill(0);
    let sum = checksum(&packet).to_be_bytes();
    packet[2..4].copy_from_slice(&sum);
    packet
}
