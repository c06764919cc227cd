//! The rules held to their word, on the recorded and derived clusters of `examples/`.

mod controllers_and_versions;
mod decisions;
mod deletion_side;
mod do_no_harm;
mod forbidden;
mod github_side;
mod odd_side;
mod one_fact_away;
mod rights;
mod roles;
mod runners_and_pods;
mod running_side;
mod told;
mod unread;

use super::rule::Case;
use super::rule::Findings;
use super::view::View;
use super::*;
use crate::arc;
use crate::model::GroupKind;
use crate::model::Object;
use crate::model::Reading;
use std::collections::BTreeMap;

/// What an example should answer: the file, the question, the verdict, and the first root with its gentlest way
/// out (class, object, remedy, loss).
struct Expected {
    file: &'static str,
    ask: Ask,
    verdict: Verdict,
    root: Option<(Class, &'static str, &'static str, Loss)>,
}

fn namespace(name: &str) -> Ask {
    Ask::Object(ObjectId::new(&arc::NAMESPACE, "", name))
}

fn set(namespace: &str, name: &str) -> Ask {
    Ask::Object(ObjectId::new(&arc::AUTOSCALING_RUNNER_SET, namespace, name))
}

fn everything() -> Ask {
    Ask::Everything { namespace: None, selector: Vec::new() }
}

fn examples() -> Vec<Expected> {
    let blocked = |file, ask, class, object, remedy, loss| Expected {
        file,
        ask,
        verdict: Verdict::Blocked,
        root: Some((class, object, remedy, loss)),
    };
    let quiet = |file, ask, verdict| Expected { file, ask, verdict, root: None };
    vec![
        blocked(
            "argocd-delete-deadlock",
            namespace("arc-ml"),
            Class::GitopsDeleteDeadlock,
            "RoleBinding arc-ml/ml-gha-rs-kube-mode",
            "delete-runner-set",
            Loss::Reversible,
        ),
        blocked(
            "helm-uninstall-secret-gone",
            namespace("arc-release"),
            Class::SecretMissing,
            "Secret arc-release/gh-app-release",
            "restore-secret",
            Loss::None,
        ),
        blocked(
            "crds-deleted-controller-gone",
            everything(),
            Class::ControllerGone,
            "Deployment arc-systems/arc-gha-rs-controller",
            "reinstall-controller",
            Loss::None,
        ),
        blocked(
            "version-mismatch",
            namespace("arc-docs"),
            Class::VersionMismatch,
            "AutoscalingRunnerSet arc-docs/docs",
            "upgrade-runner-set",
            Loss::None,
        ),
        blocked(
            "controller-moved",
            set("arc-tools", "tools"),
            Class::RbacMissing,
            "RoleBinding arc-tools/tools-gha-rs-manager",
            "repair-role-binding",
            Loss::None,
        ),
        blocked(
            "controller-moved",
            namespace("arc-old"),
            Class::ListenerOrphaned,
            "AutoscalingListener arc-old/tools-c96bd495-listener",
            "drop-listener-finalizer",
            Loss::None,
        ),
        blocked(
            "rbac-role-gone",
            set("arc-tools", "tools"),
            Class::RbacMissing,
            "RoleBinding arc-tools/tools-gha-rs-manager",
            "restore-manager-role",
            Loss::None,
        ),
        blocked(
            "cleanup-protection-orphan",
            namespace("arc-ml"),
            Class::CleanupProtectionOrphan,
            "Secret arc-ml/ml-gha-rs-github-secret",
            "release-protected-object",
            Loss::None,
        ),
        blocked(
            "namespace-terminating",
            namespace("arc-release"),
            Class::NamespaceTerminating,
            "Namespace arc-release",
            "let-go-of-github",
            Loss::Registration,
        ),
        blocked(
            "foreign-finalizer",
            namespace("arc-tools"),
            Class::ForeignFinalizer,
            "ExternalSecret arc-tools/gh-app-tools",
            "ask-finalizer-owner",
            Loss::None,
        ),
        quiet("healthy", everything(), Verdict::Clear),
        quiet("crds-left-behind", everything(), Verdict::Clear),
        quiet("draining", set("arc-tools", "tools"), Verdict::Waiting),
    ]
}

