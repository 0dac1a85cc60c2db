//! The sink's task: reads, sends, waits, and keeps its account. What to do with an answer is decided in [`super::delivery`].

use std::{ops::Range, path::PathBuf, sync::Arc, time::Duration};

use phusong_model::{InfluxHealth, UtcMs, chain};
use phusong_store::{Rejection, StoreError};
use tokio::{
    sync::oneshot,
    task::spawn_blocking,
    time::{Instant, sleep_until},
};

use super::{
    InfluxSettings, SinkOrder, Wires,
    chunk::Chunk,
    delivery::{Delivery, Next, pause_after},
    reply::Reply,
    source::Source,
    transport::{Transport, TransportError, gzip},
};
use crate::patience::{jitter, pause};

/// Ticks beyond those that are being sent from which on there is a backlog; one more comes with the next look anyway.
const FAR: i64 = 2;

/// The writer of the store or the tick loop has ended: the daemon is stopping.
struct Gone;

/// The sink: what the store has and InfluxDB has not, on its way there.
pub struct Sink {
    settings: InfluxSettings,
    folder: PathBuf,
    transport: Transport,
    /// Travels to a blocking thread and back; none while it is there, and before the first look.
    source: Option<Source>,
    wires: Wires,
    account: InfluxHealth,
    /// Number of the last tick that InfluxDB has.
    cursor: i64,
    /// Number of the newest tick at the last look.
    newest: i64,
    /// Number of the newest tick that was sent before the backlog.
    ahead: i64,
    /// Whose numbers these are.
    numbering: i64,
    /// Whether the last answer that said anything of the server was 204.
    flows: bool,
}

impl Sink {
    /// A sink for the store in `folder`. Nothing is opened and nothing is sent yet.
    ///
    /// # Errors
    /// The settings cannot be used for any request at all. Everything else will be waited for.
    pub fn new(settings: InfluxSettings, folder: PathBuf, wires: Wires) -> Result<Self, TransportError> {
        let transport = Transport::new(&settings)?;
        let name = settings.name.clone();
        let account = InfluxHealth {
            name,
            queued_ticks: 0,
            oldest: None,
            sent_lines: 0,
            rejected_lines: 0,
            removed_samples: 0,
            fault: None,
        };
        Ok(Self {
            settings,
            folder,
            transport,
            source: None,
            wires,
            account,
            cursor: 0,
            newest: 0,
            ahead: 0,
            numbering: 0,
            flows: false,
        })
    }

    /// Sends until it is stopped or the other ends of its wires are gone. It may be dropped at any point: the cursor is
    /// in the store, and what was under way is sent again.
    pub async fn run(mut self) {
        let mut stop = self.wires.stop.clone();
        tokio::select! {
            Err(Gone) = self.work() => tracing::debug!("the sink's other ends are gone"),
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }

    async fn work(&mut self) -> Result<(), Gone> {
        let mut failures = 0;
        loop {
            // Seen before the look, so that a tick committed during it wakes us.
            self.wires.committed.borrow_and_update();
            match self.fetch().await {
                Ok(Some(chunk)) => {
                    failures = 0;
                    self.deliver(Arc::new(chunk)).await?;
                }
                Ok(None) => {
                    failures = 0;
                    self.moves();
                    self.wires.committed.changed().await.map_err(|_| Gone)?;
                }
                Err(error) => {
                    failures += 1;
                    self.stands_still(format!("the store cannot be read: {error}"));
                    self.rest(pause(failures, jitter())).await?;
                }
            }
        }
    }

    /// The next lines to send; none when InfluxDB has everything.
    async fn fetch(&mut self) -> Result<Option<Chunk>, String> {
        let sent = self.account.sent_lines;
        let fetched = self.read(move |source| source.fetch(sent)).await?;
        if self.numbering != fetched.chunk.numbering() {
            // Another store has taken the place of the one before: its numbers may begin lower.
            (self.numbering, self.ahead) = (fetched.chunk.numbering(), 0);
        }
        self.cursor = fetched.cursor;
        self.newest = fetched.newest;
        self.account.rejected_lines = fetched.backlog.rejected_lines;
        self.account.removed_samples = fetched.backlog.removed_samples;
        self.show(fetched.backlog.oldest);
        Ok((!fetched.chunk.is_empty()).then_some(fetched.chunk))
    }

    /// Reads the store on a blocking thread.
    async fn read<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Source) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, String> {
        let mut source = self.source.take().unwrap_or_else(|| {
            Source::new(self.folder.clone(), self.settings.name.clone(), self.settings.vantage.clone())
        });
        let reading = spawn_blocking(move || {
            let read = work(&mut source);
            (source, read)
        });
        let (source, read) = reading.await.map_err(|error| error.to_string())?;
        self.source = Some(source);
        let damage = read.as_ref().err().filter(|error| error.is_unreadable()).map(|error| chain(error));
        if let Some(reason) = damage {
            self.report(reason).await;
        }
        read.map_err(|error| chain(&error))
    }

    /// Tells the writer of a damaged store, who can mend it. Whether it does is seen at the next look.
    async fn report(&mut self, reason: String) {
        let (done, answer) = oneshot::channel();
        if self.wires.orders.send((SinkOrder::Damaged(reason), done)).await.is_ok() {
            let _ = answer.await;
        }
    }

    async fn deliver(&mut self, chunk: Arc<Chunk>) -> Result<(), Gone> {
        self.reject(&mut chunk.unwritable().to_vec()).await?;
        for batch in chunk.batches() {
            self.deliver_batch(&chunk, batch.clone()).await?;
            if let Some(seq) = chunk.whole_tick(batch.end).filter(|seq| *seq > self.cursor) {
                self.give(chunk.advance(seq)).await?;
                self.cursor = seq;
                self.show(chunk.oldest_after(seq));
            }
        }
        Ok(())
    }

