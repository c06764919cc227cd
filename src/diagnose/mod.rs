//! From a snapshot to the root blocker. Pure: no I/O, no clock, no async; cannot fail.
//!
//! In reading order: [`view`] looks at the snapshot; [`survey`] tells what should have moved and what its next
//! step needs ([`deletion`], [`creation`]); the [`rules`] judge whether that is there; [`roots`] puts all edges
//! into the wait-for graph and finds its ends; [`verdict`] answers what was asked.

mod access;
mod action;
mod ahead;
mod ask;
mod beside;
mod conditions;
mod containers;
mod controllers;
mod creation;
mod deletion;
mod delivery;
mod demanding;
mod denied;
mod elsewhere;
mod events;
mod exits;
mod expected;
mod forbidden;
mod legacy;
mod listening;
mod logs;
mod manager_role;
pub mod manual;
mod need;
mod not_served;
mod obstacle;
mod quota;
mod refusal;
mod remedy;
mod report;
mod roots;
mod rule;
mod rules;
mod sets;
mod standing;
mod survey;
#[cfg(test)]
mod tests;
mod undecided;
mod undecodable;
mod verdict;
mod view;
mod waiters;
mod wants;
mod webhooks;
mod wish;
mod without_controller;
mod world;

pub use action::{Action, Deletion, Patch, is_restart};
pub use ask::Ask;
pub use beside::{Fight, fights, retries};
pub use elsewhere::introduce;
pub use report::*;
pub use rules::RULES;
pub use standing::{RootId, Standing, protected_by, reach, standing, takes_along};
pub use wants::{WAVES, wants};
pub use webhooks::asked_about_updates;

use crate::graph::Graph;
use crate::graph::Node;
use crate::model;
use crate::model::ObjectId;
use crate::model::Snapshot;
use roots::End;
use roots::Label;
use rule::Case;
use rule::Finding;
use rule::Findings;
use std::collections::BTreeSet;
use survey::Patience;
use survey::survey;
use verdict::Judge;
use view::View;
use world::World;

/// What the rules see in a cluster, whatever is asked.
struct Judged {
    world: World,
    graph: Graph<Label>,
    ends: Vec<End>,
    gaps: Vec<(ObjectId, Gap)>,
    notices: Vec<Finding>,
}

fn judge(snapshot: &Snapshot, view: &View<'_>, patience: Patience) -> Judged {
    let world = survey(view, patience);
    let mut findings = Findings::default();
    for rule in RULES {
        let view = View::new(snapshot);
        (rule.check)(&Case { view: &view, world: &world }, &mut findings);
    }
    let graph = roots::graph(&world, &findings);
    let ends = roots::ends(&graph, &findings);
    let unseen = wish::gaps(&findings.wishes, &wish::explained(&graph, &ends));
    let gaps = world.gaps.iter().chain(&findings.gaps).cloned().chain(unseen).collect();
    Judged { world, graph, ends, gaps, notices: findings.notices }
}

/// Answers what was asked about a cluster.
pub fn diagnose(snapshot: &Snapshot, asks: &[Ask]) -> Diagnosis {
    let view = View::new(snapshot);
    let Judged { world, graph, ends, gaps: all_gaps, notices } = judge(snapshot, &view, Patience::Usual);
    let ahead = match world.young.is_empty() {
        true => Vec::new(),
        false => ahead::find(&view, &judge(snapshot, &view, Patience::None)),
    };
    let undecided = undecided::find(&world, &graph, &ends, &all_gaps);
    let judge = Judge {
        view: &view,
        world: &world,
        graph: &graph,
        ends: &ends,
        undecided: &undecided,
        gaps: &all_gaps,
        ahead: &ahead,
    };
    let mut targets: Vec<Target> = Vec::new();
    let mut gaps = Vec::new();
    for ask in asks {
        let (asked, unread) = judge.targets(ask);
        targets.extend(asked);
        gaps.extend(unread);
    }
    let gaps = merge(gaps);
    let used: BTreeSet<usize> = targets.iter().flat_map(|target| target.roots.iter().copied()).collect();
    let kept: Vec<usize> = used.into_iter().collect();
    for target in &mut targets {
        target.roots =
            target.roots.iter().filter_map(|root| kept.iter().position(|kept| kept == root)).collect();
    }
    let roots: Vec<Root> = kept
        .iter()
        .filter_map(|index| ends.get(*index))
        .map(|end| root(&view, &world, &graph, end))
        .collect();
    // A notice is told to who asks about the place, or about what it speaks of.
    let concerns = |notice: &Finding| {
        asks.iter().any(|ask| match ask {
            Ask::Everything { namespace: None, .. } => true,
            Ask::Everything { namespace: Some(asked), .. } => {
                let here = |id: &ObjectId| id.namespace.is_empty() || id.namespace == *asked;
                here(&notice.object) || notice.members.iter().any(here)
            }
            Ask::Kind { kind, .. } => *kind == notice.object.kind,
            Ask::Object(id) => *id == notice.object || notice.members.contains(id),
        })
    };
    let notices = notices.iter().filter(|notice| concerns(notice));
    let notices = notices.map(|notice| describe(&view, &world, notice, Vec::new())).collect();
    let verdict = targets.iter().map(|target| target.verdict).max().unwrap_or(Verdict::Clear);
    let verdict = if targets.is_empty() && !gaps.is_empty() { Verdict::Unknown } else { verdict };
    Diagnosis {
        captured_at: snapshot.captured_at,
        source: snapshot.source.clone(),
        controllers: world
            .controllers
            .found
            .iter()
            .map(|controller| ControllerSummary {
                namespace: controller.id.namespace.clone(),
                name: controller.id.name.clone(),
                version: controller.version.clone(),
                ready: controller.ready,
            })
            .collect(),
        summary: Summary { verdict, blocked: blocked(&world, &roots), roots: roots.len(), gaps: gaps.len() },
        targets,
        roots,
        notices,
        gaps,
    }
}

