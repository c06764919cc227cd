//! One change as a diff: what is taken away, what is put there.

use crate::diagnose::Action;
use crate::diagnose::Deletion;
use crate::diagnose::Patch;
use crate::render::span::Label;
use crate::render::span::Phrase;
use crate::render::span::Text;
use serde_json::Value;

/// Adds the lines of a change; `verbose`: with what it believes of the object.
pub fn write(text: &mut Text, indent: usize, action: &Action, verbose: bool) {
    let blanks = " ".repeat(indent);
    let line = |label: Label, body: String| Phrase::new().plain(&blanks).with(label, body);
    match action {
        Action::Patch(patch) => {
            let of = if patch.subresource.is_empty() {
                String::new()
            } else {
                format!(" ({})", patch.subresource)
            };
            text.line(line(Label::Strong, format!("patch {}{of}", patch.object)));
            if verbose {
                text.line(line(Label::Dim, format!("    uid {}", patch.uid)));
            }
            for (label, body) in diff(patch) {
                text.line(line(label, format!("  {body}")));
            }
        }
        Action::Delete(deletion) => {
            text.line(line(Label::Strong, format!("delete {}{}", deletion.object, how(deletion))));
            if verbose {
                text.line(line(Label::Dim, format!("    uid {}", deletion.uid)));
            }
        }
        Action::Create(object) => {
            text.line(line(Label::Strong, format!("create {}", named(object))));
            for field in object.as_object().into_iter().flatten() {
                if !matches!(field.0.as_str(), "apiVersion" | "kind") {
                    text.line(line(Label::Good, format!("  + {}: {}", field.0, field.1)));
                }
            }
        }
        Action::Command(command) => text.line(line(Label::Command, command.clone())),
    }
}

fn how(deletion: &Deletion) -> &'static str {
    match (deletion.background, deletion.at_once) {
        (true, _) => ", without waiting for what it owns",
        (_, true) => ", without waiting for its containers",
        _ => "",
    }
}

/// `Role arc/arc-gha-rs-manager`.
fn named(object: &Value) -> String {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (kind, namespace, name) = (text("/kind"), text("/metadata/namespace"), text("/metadata/name"));
    if namespace.is_empty() { format!("{kind} {name}") } else { format!("{kind} {namespace}/{name}") }
}

/// A test says what is there now; what follows it, what becomes of that.
fn diff(patch: &Patch) -> Vec<(Label, String)> {
    let mut lines = Vec::new();
    let mut known: Vec<(&str, &Value)> = Vec::new();
    for operation in &patch.operations {
        let text = |key: &str| operation.get(key).and_then(Value::as_str).unwrap_or_default();
        let (op, path) = (text("op"), text("path"));
        let (field, value) = (field(path), operation.get("value").unwrap_or(&Value::Null));
        let seen = known.iter().rev().find(|(of, _)| *of == path).map(|(_, value)| *value);
        match op {
            "test" => known.push((path, value)),
            "remove" => lines.push((
                Label::Danger,
                seen.map_or_else(|| format!("- {field}"), |seen| format!("- {field}: {}", shown(seen))),
            )),
            _ => {
                if let Some(seen) = seen {
                    lines.push((Label::Danger, format!("- {field}: {}", shown(seen))));
                }
                lines.push((Label::Good, format!("+ {field}: {}", shown(value))));
            }
        }
    }
    lines
}

/// A string without its quotes.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if !text.is_empty() => text.clone(),
        other => other.to_string(),
    }
}

/// A JSON Pointer as people write fields: `/metadata/annotations/a~1b` is `metadata.annotations[a/b]`.
fn field(pointer: &str) -> String {
    let mut text = String::new();
    for part in pointer.split('/').skip(1) {
        let part = part.replace("~1", "/").replace("~0", "~");
        let plain = part.chars().all(|c| c.is_ascii_alphanumeric());
        match (text.is_empty(), plain && !part.chars().all(|c| c.is_ascii_digit())) {
            (true, _) => text.push_str(&part),
            (false, true) => text = format!("{text}.{part}"),
            (false, false) => text = format!("{text}[{part}]"),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_written_as_people_write_them() {
        assert_eq!(field("/metadata/finalizers/0"), "metadata.finalizers[0]");
        assert_eq!(field("/metadata/annotations/a.io~1b"), "metadata.annotations[a.io/b]");
        assert_eq!(field("/spec/replicas"), "spec.replicas");
        assert_eq!(field("/subjects/-"), "subjects[-]");
    }
}
