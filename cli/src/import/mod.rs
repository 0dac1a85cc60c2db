//! `phusong import`: files of geodata into the store, version by version.

mod arguments;
mod send;
mod show;

use std::io::Write;

use phusong_model::{
    ColumnMapping, DatasetKind, Faults, ImportOptions, ImportVersion,
    command::{Force, ForceOrder, ImportAnswer, ImportOrder, OrderError},
    config::name_of,
    glossary,
};
use phusong_store::Reader;
use serde::Serialize;

use self::{
    arguments::{FileArguments, LayerArguments, TableArguments},
    send::Parcel,
};
use crate::{
    arguments::{Arguments, Format},
    environment::Environment,
    failure::Failure,
    program::{print, told},
    progress::{Length, Progress},
    sheet,
    show::View,
    site::Site,
    store::unreadable,
};

pub use arguments::{ImportAction, ImportArguments};

/// What a run is given.
pub struct Run<'r> {
    /// The command line.
    pub arguments: &'r Arguments,
    /// The surroundings.
    pub environment: &'r Environment,
    /// Where the answer goes.
    pub out: &'r mut dyn Write,
    /// Words.
    pub err: &'r mut dyn Write,
}

/// The document of `phusong import list --json`. Within a version fields are only added.
#[derive(Debug, Serialize)]
struct Imports<'a> {
    schema: &'static str,
    imports: &'a [ImportVersion],
}

/// The document of `phusong import log --json`.
#[derive(Debug, Serialize)]
struct Log<'a> {
    schema: &'static str,
    import: &'a ImportVersion,
}

/// Carries out a command and gives its exit code.
pub fn run(mut run: Run<'_>, action: &ImportAction) -> Result<u8, Failure> {
    match action {
        ImportAction::Boundaries(file) => run.file(DatasetKind::Boundaries, file, None, ImportOptions::default()),
        ImportAction::Layer(layer) => run.layer(layer),
        ImportAction::Settlements(table) => run.table(DatasetKind::Settlements, table),
        ImportAction::Sites(table) => run.table(DatasetKind::Sites, table),
        ImportAction::Cells(table) => run.table(DatasetKind::Cells, table),
        ImportAction::Population(file) => run.file(DatasetKind::Population, file, None, ImportOptions::default()),
        ImportAction::Totals(table) => run.table(DatasetKind::Totals, table),
        ImportAction::Measurements(table) => run.table(DatasetKind::Measurements, table),
        ImportAction::List { all } => run.list(*all),
        ImportAction::Log { id } => run.log(*id),
        ImportAction::RollBack { dataset, to, kind } => {
            let to = to.map_or(Force::Before, Force::Version);
            run.force(&ForceOrder { dataset: dataset.clone(), kind: kind.map(DatasetKind::from), to })
        }
        ImportAction::Withdraw { dataset, kind } => {
            let kind = kind.map(DatasetKind::from);
            run.force(&ForceOrder { dataset: dataset.clone(), kind, to: Force::Nothing })
        }
    }
}

