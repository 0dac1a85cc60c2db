//! Asking one device, over whatever version it speaks: batches of GETs, and rows of a table.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use phusong_model::Micros;
use snmp::{Auth, Client, ClientBuilder, EngineCache, Error, ErrorKind, ErrorStatus, Oid, Retry, VarBind, Version};

use super::{
    Timing,
    community::{BACKOFF_FIRST, BACKOFF_JITTER, BACKOFF_MOST, Community},
    message::{Bound, Request},
    objects::Objects,
    peer::Peer,
    text,
    values::Values,
    walk::Pace,
};

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
    pub(super) fn not_sent(error: &dyn std::fmt::Display) -> Self {
        Self::NotSent(text::short(&error.to_string()))
    }

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
    language: Language,
    peer: Peer,
    pub(super) pace: Pace,
    /// SNMPv1: names of what the device said it does not have.
    absent: Mutex<HashSet<Box<[u8]>>>,
}

enum Language {
    /// SNMPv1 and v2c.
    Community(Community),
    /// SNMPv3.
    User(Box<User>),
}

struct User {
    client: Client<Peer>,
    auth: Auth,
    timing: Timing,
}

/// Why a request gave nothing.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) failure: Failure,
    /// What the device said.
    pub(super) status: Option<ErrorStatus>,
    /// Which of the objects it is about.
    pub(super) at: Option<usize>,
}

impl Refused {
    /// The answer would not fit into a message.
    pub(super) fn too_big(&self) -> bool {
        self.status == Some(ErrorStatus::TooBig)
    }

    /// SNMPv1: the object that the device does not have.
    fn absent(&self) -> Option<usize> {
        self.at.filter(|_| self.status == Some(ErrorStatus::NoSuchName))
    }
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self { failure, status: None, at: None }
    }
}

impl From<Box<Error>> for Refused {
    fn from(error: Box<Error>) -> Self {
        let status = if let Error::Snmp { status, .. } = error.exchange_source() { Some(*status) } else { None };
        Self { failure: Failure::of(&error), status, at: None }
    }
}

impl Session {
    pub(super) fn new(peer: Peer, auth: Auth, engines: Arc<EngineCache>, timing: Timing) -> Result<Self, Box<Error>> {
        let language = match auth {
            Auth::Community { version, community } => {
                Language::Community(Community { peer: peer.clone(), version, community, timing })
            }
            Auth::Usm(_) => {
                let client = client(peer.clone(), auth.clone(), engines, timing)?;
                Language::User(Box::new(User { client, auth, timing }))
            }
        };
        Ok(Self { language, peer, pace: Pace::default(), absent: Mutex::default() })
    }

    /// Forgets the requests counted so far.
    pub(super) fn start_count(&self) {
        self.peer.start_count();
    }

    /// Requests sent and lost since [`Session::start_count`], and the first round-trip time.
    pub(super) fn count(&self) -> (u16, u16, Option<Micros>) {
        self.peer.count()
    }

    /// SNMPv3: asks the device again who it is and what time it has. A device that was replaced, or that lost the count of
    /// its starts, signs with an engine or a time that is refused, and would be for hours. Nothing old can be taken for an
    /// answer by that: each has the ids of its request under its signature.
    pub(super) fn forget_engine(&mut self) {
        if let Language::User(user) = &mut self.language {
            let engines = Arc::new(EngineCache::new());
            match client(self.peer.clone(), user.auth.clone(), engines, user.timing) {
                Ok(client) => user.client = client,
                Err(error) => tracing::debug!(%error, "the SNMPv3 engine is not asked again"),
            }
        }
    }

