//! Boundaries, layers and tables of geodata that the configuration names. What was imported lies in the data folder, and
//! `phusong store check` looks at it.

use std::{fs::File, io, path::PathBuf};

use phusong_model::config::GeodataConfig;

use super::{
    finding::{Finding, Part, Said},
    scene::Scene,
};

/// Each file: there, and to be read.
pub fn look(scene: &Scene) -> Vec<Finding> {
    let site = match scene.site(Part::Geodata) {
        Ok(site) => site,
        Err(finding) => return finding,
    };
    let files = files(&site.config.geodata);
    let wrong: Vec<Finding> = files.iter().filter_map(one).collect();
    if !wrong.is_empty() {
        return wrong;
    }
    let count = files.len();
    let fact = match count {
        0 => Said::words(("cấu hình không dùng tệp nào", "the configuration names no files")),
        _ => Said::new(format!("tệp: {count}, đều đọc được"), format!("files: {count}, all can be read")),
    };
    vec![Finding::ok(Part::Geodata, fact)]
}

fn files(config: &GeodataConfig) -> Vec<PathBuf> {
    let singles = [&config.communes, &config.rules].into_iter().flatten();
    let layers = config.layer.iter().map(|layer| &layer.file);
    let datasets = config.dataset.iter().flat_map(|dataset| std::iter::once(&dataset.file).chain(&dataset.columns));
    singles.chain(layers).chain(datasets).cloned().collect()
}

fn one(file: &PathBuf) -> Option<Finding> {
    let shown = file.display();
    // Looked at before it is opened: to open a pipe would wait for its writer.
    let opened = std::fs::metadata(file).and_then(|metadata| {
        if metadata.is_file() { File::open(file).map(drop) } else { Err(io::Error::other("this is not a file")) }
    });
    let error = opened.err()?;
    let fact = Said::same(format!("{shown}: {error}"));
    if error.kind() == io::ErrorKind::PermissionDenied {
        // The daemon may well be allowed to; this user is not.
        return Some(Finding {
            remedy: Some(Said::same("sudo phusong doctor")),
            ..Finding::not_looked_at(Part::Geodata, fact)
        });
    }
    let remedy = Said::new(
        format!("đặt tệp vào {shown}, hoặc bỏ nó khỏi [geodata]"),
        format!("put the file at {shown}, or take it out of [geodata]"),
    );
    Some(Finding::fault(Part::Geodata, fact, remedy))
}
