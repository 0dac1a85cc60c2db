//! What is shipped beside the code says the same as the code: the example, the templates, the document.

use std::{collections::BTreeSet, fs};

use super::{
    super::{init::EXAMPLE, keys::EVERY_KEY},
    *,
};
use crate::inventory::FORMS;

const DOCUMENT: &str = include_str!("../../../../docs/configuration.md");

#[test]
fn every_key_is_known_once_and_read_back() {
    let config: Config = toml::from_str(EVERY_KEY).expect("every key");
    let json = serde_json::to_string(&config).expect("JSON");
    assert!(!json.contains("null") && !json.contains("[]"), "a key has no example: {json}");
    let written = toml::Table::try_from(&config).expect("TOML");
    assert_eq!(keys_of(&written), keys_of(&EVERY_KEY.parse().expect("TOML")));
    // What does not fit together are a credential with the keys of both versions, and a channel with those of all kinds.
    let faults = judged(EVERY_KEY).expect_err("both versions").0;
    let (of_channels, others): (Vec<_>, Vec<_>) =
        faults.iter().partition(|fault| fault.message.starts_with("a channel of kind webhook has no"));
    assert_eq!(of_channels.len(), 7, "{faults:?}");
    let others: Vec<&str> = others.iter().map(|fault| fault.message.as_str()).collect();
    assert_eq!(others, ["version 3 has no community", "there are two addresses"]);
}

#[test]
fn the_shipped_example_is_the_default_and_its_comments_are_right() {
    assert_eq!(judged(EXAMPLE), Ok(Config::default()));
    let all: String = EXAMPLE.lines().map(|line| format!("{}\n", uncommented(line))).collect();
    let config = judged(&all).expect("what is commented out can be switched on");
    assert!(config.influx.len() == 1 && config.geodata.layer.len() == 1 && config.snmp.credential.len() == 2);
    assert_eq!(config.notify.channel.len(), 5);
    let known = keys_of(&EVERY_KEY.parse().expect("TOML"));
    assert_eq!(keys_of(&all.parse().expect("TOML")), known);
}

/// A line of the example with its key or section switched on; a remark stays one.
fn uncommented(line: &str) -> &str {
    let Some(rest) = line.strip_prefix("# ") else { return line };
    let key = rest.split_once(" = ").is_some_and(|(key, _)| key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
    if key || rest.starts_with('[') { rest } else { line }
}

#[test]
fn the_document_names_every_key_and_column_and_its_examples_are_taken() {
    let mut blocks = 0;
    for block in DOCUMENT.split("```toml\n").skip(1) {
        let text = block.split("```").next().expect("text");
        judged(text).unwrap_or_else(|faults| panic!("{text}\n{faults}"));
        blocks += 1;
    }
    assert!(blocks >= 3, "{blocks}");
    for key in keys_of(&EVERY_KEY.parse().expect("TOML")) {
        let name = key.rsplit('.').next().expect("name");
        assert!(DOCUMENT.contains(&format!("`{name}`")) || DOCUMENT.contains(&format!("[{key}]")), "{key}");
    }
    for form in FORMS {
        let (_, section) = DOCUMENT.split_once(&format!("### {}", form.name)).expect(form.name);
        let section = section.split("\n### ").next().unwrap_or_default();
        for column in form.columns {
            assert!(section.contains(&format!("| `{}` |", column.name)), "{}: {}", form.name, column.name);
        }
    }
}

/// Dotted names of all sections and keys.
fn keys_of(table: &toml::Table) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for (key, value) in table {
        keys.insert(key.clone());
        let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
        let inner = value.as_table().into_iter().chain(items.iter().filter_map(toml::Value::as_table));
        keys.extend(inner.flat_map(keys_of).map(|name| format!("{key}.{name}")));
    }
    keys
}

#[test]
fn new_templates_are_read_and_say_what_is_still_to_fill() {
    let folder = tempfile::tempdir().expect("folder");
    let target = folder.path().join("a/b");
    let written = init(&target).expect("written");
    assert_eq!(written.len(), 1 + FORMS.len());
    let faults = check(&target.join("phusong.toml")).expect_err("nothing is filled in");
    let messages: Vec<_> = faults.0.iter().map(|fault| fault.message.as_str()).collect();
    assert_eq!(messages, ["no communes yet", "no links yet"], "{faults}");
    assert!(init(&target).is_err_and(|e| e.to_string().contains("phusong.toml is there already")));
}

#[test]
fn the_examples_in_the_templates_are_right() {
    let folder = tempfile::tempdir().expect("folder");
    for path in init(folder.path()).expect("written").iter().filter(|path| path.extension().is_some_and(|e| e == "csv"))
    {
        let text = fs::read_to_string(path).expect("text");
        let filled: Vec<_> =
            text.lines().map(|line| if line.starts_with("# ") { line } else { line.trim_start_matches('#') }).collect();
        fs::write(path, filled.join("\r\n")).expect("write");
    }
    let links = folder.path().join("inventory/links.csv");
    let text =
        fs::read_to_string(&links).expect("text") + "\r\nbackhaul-02221-1,backhaul,,02221,,10.22.0.9,,,,,,,,,\r\n";
    fs::write(&links, text).expect("write");
    let path = folder.path().join("phusong.toml");
    let text = EXAMPLE.replace(
        "[store]",
        "[[snmp.credential]]\nname = \"routers\"\nversion = \"2c\"\ncommunity = \"credential:c\"\n[store]",
    );
    fs::write(&path, text).expect("write");
    let (_, inventory) = check(&path).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!((inventory.communes.len(), inventory.links.len(), inventory.devices.len()), (1, 4, 1));
    assert_eq!((inventory.sites.len(), inventory.settlements.len(), inventory.declared.len()), (1, 1, 1));
    assert_eq!(inventory.maintenance.len(), 2);
}
