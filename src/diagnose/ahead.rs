//! What stands in the way of a deletion that is still young, however long it is given.
//!
//! A young deletion is waiting, and not blocked (invariant 6). But time does not bring back what is gone, and whoever
//! asks meanwhile is not told that it should end by itself.

use super::report::Certainty;
use super::report::Class;
use super::report::Foreseen;
use super::roots::End;
use super::view::View;
use crate::graph::Node;
use crate::model::ObjectId;
use std::collections::BTreeSet;

/// A root blocker to come.
#[derive(Clone, Debug)]
pub struct Ahead {
    /// What waits for it.
    pub waiting: BTreeSet<ObjectId>,
    pub foreseen: Foreseen,
}

/// What the rules say of the same cluster if no deletion is given time: `none_young` is what they see then.
pub fn find(view: &View<'_>, none_young: &super::Judged) -> Vec<Ahead> {
    let lasting = none_young.ends.iter().filter(|end| lasts(end));
    lasting
        .map(|end| {
            let waiting = none_young.graph.waiting_for(&end.nodes).into_iter().chain(&end.nodes);
            Ahead {
                waiting: waiting.filter_map(Node::object).cloned().collect(),
                foreseen: Foreseen {
                    class: end.finding.class,
                    object: view.reference(&end.finding.object),
                    message: end.finding.message.clone(),
                },
            }
        })
        .collect()
}

/// True if something that the next step needs is seen to be gone. The rest may be on its way: a finalizer of others
/// is taken off, a log speaks of what is past.
fn lasts(end: &End) -> bool {
    let gone = [
        Class::ControllerGone,
        Class::CrdSkew,
        Class::NamespaceTerminating,
        Class::RbacMissing,
        Class::SecretMissing,
    ];
    end.finding.certainty == Certainty::Proven && gone.contains(&end.finding.class)
}
