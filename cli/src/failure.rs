//! What ends a run without an answer, what people are told, and the exit code.

use std::{error::Error as _, fmt::Write, io, path::Path};

pub use phusong_model::chain;
use phusong_model::{
    Faults, LinkId, Millis, UtcMs,
    answer::Condition,
    command::OrderError,
    glossary::{self, Lang},
    printable,
};
use phusong_probes::ping::PingError;
use phusong_store::{LockError, StoreError};

use crate::{
    ask::daemon::{DaemonFault, Refusal},
    remedy::{Starter, cannot_ping, join_group},
    since::SinceError,
    store::StoreFailure,
    watch::NoScreen,
};

/// Usage, configuration, or a name that fits none or several.
pub const USAGE: u8 = 2;

const NOT_NARROWED: (&str, &str) = (
    "lệnh này không lọc theo huyện cũ, nhà mạng, loại, trạng thái và không sắp xếp",
    "this command is not narrowed by district, operator, kind or state, and nothing is arranged in it",
);

const NO_ROWS: (&str, &str) =
    ("lệnh này không có bảng số liệu cho --csv: dùng --json", "this command has no rows for --csv: use --json");

/// Neither daemon nor store could be read, or nobody could be told.
pub const NO_ANSWER: u8 = 4;

/// Why there is no answer.
#[derive(Debug)]
pub enum Failure {
    /// `commune X --commune Y`.
    TwoNames,
    /// `--since`, `--until` or `--month` cannot be read.
    Since(SinceError),
    /// What was given is none of what there is to choose from.
    Choice {
        /// Of which option.
        option: &'static str,
        /// What was given.
        asked: String,
        /// What there is, each with its Vietnamese when it has one.
        known: Vec<(String, Option<String>)>,
    },
    /// The answer is no list that could be put in order or cut short.
    NoList {
        /// By which option.
        option: &'static str,
    },
    /// The command asks about nothing that could be narrowed.
    NotNarrowed,
    /// The answer has no rows for a spreadsheet.
    NoRows,
    /// The window ends before it begins.
    Backwards {
        /// Its start.
        since: UtcMs,
        /// Its end.
        until: UtcMs,
    },
    /// The configuration has faults.
    Config(Faults),
    /// The question cannot be answered as it was put.
    Question {
        /// Why.
        refusal: Refusal,
        /// What else is wrong with where the refusal comes from.
        conditions: Vec<Condition>,
    },
    /// Files that were named, or what was asked of them, cannot be used.
    File(Faults),
    /// The link has no address to ping.
    NoAddress {
        /// The link.
        link: LinkId,
        /// What tells of it instead.
        decides: String,
    },
    /// This program cannot ping.
    Ping(PingError),
    /// Only the daemon could do it, and it does not answer.
    NoDaemon {
        /// Why.
        fault: DaemonFault,
        /// Who would start it.
        starter: Starter,
    },
    /// `probe` needs the daemon, and it does not answer.
    NoProbe {
        /// Why.
        fault: DaemonFault,
        /// Who would start it.
        starter: Starter,
    },
    /// The daemon took an order and did not say what became of it.
    Unanswered {
        /// What came instead.
        fault: DaemonFault,
        /// Who would start it.
        starter: Starter,
        /// The command that shows what became of it.
        shown_by: &'static str,
    },
    /// No daemon runs, and this program may not write the store itself.
    Locked(Box<Locked>),
    /// The store refuses what this program would write.
    Store(StoreError),
    /// A command on the store itself came to nothing.
    StoreCommand(Box<StoreFailure>),
    /// Neither source could be read.
    NoAnswer(Box<NoSource>),
    /// There is no full screen.
    NoScreen(NoScreen),
    /// stdout does not take the answer.
    Output(io::Error),
}

/// Why neither the daemon nor this program carries out an order.
#[derive(Debug)]
pub struct Locked {
    /// Why this program does not.
    pub lock: LockError,
    /// Why the daemon does not.
    pub daemon: DaemonFault,
    /// Who would start it.
    pub starter: Starter,
}