    /// The protocol's version.
    pub(super) fn version(&self) -> Version {
        match &self.language {
            Language::Community(community) => community.version.into(),
            Language::User(_) => Version::V3,
        }
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
    pub(super) async fn get<'a>(&self, objects: &'a Objects) -> Result<Values<'a>, Failure> {
        let community = match &self.language {
            Language::User(user) => return self.get_by_user(&user.client, objects).await,
            Language::Community(community) => community,
        };
        if self.version() != Version::V1 {
            return self.get_by_community(community, objects).await.map_err(|refused| refused.failure);
        }
        loop {
            let present = {
                let absent = self.absent.lock().unwrap_or_else(PoisonError::into_inner);
                objects.filtered(|name| !absent.contains(name))
            };
            match self.get_by_community(community, &present).await {
                Ok(values) => return Ok(values.of_all(objects)),
                // Each turn leaves one object out, so there are no more turns than objects.
                Err(refused) => match refused.absent().and_then(|at| present.name(at)) {
                    Some(absent) => {
                        self.absent.lock().unwrap_or_else(PoisonError::into_inner).insert(absent.into());
                    }
                    None => return Err(refused.failure),
                },
            }
        }
    }

    async fn get_by_community<'a>(&self, community: &Community, objects: &'a Objects) -> Result<Values<'a>, Refused> {
        let mut values = Values::none_of(objects);
        let mut most = objects.len();
        while values.covered() < objects.len() {
            let from = values.covered();
            let piece = from..objects.len().min(from + most);
            match community.ask(Request::get(objects.piece(piece.clone()))).await {
                Ok(bound) if !values.speaks_of(&bound) => {
                    return Ok(values.cut(Failure::Refused(OTHER_OBJECTS.to_owned()))?);
                }
                Ok(bound) => values.take(piece.len(), bound),
                Err(refused) if refused.too_big() && piece.len() > 1 => most = piece.len().div_ceil(2),
                // Without the absent object the whole is asked again.
                Err(refused) if refused.absent().is_some() && self.version() == Version::V1 => {
                    return Err(Refused { at: refused.at.map(|at| from + at), ..refused });
                }
                Err(refused) => return Ok(values.cut(self.told(refused).failure)?),
            }
        }
        Ok(values)
    }

    async fn get_by_user<'a>(&self, client: &Client<Peer>, objects: &'a Objects) -> Result<Values<'a>, Failure> {
        let not_sent = |error: Box<Error>| Failure::not_sent(&error);
        let mut values = Values::none_of(objects);
        let asked = objects.oids().map_err(not_sent)?;
        let mut chunks = client.get_many_chunks(&asked).map_err(not_sent)?;
        while let Some(chunk) = chunks.next().await {
            match chunk {
                Ok(chunk) => {
                    let bound: Vec<Bound> = chunk.response.varbinds.into_iter().filter_map(named).collect();
                    if !values.speaks_of(&bound) {
                        return values.cut(Failure::Refused(OTHER_OBJECTS.to_owned()));
                    }
                    values.take(chunk.request_range.len(), bound);
                }
                Err(error) => return values.cut(self.told(error.source.into()).failure),
            }
        }
        Ok(values)
    }

    /// The object behind one, or so many if the version can ask for that; as the device gives them.
    pub(super) async fn rows(&self, after: &Oid, rows: Option<u32>) -> Result<Vec<VarBind>, Refused> {
        let answer = match &self.language {
            Language::Community(community) => {
                let after = Objects::of(std::slice::from_ref(after)).map_err(|error| Failure::not_sent(&error))?;
                let list = after.piece(0..1);
                let rows = rows.filter(|_| self.version() != Version::V1).and_then(|rows| i32::try_from(rows).ok());
                let request = rows.map_or(Request::next(list), |rows| Request::bulk(list, rows));
                community.ask(request).await.and_then(numbered)
            }
            Language::User(user) => match rows {
                Some(rows) => user.client.get_bulk(std::slice::from_ref(after), 0, rows).await.map_err(Refused::from),
                None => user.client.get_next(after).await.map(|response| response.varbinds).map_err(Refused::from),
            },
        };
        answer.map_err(|refused| self.told(refused))
    }

    /// A time-out after answers that could not be used is a refusal: the device is there.
    fn told(&self, refused: Refused) -> Refused {
        match (&refused.failure, self.peer.unusable()) {
            (Failure::Silent, Some(words)) => Failure::Refused(words.to_owned()).into(),
            (Failure::Silent | Failure::Refused(_) | Failure::NotSent(_), _) => refused,
        }
    }
}

/// With its name as it is on the wire; one that could not be there was not asked for either.
fn named(bound: VarBind) -> Option<Bound> {
    Some(Bound { name: bound.oid.to_ber().ok()?.into(), value: bound.value })
}

fn numbered(bound: Vec<Bound>) -> Result<Vec<VarBind>, Refused> {
    let mut numbered = Vec::with_capacity(bound.len());
    for Bound { name, value } in bound {
        let unusable = |_| Failure::Refused("the device names an object that is none".to_owned());
        numbered.push(VarBind::new(Oid::from_ber(&name).map_err(unusable)?, value));
    }
    Ok(numbered)
}

fn client(peer: Peer, auth: Auth, engines: Arc<EngineCache>, timing: Timing) -> Result<Client<Peer>, Box<Error>> {
    let retry = Retry::exponential(u32::from(timing.retries))
        .initial_delay(BACKOFF_FIRST)
        .max_delay(BACKOFF_MOST)
        .jitter(BACKOFF_JITTER)
        .build()
        .map_err(|error| Box::new(Error::Config(error.to_string().into())))?;
    ClientBuilder::new(auth)
        .engine_cache(engines)
        .request_timeout(timing.timeout)
        .retry(retry)
        // Batches are cut here, where it is known which objects belong together.
        .max_oids_per_request(usize::from(u16::MAX))
        .build_with_transport(peer)
}
