//! Which controllers there are, what they run, and what is said of runner sets for that.

use super::*;
use crate::arc::marks;
use serde_json::Value;
use serde_json::json;

type Change = fn(&mut Object);

/// An example in which all objects of one kind were changed.
fn with(file: &str, kind: &GroupKind, change: impl Fn(&mut Object)) -> Snapshot {
    changed(&load(file), |object| {
        let mut object = object.clone();
        if object.id.kind == *kind {
            change(&mut object);
        }
        Some(object)
    })
}

/// `healthy`, lived in: its runner sets are three days old, and carry this label.
pub(super) fn lived_in(label: Option<&str>) -> Snapshot {
    with("healthy", &arc::AUTOSCALING_RUNNER_SET, |set| {
        set.created = "2026-11-18T06:09:27Z".parse().ok();
        match label {
            Some(label) => set.labels.insert(marks::VERSION.to_owned(), label.to_owned()),
            None => set.labels.remove(marks::VERSION),
        };
    })
}

/// The same cluster with its controllers changed.
fn controllers(snapshot: &Snapshot, change: impl Fn(&mut Object)) -> Snapshot {
    changed(snapshot, |object| {
        let mut object = object.clone();
        if object.id.kind == arc::DEPLOYMENT {
            change(&mut object);
        }
        Some(object)
    })
}

/// The same cluster without objects of a kind.
fn none_of(snapshot: &Snapshot, kind: &GroupKind) -> Snapshot {
    changed(snapshot, |object| (object.id.kind != *kind).then(|| object.clone()))
}

fn set_image(deployment: &mut Object, image: &str) {
    deployment.body["spec"]["template"]["spec"]["containers"][0]["image"] = image.into();
}

fn set_label(deployment: &mut Object, label: &str) {
    deployment.labels.insert(marks::VERSION.to_owned(), label.to_owned());
}

fn all(snapshot: &Snapshot) -> Diagnosis {
    diagnose(snapshot, &[everything()])
}

fn arguments(deployment: &mut Object) -> &mut Value {
    &mut deployment.body["spec"]["template"]["spec"]["containers"][0]["args"]
}

#[test]
fn a_tag_that_is_the_version_in_other_words_is_no_mismatch() {
    for tag in ["v0.9.3", "0.9.3-patched", "0.9.3+x"] {
        let snapshot = with("healthy", &arc::AUTOSCALING_RUNNER_SET, |set| set_label(set, "0.9.3"));
        let snapshot = controllers(&snapshot, |deployment| {
            set_image(deployment, &format!("registry/mirror:{tag}"));
            set_label(deployment, "0.9.3");
        });
        assert_eq!(all(&snapshot).summary.verdict, Verdict::Clear, "{tag}");
    }
}

#[test]
fn a_tag_that_is_no_version_leaves_it_to_the_label_of_the_deployment() {
    for tag in ["20261105", "2026.11.5-3", "4437525", "latest"] {
        let image = format!("registry/arc:{tag}");
        let snapshot = controllers(&load("healthy"), |deployment| set_image(deployment, &image));
        assert_eq!(all(&snapshot).summary.verdict, Verdict::Clear, "{tag}");
        let other = controllers(&snapshot, |deployment| set_label(deployment, "0.9.0"));
        let root = &all(&other).roots[0];
        assert_eq!((root.class, root.certainty), (Class::VersionMismatch, Certainty::Likely), "{tag}");
        let unlabelled = controllers(&snapshot, |deployment| {
            deployment.labels.remove(marks::VERSION);
        });
        assert_eq!(all(&unlabelled).summary.verdict, Verdict::Clear, "{tag}");
    }
}

#[test]
fn a_mismatch_is_proven_only_where_tag_and_label_agree_on_the_build() {
    let changes: [(Change, Certainty); 2] = [
        (|deployment| set_image(deployment, "registry/arc:1.2.3"), Certainty::Likely),
        (
            |deployment| {
                set_image(deployment, "registry/arc:1.2.3");
                set_label(deployment, "1.2.3");
            },
            Certainty::Proven,
        ),
    ];
    for (change, certainty) in changes {
        let diagnosis = all(&controllers(&load("healthy"), change));
        let root = &diagnosis.roots[0];
        assert_eq!((root.class, root.certainty), (Class::VersionMismatch, certainty));
        let says: Vec<&str> = root.evidence.iter().map(|evidence| evidence.says.as_str()).collect();
        assert!(says.contains(&"registry/arc:1.2.3"), "{says:?}");
    }
}

