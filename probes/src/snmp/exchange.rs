//! Asking one device: batches of GETs, with an account of every request that went out.

use std::{
    collections::HashSet,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU8, AtomicU16, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use phusong_model::Micros;
use snmp::{
    Auth, Candidate, Client, ClientBuilder, EngineCache, Error, ErrorKind, ErrorStatus, Oid, ReceiveLimits,
    RequestRegistration, Retry, Transport, UdpHandle, Version,
};

use super::{Timing, refusal, text, values::Values, walk::Pace};

/// First wait before a request is repeated; it doubles, with jitter.
const BACKOFF_FIRST: Duration = Duration::from_millis(200);
/// Longest wait before a request is repeated.
const BACKOFF_MOST: Duration = Duration::from_secs(2);
/// Share of the wait that chance adds or takes, so that devices that fell silent together are not asked together.
const BACKOFF_JITTER: f64 = 0.25;

/// Said of an answer in which there is nothing to use.
const OTHER_OBJECTS: &str = "the answer names none of the objects that were asked for";

/// Why a device gave no values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// Nothing came back in time.
    Silent,
    /// Something came back, but no values.
    Refused(String),
    /// Our own side could not ask.
    NotSent(String),
}

impl Failure {
    /// Every kind is named, so that a new one of the library is looked at when its version is raised.
    fn of(error: &Error) -> Self {
        let cause = error.exchange_source();
        let words = || text::short(&cause.to_string());
        match cause.kind() {
            ErrorKind::Timeout => Self::Silent,
            ErrorKind::Snmp
            | ErrorKind::Auth
            | ErrorKind::Report
            | ErrorKind::Decode
            | ErrorKind::MalformedResponse
            | ErrorKind::ResponseShape
            | ErrorKind::WalkAborted => Self::Refused(words()),
            ErrorKind::Network
            | ErrorKind::ConstructionTimeout
            | ErrorKind::Closed
            | ErrorKind::RequestIdInUse
            | ErrorKind::OutboundMessageTooLarge
            | ErrorKind::Config
            | ErrorKind::AuthoritativeEnginePersistence
            | ErrorKind::Privacy
            | ErrorKind::RandomSource
            | ErrorKind::AgentAlreadyRunning
            | ErrorKind::InvalidMessage
            | ErrorKind::InvalidOid
            | _ => Self::NotSent(words()),
        }
    }
}

/// The conversation with one device.
pub(super) struct Session {
    pub(super) client: Client<Counted>,
    pub(super) pace: Pace,
    /// SNMPv1: what the device said it does not have.
    absent: Mutex<HashSet<Oid>>,
    tally: Arc<Tally>,
}

/// Why a GET gave nothing.
struct Refused {
    failure: Failure,
    /// SNMPv1: the object that the device does not have.
    absent: Option<Oid>,
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self { failure, absent: None }
    }
}

impl Session {
    pub(super) fn new(
        handle: UdpHandle,
        auth: Auth,
        engines: Arc<EngineCache>,
        timing: Timing,
    ) -> Result<Self, Box<Error>> {
        let tally = Arc::new(Tally::default());
        let retry = Retry::exponential(u32::from(timing.retries))
            .initial_delay(BACKOFF_FIRST)
            .max_delay(BACKOFF_MOST)
            .jitter(BACKOFF_JITTER)
            .build()
            .map_err(|error| Box::new(Error::Config(error.to_string().into())))?;
        let client = ClientBuilder::new(auth)
            .engine_cache(engines)
            .request_timeout(timing.timeout)
            .retry(retry)
            // Batches are cut here, where it is known which objects belong together.
            .max_oids_per_request(usize::from(u16::MAX))
            .build_with_transport(Counted { handle, tally: Arc::clone(&tally) })?;
        Ok(Self { client, pace: Pace::default(), absent: Mutex::default(), tally })
    }

    /// Forgets the requests counted so far.
    pub(super) fn start_count(&self) {
        self.tally.sent.store(0, Ordering::Relaxed);
        self.tally.answered.store(0, Ordering::Relaxed);
        self.tally.rtt.store(NO_RTT, Ordering::Relaxed);
        self.tally.unusable.store(refusal::NONE, Ordering::Relaxed);
    }

    fn refused(&self, error: &Error) -> Refused {
        let absent =
            if let Error::Snmp { status: ErrorStatus::NoSuchName, oid: Some(oid), .. } = error.exchange_source() {
                Some((**oid).clone())
            } else {
                None
            };
        Refused { failure: self.failure(error), absent }
    }

    /// A time-out after answers that could not be used is a refusal: the device is there.
    fn failure(&self, error: &Error) -> Failure {
        match (Failure::of(error), refusal::words(self.tally.unusable.load(Ordering::Relaxed))) {
            (Failure::Silent, Some(words)) => Failure::Refused(words.to_owned()),
            (failure, _) => failure,
        }
    }

    /// Requests sent and lost since [`Session::start_count`], and the first round-trip time.
    pub(super) fn count(&self) -> (u16, u16, Option<Micros>) {
        let sent = self.tally.sent.load(Ordering::Relaxed);
        let answered = self.tally.answered.load(Ordering::Relaxed);
        let rtt = self.tally.rtt.load(Ordering::Relaxed);
        (sent, sent.saturating_sub(answered), (rtt != NO_RTT).then_some(Micros(rtt)))
    }

