//! `phusong store export`: rows of a window to a file that other programs read. Row by row, so that a year takes no more
//! memory than a day.

mod columns;
mod csv_file;
mod new_file;
mod parquet_file;
mod rows;

use std::{
    collections::BTreeSet,
    io::{self, Write},
    path::Path,
};

use phusong_model::{Inventory, UtcMs, Window, glossary};
use phusong_store::{Of, Reader};
use serde::Serialize;

use super::{
    Run, StoreFailure,
    arguments::{ExportArguments, What},
    unreadable,
};
use crate::{
    arguments::Format,
    ask::daemon::Refusal,
    failure::Failure,
    program::{drawn, json, print, say, window},
    progress::{self, Length, Meter, Progress},
};

use columns::{Column, Value};
use csv_file::CsvFile;
pub use new_file::NewFile;
use parquet_file::ParquetFile;
use rows::Directory;

/// A file of rows that is being written.
trait Rows {
    /// Takes a row: a value for each column.
    fn row(&mut self, row: Vec<Value>) -> Result<(), StoreFailure>;
}

/// How the file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Csv,
    Parquet,
}

/// The document of `--json`.
#[derive(Debug, Serialize)]
struct Document {
    schema: &'static str,
    path: String,
    what: &'static str,
    rows: u64,
    window: Window,
}

/// Writes the rows and says how many they are.
pub fn run(run: &mut Run<'_>, asked: &ExportArguments) -> Result<u8, Failure> {
    let kind = kind(run.arguments.format(), asked)?;
    let window = window(run.arguments, run.environment)?;
    let reader = run.reader()?;
    let inventory = reader.inventory().map_err(unreadable)?.unwrap_or_default();
    let of = whose(run, asked, &inventory)?;
    let stdout = asked.file == Path::new("-");
    let (meter, directory) = (Meter::UNSEEN, Directory::of(&inventory));
    let mut export = Export { reader: &reader, window, of, directory, what: asked.what, meter };
    let rows = match (kind, stdout) {
        (Kind::Csv, true) => export.to_stdout(run.out)?,
        (Kind::Parquet, true) => return Err(StoreFailure::ParquetToStdout.into()),
        (kind, false) => {
            let progress = Progress::begin(run.arguments, run.environment, WRITING, export.length());
            export.meter = progress.meter().clone();
            let rows = export.to_file(kind, asked).map_err(|failure| failure.of(&asked.file))?;
            let lang = run.environment.lang(run.arguments.lang);
            let count = glossary::integer(lang, rows);
            progress.end(run.err, &lang.pick(format!("đã ghi {count} dòng"), format!("{count} rows written")));
            rows
        }
    };
    tell(run, asked, window, rows, stdout)
}

/// As it was asked for, else as the file is called.
fn kind(format: Format, asked: &ExportArguments) -> Result<Kind, StoreFailure> {
    let ending = asked.file.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match (format, asked.parquet, ending.as_deref()) {
        (Format::Csv, _, _) => Ok(Kind::Csv),
        (_, true, _) => Ok(Kind::Parquet),
        (Format::Table | Format::Json, false, Some("csv")) => Ok(Kind::Csv),
        (Format::Table | Format::Json, false, Some("parquet")) => Ok(Kind::Parquet),
        (Format::Table | Format::Json, false, _) => Err(StoreFailure::NoKind(asked.file.clone())),
    }
}

/// The links that `--link`, `--commune` and `--group` leave.
fn whose(run: &Run<'_>, asked: &ExportArguments, inventory: &Inventory) -> Result<Of, Failure> {
    let question = |error| Failure::Question { refusal: Refusal::Known(error), conditions: Vec::new() };
    let link = asked.link.as_deref().map(|text| phusong_gaps::find_link(&inventory.links, text).map_err(question));
    let link = link.transpose()?.map(|link| &link.id);
    let commune = run.arguments.commune()?;
    let commune =
        commune.as_deref().map(|name| phusong_gaps::find_commune(&inventory.communes, name).map_err(question));
    let commune = commune.transpose()?.map(|commune| &commune.code);
    let group = run.arguments.group.as_deref();
    let group = group.map(|name| phusong_gaps::find_group(&inventory.links, name).map_err(question)).transpose()?;
    if link.is_none() && commune.is_none() && group.is_none() {
        return Ok(Of::Everything);
    }
    let links = inventory
        .links
        .iter()
        .filter(|known| link.is_none_or(|id| known.id == *id))
        .filter(|known| commune.is_none_or(|code| known.commune.as_ref() == Some(code)))
        .filter(|known| group.is_none_or(|group| known.groups.contains(group)));
    Ok(Of::Links(links.map(|link| link.id.clone()).collect::<BTreeSet<_>>()))
}

