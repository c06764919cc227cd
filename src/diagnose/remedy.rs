//! Ways out that several rules offer, and the commands that carry them out by hand.

use super::action;
use super::action::Action;
use super::report::Applicability;
use super::report::Leaf;
use super::report::Loss;
use super::report::Remedy;
use super::sets;
use super::sets::Remote;
use super::view::View;
use crate::arc;
use crate::arc::finalizers;
use crate::arc::marks;
use crate::model::Object;
use crate::model::ObjectId;

/// `-n namespace`, or nothing for a cluster-scoped object.
pub fn scope(id: &ObjectId) -> String {
    if id.namespace.is_empty() { String::new() } else { format!(" -n {}", word(&id.namespace)) }
}

/// The kind as kubectl takes it without doubt: `autoscalinglisteners.actions.github.com`.
pub fn resource(id: &ObjectId) -> String {
    match arc::kind_row(&id.kind) {
        Some(row) if row.group.is_empty() || row.group == "apps" => row.kind.to_lowercase(),
        Some(row) => format!("{}.{}", row.plural, row.group),
        None => format!("{}.{}", id.kind.kind.to_lowercase(), id.kind.group),
    }
}

/// A way out that is gone by hand and costs nothing.
pub fn by_hand(id: &'static str, title: String, commands: Vec<String>) -> Remedy {
    let actions = commands.into_iter().map(Action::Command).collect();
    Remedy { id, title, loss: Loss::None, applicability: Applicability::Manual, actions, leaves: Vec::new() }
}

/// A way out that this program can go.
pub fn automatic(id: &'static str, title: String, loss: Loss, actions: Vec<Action>) -> Remedy {
    Remedy { id, title, loss, applicability: Applicability::Automatic, actions, leaves: Vec::new() }
}

/// Makes the controller look at everything anew.
pub fn restart_controller(view: &View<'_>, deployment: &ObjectId) -> Remedy {
    automatic(
        "restart-controller",
        format!("Restart {deployment}: it then looks at everything anew"),
        Loss::None,
        view.subject(deployment).map(action::restart).into_iter().collect(),
    )
}

/// What a runner has registered at GitHub, as something left behind.
pub fn registration(runner: &Object) -> Option<Leaf> {
    let id = runner.number("/status/runnerId").filter(|id| *id != 0)?;
    let url = runner.text("/spec/githubConfigUrl").unwrap_or("an unknown URL");
    Some(Leaf::new(&runner.id, format!("runner {id} \"{}\" at {url}", runner.id.name)))
}

/// A word for a shell: quoted unless it is plain.
pub fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._/:=@,<>".contains(c);
    if !text.is_empty() && text.chars().all(plain) && !text.contains(['<', '>']) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// Shows an object.
pub fn get_command(id: &ObjectId) -> String {
    format!("kubectl get {}{} {} -o yaml", resource(id), scope(id), word(&id.name))
}

/// GitHub is not asked to delete the scale set: its number is taken off the runner set that is being deleted.
pub fn drop_scale_set_id(view: &View<'_>, set: &ObjectId) -> Option<Remedy> {
    let set = view.find(set).filter(|set| set.is_deleting())?;
    let remote = Remote::of(set)?;
    Some(Remedy {
        id: "drop-scale-set-id",
        title: format!(
            "Take the scale set's number off {}, so that the controller does not ask GitHub",
            set.id
        ),
        loss: Loss::Registration,
        applicability: Applicability::Automatic,
        actions: action::drop_annotation(set, marks::SCALE_SET_ID).into_iter().collect(),
        leaves: vec![Leaf::new(&set.id, remote.left())],
    })
}

/// GitHub has no such scale set, but the controller asks on: without the number it does the rest. None: the runner set
/// is not being deleted, and would be registered anew.
pub fn drop_unknown_scale_set_id(view: &View<'_>, set: &Object) -> Option<Remedy> {
    let remote = Remote::of(set).filter(|_| set.is_deleting())?;
    // Under another URL GitHub knows none of the numbers of the old one, and still has the scale set there.
    let old = sets::moved(view, set).map(|moved| Remote { url: moved.from, ..remote.clone() });
    Some(Remedy {
        leaves: old.iter().map(|old| Leaf::new(&set.id, old.left())).collect(),
        ..automatic(
            "drop-scale-set-id",
            format!("Take number {} off {}: the controller then does the rest", remote.id, set.id),
            if old.is_some() { Loss::Registration } else { Loss::None },
            action::drop_annotation(set, marks::SCALE_SET_ID).into_iter().collect(),
        )
    })
}

/// True if a runner is being deleted, or what it belongs to is. A live runner of a live set is never touched.
fn is_to_go(view: &View<'_>, runner: &Object, set: &ObjectId) -> bool {
    let owner_goes = || {
        let owners = view.list(&arc::EPHEMERAL_RUNNER_SET, Some(&runner.id.namespace)).objects;
        owners.into_iter().any(|owner| owner.is_deleting() && runner.is_owned_by(&owner.uid))
    };
    runner.is_deleting() || owner_goes() || view.find(set).is_some_and(Object::is_deleting)
}

