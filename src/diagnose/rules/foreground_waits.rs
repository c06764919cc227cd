//! Foreground deletion waits for a dependent that blocks its owner and does not go.

use crate::arc;
use crate::arc::finalizers;
use crate::diagnose::action;
use crate::diagnose::need::Need;
use crate::diagnose::need::Stuck;
use crate::diagnose::remedy;
use crate::diagnose::report::Certainty;
use crate::diagnose::report::Class;
use crate::diagnose::report::Evidence;
use crate::diagnose::report::Loss;
use crate::diagnose::report::Remedy;
use crate::diagnose::rule::Case;
use crate::diagnose::rule::Finding;
use crate::diagnose::rule::Findings;
use crate::diagnose::rule::Page;
use crate::diagnose::rule::Rule;
use crate::diagnose::sets;
use crate::graph::Node;
use crate::model::GroupKind;
use crate::model::Object;
use crate::model::ObjectId;
use crate::model::Reading;

pub const RULE: Rule = Rule {
    class: Class::ForegroundWaits,
    // Beside these it looks only at the owner and at what blocks it, whatever their kinds.
    reads: OF_ARC,
    page: Page {
        summary: "foreground deletion waits for a dependent",
        finds: "An object was deleted with foreground propagation, and a dependent whose owner reference blocks \
                the owner's deletion is still there: it is not being deleted, or it is of a kind that was not looked \
                at, when ARC has done its part and nothing but the garbage collector's finalizer is left.",
        why_it_blocks: "The garbage collector deletes the dependents first and takes its finalizer off the owner \
                        when the blocking ones are gone. If one of them keeps a finalizer of its own, the owner \
                        waits for that. Argo CD deletes this way unless it is told otherwise. The garbage \
                        collector does not need ARC for it: it deletes runner pods and their Secrets at once, and \
                        running jobs die with them.",
        neighbours: "foreign-finalizer: the finalizer is neither the garbage collector's nor ARC's. Mostly the \
                     dependent waits for something itself (controller-gone, secret-missing, job-still-running), \
                     and that is named instead.",
        what_to_do: "Cure what the dependent waits for. If the order does not matter, delete the owner again with \
                     background propagation: that takes the finalizer off without a patch. An owner that has \
                     ARC's finalizer as well still waits for the controller.",
        cost: "Only the order is lost: the dependents are collected after their owner.",
        sources: &[
            "kubernetes/kubernetes pkg/controller/garbagecollector/garbagecollector.go",
            "kubernetes/apiserver pkg/registry/generic/registry/store.go",
        ],
    },
    check,
};

/// What ARC's objects have for dependents. Anybody may have added others, of any kind.
const OF_ARC: &[GroupKind] = &[arc::EPHEMERAL_RUNNER_SET, arc::EPHEMERAL_RUNNER, arc::POD, arc::SECRET];

fn check(case: &Case<'_>, findings: &mut Findings) {
    let world = case.world;
    for stuck in world.stuck.values() {
        if !stuck.finalizers.iter().any(|held| held == finalizers::FOREGROUND) {
            continue;
        }
        let Some(owner) = case.view.subject(&stuck.id) else { continue };
        let firsts = stuck.needs.iter().filter_map(|need| match need {
            Need::First { id, .. } => case.view.subject(id),
            _ => None,
        });
        for dependent in firsts.filter(|dependent| blocks(dependent, owner)) {
            let id = &dependent.id;
            // One that is being deleted, or that ARC has to remove, waits for something itself.
            let moves =
                dependent.is_deleting() || world.stuck.contains_key(id) || world.waiting.contains_key(id);
            if !moves {
                findings.root(held(case, stuck, owner, dependent));
            }
        }
        if stuck.needs.is_empty() && arc::SCALE_SET_KINDS.contains(&owner.id.kind) {
            unseen(case, findings, owner);
        }
    }
}

