//! One test as a file writes it, and what is made of it.

use std::{sync::Arc, time::SystemTime};

use phusong_model::{ImportOptions, Millis, Operator, Technology, UtcMs, nfc};

use super::{
    levels::{self, Level},
    names::{ACCURACY, CELL, LEVEL, OPERATOR, RSCP, RSRP, RXLEV, SS_RSRP, TECHNOLOGY},
    times::Times,
    words,
};
use crate::{
    crs::{self, Crs},
    grid::{Point, to_grid},
    read::{Place, Report, Wrong, shown, wrong},
};

/// Worst accuracy of a position in metres. A hexagon is 350 m across: beyond this a test lies in the next one too often,
/// and receivers say so under cliffs and in cars.
pub(crate) const WORST_ACCURACY_M: f64 = 50.0;
/// How far the clock of a device may be ahead of that of the file's last writing. More is a wrong zone: seven hours.
const FAST_CLOCK: Millis = Millis::from_secs(15 * 60);
/// No test is older: a device that writes an earlier year has lost its clock.
const OLDEST: &str = "2000-01-01T00:00:00Z";
/// Longest name of a cell in letters; the identity of a 5G cell has 11 digits.
const MAX_CELL: usize = 40;

/// A test.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sample {
    /// When.
    pub(crate) at: UtcMs,
    /// Where, on the grid.
    pub(crate) point: Point,
    /// Whose signal.
    pub(crate) operator: Operator,
    /// Of which generation.
    pub(crate) technology: Technology,
    /// In dBm; none where the device found no network.
    pub(crate) dbm: Option<f64>,
    /// The cell that was heard.
    pub(crate) cell: Option<Arc<str>>,
    /// Name of the dataset.
    pub(crate) dataset: Arc<str>,
    /// Where in its file.
    pub(crate) place: Place,
}

/// All tests.
pub(crate) type Samples = Vec<Sample>;

/// Puts tests in order, and leaves out those that are there twice: one drive is often handed in by two people.
pub(crate) fn settle(samples: &mut Samples) {
    samples.sort_by(|a, b| a.order().cmp(&b.order()));
    samples.dedup_by(|a, b| a.content() == b.content());
}

impl Sample {
    /// What makes two tests one, wherever they are written. No level sorts before each level; the order of levels is that
    /// of their bits and only has to be one.
    fn content(&self) -> impl Ord + '_ {
        let dbm = self.dbm.map(f64::to_bits);
        (self.at, self.point.x, self.point.y, &self.operator, self.technology, dbm, &self.cell)
    }

    /// One order for all tests, whatever the order of files.
    pub(super) fn order(&self) -> impl Ord + '_ {
        (self.content(), &self.dataset, &self.place)
    }
}

/// What a file writes of a test, all of it as text but the place.
#[derive(Debug, Default)]
pub(super) struct Record {
    pub(super) time: Option<String>,
    /// Easting or longitude, then northing or latitude.
    pub(super) position: [Option<f64>; 2],
    pub(super) operator: Option<String>,
    pub(super) technology: Option<String>,
    pub(super) accuracy: Option<String>,
    pub(super) cell: Option<String>,
    /// Levels under the names that the file gives them.
    pub(super) levels: Vec<(LevelName, String)>,
}

/// What a level is called; the name tells its generation, or leaves it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LevelName {
    /// RxLev of 2G.
    RxLev,
    /// RSCP of 3G.
    Rscp,
    /// RSRP of 4G, and of 5G in programs that call both so.
    Rsrp,
    /// SS-RSRP of 5G.
    SsRsrp,
    /// Just a level.
    Any,
}

impl LevelName {
    /// What the name alone says.
    const fn technology(self) -> Option<Technology> {
        match self {
            Self::RxLev => Some(Technology::G2),
            Self::Rscp => Some(Technology::G3),
            Self::SsRsrp => Some(Technology::G5),
            Self::Rsrp | Self::Any => None,
        }
    }

    /// How well a level of this name is one of the generation; `None` when it is of another.
    const fn fits(self, technology: Technology) -> Option<u8> {
        match (self, technology) {
            (Self::RxLev, Technology::G2)
            | (Self::Rscp, Technology::G3)
            | (Self::Rsrp, Technology::G4)
            | (Self::SsRsrp, Technology::G5) => Some(2),
            (Self::Rsrp, Technology::G5) => Some(1),
            (Self::Any, _) => Some(0),
            (Self::RxLev | Self::Rscp | Self::Rsrp | Self::SsRsrp, _) => None,
        }
    }
}

