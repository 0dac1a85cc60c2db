//! One socket for all devices of an address family, and a mailbox for each device. What comes is given to the device that
//! it came from and that waits for it; everything else is counted and forgotten.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hasher,
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::Bytes;
use siphasher::sip::SipHasher13;
use tokio::{net::UdpSocket, task::AbortHandle, time::Instant};

use super::message::Head;

/// The largest that UDP can carry.
const DATAGRAM_MOST: usize = 65_535;
/// Messages that may wait for one device's task. Answers to a request and its repetition are two; what is more is a flood.
const LETTERS_MOST: usize = 16;
/// Pause after the kernel refused to receive, so that a fault that stays does not eat a core.
const RECEIVE_PAUSE: Duration = Duration::from_millis(10);

/// A message that came for a device.
#[derive(Debug)]
pub(super) struct Letter {
    pub(super) bytes: Bytes,
    /// When it was taken from the socket.
    pub(super) arrived: Instant,
}

/// What one device waits for, and what came.
#[derive(Default)]
pub(super) struct Mailbox(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    /// Ids of the request under way: one, and with SNMPv3 those of its repetitions.
    ids: Vec<i32>,
    letters: VecDeque<Letter>,
    task: Option<Waker>,
}

impl Mailbox {
    /// From now on answers with this id are taken, and none with an older one.
    pub(super) fn expect(&self, id: i32) {
        let mut waiting = self.lock();
        waiting.ids.clear();
        waiting.letters.clear();
        waiting.ids.push(id);
    }

    /// The same, but what comes for `older` is taken too: the request is the same and has another id.
    pub(super) fn expect_again(&self, id: i32, mut older: impl FnMut(i32) -> bool) {
        let mut waiting = self.lock();
        waiting.ids.retain(|id| older(*id));
        if waiting.ids.is_empty() {
            waiting.letters.clear();
        }
        waiting.ids.push(id);
    }

    /// Nothing is waited for any more.
    pub(super) fn close(&self) {
        let mut waiting = self.lock();
        waiting.ids.clear();
        waiting.letters.clear();
        waiting.task = None;
    }

    /// The next message with an id that is waited for.
    pub(super) async fn letter(&self) -> Letter {
        std::future::poll_fn(|task| self.poll_letter(task)).await
    }

    fn poll_letter(&self, task: &Context<'_>) -> Poll<Letter> {
        let mut waiting = self.lock();
        if let Some(letter) = waiting.letters.pop_front() {
            return Poll::Ready(letter);
        }
        if !waiting.task.as_ref().is_some_and(|old| old.will_wake(task.waker())) {
            waiting.task = Some(task.waker().clone());
        }
        Poll::Pending
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Datagrams that were not an answer, by the reason, since the sockets were opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Foreign {
    /// From an address and port that no device has.
    pub source: u64,
    /// No SNMP message, or not all of one.
    pub broken: u64,
    /// With an id that nothing waits for: an answer that is late or came twice, or a forgery.
    pub unasked: u64,
    /// With the right id, but of another version or community, or with a content that cannot be used.
    pub unusable: u64,
    /// The same once more, or more for one request than anybody reads.
    pub surplus: u64,
}

impl Foreign {
    /// All of them.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.source + self.broken + self.unasked + self.unusable + self.surplus
    }
}

/// The same, while they are counted.
#[derive(Default)]
pub(super) struct Counts {
    source: AtomicU64,
    broken: AtomicU64,
    unasked: AtomicU64,
    unusable: AtomicU64,
    surplus: AtomicU64,
}

impl Counts {
    pub(super) fn read(&self) -> Foreign {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Foreign {
            source: read(&self.source),
            broken: read(&self.broken),
            unasked: read(&self.unasked),
            unusable: read(&self.unusable),
            surplus: read(&self.surplus),
        }
    }
}

/// An open socket, shared by the devices of its address family. It receives as long as somebody holds it.
pub(super) struct Socket {
    shared: Arc<Shared>,
    receiver: AbortHandle,
}

/// What tells devices apart: an IPv6 address has more to it, which a sender may set as it likes.
type Address = (IpAddr, u16);

struct Shared {
    io: UdpSocket,
    local: SocketAddr,
    /// By address and port. Several devices may stand behind one address, and are told apart by the ids.
    mailboxes: RwLock<HashMap<Address, Vec<Arc<Mailbox>>>>,
    counts: Arc<Counts>,
    ids: Ids,
}

impl Socket {
    /// Begins to receive on a bound socket. What is no answer is counted in `counts`.
    pub(super) fn start(io: UdpSocket, counts: Arc<Counts>) -> io::Result<Self> {
        let shared = Arc::new(Shared::new(io, counts)?);
        let receiver = tokio::spawn(receive(Arc::clone(&shared))).abort_handle();
        Ok(Self { shared, receiver })
    }

