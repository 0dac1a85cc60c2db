//! How many people live in places, by a raster of counts.
//!
//! A cell's people are spread evenly over it. The sums of each row are taken once from its west end on, so that a place
//! costs its border and not its area: of the cells between two edges only the first and the last sum are looked at.

use std::{collections::BTreeMap, path::Path};

use phusong_model::{Commune, CommuneCode, ImportOptions, Inventory, Share};

use crate::{
    boundaries::Boundary,
    grid::Ring,
    raster::{Raster, RasterGrid, weigh},
    read::{Place, Report, file_digest, said_crs},
};

/// People of a raster.
#[derive(Debug)]
pub(crate) struct Population {
    grid: RasterGrid,
    /// For each row the people west of each column, and after the last: a number more than there are columns.
    west_of: Vec<f64>,
    /// People of each commune as the raster counts them.
    communes: BTreeMap<CommuneCode, f64>,
    /// Hash over the file.
    digest: String,
}

/// People of a raster, those of each commune rescaled to its total where that is known.
#[derive(Debug)]
pub(crate) struct Scaled<'a> {
    /// As the raster counts them.
    pub(crate) population: &'a Population,
    totals: BTreeMap<&'a CommuneCode, f64>,
}

/// People of a commune, or of a part of it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct People {
    /// Those with signal.
    pub(crate) covered: f64,
    /// Those of whom it is known whether they have signal.
    pub(crate) known: f64,
    /// The others.
    pub(crate) unknown: f64,
}

impl Population {
    /// Reads a raster of counts around the boundaries; of a national raster no more is kept.
    pub(crate) fn read(
        path: &Path,
        options: &ImportOptions,
        boundaries: &[Boundary],
        report: &mut Report,
    ) -> Option<Self> {
        let said = said_crs(options, report).ok()?;
        let points = boundaries.iter().flat_map(|boundary| boundary.polygons.iter().flatten().flatten().copied());
        let raster = Raster::read_around(path, said, points).map_err(|fault| report.take(fault)).ok()?;
        let mut population = Self::of(&raster, file_digest(path, report)?);
        for boundary in boundaries {
            let region = boundary.region();
            // Where the raster's system does not reach, it was refused already.
            let people = population.within(region.rings()).unwrap_or_default();
            population.communes.insert(boundary.code.clone(), people);
        }
        if !boundaries.is_empty() && population.communes.values().all(|people| *people <= 0.0) {
            let hint = "give a raster of people in each cell, around the communes and in their coordinate system";
            report.fault(&Place::File, "nobody lives in any commune by this raster", hint);
        }
        let cells = raster.grid().width() * raster.grid().height();
        report.log().read += cells as u64;
        report.log().used += (0..cells).filter(|cell| raster.value_of(*cell).is_some()).count() as u64;
        Some(population)
    }

    fn of(raster: &Raster, digest: String) -> Self {
        let grid = raster.grid().clone();
        let mut west_of = Vec::with_capacity((grid.width() + 1) * grid.height());
        for row in 0..grid.height() {
            let (mut sum, start) = (0.0, row * grid.width());
            west_of.push(sum);
            for cell in start..start + grid.width() {
                // Below zero there are no people, whatever a file calls its missing values.
                sum += raster.value_of(cell).unwrap_or_default().max(0.0);
                west_of.push(sum);
            }
        }
        Self { grid, west_of, communes: BTreeMap::new(), digest }
    }

    /// A hash over the file that it was read from.
    pub(crate) fn digest(&self) -> &str {
        &self.digest
    }

    /// The people of the raster inside rings of which shells run counter-clockwise and holes clockwise, as the raster
    /// counts them; `None` where its coordinate system does not reach.
    pub(crate) fn within<'a>(&self, rings: impl IntoIterator<Item = &'a Ring>) -> Option<f64> {
        weigh(rings, &self.grid, |row, columns| {
            let start = row * (self.grid.width() + 1);
            let at = |column: usize| self.west_of.get(start + column).copied().unwrap_or_default();
            at(columns.end) - at(columns.start)
        })
    }
}

impl<'a> Scaled<'a> {
    pub(crate) fn new(population: &'a Population, inventory: &'a Inventory) -> Self {
        Self { population, totals: totals(inventory) }
    }

