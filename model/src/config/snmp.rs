//! `[snmp]` and `[[snmp.credential]]`.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Seconds, SecretRef};

/// `[snmp]`: how devices are asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SnmpConfig {
    /// Time from one poll of a device to the next.
    pub period: Seconds,
    /// How long one request is waited for.
    pub timeout: Seconds,
    /// How often a request is repeated, 0 to 5.
    pub retries: u8,
    /// Folder of the province's own vendor profiles.
    pub profiles: Option<PathBuf>,
    /// Credentials that `devices.csv` names.
    pub credential: Vec<CredentialConfig>,
}

impl Default for SnmpConfig {
    fn default() -> Self {
        Self {
            period: Seconds::millis(60_000),
            timeout: Seconds::millis(2_000),
            retries: 1,
            profiles: None,
            credential: Vec::new(),
        }
    }
}

/// The protocol version of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SnmpVersion {
    /// SNMPv1 with a community, for devices that speak nothing newer.
    #[serde(rename = "1")]
    V1,
    /// SNMPv2c with a community.
    #[serde(rename = "2c")]
    V2c,
    /// SNMPv3 with the user-based security model.
    #[serde(rename = "3")]
    V3,
}

/// Authentication of SNMPv3 (RFC 3414, RFC 7860).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AuthProtocol {
    /// HMAC-SHA-1-96.
    #[serde(rename = "SHA")]
    Sha1,
    /// HMAC-SHA-224.
    #[serde(rename = "SHA-224")]
    Sha224,
    /// HMAC-SHA-256.
    #[serde(rename = "SHA-256")]
    Sha256,
    /// HMAC-SHA-384.
    #[serde(rename = "SHA-384")]
    Sha384,
    /// HMAC-SHA-512.
    #[serde(rename = "SHA-512")]
    Sha512,
}

/// Privacy of SNMPv3 (RFC 3826).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PrivProtocol {
    /// AES-128-CFB.
    #[serde(rename = "AES")]
    Aes128,
    /// AES-256-CFB.
    #[serde(rename = "AES-256")]
    Aes256,
}

/// `[[snmp.credential]]`: a set of secrets by reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CredentialConfig {
    /// The name that `devices.csv` uses.
    pub name: String,
    /// Protocol version.
    pub version: SnmpVersion,
    /// v1 and v2c: where the community is.
    pub community: Option<SecretRef>,
    /// v3: the user's name.
    pub user: Option<String>,
    /// v3: authentication protocol.
    pub auth: Option<AuthProtocol>,
    /// v3: where the authentication password is.
    pub auth_password: Option<SecretRef>,
    /// v3: privacy protocol.
    #[serde(rename = "priv")]
    pub privacy: Option<PrivProtocol>,
    /// v3: where the privacy password is.
    pub priv_password: Option<SecretRef>,
}
