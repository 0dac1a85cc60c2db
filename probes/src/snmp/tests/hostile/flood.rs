//! Devices that flood while a thousand others are polled through the same socket.

use std::{
    io::{IoSlice, IoSliceMut},
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    os::fd::AsRawFd,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use futures_util::{StreamExt as _, stream};
use nix::{
    libc::in_pktinfo,
    sys::socket::{
        ControlMessage, ControlMessageOwned, MsgFlags, SockaddrIn, recvmsg, sendmsg, setsockopt,
        sockopt::Ipv4PacketInfo,
    },
};

use super::{
    super::{Answer, Credentials, DevicePoller, NOW, PATIENT, Timing, Transport, credentials, device},
    ber::{INTEGER, number},
    message::Request,
    tree::Tree,
};

const HONEST: u16 = 1000;
const FLOODERS: u8 = 4;
/// Datagrams that a flooder sends at once, and how long it then waits: some thousands a second, a thousand times what a
/// device has to say.
const BURST: i64 = 50;
const PAUSE: Duration = Duration::from_millis(5);
/// Datagrams that must have come before the flood counts as one.
const FLOOD: u64 = 100_000;
/// Polls in flight, so that the agents' one socket does not overflow.
const AT_ONCE: usize = 100;
/// A flooder is not waited for.
const SHORT: Timing = Timing { timeout: Duration::from_millis(100), retries: 0 };
/// Of the requests to honest devices, one in so many may be lost.
const MAY_BE_LOST: u64 = 1000;

/// Threads of agents, ended with it.
#[derive(Default)]
struct Agents {
    ended: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Drop for Agents {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            // It has panicked, and the test shows what was missing.
            let _ = thread.join();
        }
    }
}

impl Agents {
    /// Honest agents on every address of the loopback; the answer is their port.
    fn crowd(&mut self) -> u16 {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).expect("socket");
        setsockopt(&socket, Ipv4PacketInfo, &true).expect("option");
        socket.set_read_timeout(Some(PAUSE)).expect("time-out");
        let port = socket.local_addr().expect("bound").port();
        let ended = Arc::clone(&self.ended);
        self.threads.push(thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                answer_one(&socket);
            }
        }));
        port
    }

    /// An agent that answers the first request, and then for ever, with what is no answer.
    fn flooder(&mut self, address: Ipv4Addr, sent: &Arc<AtomicU64>) -> SocketAddr {
        let socket = UdpSocket::bind((address, 0)).expect("loopback");
        socket.set_read_timeout(Some(PAUSE)).expect("time-out");
        let here = socket.local_addr().expect("bound");
        let (ended, sent) = (Arc::clone(&self.ended), Arc::clone(sent));
        self.threads.push(thread::spawn(move || {
            let mut asked = None;
            let mut buffer = [0; 2048];
            while !ended.load(Ordering::Relaxed) {
                if let Ok((length, asker)) = socket.recv_from(&mut buffer) {
                    asked = Some((Request::of(&buffer[..length]), asker));
                }
                let Some((request, asker)) = &asked else { continue };
                for number_of_lie in 1..=BURST {
                    let mut answer = Tree::of(1).answer(request);
                    answer.id = number(INTEGER, request.pdu.id ^ number_of_lie);
                    let mut bytes = answer.bytes();
                    if number_of_lie % 5 == 0 {
                        bytes.truncate(bytes.len() / 2);
                    }
                    sent.fetch_add(u64::from(socket.send_to(&bytes, asker).is_ok()), Ordering::Relaxed);
                }
            }
        }));
        here
    }
}

/// Answers from the address that was asked.
fn answer_one(socket: &UdpSocket) {
    let mut buffer = [0; 2048];
    let mut parts = [IoSliceMut::new(&mut buffer)];
    let mut space = nix::cmsg_space!(in_pktinfo);
    let flags = MsgFlags::empty();
    let Ok(received) = recvmsg::<SockaddrIn>(socket.as_raw_fd(), &mut parts, Some(&mut space), flags) else { return };
    let asked = received.cmsgs().expect("whole").find_map(|control| {
        if let ControlMessageOwned::Ipv4PacketInfo(info) = control { Some(info.ipi_addr) } else { None }
    });
    let (asked, asker) = (asked.expect("packet info"), received.address);
    let request = Request::of(received.iovs().next().expect("a datagram"));
    let answer = Tree::of(1).answer(&request).bytes();
    let from = in_pktinfo { ipi_ifindex: 0, ipi_spec_dst: asked, ipi_addr: asked };
    let controls = [ControlMessage::Ipv4PacketInfo(&from)];
    let sent = sendmsg(socket.as_raw_fd(), &[IoSlice::new(&answer)], &controls, MsgFlags::empty(), asker.as_ref());
    assert_eq!(sent, Ok(answer.len()));
}

fn poller(transport: &Transport, credentials: &Credentials, address: SocketAddr, timing: Timing) -> DevicePoller {
    DevicePoller::new(transport, &device(address, None), vec![("ge-1".to_owned(), None)], credentials, timing)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_from_some_devices_costs_the_others_nothing() {
    let mut agents = Agents::default();
    let port = agents.crowd();
    let flood = Arc::new(AtomicU64::new(0));
    let transport = Transport::bind().expect("transport");
    let credentials = credentials("public");
    for last in 1..=FLOODERS {
        let address = agents.flooder(Ipv4Addr::new(127, 69, 0, last), &flood);
        let report = poller(&transport, &credentials, address, SHORT).poll(NOW).await;
        assert!(!matches!(report.answer, Answer::Answered { .. } | Answer::NotSent(_)), "{report:?}");
    }
    let mut honest: Vec<_> = (0..HONEST)
        .map(|number| {
            let [high, low] = number.to_be_bytes();
            poller(&transport, &credentials, (Ipv4Addr::new(127, 68, high, low), port).into(), PATIENT)
        })
        .collect();
    let before = flood.load(Ordering::Relaxed);
    let (mut sent, mut lost) = (0, 0);
    while flood.load(Ordering::Relaxed) - before < FLOOD {
        let polled = stream::iter(honest).map(async |mut poller| {
            let report = poller.poll(NOW).await;
            (poller, report)
        });
        let polled: Vec<_> = polled.buffer_unordered(AT_ONCE).collect().await;
        honest = Vec::new();
        for (poller, report) in polled {
            (sent, lost) = (sent + u64::from(report.sent), lost + u64::from(report.lost));
            let read = matches!(&report.answer, Answer::Answered { readings, .. } if readings.len() == 1);
            assert!(read || report.lost > 0, "{report:?}");
            honest.push(poller);
        }
    }
    let flood = flood.load(Ordering::Relaxed) - before;
    println!("{lost} of {sent} requests lost in a flood of {flood} datagrams");
    assert!(lost * MAY_BE_LOST < sent, "more than one in {MAY_BE_LOST}");
}
