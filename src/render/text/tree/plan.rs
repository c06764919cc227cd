//! Decides what of the graph is drawn where: each object once, alike siblings together, not too much.

use super::alike::Looks;
use super::item::Item;
use super::points::Point;
use super::points::Points;
use super::points::Wait;
use crate::diagnose::Reference;
use crate::diagnose::State;
use crate::graph::Node;
use crate::model::ObjectId;
use crate::render::span::Label;
use crate::render::span::Phrase;
use crate::render::text::Page;
use crate::render::text::Style;
use crate::render::text::evidence;
use crate::render::text::fold::Group;
use crate::render::text::words;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// How many objects are drawn besides those on the shortest ways to the roots.
const MORE: usize = 8;
/// No real way is longer; a made-up one shall not exhaust the stack.
const DEPTH: usize = 60;
/// How many different reasons to wait are told of one object.
const REASONS: usize = 3;
/// Up to this many folded siblings are named.
const NAMED: usize = 3;

pub struct Plan<'a> {
    points: &'a Points<'a>,
    groups: &'a [Group<'a>],
    looks: Looks<'a>,
    style: Style,
    now: Timestamp,
    /// Drawn whatever the budget.
    needed: BTreeSet<Node>,
    budget: usize,
    depth: usize,
    drawn: BTreeSet<Node>,
}

