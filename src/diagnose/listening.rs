//! Live listeners and what their pods and logs say: shared by the rules that tell apart why a listener does not do
//! its work.

use super::logs;
use super::logs::Log;
use super::need::Need;
use super::report::Evidence;
use super::rule::Case;
use super::sets;
use crate::arc;
use crate::arc::limits;
use crate::arc::names;
use crate::arc::phrases::Means;
use crate::model::Object;
use crate::model::ObjectId;

/// A listener that is not being deleted.
pub struct Listener<'a> {
    pub object: &'a Object,
    /// Its runner set, if that was seen and is not being deleted.
    pub set: Option<&'a Object>,
    pub pod: ObjectId,
    /// Evidence that its container ended.
    pub ended: Option<Evidence>,
    /// True if its pod is only seconds old although the listener is not.
    pub begins_anew: bool,
}

/// All live listeners.
pub fn live<'a>(case: &Case<'a>) -> Vec<Listener<'a>> {
    let listeners = case.view.list(&arc::AUTOSCALING_LISTENER, None).objects;
    listeners.into_iter().filter(|listener| !listener.is_deleting()).map(|object| of(case, object)).collect()
}

/// The listener of a live runner set, if it has one.
pub fn of_set<'a>(case: &Case<'a>, set: &Object) -> Option<Listener<'a>> {
    let is_its = |listener: &Listener<'_>| listener.set.is_some_and(|its| its.id == set.id);
    live(case).into_iter().find(|listener| is_its(listener) && listener.is_current(case))
}

fn of<'a>(case: &Case<'a>, object: &'a Object) -> Listener<'a> {
    let set = sets::set_of(object).and_then(|set| case.view.find(&set)).filter(|set| !set.is_deleting());
    let needs = case.world.stuck.get(&object.id).map(|stuck| stuck.needs.as_slice()).unwrap_or_default();
    let ended = needs.iter().find_map(|need| match need {
        Need::Listening { pod, field, says } => Some(case.view.evidence(pod, field.clone(), says.clone())),
        _ => None,
    });
    Listener {
        object,
        set,
        pod: ObjectId::new(&arc::POD, &object.id.namespace, &object.id.name),
        ended,
        begins_anew: case.world.waiting.contains_key(&object.id),
    }
}

impl Listener<'_> {
    /// True if it does not run on.
    pub fn fails(&self) -> bool {
        self.ended.is_some() || self.begins_anew
    }

    /// False if its runner set has a newer one: then this one is a left-over, whatever else is the matter with it.
    pub fn is_current(&self, case: &Case<'_>) -> bool {
        let others = self.set.map(|set| sets::listeners(case.view, &set.id)).unwrap_or_default();
        !others.iter().any(|other| !other.is_deleting() && other.created > self.object.created)
    }

    /// True if it was made so long ago that an update of its runner set is over.
    pub fn is_settled(&self, case: &Case<'_>) -> bool {
        let settled = |object: &Object| {
            object.created.is_none_or(|at| case.view.now().duration_since(at) >= limits::YOUNG_CREATION)
        };
        settled(self.object) && self.set.is_none_or(settled)
    }

    /// The newest line of its log that has a meaning, if that is it.
    pub fn says(&self, case: &Case<'_>, means: Means) -> Option<Evidence> {
        let Log::Read(tail) = self.log(case) else { return None };
        let (line, row) = tail.lines().find_map(|line| Some((line, line.phrase()?)))?;
        (row.means == means).then(|| tail.evidence(case.view, line))
    }

    /// The last line of its log, if it has this meaning: what a listener that runs on is at.
    pub fn says_at_last(&self, case: &Case<'_>, means: Means) -> Option<Evidence> {
        let Log::Read(tail) = self.log(case) else { return None };
        let line = tail.lines().next()?;
        (line.phrase()?.means == means).then(|| tail.evidence(case.view, line))
    }

    pub fn log<'v>(&self, case: &Case<'v>) -> Log<'v> {
        logs::of_pod(case.view, &self.pod, "")
    }

    /// The name of its own container, among those that its pod has.
    pub fn container(&self, case: &Case<'_>) -> &'static str {
        let has = |pod: &Object, name: &str| {
            let containers = pod.items("/spec/containers");
            containers.iter().any(|container| container["name"].as_str() == Some(name))
        };
        let pod = case.view.find(&self.pod);
        names::LISTENER_CONTAINERS
            .into_iter()
            .find(|name| pod.is_some_and(|pod| has(pod, name)))
            .unwrap_or_default()
    }
}
