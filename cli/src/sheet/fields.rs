//! Sheets of topics that are several lists: a row per field.

use std::io;

use serde::Serialize;
use serde_json::Value;

use super::{Field, Sheet};

/// What names an item of a list, in the order it is looked for.
const NAMES: [&str; 6] = ["outage", "rank", "link", "settlement", "site", "kind"];

/// A body as rows of section, item, field and value; names of fields are those of JSON, dotted where they nest.
pub fn sheet(body: &impl Serialize) -> io::Result<Sheet> {
    let mut sheet = Sheet { header: "section,item,field,value", rows: Vec::new() };
    if let Value::Object(sections) = serde_json::to_value(body)? {
        for (section, value) in &sections {
            match value {
                Value::Array(items) => {
                    for (i, item) in items.iter().enumerate() {
                        leaves(&mut sheet, section, &name(item, i), "", item);
                    }
                }
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                    leaves(&mut sheet, section, "", "", value);
                }
            }
        }
    }
    Ok(sheet)
}

fn name(item: &Value, index: usize) -> String {
    let named = NAMES.iter().find_map(|key| item.get(key).filter(|value| value.is_string() || value.is_number()));
    match named {
        Some(Value::String(name)) => name.clone(),
        Some(number) => number.to_string(),
        None => (index + 1).to_string(),
    }
}

fn leaves(sheet: &mut Sheet, section: &str, item: &str, path: &str, value: &Value) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    let leaf = match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                leaves(sheet, section, item, &below(key), value);
            }
            return;
        }
        Value::Array(values) => {
            for (i, value) in values.iter().enumerate() {
                leaves(sheet, section, item, &below(&(i + 1).to_string()), value);
            }
            return;
        }
        Value::Null => Field::Empty,
        Value::String(text) => Field::Text(text.clone()),
        Value::Bool(_) | Value::Number(_) => Field::Exact(value.to_string()),
    };
    let [section, item, path] = [section, item, path].map(|text| Field::Text(text.to_owned()));
    sheet.rows.push(vec![section, item, path, leaf]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_leaf_has_a_row_and_unknown_is_empty() {
        let body = serde_json::json!({
            "province": "Tuyên Quang",
            "links": [{"link": "a", "state": "up", "contact": {"phone": "+84"}}, {"rtt_ms": null}],
        });
        let csv = sheet(&body).and_then(|sheet| sheet.write()).expect("csv");
        assert_eq!(
            csv.replace("\r\n", "\n"),
            "section,item,field,value\nlinks,a,contact.phone,'+84\nlinks,a,link,a\nlinks,a,state,up\nlinks,2,rtt_ms,\n\
             province,,,Tuyên Quang\n"
        );
    }
}
