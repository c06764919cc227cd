//! The writer with the real connection, against a server that keeps the laws of Kubernetes.

use super::*;
use crate::api::Api;
use crate::api::Fault;
use crate::api::On;
use crate::api::World;
use crate::apply::After;
use crate::arc;
use crate::source::client::ConnectOptions;
use crate::source::client::connect;
use std::time::Duration;

pub const WORLD: &str = r#"
apiVersion: v1
kind: Namespace
metadata: {name: n, uid: ns}
---
apiVersion: v1
kind: Namespace
metadata: {name: going, uid: ns2, deletionTimestamp: '2026-11-21T05:00:00Z'}
spec: {finalizers: [kubernetes]}
---
apiVersion: v1
kind: Secret
metadata: {name: s, namespace: going, uid: u-s, deletionTimestamp: '2026-11-21T05:00:00Z', finalizers: [a/one]}
data: {token: canary}
---
apiVersion: actions.github.com/v1alpha1
kind: EphemeralRunner
metadata:
  name: r
  namespace: n
  uid: u-1
  resourceVersion: '7'
  deletionTimestamp: '2026-11-21T05:00:00Z'
  deletionGracePeriodSeconds: 0
  finalizers: [a/one, a/two]
  annotations: {k: v}
spec: {size: 1}
---
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: n, uid: u-p, ownerReferences: [{uid: u-1, blockOwnerDeletion: true}]}
spec: {nodeName: x}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com, uid: u-crd}
spec: {group: example.com, scope: Namespaced, names: {kind: Widget, plural: widgets}, versions: [{name: v1}]}
---
apiVersion: example.com/v1
kind: Widget
metadata: {name: w, namespace: n, uid: u-w, finalizers: [a/one]}
"#;

pub async fn writer(api: &Api) -> Writer {
    let options = ConnectOptions {
        kubeconfig: Some(api.kubeconfig()),
        request_timeout: Some(Duration::from_secs(10)),
        user_agent: "kubectl-arc/test".to_owned(),
        ..ConnectOptions::default()
    };
    Writer::new(connect(&options).await.unwrap().client, "kubectl-arc", None, now).in_a_hurry()
}

async fn carry_out(api: &Api, action: &Action) -> Result<Done, Refusal> {
    writer(api).await.carry_out(action, &Step::default()).await
}

/// Takes the one finalizer of an object off.
fn drop_one(
    kind: &GroupKind,
    api_version: &str,
    namespace: &str,
    name: &str,
    uid: &str,
    deletion: &str,
) -> Action {
    let path = "/metadata/finalizers/0";
    Action::Patch(Patch {
        object: ObjectId::new(kind, namespace, name),
        api_version: api_version.to_owned(),
        uid: uid.to_owned(),
        deletion: deletion.to_owned(),
        ..patch_of(json!([{"op": "test", "path": path, "value": "a/one"}, {"op": "remove", "path": path}]))
    })
}

fn gone(done: &Result<Done, Refusal>) -> bool {
    matches!(done, Ok(Done::Changed(change)) if change.after == After::Gone)
}

#[tokio::test]
async fn one_finalizer_after_the_other_comes_off() {
    let api = Api::of(World::of_text(WORLD));
    let done = carry_out(&api, &drop_first()).await;
    assert!(
        matches!(&done, Ok(Done::Changed(change)) if matches!(change.after, After::There(_))),
        "{done:?}"
    );
    assert!(matches!(carry_out(&api, &drop_first()).await, Ok(Done::Already(_))));
    let path = "/metadata/finalizers/0";
    let last = json!([{"op": "test", "path": path, "value": "a/two"}, {"op": "remove", "path": path}]);
    let done = carry_out(&api, &Action::Patch(patch_of(last))).await;
    assert!(gone(&done), "{done:?}");
    let world = api.world();
    assert_eq!(world.object("EphemeralRunner", "n", "r"), None);
    // The garbage collector asks the pod to go, and its node has not answered yet.
    let pod = world.object("Pod", "n", "p").unwrap();
    assert_eq!(pod["metadata"]["deletionGracePeriodSeconds"], 30);
    let written: Vec<String> =
        api.written().iter().map(|one| format!("{} {} {}", one.method, one.uid, one.manager)).collect();
    assert_eq!(written, ["PATCH u-1 kubectl-arc", "PATCH u-1 kubectl-arc"]);
}

#[tokio::test]
async fn a_namespace_goes_with_the_last_that_was_in_it_and_no_value_of_a_secret_travels() {
    let api = Api::of(World::of_text(WORLD));
    let action = drop_one(&arc::SECRET, "v1", "going", "s", "u-s", "2026-11-21T05:00:00Z");
    let done = carry_out(&api, &action).await;
    assert!(gone(&done), "{done:?}");
    assert!(!format!("{done:?}").contains("canary"));
    assert_eq!(api.world().object("Namespace", "", "going"), None);
}

