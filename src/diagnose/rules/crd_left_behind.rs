//! ARC was uninstalled and its CRDs stayed. Nothing is stuck.

use crate::arc;
use crate::diagnose::action::Action;
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
    class: Class::CrdLeftBehind,
    reads: &[
        arc::CRD,
        arc::AUTOSCALING_RUNNER_SET,
        arc::AUTOSCALING_LISTENER,
        arc::EPHEMERAL_RUNNER_SET,
        arc::EPHEMERAL_RUNNER,
    ],
    page: Page {
        summary: "CRDs stayed after ARC was uninstalled",
        finds: "The CRDs of ARC are there, and there is neither an instance of them nor a controller.",
        why_it_blocks: "It blocks nothing. But Helm installs CRDs only where there are none, and never upgrades or \
                        deletes them: the next controller meets the CRDs of the old one, and fields that they do not \
                        know are dropped without a word.",
        neighbours: "crd-terminating: the CRDs are being deleted. crd-skew: a controller already runs on them.",
        what_to_do: "Before installing another minor version, delete the CRDs, or apply those of the new version \
                     with server-side apply.",
        cost: "None: there is no instance.",
        sources: &["charts/gha-runner-scale-set-controller/crds/", "helm/helm pkg/action/install.go"],
    },
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    let crds: Vec<ObjectId> = arc::SCALE_SET_KINDS
        .iter()
        .filter_map(arc::kind_row)
        .map(|row| ObjectId::new(&arc::CRD, "", &format!("{}.{}", row.plural, row.group)))
        .filter(|id| case.view.find(id).is_some_and(|crd| !crd.is_deleting()))
        .collect();
    let Some(first) = crds.first() else { return };
    let unused = arc::SCALE_SET_KINDS.iter().all(|kind| {
        let listing = case.view.list(kind, None);
        listing.objects.is_empty() && listing.reading.is_complete()
    });
    let controllers = &case.world.controllers;
    if !unused || !controllers.found.is_empty() || !controllers.reading.is_complete() {
        return;
    }
    let names: Vec<String> = crds.iter().map(|id| remedy::word(&id.name)).collect();
    findings.notice(Finding {
        class: Class::CrdLeftBehind,
        end: Node::Object(first.clone()),
        object: first.clone(),
        members: crds.clone(),
        message: format!("{} CRDs of ARC are left, without instances and without a controller", crds.len()),
        certainty: Certainty::Proven,
        evidence: crds.iter().map(|id| case.view.evidence(id, "exists", "yes, with no instance")).collect(),
        remedies: vec![Remedy {
            id: "delete-crds",
            title: "Delete the CRDs before installing another minor version".to_owned(),
            loss: Loss::None,
            applicability: Applicability::Manual,
            actions: vec![Action::Command(format!("kubectl delete crd {}", names.join(" ")))],
            leaves: Vec::new(),
        }],
    });
}