/// ARC has done its part, and none of what was looked at belongs to the owner.
fn unseen(case: &Case<'_>, findings: &mut Findings, owner: &Object) {
    let id = &owner.id;
    let unread: Vec<(&GroupKind, Reading)> = OF_ARC
        .iter()
        .map(|kind| (kind, case.view.list(kind, Some(&id.namespace)).reading))
        .filter(|(_, reading)| !reading.is_complete())
        .collect();
    for (kind, reading) in &unread {
        findings.gap(id, kind, &id.namespace, reading, &[Class::ForegroundWaits]);
    }
    if !unread.is_empty() {
        return;
    }
    // The first owner reference is enough: whoever adds such an object makes it for this one owner.
    let search = format!(
        "kubectl get \"$(kubectl api-resources --verbs=list --namespaced -o name | paste -sd, -)\" -n {} \
         -o jsonpath='{{range .items[?(@.metadata.ownerReferences[0].uid==\"{}\")]}}{{.kind}} {{.metadata.name}}{{\"\\n\"}}{{end}}'",
        remedy::word(&id.namespace),
        owner.uid
    );
    findings.root(Finding {
        class: Class::ForegroundWaits,
        end: Node::Object(id.clone()),
        object: id.clone(),
        members: Vec::new(),
        message: format!(
            "{id} was deleted in the foreground, ARC has done its part, and the garbage collector still waits for a \
             dependent, of a kind that was not looked at; to find it would prove it"
        ),
        certainty: Certainty::Likely,
        evidence: vec![case.view.evidence(id, "metadata.finalizers", finalizers::FOREGROUND)],
        remedies: vec![
            in_background(id, ""),
            remedy::by_hand(
                "look-for-dependent",
                format!("Look for what belongs to {id}, and cure what it waits for"),
                vec![search],
            ),
        ],
    });
}

/// Such a deletion takes the garbage collector's finalizer off.
fn in_background(id: &ObjectId, then: &str) -> Remedy {
    remedy::automatic(
        "delete-in-background",
        format!("Delete {id} again in the background: it no longer waits for its dependents{then}"),
        Loss::None,
        vec![action::delete_in_background(id)],
    )
}

fn blocks(dependent: &Object, owner: &Object) -> bool {
    !owner.uid.is_empty()
        && dependent.owners.iter().any(|held| held.uid == owner.uid && held.block_owner_deletion)
}

fn held(case: &Case<'_>, stuck: &Stuck, owner: &Object, dependent: &Object) -> Finding {
    let (id, owner_id) = (&dependent.id, &stuck.id);
    let others = stuck.finalizers.iter().any(|held| held != finalizers::FOREGROUND);
    let then = if others { ", which then still waits for its other finalizers" } else { "" };
    let at_work = || id.kind == arc::EPHEMERAL_RUNNER && sets::job(dependent).is_some();
    let busy = id.kind == arc::POD || at_work();
    let evidence: Vec<Evidence> = vec![
        case.view.evidence(owner_id, "metadata.finalizers", finalizers::FOREGROUND),
        case.view.evidence(id, "metadata.ownerReferences", format!("{owner_id}, blockOwnerDeletion: true")),
        case.view.evidence(id, "metadata.deletionTimestamp", "not there: nobody has deleted it"),
    ];
    let mut remedies = vec![
        in_background(&owner.id, then),
        remedy::automatic(
            "delete-dependent",
            format!("Delete {id}, as the garbage collector should have done"),
            if busy { Loss::Job } else { Loss::Reversible },
            vec![action::delete(id)],
        ),
    ];
    remedies.sort_by_key(|remedy| remedy.loss);
    Finding {
        class: Class::ForegroundWaits,
        end: Node::Object(id.clone()),
        object: id.clone(),
        members: Vec::new(),
        message: format!(
            "{id} blocks the foreground deletion of {owner_id} and is not being deleted: the garbage collector does \
             not get to it"
        ),
        certainty: Certainty::Proven,
        evidence,
        remedies,
    }
}
