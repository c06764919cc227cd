//! Legacy mode: a Runner or its Pod waits for an unregistration that nobody can do.

use crate::arc;
use crate::arc::finalizers;
use crate::arc::marks;
use crate::diagnose::action;
use crate::diagnose::containers_ended;
use crate::diagnose::forbidden;
use crate::diagnose::legacy;
use crate::diagnose::legacy::LegacyControllers;
use crate::diagnose::logs;
use crate::diagnose::logs::Log;
use crate::diagnose::need::Need;
use crate::diagnose::need::Stuck;
use crate::diagnose::remedy;
use crate::diagnose::report::Certainty;
use crate::diagnose::report::Class;
use crate::diagnose::report::Leaf;
use crate::diagnose::report::Loss;
use crate::diagnose::report::Remedy;
use crate::diagnose::rule::Case;
use crate::diagnose::rule::Finding;
use crate::diagnose::rule::Findings;
use crate::diagnose::rule::Page;
use crate::diagnose::rule::Rule;
use crate::diagnose::wish::Sight;
use crate::graph::Node;
use crate::model::Lookup;
use crate::model::Object;
use crate::model::ObjectId;

pub const RULE: Rule = Rule {
    class: Class::LegacyFinalizer,
    reads: &[
        arc::DEPLOYMENT,
        arc::POD,
        arc::POD_LOG,
        arc::ACCESS_REVIEW,
        arc::ROLE,
        arc::ROLE_BINDING,
        arc::CLUSTER_ROLE,
        arc::CLUSTER_ROLE_BINDING,
    ],
    page: Page {
        summary: "a legacy Runner waits for nobody",
        finds: "A Runner of legacy mode, or its Pod, is being deleted and keeps the legacy finalizer, and there \
                is no legacy controller that could act, or it cannot reach GitHub.",
        why_it_blocks: "The legacy controller removes the runner at GitHub first and takes the finalizers off \
                        after that. Current versions hold the Pod for it, older ones the Runner. Without the \
                        controller, or with credentials that no longer work, nobody does. Even a runner that \
                        never registered is waited for, for up to ten minutes.",
        neighbours: "rbac-missing: the controller's log says what it may not do, and that is still so. \
                     legacy-webhook-dead: even the update that takes the finalizer off is refused; see to that \
                     first. job-still-running: GitHub refuses because of a job. controller-gone: the same for \
                     runner scale sets.",
        what_to_do: "Bring the legacy controller and its credentials back and let it finish. If it is gone for \
                     good, take the finalizers off the Pods and the Runners, and remove the runners at GitHub.",
        cost: "None with the controller. By hand, runners stay listed at GitHub as offline; a running job is \
               lost.",
        sources: &[
            "controllers/actions.summerwind.net/runner_controller.go",
            "controllers/actions.summerwind.net/runner_graceful_stop.go",
            "TROUBLESHOOTING.md",
        ],
    },
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    let mut controllers: Option<LegacyControllers> = None;
    for stuck in case.world.stuck.values().filter(|stuck| stuck.needs.contains(&Need::LegacyController)) {
        let Some(object) = case.view.subject(&stuck.id) else { continue };
        if case.world.waiting.contains_key(&stuck.id) || is_busy(object) {
            continue;
        }
        let known = controllers.get_or_insert_with(|| legacy::controllers(case.view));
        if known.alive.is_none() && !known.reading.is_complete() {
            let selector = Some(marks::LEGACY_CONTROLLER_SELECTOR.to_owned());
            let sight = Sight::List { kind: arc::DEPLOYMENT, namespace: String::new(), selector };
            findings.wish(&stuck.id, sight, known.reading.clone(), &[Class::LegacyFinalizer]);
            continue;
        }
        // What it may not do is another class.
        let refused =
            known.alive.as_ref().and_then(|alive| forbidden::in_legacy_mode(case.view, &stuck.id, alive));
        if refused.is_some_and(|refused| !forbidden::is_allowed(case.view, &refused.question)) {
            continue;
        }
        if stuck.deleting {
            let finding = held(case, findings, stuck, object, known);
            findings.root(finding);
        } else if let Some(controller) = &known.alive
            && let Log::Unread(reading) = logs::of_deployment(case.view, controller)
        {
            // A Runner without a Pod: why none is made, the log tells.
            let sight = Sight::ControllerLog(controller.clone());
            findings.wish(&stuck.id, sight, reading, &[Class::LegacyFinalizer]);
        }
    }
}

