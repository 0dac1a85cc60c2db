//! `phusong store`.

use crate::help::entry::Entry;

pub const ENTRIES: &[Entry] = &[
    Entry {
        path: "store",
        about: "Kho dữ liệu: nội dung, có hỏng không, sao lưu; không cần phusongd và không ảnh hưởng đến nó",
        arguments: &[],
        examples: &[
            ("phusong store info", ("trong kho có gì", "what is in it")),
            ("phusong store check && echo sound", ("kho có nguyên vẹn không", "whether it is sound")),
            (
                "phusong store backup /srv/backup/phusong.db",
                ("sao chép khi phusongd đang chạy", "a copy, while the daemon runs"),
            ),
            (
                "phusong store export november.parquet --month 2026-11",
                ("xuất mẫu đo một tháng", "the samples of a month"),
            ),
        ],
        notes: None,
    },
    Entry {
        path: "store info",
        about: "Trong kho có gì: số dòng, thời gian, dung lượng, từng bản sao đã đến đâu, những gì đã để riêng ra",
        arguments: &[],
        examples: &[
            ("phusong store info", ("cho người đọc", "for people")),
            ("phusong store info --json", ("cho chương trình khác đọc", "for programs")),
        ],
        notes: None,
    },
    Entry {
        path: "store check",
        about: "Đọc kho dữ liệu từ đầu đến cuối và cho biết sai ở đâu: mã thoát 0 nguyên vẹn, 1 có điểm sai, 2 không \
                mở được",
        arguments: &[],
        examples: &[
            ("phusong store check && echo sound", ("kho có nguyên vẹn không", "whether it is sound")),
            ("phusong store check --json", ("cho chương trình khác đọc", "for programs")),
        ],
        notes: Some((
            "phusongd vẫn chạy được trong lúc đó. Kho lớn mất vài phút: phải đọc từng byte.",
            "The daemon may run meanwhile. A large store takes minutes: each byte of it is read.",
        )),
    },
    Entry {
        path: "store compact",
        about: "Trả lại cho đĩa chỗ trống của những gì đã xóa; phusongd làm từng bước nhỏ giữa các vòng đo",
        arguments: &[],
        examples: &[("phusong store compact", ("trả chỗ trống", "gives room back"))],
        notes: Some((
            "Kho tự dùng lại chỗ trống đó: lệnh này chỉ cần khi chương trình khác cần chỗ trên đĩa. Khi phusongd không \
             chạy, cả tệp được ghi lại từ đầu, trong lúc đó cần thêm chỗ trống bằng dung lượng của kho.",
            "The store uses that room by itself: this is for a disk that others need. With phusongd stopped the whole file \
             is written anew, which needs as much room again for a while.",
        )),
    },
    Entry {
        path: "store backup",
        about: "Sao chép kho dữ liệu, khi phusongd đang chạy, thành một tệp không cần nhật ký đi kèm",
        arguments: &[("file", "Bản sao"), ("force", "Ghi đè tệp đã có")],
        examples: &[
            ("phusong store backup /srv/backup/phusong-2026-11-23.db", ("tệp mới", "a new file")),
            ("phusong store backup --force /srv/backup/phusong.db", ("ghi đè bản cũ", "replaces the last one")),
        ],
        notes: Some((
            "Để quay về một bản sao: dừng phusongd, đặt bản sao thành phusong.db trong thư mục dữ liệu, xóa phusong.db-wal và \
             phusong.db-shm ở đó, chuyển chủ sở hữu cho người dùng của phusongd, rồi khởi động phusongd.",
            "To go back to a copy: stop phusongd, put the copy as phusong.db into the data folder, remove phusong.db-wal and \
             phusong.db-shm there, give it the daemon's owner, start phusongd.",
        )),
    },
    Entry {
        path: "store export",
        about: "Ghi mẫu đo trong khung thời gian, hoặc trạng thái, các lần mất kết nối, số liệu cổng, ra CSV hoặc Parquet",
        arguments: &[
            ("file", "Tệp; - là stdout, với --csv. Không có --csv và --parquet thì đuôi tệp quyết định"),
            ("parquet", "Parquet, mỗi cột có kiểu"),
            ("what", "Ghi gì"),
            ("link", "Chỉ tuyến này: mã, địa chỉ, hoặc tên có dấu hay không dấu"),
            ("force", "Ghi đè tệp đã có"),
        ],
        examples: &[
            ("phusong store export samples.csv", ("24 giờ qua", "the last 24 hours")),
            ("phusong store export november.parquet --month 2026-11", ("một tháng", "a month")),
            ("phusong store export --csv - --since 7d --link fibre-02221 | head", ("một tuyến", "one link")),
            (
                "phusong store export outages.csv --what outages --commune \"na hang\"",
                ("các lần mất kết nối", "outages"),
            ),
        ],
        notes: Some((
            "Thời gian là UTC; bên cạnh mỗi giờ là số mili giây kể từ 1970 (trong Parquet là một cột có kiểu). Việc chưa kết \
             thúc thì không có lúc kết thúc. Tên và xã, phường theo danh mục mới nhất. Điều không biết thì để trống.",
            "Times are UTC; beside each stands the same in milliseconds since 1970 (in Parquet it is one typed column). What \
             lasts has no end. Names and communes are those of the newest inventory. What is not known is empty.",
        )),
    },
];