#[tokio::test]
async fn what_is_deleted_goes_when_nothing_holds_it() {
    let api = Api::of(World::of_text(WORLD));
    let delete = |kind: &GroupKind, api_version: &str, namespace: &str, name: &str, uid: &str| {
        Action::Delete(Deletion {
            object: ObjectId::new(kind, namespace, name),
            api_version: api_version.to_owned(),
            uid: uid.to_owned(),
            background: false,
            at_once: false,
        })
    };
    // The CRD asks its instances to go, and waits for them.
    let crd = delete(&arc::CRD, "apiextensions.k8s.io/v1", "", "widgets.example.com", "u-crd");
    let done = carry_out(&api, &crd).await;
    assert!(
        matches!(&done, Ok(Done::Changed(change)) if matches!(change.after, After::There(_))),
        "{done:?}"
    );
    let widget = GroupKind::named("example.com", "Widget");
    let now = api.world().now();
    let wait = json!({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"namespace": "n", "name": "x"}});
    let refusal = carry_out(&api, &Action::Create(wait)).await.unwrap_err();
    assert_eq!(refusal.kind, RefusalKind::NotServed, "{}", refusal.message);
    assert!(gone(&carry_out(&api, &drop_one(&widget, "example.com/v1", "n", "w", "u-w", &now)).await));
    assert_eq!(api.world().object("CustomResourceDefinition", "", "widgets.example.com"), None);
    // A pod on a node is given time, unless nobody is to wait for it.
    let pod = delete(&arc::POD, "v1", "n", "p", "u-p");
    assert!(!gone(&carry_out(&api, &pod).await));
    let Action::Delete(pod) = pod else { panic!() };
    assert!(gone(&carry_out(&api, &Action::Delete(Deletion { at_once: true, ..pod })).await));
}

#[tokio::test]
async fn foreground_is_left_by_asking_again() {
    let api = Api::of(World::of_text(WORLD));
    api.change(|world| {
        world.set("EphemeralRunner", "n", "r", "/metadata/finalizers", json!(["foregroundDeletion"]));
    });
    let done = carry_out(&api, &Action::Delete(Deletion { background: true, ..deletion() })).await;
    assert!(gone(&done), "{done:?}");
}

#[tokio::test]
async fn what_is_made_is_made_once_and_where_there_is_room() {
    let api = Api::of(World::of_text(WORLD));
    let account = |namespace: &str| {
        Action::Create(json!({"apiVersion": "v1", "kind": "ServiceAccount",
            "metadata": {"namespace": namespace, "name": "a", "labels": {"x": "y"}}}))
    };
    let done = carry_out(&api, &account("n")).await;
    let Ok(Done::Changed(change)) = done else { panic!("{done:?}") };
    assert!(matches!(change.after, After::Made(object) if object["metadata"]["uid"].is_string()));
    assert!(matches!(carry_out(&api, &account("n")).await, Ok(Done::Already(_))));
    for namespace in ["going", "nowhere"] {
        let refusal = carry_out(&api, &account(namespace)).await.unwrap_err();
        assert_eq!(refusal.kind, RefusalKind::NamespaceGone, "{}", refusal.message);
    }
    assert_eq!(api.written().len(), 1);
}

#[tokio::test]
async fn lost_answers_and_busy_servers_end_in_one_write() {
    let once = |dry: bool| On { dry: Some(dry), times: 1, ..On::every("PATCH") };
    for fault in
        [Fault::Cut, Fault::CutBefore, Fault::CutBody, Fault::Code(500), Fault::Code(503), Fault::Busy(1)]
    {
        for dry in [false, true] {
            let api = Api::of(World::of_text(WORLD));
            api.strike(once(dry), fault.clone());
            let done = carry_out(&api, &drop_first()).await;
            assert!(matches!(done, Ok(Done::Changed(_))), "{fault:?} {dry}: {done:?}");
            assert_eq!(api.written().len(), 1, "{fault:?} {dry}");
        }
    }
}

#[tokio::test]
async fn a_server_that_goes_on_failing_is_left_alone() {
    let cases = [
        (Fault::Forbidden, RefusalKind::Forbidden),
        (Fault::Code(503), RefusalKind::Unreachable),
        (Fault::CutBefore, RefusalKind::Unsure),
        (Fault::Html(200), RefusalKind::Unsure),
        (Fault::Unauthorized, RefusalKind::Forbidden),
        (Fault::Says(409, "Conflict", "the object has been modified"), RefusalKind::Moved),
        (Fault::Says(422, "Invalid", "the server rejected our request"), RefusalKind::Moved),
    ];
    for (fault, kind) in cases {
        let api = Api::of(World::of_text(WORLD));
        api.strike(On { dry: Some(false), ..On::every("PATCH") }, fault.clone());
        let refusal = carry_out(&api, &drop_first()).await.unwrap_err();
        assert_eq!(refusal.kind, kind, "{fault:?}: {}", refusal.message);
        assert_eq!(api.written(), []);
    }
}

#[tokio::test]
async fn a_webhook_that_keeps_a_finalizer_is_seen() {
    let api = Api::of(World::of_text(WORLD));
    api.strike(On::every("PATCH"), Fault::PutsBack("a/one"));
    let refusal = carry_out(&api, &drop_first()).await.unwrap_err();
    assert_eq!(refusal.kind, RefusalKind::Undone, "{}", refusal.message);
    assert_eq!(api.written(), []);
}
