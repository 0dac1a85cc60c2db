//! `phusong import`.

use crate::help::entry::{Entry, Example, Pair};

const FILE: Pair = ("file", "Tệp; với Shapefile là tệp .shp");
const CRS: Pair = ("crs", "Hệ tọa độ của tệp không tự ghi: EPSG:9211");
const VALID_ON: Pair = ("valid_on", "Ngày mà nội dung phản ánh, khi tệp không ghi");
const DRY_RUN: Pair = ("dry_run", "Chỉ xem: không nhập gì");
const COLUMNS: Pair = ("columns", "Tệp TOML cho biết cột nào là gì");
const GUESSES: Pair = ("accept_guesses", "Nhận tọa độ đã sửa khi lý do có vẻ đúng; mỗi lần sửa đều ghi trong nhật ký");
const NAME: Pair = ("name", "Tên tập dữ liệu, cho cells và measurements [mặc định: tên tệp]");
const KIND: Pair = ("kind", "Loại nào, khi nhiều tập dữ liệu trùng tên");
const DATASET: Pair = ("dataset", "Tên tập dữ liệu");

const OF_FILES: &[Pair] = &[FILE, CRS, VALID_ON, DRY_RUN];
const OF_TABLES: &[Pair] = &[
    FILE,
    CRS,
    VALID_ON,
    DRY_RUN,
    COLUMNS,
    GUESSES,
    ("operator", "Nhà mạng của các dòng không ghi"),
    ("technology", "Công nghệ của các dòng không ghi: 2G đến 5G"),
    NAME,
];

/// The entry of a kind that takes a table.
const fn table(path: &'static str, about: &'static str, examples: &'static [Example]) -> Entry {
    Entry { path, about, arguments: OF_TABLES, examples, notes: None }
}