/// What a value of a test is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Time,
    Level(LevelName),
    Operator,
    Technology,
    Accuracy,
    Cell,
}

impl Field {
    /// What an element is, by its name: `rsrp`, `SS-RSRP`, `NetworkTech`.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        let plain = words::plain(name);
        let named = [
            (RXLEV, Self::Level(LevelName::RxLev)),
            (RSCP, Self::Level(LevelName::Rscp)),
            (RSRP, Self::Level(LevelName::Rsrp)),
            (SS_RSRP, Self::Level(LevelName::SsRsrp)),
            (LEVEL, Self::Level(LevelName::Any)),
            (OPERATOR, Self::Operator),
            (TECHNOLOGY, Self::Technology),
            (ACCURACY, Self::Accuracy),
            (CELL, Self::Cell),
        ];
        named.into_iter().find(|(names, _)| names.contains(&plain.as_str())).map(|(_, field)| field)
    }
}

impl Record {
    /// Takes a value. Of those that are there twice the first counts.
    pub(super) fn set(&mut self, field: Field, value: String) {
        let slot = match field {
            Field::Level(name) => return self.levels.push((name, value)),
            Field::Time => &mut self.time,
            Field::Operator => &mut self.operator,
            Field::Technology => &mut self.technology,
            Field::Accuracy => &mut self.accuracy,
            Field::Cell => &mut self.cell,
        };
        slot.get_or_insert(value);
    }
}

/// What is asked of the tests of a file.
#[derive(Debug)]
pub(crate) struct Asked {
    dataset: Arc<str>,
    operator: Option<Operator>,
    technology: Option<Technology>,
    crs: Crs,
    pub(super) times: Times,
    /// No test is later.
    latest: Option<UtcMs>,
    oldest: UtcMs,
}

/// Tests that are left aside, by reason; the log says how many.
#[derive(Debug, Default)]
pub(super) struct Left {
    inaccurate: u64,
    without_level: u64,
}

impl Asked {
    /// For a dataset of that name whose file was last written at that time.
    pub(super) fn new(
        dataset: &str,
        options: &ImportOptions,
        times: Times,
        written: Option<SystemTime>,
    ) -> Result<Self, Wrong> {
        let crs = match options.crs.as_deref().map(Crs::of_name) {
            None => Crs::WGS84,
            Some(Ok(crs)) => crs,
            Some(Err(error)) => return wrong(error.to_string(), "give the code of the system, such as EPSG:9211"),
        };
        let written = written.and_then(|time| jiff::Timestamp::try_from(time).ok()).map(UtcMs::from);
        Ok(Self {
            dataset: dataset.into(),
            operator: options.operator.clone(),
            technology: options.technology,
            crs,
            times,
            latest: written.map(|written| written.plus(FAST_CLOCK)),
            oldest: OLDEST.parse().unwrap_or(UtcMs::MIN),
        })
    }

    /// The test of a record; nothing when it is left aside.
    pub(super) fn sample(&self, record: &Record, place: &Place, left: &mut Left) -> Result<Option<Sample>, Wrong> {
        if record.levels.iter().all(|(_, text)| levels::read(text) == Some(Level::Unknown)) {
            left.without_level += 1;
            return Ok(None);
        }
        let point = self.point(record.position)?;
        let Some(time) = &record.time else {
            return wrong("a test without a time", "export the times too: without them nobody knows what a test says");
        };
        let at = self.time(time)?;
        let technology = self.technology(record)?;
        let Some(dbm) = level(record, technology)? else {
            left.without_level += 1;
            return Ok(None);
        };
        let operator = self.operator(record)?;
        if accuracy(record)?.is_some_and(|metres| metres > WORST_ACCURACY_M) {
            left.inaccurate += 1;
            return Ok(None);
        }
        let cell = record.cell.as_deref().map(nfc).filter(|cell| !cell.is_empty());
        let cell = cell.map(|cell| cell.chars().take(MAX_CELL).collect::<String>().into());
        let (dataset, place) = (self.dataset.clone(), place.clone());
        Ok(Some(Sample { at, point, operator, technology, dbm, cell, dataset, place }))
    }

