//! Where questions are answered: the same HTTP on the Unix socket of the CLI and on a loopback port for the page.

mod html;
mod imports;
mod influx;
mod notify;
mod orders;
mod page;
mod probe;
mod store;

use std::{net::IpAddr, path::PathBuf, sync::Arc};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Path, Query as UrlQuery, Request, State, rejection::QueryRejection},
    http::{HeaderValue, StatusCode, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use phusong_model::{
    Evidence, Health,
    answer::{Answer, AskError, Query, Source, Topic},
    command::OrderError,
    config::Config,
};
use phusong_probes::{icmp::ReplyLoss, service::Trust};
use phusong_store::{Reader, StoreError};
use serde::Serialize;
use tokio::sync::{Semaphore, mpsc, watch};

pub(crate) use orders::Peer;

use crate::{
    coverage::Far,
    imports::ImportRequest,
    influx::Replicas,
    notify::Channels,
    on_demand::{NotNow, OnDemand},
    orders::Order,
    recorder::WeakRecorder,
    tick::wall,
};

/// Questions that are answered at once; others wait for their turn. Each reads all evidence, which at 33,000 links is
/// 50 MB and half a second of a core: sixty at once took 3.4 GB and held up the ticks for 35 s.
const AT_ONCE: usize = 2;

/// The longest order in bytes: a reason of 200 characters, and room.
const ORDER_MOST: usize = 64 << 10;

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct Api {
    folder: Arc<PathBuf>,
    turns: Arc<Semaphore>,
    health: watch::Receiver<Option<Health>>,
    on_demand: Arc<OnDemand>,
    orders: mpsc::Sender<Order>,
    vantage: Arc<str>,
    told: watch::Receiver<Channels>,
    recorder: WeakRecorder,
    replicas: Option<Arc<Replicas>>,
    imports: Option<mpsc::Sender<ImportRequest>>,
    computing: watch::Receiver<Far>,
}

/// Why a question has no answer.
pub(crate) enum Failure {
    /// The question is wrong.
    Asked(AskError),
    /// The order cannot be carried out.
    Order(OrderError),
    /// Its parameters cannot be read.
    Query(String),
    /// The store cannot be read.
    Store(StoreError),
    /// A look on demand cannot be had now.
    NotNow(NotNow),
    /// The task that answers has stopped.
    Stopped,
}

impl Api {
    pub(crate) fn new(
        config: &Config,
        health: watch::Receiver<Option<Health>>,
        (trust, told): (watch::Receiver<Trust>, watch::Receiver<Channels>),
        orders: mpsc::Sender<Order>,
        recorder: WeakRecorder,
    ) -> Self {
        let (turns, on_demand) = (Arc::new(Semaphore::new(AT_ONCE)), Arc::new(OnDemand::new(trust)));
        let (folder, vantage) = (Arc::new(config.store.folder.clone()), config.vantage.as_str().into());
        let (replicas, imports, computing) = (None, None, watch::channel(None).1);
        Self { folder, turns, health, on_demand, orders, vantage, told, recorder, replicas, imports, computing }
    }

    /// The same with replicas that can be ordered about, somebody who carries out orders about datasets and tells how far
    /// that is, and in the demo with what its script drops.
    pub(crate) fn with(
        self,
        replicas: Replicas,
        imports: mpsc::Sender<ImportRequest>,
        computing: watch::Receiver<Far>,
        losses: Option<watch::Receiver<Vec<ReplyLoss>>>,
    ) -> Self {
        let on_demand = Arc::new(self.on_demand.deceived(losses));
        Self { replicas: Some(Arc::new(replicas)), imports: Some(imports), computing, on_demand, ..self }
    }

    /// The routes for the page's port. A browser that a foreign site sent here by a name of its own gets nothing.
    pub(crate) fn page_router(self) -> Router {
        self.questions().layer(axum::middleware::map_response(harden)).layer(axum::middleware::from_fn(only_own_names))
    }

    /// The routes for the Unix socket, whose group may also have links looked at and give orders.
    pub(crate) fn router(self) -> Router {
        let ordered = Router::new()
            .route("/api/v1/probe", post(probe::answer))
            // Of the same name as a question, which both methods must reach.
            .route("/api/v1/maintenance", post(orders::plan).get(announced))
            .route("/api/v1/maintenance/{id}/end", post(orders::end))
            .route("/api/v1/outages/{id}/ack", post(orders::acknowledge))
            .route("/api/v1/notify/test", post(notify::test))
            .route("/api/v1/store/compact", post(store::compact))
            .route("/api/v1/influx/retry", post(influx::retry))
            .route("/api/v1/influx/verify", post(influx::verify))
            .route("/api/v1/imports/force", post(imports::force))
            .route("/api/v1/imports/progress", get(imports::progress))
            .layer(DefaultBodyLimit::max(ORDER_MOST))
            // A file goes to the disk piece by piece, and has a limit of its own.
            .route("/api/v1/imports", post(imports::import))
            .with_state(self.clone());
        self.questions().merge(ordered).layer(axum::middleware::map_response(harden))
    }

    /// What both listeners answer; it only reads.
    fn questions(self) -> Router {
        Router::new().route("/", get(page::show)).route("/api/v1/{topic}", get(answer)).with_state(self)
    }

    /// Answers a question from the store.
    async fn ask(&self, query: Query) -> Result<Answer, Failure> {
        self.read(query.clone(), move |evidence| phusong_gaps::answer(evidence, &query, Source::Daemon)).await
    }

    /// Reads the store once and answers from it, off the async threads. Who stops waiting loses the turn; an answer that
    /// is being made keeps it to its end.
    async fn read<T: Send + 'static>(
        &self,
        query: Query,
        answer: impl FnOnce(&Evidence) -> Result<T, AskError> + Send + 'static,
    ) -> Result<T, Failure> {
        let turn = self.turns.clone().acquire_owned().await.map_err(|_| Failure::Stopped)?;
        let folder = self.folder.clone();
        let (health, recorder) = (self.health.borrow().clone(), self.recorder.clone());
        let answering = tokio::task::spawn_blocking(move || {
            let _until_answered = turn;
            answer(&evidence(&folder, health, &recorder, &query)?).map_err(Failure::Asked)
        });
        answering.await.unwrap_or(Err(Failure::Stopped))
    }
}