fn load(file: &str) -> Snapshot {
    let path = format!("{}/examples/{file}.yaml", env!("CARGO_MANIFEST_DIR"));
    crate::source::file::read(&[path], false, &mut std::io::empty()).expect("the example can be read")
}

/// The same cluster, seen by somebody who may not look at a kind.
fn without(snapshot: &Snapshot, kind: &GroupKind) -> Snapshot {
    let mut blind = Snapshot::new(snapshot.source.clone(), snapshot.captured_at);
    blind.coverage = snapshot.coverage.clone();
    for entry in blind.coverage.entries.iter_mut().filter(|entry| entry.kind == *kind) {
        entry.reading = Reading::Forbidden(String::new());
    }
    for object in snapshot.objects().filter(|object| object.id.kind != *kind) {
        blind.insert(object.clone());
    }
    if *kind != arc::ACCESS_REVIEW {
        blind.reviews.clone_from(&snapshot.reviews);
    }
    if *kind != arc::POD_LOG {
        blind.logs.clone_from(&snapshot.logs);
    }
    blind
}

/// The same cluster with some objects changed (None: taken away).
fn changed(snapshot: &Snapshot, change: impl Fn(&Object) -> Option<Object>) -> Snapshot {
    let mut other = Snapshot::new(snapshot.source.clone(), snapshot.captured_at);
    other.coverage = snapshot.coverage.clone();
    other.reviews.clone_from(&snapshot.reviews);
    other.logs.clone_from(&snapshot.logs);
    for object in snapshot.objects().filter_map(change) {
        other.insert(object);
    }
    other
}

fn classes(diagnosis: &Diagnosis) -> Vec<Class> {
    diagnosis.roots.iter().map(|root| root.class).collect()
}

/// Clusters one step away from an example, on which the rules look at more.
fn variants() -> Vec<Snapshot> {
    let only = |keep: bool, object: &Object| keep.then(|| object.clone());
    let moved = load("controller-moved");
    vec![
        without(&moved, &arc::ACCESS_REVIEW),
        changed(&moved, |object| {
            only(object.id.kind != arc::AUTOSCALING_LISTENER || object.id.namespace != "arc-systems", object)
        }),
        changed(&load("crds-deleted-controller-gone"), |object| {
            only(object.id.kind != arc::ROLE_BINDING, object)
        }),
        controllers_and_versions::lived_in(None),
        rights::runners_left(&["get"]),
    ]
    .into_iter()
    .chain(running_side::variants())
    .chain([github_side::unused(3), github_side::unlisted().0])
    .chain(runners_and_pods::variants())
    .chain(deletion_side::variants())
    .chain(odd_side::variants())
    .chain(forbidden::variants())
    .collect()
}

#[test]
fn every_example_has_its_root_and_its_gentlest_way_out() {
    for expected in examples() {
        let diagnosis = diagnose(&load(expected.file), std::slice::from_ref(&expected.ask));
        let file = expected.file;
        assert_eq!(diagnosis.summary.verdict, expected.verdict, "{file}: {:?}", diagnosis.gaps);
        let first = diagnosis.roots.first();
        let Some((class, object, remedy, loss)) = expected.root else {
            assert_eq!(first, None, "{file}");
            continue;
        };
        let root = first.unwrap_or_else(|| panic!("{file} has no root"));
        assert_eq!((root.class, root.object.id.to_string().as_str()), (class, object), "{file}");
        let gentlest = root.remedies.first().unwrap_or_else(|| panic!("{file} has no way out"));
        assert_eq!((gentlest.id, gentlest.loss), (remedy, loss), "{file}");
        assert!(!root.evidence.is_empty(), "{file}: a claim without evidence (invariant 3)");
        let losses: Vec<Loss> = root.remedies.iter().map(|remedy| remedy.loss).collect();
        assert!(losses.is_sorted(), "{file}: remedies are ordered gentlest first, {losses:?}");
    }
}

