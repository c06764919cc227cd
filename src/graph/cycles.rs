//! Strongly connected components, by Tarjan's algorithm without recursion.

use super::{Graph, Node};
use std::collections::{BTreeMap, BTreeSet};

struct Visit<'a> {
    index: usize,
    low: usize,
    on_stack: bool,
    next: std::vec::IntoIter<&'a Node>,
}

/// The components, each as the set of its nodes, sorted by their first node.
pub fn components<L>(graph: &Graph<L>) -> Vec<BTreeSet<Node>> {
    let mut visits: BTreeMap<&Node, Visit<'_>> = BTreeMap::new();
    let mut stack: Vec<&Node> = Vec::new();
    let mut found: Vec<BTreeSet<Node>> = Vec::new();
    for start in graph.nodes() {
        if visits.contains_key(start) {
            continue;
        }
        enter(graph, start, &mut visits, &mut stack);
        let mut path = vec![start];
        while let Some(&node) = path.last() {
            let Some(visit) = visits.get_mut(node) else { break };
            match visit.next.next() {
                Some(to) => match visits.get(to) {
                    None => {
                        enter(graph, to, &mut visits, &mut stack);
                        path.push(to);
                    }
                    Some(seen) if seen.on_stack => {
                        let index = seen.index;
                        lower(&mut visits, node, index);
                    }
                    Some(_) => {}
                },
                None => {
                    let (index, low) = (visit.index, visit.low);
                    path.pop();
                    if let Some(&parent) = path.last() {
                        lower(&mut visits, parent, low);
                    }
                    if index == low {
                        found.push(leave(node, &mut visits, &mut stack));
                    }
                }
            }
        }
    }
    found.sort();
    found
}

fn enter<'a, L>(
    graph: &'a Graph<L>,
    node: &'a Node,
    visits: &mut BTreeMap<&'a Node, Visit<'a>>,
    stack: &mut Vec<&'a Node>,
) {
    let index = visits.len();
    let next = graph.waits_for(node).map(|(to, _)| to).collect::<Vec<_>>().into_iter();
    visits.insert(node, Visit { index, low: index, on_stack: true, next });
    stack.push(node);
}

fn lower(visits: &mut BTreeMap<&Node, Visit<'_>>, node: &Node, low: usize) {
    if let Some(visit) = visits.get_mut(node) {
        visit.low = visit.low.min(low);
    }
}

/// Takes a finished component, whose first node is `root`, off the stack.
fn leave<'a>(
    root: &'a Node,
    visits: &mut BTreeMap<&'a Node, Visit<'a>>,
    stack: &mut Vec<&'a Node>,
) -> BTreeSet<Node> {
    let mut component = BTreeSet::new();
    while let Some(node) = stack.pop() {
        if let Some(visit) = visits.get_mut(node) {
            visit.on_stack = false;
        }
        component.insert(node.clone());
        if node == root {
            break;
        }
    }
    component
}
