//! The controller's ServiceAccount may not do the next step.

use crate::arc;
use crate::arc::marks;
use crate::arc::names;
use crate::diagnose::access;
use crate::diagnose::access::Decision;
use crate::diagnose::controllers::Controller;
use crate::diagnose::controllers::alive_evidence;
use crate::diagnose::manager_role;
use crate::diagnose::need::Need;
use crate::diagnose::need::Stuck;
use crate::diagnose::report::Certainty;
use crate::diagnose::report::Class;
use crate::diagnose::report::Evidence;
use crate::diagnose::rule::Case;
use crate::diagnose::rule::Finding;
use crate::diagnose::rule::Findings;
use crate::diagnose::rule::Page;
use crate::diagnose::rule::Rule;
use crate::graph::Node;
use crate::model::Lookup;
use crate::model::Object;
use crate::model::ObjectId;
use crate::model::Question;
use crate::model::Reading;

pub const RULE: Rule = Rule {
    class: Class::RbacMissing,
    reads: &[
        arc::ACCESS_REVIEW,
        arc::ROLE,
        arc::ROLE_BINDING,
        arc::CLUSTER_ROLE,
        arc::CLUSTER_ROLE_BINDING,
        arc::AUTOSCALING_RUNNER_SET,
        arc::EPHEMERAL_RUNNER_SET,
        arc::EPHEMERAL_RUNNER,
    ],
    page: Page {
        summary: "the controller may not do the next step",
        finds: "The next step of a deletion or creation needs a right that the API server denies to the \
                controller's ServiceAccount: the manager Role or RoleBinding in the runner namespace is gone, \
                grants to another ServiceAccount, or lacks a verb.",
        why_it_blocks: "The controller's own ClusterRole lets it watch, but reading the credential Secret, deleting \
                        pods, Secrets and listener roles, and releasing the chart's objects needs the manager Role \
                        of each runner namespace. Without it every attempt ends in Forbidden, is tried again with \
                        growing pauses, and nothing moves.",
        neighbours: "controller-gone: nobody tries at all. secret-missing: the controller may read the Secret, but \
                     there is none; its log words both the same way.",
        what_to_do: "Give the Role and the RoleBinding back as the chart makes them, with the running controller's \
                     ServiceAccount as the subject. The controller finishes by itself; it may take some minutes, \
                     because it pauses longer after every failure.",
        cost: "None. A Role and RoleBinding made by hand have no finalizer and stay after the runner set is gone: \
               delete them then.",
        sources: &[
            "charts/gha-runner-scale-set/templates/manager_role.yaml",
            "charts/gha-runner-scale-set/templates/manager_role_binding.yaml",
            "charts/gha-runner-scale-set-controller/templates/manager_listener_role.yaml",
        ],
    },
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    // A listener that nobody looks for is not to be given rights: it is to go.
    let sought = |stuck: &&Stuck| !stuck.needs.contains(&Need::Found);
    for stuck in case.world.stuck.values().filter(sought) {
        let namespace = stuck.set.as_ref().map_or(&stuck.id.namespace, |set| &set.namespace);
        let Some(controller) = case.world.controllers.alive(namespace) else { continue };
        for need in &stuck.needs {
            let Need::Access(asked) = need else { continue };
            let question = Question { user: controller.user(), ..asked.clone() };
            match access::decide(case.view, &question) {
                Decision::Allowed(_) => {}
                Decision::Unread { kind, namespace, reading } => {
                    findings.gap(&stuck.id, &kind, &namespace, &reading, &[Class::RbacMissing]);
                }
                Decision::Denied(reason) => denied(case, findings, stuck, controller, &question, &reason),
            }
        }
    }
}

fn denied(
    case: &Case<'_>,
    findings: &mut Findings,
    stuck: &Stuck,
    controller: &Controller,
    question: &Question,
    reason: &str,
) {
    let culprit = culprit(case, stuck, controller, question);
    let mut says = format!("{} may not {} {}: denied", question.user, question.verb, question.resource);
    if !reason.is_empty() {
        says = format!("{says} ({reason})");
    }
    let mut evidence =
        vec![case.view.evidence(&culprit.object, format!("access in {}", question.namespace), says)];
    evidence.extend(culprit.evidence);
    evidence.push(alive_evidence(case.view, controller));
    let because =
        format!("the controller may not {} {} in {}", question.verb, question.resource, question.namespace);
    let end = match case.view.look(&culprit.object) {
        Lookup::Found(_) => Node::Repair(culprit.object.clone()),
        Lookup::Absent | Lookup::Unread(_) => Node::Object(culprit.object.clone()),
    };
    findings.wait(&stuck.id, &end, because, Vec::new());
    let remedies = manager_role::remedies(case.view, &culprit.object, controller, stuck.set.as_ref());
    findings.root(Finding {
        class: Class::RbacMissing,
        end,
        object: culprit.object,
        members: Vec::new(),
        message: culprit.message,
        certainty: culprit.certainty,
        evidence,
        remedies,
    });
}

