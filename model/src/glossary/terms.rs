//! Terms of the model's own enums.

use std::ffi::OsString;

use serde::{Deserialize, Serialize};

use crate::{
    BlindReason, CommuneKind, CoverageSource, GapKind, Grade, GridPower, IcmpMode, IfStatus, Indicator, LinkKind,
    LinkState, Signal, SiteKind, StorePart, Worse,
    answer::{Condition, Source},
};

/// A language of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Vietnamese.
    Vi,
    /// English.
    En,
}

impl Lang {
    /// The language of a tag (`vi`) or locale (`vi_VN.UTF-8`); whatever is not Vietnamese is English.
    #[must_use]
    pub fn of_locale(locale: &str) -> Self {
        let language = locale.split(['_', '-', '.', '@']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("vi") { Self::Vi } else { Self::En }
    }

    /// What `PHUSONG_LANG` says, else the locale as POSIX orders it; `variable` looks into the surroundings, and one that is
    /// empty is not set. None where they name no language: `C` and `POSIX` are none.
    #[must_use]
    pub fn of_surroundings(variable: impl Fn(&str) -> Option<OsString>) -> Option<Self> {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let locale = ["PHUSONG_LANG", "LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set)?;
        let locale = locale.to_string_lossy();
        let is_none = matches!(locale.split('.').next(), Some("C" | "POSIX"));
        (!is_none).then(|| Self::of_locale(&locale))
    }

    /// The tag that HTML's `lang` takes.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }

    /// The Vietnamese text, or the English one.
    #[must_use]
    pub fn pick(self, vietnamese: String, english: String) -> String {
        match self {
            Self::Vi => vietnamese,
            Self::En => english,
        }
    }

    /// The text of this language out of (Vietnamese, English).
    #[must_use]
    pub const fn of<T: Copy>(self, pair: (T, T)) -> T {
        match self {
            Self::Vi => pair.0,
            Self::En => pair.1,
        }
    }
}

/// Something that has a term in both languages.
pub trait Term {
    /// (Vietnamese, English).
    fn pair(&self) -> (&'static str, &'static str);

    /// The term in one language.
    fn term(&self, lang: Lang) -> &'static str {
        lang.of(self.pair())
    }
}

/// The sign of a state, so that it never rests on colour alone.
#[must_use]
pub const fn sign(state: LinkState) -> char {
    match state {
        LinkState::Up => '●',
        LinkState::Degraded => '◐',
        LinkState::Down => '✗',
        LinkState::Blind => '?',
        LinkState::Maintenance => '‖',
    }
}

impl Term for StorePart {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::Ticks => ("các vòng đo", "ticks"),
            Self::States => ("trạng thái tuyến", "states of links"),
            Self::Outages => ("các lần mất kết nối", "outages"),
            Self::Acks => ("việc tiếp nhận sự cố", "acknowledgements"),
            Self::Maintenance => ("lịch bảo trì", "announced work"),
            Self::Notifications => ("tin đã báo", "messages"),
            Self::Coverage => ("phủ sóng", "coverage"),
            Self::Observations => ("ghi nhận thêm", "what else was seen"),
            Self::Health => ("tình trạng các bộ phận", "health of the parts"),
        }
    }
}

impl Term for LinkState {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::Up => ("hoạt động", "up"),
            Self::Degraded => ("suy giảm", "degraded"),
            Self::Down => ("mất kết nối", "down"),
            Self::Blind => ("không đo được", "blind"),
            Self::Maintenance => ("bảo trì", "maintenance"),
        }
    }
}

impl Term for LinkKind {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::Fibre => ("cáp quang", "fibre"),
            Self::Broadband => ("băng rộng", "broadband"),
            Self::VideoConference => ("điểm cầu", "video conf."),
            Self::Platform => ("nền tảng", "platform"),
            Self::Backhaul => ("truyền dẫn", "backhaul"),
            Self::Feeder => ("tuyến trục", "feeder"),
        }
    }
}

