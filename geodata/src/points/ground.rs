//! Where a row of a list lies: its commune, and its position held against it.

use phusong_model::{Commune, CommuneCode, Dataset, Guess, Inventory, LonLat, Lookup, fold};

use crate::{
    boundaries::Boundary,
    crs::{Crs, is_of_vietnam},
    locate::Communes,
    read::{Report, said_crs, shown},
    tables::{Row, Spot},
    written::{self, Placed, place},
};

/// Most explanations named of one place.
const NAMED_GUESSES: usize = 3;
/// Digits of the code of a commune.
const CODE_DIGITS: usize = 5;

/// The communes that rows name, and where they are.
pub(crate) struct Ground<'a> {
    communes: &'a [Commune],
    /// None where nobody has given boundaries: then a place is only held against the country.
    lands: Option<Communes>,
    crs: Crs,
    accept_guesses: bool,
}

/// A position as it is written.
struct Written {
    /// The column that a fault is of.
    column: &'static str,
    x: String,
    y: String,
    shown: String,
    crs: Crs,
}

impl<'a> Ground<'a> {
    /// For a dataset; an unknown coordinate system is a fault.
    pub(crate) fn new(
        dataset: &Dataset,
        inventory: &'a Inventory,
        boundaries: Option<&[Boundary]>,
        report: &mut Report,
    ) -> Option<Self> {
        let crs = said_crs(&dataset.options, report).ok()?.unwrap_or(Crs::WGS84);
        let lands = boundaries.filter(|boundaries| !boundaries.is_empty()).map(Communes::of);
        if lands.is_none() {
            report.log().note("positions are not held against communes, for there are no boundaries".to_owned());
        }
        Some(Self { communes: &inventory.communes, lands, crs, accept_guesses: dataset.options.accept_guesses })
    }

    /// For a table without positions.
    pub(crate) fn unplaced(inventory: &'a Inventory, dataset: &Dataset) -> Self {
        let accept_guesses = dataset.options.accept_guesses;
        Self { communes: &inventory.communes, lands: None, crs: Crs::WGS84, accept_guesses }
    }

    /// The commune that a row names by code or name; what is unknown, ambiguous or missing is a fault.
    pub(super) fn commune(&self, row: &Row<'_>, subject: &str, report: &mut Report) -> Option<CommuneCode> {
        let column = if row.text("commune_code").is_some() { "commune_code" } else { "commune" };
        let Some(text) = row.text(column) else {
            row.fault("commune", "no commune", "write its five-digit code or its name", report);
            return None;
        };
        let code = self.named(row, column, text, subject, report)?;
        let name = row.text("commune").filter(|_| column == "commune_code");
        if let Some(name) = name
            && let Some(own) = self.communes.iter().find(|commune| commune.code == code)
            && !is_called(own, name)
        {
            let message = format!("{code} is the code of {}, and not of {:?}", own.name, shown(name));
            row.fault("commune_code", &message, "correct the code or the name", report);
            return None;
        }
        Some(code)
    }

