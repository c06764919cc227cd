//! Where waiting ends without a reason that could be named: said as such, with what would tell.

use super::need::Need;
use super::need::Stuck;
use super::remedy;
use super::report::Gap;
use super::roots::End;
use super::roots::Label;
use super::world::World;
use crate::arc::limits;
use crate::graph::Graph;
use crate::graph::Node;
use crate::model::ObjectId;
use std::collections::BTreeSet;

/// An end of waiting that no rule explains.
#[derive(Clone, Debug)]
pub struct Undecided {
    pub nodes: BTreeSet<Node>,
    /// What is known of it, a sentence each without a final stop.
    pub texts: Vec<String>,
}

/// All of them. What waits by design, or because something was not read, is explained.
pub fn find(world: &World, graph: &Graph<Label>, ends: &[End], gaps: &[(ObjectId, Gap)]) -> Vec<Undecided> {
    let explained: BTreeSet<&Node> = ends.iter().flat_map(|end| &end.nodes).collect();
    graph
        .ends()
        .into_iter()
        .filter(|nodes| !nodes.iter().any(|node| explained.contains(node)))
        .filter(|nodes| !nodes.iter().filter_map(Node::object).any(|id| world.waiting.contains_key(id)))
        .filter(|nodes| {
            let unread = |id: &ObjectId| gaps.iter().any(|(subject, _)| subject == id);
            !nodes.iter().filter_map(Node::object).any(unread)
        })
        .filter_map(|nodes| undecided(world, graph, nodes))
        .collect()
}

fn undecided(world: &World, graph: &Graph<Label>, nodes: BTreeSet<Node>) -> Option<Undecided> {
    let stuck: Vec<&Stuck> =
        nodes.iter().filter_map(Node::object).filter_map(|id| world.stuck.get(id)).collect();
    if stuck.is_empty() {
        return kept_by_nothing(world, graph, nodes);
    }
    let mut texts: Vec<String> = Vec::new();
    if let [first, others @ ..] = stuck.as_slice()
        && !others.is_empty()
    {
        let others: Vec<String> = others.iter().map(|stuck| stuck.id.to_string()).collect();
        texts.push(format!("{} and {} wait for each other", first.id, others.join(", ")));
    }
    for stuck in &stuck {
        texts.extend(stuck.needs.iter().filter_map(|need| match need {
            Need::Other(text) => Some(format!("{}: {text}", stuck.id)),
            Need::Listening { pod, says, .. } => Some(format!(
                "{}: its container ends ({says}), and the log of {pod} names no reason that is known here",
                stuck.id
            )),
            Need::Kubelet { node: Some(node) } => {
                Some(format!("{}: the kubelet of {node} has to confirm that its containers ended", stuck.id))
            }
            Need::Apis { message } => Some(format!("{}: an API has to answer again ({message})", stuck.id)),
            _ => None,
        }));
    }
    let waits_for_controller = stuck.iter().find(|stuck| stuck.needs.contains(&Need::Controller));
    if let Some(stuck) = waits_for_controller {
        texts.push(format!(
            "{}: nothing that the controller needs was found missing, and its log does not tell",
            stuck.id
        ));
        texts.extend(next_words(world, stuck));
    }
    if texts.is_empty() {
        texts.extend(stuck.iter().map(|stuck| format!("{}: nothing was found that it waits for", stuck.id)));
    }
    Some(Undecided { nodes, texts })
}

/// Where the answer will stand: after an error the controller pauses, and then says something, unless it hangs.
fn next_words(world: &World, stuck: &Stuck) -> Option<String> {
    let namespace = stuck.set.as_ref().map_or(&stuck.id.namespace, |set| &set.namespace);
    let controller = &world.controllers.alive(namespace)?.id;
    let minutes = limits::LONGEST_RETRY.as_mins();
    Some(format!(
        "look at what {controller} writes of it next (kubectl logs -n {} deployment/{} --since={minutes}m): it tries again \
         within 17 minutes, and if it has written nothing of it for {minutes}, it hangs",
        remedy::word(&controller.namespace),
        remedy::word(&controller.name),
    ))
}

/// Something waits for an object that should go on its own, such as a finished runner.
fn kept_by_nothing(world: &World, graph: &Graph<Label>, nodes: BTreeSet<Node>) -> Option<Undecided> {
    let waiter =
        graph.waiting_for(&nodes).into_iter().filter_map(Node::object).find_map(|id| world.stuck.get(id))?;
    let kept: Vec<String> = nodes.iter().filter_map(Node::object).map(ToString::to_string).collect();
    let text = format!("{} waits for {}, and nothing was found that keeps it", waiter.id, kept.join(", "));
    Some(Undecided { nodes, texts: vec![text] })
}
