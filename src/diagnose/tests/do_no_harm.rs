//! No remedy touches what is healthy, and no comfort rests on what was not seen.

use super::one_fact_away::object;
use super::*;
use crate::arc::finalizers;
use crate::model::Lookup;

fn alter(snapshot: &Snapshot, id: &ObjectId, change: impl Fn(&mut Object)) -> Snapshot {
    changed(snapshot, |object| {
        let mut object = object.clone();
        if object.id == *id {
            change(&mut object);
        }
        Some(object)
    })
}

fn id(kind: &GroupKind, namespace: &str, name: &str) -> ObjectId {
    ObjectId::new(kind, namespace, name)
}

fn runners(snapshot: &Snapshot, namespace: &str) -> Vec<ObjectId> {
    let listing = snapshot.list(&arc::EPHEMERAL_RUNNER, Some(namespace));
    listing.objects.into_iter().map(|runner| runner.id.clone()).collect()
}

/// One runner of a live set is being deleted and the Secret is gone: only that runner is let go.
#[test]
fn live_runners_of_a_live_set_are_never_deleted() {
    let snapshot = load("healthy");
    let going = runners(&snapshot, "arc-tools")[0].clone();
    let snapshot = alter(&snapshot, &going, |runner| {
        runner.deletion_timestamp = "2026-11-21T06:00:00Z".parse().ok();
    });
    let secret = id(&arc::SECRET, "arc-tools", "gh-app-tools");
    let snapshot = changed(&snapshot, |object| (object.id != secret).then(|| object.clone()));
    let diagnosis = diagnose(&snapshot, &[namespace("arc-tools")]);
    assert_eq!(classes(&diagnosis), [Class::SecretMissing]);
    let commands: Vec<String> = diagnosis.roots[0].remedies.iter().flat_map(Remedy::commands).collect();
    for other in runners(&snapshot, "arc-tools").iter().filter(|runner| **runner != going) {
        assert!(commands.iter().all(|command| !command.contains(&other.name)), "{commands:?}");
    }
    assert!(commands.iter().all(|command| !command.starts_with("kubectl delete")), "{commands:?}");
}

/// What a live set still uses is not released as if nobody did.
#[test]
fn a_protected_object_in_use_is_not_released_for_free() {
    let orphaned = |name: &str, kind: &GroupKind| {
        let snapshot = alter(&load("healthy"), &id(kind, "arc-web", name), |object| {
            object.deletion_timestamp = "2026-11-21T06:00:00Z".parse().ok();
        });
        let snapshot = alter(&snapshot, &id(&arc::AUTOSCALING_RUNNER_SET, "arc-web", "web"), |set| {
            set.annotations.retain(|key, _| !key.contains("cleanup"));
        });
        diagnose(&snapshot, &[namespace("arc-web")])
    };
    for (name, kind) in [("web-gha-rs-github-secret", arc::SECRET), ("web-gha-rs-manager", arc::ROLE)] {
        let diagnosis = orphaned(name, &kind);
        assert_eq!(classes(&diagnosis), [Class::CleanupProtectionOrphan], "{name}");
        let remedy = &diagnosis.roots[0].remedies[0];
        assert!(remedy.id == "release-and-reapply" && remedy.loss > Loss::None, "{name}: {remedy:?}");
    }
}

/// The manager Role is not released while the runners that need it are still going.
#[test]
fn leftovers_go_before_the_rights_that_they_need() {
    let set = id(&arc::AUTOSCALING_RUNNER_SET, "arc-release", "release-ci");
    let forced = changed(&load("namespace-terminating"), |object| (object.id != set).then(|| object.clone()));
    let diagnosis = diagnose(&forced, &[namespace("arc-release")]);
    let released = diagnosis.roots.iter().filter(|root| root.class == Class::CleanupProtectionOrphan);
    for root in released {
        assert!(!root.object.id.name.contains("manager"), "{}", root.object.id);
    }
}

#[test]
fn a_live_set_is_as_blocked_as_its_listener() {
    let listener = object("healthy", &arc::AUTOSCALING_LISTENER, "arc-systems", "web-659f48bf-listener");
    let secret = id(&arc::SECRET, "arc-web", "web-gha-rs-github-secret");
    let pod = id(&arc::POD, "arc-systems", &listener.id.name);
    let mut snapshot =
        changed(&load("healthy"), |object| (object.id != secret && object.id != pod).then(|| object.clone()));
    snapshot.captured_at += jiff::SignedDuration::from_mins(10);
    let diagnosis = diagnose(&snapshot, &[set("arc-web", "web")]);
    assert_eq!(classes(&diagnosis), [Class::SecretMissing]);
    assert_eq!(diagnosis.summary.verdict, Verdict::Blocked);
}

/// Being busy is no excuse: the credentials are read before the controller looks whether a runner is.
#[test]
fn a_busy_runner_of_a_deleted_set_does_not_hide_a_missing_secret() {
    let mut snapshot = load("helm-uninstall-secret-gone");
    for runner in runners(&snapshot, "arc-release") {
        snapshot = alter(&snapshot, &runner, |runner| runner.body["status"]["workflowRunId"] = 7.into());
    }
    let diagnosis = diagnose(&snapshot, &[namespace("arc-release")]);
    assert_eq!(classes(&diagnosis), [Class::SecretMissing]);
    let forced = diagnosis.roots[0].remedies.last().expect("a second way");
    assert_eq!((forced.id, forced.loss), ("let-go-of-github", Loss::Job));
}

