//! What a live runner set, listener or runner that is not complete waits for.

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
use crate::model::Lookup;
use crate::model::Object;
use crate::model::ObjectId;

/// Where a live object stands that should have got farther.
struct Behind {
    stage: String,
    needs: Vec<Need>,
}

/// Adds a live object that should have got farther by now.
pub fn add(view: &View<'_>, object: &Object, world: &mut World) {
    let behind = if object.id.kind == arc::AUTOSCALING_RUNNER_SET {
        set(view, object, world)
    } else if object.id.kind == arc::AUTOSCALING_LISTENER {
        listener(view, object, world)
    } else if object.id.kind == arc::EPHEMERAL_RUNNER {
        runner(view, object, world)
    } else {
        None
    };
    let Some(Behind { stage, needs }) = behind else { return };
    if let Some(created) = object.created {
        let age = view.now().duration_since(created);
        if age < limits::YOUNG_CREATION {
            let text = young("it was made", age, limits::YOUNG_CREATION);
            world.waiting.insert(object.id.clone(), text);
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
        set: sets::set_of(object),
    };
    world.stuck.insert(object.id.clone(), stuck);
}

/// `autoscalingrunnerset_controller.go`: the listener is the last thing that a live runner set gets, and it is
/// looked for beside the controller alone.
fn set(view: &View<'_>, set: &Object, world: &mut World) -> Option<Behind> {
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
    let stage = if sets::Remote::of(set).is_some() {
        "registered at GitHub, but without a listener"
    } else {
        "not registered at GitHub, no listener"
    };
    Some(Behind { stage: stage.to_owned(), needs })
}

/// `autoscalinglistener_controller.go`: Role and RoleBinding in the runner namespace come before the pod, and a pod
/// that has ended is replaced.
fn listener(view: &View<'_>, listener: &Object, world: &mut World) -> Option<Behind> {
    let pod = ObjectId::new(&arc::POD, &listener.id.namespace, &listener.id.name);
    let stage = match view.look(&pod) {
        Lookup::Found(pod) => match pod.text("/status/phase") {
            Some("Failed" | "Succeeded") => "its pod has ended and was not replaced",
            _ => return None,
        },
        Lookup::Unread(reading) => {
            world.gap(&listener.id, &arc::POD, &pod.namespace, &reading, &[Class::ListenerMissing]);
            return None;
        }
        Lookup::Absent => "its pod is not there",
    };
    let mut needs = vec![Need::Controller];
    // The Secret lies beside the runner set, not beside the listener.
    if let Some(set) = sets::set_of(listener).and_then(|set| view.find(&set)) {
        add_listener_rights(set, &mut needs);
        add_credentials(view, set, "/spec", &mut needs);
    }
    Some(Behind { stage: stage.to_owned(), needs })
}

/// `ephemeralrunner_controller.go`: credentials and the Secret with the runner's token come before the pod. A pod
/// that the API server refused leaves the runner Failed with this reason.
fn runner(view: &View<'_>, runner: &Object, world: &mut World) -> Option<Behind> {
    let refused = runner.text("/status/phase") == Some("Failed")
        && runner.text("/status/reason") == Some(arc::phrases::INVALID_POD);
    if sets::is_done(runner) && !refused {
        return None;
    }
    if !refused {
        let pod = ObjectId::new(&arc::POD, &runner.id.namespace, &runner.id.name);
        // A runner without a pod is noticed; one whose pod may not be seen says nothing by itself.
        if !matches!(view.look(&pod), Lookup::Absent) {
            return None;
        }
    }
    let namespace = &runner.id.namespace;
    let mut needs = vec![Need::Controller];
    add_credentials(view, runner, "/spec", &mut needs);
    needs.push(Need::Access(question("create", "", "pods", namespace, "")));
    needs.push(Need::Access(question("create", "", "secrets", namespace, "")));
    if let Some(set) = sets::set_of(runner) {
        world.parts.push((set, runner.id.clone(), "its runner does not start".to_owned()));
    }
    let stage = if refused { "its pod was refused" } else { "its pod is not there" };
    Some(Behind { stage: stage.to_owned(), needs })
}

/// What making a listener takes in the runner namespace.
fn add_listener_rights(set: &Object, needs: &mut Vec<Need>) {
    for resource in ["roles", "rolebindings"] {
        for verb in ["create", "update"] {
            needs.push(Need::Access(question(verb, arc::rbac::RBAC, resource, &set.id.namespace, "")));
        }
    }
}
