//! Each rule is silent one fact away from where it speaks.

use super::*;
use crate::arc::finalizers;
use crate::arc::marks;
use crate::model::Covered;
use crate::model::Owner;
use crate::model::Request;
use crate::model::What;

/// The classes of the roots for a question about a changed example.
fn after(file: &str, ask: Ask, change: impl Fn(&Object) -> Option<Object>, more: &[Object]) -> Vec<Class> {
    let mut snapshot = changed(&load(file), change);
    for object in more {
        snapshot.insert(object.clone());
    }
    classes(&diagnose(&snapshot, &[ask]))
}

fn same(object: &Object) -> Option<Object> {
    Some(object.clone())
}

pub fn object(file: &str, kind: &GroupKind, namespace: &str, name: &str) -> Object {
    let snapshot = load(file);
    match snapshot.get(&ObjectId::new(kind, namespace, name)) {
        crate::model::Lookup::Found(object) => object.clone(),
        other => panic!("{kind} {namespace}/{name} of {file}: {other:?}"),
    }
}

fn controller() -> Object {
    object("healthy", &arc::DEPLOYMENT, "arc-systems", "arc-gha-rs-controller")
}

#[test]
fn secret_missing_is_silent_when_the_secret_is_back() {
    let mut secret = object("healthy", &arc::SECRET, "arc-tools", "gh-app-tools");
    secret.id = ObjectId::new(&arc::SECRET, "arc-release", "gh-app-release");
    let ask = || namespace("arc-release");
    assert_eq!(after("helm-uninstall-secret-gone", ask(), same, &[]), [Class::SecretMissing]);
    assert_eq!(after("helm-uninstall-secret-gone", ask(), same, &[secret]), []);
}

#[test]
fn controller_gone_is_silent_when_a_controller_runs_and_speaks_when_it_is_scaled_to_zero() {
    let file = "crds-deleted-controller-gone";
    assert!(!after(file, everything(), same, &[controller()]).contains(&Class::ControllerGone));
    let mut idle = controller();
    idle.body["spec"]["replicas"] = 0.into();
    idle.body["status"] = serde_json::json!({});
    assert_eq!(after(file, everything(), same, &[idle]), [Class::ControllerGone]);
}

#[test]
fn gitops_delete_deadlock_is_silent_when_the_runner_set_is_deleted_too() {
    let delete_set = |object: &Object| {
        let mut object = object.clone();
        if object.id.kind == arc::AUTOSCALING_RUNNER_SET && object.id.name == "ml" {
            object.deletion_timestamp = "2026-11-21T06:08:13Z".parse().ok();
        }
        Some(object)
    };
    let classes = after("argocd-delete-deadlock", namespace("arc-ml"), delete_set, &[]);
    assert!(!classes.contains(&Class::GitopsDeleteDeadlock), "{classes:?}");
}

/// The dependents and the set may be of two Applications; what makes the set anew is the one to pause.
#[test]
fn gitops_delete_deadlock_pauses_the_application_of_the_runner_set() {
    let of_two = |object: &Object| {
        let mut object = object.clone();
        let application = if object.id.kind == arc::AUTOSCALING_RUNNER_SET { "ml" } else { "ml-rights" };
        let ObjectId { kind, namespace, name } = &object.id;
        let id = format!("{application}:{}/{}:{namespace}/{name}", kind.group, kind.kind);
        object.annotations.insert("argocd.argoproj.io/tracking-id".into(), id);
        Some(object)
    };
    let snapshot = changed(&load("argocd-delete-deadlock"), of_two);
    let diagnosis = diagnose(&snapshot, &[namespace("arc-ml")]);
    let root = diagnosis.roots.iter().find(|root| root.class == Class::GitopsDeleteDeadlock).expect("a root");
    let title = &root.remedies[0].title;
    assert!(title.contains("argocd app set ml --sync-policy none"), "{title}");
    assert!(!title.contains("ml-rights"), "{title}");
}

