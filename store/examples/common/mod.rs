//! What the load programs of the store share: options, made-up links and samples, percentiles.

#![allow(dead_code, reason = "each program uses its own part")]

use std::{
    error::Error,
    path::{Path, PathBuf},
};

use phusong_model::{
    BlindReason, Change, Contact, EchoStats, Health, IcmpMode, Inventory, Link, LinkId, LinkKind, Micros, Millis,
    Outcome, Probe, ProberHealth, RttSummary, Sample, StoreHealth, Tick, UtcMs,
};
use phusong_store::Commit;

/// Why a program ended early.
pub type Failed = Box<dyn Error>;

/// The options of the command line: `--name value`.
#[derive(Debug)]
pub struct Options(Vec<(String, String)>);

impl Options {
    /// Reads them; one that is not among `known` is refused with the usage.
    pub fn read(usage: &str, known: &[&str]) -> Result<Self, Failed> {
        let mut options = Vec::new();
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let name = word.strip_prefix("--").filter(|name| known.contains(name));
            let (Some(name), Some(value)) = (name, words.next()) else { return Err(format!("usage: {usage}").into()) };
            options.push((name.to_owned(), value));
        }
        Ok(Self(options))
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A number, or the usual one.
    pub fn number(&self, name: &str, usual: i64) -> Result<i64, Failed> {
        let Some(text) = self.text(name) else { return Ok(usual) };
        let number = text.parse().ok().filter(|number| *number > 0);
        number.ok_or_else(|| format!("--{name} {text}: not a number above 0").into())
    }

    /// A length of time as `1d`, `12h`, `90m` or `30s`, or the usual one.
    pub fn length(&self, name: &str, usual: Millis) -> Result<Millis, Failed> {
        let Some(text) = self.text(name) else { return Ok(usual) };
        let units = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)];
        let length = units.iter().find_map(|(unit, seconds)| {
            let number: i64 = text.strip_suffix(unit)?.parse().ok()?;
            Some(Millis::from_secs(number * seconds))
        });
        length.filter(|length| length.0 > 0).ok_or_else(|| format!("--{name} {text}: not a length as 1d or 12h").into())
    }

    /// Whether it was given as `yes`.
    pub fn is_set(&self, name: &str) -> bool {
        self.text(name) == Some("yes")
    }

    /// The folder, which must be given.
    pub fn folder(&self) -> Result<PathBuf, Failed> {
        self.text("folder").map(PathBuf::from).ok_or_else(|| "--folder is missing".into())
    }
}

/// So many links, ten of each commune.
pub fn inventory(links: i64) -> Result<Inventory, Failed> {
    let link = |number: i64| -> Result<Link, Failed> {
        Ok(Link {
            id: id(number)?,
            kind: LinkKind::Fibre,
            name: format!("Tuyến số {number}"),
            commune: Some(format!("{:05}", number / 10 + 1).parse()?),
            site: None,
            address: None,
            service: None,
            interface: None,
            rx_limit: None,
            upstream: Vec::new(),
            operator: None,
            groups: Vec::new(),
            contact: Contact::default(),
        })
    };
    let links = (0..links).map(link).collect::<Result<_, _>>()?;
    Ok(Inventory { province: "Tải thử".to_owned(), links, ..Inventory::default() })
}

/// The id of a link by its number.
pub fn id(number: i64) -> Result<LinkId, Failed> {
    Ok(format!("fibre-{number:05}").parse()?)
}

/// Numbers that look random and are the same in each run (splitmix64).
#[derive(Debug)]
pub struct Chance(pub u64);

impl Chance {
    /// The next one, below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

/// A sample: in a hundred one is silence, in a thousand one is blindness; delays spread over some milliseconds.
pub fn sample(link: &LinkId, chance: &mut Chance) -> Sample {
    let outcome = match chance.below(1000) {
        0 => Outcome::Blind(BlindReason::SendError),
        1..11 => Outcome::Measured(EchoStats { sent: 5, lost: 5, rtt: None }),
        _ => {
            let min = 2_000 + chance.below(20_000) as u32;
            let over = chance.below(3_000) as u32;
            let rtt = RttSummary {
                min: Micros(min),
                median: Micros(min + over / 3),
                p95: Micros(min + over),
                max: Micros(min + over),
                jitter: Micros(over / 4),
            };
            Outcome::Measured(EchoStats { sent: 5, lost: 0, rtt: Some(rtt) })
        }
    };
    Sample { link: link.clone(), probe: Probe::Icmp, outcome }
}

/// A tick with what it brings.
pub fn commit(at: UtcMs, period: Millis, samples: Vec<Sample>, changes: Vec<Change>) -> Commit {
    Commit {
        tick: Tick { at, period, slip: Millis(0), blind: None },
        samples,
        readings: Vec::new(),
        changes,
        observations: Vec::new(),
        tellings: Vec::new(),
        health: Health {
            prober: ProberHealth::at_start(IcmpMode::Raw, at),
            store: StoreHealth::default(),
            influx: Vec::new(),
            notify: Vec::new(),
        },
    }
}

/// The value below which so many of a thousand lie; sorts them.
pub fn per_mille(values: &mut [f64], rank: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    let place = (values.len() * rank / 1000).min(values.len().saturating_sub(1));
    values.get(place).copied().unwrap_or_default()
}

/// Three decimals are enough.
pub fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// Bytes of database and log.
pub fn bytes(folder: &Path) -> u64 {
    let size = |name: &str| std::fs::metadata(folder.join(name)).map_or(0, |metadata| metadata.len());
    size("phusong.db") + size("phusong.db-wal")
}