/// The runners of a set that are to go let go of GitHub: deleted where they are not yet, and their registration
/// finalizer taken off.
pub fn drop_registrations(view: &View<'_>, set: &ObjectId) -> Option<Remedy> {
    let url = view.find(set).and_then(|set| set.text("/spec/githubConfigUrl").map(str::to_owned));
    let runners: Vec<&Object> = view
        .list(&arc::EPHEMERAL_RUNNER, Some(&set.namespace))
        .objects
        .into_iter()
        .filter(|runner| sets::set_of(runner).as_ref() == Some(set))
        .filter(|runner| runner.has_finalizer(finalizers::RUNNER_REGISTRATION))
        .filter(|runner| is_to_go(view, runner, set))
        .collect();
    if runners.is_empty() {
        return None;
    }
    let mut actions = Vec::new();
    let mut leaves = Vec::new();
    for runner in &runners {
        if !runner.is_deleting() {
            actions.push(action::delete(&runner.id));
        }
        actions.extend(action::drop_finalizer(runner, finalizers::RUNNER_REGISTRATION));
        if let Some(id) = runner.number("/status/runnerId").filter(|id| *id != 0) {
            let url = runner.text("/spec/githubConfigUrl").or(url.as_deref()).unwrap_or("an unknown URL");
            leaves.push(Leaf::new(&runner.id, format!("runner {id} \"{}\" at {url}", runner.id.name)));
        }
    }
    let busy = runners.iter().any(|runner| sets::job(runner).is_some());
    let loss = match (busy, leaves.is_empty()) {
        (true, _) => Loss::Job,
        (false, false) => Loss::Registration,
        (false, true) => Loss::None,
    };
    Some(Remedy {
        id: "drop-runner-registrations",
        title: match runners.len() {
            1 => format!("Let the one runner of {set} that is to go do so without asking GitHub"),
            many => format!("Let the {many} runners of {set} that are to go do so without asking GitHub"),
        },
        loss,
        applicability: Applicability::Automatic,
        actions,
        leaves,
    })
}

/// A set that is being deleted lets go of GitHub altogether: its runners, and then the scale set. Either alone
/// frees nothing while the other still waits.
pub fn let_go(view: &View<'_>, set: &ObjectId) -> Option<Remedy> {
    match (drop_registrations(view, set), drop_scale_set_id(view, set)) {
        (Some(runners), Some(number)) => Some(Remedy {
            id: "let-go-of-github",
            title: format!("Let the runners and the scale set of {set} go without asking GitHub"),
            loss: runners.loss.max(number.loss),
            applicability: Applicability::Automatic,
            actions: [runners.actions, number.actions].concat(),
            leaves: [runners.leaves, number.leaves].concat(),
        }),
        (runners, number) => runners.or(number),
    }
}

/// What a runner set has registered at GitHub: the scale set and its runners.
pub fn registrations(view: &View<'_>, set: &ObjectId) -> Vec<Leaf> {
    let scale_set = view.find(set).and_then(Remote::of);
    let mut left: Vec<Leaf> = scale_set.map(|remote| Leaf::new(set, remote.left())).into_iter().collect();
    if let Some(remedy) = drop_registrations(view, set) {
        left.extend(remedy.leaves);
    }
    if !view.list(&arc::EPHEMERAL_RUNNER, Some(&set.namespace)).reading.is_complete() {
        left.push(Leaf::new(set, format!("runners of {set} that could not be read")));
    }
    left
}

/// The listeners that are being deleted in a namespace let go; their Role and RoleBinding go by hand.
pub fn drop_listener_finalizers(view: &View<'_>, namespace: &str) -> Option<Remedy> {
    let listeners: Vec<&Object> = view
        .list(&arc::AUTOSCALING_LISTENER, Some(namespace))
        .objects
        .into_iter()
        .filter(|listener| listener.is_deleting() && listener.has_finalizer(finalizers::LISTENER))
        .collect();
    if listeners.is_empty() {
        return None;
    }
    let actions: Vec<Action> =
        listeners.iter().flat_map(|listener| let_listener_go(view, listener)).collect();
    let rights = actions.iter().any(|action| matches!(action, Action::Delete(_)));
    let beside = if rights { ", and delete their Role and RoleBinding" } else { "" };
    Some(Remedy {
        id: "drop-listener-finalizer",
        title: format!("Take the finalizer off the listeners in {namespace}{beside}"),
        loss: Loss::None,
        applicability: Applicability::Automatic,
        actions,
        leaves: Vec::new(),
    })
}

/// Takes the finalizer off one listener and deletes the Role and RoleBinding that it would leave behind in the
/// runner namespace, unless a listener of the same name lives elsewhere and uses them.
pub fn let_listener_go(view: &View<'_>, listener: &Object) -> Vec<Action> {
    let mut actions = Vec::new();
    // Its last finalizer comes off last: afterwards nothing tells that the others are left.
    let shared = view
        .list(&arc::AUTOSCALING_LISTENER, None)
        .objects
        .iter()
        .any(|other| other.id.name == listener.id.name && other.id.namespace != listener.id.namespace);
    if let Some(set) = sets::set_of(listener).filter(|_| !shared) {
        for kind in [arc::ROLE_BINDING, arc::ROLE] {
            let id = ObjectId::new(&kind, &set.namespace, &listener.id.name);
            if view.find(&id).is_some() {
                actions.push(action::delete(&id));
            }
        }
    }
    if !listener.is_deleting() {
        actions.push(action::delete(&listener.id));
    }
    actions.extend(action::drop_finalizer(listener, finalizers::LISTENER));
    actions
}
