//! Versions of datasets as rows.

use phusong_model::{CoverageSource, ImportVersion, Operator, Technology};

use super::{Field, Sheet};

/// A row for each version.
pub fn sheet(imports: &[ImportVersion]) -> Sheet {
    let header = "version,dataset,kind,source,operator,technology,crs,valid_on,file,bytes,sha256,at,author,in_force_since,\
        read,used,guesses,repairs,borders";
    let row = |version: &ImportVersion| {
        let (options, log) = (&version.options, &version.log);
        vec![
            Field::exact(Some(version.id)),
            Field::text(Some(&version.dataset)),
            Field::text(Some(version.kind.id())),
            Field::text(options.source.map(CoverageSource::id)),
            Field::text(options.operator.as_ref().map(Operator::as_str)),
            Field::text(options.technology.map(Technology::id)),
            Field::text(options.crs.as_ref()),
            Field::text(options.valid_on.as_ref()),
            Field::text(Some(&version.file)),
            Field::exact(Some(version.bytes)),
            Field::exact(Some(&version.hash)),
            Field::exact(Some(version.at)),
            Field::text(Some(&version.author)),
            Field::exact(version.in_force_since),
            Field::exact(Some(log.read)),
            Field::exact(Some(log.used)),
            Field::exact(Some(log.guesses.len())),
            Field::exact(Some(log.repairs.len())),
            Field::exact(Some(log.borders.len())),
        ]
    };
    Sheet { header, rows: imports.iter().map(row).collect() }
}
