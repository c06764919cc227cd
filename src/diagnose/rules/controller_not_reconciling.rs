//! The controller runs and does not act: it does not watch the namespace, or it hangs.

use crate::arc;
use crate::arc::limits;
use crate::diagnose::controllers::Controller;
use crate::diagnose::controllers::alive_evidence;
use crate::diagnose::expected::Expected;
use crate::diagnose::expected::Inactive;
use crate::diagnose::logs;
use crate::diagnose::logs::Log;
use crate::diagnose::need::Need;
use crate::diagnose::need::Stuck;
use crate::diagnose::remedy;
use crate::diagnose::report::Certainty;
use crate::diagnose::report::Class;
use crate::diagnose::report::Evidence;
use crate::diagnose::rule::Case;
use crate::diagnose::rule::Finding;
use crate::diagnose::rule::Findings;
use crate::diagnose::rule::Page;
use crate::diagnose::rule::Rule;
use crate::diagnose::wish::Sight;
use crate::graph::Node;
use crate::model::ObjectId;
use crate::model::Reading;
use std::collections::BTreeMap;

pub const RULE: Rule = Rule {
    class: Class::ControllerNotReconciling,
    reads: &[
        arc::AUTOSCALING_RUNNER_SET,
        arc::AUTOSCALING_LISTENER,
        arc::DEPLOYMENT,
        arc::ROLE_BINDING,
        arc::SERVICE_ACCOUNT,
        arc::SECRET,
        arc::POD,
        arc::POD_LOG,
    ],
    page: Page {
        summary: "the controller runs but does not act",
        finds: "A controller has a ready replica, may do the next step and has what it needs for it, and still \
                nothing moves: one of its workers hangs, it does not watch this namespace, or it watches kinds \
                that have vanished under it.",
        why_it_blocks: "Runner sets, listeners and EphemeralRunnerSets have one worker each, EphemeralRunners \
                        two (from 0.10). A call to GitHub that does not return holds up every other object of that kind. A \
                        controller that is confined to one namespace never looks at another one. After an error \
                        the pause before the next attempt grows to about 17 minutes, so that an object can lie \
                        still for a while after its cause is cured.",
        neighbours: "controller-gone: no replica is ready. rbac-missing: it tries and is refused. crd-skew: it \
                     cannot read the objects. An object that is merely pausing after an error is not blocked: \
                     its log tells when it was last tried.",
        what_to_do: "See whether the controller watches the namespace, and whether its log has gone on. Restart \
                     the Deployment: that ends hanging calls and all pauses. If it is confined to another \
                     namespace, install one for this namespace or let it watch all.",
        cost: "None: runners and listeners run on while the controller restarts.",
        sources: &[
            "main.go",
            "controllers/actions.github.com/autoscalingrunnerset_controller.go",
            "charts/gha-runner-scale-set-controller/templates/deployment.yaml",
        ],
    },
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    for (id, namespace) in unwatched(case) {
        let expected = Expected::of(case.view, &namespace);
        let Some(idle) = expected.inactive(case.view, &case.world.controllers, &namespace) else { continue };
        let because = format!("only a controller acts on it; {}", idle.text);
        if !idle.runs {
            // It may be one all the same, and then it is not to be blamed.
            let log = Sight::ControllerLog(idle.id.clone());
            findings.wait(&id, &Node::Object(idle.id.clone()), because, expected.evidence.clone());
            findings.wish(&id, log, Reading::Unread, &[Class::ControllerNotReconciling]);
            continue;
        }
        findings.wait(&id, &Node::Repair(idle.id.clone()), because, expected.evidence.clone());
        if !findings.saw_again(Class::ControllerNotReconciling, &idle.id, expected.evidence.clone()) {
            findings.root(elsewhere(case, &namespace, &idle, expected.evidence));
        }
    }
    let mut logs: BTreeMap<&ObjectId, Log<'_>> = BTreeMap::new();
    for stuck in case.unexplained(findings) {
        let namespace = stuck.set.as_ref().map_or(&stuck.id.namespace, |set| &set.namespace);
        let Some(controller) = case.world.controllers.alive(namespace) else { continue };
        let log = logs.entry(&controller.id).or_insert_with(|| logs::of_controller(case.view, controller));
        silent(case, findings, stuck, controller, log);
    }
}

