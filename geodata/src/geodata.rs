//! Everything the geodata files say, read and checked.

use phusong_model::{
    Dataset, DatasetKind, DatasetName, Fault, Faults, ImportContent, ImportLog, Inventory, RuleMark,
    config::{CoverageRule, GeodataConfig, MeasuredAge, MinGap},
};

use crate::{
    borders,
    boundaries::{self, Boundaries, Boundary},
    fingerprint::Fingerprint,
    kept::KeptFiles,
    layers::{self, Layers},
    levels,
    measured::{self, Samples},
    placed,
    points::{self, EstimatedCell, Ground},
    population::Population,
    read::{Budget, Look, Place, Report, Source, Terms, shown},
    rule, voronoi,
};

/// Boundaries and coverage layers, checked but not yet laid over one another: reading is cheap, so that a restart with
/// nothing changed costs no computation.
#[derive(Debug)]
pub struct Geodata {
    pub(crate) boundaries: Vec<Boundary>,
    pub(crate) approximate: bool,
    pub(crate) layers: Layers,
    content: ImportContent,
    logs: Vec<(DatasetName, ImportLog)>,
    pub(crate) population: Option<Population>,
    cells: Vec<EstimatedCell>,
    pub(crate) rule: CoverageRule,
    pub(crate) rule_mark: RuleMark,
    pub(crate) samples: Samples,
    pub(crate) measured_age: MeasuredAge,
    pub(crate) min_gap: MinGap,
    ignored_units: u64,
    input_hash: String,
    /// Of all files.
    pub(crate) vertices: u64,
}

impl Geodata {
    /// Reads all files of the configuration, as [`Self::of`] does.
    pub fn read(config: &GeodataConfig, inventory: &Inventory) -> Result<Self, Faults> {
        Self::of(&config.datasets()?, config, inventory)
    }

    /// Reads all datasets and reports every fault of all of them at once.
    ///
    /// Without boundaries among them they are approximated from the label points of the inventory, if there is a layer
    /// to lay over them. `config` has what figures are computed by; of its files only the rule is looked at.
    pub fn of(datasets: &[Dataset], config: &GeodataConfig, inventory: &Inventory) -> Result<Self, Faults> {
        Self::examine(datasets, &[], config, inventory)
    }

    /// The same as [`Self::of`], and writes into the logs of the datasets that are `new` what of their geometry has to be
    /// repaired, and which borders of communes do not fit together. For those it takes about as long again as reading.
    pub fn examine(
        datasets: &[Dataset],
        new: &[DatasetName],
        config: &GeodataConfig,
        inventory: &Inventory,
    ) -> Result<Self, Faults> {
        Self::taking_over(datasets, new, (config, inventory), None)
    }

    /// Takes over what is kept of files that have not changed, and keeps the others.
    pub(crate) fn taking_over(
        datasets: &[Dataset],
        new: &[DatasetName],
        (config, inventory): (&GeodataConfig, &Inventory),
        kept: Option<&mut KeptFiles>,
    ) -> Result<Self, Faults> {
        let mut reading = Reading::of(new, kept);
        reading.dates(datasets);
        let given = datasets.iter().find(|dataset| dataset.kind == DatasetKind::Boundaries);
        let boundaries = match given {
            Some(dataset) => reading.boundaries(dataset, inventory),
            None => reading.approximated(datasets, inventory),
        };
        for dataset in datasets.iter().filter(|dataset| dataset.kind == DatasetKind::Layer) {
            reading.layer(dataset, config, &boundaries.communes);
        }
        let population = datasets.iter().filter(|dataset| dataset.kind == DatasetKind::Population);
        let population = population.filter_map(|dataset| reading.population(dataset, &boundaries.communes)).last();
        // Nothing is held against boundaries that are refused themselves.
        let known = given.filter(|_| !boundaries.communes.is_empty()).map(|_| boundaries.communes.as_slice());
        for dataset in datasets {
            reading.list(dataset, inventory, known);
        }
        let rule = reading.rule(config);
        let rule_mark = rule::mark(&rule, config.rules.is_none());
        reading.fingerprint.rule(&rule_mark);
        reading.fingerprint.min_gap(config.min_gap_ha);
        for dataset in datasets.iter().filter(|dataset| dataset.kind == DatasetKind::Measurements) {
            reading.measurements(dataset, config.measured_age_days);
        }
        let vertices = reading.budget.taken();
        let Reading { fingerprint, mut layers, mut samples, content, cells, faults, logs, kept, .. } = reading;
        if !faults.is_empty() {
            return Err(Faults(faults));
        }
        if let Some(kept) = kept {
            kept.end();
        }
        let mut filled = inventory.clone();
        content.clone().apply(&mut filled);
        measured::settle(&mut samples);
        measured::add_layers(&samples, config.measured_age_days, &mut layers);
        Ok(Self {
            vertices,
            boundaries: boundaries.communes,
            approximate: given.is_none(),
            layers,
            content,
            population,
            cells,
            rule,
            rule_mark,
            samples,
            measured_age: config.measured_age_days,
            min_gap: config.min_gap_ha,
            logs,
            ignored_units: boundaries.ignored,
            input_hash: fingerprint.finish(&filled),
        })
    }