/// The daemon reads its own store as the CLI does, so that both give the same figures for the same question; only the
/// health of the parts is newer than what was written. While the disk refuses, what waits for it is laid over what is
/// there, and the answer says that it is not stored.
fn evidence(
    folder: &std::path::Path,
    health: Option<Health>,
    recorder: &WeakRecorder,
    query: &Query,
) -> Result<Evidence, Failure> {
    // Taken before the store is read: a tick that is written in between is then on disk, and not laid over it.
    let (unstored, store) = (recorder.room().unstored(), recorder.room().health());
    let now = wall();
    let read = Reader::open(folder).and_then(|reader| {
        let mut evidence = reader.evidence_about(now, query, unstored.as_ref())?;
        if let Some(of) = phusong_gaps::close_up(&evidence, query) {
            evidence.close_up = Some(reader.close_up(&of, evidence.window)?);
        }
        Ok(evidence)
    });
    let mut evidence = match (read, unstored) {
        (Ok(evidence), _) => evidence,
        (Err(_), Some(unstored)) => unstored.alone(now, query.window(now)),
        (Err(error), None) => {
            if error.is_unreadable() {
                recorder.damaged(error.to_string());
            }
            return Err(Failure::Store(error));
        }
    };
    if let Some(health) = health {
        evidence.health = Some(Health { store, ..health });
    }
    Ok(evidence)
}