    /// The protocol's version.
    pub(super) fn version(&self) -> Version {
        self.client.version()
    }

    /// Objects that the device did not have may be there now.
    pub(super) fn forget_absent(&self) {
        self.absent.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// GETs all objects in one request, or in several when the device says tooBig. What came before a failure stands.
    ///
    /// SNMPv1 has no exceptions: a device that lacks one object answers none of the request and names the one (RFC 1157,
    /// section 4.1.2). It is asked again without, and not for that one again until the next search, so that a poll costs
    /// as many requests as with the newer versions.
    pub(super) async fn get(&self, asked: &[Oid]) -> Result<Values, Failure> {
        if self.version() != Version::V1 {
            return self.get_present(asked).await.map_err(|refused| refused.failure);
        }
        loop {
            let absent = self.absent.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let wanted: Vec<Oid> = asked.iter().filter(|oid| !absent.contains(*oid)).cloned().collect();
            if wanted.is_empty() {
                return Ok(Values::default());
            }
            match self.get_present(&wanted).await {
                Ok(values) => return Ok(values.of_all(asked, &wanted)),
                // Each turn leaves one object out, so there are no more turns than objects.
                Err(Refused { absent: Some(absent), .. }) if wanted.contains(&absent) => {
                    self.absent.lock().unwrap_or_else(PoisonError::into_inner).insert(absent);
                }
                Err(refused) => return Err(refused.failure),
            }
        }
    }

    async fn get_present(&self, asked: &[Oid]) -> Result<Values, Refused> {
        let mut values = Values::default();
        let mut chunks = self.client.get_many_chunks(asked).map_err(|error| self.refused(&error))?;
        while let Some(chunk) = chunks.next().await {
            match chunk {
                Ok(chunk) => {
                    // An agent that speaks only of other things has not said that these are not there.
                    if !chunk.response.varbinds.iter().any(|bound| asked.contains(&bound.oid)) {
                        return Ok(values.cut(Failure::Refused(OTHER_OBJECTS.to_owned()))?);
                    }
                    let bound = chunk.response.varbinds.into_iter().map(|bound| (bound.oid, bound.value));
                    values.take(asked, chunk.request_range.len(), bound);
                }
                Err(error) => {
                    let refused = self.refused(&error.source);
                    // Without the absent object the whole is asked again.
                    return if refused.absent.is_some() { Err(refused) } else { Ok(values.cut(refused.failure)?) };
                }
            }
        }
        Ok(values)
    }
}

/// No request was answered yet.
const NO_RTT: u32 = u32::MAX;

struct Tally {
    sent: AtomicU16,
    answered: AtomicU16,
    rtt: AtomicU32,
    /// What the last answer was that nobody could use; see [`refusal`].
    unusable: AtomicU8,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            sent: AtomicU16::new(0),
            answered: AtomicU16::new(0),
            rtt: AtomicU32::new(NO_RTT),
            unusable: AtomicU8::new(refusal::NONE),
        }
    }
}

impl Tally {
    /// Only the first round trip is kept: the one that found the device idle.
    fn answer(&self, after: Duration) {
        self.answered.fetch_add(1, Ordering::Relaxed);
        let micros = u32::try_from(after.as_micros()).unwrap_or(NO_RTT).min(NO_RTT - 1);
        let _ = self.rtt.compare_exchange(NO_RTT, micros, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// The library repeats requests by itself and tells nobody, so requests are counted where they leave.
pub(super) struct Counted {
    handle: UdpHandle,
    tally: Arc<Tally>,
}

impl Transport for Counted {
    async fn send(&self, data: &[u8]) -> snmp::Result<()> {
        self.handle.send(data).await
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
        // Counted first: for SNMPv3 the library drops this future when it sends the request again.
        self.tally.sent.fetch_add(1, Ordering::Relaxed);
        let started = Instant::now();
        let mut answered = false;
        let counted = |data: Bytes, source| {
            if !std::mem::replace(&mut answered, true) {
                self.tally.answer(started.elapsed());
            }
            let verdict = validate(data.clone(), source);
            let unusable = matches!(verdict, Ok(Candidate::Reject));
            self.tally.unusable.store(if unusable { refusal::of(&data) } else { refusal::NONE }, Ordering::Relaxed);
            verdict
        };
        let result = self.handle.request_with(data, registration, counted).await;
        if let Err(error) = &result
            && matches!(Failure::of(error), Failure::NotSent(_))
        {
            self.tally.sent.fetch_sub(1, Ordering::Relaxed);
        }
        result
    }

    fn peer_addr(&self) -> SocketAddr {
        self.handle.peer_addr()
    }

    fn local_addr(&self) -> SocketAddr {
        self.handle.local_addr()
    }

    fn is_reliable(&self) -> bool {
        self.handle.is_reliable()
    }

    fn receive_limits(&self) -> ReceiveLimits {
        self.handle.receive_limits()
    }

    fn send_capacity(&self) -> usize {
        self.handle.send_capacity()
    }
}