/// What became of the two sources.
#[derive(Debug)]
pub struct NoSource {
    /// The daemon.
    pub daemon: DaemonFault,
    /// The store.
    pub store: StoreError,
    /// Who would start the daemon.
    pub starter: Starter,
}

impl From<SinceError> for Failure {
    fn from(error: SinceError) -> Self {
        Self::Since(error)
    }
}

impl Failure {
    /// An order that cannot be carried out as it was put.
    pub const fn order(error: OrderError) -> Self {
        Self::Question { refusal: Refusal::Order(error), conditions: Vec::new() }
    }

    /// The exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::TwoNames | Self::Since(_) | Self::Backwards { .. } => USAGE,
            Self::Choice { .. } | Self::NoList { .. } | Self::NotNarrowed | Self::NoRows => USAGE,
            Self::Question { refusal: Refusal::Order(OrderError::NotStored { .. }), .. } => NO_ANSWER,
            Self::Config(_) | Self::Question { .. } => USAGE,
            Self::NoAddress { .. } | Self::File(_) => USAGE,
            Self::NoScreen(NoScreen::Broken { .. }) => NO_ANSWER,
            Self::NoScreen(_) => USAGE,
            Self::Ping(error) if error.is_permission() => USAGE,
            Self::NoDaemon { .. } | Self::NoProbe { .. } | Self::Unanswered { .. } => NO_ANSWER,
            Self::Ping(_) | Self::NoAnswer(_) | Self::Output(_) => NO_ANSWER,
            Self::Locked(locked) if matches!(locked.lock, LockError::OtherUser { .. }) => USAGE,
            Self::Locked(_) | Self::Store(_) => NO_ANSWER,
            Self::StoreCommand(failure) => failure.exit_code(),
        }
    }

    /// What people are told: the fact, then what to do.
    pub fn message(&self, lang: Lang) -> String {
        format!("{}: {}", lang.of(("lỗi", "error")), self.words(lang))
    }

    /// The message without the word that says it is one.
    pub fn words(&self, lang: Lang) -> String {
        match self {
            Self::TwoNames => {
                let two = ("hai tên xã, phường: chỉ dùng NAME hoặc --commune", "two names: give NAME or --commune");
                lang.of(two).to_owned()
            }
            Self::Since(since) => safe_lines(&since.message(lang)),
            Self::Choice { option, asked, known } => choice(lang, option, asked, known),
            Self::NoList { option } => lang.pick(
                format!("{option} chỉ dùng cho các lệnh liệt kê, như phusong links, phusong outages"),
                format!("{option} is for lists, as of phusong links and phusong outages"),
            ),
            Self::NotNarrowed => lang.of(NOT_NARROWED).to_owned(),
            Self::NoRows => lang.of(NO_ROWS).to_owned(),
            Self::Backwards { since, until } => {
                let [since, until] = [since, until].map(|at| glossary::instant(lang, *at));
                let backwards = ("khung thời gian kết thúc trước khi bắt đầu", "the window ends before it begins");
                format!("{}: --since {since}, --until {until}", lang.of(backwards))
            }
            // Each fault has made itself printable.
            Self::Config(faults) => {
                let hint = lang.of((
                    "tệp khác: --config TỆP hoặc PHUSONG_CONFIG",
                    "another file: --config FILE or PHUSONG_CONFIG",
                ));
                let faults = glossary::faults(lang, faults);
                format!("{}\n{faults}\n  {hint}", lang.of(("cấu hình", "configuration")))
            }
            Self::Question { refusal: Refusal::Known(question), .. } => {
                safe_lines(&glossary::ask_error(lang, question))
            }
            Self::Question { refusal: Refusal::Other { error, reason }, .. } => {
                let refused = lang.of(("phusongd từ chối câu hỏi", "phusongd refuses the question"));
                let reason = reason.iter().map(|reason| glossary::fault_text(lang, reason));
                let reason = reason.map(|reason| format!(": {}", printable(&reason))).collect::<String>();
                format!("{refused}: {}{reason}", printable(error))
            }
            Self::Question { refusal: Refusal::Order(error), .. } => safe_lines(&glossary::order_error(lang, error)),
            Self::Locked(locked) => locked.message(lang),
            Self::Store(store) => printable(&chain(store)).into_owned(),
            Self::StoreCommand(failure) => failure.words(lang),
            Self::File(faults) => glossary::faults(lang, faults),
            Self::NoAddress { link, decides } => {
                let fact = ("không có địa chỉ để ping; được đo qua", "has no address to ping; it is looked at by");
                format!("{link} {} {}\n  phusong probe {link}", lang.of(fact), printable(decides))
            }
            Self::Ping(error) => printable(&cannot_ping(lang, error)).into_owned(),
            Self::NoDaemon { fault, starter } => with_remedy(lang, fault, &starter.remedy(lang, fault)),
            Self::NoProbe { fault, starter } => {
                let alone = lang.of(("không cần phusongd", "without phusongd"));
                with_remedy(lang, fault, &format!("{}; {alone}: phusong ping", starter.remedy(lang, fault)))
            }
            Self::Unanswered { fault, starter, shown_by } => {
                let maybe = lang.of((
                    "lệnh vẫn có thể được thực hiện, xem lại trước khi gửi lần nữa",
                    "it may still be carried out, look before you give it again",
                ));
                with_remedy(lang, fault, &format!("{maybe}: {shown_by}; {}", starter.remedy(lang, fault)))
            }
            Self::NoAnswer(sources) => sources.message(lang),
            Self::NoScreen(refused) => refused.words(lang),
            Self::Output(source) => format!("stdout: {}", printable(&source.to_string())),
        }
    }
}