#[test]
fn cleanup_protection_orphan_is_silent_when_a_runner_set_names_the_object() {
    let mut set = object("argocd-delete-deadlock", &arc::AUTOSCALING_RUNNER_SET, "arc-ml", "ml");
    let ask = || Ask::Object(ObjectId::new(&arc::ROLE, "arc-ml", "ml-gha-rs-manager"));
    assert_eq!(after("cleanup-protection-orphan", ask(), same, &[]), [Class::CleanupProtectionOrphan]);
    assert_eq!(
        after("cleanup-protection-orphan", ask(), same, &[set.clone()]),
        [Class::GitopsDeleteDeadlock]
    );
    set.annotations.clear();
    assert_eq!(after("cleanup-protection-orphan", ask(), same, &[set]), [Class::CleanupProtectionOrphan]);
}

#[test]
fn namespace_terminating_gives_way_to_secret_missing_while_the_namespace_lives() {
    let revive = |object: &Object| {
        let mut object = object.clone();
        if object.id.kind == arc::NAMESPACE {
            object.deletion_timestamp = None;
        }
        Some(object)
    };
    let ask = || set("arc-release", "release-ci");
    assert_eq!(after("namespace-terminating", ask(), same, &[]), [Class::NamespaceTerminating]);
    assert_eq!(after("namespace-terminating", ask(), revive, &[]), [Class::SecretMissing]);
}

#[test]
fn version_mismatch_is_silent_for_another_patch_release() {
    let relabel = |object: &Object| {
        let mut object = object.clone();
        if object.id.namespace == "arc-docs" && object.labels.contains_key(marks::VERSION) {
            object.labels.insert(marks::VERSION.to_owned(), "0.14.0".to_owned());
        }
        Some(object)
    };
    assert_eq!(after("version-mismatch", namespace("arc-docs"), same, &[]), [Class::VersionMismatch]);
    assert_eq!(after("version-mismatch", namespace("arc-docs"), relabel, &[]), []);
}

#[test]
fn a_live_runner_set_of_another_version_is_a_mismatch_and_its_neighbour_is_not() {
    let relabel = |object: &Object| {
        let mut object = object.clone();
        if object.id.kind == arc::AUTOSCALING_RUNNER_SET && object.id.name == "tools" {
            object.labels.insert(marks::VERSION.to_owned(), "0.13.1".to_owned());
        }
        Some(object)
    };
    assert_eq!(after("healthy", everything(), relabel, &[]), [Class::VersionMismatch]);
    assert_eq!(after("healthy", namespace("arc-web"), relabel, &[]), []);
}

#[test]
fn listener_orphaned_is_silent_when_a_controller_runs_beside_it() {
    let mut beside = controller();
    beside.id.namespace = "arc-old".to_owned();
    let classes = after("controller-moved", namespace("arc-old"), same, &[beside]);
    assert!(!classes.contains(&Class::ListenerOrphaned), "{classes:?}");
}

#[test]
fn a_second_listener_under_an_old_name_is_orphaned_and_the_current_one_is_not() {
    let listener = object("healthy", &arc::AUTOSCALING_LISTENER, "arc-systems", "web-659f48bf-listener");
    let mut old = listener.clone();
    old.id.name = "web-754b578d-listener".to_owned();
    old.uid = "old".to_owned();
    let snapshot = changed(&load("healthy"), same);
    assert_eq!(classes(&diagnose(&snapshot, &[everything()])), []);
    let mut snapshot = snapshot;
    snapshot.insert(old.clone());
    let mut pod = object("healthy", &arc::POD, "arc-systems", &listener.id.name);
    pod.id.name.clone_from(&old.id.name);
    snapshot.insert(pod);
    let diagnosis = diagnose(&snapshot, &[everything()]);
    assert_eq!(classes(&diagnosis), [Class::ListenerOrphaned]);
    assert_eq!(diagnosis.roots[0].object.id, old.id);
    assert_eq!(diagnosis.roots[0].remedies[0].id, "delete-listener");
}

#[test]
fn a_listener_without_its_runner_set_is_orphaned() {
    let gone = |object: &Object| {
        let set = object.id.kind == arc::AUTOSCALING_RUNNER_SET && object.id.name == "web";
        (!set).then(|| object.clone())
    };
    let classes = after("healthy", everything(), gone, &[]);
    assert!(classes.contains(&Class::ListenerOrphaned), "{classes:?}");
}

