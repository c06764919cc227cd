//! Two runner sets share one scale set at GitHub.

use crate::arc;
use crate::arc::marks;
use crate::diagnose::action;
use crate::diagnose::elsewhere;
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
use crate::model::Elsewhere;
use crate::model::Lookup;
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
        what_to_do: "Make one of them anew with another name or another runner group; to change the name of a live \
                     one renames the scale set that both use. If the old one is being deleted and \
                     the new one has to keep its registration, take the annotation with the number off the old \
                     runner set before its deletion comes to that step: GitHub is then not asked.",
        cost: "The runners of the set that is made anew are replaced. Without it the set that stays loses its registration.",
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
    other_clusters(case, findings);
}

/// Listeners say cluster-wide which scale set they ask for: two runner sets that ask for the same one.
fn live_sets(case: &Case<'_>, findings: &mut Findings) {
    let mut by_scale_set: BTreeMap<(String, i64), Vec<Listener<'_>>> = BTreeMap::new();
    for listener in listening::live(case) {
        let Some(key) = elsewhere::scale_set(listener.object) else { continue };
        by_scale_set.entry(key).or_default().push(listener);
    }
    for ((url, number), listeners) in by_scale_set {
        let mut ids: Vec<ObjectId> =
            listeners.iter().filter_map(|listener| sets::set_of(listener.object)).collect();
        // A listener whose runner set is gone is a left-over: nobody shares anything with it.
        ids.retain(|id| !matches!(case.view.look(id), Lookup::Absent));
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
            remedies: vec![rename(case, newest)],
        });
    }
}

/// A runner set that is being deleted takes the scale set of a living one with it. Which scale set the living use,
/// their listeners say.
fn leaving_sets(case: &Case<'_>, findings: &mut Findings) {
    let users = listening::live(case);
    for leaving in case.view.list(&arc::AUTOSCALING_RUNNER_SET, None).objects {
        let Some(remote) = Remote::of(leaving).filter(|_| leaving.is_deleting()) else { continue };
        let is_its = |(url, number): &(String, i64)| {
            remote.id == number.to_string() && url == remote.url.trim_end_matches('/')
        };
        let uses =
            |listener: &&Listener<'_>| elsewhere::scale_set(listener.object).is_some_and(|one| is_its(&one));
        let user = users.iter().filter(uses).find_map(|listener| {
            let set = sets::set_of(listener.object).filter(|set| *set != leaving.id)?;
            let lives = listener.set.is_some() || matches!(case.view.look(&set), Lookup::Unread(_));
            let seen = case.view.evidence(&listener.object.id, "spec.runnerScaleSetId", remote.id.clone());
            lives.then(|| User { name: set.to_string(), here: Some((set, seen)) })
        });
        let abroad = || {
            let other =
                case.view.elsewhere().iter().find(|other| is_its(&(other.url.clone(), other.number)))?;
            Some(User { name: abroad(other), here: None })
        };
        if let Some(stays) = user.or_else(abroad) {
            let end = Node::Repair(leaving.id.clone());
            let because = format!("its deletion takes the scale set of {} with it", stays.name);
            findings.wait(&leaving.id, &end, because, Vec::new());
            findings.root(takes_along(case, leaving, &remote, stays));
        }
    }
}

/// Who uses the scale set of a runner set that goes.
struct User {
    name: String,
    /// Its runner set, and what its listener says; None in another cluster.
    here: Option<(ObjectId, Evidence)>,
}

fn takes_along(case: &Case<'_>, leaving: &Object, remote: &Remote, stays: User) -> Finding {
    let field = format!("metadata.annotations[{}]", marks::SCALE_SET_ID);
    let mut members = vec![leaving.id.clone()];
    let mut evidence = vec![case.view.evidence(&leaving.id, field, remote.id.clone())];
    if let Some((set, seen)) = stays.here {
        members.push(set);
        evidence.push(seen);
    }
    Finding {
        class: Class::RegistrationCollision,
        object: leaving.id.clone(),
        end: Node::Repair(leaving.id.clone()),
        members,
        message: format!(
            "the deletion of {} will delete scale set {} at {}, which {} uses as well",
            leaving.id, remote.id, remote.url, stays.name
        ),
        certainty: Certainty::Proven,
        evidence,
        // Nothing is left behind: the other runner set has it.
        remedies: remedy::drop_scale_set_id(case.view, &leaving.id)
            .map(|remedy| Remedy { loss: Loss::None, leaves: Vec::new(), ..remedy })
            .into_iter()
            .collect(),
    }
}

/// A runner set of another cluster that was asked in the same breath. GitHub gives one session per scale set: where the
/// listener ends, the other one has it; where it runs, this is only good to know.
fn other_clusters(case: &Case<'_>, findings: &mut Findings) {
    for listener in listening::live(case) {
        let Some((set, (url, number))) =
            sets::set_of(listener.object).zip(elsewhere::scale_set(listener.object))
        else {
            continue;
        };
        let same = |other: &&Elsewhere| other.number == number && other.url == url;
        let others: Vec<String> = case.view.elsewhere().iter().filter(same).map(abroad).collect();
        if others.is_empty() {
            continue;
        }
        let id = &listener.object.id;
        let end = Node::Repair(set.clone());
        let mut evidence =
            vec![case.view.evidence(id, "spec.runnerScaleSetId", format!("{number} at {url}"))];
        evidence.extend(listener.ended.clone());
        let finding = Finding {
            class: Class::RegistrationCollision,
            object: set.clone(),
            end: end.clone(),
            members: Vec::new(),
            message: format!(
                "{set} and {} are one and the same scale set {number} at {url}",
                others.join(" and ")
            ),
            certainty: Certainty::Proven,
            evidence,
            remedies: vec![rename(case, &set)],
        };
        if listener.fails() {
            findings.wait(id, &end, "two clusters share one message session", Vec::new());
            findings.root(finding);
        } else {
            findings.notice(finding);
        }
    }
}

/// A runner set of another cluster, as a person would say it.
fn abroad(other: &Elsewhere) -> String {
    format!("{} of context {}", other.set, other.context)
}

/// Another name alone would rename the scale set that both use: the controller updates the one whose number it has.
fn rename(case: &Case<'_>, set: &ObjectId) -> Remedy {
    let number = case.view.find(set).and_then(|set| action::drop_annotation(set, marks::SCALE_SET_ID));
    let actions = number.into_iter().chain([action::delete(set)]).collect();
    Remedy {
        id: "separate-scale-sets",
        title: format!(
            "Delete {set} without its number, so that the scale set stays, and install it anew with another name at \
             GitHub (runnerScaleSetName of the chart) or another runner group"
        ),
        loss: Loss::Reversible,
        applicability: Applicability::NeedsValue,
        actions,
        leaves: Vec::new(),
    }
}
