//! An object as a JSON document, and what the operations of a JSON Patch (RFC 6902) mean in it.

use json_patch::PatchOperation;
use serde_json::Value;

/// One operation, as far as this program writes any.
#[derive(Clone, Copy, Debug)]
pub struct Operation<'a> {
    /// `test`, `add`, `remove` or `replace`.
    pub op: &'a str,
    pub path: &'a str,
    pub value: &'a Value,
}

/// None for what is no operation.
pub fn operation(value: &Value) -> Option<Operation<'_>> {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    Some(Operation {
        op: text("op")?,
        path: text("path")?,
        value: value.get("value").unwrap_or(&Value::Null),
    })
}

/// A pointer as what it leads into and the last step, as written. None for the document itself.
pub fn split(path: &str) -> Option<(&str, &str)> {
    path.rsplit_once('/')
}

/// Whether the path leads to an element of a list.
pub fn is_in_list(document: &Value, path: &str) -> bool {
    split(path).and_then(|(list, _)| document.pointer(list)).is_some_and(Value::is_array)
}

/// Whether a test holds. As for the API server, what is not there is `null`.
pub fn holds(document: &Value, test: &Operation<'_>) -> bool {
    document.pointer(test.path).unwrap_or(&Value::Null) == test.value
}

/// Does to the document what one operation says. A test changes nothing, and is not looked at.
///
/// # Errors
/// What the operation speaks of is not there.
pub fn carry_out(document: &mut Value, operation: &Value) -> Result<(), String> {
    if operation["op"] == "test" {
        return Ok(());
    }
    let parsed: PatchOperation =
        serde_json::from_value(operation.clone()).map_err(|error| error.to_string())?;
    json_patch::patch(document, &[parsed]).map_err(|error| error.to_string())
}

/// The containers in metadata that the API server leaves out when they are empty.
pub const OMITTED_WHEN_EMPTY: [&str; 4] =
    ["/metadata/annotations", "/metadata/finalizers", "/metadata/labels", "/metadata/ownerReferences"];

/// Takes out what the API server would leave out.
pub fn tidy(document: &mut Value) {
    for path in OMITTED_WHEN_EMPTY {
        let empty = match document.pointer(path) {
            Some(Value::Array(items)) => items.is_empty(),
            Some(Value::Object(map)) => map.is_empty(),
            Some(Value::Null) => true,
            _ => false,
        };
        if let (true, Some((parent, key))) = (empty, split(path))
            && let Some(parent) = document.pointer_mut(parent).and_then(Value::as_object_mut)
        {
            parent.remove(key);
        }
    }
}

/// Whether everything that is wanted is there; maps may hold more.
pub fn includes(found: &Value, wanted: &Value) -> bool {
    match (found, wanted) {
        (Value::Object(found), Value::Object(wanted)) => {
            wanted.iter().all(|(key, value)| includes(found.get(key).unwrap_or(&Value::Null), value))
        }
        (Value::Array(found), Value::Array(wanted)) => {
            found.len() == wanted.len()
                && found.iter().zip(wanted).all(|(found, wanted)| includes(found, wanted))
        }
        // Kubernetes leaves out what is empty.
        (Value::Null, Value::Array(wanted)) => wanted.is_empty(),
        (Value::Null, Value::Object(wanted)) => wanted.values().all(|value| includes(&Value::Null, value)),
        (found, wanted) => found == wanted,
    }
}

/// Where two documents differ: the outermost pointers, in the order of the first.
pub fn differences(one: &Value, other: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect(one, other, String::new(), &mut found);
    found
}

fn collect(one: &Value, other: &Value, path: String, found: &mut Vec<String>) {
    let at = |key: &str| format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"));
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            for (key, value) in a {
                collect(value, b.get(key).unwrap_or(&Value::Null), at(key), found);
            }
            found.extend(b.keys().filter(|key| !a.contains_key(*key)).map(|key| at(key)));
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                collect(a, b, at(&index.to_string()), found);
            }
        }
        (a, b) if a == b => {}
        _ => found.push(path),
    }
}

/// A pointer as a person would write the field: `metadata.annotations[example.com/a]`, `webhooks[0].name`.
pub fn field(path: &str) -> String {
    let mut field = String::new();
    for step in path.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        let plain = step.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
        if !plain || step.bytes().all(|b| b.is_ascii_digit()) {
            field.push('[');
            field.push_str(&step);
            field.push(']');
        } else {
            if !field.is_empty() {
                field.push('.');
            }
            field.push_str(&step);
        }
    }
    field
}
