//! Heads of tables and the small words around them.

use super::Term;
use crate::LinkState;

/// Declares an enum of terms: a variant, its Vietnamese, its English. The English text is also its documentation.
macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident { $($variant:ident: $vi:literal, $en:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(#[doc = $en] $variant,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
        }

        impl Term for $name {
            fn pair(&self) -> (&'static str, &'static str) {
                match self {
                    $(Self::$variant => ($vi, $en),)+
                }
            }
        }
    };
}

impl Head {
    /// The head above how many links are in a state.
    #[must_use]
    pub const fn of(state: LinkState) -> Self {
        match state {
            LinkState::Up => Self::Up,
            LinkState::Degraded => Self::Degraded,
            LinkState::Down => Self::Down,
            LinkState::Blind => Self::Blind,
            LinkState::Maintenance => Self::Maintenance,
        }
    }
}

vocabulary!(
    /// The head of a table's column.
    Head {
        Acked: "TIẾP NHẬN", "ACKED";
        Area: "DIỆN TÍCH CÓ SÓNG (KM²)", "AREA WITH SIGNAL (KM²)";
        Author: "NGƯỜI GHI", "BY";
        Availability: "KHẢ DỤNG", "AVAILABLE";
        Blind: "KHÔNG ĐO", "BLIND";
        Cause: "NGUYÊN NHÂN", "CAUSE";
        Channel: "KÊNH", "CHANNEL";
        Claimed: "THEO LỚP PHỦ", "LAYER SAYS";
        Commune: "XÃ/PHƯỜNG", "COMMUNE";
        CutOff: "ĐÃ MẤT CẢ HAI", "CUT OFF";
        Degraded: "SUY GIẢM", "DEGRADED";
        Delivered: "ĐÃ GỬI", "DELIVERED";
        Down: "MẤT", "DOWN";
        Duration: "KÉO DÀI", "DURATION";
        Event: "SỰ CỐ", "EVENT";
        Filed: "BÁO CÁO", "FILED";
        Full: "ĐỦ", "FULL";
        GivenUp: "BỎ", "GIVEN UP";
        Households: "SỐ HỘ", "HOUSEHOLDS";
        Jitter: "BIẾN THIÊN (MS)", "JITTER (MS)";
        Kind: "LOẠI", "KIND";
        Last: "LẦN CUỐI", "LAST";
        Link: "TUYẾN", "LINK";
        Links: "SỐ TUYẾN", "LINKS";
        Longest: "DÀI NHẤT (MS)", "MAX (MS)";
        Loss: "MẤT GÓI", "LOSS";
        Maintenance: "BẢO TRÌ", "MAINT.";
        Measured: "ĐO ĐƯỢC", "MEASURED";
        Median: "TRUNG VỊ (DBM)", "MEDIAN (DBM)";
        Missing: "THIẾU", "MISSING";
        Name: "TÊN", "NAME";
        NoSignal: "TRẮNG", "NONE";
        Number: "SỐ", "NO.";
        Notes: "GHI CHÚ", "NOTES";
        Operator: "NHÀ MẠNG", "OPERATOR";
        Outages: "SỐ LẦN", "OUTAGES";
        Optical: "CS THU (DBM)", "RX (DBM)";
        Patchy: "LÕM", "PATCHY";
        People: "DÂN SỐ", "PEOPLE";
        PeopleCovered: "DÂN SỐ CÓ SÓNG", "PEOPLE WITH SIGNAL";
        Phone: "ĐIỆN THOẠI", "PHONE";
        P95: "95 % (MS)", "P95 (MS)";
        Place: "NƠI", "PLACE";
        Power: "ĐIỆN", "POWER";
        Probe: "CÁCH ĐO", "PROBE";
        Rank: "#", "#";
        Reason: "LÝ DO", "REASON";
        Repeats: "LẶP LẠI", "REPEATS";
        RoundTrip: "TRỄ (MS)", "RTT (MS)";
        Settlement: "THÔN, BẢN", "SETTLEMENT";
        Sent: "ĐÃ HỎI", "SENT";
        Shared: "ĐIỂM CHUNG", "SHARED";
        Since: "TỪ LÚC", "SINCE";
        Site: "ĐIỂM, TRẠM", "SITE";
        State: "TRẠNG THÁI", "STATE";
        Target: "ĐÍCH", "TARGET";
        Technology: "SÓNG", "TECH";
        Tests: "SỐ LẦN ĐO", "TESTS";
        Time: "LÚC", "TIME";
        TimedOut: "KHÔNG TRẢ LỜI", "TIMED OUT";
        Total: "TỔNG", "TOTAL";
        Turn: "TIN", "MESSAGE";
        Unknown: "?", "?";
        Until: "ĐẾN LÚC", "UNTIL";
        Up: "HOẠT ĐỘNG", "UP";
        Waiting: "ĐANG CHỜ", "WAITING";
        Work: "NỘI DUNG", "WORK";
        Working: "CÒN THÔNG", "STILL WORKS";
    }
);

