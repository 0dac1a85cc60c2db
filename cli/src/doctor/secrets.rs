//! Files that hold secrets: there, readable for the daemon and for nobody else, and not empty. What stands in them is
//! not shown, and only looked at to see whether anything does.

use std::{
    fs::{self, Metadata},
    io,
    path::{Path, PathBuf},
};

use phusong_model::config::{Config, SecretRef};

use super::{
    finding::{Finding, Part, Said},
    scene::{Scene, Site},
    users::{Bar, User, mode_of},
};

/// What others may not do with a secret: read it, and put another in its place.
const OTHERS: u32 = 0o006;

/// All files of secrets that the configuration names, with the name of what they are for.
pub fn files(config: &Config) -> impl Iterator<Item = (String, &Path)> {
    references(config)
        .into_iter()
        .filter(|(_, secret)| secret.credential().is_none())
        .map(|(of, SecretRef(path))| (of, path.as_path()))
}

fn references(config: &Config) -> Vec<(String, &SecretRef)> {
    let snmp = config.snmp.credential.iter().flat_map(|credential| {
        let of = format!("[[snmp.credential]] {}", credential.name);
        let all = [&credential.community, &credential.auth_password, &credential.priv_password];
        all.into_iter().flatten().map(move |secret| (of.clone(), secret))
    });
    let notify = config.notify.channel.iter().flat_map(|channel| {
        let of = format!("[[notify.channel]] {}", channel.name);
        let all = [&channel.url_file, &channel.secret_file, &channel.token_file, &channel.password_file];
        all.into_iter().flatten().map(move |secret| (of.clone(), secret))
    });
    let influx = config.influx.iter().map(|influx| (format!("[influx] {}", influx.name), &influx.token_file));
    snmp.chain(notify).chain(influx).collect()
}

/// Each secret.
pub fn look(scene: &Scene) -> Vec<Finding> {
    let site = match scene.site(Part::Secrets) {
        Ok(site) => site,
        Err(finding) => return finding,
    };
    let all = references(&site.config);
    let credentials = all.iter().filter(|(_, secret)| secret.credential().is_some()).count();
    let found: Vec<Finding> = files(&site.config).filter_map(|(of, path)| one(&of, path, site)).collect();
    if !found.is_empty() {
        return found;
    }
    let files = all.len() - credentials;
    let fact = match (files, credentials) {
        (0, 0) => Said::words(("cấu hình không dùng tệp bí mật nào", "the configuration names none")),
        (_, 0) => {
            Said::new(format!("tệp: {files}, người khác không đọc được"), format!("files: {files}, closed to others"))
        }
        (_, _) => Said::new(
            format!("tệp: {files}; do systemd giao: {credentials}"),
            format!("files: {files}; handed over by systemd: {credentials}"),
        ),
    };
    vec![Finding::ok(Part::Secrets, fact)]
}

/// What is wrong with one.
fn one(of: &str, path: &Path, site: &Site) -> Option<Finding> {
    let shown = path.display();
    let said = |vietnamese: &str, english: &str| {
        Said::new(format!("{of}: {shown}: {vietnamese}"), format!("{of}: {shown}: {english}"))
    };
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            return Some(Finding {
                remedy: Some(Said::same("sudo phusong doctor")),
                ..Finding::not_looked_at(Part::Secrets, said("không có quyền xem", "no right to look at it"))
            });
        }
        Err(error) => {
            let remedy = Said::same(format!("sudoedit {shown}"));
            return Some(Finding::fault(Part::Secrets, said("không có tệp này", &error.to_string()), remedy));
        }
    };
    if !metadata.is_file() {
        let remedy = Said::words(("chỉ ra một tệp thường trong cấu hình", "name a regular file in the configuration"));
        return Some(Finding::fault(Part::Secrets, said("không phải là tệp", "this is not a file"), remedy));
    }
    if mode_of(&metadata) & OTHERS != 0 {
        let remedy = Said::same(format!("sudo chmod o-rw {shown}"));
        let fact =
            said("mọi người dùng trên máy đều đọc hoặc sửa được", "every user of this machine can read or change it");
        return Some(Finding::fault(Part::Secrets, fact, remedy));
    }
    if is_empty(path, &metadata) {
        return Some(Finding::fault(
            Part::Secrets,
            said("tệp trống", "it is empty"),
            Said::same(format!("sudoedit {shown}")),
        ));
    }
    site.user.as_ref().and_then(|user| closed(of, path, user))
}

/// Nothing but line ends is no secret. What this user may not read counts by its size.
fn is_empty(path: &Path, metadata: &Metadata) -> bool {
    // A secret is short; a large file is another look's business.
    let small = metadata.len() <= 4096;
    metadata.len() == 0 || (small && fs::read(path).is_ok_and(|bytes| bytes.iter().all(u8::is_ascii_whitespace)))
}

/// What keeps the daemon from reading it.
fn closed(of: &str, path: &Path, user: &User) -> Option<Finding> {
    let bar = user.barred_by(path).ok()??;
    let (user, group, shown) = (&user.name, user.group(), path.display());
    let (what, remedy): (PathBuf, String) = match bar {
        Bar::Folder(folder) => {
            let remedy = format!("sudo chgrp {group} {0} && sudo chmod g+x {0}", folder.display());
            (folder, remedy)
        }
        Bar::File => (path.to_owned(), format!("sudo chgrp {group} {shown} && sudo chmod g+r {shown}")),
    };
    let fact = Said::new(
        format!("{of}: {shown}: phusongd chạy bằng người dùng {user}, không đọc được vì {}", what.display()),
        format!("{of}: {shown}: phusongd runs as user {user}, who may not read it because of {}", what.display()),
    );
    Some(Finding::fault(Part::Secrets, fact, Said::same(remedy)))
}
