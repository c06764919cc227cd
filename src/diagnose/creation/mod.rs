//! What a live runner set, listener, runner or pod that is not complete waits for.

mod pod;
mod runners;

use super::containers;
use super::deletion::add_credentials;
use super::deletion::question;
use super::need::Need;
use super::need::Stuck;
use super::report::Class;
use super::sets;
use super::view::View;
use super::world::World;
use super::world::young;
use crate::arc;
use crate::arc::limits;
use crate::arc::names;
use crate::arc::versions::Version;
use crate::model::Lookup;
use crate::model::Object;
use crate::model::ObjectId;
use jiff::SignedDuration;

/// Where a live object stands that should have got farther.
struct Behind {
    stage: String,
    needs: Vec<Need>,
    /// How long after its creation this is nothing unusual.
    patience: SignedDuration,
}

impl Behind {
    fn new(stage: impl Into<String>, needs: Vec<Need>) -> Self {
        Self { stage: stage.into(), needs, patience: limits::YOUNG_CREATION }
    }
}

/// What only its runners show of a set.
const OF_RUNNERS: [Class; 5] = [
    Class::FailedRunnerSlots,
    Class::RunnerExitsImmediately,
    Class::PodCreateDenied,
    Class::GithubSideStale,
    Class::GhostRunner,
];

/// Adds a live object that should have got farther by now.
pub fn add(view: &View<'_>, object: &Object, world: &mut World) {
    let behind = if object.id.kind == arc::AUTOSCALING_RUNNER_SET {
        set(view, object, world)
    } else if object.id.kind == arc::AUTOSCALING_LISTENER {
        listener(view, object, world)
    } else if object.id.kind == arc::EPHEMERAL_RUNNER_SET {
        return runners::failed(view, object, world);
    } else if object.id.kind == arc::EPHEMERAL_RUNNER {
        runner(view, object, world)
    } else if object.id.kind == arc::POD {
        pod::pending(view, object, world)
    } else if object.id.kind == arc::LEGACY_RUNNER {
        legacy_runner(view, object)
    } else {
        None
    };
    if let Some(behind) = behind {
        insert(view, object, behind, world);
    }
}

/// `runner_controller.go` of legacy mode: a Runner has a Pod of its name.
fn legacy_runner(view: &View<'_>, runner: &Object) -> Option<Behind> {
    let pod = ObjectId::new(&arc::POD, &runner.id.namespace, &runner.id.name);
    let absent = matches!(view.look(&pod), Lookup::Absent);
    absent.then(|| Behind::new("its pod is not there", vec![Need::LegacyController]))
}

/// What is young waits by design; the rest is stuck.
fn insert(view: &View<'_>, object: &Object, behind: Behind, world: &mut World) {
    let Behind { stage, needs, patience } = behind;
    if let Some(created) = object.created {
        let age = view.now().duration_since(created);
        if age < patience {
            world.waiting.insert(object.id.clone(), young("it was made", age, patience));
            return;
        }
    }
    let stuck = Stuck {
        id: object.id.clone(),
        // Since when a part of it is missing, no field tells.
        since: None,
        deleting: false,
        finalizers: object.finalizers.clone(),
        stage,
        needs,
        set: sets::of_pod(view, object),
    };
    world.stuck.insert(object.id.clone(), stuck);
}

