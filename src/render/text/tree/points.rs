//! The paths of all targets as one graph, in the order in which they were told.

use crate::diagnose::Diagnosis;
use crate::diagnose::Reference;
use crate::diagnose::Step;
use crate::diagnose::Target;
use crate::diagnose::Verdict;
use crate::graph::Graph;
use crate::graph::Node;
use crate::render::text::words;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// Who waits for more than this waits for things that are alike, not for one through another.
const MANY: usize = 24;

/// One thing that is waited for, and the edge that says so.
#[derive(Clone)]
pub struct Wait<'a> {
    pub to: Node,
    pub step: &'a Step,
}

/// What the paths say of one object.
pub struct Point<'a> {
    pub reference: &'a Reference,
    /// It is waited for because it has to be put right, not because it has to move.
    pub repair: bool,
    pub since: Option<jiff::Timestamp>,
    pub finalizers: &'a [String],
    pub stage: &'a str,
    /// What it waits for, in the order of the path.
    pub waits: Vec<Wait<'a>>,
}

/// All objects on the way from the targets to the roots.
pub struct Points<'a> {
    points: BTreeMap<Node, Point<'a>>,
    told: Vec<Node>,
    graph: Graph<()>,
    /// Sets of two or more that wait for each other and for nobody else.
    deadlocks: Vec<BTreeSet<Node>>,
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
            let point = all.point(moving(&target.object), &target.object);
            point.since = point.since.or(target.since);
        }
        // Nothing leaves a root, so what is known of it stands with the root.
        for root in &diagnosis.roots {
            if let Some(point) = all.points.get_mut(&moving(&root.object)) {
                point.since = point.since.or(root.since);
                if point.finalizers.is_empty() {
                    point.finalizers = &root.finalizers;
                }
                if point.stage.is_empty() {
                    point.stage = &root.stage;
                }
            }
        }
        all.deadlocks = all.graph.ends().into_iter().filter(|end| end.len() > 1).collect();
        if !whole {
            all.shorten();
        }
        all
    }

    fn point(&mut self, node: Node, reference: &'a Reference) -> &mut Point<'a> {
        if !self.points.contains_key(&node) {
            self.told.push(node.clone());
            self.graph.insert(node.clone());
        }
        let repair = matches!(node, Node::Repair(_));
        let (since, waits) = (None, Vec::new());
        self.points.entry(node).or_insert(Point {
            reference,
            repair,
            since,
            finalizers: &[],
            stage: "",
            waits,
        })
    }

    fn add(&mut self, step: &'a Step) {
        let (from, to) = (moving(&step.object), waited_for(step));
        self.point(to.clone(), &step.waits_for);
        let point = self.point(from.clone(), &step.object);
        point.since = point.since.or(step.since);
        if point.finalizers.is_empty() {
            point.finalizers = &step.finalizers;
        }
        if point.stage.is_empty() {
            point.stage = &step.stage;
        }
        if from != to && !point.waits.iter().any(|known| known.to == to) {
            point.waits.push(Wait { to: to.clone(), step });
            self.graph.wait(from, to, ());
        }
    }

    /// Drops the edges to what is also reached through another that is waited for: who waits for a runner that
    /// waits for the controller need not be drawn to wait for the controller too.
    fn shorten(&mut self) {
        let mut short: Vec<(Node, Vec<Wait<'a>>)> = Vec::new();
        for (node, point) in &self.points {
            let waits = &point.waits;
            if !(2..=MANY).contains(&waits.len()) || self.deadlock(node).is_some() {
                continue;
            }
            let reach: Vec<BTreeSet<&Node>> =
                waits.iter().map(|wait| self.all_below(BTreeSet::new(), [&wait.to])).collect();
            // Of things that wait for one another none may be dropped in favour of the other.
            let through = |at: usize, other: usize| {
                other != at
                    && reach[other].contains(&waits[at].to)
                    && !reach[other].contains(node)
                    && !reach[at].contains(&waits[other].to)
            };
            let kept = (0..waits.len()).filter(|&at| !(0..waits.len()).any(|other| through(at, other)));
            short.push((node.clone(), kept.map(|at| waits[at].clone()).collect()));
        }
        for (node, waits) in short {
            if let Some(point) = self.points.get_mut(&node) {
                point.waits = waits;
            }
        }
    }

    pub fn get(&self, node: &Node) -> Option<&Point<'a>> {
        self.points.get(node)
    }

    /// All nodes in the order of the paths.
    pub fn told(&self) -> impl Iterator<Item = &Node> {
        self.told.iter()
    }

    /// The edges that leave a node.
    pub fn waits(&self, node: &Node) -> &[Wait<'a>] {
        self.get(node).map_or(&[], |point| &point.waits)
    }

    /// Who waits for a node directly.
    pub fn waited_by(&self, node: &Node) -> BTreeSet<&Node> {
        let waits = |point: &Point| point.waits.iter().any(|wait| wait.to == *node);
        self.points.iter().filter(|(_, point)| waits(point)).map(|(node, _)| node).collect()
    }

    pub fn deadlock(&self, node: &Node) -> Option<&BTreeSet<Node>> {
        self.deadlocks.iter().find(|deadlock| deadlock.contains(node))
    }

    /// True where waiting ends: only there a root can be.
    pub fn is_end(&self, node: &Node) -> bool {
        // Who waits for somebody who is no object is the last that can be named.
        let last = self.waits(node).iter().all(|wait| words::is_actor(&wait.step.waits_for));
        last || self.deadlock(node).is_some()
    }

    /// A shortest way from one of some nodes to one for which `is_goal` is true, both included. The way takes at
    /// least one step and stays where `within` is true.
    pub fn way<'i>(
        &'i self,
        from: impl IntoIterator<Item = &'i Node>,
        is_goal: impl Fn(&Node) -> bool,
        within: impl Fn(&Node) -> bool,
    ) -> Option<Vec<Node>> {
        // Each entry of the queue is a node and the entry it was reached from.
        let mut queue: Vec<(&Node, Option<usize>)> = from.into_iter().map(|node| (node, None)).collect();
        let mut seen = BTreeSet::new();
        let mut at = 0;
        while let Some(&(node, _)) = queue.get(at) {
            for wait in self.waits(node) {
                if within(&wait.to) && seen.insert(&wait.to) {
                    queue.push((&wait.to, Some(at)));
                    if is_goal(&wait.to) {
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
    pub fn starts(&self, diagnosis: &Diagnosis) -> Vec<Node> {
        let targets: Vec<Node> = drawn_targets(diagnosis).map(|target| moving(&target.object)).collect();
        let below = targets.iter().flat_map(|node| self.waits(node)).map(|wait| &wait.to);
        let below = self.all_below(BTreeSet::new(), below);
        let (mut sorted, cyclic): (Vec<&Node>, Vec<&Node>) =
            targets.iter().partition(|node| !below.contains(node));
        // Nothing is below a deadlock, so what leads into one comes before it.
        let (members, leading): (Vec<&Node>, _) =
            cyclic.into_iter().partition(|node| self.deadlock(node).is_some());
        sorted.extend(leading.into_iter().chain(members));
        let mut starts: Vec<Node> = Vec::new();
        let mut reached: BTreeSet<&Node> = BTreeSet::new();
        for node in sorted {
            if !reached.contains(node) {
                starts.push(node.clone());
                reached = self.all_below(reached, [node]);
            }
        }
        starts
    }

    /// Adds nodes and all they wait for, directly or not, to those reached already.
    pub fn all_below<'i>(
        &'i self,
        mut reached: BTreeSet<&'i Node>,
        from: impl IntoIterator<Item = &'i Node>,
    ) -> BTreeSet<&'i Node> {
        let mut open: Vec<&Node> = from.into_iter().collect();
        while let Some(node) = open.pop() {
            if reached.insert(node) {
                open.extend(self.waits(node).iter().map(|wait| &wait.to));
            }
        }
        reached
    }
}

/// The way that led to the last entry.
fn back(queue: &[(&Node, Option<usize>)]) -> Vec<Node> {
    let mut way = Vec::new();
    let mut entry = queue.last();
    while let Some((node, from)) = entry {
        way.push((*node).clone());
        entry = from.and_then(|from| queue.get(from));
    }
    way.reverse();
    way
}

fn moving(reference: &Reference) -> Node {
    Node::Object(reference.id.clone())
}

fn waited_for(step: &Step) -> Node {
    let id = step.waits_for.id.clone();
    if step.repair { Node::Repair(id) } else { Node::Object(id) }
}

/// The targets whose way is worth drawing.
fn drawn_targets(diagnosis: &Diagnosis) -> impl Iterator<Item = &Target> {
    diagnosis.targets.iter().filter(|target| !target.path.is_empty() || target.verdict == Verdict::Blocked)
}
