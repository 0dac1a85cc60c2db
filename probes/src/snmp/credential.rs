//! Credentials with their secrets read and their keys derived, once for all devices that use them.

use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use phusong_model::{
    Fault, Faults,
    config::{self, CredentialConfig, SecretRef, SnmpConfig, SnmpVersion},
};
use snmp::{Auth, AuthProtocol, Community, EngineCache, MasterKeys, PrivProtocol, UsmConfig, UsmUser};

/// Shortest SNMPv3 password (RFC 3414, section 11.2); agents refuse shorter ones too.
const PASSWORD_SHORTEST: usize = 8;
/// Most SNMPv3 engines remembered: the design limit of 3,321 communes with ten targets each.
const ENGINES_MOST: usize = 33_210;
/// How long an engine is remembered without being asked: longer than any poll period.
const ENGINES_KEPT: Duration = Duration::from_secs(6 * 3600);

/// The credentials of the configuration, ready to use. Deriving an SNMPv3 key hashes a megabyte, so it is done once per
/// credential; engines found on one poll are remembered for the next.
#[derive(Clone)]
pub struct Credentials {
    by_name: HashMap<String, Auth>,
    engines: Arc<EngineCache>,
    inbound: Arc<Inbound>,
}

/// The same credentials for what devices send of themselves, in the order of the configuration.
#[derive(Default)]
pub(crate) struct Inbound {
    pub(crate) communities: Vec<Community>,
    pub(crate) users: Vec<UsmUser>,
}

/// Only names are shown.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.by_name.keys()).finish()
    }
}

impl Credentials {
    /// Reads the secrets of all credentials and derives their keys.
    ///
    /// # Errors
    /// Every secret that cannot be read or used, at once.
    pub fn resolve(config: &SnmpConfig) -> Result<Self, Faults> {
        let mut by_name = HashMap::new();
        let mut inbound = Inbound::default();
        let mut faults = Vec::new();
        for credential in &config.credential {
            let resolved = match credential.version {
                SnmpVersion::V1 => community(credential, &mut inbound).map(Auth::v1),
                SnmpVersion::V2c => community(credential, &mut inbound).map(Auth::v2c),
                SnmpVersion::V3 => user(credential, &mut inbound),
            };
            match resolved {
                Ok(auth) => {
                    by_name.insert(credential.name.clone(), auth);
                }
                Err(fault) => faults.push(fault),
            }
        }
        if !faults.is_empty() {
            return Err(Faults(faults));
        }
        let engines = EngineCache::new().with_max_capacity(ENGINES_MOST).with_ttl(ENGINES_KEPT);
        Ok(Self { by_name, engines: Arc::new(engines), inbound: Arc::new(inbound) })
    }

    pub(super) fn auth(&self, name: &str) -> Option<Auth> {
        self.by_name.get(name).cloned()
    }

    /// Whether any of them is of SNMPv3.
    #[must_use]
    pub fn have_users(&self) -> bool {
        !self.inbound.users.is_empty()
    }

    pub(crate) fn inbound(&self) -> &Inbound {
        &self.inbound
    }

    pub(super) fn engines(&self) -> Arc<EngineCache> {
        Arc::clone(&self.engines)
    }
}

fn community(credential: &CredentialConfig, inbound: &mut Inbound) -> Result<Community, Fault> {
    let reference = needed(credential, "community", credential.community.as_ref())?;
    let secret = reference.read()?;
    let community = Community::from(secret.expose());
    inbound.communities.push(community.clone());
    Ok(community)
}

fn user(credential: &CredentialConfig, inbound: &mut Inbound) -> Result<Auth, Fault> {
    let user = needed(credential, "user", credential.user.as_ref())?;
    let usm = UsmConfig::new(user.clone());
    let Some(auth) = credential.auth else {
        inbound.users.push(UsmUser::new(user.clone()));
        return Ok(usm.into());
    };
    let password = needed(credential, "auth_password", credential.auth_password.as_ref())?;
    let mut keys = MasterKeys::new(auth_protocol(auth), password_of(password)?.as_bytes())
        .map_err(|error| unusable(password, &error))?;
    if let Some(privacy) = credential.privacy {
        let password = needed(credential, "priv_password", credential.priv_password.as_ref())?;
        keys = keys
            .with_privacy(priv_protocol(privacy), password_of(password)?.as_bytes())
            .map_err(|error| unusable(password, &error))?;
    }
    let sender = UsmUser::new(user.clone()).with_master_keys(keys.clone());
    inbound.users.push(sender.map_err(|error| unusable(password, &error))?);
    let usm = usm.with_master_keys(keys).map_err(|error| unusable(password, &error))?;
    Ok(usm.into())
}

