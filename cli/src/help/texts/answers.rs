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
        about: "Từng tuyến: trạng thái, mất gói, độ trễ, độ khả dụng",
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
        arguments: &[("open", "Chỉ những lần chưa khôi phục")],
        examples: &[
            ("phusong outages --since 2h", ("hai giờ qua", "the last two hours")),
            ("phusong outages --open", ("gì đang mất", "what is down now")),
            (
                "phusong outages --open --district \"na hang\"",
                ("ở các xã của huyện Na Hang cũ", "in the communes of the former district Na Hang"),
            ),
            (
                "phusong outages --since yesterday --sort people",
                ("nơi đông dân nhất đứng trước", "the most people first"),
            ),
            ("phusong outages --columns outage,link,start,cause", ("chỉ những cột này", "these columns only")),
            (
                "phusong outages --month 2026-11 --json",
                ("cả tháng, cho chương trình khác đọc", "a month, for programs"),
            ),
        ],
        notes: None,
    },
    Entry {
        path: "outage",
        about: "Mọi điều về một lần mất kết nối: diễn biến, căn cứ, nguyên nhân, ai bị ảnh hưởng, đã thử gì",
        arguments: &[("outage", "Số của nó, như phusong outages hiển thị")],
        examples: &[
            ("phusong outage 1234", ("diễn biến và nguyên nhân", "what happened and why")),
            ("phusong outage 1234 --json", ("cho chương trình khác đọc", "for programs")),
        ],
        notes: None,
    },
    Entry {
        path: "top",
        about: "Các tuyến được đo thế nào: không trả lời nhiều nhất đứng trước, rồi đến chậm nhất [--since: 24h]",
        arguments: &[],
        examples: &[
            ("phusong top --since 1h", ("một giờ qua", "the last hour")),
            ("phusong top --sort rtt_p95_ms --limit 10", ("mười đích chậm nhất", "the ten slowest")),
            ("phusong top --kind feeder --csv", ("các tuyến trục, để mở bằng bảng tính", "feeders, for a spreadsheet")),
        ],
        notes: None,
    },
    Entry {
        path: "sitrep",
        about: "Báo cáo nhanh trong đêm bão [--since: 1h]: tuyến và trạm mất kết nối, bao nhiêu trên tổng số",
        arguments: &[],
        examples: &[
            ("phusong sitrep --lang vi", ("lúc này, so với một giờ trước", "now, compared with an hour ago")),
            (
                "phusong sitrep --since 3h",
                ("so với báo cáo ba giờ trước", "compared with the report of three hours ago"),
            ),
            ("phusong sitrep --csv > sitrep.csv", ("mỗi số liệu một dòng", "a row for each figure")),
        ],
        notes: None,
    },
    Entry {
        path: "ready",
        about: "Một nhóm có họp được không: tuyến nào không sẵn sàng, vì sao, gọi cho ai; mã thoát là 1 khi có tuyến \
                không sẵn sàng",
        arguments: &[
            (
                "at",
                "Giờ bắt đầu họp: 14:00 (gần nhất), \"ngày mai 08:00\", \"2026-12-01 08:00\", RFC 3339 [mặc định: bây giờ]",
            ),
            ("meeting_length", "Họp bao lâu: 90m, 3h [mặc định: 2h]"),
        ],
        examples: &[
            ("phusong ready --group video-conference", ("cuộc họp bắt đầu ngay", "a meeting that begins now")),
            ("phusong ready --group video-conference --at 14:00 --for 3h", ("họp lúc 14 giờ", "a meeting at two")),
            (
                "phusong ready --group video-conference || echo \"có điểm cầu không sẵn sàng\"",
                ("dùng trong kịch bản lệnh", "for scripts"),
            ),
        ],
        notes: Some((
            "Mã thoát: 0 đều sẵn sàng hoặc có rủi ro, 1 có tuyến không sẵn sàng, 3 không có tuyến nào không sẵn sàng \
             nhưng có tuyến không đánh giá được, hoặc dữ liệu cũ.",
            "Exit codes: 0 all fit or at risk, 1 one is not fit, 3 none is unfit and one cannot be judged, or the data is \
             stale.",
        )),
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
        examples: &[(
            "phusong topology weak",
            ("hai đường đi chung một điểm, hỏng điểm đó là mất cả hai", "two ways that fail as one"),
        )],
        notes: None,
    },
    Entry {
        path: "topology tree",
        about: "Tuyến nào đi qua tuyến, điểm, thiết bị nào, kèm trạng thái; nhánh không có vấn đề chỉ nêu số lượng",
        arguments: &[("all", "Cả những nhánh không có vấn đề")],
        examples: &[
            (
                "phusong topology tree",
                ("nơi có vấn đề, và nơi đó phụ thuộc vào đâu", "what is not well, and what it hangs on"),
            ),
            ("phusong topology tree --all --ascii", ("mọi nhánh", "every branch")),
            ("phusong topology tree --commune \"na hang\"", ("của một xã, phường", "of one commune")),
        ],
        notes: None,
    },
    Entry {
        path: "topology path",
        about: "Các đường từ một tuyến về trung tâm, trạng thái từng chặng, đứt ở đâu",
        arguments: &[("name", "Mã, địa chỉ, hoặc tên có dấu hay không dấu; tên nhiều từ không cần dấu ngoặc kép")],
        examples: &[
            ("phusong topology path fibre-02221", ("theo mã", "by its id")),
            ("phusong topology path fibre-02221 --json", ("cho chương trình khác đọc", "for programs")),
        ],
        notes: None,
    },
    Entry {
        path: "topology weak",
        about: "Xã, phường có các đường về trung tâm đi chung một chỗ: tuy hai đường nhưng hỏng chỗ đó là mất cả hai",
        arguments: &[],
        examples: &[
            ("phusong topology weak", ("toàn tỉnh", "the whole province")),
            ("phusong topology weak --commune \"na hang\"", ("một xã, phường", "one commune")),
        ],
        notes: None,
    },
];