/// `autoscalingrunnerset_controller.go`: the listener is the last thing that a live runner set gets, and it is
/// looked for beside the controller alone.
fn set(view: &View<'_>, set: &Object, world: &mut World) -> Option<Behind> {
    for kind in [arc::EPHEMERAL_RUNNER_SET, arc::EPHEMERAL_RUNNER] {
        let reading = view.list(&kind, Some(&set.id.namespace)).reading;
        if !reading.is_complete() {
            world.gap(&set.id, &kind, &set.id.namespace, &reading, &OF_RUNNERS);
        }
    }
    if sets::is_outdated(set) {
        let stage = "Outdated: the controller does nothing more for it";
        return Some(Behind::new(stage, vec![Need::NewPhase]));
    }
    let home = world.controllers.alive(&set.id.namespace).map(|controller| controller.id.namespace.clone());
    let listeners: Vec<ObjectId> = sets::listeners(view, &set.id)
        .into_iter()
        .filter(|listener| home.as_ref().is_none_or(|home| *home == listener.id.namespace))
        .map(|listener| listener.id.clone())
        .collect();
    if !listeners.is_empty() {
        for listener in listeners {
            world.parts.push((set.id.clone(), listener, "its listener has to run".to_owned()));
        }
        return None;
    }
    let reading = view.list(&arc::AUTOSCALING_LISTENER, home.as_deref()).reading;
    if !reading.is_complete() {
        let namespace = home.unwrap_or_default();
        world.gap(&set.id, &arc::AUTOSCALING_LISTENER, &namespace, &reading, &[Class::ListenerMissing]);
        return None;
    }
    // After a change of its spec the set drains: no listener until the busy runners are done.
    let children = sets::owned(view, &arc::EPHEMERAL_RUNNER_SET, set);
    let runners = children.iter().flat_map(|child| sets::owned(view, &arc::EPHEMERAL_RUNNER, child));
    if let Some(job) = runners.into_iter().find_map(sets::job) {
        let text = format!("its listener comes back when its busy runners are done, one with {job}");
        world.waiting.insert(set.id.clone(), text);
    }
    let mut needs = vec![Need::Controller];
    add_credentials(view, set, "/spec", &mut needs);
    add_listener_rights(set, &mut needs);
    if sets::Remote::of(set).is_none() {
        return Some(Behind::new("not registered at GitHub, no listener", needs));
    }
    let stage = "registered at GitHub, but without a listener";
    let Some(listener) = home.and_then(|home| expected_listener(world, set, &home)) else {
        return Some(Behind::new(stage, needs));
    };
    // GitHub has said yes once; what is missing is the listener, and it is the listener that needs the rest.
    needs.push(Need::Listener);
    let missing = Stuck {
        id: listener.clone(),
        since: None,
        deleting: false,
        finalizers: Vec::new(),
        stage: "it was not made".to_owned(),
        needs,
        set: Some(set.id.clone()),
    };
    let is_young =
        set.created.is_some_and(|created| view.now().duration_since(created) < limits::YOUNG_CREATION);
    if !is_young && !world.waiting.contains_key(&set.id) {
        world.stuck.insert(listener.clone(), missing);
    }
    world.parts.push((set.id.clone(), listener, "its listener is not there".to_owned()));
    Some(Behind::new(stage, vec![Need::Listener]))
}

/// The listener that the controller beside it looks for.
fn expected_listener(world: &World, set: &Object, home: &str) -> Option<ObjectId> {
    let version = Version::parse(&world.controllers.alive(&set.id.namespace)?.version);
    let text = |pointer| set.text(pointer).unwrap_or_default();
    let (group, url) = (text("/spec/runnerGroup"), text("/spec/githubConfigUrl"));
    let name = names::listener(&set.id.name, &set.id.namespace, group, url, version);
    Some(ObjectId::new(&arc::AUTOSCALING_LISTENER, home, &name))
}

