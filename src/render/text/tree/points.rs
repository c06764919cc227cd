//! The paths of all targets as one graph, in the order in which they were told.

use crate::diagnose::Diagnosis;
use crate::diagnose::Reference;
use crate::diagnose::Step;
use crate::diagnose::Target;
use crate::diagnose::Verdict;
use crate::graph::Graph;
use crate::graph::Node;
use crate::model::ObjectId;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// What the paths say of one object.
pub struct Point<'a> {
    pub reference: &'a Reference,
    pub since: Option<jiff::Timestamp>,
    pub finalizers: &'a [String],
    pub stage: &'a str,
    /// What it waits for, in the order of the path.
    pub waits: Vec<&'a Step>,
}

/// All objects on the way from the targets to the roots.
pub struct Points<'a> {
    points: BTreeMap<&'a ObjectId, Point<'a>>,
    graph: Graph<()>,
    /// Deadlocks: sets of two or more that wait for each other and for nobody else.
    pub deadlocks: Vec<BTreeSet<ObjectId>>,
}

impl<'a> Points<'a> {
    pub fn of(diagnosis: &'a Diagnosis) -> Self {
        let mut all = Self { points: BTreeMap::new(), graph: Graph::default(), deadlocks: Vec::new() };
        for target in drawn_targets(diagnosis) {
            for step in &target.path {
                all.add(step);
            }
            let point = all.point(&target.object);
            point.since = point.since.or(target.since);
        }
        let ends = all.graph.ends().into_iter().filter(|end| end.len() > 1);
        all.deadlocks = ends.map(|end| end.into_iter().filter_map(id).collect()).collect();
        all
    }

    fn point(&mut self, reference: &'a Reference) -> &mut Point<'a> {
        self.graph.insert(Node::Object(reference.id.clone()));
        self.points.entry(&reference.id).or_insert(Point {
            reference,
            since: None,
            finalizers: &[],
            stage: "",
            waits: Vec::new(),
        })
    }

    fn add(&mut self, step: &'a Step) {
        self.point(&step.waits_for);
        let point = self.point(&step.object);
        point.since = point.since.or(step.since);
        if point.finalizers.is_empty() {
            point.finalizers = &step.finalizers;
        }
        if point.stage.is_empty() {
            point.stage = &step.stage;
        }
        let known = point.waits.iter().any(|known| known.waits_for.id == step.waits_for.id);
        if !known && step.object.id != step.waits_for.id {
            point.waits.push(step);
            let node = |reference: &Reference| Node::Object(reference.id.clone());
            self.graph.wait(node(&step.object), node(&step.waits_for), ());
        }
    }

    pub fn get(&self, id: &ObjectId) -> Option<&Point<'a>> {
        self.points.get(id)
    }

    /// The edges that leave an object.
    pub fn waits(&self, id: &ObjectId) -> &[&'a Step] {
        self.get(id).map_or(&[], |point| &point.waits)
    }

    /// Who waits for an object directly.
    pub fn waited_by(&self, id: &ObjectId) -> BTreeSet<&'a ObjectId> {
        let waits = |point: &&Point| point.waits.iter().any(|step| step.waits_for.id == *id);
        self.points.values().filter(waits).map(|point| &point.reference.id).collect()
    }

    /// An object and all it waits for, directly or not, nearest first.
    pub fn reach(&self, id: &ObjectId) -> Vec<ObjectId> {
        self.graph.reach(&Node::Object(id.clone())).into_iter().cloned().filter_map(self::id).collect()
    }

    pub fn deadlock(&self, id: &ObjectId) -> Option<&BTreeSet<ObjectId>> {
        self.deadlocks.iter().find(|deadlock| deadlock.contains(id))
    }

    /// A shortest way from an object to one for which `is_end` is true, both included. The way takes at least
    /// one step and stays where `within` is true.
    pub fn way(
        &self,
        from: &ObjectId,
        is_end: impl Fn(&ObjectId) -> bool,
        within: impl Fn(&ObjectId) -> bool,
    ) -> Option<Vec<ObjectId>> {
        let mut came: BTreeMap<&ObjectId, &ObjectId> = BTreeMap::new();
        let mut queue = std::collections::VecDeque::from([from]);
        while let Some(at) = queue.pop_front() {
            for step in self.waits(at) {
                let next = &step.waits_for.id;
                if !within(next) || came.contains_key(next) {
                    continue;
                }
                came.insert(next, at);
                if is_end(next) {
                    let mut way = vec![next.clone(), at.clone()];
                    let mut back = at;
                    while let Some(&earlier) = came.get(back).filter(|_| back != from) {
                        way.push(earlier.clone());
                        back = earlier;
                    }
                    way.reverse();
                    return Some(way);
                }
                queue.push_back(next);
            }
        }
        None
    }

    /// Where drawing begins: the targets that no other target leads to; of targets that lead to each other,
    /// the first.
    pub fn starts(&self, diagnosis: &Diagnosis) -> Vec<ObjectId> {
        let targets: BTreeSet<&ObjectId> = drawn_targets(diagnosis).map(|target| &target.object.id).collect();
        let reach: BTreeMap<&ObjectId, BTreeSet<ObjectId>> =
            targets.iter().map(|id| (*id, self.reach(id).into_iter().collect())).collect();
        let leads = |from: &ObjectId, to: &ObjectId| reach.get(from).is_some_and(|set| set.contains(to));
        let mut starts: Vec<ObjectId> = Vec::new();
        for target in drawn_targets(diagnosis) {
            let id = &target.object.id;
            let below = targets.iter().any(|other| *other != id && leads(other, id) && !leads(id, other));
            if !below && !starts.iter().any(|start| start == id || leads(start, id)) {
                starts.push(id.clone());
            }
        }
        starts
    }
}

/// The targets whose way is worth drawing.
fn drawn_targets(diagnosis: &Diagnosis) -> impl Iterator<Item = &Target> {
    diagnosis.targets.iter().filter(|target| !target.path.is_empty() || target.verdict == Verdict::Blocked)
}

fn id(node: Node) -> Option<ObjectId> {
    match node {
        Node::Object(id) | Node::Repair(id) => Some(id),
        Node::Actor(_) => None,
    }
}
