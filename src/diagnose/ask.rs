//! What is asked about, and what of it is to be answered for.

use super::sets;
use super::view::View;
use super::world::World;
use crate::arc;
use crate::graph::Graph;
use crate::graph::Node;
use crate::model::GroupKind;
use crate::model::Object;
use crate::model::ObjectId;
use std::collections::BTreeSet;

/// One question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// All of ARC in a namespace, or in the cluster.
    Everything { namespace: Option<String>, selector: Vec<(String, String)> },
    /// All objects of a kind in a namespace, or in the cluster.
    Kind { kind: GroupKind, namespace: Option<String> },
    /// One object. A Namespace stands for all of ARC in it as well.
    Object(ObjectId),
}

impl Ask {
    /// The namespace it is confined to; None: the cluster.
    pub fn namespace(&self) -> Option<&str> {
        match self {
            Self::Everything { namespace, .. } | Self::Kind { namespace, .. } => namespace.as_deref(),
            Self::Object(id) if id.kind == arc::NAMESPACE => Some(&id.name),
            Self::Object(id) => Some(id.namespace.as_str()).filter(|namespace| !namespace.is_empty()),
        }
    }
}

/// The objects of ARC to answer for in a namespace (None: in the cluster): its runner sets, what is stuck or
/// waiting there and is not already on the way from another of them.
pub fn entries<L>(
    view: &View<'_>,
    world: &World,
    graph: &Graph<L>,
    namespace: Option<&str>,
    selector: &[(String, String)],
) -> Vec<ObjectId> {
    let inside = |object: &Object| {
        namespace.is_none_or(|namespace| {
            object.id.namespace == namespace
                || (object.id.kind == arc::NAMESPACE && object.id.name == namespace)
                || (object.id.kind == arc::AUTOSCALING_LISTENER
                    && sets::set_of(object).is_some_and(|set| set.namespace == namespace))
        })
    };
    let selected = |object: &Object| selector.iter().all(|(key, value)| object.label(key) == Some(value));
    let mut entries = Entries { graph, found: Vec::new(), covered: BTreeSet::new() };
    for object in view.list(&arc::NAMESPACE, None).objects {
        let concerns = namespace.is_some() || holds_arc(view, &object.id.name);
        if concerns && inside(object) && selected(object) && touched(world, &object.id) {
            entries.add(&object.id);
        }
    }
    for object in view.list(&arc::CRD, None).objects {
        if object.id.name.ends_with(arc::GROUP)
            && inside(object)
            && selected(object)
            && touched(world, &object.id)
        {
            entries.add(&object.id);
        }
    }
    let sets: Vec<&Object> = view.list(&arc::AUTOSCALING_RUNNER_SET, None).objects;
    let sets: Vec<&Object> = sets.into_iter().filter(|set| inside(set) && selected(set)).collect();
    for set in sets.iter().filter(|set| touched(world, &set.id)) {
        entries.add(&set.id);
    }
    // What only waits for one of these is a symptom of it; what does not is an entry by itself.
    // A controller that just restarts is nothing to answer for, unless that will not help.
    let is_controller = |id: &ObjectId| {
        let known = world.controllers.found.iter().any(|controller| controller.id == *id);
        let waits = graph.waits_for(&Node::Object(id.clone())).next().is_some();
        known && (waits || !world.waiting.contains_key(id))
    };
    for id in graph.nodes().filter_map(Node::object) {
        let is_arc = |object: &Object| sets::is_arc(object) || is_controller(id);
        let concerns =
            view.find(id).is_some_and(|object| inside(object) && selected(object) && is_arc(object));
        if concerns && !entries.is_on_the_way_to_one(id) {
            entries.add(id);
        }
    }
    // A runner set that should be there and is not.
    for id in graph.nodes().filter_map(Node::object).filter(|id| id.kind == arc::AUTOSCALING_RUNNER_SET) {
        let here = namespace.is_none_or(|namespace| id.namespace == namespace);
        if here && selector.is_empty() && view.find(id).is_none() {
            entries.add(id);
        }
    }
    for set in &sets {
        entries.add(&set.id);
    }
    entries.found
}

struct Entries<'a, L> {
    graph: &'a Graph<L>,
    found: Vec<ObjectId>,
    /// All that an entry waits for: it is answered for by the entry.
    covered: BTreeSet<ObjectId>,
}

impl<L> Entries<'_, L> {
    fn add(&mut self, id: &ObjectId) {
        if self.covered.insert(id.clone()) {
            self.found.push(id.clone());
            let reached: Vec<ObjectId> = self.reach(id).into_iter().cloned().collect();
            self.covered.extend(reached);
        }
    }

    fn is_on_the_way_to_one(&self, id: &ObjectId) -> bool {
        self.reach(id).into_iter().any(|reached| reached != id && self.found.contains(reached))
    }

    fn reach(&self, id: &ObjectId) -> Vec<&ObjectId> {
        self.graph.reach(&Node::Object(id.clone())).into_iter().filter_map(Node::object).collect()
    }
}

/// True if the object is stuck, waiting, or the end of somebody's waiting.
fn touched(world: &World, id: &ObjectId) -> bool {
    world.stuck.contains_key(id) || world.waiting.contains_key(id)
}

/// True if something of ARC is in the namespace.
pub fn holds_arc(view: &View<'_>, namespace: &str) -> bool {
    view.everything().any(|object| object.id.namespace == namespace && sets::is_arc(object))
}