    fn named(
        &self,
        row: &Row<'_>,
        column: &str,
        text: &str,
        subject: &str,
        report: &mut Report,
    ) -> Option<CommuneCode> {
        let shown_text = shown(text);
        if let Some(code) = text.parse::<CommuneCode>().ok().filter(|code| self.knows(code)) {
            return Some(code);
        }
        if text.len() < CODE_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit()) {
            let code: Option<CommuneCode> = format!("{text:0>CODE_DIGITS$}").parse().ok();
            if let Some(code) = code.filter(|code| self.knows(code)) {
                let reason = "zeros-lost: a spreadsheet has taken the code for a number";
                let taken = code.to_string();
                return self.may_take(row, column, (subject, &shown_text, &taken, reason), report).then_some(code);
            }
        }
        match Lookup::commune(self.communes, text) {
            Lookup::Found(commune) if is_called(commune, text) => return Some(commune.code.clone()),
            Lookup::Found(near) => self.unknown(row, column, text, &[near], report),
            Lookup::Unknown(near) => self.unknown(row, column, text, &near, report),
            Lookup::Ambiguous(several) => {
                let message = format!("{shown_text:?} may be {}", listed(&several));
                row.fault(column, &message, "write the five-digit code of the one that is meant", report);
            }
        }
        None
    }

    fn unknown(&self, row: &Row<'_>, column: &str, text: &str, near: &[&Commune], report: &mut Report) {
        let hint = match near {
            [] => "write its five-digit code or its name as communes.csv has it".to_owned(),
            near => format!("did you mean {}?", listed(near)),
        };
        row.fault(column, &format!("{:?} is no commune of the inventory", shown(text)), hint, report);
    }

    fn knows(&self, code: &CommuneCode) -> bool {
        self.communes.iter().any(|commune| commune.code == *code)
    }

    /// Whether a value may be taken in place of the written one; where a person has not allowed it, it is a fault.
    fn may_take(
        &self,
        row: &Row<'_>,
        column: &str,
        (subject, written, taken, reason): (&str, &str, &str, &str),
        report: &mut Report,
    ) -> bool {
        if self.accept_guesses {
            let [subject, written, taken, reason] = [subject, written, taken, reason].map(str::to_owned);
            report.log().guess(Guess { place: row.cell(column).to_string(), subject, written, taken, reason });
        } else {
            let message = format!("{subject}: {written} is not right; likely: {reason}");
            row.fault(column, &message, format!("write {taken}; --accept-guesses takes it"), report);
        }
        self.accept_guesses
    }

    /// The position of a row in its declared commune.
    pub(super) fn position(
        &self,
        row: &Row<'_>,
        subject: &str,
        declared: &CommuneCode,
        report: &mut Report,
    ) -> Option<LonLat> {
        let Written { column, x, y, shown, crs } = self.written(row, subject, report)?;
        let commune_of = |at: LonLat| match &self.lands {
            Some(lands) => lands.locate(&[at]).first().copied().flatten().cloned(),
            None => is_of_vietnam(at).then(|| declared.clone()),
        };
        match place(&x, &y, crs, declared, commune_of) {
            Placed::Inside(at) => Some(at),
            Placed::Border(at) => {
                let place = row.place();
                report.log().note(format!("{place}: {subject} lies just outside of {}", self.label(declared)));
                Some(at)
            }
            Placed::Guess(guess) => {
                let (taken, reason) = (degrees(guess.at), format!("{}: {}", guess.reason.id(), guess.reason));
                let about = (subject, shown.as_str(), taken.as_str(), reason.as_str());
                self.may_take(row, column, about, report).then_some(guess.at)
            }
            Placed::Several(guesses) => {
                let told = |guess: &written::Guess| format!("{} if {}", degrees(guess.at), guess.reason);
                let likely: Vec<String> = guesses.iter().take(NAMED_GUESSES).map(told).collect();
                let message = format!("{subject}: {shown} is not in {}", self.label(declared));
                row.fault(column, &message, format!("it may be {}", likely.join("; or ")), report);
                None
            }
            Placed::Unexplained { written, commune } => {
                let (message, hint) = match (written, commune) {
                    (Ok(_), Some(other)) => (
                        format!("{shown} is in {}, and not in {}", self.label(&other), self.label(declared)),
                        "correct the position or the commune",
                    ),
                    (Ok(_), None) => (
                        format!("{shown} is in no commune, and not in {}", self.label(declared)),
                        "correct the position, or name its coordinate system with --crs",
                    ),
                    (Err(error), _) => (
                        error.to_string(),
                        "write degrees as 105,34808 or 105°20'53\", or name the system of metres with --crs",
                    ),
                };
                row.fault(column, &format!("{subject}: {message}"), hint, report);
                None
            }
        }
    }

    /// Both numbers of a position: those of the geometry of a feature, or from whatever columns have them.
    fn written(&self, row: &Row<'_>, subject: &str, report: &mut Report) -> Option<Written> {
        if let Some(Spot { at: Some([x, y]), crs, .. }) = row.spot() {
            let shown = shown(&format!("{x} / {y}"));
            return Some(Written { column: "geometry", x: x.to_string(), y: y.to_string(), shown, crs: *crs });
        }
        let crs = self.crs;
        if let Some(text) = row.text("position") {
            let pair = written::pair(text, self.crs).map_err(|error| {
                let hint = "write both as 105,34808/22,62924, or name their coordinate system with --crs";
                row.fault("position", &format!("{subject}: {error}"), hint, report);
            });
            let (x, y) = pair.ok()?;
            return Some(Written { column: "position", x: x.to_string(), y: y.to_string(), shown: shown(text), crs });
        }
        let columns = [("lon", "lat"), ("x", "y")];
        let both = columns.into_iter().map(|(x, y)| (x, y, row.text(x), row.text(y)));
        let found = both.into_iter().find(|(_, _, x, y)| x.is_some() || y.is_some());
        match found {
            Some((column, _, Some(x), Some(y))) => {
                let shown = format!("{} / {}", shown(x), shown(y));
                // Surveyors call the northing x; where the numbers say which is which, they decide.
                let pair = (column == "x").then(|| written::pair(&format!("{x} / {y}"), self.crs).ok()).flatten();
                let (x, y) = pair.map_or((x.to_owned(), y.to_owned()), |(x, y)| (x.to_string(), y.to_string()));
                Some(Written { column, x, y, shown, crs })
            }
            Some((x, y, given, _)) => {
                let missing = if given.is_some() { y } else { x };
                row.fault(missing, &format!("{subject}: half of a position is missing"), "write both numbers", report);
                None
            }
            None => {
                let column = if row.text("position").is_some() { "position" } else { "lon" };
                let hint = "give the culture house or the main cluster of dwellings; a site its mast";
                row.fault(column, &format!("{subject}: no position"), hint, report);
                None
            }
        }
    }

    fn label(&self, code: &CommuneCode) -> String {
        let commune = self.communes.iter().find(|commune| commune.code == *code);
        commune.map_or_else(|| code.to_string(), |commune| format!("{code} {}", commune.name))
    }
}

/// Whether a text is the whole name of a commune, an earlier one, or its code.
fn is_called(commune: &Commune, text: &str) -> bool {
    let asked = fold(text);
    let bare = |name: &str| -> Vec<String> {
        let name = fold(name);
        let kinds = ["xa", "phuong", "thitran"];
        kinds.iter().filter_map(|kind| name.strip_prefix(kind)).map(str::to_owned).chain([name.clone()]).collect()
    };
    let asked = bare(&asked);
    let own = [&commune.name].into_iter().chain(&commune.aliases).flat_map(|name| bare(name));
    commune.code.as_str() == text || own.into_iter().any(|name| asked.contains(&name))
}

fn listed(communes: &[&Commune]) -> String {
    let named = communes.iter().take(NAMED_GUESSES).map(|commune| format!("{} {}", commune.code, commune.name));
    named.collect::<Vec<_>>().join(" or ")
}

fn degrees(at: LonLat) -> String {
    format!("{:.6} / {:.6}", at.lon, at.lat)
}
