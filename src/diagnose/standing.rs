//! What moves next and what does not, without asking about anything: for whoever plays a way out through.

use super::Judged;
use super::report::Class;
use super::roots::Label;
use super::sets;
use super::survey::Patience;
use super::view::View;
use crate::arc;
use crate::arc::finalizers;
use crate::graph::Graph;
use crate::graph::Node;
use crate::model::GroupKind;
use crate::model::Object;
use crate::model::ObjectId;
use crate::model::Snapshot;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// A root blocker, as far as it is the same one in another look.
pub type RootId = (Class, ObjectId);

/// Who can move and who cannot.
#[derive(Debug, Default)]
pub struct Standing {
    /// What waits for nothing any more, and that somebody lives who takes it away: what is being deleted, and what is
    /// live and only in the way of such.
    pub free: BTreeSet<ObjectId>,
    /// What is being deleted, or should move, and the nearest reason why it does not.
    pub held: BTreeMap<ObjectId, String>,
    /// What something unread bears on: nobody knows whether it moves.
    pub unsure: BTreeSet<ObjectId>,
    /// The roots that what was asked about still ends at.
    pub ahead: BTreeSet<RootId>,
}

/// That somebody who lives has not acted for a while. In the play he has had no time to.
const YET_TO_ACT: &[Class] =
    &[Class::ControllerNotReconciling, Class::CrdTerminating, Class::ListenerMissing];

/// Looks at a cluster in which the roots of `satisfied` are taken to be put right, whatever the facts about them say.
///
/// `known` are the roots that there were at first.
///
/// `asked` is what the question was about, with what waited for something on the way.
pub fn standing(
    snapshot: &Snapshot,
    satisfied: &BTreeSet<RootId>,
    known: &BTreeSet<RootId>,
    asked: &BTreeSet<ObjectId>,
) -> Standing {
    let view = View::new(snapshot);
    let Judged { world, graph, ends, gaps, .. } = super::judge(snapshot, &view, Patience::Usual);
    let over = |id: &RootId| satisfied.contains(id) || (YET_TO_ACT.contains(&id.0) && !known.contains(id));
    let mut closed: BTreeMap<&Node, BTreeSet<RootId>> = BTreeMap::new();
    let mut open: BTreeSet<&Node> = BTreeSet::new();
    let mut standing = Standing::default();
    for end in &ends {
        let id = (end.finding.class, end.finding.object.clone());
        let is_over = over(&id);
        for node in &end.nodes {
            match is_over {
                true => open.extend([node]),
                false => closed.entry(node).or_default().extend([id.clone()]),
            }
        }
    }
    // Two findings at one node: the one that is not over keeps it closed.
    open.retain(|node| !closed.contains_key(node));
    standing.unsure =
        gaps.iter().map(|(subject, _)| subject.clone()).filter(|id| moves(&world, snapshot, id)).collect();
    let waits = |id: &ObjectId| -> Vec<(&Node, &Label)> {
        let node = Node::Object(id.clone());
        graph.waits_for(&node).filter(|(to, _)| !open.contains(to)).collect()
    };
    let moving: Vec<ObjectId> = snapshot
        .objects()
        .filter(|object| moves(&world, snapshot, &object.id))
        .map(|object| object.id.clone())
        .collect();
    for id in &moving {
        let node = Node::Object(id.clone());
        let left = waits(id);
        let deleting = found(snapshot, id).is_some_and(Object::is_deleting);
        if left.is_empty() && !closed.contains_key(&node) && (!deleting || is_looked_after(snapshot, id)) {
            match deleting && !are_instances_read(snapshot, id) {
                true => standing.unsure.extend([id.clone()]),
                false => standing.free.extend(deleting.then(|| id.clone())),
            }
        } else {
            let because = match left.first() {
                Some((to, label)) => format!("{} ({})", label.because, named(to)),
                None => "nobody takes its finalizers off".to_owned(),
            };
            standing.held.insert(id.clone(), because);
        }
    }
    for id in asked {
        for node in [Node::Object(id.clone()), Node::Repair(id.clone())] {
            if !graph.contains(&node) {
                continue;
            }
            let reached = reached(&graph, &node, &open);
            standing.ahead.extend(reached.iter().filter_map(|node| closed.get(node)).flatten().cloned());
        }
    }
    // Who waits for something live to go has asked for it to go: the garbage collector, the namespace and ARC's
    // controllers delete what is in their way.
    let in_the_way: BTreeSet<ObjectId> = moving
        .iter()
        .filter_map(|id| found(snapshot, id))
        .filter(|object| object.is_deleting())
        .flat_map(|waiter| {
            let asks = move |other: &Object| deletes(waiter, other);
            waits(&waiter.id).into_iter().filter_map(|(to, _)| to.object().cloned()).filter(move |id| {
                found(snapshot, id).is_some_and(|other| !other.is_deleting() && asks(other))
            })
        })
        .collect();
    for id in in_the_way {
        if waits(&id).is_empty() && !closed.contains_key(&Node::Object(id.clone())) {
            standing.free.insert(id);
        }
    }
    standing
}

