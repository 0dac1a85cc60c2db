//! What can be said of the replicas in InfluxDB without asking them.

use std::path::Path;

use phusong_model::{Fault, chain, config::Config};

use crate::http::Http;

/// Looks at the certificates that `[influx]` names; a start would fail by them. Nothing is asked of InfluxDB.
pub(crate) fn look(file: &Path, config: &Config) -> Vec<Fault> {
    let named = config.influx.iter().filter(|influx| influx.ca_file.is_some());
    let refused = named.filter_map(|influx| Http::keeping(influx.ca_file.as_deref(), influx.timeout.0).err());
    let hint = "name a file of certificates in PEM as ca_file in [influx], or remove that key";
    refused.map(|error| Fault::of_file(file, chain(&error), hint)).collect()
}
