//! What a controller's log says that it may not do: asked again, and blamed on who does not allow it.

use super::deletion_side::answer;
use super::odd_side::legacy_alive;
use super::rights::edit;
use super::rights::live;
use super::*;
use crate::model::PodLog;
use jiff::SignedDuration;
use serde_json::Value;
use serde_json::json;

const ACCOUNT: &str = "system:serviceaccount:arc-systems:arc-gha-rs-controller";

fn log(snapshot: &mut Snapshot, namespace: &str, pod: &str, minutes: i64, fields: &Value) {
    let at = snapshot.captured_at - SignedDuration::from_mins(minutes);
    snapshot.logs = vec![PodLog {
        namespace: namespace.to_owned(),
        pod: pod.to_owned(),
        container: "manager".to_owned(),
        lines: vec![format!("{at}\tERROR\tFailed to watch\t{fields}")],
    }];
}

/// The controller ends at its start, and said so many minutes ago that this account may not list runners.
fn ends_at_start(account: &str, allowed: bool, minutes: i64) -> Snapshot {
    let mut snapshot = edit(&live(), |object| {
        if object.id.kind == arc::DEPLOYMENT {
            object.body["status"] = json!({"observedGeneration": 1, "conditions": [{"type": "Available",
                "status": "False", "lastTransitionTime": "2026-11-21T06:30:00Z"}]});
        }
        let own = object.id.kind == arc::CLUSTER_ROLE && object.id.name == "arc-gha-rs-controller";
        for rule in object.body["rules"].as_array_mut().into_iter().flatten().filter(|_| own && !allowed) {
            let verbs = rule["verbs"].as_array_mut().expect("verbs");
            verbs.retain(|verb| verb != "list" && verb != "watch");
        }
    });
    let error = format!(
        "failed to list *v1alpha1.EphemeralRunner: ephemeralrunners.actions.github.com is forbidden: User \"{account}\" \
         cannot list resource \"ephemeralrunners\" in API group \"actions.github.com\" at the cluster scope"
    );
    log(&mut snapshot, "arc-systems", "arc-gha-rs-controller-1", minutes, &json!({ "error": error }));
    snapshot
}

fn only_class(snapshot: &Snapshot) -> Vec<Class> {
    classes(&diagnose(snapshot, &[everything()]))
}

#[test]
fn a_controller_that_may_not_watch_is_not_gone() {
    let diagnosis = diagnose(&ends_at_start(ACCOUNT, false, 4), &[everything()]);
    assert_eq!(classes(&diagnosis), [Class::RbacMissing]);
    let root = &diagnosis.roots[0];
    assert_eq!(root.object.id.to_string(), "ClusterRole arc-gha-rs-controller");
    assert_eq!((root.certainty, root.remedies[0].loss), (Certainty::Proven, Loss::None));
    assert!(root.evidence.iter().any(|evidence| evidence.field == "log"), "{:?}", root.evidence);
    // The log of before a repair, or of somebody else, says nothing of what ends it now.
    assert_eq!(only_class(&ends_at_start(ACCOUNT, true, 4)), [Class::ControllerGone]);
    assert_eq!(only_class(&ends_at_start(ACCOUNT, false, 40)), [Class::ControllerGone]);
    let other = "system:serviceaccount:arc-systems:other";
    assert_eq!(only_class(&ends_at_start(other, false, 4)), [Class::ControllerGone]);
}

/// The legacy controller runs and may not list what a runner's pod linked.
fn legacy_may_not(allowed: bool) -> (Snapshot, Ask) {
    let (mut snapshot, ask) = legacy_alive();
    let verbs = if allowed { json!(["get", "list"]) } else { json!(["get"]) };
    let body = json!({"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": verbs}]});
    let mut role =
        snapshot.objects().find(|object| object.id.kind == arc::CLUSTER_ROLE).cloned().expect("one");
    role.id.name = "legacy-manager".to_owned();
    role.body = body;
    let mut binding =
        snapshot.objects().find(|object| object.id.kind == arc::CLUSTER_ROLE_BINDING).cloned().expect("one");
    binding.id.name = "legacy-manager".to_owned();
    binding.body = json!({"roleRef": {"kind": "ClusterRole", "name": "legacy-manager"},
        "subjects": [{"kind": "ServiceAccount", "namespace": "legacy", "name": "arc-gha-rs-controller"}]});
    let runner = snapshot
        .objects()
        .find(|object| object.id.kind == arc::LEGACY_RUNNER && object.is_deleting())
        .map(|object| object.id.clone())
        .expect("a runner");
    // What else the account was given in the namespace.
    let mut here = binding.clone();
    here.id = ObjectId::new(&arc::ROLE_BINDING, "runners", "more");
    here.body["roleRef"]["kind"] = "Role".into();
    snapshot.insert(here);
    snapshot.insert(role);
    snapshot.insert(binding);
    let error = "pods is forbidden: User \"system:serviceaccount:legacy:arc-gha-rs-controller\" cannot list resource \
                 \"pods\" in API group \"\" in the namespace \"runners\"";
    let fields = json!({"runner": format!("{}/{}", runner.namespace, runner.name), "error": error});
    log(&mut snapshot, "legacy", "legacy-1", 1, &fields);
    (snapshot, ask)
}

#[test]
fn what_the_legacy_controller_may_not_do_is_no_matter_of_its_credentials() {
    let denied = answer(&legacy_may_not(false));
    assert_eq!(classes(&denied), [Class::RbacMissing], "{:?}", denied.roots);
    assert_eq!(denied.roots[0].object.id.to_string(), "ClusterRole legacy-manager");
    assert_eq!(classes(&answer(&legacy_may_not(true))), [Class::LegacyFinalizer]);
}

/// For the test that holds every rule to what it declares.
pub fn variants() -> Vec<Snapshot> {
    let mut unread = ends_at_start(ACCOUNT, false, 4);
    unread.logs.clear();
    let mut narrow = ends_at_start(ACCOUNT, false, 4);
    let line = &mut narrow.logs[0].lines[0];
    *line = line.replace("at the cluster scope", "in the namespace \\\"arc-tools\\\"");
    vec![ends_at_start(ACCOUNT, false, 4), unread, narrow, legacy_may_not(false).0]
}
