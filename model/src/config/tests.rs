//! The configuration as people write it.

mod documents;
mod wrong;

use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt, path::Path};

use super::{load::Draft, rules::Judge, source::Source, *};
use crate::{Faults, findings::Findings, glossary::told};

struct Folder(tempfile::TempDir);

impl Folder {
    fn with(text: impl AsRef<[u8]>) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        fs::write(folder.path().join("phusong.toml"), text).expect("write");
        Self(folder)
    }

    fn file(self, name: &str, text: &str, mode: u32) -> Self {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().expect("parent")).expect("folder");
        fs::write(&path, text).expect("write");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("mode");
        self
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn load(&self) -> Result<Config, Faults> {
        told(Config::load(&self.path().join("phusong.toml")))
    }

    fn check(&self) -> Result<(Config, crate::Inventory), Faults> {
        told(check(&self.path().join("phusong.toml")))
    }
}

/// What a text means, files left out of account.
fn judged(text: &str) -> Result<Config, Faults> {
    let mut findings = Findings::default();
    let mut source = Source::parse("f.toml".into(), text, &mut findings);
    let config = keys::read(&mut source, &mut findings);
    rules::judge(&config, &mut Judge { source: &source, findings: &mut findings });
    told(findings.verdict(config))
}

#[test]
fn all_faults_are_reported_at_once_and_none_twice() {
    let text = "vantage = 5\n[icmp]\nperiod = 10\nechoes = 99\nfoo = 1\n[rule]\ndown_lost = 99\n[influx]\nurl = \"ftp://i\"\n\
                [[snmp.credential]]\nname = 7\n[[geodata.layer]]\nsource = \"guessed\"\n";
    let faults = judged(text).expect_err("faults");
    let places: Vec<_> = faults.0.iter().map(|f| (f.line.unwrap_or_default(), f.message.as_str())).collect();
    let lines: Vec<u64> = places.iter().map(|(line, _)| *line).collect();
    // Line 8 lacks org, bucket and token_file; 10 lacks version; 12 lacks file.
    assert_eq!(lines, [1, 3, 4, 5, 7, 8, 8, 8, 9, 10, 11, 12, 13], "{faults}");
}