#[test]
fn a_runner_set_that_has_lived_with_a_listener_was_accepted() {
    let refused =
        |snapshot: &Snapshot| controllers(snapshot, |deployment| set_image(deployment, "registry/arc:1.2.3"));
    let lived = refused(&lived_in(Some("0.14.2")));
    assert_eq!(all(&lived).summary.verdict, Verdict::Clear);
    let fresh = refused(&load("healthy"));
    assert_eq!(classes(&all(&fresh)), [Class::VersionMismatch; 2]);
    let without_listener = none_of(&lived, &arc::AUTOSCALING_LISTENER);
    assert!(classes(&all(&without_listener)).contains(&Class::VersionMismatch));
    let just_rolled_out = controllers(&lived, |deployment| {
        for condition in deployment.body["status"]["conditions"].as_array_mut().expect("conditions") {
            condition["lastUpdateTime"] = "2026-11-21T06:09:20Z".into();
        }
    });
    assert_eq!(classes(&all(&just_rolled_out)), [Class::VersionMismatch; 2]);
}

#[test]
fn a_build_that_is_being_rolled_out_does_not_count_yet() {
    let new = |deployment: &mut Object| {
        set_image(deployment, "registry/arc:0.15.0");
        set_label(deployment, "0.15.0");
    };
    assert_eq!(classes(&all(&controllers(&load("healthy"), new))), [Class::VersionMismatch; 2]);
    // At first; and where its image is not there, so that the replica of the build before goes on.
    for (replicas, updated) in [(1, 0), (2, 1)] {
        let under_way = controllers(&load("healthy"), |deployment| {
            new(deployment);
            deployment.body["status"]["replicas"] = replicas.into();
            deployment.body["status"]["updatedReplicas"] = updated.into();
        });
        assert_eq!(all(&under_way).summary.verdict, Verdict::Clear);
    }
}

#[test]
fn two_controllers_of_different_versions_are_to_be_separated() {
    let mut snapshot = lived_in(Some("0.14.2"));
    let mut second = load("healthy").objects().find(|object| object.id.kind == arc::DEPLOYMENT).cloned();
    let second = second.as_mut().expect("a controller");
    second.id.namespace = "arc-two".to_owned();
    second.uid = "two".to_owned();
    set_image(second, "registry/arc:0.9.3");
    set_label(second, "0.9.3");
    snapshot.insert(second.clone());
    let diagnosis = all(&snapshot);
    assert_eq!(classes(&diagnosis), [Class::VersionMismatch; 2]);
    for root in &diagnosis.roots {
        assert_eq!(root.certainty, Certainty::Likely);
        let named: BTreeSet<&str> = root
            .evidence
            .iter()
            .filter(|evidence| evidence.object.id.kind == arc::DEPLOYMENT)
            .map(|evidence| evidence.object.id.namespace.as_str())
            .collect();
        assert_eq!(named, ["arc-systems", "arc-two"].into());
        let [remedy] = root.remedies.as_slice() else { panic!("{:?}", root.remedies) };
        assert_eq!((remedy.applicability, remedy.loss), (Applicability::Manual, Loss::None));
        assert!(remedy.commands().is_empty());
    }
}

#[test]
fn a_runner_set_without_a_version_label_is_said_to_carry_none() {
    let snapshot = with("healthy", &arc::AUTOSCALING_RUNNER_SET, |set| {
        set.labels.remove(marks::VERSION);
    });
    let message = &all(&snapshot).roots[0].message;
    assert!(message.contains("carries no version label"), "{message}");
}

#[test]
fn a_controller_is_known_by_its_arguments_however_they_are_written() {
    let written = [
        json!(["--auto-scaling-runner-set-only=true", "--watch-single-namespace=arc-web"]),
        json!(["--auto-scaling-runner-set-only", "--watch-single-namespace", "arc-web"]),
        json!(["-auto-scaling-runner-set-only", "-watch-single-namespace=arc-web"]),
    ];
    for value in written {
        let snapshot = controllers(&load("healthy"), |deployment| {
            deployment.labels.clear();
            *arguments(deployment) = value.clone();
        });
        let view = View::new(&snapshot);
        let controllers = controllers::Controllers::of(&view);
        assert_eq!(controllers.found.len(), 1, "{value}");
        assert!(controllers.alive("arc-web").is_some(), "{value}");
        assert!(controllers.alive("arc-tools").is_none(), "{value}");
    }
}

const GONE: &str = "crds-deleted-controller-gone";

fn controller() -> Object {
    let healthy = load("healthy");
    healthy.objects().find(|object| object.id.kind == arc::DEPLOYMENT).cloned().expect("a controller")
}