impl Term for BlindReason {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::NotRunning => ("phusongd không chạy", "phusongd was not running"),
            Self::NoPermission => ("không có quyền gửi ICMP", "no right to send ICMP"),
            Self::SendError => ("máy giám sát không gửi được gói", "our own machine could not send"),
            Self::ReceiveDrops => ("máy giám sát bị tràn bộ đệm nhận", "our own receive queue overflowed"),
            Self::Resolver => ("máy giám sát không phân giải được tên miền", "our own resolver does not know the name"),
            Self::NoEvidence => ("thiết bị không cho biết", "the device does not tell"),
            Self::LateTick => ("vòng đo bị trễ", "the round came too late"),
            Self::Anchors => ("đường ra của máy giám sát bị mất", "our own uplink is lost"),
            Self::NotYetProbed => ("chưa đo đủ", "not probed enough yet"),
        }
    }
}

impl Term for Worse {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::Loss => ("mất gói nhiều", "packet loss"),
            Self::Delay => ("trễ cao", "high delay"),
        }
    }
}

impl Term for CoverageSource {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::Declared => ("kê khai", "declared"),
            Self::Modelled => ("mô phỏng", "modelled"),
            Self::Measured => ("đo thực tế", "measured"),
        }
    }
}

impl Term for Signal {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::None => ("không có sóng", "no signal"),
            Self::Marginal => ("sóng yếu", "marginal"),
            Self::Full => ("đủ sóng", "full"),
        }
    }
}

impl Term for Grade {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::None => ("trắng sóng", "no signal"),
            Self::Patchy => ("lõm sóng", "patchy signal"),
            Self::Full => ("phủ sóng", "signal"),
        }
    }
}

impl Term for GapKind {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::Link => ("mất tuyến", "link"),
            Self::Coverage => ("trắng sóng", "coverage"),
        }
    }
}

impl Term for Indicator {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::CommunesFibre => ("Xã, phường có cáp quang hoạt động", "Communes with working fibre"),
            Self::CommunesBroadband => ("Xã, phường có băng rộng hoạt động", "Communes with working broadband"),
            Self::MobileSettlements => ("Thôn, bản, tổ dân phố có sóng di động", "Settlements with mobile signal"),
            Self::MobilePeople => ("Dân số có sóng di động", "People with mobile signal"),
            Self::MobileArea => ("Diện tích có sóng di động (km²)", "Area with mobile signal (km²)"),
        }
    }
}

impl Term for IfStatus {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::Up => ("bật", "up"),
            Self::Down => ("tắt", "down"),
            Self::Testing => ("đang thử", "testing"),
            Self::Unknown => ("không rõ", "unknown"),
            Self::Dormant => ("chờ", "dormant"),
            Self::NotPresent => ("không có mô-đun", "not present"),
            Self::LowerLayerDown => ("lớp dưới không hoạt động", "lower layer down"),
        }
    }
}

impl Term for GridPower {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::Yes => ("có điện lưới", "grid power"),
            Self::No => ("chưa có điện lưới", "no grid power"),
            Self::Unknown => ("chưa rõ điện lưới", "grid power unknown"),
        }
    }
}

impl Term for SiteKind {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::Office => ("trụ sở", "office"),
            Self::Hub => ("điểm gom", "hub"),
            Self::Bts => ("trạm BTS", "base station"),
        }
    }
}

impl Term for CommuneKind {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::Commune => ("xã", "commune"),
            Self::Ward => ("phường", "ward"),
        }
    }
}

impl Term for IcmpMode {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::Raw => ("ICMP: có (raw)", "ICMP: raw socket"),
            Self::Datagram => ("ICMP: có (datagram)", "ICMP: datagram socket"),
            Self::None => ("ICMP: không có quyền", "ICMP: no right to send"),
        }
    }
}

impl Term for Source {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::Daemon => ("phusongd", "phusongd"),
            Self::Store => ("kho dữ liệu tại máy", "the local store"),
        }
    }
}

impl Term for Condition {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::Findings => ("có điểm cần xử lý", "findings"),
            Self::Stale => ("DỮ LIỆU CŨ", "STALE"),
            Self::Partial => ("CHƯA ĐẦY ĐỦ", "PARTIAL"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales_lead_to_a_language() {
        for vi in ["vi", "VI", "vi_VN", "vi_VN.UTF-8", "vi-VN", "vi.utf8", "vi@x"] {
            assert_eq!(Lang::of_locale(vi), Lang::Vi, "{vi}");
        }
        for en in ["", "C", "C.UTF-8", "POSIX", "en_GB.UTF-8", "vietnam", "fr_FR"] {
            assert_eq!(Lang::of_locale(en), Lang::En, "{en}");
        }
    }
}
