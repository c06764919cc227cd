//! A CRD waits for instances that cannot be seen, or that wait for nothing that could be named.

use crate::diagnose::action::Action;
use crate::diagnose::need::Need;
use crate::diagnose::remedy;
use crate::diagnose::report::Applicability;
use crate::diagnose::report::Certainty;
use crate::diagnose::report::Class;
use crate::diagnose::report::Loss;
use crate::diagnose::report::Remedy;
use crate::diagnose::rule::Case;
use crate::diagnose::rule::Finding;
use crate::diagnose::rule::Findings;
use crate::diagnose::rule::Page;
use crate::diagnose::rule::Rule;
use crate::graph::Node;
use crate::model::ObjectId;

pub const RULE: Rule = Rule {
    class: Class::CrdTerminating,
    // It looks only at the CRD itself.
    reads: &[],
    page: Page {
        summary: "the CRD still waits for its instances",
        finds: "A CustomResourceDefinition of ARC is Terminating and stays so.",
        why_it_blocks: "Deleting a CRD deletes all its instances first, and each of these waits for its finalizers. \
                        Meanwhile no new instance can be created, so no runner set can be installed.",
        neighbours: "Mostly the CRD is not the root: its instances wait for something (controller-gone, \
                     secret-missing, rbac-missing), and that is named instead. This class is left where no instance \
                     can be seen and the CRD stays all the same.",
        what_to_do: "Cure what the instances wait for. Never take the CRD's own finalizer off: the instances would \
                     stay in the cluster's storage, out of reach, and come back with the next CRD. The condition \
                     Terminating changes about once a minute between InstanceDeletionInProgress and \
                     InstanceDeletionCheck; that is no progress.",
        cost: "None for curing the instances.",
        sources: &["kubernetes/apiextensions-apiserver pkg/controller/finalizer/crd_finalizer.go"],
    },
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    for stuck in case.world.stuck.values().filter(|stuck| stuck.needs.contains(&Need::Instances)) {
        if case.view.subject(&stuck.id).is_none() {
            continue;
        }
        if case.world.gaps.iter().any(|(subject, _)| *subject == stuck.id) {
            continue;
        }
        findings.root(leftover(case, &stuck.id));
    }
}

fn leftover(case: &Case<'_>, id: &ObjectId) -> Finding {
    let condition = case.view.subject(id).filter(|crd| !crd.metadata_only).and_then(|crd| {
        crd.items("/status/conditions")
            .iter()
            .find(|condition| {
                condition.get("type").and_then(serde_json::Value::as_str) == Some("Terminating")
            })
            .and_then(|condition| condition.get("message")?.as_str())
    });
    let mut evidence = vec![case.view.evidence(id, "instances", "none was found")];
    if let Some(message) = condition {
        evidence.push(case.view.evidence(id, "status.conditions[Terminating]", message));
    }
    Finding {
        class: Class::CrdTerminating,
        end: Node::Object(id.clone()),
        object: id.clone(),
        members: Vec::new(),
        message: format!(
            "{id} is being deleted, no instance of it was found, and it stays; the API server's log tells why"
        ),
        certainty: Certainty::Likely,
        evidence,
        remedies: vec![Remedy {
            id: "look-for-instances",
            title: "Look for instances in all namespaces, and cure what they wait for".to_owned(),
            loss: Loss::None,
            applicability: Applicability::Manual,
            actions: vec![Action::Command(format!(
                "kubectl get {} --all-namespaces",
                remedy::word(&id.name)
            ))],
            leaves: Vec::new(),
        }],
    }
}