/// `GET /api/v1/maintenance`, where orders are given, too.
async fn announced(api: State<Api>, asked: Result<UrlQuery<Query>, QueryRejection>) -> Result<Json<Answer>, Failure> {
    answer(api, Path(Topic::Maintenance.id().to_owned()), asked).await
}

/// `GET /api/v1/{topic}`, with what narrows the question as parameters ([`Query::parameters`]).
async fn answer(
    State(api): State<Api>,
    Path(topic): Path<String>,
    asked: Result<UrlQuery<Query>, QueryRejection>,
) -> Result<Json<Answer>, Failure> {
    let UrlQuery(asked) = asked.map_err(|rejection| Failure::Query(rejection.body_text()))?;
    let topic =
        Topic::ALL.into_iter().find(|known| known.id() == topic).ok_or(Failure::Asked(AskError::UnknownTopic))?;
    api.ask(Query { topic, ..asked }).await.map(Json)
}

/// The body of an answer with status 503.
#[derive(Serialize)]
struct Unavailable {
    error: &'static str,
    reason: String,
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Asked(error) => {
                let status = match error {
                    AskError::UnknownCommune { .. }
                    | AskError::UnknownLink { .. }
                    | AskError::UnknownGroup { .. }
                    | AskError::UnknownDistrict { .. }
                    | AskError::UnknownOperator { .. }
                    | AskError::UnknownOutage { .. }
                    | AskError::UnknownTopic => StatusCode::NOT_FOUND,
                    AskError::AmbiguousCommune { .. }
                    | AskError::AmbiguousLink { .. }
                    | AskError::NoCommune
                    | AskError::NoLink
                    | AskError::NoOutage
                    | AskError::NoGroup { .. }
                    | AskError::UnknownRank { .. } => StatusCode::BAD_REQUEST,
                };
                (status, Json(error)).into_response()
            }
            Self::Order(error) => {
                let status = match error {
                    OrderError::UnknownWork { .. }
                    | OrderError::UnknownOutage { .. }
                    | OrderError::UnknownChannel { .. }
                    | OrderError::UnknownReplica { .. }
                    | OrderError::UnknownDataset { .. }
                    | OrderError::UnknownImport { .. }
                    | OrderError::NothingBefore { .. } => StatusCode::NOT_FOUND,
                    OrderError::NotStored { .. } => StatusCode::SERVICE_UNAVAILABLE,
                    OrderError::NoScope
                    | OrderError::NoWindow
                    | OrderError::Backwards { .. }
                    | OrderError::Over { .. }
                    | OrderError::TooLong
                    | OrderError::NoReason
                    | OrderError::WorkIsOver { .. }
                    | OrderError::TooLongNote
                    | OrderError::NoChannels
                    | OrderError::NoReplicas
                    | OrderError::Faulty { .. }
                    | OrderError::DatasetName
                    | OrderError::TooMuch { .. } => StatusCode::BAD_REQUEST,
                };
                (status, Json(error)).into_response()
            }
            Self::Query(reason) => {
                (StatusCode::BAD_REQUEST, Json(Unavailable { error: "bad-query", reason })).into_response()
            }
            Self::Store(error) => {
                let reason = format!("{:#}", anyhow::Error::from(error));
                (StatusCode::SERVICE_UNAVAILABLE, Json(Unavailable { error: "store", reason })).into_response()
            }
            Self::NotNow(NotNow::Busy) => {
                let reason = "too many looks on demand at once; try again in some seconds".to_owned();
                (StatusCode::TOO_MANY_REQUESTS, Json(Unavailable { error: "busy", reason })).into_response()
            }
            Self::Stopped | Self::NotNow(NotNow::Stopped) => {
                let reason = "the task that answers has stopped".to_owned();
                (StatusCode::INTERNAL_SERVER_ERROR, Json(Unavailable { error: "stopped", reason })).into_response()
            }
        }
    }
}