    /// People inside the rings of a part of a commune, rescaled as those of its figures.
    pub(crate) fn people_in<'r>(
        &self,
        commune: &CommuneCode,
        rings: impl IntoIterator<Item = &'r Ring>,
    ) -> Option<f64> {
        Some(self.population.within(rings)? * self.factor(commune))
    }

    /// What was counted in a commune, rescaled to its total. Where nobody lives in any of its cells, nobody knows where
    /// the people of its total do.
    pub(crate) fn share(&self, commune: &CommuneCode, counted: People) -> Share {
        let by = self.factor(commune);
        let nobody = self.counted(commune) <= 0.0;
        let placeless = self.totals.get(commune).copied().filter(|_| nobody).unwrap_or_default();
        Share {
            numerator: counted.covered * by,
            denominator: counted.known * by,
            unknown: counted.unknown * by + placeless,
        }
    }

    /// Whether the total of a commune is known.
    pub(crate) fn is_scaled(&self, commune: &CommuneCode) -> bool {
        self.totals.contains_key(commune)
    }

    fn counted(&self, commune: &CommuneCode) -> f64 {
        self.population.communes.get(commune).copied().unwrap_or_default()
    }

    fn factor(&self, commune: &CommuneCode) -> f64 {
        let counted = self.counted(commune);
        self.totals.get(commune).filter(|_| counted > 0.0).map_or(1.0, |total| total / counted)
    }
}

/// People of each commune of which it is known: as somebody counted them, else the sum over its settlements when all of
/// them are counted.
fn totals(inventory: &Inventory) -> BTreeMap<&CommuneCode, f64> {
    let mut settled: BTreeMap<&CommuneCode, Option<u64>> = BTreeMap::new();
    for settlement in &inventory.settlements {
        let sum = settled.entry(&settlement.commune).or_insert(Some(0));
        *sum = sum.zip(settlement.people).map(|(sum, people)| sum + people);
    }
    let total = |commune: &'_ Commune| {
        commune.population.or_else(|| settled.get(&commune.code).copied().flatten()).map(|people| people as f64)
    };
    inventory.communes.iter().filter_map(|commune| Some((&commune.code, total(commune)?))).collect()
}

#[cfg(test)]
mod tests {
    use phusong_model::{
        CoverageSource, DatasetKind, GridPower, ImportContent, LonLat, OperatorScope, PeopleBase, Settlement,
        Technology, UtcMs,
        config::{DatasetConfig, GeodataConfig, LayerConfig},
    };

    use super::*;
    use crate::{
        Geodata,
        cache::CoverageCache,
        grid::to_grid,
        overlay::Region,
        province,
        raster::{ZoneShares, Zones},
    };

    fn code(text: &str) -> CommuneCode {
        text.parse().expect("code")
    }

    /// Hundredths of a degree from 105° E, 22° N, southwards.
    fn ring(points: &[(f64, f64)]) -> Ring {
        points.iter().map(|(x, y)| to_grid(105.0 + x / 100.0, 22.0 - y / 100.0).expect("on the globe")).collect()
    }

    fn raster() -> Raster {
        Raster::of_values(
            RasterGrid::of_degrees(105.0, 22.0, 0.01, 4, 2),
            vec![3.0, f32::NAN, 5.0, 7.0, 1.0, 2.0, -9.0, 4.0],
        )
    }