/// True if all containers of a pod have ended, as far as its status tells.
fn containers_ended(pod: &model::Object) -> bool {
    let containers = pod.items("/status/containerStatuses");
    !containers.is_empty()
        && containers.iter().all(|container| container.pointer("/state/terminated").is_some())
}

fn root(view: &View<'_>, world: &World, graph: &Graph<Label>, end: &End) -> Root {
    let blocks = graph
        .waiting_for(&end.nodes)
        .into_iter()
        .filter_map(Node::object)
        .filter(|id| **id != end.finding.object)
        .map(|id| view.reference(id))
        .collect();
    describe(view, world, &end.finding, blocks)
}

fn describe(view: &View<'_>, world: &World, finding: &Finding, blocks: Vec<Reference>) -> Root {
    let stuck = world.stuck.get(&finding.object);
    Root {
        since: stuck.and_then(|stuck| stuck.since),
        finalizers: stuck.map(|stuck| stuck.finalizers.clone()).unwrap_or_default(),
        stage: stuck.map(|stuck| stuck.stage.clone()).unwrap_or_default(),
        class: finding.class,
        object: view.reference(&finding.object),
        members: finding.members.iter().map(|id| view.reference(id)).collect(),
        message: finding.message.clone(),
        certainty: finding.certainty,
        evidence: finding.evidence.clone(),
        blocks,
        remedies: finding
            .remedies
            .iter()
            .map(|remedy| delivery::told(view, &finding.object, remedy))
            .map(|remedy| identified(view, remedy))
            .collect(),
    }
}

/// A way out deletes the objects that were seen, and not their namesakes.
fn identified(view: &View<'_>, mut remedy: Remedy) -> Remedy {
    for action in &mut remedy.actions {
        let seen = action.changes().and_then(|id| view.find(id));
        action.identify(seen);
    }
    remedy
}

/// How many objects wait for one of the roots, a root that is stuck itself included.
fn blocked(world: &World, roots: &[Root]) -> usize {
    let mut ids: BTreeSet<&ObjectId> = BTreeSet::new();
    for root in roots {
        ids.extend(root.blocks.iter().map(|reference| &reference.id));
        let itself = root.members.iter().chain([&root.object]).map(|reference| &reference.id);
        ids.extend(itself.filter(|id| {
            world.stuck.contains_key(*id)
                || matches!(root.class, Class::VersionMismatch | Class::ListenerOrphaned | Class::GhostRunner)
        }));
    }
    ids.len()
}

/// One entry for each thing that could not be read, with all that it hides.
fn merge(mut gaps: Vec<Gap>) -> Vec<Gap> {
    gaps.sort();
    let mut merged: Vec<Gap> = Vec::new();
    for gap in gaps {
        match merged.last_mut() {
            Some(last)
                if (&last.kind, &last.namespace, &last.reason, &last.command)
                    == (&gap.kind, &gap.namespace, &gap.reason, &gap.command) =>
            {
                last.hides.extend(gap.hides);
                last.hides.sort_unstable();
                last.hides.dedup();
            }
            _ => merged.push(gap),
        }
    }
    merged
}
