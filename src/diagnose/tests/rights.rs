//! Who is to blame where the controller may not do something, and what gives the right back.

use super::*;
use crate::arc::finalizers;
use crate::arc::marks;
use crate::arc::names;
use crate::diagnose::Action;
use crate::diagnose::need::Need;
use crate::diagnose::report::Remedy;
use crate::model::Question;
use serde_json::Value;
use serde_json::json;

const USER: &str = "system:serviceaccount:arc-systems:arc-gha-rs-controller";

pub fn manager(object: &Object) -> bool {
    object.id.namespace == "arc-tools" && object.id.name == names::chart_object("tools", names::MANAGER_PART)
}

pub fn edit(snapshot: &Snapshot, edit: impl Fn(&mut Object)) -> Snapshot {
    let mut edited = changed(snapshot, |object| {
        let mut object = object.clone();
        edit(&mut object);
        Some(object)
    });
    edited.coverage.complete = true;
    edited
}

pub fn drop_kind(snapshot: &Snapshot, kind: &GroupKind, which: impl Fn(&Object) -> bool) -> Snapshot {
    changed(snapshot, |object| (object.id.kind != *kind || !which(object)).then(|| object.clone()))
}

/// The healthy cluster, old enough, all of it read, and nobody asked the authorizer.
pub fn live() -> Snapshot {
    let mut snapshot = edit(&load("healthy"), |_| {});
    snapshot.captured_at += jiff::SignedDuration::from_hours(3);
    snapshot.reviews.clear();
    snapshot
}

/// Its runner set `tools` is being deleted, and only GitHub and the protected objects are left.
fn last_steps() -> Snapshot {
    let mut snapshot = live();
    let tools = |object: &Object| object.id.name.starts_with("tools-") || object.id.name == "tools";
    for kind in [arc::AUTOSCALING_LISTENER, arc::EPHEMERAL_RUNNER_SET, arc::EPHEMERAL_RUNNER, arc::POD] {
        snapshot = drop_kind(&snapshot, &kind, tools);
    }
    let since = snapshot.captured_at - jiff::SignedDuration::from_hours(1);
    edit(&snapshot, |object| {
        let protected =
            object.id.namespace == "arc-tools" && object.has_finalizer(finalizers::CLEANUP_PROTECTION);
        if protected || (object.id.kind == arc::AUTOSCALING_RUNNER_SET && object.id.name == "tools") {
            object.deletion_timestamp = Some(since);
        }
    })
}

/// The manager Role lacks these (resource, verb).
fn lacking(snapshot: &Snapshot, lacks: &[(&str, &str)]) -> Snapshot {
    edit(snapshot, |object| {
        if object.id.kind != arc::ROLE || !manager(object) {
            return;
        }
        for rule in object.body["rules"].as_array_mut().into_iter().flatten() {
            for (resource, verb) in lacks {
                if rule["resources"] == json!([resource]) {
                    rule["verbs"].as_array_mut().expect("verbs").retain(|listed| listed != verb);
                }
            }
        }
    })
}

/// A deletion that would come to its end if GitHub were not asked.
pub fn credentials_denied() -> Snapshot {
    lacking(&last_steps(), &[("secrets", "get")])
}

fn root(snapshot: &Snapshot) -> Root {
    let diagnosis = diagnose(snapshot, &[Ask::Everything { namespace: None, selector: Vec::new() }]);
    let root = diagnosis.roots.into_iter().find(|root| root.class == Class::RbacMissing);
    root.expect("a right is missing")
}

fn ids(snapshot: &Snapshot) -> Vec<&'static str> {
    root(snapshot).remedies.iter().map(|remedy| remedy.id).collect()
}

fn gentlest(snapshot: &Snapshot) -> Remedy {
    root(snapshot).remedies.into_iter().next().expect("a way out")
}

/// The JSON between the first and the last single quote of a command.
fn payload(command: &str) -> Value {
    let inner = command.split_once('\'').and_then(|(_, rest)| rest.rsplit_once('\'')).expect("quoted");
    serde_json::from_str(inner.0).expect("JSON")
}

/// The objects that a way out makes.
fn objects(remedy: &Remedy) -> Vec<Value> {
    let made =
        |action: &Action| if let Action::Create(object) = action { Some(object.clone()) } else { None };
    remedy.actions.iter().filter_map(made).collect()
}

/// (kind, name) of what a way out makes.
fn made(remedy: &Remedy) -> Vec<(String, String)> {
    let text =
        |item: &Value, pointer| item.pointer(pointer).and_then(Value::as_str).expect("text").to_owned();
    objects(remedy).iter().map(|item| (text(item, "/kind"), text(item, "/metadata/name"))).collect()
}

