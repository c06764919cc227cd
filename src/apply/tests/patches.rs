//! Patches: what is sent, and what the object says of them beforehand.

use super::*;
use crate::apply::After;

#[tokio::test]
async fn a_patch_is_tried_out_first_and_says_what_it_believes() {
    let mut stage = Stage::new(good);
    let Ok(Done::Changed(change)) = stage.carry_out(&drop_first()).await else { panic!() };
    let Some(before) = change.before else { panic!() };
    assert_eq!(before["metadata"]["finalizers"], json!(["a/one", "a/two"]));
    assert!(!before.to_string().contains("canary"));
    assert!(
        matches!(change.after, After::There(object) if object["metadata"]["finalizers"] == json!(["a/two"]))
    );
    let asked = stage.asked();
    let sent: Vec<(&str, &str)> = asked.iter().map(|one| (one.method.as_str(), one.path.as_str())).collect();
    assert_eq!(
        sent,
        [
            ("GET", ITEM),
            ("PATCH", &*format!("{ITEM}?fieldManager=kubectl-arc&dryRun=All")),
            ("PATCH", &*format!("{ITEM}?fieldManager=kubectl-arc")),
        ]
    );
    let patch = json!([
        {"op": "test", "path": "/metadata/uid", "value": "u-1"},
        {"op": "test", "path": "/metadata/deletionTimestamp", "value": "2026-11-21T05:00:00Z"},
        {"op": "test", "path": "/metadata/finalizers/0", "value": "a/one"},
        {"op": "remove", "path": "/metadata/finalizers/0"},
    ]);
    for write in &asked[1..] {
        assert_eq!((&write.body, write.content_type.as_str()), (&patch, "application/json-patch+json"));
    }
}

#[tokio::test]
async fn a_judgement_changes_nothing() {
    let stage = Stage::new(good);
    let Ok(Judged::Would(change)) = stage.writer.judge(&drop_first()).await else { panic!() };
    assert_eq!(change.after.object().unwrap()["metadata"]["finalizers"], json!(["a/two"]));
    assert_eq!(stage.writes().len(), 0);
    assert_eq!(stage.asked().len(), 2);
}

#[tokio::test]
async fn the_last_finalizer_takes_the_object_with_it() {
    let mut stage = Stage::new(|asked| {
        let mut object = runner();
        object["metadata"]["finalizers"] = if asked.is_write() { json!([]) } else { json!(["a/one"]) };
        Answer::Is(200, object)
    });
    let Ok(Done::Changed(change)) = stage.carry_out(&drop_first()).await else { panic!() };
    assert_eq!(change.after, After::Gone);
}

#[tokio::test]
async fn a_subresource_has_a_path_of_its_own() {
    let operations = json!([{"op": "add", "path": "/status", "value": {"phase": "Failed"}}]);
    let patch = Patch { subresource: "status", ..patch_of(operations) };
    let mut stage = Stage::new(|asked| {
        let mut object = runner();
        if asked.is_write() {
            object["status"] = json!({"phase": "Failed", "more": 1});
        }
        Answer::Is(200, object)
    });
    stage.carry_out(&Action::Patch(patch)).await.unwrap();
    assert_eq!(stage.writes()[0].path, format!("{ITEM}/status?fieldManager=kubectl-arc"));
}

#[tokio::test]
async fn of_a_secret_only_metadata_is_asked_for_even_as_an_answer() {
    let secret = || {
        json!({"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": {
            "namespace": "n", "name": "s", "uid": "u-1", "finalizers": ["a/one"]}})
    };
    let mut stage = Stage::new(move |asked| {
        let mut object = secret();
        if asked.is_write() {
            object["metadata"]["finalizers"] = json!([]);
        }
        Answer::Is(200, object)
    });
    let path = "/metadata/finalizers/0";
    let operations = json!([{"op": "test", "path": path, "value": "a/one"}, {"op": "remove", "path": path}]);
    let action = Action::Patch(Patch {
        object: ObjectId::new(&crate::arc::SECRET, "n", "s"),
        api_version: "v1".to_owned(),
        deletion: String::new(),
        ..patch_of(operations)
    });
    let Ok(Done::Changed(change)) = stage.carry_out(&action).await else { panic!() };
    let before = change.before.unwrap();
    assert_eq!((&before["apiVersion"], &before["kind"]), (&json!("v1"), &json!("Secret")));
    for asked in stage.asked() {
        assert!(asked.accept.starts_with("application/json;as=PartialObjectMetadata;"), "{asked:?}");
    }
}

/// The object that is there, and what is said of it without sending anything.
async fn met(object: Value) -> (Result<Done, Refusal>, usize) {
    let mut stage = Stage::new(move |_| Answer::Is(200, object.clone()));
    let done = stage.carry_out(&drop_first()).await;
    let sent = stage.asked().iter().filter(|one| one.is_write()).count();
    (done, sent)
}