impl Run<'_> {
    fn layer(&mut self, layer: &LayerArguments) -> Result<u8, Failure> {
        let LayerArguments { file, source, operator, technology, name } = layer;
        let options = ImportOptions {
            source: Some((*source).into()),
            operator: operator.clone(),
            technology: *technology,
            ..ImportOptions::default()
        };
        self.file(DatasetKind::Layer, file, name.as_deref(), options)
    }

    fn table(&mut self, kind: DatasetKind, table: &TableArguments) -> Result<u8, Failure> {
        let TableArguments { file, columns, accept_guesses, operator, technology, name } = table;
        let columns = columns.as_deref().map(ColumnMapping::read).transpose();
        let options = ImportOptions {
            operator: operator.clone(),
            technology: *technology,
            columns: columns.map_err(|fault| Failure::File(Faults(vec![fault])))?,
            accept_guesses: *accept_guesses,
            ..ImportOptions::default()
        };
        self.file(kind, file, name.as_deref(), options)
    }

    fn file(
        &mut self,
        kind: DatasetKind,
        asked: &FileArguments,
        name: Option<&str>,
        options: ImportOptions,
    ) -> Result<u8, Failure> {
        let FileArguments { file, crs, valid_on, dry_run } = asked;
        let shown = std::path::absolute(file).unwrap_or_else(|_| file.clone());
        let order = ImportOrder {
            kind,
            dataset: name.map_or_else(|| name_of(file), str::to_owned),
            file: shown.to_string_lossy().into_owned(),
            options: ImportOptions { crs: crs.clone(), valid_on: valid_on.clone(), ..options },
            dry_run: *dry_run,
        };
        let site = self.site()?;
        let reading = ("đang đọc", "reading");
        let progress = Progress::begin(self.arguments, self.environment, reading, Length::Unknown);
        let parcel = Parcel { order: &order, file, meter: progress.meter() };
        let (given, bytes) = send::import(&site, &parcel, self.environment.now())?;
        let how_much = self.how_much(&given, bytes);
        progress.end(self.err, &how_much);
        let text = self.text(&given, |view| show::imported(&given, &order, view))?;
        print(self.out, &text).map(|()| phusong_gaps::ANSWERED)
    }

    /// How much was taken in, or only looked at.
    fn how_much(&self, given: &ImportAnswer, bytes: u64) -> String {
        let lang = self.environment.lang(self.arguments.lang);
        let size = glossary::bytes(lang, bytes);
        match given.version {
            Some(_) => lang.pick(format!("đã nhập {size}"), format!("imported {size}")),
            None => lang.pick(format!("đã kiểm tra {size}"), format!("checked {size}")),
        }
    }

    fn force(&mut self, order: &ForceOrder) -> Result<u8, Failure> {
        let site = self.site()?;
        let progress = Progress::begin(self.arguments, self.environment, send::EXAMINED, Length::Unknown);
        let given = send::force(&site, order, progress.meter(), self.environment.now())?;
        progress.end(self.err, self.environment.lang(self.arguments.lang).of(("đã tính lại", "computed anew")));
        let text = self.text(&given, |view| show::forced(&given, view))?;
        print(self.out, &text).map(|()| phusong_gaps::ANSWERED)
    }

    fn list(&mut self, all: bool) -> Result<u8, Failure> {
        let mut imports = self.versions()?;
        imports.retain(|version| all || version.in_force_since.is_some());
        if self.arguments.format() == Format::Csv {
            let rows = sheet::imports(&imports).map_err(Failure::Output)?;
            return print(self.out, &rows).map(|()| phusong_gaps::ANSWERED);
        }
        let document = Imports { schema: "phusong.imports/1", imports: &imports };
        let text = self.text(&document, |view| show::list(&imports, view))?;
        print(self.out, &text).map(|()| phusong_gaps::ANSWERED)
    }

    fn log(&mut self, id: i64) -> Result<u8, Failure> {
        let versions = self.versions()?;
        let found = versions.iter().find(|version| version.id == id);
        let import =
            found.ok_or_else(|| Failure::order(OrderError::UnknownImport { dataset: None, known: Vec::new() }))?;
        let text = self.text(&Log { schema: "phusong.import-log/1", import }, |view| show::log(import, view))?;
        print(self.out, &text).map(|()| phusong_gaps::ANSWERED)
    }

    fn versions(&self) -> Result<Vec<ImportVersion>, Failure> {
        let reader = Reader::open(self.site()?.folder()).map_err(unreadable)?;
        reader.imports(send::NOW).map_err(unreadable)
    }

    fn site(&self) -> Result<Site, Failure> {
        Site::find(self.arguments, self.environment)
    }

    fn text(&self, document: &impl Serialize, lines: impl FnOnce(&View) -> Vec<String>) -> Result<String, Failure> {
        told(self.arguments, self.environment, document, lines)
    }
}
