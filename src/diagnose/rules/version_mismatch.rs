//! The runner set's version label and the controller's build do not go together: the controller deletes the set.

use crate::arc;
use crate::arc::limits;
use crate::arc::marks;
use crate::arc::phrases;
use crate::arc::versions::VersionCheck;
use crate::arc::versions::check as version_check;
use crate::diagnose::action::Action;
use crate::diagnose::controllers::Controller;
use crate::diagnose::controllers::build_evidence;
use crate::diagnose::logs;
use crate::diagnose::logs::Log;
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
use crate::diagnose::sets;
use crate::diagnose::wish::Sight;
use crate::graph::Node;
use crate::model::Lookup;
use crate::model::Object;
use crate::model::ObjectId;
use jiff::SignedDuration;
use jiff::Timestamp;

pub const RULE: Rule = Rule {
    class: Class::VersionMismatch,
    reads: &[
        arc::AUTOSCALING_RUNNER_SET,
        arc::AUTOSCALING_LISTENER,
        arc::ROLE,
        arc::ROLE_BINDING,
        arc::SERVICE_ACCOUNT,
        arc::SECRET,
        arc::POD_LOG,
    ],
    page: Page {
        summary: "the set's version does not fit the controller's",
        finds: "A live runner set carries a version label that the running controller does not accept, or the chart's \
                protected objects of such a runner set are there and the runner set is not.",
        why_it_blocks: "The controller deletes a live runner set whose label does not fit, as an INFO line in its log \
                        and without an error. On a fresh install the set is gone within the same second, the Helm \
                        release still says deployed, and there is no listener and no runner. A GitOps tool makes it \
                        anew and it is deleted again, with \"not found\" errors in between.",
        neighbours: "cleanup-protection-orphan: the same objects, but they are being deleted. A runner set that \
                     somebody deleted on purpose leaves no live protected objects. A runner set that has lived for a \
                     while and has a listener was accepted, whatever the controller's image tag says: the build is \
                     compiled in, and the tag only usually equals it.",
        what_to_do: "Bring the runner set's chart to the controller's version, or the controller to the set's. From \
                     0.5.0 to 0.11 the versions must be equal, from 0.12.0 major and minor must be. Changing only the label \
                     hides a real difference. If two controllers of different versions look after one namespace, \
                     confine each to its own namespace (flags.watchSingleNamespace) or bring both to one version.",
        cost: "None.",
        sources: &[
            "controllers/actions.github.com/autoscalingrunnerset_controller.go",
            "apis/actions.github.com/v1alpha1/version.go",
        ],
    },
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    for set in case.view.list(&arc::AUTOSCALING_RUNNER_SET, None).objects {
        if set.is_deleting() {
            continue;
        }
        let label = set.label(marks::VERSION);
        let Some(refusal) = refusal(case, &set.id.namespace, label) else { continue };
        if refusal.others.is_empty() && was_accepted(case, set, refusal.controller) {
            continue;
        }
        let field = format!("metadata.labels[{}]", marks::VERSION);
        let seen = case.view.evidence(&set.id, field, label.unwrap_or("not there"));
        add(findings, mismatch(case, &set.id, label, &refusal, vec![seen]), &refusal);
    }
    for (id, companions) in sets::lost(case.view) {
        let Some(label) = companions.first().and_then(|companion| companion.label(marks::VERSION)) else {
            continue;
        };
        let reading = &case.world.controllers.reading;
        if case.world.controllers.alive(&id.namespace).is_none() && !reading.is_complete() {
            findings.gap(&id, &arc::DEPLOYMENT, "", reading, &[Class::VersionMismatch]);
        }
        let Some(refusal) = refusal(case, &id.namespace, Some(label)) else { continue };
        match case.view.look(&id) {
            Lookup::Found(_) => {}
            Lookup::Unread(reading) => {
                findings.gap(&id, &id.kind, &id.namespace, &reading, &[Class::VersionMismatch]);
            }
            Lookup::Absent => {
                let mut evidence = vec![case.view.missing(&id)];
                for companion in &companions {
                    let field = format!("metadata.labels[{}]", marks::VERSION);
                    evidence.push(case.view.evidence(&companion.id, field, label));
                }
                add(findings, mismatch(case, &id, Some(label), &refusal, evidence), &refusal);
            }
        }
    }
}

/// What is only likely, the controller's log would prove.
fn add(findings: &mut Findings, finding: Finding, refusal: &Refusal<'_>) {
    if finding.certainty == Certainty::Likely {
        let log = Sight::ControllerLog(refusal.controller.id.clone());
        findings.wish_for_proof(&finding.object, log);
    }
    findings.root(finding);
}

/// Who deletes a set.
struct Refusal<'a> {
    controller: &'a Controller,
    /// The other living controllers of the same namespace that run another version.
    others: Vec<&'a Controller>,
}