vocabulary!(
    /// A word or a short phrase outside a table's head.
    Word {
        AllCommunes: "toàn bộ", "all together";
        AllOperators: "mọi nhà mạng", "all";
        Any: "≥ 1 mạng", "any";
        AnyOperator: "ít nhất một nhà mạng", "any operator";
        ApproximateBoundaries: "ranh giới gần đúng", "approximate boundaries";
        AtLeastOperators: "ít nhất", "at least";
        Availability: "khả dụng", "available";
        Base: "cách tính", "counted";
        Blind: "không đo được", "blind";
        BestOperator: "nhà mạng tốt nhất", "best";
        BlindLinks: "Không đo được", "Could not be looked at";
        Circuit: "mã kênh", "circuit";
        Communes: "xã/phường", "communes";
        Coverage: "Phủ sóng di động", "Mobile coverage";
        Contact: "Liên hệ", "Contact";
        DataAge: "dữ liệu cách đây", "data age";
        Declared: "Kê khai", "Declared";
        Example: "ví dụ", "example";
        Errors: "lỗi", "errors";
        Discards: "bỏ gói", "discards";
        Found: "Ghi nhận", "Found";
        GapDetails: "Chi tiết vùng trắng, vùng lõm", "Gaps in detail";
        Gaps: "Điểm mất, vùng trắng", "Gaps";
        HiddenColumns: "màn hình hẹp nên ẩn cột", "hidden for lack of width";
        Interface: "Cổng", "Interface";
        Jitter: "biến thiên", "jitter";
        Layers: "lớp phủ sóng", "layers";
        Links: "Tuyến", "Links";
        MobileLine: "Di động", "Mobile";
        Lost: "mất", "lost";
        NearestSites: "trạm gần nhất", "nearest sites";
        Never: "chưa có dữ liệu", "never probed";
        Next: "Tiếp", "Next";
        NoDeclared: "chưa có số liệu kê khai", "nothing declared";
        NoGaps: "không có điểm mất hay vùng trắng nào", "no gaps";
        NoMaintenance: "không có lịch bảo trì nào", "no work is announced";
        NoItems: "không có mục nào", "nothing to show";
        NoObservations: "không ghi nhận gì thêm", "nothing else was seen";
        NoOutages: "không có lần mất kết nối nào", "no outages";
        NotMeasured: "chưa có số liệu", "no figure";
        Observed: "Ghi nhận thêm", "Also seen";
        OpenOutages: "ĐANG MẤT", "DOWN NOW";
        Duty: "trực", "duty";
        EndedOutages: "Đã khôi phục", "Restored";
        Outages: "Mất kết nối", "Outages";
        People: "người", "people";
        Phone: "điện thoại", "phone";
        Queue: "đang chờ", "waiting";
        Reported: "nhà mạng báo", "reported";
        Sent: "gửi", "sent";
        Settlements: "thôn", "settlements";
        SettlementsWithout: "Thôn, bản nằm trong vùng trắng sóng", "Settlements without signal";
        Sites: "Điểm, trạm", "Sites";
        Source: "Nguồn", "Source";
        Store: "kho", "store";
        Traffic: "lưu lượng", "traffic";
        Unknown: "không rõ", "unknown";
        ValidOn: "ngày", "as of";
        WithFull: "phủ đủ", "fully covered";
        WithoutPatchy: "Không tính vùng lõm", "Not counting patchy";
        WithSignal: "có sóng", "with signal";
    }
);
