//! Terms that carry a name or a reason. Text from outside is not made safe here: who prints it does.

use super::{Lang, Term, fault_text, instant};
use crate::{
    Carrier, Cause, Confidence, Indicator, Together,
    answer::{AskError, EventItem, Notice},
    config::InfluxConfig,
    glossary::integer,
    printable,
};

impl Term for Cause {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::Unknown => ("chưa rõ", "unknown"),
            Self::Upstream { .. } => ("do", "behind"),
            Self::Fibre => ("cáp quang", "fibre"),
            Self::Power => ("mất điện", "power"),
            Self::Equipment => ("thiết bị", "equipment"),
            Self::Prober => ("máy giám sát", "our prober"),
            Self::Maintenance => ("bảo trì", "maintenance"),
        }
    }
}

impl Term for Confidence {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::Low => ("ít chắc chắn", "weak evidence"),
            Self::Medium => ("khá chắc chắn", "good evidence"),
            Self::High => ("chắc chắn", "strong evidence"),
        }
    }
}

/// The cause that an answer's id and carrier stand for; an id of a newer program is shown as it is.
#[must_use]
pub fn cause(lang: Lang, id: &str, carrier: Option<&Carrier>) -> String {
    if let (Some(carrier), "upstream") = (carrier, id) {
        let behind = Cause::Upstream { carrier: carrier.clone() };
        return format!("{} {carrier}", behind.term(lang));
    }
    let plain = [Cause::Unknown, Cause::Fibre, Cause::Power, Cause::Equipment, Cause::Prober, Cause::Maintenance];
    plain.iter().find(|cause| cause.id() == id).map_or_else(|| id.to_owned(), |cause| cause.term(lang).to_owned())
}

/// What belongs together of outages, and why.
#[must_use]
pub fn event(lang: Lang, event: &EventItem) -> String {
    let count = |number: usize| integer(lang, number as u64);
    let english = |number: usize, one: &str| format!("{} {one}{}", count(number), if number == 1 { "" } else { "s" });
    let (links, communes) = (count(event.links.len()), count(event.communes.len()));
    let (was, is) = if event.end.is_some() { ("đã ", "was") } else { ("", "is") };
    if event.flapping && event.links.len() == 1 {
        let link = event.links.first().map(ToString::to_string).unwrap_or_default();
        let times = event.outages.len();
        let vietnamese = format!("{link} {was}chập chờn: gián đoạn {} lần", count(times));
        return lang.pick(vietnamese, format!("{link} {is} flapping: {}", english(times, "outage")));
    }
    match (&event.by, &event.together) {
        (Some(by), _) => lang.pick(
            format!("{by} {was}mất kết nối: ảnh hưởng {links} tuyến, {communes} xã/phường"),
            format!(
                "{by} {is} down: {}, {}",
                english(event.links.len(), "link"),
                english(event.communes.len(), "commune")
            ),
        ),
        (None, Some(together)) => {
            let place = common(lang, together);
            lang.pick(
                format!("{links} tuyến {place} mất kết nối cùng lúc: có lẽ cùng một sự cố"),
                format!("{links} links {place} fell silent together: probably one event"),
            )
        }
        (None, None) => lang.pick(format!("{links} tuyến cùng một sự cố"), format!("{links} links in one event")),
    }
}

/// What links have in common, behind a number of links.
pub(super) fn common(lang: Lang, together: &Together) -> String {
    match together {
        Together::Site(site) => lang.pick(format!("tại điểm {site}"), format!("at site {site}")),
        Together::Commune(code) => lang.pick(format!("tại xã, phường {code}"), format!("in commune {code}")),
        Together::District(name) => lang.pick(format!("thuộc huyện {name} cũ"), format!("in former district {name}")),
        Together::Operator(operator) => {
            let label = operator.label();
            lang.pick(format!("của {label}"), format!("of {label}"))
        }
        Together::Kind(kind) => lang.pick(format!("loại {}", kind.term(lang)), format!("of kind {}", kind.term(lang))),
    }
}

