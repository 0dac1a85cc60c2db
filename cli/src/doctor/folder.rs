//! The data folder: there, the daemon's, readable for its group and writable for nobody else.

use std::{
    fs::{self, Metadata},
    io,
    os::unix::fs::MetadataExt as _,
    path::Path,
};

use phusong_model::glossary::Lang;
use phusong_store::user_name;

use super::{
    finding::{Finding, Part, Said},
    scene::{Scene, Site},
    users::{User, group_name, mode_of},
};
use crate::remedy::join_group;

/// What the group needs of the folder: list and enter it.
const GROUP_READS: u32 = 0o050;

/// What others may not do in it.
const OTHERS_WRITE: u32 = 0o002;

/// Looks at the folder itself.
pub fn look(scene: &Scene) -> Vec<Finding> {
    let site = match scene.site(Part::Folder) {
        Ok(site) => site,
        Err(finding) => return finding,
    };
    let folder = &site.config.store.folder;
    vec![match fs::metadata(folder) {
        Ok(metadata) => one(folder, &metadata, site),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let fact = format!("{}: chưa có, phusongd sẽ tạo khi chạy", folder.display());
            let english = format!("{}: not there, phusongd makes it when it runs", folder.display());
            let remedy = Said::by(|lang| site.starter.start(lang));
            Finding::fault(Part::Folder, Said::new(fact, english), remedy)
        }
        Err(error) => {
            let fact = Said::same(format!("{}: {error}", folder.display()));
            Finding::fault(Part::Folder, fact, Said::same("sudo phusong doctor"))
        }
    }]
}

fn one(folder: &Path, metadata: &Metadata, site: &Site) -> Finding {
    let (shown, mode) = (folder.display(), mode_of(metadata));
    let (owner, group) = (user_name(metadata.uid()), group_name(metadata.gid()));
    let about =
        |vietnamese: &str, english: &str| Said::new(format!("{shown}: {vietnamese}"), format!("{shown}: {english}"));
    if !metadata.is_dir() {
        let remedy = Said::words(("sửa [store] folder trong cấu hình", "correct [store] folder in the configuration"));
        return Finding::fault(Part::Folder, about("không phải là thư mục", "this is not a folder"), remedy);
    }
    if let Some(finding) = of_other_user(folder, metadata, site) {
        return finding;
    }
    if let Err(error) = fs::read_dir(folder) {
        let fact = about(&format!("không vào được: {error}"), &format!("cannot be entered: {error}"));
        return Finding::fault(Part::Folder, fact, Said::by(|lang| open_to_me(lang, metadata, &group, folder)));
    }
    let all = format!("{owner}:{group}, {mode:04o}");
    if mode & OTHERS_WRITE != 0 {
        let fact = about(&format!("{all}: ai cũng ghi được"), &format!("{all}: everybody may write into it"));
        return Finding::warning(Part::Folder, fact, Said::same(format!("sudo chmod o-w {shown}")));
    }
    if mode & GROUP_READS != GROUP_READS {
        let fact = about(
            &format!("{all}: nhóm không đọc được khi phusongd ngừng"),
            &format!("{all}: the group cannot read it while phusongd is away"),
        );
        return Finding::warning(Part::Folder, fact, Said::same(format!("sudo chmod g+rx {shown}")));
    }
    Finding::ok(Part::Folder, about(&all, &all))
}

/// The daemon runs, and not as the owner of its folder: it will not be able to write.
fn of_other_user(folder: &Path, metadata: &Metadata, site: &Site) -> Option<Finding> {
    let User { uid, name, .. } = site.daemon.as_ref().ok().and(site.user.as_ref())?;
    if *uid == metadata.uid() || *uid == 0 {
        return None;
    }
    let (owner, shown) = (user_name(metadata.uid()), folder.display());
    let fact = Said::new(
        format!("{shown}: thuộc về {owner}, còn phusongd chạy bằng {name}"),
        format!("{shown}: belongs to {owner}, but phusongd runs as {name}"),
    );
    Some(Finding::fault(Part::Folder, fact, Said::same(format!("sudo chown -R {name} {shown}"))))
}

/// By the group where that helps.
fn open_to_me(lang: Lang, metadata: &Metadata, group: &str, folder: &Path) -> String {
    if metadata.gid() != 0 && mode_of(metadata) & GROUP_READS == GROUP_READS {
        return join_group(lang, group);
    }
    format!("sudo chmod g+rx {}", folder.display())
}
