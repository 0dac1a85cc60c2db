//! What is done now, and what people order.

use crate::help::entry::Entry;

pub const ENTRIES: &[Entry] = &[
    Entry {
        path: "probe",
        about: "Yêu cầu phusongd đo ngay một tuyến, hoặc các tuyến của một xã, phường, và ping song song từ máy này",
        arguments: &[(
            "name",
            "Tuyến (mã, địa chỉ, tên) hoặc xã, phường, có dấu hay không dấu; tên nhiều từ không cần dấu ngoặc kép",
        )],
        examples: &[
            ("phusong probe fibre-02221", ("một tuyến", "one link")),
            ("phusong probe na hang", ("các tuyến của một xã, phường", "the links of a commune")),
        ],
        notes: None,
    },
    Entry {
        path: "ping",
        about: "Ping một tuyến hoặc một địa chỉ từ máy này, không dùng bộ đo của phusongd",
        arguments: &[
            ("name", "Địa chỉ, hoặc mã hay tên của tuyến; tên nhiều từ không cần dấu ngoặc kép"),
            ("count", "Số gói ping"),
            ("interval", "Khoảng cách giữa hai gói"),
            ("timeout", "Chờ trả lời bao lâu"),
        ],
        examples: &[
            ("phusong ping fibre-02221 -c 3", ("theo mã tuyến", "by the link's id")),
            (
                "phusong ping 10.20.3.1 --interval 200ms",
                ("theo địa chỉ, không cần phusongd", "an address, without the daemon"),
            ),
        ],
        notes: None,
    },
    Entry {
        path: "ack",
        about: "Tiếp nhận một lần mất kết nối: ai, lúc nào, ghi chú và số phiếu được lưu và hiển thị, không ai bị báo lại nữa",
        arguments: &[
            ("outage", "Số của lần mất kết nối, như phusong outages hiển thị; tính cho cả sự cố"),
            ("note", "Đã biết gì, tối đa 500 ký tự"),
            ("ticket", "Số phiếu ở hệ thống khác"),
        ],
        examples: &[
            ("phusong ack 1234", ("đã biết", "it is known")),
            (
                "phusong ack 1234 --note \"VNPT đang xử lý, dự kiến 3 giờ\" --ticket VNPT-20931",
                ("kèm ghi chú và số phiếu", "with a note and a ticket"),
            ),
        ],
        notes: None,
    },
    Entry {
        path: "maintenance",
        about: "Bảo trì đã báo trước: đang làm và sắp làm; báo thêm, kết thúc",
        arguments: &[],
        examples: &[
            ("phusong maintenance", ("đang làm, sắp làm và mới xong", "what is on, ahead and lately over")),
            ("phusong maintenance end 12", ("kết thúc hoặc hủy lịch số 12", "ends or cancels number 12")),
            (
                "phusong maintenance add --link fibre-02221 --from 22:00 --to 04:00 \\\n--why \"thay măng xông\"",
                ("báo trước một lịch", "announces some"),
            ),
        ],
        notes: None,
    },
    Entry {
        path: "maintenance list",
        about: "Đang làm, sắp làm và mới xong (mặc định)",
        arguments: &[],
        examples: &[
            ("phusong maintenance list", ("tất cả", "all of it")),
            ("phusong maintenance list --commune \"na hang\"", ("của một xã, phường", "of one commune")),
        ],
        notes: None,
    },
    Entry {
        path: "maintenance add",
        about: "Báo trước bảo trì của một tuyến, của các tuyến một xã, phường (--commune) hoặc một nhóm (--group)",
        arguments: &[
            ("link", "Chỉ tuyến này: mã, địa chỉ, hoặc tên có dấu hay không dấu"),
            ("from", "Bắt đầu: 22:00 (lần tới), \"tomorrow 01:00\", \"2026-12-01 22:00\", RFC 3339, now"),
            ("to", "Kết thúc: 04:00 (lần tới sau lúc bắt đầu), hoặc viết như --from"),
            ("length", "Bao lâu: 30m, 6h"),
            ("why", "Làm gì, từ 1 đến 200 ký tự"),
        ],
        examples: &[
            (
                "phusong maintenance add --link fibre-02221 --from 22:00 --to 04:00 \\\n--why \"thay măng xông\"",
                ("một tuyến, đêm nay", "a link, this night"),
            ),
            (
                "phusong maintenance add --commune \"na hang\" --from \"2026-12-01 22:00\" \\\n--for 6h --why \"cắt điện\"",
                ("các tuyến của một xã, phường", "the links of a commune"),
            ),
            (
                "phusong maintenance add --group video-conference --from now \\\n--for 30m --why \"diễn tập\"",
                ("một nhóm, từ bây giờ", "a group, from now on"),
            ),
        ],
        notes: None,
    },
    Entry {
        path: "maintenance end",
        about: "Kết thúc bảo trì đang làm, hoặc hủy lịch sắp tới",
        arguments: &[("id", "Số của lịch bảo trì")],
        examples: &[(
            "phusong maintenance end 12",
            ("số như phusong maintenance hiển thị", "the number that phusong maintenance shows"),
        )],
        notes: None,
    },
    Entry {
        path: "notify",
        about: "Ai đã được báo về sự cố, qua kênh nào; thử xem tin có đến không",
        arguments: &[],
        examples: &[
            ("phusong notify --since 7d", ("các tin của bảy ngày qua", "the messages of seven days")),
            ("phusong notify test", ("gửi tin thử qua mọi kênh", "sends a test by every channel")),
        ],
        notes: None,
    },
    Entry {
        path: "notify list",
        about: "Các kênh, các tin trong khung thời gian và kết quả gửi (mặc định)",
        arguments: &[],
        examples: &[("phusong notify list --since 7d", ("bảy ngày qua", "the last seven days"))],
        notes: None,
    },
    Entry {
        path: "notify test",
        about: "Yêu cầu phusongd gửi ngay một tin thử, không báo điều gì, qua một kênh hoặc mọi kênh",
        arguments: &[("channel", "Tên kênh, như phusong notify hiển thị")],
        examples: &[
            ("phusong notify test", ("mọi kênh", "every channel")),
            ("phusong notify test duty-room", ("một kênh", "one channel")),
        ],
        notes: Some(("Mã thoát là 1 khi có tin không đến.", "The exit code is 1 when something did not arrive.")),
    },
];