/// Lets pass what was asked by a loopback address or `localhost`: a name that an attacker lets point here (DNS
/// rebinding) is neither.
async fn only_own_names(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    if host.is_some_and(is_own_name) {
        return next.run(request).await;
    }
    let reason = "ask by 127.0.0.1, [::1] or localhost".to_owned();
    (StatusCode::MISDIRECTED_REQUEST, Json(Unavailable { error: "foreign-host", reason })).into_response()
}

fn is_own_name(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host();
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// No outside request, no script, no framing, no guessing of types; answers are never cached.
async fn harden(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let policy =
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use std::{
        future::IntoFuture as _,
        pin::pin,
        task::{Context, Waker},
    };

    use super::*;

    #[tokio::test]
    async fn a_crowd_of_askers_takes_turns() {
        let folder = tempfile::tempdir().expect("folder");
        let api = api(folder.path());
        let busy = api.turns.clone().acquire_many_owned(AT_ONCE as u32).await.expect("all turns");
        let mut ask = pin!(api.ask(Query::about(Topic::Status)));
        assert!(ask.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert_eq!(api.turns.available_permits(), 0);
        drop(busy);
        assert!(matches!(ask.await, Err(Failure::Store(StoreError::NotFound { .. }))));
        assert_eq!(api.turns.available_permits(), AT_ONCE);
    }

    fn api(folder: &std::path::Path) -> Api {
        let trust = Trust::load(None).expect("the system's certificates");
        let told = Channels { all: Vec::new(), inventory: Arc::default() };
        let mut config = Config::default();
        config.store.folder = folder.to_owned();
        let seen = (watch::channel(trust).1, watch::channel(told).1);
        let recorder = crate::recorder::Recorder::without_thread().downgrade();
        Api::new(&config, watch::channel(None).1, seen, mpsc::channel(1).0, recorder)
    }

    /// The status line of an answer.
    async fn status_of(router: Router, method: &str, path: &str) -> String {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let serving = tokio::spawn(axum::serve(listener, router).into_future());
        let mut stream = tokio::net::TcpStream::connect(address).await.expect("connects");
        let question =
            format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        stream.write_all(question.as_bytes()).await.expect("asks");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        serving.abort();
        answer.lines().next().unwrap_or_default().to_owned()
    }

    #[tokio::test]
    async fn only_the_socket_has_links_looked_at_and_only_when_told_to() {
        let folder = tempfile::tempdir().expect("folder");
        let api = api(folder.path());
        let path = "/api/v1/probe?link=x";
        let page = status_of(api.clone().page_router(), "POST", path).await;
        assert_eq!(page, "HTTP/1.1 405 Method Not Allowed");
        let read = status_of(api.clone().router(), "GET", path).await;
        assert_eq!(read, "HTTP/1.1 405 Method Not Allowed");
        let told = status_of(api.router(), "POST", path).await;
        assert_eq!(told, "HTTP/1.1 503 Service Unavailable", "it went as far as the store, which is not there");
    }

    #[tokio::test]
    async fn a_rank_that_nobody_knows_is_a_bad_request() {
        let folder = tempfile::tempdir().expect("folder");
        let known = status_of(api(folder.path()).router(), "GET", "/api/v1/gaps?rank=area&shapes=true").await;
        assert_eq!(known, "HTTP/1.1 503 Service Unavailable", "it went as far as the store, which is not there");
        let unknown = status_of(api(folder.path()).router(), "GET", "/api/v1/gaps?rank=cost").await;
        assert_eq!(unknown, "HTTP/1.1 400 Bad Request");
    }

    #[test]
    fn only_names_of_this_machine_are_answered() {
        for own in ["127.0.0.1:8640", "127.0.0.1", "localhost:8640", "LOCALHOST", "[::1]:8640"] {
            assert!(is_own_name(own), "{own}");
        }
        for foreign in ["evil.example", "127.0.0.1.evil.example:8640", "10.0.0.1:8640", "", "[::1", "a b"] {
            assert!(!is_own_name(foreign), "{foreign}");
        }
    }
}
