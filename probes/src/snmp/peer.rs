//! One device at the other end of the shared socket, and the account of the requests sent to it. The SNMP library's client
//! for SNMPv3 speaks through it too.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicU16, AtomicU32, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use phusong_model::Micros;
use snmp::{Candidate, Error, RequestRegistration, ResponseIdentity, Transport};
use tokio::time::{Instant, timeout_at};

use super::{
    refusal,
    socket::{Letter, Mailbox, Socket},
};

/// The device's address and mailbox. It takes one request at a time. Clones are the same.
#[derive(Clone)]
pub(super) struct Peer(Arc<Inner>);

struct Inner {
    socket: Arc<Socket>,
    address: SocketAddr,
    mailbox: Arc<Mailbox>,
    tally: Tally,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.socket.remove(self.address, &self.mailbox);
    }
}

/// What became of the requests of one poll.
struct Tally {
    sent: AtomicU16,
    answered: AtomicU16,
    rtt: AtomicU32,
    /// What the last answer was that nobody could use; see [`refusal`].
    unusable: AtomicU8,
}

/// No request was answered yet.
const NO_RTT: u32 = u32::MAX;

impl Peer {
    pub(super) fn new(socket: Arc<Socket>, address: SocketAddr) -> Self {
        let mailbox = socket.mailbox(address);
        let tally = Tally {
            sent: AtomicU16::new(0),
            answered: AtomicU16::new(0),
            rtt: AtomicU32::new(NO_RTT),
            unusable: AtomicU8::new(refusal::NONE),
        };
        Self(Arc::new(Inner { socket, address, mailbox, tally }))
    }

    /// The number of the next request.
    pub(super) fn next_id(&self) -> i32 {
        self.0.socket.next_id()
    }

    /// Forgets the requests counted so far.
    pub(super) fn start_count(&self) {
        let tally = &self.0.tally;
        tally.sent.store(0, Ordering::Relaxed);
        tally.answered.store(0, Ordering::Relaxed);
        tally.rtt.store(NO_RTT, Ordering::Relaxed);
        tally.unusable.store(refusal::NONE, Ordering::Relaxed);
    }

    /// Requests sent and lost since [`Peer::start_count`], and the first round-trip time.
    pub(super) fn count(&self) -> (u16, u16, Option<Micros>) {
        let tally = &self.0.tally;
        let sent = tally.sent.load(Ordering::Relaxed);
        let answered = tally.answered.load(Ordering::Relaxed);
        let rtt = tally.rtt.load(Ordering::Relaxed);
        (sent, sent.saturating_sub(answered), (rtt != NO_RTT).then_some(Micros(rtt)))
    }

    /// What is said of the last answer since [`Peer::start_count`], if it was one that nobody could use.
    pub(super) fn unusable(&self) -> Option<&'static str> {
        refusal::words(self.0.tally.unusable.load(Ordering::Relaxed))
    }

    /// Waits for answers with this id, and with no other, until the guard is dropped.
    pub(super) fn expect(&self, id: i32) -> Expecting<'_> {
        self.0.mailbox.expect(id);
        Expecting(self)
    }

    /// Sends one request, or its repetition.
    pub(super) async fn send(&self, message: &[u8]) -> io::Result<Instant> {
        // Counted first: the library drops this future when it sends the request again.
        self.0.tally.sent.fetch_add(1, Ordering::Relaxed);
        let now = Instant::now();
        match self.0.socket.send(message, self.0.address).await {
            Ok(()) => Ok(now),
            Err(error) => {
                self.0.tally.sent.fetch_sub(1, Ordering::Relaxed);
                Err(error)
            }
        }
    }

    /// What comes with an id that is waited for, or nothing until then.
    pub(super) async fn letter(&self, until: Instant) -> Option<Letter> {
        timeout_at(until, self.0.mailbox.letter()).await.ok()
    }

    /// A request was answered after so long; it is not known of one that was repeated, because nothing says which of the
    /// two the answer is to (Karn's rule). Only the first round trip is kept: the one that found the device idle.
    pub(super) fn count_answer(&self, after: Option<Duration>) {
        let tally = &self.0.tally;
        tally.answered.fetch_add(1, Ordering::Relaxed);
        let Some(after) = after else { return };
        let micros = u32::try_from(after.as_micros()).unwrap_or(NO_RTT).min(NO_RTT - 1);
        let _ = tally.rtt.compare_exchange(NO_RTT, micros, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// An answer was used.
    pub(super) fn count_used(&self) {
        self.0.tally.unusable.store(refusal::NONE, Ordering::Relaxed);
    }

    /// An answer belonged to the request and could not be used.
    pub(super) fn count_unusable(&self, answer: &[u8]) {
        self.0.tally.unusable.store(refusal::of(answer), Ordering::Relaxed);
        self.0.socket.count_unusable();
    }

    /// Something came with the right id that was not for us: of another version, or of another community.
    pub(super) fn count_stranger(&self) {
        self.0.socket.count_unusable();
    }
}

/// See [`Peer::expect`].
pub(super) struct Expecting<'a>(&'a Peer);

impl Drop for Expecting<'_> {
    fn drop(&mut self) {
        self.0.0.mailbox.close();
    }
}

/// For SNMPv3. The library makes each repetition a request of its own with a new id, and names the ids before.
impl Transport for Peer {
    async fn send(&self, data: &[u8]) -> snmp::Result<()> {
        Self::send(self, data).await.map(|_| ()).map_err(|source| self.network(source))
    }

    async fn request_with<T, F>(
        &self,
        data: &[u8],
        registration: RequestRegistration,
        mut validate: F,
    ) -> snmp::Result<T>
    where
        T: Send,
        F: FnMut(Bytes, SocketAddr) -> snmp::Result<Candidate<T>> + Send,
    {
        let older = registration.aliases();
        self.0.mailbox.expect_again(registration.request_id(), |id| older.contains(&id));
        let sent = Self::send(self, data).await.map_err(|source| self.network(source))?;
        let mut answered = false;
        while let Some(letter) = self.letter(registration.deadline()).await {
            if registration.evaluate_response_identity(&letter.bytes, true) == ResponseIdentity::Reject {
                self.count_stranger();
                continue;
            }
            if !std::mem::replace(&mut answered, true) {
                let first = older.is_empty();
                self.count_answer(first.then(|| letter.arrived.saturating_duration_since(sent)));
            }
            match validate(letter.bytes.clone(), self.0.address)? {
                Candidate::Accept(answer) => {
                    self.count_used();
                    self.0.mailbox.close();
                    return Ok(answer);
                }
                Candidate::Reject => self.count_unusable(&letter.bytes),
            }
        }
        Err(Error::Timeout { target: self.0.address, elapsed: sent.elapsed(), retries: 0 }.boxed())
    }

    fn peer_addr(&self) -> SocketAddr {
        self.0.address
    }

    fn local_addr(&self) -> SocketAddr {
        self.0.socket.local_addr()
    }

    fn alloc_request_id(&self) -> i32 {
        self.next_id()
    }

    fn is_reliable(&self) -> bool {
        false
    }
}

impl Peer {
    fn network(&self, source: io::Error) -> Box<Error> {
        Error::Network { target: self.0.address, source }.boxed()
    }
}
