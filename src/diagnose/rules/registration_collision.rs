//! Two runner sets share one scale set at GitHub.

use crate::arc;
use crate::arc::marks;
use crate::diagnose::listening;
use crate::diagnose::listening::Listener;
use crate::diagnose::remedy;
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
use crate::diagnose::sets::Remote;
use crate::graph::Node;
use crate::model::Object;
use crate::model::ObjectId;
use std::collections::BTreeMap;

pub const RULE: Rule = Rule {
    class: Class::RegistrationCollision,
    reads: &[arc::AUTOSCALING_LISTENER, arc::AUTOSCALING_RUNNER_SET],
    page: Page {
        summary: "two runner sets share one remote scale set",
        finds: "Two runner sets have the same name, runner group and URL at GitHub and so the same scale set, in \
                one cluster or in two.",
        why_it_blocks: "The controller looks for a scale set by group and name and takes over one that exists \
                        already. Two sets then fight for one message session. When one of them is deleted, its \
                        controller deletes the scale set that the other one uses. Mostly this is the end of a \
                        move from one cluster to another.",
        neighbours: "session-conflict: what the living see of it. stale-scale-set-id: what is left for the other \
                     set afterwards. listener-orphaned: two listeners of one runner set.",
        what_to_do: "Give one of them another name or another runner group. If the old one is being deleted and \
                     the new one has to keep its registration, take the annotation with the number off the old \
                     runner set before its deletion comes to that step: GitHub is then not asked.",
        cost: "None. Without it the set that stays loses its registration.",
        sources: &[
            "controllers/actions.github.com/autoscalingrunnerset_controller.go",
            "github.com/actions/actions-runner-controller/issues/3372",
        ],
    },
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    live_sets(case, findings);
    leaving_sets(case, findings);
}

/// Listeners say cluster-wide which scale set they ask for: two runner sets that ask for the same one.
fn live_sets(case: &Case<'_>, findings: &mut Findings) {
    let mut by_scale_set: BTreeMap<(String, i64), Vec<Listener<'_>>> = BTreeMap::new();
    for listener in listening::live(case) {
        let url =
            listener.object.text("/spec/githubConfigUrl").map(|url| url.trim_end_matches('/').to_owned());
        let Some(key) = url.zip(listener.object.number("/spec/runnerScaleSetId")) else { continue };
        by_scale_set.entry(key).or_default().push(listener);
    }
    for ((url, number), listeners) in by_scale_set {
        let mut ids: Vec<ObjectId> =
            listeners.iter().filter_map(|listener| sets::set_of(listener.object)).collect();
        ids.sort_by_key(|id| (case.view.find(id).map(|set| set.created), id.clone()));
        ids.dedup();
        // The newest took over what the others had.
        let Some((newest, _)) = ids.split_last().filter(|(_, others)| !others.is_empty()) else { continue };
        let end = Node::Repair(newest.clone());
        let mut evidence: Vec<Evidence> = Vec::new();
        for listener in &listeners {
            let id = &listener.object.id;
            evidence.push(case.view.evidence(id, "spec.runnerScaleSetId", format!("{number} at {url}")));
            let because = "two runner sets share one message session";
            findings.wait(id, &end, because, Vec::new());
        }
        let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
        findings.root(Finding {
            class: Class::RegistrationCollision,
            object: newest.clone(),
            end,
            members: ids.clone(),
            message: format!("{} are one and the same scale set {number} at {url}", names.join(" and ")),
            certainty: Certainty::Proven,
            evidence,
            remedies: vec![rename(newest)],
        });
    }
}

/// A runner set that is being deleted takes the scale set of a living one with it. Which scale set the living use,
/// their listeners say.
fn leaving_sets(case: &Case<'_>, findings: &mut Findings) {
    let users = listening::live(case);
    for leaving in case.view.list(&arc::AUTOSCALING_RUNNER_SET, None).objects {
        let Some(remote) = Remote::of(leaving).filter(|_| leaving.is_deleting()) else { continue };
        let uses = |listener: &&Listener<'_>| {
            let text = |pointer| listener.object.text(pointer).unwrap_or_default();
            let number = listener.object.number("/spec/runnerScaleSetId").map(|number| number.to_string());
            number.as_deref() == Some(remote.id.as_str())
                && text("/spec/githubConfigUrl").trim_end_matches('/') == remote.url.trim_end_matches('/')
        };
        let user = users.iter().filter(uses).find_map(|listener| {
            let set = sets::set_of(listener.object).filter(|set| *set != leaving.id)?;
            let lives = listener.set.is_some() || case.view.find(&set).is_none();
            lives.then_some((listener.object, set))
        });
        if let Some((listener, stays)) = user {
            let end = Node::Repair(leaving.id.clone());
            let because = format!("its deletion takes the scale set of {stays} with it");
            findings.wait(&leaving.id, &end, because, Vec::new());
            findings.root(takes_along(case, leaving, &remote, listener, &stays));
        }
    }
}

fn takes_along(
    case: &Case<'_>,
    leaving: &Object,
    remote: &Remote,
    listener: &Object,
    stays: &ObjectId,
) -> Finding {
    let field = format!("metadata.annotations[{}]", marks::SCALE_SET_ID);
    Finding {
        class: Class::RegistrationCollision,
        object: leaving.id.clone(),
        end: Node::Repair(leaving.id.clone()),
        members: vec![leaving.id.clone(), stays.clone()],
        message: format!(
            "the deletion of {} will delete scale set {} at {}, which {stays} uses as well",
            leaving.id, remote.id, remote.url
        ),
        certainty: Certainty::Proven,
        evidence: vec![
            case.view.evidence(&leaving.id, field, remote.id.clone()),
            case.view.evidence(&listener.id, "spec.runnerScaleSetId", remote.id.clone()),
        ],
        // Nothing is left behind: the other runner set has it.
        remedies: remedy::drop_scale_set_id(case.view, &leaving.id)
            .map(|remedy| Remedy { loss: Loss::None, leaves: Vec::new(), ..remedy })
            .into_iter()
            .collect(),
    }
}

fn rename(set: &ObjectId) -> Remedy {
    Remedy {
        id: "separate-scale-sets",
        title: format!(
            "Give {set} another name at GitHub (runnerScaleSetName of the chart) or another runner group"
        ),
        loss: Loss::None,
        applicability: Applicability::NeedsValue,
        commands: Vec::new(),
        leaves: Vec::new(),
    }
}
