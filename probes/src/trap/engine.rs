//! Who we are to senders of SNMPv3 informs: an engine id that stays the same, and how often it was started.
//!
//! An inform is secured with a key made for the receiver's engine id and a time that counts from the receiver's start, so
//! both must outlive it (RFC 3414, 2.2; RFC 3411, 5). They are in a small file, written as a whole before they are used:
//! into a new file, synced, renamed over the old one, the folder synced. A power cut leaves the old or the new one. Where
//! the file is lost or broken a new engine is made, as the RFC asks when the number of starts is not known: nobody can
//! replay to it what was sent to the one before.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use snmp::{AuthoritativeEngine, PersistedAuthoritativeEngine, generate_engine_id};
use thiserror::Error;

/// The largest file that is read; ours has some 200 bytes.
const FILE_MAX: u64 = 4096;

/// Starts after which an engine is at its end and accepts nothing any more (RFC 3414, 2.2.2).
const BOOTS_LAST: u32 = i32::MAX as u32;

/// What stands above the values.
const HEAD: &str = "# Who phusongd is to senders of SNMPv3 informs (RFC 3414, 2.2). Do not copy it to another machine;\n\
                    # when it is removed, phusongd makes another one.\n";

/// Why there is no engine.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The file is there and cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file could not be written, or the system has no random numbers.
    #[error("cannot make an SNMP engine in {path}")]
    Make {
        /// The file.
        path: PathBuf,
        /// What the library or the system said.
        source: Box<snmp::Error>,
    },
}

/// A local SNMP engine, its file written. Clones are the same engine.
#[derive(Clone)]
pub struct Engine(AuthoritativeEngine);

/// The file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    /// In hexadecimal digits.
    engine_id: String,
    boots: u32,
}

impl Engine {
    /// Starts the engine of the file, or makes one.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn start(path: &Path) -> Result<Self, EngineError> {
        let before = match read(path) {
            Ok(text) => parse(&text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(source) => return Err(EngineError::Read { path: path.to_owned(), source }),
        };
        let file = path.to_owned();
        let keep = move |state: &PersistedAuthoritativeEngine| write(&file, state);
        let made = match before {
            Some(before) => AuthoritativeEngine::restart(before, keep),
            None => generate_engine_id().and_then(|id| AuthoritativeEngine::install(id, keep)),
        };
        made.map(Self).map_err(|source| EngineError::Make { path: path.to_owned(), source })
    }

    pub(super) fn authoritative(&self) -> AuthoritativeEngine {
        self.0.clone()
    }
}

fn read(path: &Path) -> io::Result<String> {
    use io::Read as _;
    let mut text = Vec::new();
    File::open(path)?.take(FILE_MAX).read_to_end(&mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// The engine before this start; none when the text is not one that can go on.
pub(super) fn parse(text: &str) -> Option<PersistedAuthoritativeEngine> {
    let record: Record = toml::from_str(text).ok()?;
    let digits = record.engine_id.as_bytes();
    let octets: Option<Vec<u8>> = digits.chunks(2).map(octet).collect();
    PersistedAuthoritativeEngine::new(octets?, record.boots).ok().filter(|before| before.engine_boots() < BOOTS_LAST)
}

fn octet(digits: &[u8]) -> Option<u8> {
    match digits {
        [_, _] if digits.iter().all(u8::is_ascii_hexdigit) => {
            u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
        }
        _ => None,
    }
}

fn write(path: &Path, state: &PersistedAuthoritativeEngine) -> io::Result<()> {
    let engine_id = state.engine_id().iter().map(|octet| format!("{octet:02x}")).collect();
    let record = Record { engine_id, boots: state.engine_boots() };
    let text = toml::to_string(&record).map_err(io::Error::other)?;
    let new = path.with_extension("new");
    let mut file = File::create(&new)?;
    file.write_all(HEAD.as_bytes())?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(path: &Path) -> (Vec<u8>, u32) {
        let engine = Engine::start(path).expect("engine");
        (engine.0.engine_id().to_vec(), engine.0.engine_boots())
    }

    #[test]
    fn the_engine_id_stays_and_starts_are_counted() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("snmp-engine.toml");
        let (id, boots) = state(&path);
        assert!((5..=32).contains(&id.len()) && boots == 1);
        assert_eq!(state(&path), (id.clone(), 2));
        assert_eq!(state(&path), (id, 3));
        assert_eq!(fs::read_dir(folder.path()).expect("folder").count(), 1, "nothing else is left behind");
    }

    #[test]
    fn a_file_that_cannot_go_on_makes_another_engine() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("snmp-engine.toml");
        let (id, _) = state(&path);
        let good = fs::read_to_string(&path).expect("file");
        let torn: Vec<String> = (0..good.len()).map(|end| good[..end].to_owned()).collect();
        let last = good.replace("boots = 1", "boots = 2147483647");
        let odd = good.replace("engine_id = \"", "engine_id = \"+");
        for text in torn.into_iter().chain([last, odd, "boots = -1".to_owned(), "é".repeat(5_000)]) {
            fs::write(&path, &text).expect("write");
            let (new, boots) = state(&path);
            // Cut after the last digit, nothing but the line end is lost.
            let whole = text.trim_end() == good.trim_end();
            assert_eq!((new == id, boots), (whole, if whole { 2 } else { 1 }), "{text:?}");
        }
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_an_error() {
        let error = Engine::start(Path::new("/proc/self/no/snmp-engine.toml")).map(|_| ()).expect_err("no folder");
        assert!(matches!(error, EngineError::Make { .. }), "{error:?}");
    }
}
