//! What a manual page has beyond what the command line says of itself.

use clap::Command;
use clap_mangen::roff::{Roff, bold, roman};
use phusong_model::glossary::Lang;

use crate::help::{self, Pair};

use super::{SECTION, name};

/// Headings that clap_mangen writes.
const HEADINGS: &[(&str, &str)] = &[
    ("NAME", "TÊN"),
    ("SYNOPSIS", "CÚ PHÁP"),
    ("DESCRIPTION", "MÔ TẢ"),
    ("OPTIONS", "TÙY CHỌN"),
    ("SUBCOMMANDS", "LỆNH"),
];

/// How roff defines an apostrophe for troffs that know a straight one, and for others.
const APOSTROPHE: &str = r".ds Aq \(aq";
const PLAIN_APOSTROPHE: &str = ".ds Aq '";

/// How an item of a list begins, its hyphen escaped.
const ITEM: &str = r"\- ";

/// Exit codes of every command; where one has others, its notes say so.
const EXITS: &[(&str, Pair)] = &[
    ("0", ("có trả lời", "answered")),
    ("1", ("có điểm cần xử lý (với --check)", "findings (with --check)")),
    (
        "2",
        (
            "sai cách dùng, cấu hình, hoặc tên không có hay chưa rõ",
            "usage, configuration, or a name that is unknown or not clear",
        ),
    ),
    ("3", ("dữ liệu cũ hoặc chưa đầy đủ", "stale or partial data")),
    (
        "4",
        (
            "không có trả lời: không đọc được cả phusongd lẫn kho dữ liệu",
            "no answer: neither phusongd nor its store can be read",
        ),
    ),
];

const VARIABLES: &[(&str, Pair)] = &[
    ("PHUSONG_CONFIG", ("tệp cấu hình, khi không có --config", "the configuration, without --config")),
    ("PHUSONG_LANG", ("vi hoặc en, khi không có --lang", "vi or en, without --lang")),
    ("LC_ALL, LC_MESSAGES, LANG", ("ngôn ngữ, khi không có hai cách trên", "the language, without either of these")),
    ("COLUMNS", ("số cột, khi kết quả ra tệp hoặc ống lệnh", "columns, when the answer goes to a file or a pipe")),
    ("NO_COLOR", ("có giá trị: không tô màu", "set: no colour")),
    ("TERM", ("dumb: không tô màu", "dumb: no colour")),
    ("COMPLETE", ("do kịch bản của phusong completions đặt", "set by the script of phusong completions")),
];

const FILES: &[(&str, Pair)] = &[
    ("/etc/phusong/phusong.toml", ("cấu hình", "the configuration")),
    (
        "/run/phusong/phusong.sock",
        (
            "socket của phusongd, nếu cấu hình không nêu socket khác",
            "the daemon's socket, unless the configuration names another",
        ),
    ),
    (
        "/var/lib/phusong/phusong.db",
        (
            "kho dữ liệu, nếu cấu hình không nêu thư mục khác",
            "the store, unless the configuration names another folder",
        ),
    ),
];

/// Examples, notes, exit status, environment, files, and pages beside this one.
pub fn all(roff: &mut Roff, command: &Command, path: &str, lang: Lang) {
    if let Some(entry) = help::find(path) {
        heading(roff, lang, ("VÍ DỤ", "EXAMPLES"));
        for (line, says) in entry.examples {
            roff.control("TP", []);
            roff.text([bold(line.replace("\\\n", ""))]);
            roff.text([roman(lang.of(*says))]);
        }
        if let Some(notes) = entry.notes {
            heading(roff, lang, ("GHI CHÚ", "NOTES"));
            for paragraph in lang.of(notes).split("\n\n") {
                roff.control("PP", []);
                roff.text([roman(paragraph)]);
            }
        }
    }
    for (title, rows) in [
        (("MÃ THOÁT", "EXIT STATUS"), EXITS),
        (("BIẾN MÔI TRƯỜNG", "ENVIRONMENT"), VARIABLES),
        (("TỆP", "FILES"), FILES),
    ] {
        heading(roff, lang, title);
        for (what, says) in rows {
            roff.control("TP", []);
            roff.text([bold(*what)]);
            roff.text([roman(lang.of(*says))]);
        }
    }
    heading(roff, lang, ("XEM THÊM", "SEE ALSO"));
    let pages: Vec<String> = beside(command, path).iter().map(|page| format!("{page}({SECTION})")).collect();
    roff.text([roman(pages.join(", "))]);
}

/// The commands beneath, and those above.
fn beside(command: &Command, path: &str) -> Vec<String> {
    let beneath = command.get_subcommands().filter(|sub| !sub.is_hide_set());
    let mut pages: Vec<String> = beneath.map(|sub| name(&help::below(path, sub.get_name()))).collect();
    let mut above = path;
    while let Some((upper, _)) = above.rsplit_once(' ') {
        pages.insert(0, name(upper));
        above = upper;
    }
    if !path.is_empty() {
        pages.insert(0, name(""));
    }
    pages
}

fn heading(roff: &mut Roff, lang: Lang, title: Pair) {
    roff.control("SH", [lang.of(title)]);
}

/// The page with the headings of its language. Each section comes with roff's definition of an apostrophe; one is enough.
pub fn headings(text: &str, lang: Lang) -> String {
    let mut defined = 0;
    let mut is_again = |line: &str| {
        let defines = line.ends_with(APOSTROPHE) || line.ends_with(PLAIN_APOSTROPHE);
        defined += usize::from(defines);
        defines && defined > 2
    };
    let line = |line: &str| match line.strip_prefix(".SH ").and_then(vietnamese) {
        Some(title) if lang == Lang::Vi => format!(".SH \"{title}\"\n"),
        // Values of an argument, one below the other.
        None if line.starts_with(ITEM) => format!(".br\n{line}\n"),
        Some(_) | None => format!("{line}\n"),
    };
    text.lines().filter(|line| !is_again(line)).map(line).collect()
}

fn vietnamese(english: &str) -> Option<&'static str> {
    HEADINGS.iter().find(|(known, _)| *known == english.trim_matches('"')).map(|(_, title)| *title)
}