fn add(mut snapshot: Snapshot, object: Object) -> Snapshot {
    snapshot.insert(object);
    snapshot
}

fn watches(deployment: &mut Object, namespace: &str) {
    *arguments(deployment) =
        json!([marks::SCALE_SET_MODE_ARGUMENT, format!("{}{namespace}", marks::WATCH_ARGUMENT)]);
}

#[test]
fn a_controller_that_watches_another_namespace_is_not_gone_and_not_enough() {
    let mut elsewhere = controller();
    watches(&mut elsewhere, "arc-web");
    let diagnosis = diagnose(&add(load(GONE), elsewhere), &[namespace("arc-build")]);
    assert_eq!(classes(&diagnosis), [Class::ControllerNotReconciling]);
    let says =
        "Deployment arc-systems/arc-gha-rs-controller watches namespace arc-web alone, and not arc-build";
    let steps = diagnosis.targets.iter().flat_map(|target| &target.path);
    assert!(steps.into_iter().any(|step| step.because.contains(says)), "{:?}", diagnosis.targets);

    let live = controllers(&load("healthy"), |deployment| watches(deployment, "arc-web"));
    let tools = diagnose(&live, &[set("arc-tools", "tools")]);
    assert_eq!(classes(&tools), [Class::ControllerNotReconciling]);
    assert_eq!(tools.roots[0].object.id.to_string(), "Deployment arc-systems/arc-gha-rs-controller");
    assert_eq!(diagnose(&live, &[set("arc-web", "web")]).summary.verdict, Verdict::Clear);
}

/// Every namespace has a controller of its own, and one of these is gone.
#[test]
fn the_controller_of_another_namespace_does_not_stand_in_for_the_one_that_is_named() {
    let mut other = controller();
    other.id = ObjectId::new(&arc::DEPLOYMENT, "arc-web-ctl", "other");
    watches(&mut other, "arc-web");
    let diagnosis = diagnose(&add(load(GONE), other), &[namespace("arc-build")]);
    let root = &diagnosis.roots[0];
    assert_eq!((root.class, root.certainty), (Class::ControllerGone, Certainty::Likely));
    assert_eq!(root.object.id.to_string(), "Deployment arc-systems/arc-gha-rs-controller");
}

#[test]
fn a_deployment_that_is_there_is_never_said_to_be_missing() {
    let mut unknown = controller();
    unknown.labels.clear();
    *arguments(&mut unknown) = json!([]);
    let diagnosis = diagnose(&add(load(GONE), unknown), &[everything()]);
    assert_eq!((diagnosis.summary.verdict, classes(&diagnosis)), (Verdict::Unknown, Vec::new()));
}

#[test]
fn a_guessed_name_is_said_to_be_a_guess() {
    let root = &all(&none_of(&load(GONE), &arc::ROLE_BINDING)).roots[0];
    assert_eq!((root.class, root.certainty), (Class::ControllerGone, Certainty::Likely));
    assert!(root.message.contains("is a guess"), "{}", root.message);
    assert!(root.remedies[0].title.contains("a guess"), "{}", root.remedies[0].title);
    assert_eq!(all(&load(GONE)).roots[0].certainty, Certainty::Proven);
}

#[test]
fn helm_tells_the_release_better_than_the_name_of_the_service_account() {
    let command = |snapshot: &Snapshot| all(snapshot).roots[0].remedies[0].commands()[0].clone();
    let start = "helm upgrade --install arc oci:";
    assert!(command(&load(GONE)).starts_with(start), "{}", command(&load(GONE)));
    let healthy = load("healthy");
    let account = healthy.objects().find(|object| {
        object.id == ObjectId::new(&arc::SERVICE_ACCOUNT, "arc-systems", "arc-gha-rs-controller")
    });
    let mut account = account.cloned().expect("the controller's ServiceAccount");
    let whole = "arc-gha-rs-controller".to_owned();
    account.annotations.insert("meta.helm.sh/release-name".to_owned(), whole);
    let told = command(&add(load(GONE), account));
    assert!(told.starts_with("helm upgrade --install arc-gha-rs-controller oci:"), "{told}");
}

#[test]
fn stripping_finalizers_costs_registrations_and_the_job_of_a_busy_runner() {
    let strip = |snapshot: &Snapshot| {
        let remedies = all(snapshot).roots[0].remedies.clone();
        let strip = remedies.into_iter().find(|remedy| remedy.id == "strip-finalizers");
        strip.expect("the last resort")
    };
    let idle = strip(&load(GONE));
    assert_eq!((idle.applicability, idle.loss), (Applicability::Automatic, Loss::Registration));
    let busy = with(GONE, &arc::EPHEMERAL_RUNNER, |runner| {
        runner.body["status"]["jobId"] = "7".into();
    });
    assert_eq!(strip(&busy).loss, Loss::Job);
}