/// The neighbour that the same controller serves is never named as a root.
#[test]
fn a_healthy_neighbour_is_never_blamed() {
    for expected in examples() {
        let diagnosis = diagnose(&load(expected.file), &[everything()]);
        for root in &diagnosis.roots {
            let named = root.members.iter().chain([&root.object]);
            let neighbour =
                |id: &ObjectId| id.namespace == "arc-web" && expected.file != "crds-deleted-controller-gone";
            for reference in named {
                assert!(!neighbour(&reference.id), "{}: {} is healthy", expected.file, reference.id);
            }
        }
    }
}

/// Invariant 2: what could not be read never turns a blocked cluster into a quiet one, and never makes up a root.
#[test]
fn unread_is_a_gap_and_never_a_comfort() {
    let mut kinds: Vec<GroupKind> = world::READS.to_vec();
    kinds.extend(RULES.iter().flat_map(|rule| rule.reads.iter().cloned()));
    kinds.sort();
    kinds.dedup();
    for expected in examples() {
        let snapshot = load(expected.file);
        let full = diagnose(&snapshot, std::slice::from_ref(&expected.ask));
        let roots: Vec<(Class, &ObjectId)> =
            full.roots.iter().map(|root| (root.class, &root.object.id)).collect();
        for kind in &kinds {
            let blind = without(&snapshot, kind);
            let diagnosis = diagnose(&blind, std::slice::from_ref(&expected.ask));
            let place = format!("{} without {kind}", expected.file);
            if expected.verdict == Verdict::Blocked {
                assert!(
                    diagnosis.summary.verdict >= Verdict::Unknown,
                    "{place}: it says {:?}",
                    diagnosis.summary.verdict
                );
            }
            for root in &diagnosis.roots {
                let known =
                    roots.iter().any(|(class, object)| *class == root.class && **object == root.object.id);
                let open = root.certainty == Certainty::Likely || !diagnosis.gaps.is_empty();
                assert!(
                    known || (open && expected.verdict == Verdict::Blocked),
                    "{place}: {:?} {}",
                    root.class,
                    root.object.id
                );
            }
            let quiet = diagnosis.summary.verdict == Verdict::Unknown;
            assert!(!quiet || !diagnosis.gaps.is_empty(), "{place}: it cannot say, and does not say why");
        }
    }
}

#[test]
fn a_secret_that_may_not_be_seen_is_a_gap_and_not_a_guess() {
    let snapshot = without(&load("helm-uninstall-secret-gone"), &arc::SECRET);
    let diagnosis = diagnose(&snapshot, &[namespace("arc-release")]);
    assert_eq!(diagnosis.summary.verdict, Verdict::Unknown);
    assert_eq!(diagnosis.roots, []);
    let gap = diagnosis.gaps.iter().find(|gap| gap.kind == "Secret").expect("the gap is told");
    assert_eq!((gap.namespace.as_str(), gap.reason.as_str()), ("arc-release", "forbidden"));
    assert!(gap.hides.contains(&Class::SecretMissing));
}

/// Invariant 4: a rule looks at what it declares, and at all of it.
#[test]
fn rules_read_what_they_declare() {
    let mut looked_at: BTreeMap<Class, BTreeSet<GroupKind>> = BTreeMap::new();
    for snapshot in examples().iter().map(|expected| load(expected.file)).chain(variants()) {
        let view = View::new(&snapshot);
        let world = survey(&view, Patience::Usual);
        let mut findings = Findings::default();
        for rule in RULES {
            let view = View::new(&snapshot);
            (rule.check)(&Case { view: &view, world: &world }, &mut findings);
            looked_at.entry(rule.class).or_default().extend(view.looked_at());
        }
    }
    let mut wrong = Vec::new();
    for rule in RULES {
        let declared: BTreeSet<GroupKind> = rule.reads.iter().cloned().collect();
        let looked = looked_at.remove(&rule.class).unwrap_or_default();
        for kind in looked.difference(&declared) {
            wrong.push(format!("{} reads {kind} and does not declare it", rule.class.id()));
        }
        for kind in declared.difference(&looked) {
            wrong.push(format!("{} declares {kind}, and no example makes it look there", rule.class.id()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