/// What nobody looks after, and where it is: what is stuck, and live runner sets.
fn unwatched(case: &Case<'_>) -> Vec<(ObjectId, String)> {
    let controllers = &case.world.controllers;
    let none =
        |namespace: &str| controllers.reading.is_complete() && controllers.responsible(namespace).is_empty();
    let stuck = case.world.stuck.values().filter(|stuck| stuck.needs.contains(&Need::Controller));
    let stuck = stuck.map(|stuck| {
        let place = stuck.set.as_ref().map_or(&stuck.id.namespace, |set| &set.namespace);
        (stuck.id.clone(), place.clone())
    });
    let sets = case.view.list(&arc::AUTOSCALING_RUNNER_SET, None).objects.into_iter();
    let live = sets
        .filter(|set| !set.is_deleting() && !case.world.stuck.contains_key(&set.id))
        .filter(|set| !case.world.waiting.contains_key(&set.id))
        .map(|set| (set.id.clone(), set.id.namespace.clone()));
    stuck.chain(live).filter(|(_, namespace)| none(namespace)).collect()
}

fn elsewhere(case: &Case<'_>, namespace: &str, idle: &Inactive, mut evidence: Vec<Evidence>) -> Finding {
    let Inactive { id, text, .. } = idle;
    evidence.push(case.view.evidence(id, "spec.template.spec.containers[manager].args", text.clone()));
    Finding {
        class: Class::ControllerNotReconciling,
        end: Node::Repair(id.clone()),
        object: id.clone(),
        members: Vec::new(),
        message: format!("{text}, and no other controller looks after that namespace"),
        certainty: Certainty::Proven,
        evidence,
        remedies: vec![remedy::by_hand(
            "watch-namespace",
            format!(
                "Let {id} watch all namespaces or {namespace} (flags.watchSingleNamespace of its chart), or install \
                 a controller for {namespace}"
            ),
            Vec::new(),
        )],
    }
}

/// Nothing was found missing, and the controller's log does not speak of the object.
fn silent(case: &Case<'_>, findings: &mut Findings, stuck: &Stuck, controller: &Controller, log: &Log<'_>) {
    let tail = match log {
        Log::Read(tail) => tail,
        Log::Unread(reading) => {
            let mut hides = vec![Class::ControllerNotReconciling, Class::AdmissionRefuses];
            if stuck.needs.contains(&Need::GitHub) {
                hides.extend([Class::GithubRefuses, Class::JobStillRunning]);
            }
            let sight = Sight::ControllerLog(controller.id.clone());
            return findings.wish(&stuck.id, sight, reading.clone(), &hides);
        }
    };
    let now = case.view.now();
    let long = |then: Option<jiff::Timestamp>| {
        then.is_some_and(|then| now.duration_since(then) > limits::LONGEST_RETRY)
    };
    let (Some(last), Some(first)) = (tail.last_at(), tail.first_at()) else { return };
    let about = |id: &ObjectId| tail.of(id).find_map(|line| line.at);
    let spoke = about(&stuck.id).max(stuck.set.as_ref().filter(|set| **set != stuck.id).and_then(about));
    if spoke.is_some_and(|at| !long(Some(at))) || (stuck.since.is_some() && !long(stuck.since)) {
        return;
    }
    let says = match spoke {
        Some(at) => format!("it last spoke of {} at {at}", stuck.id),
        // A log that begins late says nothing of what was before.
        None if long(Some(first)) => format!("it does not speak of {}, and goes back to {first}", stuck.id),
        None => return,
    };
    let hangs = long(Some(last));
    let evidence = vec![
        alive_evidence(case.view, controller),
        case.view.evidence(&controller.id, "log", format!("its last line is of {last}; {says}")),
    ];
    let how = if hangs { "its log has stopped" } else { "its log goes on, but not about this" };
    findings.wait(
        &stuck.id,
        &Node::Repair(controller.id.clone()),
        "the controller does not act on it",
        evidence.clone(),
    );
    if findings.saw_again(Class::ControllerNotReconciling, &controller.id, evidence.clone()) {
        return;
    }
    findings.root(Finding {
        class: Class::ControllerNotReconciling,
        end: Node::Repair(controller.id.clone()),
        object: controller.id.clone(),
        members: Vec::new(),
        message: format!(
            "{} runs and does not act on {}: {how}, though it would try again within 17 minutes; that it goes on \
             after a restart would prove it",
            controller.id, stuck.id
        ),
        certainty: Certainty::Likely,
        evidence,
        remedies: vec![remedy::restart_controller(case.view, &controller.id)],
    });
}
