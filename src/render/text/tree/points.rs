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

/// Who waits for more than this waits for things that are alike, not for one through another.
const MANY: usize = 24;

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
    told: Vec<&'a ObjectId>,
    graph: Graph<()>,
    /// Deadlocks: sets of two or more that wait for each other and for nobody else.
    pub deadlocks: Vec<BTreeSet<ObjectId>>,
}

impl<'a> Points<'a> {
    /// Unless `whole` is asked for, without the edges that only cut a longer way short.
    pub fn of(diagnosis: &'a Diagnosis, whole: bool) -> Self {
        let mut all = Self {
            points: BTreeMap::new(),
            told: Vec::new(),
            graph: Graph::default(),
            deadlocks: Vec::new(),
        };
        for target in drawn_targets(diagnosis) {
            for step in &target.path {
                all.add(step);
            }
            let point = all.point(&target.object);
            point.since = point.since.or(target.since);
        }
        let ends = all.graph.ends().into_iter().filter(|end| end.len() > 1);
        all.deadlocks = ends.map(|end| end.into_iter().filter_map(id).collect()).collect();
        if !whole {
            all.shorten();
        }
        all
    }

    /// Drops the edges to what is also reached through another that is waited for: who waits for a runner that
    /// waits for the controller need not be drawn to wait for the controller too.
    fn shorten(&mut self) {
        let mut short: Vec<(&'a ObjectId, Vec<&'a Step>)> = Vec::new();
        for (&id, point) in &self.points {
            if !(2..=MANY).contains(&point.waits.len()) || self.deadlock(id).is_some() {
                continue;
            }
            let reach: Vec<BTreeSet<&ObjectId>> = point
                .waits
                .iter()
                .map(|step| self.all_below(BTreeSet::new(), [&step.waits_for.id]))
                .collect();
            // Of things that wait for one another none may be dropped in favour of the other.
            let back = |other: usize, at: usize| reach[at].contains(&point.waits[other].waits_for.id);
            let through = |at: usize, other: usize| {
                let to = &point.waits[at].waits_for.id;
                other != at && reach[other].contains(to) && !reach[other].contains(id) && !back(other, at)
            };
            let kept =
                (0..point.waits.len()).filter(|&at| !(0..point.waits.len()).any(|other| through(at, other)));
            short.push((id, kept.map(|at| point.waits[at]).collect()));
        }
        for (id, waits) in short {
            if let Some(point) = self.points.get_mut(id) {
                point.waits = waits;
            }
        }
    }

    fn point(&mut self, reference: &'a Reference) -> &mut Point<'a> {
        if !self.points.contains_key(&reference.id) {
            self.told.push(&reference.id);
            self.graph.insert(Node::Object(reference.id.clone()));
        }
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

    /// All objects in the order of the paths.
    pub fn told(&self) -> impl Iterator<Item = &'a ObjectId> {
        self.told.iter().copied()
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

    /// A shortest way from one of some objects to one for which `is_end` is true, both included. The way takes
    /// at least one step and stays where `within` is true.
    pub fn way<'i>(
        &self,
        from: impl IntoIterator<Item = &'i ObjectId>,
        is_end: impl Fn(&ObjectId) -> bool,
        within: impl Fn(&ObjectId) -> bool,
    ) -> Option<Vec<ObjectId>> {
        // Each entry of the queue is an object and the entry it was reached from.
        let mut queue: Vec<(&ObjectId, Option<usize>)> = from.into_iter().map(|id| (id, None)).collect();
        let mut seen = BTreeSet::new();
        let mut at = 0;
        while let Some(&(id, _)) = queue.get(at) {
            for step in self.waits(id) {
                let next = &step.waits_for.id;
                if within(next) && seen.insert(next) {
                    queue.push((next, Some(at)));
                    if is_end(next) {
                        return Some(back(&queue));
                    }
                }
            }
            at += 1;
        }
        None
    }

    /// Where drawing begins, so that all targets are reached: those that no other target leads to, then those
    /// of cycles.
    pub fn starts(&self, diagnosis: &Diagnosis) -> Vec<ObjectId> {
        let targets: Vec<&ObjectId> = drawn_targets(diagnosis).map(|target| &target.object.id).collect();
        let below = targets.iter().flat_map(|id| self.waits(id)).map(|step| &step.waits_for.id);
        let below = self.all_below(BTreeSet::new(), below);
        let (mut sorted, cyclic): (Vec<&ObjectId>, Vec<&ObjectId>) =
            targets.into_iter().partition(|id| !below.contains(id));
        // Nothing is below a deadlock, so what leads into one comes before it.
        let (members, leading): (Vec<&ObjectId>, _) =
            cyclic.into_iter().partition(|id| self.deadlock(id).is_some());
        sorted.extend(leading.into_iter().chain(members));
        let mut starts: Vec<ObjectId> = Vec::new();
        let mut reached: BTreeSet<&ObjectId> = BTreeSet::new();
        for id in sorted {
            if !reached.contains(id) {
                starts.push(id.clone());
                reached = self.all_below(reached, [id]);
            }
        }
        starts
    }

    /// Adds objects and all they wait for, directly or not, to those reached already.
    fn all_below<'i>(
        &'i self,
        mut reached: BTreeSet<&'i ObjectId>,
        from: impl IntoIterator<Item = &'i ObjectId>,
    ) -> BTreeSet<&'i ObjectId> {
        let mut open: Vec<&ObjectId> = from.into_iter().collect();
        while let Some(id) = open.pop() {
            if reached.insert(id) {
                open.extend(self.waits(id).iter().map(|step| &step.waits_for.id));
            }
        }
        reached
    }
}

/// The way that led to the last entry.
fn back(queue: &[(&ObjectId, Option<usize>)]) -> Vec<ObjectId> {
    let mut way = Vec::new();
    let mut entry = queue.last();
    while let Some((id, from)) = entry {
        way.push((*id).clone());
        entry = from.and_then(|from| queue.get(from));
    }
    way.reverse();
    way
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