/// What a headline claim counts, and what it does not.
#[must_use]
pub const fn base(lang: Lang, indicator: Indicator) -> &'static str {
    lang.of(match indicator {
        Indicator::CommunesFibre => (
            "xã, phường có tuyến cáp quang đang hoạt động hoặc suy giảm; nơi không có tuyến là không đạt, \
             nơi không đo được hoặc đang bảo trì là không rõ",
            "communes with a fibre link that is up or degraded now; one without such a link is not working, \
             blind or in maintenance is unknown",
        ),
        Indicator::CommunesBroadband => (
            "xã, phường có băng rộng đang hoạt động hoặc suy giảm; nơi không có tuyến là không đạt, \
             nơi không đo được hoặc đang bảo trì là không rõ",
            "communes with broadband that is up or degraded now; one without it is not working, \
             blind or in maintenance is unknown",
        ),
        Indicator::MobileSettlements => (
            "thôn, bản có sóng tại trung tâm hoặc cụm dân cư, tính cả vùng lõm, của ít nhất một nhà mạng",
            "settlements with signal at the centre or a cluster of dwellings, patchy included, any operator",
        ),
        Indicator::MobilePeople => (
            "dân số có sóng, trong số đã biết, của ít nhất một nhà mạng",
            "people with signal, of those of whom it is known, any operator",
        ),
        Indicator::MobileArea => {
            ("diện tích trắc địa có sóng của ít nhất một nhà mạng", "geodesic area with signal, any operator")
        }
    })
}

/// Remarks about the store; empty for the others.
fn of_store(lang: Lang, notice: &Notice) -> String {
    let number = |count: u64| super::integer(lang, count);
    let (vietnamese, english) = match notice {
        Notice::NotStored { reason, waiting_ticks, given_up_ticks } => {
            return not_stored(lang, reason, *waiting_ticks, *given_up_ticks);
        }
        Notice::GivenUp { ticks } => (
            format!("đĩa không ghi được quá lâu: đã mất mẫu đo của {} vòng đo", number(*ticks)),
            format!("the disk refused for too long: the samples of {} ticks are lost", number(*ticks)),
        ),
        Notice::SetAside { file } => (
            format!("kho dữ liệu bị hỏng đã được để riêng thành {file}, phần đọc được đã nằm trong kho mới"),
            format!("a damaged store was set aside as {file}; what could be read of it is in the new one"),
        ),
        Notice::LeftUnread { parts } => {
            let names = parts.iter().map(|part| part.term(lang)).collect::<Vec<_>>().join(", ");
            (
                format!("kho dữ liệu bị hỏng, không đọc được phần: {names}; khởi động phusongd để cứu phần còn lại"),
                format!("the store is damaged, and this cannot be read: {names}; a start of phusongd saves the rest"),
            )
        }
        Notice::ReadFromCopy => (
            "chương trình khác đang khóa kho dữ liệu: đã đọc một bản sao của các tệp".to_owned(),
            "another program has locked the store: a copy of its files was read".to_owned(),
        ),
        Notice::StoreShort => (
            "kho dữ liệu hoặc đĩa đã đầy: mẫu đo cũ bị xóa trước hạn".to_owned(),
            "the store or its disk is full: old samples are removed before their time".to_owned(),
        ),
        Notice::RemovedUndelivered { replica, samples } => (
            format!("{} mẫu đo đã bị xóa trước khi tới {}", number(*samples), influx(replica)),
            format!("{} samples were removed before {} had them", number(*samples), influx(replica)),
        ),
        Notice::Example
        | Notice::ApproximateBoundaries
        | Notice::DaemonAway { .. }
        | Notice::NoIcmp
        | Notice::LeftOut { .. }
        | Notice::InfluxAway { .. }
        | Notice::NotTold { .. }
        | Notice::ReloadRefused { .. }
        | Notice::NoCoverage
        | Notice::CertificateEnds { .. }
        | Notice::CertificateUntrusted { .. }
        | Notice::TrapsRefused { .. } => return String::new(),
    };
    lang.pick(vietnamese, english)
}

/// That the disk refuses, with what is waiting for it and what is lost.
fn not_stored(lang: Lang, reason: &str, waiting: u64, given_up: u64) -> String {
    let (waiting, lost) = (super::integer(lang, waiting), super::integer(lang, given_up));
    let mut text = match lang {
        Lang::Vi => format!("kho dữ liệu không ghi được, {waiting} vòng đo đang chờ trong bộ nhớ"),
        Lang::En => format!("not stored, the store refuses to write and {waiting} ticks wait in memory"),
    };
    if given_up > 0 {
        text.push_str(&match lang {
            Lang::Vi => format!(", mẫu đo của {lost} vòng cũ nhất đã mất"),
            Lang::En => format!(", the samples of the {lost} oldest are lost"),
        });
    }
    text.push_str(": ");
    text.push_str(reason);
    text
}

