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
    let mut found: Vec<ObjectId> = Vec::new();
    let mut covered: BTreeSet<ObjectId> = BTreeSet::new();
    let mut add = |id: &ObjectId| {
        if covered.contains(id) {
            return;
        }
        found.push(id.clone());
        covered.extend(graph.reach(&Node::Object(id.clone())).into_iter().filter_map(Node::object).cloned());
        covered.insert(id.clone());
    };
    let kinds = [arc::NAMESPACE, arc::CRD, arc::AUTOSCALING_RUNNER_SET];
    let concerns = |object: &Object| match &object.id.kind {
        kind if *kind == arc::NAMESPACE => {
            touched(world, &object.id) && (namespace.is_some() || holds_arc(view, &object.id.name))
        }
        kind if *kind == arc::CRD => touched(world, &object.id) && object.id.name.ends_with(arc::GROUP),
        _ => true,
    };
    for kind in kinds {
        let listing = view.list(&kind, None);
        for object in listing
            .objects
            .into_iter()
            .filter(|object| inside(object) && selected(object) && concerns(object))
        {
            add(&object.id);
        }
    }
    // Nodes that are no entry by themselves: what is stuck alone, and what is missing.
    let rest: Vec<ObjectId> = graph.nodes().filter_map(Node::object).cloned().collect();
    let mut tops: Vec<&ObjectId> = rest
        .iter()
        .filter(|id| match view.find(id) {
            Some(object) => inside(object) && selected(object) && sets::is_arc(object) && touched(world, id),
            None => {
                selector.is_empty()
                    && id.kind == arc::AUTOSCALING_RUNNER_SET
                    && namespace.is_none_or(|namespace| id.namespace == namespace)
            }
        })
        .collect();
    // Those that wait come before those they wait for.
    tops.sort_by_key(|id| (graph.waits_for(&Node::Object((*id).clone())).count() == 0, (*id).clone()));
    for id in tops {
        add(id);
    }
    found
}

/// True if the object is stuck, waiting, or the end of somebody's waiting.
fn touched(world: &World, id: &ObjectId) -> bool {
    world.stuck.contains_key(id) || world.waiting.contains_key(id)
}

/// True if something of ARC is in the namespace.
pub fn holds_arc(view: &View<'_>, namespace: &str) -> bool {
    view.everything().any(|object| object.id.namespace == namespace && sets::is_arc(object))
}
