//! The API server refuses the runners' pods.

use crate::arc;
use crate::arc::denials::Denier;
use crate::arc::denials::denial;
use crate::arc::limits;
use crate::diagnose::denied;
use crate::diagnose::denied::Cause;
use crate::diagnose::logs;
use crate::diagnose::logs::Log;
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
    reads: &[
        arc::RESOURCE_QUOTA,
        arc::LIMIT_RANGE,
        arc::VALIDATING_WEBHOOKS,
        arc::MUTATING_WEBHOOKS,
        arc::POD_LOG,
    ],
    page: Page {
        summary: "the API server refuses the runner's pod",
        finds: "An EphemeralRunner has no pod because the request to create it was refused: a quota is used up, a \
                LimitRange, a policy, pod security or a webhook says no, or the pod's spec is invalid.",
        why_it_blocks: "From 0.8 the controller takes such a refusal for final: the runner becomes Failed, with \
                        the API server's words in status.message, and is not tried again. Before, it is tried \
                        again and again, and only the controller's log says why. From 0.13.1 a quota \
                        that is used up is tried again every 30 seconds, and the runner is replaced after ten \
                        minutes.",
        neighbours: "failed-runner-slots: what is left behind. rbac-missing: it is the authorizer that refuses, \
                     and the message says that the ServiceAccount cannot create pods. namespace-terminating: \
                     nothing can be created any more. pod-cannot-start: the pod was accepted.",
        what_to_do: "Read status.message, or the controller's log where the runner has no message: it names what \
                     refuses. Make room in the quota, or bring the template in \
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
            // Up to 0.7 no refusal is kept, from 0.13.1 on that of a quota is not.
            Some("") if logged(case, findings, stuck) => {}
            Some("") => waits_for_room(case, findings, stuck),
            Some(words) => {
                let said = case.view.evidence(&stuck.id, "status.message", words);
                refused(case, findings, stuck, words, said);
            }
        }
    }
}

/// The controller's last words about a runner without a pod tell of a refusal. False: they do not, or not in time.
fn logged(case: &Case<'_>, findings: &mut Findings, stuck: &Stuck) -> bool {
    let Some(controller) = stuck.set.as_ref().and_then(|set| case.world.controllers.alive(&set.namespace))
    else {
        return false;
    };
    let tail = match logs::of_controller(case.view, controller) {
        Log::Read(tail) => tail,
        Log::Unread(reading) => {
            let sight = Sight::ControllerLog(controller.id.clone());
            findings.wish(&stuck.id, sight, reading, &[Class::PodCreateDenied]);
            return false;
        }
    };
    let Some(line) = tail.of(&stuck.id).find(|line| !line.error().is_empty()) else { return false };
    let words = line.error();
    let is_new = line.age(case.view.now()).is_some_and(|age| age < limits::LONGEST_RETRY);
    // Admission refuses other changes in the same words, but for the pod that it is about.
    let of_a_pod = POD_WORDS.iter().any(|word| words.contains(word));
    let who = denial(words).filter(|_| is_new && of_a_pod).map(|(who, _)| who);
    // Who is asked about all changes is judged by that.
    if matches!(who, None | Some(Denier::Elsewhere | Denier::Webhook | Denier::Policy)) {
        return false;
    }
    refused(case, findings, stuck, words, tail.evidence(case.view, line))
}

/// How the API server begins when it is a pod that it refuses.
const POD_WORDS: [&str; 2] = ["pods \"", "Pod \""];

/// The API server's words say who refuses. False: that is not to be said here, or is over.
fn refused(case: &Case<'_>, findings: &mut Findings, stuck: &Stuck, words: &str, said: Evidence) -> bool {
    let Some(set) = stuck.set.as_ref() else { return false };
    let cause = match denial(words) {
        // The authorizer and the namespace have rules of their own.
        Some((Denier::Elsewhere, _)) => return false,
        Some((Denier::Quota, name)) => match denied::quota(case, findings, stuck, name, words) {
            Some(cause) => cause,
            None => return false,
        },
        Some((Denier::LimitRange, _)) => denied::limit_range(case, findings, stuck, set),
        Some((Denier::Webhook, name)) => denied::webhook(case, findings, stuck, set, name),
        Some((Denier::Policy, name)) => denied::policy(name),
        Some((denier, _)) => denied::of_the_set(set, denier),
        None => denied::of_the_set(set, Denier::Spec),
    };
    add(findings, stuck, set, cause, said);
    true
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
