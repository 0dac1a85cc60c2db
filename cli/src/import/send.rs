//! A file or an order on its way: to the daemon, or, when none runs, into the store by this program.

use std::{convert::Infallible, io::Read, path::Path, time::Duration};

use hyper::body::Bytes;
use phusong_gaps::{ToForce, imported, to_force};
use phusong_geodata::{Geodata, bundle};
use phusong_model::{
    Dataset, DatasetName, Fault, Faults, ImportVersion, Inventory, UtcMs,
    command::{ForceAnswer, ForceOrder, ImportAnswer, ImportOrder, ImportProgress, OrderError},
    config::{self, Config},
};
use phusong_store::{NewImport, Reader, StoreError, ToForce as NewForce, drop_layer, keep_layer, layer_path};

use crate::{
    ask::{
        daemon::{self, Limits},
        upload::Upload,
    },
    failure::Failure,
    order::{Alone, Desk, give_bytes},
    progress::{Length, Meter, What},
    site::Site,
};

/// The daemon reads the file, and then computes coverage: a national one takes a minute, more beside other work.
const LIMITS: Limits = Limits { head: Duration::from_secs(1_800), whole: Duration::from_secs(1_830) };

/// By when versions are in force that are in force now: after a step of the clock, too.
pub const NOW: UtcMs = UtcMs(i64::MAX);

/// A file that is to be imported.
pub struct Parcel<'p> {
    /// As what.
    pub order: &'p ImportOrder,
    /// The file.
    pub file: &'p Path,
    /// Tells how far it is.
    pub meter: &'p Meter,
}

/// What is done with a file when it is there.
pub const EXAMINED: What = ("đang kiểm tra và tính toán", "checking and computing");

/// What follows, for as many communes as there are.
const COMPUTED: What = ("đang tính vùng phủ theo xã, phường", "computing coverage by commune");

/// Between two questions how far it is.
const BEAT: Duration = Duration::from_millis(300);

/// Imports a file, or only has it looked at; gives how many bytes it has, too.
pub fn import(site: &Site, parcel: &Parcel<'_>, now: UtcMs) -> Result<(ImportAnswer, u64), Failure> {
    let Parcel { order, file, meter } = *parcel;
    imported(order).map_err(Failure::order)?;
    let body = body(order, file).map_err(|fault| Failure::File(Faults(vec![fault])))?;
    let bytes = body.len() as u64;
    meter.turn_to(("đang gửi", "sending"), Length::Bytes(bytes));
    let body = Upload::watched(body, meter.clone(), EXAMINED);
    let answer = give_bytes(site, "/api/v1/imports", body, LIMITS, computing(&site.socket, meter), now, |desk| {
        meter.turn_to(EXAMINED, Length::Unknown);
        let (config, inventory) = config::check(&site.path).map_err(faulty)?;
        World { config: &config, inventory, desk }.import(order, file, now)
    })?;
    Ok((answer, bytes))
}

/// Puts a version in force, or none.
pub fn force(site: &Site, order: &ForceOrder, meter: &Meter, now: UtcMs) -> Result<ForceAnswer, Failure> {
    let body = Bytes::from(serde_json::to_vec(order).unwrap_or_default()).into();
    give_bytes(site, "/api/v1/imports/force", body, LIMITS, computing(&site.socket, meter), now, |desk| {
        let (config, inventory) = config::check(&site.path).map_err(faulty)?;
        World { config: &config, inventory, desk }.force(order, now)
    })
}

/// Shows how far the daemon is with its computation, commune by commune, once that has begun. It computes one thing at a
/// time, so that what is seen before ours is what ours waits for.
async fn computing(socket: &Path, meter: &Meter) -> Infallible {
    let mut begun = false;
    let tell = |ImportProgress { done, communes, .. }| {
        if communes > 0 && !begun {
            meter.turn_to(COMPUTED, Length::Things(communes));
        }
        begun = communes > 0;
        if begun {
            meter.at_of(done, communes);
        }
    };
    daemon::follow(socket, "/api/v1/imports/progress", BEAT, tell).await
}

/// The order on a line, then the bytes of the file.
fn body(order: &ImportOrder, file: &Path) -> Result<Bytes, Fault> {
    let mut bundle = bundle(file)?;
    let mut body = serde_json::to_vec(order).unwrap_or_default();
    body.push(b'\n');
    bundle.bytes.read_to_end(&mut body).map_err(|error| {
        Fault::of_file(file, format!("cannot be read: {error}"), "check the path and that phusong may read it")
    })?;
    Ok(body.into())
}

fn faulty(faults: Faults) -> Alone {
    refused(OrderError::Faulty { faults: faults.0 })
}

fn refused(error: OrderError) -> Alone {
    Alone::Refused(error.into())
}