/// The Role or binding that lacks or is wrong.
struct Culprit {
    object: ObjectId,
    message: String,
    certainty: Certainty,
    evidence: Vec<Evidence>,
}

fn culprit(case: &Case<'_>, stuck: &Stuck, controller: &Controller, question: &Question) -> Culprit {
    let beside = question.namespace == controller.id.namespace
        && stuck.set.as_ref().is_none_or(|set| set.namespace != question.namespace);
    let name = if beside {
        format!("{}{}", controller.id.name, marks::LISTENER_ROLE_SUFFIX)
    } else {
        manager_name(case, stuck)
    };
    let binding = ObjectId::new(&arc::ROLE_BINDING, &question.namespace, &name);
    let account = format!("{}/{}", controller.id.namespace, controller.service_account);
    match case.view.look(&binding) {
        Lookup::Absent => {
            let role = ObjectId::new(&arc::ROLE, &question.namespace, &name);
            let mut evidence = vec![case.view.missing(&binding)];
            if matches!(case.view.look(&role), Lookup::Absent) {
                evidence.push(case.view.missing(&role));
            }
            Culprit {
                message: format!(
                    "{binding} does not exist; it would give the controller {account} its rights there"
                ),
                object: binding,
                certainty: Certainty::Proven,
                evidence,
            }
        }
        Lookup::Unread(reading) => unseen(binding, &reading),
        Lookup::Found(object) if !access::names_subject(object, &question.user) => {
            let subjects = subjects(object);
            Culprit {
                message: format!(
                    "{binding} gives the rights to {subjects}, but the controller runs as {account}"
                ),
                evidence: vec![case.view.evidence(&binding, "subjects", subjects)],
                object: binding,
                certainty: Certainty::Proven,
            }
        }
        Lookup::Found(object) => lacking_role(case, object, question),
    }
}

/// The binding names the controller, so the Role is gone or too small.
fn lacking_role(case: &Case<'_>, binding: &Object, question: &Question) -> Culprit {
    let cluster_wide = binding.text("/roleRef/kind") == Some("ClusterRole");
    let (kind, namespace) =
        if cluster_wide { (arc::CLUSTER_ROLE, "") } else { (arc::ROLE, question.namespace.as_str()) };
    let role = ObjectId::new(&kind, namespace, binding.text("/roleRef/name").unwrap_or_default());
    let says = format!("{} {}", kind.kind, role.name);
    let named = case.view.evidence(&binding.id, "roleRef", says);
    match case.view.look(&role) {
        Lookup::Absent => Culprit {
            message: format!("{role} does not exist, so {} grants nothing", binding.id),
            evidence: vec![case.view.missing(&role), named],
            object: role,
            certainty: Certainty::Proven,
        },
        Lookup::Found(_) => Culprit {
            message: format!(
                "{role} does not allow the controller to {} {}",
                question.verb, question.resource
            ),
            evidence: vec![named],
            object: role,
            certainty: Certainty::Proven,
        },
        Lookup::Unread(reading) => unseen(role, &reading),
    }
}

fn unseen(object: ObjectId, reading: &Reading) -> Culprit {
    Culprit {
        message: format!(
            "the controller is denied what {object} should allow; that it is gone or wrong could not be seen ({})",
            reading.word()
        ),
        object,
        certainty: Certainty::Likely,
        evidence: Vec::new(),
    }
}

/// The name of the manager RoleBinding: what the runner set says, else a labelled one, else the chart's formula.
fn manager_name(case: &Case<'_>, stuck: &Stuck) -> String {
    let Some(set) = &stuck.set else { return names::MANAGER_PART.to_owned() };
    let named = case.view.find(set).and_then(|set| set.annotation(marks::MANAGER_ROLE_BINDING_ANNOTATION));
    if let Some(name) = named {
        return name.to_owned();
    }
    let labelled =
        case.view.list(&arc::ROLE_BINDING, Some(&set.namespace)).objects.into_iter().find(|binding| {
            binding.label(marks::COMPONENT) == Some(marks::MANAGER_ROLE_BINDING)
                && binding.label(marks::SCALE_SET_NAME) == Some(set.name.as_str())
        });
    labelled.map_or_else(
        || names::chart_object(&set.name, names::MANAGER_PART),
        |binding| binding.id.name.clone(),
    )
}

fn subjects(binding: &Object) -> String {
    let names: Vec<String> = binding
        .items("/subjects")
        .iter()
        .map(|subject| {
            let text = |key: &str| subject.get(key).and_then(serde_json::Value::as_str).unwrap_or_default();
            match text("namespace") {
                "" => format!("{} {}", text("kind"), text("name")),
                namespace => format!("{} {namespace}/{}", text("kind"), text("name")),
            }
        })
        .collect();
    if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
}
