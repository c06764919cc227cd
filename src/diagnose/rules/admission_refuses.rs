//! Admission refuses the very change that would bring an object further.

use crate::arc;
use crate::arc::limits;
use crate::arc::phrases;
use crate::arc::phrases::Means;
use crate::diagnose::action;
use crate::diagnose::conditions;
use crate::diagnose::logs;
use crate::diagnose::logs::Log;
use crate::diagnose::need::Need;
use crate::diagnose::need::Stuck;
use crate::diagnose::remedy;
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
use crate::diagnose::webhooks;
use crate::diagnose::webhooks::Health;
use crate::diagnose::webhooks::Hook;
use crate::graph::Node;
use crate::model::ObjectId;
use std::collections::BTreeMap;

pub const RULE: Rule = Rule {
    class: Class::AdmissionRefuses,
    reads: &[
        arc::MUTATING_WEBHOOKS,
        arc::VALIDATING_WEBHOOKS,
        arc::NAMESPACE,
        arc::SERVICE,
        arc::ENDPOINT_SLICE,
        arc::POD,
        arc::POD_LOG,
    ],
    page: Page {
        summary: "a webhook or policy refuses the change",
        finds: "An update or a deletion that would bring an object of ARC further is answered with a refusal by \
                admission: a webhook that cannot be reached, a webhook that says no, or an admission policy.",
        why_it_blocks: "Taking a finalizer off is an update, and the last one taken off makes the object go \
                        without any further deletion request. A webhook that is asked about updates therefore \
                        stands in the way of the controller and of a person alike. If its backend is gone and its \
                        failure policy is Fail, every such request fails. Deletions that the namespace controller \
                        sends are asked about as well; the instances that go with their CRD are not.",
        neighbours: "legacy-webhook-dead: the webhook is one of ARC's own, from legacy mode. rbac-missing: the \
                     authorizer refuses, before admission is asked. pod-create-denied: the refused request \
                     creates a runner's pod.",
        what_to_do: "Read who refuses: the answer names the webhook or the policy. A patch sent with \
                     --dry-run=server gets the same answer and changes nothing. Repair the webhook's Service, \
                     endpoints or certificate, or satisfy the policy. If whoever installed the webhook is gone for \
                     good, delete its configuration: no webhook is asked about that.",
        cost: "None for repairing it. Deleting the configuration takes the check away until it is installed \
               again.",
        sources: &[
            "kubernetes/apiserver pkg/admission/plugin/webhook/",
            "kubernetes/apiserver pkg/registry/generic/registry/store.go",
        ],
    },
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    let hooks = webhooks::all(case.view);
    let mut logs: BTreeMap<&ObjectId, Log<'_>> = BTreeMap::new();
    for stuck in case.world.stuck.values() {
        let mut said: Option<(Evidence, String, Means)> = conditions_say(case, stuck);
        let namespace = stuck.set.as_ref().map_or(&stuck.id.namespace, |set| &set.namespace);
        if let Some(controller) = case.world.controllers.alive(namespace)
            && stuck.needs.contains(&Need::Controller)
        {
            let log =
                logs.entry(&controller.id).or_insert_with(|| logs::of_controller(case.view, controller));
            if let Log::Read(tail) = log
                && let Some((line, row)) = tail.telling(&stuck.id)
                && matches!(row.means, Means::WebhookFailed | Means::AdmissionDenied)
                && line.age(case.view.now()).is_none_or(|age| age < limits::LONGEST_RETRY)
            {
                let words = if line.error().is_empty() { line.text } else { line.error() };
                said = Some((tail.evidence(case.view, line), words.to_owned(), row.means));
            }
        }
        match said {
            Some((evidence, words, means)) => refused(case, findings, &hooks, stuck, evidence, &words, means),
            None => foreseen(case, findings, &hooks, stuck),
        }
    }
}

/// What a terminating namespace says of deletions that failed.
fn conditions_say(case: &Case<'_>, stuck: &Stuck) -> Option<(Evidence, String, Means)> {
    let namespace = case.view.subject(&stuck.id).filter(|object| object.id.kind == arc::NAMESPACE)?;
    let message = conditions::content_failure(namespace)?;
    let row = phrases::phrase(message)?;
    let field = "status.conditions[NamespaceDeletionContentFailure]";
    matches!(row.means, Means::WebhookFailed | Means::AdmissionDenied)
        .then(|| (case.view.evidence(&stuck.id, field, message), message.to_owned(), row.means))
}

