//! The CRDs or the stored objects do not go together with what the controller was built for.

use crate::arc;
use crate::arc::limits;
use crate::arc::phrases::Means;
use crate::diagnose::controllers::Controller;
use crate::diagnose::demanding::demanding;
use crate::diagnose::legacy;
use crate::diagnose::logs;
use crate::diagnose::logs::Log;
use crate::diagnose::need::Need;
use crate::diagnose::not_served::apply_crds;
use crate::diagnose::not_served::crds;
use crate::diagnose::not_served::live;
use crate::diagnose::not_served::missing;
use crate::diagnose::remedy;
use crate::diagnose::report::Certainty;
use crate::diagnose::report::Class;
use crate::diagnose::report::Evidence;
use crate::diagnose::rule::Case;
use crate::diagnose::rule::Finding;
use crate::diagnose::rule::Findings;
use crate::diagnose::rule::Page;
use crate::diagnose::rule::Rule;
use crate::diagnose::undecodable::undecodable;
use crate::diagnose::wish::Sight;
use crate::graph::Node;
use crate::model::Object;
use crate::model::ObjectId;
use std::collections::BTreeSet;

pub const RULE: Rule = Rule {
    class: Class::CrdSkew,
    reads: &[
        arc::CRD,
        arc::AUTOSCALING_RUNNER_SET,
        arc::EPHEMERAL_RUNNER_SET,
        arc::EPHEMERAL_RUNNER,
        arc::DEPLOYMENT,
        arc::POD,
        arc::POD_LOG,
    ],
    page: Page {
        summary: "the CRDs and the controller do not go together",
        finds: "A CRD of ARC is missing, older or newer than the controller, or was made anew under a running \
                controller, or a stored object has a form that the controller cannot decode.",
        why_it_blocks: "Helm installs CRDs once and never upgrades them. Fields that an old CRD does not know are \
                        dropped without a word: a controller from 0.13 never learns from older CRDs that a \
                        runner has a job. A required field that old objects lack makes every update of them \
                        invalid, even taking a finalizer off: up to 0.8.3 EphemeralRunnerSets had no \
                        spec.patchID, which CRDs from 0.9.0 demand. One object that cannot be decoded blinds the \
                        controller for all of its kind: a runner with failures recorded by 0.11 or older does \
                        this to a controller from 0.12.0.",
        neighbours: "version-mismatch: the runner set's label and the controller's build do not fit. \
                     crd-terminating: the CRD is being deleted. crd-left-behind: old CRDs, but no controller runs \
                     on them yet. controller-not-reconciling: everything fits and nothing moves.",
        what_to_do: "Apply the CRDs of the controller's version with server-side apply (they are too large for a \
                     plain apply) and restart the controller. For an object that cannot be decoded, remove the \
                     field through the status subresource, or delete the object and take its finalizers off by \
                     hand. For a missing required field, add it in the same patch that takes the finalizer off.",
        cost: "None for the CRDs. A runner that is let go without the controller stays listed at GitHub for a \
               while, and its job is lost.",
        sources: &[
            "charts/gha-runner-scale-set-controller/crds/",
            "apis/actions.github.com/v1alpha1/ephemeralrunner_types.go",
            "apis/actions.github.com/v1alpha1/ephemeralrunnerset_types.go",
        ],
    },
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    for controller in case.world.controllers.found.iter().filter(|controller| controller.desired > 0) {
        let waiting = waiting_for(case, controller);
        if let Some(finding) = missing(case, controller) {
            // What is well so far gets and loses no runner either.
            let served: BTreeSet<ObjectId> = waiting.into_iter().chain(live(case, controller)).collect();
            if served.is_empty() {
                // Where somebody is taking all of them away, the last one is the matter.
                let leaving =
                    crds().into_iter().find(|id| case.view.find(id).is_some_and(Object::is_deleting));
                if let Some(crd) = leaving {
                    let because = "the CRDs are being removed, and this one is still there";
                    findings.wait(&controller.id, &Node::Object(crd), because, Vec::new());
                    continue;
                }
                let because = "it does not work without it";
                findings.wait(&controller.id, &finding.end, because, Vec::new());
            }
            tell(findings, finding, served);
            continue;
        }
        if !controller.is_alive() {
            continue;
        }
        if waiting.is_empty() {
            continue;
        }
        if demanding(case, findings, controller, &waiting, vec![apply_crds(controller)]) {
            continue;
        }
        let found = undecodable(case, findings, controller).or_else(|| replaced(case, findings, controller));
        if let Some(finding) = found {
            tell(findings, finding, waiting);
        }
    }
    legacy(case, findings);
}

fn tell(findings: &mut Findings, finding: Finding, waiting: impl IntoIterator<Item = ObjectId>) {
    for id in waiting.into_iter().filter(|id| finding.end != Node::Object(id.clone())) {
        let because = "the controller does not see the objects of this kind";
        findings.wait(&id, &finding.end, because, Vec::new());
    }
    findings.root(finding);
}

