//! `phusong` itself, and the options that every command takes.

use crate::help::entry::Entry;

pub const ENTRIES: &[Entry] = &[Entry {
    path: "",
    about: "Xã, phường nào mất kết nối và thôn, bản nào không có sóng: hỏi phusongd, hoặc kho dữ liệu của nó khi nó \
            không chạy",
    arguments: &[
        ("config", "Cấu hình của phusongd [mặc định: $PHUSONG_CONFIG, nếu không có thì /etc/phusong/phusong.toml]"),
        ("socket", "Unix socket của phusongd [mặc định: theo cấu hình]"),
        ("json", "Xuất một tài liệu JSON"),
        ("csv", "CSV (RFC 4180), đơn vị ghi ở dòng tiêu đề"),
        ("since", "Đầu khung thời gian: 2h, 2026-11-01, RFC 3339, hôm qua [mặc định: 24h]"),
        ("until", "Cuối khung thời gian; nếu là một ngày thì tính hết ngày đó [mặc định: bây giờ]"),
        (
            "month",
            "Khung thời gian là cả một tháng: 2026-11, 11/2026, \"this month\", \"last month\", tháng này, tháng trước",
        ),
        ("between", "Khung thời gian, hai mốc: --between yesterday today, --between 2026-11-01 2026-11-07"),
        ("group", "Chỉ các tuyến thuộc nhóm này"),
        (
            "only_commune",
            "Chỉ xã, phường này: mã, hoặc tên hiện nay hay trước tháng 7/2025, có dấu hay không dấu; hoặc các xã của một \
             huyện cũ",
        ),
        ("check", "Mã thoát là 1 khi có nơi mất kết nối, suy giảm hoặc chưa phủ sóng"),
        ("lang", "Ngôn ngữ [mặc định: $PHUSONG_LANG, nếu không có thì theo locale, rồi theo cấu hình]"),
        ("ascii", "Chỉ dùng ký hiệu ASCII: + hoạt động, ~ suy giảm, X mất kết nối, ? không đo được, = bảo trì"),
        ("district", "Chỉ các xã của huyện này, như trước tháng 7/2025, có dấu hay không dấu"),
        ("operator", "Chỉ những gì nhà mạng này quản lý hoặc phủ sóng: viettel, VNPT"),
        (
            "kind",
            "Chỉ tuyến loại này: fibre, broadband, video-conference, platform, backhaul, feeder, hoặc tên tiếng Việt",
        ),
        ("state", "Chỉ tuyến đang ở trạng thái này: up, degraded, down, blind, maintenance, hoặc tên tiếng Việt"),
        (
            "sort",
            "Sắp xếp theo trường này của JSON: số và thời điểm từ lớn đến nhỏ, chữ theo thứ tự từ A đến Z; -TRƯỜNG \
             để đảo ngược",
        ),
        ("limit", "Chỉ hiện tối đa bấy nhiêu mục"),
        ("columns", "Chỉ các cột này (tên như trong CSV), theo thứ tự này, cho cả bảng và CSV: link,state,since"),
        ("quiet", "Không hiện tiến độ ở stderr, kể cả khi có người đang xem"),
        (
            "nagios",
            "Một dòng cho Nagios và Icinga, kèm mã thoát của chúng: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN; chỉ dùng với \
             status, và bao gồm --check",
        ),
        ("warn_down", "WARNING khi số tuyến mất kết nối nhiều hơn số này [với --nagios; mặc định: 0]"),
        ("crit_down", "CRITICAL khi số tuyến mất kết nối nhiều hơn số này [với --nagios; mặc định: như --warn-down]"),
    ],
    examples: &[
        ("phusong", ("tình hình chung", "how everything is")),
        (
            "phusong gaps --commune \"na hang\"",
            ("Nà Hang: gì đang mất, nơi nào trắng sóng", "what is down or without signal in Nà Hang"),
        ),
        ("phusong link fibre-02221", ("mọi điều về một tuyến, và gọi cho ai", "all about one link, and whom to call")),
        (
            "phusong probe na hang",
            ("phusongd đo ngay, chương trình này đo song song", "the daemon looks now, this program beside it"),
        ),
        ("phusong ping fibre-02221 -c 3", ("không cần phusongd", "needs no daemon")),
        ("phusong outages --since 2h", ("hai giờ qua có gì", "what happened in the last two hours")),
        (
            "phusong outages --open --district \"na hang\"",
            ("gì đang mất ở huyện Na Hang cũ", "what is down in the former district Na Hang"),
        ),
        ("phusong outages --since yesterday --csv", ("để mở bằng bảng tính", "for a spreadsheet")),
        ("phusong sitrep --lang vi", ("báo cáo nhanh", "the situation report")),
        ("phusong watch", ("theo dõi trên toàn màn hình", "follow it on a full screen")),
        ("phusong doctor", ("hệ thống đo có trục trặc gì", "what is wrong with the instrument itself")),
        (
            "phusong availability --month 2026-11",
            ("mỗi xã, phường có kết nối bao lâu", "how long each commune was connected"),
        ),
        ("phusong maintenance", ("bảo trì đã báo trước", "announced work")),
        ("phusong check", ("cấu hình có lỗi không", "whether the configuration is sound")),
        ("phusong status --check; echo $?", ("dùng trong kịch bản lệnh", "for scripts")),
    ],
    notes: Some((
        "Thời gian: 2h, 1d12h, 2026-11-01, \"2026-11-01 14:05\", 01/11/2026, RFC 3339, hôm nay, hôm qua, today, yesterday.\n\n\
         Mã thoát: 0 bình thường, 1 có điểm cần xử lý (với --check), 2 sai cách dùng, cấu hình hoặc tên, 3 dữ liệu cũ hoặc \
         chưa đầy đủ, 4 không có trả lời.",
        "Times: 2h, 1d12h, 2026-11-01, \"2026-11-01 14:05\", 01/11/2026, RFC 3339, today, yesterday, hôm nay, hôm qua.\n\n\
         Exit codes: 0 fine, 1 findings (with --check), 2 usage, configuration or name, 3 stale or partial data, 4 no \
         answer.",
    )),
}];
