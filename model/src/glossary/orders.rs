//! What came of an order. Text from outside is not made safe here: who prints it does.

use super::{Lang, Term, imports, instant, integer};
use crate::{Every, MAINTENANCE_LONGEST, NOTE_MAX, TICKET_MAX, WHY_MAX, answer::WorkState, command::OrderError};

impl Term for WorkState {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::On => ("đang làm", "under way"),
            Self::Ahead => ("sắp tới", "ahead"),
            Self::Over => ("đã xong", "over"),
        }
    }
}

impl Term for Every {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::Day => ("hằng ngày", "daily"),
            Self::Week => ("hằng tuần", "weekly"),
            Self::Month => ("hằng tháng", "monthly"),
        }
    }
}

/// Why an order is not carried out, and what to do.
#[must_use]
pub fn order_error(lang: Lang, error: &OrderError) -> String {
    let days = MAINTENANCE_LONGEST.0 / 86_400_000;
    match error {
        OrderError::NoScope => lang.pick(
            "bảo trì ở đâu? dùng một trong --link, --commune, --group".to_owned(),
            "whose links? give one of --link, --commune, --group".to_owned(),
        ),
        OrderError::NoWindow => lang.pick(
            "từ lúc nào đến lúc nào? ví dụ --from 22:00 --to 04:00".to_owned(),
            "from when until when? as in --from 22:00 --to 04:00".to_owned(),
        ),
        OrderError::Backwards { from, to } => {
            let (from, to) = (instant(lang, *from), instant(lang, *to));
            lang.pick(
                format!("lúc kết thúc ({to}) phải sau lúc bắt đầu ({from})"),
                format!("the end ({to}) is not after the begin ({from})"),
            )
        }
        OrderError::Over { to } => {
            let to = instant(lang, *to);
            lang.pick(
                format!("khung thời gian đã kết thúc lúc {to}; số liệu đã tính thì không sửa lại"),
                format!("the window ended at {to}; what was accounted is not rewritten"),
            )
        }
        OrderError::TooLong => lang.pick(
            format!("khung thời gian dài hơn {days} ngày; hãy chia thành nhiều lần"),
            format!("the window is longer than {days} days; announce it in several"),
        ),
        OrderError::NoReason => lang.pick(
            format!("cần lý do từ 1 đến {WHY_MAX} ký tự: --why \"thay măng xông\""),
            format!("a reason of 1 to {WHY_MAX} characters is needed: --why \"splicing\""),
        ),
        OrderError::UnknownWork { id } => lang.pick(
            format!("không có lịch bảo trì số {}\n  phusong maintenance", id.0),
            format!("no announced work has number {}\n  phusong maintenance", id.0),
        ),
        OrderError::WorkIsOver { id } => {
            lang.pick(format!("lịch bảo trì số {} đã kết thúc", id.0), format!("announced work {} is over", id.0))
        }
        OrderError::UnknownOutage { id } => lang.pick(
            format!("không có lần mất kết nối số {}\n  phusong outages", id.0),
            format!("no outage has number {}\n  phusong outages", id.0),
        ),
        OrderError::TooLongNote => lang.pick(
            format!("ghi chú tối đa {NOTE_MAX} ký tự, số phiếu tối đa {TICKET_MAX} ký tự"),
            format!("a note has at most {NOTE_MAX} characters, a ticket {TICKET_MAX}"),
        ),
        OrderError::TooMuch { most } => {
            let most = integer(lang, *most as u64);
            lang.pick(format!("đã có {most} lịch bảo trì"), format!("{most} windows of work are announced already"))
        }
        OrderError::Faulty { faults } => imports::faulty(lang, faults),
        OrderError::DatasetName => imports::unnamed(lang),
        OrderError::UnknownDataset { dataset, known } => imports::unknown_dataset(lang, dataset, known),
        OrderError::UnknownImport { dataset, known } => imports::unknown_version(lang, dataset.as_deref(), known),
        OrderError::NothingBefore { dataset } => imports::nothing_before(lang, dataset),
        OrderError::NoChannels => lang.pick(
            "chưa cấu hình kênh báo tin nào; hãy thêm [[notify.channel]], xem docs/notifications.md".to_owned(),
            "no channel is configured; add a [[notify.channel]], see docs/notifications.md".to_owned(),
        ),
        OrderError::UnknownChannel { channel, known } => unknown(lang, ("kênh báo tin", "channel"), channel, known),
        OrderError::NoReplicas => lang.pick(
            "chưa cấu hình InfluxDB; hãy thêm [influx], xem docs/configuration.md".to_owned(),
            "no InfluxDB is configured; add [influx], see docs/configuration.md".to_owned(),
        ),
        OrderError::UnknownReplica { replica, known } => unknown(lang, ("bản sao", "replica"), replica, known),
        OrderError::NotStored { reason } => {
            lang.pick(format!("không ghi được vào kho dữ liệu: {reason}"), format!("not stored: {reason}"))
        }
    }
}

/// That there is no such thing, and which there are.
fn unknown(lang: Lang, what: (&str, &str), name: &str, known: &[String]) -> String {
    let known = known.join(", ");
    lang.pick(
        format!("không có {} \"{name}\"; hiện có: {known}", what.0),
        format!("no {} is called \"{name}\"; there are: {known}", what.1),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MaintenanceId, OutageId, UtcMs, nfc};

    #[test]
    fn every_refusal_has_both_languages() {
        for error in [
            OrderError::NoScope,
            OrderError::NoWindow,
            OrderError::Backwards { from: UtcMs(9), to: UtcMs(3) },
            OrderError::Over { to: UtcMs(0) },
            OrderError::TooLong,
            OrderError::NoReason,
            OrderError::UnknownWork { id: MaintenanceId(7) },
            OrderError::WorkIsOver { id: MaintenanceId(7) },
            OrderError::UnknownOutage { id: OutageId(7) },
            OrderError::TooLongNote,
            OrderError::TooMuch { most: 10_000 },
            OrderError::NoChannels,
            OrderError::UnknownChannel { channel: "x".to_owned(), known: vec!["a".to_owned()] },
            OrderError::NoReplicas,
            OrderError::UnknownReplica { replica: "x".to_owned(), known: vec!["a".to_owned()] },
            OrderError::NotStored { reason: "x".to_owned() },
        ] {
            let (vi, en) = (order_error(Lang::Vi, &error), order_error(Lang::En, &error));
            assert_ne!(vi, en);
            assert!(vi.lines().all(|line| line.trim_start() == nfc(line)), "{vi}");
        }
    }
}
