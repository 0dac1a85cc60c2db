//! The configuration: a TOML file with a section per part, checked as a whole. Secrets are never in it, only the names
//! of the files or systemd credentials that hold them.

mod coverage_rule;
mod duration;
mod influx;
mod notify;
mod parts;
mod probe;
mod secret;
mod service;
mod signal;
mod size;
mod snmp;

mod channels;
mod check;
mod datasets;
mod init;
mod keys;
mod load;
mod mapping;
mod references;
mod rules;
mod source;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::glossary::Lang;

pub use channels::{is_safe_for_secrets, judge_url};
pub use check::check;
pub use coverage_rule::{CoverageRule, PlaceSignal, RulePoint};
pub use datasets::name_of;
pub use duration::Seconds;
pub use influx::InfluxConfig;
pub(crate) use influx::unnamed;
pub use init::init;
pub use load::{DEFAULT_PATH, PATH_VARIABLE};
pub use notify::{ChannelConfig, ChannelKind, MailTls, NotifyConfig, Quiet};
pub use parts::{
    ApiConfig, DatasetConfig, GeodataConfig, InventoryConfig, LayerConfig, MeasuredAge, MinGap, StoreConfig,
    TrapsConfig,
};
pub use probe::{IcmpConfig, RuleConfig};
pub use secret::Secret;
pub use service::ServiceConfig;
pub use signal::{SignalConfig, SignalLevels};
pub use size::ByteSize;
pub use snmp::{AuthProtocol, CredentialConfig, PrivProtocol, SnmpConfig, SnmpVersion};

/// Everything that `phusong.toml` can say. Relative paths are relative to the file's folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Name of this prober; tag `vantage` of every series.
    pub vantage: String,
    /// In which language both programs speak to people whose command line and surroundings name none.
    pub language: Option<Lang>,
    /// Where the inventory is.
    pub inventory: InventoryConfig,
    /// Boundaries and coverage layers.
    pub geodata: GeodataConfig,
    /// ICMP echo.
    pub icmp: IcmpConfig,
    /// When a link is down, degraded, up.
    pub rule: RuleConfig,
    /// TCP, HTTP and DNS.
    pub service: ServiceConfig,
    /// SNMP.
    pub snmp: SnmpConfig,
    /// SNMP traps as hints.
    pub traps: TrapsConfig,
    /// The embedded store.
    pub store: StoreConfig,
    /// Socket and page.
    pub api: ApiConfig,
    /// Who is told of events.
    pub notify: NotifyConfig,
    /// Replicas in InfluxDB. `[influx]` is a list of one.
    pub influx: Vec<InfluxConfig>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            vantage: "province".to_owned(),
            language: None,
            inventory: InventoryConfig::default(),
            geodata: GeodataConfig::default(),
            icmp: IcmpConfig::default(),
            rule: RuleConfig::default(),
            service: ServiceConfig::default(),
            snmp: SnmpConfig::default(),
            traps: TrapsConfig::default(),
            store: StoreConfig::default(),
            api: ApiConfig::default(),
            notify: NotifyConfig::default(),
            influx: Vec::new(),
        }
    }
}

/// A secret by reference: `/path/to/file`, or `credential:NAME` for a file of `$CREDENTIALS_DIRECTORY` (systemd).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretRef(pub PathBuf);
