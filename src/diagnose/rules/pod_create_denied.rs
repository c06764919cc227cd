//! The API server refuses the runners' pods.

use crate::arc;
use crate::arc::denials::Denier;
use crate::arc::denials::denial;
use crate::diagnose::need::Need;
use crate::diagnose::need::Stuck;
use crate::diagnose::quota::full;
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
use crate::diagnose::wish::Sight;
use crate::graph::Node;
use crate::model::GroupKind;
use crate::model::Lookup;
use crate::model::Object;
use crate::model::ObjectId;
use crate::model::Reading;

pub const RULE: Rule = Rule {
    class: Class::PodCreateDenied,
    reads: &[
        arc::RESOURCE_QUOTA,
        arc::LIMIT_RANGE,
        arc::VALIDATING_WEBHOOKS,
        arc::MUTATING_WEBHOOKS,
        arc::ADMISSION_POLICY,
    ],
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

/// What is behind a refusal.
struct Cause {
    object: ObjectId,
    certainty: Certainty,
    evidence: Vec<Evidence>,
    text: String,
    remedy: Remedy,
}

/// A runner that keeps the API server's words.
fn refused(case: &Case<'_>, findings: &mut Findings, stuck: &Stuck, words: &str) {
    let Some(set) = stuck.set.as_ref() else { return };
    let said = case.view.evidence(&stuck.id, "status.message", words);
    let cause = match denial(words) {
        // The authorizer and the namespace have rules of their own.
        Some((Denier::Elsewhere, _)) => return,
        Some((Denier::Quota, name)) => match quota(case, findings, stuck, name, words) {
            Some(cause) => cause,
            None => return,
        },
        Some((Denier::LimitRange, _)) => limit_range(case, findings, stuck, set),
        Some((Denier::Webhook, name)) => webhook(case, findings, stuck, set, name),
        Some((Denier::Policy, name)) => policy(name),
        Some((denier, _)) => of_the_set(set, denier),
        None => of_the_set(set, Denier::Spec),
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

fn needs_value(id: &'static str, title: String, commands: Vec<String>) -> Remedy {
    Remedy {
        id,
        title,
        loss: Loss::None,
        applicability: Applicability::NeedsValue,
        commands,
        leaves: Vec::new(),
    }
}

/// A quota that has room by now refuses no more: what is left are the Failed runners.
fn quota(case: &Case<'_>, findings: &mut Findings, stuck: &Stuck, name: &str, words: &str) -> Option<Cause> {
    let id = ObjectId::new(&arc::RESOURCE_QUOTA, &stuck.id.namespace, name);
    let must_specify = words.contains("must specify");
    let (certainty, evidence) = match case.view.look(&id) {
        Lookup::Absent => return None,
        Lookup::Found(_) if must_specify => (Certainty::Proven, Vec::new()),
        Lookup::Found(object) => match full(case.view, object, stuck) {
            Some(evidence) => (Certainty::Proven, vec![evidence]),
            None => return None,
        },
        Lookup::Unread(_) => {
            findings.wish_for_proof(&stuck.id, Sight::Object(id.clone()));
            (Certainty::Likely, Vec::new())
        }
    };
    let (namespace, quota) = (remedy::word(&id.namespace), remedy::word(&id.name));
    let (text, title) = if must_specify {
        let text = format!("{id} wants requests or limits that the runners' pods do not name");
        (text, format!("Name what {id} asks for in the template of the runner set"))
    } else {
        (format!("{id} has no room for another runner"), format!("Raise {id}, or make room in {namespace}"))
    };
    let text = match certainty {
        Certainty::Proven => text,
        Certainty::Likely => format!("{text}; that it is still used up would prove it"),
    };
    let command = format!("kubectl describe resourcequota -n {namespace} {quota}");
    let remedy = needs_value("raise-quota", title, vec![command]);
    Some(Cause { object: id, certainty, evidence, text, remedy })
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
    let remedy = needs_value(
        "raise-quota",
        format!("Raise {}, or make room in {namespace}", quota.id),
        vec![format!("kubectl describe resourcequota -n {namespace} {name}")],
    );
    let cause =
        Cause { object: quota.id.clone(), certainty: Certainty::Likely, evidence: Vec::new(), text, remedy };
    add(findings, stuck, set, cause, said);
}

/// The LimitRange is not named: if there is one, it is that.
fn limit_range(case: &Case<'_>, findings: &mut Findings, stuck: &Stuck, set: &ObjectId) -> Cause {
    let listing = case.view.list(&arc::LIMIT_RANGE, Some(&stuck.id.namespace));
    if listing.reading == Reading::Unread {
        let sight =
            Sight::List { kind: arc::LIMIT_RANGE, namespace: stuck.id.namespace.clone(), selector: None };
        findings.wish_for_proof(&stuck.id, sight);
    }
    let object = match listing.objects.as_slice() {
        [only] => only.id.clone(),
        _ => set.clone(),
    };
    let text = if object == *set {
        format!("a LimitRange in {} refuses the pods of {set}", set.namespace)
    } else {
        format!("{object} refuses the pods of {set}")
    };
    let title =
        format!("Bring the requests and limits in the template of {set} within the LimitRange, or change it");
    let command = format!("kubectl describe limitrange -n {}", remedy::word(&set.namespace));
    let remedy = needs_value("fit-limit-range", title, vec![command]);
    Cause { object, certainty: Certainty::Proven, evidence: Vec::new(), text, remedy }
}

fn webhook(case: &Case<'_>, findings: &mut Findings, stuck: &Stuck, set: &ObjectId, name: &str) -> Cause {
    let mut owner: Option<ObjectId> = None;
    for kind in [arc::VALIDATING_WEBHOOKS, arc::MUTATING_WEBHOOKS] {
        let listing = case.view.list(&kind, None);
        let holds = |object: &&&Object| {
            object.items("/webhooks").iter().any(|webhook| webhook["name"].as_str() == Some(name))
        };
        owner = owner.or_else(|| listing.objects.iter().find(holds).map(|object| object.id.clone()));
        if owner.is_none() && listing.reading == Reading::Unread {
            let sight = Sight::List { kind: kind.clone(), namespace: String::new(), selector: None };
            findings.wish_for_proof(&stuck.id, sight);
        }
    }
    let text = format!("admission webhook \"{name}\" refuses the pods of {set}");
    let title = format!(
        "Bring the template of {set} in line with what the webhook asks for, or let the webhook leave the namespace out"
    );
    let commands = owner.iter().map(get).collect();
    let remedy = needs_value("satisfy-policy", title, commands);
    let object = owner.unwrap_or_else(|| set.clone());
    Cause { object, certainty: Certainty::Proven, evidence: Vec::new(), text, remedy }
}

fn policy(name: &str) -> Cause {
    let object = ObjectId::new(&arc::ADMISSION_POLICY, "", name);
    let title = "Bring the template of the runner set in line with the policy, or let its binding leave the \
                 namespace out"
        .to_owned();
    let remedy = needs_value("satisfy-policy", title, vec![get(&object)]);
    let text = format!("{object} refuses the runners' pods");
    Cause { object, certainty: Certainty::Proven, evidence: Vec::new(), text, remedy }
}

fn get(id: &ObjectId) -> String {
    format!("kubectl get {} {} -o yaml", resource(&id.kind), remedy::word(&id.name))
}

fn resource(kind: &GroupKind) -> &'static str {
    arc::kind_row(kind).map_or("", |row| row.plural)
}

/// It is the pod that is wrong, and with it the template.
fn of_the_set(set: &ObjectId, denier: Denier) -> Cause {
    let (text, title) = match denier {
        Denier::PodSecurity => (
            format!("the pod security level of namespace {} refuses the pods of {set}", set.namespace),
            "Bring the template within that level, or give the namespace another one (docker in docker needs privileged)",
        ),
        Denier::SecurityContext => (
            format!("no security context constraint lets the pods of {set} in"),
            "Give the runners' ServiceAccount a constraint that fits, or bring the template within one",
        ),
        Denier::Missing => (
            format!("the pods of {set} name something that does not exist"),
            "Make what the message names, or take it out of the template",
        ),
        _ => (
            format!("the API server does not accept the pod that the template of {set} describes"),
            "Put the template right; if the live object differs from what the chart makes, install the set again",
        ),
    };
    let remedy = needs_value("repair-template", title.to_owned(), Vec::new());
    Cause { object: set.clone(), certainty: Certainty::Proven, evidence: Vec::new(), text, remedy }
}
