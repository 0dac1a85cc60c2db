//! Orders from people, carried out between ticks: stored first, then in force.

use phusong_model::{Ack, MaintenanceId, Millis, Planned, UtcMs};
use phusong_store::{NewAck, NewWork};

use super::{TickLoop, wall};
use crate::recorder::RecordError;

/// How long work that is over is still looked at: an outage that begins in its last round must know of it.
const KEPT: Millis = Millis::from_secs(3600);

impl TickLoop {
    /// Announces work.
    pub(super) async fn plan(&mut self, work: NewWork) -> Result<Planned, RecordError> {
        let planned = self.wiring.recorder.plan(work).await?;
        tracing::info!(id = planned.id.0, author = %planned.author, "work is announced");
        self.planned.push(planned.clone());
        self.announce();
        Ok(planned)
    }

    /// Ends announced work, or cancels it.
    pub(super) async fn end_work(&mut self, id: MaintenanceId) -> Result<Option<Planned>, RecordError> {
        let ended = self.wiring.recorder.end_work(id, self.after_last_tick()).await?;
        if let Some(ended) = &ended {
            self.planned.retain(|known| known.id != id);
            self.planned.push(ended.clone());
            self.announce();
        }
        Ok(ended)
    }

    /// Keeps that somebody took notice of an outage.
    pub(super) async fn acknowledge(&mut self, ack: NewAck) -> Result<Option<Ack>, RecordError> {
        let kept = self.wiring.recorder.acknowledge(ack).await?;
        if let Some(ack) = &kept {
            self.notifier.acknowledge(ack.clone());
            tracing::info!(outage = ack.outage.0, event = ack.event.0, author = %ack.author, "acknowledged");
        }
        Ok(kept)
    }

    fn announce(&mut self) {
        let at = self.after_last_tick();
        self.planned.retain(|work| at.since(work.window.to) < KEPT);
        self.fresh.extend(self.tracker.plan(&self.inventory, &self.planned, at));
    }

    /// An instant after every tick that was written, whatever the wall clock says.
    pub(super) fn after_last_tick(&self) -> UtcMs {
        self.prober.last_tick.map_or(wall(), |tick| wall().max(tick.at))
    }
}
