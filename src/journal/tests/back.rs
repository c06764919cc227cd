//! What is put back, and what is not.

use super::*;
use crate::arc::marks;
use crate::diagnose::Action;
use crate::diagnose::Patch;
use crate::journal::Back;
use crate::journal::document;
use crate::journal::undo;
use proptest::prelude::*;

fn back(entry: Entry) -> Back {
    let [undo] = &undo(&[entry])[..] else { panic!("one write, one way back") };
    undo.back.clone()
}

/// The action that takes it back.
fn action(entry: Entry) -> Action {
    match back(entry) {
        Back::Action(action) => *action,
        other => panic!("{other:?}"),
    }
}

fn cannot(entry: Entry) -> String {
    match back(entry) {
        Back::Cannot(why) => why,
        other => panic!("{other:?}"),
    }
}

fn operations(entry: Entry) -> Vec<Value> {
    match action(entry) {
        Action::Patch(patch) => patch.operations,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_annotation_comes_back_if_nobody_else_set_it() {
    let mut set = role();
    set["metadata"]["annotations"] = json!({"a/b": "17", "c": "d"});
    let path = "/metadata/annotations/a~1b";
    let patch = json!([{"op": "test", "path": path, "value": "17"}, {"op": "remove", "path": path}]);
    let made = entry(&set, "PATCH", patch, Some(Outcome::Changed));
    let all = undo(std::slice::from_ref(&made));
    assert_eq!(all[0].done, "metadata.annotations[a/b] was removed");
    assert_eq!((all[0].certain, all[0].object.to_string()), (true, "Role n/r".to_owned()));
    assert_eq!(
        operations(made),
        [
            json!({"op": "test", "path": path, "value": null}),
            json!({"op": "add", "path": path, "value": "17"})
        ]
    );
}

#[test]
fn a_finalizer_comes_back_unless_the_object_is_being_deleted() {
    let path = "/metadata/finalizers/0";
    let patch = json!([{"op": "remove", "path": path}]);
    let live = entry(&role(), "PATCH", patch.clone(), Some(Outcome::Changed));
    assert_eq!(
        operations(live.clone()),
        [
            json!({"op": "test", "path": "/metadata/finalizers", "value": null}),
            json!({"op": "add", "path": "/metadata/finalizers", "value": []}),
            json!({"op": "test", "path": "/metadata/finalizers", "value": []}),
            json!({"op": "add", "path": path, "value": "foregroundDeletion"}),
        ]
    );
    let Action::Patch(Patch { uid, .. }) = action(live) else { panic!() };
    assert_eq!(uid, "u-1");
    let mut deleting = role();
    deleting["metadata"]["deletionTimestamp"] = json!("2026-11-21T05:00:00Z");
    let gone = entry(&deleting, "PATCH", patch.clone(), Some(Outcome::Gone));
    assert_eq!(cannot(gone), "the object went away with it");
    let held = entry(&deleting, "PATCH", patch, Some(Outcome::Changed));
    assert_eq!(cannot(held), "Kubernetes takes no finalizer back on an object that is being deleted");
}

#[test]
fn a_restart_needs_no_way_back() {
    let key = "/spec/template/metadata/annotations";
    let patch = json!([{"op": "add", "path": key, "value": {"kubectl-arc/restarted-at-generation": "7"}}]);
    let mut deployment = role();
    deployment["spec"] = json!({"template": {"metadata": {}}});
    assert!(matches!(back(entry(&deployment, "PATCH", patch, Some(Outcome::Changed))), Back::Needless(_)));
}

#[test]
fn what_was_made_is_deleted_by_its_uid() {
    let made = entry(&role(), "POST", role(), Some(Outcome::Made));
    let Action::Delete(deletion) = action(made) else { panic!() };
    assert_eq!((deletion.uid.as_str(), deletion.background), ("u-2", false));
    let unknown = entry(&role(), "POST", role(), None);
    assert!(cannot(unknown).starts_with("the uid of what was made is not known"));
}

#[test]
fn what_was_deleted_is_made_again_where_its_text_is_all_there_is_to_it() {
    let Action::Create(made) = action(entry(&role(), "DELETE", json!({}), Some(Outcome::Gone))) else {
        panic!()
    };
    assert_eq!(
        made,
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
            "metadata": {"namespace": "n", "name": "r", "labels": {"a": "b"}},
            "rules": [{"verbs": ["get"]}],
        })
    );
    for (api_version, kind) in
        [("v1", "Pod"), ("v1", "Node"), ("actions.github.com/v1alpha1", "EphemeralRunner")]
    {
        let mut object = role();
        object["apiVersion"] = api_version.into();
        object["kind"] = kind.into();
        let why = cannot(entry(&object, "DELETE", json!({}), Some(Outcome::Gone)));
        assert!(why.starts_with("a deletion is never taken back"), "{why}");
    }
    let mut secret = role();
    secret["apiVersion"] = "v1".into();
    secret["kind"] = "Secret".into();
    let why = cannot(entry(&secret, "DELETE", json!({}), Some(Outcome::Gone)));
    assert_eq!(why, "the values of Secrets are not in the journal");
}

#[test]
fn a_runner_set_is_made_again_without_the_number_that_went_with_it() {
    let mut set = role();
    set["apiVersion"] = "actions.github.com/v1alpha1".into();
    set["kind"] = "AutoscalingRunnerSet".into();
    set["metadata"]["annotations"] = json!({(marks::SCALE_SET_ID): "17", "last": "{…}", "keep": "it"});
    set["status"] = json!({"phase": "Running"});
    let mut deleted = entry(&set, "DELETE", json!({}), Some(Outcome::Gone));
    deleted.intent.left_out = vec!["/metadata/annotations/last".to_owned(), "/status/x".to_owned()];
    let Action::Create(made) = action(deleted.clone()) else { panic!() };
    assert_eq!(made["metadata"]["annotations"], json!({"keep": "it"}));
    assert_eq!(made.get("status"), None);
    // What may be secret is not in the journal, and half an object is not made.
    deleted.intent.left_out = vec!["/spec/template/spec/containers/0/env/0/value".to_owned()];
    assert_eq!(
        cannot(deleted),
        "what stood in spec.template.spec.containers[0].env[0].value is not in the journal, because it may be secret: \
         apply it again as it was applied before"
    );
}