impl Locked {
    fn message(&self, lang: Lang) -> String {
        let daemon = silent(lang, &self.daemon);
        let start = self.starter.remedy(lang, &self.daemon);
        let (fact, remedy) = match &self.lock {
            LockError::OtherUser { path, owner } => {
                let (path, owner) = (path.display(), printable(owner));
                let fact = lang.pick(
                    format!("{path} thuộc về người dùng {owner}, chỉ người đó ghi được"),
                    format!("{path} belongs to user {owner}, who alone may write into it"),
                );
                (fact, format!("sudo -u {owner} phusong …; {start}"))
            }
            // It is starting, or it answers at another socket.
            LockError::Held { .. } => (printable(&chain(&self.lock)).into_owned(), self.starter.look(lang)),
            LockError::Io { .. } => (printable(&chain(&self.lock)).into_owned(), start),
        };
        format!("{daemon}\n  {fact}\n  {remedy}")
    }
}

impl NoSource {
    fn message(&self, lang: Lang) -> String {
        let mut text = lang
            .of((
                "không có trả lời: cả phusongd lẫn kho dữ liệu đều không đọc được",
                "no answer: neither phusongd nor its store can be read",
            ))
            .to_owned();
        let store = store_told(lang, &self.store);
        for (who, chain) in [("phusongd", told(lang, &self.daemon)), (lang.of(("kho", "store")), store)] {
            let _ = write!(text, "\n  {who}: {}", printable(&chain));
        }
        let _ = write!(text, "\n  {}", self.remedy(lang));
        text
    }

    /// One command that helps in this case.
    fn remedy(&self, lang: Lang) -> String {
        match (&self.store, &self.daemon) {
            (StoreError::Denied { group: Some(group), .. }, _) => join_group(lang, group),
            // The daemon, when it starts, sets it aside and saves what can be read.
            (StoreError::NotADatabase { .. } | StoreError::Damaged { .. }, _) => {
                let saves = (
                    "sẽ để riêng tệp hỏng và cứu phần còn đọc được",
                    "it sets the damaged file aside and saves what it can",
                );
                format!("{} ({})", self.starter.start(lang), lang.of(saves))
            }
            (_, fault) => self.starter.remedy(lang, fault),
        }
    }
}

