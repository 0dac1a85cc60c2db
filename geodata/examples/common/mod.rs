//! What the measuring programs of this crate share: the communes of a boundary file, and processor time.

use std::{error::Error, fs, path::Path};

use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeVal,
};
use phusong_model::{Commune, Inventory};
use serde::Deserialize;

/// Only the codes, so that memory is that of the crate.
#[derive(Deserialize)]
struct Boundaries {
    features: Vec<Coded>,
}

#[derive(Deserialize)]
struct Coded {
    properties: Code,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

/// An inventory with the communes that a boundary file has.
pub fn inventory(boundaries: &Path) -> Result<Inventory, Box<dyn Error>> {
    let file: Boundaries = serde_json::from_str(&fs::read_to_string(boundaries)?)?;
    let mut communes = Vec::new();
    for feature in file.features {
        communes.push(Commune::new(feature.properties.code.parse()?, String::new()));
    }
    communes.sort_by(|a, b| a.code.cmp(&b.code));
    Ok(Inventory { communes, ..Inventory::default() })
}

/// Processor seconds of this process so far.
pub fn cpu_seconds() -> nix::Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let seconds = |time: TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    Ok(seconds(usage.user_time()) + seconds(usage.system_time()))
}