    /// What the datasets put into the inventory.
    #[must_use]
    pub fn content(&self) -> &ImportContent {
        &self.content
    }

    /// Cells at estimated positions, of all datasets: a hint at where equipment may stand, never coverage.
    #[must_use]
    pub fn cells(&self) -> &[EstimatedCell] {
        &self.cells
    }

    /// What happened to the content of a dataset on its way in.
    #[must_use]
    pub fn log(&self, dataset: &DatasetName) -> Option<&ImportLog> {
        self.logs.iter().find(|(name, _)| name == dataset).map(|(_, log)| log)
    }

    /// A hash over the files, what the configuration says of them, the rule for settlements, and the communes,
    /// settlements and base stations of the inventory, as 64 hexadecimal digits. Equal hashes mean equal figures and gaps.
    #[must_use]
    pub fn input_hash(&self) -> &str {
        &self.input_hash
    }

    /// Whether boundaries were approximated from label points.
    #[must_use]
    pub fn is_approximate(&self) -> bool {
        self.approximate
    }

    /// Units of the boundary file that the inventory does not have; a national file has thousands.
    #[must_use]
    pub fn ignored_units(&self) -> u64 {
        self.ignored_units
    }
}

/// What is read so far.
struct Reading<'k> {
    budget: Budget,
    fingerprint: Fingerprint,
    layers: Layers,
    samples: Samples,
    content: ImportContent,
    cells: Vec<EstimatedCell>,
    faults: Vec<Fault>,
    logs: Vec<(DatasetName, ImportLog)>,
    /// Those that are looked at closely.
    new: &'k [DatasetName],
    kept: Option<&'k mut KeptFiles>,
}

impl<'k> Reading<'k> {
    fn of(new: &'k [DatasetName], mut kept: Option<&'k mut KeptFiles>) -> Self {
        if let Some(kept) = &mut kept {
            kept.begin();
        }
        let (budget, fingerprint) = (Budget::default(), Fingerprint::default());
        Self {
            budget,
            fingerprint,
            layers: Layers::new(),
            samples: Samples::default(),
            content: ImportContent::default(),
            cells: Vec::new(),
            faults: Vec::new(),
            logs: Vec::new(),
            new,
            kept,
        }
    }

    /// Holds the days that datasets are said to speak of against the calendar.
    fn dates(&mut self, datasets: &[Dataset]) {
        for dataset in datasets {
            let said = dataset.options.valid_on.as_deref();
            self.faults.extend(said.filter(|date| !layers::is_date(date)).map(|date| {
                let message = format!("valid_on {:?} is not a date", shown(date));
                Fault::of_file(&dataset.shown, message, "write it as YYYY-MM-DD")
            }));
        }
    }

    fn report(&self, dataset: &Dataset) -> Report {
        let is_new = self.new.contains(&dataset.dataset_name());
        Report::of(&dataset.shown).looking(if is_new { Look::Examine } else { Look::Use })
    }

    fn boundaries(&mut self, dataset: &Dataset, inventory: &Inventory) -> Boundaries {
        let mut report = self.report(dataset);
        let terms = Terms::new(&self.budget, &dataset.options, &mut report);
        let source = terms.and_then(|terms| Some((Source::read(&dataset.path, &mut report)?, terms)));
        let boundaries = source.map(|(source, terms)| {
            let crs = dataset.options.crs.as_deref();
            let role = crs.map_or_else(|| "boundaries".to_owned(), |crs| format!("boundaries in {crs}"));
            self.fingerprint.file(&role, source.digest());
            boundaries::read(&source, &dataset.shown, inventory, &terms, &mut report)
        });
        let boundaries = boundaries.filter(|_| report.is_clean());
        if let (Look::Examine, Some(boundaries)) = (report.look(), &boundaries) {
            placed::judge_boundaries(&boundaries.communes, inventory, &mut report);
            borders::compare(&boundaries.communes, &mut report);
        }
        self.finish(dataset, report);
        boundaries.unwrap_or_default()
    }

    fn approximated(&mut self, datasets: &[Dataset], inventory: &Inventory) -> Boundaries {
        let lays = |dataset: &Dataset| matches!(dataset.kind, DatasetKind::Layer | DatasetKind::Measurements);
        if !datasets.iter().any(lays) {
            // Nothing would be laid over boundaries, so nobody is asked for label points.
            return Boundaries::default();
        }
        match voronoi::approximate(&inventory.communes) {
            Ok(communes) => Boundaries { communes, ignored: 0 },
            Err(missing) => {
                self.faults.extend(missing);
                Boundaries::default()
            }
        }
    }

