//! Which way out for which root: the least loss first, then the fewest changes.

use super::Hand;
use super::Outcome;
use super::Plan;
use super::Step;
use super::play::cuts;
use super::play::play;
use crate::diagnose;
use crate::diagnose::Action;
use crate::diagnose::Applicability;
use crate::diagnose::Class;
use crate::diagnose::Diagnosis;
use crate::diagnose::Loss;
use crate::diagnose::Remedy;
use crate::diagnose::Root;
use crate::diagnose::Verdict;
use crate::model::ObjectId;
use crate::model::Snapshot;

/// How many combinations of ways out are played through. Roots are few, and ways out of each fewer; beyond this the
/// gentlest of each is taken.
const COMBINATIONS: usize = 256;

/// Ways out that are right only if somebody or something is gone for good, which no API tells. They are offered to a
/// person, who knows, and never done without being chosen.
const ONLY_IF: &[&str] = &[
    "delete-admission-configuration",
    "delete-api-service",
    "delete-legacy-webhooks",
    "delete-node",
    "drop-foreign-finalizer",
    "force-delete-pod",
];

/// The steps that free what was asked about with the least loss, none of them dearer than `accepted`. Where no choice
/// frees it, the steps that free the most and lose nothing.
pub fn plan(snapshot: &Snapshot, diagnosis: &Diagnosis, accepted: Loss) -> Plan {
    let scoped = scoped(snapshot, diagnosis);
    let diagnosis = &scoped;
    let roots: Vec<&Root> = diagnosis.roots.iter().collect();
    let unasked = |remedy: &&Remedy| !ONLY_IF.contains(&remedy.id);
    let ways: Vec<Vec<&Remedy>> =
        roots.iter().map(|root| usable(root, accepted).into_iter().filter(unasked).collect()).collect();
    let mut best: Option<(Cost, Vec<Step>, Outcome)> = None;
    for choice in combinations(&ways) {
        let steps = steps(&roots, &ways, &choice);
        let outcome = play(snapshot, diagnosis, &steps);
        let cost = Cost::of(&steps, &outcome);
        // What loses something and still does not free it is not tried.
        if !outcome.frees && steps.iter().any(|step| step.remedy.loss > Loss::None) {
            continue;
        }
        if best.as_ref().is_none_or(|(least, _, _)| cost < *least) {
            best = Some((cost, steps, outcome));
        }
    }
    let (steps, outcome) = best
        .map_or_else(|| (Vec::new(), play(snapshot, diagnosis, &[])), |(_, steps, outcome)| (steps, outcome));
    let plan = with_steps(snapshot, diagnosis, steps, outcome);
    let dearer = diagnosis.roots.iter().filter(|root| plan.left_to_you.iter().any(|hand| hand.is(root)));
    let dearer = dearer.flat_map(|root| usable(root, Loss::Data)).filter(unasked).map(|remedy| remedy.loss);
    Plan { dearer: dearer.filter(|loss| *loss > accepted).min(), ..plan }
}

/// The plan that the user put together: the ways out with these numbers in [`choices`].
pub fn plan_of(snapshot: &Snapshot, diagnosis: &Diagnosis, steps: Vec<Step>) -> Plan {
    let outcome = play(snapshot, diagnosis, &steps);
    with_steps(snapshot, diagnosis, steps, outcome)
}

/// Everything that this program could do, in healing order and gentlest first.
pub fn choices(snapshot: &Snapshot, diagnosis: &Diagnosis) -> Vec<Step> {
    scoped(snapshot, diagnosis)
        .roots
        .iter()
        .flat_map(|root| usable(root, Loss::Data).into_iter().map(move |remedy| step(root, remedy)))
        .collect()
}

/// What the controller has tried again and again for in vain: once it is put right, the next attempt may be a quarter of
/// an hour away.
const RETRIED: &[Class] = &[Class::RbacMissing, Class::AdmissionRefuses];

fn is_repair(remedy: &Remedy) -> bool {
    remedy.applicability == Applicability::Automatic && !cuts(remedy)
}

/// Leaves a way out that lets go with what it does to these objects.
fn confine(remedy: &mut Remedy, mine: &dyn Fn(&ObjectId) -> bool) {
    let before = remedy.actions.len();
    remedy.actions.retain(|action| action.changes().is_some_and(mine));
    remedy.leaves.retain(|leaf| mine(&leaf.of));
    if remedy.actions.len() < before {
        remedy.title = format!("{} (only what you asked about)", remedy.title);
        if remedy.leaves.is_empty() && remedy.loss == Loss::Registration {
            remedy.loss = Loss::None;
        }
    }
}

