//! Secrets: read from files that only their owner and group can read, never shown.

use std::{
    fmt,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use super::SecretRef;
use crate::{
    Fault,
    bounded::{self, ReadError},
};

/// What a reference to a systemd credential starts with.
const CREDENTIAL: &str = "credential:";

/// The longest secret in bytes. InfluxDB tokens have about 90; more than this is a wrong file.
const SECRET_MAX: u64 = 4096;

/// The permission bits that must not be set: reading and writing by others.
const OTHERS: u32 = 0o006;

/// A secret. It has no text form; [`Secret::expose`] is the one way to it.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The secret itself, for the one who sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl SecretRef {
    /// Reads the secret; line ends after it do not belong to it.
    ///
    /// # Errors
    /// A fault of the secret's file: it is not there, others may read it, or what it holds cannot be a secret.
    pub fn read(&self) -> Result<Secret, Fault> {
        self.read_with(std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from).as_deref())
    }

    /// Reads the secret, with systemd's folder of credentials given.
    pub(super) fn read_with(&self, credentials: Option<&Path>) -> Result<Secret, Fault> {
        let path = match (self.credential(), credentials) {
            (None, _) => self.0.clone(),
            (Some(name), Some(folder)) => folder.join(name),
            (Some(name), None) => {
                let hint = format!(
                    "start phusongd by systemd with LoadCredential={name}:/etc/phusong/credentials/{name}, \
                     or give the path of a file"
                );
                return Err(Fault::of_file(&self.0, "$CREDENTIALS_DIRECTORY is not set", hint));
            }
        };
        let secret = read_file(&path)?;
        let text = String::from_utf8(secret)
            .map_err(|_| Fault::of_file(&path, "this is not UTF-8 text", "write the secret as plain text"))?;
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() {
            return Err(Fault::of_file(&path, "the secret is empty", "write the secret into this file"));
        }
        if text.chars().any(char::is_control) {
            let hint = "write the secret alone, on one line";
            return Err(Fault::of_file(&path, "there is a control character or a second line", hint));
        }
        Ok(Secret(text.to_owned()))
    }

    /// The name of the systemd credential, when this is one and no file.
    #[must_use]
    pub fn credential(&self) -> Option<&str> {
        self.0.to_str().and_then(|text| text.strip_prefix(CREDENTIAL))
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, Fault> {
    let fault = |error: ReadError| {
        error.into_fault(path, "put the secret there, or name the file that holds it in the configuration")
    };
    let file = bounded::open(path).map_err(fault)?;
    let mode = file.metadata().map_err(|error| fault(error.into()))?.permissions().mode();
    if mode & OTHERS != 0 {
        let hint = format!("chmod o-rw {}", path.display());
        return Err(Fault::of_file(path, "every user of this machine can read or change this secret", hint));
    }
    bounded::read_open(&file, SECRET_MAX).map_err(fault)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};

    use super::*;

    fn written(content: &[u8], mode: u32) -> (tempfile::TempDir, SecretRef) {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("token");
        fs::write(&path, content).expect("write");
        fs::set_permissions(&path, Permissions::from_mode(mode)).expect("mode");
        (folder, SecretRef(path))
    }

    #[test]
    fn a_secret_is_its_file_without_the_line_end_and_is_never_shown() {
        let (_folder, reference) = written(b"s3cret tokEn==\r\n", 0o640);
        let secret = reference.read().expect("secret");
        assert_eq!(secret.expose(), "s3cret tokEn==");
        assert_eq!(format!("{secret:?} {secret}"), "Secret(…) …");
    }

    #[test]
    fn what_cannot_be_a_secret_is_refused_with_the_remedy() {
        let cases: [(&[u8], u32, &str, &str); 7] = [
            (b"open", 0o644, "every user", "chmod o-rw "),
            (b"open", 0o602, "every user", "chmod o-rw "),
            (b"", 0o600, "empty", "write the secret"),
            (b"\r\n\n", 0o600, "empty", "write the secret"),
            (b"two\nlines", 0o600, "second line", "one line"),
            (b"\xff\xfe", 0o600, "UTF-8", "plain text"),
            (&[b'x'; 4097], 0o600, "larger than 4096", "right file"),
        ];
        for (content, mode, message, hint) in cases {
            let (_folder, reference) = written(content, mode);
            let fault = reference.read().expect_err(message);
            assert!(fault.message.contains(message) && fault.hint.contains(hint), "{fault}");
        }
    }

    #[test]
    fn a_credential_is_a_file_of_systemds_folder() {
        let (folder, _) = written(b"token\n", 0o400);
        let reference = SecretRef(PathBuf::from("credential:token"));
        assert_eq!(reference.read_with(Some(folder.path())).map(|s| s.expose().to_owned()).as_deref(), Ok("token"));
        let fault = reference.read_with(None).expect_err("no folder");
        assert!(fault.hint.contains("LoadCredential=token:"), "{fault}");
        let absent = SecretRef(PathBuf::from("credential:absent")).read_with(Some(folder.path()));
        assert!(absent.is_err_and(|f| f.message.contains("no such file")));
    }
}
