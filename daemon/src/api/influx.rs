//! `POST /api/v1/influx/retry` and `/verify`: only the daemon talks to InfluxDB, since only it has the tokens.

use axum::{Json, extract::State, extract::rejection::JsonRejection};
use phusong_model::command::{OrderError, RetryAnswer, RetryOrder, VerifyAnswer, VerifyOrder};

use super::{Api, Failure};

/// Sends rejected lines again. The answer comes when all were tried, or when InfluxDB is found away.
pub(super) async fn retry(
    State(api): State<Api>,
    order: Result<Json<RetryOrder>, JsonRejection>,
) -> Result<Json<RetryAnswer>, Failure> {
    let Json(order) = order.map_err(|rejection| Failure::Query(rejection.body_text()))?;
    let replicas = api.replicas.as_ref().ok_or(OrderError::NoReplicas)?;
    Ok(Json(replicas.retry(&order).await?))
}

/// Compares replicas with the store.
pub(super) async fn verify(
    State(api): State<Api>,
    order: Result<Json<VerifyOrder>, JsonRejection>,
) -> Result<Json<VerifyAnswer>, Failure> {
    let Json(order) = order.map_err(|rejection| Failure::Query(rejection.body_text()))?;
    let replicas = api.replicas.as_ref().ok_or(OrderError::NoReplicas)?;
    Ok(Json(replicas.verify(&order).await?))
}