/// The same diagnosis with ways out for what was asked about alone: without a controller everything in the cluster is
/// stuck, and the neighbours are nobody's business here.
fn scoped(snapshot: &Snapshot, diagnosis: &Diagnosis) -> Diagnosis {
    let mut scoped = diagnosis.clone();
    let targets: Vec<ObjectId> = diagnosis.targets.iter().map(|target| target.object.id.clone()).collect();
    let meant = diagnose::reach(snapshot, &targets);
    for root in &mut scoped.roots {
        let own: Vec<ObjectId> =
            root.members.iter().chain([&root.object]).map(|reference| reference.id.clone()).collect();
        let mine = |id: &ObjectId| meant.contains(id) || own.contains(id);
        root.remedies.iter_mut().filter(|remedy| cuts(remedy)).for_each(|remedy| confine(remedy, &mine));
        if RETRIED.contains(&root.class) {
            let stuck = root.blocks.iter().map(|blocked| &blocked.id).filter(|id| meant.contains(id));
            let stuck: Vec<ObjectId> = stuck.cloned().collect();
            let again = diagnose::retries(snapshot, &stuck);
            for remedy in root.remedies.iter_mut().filter(|remedy| !again.is_empty() && is_repair(remedy)) {
                remedy.title = format!("{}; have the controller try again at once", remedy.title);
                remedy.actions.extend(again.iter().cloned());
            }
        }
    }
    scoped
}

fn with_steps(snapshot: &Snapshot, diagnosis: &Diagnosis, steps: Vec<Step>, outcome: Outcome) -> Plan {
    let changes: Vec<&Action> = steps.iter().flat_map(Step::changes).collect();
    let fights = diagnose::fights(snapshot, &changes);
    let done = |root: &&Root| steps.iter().any(|step| step.root() == (root.class, root.object.id.clone()));
    let left_to_you = diagnosis
        .roots
        .iter()
        .filter(|root| !done(root))
        .map(|root| Hand {
            class: root.class,
            object: root.object.clone(),
            message: root.message.clone(),
            remedies: root.remedies.clone(),
        })
        .collect();
    let blocked = diagnosis.targets.iter().filter(|target| target.verdict == Verdict::Blocked);
    Plan {
        captured_at: diagnosis.captured_at,
        source: diagnosis.source.clone(),
        targets: blocked.map(|target| target.object.clone()).collect(),
        steps,
        left_to_you,
        dearer: None,
        fights,
        outcome,
    }
}

/// What this program can do about a root, for no more than was accepted.
fn usable(root: &Root, accepted: Loss) -> Vec<&Remedy> {
    let is_ours = |remedy: &&Remedy| {
        remedy.applicability == Applicability::Automatic
            && remedy.loss <= accepted
            && !remedy.actions.is_empty()
            && remedy.actions.iter().all(is_identified)
    };
    root.remedies.iter().filter(is_ours).collect()
}

/// Nothing is deleted or changed of which nobody knows which object it is.
fn is_identified(action: &Action) -> bool {
    match action {
        Action::Patch(patch) => !patch.uid.is_empty(),
        Action::Delete(deletion) => !deletion.uid.is_empty(),
        Action::Create(_) => true,
        Action::Command(_) => false,
    }
}

fn step(root: &Root, remedy: &Remedy) -> Step {
    Step {
        class: root.class,
        object: root.object.clone(),
        message: root.message.clone(),
        remedy: remedy.clone(),
    }
}

/// For each root the number of a way out, or None for leaving it. The first choice takes the gentlest of each.
fn combinations(ways: &[Vec<&Remedy>]) -> Vec<Vec<Option<usize>>> {
    let mut all: Vec<Vec<Option<usize>>> = vec![Vec::new()];
    for options in ways {
        let mut longer = Vec::new();
        for choice in &all {
            let numbers = (0..options.len()).map(Some).chain([None]);
            longer.extend(numbers.map(|number| [choice.as_slice(), &[number]].concat()));
        }
        // Too many to play: from here on each root gets its gentlest.
        if longer.len() > COMBINATIONS {
            longer = all
                .iter()
                .map(|choice| [choice.as_slice(), &[(!options.is_empty()).then_some(0)]].concat())
                .collect();
        }
        all = longer;
    }
    all
}

fn steps(roots: &[&Root], ways: &[Vec<&Remedy>], choice: &[Option<usize>]) -> Vec<Step> {
    let picked = roots.iter().zip(ways).zip(choice);
    picked
        .filter_map(|((root, ways), number)| {
            number.and_then(|number| ways.get(number)).map(|way| (root, way))
        })
        .map(|(root, remedy)| step(root, remedy))
        .collect()
}

/// What is compared, in this order.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cost {
    /// 0 if it frees what was asked about.
    fails: u8,
    /// What still does not move.
    remains: usize,
    /// The losses, dearest first.
    losses: Vec<Loss>,
    changes: usize,
}

impl Cost {
    fn of(steps: &[Step], outcome: &Outcome) -> Self {
        let mut losses: Vec<Loss> =
            steps.iter().map(|step| step.remedy.loss).filter(|loss| *loss > Loss::None).collect();
        losses.sort_unstable_by(|a, b| b.cmp(a));
        Self {
            fails: u8::from(!outcome.frees),
            remains: if outcome.frees { 0 } else { outcome.remains.len() },
            losses,
            changes: steps.iter().map(|step| step.changes().len()).sum(),
        }
    }
}
