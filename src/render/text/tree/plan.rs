//! Decides what of the graph is drawn where: each object once, alike siblings together, not too much.

use super::alike::Looks;
use super::item::Item;
use super::points::Point;
use super::points::Points;
use crate::diagnose::Reference;
use crate::diagnose::Step;
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
    needed: BTreeSet<ObjectId>,
    budget: usize,
    depth: usize,
    drawn: BTreeSet<ObjectId>,
}

impl<'a> Plan<'a> {
    pub fn new(points: &'a Points<'a>, groups: &'a [Group<'a>], page: &Page, starts: &[ObjectId]) -> Self {
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

    pub fn forest(mut self, starts: Vec<ObjectId>) -> Vec<Item> {
        self.items(starts)
    }

    /// The objects side by side, alike ones together, those beyond the budget counted.
    fn items(&mut self, ids: Vec<ObjectId>) -> Vec<Item> {
        let mut items = Vec::new();
        let mut hidden = Vec::new();
        for mut run in self.looks.sorted(ids) {
            let needed = run.iter().position(|id| self.needed.contains(id));
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

    fn item(&mut self, id: &ObjectId) -> Item {
        let points = self.points;
        let Some(point) = points.get(id) else { return Item::default() };
        if !self.drawn.insert(id.clone()) {
            let again = words::object(point.reference).with(Label::Dim, " (see above)");
            return Item::line(if point.waits.is_empty() { self.title(point) } else { again });
        }
        if !self.needed.contains(id) {
            self.budget = self.budget.saturating_sub(1);
        }
        if let Some(deadlock) = points.deadlock(id) {
            return Item { cycle: self.cycle(id, deadlock), ..Item::default() };
        }
        let notes = self.notes(point, &point.waits);
        let title = self.title(point);
        self.depth += 1;
        if self.depth > DEPTH {
            self.depth -= 1;
            let title = title.with(Label::Dim, " (the way goes on)");
            return Item { title, notes, ..Item::default() };
        }
        let below = self.items(point.waits.iter().map(|step| step.waits_for.id.clone()).collect());
        self.depth -= 1;
        Item { title, notes, below, ..Item::default() }
    }

    /// A shortest cycle through an object; the rest of the deadlock is named where it takes part.
    fn cycle(&mut self, first: &ObjectId, deadlock: &BTreeSet<ObjectId>) -> Vec<Item> {
        self.drawn.extend(deadlock.iter().cloned());
        let points = self.points;
        let way = points.way([first], |id| id == first, |id| deadlock.contains(id)).unwrap_or_default();
        let round = &way[..way.len().saturating_sub(1)];
        let told = points.told().filter(|id| deadlock.contains(id));
        let mut others: Vec<&ObjectId> = told.filter(|id| !round.contains(id)).collect();
        let mut items = Vec::new();
        for (at, id) in round.iter().enumerate() {
            let Some(point) = points.get(id) else { continue };
            let next = &way[at + 1];
            let step = point.waits.iter().position(|step| step.waits_for.id == *next);
            let step = step.map_or(&[][..], |at| &point.waits[at..=at]);
            let mut item =
                Item { title: self.unmarked(point), notes: self.notes(point, step), ..Item::default() };
            let (alike, rest) = others.into_iter().partition(|other| self.stands_beside(other, id));
            others = rest;
            item.notes.extend(self.beside("more likewise", &alike));
            items.push(item);
        }
        if let Some(last) = items.last_mut() {
            last.mark = deadlock.iter().find_map(|id| self.mark(points.get(id)?));
            last.notes.extend(self.beside("more are caught in it", &others));
        }
        items
    }

    /// True if two members of a deadlock wait for the same, and the same wait for them.
    fn stands_beside(&self, a: &ObjectId, b: &ObjectId) -> bool {
        let ends = |id: &ObjectId| -> BTreeSet<ObjectId> {
            self.points.waits(id).iter().map(|step| step.waits_for.id.clone()).collect()
        };
        ends(a) == ends(b) && self.points.waited_by(a) == self.points.waited_by(b)
    }

    fn beside(&self, word: &str, ids: &[&ObjectId]) -> Option<Phrase> {
        let objects: Vec<Phrase> = ids
            .iter()
            .filter_map(|id| self.points.get(id))
            .map(|point| words::object(point.reference))
            .collect();
        let line = Phrase::of(Label::Dim, format!("{} {word}: ", objects.len()));
        (!objects.is_empty()).then(|| line.then(Phrase::joined(objects, ", ")))
    }

    /// `Kind ns/name (deleting 3h7m)  ◀ root blocker`.
    fn title(&self, point: &Point) -> Phrase {
        let title = self.unmarked(point);
        match self.mark(point) {
            Some(mark) => title.plain("  ").then(mark),
            None => title,
        }
    }

    fn unmarked(&self, point: &Point) -> Phrase {
        let mut title = words::object(point.reference);
        let state = words::state(point.reference, point.since, self.now);
        if !state.is_empty() {
            title = title.plain(" (").plain(state).plain(")");
        }
        title
    }

    /// `◀ root blocker`, with a number if there are several.
    fn mark(&self, point: &Point) -> Option<Phrase> {
        let number = self.groups.iter().position(|group| group.has(point.reference))? + 1;
        let arrow = if self.style.ascii { "<-" } else { "◀" };
        let number = if self.groups.len() > 1 { format!(" {number}") } else { String::new() };
        Some(Phrase::of(Label::Danger, format!("{arrow} root blocker{number}")))
    }

    /// The stage, why it waits for these, and the finalizers that this leaves out.
    fn notes(&self, point: &Point, waits: &[&Step]) -> Vec<Phrase> {
        let mut notes = Vec::new();
        if !point.stage.is_empty() {
            notes.push(note("stage", point.stage));
        }
        let mut reasons: Vec<&str> = Vec::new();
        for step in waits {
            if !step.because.is_empty() && !reasons.contains(&step.because.as_str()) {
                reasons.push(&step.because);
            }
        }
        let shown = if self.style.verbose { reasons.len() } else { reasons.len().min(REASONS) };
        notes.extend(reasons[..shown].iter().map(|because| note("why", because)));
        let told = |name: &str| point.waits.iter().any(|step| step.because.contains(name));
        let untold: Vec<&str> =
            point.finalizers.iter().map(String::as_str).filter(|name| !told(name)).collect();
        if !untold.is_empty() {
            let word = if untold.len() == 1 { "finalizer" } else { "finalizers" };
            notes.push(note(word, &untold.join(", ")));
        }
        if self.style.verbose {
            notes.extend(
                waits.iter().flat_map(|step| &step.evidence).map(|piece| evidence::line(piece, true)),
            );
        }
        notes
    }

    /// `12 more EphemeralRunners like this`, `2 more like this: Role a/b, RoleBinding a/b`.
    fn folded(&self, run: &[ObjectId]) -> Option<Item> {
        let kind = &run.first()?.kind.kind;
        let mixed = run.iter().any(|id| id.kind.kind != *kind);
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

    fn references<'s>(&'s self, ids: &'s [ObjectId]) -> impl Iterator<Item = &'s Reference> {
        ids.iter().filter_map(|id| self.points.get(id)).map(|point| point.reference)
    }
}

fn note(word: &str, text: &str) -> Phrase {
    Phrase::of(Label::Dim, word).with(Label::Dim, ": ").plain(text)
}

/// The objects on the shortest way to a root of each group.
fn needed(points: &Points, groups: &[Group], starts: &[ObjectId]) -> BTreeSet<ObjectId> {
    let mut needed = BTreeSet::new();
    for group in groups {
        let ends: BTreeSet<&ObjectId> = group.objects().map(|object| &object.id).collect();
        match starts.iter().find(|start| ends.contains(start)) {
            Some(start) => needed.extend([start.clone()]),
            None => needed.extend(points.way(starts, |id| ends.contains(id), |_| true).into_iter().flatten()),
        }
    }
    needed
}