#[tokio::test]
async fn what_is_done_already_is_not_done_again() {
    let (done, sent) = met(freed()).await;
    assert_eq!(done, Ok(Done::Already("EphemeralRunner n/r is as it was to be already".to_owned())));
    assert_eq!(sent, 0);
    let mut stage = Stage::new(|_| not_found());
    let done = stage.carry_out(&drop_first()).await;
    assert_eq!(done, Ok(Done::Already("EphemeralRunner n/r is gone".to_owned())));
}

#[tokio::test]
async fn another_object_than_was_believed_is_left_alone() {
    type Change = fn(&mut Value);
    let cases: [(Change, &str); 4] = [
        (
            |object| object["metadata"]["uid"] = "u-2".into(),
            "EphemeralRunner n/r is another object of the same name now: its uid is u-2, and not u-1",
        ),
        (
            |object| {
                object["metadata"].as_object_mut().unwrap().remove("deletionTimestamp");
            },
            "EphemeralRunner n/r is not being deleted",
        ),
        (
            |object| object["metadata"]["deletionTimestamp"] = "2026-11-22T05:00:00Z".into(),
            "EphemeralRunner n/r is being deleted since 2026-11-22T05:00:00Z, and not since 2026-11-21T05:00:00Z",
        ),
        (
            |object| object["metadata"]["finalizers"] = json!(["a/zero", "a/one"]),
            "EphemeralRunner n/r: metadata.finalizers[0] is \"a/zero\" now, and not \"a/one\"",
        ),
    ];
    for (change, said) in cases {
        let mut object = runner();
        change(&mut object);
        let (done, sent) = met(object).await;
        let refusal = done.unwrap_err();
        assert_eq!((refusal.kind, refusal.message.as_str(), sent), (RefusalKind::Moved, said, 0));
        assert!(refusal.hint.unwrap().starts_with("Nothing was written."));
    }
}

#[tokio::test]
async fn what_may_be_secret_is_not_in_a_message() {
    let path = "/spec/env/0/value";
    let operations = json!([
        {"op": "test", "path": path, "value": "other"}, {"op": "replace", "path": path, "value": "new"},
    ]);
    let mut stage = Stage::new(good);
    let refusal = stage.refusal(&Action::Patch(patch_of(operations))).await;
    assert_eq!(refusal.message, "EphemeralRunner n/r: spec.env[0].value is \"\" now, and not \"other\"");
}

#[tokio::test]
async fn a_change_that_says_less_than_which_object_it_means_is_not_sent() {
    let unseen = Action::Delete(Deletion { uid: String::new(), api_version: String::new(), ..deletion() });
    let unseen_patch = Action::Patch(Patch { uid: String::new(), ..patch_of(json!([])) });
    let named = |namespace: &str, name: &str, api_version: &str| {
        Action::Patch(Patch {
            object: ObjectId::new(&id().kind, namespace, name),
            api_version: api_version.to_owned(),
            ..patch_of(json!([]))
        })
    };
    let version = "actions.github.com/v1alpha1";
    let cases = [
        unseen,
        unseen_patch,
        Action::Command("kubectl version".to_owned()),
        Action::Create(json!({"kind": "Role"})),
        named("n", "..", version),
        named("n/pods", "r", version),
        named("", "r", version),
        named("n", "r", "actions.github.com/../v1"),
        named("n", "r", "apps/v1"),
    ];
    for action in cases {
        let mut stage = Stage::new(good);
        let refusal = stage.refusal(&action).await;
        assert_eq!(refusal.kind, RefusalKind::Unidentified, "{action:?}: {}", refusal.message);
        assert_eq!(stage.asked().len(), 0);
    }
}

#[tokio::test]
async fn a_kind_that_no_table_knows_is_looked_for_once() {
    let mut stage = Stage::new(|asked| match asked.path.as_str() {
        "/api" => Answer::Is(200, json!({"kind": "APIGroupDiscoveryList", "items": []})),
        "/apis" => Answer::Is(
            200,
            json!({"kind": "APIGroupDiscoveryList", "items": [{"metadata": {"name": "example.com"}, "versions": [
                {"version": "v2", "resources": [{"resource": "gadgetz", "responseKind": {"kind": "Gadget"},
                    "scope": "Namespaced", "verbs": ["list"]}]}]}]}),
        ),
        _ => not_found(),
    });
    let gadget = |kind: &str| {
        Action::Patch(Patch {
            object: ObjectId::new(&GroupKind::of("example.com/v1", kind), "n", "g"),
            api_version: "example.com/v1".to_owned(),
            ..patch_of(json!([]))
        })
    };
    for _ in 0..2 {
        assert!(matches!(stage.carry_out(&gadget("Gadget")).await, Ok(Done::Already(_))));
    }
    let paths: Vec<String> = stage.asked().into_iter().map(|one| one.path).collect();
    let item = "/apis/example.com/v1/namespaces/n/gadgetz/g";
    assert_eq!(paths.iter().filter(|path| *path == item).count(), 2, "{paths:?}");
    assert_eq!(paths.len(), 4, "{paths:?}");
    assert_eq!(stage.refusal(&gadget("Widget")).await.kind, RefusalKind::NotServed);
}
