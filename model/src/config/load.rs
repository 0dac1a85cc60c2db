//! Reading the configuration's file.

use std::path::{Path, PathBuf};

use super::{
    ChannelConfig, Config, InventoryConfig, SecretRef, keys,
    references::{judge_secret, secrets},
    rules::{self, Judge},
    source::{Source, place},
};
use crate::{Fault, Faults, bounded, findings::Findings};

/// Where the configuration is when nobody says otherwise.
pub const DEFAULT_PATH: &str = "/etc/phusong/phusong.toml";

/// The environment variable that names another configuration.
pub const PATH_VARIABLE: &str = "PHUSONG_CONFIG";

/// The largest configuration in bytes. Sixty credentials and a hundred layers are 20 kB.
const FILE_MAX: u64 = 1 << 20;

impl Config {
    /// Reads and judges a configuration, paths made absolute against its folder. References to secrets are looked at,
    /// the secrets are not read.
    ///
    /// # Errors
    /// Every fault of the file.
    pub fn load(path: &Path) -> Result<Self, Faults> {
        let mut findings = Findings::default();
        let draft = Draft::read(path, &mut findings, |_, _| ());
        findings.verdict(draft.config)
    }
}

/// A configuration that may have faults, with what may still be relied on.
pub(super) struct Draft {
    /// What could be read; the rest is as by default.
    pub config: Config,
    /// `[inventory]` is what its author meant.
    pub inventory_sound: bool,
    /// The credentials are what their author meant.
    pub credentials_sound: bool,
}

impl Draft {
    /// Reads the file and judges it; `look` judges more, with the places of the values at hand.
    pub fn read(path: &Path, findings: &mut Findings, look: impl FnOnce(&Config, &mut Judge<'_, '_>)) -> Self {
        let nothing = Self { config: Config::default(), inventory_sound: false, credentials_sound: false };
        let text = match text(path) {
            Ok(text) => text,
            Err(fault) => {
                findings.push(fault);
                return nothing;
            }
        };
        let folder = folder_of(path);
        let mut source = Source::parse(path.to_owned(), &text, findings);
        if !findings.is_empty() {
            return broken(&source, &folder).unwrap_or(nothing);
        }
        let mut config = keys::read(&mut source, findings);
        let (inventory_sound, credentials_sound) = (source.is_sound("inventory"), source.is_sound("snmp"));
        config.make_absolute(&folder);
        let mut judge = Judge { source: &source, findings };
        rules::judge(&config, &mut judge);
        for (path, secret) in secrets(&config) {
            judge_secret(&path, secret, &mut judge);
        }
        look(&config, &mut judge);
        Self { config, inventory_sound, credentials_sound }
    }
}

/// What a file with broken syntax still says for certain: the folder of the inventory.
fn broken(source: &Source<'_>, folder: &Path) -> Option<Draft> {
    let inventory = source.table.get_ref().get("inventory")?.get_ref().get("folder")?.get_ref().as_str()?;
    let mut config = Config {
        inventory: InventoryConfig { folder: PathBuf::from(inventory), ..InventoryConfig::default() },
        ..Config::default()
    };
    config.make_absolute(folder);
    Some(Draft { config, inventory_sound: true, credentials_sound: false })
}

fn text(path: &Path) -> Result<String, Fault> {
    let bytes = bounded::read(path, FILE_MAX).map_err(|error| {
        error.into_fault(path, "name the configuration with --config FILE, or write one with: phusongd init DIR")
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let (line, column) = place(&String::from_utf8_lossy(valid), valid.len());
        Fault::of_file(path, "this is not UTF-8 text", "save the file as UTF-8").at_line(line).at_column(column)
    })
}

/// The folder that relative paths of the configuration start from.
fn folder_of(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    absolute.parent().map(Path::to_owned).unwrap_or_default()
}

impl Config {
    /// Makes relative paths absolute. An empty path stays empty, so that it is refused and not taken for the folder.
    pub(super) fn make_absolute(&mut self, folder: &Path) {
        let mut paths = vec![&mut self.inventory.folder, &mut self.store.folder, &mut self.api.socket];
        paths.extend(self.geodata.communes.as_mut());
        paths.extend(self.geodata.rules.as_mut());
        paths.extend(self.service.ca_file.as_mut());
        paths.extend(self.snmp.profiles.as_mut());
        paths.extend(self.geodata.layer.iter_mut().map(|layer| &mut layer.file));
        let datasets = self.geodata.dataset.iter_mut();
        paths.extend(datasets.flat_map(|dataset| [Some(&mut dataset.file), dataset.columns.as_mut()]).flatten());
        let mut other_secrets = Vec::new();
        for channel in &mut self.notify.channel {
            paths.extend(channel.ca_file.as_mut());
            let ChannelConfig { url_file, secret_file, token_file, password_file, .. } = channel;
            other_secrets.extend([url_file, secret_file, token_file, password_file].into_iter().flatten());
        }
        for influx in &mut self.influx {
            paths.extend(influx.ca_file.as_mut());
            other_secrets.push(&mut influx.token_file);
        }
        let credentials = self.snmp.credential.iter_mut();
        let secrets = credentials
            .flat_map(|c| [&mut c.community, &mut c.auth_password, &mut c.priv_password])
            .flatten()
            .chain(other_secrets);
        paths.extend(secrets.filter(|secret| secret.credential().is_none()).map(|SecretRef(path)| path));
        for path in paths.into_iter().filter(|path| !path.as_os_str().is_empty()) {
            *path = folder.join(&*path);
        }
    }
}
