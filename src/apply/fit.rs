//! Whether a change still fits the object: it can be made, it is made already, or something is not as was believed.

use super::work::Work;
use super::work::Write;
use super::work::shown;
use crate::diagnose::Deletion;
use crate::diagnose::Patch;
use crate::journal::document;
use crate::journal::document::Operation;
use crate::journal::document::field;
use crate::journal::document::split;
use crate::source::redact;
use serde_json::Value;

/// What an object says of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fit {
    Ready,
    /// It is as it was to be, and how.
    Already(String),
    /// It is not what was believed, and how.
    Moved(String),
}

/// Longer values are cut in messages.
const LONGEST: usize = 80;

/// `object` is what is there now; None: nothing.
pub fn fit(work: &Work<'_>, object: Option<&Value>) -> Fit {
    let id = &work.id;
    match (work.write, object) {
        (Write::Create(_), None) => Fit::Ready,
        (Write::Patch(_) | Write::Delete(_), None) => Fit::Already(format!("{id} is gone")),
        (Write::Create(wanted), Some(object)) => of_creation(id, wanted, object),
        (Write::Patch(patch), Some(object)) => of_patch(patch, object),
        (Write::Delete(deletion), Some(object)) => of_deletion(deletion, object),
    }
}

fn deletion_of(object: &Value) -> &str {
    object.pointer("/metadata/deletionTimestamp").and_then(Value::as_str).unwrap_or_default()
}

fn recreated(id: &impl std::fmt::Display, uid: &str, object: &Value) -> Option<Fit> {
    let found = object.pointer("/metadata/uid").and_then(Value::as_str).unwrap_or_default();
    (found != uid).then(|| {
        Fit::Moved(format!("{id} is another object of the same name now: its uid is {found}, and not {uid}"))
    })
}

fn of_creation(id: &impl std::fmt::Display, wanted: &Value, object: &Value) -> Fit {
    if !deletion_of(object).is_empty() {
        return Fit::Moved(format!("{id} is still there, and is being deleted"));
    }
    let mut wanted = wanted.clone();
    if let Some(parts) = wanted.as_object_mut() {
        parts.remove("status");
    }
    let part =
        |key: &&String| !document::includes(object.get(*key).unwrap_or(&Value::Null), &wanted[key.as_str()]);
    match wanted.as_object().and_then(|parts| parts.keys().find(part)) {
        None => Fit::Already(format!("{id} is there, and as it was to be made")),
        Some(other) => {
            Fit::Moved(format!("{id} is there already, with another {other} than it was to be made with"))
        }
    }
}

fn of_deletion(deletion: &Deletion, object: &Value) -> Fit {
    let id = &deletion.object;
    if let Some(moved) = recreated(id, &deletion.uid, object) {
        return moved;
    }
    if deletion_of(object).is_empty() {
        return Fit::Ready;
    }
    let finalizers = object.pointer("/metadata/finalizers").and_then(Value::as_array);
    let holds = |finalizer: &str| finalizers.is_some_and(|held| held.iter().any(|one| one == finalizer));
    // Asked again, a deletion can be told not to wait for dependents, or for the containers to end.
    let waits = object.pointer("/metadata/deletionGracePeriodSeconds").and_then(Value::as_i64) != Some(0);
    let has_more = (deletion.background && holds("foregroundDeletion"))
        || (deletion.at_once && (waits || finalizers.is_none_or(Vec::is_empty)));
    if has_more { Fit::Ready } else { Fit::Already(format!("{id} is being deleted already")) }
}

fn of_patch(patch: &Patch, object: &Value) -> Fit {
    let id = &patch.object;
    if let Some(moved) = recreated(id, &patch.uid, object) {
        return moved;
    }
    if lacking(patch, object, None).is_none() {
        return Fit::Already(format!("{id} is as it was to be already"));
    }
    let deletion = deletion_of(object);
    if !patch.deletion.is_empty() && deletion != patch.deletion {
        return Fit::Moved(match deletion {
            "" => format!("{id} is not being deleted"),
            other => format!("{id} is being deleted since {other}, and not since {}", patch.deletion),
        });
    }
    let mut tests = patch.operations.iter().filter_map(document::operation).filter(|one| one.op == "test");
    match tests.find(|test| !document::holds(object, test)) {
        None => Fit::Ready,
        Some(test) => Fit::Moved(format!(
            "{}: {} is {} now, and not {}",
            id,
            field(test.path),
            words(shown(object).pointer(test.path).unwrap_or(&Value::Null)),
            words(test.value)
        )),
    }
}

/// A value in a message.
fn words(value: &Value) -> String {
    if value.is_null() {
        return "not set".to_owned();
    }
    let text = redact::words(&value.to_string());
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// The first field that is not as the patch makes it. `before` is what the object was, where that is known.
pub fn lacking(patch: &Patch, object: &Value, before: Option<&Value>) -> Option<String> {
    let operations: Vec<Operation<'_>> = patch.operations.iter().filter_map(document::operation).collect();
    let lacks = |(place, operation): &(usize, &Operation<'_>)| {
        let is_inside = |other: &Operation<'_>| {
            other.op != "test"
                && other.path.strip_prefix(operation.path).is_some_and(|rest| rest.starts_with('/'))
        };
        // What a later operation changes inside of this one is looked at there.
        let later = operations.get(place + 1..).unwrap_or_default();
        operation.op != "test"
            && !later.iter().any(is_inside)
            && !is_met(operation, &operations, object, before)
    };
    operations.iter().enumerate().find(lacks).map(|(_, operation)| field(operation.path))
}

fn is_met(operation: &Operation<'_>, all: &[Operation<'_>], object: &Value, before: Option<&Value>) -> bool {
    let Operation { op, path, value } = *operation;
    let found = object.pointer(path).unwrap_or(&Value::Null);
    let Some((parent, step)) = split(path) else { return document::includes(found, value) };
    let list = object.pointer(parent).and_then(Value::as_array);
    let of_list = list.is_some() || before.is_some_and(|before| document::is_in_list(before, path));
    let is_index = step == "-" || (!step.is_empty() && step.bytes().all(|b| b.is_ascii_digit()));
    let items = list.map_or(&[][..], Vec::as_slice);
    match op {
        "remove" if of_list || (list.is_none() && is_index) => {
            let believed = all.iter().find(|other| other.op == "test" && other.path == path);
            let gone =
                believed.map(|test| test.value).or_else(|| before.and_then(|before| before.pointer(path)));
            gone.is_none_or(|gone| !items.contains(gone))
        }
        "remove" => found.is_null(),
        _ if of_list && is_index => items.iter().any(|item| document::includes(item, value)),
        _ => document::includes(found, value),
    }
}
