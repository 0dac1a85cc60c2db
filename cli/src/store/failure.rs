//! What ends a run of `phusong store`, and what people are told.

use std::{
    io,
    path::{Path, PathBuf},
};

use phusong_model::{glossary::Lang, printable};
use phusong_store::{CopyError, StoreError};

use crate::{
    failure::{Failure, NO_ANSWER, USAGE, chain},
    remedy::join_group,
};

/// Why a command ended before its end.
#[derive(Debug)]
pub enum StoreFailure {
    /// The store cannot be opened or read.
    Unreadable(StoreError),
    /// The store cannot be opened, so that nothing can be said of it.
    Unopened(StoreError),
    /// There is no copy.
    Copy(CopyError),
    /// A file of that name is there.
    Exists(PathBuf),
    /// Nobody said how the file is to be written.
    NoKind(PathBuf),
    /// Parquet is no stream for people's terminals.
    ParquetToStdout,
    /// A file could not be written.
    Write {
        /// Which; none while that is not known.
        path: Option<PathBuf>,
        /// The system's reason.
        source: io::Error,
    },
}

impl From<StoreFailure> for Failure {
    fn from(failure: StoreFailure) -> Self {
        Self::StoreCommand(Box::new(failure))
    }
}

impl From<StoreError> for StoreFailure {
    fn from(error: StoreError) -> Self {
        Self::Unreadable(error)
    }
}

impl StoreFailure {
    /// A file could not be written.
    pub const fn write(source: io::Error) -> Self {
        Self::Write { path: None, source }
    }

    /// The same of a file with a name.
    pub fn of(self, file: &Path) -> Self {
        if let Self::Write { path: None, source } = self {
            return Self::Write { path: Some(file.to_owned()), source };
        }
        self
    }

