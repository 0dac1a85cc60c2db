//! What the data folder lies on: whether it takes writes, and how much longer.

use std::{
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use nix::sys::statvfs::{FsFlags, Statvfs, statvfs};
use phusong_model::{StoreHealth, config::StoreConfig, glossary, printable};

use super::{
    finding::{Finding, Part, Said},
    scene::{Scene, Site},
};

/// With less than this nothing can be written any more: the log of the store alone takes as much.
const NOTHING: u64 = 1 << 20;

/// Files that an installation makes in a month, and room.
const FEW_FILES: u64 = 1_000;

/// Looks at the disk.
pub fn look(scene: &Scene) -> Vec<Finding> {
    let site = match scene.site(Part::Disk) {
        Ok(site) => site,
        Err(finding) => return finding,
    };
    let folder = &site.config.store.folder;
    let disk = match statvfs(folder) {
        Ok(disk) => disk,
        Err(error) => {
            let fact = Said::same(format!("{}: {error}", folder.display()));
            return vec![Finding::not_looked_at(Part::Disk, fact)];
        }
    };
    let size = disk.blocks() * disk.fragment_size();
    let free = disk.blocks_available() * disk.fragment_size();
    let wrong = [read_only(folder, &disk), full(folder, free, size, &site.config.store), files(folder, &disk)];
    let mut findings: Vec<Finding> = wrong.into_iter().flatten().take(1).collect();
    findings.extend(told(site));
    if findings.is_empty() {
        let fact = Said::by(|lang| {
            let [free, size] = [free, size].map(|bytes| glossary::bytes(lang, bytes));
            lang.pick(
                format!("{}: trống {free}/{size}", folder.display()),
                format!("{}: {free} of {size} free", folder.display()),
            )
        });
        findings.push(Finding::ok(Part::Disk, fact));
    }
    findings
}

fn read_only(folder: &Path, disk: &Statvfs) -> Option<Finding> {
    let mount = mount_of(folder);
    let fact = || {
        let mount = mount.display();
        Said::new(
            format!("{mount}: chỉ đọc, không ghi được gì"),
            format!("{mount}: mounted read-only, it takes no writes"),
        )
    };
    let remedy = || Said::same(format!("sudo mount -o remount,rw {}", mount.display()));
    disk.flags().contains(FsFlags::ST_RDONLY).then(|| Finding::fault(Part::Disk, fact(), remedy()))
}

/// As the store judges it: of a small disk a tenth is enough.
fn full(folder: &Path, free: u64, size: u64, config: &StoreConfig) -> Option<Finding> {
    let keep = config.keep_free.0.min(size / 10);
    let fact = Said::by(|lang| {
        let [free, size, keep] = [free, size, keep].map(|bytes| glossary::bytes(lang, bytes));
        lang.pick(
            format!("{}: còn trống {free}/{size}, cần chừa {keep}", folder.display()),
            format!("{}: {free} of {size} free, {keep} are to be kept free", folder.display()),
        )
    });
    // From the largest folder down; other file systems are not its business.
    let look = format!("sudo du -xh {} | sort -h | tail", mount_of(folder).display());
    let remedy = Said::new(format!("giải phóng chỗ; tìm tệp lớn: {look}"), format!("make room; what takes it: {look}"));
    if free < NOTHING {
        return Some(Finding::fault(Part::Disk, fact, remedy));
    }
    (free < keep).then(|| Finding::warning(Part::Disk, fact, remedy))
}

/// File systems that make inodes as they need them say that they have none.
fn files(folder: &Path, disk: &Statvfs) -> Option<Finding> {
    let (all, free) = (disk.files(), disk.files_available());
    let fact = Said::by(|lang| {
        let free = glossary::integer(lang, free);
        lang.pick(format!("chỉ còn tạo được {free} tệp (inode)"), format!("room for {free} more files only (inodes)"))
    });
    let look = format!("sudo du -x --inodes {} | sort -n | tail", mount_of(folder).display());
    let remedy =
        Said::new(format!("xóa bớt tệp; tìm nơi nhiều tệp: {look}"), format!("remove files; where they are: {look}"));
    match (all, free) {
        (0, _) => None,
        (_, 0) => Some(Finding::fault(Part::Disk, fact, remedy)),
        (_, free) => (free < FEW_FILES).then(|| Finding::warning(Part::Disk, fact, remedy)),
    }
}

/// What the daemon has met when it wrote.
fn told(site: &Site) -> Option<Finding> {
    let health = site.daemon.as_ref().ok()?.health()?;
    let StoreHealth { refused, waiting_ticks, short, .. } = &health.store;
    let folder = site.config.store.folder.display();
    if let Some(reason) = refused {
        let reason = printable(reason);
        let fact = Said::by(|lang| {
            let waiting = glossary::integer(lang, *waiting_ticks);
            lang.pick(
                format!("phusongd không ghi được, {waiting} vòng đo đang chờ: {reason}"),
                format!("phusongd cannot write, {waiting} ticks wait: {reason}"),
            )
        });
        return Some(Finding::fault(Part::Disk, fact, Said::same(format!("df -h {folder}; sudo dmesg | tail -20"))));
    }
    let fact = Said::words((
        "kho hoặc đĩa gần đầy: phusongd xóa mẫu đo cũ trước hạn",
        "the store or its disk is nearly full: phusongd removes old samples before their time",
    ));
    let remedy = Said::words((
        "tăng [store] size hoặc giải phóng đĩa: phusong store info",
        "raise [store] size, or make room on the disk: phusong store info",
    ));
    short.then(|| Finding::warning(Part::Disk, fact, remedy))
}

/// Where the disk of a folder is mounted: the last of its parents that lies on the same one.
fn mount_of(folder: &Path) -> PathBuf {
    let device = |path: &Path| fs::metadata(path).map(|metadata| metadata.dev()).ok();
    let of_it = device(folder);
    let on_it = folder.ancestors().take_while(|parent| device(parent) == of_it);
    on_it.last().unwrap_or(folder).to_owned()
}

#[cfg(test)]
mod tests {
    use phusong_model::config::ByteSize;

    use super::*;
    use crate::doctor::finding::Verdict;

    #[test]
    fn a_disk_is_short_of_room_before_it_is_full() {
        let config = StoreConfig { keep_free: ByteSize::mebibytes(1 << 10), ..StoreConfig::default() };
        let verdict =
            |free: u64, size: u64| full(Path::new("/"), free << 20, size << 20, &config).map(|finding| finding.verdict);
        assert_eq!(verdict(2 << 10, 100 << 10), None);
        assert_eq!(verdict(1000, 100 << 10), Some(Verdict::Warning));
        assert_eq!(verdict(1000, 5000), None, "a tenth of a small disk is enough");
        assert_eq!(verdict(0, 100 << 10), Some(Verdict::Fault));
    }

    #[test]
    fn the_place_of_a_mount_is_the_last_folder_of_its_disk() {
        assert_eq!(mount_of(Path::new("/proc/sys/kernel")), Path::new("/proc"));
    }
}
