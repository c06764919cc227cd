//! Label and field selectors.

use serde_json::Value;

/// Whether an object has the labels that a selector asks for.
pub fn matches_labels(object: &Value, selector: &str) -> bool {
    requirements(selector).into_iter().all(|requirement| {
        let requirement = requirement.trim();
        let label = |key: &str| object["metadata"]["labels"][key.trim()].as_str();
        let set = |list: &str| -> Vec<String> {
            let list = list.trim().trim_start_matches('(').trim_end_matches(')');
            list.split(',').map(|value| value.trim().to_owned()).collect()
        };
        if let Some((key, list)) = requirement.split_once(" notin ") {
            return label(key).is_none_or(|value| !set(list).iter().any(|one| one == value));
        }
        if let Some((key, list)) = requirement.split_once(" in ") {
            return label(key).is_some_and(|value| set(list).iter().any(|one| one == value));
        }
        if let Some((key, value)) = requirement.split_once("!=") {
            return label(key) != Some(value.trim());
        }
        if let Some((key, value)) = requirement.split_once('=') {
            return label(key) == Some(value.trim_start_matches('=').trim());
        }
        match requirement.strip_prefix('!') {
            Some(key) => label(key).is_none(),
            None => requirement.is_empty() || label(requirement).is_some(),
        }
    })
}

/// Whether an object's fields are as a selector such as `metadata.name=x` asks for.
pub fn matches_fields(object: &Value, selector: &str) -> bool {
    selector.split(',').filter(|part| !part.is_empty()).all(|part| {
        let (path, wanted) = part.split_once('=').unwrap_or((part, ""));
        let found = object.pointer(&format!("/{}", path.trim_end_matches('!').replace('.', "/")));
        let is = found.and_then(Value::as_str).unwrap_or_default() == wanted.trim_start_matches('=');
        is != path.ends_with('!')
    })
}

/// The parts between commas that stand in no parentheses.
fn requirements(selector: &str) -> Vec<&str> {
    let mut depth = 0;
    let between = |c: char| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth == 0
    };
    selector.split(between).collect()
}
