//! One JSON value in, one object, access review or log out. Tolerant: a dump is evidence, not input to validate.

use super::redact;
use crate::arc;
use crate::model::AccessReview;
use crate::model::GroupKind;
use crate::model::Manager;
use crate::model::Object;
use crate::model::ObjectId;
use crate::model::Owner;
use crate::model::PodLog;
use crate::model::Question;
use jiff::Timestamp;
use serde_json::Map;
use serde_json::Value;
use std::collections::BTreeMap;

/// Why a value is no object. Its text completes "document 3 …".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Undecodable(pub String);

/// The object in a value, its secrets taken out. Needs a kind, an apiVersion and a name; fields of another
/// type than Kubernetes gives them are treated as not set.
pub fn object(value: Value, metadata_only: bool) -> Result<Object, Undecodable> {
    object_with(value, metadata_only, &mut Vec::new())
}

/// Like [`object`]; says what was ignored.
pub fn object_with(
    mut value: Value,
    metadata_only: bool,
    remarks: &mut Vec<String>,
) -> Result<Object, Undecodable> {
    let (api_version, id) = identity(&value)?;
    if id.namespace.is_empty() && arc::kind_row(&id.kind).is_some_and(|row| row.namespaced) {
        remarks.push(format!("{id} has no namespace"));
    }
    let managed = value.pointer_mut("/metadata").and_then(Value::as_object_mut);
    let managed = managed.and_then(|metadata| metadata.remove("managedFields"));
    redact::redact(&mut value);

    let mut time = |pointer: &str| {
        let text = value.pointer(pointer)?.as_str()?;
        let time = timestamp(text);
        if time.is_none() {
            remarks.push(format!(
                "{id}: {text:?} in {} is not a time",
                pointer.trim_start_matches('/').replace('/', ".")
            ));
        }
        time
    };
    let created = time("/metadata/creationTimestamp");
    let deletion_timestamp = time("/metadata/deletionTimestamp");
    let at = |name: &str| value.get("metadata").and_then(|metadata| metadata.get(name));
    Ok(Object {
        api_version,
        uid: word(at("uid")).unwrap_or_default(),
        resource_version: word(at("resourceVersion")).unwrap_or_default(),
        created,
        deletion_timestamp,
        finalizers: list(at("finalizers")).filter_map(Value::as_str).map(str::to_owned).collect(),
        owners: list(at("ownerReferences")).filter_map(Value::as_object).map(owner).collect(),
        labels: words(at("labels")),
        annotations: words(at("annotations")),
        managers: list(managed.as_ref()).filter_map(Value::as_object).map(manager).collect(),
        metadata_only,
        id,
        body: value,
    })
}

fn identity(value: &Value) -> Result<(String, ObjectId), Undecodable> {
    let needed = |pointer: &str, what: &str| {
        let word = word(value.pointer(pointer)).filter(|word| !word.is_empty());
        word.ok_or_else(|| Undecodable(format!("has no {what}")))
    };
    if !value.is_object() {
        return Err(Undecodable(format!("is {}, not an object", type_of(value))));
    }
    let api_version = needed("/apiVersion", "apiVersion")?;
    let kind = GroupKind::of(&api_version, &needed("/kind", "kind")?);
    let name = needed("/metadata/name", "metadata.name")?;
    let mut namespace = word(value.pointer("/metadata/namespace")).unwrap_or_default();
    // The API server ignores a namespace that was written into an object of the cluster.
    if arc::kind_row(&kind).is_some_and(|row| !row.namespaced) {
        namespace.clear();
    }
    Ok((api_version, ObjectId { kind, namespace, name }))
}

/// A recorded SubjectAccessReview or LocalSubjectAccessReview. None without a user, a resource or an answer.
pub fn review(value: &Value) -> Option<AccessReview> {
    let kind = value.get("kind")?.as_str()?;
    let attributes = value.pointer("/spec/resourceAttributes")?;
    let status = value.get("status")?;
    if !matches!(kind, "SubjectAccessReview" | "LocalSubjectAccessReview") {
        return None;
    }
    let attribute = |name: &str| word(attributes.get(name)).unwrap_or_default();
    let said = |name: &str| word(status.get(name)).filter(|words| !words.is_empty());
    let mut reason = said("reason").or_else(|| said("evaluationError")).unwrap_or_default();
    redact::text(&mut reason);
    let denied = status.get("denied").and_then(Value::as_bool).unwrap_or_default();
    let question = Question {
        user: word(value.pointer("/spec/user"))?,
        verb: attribute("verb"),
        group: attribute("group"),
        resource: attribute("resource"),
        subresource: attribute("subresource"),
        namespace: attribute("namespace"),
        name: attribute("name"),
    };
    let is_whole = ![&question.user, &question.verb, &question.resource].iter().any(|part| part.is_empty());
    is_whole.then_some(AccessReview {
        question,
        allowed: status.get("allowed")?.as_bool()? && !denied,
        reason,
    })
}

/// A recorded tail of a container's log. None without the pod's name and namespace.
pub fn pod_log(value: &Value) -> Option<PodLog> {
    let lines = match value.get("lines") {
        Some(Value::String(text)) => text.lines().map(str::to_owned).collect(),
        lines => list(lines).filter_map(Value::as_str).map(str::to_owned).collect(),
    };
    let mut log = PodLog {
        namespace: word(value.pointer("/metadata/namespace"))?,
        pod: word(value.pointer("/metadata/name"))?,
        container: word(value.get("container")).unwrap_or_default(),
        lines,
    };
    log.lines.iter_mut().for_each(redact::text);
    Some(log)
}

/// A time as Kubernetes writes it (RFC 3339).
pub fn timestamp(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// `a string`, `a list`: how a value is called in a message.
pub fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}

fn owner(reference: &Map<String, Value>) -> Owner {
    let part = |name: &str| word(reference.get(name)).unwrap_or_default();
    let flag = |name: &str| reference.get(name).and_then(Value::as_bool).unwrap_or_default();
    Owner {
        api_version: part("apiVersion"),
        kind: part("kind"),
        name: part("name"),
        uid: part("uid"),
        controller: flag("controller"),
        block_owner_deletion: flag("blockOwnerDeletion"),
    }
}

fn manager(entry: &Map<String, Value>) -> Manager {
    let part = |name: &str| word(entry.get(name)).unwrap_or_default();
    let owned = entry.get("fieldsV1").and_then(|fields| fields.pointer("/f:metadata/f:finalizers"));
    // `v:"example.com/finalizer"`: an element of a set, written as JSON after `v:`. `.` is the set itself.
    let finalizer = |key: &String| serde_json::from_str::<String>(key.strip_prefix("v:")?).ok();
    let owned = owned.and_then(Value::as_object).map(|set| set.keys().filter_map(finalizer).collect());
    Manager {
        name: part("manager"),
        operation: part("operation"),
        time: entry.get("time").and_then(Value::as_str).and_then(timestamp),
        finalizers: owned.unwrap_or_default(),
    }
}

/// The text of a scalar that should be a string; a hand-made file may have left the quotes out.
fn word(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn words(value: Option<&Value>) -> BTreeMap<String, String> {
    let entries = value.and_then(Value::as_object).into_iter().flatten();
    entries.filter_map(|(key, value)| Some((key.clone(), word(Some(value))?))).collect()
}

fn list(value: Option<&Value>) -> std::slice::Iter<'_, Value> {
    value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice).iter()
}
