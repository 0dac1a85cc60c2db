//! Orders about datasets. A file comes as a line with the order and its bytes, and is on disk before anybody looks at it.

use std::{io, path::PathBuf};

use axum::{
    Json,
    body::{Body, Bytes},
    extract::{ConnectInfo, State, rejection::JsonRejection},
};
use http_body_util::BodyExt;
use phusong_gaps::imported;
use phusong_geodata::MAX_FILE_BYTES;
use phusong_model::{
    Dataset, Fault,
    command::{ForceAnswer, ForceOrder, ImportAnswer, ImportOrder, ImportProgress, OrderError},
};
use phusong_store::{KeptLayer, StoreError, keep_layer};
use tokio::sync::{mpsc, oneshot};

use super::{Api, Failure, Peer};
use crate::imports::{Candidate, ImportRequest, forget};

/// The longest order in bytes: a mapping of all columns and their words, and room.
const ORDER_MOST: usize = 1 << 20;

/// Pieces of a file between the socket and the disk.
const PIECES: usize = 8;

/// Answers `POST /api/v1/imports`.
pub(super) async fn import(
    State(api): State<Api>,
    ConnectInfo(Peer(author)): ConnectInfo<Peer>,
    body: Body,
) -> Result<Json<ImportAnswer>, Failure> {
    let (order, kept) = receive(&api, body).await?;
    let name = imported(&order).inspect_err(|_| forget(&api.folder, &kept))?;
    let dataset = Dataset {
        kind: name.kind,
        name: name.name,
        path: kept.path.clone(),
        shown: PathBuf::from(order.file),
        options: order.options,
    };
    let candidate = Box::new(Candidate { dataset, kept, author });
    api.dataset(|done| ImportRequest::Import { candidate, dry_run: order.dry_run, done }).await.map(Json)
}

/// Answers `POST /api/v1/imports/force`.
pub(super) async fn force(
    State(api): State<Api>,
    ConnectInfo(Peer(author)): ConnectInfo<Peer>,
    order: Result<Json<ForceOrder>, JsonRejection>,
) -> Result<Json<ForceAnswer>, Failure> {
    let Json(order) = order.map_err(|rejection| Failure::Query(rejection.body_text()))?;
    api.dataset(|done| ImportRequest::Force { order, author, done }).await.map(Json)
}

/// Answers `GET /api/v1/imports/progress`.
pub(super) async fn progress(State(api): State<Api>) -> Json<ImportProgress> {
    let (done, communes) = api.computing.borrow().unwrap_or_default();
    Json(ImportProgress { schema: ImportProgress::SCHEMA.to_owned(), done, communes })
}

/// Takes the order from the first line, and brings the rest to the disk as it comes.
async fn receive(api: &Api, mut body: Body) -> Result<(ImportOrder, KeptLayer), Failure> {
    let mut line = Vec::new();
    let rest = loop {
        if let Some(end) = line.iter().position(|byte| *byte == b'\n') {
            break line.split_off(end);
        }
        if line.len() > ORDER_MOST {
            return Err(Failure::Query(format!("the order is longer than {ORDER_MOST} bytes")));
        }
        match next(&mut body).await? {
            Some(piece) => line.extend_from_slice(&piece),
            None => return Err(Failure::Query("no line with the order before the file".to_owned())),
        }
    };
    let order: ImportOrder = serde_json::from_slice(&line).map_err(|error| Failure::Query(error.to_string()))?;
    let (pieces, arriving) = mpsc::channel(PIECES);
    let folder = api.folder.clone();
    let keeping = tokio::task::spawn_blocking(move || keep_layer(&folder, Arriving::new(arriving)));
    // Without the end of the line.
    let first = rest.get(1..).map(Bytes::copy_from_slice).unwrap_or_default();
    let sent = send(&mut body, first, &order, pieces).await;
    let kept = keeping.await.map_err(|_| Failure::Stopped)?;
    match (sent, kept) {
        (Ok(()), Ok(kept)) => Ok((order, kept)),
        (Err(failure), Ok(kept)) => {
            forget(&api.folder, &kept);
            Err(failure)
        }
        (Err(failure), Err(_)) => Err(failure),
        (Ok(()), Err(error)) => Err(not_stored(error)),
    }
}

/// Sends the pieces of a file on, as long as it is not too large.
async fn send(
    body: &mut Body,
    first: Bytes,
    order: &ImportOrder,
    pieces: mpsc::Sender<io::Result<Bytes>>,
) -> Result<(), Failure> {
    let mut length = 0;
    let mut piece = Some(first);
    while let Some(bytes) = piece {
        length += bytes.len() as u64;
        if length > MAX_FILE_BYTES {
            let message = format!("larger than {} MiB", MAX_FILE_BYTES >> 20);
            let fault = Fault::of_file(&order.file, message, "simplify it, or split it by operator");
            return Err(OrderError::Faulty { faults: vec![fault] }.into());
        }
        if pieces.send(Ok(bytes)).await.is_err() {
            // The disk refuses; it says why itself.
            return Ok(());
        }
        piece = match next(body).await {
            Ok(piece) => piece,
            Err(failure) => {
                // What has come is not the file.
                let _ = pieces.send(Err(io::ErrorKind::ConnectionReset.into())).await;
                return Err(failure);
            }
        };
    }
    Ok(())
}

async fn next(body: &mut Body) -> Result<Option<Bytes>, Failure> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Failure::Query(format!("the file broke off: {error}")))?;
        if let Ok(bytes) = frame.into_data() {
            return Ok(Some(bytes));
        }
    }
    Ok(None)
}

/// Pieces that arrive, as a file to be read on a thread of its own.
struct Arriving {
    pieces: mpsc::Receiver<io::Result<Bytes>>,
    rest: Bytes,
}

impl Arriving {
    fn new(pieces: mpsc::Receiver<io::Result<Bytes>>) -> Self {
        Self { pieces, rest: Bytes::new() }
    }
}

impl io::Read for Arriving {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() {
            match self.pieces.blocking_recv() {
                Some(piece) => self.rest = piece?,
                None => return Ok(0),
            }
        }
        let piece = self.rest.split_to(buffer.len().min(self.rest.len()));
        for (to, byte) in buffer.iter_mut().zip(&piece) {
            *to = *byte;
        }
        Ok(piece.len())
    }
}

fn not_stored(error: StoreError) -> Failure {
    OrderError::NotStored { reason: format!("{:#}", anyhow::Error::from(error)) }.into()
}

impl Api {
    /// Has an order about datasets carried out, after those before it.
    async fn dataset<T>(
        &self,
        request: impl FnOnce(oneshot::Sender<Result<T, OrderError>>) -> ImportRequest,
    ) -> Result<T, Failure> {
        let imports = self.imports.as_ref().ok_or(Failure::Stopped)?;
        let (done, carried_out) = oneshot::channel();
        imports.send(request(done)).await.map_err(|_| Failure::Stopped)?;
        carried_out.await.map_err(|_| Failure::Stopped)?.map_err(Failure::from)
    }
}