/// What is written.
struct Export<'e> {
    reader: &'e Reader,
    window: Window,
    of: Of,
    directory: Directory<'e>,
    what: What,
    meter: Meter,
}

/// What the picture is called; beside data on stdout there is none.
const WRITING: progress::What = ("đang ghi các dòng", "writing rows");

impl Export<'_> {
    /// How long it will take, by what is read in the order of time.
    fn length(&self) -> Length {
        match self.what {
            What::Samples | What::Readings => Length::Share(self.window.to.since(self.window.from).0.unsigned_abs()),
            What::Spans | What::Outages => Length::Unknown,
        }
    }

    /// How far it is when it has come to an instant.
    fn reached(&self, at: UtcMs) {
        self.meter.at(at.since(self.window.from).0.unsigned_abs());
    }

    fn columns(&self) -> &'static [Column] {
        match self.what {
            What::Samples => rows::SAMPLES,
            What::Spans => rows::SPANS,
            What::Outages => rows::OUTAGES,
            What::Readings => rows::READINGS,
        }
    }

    fn to_file(&self, kind: Kind, asked: &ExportArguments) -> Result<u64, StoreFailure> {
        let mut file = NewFile::make(&asked.file, asked.force)?;
        let rows = match kind {
            Kind::Csv => {
                let mut csv = CsvFile::begin(io::BufWriter::new(file.writer()), self.columns())?;
                let rows = self.write(&mut csv)?;
                csv.end().map(|()| rows)?
            }
            Kind::Parquet => {
                let mut parquet = ParquetFile::begin(file.writer(), self.what.id(), self.columns())?;
                let rows = self.write(&mut parquet)?;
                parquet.end().map(|()| rows)?
            }
        };
        file.name(asked.force).map(|()| rows)
    }

    fn to_stdout(&self, out: &mut dyn Write) -> Result<u64, Failure> {
        let lost = |failure| {
            if let StoreFailure::Write { source, .. } = failure {
                return Failure::Output(source);
            }
            failure.into()
        };
        let mut csv = CsvFile::begin(io::BufWriter::new(out), self.columns()).map_err(lost)?;
        let rows = self.write(&mut csv).map_err(lost)?;
        csv.end().map_err(lost)?;
        Ok(rows)
    }

    fn write(&self, file: &mut dyn Rows) -> Result<u64, StoreFailure> {
        let (window, of, directory) = (self.window, &self.of, &self.directory);
        let mut rows = 0;
        let mut take = |row: Vec<Value>| {
            rows += 1;
            file.row(row)
        };
        match self.what {
            What::Samples => self.reader.each_sample(window, of, &mut |(at, sample)| {
                self.reached(at);
                take(rows::sample(directory, at, &sample))
            }),
            What::Readings => self.reader.each_reading(window, of, &mut |(at, reading)| {
                self.reached(at);
                take(rows::reading(directory, at, &reading))
            }),
            What::Spans => self.reader.each_span(window, of, &mut |span| take(rows::span(directory, &span))),
            What::Outages => self.reader.each_outage(window, of, &mut |outage| take(rows::outage(directory, &outage))),
        }?;
        Ok(rows)
    }
}

/// Says what was written; beside data on stdout, that is said on stderr.
fn tell(run: &mut Run<'_>, asked: &ExportArguments, window: Window, rows: u64, stdout: bool) -> Result<u8, Failure> {
    let path = asked.file.to_string_lossy().into_owned();
    let text = match run.arguments.format() {
        Format::Json => {
            json(&Document { schema: "phusong.store-export/1", path, what: asked.what.id(), rows, window })?
        }
        Format::Table | Format::Csv => drawn(run.arguments, run.environment, |view| {
            let instant = |at: UtcMs| glossary::instant(view.lang, at);
            let count = format!("{} {}", glossary::integer(view.lang, rows), view.lang.of(("dòng", "rows")));
            view.facts([path, count, format!("{} – {}", instant(window.from), instant(window.to))])
        }),
    };
    if stdout {
        say(run.err, text.trim_end());
    } else {
        print(run.out, &text)?;
    }
    Ok(phusong_gaps::ANSWERED)
}
