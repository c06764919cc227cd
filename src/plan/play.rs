//! Playing a plan through on the snapshot. It is not believed: what it says will be gone, and what it says will be left,
//! is printed, and compared with what the cluster then does.

use super::Outcome;
use super::Step;
use super::laws::World;
use crate::arc;
use crate::diagnose;
use crate::diagnose::Action;
use crate::diagnose::Class;
use crate::diagnose::Diagnosis;
use crate::diagnose::Reference;
use crate::diagnose::Remedy;
use crate::diagnose::RootId;
use crate::diagnose::Standing;
use crate::model::Lookup;
use crate::model::Object;
use crate::model::ObjectId;
use crate::model::Snapshot;
use serde_json::Value;
use std::collections::BTreeSet;

/// How many rounds of going there may be. ARC's own order has five steps, and a namespace and a CRD come on top; this only
/// keeps a snapshot that contradicts itself from being played for ever.
const ROUNDS: usize = 64;

/// What will become of a cluster if these steps are done.
pub fn play(snapshot: &Snapshot, diagnosis: &Diagnosis, steps: &[Step]) -> Outcome {
    let known = super::roots(diagnosis);
    let asked = asked(diagnosis);
    let mut world = World::new(snapshot);
    let mut satisfied: BTreeSet<RootId> = BTreeSet::new();
    for step in steps {
        for action in step.changes() {
            world.carry_out(action);
        }
        if puts_right(step) {
            satisfied.insert(step.root());
            if step.class == Class::RbacMissing {
                world.allow(&step.object.id.namespace);
            }
        }
    }
    let mut standing = diagnose::standing(&world.snapshot, &satisfied, &known, &asked);
    for _ in 0..ROUNDS {
        if standing.free.is_empty() {
            break;
        }
        for id in standing.free.clone() {
            if id.kind == arc::AUTOSCALING_RUNNER_SET {
                world.release_protected(&id);
            }
            world.remove(&id);
        }
        standing = diagnose::standing(&world.snapshot, &satisfied, &known, &asked);
    }
    let changed = steps.iter().flat_map(Step::changes).filter_map(Action::changes).cloned().collect();
    told(snapshot, diagnosis, world, &standing, changed)
}

fn told(
    snapshot: &Snapshot,
    diagnosis: &Diagnosis,
    world: World,
    standing: &Standing,
    changed: BTreeSet<ObjectId>,
) -> Outcome {
    let targets: Vec<ObjectId> = diagnosis.targets.iter().map(|target| target.object.id.clone()).collect();
    let meant = diagnose::reach(snapshot, &targets);
    let held = standing.held.iter().filter(|(id, _)| meant.contains(id));
    let remains: Vec<(ObjectId, String)> = held.map(|(id, because)| (id.clone(), because.clone())).collect();
    let unsure: Vec<ObjectId> = standing.unsure.iter().filter(|id| meant.contains(id)).cloned().collect();
    let frees = remains.is_empty() && standing.ahead.is_empty();
    let gone = because_of_it(snapshot, world.gone, &meant, changed);
    Outcome { frees, gone, remains, unsure }
}

/// What goes that was meant or is changed, and what goes with it. What else is being deleted in this snapshot was not
/// looked into: that nothing seems to hold it says nothing.
fn because_of_it(
    snapshot: &Snapshot,
    gone: Vec<ObjectId>,
    meant: &BTreeSet<ObjectId>,
    changed: BTreeSet<ObjectId>,
) -> Vec<ObjectId> {
    let find = |id: &ObjectId| match snapshot.get(id) {
        Lookup::Found(object) => Some(object),
        Lookup::Absent | Lookup::Unread(_) => None,
    };
    let mut because: BTreeSet<ObjectId> = changed.into_iter().filter(|id| gone.contains(id)).collect();
    because.extend(gone.iter().filter(|id| meant.contains(id)).cloned());
    loop {
        let causes: Vec<&Object> = because.iter().filter_map(find).collect();
        let goes_along = |other: &Object| causes.iter().any(|cause| diagnose::takes_along(cause, other));
        let more: Vec<ObjectId> = gone
            .iter()
            .filter(|id| !because.contains(id) && find(id).is_some_and(goes_along))
            .cloned()
            .collect();
        if more.is_empty() {
            break;
        }
        because.extend(more);
    }
    gone.into_iter().filter(|id| because.contains(id)).collect()
}

/// What was asked about, what waits on the way from there, and roots that are themselves all that is the matter.
fn asked(diagnosis: &Diagnosis) -> BTreeSet<ObjectId> {
    let targets = diagnosis.targets.iter().map(|target| &target.object);
    let waiting = diagnosis.targets.iter().flat_map(|target| &target.path).map(|step| &step.object);
    let alone = diagnosis.roots.iter().filter(|root| root.blocks.is_empty()).map(|root| &root.object);
    targets.chain(waiting).chain(alone).map(|reference: &Reference| reference.id.clone()).collect()
}

/// True if a step puts its root right, instead of cutting what waits for it loose. Then the root is over whatever the
/// snapshot still says: reviews, logs and Events in it speak of the time before.
fn puts_right(step: &Step) -> bool {
    let changes_root = |action: &Action| action.changes() == Some(&step.object.id);
    let lives = step.object.state == diagnose::State::Present;
    !cuts(&step.remedy) || (lives && step.changes().iter().any(changes_root))
}

/// True if a way out only lets go: finalizers and annotations come off, objects are deleted.
pub fn cuts(remedy: &Remedy) -> bool {
    let lets_go = |operation: &Value| {
        let text = |key: &str| operation.get(key).and_then(Value::as_str).unwrap_or_default();
        text("op") == "test" || (text("op") == "remove" && text("path").starts_with("/metadata/"))
    };
    !remedy.actions.is_empty()
        && remedy.actions.iter().all(|action| match action {
            Action::Patch(patch) => patch.operations.iter().all(lets_go),
            Action::Delete(_) => true,
            Action::Create(_) | Action::Command(_) => false,
        })
}
