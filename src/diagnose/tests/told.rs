//! What is said of a way out holds where it is said.

use super::deletion_side::answer;
use super::deletion_side::with;
use super::*;
use crate::diagnose::survey::survey;

fn release() -> Snapshot {
    load("helm-uninstall-secret-gone")
}

fn set_of_release() -> Ask {
    set("arc-release", "release-ci")
}

fn offered(diagnosis: &Diagnosis, id: &str) -> Remedy {
    let mut all = diagnosis.roots.iter().flat_map(|root| &root.remedies);
    all.find(|remedy| remedy.id == id).unwrap_or_else(|| panic!("{id}: {:#?}", diagnosis.roots)).clone()
}

#[test]
fn one_runner_is_not_told_as_many() {
    let stage = |runners: usize| {
        let kept = std::cell::Cell::new(0);
        let snapshot = changed(&release(), |object| {
            if object.id.kind == arc::EPHEMERAL_RUNNER {
                kept.set(kept.get() + 1);
            }
            (object.id.kind != arc::EPHEMERAL_RUNNER || kept.get() <= runners).then(|| object.clone())
        });
        let world = survey(&View::new(&snapshot), Patience::Usual);
        let stuck = world.stuck.values().find(|stuck| stuck.id.kind == arc::EPHEMERAL_RUNNER_SET);
        stuck.expect("it is stuck").stage.clone()
    };
    assert_eq!(stage(2), "2 of 2 runners are to be removed at GitHub");
    assert_eq!(stage(1), "its runner is to be removed at GitHub");
}

/// What was made by hand nobody takes along; a runner set that lives still needs it.
#[test]
fn a_secret_that_is_made_by_hand_stays() {
    let leaves = |snapshot: &Snapshot| {
        let diagnosis = answer(&(snapshot.clone(), set_of_release()));
        let leaves = offered(&diagnosis, "restore-secret").leaves;
        leaves.into_iter().map(|leaf| leaf.text).collect::<Vec<_>>()
    };
    let secret = release();
    let secret = secret.objects().find(|object| object.id.kind == arc::AUTOSCALING_RUNNER_SET).unwrap();
    let name = format!("Secret arc-release/{}", secret.text("/spec/githubConfigSecret").unwrap());
    assert_eq!(leaves(&release()), [format!("{name}, which goes with nothing: delete it in the end")]);
    let mut shared = release();
    let mut other = secret.clone();
    other.id.name = "other".to_owned();
    other.uid = "u-other".to_owned();
    other.deletion_timestamp = None;
    shared.insert(other);
    assert_eq!(leaves(&shared), Vec::<String>::new());
}

/// A controller that is back still lacks the Secret.
#[test]
fn a_controller_alone_does_not_finish_what_lacks_more() {
    let title = |snapshot: Snapshot| {
        let diagnosis = answer(&(snapshot, set_of_release()));
        offered(&diagnosis, "reinstall-controller").title
    };
    let without_controller =
        changed(&release(), |object| (object.id.kind != arc::DEPLOYMENT).then(|| object.clone()));
    let lacks = title(without_controller.clone());
    assert!(lacks.contains("what does not need Secret arc-release/"), "{lacks}");
    let set = without_controller.objects().find(|object| object.id.kind == arc::AUTOSCALING_RUNNER_SET);
    let name = set.and_then(|set| set.text("/spec/githubConfigSecret")).unwrap().to_owned();
    let secret =
        format!("{{apiVersion: v1, kind: Secret, metadata: {{name: {name}, namespace: arc-release}}}}");
    let whole = title(with(&without_controller, &secret));
    assert!(whole.ends_with("; it finishes by itself"), "{whole}");
}

/// The controller has all that it needs, and no listener is there: it pauses, and the set is the least that can be touched.
#[test]
fn before_a_controller_is_restarted_one_runner_set_is_looked_at_again() {
    let mut live = load("healthy");
    live.captured_at += jiff::SignedDuration::from_mins(10);
    let snapshot = changed(&live, |object| {
        let listens = object.id.kind == arc::AUTOSCALING_LISTENER && object.id.name.starts_with("tools-");
        (!listens).then(|| object.clone())
    });
    let diagnosis = answer(&(snapshot, set("arc-tools", "tools")));
    let root = diagnosis.roots.first().expect("a root");
    assert_eq!(root.class, Class::ListenerMissing);
    let ways: Vec<&str> = root.remedies.iter().map(|remedy| remedy.id).collect();
    assert_eq!(ways, ["retry-runner-set", "restart-controller"]);
    let command = root.remedies[0].commands().concat();
    assert!(
        command.starts_with("kubectl annotate autoscalingrunnersets.actions.github.com -n arc-tools tools "),
        "{command}"
    );
}
