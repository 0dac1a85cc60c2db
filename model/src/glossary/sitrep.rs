//! Terms of the situation report, *báo cáo nhanh*.

use super::{Lang, Term};
use crate::answer::{OperatorsLeft, SitrepOf};

impl Term for OperatorsLeft {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::None => ("mất sóng mọi nhà mạng", "without any operator"),
            Self::WithoutTwo => ("mất sóng từ hai nhà mạng trở lên", "without two or more"),
            Self::WithoutOne => ("mất sóng một nhà mạng", "without one"),
            Self::Blind => ("không đo được", "blind"),
            Self::Maintenance => ("bảo trì", "maintenance"),
            Self::All => ("còn đủ nhà mạng", "all operators work"),
            Self::NoStation => ("chưa có số liệu trạm", "no station known"),
        }
    }
}

/// What the things of a row have in common.
#[must_use]
pub fn sitrep_of(lang: Lang, of: &SitrepOf) -> String {
    match of {
        SitrepOf::All => lang.of(("tất cả", "all")).to_owned(),
        SitrepOf::Kind { kind } => kind.term(lang).to_owned(),
        SitrepOf::Operator { operator: Some(operator) } => operator.label().to_owned(),
        SitrepOf::Operator { operator: None } => lang.of(("chưa rõ nhà mạng", "operator not known")).to_owned(),
        SitrepOf::District { district: Some(district) } => district.clone(),
        SitrepOf::District { district: None } => lang.of(("chưa rõ huyện cũ", "district not known")).to_owned(),
    }
}