/// `autoscalinglistener_controller.go`: Role and RoleBinding in the runner namespace come before the pod, and a pod
/// that has ended is replaced.
fn listener(view: &View<'_>, listener: &Object, world: &mut World) -> Option<Behind> {
    let pod = ObjectId::new(&arc::POD, &listener.id.namespace, &listener.id.name);
    let mut needs = vec![Need::Controller, Need::Listener];
    let stage = match view.look(&pod) {
        Lookup::Found(pod) if pod.is_deleting() => return None,
        Lookup::Found(pod) => match containers::ended(pod, &names::LISTENER_CONTAINERS) {
            Some(ended) => {
                let ended_at = ended.at.or(pod.created);
                let age = ended_at.map(|at| view.now().duration_since(at));
                let runs_on = pod.text("/status/phase") == Some("Running");
                let (field, says) = (ended.field, ended.says);
                let needs = vec![Need::Listening { pod: pod.id.clone(), field, says }];
                let set = sets::set_of(listener).and_then(|set| view.find(&set));
                let patience = match set.and_then(|set| set.created) {
                    // The first listener of a new set may need a second attempt.
                    Some(at) if view.now().duration_since(at) <= limits::SETTLED => limits::YOUNG_CREATION,
                    _ => SignedDuration::ZERO,
                };
                let behind = |stage: &str, needs| Behind { patience, ..Behind::new(stage, needs) };
                if runs_on || age.is_some_and(|age| age > limits::LISTENER_REPLACED) {
                    return Some(behind("its container has ended, and its pod was not replaced", needs));
                }
                return Some(behind("its container ended a moment ago", needs));
            }
            None => return begins_anew(view, listener, pod, world),
        },
        Lookup::Unread(reading) => {
            let hides = [
                Class::ListenerMissing,
                Class::ListenerFrozen,
                Class::PodCannotStart,
                Class::StaleScaleSetId,
            ];
            world.gap(&listener.id, &arc::POD, &pod.namespace, &reading, &hides);
            return None;
        }
        Lookup::Absent => "its pod is not there",
    };
    // The Secret lies beside the runner set, not beside the listener.
    if let Some(set) = sets::set_of(listener).and_then(|set| view.find(&set)) {
        add_listener_rights(set, &mut needs);
        add_credentials(view, set, "/spec", &mut needs);
    }
    Some(Behind::new(stage, needs))
}

/// A pod that is much younger than its listener may be one of many: a listener that ends is made anew at once.
fn begins_anew(view: &View<'_>, listener: &Object, pod: &Object, world: &mut World) -> Option<Behind> {
    let age = |object: &Object| object.created.map(|created| view.now().duration_since(created));
    let (whole, part) = (age(listener)?, age(pod)?);
    if part < limits::YOUNG_CREATION && whole > limits::SETTLED {
        let text = young("its pod was made anew", part, limits::YOUNG_CREATION);
        world.waiting.insert(listener.id.clone(), text);
    }
    None
}

/// `ephemeralrunner_controller.go`: credentials and the Secret with the runner's token come before the pod. A pod
/// that the API server refused leaves the runner Failed with this reason.
fn runner(view: &View<'_>, runner: &Object, world: &mut World) -> Option<Behind> {
    // Failed ones are looked at together, where it is known how many are wanted.
    if sets::is_done(runner) {
        return None;
    }
    let stage = match sets::pod_of(view, &runner.id) {
        Lookup::Found(pod) => return runners::ends_at_once(view, runner, pod, world),
        Lookup::Absent => "its pod is not there",
        // A runner without a pod is noticed; one whose pod may not be seen says nothing by itself.
        Lookup::Unread(_) => return None,
    };
    let namespace = &runner.id.namespace;
    let mut needs = vec![Need::Controller];
    add_credentials(view, runner, "/spec", &mut needs);
    needs.push(Need::Access(question("create", "", "pods", namespace, "")));
    needs.push(Need::Access(question("create", "", "secrets", namespace, "")));
    needs.push(Need::Admission { words: String::new() });
    needs.extend(runners::failures(runner));
    if let Some(set) = sets::set_of(runner) {
        world.parts.push((set, runner.id.clone(), "its runner does not start".to_owned()));
    }
    Some(Behind::new(stage, needs))
}

/// What making a listener takes in the runner namespace.
fn add_listener_rights(set: &Object, needs: &mut Vec<Need>) {
    for resource in ["roles", "rolebindings"] {
        for verb in ["create", "update"] {
            needs.push(Need::Access(question(verb, arc::rbac::RBAC, resource, &set.id.namespace, "")));
        }
    }
}