/// The living, responsible controller that deletes a set with this label. One that is still being rolled out does
/// not count: which of its builds looks at the set cannot be told.
fn refusal<'a>(case: &Case<'a>, namespace: &str, label: Option<&str>) -> Option<Refusal<'a>> {
    let responsible = case.world.controllers.responsible(namespace);
    let living = || responsible.iter().copied().filter(|controller| controller.is_alive());
    let controller = living()
        .filter(|controller| controller.is_rolled_out)
        .find(|controller| version_check(&controller.version, label) == VersionCheck::Deletes)?;
    let others = living().filter(|other| other.version != controller.version).collect();
    Some(Refusal { controller, others })
}

/// True if the controller has had the time to delete the set, and made or kept a listener for it instead.
fn was_accepted(case: &Case<'_>, set: &Object, controller: &Controller) -> bool {
    let older = |then: Option<Timestamp>, than: SignedDuration| {
        then.is_some_and(|then| case.view.now().duration_since(then) > than)
    };
    older(set.created, limits::ACCEPTED)
        && controller.rolled_out_at.is_none_or(|then| older(Some(then), limits::ROLLED_OUT))
        && sets::listeners(case.view, &set.id).iter().any(|listener| !listener.is_deleting())
}

fn mismatch(
    case: &Case<'_>,
    set: &ObjectId,
    label: Option<&str>,
    refusal: &Refusal<'_>,
    mut evidence: Vec<Evidence>,
) -> Finding {
    let Refusal { controller, others } = refusal;
    for (index, build) in build_evidence(case.view, controller).into_iter().enumerate() {
        evidence.insert((index + 1).min(evidence.len()), build);
    }
    evidence.extend(others.iter().flat_map(|other| build_evidence(case.view, other)));
    let line = log_line(case, set, controller);
    let seen = controller.version_is_certain && others.is_empty() && case.view.find(set).is_some();
    let certainty = if line.is_some() || seen { Certainty::Proven } else { Certainty::Likely };
    evidence.extend(line);
    let carries = label.map_or("carries no version label".to_owned(), |label| format!("is labelled {label}"));
    let mut message = match others.first() {
        Some(other) => format!(
            "{set} {carries}, and two controllers of different versions look after its namespace: {} runs {}, {} \
             runs {}; one of them deletes such a runner set",
            controller.id, controller.version, other.id, other.version
        ),
        None => format!(
            "{set} {carries}, and the controller runs {}: it deletes such a runner set",
            controller.version
        ),
    };
    if certainty == Certainty::Likely {
        let whose =
            if others.is_empty() { "its log".to_owned() } else { format!("the log of {}", controller.id) };
        message = format!("{message}; a line \"{}\" in {whose} would prove it", phrases::VERSION_MISMATCH);
    }
    let remedy = if others.is_empty() { upgrade(set, controller) } else { confine(controller, others) };
    Finding {
        class: Class::VersionMismatch,
        end: Node::Object(set.clone()),
        object: set.clone(),
        members: Vec::new(),
        message,
        certainty,
        evidence,
        remedies: vec![remedy],
    }
}

fn upgrade(set: &ObjectId, controller: &Controller) -> Remedy {
    Remedy {
        id: "upgrade-runner-set",
        title: format!(
            "Bring the runner set's chart to {}; the controller then keeps it",
            controller.version
        ),
        loss: Loss::None,
        applicability: Applicability::NeedsValue,
        actions: vec![Action::Command(format!(
            "helm upgrade {} {} --version {} -n {} --reuse-values",
            remedy::word(&set.name),
            arc::SET_CHART,
            remedy::word(&controller.version),
            remedy::word(&set.namespace)
        ))],
        leaves: Vec::new(),
    }
}

/// Whichever version the set has, one of the controllers deletes it.
fn confine(controller: &Controller, others: &[&Controller]) -> Remedy {
    let all: Vec<String> =
        [controller].into_iter().chain(others.iter().copied()).map(|each| each.id.to_string()).collect();
    Remedy {
        id: "separate-controllers",
        title: format!(
            "Confine each of {} to its own namespace (flags.watchSingleNamespace of the chart), or bring them to \
             one version",
            all.join(" and ")
        ),
        loss: Loss::None,
        applicability: Applicability::Manual,
        actions: Vec::new(),
        leaves: Vec::new(),
    }
}

/// The line in which the controller says that it deletes this very set.
fn log_line(case: &Case<'_>, set: &ObjectId, controller: &Controller) -> Option<Evidence> {
    let Log::Read(tail) = logs::of_controller(case.view, controller) else { return None };
    let line = tail.of(set).find(|line| line.text.contains(phrases::VERSION_MISMATCH))?;
    Some(tail.evidence(case.view, line))
}
