//! Pods of ARC that do not start: a runner's, a listener's, and the pod that a runner makes for its job.

use super::Behind;
use crate::arc;
use crate::arc::limits;
use crate::arc::marks;
use crate::diagnose::containers;
use crate::diagnose::need::Need;
use crate::diagnose::obstacle::Obstacle;
use crate::diagnose::report::Evidence;
use crate::diagnose::sets;
use crate::diagnose::view::View;
use crate::diagnose::world::World;
use crate::model::Object;
use crate::model::ObjectId;
use serde_json::Value;

/// The condition of a pod that nobody may schedule yet, which is somebody's wish.
const GATED: &str = "SchedulingGated";

/// A pod that is still Pending.
pub fn pending(view: &View<'_>, pod: &Object, world: &mut World) -> Option<Behind> {
    let of_arc = pod.label(marks::SCALE_SET_NAME).is_some() || pod.label(marks::HOOK_POD).is_some();
    if !of_arc || pod.metadata_only || pod.text("/status/phase") != Some("Pending") {
        return None;
    }
    let (obstacle, evidence) = obstacle(view, pod)?;
    let created = pod.created?;
    let age = view.now().duration_since(created);
    // A pod of this age is seen in every cluster that works.
    if age < limits::YOUNG_CREATION {
        return None;
    }
    let patience = match obstacle {
        Obstacle::Image | Obstacle::Config => limits::YOUNG_CREATION,
        _ => limits::POD_START,
    };
    let set = sets::of_pod(view, pod);
    if let Some(owner) = owner(pod) {
        world.parts.push((owner.clone(), pod.id.clone(), "its pod does not start".to_owned()));
        if let Some(set) = set {
            let because = match owner.kind == arc::AUTOSCALING_LISTENER {
                true => "its listener does not start",
                false => "its runner does not work",
            };
            world.parts.push((set, owner, because.to_owned()));
        }
    }
    let mut behind = Behind::new("it has not started", vec![Need::Start { obstacle, evidence }]);
    behind.patience = patience;
    Some(behind)
}

/// Whose pod it is: it has the name of its listener or runner, or names the runner whose job it does.
fn owner(pod: &Object) -> Option<ObjectId> {
    if pod.label(marks::HOOK_POD).is_some() {
        return sets::runner_of(pod);
    }
    let kind = match pod.label(marks::RUNNER_POD) {
        Some(_) => arc::EPHEMERAL_RUNNER,
        None => match pod.label(marks::COMPONENT) {
            Some(marks::RUNNER) => arc::EPHEMERAL_RUNNER,
            _ => arc::AUTOSCALING_LISTENER,
        },
    };
    Some(ObjectId::new(&kind, &pod.id.namespace, &pod.id.name))
}

/// What keeps the pod, as far as its status tells. None: nothing that anybody has to do something about.
fn obstacle(view: &View<'_>, pod: &Object) -> Option<(Obstacle, Evidence)> {
    let text =
        |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let conditions = pod.items("/status/conditions");
    let scheduled = conditions.iter().find(|condition| text(condition, "type") == "PodScheduled");
    if let Some(condition) = scheduled.filter(|condition| text(condition, "status") == "False") {
        let (reason, message) = (text(condition, "reason"), text(condition, "message"));
        if reason == GATED {
            return None;
        }
        let obstacle = Obstacle::of_scheduler(&message);
        let says = if message.is_empty() { reason } else { message };
        return Some((obstacle, view.evidence(&pod.id, "status.conditions[PodScheduled]", says)));
    }
    let held = containers::held(pod);
    let known = held.iter().find_map(|held| Some((Obstacle::of_container(held.reason)?, held)));
    if let Some((obstacle, held)) = known {
        let says = match held.message {
            "" => held.reason.to_owned(),
            message => format!("{}: {message}", held.reason),
        };
        return Some((obstacle, view.evidence(&pod.id, held.field.clone(), says)));
    }
    if containers::initializes(pod) {
        return None;
    }
    if pod.text("/spec/nodeName").is_none_or(str::is_empty) && scheduled.is_none() {
        let evidence = view.evidence(&pod.id, "spec.nodeName", "not there: no scheduler has taken it up");
        return Some((Obstacle::Node, evidence));
    }
    let evidence = match held.first() {
        Some(held) => view.evidence(&pod.id, held.field.clone(), held.reason),
        None => view.evidence(&pod.id, "status.phase", "Pending"),
    };
    Some((Obstacle::Creating, evidence))
}
