//! The API server refuses the runners' pods.

use crate::arc;
use crate::arc::denials::Denier;
use crate::arc::denials::denial;
use crate::diagnose::denied;
use crate::diagnose::denied::Cause;
use crate::diagnose::need::Need;
use crate::diagnose::need::Stuck;
use crate::diagnose::quota::full;
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

pub const RULE: Rule = Rule {
    class: Class::PodCreateDenied,
    reads: &[arc::RESOURCE_QUOTA, arc::LIMIT_RANGE, arc::VALIDATING_WEBHOOKS, arc::MUTATING_WEBHOOKS],
    page: Page {
        summary: "the API server refuses the runner's pod",
        finds: "An EphemeralRunner has no pod because the request to create it was refused: a quota is used up, a \
                LimitRange, a policy, pod security or a webhook says no, or the pod's spec is invalid.",
        why_it_blocks: "From 0.8 the controller takes such a refusal for final: the runner becomes Failed, with \
                        the API server's words in status.message, and is not tried again. From 0.13.1 a quota \
                        that is used up is tried again every 30 seconds, and the runner is replaced after ten \
                        minutes.",
        neighbours: "failed-runner-slots: what is left behind. rbac-missing: it is the authorizer that refuses, \
                     and the message says that the ServiceAccount cannot create pods. namespace-terminating: \
                     nothing can be created any more. pod-cannot-start: the pod was accepted.",
        what_to_do: "Read status.message: it names what refuses. Make room in the quota, or bring the template in \
                     line with the policy. If the live template differs from the chart's, delete the runner set \
                     and install it again. Then delete the Failed runners.",
        cost: "None.",
        sources: &[
            "controllers/actions.github.com/ephemeralrunner_controller.go",
            "github.com/actions/actions-runner-controller/issues/3629",
        ],
    },
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    for stuck in case.world.stuck.values() {
        let words = stuck.needs.iter().find_map(|need| match need {
            Need::Admission { words } => Some(words.as_str()),
            _ => None,
        });
        match words {
            None => {}
            Some("") => waits_for_room(case, findings, stuck),
            Some(words) => refused(case, findings, stuck, words),
        }
    }
}

/// A runner that keeps the API server's words.
fn refused(case: &Case<'_>, findings: &mut Findings, stuck: &Stuck, words: &str) {
    let Some(set) = stuck.set.as_ref() else { return };
    let said = case.view.evidence(&stuck.id, "status.message", words);
    let cause = match denial(words) {
        // The authorizer and the namespace have rules of their own.
        Some((Denier::Elsewhere, _)) => return,
        Some((Denier::Quota, name)) => match denied::quota(case, findings, stuck, name, words) {
            Some(cause) => cause,
            None => return,
        },
        Some((Denier::LimitRange, _)) => denied::limit_range(case, findings, stuck, set),
        Some((Denier::Webhook, name)) => denied::webhook(case, findings, stuck, set, name),
        Some((Denier::Policy, name)) => denied::policy(name),
        Some((denier, _)) => denied::of_the_set(set, denier),
        None => denied::of_the_set(set, Denier::Spec),
    };
    add(findings, stuck, set, cause, said);
}

fn add(findings: &mut Findings, stuck: &Stuck, set: &ObjectId, cause: Cause, said: Evidence) {
    let Cause { object, certainty, mut evidence, text, remedy } = cause;
    let end = if object == *set { Node::Repair(object.clone()) } else { Node::Object(object.clone()) };
    findings.wait(&stuck.id, &end, "the API server refused its pod", vec![said.clone()]);
    evidence.insert(0, said);
    if findings.saw_again(Class::PodCreateDenied, &object, evidence.clone()) {
        return;
    }
    findings.root(Finding {
        class: Class::PodCreateDenied,
        object,
        end,
        members: Vec::new(),
        message: text,
        certainty,
        evidence,
        remedies: vec![remedy],
    });
}

/// From 0.13.1 on a runner whose pod does not fit into a quota waits, and nothing in it says so.
fn waits_for_room(case: &Case<'_>, findings: &mut Findings, stuck: &Stuck) {
    let Some(set) = stuck.set.as_ref() else { return };
    let listing = case.view.list(&arc::RESOURCE_QUOTA, Some(&stuck.id.namespace));
    if !listing.reading.is_complete() {
        let sight =
            Sight::List { kind: arc::RESOURCE_QUOTA, namespace: stuck.id.namespace.clone(), selector: None };
        findings.wish(&stuck.id, sight, listing.reading.clone(), &[Class::PodCreateDenied]);
    }
    let full = listing.objects.into_iter().find_map(|quota| Some((quota, full(case.view, quota, stuck)?)));
    let Some((quota, said)) = full else { return };
    let text = format!(
        "{} has no room for another runner, and {} has no pod; the controller's log would prove that this is why",
        quota.id, stuck.id
    );
    let (namespace, name) = (remedy::word(&quota.id.namespace), remedy::word(&quota.id.name));
    let remedy = denied::needs_value(
        "raise-quota",
        format!("Raise {}, or make room in {namespace}", quota.id),
        vec![format!("kubectl describe resourcequota -n {namespace} {name}")],
    );
    let cause =
        Cause { object: quota.id.clone(), certainty: Certainty::Likely, evidence: Vec::new(), text, remedy };
    add(findings, stuck, set, cause, said);
}