/// Said on stderr when the store was read instead: which, why, how old, and what to do.
pub fn daemon_away(lang: Lang, fault: &DaemonFault, starter: &Starter, folder: &Path, age: Option<Millis>) -> String {
    let age = match age {
        Some(age) => format!("{} {}", lang.of(("số liệu cuối cách đây", "newest data")), ago(lang, age)),
        None => lang.of(("kho chưa có số liệu nào", "nothing in it yet")).to_owned(),
    };
    format!(
        "{}: {}\n  {} {}: {age}; {}",
        lang.of(("cảnh báo", "warning")),
        silent(lang, fault),
        lang.of(("đã đọc kho dữ liệu", "the store was read instead,")),
        printable(&folder.to_string_lossy()),
        starter.remedy(lang, fault),
    )
}

/// That the daemon does not answer, and why.
fn silent(lang: Lang, fault: &DaemonFault) -> String {
    let silent = lang.of(("phusongd không trả lời", "phusongd does not answer"));
    format!("{silent}: {}", printable(&told(lang, fault)))
}

fn with_remedy(lang: Lang, fault: &DaemonFault, remedy: &str) -> String {
    format!("{}\n  {remedy}", silent(lang, fault))
}

/// What became of the daemon, in the reader's language; the system's own words stay as they are.
pub fn told(lang: Lang, fault: &DaemonFault) -> String {
    let (what, socket) = match (lang, fault) {
        (Lang::En, _) => return chain(fault),
        (Lang::Vi, DaemonFault::Absent { socket }) => ("không có socket", socket),
        (Lang::Vi, DaemonFault::Refused { socket }) => ("không có chương trình nào nghe ở", socket),
        (Lang::Vi, DaemonFault::Denied { socket, .. }) => ("không có quyền dùng", socket),
        (Lang::Vi, DaemonFault::Silent { socket, .. }) => ("đang bận hoặc bị treo, quá thời gian chờ ở", socket),
        (Lang::Vi, DaemonFault::Unfinished { socket, .. }) => ("đang bận hoặc bị treo, trả lời dở dang ở", socket),
        (Lang::Vi, DaemonFault::BrokenOff { socket, .. }) => ("kết nối bị ngắt trước khi trả lời xong ở", socket),
        (Lang::Vi, DaemonFault::Unable { reason, .. }) => {
            return format!("chưa làm được ngay: {}", glossary::fault_text(lang, reason));
        }
        (Lang::Vi, DaemonFault::Connect { socket, .. }) => ("không kết nối được", socket),
        (Lang::Vi, DaemonFault::Http { socket, .. }) => ("trả lời không phải HTTP ở", socket),
        (Lang::Vi, DaemonFault::Foreign { socket, .. }) => ("không phải phusongd cùng phiên bản ở", socket),
    };
    format!("{what} {}", socket.display())
}

/// What was given is none of what there is, and what there is.
fn choice(lang: Lang, option: &str, asked: &str, known: &[(String, Option<String>)]) -> String {
    let names = known.iter().map(|(name, vietnamese)| match (lang, vietnamese) {
        (Lang::Vi, Some(vietnamese)) => format!("{name} ({vietnamese})"),
        (Lang::Vi | Lang::En, _) => name.clone(),
    });
    let names = names.collect::<Vec<_>>().join(", ");
    let one_of = lang.of(("chọn một", "one of"));
    let wrong = lang.of(("không có giá trị này", "is not known"));
    safe_lines(&format!("{option} {asked:?} {wrong}\n  {one_of}: {names}"))
}

