//! The patch that takes a patch back.

use super::document;
use super::document::Operation;
use super::document::split;
use serde_json::Value;
use serde_json::json;

/// What to send to get the object as it was, with tests that it still is as the patch left it.
///
/// # Errors
/// Why that cannot be known.
pub fn inverse(before: &Value, operations: &[Value], left_out: &[String]) -> Result<Vec<Value>, String> {
    let mut state = before.clone();
    let mut steps: Vec<Vec<Value>> = Vec::new();
    for value in operations.iter().filter(|operation| operation["op"] != "test") {
        let operation = document::operation(value).ok_or("what was sent is no JSON Patch")?;
        if let Some(hidden) = left_out.iter().find(|hidden| overlap(hidden, operation.path)) {
            return Err(format!(
                "what stood in {} is not in the journal, because it may be secret",
                document::field(hidden)
            ));
        }
        let unfit = || format!("the object in the journal has no {}", document::field(operation.path));
        steps.push(back(&state, &operation).ok_or_else(unfit)?);
        document::carry_out(&mut state, value).map_err(|_| unfit())?;
    }
    let mut inverse = vanished(&state, left_out);
    inverse.extend(steps.into_iter().rev().flatten());
    Ok(inverse)
}

/// Whether one of the pointers leads into what the other points to.
fn overlap(one: &str, other: &str) -> bool {
    let leads_into = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    leads_into(one, other) || leads_into(other, one)
}

/// What takes one operation back, in the state before it. None: it does not fit.
fn back(state: &Value, operation: &Operation<'_>) -> Option<Vec<Value>> {
    let Operation { op, path, value } = *operation;
    let (parent, step) = split(path)?;
    let old = state.pointer(path);
    let test = |path: &str, value: &Value| json!({"op": "test", "path": path, "value": value});
    let list = state.pointer(parent)?.as_array();
    Some(match (op, list, old) {
        // Nothing tells that an element is not in a list but the list itself.
        ("remove", Some(list), Some(old)) => {
            let index: usize = step.parse().ok()?;
            let mut left = list.clone();
            left.remove(index);
            vec![test(parent, &Value::from(left)), json!({"op": "add", "path": path, "value": old})]
        }
        ("remove", None, Some(old)) => {
            vec![test(path, &Value::Null), json!({"op": "add", "path": path, "value": old})]
        }
        ("add", Some(list), _) => {
            let path = match step {
                "-" => format!("{parent}/{}", list.len()),
                _ => path.to_owned(),
            };
            vec![test(&path, value), json!({"op": "remove", "path": path})]
        }
        ("add", None, None) => vec![test(path, value), json!({"op": "remove", "path": path})],
        ("add" | "replace", _, Some(old)) => {
            vec![test(path, value), json!({"op": "replace", "path": path, "value": old})]
        }
        _ => return None,
    })
}

/// Makes the containers again that the API server left out because nothing was left in them.
fn vanished(after: &Value, left_out: &[String]) -> Vec<Value> {
    let mut made = Vec::new();
    for path in document::OMITTED_WHEN_EMPTY {
        let Some(container) = after.pointer(path) else { continue };
        let nothing_seen = matches!(container, Value::Object(map) if map.is_empty())
            || matches!(container, Value::Array(items) if items.is_empty());
        if nothing_seen && !left_out.iter().any(|hidden| overlap(hidden, path)) {
            made.push(json!({"op": "test", "path": path, "value": null}));
            made.push(json!({"op": "add", "path": path, "value": container}));
        }
    }
    made
}
