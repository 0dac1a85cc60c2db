//! Sums over communes: people of a raster, with the exact share of each cell.

use std::fmt;

use phusong_model::CommuneCode;

use super::{
    cells::RasterGrid,
    geotiff::{Raster, Values},
    sweep::{Swept, sweep},
};
use crate::{boundaries::Boundary, geodata::Geodata, overlay::Region};

/// Part of a commune that is not counted as lying beside the raster: shares are rounded.
const ROUNDING: f64 = 1e-7;
/// Sums that run side by side within a run of cells; a fixed number, so that the order is the same on every machine.
const LANES: usize = 8;

/// Communes as sound regions, ready to be laid over rasters.
#[derive(Debug, Clone)]
pub struct Zones(pub(crate) Vec<(CommuneCode, Region)>);

impl Zones {
    /// All communes that have a boundary, in order of their codes.
    #[must_use]
    pub fn of(geodata: &Geodata) -> Self {
        let region = |boundary: &Boundary| (boundary.code.clone(), boundary.region());
        Self(geodata.boundaries.iter().map(region).collect())
    }
}

/// Which share of each cell lies in which commune. It depends on boundaries and grid alone: kept, another raster on
/// the same grid costs one pass over the values.
#[derive(Debug, Clone, PartialEq)]
pub struct ZoneShares {
    grid: RasterGrid,
    zones: Vec<(CommuneCode, Swept)>,
}

/// What a commune has of a raster.
#[derive(Debug, Clone, PartialEq)]
pub struct ZoneSum {
    /// The commune.
    pub commune: CommuneCode,
    /// Each value times the share of its cell that lies in the commune.
    pub sum: f64,
    /// Cells with a value, as their shares add up.
    pub cells: f64,
    /// Cells without a value.
    pub empty: f64,
    /// Area of the commune beside the raster, in cells.
    pub outside: f64,
}

/// A raster or commune that shares cannot be taken of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ZoneError {
    /// The raster has other cells than the shares are of; both are described.
    OtherGrid {
        /// What the shares are of.
        expected: String,
        /// What the raster has.
        found: String,
    },
    /// A commune lies where the coordinate system of the raster does not reach.
    OutOfReach(CommuneCode),
}

impl fmt::Display for ZoneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherGrid { expected, found } => write!(f, "the raster has {found}, not {expected}"),
            Self::OutOfReach(commune) => {
                write!(f, "commune {commune} is not where the coordinate system of the raster is used")
            }
        }
    }
}

impl std::error::Error for ZoneError {}

impl ZoneShares {
    /// The shares of the communes in the cells of a grid.
    pub fn new(zones: &Zones, grid: &RasterGrid) -> Result<Self, ZoneError> {
        let swept = |(code, region): &(CommuneCode, Region)| match sweep(region.rings(), grid) {
            Some(swept) => Ok((code.clone(), swept)),
            None => Err(ZoneError::OutOfReach(code.clone())),
        };
        Ok(Self { grid: grid.clone(), zones: zones.0.iter().map(swept).collect::<Result<_, _>>()? })
    }

    /// What each commune has of a raster on the same grid.
    pub fn sums(&self, raster: &Raster) -> Result<Vec<ZoneSum>, ZoneError> {
        if *raster.grid() != self.grid {
            return Err(ZoneError::OtherGrid { expected: self.grid.describe(), found: raster.grid().describe() });
        }
        let sum = |(commune, swept): &(CommuneCode, Swept)| {
            let total = match raster.values() {
                Values::Single(values) => total(swept, values),
                Values::Double(values) => total(swept, values),
            };
            let Total { sum, cells, empty } = total;
            let outside = swept.cells - cells.value() - empty.value();
            // What the rounding of shares leaves over is not beside the raster.
            let outside = if outside > ROUNDING * swept.cells { outside } else { 0.0 };
            ZoneSum { commune: commune.clone(), sum: sum.value(), cells: cells.value(), empty: empty.value(), outside }
        };
        Ok(self.zones.iter().map(sum).collect())
    }
}