    async fn deliver_batch(&mut self, chunk: &Arc<Chunk>, batch: Range<usize>) -> Result<(), Gone> {
        let mut delivery = Delivery::of(batch);
        let mut refused = Vec::new();
        while let Some(piece) = delivery.piece() {
            self.send_ahead(chunk.last_tick()).await?;
            let lines = piece.len();
            let reply = self.send(chunk, piece).await;
            let next = delivery.answered(&reply, jitter());
            if reply == Reply::Delivered {
                self.account.sent_lines += lines as u64;
                self.flows = true;
                self.moves();
            }
            match next {
                Next::Go => {}
                Next::Reject { line, status, message } => {
                    tracing::debug!(status, %message, "InfluxDB refuses a line for good");
                    refused.push(chunk.rejection(line, status, message));
                    delivery.set_aside();
                }
                Next::Wait(pause) => {
                    self.flows = false;
                    self.reject(&mut refused).await?;
                    if let Some(fault) = reply.fault(&self.settings) {
                        self.stands_still(fault);
                    }
                    self.rest(pause).await?;
                }
            }
        }
        self.reject(&mut refused).await
    }

    /// Has lines kept that are refused for good. The cursor has not passed them: after a crash they are sent again.
    async fn reject(&mut self, refused: &mut Vec<Rejection>) -> Result<(), Gone> {
        let lines = refused.len();
        if lines > 0 {
            self.give(SinkOrder::Reject(std::mem::take(refused))).await?;
            self.account.rejected_lines += lines as u64;
            tracing::warn!(replica = %self.account.name, lines, "InfluxDB refuses lines for good; the store keeps them with the reason");
        }
        Ok(())
    }

    /// Sends the newest ticks before a backlog goes on, once each and only while all is well: whoever looks at InfluxDB
    /// sees the moment while the past still arrives. It is a courtesy. Nothing is noted, nothing is tried again, and the
    /// cursor comes past these ticks in its own time, when their points overwrite themselves.
    async fn send_ahead(&mut self, under_way: i64) -> Result<(), Gone> {
        let (newest, after) = (*self.wires.committed.borrow(), self.ahead.max(under_way));
        if !self.flows || newest <= after || newest.saturating_sub(under_way) < FAR {
            return Ok(());
        }
        self.ahead = newest;
        // A store that cannot be read is told of when the next ticks are fetched.
        let Ok(chunk) = self.read(move |source| source.ahead(after, newest)).await else { return Ok(()) };
        let chunk = Arc::new(chunk);
        for batch in chunk.batches().into_iter().filter(|batch| !batch.is_empty()) {
            let reply = self.send(&chunk, batch).await;
            match reply {
                Reply::Delivered => {}
                // What is bad in it is found when the cursor comes by.
                Reply::Invalid { .. } | Reply::TooLarge => break,
                Reply::Refused { .. } | Reply::Busy { .. } | Reply::Untrusted { .. } | Reply::Unreachable { .. } => {
                    self.flows = false;
                    self.stands_still(reply.fault(&self.settings).unwrap_or_default());
                    return self.rest(pause_after(&reply, 1, jitter())).await;
                }
            }
        }
        Ok(())
    }

    // `&mut`, since a shared reference to the store's reader cannot cross threads.
    async fn send(&mut self, chunk: &Arc<Chunk>, piece: Range<usize>) -> Reply {
        let chunk = Arc::clone(chunk);
        match spawn_blocking(move || gzip(chunk.text_of(piece).as_bytes())).await {
            Ok(packed) => self.transport.write(packed).await,
            Err(error) => Reply::Unreachable { what: format!("the lines cannot be packed: {error}") },
        }
    }

    /// Has the store keep something; a store that refuses is asked again until it takes it.
    async fn give(&mut self, order: SinkOrder) -> Result<(), Gone> {
        for failures in 1.. {
            let (done, answer) = oneshot::channel();
            self.wires.orders.send((order.clone(), done)).await.map_err(|_| Gone)?;
            match answer.await.map_err(|_| Gone)? {
                Ok(()) => return Ok(()),
                Err(reason) => {
                    self.stands_still(reason);
                    self.rest(pause(failures, jitter())).await?;
                }
            }
        }
        Ok(())
    }

    /// Waits, and lets the queue in the account grow with the ticks that are committed meanwhile.
    async fn rest(&mut self, length: Duration) -> Result<(), Gone> {
        let until = Instant::now() + length;
        loop {
            tokio::select! {
                () = sleep_until(until) => return Ok(()),
                changed = self.wires.committed.changed() => {
                    changed.map_err(|_| Gone)?;
                    self.show(self.account.oldest);
                }
            }
        }
    }

    fn show(&mut self, oldest: Option<UtcMs>) {
        // Before the first tick after a start only the look at the store knows of what waits.
        let newest = self.newest.max(*self.wires.committed.borrow());
        self.account.queued_ticks = u64::try_from(newest.saturating_sub(self.cursor)).unwrap_or(0);
        self.account.oldest = oldest.filter(|_| self.account.queued_ticks > 0);
        self.wires.health.send_replace(Some(self.account.clone()));
    }

    fn stands_still(&mut self, fault: String) {
        if self.account.fault.as_ref() != Some(&fault) {
            tracing::warn!(replica = %self.account.name, %fault, "nothing goes to InfluxDB; the store keeps it");
            self.account.fault = Some(fault);
        }
        self.show(self.account.oldest);
    }

    fn moves(&mut self) {
        if self.account.fault.take().is_some() {
            tracing::info!(replica = %self.account.name, queued_ticks = self.account.queued_ticks, "InfluxDB takes lines again");
        }
        self.show(self.account.oldest);
    }
}