/// The API server has said who refuses.
fn refused(
    case: &Case<'_>,
    findings: &mut Findings,
    hooks: &[Hook<'_>],
    stuck: &Stuck,
    says: Evidence,
    words: &str,
    means: Means,
) {
    let Some((name, is_policy)) = webhooks::named_in(words) else { return };
    if is_policy {
        let id = ObjectId::new(&arc::ADMISSION_POLICY, "", &name);
        return root(findings, stuck, &id, &name, SAYS_NO, Certainty::Proven, vec![says]);
    }
    let Some(hook) = hooks.iter().find(|hook| hook.name() == name) else {
        for (sight, reading) in webhooks::unread(case.view) {
            findings.wish(&stuck.id, sight, reading, &[Class::AdmissionRefuses]);
        }
        return;
    };
    if hook.is_legacy() {
        return;
    }
    if means != Means::WebhookFailed {
        return root(findings, stuck, &hook.config.id, &name, SAYS_NO, Certainty::Proven, vec![says]);
    }
    let certainty = match hook.health(case.view) {
        // It comes back by itself, and the controller tries again.
        Health::Restarting => return,
        // What failed may be over, or be on the way between the API server and the webhook.
        Health::Fine => Certainty::Likely,
        Health::Dead(..) | Health::Unseen(..) => Certainty::Proven,
    };
    root(findings, stuck, &hook.config.id, &name, CANNOT_BE_CALLED, certainty, vec![says]);
}

/// Nobody has said so, but a webhook that is asked about every update of the object cannot answer.
fn foreseen(case: &Case<'_>, findings: &mut Findings, hooks: &[Hook<'_>], stuck: &Stuck) {
    if stuck.finalizers.is_empty() {
        return;
    }
    let Some(object) = case.view.subject(&stuck.id) else { return };
    let asked = hooks.iter().filter(|hook| {
        !hook.is_legacy() && hook.fails_closed() && hook.is_asked(case.view, object, "UPDATE")
    });
    for hook in asked {
        match hook.health(case.view) {
            Health::Fine | Health::Restarting => {}
            Health::Unseen(sight, reading) => {
                findings.wish(&stuck.id, sight, reading, &[Class::AdmissionRefuses]);
            }
            Health::Dead(why, evidence) => {
                let certainty = if hook.is_conditional() { Certainty::Likely } else { Certainty::Proven };
                let how = format!("cannot be called: {why}");
                root(findings, stuck, &hook.config.id, hook.name(), &how, certainty, evidence);
            }
        }
    }
}

fn root(
    findings: &mut Findings,
    stuck: &Stuck,
    id: &ObjectId,
    name: &str,
    how: &str,
    certainty: Certainty,
    evidence: Vec<Evidence>,
) {
    let because = format!("{name} is asked about every change of it");
    findings.wait(&stuck.id, &Node::Repair(id.clone()), because, evidence.clone());
    if findings.saw_again(Class::AdmissionRefuses, id, evidence.clone()) {
        return;
    }
    let doubt = match certainty {
        Certainty::Proven => "",
        Certainty::Likely if how == CANNOT_BE_CALLED => {
            "; its Service has ready endpoints by now, and a patch with --dry-run=server would prove it"
        }
        Certainty::Likely => {
            "; it has conditions that are not looked at here, and a patch with --dry-run=server would prove it"
        }
    };
    findings.root(Finding {
        class: Class::AdmissionRefuses,
        end: Node::Repair(id.clone()),
        object: id.clone(),
        members: Vec::new(),
        message: format!("{name} of {id} {how}, so that no update of {} gets through{doubt}", stuck.id),
        certainty,
        evidence,
        remedies: remedies(id, name, how),
    });
}

/// What answers does its work: it is not to be deleted because it says no.
const SAYS_NO: &str = "says no";
const CANNOT_BE_CALLED: &str = "cannot be called";

fn remedies(id: &ObjectId, name: &str, how: &str) -> Vec<Remedy> {
    if how == SAYS_NO {
        let title = format!("Satisfy what {name} demands, or let whoever runs it make an exception");
        return vec![remedy::by_hand("satisfy-admission", title, vec![remedy::get_command(id)])];
    }
    vec![
        remedy::by_hand(
            "repair-admission",
            format!("Bring back what answers for {name}"),
            vec![remedy::get_command(id)],
        ),
        remedy::automatic(
            "delete-admission-configuration",
            format!("Only if whoever installed it is gone for good: delete {id}, and with it its check"),
            Loss::Reversible,
            vec![action::delete(id)],
        ),
    ]
}