/// The configuration's own check says this with line and column; here it is the last line of defence.
fn needed<'a, T>(credential: &CredentialConfig, key: &str, value: Option<&'a T>) -> Result<&'a T, Fault> {
    value.ok_or_else(|| {
        Fault::of_file(
            "phusong.toml",
            format!("credential {:?} has no {key}", credential.name),
            format!("add {key} to its [[snmp.credential]]"),
        )
    })
}

fn password_of(reference: &SecretRef) -> Result<String, Fault> {
    let secret = reference.read()?;
    let password = secret.expose();
    if password.len() < PASSWORD_SHORTEST {
        return Err(Fault::of_file(
            reference.0.clone(),
            format!("the SNMPv3 password has fewer than {PASSWORD_SHORTEST} characters"),
            "choose a longer one on the device and here; agents refuse shorter ones",
        ));
    }
    Ok(password.to_owned())
}

fn unusable(reference: &SecretRef, error: &dyn fmt::Display) -> Fault {
    Fault::of_file(
        reference.0.clone(),
        format!("the SNMPv3 key cannot be derived: {error}"),
        "choose another protocol or password for this credential",
    )
}

fn auth_protocol(protocol: config::AuthProtocol) -> AuthProtocol {
    match protocol {
        config::AuthProtocol::Sha1 => AuthProtocol::Sha1,
        config::AuthProtocol::Sha224 => AuthProtocol::Sha224,
        config::AuthProtocol::Sha256 => AuthProtocol::Sha256,
        config::AuthProtocol::Sha384 => AuthProtocol::Sha384,
        config::AuthProtocol::Sha512 => AuthProtocol::Sha512,
    }
}

fn priv_protocol(protocol: config::PrivProtocol) -> PrivProtocol {
    match protocol {
        config::PrivProtocol::Aes128 => PrivProtocol::Aes128,
        // Only with SHA-1 and SHA-224 is the key too short and has to be stretched; net-snmp does it this way.
        config::PrivProtocol::Aes256 => PrivProtocol::Aes256Blumenthal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snmp::tests::secret;

    fn blank(name: &str, version: SnmpVersion) -> CredentialConfig {
        CredentialConfig {
            name: name.to_owned(),
            version,
            community: None,
            user: None,
            auth: None,
            auth_password: None,
            privacy: None,
            priv_password: None,
        }
    }

    #[test]
    fn every_level_of_v3_resolves_and_nothing_secret_is_shown() {
        let folder = tempfile::tempdir().expect("folder");
        let password = secret(folder.path(), "password", "phu-song-phu-song\n");
        let mut config = SnmpConfig::default();
        config.credential.push(CredentialConfig {
            community: Some(secret(folder.path(), "community", "hush")),
            ..blank("plain", SnmpVersion::V2c)
        });
        config.credential.push(CredentialConfig { user: Some("reader".into()), ..blank("open", SnmpVersion::V3) });
        for (name, auth, privacy) in [
            ("sha", config::AuthProtocol::Sha1, None),
            ("sha-aes", config::AuthProtocol::Sha1, Some(config::PrivProtocol::Aes128)),
            ("sha512-aes256", config::AuthProtocol::Sha512, Some(config::PrivProtocol::Aes256)),
        ] {
            config.credential.push(CredentialConfig {
                user: Some("reader".into()),
                auth: Some(auth),
                auth_password: Some(password.clone()),
                privacy,
                priv_password: privacy.map(|_| password.clone()),
                ..blank(name, SnmpVersion::V3)
            });
        }
        let credentials = Credentials::resolve(&config).expect("credentials");
        for name in ["plain", "open", "sha", "sha-aes", "sha512-aes256"] {
            assert!(credentials.auth(name).is_some(), "{name}");
        }
        let shown = format!("{credentials:?} {:?}", credentials.auth("plain"));
        assert!(!shown.contains("hush") && !shown.contains("phu-song"), "{shown}");
    }

    #[test]
    fn all_faults_come_at_once_and_name_the_file() {
        let folder = tempfile::tempdir().expect("folder");
        let mut config = SnmpConfig::default();
        config.credential.push(CredentialConfig {
            community: Some(SecretRef(folder.path().join("absent"))),
            ..blank("a", SnmpVersion::V2c)
        });
        config.credential.push(CredentialConfig {
            user: Some("reader".into()),
            auth: Some(config::AuthProtocol::Sha256),
            auth_password: Some(secret(folder.path(), "short", "1234567")),
            ..blank("b", SnmpVersion::V3)
        });
        config.credential.push(blank("c", SnmpVersion::V2c));
        let faults = Credentials::resolve(&config).expect_err("faults").0;
        assert_eq!(faults.len(), 3);
        assert!(faults[0].file.ends_with("absent") && faults[1].file.ends_with("short"), "{faults:?}");
        assert!(faults[2].message.contains("\"c\" has no community"), "{faults:?}");
    }
}
