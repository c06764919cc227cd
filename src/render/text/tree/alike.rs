//! Which siblings look the same, so that one of them can stand for all.

use super::points::Points;
use crate::graph::Node;
use crate::render::text::fold;
use crate::render::text::fold::Group;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;

/// Deeper than this, things look alike.
const DEPTH: usize = 32;

/// Looks of objects, remembered.
pub struct Looks<'a> {
    points: &'a Points<'a>,
    groups: &'a [Group<'a>],
    known: BTreeMap<Node, u64>,
}

impl<'a> Looks<'a> {
    pub fn new(points: &'a Points<'a>, groups: &'a [Group<'a>]) -> Self {
        Self { points, groups, known: BTreeMap::new() }
    }

    /// Objects in runs that look the same, first come first.
    pub fn sorted(&mut self, nodes: impl IntoIterator<Item = Node>) -> Vec<Vec<Node>> {
        let mut runs: Vec<(u64, Vec<Node>)> = Vec::new();
        for node in nodes {
            let look = self.look(&node, 0);
            match runs.iter_mut().find(|(known, _)| *known == look) {
                Some((_, run)) => run.push(node),
                None => runs.push((look, vec![node])),
            }
        }
        runs.into_iter().map(|(_, run)| run).collect()
    }

    /// All that is drawn of an object and below it, but for names and its kind.
    fn look(&mut self, node: &Node, depth: usize) -> u64 {
        if let Some(look) = self.known.get(node) {
            return *look;
        }
        let mut hasher = DefaultHasher::new();
        if let Some(point) = self.points.get(node).filter(|_| depth < DEPTH) {
            let reference = point.reference;
            reference.id.namespace.is_empty().hash(&mut hasher);
            // A deadlock is drawn as a whole: what takes part in it stands for itself.
            if self.points.deadlock(node).is_some() {
                reference.id.hash(&mut hasher);
            }
            let root = self.groups.iter().position(|group| group.has(reference));
            (reference.state as u8, point.repair, point.finalizers, point.stage, root).hash(&mut hasher);
            // Broken here so that a cycle ends.
            self.known.insert(node.clone(), 0);
            for wait in &point.waits {
                let names =
                    BTreeSet::from([reference.id.name.as_str(), wait.step.waits_for.id.name.as_str()]);
                fold::without(&wait.step.because, &names).hash(&mut hasher);
                self.look(&wait.to, depth + 1).hash(&mut hasher);
            }
        }
        let look = hasher.finish();
        self.known.insert(node.clone(), look);
        look
    }
}