    fn point(&self, position: [Option<f64>; 2]) -> Result<Point, Wrong> {
        let [Some(x), Some(y)] = position else {
            return wrong("a test without a position", "export longitude and latitude too");
        };
        let at = self.crs.to_wgs84(x, y).filter(|at| crs::is_of_vietnam(*at));
        let Some(point) = at.and_then(|at| to_grid(at.lon, at.lat)) else {
            let swapped = self.crs.to_wgs84(y, x).is_some_and(crs::is_of_vietnam);
            let hint = if swapped {
                "longitude and latitude are the wrong way round: longitudes are about 105, latitudes about 22"
            } else {
                "leave out tests made elsewhere, or give the coordinate system of the file"
            };
            return wrong(format!("position {x} {y} is not in Viet Nam"), hint);
        };
        Ok(point)
    }

    fn time(&self, text: &str) -> Result<UtcMs, Wrong> {
        let at = self.times.read(text)?;
        if at < self.oldest {
            return wrong(
                format!("time {at} is before any test"),
                "the device had lost its clock: leave these tests out",
            );
        }
        if let Some(latest) = self.latest.filter(|latest| at > *latest) {
            let written = latest.minus(FAST_CLOCK);
            return wrong(
                format!("time {at} is later than the file, which was written at {written}"),
                "a local time written with Z is seven hours ahead: export it in UTC, or with +07:00",
            );
        }
        Ok(at)
    }

    fn operator(&self, record: &Record) -> Result<Operator, Wrong> {
        match record.operator.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => words::operator(text).map_or_else(
                || wrong(format!("operator {:?} is not known", shown(text)), "write an id such as viettel, or 45204"),
                Ok,
            ),
            None => self.operator.clone().map_or_else(
                || wrong("no operator", "say whose card was in the device: with the test, or once for the file"),
                Ok,
            ),
        }
    }

    fn technology(&self, record: &Record) -> Result<Technology, Wrong> {
        let hint = "use 2G to 5G, GSM, UMTS, LTE or NR: with the test, or once for the file";
        let text = record.technology.as_deref().map(str::trim);
        // A device without network has no technology; which one it was looking for is said for the file.
        if let Some(text) = text.filter(|text| !text.is_empty() && !words::is_no_network(text)) {
            return words::technology(text)
                .map_or_else(|| wrong(format!("technology {:?} is not known", shown(text)), hint), Ok);
        }
        let named = record.levels.iter().filter(|(_, text)| !text.trim().is_empty());
        let named = self.technology.or_else(|| named.filter_map(|(name, _)| name.technology()).max());
        named.map_or_else(|| wrong("no technology", hint), Ok)
    }
}

impl Left {
    /// Says in the log what was left aside.
    pub(super) fn tell(&self, report: &mut Report) {
        let limit = WORST_ACCURACY_M;
        if self.inaccurate > 0 {
            let note = format!("{} tests left out: their position is worse than {limit} m", self.inaccurate);
            report.log().note(note);
        }
        if self.without_level > 0 {
            report.log().note(format!("{} points left out: no signal level in them", self.without_level));
        }
    }
}

/// The level of the generation; within, none where there was no network. Nothing when the file has none of it.
fn level(record: &Record, technology: Technology) -> Result<Option<Option<f64>>, Wrong> {
    let fitting = record.levels.iter().filter_map(|(name, text)| Some((name.fits(technology)?, text)));
    let mut best: Option<(u8, Level)> = None;
    for (fit, text) in fitting {
        let Some(level) = levels::read(text) else {
            return wrong(format!("signal {:?} is not a level", shown(text)), "write it in dBm, such as -97");
        };
        if level != Level::Unknown && best.is_none_or(|(known, _)| fit > known) {
            best = Some((fit, level));
        }
    }
    match best.map(|(_, level)| level) {
        None | Some(Level::Unknown) => Ok(None),
        Some(Level::NoNetwork) => Ok(Some(None)),
        Some(Level::Dbm(dbm)) => {
            let range = levels::reported_dbm(technology);
            if range.contains(&dbm) {
                return Ok(Some(Some(dbm)));
            }
            let (low, high) = range.into_inner();
            let hint =
                format!("{} is reported between {low} and {high} dBm: check unit, sign and column", technology.id());
            wrong(format!("signal {dbm} dBm is no level of {}", technology.id()), hint)
        }
    }
}

/// In metres, when the file says.
fn accuracy(record: &Record) -> Result<Option<f64>, Wrong> {
    let Some(text) = record.accuracy.as_deref().map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let number = text.trim_end_matches('m').trim_end().replace(',', ".");
    match number.parse::<f64>() {
        Ok(metres) if metres.is_finite() && metres >= 0.0 => Ok(Some(metres)),
        _ => wrong(format!("accuracy {:?} is no length", shown(text)), "write it in metres, such as 4.5"),
    }
}