#[test]
fn broken_syntax_is_reported_with_every_place() {
    let faults = judged("vantage = \"a\n[icmp]\nperiod = = \"1s\"\nperiod\n[icmp]\n").expect_err("faults");
    let lines: BTreeSet<_> = faults.0.iter().filter_map(|fault| fault.line).collect();
    assert!(lines.is_superset(&[1, 3, 4].into()), "{faults}");
    let deep = format!("x = {}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert!(judged(&deep).is_err());
    let many = "[[geodata.layer]]\n".repeat(5_000);
    assert!(judged(&many).is_err());
}

#[test]
fn a_file_that_is_no_text_is_refused() {
    for (bytes, message) in [
        (&b"vantage = \"a\"\n# \xe0\n"[..], "not UTF-8"),
        (&[b' '; (1 << 20) + 1], "larger than"),
        (b"a\0b", "unquoted key"),
    ] {
        let faults = Folder::with(bytes).load().expect_err(message);
        assert!(faults.0.iter().any(|fault| fault.message.contains(message)), "{faults}");
    }
    let absent = Config::load(Path::new("/nonexistent/phusong.toml")).expect_err("absent");
    assert!(absent.0.len() == 1 && absent.0[0].hint.contains("phusongd init"), "{absent}");
    assert!(Folder::with("\u{feff}vantage = \"a\"\r\n").load().is_ok_and(|config| config.vantage == "a"));
}

#[test]
fn relative_paths_start_from_the_files_folder() {
    let folder = Folder::with(
        "[inventory]\nfolder = \"inv\"\n[store]\nfolder = \"data\"\n[api]\nsocket = \"s\"\n[geodata]\ncommunes = \"c\"\n\
         [influx]\nurl = \"http://i\"\norg = \"o\"\nbucket = \"b\"\ntoken_file = \"token\"\n",
    )
    .file("token", "t", 0o600);
    let config = folder.load().expect("config");
    let at = |name: &str| folder.path().join(name);
    assert_eq!(config.inventory.folder, at("inv"));
    assert_eq!((config.store.folder, config.api.socket), (at("data"), at("s")));
    assert_eq!(config.geodata.communes, Some(at("c")));
    let tokens: Vec<_> = config.influx.into_iter().map(|influx| influx.token_file).collect();
    assert_eq!(tokens, [SecretRef(at("token"))]);
}

#[test]
fn a_replica_alone_needs_no_name_and_several_have_each_their_own() {
    let keys = "url = \"http://i\"\norg = \"o\"\nbucket = \"b\"\ntoken_file = \"credential:t\"\n";
    let named = |text: &str| judged(text).map(|config| config.influx.into_iter().map(|i| i.name).collect::<Vec<_>>());
    assert_eq!(named(&format!("[influx]\n{keys}")), Ok(vec!["influx".to_owned()]));
    assert_eq!(named(&format!("[influx]\nname = \"a\"\n{keys}")), Ok(vec!["a".to_owned()]));
    let two = format!("[[influx]]\n{keys}[[influx]]\nname = \"ministry\"\n{keys}");
    assert_eq!(named(&two), Ok(vec!["influx".to_owned(), "ministry".to_owned()]));
    for (text, line, message) in [
        (format!("[[influx]]\n{keys}[[influx]]\n{keys}"), 6, "two replicas named \"influx\""),
        (format!("[[influx]]\nname = \"Bộ\"\n{keys}"), 2, "cannot be part of an id"),
        (format!("[[influx]]\n{keys}nam = \"x\"\n"), 6, "unknown key \"nam\""),
        ("influx = 5\n".to_owned(), 1, "expected a sequence"),
    ] {
        let faults = judged(&text).expect_err(message);
        let fault = &faults.0[0];
        assert!(fault.line == Some(line) && fault.message.contains(message), "{faults}");
    }
}

#[test]
fn a_plain_secret_is_refused_and_not_repeated() {
    for (secret, value) in [("hunter2", "\"hunter2\""), ("12345678", "12345678"), ("k9==/Zz", "\"k9==/Zz\"")] {
        let credential = format!("[[snmp.credential]]\nname = \"a\"\nversion = \"2c\"\ncommunity = {value}\n");
        let influx = format!("[influx]\nurl=\"http://i\"\norg=\"o\"\nbucket=\"b\"\ntoken_file = {value}\n");
        for (text, line) in [(credential, 4), (influx, 5)] {
            let folder = Folder::with(&text);
            let faults = folder.load().expect_err("refused");
            assert_eq!(faults.0.len(), 1, "{faults}");
            assert_eq!(faults.0[0].line, Some(line));
            assert!(faults.0[0].hint.contains("never written here"), "{faults}");
            let shown = format!("{faults}{faults:?}{}", folder.check().expect_err("refused"));
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

#[test]
fn check_reads_secrets_and_looks_for_geodata() {
    let text = "[geodata]\ncommunes = \"c.geojson\"\n[[geodata.layer]]\nfile = \"l.geojson\"\nsource = \"declared\"\n\
                [[snmp.credential]]\nname = \"a\"\nversion = \"3\"\nuser = \"u\"\nauth = \"SHA\"\nauth_password = \"short\"\n\
                [influx]\nurl=\"http://i\"\norg=\"o\"\nbucket=\"b\"\ntoken_file = \"token\"\n";
    let folder = Folder::with(text).file("short", "1234567\n", 0o600).file("token", "t", 0o644);
    assert!(folder.load().is_ok(), "load does not read secrets");
    let faults = folder.check().expect_err("faults");
    let all = faults.to_string();
    for part in [
        "phusong.toml:2:12",
        "c.geojson: there is no such file",
        "phusong.toml:4:8",
        "at least 8 characters",
        "chmod o-rw ",
    ] {
        assert!(all.contains(part), "{part}\n{all}");
    }
    assert!(all.contains("inventory: this is not a folder"), "a fault of the configuration hides no other\n{all}");
}

#[test]
fn the_inventory_is_checked_beside_a_broken_configuration_when_its_folder_is_known() {
    let links = "id,kind\nfibre 1,fibre\n";
    for (text, seen) in [
        ("[inventory]\nfolder = \"other\"\n[icmp]\nechoes = 99\n", true),
        ("[inventory]\nfolder = \"other\"\n[icmp]\nechoes = = 5\n", true),
        ("[inventry]\nfolder = \"other\"\n", false),
        ("[inventory]\nfolders = \"other\"\n", false),
        ("[inventory]\nfolder = 5\n", false),
        ("[[inventory\n", false),
    ] {
        let faults = Folder::with(text).file("other/links.csv", links, 0o644).check().expect_err(text);
        assert_eq!(faults.to_string().contains("links.csv:2:1"), seen, "{text}\n{faults}");
        assert!(faults.0.iter().any(|fault| fault.file.ends_with("phusong.toml")), "{faults}");
    }
}

#[test]
fn an_unreadable_configuration_leaves_nothing_sound() {
    let mut findings = Findings::default();
    let draft = Draft::read(Path::new("/nonexistent/f"), &mut findings, |_, _| ());
    assert!(!draft.inventory_sound && !draft.credentials_sound && !findings.is_empty());
}
