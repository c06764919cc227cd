//! What a rule is: a record that says what it reads and what it means, and a function that looks.

use super::need::Need;
use super::need::Stuck;
use super::report::Certainty;
use super::report::Class;
use super::report::Evidence;
use super::report::Gap;
use super::report::Remedy;
use super::view::View;
use super::wish::Sight;
use super::wish::Wish;
use super::world::World;
use super::world::gap;
use crate::graph::Node;
use crate::model::GroupKind;
use crate::model::ObjectId;
use crate::model::Reading;
use std::collections::BTreeSet;

/// One rule: one class of root blocker.
#[derive(Clone, Copy)]
pub struct Rule {
    pub class: Class,
    /// The kinds it looks at beside [`super::world::READS`]. A test holds it to this.
    #[cfg_attr(not(test), expect(dead_code, reason = "it is for readers and for that test"))]
    pub reads: &'static [GroupKind],
    pub page: Page,
    pub check: fn(&Case<'_>, &mut Findings),
}

/// The manual page of a class. `kubectl arc explain` prints it; docs/rules.md is generated from it.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// One line, third person.
    pub summary: &'static str,
    pub finds: &'static str,
    pub why_it_blocks: &'static str,
    /// How to tell it from its neighbours.
    pub neighbours: &'static str,
    pub what_to_do: &'static str,
    pub cost: &'static str,
    /// The upstream files that prove it.
    pub sources: &'static [&'static str],
}

/// What a rule looks at.
pub struct Case<'a> {
    pub view: &'a View<'a>,
    pub world: &'a World,
}

impl<'a> Case<'a> {
    /// What waits for a controller, and of which no other rule has seen why: no edge leads on from it, nothing unread
    /// bears on it, and what it waits for in ARC's own order is not held by anything either. For rules that stand
    /// behind the others.
    pub fn unexplained(&self, findings: &Findings) -> Vec<&'a Stuck> {
        let world = self.world;
        let object = |node: &Node| node.object().cloned();
        let mut known: BTreeSet<ObjectId> =
            findings.waits.iter().filter_map(|wait| object(&wait.from)).collect();
        known.extend(findings.roots.iter().filter_map(|root| object(&root.end)));
        known.extend(world.gaps.iter().chain(&findings.gaps).map(|(subject, _)| subject.clone()));
        known.extend(world.waiting.keys().cloned());
        let moves = |need: &Need| match need {
            Need::First { id, .. } => {
                known.contains(id) || world.stuck.contains_key(id) || world.young.contains_key(id)
            }
            _ => false,
        };
        world
            .stuck
            .values()
            .filter(|stuck| stuck.needs.contains(&Need::Controller))
            .filter(|stuck| !known.contains(&stuck.id) && !stuck.needs.iter().any(moves))
            .collect()
    }
}

/// A node at which waiting ends, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub class: Class,
    pub object: ObjectId,
    /// The node at which waiting ends.
    pub end: Node,
    /// The objects to name if this is a deadlock; empty otherwise.
    pub members: Vec<ObjectId>,
    pub message: String,
    pub certainty: Certainty,
    pub evidence: Vec<Evidence>,
    pub remedies: Vec<Remedy>,
}

/// An edge that a rule or the order of deletion saw.
#[derive(Clone, Debug, PartialEq)]
pub struct Wait {
    pub from: Node,
    pub to: Node,
    pub because: String,
    pub evidence: Vec<Evidence>,
}

/// What the rules say, collected.
#[derive(Debug, Default)]
pub struct Findings {
    pub waits: Vec<Wait>,
    pub roots: Vec<Finding>,
    pub notices: Vec<Finding>,
    pub gaps: Vec<(ObjectId, Gap)>,
    pub wishes: Vec<Wish>,
}

impl Findings {
    /// `from` cannot move until `to` does.
    pub fn wait(&mut self, from: &ObjectId, to: &Node, because: impl Into<String>, evidence: Vec<Evidence>) {
        let wait =
            Wait { from: Node::Object(from.clone()), to: to.clone(), because: because.into(), evidence };
        self.waits.push(wait);
    }

    /// Somebody who is no object cannot move until `to` goes.
    pub fn actor_waits(&mut self, actor: &Node, to: &ObjectId, because: &str) {
        let (from, to) = (actor.clone(), Node::Object(to.clone()));
        self.waits.push(Wait { from, to, because: because.to_owned(), evidence: Vec::new() });
    }

    /// Waiting ends here. The same root seen again adds its evidence.
    pub fn root(&mut self, finding: Finding) {
        add(&mut self.roots, finding);
    }

    /// True if this root is known already; then `evidence` is added to it. Saves making the same finding for each
    /// of thousands of runners.
    pub fn saw_again(&mut self, class: Class, object: &ObjectId, evidence: Vec<Evidence>) -> bool {
        let known = self.roots.iter_mut().find(|known| known.class == class && known.object == *object);
        let Some(known) = known else { return false };
        merge(&mut known.evidence, evidence);
        true
    }

    /// Worth knowing; blocks nothing.
    pub fn notice(&mut self, finding: Finding) {
        add(&mut self.notices, finding);
    }

    /// Something unread bears on `subject`.
    pub fn gap(
        &mut self,
        subject: &ObjectId,
        kind: &GroupKind,
        namespace: &str,
        reading: &Reading,
        hides: &[Class],
    ) {
        self.gaps.push((subject.clone(), gap(kind, namespace, reading, hides)));
    }
}

impl Findings {
    /// This was not seen and would decide about `subject`. It is asked for, and told as a gap, if nothing else
    /// explains the object.
    pub fn wish(&mut self, subject: &ObjectId, sight: Sight, reading: Reading, hides: &[Class]) {
        self.wishes.push(Wish { subject: subject.clone(), sight, reading, hides: hides.to_vec() });
    }

    /// This was not seen and would prove what is only likely now. Without it nothing is missing.
    pub fn wish_for_proof(&mut self, subject: &ObjectId, sight: Sight) {
        self.wish(subject, sight, Reading::Unread, &[]);
    }
}

fn add(findings: &mut Vec<Finding>, finding: Finding) {
    let same = |known: &&mut Finding| known.class == finding.class && known.object == finding.object;
    match findings.iter_mut().find(same) {
        Some(known) => {
            merge(&mut known.evidence, finding.evidence);
            if finding.certainty == Certainty::Proven {
                known.certainty = Certainty::Proven;
            }
        }
        None => findings.push(finding),
    }
}

/// More of the same convinces nobody.
const MOST_EVIDENCE: usize = 24;

fn merge(known: &mut Vec<Evidence>, more: Vec<Evidence>) {
    for evidence in more {
        if known.len() < MOST_EVIDENCE && !known.contains(&evidence) {
            known.push(evidence);
        }
    }
}