    #[test]
    fn people_are_spread_evenly_over_their_cells() {
        let population = Population::of(&raster(), String::new());
        let within = |points: &[(f64, f64)]| population.within(&[ring(points)]).expect("on the globe");
        let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-9, "{found} for {expected}");
        near(within(&[(0.0, 2.0), (4.0, 2.0), (4.0, 0.0), (0.0, 0.0)]), 22.0);
        near(within(&[(0.5, 1.0), (3.5, 1.0), (3.5, 0.0), (0.5, 0.0)]), 1.5 + 5.0 + 3.5);
        near(within(&[(3.0, 2.0), (9.0, 2.0), (9.0, 1.5), (3.0, 1.5)]), 2.0);
        near(within(&[(0.0, 1.0), (1.0, 1.0), (0.0, 0.0)]), 1.5);
        near(within(&[(8.0, 1.0), (9.0, 1.0), (9.0, 0.0), (8.0, 0.0)]), 0.0);
    }

    fn commune(text: &str, population: Option<u64>) -> Commune {
        Commune { population, ..Commune::new(code(text), text.to_owned()) }
    }

    #[test]
    fn people_of_a_commune_add_up_to_its_total() {
        let mut population = Population::of(&raster(), String::new());
        population.communes = [("00001", 20.0), ("00002", 0.0), ("00003", 5.0)].map(|(c, n)| (code(c), n)).into();
        let communes = vec![commune("00001", Some(50)), commune("00002", Some(7)), commune("00003", None)];
        let inventory = Inventory { communes, ..Inventory::default() };
        let scaled = Scaled::new(&population, &inventory);
        let counted = People { covered: 8.0, known: 16.0, unknown: 4.0 };
        let share = |numerator, denominator, unknown| Share { numerator, denominator, unknown };
        assert_eq!(scaled.share(&code("00001"), counted), share(20.0, 40.0, 10.0));
        assert_eq!(scaled.share(&code("00002"), People::default()), share(0.0, 0.0, 7.0));
        assert_eq!(scaled.share(&code("00003"), counted), share(8.0, 16.0, 4.0));
        assert_eq!(["00001", "00002", "00003"].map(|commune| scaled.is_scaled(&code(commune))), [true, true, false]);
        let mut filled = inventory.clone();
        let totals = Some([(code("00001"), 100), (code("00003"), 10)].into());
        ImportContent { totals, ..ImportContent::default() }.apply(&mut filled);
        let by_table = Scaled::new(&population, &filled);
        assert_eq!(by_table.share(&code("00001"), counted), share(40.0, 80.0, 20.0), "a table wins over the inventory");
        assert_eq!(by_table.share(&code("00003"), counted), share(16.0, 32.0, 8.0));
        assert_eq!(by_table.share(&code("00002"), People::default()), share(0.0, 0.0, 7.0), "it is not in the table");
        let corner = [ring(&[(0.0, 1.0), (1.0, 1.0), (1.0, 0.0), (0.0, 0.0)])];
        let people = scaled.people_in(&code("00001"), &corner).expect("on the globe");
        assert!((people - 7.5).abs() < 1e-9, "{people}");
    }

    #[test]
    fn a_total_is_what_somebody_counted_else_the_sum_of_all_settlements() {
        let settlement = |id: &str, people| Settlement {
            id: id.parse().expect("id"),
            name: id.to_owned(),
            commune: code(if id.starts_with('a') { "00001" } else { "00002" }),
            at: LonLat { lon: 105.0, lat: 22.0 },
            people,
            households: None,
            power: GridPower::Unknown,
            clusters: Vec::new(),
        };
        let mut inventory = Inventory {
            communes: vec![commune("00001", Some(99)), commune("00002", None), commune("00003", None)],
            settlements: vec![settlement("a1", Some(4)), settlement("b1", Some(5)), settlement("b2", Some(6))],
            ..Inventory::default()
        };
        let known = |inventory: &Inventory| {
            totals(inventory).into_iter().map(|(code, total)| format!("{code} {total}")).collect::<Vec<_>>()
        };
        assert_eq!(known(&inventory), ["00001 99", "00002 11"], "the third has no settlements");
        inventory.settlements.push(settlement("b3", None));
        assert_eq!(known(&inventory), ["00001 99"], "one is not counted");
    }

    /// The sum by runs is the sum over all cells, whatever the shape.
    #[test]
    fn prefix_sums_agree_with_shares_of_cells() {
        let (columns, rows) = (60, 40);
        let values = (0..columns * rows).map(|cell| ((cell * 7919) % 101) as f32).collect();
        let raster = Raster::of_values(RasterGrid::of_degrees(105.0, 22.0, 0.01, columns, rows), values);
        let population = Population::of(&raster, String::new());
        let star: Vec<(f64, f64)> = (0..40)
            .map(|n| {
                let (angle, radius) =
                    (f64::from(n) * std::f64::consts::TAU / 40.0, if n % 2 == 0 { 19.0 } else { 7.0 });
                // Counter-clockwise on the ground, where rows run southwards.
                (30.0 + radius * angle.cos(), 20.0 - radius * angle.sin())
            })
            .collect();
        let region = Region::of_polygon(&vec![ring(&star)]);
        let zones = Zones(vec![(code("00001"), region.clone())]);
        let sums = ZoneShares::new(&zones, raster.grid()).expect("on the globe").sums(&raster).expect("the same grid");
        let found = population.within(region.rings()).expect("on the globe");
        assert!((found / sums[0].sum - 1.0).abs() < 1e-7, "{found} against {}", sums[0].sum);
    }

    /// A province, its layers and a raster of people, of a few communes: one with a total of its own, one whose
    /// settlements are not all counted.
    fn province(folder: &Path) -> (Geodata, Inventory) {
        let mut inventory = province::inventory(folder);
        inventory.communes.truncate(6);
        inventory.communes[0].population = Some(12_345);
        let kept: Vec<CommuneCode> = inventory.communes.iter().map(|commune| commune.code.clone()).collect();
        inventory.settlements.retain(|settlement| kept.contains(&settlement.commune));
        let uncounted = inventory.settlements.iter_mut().find(|settlement| settlement.commune == kept[1]);
        uncounted.expect("a settlement").people = None;
        let people = DatasetConfig {
            kind: DatasetKind::Population,
            file: folder.join("population_synthetic_3s.tif"),
            columns: None,
            operator: None,
            technology: None,
            crs: None,
            valid_on: None,
            accept_guesses: false,
        };
        let config = GeodataConfig {
            communes: Some(folder.join("communes.geojson")),
            layer: vec![LayerConfig::new(folder.join("coverage_synthetic.geojson"), CoverageSource::Declared)],
            dataset: vec![people],
            ..GeodataConfig::default()
        };
        (Geodata::read(&config, &inventory).unwrap_or_else(|faults| panic!("{faults}")), inventory)
    }

    #[test]
    fn people_with_signal_are_those_of_cells_cut_by_the_whole_layers() {
        let Some(folder) = province::data() else { return };
        let (geodata, inventory) = province(&folder);
        let coverage = geodata.coverage(&inventory, &[], UtcMs(0));
        let raster =
            Raster::read(&folder.join("population_synthetic_3s.tif")).unwrap_or_else(|fault| panic!("{fault}"));
        let slow = |commune: &CommuneCode, region: Region| {
            let zones = Zones(vec![(commune.clone(), region)]);
            ZoneShares::new(&zones, raster.grid()).expect("on the globe").sums(&raster).expect("the same grid")[0].sum
        };
        let new: Vec<Ring> = geodata
            .layers
            .iter()
            .filter(|(key, _)| key.technology >= Technology::G4)
            .flat_map(|(_, layer)| layer.full.iter().chain(&layer.marginal))
            .flat_map(|polygon| Region::of_polygon(polygon).polygons.concat())
            .collect();
        let known = totals(&inventory);
        let mut compared = 0;
        for figure in coverage.figures.iter().filter(|figure| figure.operator == OperatorScope::Any) {
            let boundary = geodata.boundaries.iter().find(|boundary| boundary.code == figure.commune).expect("one");
            let land = boundary.region();
            let all = slow(&figure.commune, land.clone());
            let total = known.get(&figure.commune).copied();
            let Share { denominator, unknown, .. } = figure.people;
            let expected = total.unwrap_or(all);
            let exact = if total.is_some() { 1e-9 } else { 1e-7 };
            assert!(((denominator + unknown) / expected - 1.0).abs() < exact, "{figure:?} against {expected}");
            assert_eq!((figure.people_base, figure.people_scaled), (PeopleBase::Raster, total.is_some()));
            if figure.technology == Technology::G4 {
                let served = slow(&figure.commune, land.intersection(&new)) * expected / all;
                let error = (figure.people.numerator - served).abs() / expected;
                assert!(error < 1e-7, "{figure:?} against {served}");
                compared += 1;
            }
        }
        assert_eq!((compared, known.len()), (6, 5));
        assert_eq!(known.get(&inventory.communes[0].code), Some(&12_345.0));
    }

    #[test]
    fn what_is_kept_of_computations_knows_whether_people_were_counted() {
        let Some(folder) = province::data() else { return };
        let (mut geodata, inventory) = province(&folder);
        let mut cache = CoverageCache::default();
        let counted = geodata.coverage_again(&inventory, &[], UtcMs(0), &mut cache, &mut |_| ());
        assert_eq!(cache.computed(), 6);
        assert_eq!(geodata.coverage_again(&inventory, &[], UtcMs(0), &mut cache, &mut |_| ()), counted);
        assert_eq!(cache.computed(), 0);
        geodata.population = None;
        let settled = geodata.coverage_again(&inventory, &[], UtcMs(0), &mut cache, &mut |_| ());
        assert_eq!(cache.computed(), 6);
        assert_eq!(settled.figures[0].people_base, PeopleBase::Settlements);
    }

    #[test]
    fn around_a_place_no_more_than_its_cells_is_read() {
        let Some(folder) = province::data() else { return };
        let path = folder.join("population_synthetic_3s.tif");
        let whole = Raster::read(&path).unwrap_or_else(|fault| panic!("{fault}"));
        let place = ring(&[(10.3, 20.7), (31.9, 2.2)]);
        let part = Raster::read_around(&path, None, place.into_iter()).unwrap_or_else(|fault| panic!("{fault}"));
        // 0.216 and 0.185 degrees are 259.2 and 222 cells.
        assert!((260..=261).contains(&part.grid().width()) && (222..=223).contains(&part.grid().height()), "{part:?}");
        let mut people = 0.0;
        for (x, y) in (0..216).flat_map(|x| (0..185).map(move |y| (x, y))) {
            let at = LonLat { lon: 105.103 + f64::from(x) / 1000.0, lat: 22.0 - 0.207 + f64::from(y) / 1000.0 };
            assert_eq!(part.value(at), whole.value(at), "{at:?}");
            people += whole.value(at).unwrap_or_default();
        }
        assert!(people > 0.0);
        assert_eq!(part.value(LonLat { lon: 105.09, lat: 21.9 }), None);
    }
}
