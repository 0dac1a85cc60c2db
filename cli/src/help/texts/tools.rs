//! What helps with the program and its configuration.

use crate::help::entry::Entry;

pub const ENTRIES: &[Entry] = &[
    Entry {
        path: "profile",
        about: "Hồ sơ thiết bị của các hãng: có những hồ sơ nào, và thử một hồ sơ trên số liệu đã ghi",
        arguments: &[],
        examples: &[
            ("phusong profile list", ("có những hồ sơ nào", "which there are")),
            ("phusong profile show huawei-olt > my-olt.toml", ("bắt đầu một hồ sơ mới", "where a new one can begin")),
            ("phusong profile test my-olt.toml --walk olt.walk", ("thử hồ sơ", "tries it")),
        ],
        notes: None,
    },
    Entry {
        path: "profile list",
        about: "Mọi hồ sơ, có sẵn và của riêng tỉnh",
        arguments: &[],
        examples: &[("phusong profile list --json", ("cho chương trình khác đọc", "for programs"))],
        notes: None,
    },
    Entry {
        path: "profile show",
        about: "Nội dung một hồ sơ: từ đó có thể viết hồ sơ mới",
        arguments: &[("name", "Tên hồ sơ")],
        examples: &[(
            "phusong profile show huawei-olt > my-olt.toml",
            ("bắt đầu một hồ sơ mới", "where a new one can begin"),
        )],
        notes: None,
    },
    Entry {
        path: "profile test",
        about: "Một hồ sơ cho kết quả gì từ số liệu đã ghi; mã thoát 1 khi không như mong đợi",
        arguments: &[
            ("file", "Hồ sơ, một tệp TOML"),
            ("walk", "Thiết bị đã trả lời gì, như snmpbulkwalk -On ghi ra"),
            ("expect", "Các dòng phải có"),
        ],
        examples: &[
            ("phusong profile test my-olt.toml --walk olt.walk", ("xem kết quả", "shows what comes of it")),
            (
                "phusong profile test my-olt.toml --walk olt.walk --expect olt.expected",
                ("so với mong đợi", "holds it against what is expected"),
            ),
        ],
        notes: None,
    },
    Entry {
        path: "check",
        about: "Kiểm tra cấu hình, danh mục, mật khẩu, chứng thư và dữ liệu địa lý như phusongd check: mọi lỗi cùng lúc",
        arguments: &[],
        examples: &[
            ("phusong check", ("cấu hình đang dùng", "the configuration in use")),
            ("phusong check --config province/phusong.toml", ("một cấu hình khác", "another one")),
            ("phusong check --json", ("cho chương trình khác đọc", "for programs")),
        ],
        notes: Some((
            "Mã thoát: 0 không có lỗi, 2 có lỗi. Ai không đọc được tệp mật khẩu thì thấy lỗi mà phusongd không thấy: hãy chạy \
             bằng người dùng của phusongd.",
            "Exit codes: 0 no faults, 2 faults. Who may not read the secrets sees faults that phusongd does not see: run it \
             as the daemon's user.",
        )),
    },
    Entry {
        path: "completions",
        about: "In ra kịch bản để shell gợi ý lệnh, tùy chọn, và tên xã, phường, tuyến, nhóm lấy từ phusongd",
        arguments: &[("shell", "Shell nào")],
        examples: &[
            (
                "phusong completions bash > ~/.phusong-completions",
                ("cho bash; sau đó: source tệp này", "for bash; then source that file"),
            ),
            (
                "phusong completions zsh > ~/.zfunc/_phusong",
                ("cho zsh; trước đó: fpath+=~/.zfunc", "for zsh; first: fpath+=~/.zfunc"),
            ),
            ("phusong completions fish > ~/.config/fish/completions/phusong.fish", ("cho fish", "for fish")),
        ],
        notes: Some((
            "Kịch bản gọi lại phusong ở mỗi lần nhấn Tab. Tên lấy từ phusongd trong 200 ms, nếu không thì từ kho dữ liệu.",
            "The script calls phusong at each press of Tab. Names come from phusongd within 200 ms, else from its store.",
        )),
    },
    Entry {
        path: "man",
        about: "In ra trang hướng dẫn (man), hoặc ghi trang của mọi lệnh vào một thư mục",
        arguments: &[(
            "dir",
            "Ghi trang của mọi lệnh, cả hai ngôn ngữ, vào thư mục này: man1 và vi/man1, nơi lệnh man tìm",
        )],
        examples: &[
            ("phusong man | man -l -", ("đọc ngay", "reads it here")),
            ("phusong man --dir /usr/local/share/man", ("cài đặt", "installs them all")),
        ],
        notes: None,
    },
    Entry {
        path: "watch",
        about: "Sự cố, xã, phường và tuyến trên toàn màn hình, cập nhật theo diễn biến; có thể tiếp nhận sự cố tại đây",
        arguments: &[("interval", "Bao lâu hỏi lại một lần, từ 1s đến 1h")],
        examples: &[
            ("phusong watch", ("toàn tỉnh", "the whole province")),
            ("phusong watch --commune \"na hang\" --since 2h", ("một xã, phường", "one commune")),
            ("phusong watch --group video-conference --interval 30s", ("một nhóm", "one group")),
        ],
        notes: Some((
            "Phím: mũi tên hoặc h j k l để di chuyển, Tab sang khung khác, Enter để mở, Esc để quay lại, / để lọc, a \
             để tiếp nhận, ? để xem mọi phím, q để thoát.",
            "Keys: arrows or h j k l move, Tab goes to the next pane, Enter opens, Esc goes back, / filters, a \
             acknowledges, ? explains all of them, q ends.",
        )),
    },
    Entry {
        path: "doctor",
        about: "Hệ thống đo có trục trặc gì, từng phần, kèm cách khắc phục; không thay đổi gì",
        arguments: &[],
        examples: &[
            ("phusong doctor", ("mọi phần", "every part")),
            ("phusong doctor --lang vi", ("chạy bằng sudo để xem cả tệp bí mật", "with sudo it looks at secrets, too")),
            ("phusong doctor --json", ("cho chương trình khác đọc", "for programs")),
        ],
        notes: Some((
            "Mã thoát: 0 không có lỗi, 1 có lỗi (với --check cả cảnh báo), 2 sai cách dùng.",
            "Exit codes: 0 nothing, 1 a fault (with --check a warning too), 2 usage.",
        )),
    },
];
