//! Imported datasets and what was done to them.

use super::{Lang, Term, faults_listed, integer};
use crate::{DatasetKind, Fault, Faults, RepairKind, command::DATASET_NAME_MAX};

impl Term for DatasetKind {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::Boundaries => ("ranh giới xã, phường", "boundaries"),
            Self::Layer => ("lớp phủ sóng", "coverage layer"),
            Self::Settlements => ("thôn, bản", "settlements"),
            Self::Sites => ("trạm phát sóng", "sites"),
            Self::Cells => ("ô sóng (ước lượng)", "cells (estimated)"),
            Self::Population => ("lưới dân cư", "population raster"),
            Self::Totals => ("dân số các xã", "people of communes"),
            Self::Measurements => ("số liệu đo", "measurements"),
        }
    }
}

impl Term for RepairKind {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::Orientation => ("vòng ngược chiều", "ring of the wrong direction"),
            Self::DuplicatePoint => ("điểm trùng", "duplicate point"),
            Self::SelfTouch => ("vòng tự chạm", "self-touching ring"),
            Self::Crossing => ("vòng tự cắt", "crossing ring"),
            Self::Sliver => ("mảnh vụn", "sliver"),
            Self::Empty => ("vòng rỗng", "empty ring"),
        }
    }
}

/// The faults of files that were to be imported, each with its remedy.
pub(super) fn faulty(lang: Lang, faults: &[Fault]) -> String {
    let faults = Faults(faults.to_vec());
    let (count, listed) = (integer(lang, faults.count()), faults_listed(lang, &faults));
    let word = if faults.count() == 1 { "fault" } else { "faults" };
    lang.pick(
        format!("{listed}\n{count} lỗi: không nhập gì"),
        format!("{listed}\n{count} {word}: nothing was imported"),
    )
}

pub(super) fn unnamed(lang: Lang) -> String {
    lang.pick(
        format!("tên tập dữ liệu dài từ 1 đến {DATASET_NAME_MAX} ký tự: --name viettel-4g"),
        format!("a dataset has a name of 1 to {DATASET_NAME_MAX} characters: --name viettel-4g"),
    )
}

pub(super) fn unknown_dataset(lang: Lang, dataset: &str, known: &[String]) -> String {
    let known = known.join(", ");
    lang.pick(
        format!("không có tập dữ liệu \"{dataset}\"; hiện có: {known}\n  phusong import list"),
        format!("no dataset is called \"{dataset}\"; there are: {known}\n  phusong import list"),
    )
}

pub(super) fn unknown_version(lang: Lang, dataset: Option<&str>, known: &[i64]) -> String {
    let Some(dataset) = dataset else {
        return lang.pick(
            "không có bản nhập nào mang số đó\n  phusong import list --all".to_owned(),
            "no version has this number\n  phusong import list --all".to_owned(),
        );
    };
    let known = known.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    lang.pick(
        format!("tập dữ liệu \"{dataset}\" không có bản đó; các bản: {known}\n  phusong import list --all"),
        format!("dataset \"{dataset}\" has no such version; there are: {known}\n  phusong import list --all"),
    )
}

pub(super) fn nothing_before(lang: Lang, dataset: &str) -> String {
    lang.pick(
        format!(
            "tập dữ liệu \"{dataset}\" không có bản nào trước đó; để rút hẳn khỏi số liệu:\n  phusong import withdraw \
             {dataset}"
        ),
        format!(
            "dataset \"{dataset}\" has no version before this one; to take it out of all figures:\n  phusong import \
             withdraw {dataset}"
        ),
    )
}