#[derive(Default)]
struct Total {
    sum: Neumaier,
    cells: Neumaier,
    empty: Neumaier,
}

fn total<T: Copy + Into<f64>>(swept: &Swept, values: &[T]) -> Total {
    let mut total = Total::default();
    for run in &swept.runs {
        let start = run.start as usize;
        let Some(cells) = values.get(start..start + run.length as usize) else { continue };
        let (sum, with) = sum_of(cells);
        let share = f64::from(run.share);
        total.sum.add(share * sum);
        total.cells.add(share * with);
        total.empty.add(share * (f64::from(run.length) - with));
    }
    total
}

/// Sum and number of the values of a run.
fn sum_of<T: Copy + Into<f64>>(cells: &[T]) -> (f64, f64) {
    let value_of = |cell: T| {
        let value: f64 = cell.into();
        if value.is_nan() { (0.0, 0) } else { (value, 1) }
    };
    // Most runs are a cell of a border.
    if let [cell] = cells {
        let (value, count) = value_of(*cell);
        return (value, f64::from(count));
    }
    let (mut sums, mut counts) = ([0.0; LANES], [0_u32; LANES]);
    let mut add = |cells: &[T]| {
        for ((sum, count), cell) in sums.iter_mut().zip(&mut counts).zip(cells) {
            let (value, one) = value_of(*cell);
            *sum += value;
            *count += one;
        }
    };
    let (wide, rest) = cells.as_chunks::<LANES>();
    wide.iter().for_each(|cells| add(cells));
    add(rest);
    (sums.iter().sum(), f64::from(counts.iter().sum::<u32>()))
}

/// A sum that keeps what rounding takes from it (Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation
/// endlicher Summen", ZAMM 54 (1974) 39-51).
#[derive(Debug, Default, Clone, Copy)]
struct Neumaier {
    sum: f64,
    lost: f64,
}

impl Neumaier {
    fn add(&mut self, value: f64) {
        let sum = self.sum + value;
        let (large, small) = if self.sum.abs() >= value.abs() { (self.sum, value) } else { (value, self.sum) };
        self.lost += (large - sum) + small;
        self.sum = sum;
    }