/// What this program works with while no daemon runs.
struct World<'a> {
    config: &'a Config,
    inventory: Inventory,
    desk: &'a mut Desk,
}

impl World<'_> {
    fn import(self, order: &ImportOrder, file: &Path, now: UtcMs) -> Result<ImportAnswer, Alone> {
        let folder = self.config.store.folder.as_path();
        let name = imported(order).map_err(refused)?;
        let bundle = bundle(file).map_err(|fault| faulty(Faults(vec![fault])))?;
        let kept = keep_layer(folder, bundle.bytes)?;
        let reader = Reader::open(folder)?;
        let versions = reader.imports(NOW)?;
        let dataset = Dataset {
            kind: name.kind,
            name: name.name.clone(),
            path: kept.path.clone(),
            shown: file.to_owned(),
            options: order.options.clone(),
        };
        let others = in_force(&versions).filter(|version| version.name() != name);
        let read = self.read(&reader, others, Some(&dataset));
        let unused = versions.iter().all(|version| version.hash != kept.hash);
        if unused && (read.is_err() || order.dry_run) {
            drop_layer(&kept)?;
        }
        let geodata = read?;
        let log = geodata.log(&name).cloned().unwrap_or_default();
        let before = in_force(&versions).find(|version| version.name() == name).map(|version| version.id);
        if !order.dry_run {
            let author = self.desk.author.clone();
            let content = geodata.content().of_kind(dataset.kind);
            let new = NewImport { content, ..NewImport::of(dataset, &kept, (author, now), log.clone()) };
            self.desk.store.import(&[new], &[], now)?;
            self.put_into_inventory(folder, now)?;
        }
        Ok(ImportAnswer {
            schema: ImportAnswer::SCHEMA.to_owned(),
            version: if order.dry_run { None } else { in_force_of(folder, &name)? },
            before,
            log,
            computed: None,
            fault: None,
        })
    }

    fn force(self, order: &ForceOrder, now: UtcMs) -> Result<ForceAnswer, Alone> {
        let folder = self.config.store.folder.as_path();
        let reader = Reader::open(folder)?;
        let (versions, history) = (reader.imports(NOW)?, reader.imports_in_force()?);
        let ToForce { dataset, import, before } = to_force(&versions, &history, order).map_err(refused)?;
        let others = in_force(&versions).filter(|version| version.name() != dataset);
        let put_back = versions.iter().filter(|version| import == Some(version.id));
        self.read(&reader, others.chain(put_back), None)?;
        let to = NewForce { dataset: dataset.clone(), import, author: self.desk.author.clone() };
        self.desk.store.import(&[], &[to], now)?;
        self.put_into_inventory(folder, now)?;
        Ok(ForceAnswer {
            schema: ForceAnswer::SCHEMA.to_owned(),
            version: in_force_of(folder, &dataset)?,
            dataset: dataset.name,
            kind: dataset.kind,
            before,
            computed: None,
            fault: None,
        })
    }

    /// Reads all that would be in force.
    fn read<'v>(
        &self,
        reader: &Reader,
        versions: impl Iterator<Item = &'v ImportVersion>,
        new: Option<&Dataset>,
    ) -> Result<Geodata, Alone> {
        let versions: Vec<&ImportVersion> = versions.collect();
        let ids: Vec<i64> = versions.iter().map(|version| version.id).collect();
        let mut inventory = self.inventory.clone();
        reader.import_content(&ids)?.apply(&mut inventory);
        let mut datasets = Dataset::in_force(versions, |hash| layer_path(&self.config.store.folder, hash));
        datasets.extend(new.cloned());
        datasets.sort_by_key(Dataset::dataset_name);
        let new: Vec<_> = new.map(Dataset::dataset_name).into_iter().collect();
        Geodata::examine(&datasets, &new, &self.config.geodata, &inventory).map_err(faulty)
    }

    /// Answers from the store show what was imported, before the daemon runs again.
    fn put_into_inventory(self, folder: &Path, now: UtcMs) -> Result<(), StoreError> {
        let reader = Reader::open(folder)?;
        let ids: Vec<i64> = in_force(&reader.imports(NOW)?).map(|version| version.id).collect();
        let mut inventory = self.inventory;
        reader.import_content(&ids)?.apply(&mut inventory);
        self.desk.store.set_inventory(&inventory, now).map(|_| ())
    }
}

fn in_force(versions: &[ImportVersion]) -> impl Iterator<Item = &ImportVersion> {
    versions.iter().filter(|version| version.in_force_since.is_some())
}

fn in_force_of(folder: &Path, name: &DatasetName) -> Result<Option<ImportVersion>, StoreError> {
    let versions = Reader::open(folder)?.imports(NOW)?;
    Ok(in_force(&versions).find(|version| version.name() == *name).cloned())
}