/// A remark in full.
#[must_use]
#[allow(clippy::too_many_lines, reason = "a sentence for each, in both languages")]
pub fn notice(lang: Lang, notice: &Notice) -> String {
    match (notice, lang) {
        (Notice::Example, Lang::Vi) => "số liệu ví dụ, không phản ánh thực tế".to_owned(),
        (Notice::Example, Lang::En) => "example data: it says nothing about the world".to_owned(),
        (Notice::ApproximateBoundaries, Lang::Vi) => "ranh giới xã chỉ gần đúng, dựng từ điểm đặt nhãn".to_owned(),
        (Notice::ApproximateBoundaries, Lang::En) => {
            "commune boundaries are approximate, made from label points".to_owned()
        }
        (Notice::DaemonAway { reason }, Lang::Vi) => format!("phusongd không trả lời ({reason}); đã đọc kho dữ liệu"),
        (Notice::DaemonAway { reason }, Lang::En) => {
            format!("phusongd does not answer ({reason}); the store was read instead")
        }
        (Notice::NoIcmp, Lang::Vi) => format!("không có quyền gửi ICMP, chỉ SNMP quyết định; cách sửa: {ICMP_REMEDY}"),
        (Notice::NoIcmp, Lang::En) => format!("no right to send ICMP, SNMP alone decides; remedy: {ICMP_REMEDY}"),
        (
            Notice::NotStored { .. }
            | Notice::GivenUp { .. }
            | Notice::SetAside { .. }
            | Notice::StoreShort
            | Notice::LeftUnread { .. }
            | Notice::ReadFromCopy
            | Notice::RemovedUndelivered { .. },
            _,
        ) => of_store(lang, notice),
        (Notice::InfluxAway { replica, reason }, Lang::Vi) => {
            format!("{} không nhận dữ liệu, số liệu ở đây vẫn đầy đủ: {reason}", influx(replica))
        }
        (Notice::InfluxAway { replica, reason }, Lang::En) => {
            format!("{} takes nothing, this answer is complete without it: {reason}", influx(replica))
        }
        (Notice::NotTold { channel, reason }, Lang::Vi) => {
            format!("tin báo qua kênh {channel} không đến nơi: {reason}")
        }
        (Notice::NotTold { channel, reason }, Lang::En) => {
            format!("messages by channel {channel} do not arrive: {reason}")
        }
        (Notice::ReloadRefused { reason }, Lang::Vi) => {
            format!("cấu hình mới bị từ chối, vẫn dùng bản cũ: {}", fault_text(lang, reason))
        }
        (Notice::ReloadRefused { reason }, Lang::En) => {
            format!("the new configuration was refused, the old one is in force: {reason}")
        }
        (Notice::LeftOut { shown, total }, lang) => {
            let (shown, total) = (integer(lang, *shown), integer(lang, *total));
            lang.pick(
                format!("chỉ hiện {shown} trong tổng số {total} mục (--limit)"),
                format!("only {shown} of {total} items are shown (--limit)"),
            )
        }
        (Notice::NoCoverage, Lang::Vi) => "chưa khai báo lớp phủ sóng nào".to_owned(),
        (Notice::NoCoverage, Lang::En) => "no coverage layer was given".to_owned(),
        (Notice::CertificateEnds { link, not_after }, Lang::Vi) => {
            format!("chứng thư số của {link} chỉ có hạn đến {}, cần gia hạn", instant(lang, *not_after))
        }
        (Notice::CertificateEnds { link, not_after }, Lang::En) => {
            format!("the certificate of {link} is valid until {} only: renew it", instant(lang, *not_after))
        }
        (Notice::CertificateUntrusted { link }, Lang::Vi) => {
            format!("chứng thư số của {link} không được tin cậy: tự ký, sai tên hoặc do nơi cấp lạ")
        }
        (Notice::CertificateUntrusted { link }, Lang::En) => {
            format!("the certificate of {link} is not trusted: self-signed, of another name or by an unknown authority")
        }
        (Notice::TrapsRefused { refused, limited }, lang) => {
            let (refused, limited) = (integer(lang, *refused), integer(lang, *limited));
            match lang {
                Lang::Vi => format!(
                    "có bản tin trap bị từ chối ({refused}) hoặc quá dày nên bỏ qua ({limited}); việc đo không bị ảnh hưởng"
                ),
                Lang::En => {
                    format!("traps refused ({refused}) or too many to act on ({limited}); probing goes on as ever")
                }
            }
        }
    }
}