#[test]
fn foreign_finalizer_is_silent_about_finalizers_of_arc_and_of_kubernetes() {
    let rename = |finalizer: &'static str| {
        move |object: &Object| {
            let mut object = object.clone();
            if object.id.kind.kind == "ExternalSecret" {
                object.finalizers = vec![finalizer.to_owned()];
            }
            Some(object)
        }
    };
    let ask = || namespace("arc-tools");
    assert_eq!(after("foreign-finalizer", ask(), same, &[]), [Class::ForeignFinalizer]);
    assert_eq!(after("foreign-finalizer", ask(), rename(finalizers::FOREGROUND), &[]), []);
    let unknown = after("foreign-finalizer", ask(), rename("example.com/unheard-of"), &[]);
    assert_eq!(unknown, [Class::ForeignFinalizer]);
}

#[test]
fn crd_terminating_is_the_root_only_where_no_instance_is_seen() {
    let no_instances = |object: &Object| (object.id.kind.group != arc::GROUP).then(|| object.clone());
    let ask = || Ask::Object(ObjectId::new(&arc::CRD, "", "ephemeralrunners.actions.github.com"));
    assert_eq!(after("crds-deleted-controller-gone", ask(), same, &[]), [Class::ControllerGone]);
    assert_eq!(after("crds-deleted-controller-gone", ask(), no_instances, &[]), [Class::CrdTerminating]);
}

/// Instances of others are looked for before it is said that there are none.
#[test]
fn crd_terminating_of_a_kind_that_no_table_knows_waits_for_a_look_at_its_instances() {
    let name = "bookings.costs.example.com";
    let mut crd =
        object("crds-deleted-controller-gone", &arc::CRD, "", "ephemeralrunners.actions.github.com");
    crd.id.name = name.to_owned();
    crd.metadata_only = true;
    let ask = Ask::Object(crd.id.clone());
    let mut snapshot = load("healthy");
    snapshot.captured_at = load("crds-deleted-controller-gone").captured_at;
    snapshot.coverage.complete = false;
    snapshot.insert(crd);
    let unread = diagnose(&snapshot, std::slice::from_ref(&ask));
    assert_eq!(unread.summary.verdict, Verdict::Unknown);
    assert_eq!(unread.gaps[0].hides, [Class::CrdTerminating]);
    let wanted = wants(&snapshot, std::slice::from_ref(&ask));
    let looks =
        |request: &Request| matches!(&request.what, What::Resource { plural, .. } if plural == "bookings");
    assert!(wanted.iter().any(looks), "{wanted:#?}");
    snapshot.coverage.entries.push(Covered {
        kind: GroupKind::named("costs.example.com", "Booking"),
        api_version: "costs.example.com/v1".to_owned(),
        namespace: None,
        name: None,
        selector: None,
        reading: Reading::Read,
    });
    assert_eq!(classes(&diagnose(&snapshot, std::slice::from_ref(&ask))), [Class::CrdTerminating]);
}

#[test]
fn crds_are_left_behind_only_without_a_controller() {
    let notices = |more: &[Object]| {
        let mut snapshot = load("crds-left-behind");
        for object in more {
            snapshot.insert(object.clone());
        }
        diagnose(&snapshot, &[everything()]).notices.len()
    };
    assert_eq!(notices(&[]), 1);
    assert_eq!(notices(&[controller()]), 0);
}

/// Invariant 5: a re-created namesake is another object, so what the first one owned is not the second one's.
#[test]
fn a_re_created_namesake_owns_nothing_of_the_first() {
    let orphaned = |object: &Object| {
        let mut object = object.clone();
        if object.id.kind == arc::EPHEMERAL_RUNNER_SET && object.id.name == "release-ci" {
            object.owners = vec![Owner { uid: "another".to_owned(), ..object.owners[0].clone() }];
        }
        Some(object)
    };
    let snapshot = changed(&load("helm-uninstall-secret-gone"), orphaned);
    let diagnosis = diagnose(&snapshot, &[set("arc-release", "release-ci")]);
    let steps = diagnosis.targets.iter().flat_map(|target| &target.path);
    assert!(steps.into_iter().all(|step| step.waits_for.id.kind != arc::EPHEMERAL_RUNNER_SET));
}

