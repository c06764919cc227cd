//! Where waiting ends: the wait-for graph with every edge that was seen, and the findings at its ends.

use super::need::Need;
use super::report::Class;
use super::report::Evidence;
use super::rule::Finding;
use super::rule::Findings;
use super::world::World;
use crate::arc;
use crate::graph::Graph;
use crate::graph::Node;
use crate::model::ObjectId;
use std::collections::BTreeSet;

/// What an edge says.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    pub because: String,
    pub evidence: Vec<Evidence>,
}

/// A finding with the nodes at which waiting ends.
#[derive(Clone, Debug)]
pub struct End {
    pub finding: Finding,
    pub nodes: BTreeSet<Node>,
}

/// All edges: those of the order of deletion, and those that the rules saw.
pub fn graph(world: &World, findings: &Findings) -> Graph<Label> {
    let mut graph = Graph::default();
    for id in world.waiting.keys() {
        graph.insert(Node::Object(id.clone()));
    }
    for stuck in world.stuck.values().chain(world.young.values()) {
        let from = Node::Object(stuck.id.clone());
        graph.insert(from.clone());
        for need in &stuck.needs {
            if let Need::First { id, because, evidence } = need {
                let label = Label { because: because.clone(), evidence: evidence.clone() };
                graph.wait(from.clone(), Node::Object(id.clone()), label);
            }
        }
    }
    for wait in &findings.waits {
        let label = Label { because: wait.because.clone(), evidence: wait.evidence.clone() };
        graph.wait(wait.from.clone(), wait.to.clone(), label);
    }
    for (subject, _) in world.gaps.iter().chain(&findings.gaps) {
        graph.insert(Node::Object(subject.clone()));
    }
    for wish in findings.wishes.iter().filter(|wish| !wish.is_proof()) {
        graph.insert(Node::Object(wish.subject.clone()));
    }
    for finding in &findings.roots {
        graph.insert(finding.end.clone());
    }
    // What is wrong with the whole is no matter of a part. And who waits for a live runner set waits for it to go,
    // not to work.
    let ends: BTreeSet<&Node> = findings.roots.iter().map(|finding| &finding.end).collect();
    let awaited: BTreeSet<&Node> = findings.waits.iter().map(|wait| &wait.to).collect();
    let has_to_go =
        |id: &ObjectId, node: &Node| id.kind == arc::AUTOSCALING_RUNNER_SET && awaited.contains(node);
    for (whole, part, because) in &world.parts {
        let (node, part) = (Node::Object(whole.clone()), Node::Object(part.clone()));
        if graph.contains(&part) && !ends.contains(&node) && !has_to_go(whole, &node) {
            let label = Label { because: because.clone(), evidence: Vec::new() };
            graph.wait(node, part, label);
        }
    }
    graph
}

/// The root blockers in healing order.
pub fn ends(graph: &Graph<Label>, findings: &Findings) -> Vec<End> {
    let mut ends: Vec<End> = Vec::new();
    for nodes in graph.ends() {
        let mut here: Vec<&Finding> =
            findings.roots.iter().filter(|finding| nodes.contains(&finding.end)).collect();
        here.sort_by_key(|finding| (finding.class, finding.object.clone()));
        if nodes.len() == 1 {
            ends.extend(
                here.into_iter().map(|finding| End { finding: finding.clone(), nodes: nodes.clone() }),
            );
            continue;
        }
        // A deadlock has one name: that of what makes it one.
        let closing = here.iter().find(|finding| closes_a_cycle(finding.class)).or(here.first());
        if let Some(finding) = closing {
            let mut finding = (*finding).clone();
            if finding.members.is_empty() {
                finding.members = nodes.iter().filter_map(Node::object).cloned().collect();
            }
            ends.push(End { finding, nodes });
        }
    }
    ends.sort_by(|a, b| (a.finding.class, &a.finding.object).cmp(&(b.finding.class, &b.finding.object)));
    ends
}

fn closes_a_cycle(class: Class) -> bool {
    matches!(class, Class::GitopsDeleteDeadlock | Class::NamespaceTerminating)
}