    fn population(&mut self, dataset: &Dataset, boundaries: &[Boundary]) -> Option<Population> {
        let mut report = Report::of(&dataset.shown);
        let population = if dataset.path.is_file() && !levels::is_raster(&dataset.path) {
            let hint = "give a raster of counts; a list of people by commune is of the kind totals";
            report.fault(&Place::File, "is no GeoTIFF", hint);
            None
        } else {
            Population::read(&dataset.path, &dataset.options, boundaries, &mut report)
        };
        if let Some(population) = &population {
            self.fingerprint.file(&format!("population {:?}", dataset.options.crs), population.digest());
        }
        self.finish(dataset, report);
        population
    }

    /// What officers keep as lists.
    fn list(&mut self, dataset: &Dataset, inventory: &Inventory, boundaries: Option<&[Boundary]>) {
        let mut report = self.report(dataset);
        let ground = |report: &mut Report| Ground::new(dataset, inventory, boundaries, report);
        let budget = &self.budget;
        // Lists count by what they put into the inventory, whether they are read now or were when they came.
        match dataset.kind {
            DatasetKind::Boundaries | DatasetKind::Layer | DatasetKind::Population | DatasetKind::Measurements => {
                return;
            }
            DatasetKind::Totals if levels::is_raster(&dataset.path) => {
                let hint = "give a list of people by commune; a raster of counts is of the kind population";
                report.fault(&Place::File, "is a GeoTIFF", hint);
            }
            DatasetKind::Totals => {
                let ground = Ground::unplaced(inventory, dataset);
                self.content.totals = points::totals(dataset, &ground, budget, &mut report);
            }
            DatasetKind::Settlements => {
                let ground = ground(&mut report);
                self.content.settlements =
                    ground.and_then(|ground| points::settlements(dataset, &ground, budget, &mut report));
            }
            DatasetKind::Sites => {
                let ground = ground(&mut report);
                self.content.sites = ground.and_then(|ground| points::sites(dataset, &ground, budget, &mut report));
            }
            DatasetKind::Cells => {
                if let Some(digest) = points::cells(dataset, budget, &mut report, &mut self.cells) {
                    let role = format!("{} {:?} {:?}", dataset.kind.id(), dataset.name, dataset.options);
                    self.fingerprint.file(&role, &digest);
                }
            }
        }
        self.finish(dataset, report);
    }

    /// The rule that the configuration names, or the one of its default.
    fn rule(&mut self, config: &GeodataConfig) -> CoverageRule {
        let rule = config.rules.as_deref().map(CoverageRule::read).transpose();
        rule.unwrap_or_else(|Faults(faults)| {
            self.faults.extend(faults);
            None
        })
        .unwrap_or_default()
    }

    fn layer(&mut self, dataset: &Dataset, config: &GeodataConfig, boundaries: &[Boundary]) {
        let mut report = self.report(dataset);
        let Some(origin) = dataset.options.source else {
            report.fault(&Place::File, "nobody says how this layer came to be", "say declared, modelled or measured");
            return self.finish(dataset, report);
        };
        let options = &dataset.options;
        if levels::is_raster(&dataset.path) {
            let said = (origin, options);
            let (budget, layers) = (&self.budget, &mut self.layers);
            if let Some(digest) = levels::read(&dataset.path, said, &config.signal, budget, &mut report, layers) {
                let thresholds = options.technology.map(|technology| config.signal.of(technology));
                let role = format!("levels {} {options:?} {thresholds:?}", origin.id());
                self.fingerprint.file(&role, &digest);
            }
        } else if let Some(source) = Source::read(&dataset.path, &mut report) {
            let role = format!("layer {} {options:?}", origin.id());
            self.fingerprint.file(&role, source.digest());
            let read = |budget: &Budget, report: &mut Report| {
                let mut layers = Layers::new();
                layers::read(&source, origin, options, budget, report, &mut layers);
                layers
            };
            let key = || format!("{} {options:?} {origin:?} {:?}", source.digest(), report.look());
            let layers = match &mut self.kept {
                Some(kept) => kept.layers(key(), &self.budget, &mut report, read),
                None => read(&self.budget, &mut report),
            };
            if report.look() == Look::Examine {
                placed::judge_layers(&layers, boundaries, &mut report);
            }
            layers::join(&mut self.layers, layers);
        }
        self.finish(dataset, report);
    }

    fn measurements(&mut self, dataset: &Dataset, age: MeasuredAge) {
        let mut report = Report::of(&dataset.shown);
        if let Some(digest) = measured::read(dataset, &self.budget, &mut report, &mut self.samples) {
            let role = format!("measurements {:?} {:?} {} days", dataset.name, dataset.options, age.days());
            self.fingerprint.file(&role, &digest);
        }
        self.finish(dataset, report);
    }

    /// Keeps the faults and the log of a dataset.
    fn finish(&mut self, dataset: &Dataset, report: Report) {
        let (faults, log) = report.finish();
        self.faults.extend(faults);
        self.logs.push((dataset.dataset_name(), log));
    }
}