/// Live runner sets that have all they need are still held up without a controller.
#[test]
fn controller_gone_speaks_of_live_runner_sets() {
    let stopped = |replicas: i64| {
        controllers(&lived_in(Some("0.14.2")), |deployment| {
            deployment.body["spec"]["replicas"] = replicas.into();
            deployment.body["status"]["readyReplicas"] = 0.into();
        })
    };
    let gone = none_of(&lived_in(Some("0.14.2")), &arc::DEPLOYMENT);
    for snapshot in [stopped(1), stopped(0), gone.clone()] {
        let diagnosis = all(&snapshot);
        assert_eq!(diagnosis.summary.verdict, Verdict::Blocked);
        assert_eq!(classes(&diagnosis), [Class::ControllerGone]);
        let root = &diagnosis.roots[0];
        assert_eq!(root.object.id.to_string(), "Deployment arc-systems/arc-gha-rs-controller");
        assert!(root.message.contains("no runner will be made or removed"), "{}", root.message);
        assert_eq!(root.blocks.len(), 2);
        assert!(root.remedies.iter().all(|remedy| remedy.id != "strip-finalizers"));
    }
    let unread = without(&gone, &arc::DEPLOYMENT);
    assert_eq!(all(&unread).roots, []);
}

#[test]
fn a_controller_that_just_lost_its_replica_is_restarting_and_not_gone() {
    let lost = |file: &str, at: &str, unavailable: bool| {
        controllers(&load(file), |deployment| {
            deployment.body["status"]["readyReplicas"] = 0.into();
            for condition in deployment.body["status"]["conditions"].as_array_mut().expect("conditions") {
                if condition["type"] == "Available" && unavailable {
                    condition["status"] = "False".into();
                    condition["lastTransitionTime"] = at.into();
                }
            }
        })
    };
    let file = "helm-uninstall-secret-gone";
    let ask = || namespace("arc-release");
    let speaks =
        |snapshot: &Snapshot| classes(&diagnose(snapshot, &[ask()])).contains(&Class::ControllerGone);
    assert!(!speaks(&lost(file, "2026-11-21T06:14:30Z", true)));
    assert!(speaks(&lost(file, "2026-11-21T06:12:30Z", true)));
    assert!(speaks(&lost(file, "", false)));
    let live = |at| all(&lost("healthy", at, true)).summary.verdict;
    assert_eq!(live("2026-11-21T06:09:10Z"), Verdict::Clear);
    assert_eq!(live("2026-11-21T06:07:10Z"), Verdict::Blocked);
}

/// The healthy cluster with a runner set of which only the chart's protected objects are left, under this release.
fn released_by(version: &str) -> Snapshot {
    let parts = [arc::AUTOSCALING_LISTENER, arc::EPHEMERAL_RUNNER_SET, arc::EPHEMERAL_RUNNER, arc::POD];
    let healthy = load("healthy");
    let since = healthy.captured_at - jiff::SignedDuration::from_mins(10);
    changed(&healthy, |object| {
        let its = object.label(marks::SCALE_SET_NAME) == Some("tools");
        if its && parts.contains(&object.id.kind) {
            return None;
        }
        let mut object = object.clone();
        if object.id.kind == arc::DEPLOYMENT {
            set_image(&mut object, &format!("x:{version}"));
            set_label(&mut object, version);
        }
        if its && object.id.kind == arc::AUTOSCALING_RUNNER_SET {
            object.deletion_timestamp = Some(since);
            object.annotations.remove(marks::SCALE_SET_ID);
        }
        Some(object)
    })
}

/// How a step is done differs between releases, and the stage says how this one does it.
#[test]
fn the_stage_is_that_of_the_release_that_runs() {
    let stage = |version: &str| {
        let snapshot = released_by(version);
        let world = survey(&View::new(&snapshot), Patience::Usual);
        let stuck = world.stuck.values().find(|stuck| stuck.id.kind == arc::AUTOSCALING_RUNNER_SET);
        stuck.expect("it is stuck").stage.clone()
    };
    let at_once = "step 4 of 5: the chart's protected objects are released";
    assert_eq!(stage("0.9.3"), at_once);
    let one_by_one = stage("0.9.2");
    assert!(one_by_one.starts_with(at_once) && one_by_one.contains("one in each pass"), "{one_by_one}");
}
