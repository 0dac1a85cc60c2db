//! What happened, on disk: ticks with their samples and readings, spans and outages, the inventory, coverage, and how
//! far each sink has delivered. One SQLite file, `phusong.db`, in the daemon's data folder.
//!
//! The daemon has the folder's [`DataLock`] and the one [`Store`]; everybody else has a [`Reader`], which works while
//! the daemon runs, was stopped or was killed, also for another user of the group. Layout, limits and recovery are in
//! `schema.rs`.
//!
//! ```no_run
//! use std::path::Path;
//! use phusong_model::{UtcMs, Window};
//! use phusong_store::{Reader, StoreError};
//!
//! fn dark_links(folder: &Path, now: UtcMs) -> Result<usize, StoreError> {
//!     let evidence = Reader::open(folder)?.evidence(now, Window::new(now, now))?;
//!     Ok(evidence.links.iter().filter(|link| !link.state.works()).count())
//! }
//! ```

mod error;
mod files;
mod layers;
mod lock;

mod connection;
mod schema;

mod codes;
mod columns;
mod document;
mod keys;

mod ack;
mod coverage;
mod import;
mod inventory;
mod maintenance;
mod notification;
mod observation;
mod rollup;
mod sinks;
mod tick;
mod timeline;

mod check;
mod close_up;
mod copy;
mod evidence;
mod feed;
mod inspect;
mod page;
#[cfg(test)]
mod plans;
mod quick;

mod lost;
mod reader;
mod reserve;
mod retention;
mod salvage;
mod store;
mod unstored;

pub use ack::NewAck;
pub use check::{Finding, Rule};
pub use copy::{Copied, CopyError, Replace};
pub use coverage::{CoverageRun, NewCoverage};
use error::Failure;
pub use error::{LockError, StoreError};
pub use feed::{StateChange, StoredTick};
pub use files::user_name;
pub use import::{NewImport, ToForce};
pub use inspect::{AsideFile, Extent, Inspection, SinkState};
pub use layers::{KeptLayer, drop_layer, keep_layer, layer_hash, layer_is_kept, layer_is_whole, layer_path};
pub use lock::{DataLock, lock_holder};
pub use maintenance::NewWork;
pub use notification::{Delivered, Undelivered};
pub use page::{Of, Timed};
pub use quick::{QuickLook, quick_look};
pub use reader::Reader;
pub use retention::{GivenBack, Removed, Retention, Room};
pub use rollup::{Level, Rollup, RttSketch, Sum};
pub use salvage::{GoOn, Reading, Saved, SetAside, set_aside_files};
pub use sinks::{Backlog, Farewell, Rejected, Rejection};
pub use store::Store;
pub use tick::{Commit, Misfit};
pub use unstored::{Standing, Unstored};