/// What became of the store, in the reader's language; what SQLite and the system say stays as it is.
fn store_told(lang: Lang, error: &StoreError) -> String {
    if lang == Lang::En {
        return chain(error);
    }
    let why = || error.source().map(|source| format!(": {}", chain(source))).unwrap_or_default();
    match error {
        StoreError::NotFound { path } => {
            format!("không có kho dữ liệu ở {}: phusongd chưa chạy lần nào", path.display())
        }
        StoreError::Empty { path } => format!("kho dữ liệu ở {} còn trống: phusongd chưa ghi gì", path.display()),
        StoreError::Newer { path, found, known } => format!(
            "kho dữ liệu ở {} có phiên bản {found}, chương trình này chỉ biết đến phiên bản {known}: hãy dùng phusong mới hơn",
            path.display()
        ),
        StoreError::Foreign { path } => format!("{} không phải kho dữ liệu của phusong", path.display()),
        StoreError::NotADatabase { path } => format!("{} không phải tệp cơ sở dữ liệu", path.display()),
        StoreError::Denied { path, group } => {
            let group =
                group.as_ref().map(|group| format!(": chỉ thành viên nhóm {group} đọc được")).unwrap_or_default();
            format!("không có quyền đọc {}{group}", path.display())
        }
        StoreError::File { path, .. } => format!("không mở được {}{}", path.display(), why()),
        StoreError::Open { path, .. } => format!("không mở được kho dữ liệu ở {}{}", path.display(), why()),
        StoreError::Refused { path, .. } => format!("không đọc được kho dữ liệu ở {}{}", path.display(), why()),
        StoreError::Damaged { path, what } => format!("kho dữ liệu ở {} bị hỏng: {what}", path.display()),
        StoreError::Migrate { .. }
        | StoreError::Full { .. }
        | StoreError::TickNotAfter { .. }
        | StoreError::Contradiction { .. }
        | StoreError::RejectedFull { .. }
        | StoreError::Unstorable { .. } => chain(error),
    }
}

fn ago(lang: Lang, age: Millis) -> String {
    match lang {
        Lang::Vi => glossary::duration(lang, age),
        Lang::En => format!("{} ago", glossary::duration(lang, age)),
    }
}

/// Text of several lines of ours that may quote others: each line made printable.
fn safe_lines(text: &str) -> String {
    text.lines().map(printable).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use phusong_model::answer::AskError;

    use super::*;

    fn absent() -> DaemonFault {
        DaemonFault::Absent { socket: "/run/phusong/phusong.sock".into() }
    }

    fn no_answer(store: StoreError) -> Failure {
        Failure::NoAnswer(Box::new(NoSource { daemon: absent(), store, starter: Starter::Service }))
    }

    #[test]
    fn exit_codes_are_those_that_are_documented() {
        assert_eq!(Failure::TwoNames.exit_code(), 2);
        let refusal = Refusal::Known(AskError::NoCommune);
        assert_eq!(Failure::Question { refusal, conditions: Vec::new() }.exit_code(), 2);
        let store = StoreError::NotFound { path: "/var/lib/phusong/phusong.db".into() };
        assert_eq!(no_answer(store).exit_code(), 4);
    }

    #[test]
    fn who_may_not_read_is_told_which_group_to_join() {
        let store = StoreError::Denied { path: "/x/phusong.db".into(), group: Some("phusong".to_owned()) };
        let text = no_answer(store).message(Lang::En);
        insta::assert_snapshot!(text, @"
        error: no answer: neither phusongd nor its store can be read
          phusongd: there is no socket /run/phusong/phusong.sock
          store: no right to read /x/phusong.db: members of group phusong may
          join the group: sudo usermod -aG phusong $USER, then log in again
        ");
    }

    #[test]
    fn reading_the_store_is_said_with_its_age_and_reason() {
        let text = |lang| {
            let (folder, age) = (Path::new("/var/lib/phusong"), Some(Millis::from_secs(372)));
            daemon_away(lang, &absent(), &Starter::Service, folder, age)
        };
        insta::assert_snapshot!(text(Lang::En), @"
        warning: phusongd does not answer: there is no socket /run/phusong/phusong.sock
          the store was read instead, /var/lib/phusong: newest data 6 min ago; start it: systemctl start phusongd
        ");
        insta::assert_snapshot!(text(Lang::Vi), @"
        cảnh báo: phusongd không trả lời: không có socket /run/phusong/phusong.sock
          đã đọc kho dữ liệu /var/lib/phusong: số liệu cuối cách đây 6 phút; khởi động: systemctl start phusongd
        ");
    }
}
