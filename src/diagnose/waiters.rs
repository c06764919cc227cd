//! Who waits for a controller of runner scale sets.

use super::need::Need;
use super::rule::Case;
use crate::arc;
use crate::arc::finalizers;
use crate::model::ObjectId;

/// Who waits for a controller.
pub struct Waiter<'a> {
    pub id: &'a ObjectId,
    /// The runner set it belongs to; the controller has to watch the namespace of that.
    pub set: &'a ObjectId,
    pub because: String,
    /// False: a live runner set that has what it needs, but will not get or lose a runner.
    pub is_stuck: bool,
}

/// What is stuck for want of a controller, and live runner sets.
pub fn all<'a>(case: &Case<'a>) -> Vec<Waiter<'a>> {
    let world = case.world;
    let stuck = world.stuck.values().filter(|stuck| stuck.needs.contains(&Need::Controller));
    let mut waiters: Vec<Waiter<'_>> = stuck
        .map(|stuck| {
            let because = match stuck.finalizers.iter().find(|held| finalizers::is_arc(held)) {
                Some(finalizer) => format!("only the controller takes {finalizer} off"),
                None => "only the controller makes what is missing".to_owned(),
            };
            let set = stuck.set.as_ref().unwrap_or(&stuck.id);
            Waiter { id: &stuck.id, set, because, is_stuck: true }
        })
        .collect();
    for set in case.view.list(&arc::AUTOSCALING_RUNNER_SET, None).objects {
        let judged = world.stuck.get(&set.id).is_some_and(|stuck| stuck.needs.contains(&Need::Controller))
            || world.waiting.contains_key(&set.id);
        if !judged && !set.is_deleting() {
            let because = "only the controller makes and removes its runners".to_owned();
            waiters.push(Waiter { id: &set.id, set: &set.id, because, is_stuck: false });
        }
    }
    waiters
}
