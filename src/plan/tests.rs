//! Plans for the recorded clusters of `examples/`, played through, and for clusters that were changed at random.

use super::choose::plan_of;
use super::*;
use crate::arc;
use crate::arc::finalizers;
use crate::diagnose;
use crate::diagnose::Ask;
use crate::diagnose::State;
use crate::diagnose::diagnose;
use crate::model::Lookup;
use crate::model::Object;
use crate::model::Snapshot;
use proptest::prelude::*;
use std::fmt::Write as _;

fn load(name: &str) -> Snapshot {
    let path = format!("{}/examples/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    crate::source::file::load(&[path], false).expect("an example")
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

fn plan_for(name: &str, ask: &Ask, accepted: Loss) -> Plan {
    let snapshot = load(name);
    let diagnosis = diagnose(&snapshot, std::slice::from_ref(ask));
    plan(&snapshot, &diagnosis, accepted)
}

/// `example at loss: remedies -> what comes of it`.
fn told(name: &str, ask: &Ask, accepted: Loss) -> String {
    let plan = plan_for(name, ask, accepted);
    let mut text = format!("{name} at {}:", accepted.word());
    for step in &plan.steps {
        write!(text, " {}/{}({})", step.class.id(), step.remedy.id, step.changes().len()).unwrap();
    }
    let Outcome { frees, gone, remains, unsure } = &plan.outcome;
    let (gone, remains) = (gone.len(), remains.len());
    writeln!(text, " -> frees {frees}, {gone} gone, {remains} remain, {} unsure", unsure.len()).unwrap();
    for hand in &plan.left_to_you {
        writeln!(text, "  left to you: {}", hand.class.id()).unwrap();
    }
    for leaf in plan.leaves() {
        writeln!(text, "  leaves {leaf}").unwrap();
    }
    text
}

#[test]
fn every_example_gets_the_gentlest_plan_that_works() {
    let cases = [
        ("argocd-delete-deadlock", namespace("arc-ml")),
        ("helm-uninstall-secret-gone", namespace("arc-release")),
        ("crds-deleted-controller-gone", everything()),
        ("crds-deleted-controller-gone", set("arc-build", "build")),
        ("version-mismatch", namespace("arc-docs")),
        ("controller-moved", set("arc-tools", "tools")),
        ("controller-moved", namespace("arc-old")),
        ("rbac-role-gone", set("arc-tools", "tools")),
        ("cleanup-protection-orphan", namespace("arc-ml")),
        ("namespace-terminating", namespace("arc-release")),
        ("foreign-finalizer", everything()),
        ("healthy", everything()),
        ("draining", everything()),
    ];
    let mut text = String::new();
    for (name, ask) in &cases {
        let gentle = told(name, ask, Loss::None);
        text.push_str(&gentle);
        let dear = told(name, ask, Loss::Job);
        if dear.replace(" at job:", " at none:") != gentle {
            text.push_str(&dear);
        }
    }
    insta::assert_snapshot!(text, @r#"
    argocd-delete-deadlock at none: -> frees false, 0 gone, 5 remain, 0 unsure
      left to you: gitops-delete-deadlock
    argocd-delete-deadlock at job: gitops-delete-deadlock/delete-runner-set(1) -> frees true, 19 gone, 0 remain, 0 unsure
    helm-uninstall-secret-gone at none: -> frees false, 0 gone, 7 remain, 0 unsure
      left to you: secret-missing
    helm-uninstall-secret-gone at job: secret-missing/let-go-of-github(5) -> frees true, 11 gone, 0 remain, 0 unsure
      leaves runner 30703 "release-ci-runner-6xdhc" at https://github.com/acme-release
      leaves runner 30704 "release-ci-runner-c7p95" at https://github.com/acme-release
      leaves runner scale set 309 "release-ci" at https://github.com/acme-release
    crds-deleted-controller-gone at none: -> frees false, 0 gone, 14 remain, 0 unsure
      left to you: controller-gone
    crds-deleted-controller-gone at job: controller-gone/strip-finalizers(40) -> frees true, 32 gone, 0 remain, 0 unsure
      leaves runner scale set 610 "build" at https://github.com/acme-build/monorepo
      leaves runner 60703 "build-runner-4m7cf" at https://github.com/acme-build/monorepo
      leaves runner 60704 "build-runner-l2sgd" at https://github.com/acme-build/monorepo
      leaves runner scale set 608 "web" at https://github.com/acme-web
      leaves runner 60701 "web-runner-45xjj" at https://github.com/acme-web
      leaves runner 60702 "web-runner-gxjhg" at https://github.com/acme-web
    crds-deleted-controller-gone at none: -> frees false, 0 gone, 5 remain, 0 unsure
      left to you: controller-gone
    crds-deleted-controller-gone at job: controller-gone/strip-finalizers(20) -> frees true, 14 gone, 0 remain, 0 unsure
      leaves runner scale set 610 "build" at https://github.com/acme-build/monorepo
      leaves runner 60703 "build-runner-4m7cf" at https://github.com/acme-build/monorepo
      leaves runner 60704 "build-runner-l2sgd" at https://github.com/acme-build/monorepo
    version-mismatch at none: -> frees false, 0 gone, 0 remain, 0 unsure
      left to you: version-mismatch
    controller-moved at none: rbac-missing/repair-role-binding(3) -> frees true, 13 gone, 0 remain, 0 unsure
    controller-moved at none: listener-orphaned/drop-listener-finalizer(1) -> frees true, 2 gone, 0 remain, 0 unsure
    rbac-role-gone at none: rbac-missing/restore-manager-role(4) -> frees true, 11 gone, 0 remain, 0 unsure
    cleanup-protection-orphan at none: cleanup-protection-orphan/release-protected-object(1) cleanup-protection-orphan/release-protected-object(1) cleanup-protection-orphan/release-protected-object(1) cleanup-protection-orphan/release-protected-object(1) cleanup-protection-orphan/release-protected-object(1) cleanup-protection-orphan/release-protected-object(1) -> frees true, 6 gone, 0 remain, 0 unsure
    namespace-terminating at none: -> frees false, 0 gone, 8 remain, 0 unsure
      left to you: namespace-terminating
    namespace-terminating at job: namespace-terminating/let-go-of-github(3) -> frees true, 8 gone, 0 remain, 0 unsure
      leaves runner 30703 "release-ci-runner-6xdhc" at https://github.com/acme-release
      leaves runner 30704 "release-ci-runner-c7p95" at https://github.com/acme-release
      leaves runner scale set 309 "release-ci" at https://github.com/acme-release
    foreign-finalizer at none: -> frees true, 0 gone, 0 remain, 0 unsure
    healthy at none: -> frees true, 0 gone, 0 remain, 0 unsure
    draining at none: -> frees true, 8 gone, 0 remain, 0 unsure
    "#);
}

/// A restart would touch every runner set; what the runner set waits for is only the next attempt.
#[test]
fn a_live_runner_set_is_looked_at_again_once_its_rights_are_back() {
    let deleted = load("rbac-role-gone");
    let now = deleted.captured_at + jiff::SignedDuration::from_hours(1);
    let mut live = Snapshot::new(deleted.source.clone(), now);
    live.coverage = deleted.coverage.clone();
    live.coverage.complete = true;
    for object in deleted.objects().filter(|object| object.id.kind != arc::AUTOSCALING_LISTENER) {
        let mut object = object.clone();
        object.deletion_timestamp = None;
        live.insert(object);
    }
    let set = set("arc-tools", "tools");
    let diagnosis = diagnose(&live, std::slice::from_ref(&set));
    let plan = plan(&live, &diagnosis, Loss::None);
    let remedies: Vec<&str> = plan.steps.iter().map(|step| step.remedy.id).collect();
    assert_eq!(
        remedies,
        ["restore-manager-role"],
        "{:#?} {:#?} {:#?}",
        diagnosis.roots,
        diagnosis.targets,
        diagnosis.gaps
    );
    let looked_at: Vec<String> =
        plan.steps[0].changes().iter().filter_map(Action::changes).map(ToString::to_string).collect();
    assert_eq!(looked_at, ["AutoscalingRunnerSet arc-tools/tools"]);
}

fn find<'a>(snapshot: &'a Snapshot, id: &ObjectId) -> Option<&'a Object> {
    match snapshot.get(id) {
        Lookup::Found(object) => Some(object),
        Lookup::Absent | Lookup::Unread(_) => None,
    }
}

/// What only the controller of one set held is let go; the neighbour in the same predicament is not touched.
#[test]
fn the_neighbour_is_not_touched() {
    let plan = plan_for("crds-deleted-controller-gone", &set("arc-build", "build"), Loss::Job);
    assert!(plan.outcome.frees, "{:?}", plan.outcome);
    let changed: Vec<&ObjectId> =
        plan.steps.iter().flat_map(Step::changes).filter_map(Action::changes).collect();
    assert!(!changed.is_empty());
    assert!(
        changed.iter().all(|id| !id.namespace.starts_with("arc-web") && !id.name.starts_with("web")),
        "{changed:?}"
    );
    assert!(plan.leaves().iter().all(|leaf| leaf.contains("build")), "{:?}", plan.leaves());
}

/// A neighbour that is being deleted as well is not promised to go: what holds it was not looked at.
#[test]
fn what_nobody_asked_about_is_not_promised_to_go() {
    let gone = |neighbour: Option<&Object>| {
        let mut snapshot = load("argocd-delete-deadlock");
        snapshot.objects().for_each(|object| assert_ne!(Some(&object.id), neighbour.map(|other| &other.id)));
        neighbour.cloned().into_iter().for_each(|object| snapshot.put(object));
        let diagnosis = diagnose(&snapshot, &[set("arc-ml", "ml"), namespace("arc-ml")]);
        plan(&snapshot, &diagnosis, Loss::Reversible).outcome.gone
    };
    let other = load("rbac-role-gone");
    let listeners = other.list(&arc::AUTOSCALING_LISTENER, None).objects;
    let listener =
        listeners.into_iter().find(|listener| listener.is_deleting()).expect("a listener that goes");
    let alone = gone(None);
    assert!(!alone.is_empty());
    assert_eq!(gone(Some(listener)), alone);
}

/// A runner that is let go by hand loses the finalizer of its registration first.
#[test]
fn registrations_come_off_before_runners() {
    let plan = plan_for("crds-deleted-controller-gone", &everything(), Loss::Job);
    let mut main = Vec::new();
    for action in plan.steps.iter().flat_map(Step::changes) {
        let Action::Patch(patch) = action else { continue };
        let off = patch.operations.iter().filter_map(|operation| operation["value"].as_str());
        for finalizer in off {
            match finalizer {
                finalizers::RUNNER => main.push(&patch.object),
                finalizers::RUNNER_REGISTRATION => assert!(!main.contains(&&patch.object)),
                _ => {}
            }
        }
    }
    assert!(!main.is_empty());
}

/// Whether somebody is gone for good no API tells: a person may choose it, and nothing else does it.
#[test]
fn what_only_a_person_can_judge_is_never_done_unasked() {
    let snapshot = load("foreign-finalizer");
    let held = snapshot.objects().find(|object| {
        object.is_deleting() && object.finalizers.iter().any(|finalizer| !finalizer.contains("github.com"))
    });
    let ask = Ask::Object(held.expect("an object that is held").id.clone());
    let diagnosis = diagnose(&snapshot, &[ask]);
    let offered = choices(&snapshot, &diagnosis);
    assert!(offered.iter().any(|step| step.remedy.title.starts_with("Only if")), "{offered:?}");
    let plan = plan(&snapshot, &diagnosis, Loss::Data);
    assert!(plan.steps.iter().all(|step| !step.remedy.title.starts_with("Only if")), "{:?}", plan.steps);
}

/// What was done to an object at random.
#[derive(Clone, Debug)]
enum Mischief {
    Lose,
    Delete,
    Hold,
    LetGo,
}

fn mischief() -> impl Strategy<Value = Mischief> {
    prop_oneof![Just(Mischief::Lose), Just(Mischief::Delete), Just(Mischief::Hold), Just(Mischief::LetGo)]
}

const PLAYED: [&str; 5] = [
    "healthy",
    "helm-uninstall-secret-gone",
    "controller-moved",
    "crds-deleted-controller-gone",
    "argocd-delete-deadlock",
];

/// A recorded cluster after some mischief.
fn changed(name: &str, changes: &[(usize, Mischief)]) -> Snapshot {
    let mut snapshot = load(name);
    let long_ago = snapshot.captured_at - jiff::SignedDuration::from_hours(3);
    let ids: Vec<ObjectId> = snapshot.objects().map(|object| object.id.clone()).collect();
    for (number, change) in changes {
        let id = &ids[number % ids.len()];
        let Some(mut object) = snapshot.take(id) else { continue };
        match change {
            Mischief::Lose => continue,
            Mischief::Delete => {
                object.deletion_timestamp.get_or_insert(long_ago);
                object.body["metadata"]["deletionTimestamp"] = long_ago.to_string().into();
            }
            Mischief::Hold => object.finalizers.push("example.com/hold".to_owned()),
            Mischief::LetGo => object.finalizers.clear(),
        }
        object.body["metadata"]["finalizers"] = object.finalizers.clone().into();
        snapshot.put(object);
    }
    snapshot
}

/// Whether this object may be touched for that question: it is on the way from it, or it is what is to be put right.
fn may_touch(meant: &BTreeSet<ObjectId>, plan: &Plan, snapshot: &Snapshot, id: &ObjectId) -> bool {
    let root = |step: &Step| step.object.id == *id;
    let controller = id.kind == arc::DEPLOYMENT;
    // A listener's Role and RoleBinding have its name and stand in the namespace of its runner set.
    let of_listener = [arc::ROLE, arc::ROLE_BINDING].contains(&id.kind)
        && snapshot.list(&arc::AUTOSCALING_LISTENER, None).objects.iter().any(|listener| {
            listener.id.name == id.name
                && (meant.contains(&listener.id)
                    || plan.steps.iter().any(|step| step.object.id == listener.id))
        });
    meant.contains(id) || plan.steps.iter().any(root) || controller || of_listener
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// A plan touches nothing outside of what was asked about, costs no more than any other that works, and says that it
    /// frees only where no root that it was to free is left. That it ends is seen by this ending.
    #[test]
    fn a_plan_is_the_cheapest_that_works_and_touches_nothing_else(
        example in 0..PLAYED.len(),
        changes in prop::collection::vec((0_usize..400, mischief()), 1..8),
        target in 0_usize..400,
        accepted in prop_oneof![Just(Loss::None), Just(Loss::Reversible), Just(Loss::Registration), Just(Loss::Job)],
    ) {
        let snapshot = changed(PLAYED[example], &changes);
        let ids: Vec<ObjectId> = snapshot.objects().map(|object| object.id.clone()).collect();
        let ask = Ask::Object(ids[target % ids.len()].clone());
        let diagnosis = diagnose(&snapshot, &[ask]);
        let plan = plan(&snapshot, &diagnosis, accepted);
        let targets: Vec<ObjectId> = diagnosis.targets.iter().map(|target| target.object.id.clone()).collect();
        let meant = diagnose::reach(&snapshot, &targets);
        for step in &plan.steps {
            prop_assert!(step.remedy.loss <= accepted);
            for id in step.changes().iter().filter_map(Action::changes) {
                prop_assert!(may_touch(&meant, &plan, &snapshot, id), "{} touches {id}", step.remedy.id);
                let deleted_of_live = step.changes().iter().any(|action| matches!(action, Action::Patch(patch)
                    if patch.object == *id && patch.operations.iter().any(|operation| operation["path"].as_str()
                        .is_some_and(|path| path.starts_with("/metadata/finalizers")))));
                let is_live = find(&snapshot, id).is_some_and(|object| !object.is_deleting());
                let is_deleted_first = step.changes().iter().any(|action| matches!(action, Action::Delete(deletion)
                    if deletion.object == *id));
                let released = find(&snapshot, id).is_some_and(|object| object.has_finalizer(finalizers::CLEANUP_PROTECTION));
                prop_assert!(!deleted_of_live || !is_live || is_deleted_first || released,
                    "{} takes a finalizer off the live {id}", step.remedy.id);
            }
        }
        if plan.outcome.frees {
            prop_assert!(plan.outcome.remains.is_empty());
            // Each single way out that works alone is at least as dear.
            for other in choices(&snapshot, &diagnosis) {
                let loss = other.remedy.loss;
                let alone = plan_of(&snapshot, &diagnosis, vec![other]);
                prop_assert!(!alone.outcome.frees || plan.loss() <= loss);
            }
            let nothing = plan_of(&snapshot, &diagnosis, Vec::new());
            prop_assert!(!nothing.outcome.frees || plan.steps.is_empty());
        } else {
            prop_assert!(plan.loss() == Loss::None, "a loss for nothing");
        }
        for id in &plan.outcome.gone {
            prop_assert!(find(&snapshot, id).is_some(), "{id} was never there");
        }
        let missing = |step: &Step| step.object.state == State::Missing;
        prop_assert!(plan.steps.iter().all(|step| !missing(step) || !step.changes().is_empty()));
    }
}