pub fn question(verb: &str, group: &str, resource: &str, name: &str) -> Question {
    Question {
        user: USER.to_owned(),
        verb: verb.to_owned(),
        group: group.to_owned(),
        resource: resource.to_owned(),
        subresource: String::new(),
        namespace: "arc-tools".to_owned(),
        name: name.to_owned(),
    }
}

#[test]
fn going_on_without_github_is_offered_only_where_it_leads_to_the_end() {
    assert_eq!(ids(&credentials_denied()), ["extend-role", "drop-scale-set-id"]);
    let more = lacking(&credentials_denied(), &[("serviceaccounts", "patch")]);
    assert_eq!(ids(&more), ["extend-role"], "the protected ServiceAccount would stay");
    assert_eq!(ids(&load("rbac-role-gone")), ["restore-manager-role"], "nothing at all is allowed");
    let gone = drop_kind(&last_steps(), &arc::ROLE_BINDING, manager);
    assert_eq!(ids(&gone), ["restore-manager-role"], "the next step is denied as well");
}

#[test]
fn a_live_runner_set_is_never_taken_from_github() {
    let without =
        drop_kind(&live(), &arc::AUTOSCALING_LISTENER, |listener| listener.id.name.starts_with("tools-"));
    assert_eq!(ids(&lacking(&without, &[("secrets", "get")])), ["extend-role"]);
}

/// The same with runners that GitHub would have to forget. `readable`: the verbs that their own Secrets are allowed.
pub fn runners_left(readable: &[&str]) -> Snapshot {
    let mut snapshot = credentials_denied();
    let since = snapshot.captured_at - jiff::SignedDuration::from_hours(1);
    for object in live().objects().filter(|object| object.id.namespace == "arc-tools") {
        let mut object = object.clone();
        if object.id.kind == arc::EPHEMERAL_RUNNER_SET {
            object.deletion_timestamp = Some(since);
            snapshot.insert(object);
        } else if object.id.kind == arc::EPHEMERAL_RUNNER {
            snapshot.insert(object);
        }
    }
    let names: Vec<String> = snapshot
        .objects()
        .filter(|object| object.id.kind == arc::EPHEMERAL_RUNNER && object.id.namespace == "arc-tools")
        .map(|runner| runner.id.name.clone())
        .collect();
    edit(&snapshot, |object| {
        if object.id.kind == arc::ROLE && manager(object) {
            let rule = json!({"apiGroups": [""], "resources": ["secrets"], "verbs": readable, "resourceNames": names});
            object.body["rules"].as_array_mut().expect("rules").push(rule);
        }
    })
}

/// A runner's own Secret is read before it is deleted, so letting go of GitHub alone frees no runner.
#[test]
fn runners_are_not_taken_from_github_while_their_secrets_may_not_be_read() {
    assert_eq!(ids(&runners_left(&[])), ["extend-role"]);
    assert_eq!(ids(&runners_left(&["get"])), ["extend-role", "let-go-of-github"]);
    let stay = lacking(&runners_left(&["get"]), &[("pods", "delete")]);
    assert_eq!(ids(&stay), ["extend-role"], "its pods would stay");
    let living = edit(&runners_left(&["get"]), |object| {
        if object.id.kind == arc::AUTOSCALING_RUNNER_SET {
            object.deletion_timestamp = None;
        }
    });
    assert_eq!(ids(&living), ["extend-role"], "its EphemeralRunnerSet goes, but the runner set lives");
}

#[test]
fn only_what_is_missing_is_made() {
    let name = || "tools-gha-rs-manager".to_owned();
    let no_binding = drop_kind(&last_steps(), &arc::ROLE_BINDING, manager);
    let remedy = gentlest(&no_binding);
    assert_eq!(made(&remedy), [("RoleBinding".to_owned(), name())]);
    assert_eq!(remedy.title, "Make RoleBinding arc-tools/tools-gha-rs-manager again, as the chart does");
    let remedy = gentlest(&drop_kind(&last_steps(), &arc::ROLE, manager));
    assert_eq!(made(&remedy), [("Role".to_owned(), name())]);
    let remedy = gentlest(&drop_kind(&no_binding, &arc::ROLE, manager));
    assert_eq!(made(&remedy), [("Role".to_owned(), name()), ("RoleBinding".to_owned(), name())]);
    assert!(remedy.title.contains("Role and RoleBinding arc-tools/tools-gha-rs-manager"), "{}", remedy.title);
    assert!(remedy.commands()[0].ends_with("kubectl create -f -"), "what is there is not overwritten");
}

