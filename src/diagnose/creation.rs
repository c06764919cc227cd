//! What a live runner set or listener that is not complete waits for.

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

/// Adds a live object that should have got farther by now.
pub fn add(view: &View<'_>, object: &Object, world: &mut World) {
    let missing = if object.id.kind == arc::AUTOSCALING_RUNNER_SET {
        listener_missing(view, object, world)
    } else if object.id.kind == arc::AUTOSCALING_LISTENER {
        pod_missing(view, object, world)
    } else {
        None
    };
    let Some((stage, needs)) = missing else { return };
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
        since: object.created,
        deleting: false,
        finalizers: object.finalizers.clone(),
        stage,
        needs,
        set: sets::set_of(object),
    };
    world.stuck.insert(object.id.clone(), stuck);
}

/// `autoscalingrunnerset_controller.go`: the listener is the last thing that a live runner set gets.
fn listener_missing(view: &View<'_>, set: &Object, world: &mut World) -> Option<(String, Vec<Need>)> {
    if !sets::listeners(view, &set.id).is_empty() {
        return None;
    }
    let home = world.controllers.alive(&set.id.namespace).map(|controller| controller.id.namespace.clone());
    let reading = view.list(&arc::AUTOSCALING_LISTENER, home.as_deref()).reading;
    if !reading.is_complete() {
        let namespace = home.unwrap_or_default();
        world.gap(&set.id, &arc::AUTOSCALING_LISTENER, &namespace, &reading, &[Class::ListenerMissing]);
        return None;
    }
    let mut needs = vec![Need::Controller];
    add_credentials(view, set, "/spec", &mut needs);
    let stage = if sets::Remote::of(set).is_some() {
        "registered at GitHub, but without a listener"
    } else {
        "not registered at GitHub, no listener"
    };
    Some((stage.to_owned(), needs))
}

/// `autoscalinglistener_controller.go`: Role and RoleBinding in the runner namespace come before the pod.
fn pod_missing(view: &View<'_>, listener: &Object, world: &mut World) -> Option<(String, Vec<Need>)> {
    let pod = ObjectId::new(&arc::POD, &listener.id.namespace, &listener.id.name);
    match view.look(&pod) {
        Lookup::Found(_) => return None,
        Lookup::Unread(reading) => {
            world.gap(&listener.id, &arc::POD, &pod.namespace, &reading, &[Class::ListenerMissing]);
            return None;
        }
        Lookup::Absent => {}
    }
    let set = sets::set_of(listener)?;
    let mut needs = vec![Need::Controller];
    for resource in ["roles", "rolebindings"] {
        needs.push(Need::Access(question("create", arc::rbac::RBAC, resource, &set.namespace)));
        needs.push(Need::Access(question("update", arc::rbac::RBAC, resource, &set.namespace)));
    }
    // The Secret lies beside the runner set, not beside the listener.
    if let Some(set) = view.find(&set) {
        add_credentials(view, set, "/spec", &mut needs);
    }
    Some(("its pod was not made".to_owned(), needs))
}
