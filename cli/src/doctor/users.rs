//! Who may read what: users, their groups, and the bits of a file.

use std::{
    ffi::CString,
    fs::{self, Metadata},
    io,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use nix::unistd::{Gid, Group, Uid, getgrouplist};
use phusong_store::user_name;

/// A user with all of its groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its number.
    pub uid: u32,
    /// Its name, or its number.
    pub name: String,
    /// The first is its own.
    groups: Vec<u32>,
}

impl User {
    /// The owner of a file. Of one that no table of users knows, the file's group is all that is known of its groups.
    pub fn owner_of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        let uid = metadata.uid();
        let known = nix::unistd::User::from_uid(Uid::from_raw(uid)).ok().flatten();
        let groups = match known {
            Some(user) => {
                let all = CString::new(user.name).ok().and_then(|name| getgrouplist(&name, user.gid).ok());
                let own = std::iter::once(user.gid.as_raw());
                own.chain(all.into_iter().flatten().map(Gid::as_raw)).collect()
            }
            None => vec![metadata.gid()],
        };
        Some(Self { uid, name: user_name(uid), groups })
    }

    /// The name of its own group, or its number.
    pub fn group(&self) -> String {
        self.groups.first().map_or_else(|| self.name.clone(), |gid| group_name(*gid))
    }

    fn has(&self, metadata: &Metadata, bits: u32) -> bool {
        let mode = metadata.permissions().mode();
        let shift = if self.uid == metadata.uid() {
            6
        } else if self.groups.contains(&metadata.gid()) {
            3
        } else {
            0
        };
        self.uid == 0 || (mode >> shift) & bits == bits
    }

    /// What keeps it from reading a file: the file itself, or a folder on the way. None when nothing does.
    ///
    /// # Errors
    /// When this program itself may not look.
    pub fn barred_by(&self, file: &Path) -> io::Result<Option<Bar>> {
        let folders = file.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
        for folder in folders.collect::<Vec<_>>().into_iter().rev() {
            if !self.has(&fs::metadata(folder)?, ENTER) {
                return Ok(Some(Bar::Folder(folder.to_owned())));
            }
        }
        Ok((!self.has(&fs::metadata(file)?, READ)).then_some(Bar::File))
    }
}

/// What is closed to a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bar {
    /// A folder on the way.
    Folder(PathBuf),
    /// The file.
    File,
}

const READ: u32 = 0o4;
const ENTER: u32 = 0o1;

/// The name of a group of this machine, or its number.
pub fn group_name(gid: u32) -> String {
    Group::from_gid(Gid::from_raw(gid)).ok().flatten().map_or_else(|| gid.to_string(), |group| group.name)
}

/// The permission bits of a file as `chmod` takes them.
pub fn mode_of(metadata: &Metadata) -> u32 {
    metadata.permissions().mode() & 0o7777
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("mode");
    }

    #[test]
    fn a_user_is_barred_by_the_first_thing_that_is_closed() {
        let folder = tempfile::tempdir().expect("a folder");
        let inner = folder.path().join("credentials");
        fs::create_dir(&inner).expect("a folder");
        let file = inner.join("token");
        fs::write(&file, "x").expect("a file");
        set_mode(folder.path(), 0o755);
        let stranger = User { uid: 4242, name: "4242".to_owned(), groups: vec![4243] };
        let owner = User::owner_of(&file).expect("an owner");
        for (of_folder, of_file, barred) in
            [(0o755, 0o644, None), (0o755, 0o600, Some(Bar::File)), (0o700, 0o644, Some(Bar::Folder(inner.clone())))]
        {
            set_mode(&inner, of_folder);
            set_mode(&file, of_file);
            assert_eq!(stranger.barred_by(&file).expect("a look"), barred, "{of_folder:o} {of_file:o}");
            assert_eq!(owner.barred_by(&file).expect("a look"), None);
        }
        assert!(owner.barred_by(&inner.join("absent")).is_err());
    }
}