fn named(node: &Node) -> String {
    match node {
        Node::Object(id) | Node::Repair(id) => id.to_string(),
        Node::Actor(name) => name.clone(),
    }
}

/// True for what is being deleted or should have moved by now.
fn moves(world: &super::world::World, snapshot: &Snapshot, id: &ObjectId) -> bool {
    world.stuck.contains_key(id)
        || world.young.contains_key(id)
        || found(snapshot, id).is_some_and(Object::is_deleting)
}

/// Every node on the way from one, without going on through what is put right.
fn reached<'a>(graph: &'a Graph<Label>, start: &'a Node, open: &BTreeSet<&Node>) -> BTreeSet<&'a Node> {
    let mut seen = BTreeSet::from([start]);
    let mut left = vec![start];
    while let Some(node) = left.pop() {
        for (to, _) in graph.waits_for(node) {
            if !open.contains(to) && seen.insert(to) {
                left.push(to);
            }
        }
    }
    seen
}

fn found<'a>(snapshot: &'a Snapshot, id: &ObjectId) -> Option<&'a Object> {
    match snapshot.get(id) {
        crate::model::Lookup::Found(object) => Some(object),
        _ => None,
    }
}

/// True if what waits deletes the other one itself.
fn deletes(waiter: &Object, other: &Object) -> bool {
    let kind = &waiter.id.kind;
    if *kind == arc::NAMESPACE {
        return other.id.namespace == waiter.id.name;
    }
    if *kind == arc::CRD {
        return waiter.id.name.ends_with(&*other.id.kind.group);
    }
    let is_listener =
        other.id.kind == arc::AUTOSCALING_LISTENER && sets::set_of(other).as_ref() == Some(&waiter.id);
    other.is_owned_by(&waiter.uid) || is_listener
}

/// True if the other one goes because this one does.
pub fn takes_along(gone: &Object, other: &Object) -> bool {
    deletes(gone, other)
        || (gone.id.kind == arc::AUTOSCALING_RUNNER_SET && protected_by(gone).contains(&other.id))
}

/// True if every finalizer of an object is one of somebody who lives: ARC's controllers, or Kubernetes itself.
/// Whether they do live is for the rules; a finalizer of somebody else's is a root of its own.
fn is_looked_after(snapshot: &Snapshot, id: &ObjectId) -> bool {
    let Some(object) = found(snapshot, id) else { return false };
    object
        .finalizers
        .iter()
        .all(|finalizer| *finalizer != finalizers::CLEANUP_PROTECTION || releases(snapshot, object))
}

/// False for a CRD that may have instances where nobody looked: it waits for those as well.
fn are_instances_read(snapshot: &Snapshot, id: &ObjectId) -> bool {
    let is_of = |kind: &GroupKind| {
        arc::kind_row(kind).is_some_and(|row| id.name == format!("{}.{}", row.plural, row.group))
    };
    let kind = arc::SCALE_SET_KINDS.into_iter().find(is_of).filter(|_| id.kind == arc::CRD);
    kind.is_none_or(|kind| snapshot.list(&kind, None).reading.is_complete())
}

/// True if a runner set that is being deleted names a protected object.
fn releases(snapshot: &Snapshot, protected: &Object) -> bool {
    let sets = snapshot.list(&arc::AUTOSCALING_RUNNER_SET, Some(&protected.id.namespace)).objects;
    sets.into_iter().any(|set| set.is_deleting() && sets::names_protected(set, &protected.id).is_some())
}

/// What the controller releases when a runner set goes.
pub fn protected_by(set: &Object) -> Vec<ObjectId> {
    sets::protected_by(set)
}

/// All that is meant by a question: what it names, and everything that this waits for. Nothing else is touched on its
/// behalf, except where a root itself is put right.
pub fn reach(snapshot: &Snapshot, targets: &[ObjectId]) -> BTreeSet<ObjectId> {
    let view = View::new(snapshot);
    let Judged { graph, .. } = super::judge(snapshot, &view, Patience::Usual);
    let mut meant: BTreeSet<ObjectId> = BTreeSet::new();
    let mut left: Vec<ObjectId> = targets.to_vec();
    while let Some(id) = left.pop() {
        if !meant.insert(id.clone()) {
            continue;
        }
        left.extend(graph.reach(&Node::Object(id.clone())).into_iter().filter_map(Node::object).cloned());
        let Some(object) = found(snapshot, &id) else { continue };
        // What goes with it, and what only it releases.
        // Its listeners are on the way from it, where they are its own.
        let goes_along =
            |other: &&Object| deletes(object, other) && other.id.kind != arc::AUTOSCALING_LISTENER;
        left.extend(snapshot.objects().filter(goes_along).map(|other| other.id.clone()));
        if id.kind == arc::AUTOSCALING_RUNNER_SET {
            left.extend(sets::protected_by(object));
        }
        // A listener's Role and RoleBinding have its name, and stand where its runners are.
        if let Some(set) = sets::set_of(object).filter(|_| id.kind == arc::AUTOSCALING_LISTENER) {
            let named = |kind| ObjectId::new(kind, &set.namespace, &id.name);
            left.extend([named(&arc::ROLE), named(&arc::ROLE_BINDING)]);
        }
    }
    meant
}