/// A Pod whose job GitHub believes to run is judged elsewhere.
fn is_busy(object: &Object) -> bool {
    let waits = object.annotation(marks::LEGACY_COMPLETION_WAIT).or(object.annotation(marks::LEGACY_FAILURE));
    waits.is_some() && containers_ended(object)
}

fn held(
    case: &Case<'_>,
    findings: &mut Findings,
    stuck: &Stuck,
    object: &Object,
    controllers: &LegacyControllers,
) -> Finding {
    let id = &stuck.id;
    let finalizer = finalizers_of_legacy(object).unwrap_or(finalizers::LEGACY_RUNNER_FINALIZER);
    let mut evidence = vec![case.view.evidence(id, "metadata.finalizers", finalizer)];
    let (message, certainty, gentlest) = match &controllers.alive {
        Some(controller) => {
            evidence.push(case.view.evidence(controller, "status.readyReplicas", "at least one"));
            let said = match logs::of_deployment(case.view, controller) {
                Log::Read(tail) => tail.of(id).next().map(|line| tail.evidence(case.view, line)),
                Log::Unread(_) => {
                    findings.wish_for_proof(id, Sight::ControllerLog(controller.clone()));
                    None
                }
            };
            let certainty = if said.is_some() { Certainty::Proven } else { Certainty::Likely };
            let proof = if said.is_some() { "" } else { "; its log would prove it" };
            evidence.extend(said);
            let message = format!("{controller} runs and does not get {id} removed at GitHub{proof}");
            let repair = remedy::by_hand(
                "repair-legacy-credentials",
                format!("Give {controller} credentials that GitHub takes; it then finishes by itself"),
                vec![format!(
                    "kubectl logs -n {} deployment/{} --since=30m",
                    remedy::word(&controller.namespace),
                    remedy::word(&controller.name)
                )],
            );
            (message, certainty, repair)
        }
        None => {
            let message = match controllers.found.first() {
                Some(dead) => {
                    format!("{dead} has no ready replica, and nobody else takes {finalizer} off {id}")
                }
                None => format!(
                    "there is no legacy controller any more, and nobody else takes {finalizer} off {id}"
                ),
            };
            if let Some(dead) = controllers.found.first() {
                evidence.push(case.view.evidence(dead, "status.readyReplicas", "0"));
            }
            let restore = remedy::by_hand(
                "restore-legacy-controller",
                "Bring the legacy controller back with its credentials; it then finishes by itself"
                    .to_owned(),
                Vec::new(),
            );
            (message, Certainty::Proven, restore)
        }
    };
    Finding {
        class: Class::LegacyFinalizer,
        end: Node::Object(id.clone()),
        object: id.clone(),
        members: Vec::new(),
        message,
        certainty,
        evidence,
        remedies: vec![gentlest, let_go(case, object, finalizer)],
    }
}

fn finalizers_of_legacy(object: &Object) -> Option<&'static str> {
    [finalizers::LEGACY_RUNNER_FINALIZER, finalizers::LEGACY_POD, finalizers::LEGACY_LINKED]
        .into_iter()
        .find(|finalizer| object.has_finalizer(finalizer))
}

/// True unless the containers of a runner were seen to have ended or to be gone.
fn may_work(case: &Case<'_>, object: &Object) -> bool {
    let ended = |pod: &Object| {
        containers_ended(pod) || matches!(pod.text("/status/phase"), Some("Succeeded" | "Failed"))
    };
    match case.view.look(&ObjectId::new(&arc::POD, &object.id.namespace, &object.id.name)) {
        Lookup::Found(pod) => !ended(pod),
        Lookup::Absent => false,
        Lookup::Unread(_) => true,
    }
}

/// Taking the finalizer off leaves the runner at GitHub, as offline, and lets its Pod go with whatever runs in it.
fn let_go(case: &Case<'_>, object: &Object, finalizer: &str) -> Remedy {
    let place = ["enterprise", "organization", "repository"]
        .iter()
        .find_map(|key| object.text(&format!("/spec/{key}")).filter(|name| !name.is_empty()));
    let place = place.map(|place| format!(" at {place}")).unwrap_or_default();
    let (loss, job) = match may_work(case, object) {
        true => (Loss::Job, "; if it still runs a job, that dies"),
        false => (Loss::Registration, ""),
    };
    Remedy {
        leaves: vec![Leaf::new(
            &object.id,
            format!("runner \"{}\"{place}, if it was ever registered", object.id.name),
        )],
        ..remedy::automatic(
            "drop-legacy-finalizer",
            format!("If the controller is gone for good: take {finalizer} off {}{job}", object.id),
            loss,
            action::drop_finalizer(object, finalizer).into_iter().collect(),
        )
    }
}