#[test]
fn what_changed_nothing_needs_no_way_back_and_what_is_not_known_is_said() {
    for outcome in [Outcome::Already, Outcome::Undone, Outcome::Refused, Outcome::NotWritten] {
        assert_eq!(undo(&[entry(&role(), "DELETE", json!({}), Some(outcome))]), []);
    }
    for outcome in [Some(Outcome::Unsure), None] {
        assert!(!undo(&[entry(&role(), "DELETE", json!({}), outcome)])[0].certain);
    }
    let (first, mut second) =
        (entry(&role(), "DELETE", json!({}), None), entry(&role(), "DELETE", json!({}), None));
    second.intent.write = 2;
    let order: Vec<u64> = undo(&[first, second]).iter().map(|undo| undo.write).collect();
    assert_eq!(order, [2, 1]);
}

#[test]
fn what_is_not_in_the_journal_is_not_put_back() {
    let mut set = role();
    set["spec"] = json!({"token": ""});
    let patch = json!([{"op": "replace", "path": "/spec/token", "value": "x"}]);
    let mut changed = entry(&set, "PATCH", patch, Some(Outcome::Changed));
    changed.intent.left_out = vec!["/spec/token".to_owned()];
    assert_eq!(cannot(changed), "what stood in spec.token is not in the journal, because it may be secret");
    let stray = json!([{"op": "remove", "path": "/spec/nothing"}]);
    let why = cannot(entry(&set, "PATCH", stray, Some(Outcome::Changed)));
    assert_eq!(why, "the object in the journal has no spec.nothing");
}

/// What the API server makes of a document that was patched; tests are looked at as it does.
fn patched(mut document: Value, operations: &[Value]) -> Value {
    for value in operations {
        let operation = document::operation(value).unwrap();
        let holds = operation.op != "test" || document::holds(&document, &operation);
        assert!(holds, "{value} does not hold in {document}");
        document::carry_out(&mut document, value).unwrap();
    }
    document::tidy(&mut document);
    document
}

fn map() -> impl Strategy<Value = Value> {
    prop::collection::btree_map("[a-c/~.]{1,3}", "[x-z]{0,2}", 0..4).prop_map(|map| json!(map))
}

fn list() -> impl Strategy<Value = Value> {
    prop::collection::vec("[a-d]{1,2}", 0..4).prop_map(|list| json!(list))
}

fn object() -> impl Strategy<Value = Value> {
    (map(), map(), list(), list()).prop_map(|(labels, annotations, finalizers, items)| {
        let mut object = json!({
            "metadata": {"uid": "u", "labels": labels, "annotations": annotations, "finalizers": finalizers},
            "spec": {"items": items, "size": 1},
        });
        document::tidy(&mut object);
        object
    })
}

/// Operations that fit the object, chosen by numbers: the container, the place in it, and what to do there.
fn chosen(object: &Value, choices: &[(usize, usize, usize)]) -> Vec<Value> {
    const CONTAINERS: [&str; 5] =
        ["/metadata/labels", "/metadata/annotations", "/metadata/finalizers", "/spec/items", "/spec"];
    let mut state = object.clone();
    let mut operations = Vec::new();
    for (container, place, what) in choices {
        let container = CONTAINERS[container % CONTAINERS.len()];
        let operation = match state.pointer(container) {
            None => json!({"op": "add", "path": container, "value": {"new": "n"}}),
            Some(Value::Array(items)) if items.is_empty() || what % 4 == 0 => {
                json!({"op": "add", "path": format!("{container}/-"), "value": "end"})
            }
            Some(Value::Array(items)) => {
                let path = format!("{container}/{}", place % items.len());
                match what % 4 {
                    1 => json!({"op": "add", "path": path, "value": "in"}),
                    2 => json!({"op": "remove", "path": path}),
                    _ => json!({"op": "replace", "path": path, "value": "other"}),
                }
            }
            Some(Value::Object(map)) if map.is_empty() || what % 4 == 0 => {
                json!({"op": "add", "path": format!("{container}/k~1{place}"), "value": "v"})
            }
            Some(Value::Object(map)) => {
                let key = map.keys().nth(place % map.len()).unwrap();
                let path = format!("{container}/{}", key.replace('~', "~0").replace('/', "~1"));
                match what % 4 {
                    1 => json!({"op": "add", "path": path, "value": "over"}),
                    2 => json!({"op": "remove", "path": path}),
                    _ => json!({"op": "replace", "path": path, "value": {"a": ["b"]}}),
                }
            }
            Some(_) => continue,
        };
        document::carry_out(&mut state, &operation).unwrap();
        operations.push(operation);
    }
    operations
}

proptest! {
    /// Done and taken back is as it was, and each test of the way back holds on the way.
    #[test]
    fn a_patch_and_its_inverse_leave_the_object_as_it_was(
        object in object(),
        choices in prop::collection::vec((0usize..5, 0usize..4, 0usize..4), 1..8),
    ) {
        let operations = chosen(&object, &choices);
        let there = patched(object.clone(), &operations);
        let made = entry(&object, "PATCH", Value::from(operations), Some(Outcome::Changed));
        prop_assert_eq!(patched(there, &self::operations(made)), object);
    }
}
