//! Imported datasets: all versions that ever were, and which was in force when. Nothing of it is ever removed: a figure
//! of a past day rests on the versions of that day.

use std::collections::BTreeMap;

use phusong_model::{
    Dataset, DatasetKind, DatasetName, ImportContent, ImportLog, ImportOptions, ImportVersion, InForce, UtcMs,
};
use rusqlite::{Connection, params};

use crate::{
    Failure, KeptLayer,
    columns::{Columns, collect, first},
    document, schema,
};

/// A version that has no number yet. Its file is kept before: see [`crate::keep_layer`].
#[derive(Debug, Clone, PartialEq)]
pub struct NewImport {
    /// What it holds.
    pub kind: DatasetKind,
    /// Name of the dataset.
    pub dataset: String,
    /// SHA-256 of its bytes.
    pub hash: String,
    /// Name of the file that it came in.
    pub file: String,
    /// Size in bytes.
    pub bytes: u64,
    /// When.
    pub at: UtcMs,
    /// Who.
    pub author: String,
    /// What was said of it.
    pub options: ImportOptions,
    /// What was read, guessed and repaired.
    pub log: ImportLog,
    /// What it puts into the inventory.
    pub content: ImportContent,
}

impl NewImport {
    /// A file that was kept as a version of a dataset.
    #[must_use]
    pub fn of(dataset: Dataset, kept: &KeptLayer, (author, at): (String, UtcMs), log: ImportLog) -> Self {
        let file = dataset.shown.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Self {
            kind: dataset.kind,
            dataset: dataset.name,
            hash: kept.hash.clone(),
            file,
            bytes: kept.bytes,
            at,
            author,
            options: dataset.options,
            log,
            content: ImportContent::default(),
        }
    }
}

/// A version that is put in force, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToForce {
    /// Of which dataset.
    pub dataset: DatasetName,
    /// Which version; none when the dataset is withdrawn.
    pub import: Option<i64>,
    /// By whom.
    pub author: String,
}

/// Keeps a version and puts it in force. The same bytes with the same options are the same version: it keeps its number
/// and gets the log of now.
pub(crate) fn keep(transaction: &Connection, new: &NewImport) -> Result<i64, Failure> {
    let (kind, options) = (new.kind.id(), document::write("options", &new.options)?);
    let (log, content) = (document::write("log", &new.log)?, document::write("content", &new.content)?);
    let known = "SELECT id FROM import WHERE kind = ?1 AND dataset = ?2 AND hash = ?3 AND options = ?4";
    let same: Option<i64> = first(transaction, known, (kind, &new.dataset, &new.hash, &options), |row| row.value())?;
    let id = match same {
        Some(id) => {
            transaction.execute("UPDATE import SET log = ?2, content = ?3 WHERE id = ?1", (id, &log, &content))?;
            id
        }
        None => {
            let insert = "INSERT INTO import (kind, dataset, hash, file, bytes, at, author, options, log, content)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
            let bytes = i64::try_from(new.bytes).unwrap_or(i64::MAX);
            transaction.execute(
                insert,
                params![kind, new.dataset, new.hash, new.file, bytes, new.at.0, new.author, options, log, content],
            )?;
            transaction.last_insert_rowid()
        }
    };
    let name = DatasetName { kind: new.kind, name: new.dataset.clone() };
    put_in_force(transaction, &name, Some(id), new.at, &new.author)?;
    Ok(id)
}

/// Puts a version of a dataset in force, or none; a dataset that has no such version stays as it is, and the answer is
/// no.
pub(crate) fn put_in_force(
    transaction: &Connection,
    name: &DatasetName,
    import: Option<i64>,
    at: UtcMs,
    author: &str,
) -> Result<bool, Failure> {
    let own = "SELECT count(*) FROM import WHERE kind = ?1 AND dataset = ?2 AND (?3 IS NULL OR id = ?3)";
    let known: Option<i64> = first(transaction, own, (name.kind.id(), &name.name, import), |row| row.value())?;
    if known.unwrap_or_default() == 0 {
        return Ok(false);
    }
    transaction.execute(
        "INSERT INTO in_force (kind, dataset, import, since, author) VALUES (?1, ?2, ?3, ?4, ?5)",
        (name.kind.id(), &name.name, import, at.0, author),
    )?;
    Ok(true)
}

const VERSIONS: &str = "SELECT id, kind, dataset, hash, file, bytes, at, author, options, log FROM import ORDER BY id";

/// Each time that a version was put in force, oldest first.
const CHANGES: &str = "SELECT kind, dataset, import, since, author FROM in_force ORDER BY id";

/// All versions, oldest first; those in force at `at` say since when.
pub(crate) fn versions(connection: &Connection, at: UtcMs) -> Result<Vec<ImportVersion>, Failure> {
    if schema::version(connection)? < schema::WITH_IMPORTS {
        return Ok(Vec::new());
    }
    let mut versions = collect(connection, VERSIONS, [], version)?;
    let mut now: BTreeMap<DatasetName, (Option<i64>, UtcMs)> = BTreeMap::new();
    for change in changes(connection)?.into_iter().filter(|change| change.since <= at) {
        now.insert(change.dataset, (change.import, change.since));
    }
    for version in &mut versions {
        version.in_force_since =
            now.get(&version.name()).filter(|(import, _)| *import == Some(version.id)).map(|(_, since)| *since);
    }
    Ok(versions)
}

/// Each time that a version was put in force, oldest first.
pub(crate) fn changes(connection: &Connection) -> Result<Vec<InForce>, Failure> {
    if schema::version(connection)? < schema::WITH_IMPORTS {
        return Ok(Vec::new());
    }
    collect(connection, CHANGES, [], |row| {
        Ok(InForce {
            dataset: DatasetName { kind: kind(row)?, name: row.value()? },
            import: row.value()?,
            since: row.at()?,
            author: row.value()?,
        })
    })
}

/// What versions put into the inventory; of two that bring the same, the first counts.
pub(crate) fn content(connection: &Connection, versions: &[i64]) -> Result<ImportContent, Failure> {
    let mut all = ImportContent::default();
    for id in versions {
        let sql = "SELECT content FROM import WHERE id = ?1";
        let text: Option<String> = first(connection, sql, [id], |row| row.value())?;
        let content = text.map(|text| document::read::<ImportContent>("content of an import", &text)).transpose()?;
        all.add(content.unwrap_or_default());
    }
    Ok(all)
}

fn version(row: &mut Columns<'_>) -> Result<ImportVersion, Failure> {
    Ok(ImportVersion {
        id: row.value()?,
        kind: kind(row)?,
        dataset: row.value()?,
        hash: row.value()?,
        file: row.value()?,
        bytes: row.number()?,
        at: row.at()?,
        author: row.value()?,
        options: document::read("options of an import", &row.value::<String>()?)?,
        log: document::read("log of an import", &row.value::<String>()?)?,
        in_force_since: None,
    })
}

fn kind(row: &mut Columns<'_>) -> Result<DatasetKind, Failure> {
    let id: String = row.value()?;
    DatasetKind::of_id(&id).ok_or_else(|| Failure::Damaged(format!("kind of dataset {id:?}")))
}