#[test]
fn the_role_of_a_runner_set_with_server_tls_reads_config_maps() {
    let gone = drop_kind(&last_steps(), &arc::ROLE, manager);
    let reads_config_maps = |snapshot: &Snapshot| {
        let rules = objects(&gentlest(snapshot))[0]["rules"].clone();
        rules.as_array().expect("rules").contains(&json!(
            {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}
        ))
    };
    assert!(!reads_config_maps(&gone));
    assert!(reads_config_maps(&edit(&gone, |object| {
        if object.id.kind == arc::AUTOSCALING_RUNNER_SET {
            object.body["spec"]["githubServerTLS"] = json!({"certificateFrom": {}});
        }
    })));
}

/// Nobody else would delete it: the controller takes off finalizers, and Helm knows only what it made.
#[test]
fn what_is_made_for_a_deletion_goes_with_the_runner_set() {
    let deleting = gentlest(&drop_kind(&last_steps(), &arc::ROLE_BINDING, manager));
    let owner = &objects(&deleting)[0]["metadata"]["ownerReferences"][0];
    assert_eq!((&owner["kind"], &owner["name"]), (&json!("AutoscalingRunnerSet"), &json!("tools")));
    assert!(owner["uid"].as_str().is_some_and(|uid| !uid.is_empty()), "{owner}");
    assert_eq!((deleting.loss, deleting.leaves), (Loss::None, Vec::new()));
    let tools = |object: &Object| object.id.name.starts_with("tools-");
    let without = drop_kind(&live(), &arc::AUTOSCALING_LISTENER, tools);
    let living = gentlest(&drop_kind(&without, &arc::ROLE_BINDING, manager));
    assert_eq!(objects(&living)[0]["metadata"].get("ownerReferences"), None);
}

/// What the Role allows beside the chart's rules stays, and nothing is left behind: the Role was there.
#[test]
fn a_role_that_lacks_a_verb_is_extended() {
    let remedy = gentlest(&lacking(&last_steps(), &[("secrets", "get"), ("secrets", "list")]));
    assert_eq!(remedy.title, "Let Role arc-tools/tools-gha-rs-manager allow get/list secrets as well");
    assert!(remedy.leaves.is_empty());
    let patch = payload(&remedy.commands()[0]);
    assert_eq!(patch[0]["op"], "test");
    let rule = json!({"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"]});
    assert_eq!(patch[1], json!({"op": "add", "path": "/rules/-", "value": rule}));
    let empty = edit(&last_steps(), |object| {
        if object.id.kind == arc::ROLE && manager(object) {
            object.body["rules"] = Value::Null;
        }
    });
    assert_eq!(payload(&gentlest(&empty).commands()[0])[1]["path"], "/rules");
}

#[test]
fn a_binding_keeps_its_other_subjects() {
    let patch = |subjects: Value| {
        let snapshot = edit(&last_steps(), |object| {
            if object.id.kind == arc::ROLE_BINDING && manager(object) {
                object.body["subjects"] = subjects.clone();
            }
        });
        let patch = payload(&gentlest(&snapshot).commands()[0]);
        let steps = patch.as_array().expect("steps").iter().skip(1);
        steps.map(|step| format!("{} {}", step["op"], step["path"]).replace('"', "")).collect::<Vec<_>>()
    };
    let account = |name: &str| json!({"kind": "ServiceAccount", "name": name, "namespace": "arc-old"});
    let ops = json!({"kind": "User", "name": "ops"});
    assert_eq!(patch(Value::Null), ["add /subjects"]);
    assert_eq!(patch(json!([])), ["add /subjects"]);
    assert_eq!(patch(json!([account("old")])), ["test /subjects/0", "replace /subjects/0"]);
    assert_eq!(patch(json!([ops, account("old")])), ["add /subjects/-"]);
    assert_eq!(
        patch(json!([ops, account("arc-gha-rs-controller")])),
        ["test /subjects/1", "replace /subjects/1"]
    );
}

/// Chart 0.4.0 gave Role and RoleBinding different names; the runner set says which.
#[test]
fn a_role_is_made_under_its_own_name() {
    let mut snapshot = edit(&last_steps(), |object| {
        if object.id.kind == arc::AUTOSCALING_RUNNER_SET && object.id.name == "tools" {
            let names =
                [(marks::MANAGER_ROLE_ANNOTATION, "a-role"), (marks::MANAGER_ROLE_BINDING_ANNOTATION, "b")];
            for (annotation, name) in names {
                object.annotations.insert(annotation.to_owned(), name.to_owned());
            }
        }
    });
    for kind in [arc::ROLE, arc::ROLE_BINDING] {
        snapshot = drop_kind(&snapshot, &kind, manager);
    }
    let remedy = gentlest(&snapshot);
    let pair = |kind: &str, name: &str| (kind.to_owned(), name.to_owned());
    assert_eq!(made(&remedy), [pair("Role", "a-role"), pair("RoleBinding", "b")]);
    assert_eq!(objects(&remedy)[1]["roleRef"]["name"], "a-role");
}

