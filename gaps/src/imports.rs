//! Whether a dataset can be imported as it is called, and which version of it is to be in force.

use phusong_model::{
    DatasetName, ImportVersion, InForce,
    command::{DATASET_NAME_MAX, Force, ForceOrder, ImportOrder, OrderError},
    fold, nfc, printable,
};

/// The dataset that an order to import is about.
///
/// # Errors
/// When it has no usable name.
pub fn imported(order: &ImportOrder) -> Result<DatasetName, OrderError> {
    let name = if order.kind.has_names() { nfc(&order.dataset) } else { order.kind.id().to_owned() };
    let fits = (1..=DATASET_NAME_MAX).contains(&name.chars().count()) && printable(&name) == name;
    fits.then_some(DatasetName { kind: order.kind, name }).ok_or(OrderError::DatasetName)
}

/// What is to be put in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToForce {
    /// Of which dataset.
    pub dataset: DatasetName,
    /// Which version; none when the dataset is withdrawn.
    pub import: Option<i64>,
    /// The one that is in force now.
    pub before: Option<i64>,
}

/// Which version an order means, of all `versions` and with each time that one was put in force, oldest first.
///
/// # Errors
/// When there is no such dataset or version.
pub fn to_force(versions: &[ImportVersion], history: &[InForce], order: &ForceOrder) -> Result<ToForce, OrderError> {
    let dataset = named(versions, order)?;
    let own = || versions.iter().filter(|version| version.name() == dataset);
    let mut past = history.iter().rev().filter(|change| change.dataset == dataset).map(|change| change.import);
    let before = past.next().flatten();
    let unknown = || OrderError::UnknownImport {
        dataset: Some(dataset.name.clone()),
        known: own().map(|version| version.id).collect(),
    };
    let import = match order.to {
        Force::Nothing => None,
        Force::Version(id) => {
            Some(own().find(|version| version.id == id).map(|version| version.id).ok_or_else(unknown)?)
        }
        // What was in force before, and not twice the same: rolling back twice goes back two versions.
        Force::Before => {
            let older = |id: &i64| before.is_none_or(|before| *id < before);
            let id = match before {
                None => past.flatten().next(),
                Some(_) => own().map(|version| version.id).filter(older).max(),
            };
            Some(id.ok_or_else(|| OrderError::NothingBefore { dataset: dataset.name.clone() })?)
        }
    };
    Ok(ToForce { dataset, import, before })
}

fn named(versions: &[ImportVersion], order: &ForceOrder) -> Result<DatasetName, OrderError> {
    let asked = fold(&order.dataset);
    let mut found: Vec<DatasetName> = versions
        .iter()
        .filter(|version| order.kind.is_none_or(|kind| kind == version.kind) && fold(&version.dataset) == asked)
        .map(ImportVersion::name)
        .collect();
    found.sort();
    found.dedup();
    let exact = found.iter().find(|dataset| dataset.name == order.dataset).cloned();
    match (exact, found.as_slice()) {
        (Some(dataset), _) => Ok(dataset),
        (None, [dataset]) => Ok(dataset.clone()),
        (None, _) => {
            let mut known: Vec<String> = versions.iter().map(|version| version.dataset.clone()).collect();
            known.sort();
            known.dedup();
            Err(OrderError::UnknownDataset { dataset: order.dataset.clone(), known })
        }
    }
}

#[cfg(test)]
mod tests {
    use phusong_model::{DatasetKind, ImportLog, ImportOptions, UtcMs};

    use super::*;

    fn dataset(name: &str) -> DatasetName {
        DatasetName { kind: DatasetKind::Layer, name: name.to_owned() }
    }

    fn version(id: i64, name: &str) -> ImportVersion {
        ImportVersion {
            id,
            kind: DatasetKind::Layer,
            dataset: name.to_owned(),
            hash: String::new(),
            file: String::new(),
            bytes: 0,
            at: UtcMs(id),
            author: String::new(),
            options: ImportOptions::default(),
            log: ImportLog::default(),
            in_force_since: None,
        }
    }

    fn force(id: Option<i64>) -> InForce {
        InForce { dataset: dataset("Phủ sóng"), import: id, since: UtcMs(0), author: String::new() }
    }

    fn judged(history: &[InForce], name: &str, to: Force) -> Result<(Option<i64>, Option<i64>), OrderError> {
        let versions = [version(1, "Phủ sóng"), version(2, "khác"), version(3, "Phủ sóng"), version(5, "Phủ sóng")];
        let order = ForceOrder { dataset: name.to_owned(), kind: None, to };
        to_force(&versions, history, &order).map(|judged| (judged.import, judged.before))
    }

    #[test]
    fn rolling_back_goes_one_version_back_each_time() {
        let history = [force(Some(1)), force(Some(3)), force(Some(5))];
        assert_eq!(judged(&history, "phu song", Force::Before), Ok((Some(3), Some(5))));
        let history = [force(Some(5)), force(Some(3))];
        assert_eq!(judged(&history, "phu song", Force::Before), Ok((Some(1), Some(3))));
        let none = OrderError::UnknownImport { dataset: Some("Phủ sóng".to_owned()), known: vec![1, 3, 5] };
        let first = OrderError::NothingBefore { dataset: "Phủ sóng".to_owned() };
        assert_eq!(judged(&[force(Some(1))], "phu song", Force::Before), Err(first));
        assert_eq!(judged(&[force(Some(3)), force(None)], "Phủ sóng", Force::Before), Ok((Some(3), None)));
        assert_eq!(judged(&[], "Phủ sóng", Force::Version(2)), Err(none));
        assert_eq!(judged(&[force(Some(5))], "Phủ sóng", Force::Version(1)), Ok((Some(1), Some(5))));
        assert_eq!(judged(&[force(Some(5))], "Phủ sóng", Force::Nothing), Ok((None, Some(5))));
    }

    #[test]
    fn an_unknown_name_is_answered_with_those_that_there_are() {
        let known = vec!["Phủ sóng".to_owned(), "khác".to_owned()];
        let refused = judged(&[], "viettel", Force::Nothing);
        assert_eq!(refused, Err(OrderError::UnknownDataset { dataset: "viettel".to_owned(), known }));
    }

    #[test]
    fn a_dataset_without_a_name_of_its_own_is_called_by_its_kind() {
        let order = |kind, dataset: &str| ImportOrder {
            kind,
            dataset: dataset.to_owned(),
            file: String::new(),
            options: ImportOptions::default(),
            dry_run: false,
        };
        let name = |kind, dataset: &str| imported(&order(kind, dataset)).map(|dataset| dataset.name);
        assert_eq!(name(DatasetKind::Settlements, "x"), Ok("settlements".to_owned()));
        assert_eq!(name(DatasetKind::Layer, " viettel 4G "), Ok("viettel 4G".to_owned()));
        for bad in ["", "  ", "a\u{1b}[31m", &"x".repeat(81)] {
            assert_eq!(name(DatasetKind::Layer, bad), Err(OrderError::DatasetName), "{bad:?}");
        }
    }
}
