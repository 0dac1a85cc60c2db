//! `phusong influx`.

use crate::help::entry::{Entry, Pair};

const REPLICA: Pair = ("replica", "Tên bản sao, như phusong influx hiển thị [mặc định: tất cả]");

pub const ENTRIES: &[Entry] = &[
    Entry {
        path: "influx",
        about: "Các bản sao trong InfluxDB đã đến đâu, từ chối những gì, và có đủ như kho dữ liệu không",
        arguments: &[],
        examples: &[
            ("phusong influx", ("gì đang chờ, bị từ chối, đang vướng", "what waits, was refused, stands in the way")),
            ("phusong influx rejected", ("các dòng InfluxDB từ chối hẳn", "lines that InfluxDB refused for good")),
            (
                "phusong influx retry ministry",
                ("gửi lại khi lý do đã được khắc phục", "sends them again, once the reason is mended"),
            ),
            (
                "phusong influx verify --since 2026-11-01",
                ("đếm ở hai nơi, từng giờ", "counts on both sides, hour by hour"),
            ),
        ],
        notes: None,
    },
    Entry {
        path: "influx status",
        about: "Gì đang chờ, đã gửi, bị từ chối, và đang vướng gì (mặc định)",
        arguments: &[],
        examples: &[("phusong influx status --json", ("cho chương trình khác đọc", "for programs"))],
        notes: None,
    },
    Entry {
        path: "influx rejected",
        about: "Các dòng bị từ chối hẳn; đọc từ kho dữ liệu, phusongd có chạy hay không cũng được",
        arguments: &[REPLICA],
        examples: &[
            ("phusong influx rejected", ("của mọi bản sao", "of all replicas")),
            ("phusong influx rejected ministry", ("của một bản sao", "of one")),
        ],
        notes: None,
    },
    Entry {
        path: "influx retry",
        about: "Yêu cầu phusongd gửi lại các dòng bị từ chối; dòng nào được nhận thì thôi không giữ nữa",
        arguments: &[
            REPLICA,
            (
                "discard",
                "Dòng nào lại bị từ chối, hoặc không viết thành dòng được, thì bỏ; mẫu đo vẫn còn trong kho dữ liệu",
            ),
        ],
        examples: &[
            ("phusong influx retry ministry", ("gửi lại", "sends them again")),
            (
                "phusong influx retry ministry --discard",
                ("lần cuối: lại bị từ chối thì bỏ", "a last time: what is refused again is given up"),
            ),
        ],
        notes: None,
    },
    Entry {
        path: "influx verify",
        about: "Yêu cầu phusongd so InfluxDB với kho dữ liệu, từng chuỗi và từng giờ [--since: 24h]",
        arguments: &[REPLICA],
        examples: &[
            ("phusong influx verify", ("24 giờ qua", "the last 24 hours")),
            (
                "phusong influx verify ministry --since 2026-11-01",
                ("một bản sao, từ đầu tháng", "one replica, since a day"),
            ),
        ],
        notes: Some((
            "Mã thoát: 0 như nhau, 1 khác nhau, 3 không hỏi được InfluxDB.",
            "Exit codes: 0 the same, 1 different, 3 InfluxDB cannot be asked.",
        )),
    },
];