pub const ENTRIES: &[Entry] = &[
    Entry {
        path: "import",
        about: "Nhập tệp dữ liệu địa lý, từng bản một: ranh giới, lớp phủ sóng, thôn, bản, trạm, dân số, số liệu đo",
        arguments: &[],
        examples: &[
            (
                "phusong import layer viettel-4g.gpkg --source declared \\\n--operator viettel --technology 4G",
                ("một lớp phủ sóng", "a coverage layer"),
            ),
            (
                "phusong import settlements thon.xlsx --dry-run",
                ("chỉ xem sẽ đoán và sửa gì", "only look: what would be guessed and repaired"),
            ),
            ("phusong import settlements thon.xlsx --accept-guesses", ("nhập", "imports it")),
            ("phusong import list", ("gì đang có hiệu lực", "what is in force")),
            ("phusong import log 12", ("bản số 12 đã đoán và sửa gì", "what was guessed and repaired in version 12")),
            ("phusong import roll-back viettel-4g", ("dùng lại bản trước", "puts the version before in force")),
        ],
        notes: Some((
            "Mỗi tệp được nhập toàn bộ hoặc không nhập gì, bản đã nhập được giữ mãi: vẫn hỏi lại được số liệu của ngày \
             đã qua bằng `phusong coverage --until NGÀY`.",
            "A file is imported as a whole or not at all, and its version stays: figures of past days can be asked again \
             with `phusong coverage --until DATE`.",
        )),
    },
    Entry {
        path: "import boundaries",
        about: "Ranh giới xã, phường: mỗi xã, phường một đa giác (Polygon hoặc MultiPolygon) kèm mã",
        arguments: OF_FILES,
        examples: &[("phusong import boundaries xa.gpkg --dry-run", ("chỉ xem", "only look"))],
        notes: None,
    },
    Entry {
        path: "import layer",
        about: "Một lớp phủ sóng: đa giác, hoặc GeoTIFF mức thu",
        arguments: &[
            FILE,
            CRS,
            VALID_ON,
            DRY_RUN,
            ("source", "Có được bằng cách nào"),
            ("operator", "Nhà mạng của các đối tượng không ghi"),
            ("technology", "Công nghệ của các đối tượng không ghi: 2G đến 5G"),
            ("name", "Tên tập dữ liệu; tệp khác cùng tên sẽ thay nó [mặc định: tên tệp]"),
        ],
        examples: &[
            (
                "phusong import layer viettel-4g.gpkg --source declared \\\n--operator viettel --technology 4G",
                ("nhà mạng kê khai", "as declared"),
            ),
            (
                "phusong import layer vnpt.tif --source modelled \\\n--operator vnpt --technology 4G --crs EPSG:9211",
                ("mô phỏng, tọa độ VN-2000", "modelled, in VN-2000"),
            ),
        ],
        notes: None,
    },
    table(
        "import settlements",
        "Thôn, bản, tổ dân phố kèm dân số, số hộ và điện: CSV, XLSX, hoặc điểm",
        &[
            ("phusong import settlements thon.xlsx --dry-run", ("chỉ xem", "only look")),
            (
                "phusong import settlements thon.xlsx --columns thon.toml",
                ("với tệp cho biết cột nào là gì", "with a file that maps columns"),
            ),
        ],
    ),
    table(
        "import sites",
        "Các trạm theo danh sách của nhà mạng: CSV, XLSX, hoặc điểm",
        &[("phusong import sites tram-vnpt.xlsx --operator vnpt", ("của một nhà mạng", "those of one operator"))],
    ),
    table(
        "import cells",
        "Các ô sóng có vị trí ước lượng, như OpenCelliD xuất ra; chỉ để tham khảo, không phải phủ sóng",
        &[("phusong import cells 452.csv --name opencellid", ("đặt tên tập dữ liệu", "with a name of its own"))],
    ),
    Entry {
        path: "import population",
        about: "Phân bố dân cư: GeoTIFF số dân từng ô, như của WorldPop",
        arguments: OF_FILES,
        examples: &[("phusong import population vnm_ppp_2020.tif --valid-on 2020-07-01", ("kèm ngày", "with its day"))],
        notes: None,
    },
    table(
        "import totals",
        "Mỗi xã, phường có bao nhiêu người: CSV, XLSX, hoặc đối tượng bản đồ",
        &[("phusong import totals dan-so.xlsx --valid-on 2026-01-01", ("kèm ngày", "with its day"))],
    ),
    table(
        "import measurements",
        "Các chuyến đo: GPX, hoặc CSV và XLSX kèm tệp cho biết cột nào là gì",
        &[
            (
                "phusong import measurements drive.gpx --operator viettel --technology 4G",
                ("từ máy đo", "from a device"),
            ),
            ("phusong import measurements do.csv --columns do.toml", ("từ bảng", "from a table")),
        ],
    ),
    Entry {
        path: "import list",
        about: "Có những bản nào",
        arguments: &[("all", "Cả những bản không có hiệu lực")],
        examples: &[
            ("phusong import list", ("đang có hiệu lực", "those in force")),
            ("phusong import list --all", ("cả các bản cũ", "older ones, too")),
        ],
        notes: None,
    },
    Entry {
        path: "import log",
        about: "Khi nhập một bản đã đọc, đoán và sửa gì",
        arguments: &[("id", "Số của bản, như `phusong import list` hiển thị")],
        examples: &[("phusong import log 12", ("bản số 12", "version 12"))],
        notes: None,
    },
    Entry {
        path: "import roll-back",
        about: "Dùng lại bản trước bản hiện nay, hoặc bản nêu ở --to",
        arguments: &[DATASET, ("to", "Số của bản"), KIND],
        examples: &[
            ("phusong import roll-back viettel-4g", ("bản trước", "the version before")),
            ("phusong import roll-back viettel-4g --to 12", ("bản số 12", "version 12")),
        ],
        notes: None,
    },
    Entry {
        path: "import withdraw",
        about: "Rút một tập dữ liệu khỏi mọi số liệu; các bản của nó vẫn còn",
        arguments: &[DATASET, KIND],
        examples: &[(
            "phusong import withdraw viettel-4g --kind layer",
            ("khi trùng tên", "when several have this name"),
        )],
        notes: None,
    },
];
