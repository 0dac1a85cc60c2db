//! `--sort` and `--limit`: the items of an answer in another order, and only the first of them. By the fields of the JSON,
//! so that every list can be arranged by everything that it tells.

use std::cmp::Ordering;

use phusong_model::{
    LinkState, UtcMs,
    answer::{Answer, Notice},
    fold,
};
use serde_json::{Map, Value};

use crate::failure::Failure;

/// The answer with its items arranged. What was left out is said in it.
pub fn arrange(answer: Answer, sort: Option<&str>, limit: Option<u64>) -> Result<Answer, Failure> {
    if sort.is_none() && limit.is_none() {
        return Ok(answer);
    }
    let wrong = |error: serde_json::Error| Failure::Output(error.into());
    let mut document = serde_json::to_value(&answer).map_err(wrong)?;
    let Some(Value::Array(items)) = document.get_mut("items") else {
        return Err(Failure::NoList { option: if sort.is_some() { "--sort" } else { "--limit" } });
    };
    if let Some(sort) = sort {
        order(items, sort)?;
    }
    let total = items.len();
    let shown = limit.map_or(total, |limit| total.min(usize::try_from(limit).unwrap_or(usize::MAX)));
    items.truncate(shown);
    let mut answer: Answer = serde_json::from_value(document).map_err(wrong)?;
    if shown < total {
        answer.notices.push(Notice::LeftOut { shown: shown as u64, total: total as u64 });
    }
    Ok(answer)
}

/// Puts items in the order of a field. Equal ones stay as they were, unknown ones go last.
fn order(items: &mut [Value], sort: &str) -> Result<(), Failure> {
    let (asked, turned) = sort.strip_prefix('-').map_or((sort, false), |field| (field, true));
    let Some(first) = items.first().and_then(Value::as_object) else { return Ok(()) };
    let field = field_of(first, asked)?;
    let instants = items.iter().filter_map(|item| item.get(&field)).filter(|value| !value.is_null());
    let are_instants = instants.clone().count() > 0 && instants.clone().all(is_instant);
    items.sort_by(|a, b| {
        let (a, b) = (a.get(&field).filter(|v| !v.is_null()), b.get(&field).filter(|v| !v.is_null()));
        match (a, b) {
            (Some(a), Some(b)) => {
                let order = compare(a, b, are_instants);
                if turned { order.reverse() } else { order }
            }
            (a, b) => b.is_some().cmp(&a.is_some()),
        }
    });
    Ok(())
}

/// The field that is meant: by its name, or the only one that begins like that, so that `duration` is `duration_ms`.
fn field_of(item: &Map<String, Value>, asked: &str) -> Result<String, Failure> {
    let flat = |name: &&String| item.get(*name).is_some_and(|value| !value.is_array() && !value.is_object());
    let asked_folded = asked.to_ascii_lowercase().replace('-', "_");
    let known: Vec<&String> = item.keys().filter(flat).collect();
    if let Some(exact) = known.iter().find(|name| ***name == asked_folded) {
        return Ok((*exact).clone());
    }
    let begins: Vec<&&String> = known.iter().filter(|name| name.starts_with(&asked_folded)).collect();
    match begins.as_slice() {
        [only] if !asked_folded.is_empty() => Ok((**only).clone()),
        _ => Err(Failure::Choice {
            option: "--sort",
            asked: asked.to_owned(),
            known: known.into_iter().map(|name| (name.clone(), None)).collect(),
        }),
    }
}

fn is_instant(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.parse::<UtcMs>().is_ok())
}

/// Numbers and instants from the greatest, states from the worst, words from A.
fn compare(a: &Value, b: &Value, instants: bool) -> Ordering {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => b.as_f64().partial_cmp(&a.as_f64()).unwrap_or(Ordering::Equal),
        (Value::Bool(a), Value::Bool(b)) => b.cmp(a),
        (Value::String(a), Value::String(b)) if instants => b.cmp(a),
        (Value::String(a), Value::String(b)) => match (severity(a), severity(b)) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => fold(a).cmp(&fold(b)).then_with(|| a.cmp(b)),
        },
        _ => Ordering::Equal,
    }
}

/// The place of a state among states, the worst first.
fn severity(text: &str) -> Option<usize> {
    LinkState::WORST_FIRST.iter().position(|state| state.id() == text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sorted(field: &str, items: &[Value]) -> Result<Vec<Value>, Failure> {
        let mut items = items.to_vec();
        order(&mut items, field).map(|()| items.iter().map(|item| item["id"].clone()).collect())
    }

    #[test]
    fn each_sort_of_field_has_the_order_that_people_expect() {
        let items = [
            json!({"id": 1, "name": "Ơn", "people": 5, "start": "2026-11-01T00:00:00Z", "state": "up", "x_ms": 1}),
            json!({"id": 2, "name": "an", "people": null, "start": "2026-11-03T00:00:00Z", "state": "down", "x_ms": 9}),
            json!({"id": 3, "name": "Bà", "people": 70, "start": "2026-11-02T00:00:00Z", "state": "blind", "x_ms": 5}),
        ];
        let ids = |field: &str| sorted(field, &items).expect("a field");
        assert_eq!(ids("people"), [3, 1, 2], "unknown last");
        assert_eq!(ids("-people"), [1, 3, 2], "also when turned round");
        assert_eq!(ids("name"), [2, 3, 1]);
        assert_eq!(ids("start"), [2, 3, 1]);
        assert_eq!(ids("state"), [2, 3, 1]);
        assert_eq!(ids("x"), [2, 3, 1], "a beginning is enough");
        let Err(Failure::Choice { known, .. }) = sorted("s", &items) else { panic!("two begin with s") };
        assert!(known.iter().any(|(name, _)| name == "start"));
    }
}