    /// The exit code.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Unopened(_) | Self::Exists(_) | Self::NoKind(_) | Self::ParquetToStdout => USAGE,
            Self::Copy(CopyError::Exists(_) | CopyError::Itself(_) | CopyError::Beside(_)) => USAGE,
            Self::Copy(
                CopyError::Full(_)
                | CopyError::Write { .. }
                | CopyError::Copy { .. }
                | CopyError::Unsound(_)
                | CopyError::Store(_),
            )
            | Self::Write { .. }
            | Self::Unreadable(_) => NO_ANSWER,
        }
    }

    /// Its name in JSON.
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Unreadable(_) | Self::Unopened(_) | Self::Copy(CopyError::Store(_)) => "store",
            Self::Copy(CopyError::Exists(_)) | Self::Exists(_) => "file-exists",
            Self::NoKind(_) | Self::ParquetToStdout => "usage",
            Self::Write { .. } => "write",
            Self::Copy(CopyError::Full(_)) => "disk-full",
            Self::Copy(_) => "copy",
        }
    }

    /// What people are told: the fact, then what to do.
    pub fn words(&self, lang: Lang) -> String {
        match self {
            Self::Unreadable(error) | Self::Unopened(error) | Self::Copy(CopyError::Store(error)) => store(lang, error),
            Self::Copy(error) => copy(lang, error),
            Self::Exists(path) => copy(lang, &CopyError::Exists(path.clone())),
            Self::NoKind(path) => {
                let fact = ("CSV hay Parquet? --csv, --parquet", "CSV or Parquet? --csv, --parquet");
                printable(&format!("{}: {}", path.display(), lang.of(fact))).into_owned()
            }
            Self::ParquetToStdout => {
                let fact = ("Parquet cần một tệp; ra stdout chỉ có --csv", "Parquet needs a file; stdout takes --csv");
                lang.of(fact).to_owned()
            }
            Self::Write { path, source } if is_full(source) => {
                let path = path.as_ref().map(|path| format!(" {}", path.display())).unwrap_or_default();
                let fact = lang.of(("hết chỗ trên đĩa cho", "no space left for"));
                printable(&format!("{fact}{path}")).into_owned()
            }
            Self::Write { path, source } => {
                let path = path.as_ref().map(|path| format!(" {}", path.display())).unwrap_or_default();
                let fact = lang.of(("không ghi được", "cannot write"));
                printable(&format!("{fact}{path}: {source}")).into_owned()
            }
        }
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

fn store(lang: Lang, error: &StoreError) -> String {
    let fact = |vietnamese: &str, path: &std::path::Path| match lang {
        Lang::Vi => printable(&format!("{}: {vietnamese}", path.display())).into_owned(),
        Lang::En => printable(&chain(error)).into_owned(),
    };
    match error {
        StoreError::Denied { path, group: Some(group) } => {
            format!("{}\n  {}", fact("không có quyền đọc", path), join_group(lang, group))
        }
        StoreError::Denied { path, group: None } => fact("không có quyền đọc", path),
        StoreError::NotFound { path } => fact("chưa có kho dữ liệu: phusongd chưa chạy với thư mục này", path),
        StoreError::Empty { path } => fact("kho dữ liệu còn trống: phusongd chưa ghi gì", path),
        StoreError::Foreign { path } => fact("không phải kho dữ liệu của phusong", path),
        StoreError::NotADatabase { path } => fact("không phải tệp cơ sở dữ liệu", path),
        StoreError::Newer { path, .. } => fact("do phusong mới hơn ghi: hãy dùng bản mới hơn", path),
        StoreError::Open { path, source } => fact(&format!("không mở được: {source}"), path),
        StoreError::Refused { path, source, .. } => fact(&format!("không đọc được: {source}"), path),
        StoreError::Damaged { path, what } => fact(&format!("kho bị hỏng: {what}"), path),
        StoreError::File { .. }
        | StoreError::Migrate { .. }
        | StoreError::Full { .. }
        | StoreError::TickNotAfter { .. }
        | StoreError::Contradiction { .. }
        | StoreError::RejectedFull { .. }
        | StoreError::Unstorable { .. } => printable(&chain(error)).into_owned(),
    }
}

fn copy(lang: Lang, error: &CopyError) -> String {
    let (vietnamese, remedy) = match error {
        CopyError::Exists(path) => {
            (format!("{} đã có", path.display()), Some(("ghi đè: --force", "replace it: --force")))
        }
        CopyError::Itself(path) => (format!("{} chính là kho dữ liệu", path.display()), None),
        CopyError::Beside(path) => {
            (format!("{} nằm cạnh bản sao, SQLite sẽ coi là nhật ký của bản sao", path.display()), None)
        }
        CopyError::Full(path) => (format!("hết chỗ trên đĩa cho {}", path.display()), None),
        CopyError::Write { path, source } => (format!("không ghi được {}: {source}", path.display()), None),
        CopyError::Copy { path, source } => (format!("không sao chép được vào {}: {source}", path.display()), None),
        CopyError::Unsound(words) => {
            let remedy = ("xem: phusong store check", "look at it: phusong store check");
            (format!("bản sao có lỗi, kho cũng vậy: {words}"), Some(remedy))
        }
        CopyError::Store(error) => return store(lang, error),
    };
    let fact = lang.pick(vietnamese, chain(error));
    let remedy = remedy.map(|remedy| format!("\n  {}", lang.of(remedy))).unwrap_or_default();
    format!("{}{remedy}", printable(&fact))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_not_read_is_told_in_both_languages_what_to_do() {
        let denied = StoreError::Denied { path: "/x/phusong.db".into(), group: Some("phusong".to_owned()) };
        let failure = StoreFailure::Unopened(denied);
        assert_eq!(failure.exit_code(), 2);
        insta::assert_snapshot!(failure.words(Lang::En), @"
        no right to read /x/phusong.db: members of group phusong may
          join the group: sudo usermod -aG phusong $USER, then log in again
        ");
        insta::assert_snapshot!(failure.words(Lang::Vi), @"
        /x/phusong.db: không có quyền đọc
          vào nhóm: sudo usermod -aG phusong $USER, rồi đăng nhập lại
        ");
    }
}
