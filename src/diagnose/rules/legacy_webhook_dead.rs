//! The admission webhooks of legacy mode cannot be called, so that not even a finalizer can be taken off.

use crate::arc;
use crate::arc::limits;
use crate::arc::marks;
use crate::arc::phrases::Means;
use crate::diagnose::action;
use crate::diagnose::controllers::starting_since;
use crate::diagnose::legacy;
use crate::diagnose::logs;
use crate::diagnose::logs::Log;
use crate::diagnose::remedy;
use crate::diagnose::report::Certainty;
use crate::diagnose::report::Class;
use crate::diagnose::report::Evidence;
use crate::diagnose::report::Loss;
use crate::diagnose::rule::Case;
use crate::diagnose::rule::Finding;
use crate::diagnose::rule::Findings;
use crate::diagnose::rule::Page;
use crate::diagnose::rule::Rule;
use crate::diagnose::webhooks;
use crate::diagnose::webhooks::Health;
use crate::diagnose::webhooks::Hook;
use crate::diagnose::wish::Sight;
use crate::graph::Node;
use crate::model::Object;
use crate::model::ObjectId;
use crate::model::Reading;

pub const RULE: Rule = Rule {
    class: Class::LegacyWebhookDead,
    reads: &[
        arc::DEPLOYMENT,
        arc::LEGACY_RUNNER,
        arc::LEGACY_RUNNER_DEPLOYMENT,
        arc::LEGACY_RUNNER_REPLICA_SET,
        arc::MUTATING_WEBHOOKS,
        arc::VALIDATING_WEBHOOKS,
        arc::NAMESPACE,
        arc::SERVICE,
        arc::ENDPOINT_SLICE,
        arc::POD_LOG,
    ],
    page: Page {
        summary: "legacy webhooks point at a dead Service",
        finds: "The webhook configurations of the legacy controller are there, and their Service is missing, has \
                no ready endpoint, or its certificate is not known to them.",
        why_it_blocks: "Their failure policy is Fail, and they are asked about every creation and update of \
                        Runners, RunnerDeployments and RunnerReplicaSets. Taking a finalizer off is an update: \
                        neither the controller nor a person can do it. Runner pods that carry the label by which \
                        the legacy controller injects their token cannot be created either.",
        neighbours: "admission-refuses: the webhook is somebody else's. legacy-finalizer: the updates get \
                     through, but nobody does them. controller-gone: runner scale sets, which have no webhooks.",
        what_to_do: "Bring the legacy controller back, and cert-manager if it makes the certificate. If legacy \
                     mode is gone for good, delete its mutating and its validating webhook configuration: no \
                     webhook is asked about that. Then see to the finalizers.",
        cost: "None once the controller is gone: the check has nothing left to protect.",
        sources: &["charts/actions-runner-controller/templates/webhook_configs.yaml", "TROUBLESHOOTING.md"],
    },
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    let kinds = [arc::LEGACY_RUNNER, arc::LEGACY_RUNNER_DEPLOYMENT, arc::LEGACY_RUNNER_REPLICA_SET];
    let objects: Vec<&Object> =
        kinds.into_iter().flat_map(|kind| case.view.list(&kind, None).objects).collect();
    let Some(first) = objects.first() else { return };
    for (sight, reading) in webhooks::unread(case.view) {
        wish(case, findings, &objects, &first.id, sight, reading);
    }
    for hook in webhooks::all(case.view).into_iter().filter(|hook| hook.is_legacy() && hook.fails_closed()) {
        let asked: Vec<&&Object> =
            objects.iter().filter(|object| hook.is_asked(case.view, object, "UPDATE")).collect();
        let Some(first) = asked.first() else { continue };
        let (why, evidence) = match hook.health(case.view) {
            // A controller that restarts is back within a moment, and its webhook with it.
            Health::Restarting => continue,
            Health::Dead(..) if restarts(case, &hook) => continue,
            Health::Dead(why, evidence) => (why, evidence),
            Health::Unseen(sight, reading) => {
                wish(case, findings, &objects, &first.id, sight, reading);
                continue;
            }
            // Something between the API server and the webhook may still be in the way: then something is stuck, and a
            // log says why. A call that failed while the webhook started is over.
            Health::Fine => {
                let stuck = asked.iter().any(|object| case.world.stuck.contains_key(&object.id));
                match failed(case, &hook).filter(|_| stuck) {
                    Some(evidence) => ("the API server cannot reach it".to_owned(), vec![evidence]),
                    None => continue,
                }
            }
        };
        let id = &hook.config.id;
        for object in asked {
            let because = format!("{} is asked about every change of it", hook.name());
            findings.wait(&object.id, &Node::Repair(id.clone()), because, evidence.clone());
        }
        findings.root(dead(&hook, &why, evidence));
    }
}