/// What gives the daemon the right to send echoes: the capability, or the kernel's group range; root has it.
const ICMP_REMEDY: &str =
    "setcap cap_net_raw+ep phusongd | sysctl -w net.ipv4.ping_group_range=\"0 2147483647\" | root";

/// Why a question cannot be answered as it was put, with what may have been meant.
#[must_use]
#[allow(clippy::too_many_lines, reason = "a sentence for each, in both languages")]
pub fn ask_error(lang: Lang, error: &AskError) -> String {
    match error {
        AskError::UnknownCommune { asked, suggestions } => {
            let fact = lang.of(("không có xã, phường nào tên", "no commune"));
            let hint = match suggestions.as_slice() {
                [] => String::new(),
                near => format!("\n  {}: {}", lang.of(("ý bạn là", "did you mean")), list(near)),
            };
            format!("{fact} {asked:?}{hint}")
        }
        AskError::AmbiguousCommune { asked, candidates } => {
            let fact = lang.of(("khớp với nhiều xã, phường", "fits several communes"));
            format!("{asked:?} {fact}\n  {}: {}", lang.of(("chọn một", "one of")), list(candidates))
        }
        AskError::NoCommune => {
            let question = lang.of(("xã, phường nào? ví dụ", "which commune? as in"));
            format!("{question}: phusong commune \"na hang\"")
        }
        AskError::UnknownLink { asked, suggestions } => {
            let fact = lang.of(("không có tuyến nào là", "no link"));
            let hint = match suggestions.as_slice() {
                [] => "phusong links".to_owned(),
                near => format!("{}: {}", lang.of(("ý bạn là", "did you mean")), list(near)),
            };
            format!("{fact} {asked:?}\n  {hint}")
        }
        AskError::AmbiguousLink { asked, candidates } => {
            let fact = lang.of(("khớp với nhiều tuyến", "fits several links"));
            format!("{asked:?} {fact}\n  {}: {}", lang.of(("chọn một", "one of")), list(candidates))
        }
        AskError::NoLink => {
            let question = lang
                .of(("tuyến nào? ghi mã, tên hoặc địa chỉ, ví dụ", "which link? an id, a name or an address, as in"));
            format!("{question}: fibre-02221")
        }
        AskError::UnknownGroup { asked, groups } => {
            let fact = lang.of(("không có nhóm nào tên", "no group"));
            let hint = match groups.as_slice() {
                [] => lang.of(("chưa tuyến nào thuộc nhóm nào", "no link is in a group")).to_owned(),
                groups => format!("{}: {}", lang.of(("các nhóm", "there are")), list(groups)),
            };
            format!("{fact} {asked:?}\n  {hint}")
        }
        AskError::UnknownDistrict { asked, districts } => {
            let fact = lang.of(("không có huyện cũ nào tên", "no former district"));
            let hint = match districts.as_slice() {
                [] => lang.of(("chưa xã nào ghi huyện cũ", "no commune says which district it belonged to")).to_owned(),
                districts => format!("{}: {}", lang.of(("các huyện cũ", "there are")), list(districts)),
            };
            format!("{fact} {asked:?}\n  {hint}")
        }
        AskError::UnknownOperator { asked, operators } => {
            let fact = lang.of(("không có nhà mạng nào tên", "no operator"));
            let labels: Vec<&str> = operators.iter().map(crate::Operator::label).collect();
            let hint = match labels.as_slice() {
                [] => lang.of(("chưa ghi nhà mạng nào", "nobody is written down")).to_owned(),
                labels => format!("{}: {}", lang.of(("các nhà mạng", "there are")), list(labels)),
            };
            format!("{fact} {asked:?}\n  {hint}")
        }
        AskError::UnknownOutage { outage, newest } => {
            let fact = lang.pick(
                format!("không có lần mất kết nối nào số {}", outage.0),
                format!("there is no outage {}", outage.0),
            );
            let hint = newest.map(|newest| format!(" ({}: {})", lang.of(("mới nhất", "the newest")), newest.0));
            format!("{fact}{}\n  phusong outages", hint.unwrap_or_default())
        }
        AskError::NoOutage => {
            let question = lang.of(("lần mất kết nối nào? xem số ở", "which outage? its number is in"));
            format!("{question}: phusong outages")
        }
        AskError::NoGroup { groups } => {
            let question = lang.of(("nhóm nào? ví dụ", "which group? as in"));
            let first = groups.first().map_or("video-conference", |group| group.as_str());
            let hint = if groups.is_empty() { String::new() } else { format!("\n  {}", list(groups)) };
            format!("{question}: phusong ready --group {first}{hint}")
        }
        AskError::UnknownRank { asked, ranks } => {
            let fact = lang.of(("không có cách xếp hạng nào là", "gaps are not ranked by"));
            format!("{fact} {asked:?}\n  {}: {}", lang.of(("chọn một", "one of")), list(ranks))
        }
        AskError::UnknownTopic => lang.of(("không có mục hỏi này", "no such topic")).to_owned(),
    }
}

