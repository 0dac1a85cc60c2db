//! The files that a new configuration starts from.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// The shipped example: every key with its default.
pub(super) const EXAMPLE: &str = include_str!("../../../systemd/phusong.toml");

/// The inventory's files, each with its header and a row that is commented out.
const INVENTORY: [(&str, &str); 7] = [
    ("communes.csv", include_str!("../../../systemd/inventory/communes.csv")),
    ("sites.csv", include_str!("../../../systemd/inventory/sites.csv")),
    ("links.csv", include_str!("../../../systemd/inventory/links.csv")),
    ("devices.csv", include_str!("../../../systemd/inventory/devices.csv")),
    ("settlements.csv", include_str!("../../../systemd/inventory/settlements.csv")),
    ("declared.csv", include_str!("../../../systemd/inventory/declared.csv")),
    ("maintenance.csv", include_str!("../../../systemd/inventory/maintenance.csv")),
];

/// Without this mark Excel opens a CSV file in the machine's old code page and spoils every Vietnamese name.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Writes `phusong.toml` and the templates of the inventory into a folder, made when it is not there, and returns their
/// paths.
///
/// # Errors
/// When one of the files is there already, nothing is written and the error names it; else what the system refused.
pub fn init(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let inventory = folder.join("inventory");
    let mut files = vec![(folder.join("phusong.toml"), EXAMPLE.to_owned())];
    files.extend(INVENTORY.map(|(name, text)| (inventory.join(name), format!("{BYTE_ORDER_MARK}{text}"))));
    for (path, _) in &files {
        if path.symlink_metadata().is_ok() {
            let message = format!("{} is there already and is not overwritten", path.display());
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, message));
        }
    }
    let named = |path: &Path, error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    fs::create_dir_all(&inventory).map_err(|error| named(&inventory, error))?;
    for (path, text) in &files {
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(path)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(|error| named(path, error))?;
    }
    Ok(files.into_iter().map(|(path, _)| path).collect())
}
