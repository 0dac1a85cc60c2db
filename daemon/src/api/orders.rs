//! Orders from people: announced work, acknowledgements. On the Unix socket only, whose group may order; who ordered is known from the
//! socket's peer and not from what it says.

use axum::{
    Json,
    extract::{ConnectInfo, Path, State, connect_info::Connected, rejection::JsonRejection},
    serve::IncomingStream,
};
use phusong_gaps::Refused;
use phusong_model::{
    Inventory, MaintenanceId, OutageId, Planned, Scope,
    answer::{Query, Topic},
    command::{AckAnswer, AckOrder, OrderError, PlanAnswer, PlanOrder},
};
use phusong_store::{NewAck, NewWork};
use tokio::{net::UnixListener, sync::oneshot};

use super::{Api, Failure};
use crate::{
    orders::{Done, Order},
    tick::wall,
};

/// Who is at the other end of the socket.
#[derive(Debug, Clone)]
pub(crate) struct Peer(pub(super) String);

impl Connected<IncomingStream<'_, UnixListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, UnixListener>) -> Self {
        let uid = stream.io().peer_cred().map(|peer| peer.uid());
        Self(uid.map_or_else(|_| "?".to_owned(), phusong_store::user_name))
    }
}

/// Answers `POST /api/v1/maintenance`.
pub(super) async fn plan(
    State(api): State<Api>,
    ConnectInfo(Peer(author)): ConnectInfo<Peer>,
    order: Result<Json<PlanOrder>, JsonRejection>,
) -> Result<Json<PlanAnswer>, Failure> {
    let Json(order) = order.map_err(|rejection| Failure::Query(rejection.body_text()))?;
    let judge = move |evidence: &phusong_model::Evidence| {
        let work = phusong_gaps::plan(&evidence.inventory, &evidence.planned, &order, evidence.now);
        Ok(work.map(|work| (links(&evidence.inventory, &work.scope), work)))
    };
    let (links, work) = api.read(Query::about(Topic::Maintenance), judge).await?.map_err(Failure::from)?;
    let new = NewWork { scope: work.scope, window: work.window, why: work.why, author, added: wall() };
    let planned = api.order(|done| Order::Plan(new, done)).await?;
    Ok(answer(planned, links))
}

/// Answers `POST /api/v1/maintenance/{id}/end`.
pub(super) async fn end(State(api): State<Api>, Path(id): Path<i64>) -> Result<Json<PlanAnswer>, Failure> {
    let id = MaintenanceId(id);
    let known = move |evidence: &phusong_model::Evidence| {
        let planned = evidence.planned.iter().find(|planned| planned.id == id);
        let is_over = |planned: &Planned| planned.maintenance().is_none_or(|work| work.window.to <= evidence.now);
        Ok(planned.map(|planned| (links(&evidence.inventory, &planned.scope), is_over(planned))))
    };
    let links = match api.read(Query::about(Topic::Maintenance), known).await? {
        None => return Err(OrderError::UnknownWork { id }.into()),
        Some((_, true)) => return Err(OrderError::WorkIsOver { id }.into()),
        Some((links, false)) => links,
    };
    let ended = api.order(|done| Order::EndWork(id, done)).await?;
    ended.map(|planned| answer(planned, links)).ok_or(OrderError::UnknownWork { id }.into())
}

/// Answers `POST /api/v1/outages/{id}/ack`.
pub(super) async fn acknowledge(
    State(api): State<Api>,
    Path(id): Path<i64>,
    ConnectInfo(Peer(author)): ConnectInfo<Peer>,
    order: Result<Json<AckOrder>, JsonRejection>,
) -> Result<Json<AckAnswer>, Failure> {
    let Json(order) = order.map_err(|rejection| Failure::Query(rejection.body_text()))?;
    let AckOrder { note, ticket } = phusong_gaps::acknowledge(&order)?;
    let outage = OutageId(id);
    let ack = NewAck { outage, at: wall(), author, note, ticket };
    let kept = api.order(|done| Order::Acknowledge(ack, done)).await?;
    let ack = kept.ok_or(OrderError::UnknownOutage { id: outage })?;
    Ok(Json(AckAnswer { schema: AckAnswer::SCHEMA.to_owned(), ack }))
}

fn links(inventory: &Inventory, scope: &Scope) -> u64 {
    inventory.links.iter().filter(|link| scope.touches(link)).count() as u64
}

fn answer(planned: Planned, links: u64) -> Json<PlanAnswer> {
    Json(PlanAnswer { schema: PlanAnswer::SCHEMA.to_owned(), planned, links })
}

impl Api {
    /// Has the tick loop carry out an order, which it does between ticks.
    async fn order<T>(&self, order: impl FnOnce(Done<T>) -> Order) -> Result<T, Failure> {
        let (done, carried_out) = oneshot::channel();
        self.orders.send(order(done)).await.map_err(|_| Failure::Stopped)?;
        let stored = carried_out.await.map_err(|_| Failure::Stopped)?;
        stored.map_err(|error| {
            let reason = format!("{:#}", anyhow::Error::from(error));
            OrderError::NotStored { reason }.into()
        })
    }
}

impl From<OrderError> for Failure {
    fn from(error: OrderError) -> Self {
        Self::Order(error)
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Asked(error) => Self::Asked(error),
            Refused::Order(error) => Self::Order(error),
        }
    }
}
