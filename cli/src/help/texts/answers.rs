//! Questions.

use crate::help::entry::Entry;

pub const ENTRIES: &[Entry] = &[
    Entry {
        path: "status",
        about: "Tình hình chung trên một màn hình (mặc định)",
        arguments: &[],
        examples: &[
            ("phusong status", ("tình hình chung", "how everything is")),
            ("phusong status --commune \"na hang\"", ("của một xã, phường", "of one commune")),
            ("phusong status --check; echo $?", ("1: có điểm cần xử lý", "1: there is something to look at")),
        ],
        notes: None,
    },
    Entry {
        path: "links",
        about: "Từng tuyến: trạng thái, mất gói, độ trễ, độ sẵn sàng",
        arguments: &[],
        examples: &[
            ("phusong links", ("tất cả các tuyến", "all of them")),
            ("phusong links --group video-conference", ("một nhóm", "those of a group")),
            ("phusong links --month 2026-11 --csv", ("để mở bằng bảng tính", "for a spreadsheet")),
        ],
        notes: None,
    },
    Entry {
        path: "outages",
        about: "Các lần mất kết nối trong khung thời gian, lần chưa khôi phục đứng trước",
        arguments: &[],
        examples: &[
            ("phusong outages --since 2h", ("hai giờ qua", "the last two hours")),
            (
                "phusong outages --since yesterday --commune \"na hang\"",
                ("một xã, phường, từ hôm qua", "one commune, since yesterday"),
            ),
            (
                "phusong outages --month 2026-11 --json",
                ("cả tháng, cho chương trình khác đọc", "a month, for programs"),
            ),
        ],
        notes: None,
    },
    Entry {
        path: "gaps",
        about: "Tuyến đang mất kết nối và nơi không có sóng, xếp hạng trong một danh sách",
        arguments: &[
            (
                "rank",
                "Xếp hạng theo: score (dân số × mức độ × thời gian kéo dài), people (dân số), households (số hộ), settlements \
                 (thôn, bản), area (diện tích), persistence (thời gian kéo dài) [mặc định: score]",
            ),
            ("geojson", "GeoJSON (RFC 7946, WGS 84) kèm đường bao của mọi nơi thiếu"),
        ],
        examples: &[
            (
                "phusong gaps --rank area",
                ("nơi trắng sóng rộng nhất đứng trước", "the largest places without signal first"),
            ),
            ("phusong gaps --geojson > gaps.geojson", ("để mở bằng phần mềm bản đồ", "for a map: polygons and points")),
            ("phusong gaps --commune \"na hang\" --json", ("một xã, phường, đầy đủ", "one commune, in full")),
        ],
        notes: None,
    },
    Entry {
        path: "coverage",
        about: "Phủ sóng di động theo xã, phường, nhà mạng và công nghệ",
        arguments: &[
            ("contradictions", "Nơi số liệu kê khai và mô phỏng khác với đo thực tế, kèm các lần đo làm căn cứ"),
            ("operator", "Chỉ của nhà mạng này"),
            ("geojson", "GeoJSON (RFC 7946, WGS 84) kèm các ô lục giác và thôn, bản"),
        ],
        examples: &[
            ("phusong coverage", ("toàn tỉnh", "the whole province")),
            ("phusong coverage --commune \"na hang\"", ("một xã, phường", "one commune")),
            (
                "phusong coverage --contradictions --operator viettel",
                ("nơi đo được khác kê khai", "where measurements say something else"),
            ),
        ],
        notes: None,
    },
    Entry {
        path: "commune",
        about: "Mọi điều về một xã, phường",
        arguments: &[("name", "Mã, hoặc tên có dấu hay không dấu; tên nhiều từ không cần dấu ngoặc kép")],
        examples: &[
            ("phusong commune na hang", ("tên không dấu cũng được", "accents may be left out")),
            ("phusong commune 02221 --since 7d", ("theo mã, bảy ngày qua", "by its code, over seven days")),
        ],
        notes: None,
    },
    Entry {
        path: "link",
        about: "Mọi điều về một tuyến: trạng thái, các lần đo gần nhất, cổng, các lần mất kết nối, thiết bị và cảm biến cho \
                biết gì, gọi cho ai",
        arguments: &[("name", "Mã, địa chỉ, hoặc tên có dấu hay không dấu; tên nhiều từ không cần dấu ngoặc kép")],
        examples: &[
            ("phusong link fibre-02221", ("theo mã", "by its id")),
            ("phusong link 10.20.3.1 --since 7d", ("theo địa chỉ, bảy ngày qua", "by its address, over seven days")),
        ],
        notes: None,
    },
    Entry {
        path: "indicators",
        about: "Các chỉ tiêu chính: số kê khai bên cạnh số ghi nhận",
        arguments: &[],
        examples: &[
            ("phusong indicators", ("kê khai và ghi nhận", "declared and found")),
            ("phusong indicators --csv", ("để mở bằng bảng tính", "for a spreadsheet")),
        ],
        notes: None,
    },
    Entry {
        path: "availability",
        about: "Xã, phường, nhóm, điểm hoặc tuyến đã hoạt động, suy giảm, mất kết nối, không đo được và bảo trì bao lâu",
        arguments: &[("by", "Mỗi dòng là gì [mặc định: commune; link nếu có --commune hoặc --group]")],
        examples: &[
            ("phusong availability --month 2026-11", ("từng xã, phường, cả tháng", "each commune, over a month")),
            ("phusong availability --by group", ("từng nhóm", "each group")),
            ("phusong availability --group video-conference", ("từng tuyến của một nhóm", "each link of a group")),
        ],
        notes: None,
    },
    Entry {
        path: "topology",
        about: "Các tuyến nối với nhau thế nào",
        arguments: &[],
        examples: &[("phusong topology weak", ("hai đường mà hỏng là mất cả hai", "two ways that fail as one"))],
        notes: None,
    },
    Entry {
        path: "topology weak",
        about: "Xã, phường có các đường về trung tâm đi chung một chỗ: hai đường nhưng hỏng như một",
        arguments: &[],
        examples: &[
            ("phusong topology weak", ("toàn tỉnh", "the whole province")),
            ("phusong topology weak --commune \"na hang\"", ("một xã, phường", "one commune")),
        ],
        notes: None,
    },
];