/// Helm does not upgrade CRDs: an old one of legacy mode demands what a newer controller does not write any more.
fn legacy(case: &Case<'_>, findings: &mut Findings) {
    let waiting = case.world.stuck.values().filter(|stuck| stuck.needs.contains(&Need::LegacyController));
    let waiting: Vec<&ObjectId> = waiting.map(|stuck| &stuck.id).collect();
    let Some(row) = arc::kind_row(&arc::LEGACY_RUNNER).filter(|_| !waiting.is_empty()) else { return };
    let Some(controller) = legacy::controllers(case.view).alive else { return };
    let Log::Read(tail) = logs::of_deployment(case.view, &controller) else { return };
    let Some((line, _)) = tail.meaning(Means::FieldRequired) else { return };
    let Some(certainty) = line.certainty(case.view.now()) else { return };
    let proof = match certainty {
        Certainty::Proven => "",
        Certainty::Likely => "; a line of its log with a time of today would prove it",
    };
    let crd = ObjectId::new(&arc::CRD, "", &format!("{}.{}", row.plural, row.group));
    let end = Node::Repair(crd.clone());
    let evidence = vec![tail.evidence(case.view, line)];
    for id in waiting {
        findings.wait(
            id,
            &end,
            "the controller writes its status first, and that is refused",
            evidence.clone(),
        );
    }
    findings.root(Finding {
        class: Class::CrdSkew,
        end,
        object: crd.clone(),
        members: Vec::new(),
        message: format!(
            "{crd} is older than the legacy controller: it demands fields that are not written any more{proof}"
        ),
        certainty,
        evidence,
        remedies: vec![remedy::by_hand(
            "apply-crds",
            "Apply the CRDs of the legacy controller's version, which Helm does not do on an upgrade"
                .to_owned(),
            vec![format!("helm show crds {} | kubectl replace -f -", arc::LEGACY_CHART)],
        )],
    });
}

/// What this controller should act on by now and does not.
fn waiting_for(case: &Case<'_>, controller: &Controller) -> Vec<ObjectId> {
    let stuck = case.world.stuck.values().filter(|stuck| stuck.needs.contains(&Need::Controller));
    let is_its =
        |namespace: &str| case.world.controllers.alive(namespace).is_some_and(|one| one.id == controller.id);
    stuck
        .filter(|stuck| is_its(stuck.set.as_ref().map_or(&stuck.id.namespace, |set| &set.namespace)))
        .map(|stuck| stuck.id.clone())
        .collect()
}

/// CRDs that were made after the controller had begun to watch, and a controller that says that a kind is not there.
fn replaced(case: &Case<'_>, findings: &mut Findings, controller: &Controller) -> Option<Finding> {
    let started = started_at(case, controller)?;
    let newer: Vec<&Object> = crds()
        .into_iter()
        .filter_map(|id| case.view.find(&id))
        .filter(|crd| crd.created.is_some_and(|created| created > started))
        .collect();
    let first = newer.first()?;
    let tail = match logs::of_controller(case.view, controller) {
        Log::Read(tail) => tail,
        Log::Unread(reading) => {
            for id in waiting_for(case, controller) {
                let sight = Sight::ControllerLog(controller.id.clone());
                findings.wish(&id, sight, reading.clone(), &[Class::CrdSkew]);
            }
            return None;
        }
    };
    let (line, _) = tail.meaning(Means::NotServed)?;
    if line.age(case.view.now()).is_some_and(|age| age > limits::LONGEST_RETRY) {
        return None;
    }
    // The kind that the line names, if it names one.
    let kind_of = |crd: &&&Object| {
        arc::SCALE_SET_KINDS.iter().any(|kind| {
            line.text.contains(kind.kind.as_ref())
                && arc::kind_row(kind).is_some_and(|row| crd.id.name.starts_with(&format!("{}.", row.plural)))
        })
    };
    let crd = newer.iter().find(kind_of).unwrap_or(first);
    let made = crd.created.map(|created| created.to_string()).unwrap_or_default();
    let evidence: Vec<Evidence> = vec![
        case.view.evidence(&crd.id, "metadata.creationTimestamp", made),
        case.view.evidence(&controller.id, "status", format!("its pods run since {started}")),
        tail.evidence(case.view, line),
    ];
    Some(Finding {
        class: Class::CrdSkew,
        end: Node::Repair(crd.id.clone()),
        object: crd.id.clone(),
        members: Vec::new(),
        message: format!(
            "{} was made anew while the controller ran, and the controller lost sight of it",
            crd.id
        ),
        certainty: Certainty::Proven,
        evidence,
        remedies: vec![remedy::restart_controller(case.view, &controller.id)],
    })
}

/// Since when the controller runs: its oldest pod that does, else the end of its last rollout.
fn started_at(case: &Case<'_>, controller: &Controller) -> Option<jiff::Timestamp> {
    let prefix = format!("{}-", controller.id.name);
    let pods = case.view.list(&arc::POD, Some(&controller.id.namespace)).objects;
    let starts = pods
        .into_iter()
        .filter(|pod| pod.id.name.starts_with(&prefix) && !pod.is_deleting())
        .filter_map(|pod| pod.text("/status/startTime")?.parse().ok());
    starts.min().or(controller.rolled_out_at)
}
