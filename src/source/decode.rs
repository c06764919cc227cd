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
        // `name: on` is no name: YAML has words for true and false that look like names.
        if value.pointer(pointer).is_some_and(Value::is_boolean) {
            return Err(Undecodable(format!("has a boolean as {what}, it needs quotes")));
        }
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
    let said = |name: &str| word(status.get(name)).map(|words| redact::words(&words));
    let said = |name: &str| said(name).filter(|words| !words.is_empty());
    let reason = said("reason").or_else(|| said("evaluationError")).unwrap_or_default();
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn everything_that_decides_about_deletion_is_within_reach() {
        let value = json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
            "metadata": {
                "name": "r", "namespace": "n", "uid": "u", "resourceVersion": "7",
                "creationTimestamp": "2026-11-21T05:00:00Z", "deletionTimestamp": "2026-11-21T06:00:00Z",
                "finalizers": ["actions.github.com/cleanup-protection"],
                "labels": {"a": "b"}, "annotations": {"c": "d"},
                "ownerReferences": [
                    {"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "o", "controller": true},
                    {"kind": "", "name": "q", "uid": "w", "blockOwnerDeletion": true}],
                "managedFields": [{
                    "manager": "helm", "operation": "Update", "time": "2026-11-21T05:00:00Z", "fieldsType": "FieldsV1",
                    "fieldsV1": {"f:metadata": {"f:finalizers": {
                        ".": {}, "v:\"actions.github.com/cleanup-protection\"": {}, "k:{\"x\":1}": {}}}}}],
            },
        });
        let object = object(value, false).unwrap();
        let at = |text: &str| timestamp(text);
        assert_eq!(object.id.to_string(), "Role n/r");
        assert_eq!((object.uid.as_str(), object.resource_version.as_str()), ("u", "7"));
        assert_eq!(object.created, at("2026-11-21T05:00:00Z"));
        assert_eq!(object.deletion_timestamp, at("2026-11-21T06:00:00Z"));
        assert_eq!(object.finalizers, ["actions.github.com/cleanup-protection"]);
        assert_eq!((object.label("a"), object.annotation("c")), (Some("b"), Some("d")));
        assert!(object.is_owned_by("o") && object.is_owned_by("w"));
        assert!(object.owners[0].controller && object.owners[1].block_owner_deletion);
        assert_eq!(
            object.managers,
            [Manager {
                name: "helm".to_owned(),
                operation: "Update".to_owned(),
                time: at("2026-11-21T05:00:00Z"),
                finalizers: vec!["actions.github.com/cleanup-protection".to_owned()],
            }]
        );
        assert_eq!(object.at("/metadata/managedFields"), None);
        assert_eq!(object.text("/metadata/name"), Some("r"));
    }

    #[test]
    fn fields_of_the_wrong_type_are_not_set() {
        let value = json!({
            "apiVersion": "v1", "kind": "Node", "spec": 7,
            "metadata": {
                "name": 5, "namespace": "ignored", "uid": [], "resourceVersion": 7, "creationTimestamp": "yesterday",
                "deletionTimestamp": {}, "finalizers": {"a": 1}, "labels": ["x"], "annotations": {"a": 1, "b": []},
                "ownerReferences": ["x", {"uid": 3}], "managedFields": "x"},
        });
        let mut remarks = Vec::new();
        let object = object_with(value, false, &mut remarks).unwrap();
        assert_eq!(object.id.to_string(), "Node 5");
        assert_eq!((object.uid.as_str(), object.resource_version.as_str()), ("", "7"));
        assert_eq!((object.created, object.deletion_timestamp), (None, None));
        assert!(object.finalizers.is_empty() && object.labels.is_empty() && object.managers.is_empty());
        assert_eq!(object.annotation("a"), Some("1"));
        assert_eq!(object.owners.len(), 1);
        assert_eq!(remarks, ["Node 5: \"yesterday\" in metadata.creationTimestamp is not a time"]);
    }

    #[test]
    fn what_is_no_object_says_why() {
        let table = [
            (json!("x"), "is a text, not an object"),
            (json!([]), "is a list, not an object"),
            (json!({}), "has no apiVersion"),
            (json!({"apiVersion": ""}), "has no apiVersion"),
            (json!({"apiVersion": "v1"}), "has no kind"),
            (json!({"apiVersion": "v1", "kind": "Pod"}), "has no metadata.name"),
            (json!({"apiVersion": "v1", "kind": "Pod", "metadata": 1}), "has no metadata.name"),
        ];
        for (value, expected) in table {
            assert_eq!(object(value, false).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn reviews_need_a_question_and_an_answer() {
        let asked = json!({"user": "system:serviceaccount:n:s", "resourceAttributes": {
            "verb": "get", "resource": "pods", "subresource": "log", "namespace": "n"}});
        let of = |kind: &str, spec: &Value, status: Value| {
            let value = json!({"apiVersion": "authorization.k8s.io/v1", "kind": kind, "spec": spec, "status": status});
            review(&value).map(|review| (review.allowed, review.reason))
        };
        let yes = json!({"allowed": true});
        let told = |allowed: bool, reason: &str| Some((allowed, reason.to_owned()));
        assert_eq!(of("SubjectAccessReview", &asked, yes.clone()), told(true, ""));
        assert_eq!(of("LocalSubjectAccessReview", &asked, yes.clone()), told(true, ""));
        let no = json!({"allowed": false, "evaluationError": "role \"x\" not found", "reason": ""});
        assert_eq!(of("SubjectAccessReview", &asked, no), told(false, "role \"x\" not found"));
        assert_eq!(
            of("SubjectAccessReview", &asked, json!({"allowed": true, "denied": true})),
            told(false, "")
        );
        assert_eq!(of("SubjectAccessReview", &asked, json!({})), None);
        assert_eq!(of("SelfSubjectAccessReview", &asked, yes.clone()), None);
        assert_eq!(of("SubjectAccessReview", &json!({"user": "u"}), yes.clone()), None);
        let path = json!({"user": "u", "nonResourceAttributes": {"path": "/", "verb": "get"}});
        assert_eq!(of("SubjectAccessReview", &path, yes), None);
    }

    #[test]
    fn logs_come_as_lines_or_as_text() {
        let named = json!({"namespace": "n", "name": "p"});
        let log = |lines: Value| {
            pod_log(&json!({"metadata": named, "container": "c", "lines": lines})).unwrap().lines
        };
        assert_eq!(log(json!(["a", 1, "http://u:p@h"])), ["a", "http://h"]);
        assert_eq!(log(json!("a\nb\n")), ["a", "b"]);
        assert!(log(json!(null)).is_empty());
        assert_eq!(pod_log(&json!({"metadata": {"name": "p"}, "lines": []})), None);
    }
}
