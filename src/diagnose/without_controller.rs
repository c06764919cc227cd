//! What does not happen without a controller, and the last way out: what it costs to do its work by hand.

use super::need::Need;
use super::remedy;
use super::report::Applicability;
use super::report::Loss;
use super::report::Remedy;
use super::rule::Case;
use super::sets;
use crate::arc;
use crate::model::Object;

/// What does not happen without a controller.
pub fn consequence(case: &Case<'_>) -> &'static str {
    let sets = case.view.list(&arc::AUTOSCALING_RUNNER_SET, None).objects;
    match (deletions_wait(case), sets.iter().any(|set| !set.is_deleting())) {
        (true, true) => "nobody takes ARC's finalizers off, and no runner is made or removed",
        (true, false) => "nobody takes ARC's finalizers off",
        (false, _) => "no runner will be made or removed",
    }
}

/// True if something is being deleted that a controller has to finish.
fn deletions_wait(case: &Case<'_>) -> bool {
    case.world.stuck.values().any(|stuck| stuck.deleting && stuck.needs.contains(&Need::Controller))
}

/// The last resort, where something is being deleted: everything by hand, in the order in which nothing is left that
/// could not be finished. It costs what its dearest step costs.
pub fn strip(case: &Case<'_>) -> Option<Remedy> {
    if !deletions_wait(case) {
        return None;
    }
    let sets = case.view.list(&arc::AUTOSCALING_RUNNER_SET, None).objects;
    let deleting: Vec<&Object> = sets.into_iter().filter(|set| set.is_deleting()).collect();
    let leaves: Vec<String> =
        deleting.iter().flat_map(|set| remedy::registrations(case.view, &set.id)).collect();
    let runners = case.view.list(&arc::EPHEMERAL_RUNNER, None).objects;
    let is_busy = runners.iter().any(|runner| runner.is_deleting() && sets::job(runner).is_some());
    let dearest = deleting
        .iter()
        .filter_map(|set| remedy::drop_registrations(case.view, &set.id))
        .map(|remedy| remedy.loss)
        .max();
    let loss = [
        if leaves.is_empty() { Loss::Reversible } else { Loss::Registration },
        if is_busy { Loss::Job } else { Loss::None },
        dearest.unwrap_or(Loss::None),
    ];
    Some(Remedy {
        id: "strip-finalizers",
        title: "As the last resort, take ARC's finalizers off by hand with kubectl patch, one object at a time and \
                in this order: runners, EphemeralRunnerSets, listeners, runner sets, the chart's objects. GitHub \
                is not asked, and nothing is cleaned up"
            .to_owned(),
        loss: loss.into_iter().max().unwrap_or(Loss::Job),
        applicability: Applicability::Manual,
        actions: Vec::new(),
        leaves,
    })
}
