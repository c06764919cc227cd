//! What a plan needs beside the ways out: who would fight it, and how the controller is told to try again.

use super::action;
use super::action::Action;
use super::delivery;
use super::remedy;
use super::report::Loss;
use super::report::Remedy;
use super::sets;
use super::view::View;
use crate::arc;
use crate::model::GroupKind;
use crate::model::Object;
use crate::model::ObjectId;
use crate::model::Snapshot;
use serde_json::Value;
use serde_json::json;

/// A delivery tool that keeps a live object as it is in Git, and will undo what is done to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fight {
    pub object: ObjectId,
    pub tool: &'static str,
    /// How to keep it from that: a command, or what to do.
    pub pause: String,
}

/// The tools that would undo one of these changes. What is being deleted they let go.
pub fn fights(snapshot: &Snapshot, changes: &[&Action]) -> Vec<Fight> {
    let view = View::new(snapshot);
    let mut fights: Vec<Fight> = Vec::new();
    for id in changes.iter().filter(|change| !is_retry(change)).filter_map(|change| change.changes()) {
        let live = view.subject(id).filter(|object| !object.is_deleting());
        let tool = live.and_then(|object| delivery::of(&[object])).filter(|tool| tool.waits);
        let Some(tool) = tool else { continue };
        if fights.iter().all(|known| known.pause != tool.pause) {
            fights.push(Fight { object: id.clone(), tool: tool.name, pause: tool.pause });
        }
    }
    fights
}

/// The kinds whose controllers wait longer after every failure, up to 1,000 s (controller-runtime's default rate limiter).
/// A new annotation ends that: controllers of ARC look again only when an object changes
/// (`controllers/actions.github.com/*_controller.go`, predicate ResourceVersionChanged).
const BACK_OFF: &[GroupKind] = &[
    arc::AUTOSCALING_RUNNER_SET,
    arc::AUTOSCALING_LISTENER,
    arc::EPHEMERAL_RUNNER_SET,
    arc::EPHEMERAL_RUNNER,
];

/// Those of which it does no harm to a live one. An annotation of somebody else's on a live listener makes newer controllers
/// delete and re-create it, and on a live EphemeralRunnerSet it keeps its runner set from going on.
const WHILE_LIVE: &[GroupKind] = &[arc::AUTOSCALING_RUNNER_SET, arc::EPHEMERAL_RUNNER];

/// The annotation of ours that does it: how many times it was done.
const RETRY: &str = "kubectl-arc/retry";

/// How many objects are touched for that: of many that wait alike, the first go and make room for the others.
const MOST_RETRIES: usize = 20;

/// Makes the controller look again at those of these objects where that does no harm.
pub fn retries(snapshot: &Snapshot, stuck: &[ObjectId]) -> Vec<Action> {
    let view = View::new(snapshot);
    let takes_it = |object: &&Object| object.is_deleting() || WHILE_LIVE.contains(&object.id.kind);
    let ours = stuck.iter().filter(|id| BACK_OFF.contains(&id.kind)).filter_map(|id| view.subject(id));
    ours.filter(takes_it).filter(|object| sets::is_arc(object)).take(MOST_RETRIES).map(retry).collect()
}

/// Makes the controller look again at an object.
fn retry(object: &Object) -> Action {
    let key = format!("/metadata/annotations/{}", action::escaped(RETRY));
    let last = object.annotation(RETRY);
    let next = last.and_then(|times| times.parse::<u32>().ok()).unwrap_or(0).saturating_add(1);
    let operations = match (object.at("/metadata/annotations"), last) {
        (Some(Value::Object(_)), Some(last)) => vec![
            json!({"op": "test", "path": key, "value": last}),
            json!({"op": "replace", "path": key, "value": next.to_string()}),
        ],
        (Some(Value::Object(_)), None) => {
            vec![json!({"op": "add", "path": key, "value": next.to_string()})]
        }
        _ => vec![json!({"op": "add", "path": "/metadata/annotations",
                         "value": {RETRY: next.to_string()}})],
    };
    action::patch(object, operations)
}

/// A live runner set that the controller leaves alone for a while after an error, looked at again: the gentlest that can be
/// done for it, since a restart of the controller is one for every runner set.
pub fn retry_runner_set(set: &Object) -> Remedy {
    let (resource, scope, name) =
        (remedy::resource(&set.id), remedy::scope(&set.id), remedy::word(&set.id.name));
    let command = format!("kubectl annotate {resource}{scope} {name} --overwrite {RETRY}=\"$(date +%s)\"");
    remedy::automatic(
        "retry-runner-set",
        format!(
            "Have the controller look at {} again at once: after errors it leaves it alone for up to 17 minutes",
            set.id
        ),
        Loss::None,
        vec![action::spoken(retry(set), command)],
    )
}

/// True for what only makes a controller look again. No delivery tool minds that.
fn is_retry(change: &Action) -> bool {
    let Action::Patch(patch) = change else { return false };
    let is_ours = |operation: &Value| {
        let path = operation["path"].as_str().unwrap_or_default();
        let value = operation["value"].as_object();
        path.ends_with(&action::escaped(RETRY))
            || value.is_some_and(|map| map.keys().all(|key| key == RETRY) && !map.is_empty())
    };
    patch.operations.iter().all(is_ours)
}