    pub(super) async fn send(&self, bytes: &[u8], to: SocketAddr) -> io::Result<()> {
        self.shared.io.send_to(bytes, to).await.map(|_| ())
    }

    pub(super) fn local_addr(&self) -> SocketAddr {
        self.shared.local
    }

    /// A number for the next request that nobody outside can guess: never 0, which some agents answer anything with.
    pub(super) fn next_id(&self) -> i32 {
        self.shared.ids.next()
    }

    /// A mailbox for what comes from exactly this address and port.
    pub(super) fn mailbox(&self, peer: SocketAddr) -> Arc<Mailbox> {
        let mailbox = Arc::new(Mailbox::default());
        let mut mailboxes = self.shared.mailboxes.write().unwrap_or_else(PoisonError::into_inner);
        mailboxes.entry(key(peer)).or_insert_with(|| Vec::with_capacity(1)).push(Arc::clone(&mailbox));
        mailbox
    }

    /// Takes the mailbox away again.
    pub(super) fn remove(&self, peer: SocketAddr, mailbox: &Arc<Mailbox>) {
        let mut mailboxes = self.shared.mailboxes.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(there) = mailboxes.get_mut(&key(peer)) {
            there.retain(|other| !Arc::ptr_eq(other, mailbox));
            if there.is_empty() {
                mailboxes.remove(&key(peer));
            }
        }
    }

    /// A message for a device was none after all.
    pub(super) fn count_unusable(&self) {
        self.shared.counts.unusable.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.receiver.abort();
    }
}

async fn receive(shared: Arc<Shared>) {
    let mut buffer = vec![0; DATAGRAM_MOST];
    loop {
        match shared.io.recv_from(&mut buffer).await {
            Ok((length, from)) => shared.deliver(buffer.get(..length).unwrap_or_default(), from),
            Err(error) => {
                tracing::warn!(%error, "the SNMP socket does not receive");
                tokio::time::sleep(RECEIVE_PAUSE).await;
            }
        }
    }
}

impl Shared {
    fn new(io: UdpSocket, counts: Arc<Counts>) -> io::Result<Self> {
        Ok(Self { local: io.local_addr()?, io, mailboxes: RwLock::default(), counts, ids: Ids::seeded()? })
    }

    fn deliver(&self, datagram: &[u8], from: SocketAddr) {
        let arrived = Instant::now();
        let reason = {
            let mailboxes = self.mailboxes.read().unwrap_or_else(PoisonError::into_inner);
            match mailboxes.get(&key(from)) {
                Some(there) => put(there, datagram, arrived),
                None => Err(Reason::Source),
            }
        };
        let count = match reason {
            Ok(()) => return,
            Err(Reason::Source) => &self.counts.source,
            Err(Reason::Broken) => &self.counts.broken,
            Err(Reason::Unasked) => &self.counts.unasked,
            Err(Reason::Surplus) => &self.counts.surplus,
        };
        count.fetch_add(1, Ordering::Relaxed);
        tracing::trace!(%from, ?reason, "not an answer");
    }
}

/// Why a datagram is given to nobody.
#[derive(Debug)]
enum Reason {
    Source,
    Broken,
    Unasked,
    Surplus,
}

/// Gives a datagram to the one of the mailboxes that waits for it.
fn put(mailboxes: &[Arc<Mailbox>], datagram: &[u8], arrived: Instant) -> Result<(), Reason> {
    let head = Head::of(datagram).ok_or(Reason::Broken)?;
    for mailbox in mailboxes {
        let mut waiting = mailbox.lock();
        if waiting.ids.contains(&head.id) {
            let there = waiting.letters.iter().any(|letter| letter.bytes == datagram);
            if there || waiting.letters.len() >= LETTERS_MOST {
                return Err(Reason::Surplus);
            }
            waiting.letters.push_back(Letter { bytes: Bytes::copy_from_slice(datagram), arrived });
            let task = waiting.task.take();
            drop(waiting);
            task.into_iter().for_each(Waker::wake);
            return Ok(());
        }
    }
    Err(Reason::Unasked)
}

fn key(address: SocketAddr) -> Address {
    (address.ip(), address.port())
}

/// Numbers of requests.
struct Ids {
    hasher: SipHasher13,
    count: AtomicU64,
}

impl Ids {
    fn seeded() -> io::Result<Self> {
        let mut key = [0; 16];
        getrandom::fill(&mut key).map_err(|error| io::Error::other(error.to_string()))?;
        Ok(Self { hasher: SipHasher13::new_with_key(&key), count: AtomicU64::new(0) })
    }

