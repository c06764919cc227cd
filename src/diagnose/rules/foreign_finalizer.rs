//! A finalizer that is not ARC's holds the object.

use crate::arc;
use crate::diagnose::action;
use crate::diagnose::delivery;
use crate::diagnose::need::Need;
use crate::diagnose::need::Stuck;
use crate::diagnose::report::Applicability;
use crate::diagnose::report::Certainty;
use crate::diagnose::report::Class;
use crate::diagnose::report::Loss;
use crate::diagnose::report::Remedy;
use crate::diagnose::rule::Case;
use crate::diagnose::rule::Finding;
use crate::diagnose::rule::Findings;
use crate::diagnose::rule::Page;
use crate::diagnose::rule::Rule;
use crate::graph::Node;

pub const RULE: Rule = Rule {
    class: Class::ForeignFinalizer,
    // It looks only at the object itself, whatever its kind.
    reads: &[],
    page: Page {
        summary: "a finalizer that is not ARC's holds the object",
        finds: "An object is being deleted and carries a finalizer that neither ARC nor Kubernetes itself takes off.",
        why_it_blocks: "A finalizer is a promise that its owner does something first. Until the owner takes it off, \
                        the object stays, and everything that waits for the object with it.",
        neighbours: "cleanup-protection-orphan: the finalizer is ARC's. foreground-waits: it is the garbage \
                     collector's.",
        what_to_do: "Find the owner (the domain in the name mostly tells, metadata.managedFields who put it there) \
                     and let it do its work. Only if it is gone for good, take this one finalizer off.",
        cost: "What the finalizer protects is lost or stays behind; the tool names it where it knows.",
        sources: &["kubernetes.io/docs/concepts/overview/working-with-objects/finalizers"],
    },
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    for stuck in case.world.stuck.values() {
        // Its owner is there and at work on something else.
        if case.view.subject(&stuck.id).is_some_and(delivery::is_operating) {
            continue;
        }
        for need in &stuck.needs {
            if let Need::Foreign { finalizer } = need {
                let finding = held(case, stuck, finalizer);
                let because = format!("it is held by {finalizer}");
                findings.wait(&stuck.id, &finding.end, because, Vec::new());
                findings.root(finding);
            }
        }
    }
}

fn held(case: &Case<'_>, stuck: &Stuck, finalizer: &str) -> Finding {
    let id = &stuck.id;
    let known = arc::foreign(finalizer);
    let object = case.view.subject(id);
    let mut evidence = vec![case.view.evidence(id, "metadata.finalizers", finalizer)];
    let adder = object.and_then(|object| {
        object.managers.iter().find(|manager| manager.finalizers.iter().any(|held| held == finalizer))
    });
    if let Some(manager) = adder {
        let says = format!("{} put it there", manager.name);
        evidence.push(case.view.evidence(id, "metadata.managedFields", says));
    }
    let owner = known.map_or_else(|| format!("the owner of {finalizer}"), |row| row.owner.to_owned());
    let who = known
        .map_or_else(|| "whose it is is not known".to_owned(), |row| format!("it belongs to {}", row.owner));
    let loss = match known {
        Some(row) if !row.precious => Loss::Reversible,
        Some(_) | None => Loss::Data,
    };
    let price = known.map_or("what it protects is not known", |row| row.protects);
    let drop = Remedy {
        id: "drop-foreign-finalizer",
        title: format!("Only if its owner is gone for good: take {finalizer} off {id} ({price})"),
        loss,
        applicability: Applicability::Automatic,
        actions: object.and_then(|object| action::drop_finalizer(object, finalizer)).into_iter().collect(),
        leaves: Vec::new(),
    };
    let ask = Remedy {
        id: "ask-finalizer-owner",
        title: format!("Let {owner} finish: bring it back if it is gone, read its log if it is there"),
        loss: Loss::None,
        applicability: Applicability::Manual,
        actions: Vec::new(),
        leaves: Vec::new(),
    };
    Finding {
        class: Class::ForeignFinalizer,
        object: id.clone(),
        end: Node::Actor(owner.clone()),
        members: Vec::new(),
        message: format!("{id} is held by {finalizer}, which is not ARC's; {who}"),
        certainty: Certainty::Proven,
        evidence,
        remedies: vec![ask, drop],
    }
}
