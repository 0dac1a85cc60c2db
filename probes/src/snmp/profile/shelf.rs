//! The profiles that devices can name: those that are shipped, and the province's own.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
};

use phusong_model::{Device, Fault, Faults};

use super::{Profile, written};

/// Every profile that is shipped.
pub(super) const SHIPPED: [&str; 9] = [
    include_str!("../../../profiles/cisco.toml"),
    include_str!("../../../profiles/entity-sensor.toml"),
    include_str!("../../../profiles/huawei-olt.toml"),
    include_str!("../../../profiles/huawei-vrp.toml"),
    include_str!("../../../profiles/juniper.toml"),
    include_str!("../../../profiles/mikrotik.toml"),
    include_str!("../../../profiles/ups-mib.toml"),
    include_str!("../../../profiles/zte-c300.toml"),
    include_str!("../../../profiles/zte-c600.toml"),
];

/// A file that does not parse is left out; a test makes sure that none is.
static BUILT_IN: LazyLock<Profiles> = LazyLock::new(|| {
    let parsed = SHIPPED.iter().filter_map(|text| Profile::parse(text, Path::new("shipped")).ok());
    Profiles(parsed.map(|profile| (profile.name.clone(), Arc::new(profile))).collect())
});

/// Profiles by name.
#[derive(Debug, Clone, PartialEq)]
pub struct Profiles(BTreeMap<String, Arc<Profile>>);

impl Profiles {
    /// Those that are shipped.
    #[must_use]
    pub fn shipped() -> Self {
        BUILT_IN.clone()
    }

    /// Those that are shipped and those of a folder's `*.toml` files; one of the folder takes the place of a shipped one with
    /// its name.
    ///
    /// # Errors
    /// All faults of all files, each with its line, or that the folder cannot be read.
    pub fn with_folder(folder: Option<&Path>) -> Result<Self, Faults> {
        let mut profiles = Self::shipped();
        let Some(folder) = folder else { return Ok(profiles) };
        let (mut faults, mut own) = (Vec::new(), BTreeMap::new());
        for file in files(folder).map_err(|error| Faults(vec![unreadable(folder, &error)]))? {
            match Profile::open(&file) {
                Ok(profile) => {
                    if let Some(other) = own.insert(profile.name.clone(), file.clone()) {
                        let message = format!("the profile {:?} is in {} too", profile.name, other.display());
                        faults.push(Fault::of_file(&file, message, "give each its own name, or remove one file"));
                    }
                    profiles.0.insert(profile.name.clone(), Arc::new(profile));
                }
                Err(more) => faults.extend(more),
            }
        }
        if faults.is_empty() { Ok(profiles) } else { Err(Faults(faults)) }
    }

    /// The profile of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<Profile>> {
        self.0.get(name)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Profile> {
        self.0.values().map(|profile| &**profile)
    }

    /// Files of own profiles that stand in the place of a shipped one, with its name.
    pub fn replacements(&self) -> impl Iterator<Item = (&str, &Path)> {
        let own = self.iter().filter_map(|profile| Some((profile.name(), profile.file()?)));
        own.filter(|(name, _)| BUILT_IN.get(name).is_some())
    }

    /// A fault for every device whose profile is not known. `file` is where the devices were read from.
    #[must_use]
    pub fn unknown_of(&self, devices: &[Device], file: &Path) -> Vec<Fault> {
        let unknown = |device: &Device| {
            let name = device.snmp.profile.as_deref()?;
            if self.get(name).is_some() {
                return None;
            }
            let message = format!("device {} has the unknown profile {name:?}", device.id);
            let known: Vec<&str> = self.0.keys().map(String::as_str).collect();
            Some(Fault::of_file(file, message, format!("use one of {}, or leave it empty", known.join(", "))))
        };
        devices.iter().filter_map(unknown).collect()
    }
}

impl Profile {
    /// Reads a profile from its file.
    ///
    /// # Errors
    /// All faults, each with its line, or that the file cannot be read.
    pub fn open(file: &Path) -> Result<Self, Vec<Fault>> {
        let text = File::open(file).and_then(|opened| {
            let mut text = String::new();
            // One byte more than is allowed, so that a longer file is seen to be longer.
            opened.take(written::LONGEST as u64 + 1).read_to_string(&mut text).map(|_| text)
        });
        let text = text.map_err(|error| vec![unreadable(file, &error)])?;
        Ok(Self { file: Some(file.to_owned()), ..Self::parse(&text, file)? })
    }
}

/// In the order of their names, so that faults and replacements are told in the same order each time.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = folder.read_dir()?.collect::<io::Result<Vec<_>>>()?;
    let mut files: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    Ok(files)
}

fn unreadable(path: &Path, error: &io::Error) -> Fault {
    Fault::of_file(path, format!("cannot be read: {error}"), "name what is there and may be read, as UTF-8 text")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn own(name: &str) -> String {
        format!(
            "name = \"{name}\"\ngrade = \"community\"\nsource = \"our own\"\n\
             [[sensor]]\nname = \"battery\"\noid = \"1.3.6.1.4.1.9999.1.0\"\nunit = \"volt\"\n"
        )
    }

    #[test]
    fn a_folder_adds_profiles_and_replaces_those_of_the_same_name() {
        let folder = tempfile::tempdir().expect("folder");
        fs::write(folder.path().join("shelter.toml"), own("shelter")).expect("file");
        fs::write(folder.path().join("our-ups.toml"), own("ups-mib")).expect("file");
        fs::write(folder.path().join("notes.txt"), "not a profile").expect("file");
        let profiles = Profiles::with_folder(Some(folder.path())).expect("sound");
        assert_eq!(profiles.iter().count(), SHIPPED.len() + 1);
        assert_eq!(profiles.get("shelter").and_then(|own| own.file()), Some(&*folder.path().join("shelter.toml")));
        let replaced: Vec<_> = profiles.replacements().collect();
        assert_eq!(replaced, [("ups-mib", &*folder.path().join("our-ups.toml"))]);
        assert_eq!(Profiles::with_folder(None), Ok(Profiles::shipped()));
    }

    #[test]
    fn all_faults_of_all_files_are_told() {
        let folder = tempfile::tempdir().expect("folder");
        fs::write(folder.path().join("a.toml"), own("shelter")).expect("file");
        fs::write(folder.path().join("b.toml"), own("shelter")).expect("file");
        fs::write(folder.path().join("c.toml"), own("x").replace("1.3.6", "1.y.6")).expect("file");
        fs::write(folder.path().join("d.toml"), [0xff, 0xfe]).expect("file");
        let faults = Profiles::with_folder(Some(folder.path())).expect_err("faults").0;
        let told: Vec<_> = faults.iter().map(|fault| (fault.file.file_name().expect("a name"), fault.line)).collect();
        assert_eq!(told, [("b.toml".as_ref(), None), ("c.toml".as_ref(), Some(6)), ("d.toml".as_ref(), None)]);
        let missing = Profiles::with_folder(Some(&folder.path().join("nowhere"))).expect_err("a fault").0;
        assert!(missing[0].message.contains("cannot be read"), "{missing:?}");
    }
}