/// Asked for where something is stuck, and told as a gap there; elsewhere it only proves.
fn wish(
    case: &Case<'_>,
    findings: &mut Findings,
    objects: &[&Object],
    first: &ObjectId,
    sight: Sight,
    reading: Reading,
) {
    let stuck = objects.iter().find(|object| case.world.stuck.contains_key(&object.id));
    match stuck {
        Some(stuck) => findings.wish(&stuck.id, sight, reading, &[Class::LegacyWebhookDead]),
        None if reading == Reading::Unread => findings.wish_for_proof(first, sight),
        None => {}
    }
}

/// True if the legacy controller that answers for a webhook lost its last replica a moment ago.
fn restarts(case: &Case<'_>, hook: &Hook<'_>) -> bool {
    let Some(service) = hook.service().filter(|service| case.view.find(service).is_some()) else {
        return false;
    };
    let found = legacy::controllers(case.view).found.into_iter();
    found
        .filter(|id| id.namespace == service.namespace)
        .filter_map(|id| starting_since(case.view.find(&id)?))
        .any(|since| case.view.now().duration_since(since) < limits::CONTROLLER_RESTART)
}

/// A recent line of a log that says that calling this very webhook failed.
fn failed(case: &Case<'_>, hook: &Hook<'_>) -> Option<Evidence> {
    let service = hook.service()?;
    let logs = case.view.logs().iter().filter(|log| log.namespace == service.namespace);
    logs.into_iter().find_map(|log| {
        let pod = ObjectId::new(&arc::POD, &log.namespace, &log.pod);
        let Log::Read(tail) = logs::of_pod(case.view, &pod, &log.container) else { return None };
        let line = tail.lines().find(|line| {
            line.text.contains(hook.name())
                && line.phrase().is_some_and(|row| row.means == Means::WebhookFailed)
                && line.age(case.view.now()).is_none_or(|age| age < limits::LONGEST_RETRY)
        })?;
        Some(tail.evidence(case.view, line))
    })
}

fn dead(hook: &Hook<'_>, why: &str, evidence: Vec<Evidence>) -> Finding {
    let id = &hook.config.id;
    let waits_for_certificate = hook.config.annotation(marks::CERT_MANAGER_INJECTS).is_some();
    let certificate =
        if waits_for_certificate { ", and cert-manager, which makes its certificate" } else { "" };
    Finding {
        class: Class::LegacyWebhookDead,
        end: Node::Repair(id.clone()),
        object: id.clone(),
        members: Vec::new(),
        message: format!(
            "{} of {id} cannot be called: {why}; until it can, no Runner of legacy mode can be changed, not even its \
             finalizers",
            hook.name()
        ),
        certainty: Certainty::Proven,
        evidence,
        remedies: vec![
            remedy::by_hand(
                "restore-legacy-webhook",
                format!("Bring the legacy controller and its Service back{certificate}"),
                vec![remedy::get_command(id)],
            ),
            remedy::automatic(
                "delete-legacy-webhooks",
                format!("If legacy mode is gone for good: delete {id}; it protects nothing any more"),
                Loss::Reversible,
                vec![action::delete(id)],
            ),
        ],
    }
}
