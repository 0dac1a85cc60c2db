//! The faults of one file, collected up to a number that a person can read.

use std::path::{Path, PathBuf};

use phusong_model::{Fault, ImportLog};

use super::Place;

/// Most faults reported of one file; a file exported wrongly has the same fault on each of its features.
const MAX_FAULTS: usize = 20;

/// Message and hint of a fault whose place the caller knows.
pub(crate) type Wrong = (String, String);

/// A fault as the outcome of a step.
pub(crate) fn wrong<T>(message: impl Into<String>, hint: impl Into<String>) -> Result<T, Wrong> {
    Err((message.into(), hint.into()))
}

/// Text of a file as a message may show it: not more than a line of it.
pub(crate) fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}

/// Faults of one file.
#[derive(Debug)]
pub(crate) struct Report {
    file: PathBuf,
    /// The file inside of an archive, or beside the one that was named, which is read now.
    part: Option<String>,
    faults: Vec<Fault>,
    unreported: usize,
    log: ImportLog,
    look: Look,
}

/// How closely a file is looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Look {
    /// As far as it must be to be used.
    #[default]
    Use,
    /// And for what has to be repaired in it, which takes about as long again.
    Examine,
}

impl Report {
    /// An empty report of a file.
    pub(crate) fn of(file: &Path) -> Self {
        Self {
            file: file.to_owned(),
            part: None,
            faults: Vec::new(),
            unreported: 0,
            log: ImportLog::default(),
            look: Look::Use,
        }
    }

    /// The same, looking so closely.
    pub(crate) fn looking(mut self, look: Look) -> Self {
        self.look = look;
        self
    }

    /// How closely the file is looked at.
    pub(crate) fn look(&self) -> Look {
        self.look
    }

    /// From here on faults are of this part of the file.
    pub(super) fn part(&mut self, part: Option<&str>) {
        self.part = part.map(shown);
    }

    /// Adds a fault of the file, at a place when it is known.
    pub(crate) fn fault(&mut self, place: &Place, message: impl Into<String>, hint: impl Into<String>) {
        if self.faults.len() >= MAX_FAULTS {
            self.unreported += 1;
            return;
        }
        let parts = [self.part.clone(), place.name(), Some(message.into())];
        let message = parts.into_iter().flatten().collect::<Vec<_>>().join(": ");
        let fault = Fault::of_file(&self.file, message, hint);
        self.faults.push(match place.line() {
            Some(line) => fault.at_line(line),
            None => fault,
        });
    }

    /// Adds a fault that a step came to.
    pub(crate) fn wrong(&mut self, place: &Place, (message, hint): Wrong) {
        self.fault(place, message, hint);
    }

    /// Adds a fault that names the file already.
    pub(crate) fn take(&mut self, fault: Fault) {
        self.faults.push(Fault { file: self.file.clone(), ..fault });
    }

    /// Whether nothing is wrong so far.
    pub(crate) fn is_clean(&self) -> bool {
        self.faults.is_empty()
    }

    /// What happened to the content so far.
    pub(crate) fn log(&mut self) -> &mut ImportLog {
        &mut self.log
    }

    /// The faults, with a last one that says how many more there are, and the log.
    pub(crate) fn finish(mut self) -> (Vec<Fault>, ImportLog) {
        if self.unreported > 0 {
            let hint = "correct the first ones and check again";
            self.faults.push(Fault::of_others(&self.file, self.unreported as u64, hint));
        }
        (self.faults, self.log)
    }
}
