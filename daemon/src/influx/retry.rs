//! Sends the rejected lines of a replica again, by order: after a field's type was mended, or a bucket's retention.

use std::{ops::Range, sync::Arc};

use phusong_model::command::{OrderError, Retried, RetryAnswer, RetryOrder};
use phusong_store::{Reader, Rejected};
use tokio::task::spawn_blocking;

use super::{
    InfluxSettings, SinkOrder,
    delivery::{Delivery, Next},
    reply::Reply,
    start::Replicas,
    transport::{Transport, gzip},
};

/// Lines of a request. Each that is taken is a transaction of its own: a whole batch of them would hold up ticks.
const PAGE: usize = 200;

/// Status of a point that no line can hold.
const UNSENT: u16 = 0;

impl Replicas {
    /// Sends again what a replica, or each of them, has refused.
    pub(crate) async fn retry(&self, order: &RetryOrder) -> Result<RetryAnswer, OrderError> {
        let mut replicas = Vec::new();
        for settings in self.named(order.replica.as_deref())? {
            let mut retried =
                Retried { replica: settings.name.clone(), taken: 0, refused: 0, unwritable: 0, fault: None };
            retried.fault = self.send_again(&settings, &mut retried).await.err();
            replicas.push(retried);
        }
        Ok(RetryAnswer { schema: RetryAnswer::SCHEMA.to_owned(), replicas })
    }

    async fn send_again(&self, settings: &Arc<InfluxSettings>, retried: &mut Retried) -> Result<(), String> {
        let transport = Transport::new(settings).map_err(|error| error.to_string())?;
        let mut after = (i64::MIN, String::new());
        loop {
            let page = self.page(settings, after).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = (last.seq, last.line.clone());
            let (unwritable, lines): (Vec<_>, Vec<_>) = page.into_iter().partition(|line| line.status == UNSENT);
            retried.unwritable += unwritable.len() as u64;
            self.send_page(settings, &transport, &lines, retried).await?;
        }
    }

    async fn page(&self, settings: &InfluxSettings, after: (i64, String)) -> Result<Vec<Rejected>, String> {
        let (folder, name) = (self.folder.clone(), settings.name.clone());
        let reading = spawn_blocking(move || {
            Reader::open(&folder).and_then(|reader| reader.rejected(&name, (after.0, &after.1), PAGE))
        });
        reading.await.map_err(|error| error.to_string())?.map_err(|error| format!("{:#}", anyhow::Error::from(error)))
    }

    async fn send_page(
        &self,
        settings: &InfluxSettings,
        transport: &Transport,
        lines: &[Rejected],
        retried: &mut Retried,
    ) -> Result<(), String> {
        let name: Arc<str> = settings.name.as_str().into();
        let mut delivery = Delivery::of(0..lines.len());
        while let Some(piece) = delivery.piece() {
            let reply = transport.write(gzip(text(lines, &piece).as_bytes())).await;
            let next = delivery.answered(&reply, 0.0);
            if reply == Reply::Delivered {
                for line in lines.get(piece).unwrap_or_default() {
                    let order = SinkOrder::Accept { seq: line.seq, line: line.line.clone() };
                    self.recorder.sink(&name, order).await?;
                    retried.taken += 1;
                }
            }
            match next {
                Next::Go => {}
                Next::Reject { line, status, message } => {
                    if let Some(Rejected { seq, line, .. }) = lines.get(line) {
                        let order = SinkOrder::Reject { seq: *seq, line: line.clone(), status, message };
                        self.recorder.sink(&name, order).await?;
                    }
                    delivery.set_aside();
                    retried.refused += 1;
                }
                Next::Wait(_) => return Err(reply.fault(settings).unwrap_or_default()),
            }
        }
        Ok(())
    }
}

fn text(lines: &[Rejected], piece: &Range<usize>) -> String {
    let lines = lines.get(piece.clone()).unwrap_or_default();
    lines.iter().map(|line| format!("{}\n", line.line)).collect()
}
