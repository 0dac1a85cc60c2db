//! Orders about the store itself. On the Unix socket only.

use std::time::{Duration, Instant};

use axum::{Json, extract::State};
use phusong_model::command::{CompactAnswer, Compacted, OrderError};
use phusong_store::GivenBack;

use super::{Api, Failure};

/// How long one order may take: whoever wants more gives it again. Ticks are written in between.
const LONGEST: Duration = Duration::from_secs(5);

/// Answers `POST /api/v1/store/compact`.
pub(super) async fn compact(State(api): State<Api>) -> Result<Json<CompactAnswer>, Failure> {
    let begun = Instant::now();
    loop {
        let step = api.recorder.give_back().await.map_err(|error| {
            let reason = format!("{:#}", anyhow::Error::from(error));
            OrderError::NotStored { reason }
        })?;
        let compacted = match step {
            GivenBack::Part if begun.elapsed() < LONGEST => continue,
            GivenBack::Part => Compacted::Part,
            GivenBack::All => Compacted::All,
            GivenBack::Never => Compacted::OnlyStopped,
        };
        return Ok(Json(CompactAnswer::of(compacted)));
    }
}
