//! The store: it opens, it is of this version, nothing in it is damaged as far as a quick look goes, nothing was set
//! aside, and the daemon that answers is the one that holds it.

use std::{path::Path, time::Duration};

use phusong_model::glossary::Lang;
use phusong_store::{QuickLook, StoreError, lock_holder, quick_look, set_aside_files};

use super::{
    finding::{Finding, Part, Said},
    scene::{Scene, Site},
};
use crate::{ask::daemon::DaemonFault, remedy::join_group, store::StoreFailure};

/// How long the store is read. A year of two thousand links takes minutes from end to end.
const LIMIT: Duration = Duration::from_secs(2);

/// Looks at the store in the data folder.
pub fn look(scene: &Scene) -> Vec<Finding> {
    let site = match scene.site(Part::Store) {
        Ok(site) => site,
        Err(finding) => return finding,
    };
    let folder = &site.config.store.folder;
    let mut findings = match quick_look(folder, LIMIT) {
        Ok(found) => judged(&found, site),
        Err(error) => vec![unreadable(error, site)],
    };
    findings.extend(stranger(folder, site));
    findings.extend(set_aside_files(folder).into_iter().flatten().map(|file| aside(&file)));
    findings
}

fn judged(found: &QuickLook, site: &Site) -> Vec<Finding> {
    let (version, newest) = (found.version, found.newest);
    if let Some(first) = found.findings.first() {
        let fact = Said::new(format!("bị hỏng: {first}"), format!("damaged: {first}"));
        return vec![Finding::fault(Part::Store, fact, Said::by(|lang| saved_by_a_start(lang, site)))];
    }
    if version < newest {
        let fact = Said::new(
            format!("phiên bản {version}, chương trình này dùng phiên bản {newest}"),
            format!("version {version}, this program writes version {newest}"),
        );
        return vec![Finding::warning(Part::Store, fact, Said::by(|lang| site.starter.restart(lang)))];
    }
    let holder = holder(site);
    let (read, tables) = (found.read, found.tables);
    let fact = if read == tables {
        Said::new(
            format!("phiên bản {version}, cấu trúc nguyên vẹn{}", holder.0),
            format!("version {version}, its structure is sound{}", holder.1),
        )
    } else {
        let seconds = LIMIT.as_secs();
        Said::new(
            format!(
                "phiên bản {version}, chưa thấy hỏng sau {seconds} giây xem {read}/{tables} bảng{}; xem hết: phusong store check",
                holder.0
            ),
            format!(
                "version {version}, no damage in {seconds} s, {read} of {tables} tables{}; all of it: phusong store check",
                holder.1
            ),
        )
    };
    vec![Finding::ok(Part::Store, fact)]
}

/// Who has the store open, as an aside in both languages.
fn holder(site: &Site) -> (String, String) {
    match lock_holder(&site.config.store.folder) {
        Ok(Some(pid)) => (format!(", tiến trình {pid} đang giữ"), format!(", held by process {pid}")),
        Ok(None) => (", không ai giữ".to_owned(), ", held by nobody".to_owned()),
        Err(_not_told) => (String::new(), String::new()),
    }
}

/// A process holds the store and nothing answers at the socket, where a daemon would.
fn stranger(folder: &Path, site: &Site) -> Option<Finding> {
    let silent = matches!(site.daemon, Err(DaemonFault::Absent { .. } | DaemonFault::Refused { .. }));
    let pid = lock_holder(folder).ok()??;
    let fact = || {
        Said::new(
            format!("tiến trình {pid} đang giữ kho nhưng không nghe ở {}", site.socket.display()),
            format!("process {pid} holds it and does not listen at {}", site.socket.display()),
        )
    };
    silent.then(|| Finding::warning(Part::Store, fact(), Said::same(format!("ps -fp {pid}"))))
}

fn unreadable(error: StoreError, site: &Site) -> Finding {
    let remedy = match &error {
        StoreError::NotFound { .. } | StoreError::Empty { .. } => Said::by(|lang| site.starter.start(lang)),
        StoreError::Denied { group: Some(group), .. } => Said::by(|lang| join_group(lang, group)),
        StoreError::Newer { .. } => Said::words((
            "cài bản phusong mới hơn, ít nhất là bản đã ghi kho này",
            "install a newer phusong, at least the one that wrote this store",
        )),
        StoreError::Foreign { path } => Said::same(format!("sudo mv {0} {0}.other", path.display())),
        error if error.is_damage() => Said::by(|lang| saved_by_a_start(lang, site)),
        StoreError::Denied { group: None, .. }
        | StoreError::NotADatabase { .. }
        | StoreError::File { .. }
        | StoreError::Open { .. }
        | StoreError::Migrate { .. }
        | StoreError::Full { .. }
        | StoreError::Refused { .. }
        | StoreError::TickNotAfter { .. }
        | StoreError::Contradiction { .. }
        | StoreError::RejectedFull { .. }
        | StoreError::Unstorable { .. }
        | StoreError::Damaged { .. } => Said::same("sudo phusong store check"),
    };
    let failure = StoreFailure::Unopened(error);
    // Its first line is the fact; what to do stands below it.
    let fact = Said::by(|lang| failure.words(lang).lines().next().unwrap_or_default().to_owned());
    Finding::fault(Part::Store, fact, remedy)
}

/// A start sets the damaged file aside and saves what can be read of it.
fn saved_by_a_start(lang: Lang, site: &Site) -> String {
    let what = lang.of((
        "phusongd sẽ để riêng tệp hỏng và cứu phần đọc được",
        "phusongd sets it aside and saves what can be read",
    ));
    format!("{} ({what})", site.starter.restart(lang))
}

/// A damaged store that was set aside once; people decide when it may go.
fn aside(file: &Path) -> Finding {
    let shown = file.display();
    let fact = Said::new(
        format!("{shown}: kho hỏng đã để riêng, phần đọc được đã nằm trong kho mới"),
        format!("{shown}: a damaged store that was set aside; what could be read is in the new one"),
    );
    let remedy =
        Said::new(format!("khi không cần nữa: sudo rm {shown}"), format!("when nobody needs it: sudo rm {shown}"));
    Finding::warning(Part::Store, fact, remedy)
}
