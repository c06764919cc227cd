//! Failed runners take the places of runners that are wanted.

use crate::arc;
use crate::diagnose::action;
use crate::diagnose::need::Need;
use crate::diagnose::need::Stuck;
use crate::diagnose::report::Applicability;
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
use crate::model::Object;
use crate::model::ObjectId;
use std::collections::BTreeMap;

pub const RULE: Rule = Rule {
    class: Class::FailedRunnerSlots,
    reads: &[arc::EPHEMERAL_RUNNER_SET, arc::EPHEMERAL_RUNNER],
    page: Page {
        summary: "Failed EphemeralRunners occupy the set's slots",
        finds: "EphemeralRunners in the phase Failed are counted in the set's replicas, and the set makes fewer \
                runners than are wanted.",
        why_it_blocks: "Failed runners are kept to be looked at. They count as replicas and are not taken away \
                        when the set scales down, so that each takes one of the set's maximum for good. Up to \
                        0.11 a runner fails after more than five failed starts; from 0.12.0 it is replaced \
                        instead. A pod that the API server refuses makes its runner Failed from 0.8 on.",
        neighbours: "pod-create-denied, pod-cannot-start, runner-exits-immediately: why they failed; cure that \
                     first, or the new ones fail as well. ghost-runner: the phase is not Failed. spec-caps-zero: \
                     there is no slot at all.",
        what_to_do: "Read status.reason and status.message of the Failed runners, cure what they say, then delete \
                     them. They are removed in the normal way.",
        cost: "None: they have no job. What they say about the cause goes with them: note it first.",
        sources: &[
            "controllers/actions.github.com/ephemeralrunner_controller.go",
            "controllers/actions.github.com/ephemeralrunnerset_controller.go",
        ],
    },
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    let mut by_set: BTreeMap<Option<&ObjectId>, Vec<&Stuck>> = BTreeMap::new();
    for stuck in case.world.stuck.values().filter(|stuck| stuck.needs.contains(&Need::Place)) {
        by_set.entry(stuck.set.as_ref()).or_default().push(stuck);
    }
    for failed in by_set.values() {
        let Some(first) = failed.first() else { continue };
        // Why they failed could not be seen, and may still keep every other one from starting.
        let unread = |stuck: &&Stuck| findings.gaps.iter().any(|(subject, _)| *subject == stuck.id);
        if failed.iter().any(unread) {
            continue;
        }
        let end = Node::Object(first.id.clone());
        for other in failed.iter().skip(1) {
            findings.wait(&other.id, &end, "it failed as well and takes a place", Vec::new());
        }
        findings.root(occupied(case, &first.id, failed));
    }
    for owner in case.view.list(&arc::EPHEMERAL_RUNNER_SET, None).objects {
        let idle =
            |failed: &[&Object]| failed.iter().all(|runner| !case.world.stuck.contains_key(&runner.id));
        let failed = failed_of(case, owner);
        if !failed.is_empty() && !owner.is_deleting() && idle(&failed) {
            findings.notice(kept(case, owner, &failed));
        }
    }
}

fn failed_of<'a>(case: &Case<'a>, owner: &Object) -> Vec<&'a Object> {
    let mut runners = sets::owned(case.view, &arc::EPHEMERAL_RUNNER, owner);
    runners.retain(|runner| !runner.is_deleting() && runner.text("/status/phase") == Some("Failed"));
    runners
}

fn occupied(case: &Case<'_>, first: &ObjectId, failed: &[&Stuck]) -> Finding {
    let ids: Vec<ObjectId> = failed.iter().map(|stuck| stuck.id.clone()).collect();
    let set = failed.first().and_then(|stuck| stuck.set.as_ref());
    let of = set.map_or_else(String::new, |set| format!(" of {set}"));
    let message = match ids.len() {
        1 => format!(
            "{first}{of} has failed and is kept: it counts as a runner, and none is made in its place"
        ),
        many => format!(
            "{many} runners{of} have failed and are kept: they count, and none is made in their places"
        ),
    };
    let mut evidence: Vec<Evidence> = Vec::new();
    for runner in ids.iter().take(6).filter_map(|id| case.view.find(id)) {
        evidence.extend(said(case, runner));
    }
    let owner = case.view.find(first).and_then(|runner| owner(case, runner));
    if let Some(owner) = owner
        && let Some(wanted) = owner.number("/spec/replicas")
    {
        evidence.push(case.view.evidence(&owner.id, "spec.replicas", wanted.to_string()));
    }
    Finding {
        class: Class::FailedRunnerSlots,
        object: first.clone(),
        end: Node::Object(first.clone()),
        members: ids.clone(),
        message,
        certainty: Certainty::Proven,
        evidence,
        remedies: vec![delete(&ids)],
    }
}

fn owner<'a>(case: &Case<'a>, runner: &Object) -> Option<&'a Object> {
    let owners = case.view.list(&arc::EPHEMERAL_RUNNER_SET, Some(&runner.id.namespace)).objects;
    owners.into_iter().find(|owner| runner.is_owned_by(&owner.uid))
}

/// What a Failed runner says of itself.
fn said(case: &Case<'_>, runner: &Object) -> Vec<Evidence> {
    let mut evidence = vec![case.view.evidence(&runner.id, "status.phase", "Failed")];
    for field in ["reason", "message"] {
        if let Some(text) = runner.text(&format!("/status/{field}")).filter(|text| !text.is_empty()) {
            evidence.push(case.view.evidence(&runner.id, format!("status.{field}"), text));
        }
    }
    evidence
}

/// Nobody misses them yet: as long as fewer runners are wanted than there are places.
fn kept(case: &Case<'_>, owner: &Object, failed: &[&Object]) -> Finding {
    let ids: Vec<ObjectId> = failed.iter().map(|runner| runner.id.clone()).collect();
    Finding {
        class: Class::FailedRunnerSlots,
        object: ids[0].clone(),
        end: Node::Object(ids[0].clone()),
        members: ids.clone(),
        message: format!(
            "{} Failed runners of {} are kept and will take places when more runners are wanted",
            ids.len(),
            owner.id
        ),
        certainty: Certainty::Proven,
        evidence: failed.iter().take(3).flat_map(|runner| said(case, runner)).collect(),
        remedies: vec![delete(&ids)],
    }
}

fn delete(ids: &[ObjectId]) -> Remedy {
    let title = match ids {
        [only] => format!("Note what {only} says of the cause, cure that, and delete it"),
        many => format!(
            "Note what the {} Failed runners say of the cause, cure that, and delete them",
            many.len()
        ),
    };
    Remedy {
        id: "delete-failed-runners",
        title,
        loss: Loss::None,
        applicability: Applicability::Automatic,
        actions: ids.iter().map(action::delete).collect(),
        leaves: Vec::new(),
    }
}