    fn next(&self) -> i32 {
        let mut hasher = self.hasher;
        hasher.write_u64(self.count.fetch_add(1, Ordering::Relaxed));
        // 31 bits: RFC 3412 and 3416 have the ids from 0 up.
        i32::try_from(hasher.finish() >> 33).unwrap_or_default().max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEVICE: ([u8; 4], u16) = ([127, 0, 0, 1], 161);

    fn message(id: u8) -> Vec<u8> {
        vec![0x30, 11, 2, 1, 1, 4, 1, b'c', 0xa2, 3, 2, 1, id]
    }

    async fn shared() -> Shared {
        let io = UdpSocket::bind("127.0.0.1:0").await.expect("socket");
        Shared::new(io, Arc::default()).expect("shared")
    }

    #[tokio::test]
    async fn each_gets_what_it_waits_for_and_the_rest_is_counted_by_reason() {
        let shared = shared().await;
        let [first, second] = [(); 2].map(|()| Arc::new(Mailbox::default()));
        let device = SocketAddr::from(DEVICE);
        shared.mailboxes.write().expect("lock").insert(key(device), vec![Arc::clone(&first), Arc::clone(&second)]);
        first.expect(7);
        second.expect(8);
        shared.deliver(&message(8), device);
        assert_eq!(second.letter().await.bytes, message(8), "two devices behind one address");

        let other_port = SocketAddr::from((DEVICE.0, 162));
        shared.deliver(&message(7), other_port);
        shared.deliver(b"garbage", device);
        shared.deliver(&message(9), device);
        (0..3).for_each(|_| shared.deliver(&message(7), device));
        for other in 1..=LETTERS_MOST {
            let mut message = message(7);
            message.extend(vec![0; other]);
            shared.deliver(&message, device);
        }
        first.close();
        shared.deliver(&message(7), device);
        let expected = Foreign { source: 1, broken: 1, unasked: 2, unusable: 0, surplus: 3 };
        assert_eq!(shared.counts.read(), expected);
    }

    #[tokio::test]
    async fn a_repeated_request_still_hears_the_answer_to_the_first() {
        let shared = shared().await;
        let mailbox = Arc::new(Mailbox::default());
        let device = SocketAddr::from(DEVICE);
        shared.mailboxes.write().expect("lock").insert(key(device), vec![Arc::clone(&mailbox)]);
        mailbox.expect_again(7, |_| false);
        shared.deliver(&message(7), device);
        mailbox.expect_again(8, |id| id == 7);
        assert_eq!(mailbox.letter().await.bytes, message(7), "it came between the two");
        shared.deliver(&message(7), device);
        mailbox.expect_again(9, |_| false);
        shared.deliver(&message(9), device);
        assert_eq!(mailbox.letter().await.bytes, message(9), "another request hears nothing of the old one");
    }

    #[test]
    fn ids_are_positive_and_differ() {
        let ids = Ids::seeded().expect("random numbers");
        let some: std::collections::HashSet<i32> = (0..1000).map(|_| ids.next()).collect();
        assert!(some.iter().all(|id| *id > 0) && some.len() >= 999, "{}", some.len());
    }
}
