//! A listener runs, but does not poll.

use crate::arc;
use crate::arc::limits;
use crate::arc::names;
use crate::diagnose::action;
use crate::diagnose::containers;
use crate::diagnose::listening;
use crate::diagnose::listening::Listener;
use crate::diagnose::logs;
use crate::diagnose::logs::Log;
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
use crate::diagnose::wish::Sight;
use crate::graph::Node;
use crate::model::Object;

pub const RULE: Rule = Rule {
    class: Class::ListenerFrozen,
    reads: &[arc::AUTOSCALING_LISTENER, arc::AUTOSCALING_RUNNER_SET, arc::POD, arc::POD_LOG],
    page: Page {
        summary: "the listener runs but does not poll",
        finds: "The listener's pod is Running and its log has not gone on for more than about ten minutes, or its \
                container has ended while a sidecar keeps the pod alive.",
        why_it_blocks: "A listener at work writes a line at least about once a minute (that of 0.6.1 does not: of \
                        it only an ended container tells). After a break in the \
                        network it can wait on a dead connection, and it has no probe that would notice. Nothing \
                        in the cluster turns red; at GitHub the scale set goes offline and jobs stay queued.",
        neighbours: "github-side-stale: the listener's log goes on, and GitHub sends nothing. session-conflict, \
                     stale-scale-set-id: the listener ends and starts again. listener-missing: there is no pod.",
        what_to_do: "Delete the listener's pod: the controller makes it anew. If it comes back, look at proxies \
                     and firewalls that drop idle connections.",
        cost: "None.",
        sources: &[
            "cmd/ghalistener/listener/listener.go",
            "controllers/actions.github.com/autoscalinglistener_controller.go",
            "github.com/actions/actions-runner-controller/issues/3005",
        ],
    },
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    let listeners = listening::live(case);
    let running: Vec<(&Listener<'_>, &Object)> = listeners
        .iter()
        .filter_map(|listener| Some((listener, case.view.find(&listener.pod)?)))
        .filter(|(listener, pod)| listener.set.is_some() && is_running(case, pod))
        .collect();
    for (listener, pod) in running {
        let Some((certainty, text, evidence)) = reason(case, findings, listener, pod) else { continue };
        let end = Node::Object(pod.id.clone());
        let id = &listener.object.id;
        findings.wait(id, &end, "its pod runs, but does not listen", Vec::new());
        findings.root(Finding {
            class: Class::ListenerFrozen,
            object: pod.id.clone(),
            end,
            members: Vec::new(),
            message: format!("{} runs, but {text}", pod.id),
            certainty,
            evidence,
            remedies: vec![Remedy {
                id: "delete-listener-pod",
                title: format!("Delete {}; the controller makes it anew", pod.id),
                loss: Loss::None,
                applicability: Applicability::Automatic,
                actions: vec![action::delete(&pod.id)],
                leaves: Vec::new(),
            }],
        });
    }
}

fn is_running(case: &Case<'_>, pod: &Object) -> bool {
    let old = pod.created.is_some_and(|at| case.view.now().duration_since(at) > limits::LISTENER_SILENT);
    old && !pod.is_deleting() && !pod.metadata_only && pod.text("/status/phase") == Some("Running")
}

/// The listener's own container has ended while another keeps the pod alive, or its log stands still.
fn reason(
    case: &Case<'_>,
    findings: &mut Findings,
    listener: &Listener<'_>,
    pod: &Object,
) -> Option<(Certainty, String, Vec<Evidence>)> {
    if let Some(ended) = &listener.ended {
        // What ended a moment ago is made anew.
        let at = containers::ended(pod, &names::LISTENER_CONTAINERS)?.at?;
        if case.view.now().duration_since(at) <= limits::LISTENER_REPLACED {
            return None;
        }
        let text = "the container of its listener has ended".to_owned();
        return Some((Certainty::Proven, text, vec![ended.clone()]));
    }
    let set = listener.set?;
    let controller = case.world.controllers.alive(&set.id.namespace);
    // Without a controller nothing is wrong with the listener, and with few words nothing can be told.
    controller.filter(|controller| !controller.is_quiet)?;
    if writes_nothing(pod) {
        return None;
    }
    let running = case.view.evidence(&pod.id, "status.phase", "Running");
    match logs::of_pod(case.view, &listener.pod, listener.container(case)) {
        Log::Read(tail) => {
            let age = case.view.now().duration_since(tail.last_at()?);
            if age <= limits::LISTENER_SILENT {
                return None;
            }
            let line = tail.lines().find(|line| line.at.is_some())?;
            let minutes = age.as_secs() / 60;
            let text =
                format!("it has written nothing for {minutes} minutes; at work it does about every minute");
            Some((Certainty::Proven, text, vec![running, tail.evidence(case.view, line)]))
        }
        Log::Unread(_) => {
            findings.wish_for_proof(&listener.object.id, Sight::PodLog(listener.pod.clone()));
            None
        }
    }
}

/// True if it is one that has no word for waiting.
fn writes_nothing(pod: &Object) -> bool {
    let commands =
        pod.items("/spec/containers").iter().filter_map(|container| container.get("command")?.as_array());
    commands.flatten().any(|word| word == names::SILENT_LISTENER)
}