impl<'a> Plan<'a> {
    pub fn new(points: &'a Points<'a>, groups: &'a [Group<'a>], page: &Page, starts: &[Node]) -> Self {
        Self {
            points,
            groups,
            looks: Looks::new(points, groups),
            style: page.style,
            now: page.diagnosis.captured_at,
            needed: needed(points, groups, starts),
            budget: if page.style.verbose { usize::MAX } else { MORE },
            depth: 0,
            drawn: BTreeSet::new(),
        }
    }

    pub fn forest(mut self, starts: Vec<Node>) -> Vec<Item> {
        self.items(starts)
    }

    /// The objects side by side, alike ones together, those beyond the budget counted.
    fn items(&mut self, nodes: Vec<Node>) -> Vec<Item> {
        let mut items = Vec::new();
        let mut hidden = Vec::new();
        for mut run in self.looks.sorted(nodes) {
            let needed = run.iter().position(|node| self.needed.contains(node));
            if needed.is_none() && self.budget == 0 && !items.is_empty() {
                hidden.extend(run);
                continue;
            }
            let shown = run.remove(needed.unwrap_or(0));
            items.push(self.item(&shown));
            items.extend(self.folded(&run));
        }
        if !hidden.is_empty() {
            let kinds = words::kinds(self.references(&hidden));
            items.push(Item::line(Phrase::of(Label::Dim, format!("and {kinds} (-v shows them)"))));
        }
        items
    }

    fn item(&mut self, node: &Node) -> Item {
        let points = self.points;
        let Some(point) = points.get(node) else { return Item::default() };
        if !self.drawn.insert(node.clone()) {
            let again = words::object(point.reference).with(Label::Dim, " (see above)");
            return Item::line(if point.waits.is_empty() { self.title(node, point) } else { again });
        }
        if !self.needed.contains(node) {
            self.budget = self.budget.saturating_sub(1);
        }
        if let Some(deadlock) = points.deadlock(node) {
            return Item { cycle: self.cycle(node, deadlock), ..Item::default() };
        }
        let notes = self.notes(point, &point.waits);
        let title = self.title(node, point);
        self.depth += 1;
        if self.depth > DEPTH {
            self.depth -= 1;
            let title = title.with(Label::Dim, " (the way goes on)");
            return Item { title, notes, ..Item::default() };
        }
        let below = self.items(point.waits.iter().map(|wait| wait.to.clone()).collect());
        self.depth -= 1;
        Item { title, notes, below, ..Item::default() }
    }

    /// A shortest cycle through an object; the rest of the deadlock is named where it takes part.
    fn cycle(&mut self, first: &Node, deadlock: &BTreeSet<Node>) -> Vec<Item> {
        self.drawn.extend(deadlock.iter().cloned());
        let points = self.points;
        let way =
            points.way([first], |node| node == first, |node| deadlock.contains(node)).unwrap_or_default();
        let round = &way[..way.len().saturating_sub(1)];
        let told = points.told().filter(|node| deadlock.contains(node));
        let mut others: Vec<&Node> = told.filter(|node| !round.contains(node)).collect();
        let mut items = Vec::new();
        for (at, node) in round.iter().enumerate() {
            let Some(point) = points.get(node) else { continue };
            let next = &way[at + 1];
            let step = point.waits.iter().position(|wait| wait.to == *next);
            let step = step.map_or(&[][..], |at| &point.waits[at..=at]);
            let mut item =
                Item { title: self.unmarked(point), notes: self.notes(point, step), ..Item::default() };
            let (alike, rest) = others.into_iter().partition(|other| self.stands_beside(other, node));
            others = rest;
            item.notes.extend(self.beside("more likewise", &alike));
            items.push(item);
        }
        if let Some(last) = items.last_mut() {
            last.mark = deadlock.iter().find_map(|node| self.mark(node));
            last.notes.extend(self.beside("more are caught in it", &others));
        }
        items
    }

    /// True if two members of a deadlock wait for the same, and the same wait for them.
    fn stands_beside(&self, a: &Node, b: &Node) -> bool {
        let ends = |node: &Node| -> BTreeSet<Node> {
            self.points.waits(node).iter().map(|wait| wait.to.clone()).collect()
        };
        ends(a) == ends(b) && self.points.waited_by(a) == self.points.waited_by(b)
    }

    fn beside(&self, word: &str, nodes: &[&Node]) -> Option<Phrase> {
        let objects: Vec<Phrase> = nodes
            .iter()
            .filter_map(|node| self.points.get(node))
            .map(|point| words::object(point.reference))
            .collect();
        let line = Phrase::of(Label::Dim, format!("{} {word}: ", objects.len()));
        (!objects.is_empty()).then(|| line.then(Phrase::joined(objects, ", ")))
    }

    /// `Kind ns/name (deleting 3h7m)  ◀ root`.
    fn title(&self, node: &Node, point: &Point) -> Phrase {
        let title = self.unmarked(point);
        match self.mark(node) {
            Some(mark) => title.plain("  ").then(mark),
            None => title,
        }
    }

    fn unmarked(&self, point: &Point) -> Phrase {
        let mut title = words::object(point.reference);
        let mut state = words::state(point.reference, point.since, self.now);
        if point.repair && point.reference.state != State::Missing {
            state += if state.is_empty() { "to be put right" } else { "; to be put right" };
        }
        if !state.is_empty() {
            title = title.plain(" (").plain(state).plain(")");
        }
        title
    }

    /// `◀ root`, with a number if there are several.
    fn mark(&self, node: &Node) -> Option<Phrase> {
        let point = self.points.get(node).filter(|_| self.points.is_end(node))?;
        let number = self.groups.iter().position(|group| group.has(point.reference))? + 1;
        let arrow = if self.style.ascii { "<-" } else { "◀" };
        let number = if self.groups.len() > 1 { format!(" {number}") } else { String::new() };
        Some(Phrase::of(Label::Danger, format!("{arrow} root{number}")))
    }

    /// The stage, why it waits for these, and the finalizers that this leaves out.
    fn notes(&self, point: &Point, waits: &[Wait]) -> Vec<Phrase> {
        let mut notes = Vec::new();
        if !point.stage.is_empty() {
            notes.push(note("stage", point.stage));
        }
        let mut reasons: Vec<&str> = Vec::new();
        for Wait { step, .. } in waits {
            if !step.because.is_empty() && !reasons.contains(&step.because.as_str()) {
                reasons.push(&step.because);
            }
        }
        let shown = if self.style.verbose { reasons.len() } else { reasons.len().min(REASONS) };
        notes.extend(reasons[..shown].iter().map(|because| note("why", because)));
        let told = |name: &str| point.waits.iter().any(|wait| wait.step.because.contains(name));
        let untold: Vec<&str> =
            point.finalizers.iter().map(String::as_str).filter(|name| !told(name)).collect();
        if !untold.is_empty() {
            let word = if untold.len() == 1 { "finalizer" } else { "finalizers" };
            notes.push(note(word, &untold.join(", ")));
        }
        if self.style.verbose {
            notes.extend(
                waits.iter().flat_map(|wait| &wait.step.evidence).map(|piece| evidence::line(piece, true)),
            );
        }
        notes
    }

    /// `12 more EphemeralRunners like this`, `2 more like this: Role a/b, RoleBinding a/b`.
    fn folded(&self, run: &[Node]) -> Option<Item> {
        let kind = &self.references(run).next()?.id.kind.kind;
        let mixed = self.references(run).any(|reference| reference.id.kind.kind != *kind);
        let named = run.len() <= NAMED || self.style.verbose;
        let noun = if mixed { String::new() } else { words::plural(run.len(), words::kind(kind)) + " " };
        let line = Phrase::of(Label::Dim, format!("{} more {noun}like this", run.len()));
        Some(Item::line(match (named, mixed) {
            (true, true) => {
                line.plain(": ").then(Phrase::joined(self.references(run).map(words::object), ", "))
            }
            (true, false) => {
                let names: Vec<String> = self.references(run).map(words::name).collect();
                line.plain(": ").with(Label::Object, names.join(", "))
            }
            (false, true) => line.with(Label::Dim, format!(" ({})", words::kinds(self.references(run)))),
            (false, false) => line,
        }))
    }

    fn references<'s>(&'s self, nodes: &'s [Node]) -> impl Iterator<Item = &'s Reference> {
        nodes.iter().filter_map(|node| self.points.get(node)).map(|point| point.reference)
    }
}

fn note(word: &str, text: &str) -> Phrase {
    Phrase::of(Label::Dim, word).with(Label::Dim, ": ").plain(text)
}

/// The objects on the shortest way to a root of each group.
fn needed(points: &Points, groups: &[Group], starts: &[Node]) -> BTreeSet<Node> {
    let mut needed = BTreeSet::new();
    for group in groups {
        let ids: BTreeSet<&ObjectId> = group.objects().map(|object| &object.id).collect();
        let is_root = |node: &Node| points.is_end(node) && node.object().is_some_and(|id| ids.contains(id));
        match starts.iter().find(|start| is_root(start)) {
            Some(start) => needed.extend([start.clone()]),
            None => needed.extend(points.way(starts, is_root, |_| true).into_iter().flatten()),
        }
    }
    needed
}