#[test]
fn nothing_is_clear_while_the_controllers_or_the_listeners_pods_were_not_seen() {
    for kind in [arc::DEPLOYMENT, arc::POD] {
        let diagnosis = diagnose(&without(&load("healthy"), &kind), &[everything()]);
        assert_eq!(diagnosis.summary.verdict, Verdict::Unknown, "{kind}");
        assert!(diagnosis.gaps.iter().any(|gap| gap.kind == kind.kind), "{kind}: {:?}", diagnosis.gaps);
    }
}

#[test]
fn a_namespace_that_was_not_seen_may_be_terminating() {
    let diagnosis = diagnose(
        &without(&load("namespace-terminating"), &arc::NAMESPACE),
        &[set("arc-release", "release-ci")],
    );
    assert_eq!(classes(&diagnosis), [Class::SecretMissing]);
    let told = diagnosis.gaps.iter().any(|gap| gap.hides.contains(&Class::NamespaceTerminating));
    assert!(told, "{:?}", diagnosis.gaps);
}

/// The only listener of a live set is not called the second of two.
#[test]
fn rights_come_before_the_old_listener() {
    let gone = ["arc-systems"];
    let live = |object: &Object| {
        let mut object = object.clone();
        let new = object.id.kind == arc::AUTOSCALING_LISTENER
            && gone.contains(&object.id.namespace.as_str())
            && object.id.name.starts_with("tools");
        if object.id.namespace == "arc-tools" || object.id.kind == arc::AUTOSCALING_LISTENER {
            object.deletion_timestamp = None;
        }
        (!new).then_some(object)
    };
    let diagnosis = diagnose(&changed(&load("controller-moved"), live), &[set("arc-tools", "tools")]);
    assert_eq!(diagnosis.roots.first().map(|root| root.class), Some(Class::RbacMissing));
    assert!(diagnosis.roots.iter().all(|root| !root.message.contains("two listeners")));
}

/// No way out takes the main finalizer of a runner off before that of its registration, and none a whole list.
#[test]
fn no_change_does_what_must_never_be_done() {
    for expected in examples() {
        let snapshot = load(expected.file);
        let diagnosis = diagnose(&snapshot, &[everything(), expected.ask]);
        for remedy in diagnosis.roots.iter().flat_map(|root| &root.remedies) {
            for command in remedy.commands() {
                assert!(
                    !command.contains("finalizers\":null") && !command.contains("/finalize\""),
                    "{command}"
                );
                assert!(
                    !command.contains("--type=json") || command.contains("/metadata/uid"),
                    "unguarded: {command}"
                );
            }
            let mut off: Vec<(&ObjectId, String)> = Vec::new();
            for action in &remedy.actions {
                let Action::Patch(patch) = action else { continue };
                for operation in &patch.operations {
                    off.extend(operation["value"].as_str().map(|value| (&patch.object, value.to_owned())));
                }
            }
            for (id, _) in off.iter().filter(|(_, value)| value == finalizers::RUNNER) {
                let held = matches!(snapshot.get(id), Lookup::Found(object)
                    if object.has_finalizer(finalizers::RUNNER_REGISTRATION));
                let place =
                    |finalizer: &str| off.iter().position(|(of, value)| of == id && value == finalizer);
                let first = place(finalizers::RUNNER_REGISTRATION);
                let is_first = first.is_some() && first < place(finalizers::RUNNER);
                assert!(!held || is_first, "{}: {} {id}", expected.file, remedy.id);
            }
        }
    }
}

/// Who carries a way out out needs to know which object is meant, and needs no person for it.
#[test]
fn what_is_automatic_can_be_done_without_a_person() {
    let mut seen = 0;
    for Expected { file: name, .. } in examples() {
        for root in diagnose(&load(name), &[everything()]).roots {
            for remedy in
                root.remedies.iter().filter(|remedy| remedy.applicability == Applicability::Automatic)
            {
                assert!(!remedy.actions.is_empty(), "{name}: {} does nothing", remedy.id);
                for action in &remedy.actions {
                    let known = match action {
                        Action::Patch(patch) => !patch.uid.is_empty() && !patch.operations.is_empty(),
                        Action::Delete(deletion) => !deletion.uid.is_empty(),
                        Action::Create(object) => object.pointer("/metadata/name").is_some(),
                        Action::Command(_) => false,
                    };
                    assert!(known, "{name}: {} is not automatic: {action:?}", remedy.id);
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 10, "{seen}");
}

/// Only a runner's pod can have a job in it.
#[test]
fn to_give_up_the_pod_of_a_listener_costs_no_job() {
    let (runner, ask) = deletion_side::lost_node();
    let price = |snapshot: &Snapshot| {
        let found = diagnose(snapshot, std::slice::from_ref(&ask)).roots.remove(0);
        found.remedies.iter().find(|remedy| remedy.id == "force-delete-pod").map(|remedy| remedy.loss)
    };
    assert_eq!(price(&runner), Some(Loss::Job));
    let pod = id(&arc::POD, "arc-tools", "tools-runner-h58bd");
    let listener = alter(&runner, &pod, |pod| {
        pod.owners[0].kind = arc::AUTOSCALING_LISTENER.kind.to_string();
    });
    assert_eq!(price(&listener), Some(Loss::Reversible));
}
