//! Names of values, and values of which there are a few.

use super::Pair;

/// What stands between `<` and `>`, in English and Vietnamese.
pub const NAMES: &[Pair] = &[
    ("BY", "THEO"),
    ("CHANNEL", "KÊNH"),
    ("COLUMNS", "CÁC_CỘT"),
    ("COUNT", "SỐ_GÓI"),
    ("DATASET", "TẬP_DỮ_LIỆU"),
    ("DIR", "THƯ_MỤC"),
    ("END", "CUỐI"),
    ("EPSG:N", "EPSG:N"),
    ("FIELD", "TRƯỜNG"),
    ("FILE", "TỆP"),
    ("GROUP", "NHÓM"),
    ("KIND", "LOẠI"),
    ("LANG", "NGÔN_NGỮ"),
    ("LENGTH", "BAO_LÂU"),
    ("LINK", "TUYẾN"),
    ("LINK|COMMUNE", "TUYẾN|XÃ"),
    ("MEASURE", "THƯỚC_ĐO"),
    ("MONTH", "THÁNG"),
    ("N", "SỐ"),
    ("NAME", "TÊN"),
    ("NUMBER", "SỐ"),
    ("OPERATOR", "NHÀ_MẠNG"),
    ("OUTAGE", "SỐ"),
    ("PATH", "ĐƯỜNG_DẪN"),
    ("REPLICA", "BẢN_SAO"),
    ("SHELL", "SHELL"),
    ("SOURCE", "NGUỒN"),
    ("START", "ĐẦU"),
    ("STATE", "TRẠNG_THÁI"),
    ("TARGET", "ĐÍCH"),
    ("TECHNOLOGY", "CÔNG_NGHỆ"),
    ("TEXT", "VĂN_BẢN"),
    ("TICKET", "SỐ_PHIẾU"),
    ("TIME", "THỜI_GIAN"),
    ("WHAT", "GÌ"),
    ("YYYY-MM-DD", "NĂM-THÁNG-NGÀY"),
];

/// The Vietnamese name.
pub fn name(english: &str) -> Option<&'static str> {
    NAMES.iter().find(|(known, _)| *known == english).map(|(_, vietnamese)| *vietnamese)
}

/// An argument's id, a value of it, and what that means in Vietnamese.
pub const POSSIBLE: &[(&str, &str, &str)] = &[
    ("lang", "vi", "Tiếng Việt"),
    ("lang", "en", "English"),
    ("by", "commune", "Từng xã, phường; có kết nối khi cáp quang hoặc băng rộng hoạt động"),
    ("by", "group", "Từng nhóm: mọi tuyến cùng lúc, và cộng dồn"),
    ("by", "site", "Từng điểm; có kết nối khi bất kỳ tuyến truyền dẫn nào của nó hoạt động"),
    ("by", "link", "Từng tuyến"),
    ("what", "samples", "Kết quả đo, mỗi dòng là một tuyến, một phép đo, một vòng đo"),
    ("what", "spans", "Trạng thái của các tuyến, từ lúc nào đến lúc nào"),
    ("what", "outages", "Các lần mất kết nối và nguyên nhân"),
    ("what", "readings", "SNMP cho biết gì về các cổng"),
    ("source", "declared", "Nhà mạng kê khai"),
    ("source", "modelled", "Mô hình truyền sóng tính ra"),
    ("source", "measured", "Có người đến tận nơi đo"),
    ("kind", "boundaries", "Ranh giới"),
    ("kind", "layer", "Lớp phủ sóng"),
    ("kind", "settlements", "Thôn, bản, tổ dân phố"),
    ("kind", "sites", "Trạm"),
    ("kind", "cells", "Ô sóng"),
    ("kind", "population", "Dân số theo ô"),
    ("kind", "totals", "Dân số theo xã, phường"),
    ("kind", "measurements", "Số liệu đo"),
    ("shell", "bash", "bash 4.4 trở lên"),
    ("shell", "zsh", "zsh"),
    ("shell", "fish", "fish"),
];

/// What a value of an argument means.
pub fn meaning(id: &str, value: &str) -> Option<&'static str> {
    POSSIBLE.iter().find(|(of, known, _)| (*of, *known) == (id, value)).map(|(_, _, meaning)| *meaning)
}
