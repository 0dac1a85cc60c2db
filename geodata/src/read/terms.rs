//! On which terms a file of shapes is read: what somebody says of it, what is wanted of it, and what it may cost.

use phusong_model::ImportOptions;

use super::{
    Budget, Place, Report,
    report::{Wrong, wrong},
};
use crate::crs::Crs;

/// What somebody says of a file, and what is wanted of it.
#[derive(Debug)]
pub(crate) struct Terms<'b> {
    /// Vertices that may still be read.
    pub(super) budget: &'b Budget,
    /// Which shapes are wanted.
    pub(super) wanted: Wanted,
    /// The system that the file is said to be in.
    said: Option<Crs>,
}

/// What is wanted of features beside their properties.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Their shapes.
    Shapes,
    /// Nothing: they may have none, and whichever they have is not looked at.
    Nothing,
}

/// The system that somebody says a file is in; one that is not known is a fault.
pub(crate) fn said_crs(options: &ImportOptions, report: &mut Report) -> Result<Option<Crs>, ()> {
    let said = options.crs.as_deref().map(Crs::of_name).transpose();
    said.map_err(|unknown| report.fault(&Place::File, unknown.to_string(), "give crs one of these"))
}

/// What a file itself says of its system.
pub(super) enum Stated {
    /// It is this one.
    Named(Crs),
    /// It is one that is not read here, or is not understood.
    Strange(Wrong),
    /// Nothing, for in this format all coordinates are WGS 84.
    Standard(&'static str),
    /// Nothing, and then somebody must say it: what is wrong when nobody does.
    Nothing(Wrong),
}

impl<'b> Terms<'b> {
    /// For a dataset; an unknown system is a fault.
    pub(crate) fn new(budget: &'b Budget, options: &ImportOptions, report: &mut Report) -> Option<Self> {
        Some(Self { budget, wanted: Wanted::Shapes, said: said_crs(options, report).ok()? })
    }

    /// The same, wanting no shapes.
    pub(crate) fn without_shapes(self) -> Self {
        Self { wanted: Wanted::Nothing, ..self }
    }

    /// Nobody says anything.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(super) fn silent(budget: &'b Budget) -> Self {
        Self { budget, wanted: Wanted::Shapes, said: None }
    }

    /// The system of a file. Where it says one itself, whoever says another one is contradicted and not obeyed: one of
    /// the two is wrong, and a zone that is taken for another is off by tens of kilometres.
    pub(super) fn system(&self, stated: Stated) -> Result<Crs, Wrong> {
        if self.wanted == Wanted::Nothing {
            return Ok(Crs::WGS84);
        }
        let (own, of_file) = match stated {
            Stated::Named(own) => (own, format!("the file says that it is in {own}")),
            Stated::Standard(format) => (Crs::WGS84, format!("{format} is always in {}", Crs::WGS84)),
            Stated::Strange(wrong) => return Err(wrong),
            Stated::Nothing(silence) => return self.said.ok_or(silence),
        };
        match self.said {
            Some(said) if said != own => wrong(
                format!("{of_file}, but crs says {said}"),
                format!(
                    "leave out crs; where the file is wrong, correct it: ogr2ogr -f GPKG -a_srs EPSG:{} out.gpkg IN",
                    said.epsg()
                ),
            ),
            Some(_) | None => Ok(own),
        }
    }
}
