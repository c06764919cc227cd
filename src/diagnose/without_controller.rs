//! What does not happen without a controller, and the last way out: what it costs to do its work by hand.

use super::action;
use super::action::Action;
use super::need::Need;
use super::remedy;
use super::report::Applicability;
use super::report::Leaf;
use super::report::Loss;
use super::report::Remedy;
use super::rule::Case;
use super::sets;
use super::view::View;
use crate::arc;
use crate::arc::finalizers;
use crate::model::GroupKind;
use crate::model::Lookup;
use crate::model::Object;
use crate::model::ObjectId;
use std::collections::BTreeSet;

/// What does not happen without a controller.
pub fn consequence(case: &Case<'_>) -> &'static str {
    let sets = case.view.list(&arc::AUTOSCALING_RUNNER_SET, None).objects;
    match (deletions_wait(case), sets.iter().any(|set| !set.is_deleting())) {
        (true, true) => "nobody takes ARC's finalizers off, and no runner is made or removed",
        (true, false) => "nobody takes ARC's finalizers off",
        (false, _) => "no runner will be made or removed",
    }
}

/// What comes of having a controller again. It still needs what else is missing.
pub fn ending(case: &Case<'_>) -> String {
    let stuck = case.world.stuck.values().filter(|stuck| stuck.needs.contains(&Need::Controller));
    let missing = stuck.flat_map(|stuck| &stuck.needs).find_map(|need| match need {
        Need::Secret { id, .. } | Need::ProxyLogin { id, .. } => {
            matches!(case.view.look(id), Lookup::Absent).then_some(id)
        }
        _ => None,
    });
    match missing {
        None => "it finishes by itself".to_owned(),
        Some(id) => format!("it finishes by itself what does not need {id}, which does not exist"),
    }
}

/// True if something is being deleted that a controller has to finish.
fn deletions_wait(case: &Case<'_>) -> bool {
    case.world.stuck.values().any(|stuck| stuck.deleting && stuck.needs.contains(&Need::Controller))
}

/// The last resort, where something is being deleted.
pub fn strip(case: &Case<'_>) -> Option<Remedy> {
    if deletions_wait(case) { strip_within(case.view, &|_| true) } else { None }
}

/// What the controller would do for the objects that are meant, without asking GitHub: one finalizer after the other, in
/// the order in which nothing is left that could not be finished. It costs what its dearest step costs.
pub fn strip_within(view: &View<'_>, is_meant: &dyn Fn(&ObjectId) -> bool) -> Option<Remedy> {
    let of = |kind: &GroupKind| -> Vec<&Object> {
        view.list(kind, None).objects.into_iter().filter(|object| is_meant(&object.id)).collect()
    };
    let sets: Vec<&Object> =
        of(&arc::AUTOSCALING_RUNNER_SET).into_iter().filter(|set| set.is_deleting()).collect();
    let belongs_to_one =
        |object: &Object| sets::set_of(object).is_some_and(|id| sets.iter().any(|set| set.id == id));
    let goes = |object: &&Object| object.is_deleting() || belongs_to_one(object);
    let mut runners: Vec<&Object> = of(&arc::EPHEMERAL_RUNNER).into_iter().filter(goes).collect();
    runners.sort_by_key(|runner| sets::job(runner).is_some());
    let owned: Vec<&Object> = of(&arc::EPHEMERAL_RUNNER_SET).into_iter().filter(goes).collect();
    let listeners: Vec<&Object> = of(&arc::AUTOSCALING_LISTENER).into_iter().filter(goes).collect();

    let mut actions = Vec::new();
    for object in runners.iter().chain(&owned) {
        let held: Vec<&str> = LAST_RUNNER_FINALIZERS
            .iter()
            .copied()
            .filter(|finalizer| object.has_finalizer(finalizer))
            .collect();
        actions.extend(belongings(view, object));
        if !object.is_deleting() {
            actions.push(action::delete(&object.id));
        }
        actions.extend(action::drop_finalizers(object, &held));
    }
    for listener in listeners {
        actions.extend(belongings(view, listener));
        actions.extend(remedy::let_listener_go(view, listener));
    }
    for set in &sets {
        actions.extend(action::drop_finalizer(set, finalizers::RUNNER_SET));
    }
    for id in sets.iter().flat_map(|set| sets::protected_by(set)) {
        let protected = view.find(&id);
        actions.extend(
            protected.and_then(|object| action::drop_finalizer(object, finalizers::CLEANUP_PROTECTION)),
        );
    }

    let mut leaves: Vec<Leaf> = sets.iter().flat_map(|set| remedy::registrations(view, &set.id)).collect();
    leaves.extend(runners.iter().filter_map(|runner| remedy::registration(runner)));
    let mut seen = BTreeSet::new();
    leaves.retain(|leaf| seen.insert(leaf.clone()));
    let busy = runners.iter().any(|runner| sets::job(runner).is_some() && !sets::is_done(runner));
    (!actions.is_empty()).then(|| Remedy {
        id: "strip-finalizers",
        title: "As the last resort, do without the controller: take ARC's finalizers off one by one, those of the \
                runners first, then of EphemeralRunnerSets, listeners, runner sets and the chart's objects. GitHub \
                is not asked, and nothing is cleaned up there"
            .to_owned(),
        loss: match (busy, leaves.is_empty()) {
            (true, _) => Loss::Job,
            (false, false) => Loss::Registration,
            (false, true) => Loss::Reversible,
        },
        applicability: Applicability::Automatic,
        actions,
        leaves,
    })
}

/// Deletes what the controller made for an object. The garbage collector would, but not once the kind of the owner is gone
/// with its CRD: then nobody can tell it that the owner is (`pkg/controller/garbagecollector/garbagecollector.go`; seen on
/// 1.36.2).
fn belongings<'a>(view: &View<'a>, owner: &Object) -> impl Iterator<Item = Action> + use<'a> {
    const MADE: [GroupKind; 3] = [arc::POD, arc::SECRET, arc::SERVICE_ACCOUNT];
    let uid = owner.uid.clone();
    let lists = MADE.map(|kind| view.list(&kind, Some(&owner.id.namespace)).objects);
    lists
        .into_iter()
        .flatten()
        .filter(move |object| object.is_owned_by(&uid) && !object.is_deleting())
        .map(|object| action::delete(&object.id))
}

/// Those of a runner or of a set of them, in the order in which they come off: a runner without its own finalizer and
/// with that of its registration could not be finished by any controller.
const LAST_RUNNER_FINALIZERS: &[&str] =
    &[finalizers::RUNNER_REGISTRATION, finalizers::RUNNER, finalizers::EPHEMERAL_RUNNER_SET_NEW];
