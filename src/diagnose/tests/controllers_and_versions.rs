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
    let under_way = controllers(&load("healthy"), |deployment| {
        new(deployment);
        deployment.body["status"]["updatedReplicas"] = 0.into();
    });
    assert_eq!(all(&under_way).summary.verdict, Verdict::Clear);
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
        assert!(remedy.commands.is_empty());
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
