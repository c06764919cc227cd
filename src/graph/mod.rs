//! The wait-for graph: who cannot move until whom. Pure; knows neither ARC nor what an edge says.

mod cycles;

use crate::model::ObjectId;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Something that can be waited for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Node {
    /// That an object moves: that it goes, comes, or gets on.
    Object(ObjectId),
    /// That an object is put right. Another event than its going: a RoleBinding with the wrong subject has to be
    /// repaired now and may go later.
    Repair(ObjectId),
    /// Somebody who is no object, by name: a delivery tool, a garbage collector.
    Actor(String),
}

impl Node {
    /// The object it is about, if it is about one.
    pub fn object(&self) -> Option<&ObjectId> {
        match self {
            Self::Object(id) | Self::Repair(id) => Some(id),
            Self::Actor(_) => None,
        }
    }
}

/// The edges, in the order of their ends. Between two nodes there is at most one.
#[derive(Clone, Debug)]
pub struct Graph<L> {
    edges: BTreeMap<Node, BTreeMap<Node, L>>,
}

impl<L> Default for Graph<L> {
    fn default() -> Self {
        Self { edges: BTreeMap::new() }
    }
}

impl<L> Graph<L> {
    /// Adds a node that waits for nobody, yet.
    pub fn insert(&mut self, node: Node) {
        self.edges.entry(node).or_default();
    }

    /// Adds an edge; of two between the same nodes the first stays. Nobody waits for itself.
    pub fn wait(&mut self, from: Node, to: Node, label: L) {
        if from == to {
            return;
        }
        self.insert(to.clone());
        self.edges.entry(from).or_default().entry(to).or_insert(label);
    }

    pub fn contains(&self, node: &Node) -> bool {
        self.edges.contains_key(node)
    }

    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.edges.keys()
    }

    /// Whom a node waits for.
    pub fn waits_for(&self, node: &Node) -> impl Iterator<Item = (&Node, &L)> {
        self.edges.get(node).into_iter().flatten()
    }

    /// Every node on the way from `start`, `start` first, nearest before farther.
    pub fn reach(&self, start: &Node) -> Vec<&Node> {
        let mut seen = BTreeSet::new();
        let mut order = Vec::new();
        let mut queue: VecDeque<&Node> =
            self.edges.get_key_value(start).map(|(node, _)| node).into_iter().collect();
        while let Some(node) = queue.pop_front() {
            if seen.insert(node) {
                order.push(node);
                queue.extend(self.waits_for(node).map(|(to, _)| to));
            }
        }
        order
    }

    /// Every node that waits for one of `ends`, directly or not, nearest first, without the ends.
    pub fn waiting_for(&self, ends: &BTreeSet<Node>) -> Vec<&Node> {
        let mut back: BTreeMap<&Node, Vec<&Node>> = BTreeMap::new();
        for (from, tos) in &self.edges {
            for to in tos.keys() {
                back.entry(to).or_default().push(from);
            }
        }
        let mut seen: BTreeSet<&Node> = ends.iter().collect();
        let mut order = Vec::new();
        let mut queue: VecDeque<&Node> = ends.iter().collect();
        while let Some(node) = queue.pop_front() {
            for &from in back.get(node).into_iter().flatten() {
                if seen.insert(from) {
                    order.push(from);
                    queue.push_back(from);
                }
            }
        }
        order
    }

    /// Where waiting ends: a node that waits for nobody, or a deadlock (all nodes of a cycle that nothing leaves).
    pub fn ends(&self) -> Vec<BTreeSet<Node>> {
        cycles::components(self)
            .into_iter()
            .filter(|component| {
                component.iter().all(|node| self.waits_for(node).all(|(to, _)| component.contains(to)))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn node(n: u8) -> Node {
        Node::Actor(format!("{n:03}"))
    }

    fn graph(edges: &[(u8, u8)]) -> Graph<()> {
        let mut graph = Graph::default();
        for &(from, to) in edges {
            graph.wait(node(from), node(to), ());
        }
        graph
    }

    fn set(nodes: &[u8]) -> BTreeSet<Node> {
        nodes.iter().map(|&n| node(n)).collect()
    }

    #[test]
    fn a_chain_ends_at_its_last_node() {
        let graph = graph(&[(1, 2), (2, 3)]);
        assert_eq!(graph.ends(), [set(&[3])]);
        assert_eq!(graph.reach(&node(1)).len(), 3);
        assert_eq!(graph.waiting_for(&set(&[3])), [&node(2), &node(1)]);
    }

    #[test]
    fn a_cycle_that_nothing_leaves_is_one_end_with_all_its_members() {
        let graph = graph(&[(1, 2), (2, 3), (3, 2), (4, 5)]);
        assert_eq!(graph.ends(), [set(&[2, 3]), set(&[5])]);
    }

    #[test]
    fn a_cycle_with_a_way_out_is_no_end() {
        let graph = graph(&[(1, 2), (2, 1), (2, 3)]);
        assert_eq!(graph.ends(), [set(&[3])]);
    }

    #[test]
    fn nobody_waits_for_itself() {
        let mut graph = graph(&[(1, 1)]);
        assert!(!graph.contains(&node(1)));
        graph.insert(node(1));
        assert_eq!(graph.ends(), [set(&[1])]);
    }

    #[test]
    fn a_long_chain_does_not_exhaust_the_stack() {
        let mut graph = Graph::default();
        for n in 0..200_000_u32 {
            graph.wait(Node::Actor(format!("{n:09}")), Node::Actor(format!("{:09}", n + 1)), ());
        }
        assert_eq!(graph.ends().len(), 1);
    }

    proptest! {
        /// From everywhere waiting ends somewhere, and no end waits for anything outside itself.
        #[test]
        fn from_every_node_an_end_is_reached(edges in prop::collection::vec((0_u8..20, 0_u8..20), 1..60)) {
            let graph = graph(&edges);
            let ends = graph.ends();
            for start in graph.nodes() {
                let reached = graph.reach(start);
                prop_assert!(ends.iter().any(|end| end.iter().any(|node| reached.contains(&node))));
            }
            for end in &ends {
                for node in end {
                    prop_assert!(graph.waits_for(node).all(|(to, _)| end.contains(to)));
                    let reached = graph.reach(node);
                    prop_assert!(end.iter().all(|member| reached.contains(&member)));
                }
            }
        }
    }
}