fn list(candidates: &[impl ToString]) -> String {
    candidates.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// What people call a replica: its name only where it was given one.
#[must_use]
pub fn influx(replica: &str) -> String {
    if replica == InfluxConfig::UNNAMED { "InfluxDB".to_owned() } else { format!("InfluxDB {}", printable(replica)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        answer::Candidate,
        glossary::Lang::{En, Vi},
    };

    #[test]
    fn a_cause_is_told_from_its_id() {
        let carrier: Carrier = "feeder-1".parse().expect("id");
        for known in [Cause::Unknown, Cause::Fibre, Cause::Power, Cause::Upstream { carrier: carrier.clone() }] {
            let told = cause(Vi, known.id(), Some(&carrier));
            assert!(told.starts_with(known.term(Vi)), "{told}");
        }
        assert_eq!(cause(En, "upstream", Some(&carrier)), "behind feeder-1");
        assert_eq!(cause(En, "power-cut", None), "power-cut");
    }

    #[test]
    fn every_notice_has_both_languages_and_its_reason() {
        let reason = "because".to_owned();
        for remark in [
            Notice::Example,
            Notice::ApproximateBoundaries,
            Notice::DaemonAway { reason: reason.clone() },
            Notice::NoIcmp,
            Notice::NotStored { reason: reason.clone(), waiting_ticks: 7, given_up_ticks: 1 },
            Notice::GivenUp { ticks: 7 },
            Notice::SetAside { file: "because".to_owned() },
            Notice::StoreShort,
            Notice::LeftUnread { parts: vec![crate::StorePart::States, crate::StorePart::Health] },
            Notice::ReadFromCopy,
            Notice::InfluxAway { replica: "influx".to_owned(), reason: reason.clone() },
            Notice::RemovedUndelivered { replica: "ministry".to_owned(), samples: 7 },
            Notice::NotTold { channel: "duty".to_owned(), reason: reason.clone() },
            Notice::ReloadRefused { reason },
            Notice::NoCoverage,
            Notice::LeftOut { shown: 5, total: 1_234 },
            Notice::CertificateEnds { link: "platform-1".parse().expect("id"), not_after: crate::UtcMs(0) },
            Notice::CertificateUntrusted { link: "platform-1".parse().expect("id") },
            Notice::TrapsRefused { refused: 12_345, limited: 7 },
        ] {
            let (vi, en) = (notice(Vi, &remark), notice(En, &remark));
            assert_ne!(vi, en);
            let carries = serde_json::to_string(&remark).expect("json").contains("because");
            assert_eq!(carries, vi.contains("because") && en.contains("because"));
        }
    }

    #[test]
    fn a_wrong_name_is_answered_with_names() {
        let near = vec![
            Candidate { code: "02404".parse().expect("code"), name: "Bình Xa".to_owned() },
            Candidate { code: "02548".parse().expect("code"), name: "Bình Ca".to_owned() },
        ];
        let unknown = AskError::UnknownCommune { asked: "binh sa".to_owned(), suggestions: near };
        assert_eq!(ask_error(En, &unknown), "no commune \"binh sa\"\n  did you mean: Bình Xa (02404), Bình Ca (02548)");
        let none = AskError::UnknownCommune { asked: "x".to_owned(), suggestions: Vec::new() };
        assert_eq!(ask_error(Vi, &none), "không có xã, phường nào tên \"x\"");
    }
}