/// The chart's RoleBinding was never there; a binding of the user's own making gives too little.
#[test]
fn a_role_of_the_users_own_making_is_blamed_before_a_guessed_name() {
    let mut snapshot = edit(&last_steps(), |object| {
        if object.id.kind == arc::AUTOSCALING_RUNNER_SET && object.id.name == "tools" {
            object.annotations.remove(marks::MANAGER_ROLE_ANNOTATION);
            object.annotations.remove(marks::MANAGER_ROLE_BINDING_ANNOTATION);
            object.annotations.remove(marks::SCALE_SET_ID);
        }
        if object.id.kind == arc::CLUSTER_ROLE_BINDING {
            object.body["roleRef"]["name"] = "my-arc".into();
        }
        if object.id.kind == arc::CLUSTER_ROLE && object.id.name == "arc-gha-rs-controller" {
            object.id.name = "my-arc".to_owned();
            let more = json!({"apiGroups": [""], "resources": ["secrets", "pods"], "verbs": ["*"]});
            object.body["rules"].as_array_mut().expect("rules").push(more);
        }
    });
    for kind in [arc::ROLE, arc::ROLE_BINDING] {
        snapshot = drop_kind(&snapshot, &kind, manager);
    }
    let blamed = root(&snapshot);
    assert_eq!(blamed.object.id.to_string(), "ClusterRole my-arc");
    assert_eq!(blamed.remedies[0].title, "Let ClusterRole my-arc allow patch serviceaccounts as well");
    let gathers = edit(&snapshot, |object| {
        if object.id.kind == arc::CLUSTER_ROLE {
            object.body["aggregationRule"] = json!({"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]});
        }
    });
    assert_eq!(gentlest(&gathers).commands(), [] as [String; 0], "the control plane writes its rules");
    // The controller's own ClusterRole is not meant for this: then the chart's RoleBinding is what is missing.
    let own = edit(&snapshot, |object| {
        if object.id.kind == arc::CLUSTER_ROLE {
            object.body["rules"].as_array_mut().expect("rules").pop();
        }
    });
    assert_eq!(root(&own).object.id.to_string(), "RoleBinding arc-tools/tools-gha-rs-manager");
}

/// What the controller may do with ARC's own objects, its chart gives it in the whole cluster.
#[test]
fn the_controllers_own_cluster_role_is_blamed_for_arcs_own_kinds() {
    let blamed = |snapshot: &Snapshot| {
        let view = View::new(snapshot);
        let mut world = survey(&view, Patience::Usual);
        let tools = |id: &ObjectId| id.kind == arc::AUTOSCALING_RUNNER_SET && id.name == "tools";
        let stuck = world.stuck.values_mut().find(|stuck| tools(&stuck.id)).expect("it is stuck");
        stuck.needs = vec![Need::Access(question("patch", arc::GROUP, "autoscalingrunnersets", ""))];
        let mut findings = Findings::default();
        let rule = RULES.iter().find(|rule| rule.class == Class::RbacMissing).expect("the rule");
        (rule.check)(&Case { view: &view, world: &world }, &mut findings);
        let root = findings.roots.into_iter().find(|root| root.class == Class::RbacMissing);
        root.map(|root| (root.object.to_string(), root.message, root.remedies))
    };
    assert_eq!(blamed(&last_steps()), None);
    let (object, message, remedies) =
        blamed(&drop_kind(&last_steps(), &arc::CLUSTER_ROLE_BINDING, |_| true)).expect("a root");
    assert_eq!(object, "ClusterRoleBinding arc-gha-rs-controller");
    assert!(message.ends_with("would give the controller arc-systems/arc-gha-rs-controller its rights"));
    assert_eq!(remedies[0].id, "reapply-controller-chart");
    assert!(remedies[0].commands()[0].contains(" --version 0.14.2 "), "{}", remedies[0].commands()[0]);
    let gone = drop_kind(&last_steps(), &arc::CLUSTER_ROLE, |_| true);
    assert_eq!(blamed(&gone).expect("a root").0, "ClusterRole arc-gha-rs-controller");
}
