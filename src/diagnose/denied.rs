//! What is behind it when the API server refuses a runner's pod, and what there is to repair.

use super::action::Action;
use super::need::Stuck;
use super::quota::full;
use super::remedy;
use super::report::Applicability;
use super::report::Certainty;
use super::report::Evidence;
use super::report::Loss;
use super::report::Remedy;
use super::rule::Case;
use super::rule::Findings;
use super::wish::Sight;
use crate::arc;
use crate::arc::denials::Denier;
use crate::model::GroupKind;
use crate::model::Lookup;
use crate::model::Object;
use crate::model::ObjectId;
use crate::model::Reading;

/// What is behind a refusal.
pub struct Cause {
    pub object: ObjectId,
    pub certainty: Certainty,
    pub evidence: Vec<Evidence>,
    pub text: String,
    pub remedy: Remedy,
}

pub fn needs_value(id: &'static str, title: String, commands: Vec<String>) -> Remedy {
    Remedy {
        id,
        title,
        loss: Loss::None,
        applicability: Applicability::NeedsValue,
        actions: commands.into_iter().map(Action::Command).collect(),
        leaves: Vec::new(),
    }
}

/// A quota that has room by now refuses no more: what is left are the Failed runners.
pub fn quota(
    case: &Case<'_>,
    findings: &mut Findings,
    stuck: &Stuck,
    name: &str,
    words: &str,
) -> Option<Cause> {
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

/// The LimitRange is not named: if there is one, it is that.
pub fn limit_range(case: &Case<'_>, findings: &mut Findings, stuck: &Stuck, set: &ObjectId) -> Cause {
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

pub fn webhook(case: &Case<'_>, findings: &mut Findings, stuck: &Stuck, set: &ObjectId, name: &str) -> Cause {
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

pub fn policy(name: &str) -> Cause {
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
pub fn of_the_set(set: &ObjectId, denier: Denier) -> Cause {
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