/// Invariant 6: the same deletion, two minutes old at the most, is waiting.
#[test]
fn a_young_deletion_is_waiting_and_not_blocked() {
    let mut snapshot = load("helm-uninstall-secret-gone");
    let asked =
        object("helm-uninstall-secret-gone", &arc::AUTOSCALING_RUNNER_SET, "arc-release", "release-ci");
    let since = asked.deletion_timestamp.expect("it is being deleted");
    snapshot.captured_at = since + jiff::SignedDuration::from_secs(60);
    let diagnosis = diagnose(&snapshot, &[namespace("arc-release")]);
    assert_eq!(diagnosis.summary.verdict, Verdict::Waiting);
    assert_eq!(diagnosis.roots, []);
    // But a Secret that is gone does not come back, and what waits for it is told so.
    let secret = ObjectId::new(&arc::SECRET, "arc-release", "gh-app-release");
    let ahead = |snapshot: &Snapshot, ask: Ask| {
        let targets = diagnose(snapshot, &[ask]).targets;
        targets
            .into_iter()
            .flat_map(|target| target.ahead)
            .map(|one| (one.class, one.object.id))
            .collect::<Vec<_>>()
    };
    let expected = vec![(Class::SecretMissing, secret.clone())];
    for ask in [everything(), namespace("arc-release"), set("arc-release", "release-ci")] {
        assert_eq!(ahead(&snapshot, ask.clone()), expected, "{ask:?}");
    }
    assert_eq!(ahead(&snapshot, namespace("arc-web")), [], "a neighbour does not wait for it");
    let mut back = object("healthy", &arc::SECRET, "arc-tools", "gh-app-tools");
    back.id = secret.clone();
    snapshot.insert(back);
    assert_eq!(ahead(&snapshot, everything()), [], "it is there again");
    let old = load("helm-uninstall-secret-gone");
    assert_eq!(ahead(&old, everything()), [], "it is a root by now");
    // What it will need is looked at while it is young: may the controller read that Secret?
    let wanted = wants(&snapshot, &[set("arc-release", "release-ci")]);
    let asks = |what: &What| matches!(what, What::Review(question) if question.name == secret.name);
    assert!(wanted.iter().any(|request| asks(&request.what)), "{wanted:?}");
}

/// With its CRDs gone a controller ends every few minutes and is started again: what a look at its replicas finds is
/// chance, and the answer is not.
#[test]
fn a_controller_without_its_crds_is_never_well() {
    let look = |sets: bool, replicas: i64, ready: i64, ago: i64| {
        let healthy = load("healthy");
        let since = healthy.captured_at - jiff::SignedDuration::from_secs(ago);
        let snapshot = changed(&healthy, |object| {
            let mut object = object.clone();
            if object.id.kind == arc::DEPLOYMENT {
                object.body["spec"]["replicas"] = replicas.into();
                object.body["status"]["readyReplicas"] = ready.into();
                object.body["status"]["conditions"] = serde_json::json!([
                    {"type": "Available", "status": "False", "lastTransitionTime": since.to_string()},
                ]);
            }
            let gone =
                object.id.kind == arc::CRD || (!sets && arc::SCALE_SET_KINDS.contains(&object.id.kind));
            (!gone).then_some(object)
        });
        diagnose(&snapshot, &[everything()])
    };
    for (ready, ago) in [(1, 600), (0, 600), (0, 5)] {
        for (sets, asked) in [(true, 2), (false, 1)] {
            let diagnosis = look(sets, 1, ready, ago);
            assert_eq!(classes(&diagnosis), [Class::CrdSkew], "{ready} ready, {ago}s, {sets}");
            let told = (diagnosis.targets.len() >= asked, diagnosis.summary.verdict);
            assert_eq!(told, (true, Verdict::Blocked), "{:?}", diagnosis.targets);
        }
    }
    assert_eq!(look(false, 0, 0, 600).summary.verdict, Verdict::Clear, "nobody wants it to run");
}