    fn value(self) -> f64 {
        self.sum + self.lost
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use phusong_model::{Commune, Inventory, config::GeodataConfig};

    use super::*;
    use crate::province;

    /// Every eleventh commune: its code, people, and cells with a value, as exactextract 0.3.0 gives them (GEOS 3.14.1,
    /// GDAL through rasterio 1.4.4) for `population_synthetic_3s.tif`.
    const EXACTEXTRACT: [(&str, f64, f64); 12] = [
        ("00691", 98_484.165_833_366_63, 7_683.171_745_547_078),
        ("00787", 1_687.962_804_898_371, 9_677.533_241_517_682),
        ("00874", 22_683.246_394_341_2, 12_999.295_572_742_647),
        ("00952", 1_184.770_717_345_479_9, 14_086.251_086_266_982),
        ("01021", 22_135.331_759_981_782, 10_953.034_247_417_345),
        ("01141", 511.999_999_719_322_66, 10_889.836_449_558_283),
        ("01225", 1_557.897_257_027_232_4, 11_380.548_907_124_916),
        ("02245", 3_768.561_315_256_79, 20_193.171_040_464_32),
        ("02320", 1_484.205_081_417_377_2, 16_876.744_078_976_066),
        ("02407", 4_172.438_663_929_945_5, 11_842.964_226_022_064),
        ("02509", 768.450_308_455_016_7, 8_950.085_392_734_145),
        ("02611", 462.323_741_871_551_53, 10_730.120_348_215_893),
    ];
    /// The 124 communes together.
    const EXACTEXTRACT_TOTAL: f64 = 1_865_078.324_911_856_8;

    fn communes(text: &str) -> Inventory {
        let file: serde_json::Value = serde_json::from_str(text).expect("GeoJSON");
        let code = |feature: &serde_json::Value| feature["properties"]["code"].as_str().expect("code").parse();
        let mut codes: Vec<CommuneCode> =
            file["features"].as_array().expect("features").iter().map(|f| code(f).expect("code")).collect();
        codes.sort();
        let commune = |code| Commune::new(code, String::new());
        Inventory { communes: codes.into_iter().map(commune).collect(), ..Inventory::default() }
    }

    #[test]
    fn people_of_the_province_agree_with_exactextract() {
        let Some(folder) = province::data() else { return };
        let path = folder.join("communes.geojson");
        let inventory = communes(&fs::read_to_string(&path).expect("communes"));
        let config = GeodataConfig { communes: Some(path), ..GeodataConfig::default() };
        let geodata = Geodata::read(&config, &inventory).unwrap_or_else(|faults| panic!("{faults}"));
        let read = |name: &str| Raster::read(&folder.join(name)).unwrap_or_else(|fault| panic!("{fault}"));
        let people = read("population_synthetic_3s.tif");
        let shares = ZoneShares::new(&Zones::of(&geodata), people.grid()).expect("on the globe");
        let sums = shares.sums(&people).expect("the same grid");
        assert_eq!(sums.len(), 124);
        for (expected, found) in EXACTEXTRACT.iter().zip(sums.iter().step_by(11)) {
            assert_eq!(found.commune.as_str(), expected.0);
            assert!((found.sum / expected.1 - 1.0).abs() < 1e-9, "{found:?} against {expected:?}");
            assert!((found.cells / expected.2 - 1.0).abs() < 1e-9, "{found:?} against {expected:?}");
        }
        let total: f64 = sums.iter().map(|zone| zone.sum).sum();
        assert!((total / EXACTEXTRACT_TOTAL - 1.0).abs() < 1e-9, "{total}");
        // Terrain has other cells.
        let terrain = read("dem_synthetic_3s.tif");
        assert!(matches!(shares.sums(&terrain), Err(ZoneError::OtherGrid { .. })));
        let shares = ZoneShares::new(&Zones::of(&geodata), terrain.grid()).expect("on the globe");
        for zone in shares.sums(&terrain).expect("the same grid") {
            let height = zone.sum / zone.cells;
            assert!((0.0..2500.0).contains(&height) && zone.outside == 0.0, "{zone:?}");
        }
    }

    #[test]
    fn what_has_no_value_and_what_lies_beside_are_counted() {
        let grid = RasterGrid::of_degrees(105.0, 22.0, 0.01, 4, 1);
        let raster = Raster::of_values(grid, vec![3.0, f32::NAN, 5.0, 7.0]);
        let corner = |x: f64, y: f64| crate::grid::to_grid(105.0 + x / 100.0, 22.0 + y / 100.0).expect("on the globe");
        let square = vec![corner(0.5, -1.0), corner(6.0, -1.0), corner(6.0, 0.0), corner(0.5, 0.0)];
        let zones = Zones(vec![("00001".parse().expect("code"), Region::of_polygon(&vec![square]))]);
        let sums = ZoneShares::new(&zones, raster.grid()).expect("on the globe").sums(&raster).expect("the same grid");
        let [zone] = sums.as_slice() else { panic!("one zone") };
        for (found, expected) in [(zone.sum, 13.5), (zone.cells, 2.5), (zone.empty, 1.0), (zone.outside, 2.0)] {
            assert!((found - expected).abs() < 1e-6, "{zone:?}");
        }
    }

    #[test]
    fn small_numbers_beside_large_ones_are_not_lost() {
        let mut sum = Neumaier::default();
        for value in [1e16, 1.0, 1.0, -1e16, 0.5] {
            sum.add(value);
        }
        assert_eq!(sum.value(), 2.5);
        let (sum, count) = sum_of(&[1.0_f32, f32::NAN, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, f32::NAN]);
        assert_eq!((sum, count), (255.0, 8.0));
    }
}
