//! A listener scales an EphemeralRunnerSet that is gone.

use crate::arc;
use crate::arc::limits;
use crate::arc::phrases::Means;
use crate::diagnose::action;
use crate::diagnose::listening;
use crate::diagnose::listening::Listener;
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
use crate::model::Lookup;
use crate::model::Object;
use crate::model::ObjectId;

pub const RULE: Rule = Rule {
    class: Class::ListenerDanglingErs,
    reads: &[arc::AUTOSCALING_LISTENER, arc::AUTOSCALING_RUNNER_SET, arc::EPHEMERAL_RUNNER_SET, arc::POD_LOG],
    page: Page {
        summary: "the listener's EphemeralRunnerSet is gone",
        finds: "An AutoscalingListener names an EphemeralRunnerSet that does not exist, while another \
                EphemeralRunnerSet of the same runner set lives.",
        why_it_blocks: "The listener sets the number of runners on the EphemeralRunnerSet that it was made for, \
                        and on no other. When that one is replaced and the listener is not, every attempt ends in \
                        not found, the listener starts anew, and no runner comes. Up to 0.14.2 each \
                        EphemeralRunnerSet has a random name; development versions after that keep one name.",
        neighbours: "outdated-deadlock: often its after-effect; cure that first, or the listener is soon the same \
                     again. listener-orphaned: the listener is one too many. stale-scale-set-id: it is GitHub \
                     that does not find something.",
        what_to_do: "Delete the AutoscalingListener: the controller makes it anew for the living \
                     EphemeralRunnerSet.",
        cost: "None.",
        sources: &[
            "controllers/actions.github.com/autoscalingrunnerset_controller.go",
            "controllers/actions.github.com/resourcebuilder.go",
            "github.com/actions/actions-runner-controller/issues/4561",
        ],
    },
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    for listener in listening::live(case) {
        let Some(set) = listener.set.filter(|set| !sets::is_outdated(set)) else { continue };
        if !listener.is_settled(case) || !listener.is_current(case) {
            continue;
        }
        let Some(name) = listener.object.text("/spec/ephemeralRunnerSetName").filter(|name| !name.is_empty())
        else {
            continue;
        };
        let named = ObjectId::new(&arc::EPHEMERAL_RUNNER_SET, &set.id.namespace, name);
        let look = case.view.look(&named);
        if let Lookup::Unread(reading) = &look {
            let hides = [Class::ListenerDanglingErs];
            findings.gap(&listener.object.id, &named.kind, &named.namespace, reading, &hides);
            continue;
        }
        let living: Vec<&Object> = sets::runner_sets(case.view, set);
        let newest = living.first().copied().filter(|newest| newest.id != named && is_settled(case, newest));
        let Some(newest) = newest else { continue };
        let found = match look {
            Lookup::Found(object) if object.is_deleting() => State::Deleting,
            Lookup::Found(_) => State::Replaced,
            Lookup::Absent => State::Gone,
            Lookup::Unread(_) => continue,
        };
        findings.root(dangling(case, &listener, &named, newest, &found));
    }
}

/// What became of the EphemeralRunnerSet that the listener names.
enum State {
    Gone,
    Deleting,
    /// It is there, but the set has a newer one.
    Replaced,
}

/// True if it was made so long ago that the listener should have been made anew for it.
fn is_settled(case: &Case<'_>, owned: &Object) -> bool {
    owned.created.is_none_or(|at| case.view.now().duration_since(at) >= limits::YOUNG_CREATION)
}

fn dangling(
    case: &Case<'_>,
    listener: &Listener<'_>,
    named: &ObjectId,
    newest: &Object,
    state: &State,
) -> Finding {
    let id = &listener.object.id;
    let mut evidence: Vec<Evidence> =
        vec![case.view.evidence(id, "spec.ephemeralRunnerSetName", named.name.clone())];
    let text = match state {
        State::Gone => {
            evidence.push(case.view.missing(named));
            "does not exist".to_owned()
        }
        State::Deleting => {
            evidence.push(case.view.evidence(named, "metadata.deletionTimestamp", "set"));
            "is being deleted".to_owned()
        }
        State::Replaced => "was replaced".to_owned(),
    };
    evidence.push(case.view.evidence(
        &newest.id,
        "metadata.creationTimestamp",
        "the one of the runner set now",
    ));
    let log = listener.says(case, Means::RunnerSetGone);
    let proven = !matches!(state, State::Replaced) || log.is_some();
    evidence.extend(log);
    let mut message = format!("{id} scales {named}, which {text}; {} gets no runners", newest.id);
    if !proven {
        message.push_str("; a second look a minute later would prove it");
    }
    Finding {
        class: Class::ListenerDanglingErs,
        object: id.clone(),
        end: Node::Object(id.clone()),
        members: Vec::new(),
        message,
        certainty: if proven { Certainty::Proven } else { Certainty::Likely },
        evidence,
        remedies: vec![Remedy {
            id: "delete-listener",
            title: format!("Delete {id}; the controller makes it anew for {}", newest.id),
            loss: Loss::None,
            applicability: Applicability::Automatic,
            actions: vec![action::delete(id)],
            leaves: Vec::new(),
        }],
    }
}
