//! What a rule wants to see before it decides: asked for when nothing else explains the object, and told as a gap
//! when it cannot be seen.

use super::remedy;
use super::report::Class;
use super::report::Gap;
use super::roots::End;
use super::roots::Label;
use super::world::gap;
use crate::arc;
use crate::graph::Graph;
use crate::graph::Node;
use crate::model::GroupKind;
use crate::model::ObjectId;
use crate::model::Reading;
use std::collections::BTreeSet;

/// Something to look at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sight {
    Object(ObjectId),
    /// All objects of a kind, in a namespace or (`""`) in the cluster.
    List {
        kind: GroupKind,
        namespace: String,
        selector: Option<String>,
    },
    /// The log of the controller that this Deployment runs.
    ControllerLog(ObjectId),
    /// The logs of a pod.
    PodLog(ObjectId),
}

/// One wish of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The object that it decides about.
    pub subject: ObjectId,
    pub sight: Sight,
    /// How it was read so far.
    pub reading: Reading,
    /// What it may show. None: it only proves what is likely already, and without it nothing is missing.
    pub hides: Vec<Class>,
}

impl Sight {
    pub fn is_log(&self) -> bool {
        matches!(self, Self::ControllerLog(_) | Self::PodLog(_))
    }

    /// How it is told that this was not seen.
    fn gap(&self, reading: &Reading, hides: &[Class]) -> Gap {
        match self {
            Self::Object(id) => gap(&id.kind, &id.namespace, reading, hides),
            Self::List { kind, namespace, .. } => gap(kind, namespace, reading, hides),
            Self::ControllerLog(id) => {
                let place = (remedy::word(&id.namespace), remedy::word(&id.name));
                let command = format!("kubectl logs -n {} deployment/{} --since=30m", place.0, place.1);
                Gap { command, ..gap(&arc::POD_LOG, &id.namespace, reading, hides) }
            }
            Self::PodLog(id) => {
                let place = (remedy::word(&id.namespace), remedy::word(&id.name));
                let command = format!("kubectl logs -n {} {} --all-containers --tail=500", place.0, place.1);
                Gap { command, ..gap(&arc::POD_LOG, &id.namespace, reading, hides) }
            }
        }
    }
}

impl Wish {
    /// True if it only proves what is likely already.
    pub fn is_proof(&self) -> bool {
        self.hides.is_empty()
    }

    /// True if the answer depends on it: nothing that was seen explains the object.
    pub fn decides(&self, explained: &BTreeSet<&Node>) -> bool {
        !self.is_proof() && !explained.contains(&Node::Object(self.subject.clone()))
    }
}

/// All nodes from which a root blocker is reached.
pub fn explained<'a>(graph: &'a Graph<Label>, ends: &'a [End]) -> BTreeSet<&'a Node> {
    let ends: Vec<&BTreeSet<Node>> = ends.iter().map(|end| &end.nodes).collect();
    ends.iter().flat_map(|nodes| graph.waiting_for(nodes).into_iter().chain(nodes.iter())).collect()
}

/// What could not be seen and would have decided.
pub fn gaps(wishes: &[Wish], explained: &BTreeSet<&Node>) -> Vec<(ObjectId, Gap)> {
    wishes
        .iter()
        .filter(|wish| wish.decides(explained))
        .map(|wish| (wish.subject.clone(), wish.sight.gap(&wish.reading, &wish.hides)))
        .collect()
}
