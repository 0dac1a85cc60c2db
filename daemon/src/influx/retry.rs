//! Sends the rejected lines of a replica again, by order: after a field's type was mended, or a bucket's retention. Lines
//! that can never be taken are given up by order too, since a replica that refuses too many is not written to.

use std::{ops::Range, sync::Arc};

use phusong_model::command::{OrderError, Retried, RetryAnswer, RetryOrder};
use phusong_store::{Farewell, Rejected, Rejection};

use super::{
    InfluxSettings, SinkOrder,
    delivery::{Delivery, Next},
    reply::Reply,
    start::Replicas,
    transport::{Transport, gzip},
};

/// Lines of a request, and of a transaction: more would hold up ticks.
const PAGE: usize = 1_000;

/// Status of a point that no line can hold.
const UNSENT: u16 = 0;

impl Replicas {
    /// Sends again what a replica, or each of them, has refused.
    pub(crate) async fn retry(&self, order: &RetryOrder) -> Result<RetryAnswer, OrderError> {
        // One after the other: the second would keep again what the first has given up meanwhile.
        let _alone = self.retrying.lock().await;
        let mut replicas = Vec::new();
        for settings in self.named(order.replica.as_deref())? {
            let mut retried = Retried {
                replica: settings.name.clone(),
                taken: 0,
                refused: 0,
                unwritable: 0,
                discarded: 0,
                fault: None,
            };
            retried.fault = self.send_again(&settings, order.discard, &mut retried).await.err();
            replicas.push(retried);
        }
        Ok(RetryAnswer { schema: RetryAnswer::SCHEMA.to_owned(), replicas })
    }

    async fn send_again(
        &self,
        settings: &Arc<InfluxSettings>,
        discard: bool,
        retried: &mut Retried,
    ) -> Result<(), String> {
        let transport = Transport::new(settings).map_err(|error| error.to_string())?;
        let name: Arc<str> = settings.name.as_str().into();
        let mut after = (i64::MIN, String::new());
        // What is refused while this goes on is not what was ordered.
        let sink = settings.name.clone();
        let until = self.read(move |reader| reader.last_rejected(&sink)).await?;
        while until.as_ref().is_some_and(|until| after < *until) {
            let (sink, from) = (settings.name.clone(), after.clone());
            let page = self.read(move |reader| reader.rejected(&sink, (from.0, &from.1), PAGE)).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = (last.seq, last.line.clone());
            let (unwritable, lines): (Vec<_>, Vec<_>) = page.into_iter().partition(|line| line.status == UNSENT);
            retried.unwritable += unwritable.len() as u64;
            let mut refused = self.send_page(settings, &name, &transport, &lines, retried).await?;
            if discard {
                refused.extend(unwritable.iter().map(rejection));
                retried.discarded += self.give_up(&name, refused).await?;
            } else if !refused.is_empty() {
                self.recorder.sink(&name, SinkOrder::Reject(refused)).await?;
            }
        }
        Ok(())
    }

    /// Has lines forgotten, and says so in the log at once: whoever ordered it may not wait for the answer.
    async fn give_up(&self, name: &Arc<str>, refused: Vec<Rejection>) -> Result<u64, String> {
        let lines: Vec<_> = refused.into_iter().map(|line| (line.seq, line.line)).collect();
        let count = lines.len() as u64;
        if count > 0 {
            self.recorder.sink(name, SinkOrder::Forget(lines, Farewell::GivenUp)).await?;
            tracing::warn!(replica = %name, lines = count, "rejected lines are given up by order");
        }
        Ok(count)
    }

    /// Sends some lines; those that are refused again come back.
    async fn send_page(
        &self,
        settings: &InfluxSettings,
        name: &Arc<str>,
        transport: &Transport,
        lines: &[Rejected],
        retried: &mut Retried,
    ) -> Result<Vec<Rejection>, String> {
        let mut delivery = Delivery::of(0..lines.len());
        let mut refused = Vec::new();
        while let Some(piece) = delivery.piece() {
            let reply = transport.write(gzip(text(lines, &piece).as_bytes())).await;
            let next = delivery.answered(&reply, 0.0);
            if reply == Reply::Delivered {
                let taken: Vec<_> =
                    lines.get(piece).unwrap_or_default().iter().map(|l| (l.seq, l.line.clone())).collect();
                retried.taken += taken.len() as u64;
                self.recorder.sink(name, SinkOrder::Forget(taken, Farewell::Taken)).await?;
            }
            match next {
                Next::Go => {}
                Next::Reject { line, status, message } => {
                    refused.extend(lines.get(line).map(|line| Rejection { status, message, ..rejection(line) }));
                    delivery.set_aside();
                    retried.refused += 1;
                }
                Next::Wait(_) => return Err(reply.fault(settings).unwrap_or_default()),
            }
        }
        Ok(refused)
    }
}

fn rejection(line: &Rejected) -> Rejection {
    let Rejected { seq, line, status, message, .. } = line;
    Rejection { seq: *seq, line: line.clone(), status: *status, message: message.clone() }
}

fn text(lines: &[Rejected], piece: &Range<usize>) -> String {
    let lines = lines.get(piece.clone()).unwrap_or_default();
    lines.iter().map(|line| format!("{}\n", line.line)).collect()
}
