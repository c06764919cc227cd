//! Where waiting ends without a reason that could be named: said as such, with what would tell.

use super::need::Need;
use super::need::Stuck;
use super::remedy;
use super::report::Class;
use super::report::Gap;
use super::roots::End;
use super::roots::Label;
use super::world::World;
use super::world::gap;
use crate::arc;
use crate::graph::Graph;
use crate::graph::Node;
use crate::model::ObjectId;
use crate::model::Reading;
use std::collections::BTreeSet;

/// An end of waiting that no rule explains.
#[derive(Clone, Debug)]
pub struct Undecided {
    pub nodes: BTreeSet<Node>,
    /// What is known of it, a sentence each without a final stop.
    pub texts: Vec<String>,
    /// What could be looked at to decide.
    pub gap: Option<Gap>,
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
            _ => None,
        }));
    }
    let waits_for_controller = stuck.iter().find(|stuck| stuck.needs.contains(&Need::Controller));
    if let Some(stuck) = waits_for_controller {
        texts.push(format!(
            "{}: nothing that the controller needs was found missing; its log would tell",
            stuck.id
        ));
    }
    if texts.is_empty() {
        texts.extend(stuck.iter().map(|stuck| format!("{}: nothing was found that it waits for", stuck.id)));
    }
    let gap = waits_for_controller.and_then(|stuck| unread_log(world, stuck));
    Some(Undecided { nodes, texts, gap })
}

/// Something waits for an object that should go on its own, such as a finished runner.
fn kept_by_nothing(world: &World, graph: &Graph<Label>, nodes: BTreeSet<Node>) -> Option<Undecided> {
    let waiter =
        graph.waiting_for(&nodes).into_iter().filter_map(Node::object).find_map(|id| world.stuck.get(id))?;
    let kept: Vec<String> = nodes.iter().filter_map(Node::object).map(ToString::to_string).collect();
    let text = format!("{} waits for {}, and nothing was found that keeps it", waiter.id, kept.join(", "));
    let gap = Some(waiter)
        .filter(|waiter| waiter.needs.contains(&Need::Controller))
        .and_then(|waiter| unread_log(world, waiter));
    Some(Undecided { nodes, texts: vec![text], gap })
}

/// No rule of this version reads the controller's log for this; a person can. None if no controller writes one.
fn unread_log(world: &World, stuck: &Stuck) -> Option<Gap> {
    let mut hides = vec![Class::ControllerNotReconciling];
    if stuck.needs.contains(&Need::GitHub) {
        hides.extend([Class::GithubRefuses, Class::JobStillRunning]);
    }
    let namespace = stuck.set.as_ref().map_or(&stuck.id.namespace, |set| &set.namespace);
    let any = || world.controllers.found.iter().find(|controller| controller.is_alive());
    let home = &world.controllers.alive(namespace).or_else(any)?.id;
    let command = format!(
        "kubectl logs -n {} deployment/{} --since=30m",
        remedy::word(&home.namespace),
        remedy::word(&home.name)
    );
    Some(Gap { command, ..gap(&arc::POD_LOG, &home.namespace, &Reading::Unread, &hides) })
}
