//! The controller's ServiceAccount may not do the next step.

use crate::arc;
use crate::diagnose::access;
use crate::diagnose::access::Decision;
use crate::diagnose::controllers::Controller;
use crate::diagnose::controllers::alive_evidence;
use crate::diagnose::forbidden;
use crate::diagnose::forbidden::Forbidden;
use crate::diagnose::manager_role;
use crate::diagnose::manager_role::Lack;
use crate::diagnose::manager_role::culprit::Culprit;
use crate::diagnose::manager_role::culprit::culprit;
use crate::diagnose::manager_role::culprit::of_legacy;
use crate::diagnose::manager_role::culprit::right;
use crate::diagnose::need::Need;
use crate::diagnose::need::Stuck;
use crate::diagnose::remedy;
use crate::diagnose::report::Class;
use crate::diagnose::report::Evidence;
use crate::diagnose::rule::Case;
use crate::diagnose::rule::Finding;
use crate::diagnose::rule::Findings;
use crate::diagnose::rule::Page;
use crate::diagnose::rule::Rule;
use crate::graph::Node;
use crate::model::Lookup;
use crate::model::ObjectId;
use crate::model::Question;

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
        arc::DEPLOYMENT,
        arc::POD,
        arc::POD_LOG,
    ],
    page: Page {
        summary: "the controller may not do the next step",
        finds: "The next step of a deletion or creation needs a right that the API server denies to the \
                controller's ServiceAccount: the manager Role or RoleBinding in the runner namespace, or the \
                controller's own ClusterRole or its binding, is gone, grants to another ServiceAccount, or lacks a \
                verb. Or a controller ends at its start because it may not list or watch a kind: its log says which, \
                and the API server still denies it. The same is told of the controller of legacy mode.",
        why_it_blocks: "The controller's own ClusterRole lets it watch, but reading the credential Secret, deleting \
                        pods, Secrets and listener roles, and releasing the chart's objects needs the manager Role \
                        of each runner namespace. Without it every attempt ends in Forbidden, is tried again with \
                        growing pauses, and nothing moves.",
        neighbours: "controller-gone: nobody tries at all. secret-missing: the controller may read the Secret, but \
                     there is none; its log words both the same way.",
        what_to_do: "Give back what is missing as the chart makes it: the Role, the RoleBinding with the running \
                     controller's ServiceAccount as a subject, or the verb. The controller finishes by itself; it may take some minutes, \
                     because it pauses longer after every failure.",
        cost: "Nothing is lost. A Role or RoleBinding that is made again has no finalizer and belongs to the runner \
               set: the garbage collector takes it away when that is gone.",
        sources: &[
            "charts/gha-runner-scale-set/templates/manager_role.yaml",
            "charts/gha-runner-scale-set/templates/manager_role_binding.yaml",
            "charts/gha-runner-scale-set-controller/templates/manager_listener_role.yaml",
        ],
    },
    check,
};

/// A right that is denied to a controller, and who is to blame.
struct Denial<'a> {
    /// What does not get on.
    from: &'a ObjectId,
    set: Option<&'a ObjectId>,
    controller: &'a Controller,
    question: Question,
    reason: String,
    culprit: Culprit,
    /// The controller's own words, if it was they that told.
    said: Option<Evidence>,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let mut denials: Vec<Denial<'_>> = Vec::new();
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
                Decision::Denied(reason) => {
                    let (from, set) = (&stuck.id, stuck.set.as_ref());
                    let culprit = culprit(case.view, set, controller, &question);
                    denials.push(Denial { from, set, controller, question, reason, culprit, said: None });
                }
            }
        }
    }
    for controller in &case.world.controllers.found {
        for Forbidden { question, said } in forbidden::at_start(case.view, controller) {
            let Some(reason) = forbidden::is_denied(case.view, &question) else { continue };
            let culprit = culprit(case.view, None, controller, &question);
            let (from, set, said) = (&controller.id, None, Some(said));
            denials.push(Denial { from, set, controller, question, reason, culprit, said });
        }
    }
    // The way out depends on all that one Role or binding fails to give.
    for denial in &denials {
        denied(case, findings, denial, &denials);
    }
    legacy(case, findings);
}

fn denied(case: &Case<'_>, findings: &mut Findings, denial: &Denial<'_>, all: &[Denial<'_>]) {
    let Denial { from, set, controller, question, reason, culprit, said } = denial;
    let mut evidence = vec![review(case, culprit, question, reason)];
    evidence.extend(culprit.evidence.clone());
    evidence.extend(said.clone());
    evidence.push(alive_evidence(case.view, controller));
    let end = end(case, culprit);
    let because = format!("the controller may not {} {}", right(question), place(question));
    findings.wait(from, &end, because, Vec::new());
    if findings.saw_again(Class::RbacMissing, &culprit.object, evidence.clone()) {
        return;
    }
    let same: Vec<&Denial<'_>> = all.iter().filter(|other| other.culprit.object == culprit.object).collect();
    let lack = Lack {
        object: &culprit.object,
        controller,
        controllers: &case.world.controllers,
        set: *set,
        denied: same.iter().map(|other| &other.question).collect(),
        shared: same.iter().any(|other| other.set != *set),
    };
    findings.root(Finding {
        class: Class::RbacMissing,
        end,
        object: culprit.object.clone(),
        members: Vec::new(),
        message: match said {
            Some(_) => format!("{}, which it has to before it gets ready", culprit.message),
            None => culprit.message.clone(),
        },
        certainty: culprit.certainty,
        evidence,
        remedies: manager_role::remedies(case.view, &lack),
    });
}

/// The authorizer's answer as evidence.
fn review(case: &Case<'_>, culprit: &Culprit, question: &Question, reason: &str) -> Evidence {
    let mut says = format!("{} may not {}: denied", question.user, right(question));
    if !reason.is_empty() {
        says = format!("{says} ({reason})");
    }
    case.view.evidence(&culprit.object, format!("access {}", place(question)), says)
}

fn place(question: &Question) -> String {
    match question.namespace.as_str() {
        "" => "in all namespaces".to_owned(),
        namespace => format!("in {namespace}"),
    }
}

fn end(case: &Case<'_>, culprit: &Culprit) -> Node {
    match case.view.look(&culprit.object) {
        Lookup::Found(_) => Node::Repair(culprit.object.clone()),
        Lookup::Absent | Lookup::Unread(_) => Node::Object(culprit.object.clone()),
    }
}

/// What the controller of legacy mode says of an object that it may not do.
fn legacy(case: &Case<'_>, findings: &mut Findings) {
    for (stuck, controller, refused) in forbidden::all_in_legacy_mode(case.view, case.world) {
        let Forbidden { question, said } = refused;
        let reason = match access::decide(case.view, &question) {
            Decision::Denied(reason) => reason,
            Decision::Allowed(_) => continue,
            Decision::Unread { kind, namespace, reading } => {
                findings.gap(&stuck.id, &kind, &namespace, &reading, &[Class::RbacMissing]);
                continue;
            }
        };
        let culprit = of_legacy(case.view, &controller, &question);
        let mut evidence = vec![review(case, &culprit, &question, &reason), said];
        evidence.extend(culprit.evidence.clone());
        let end = end(case, &culprit);
        let because = format!("the legacy controller may not {} {}", right(&question), place(&question));
        findings.wait(&stuck.id, &end, because, Vec::new());
        if findings.saw_again(Class::RbacMissing, &culprit.object, evidence.clone()) {
            continue;
        }
        let title = format!(
            "Let {} allow {controller} to {}, as the chart does; it then finishes by itself",
            culprit.object,
            right(&question)
        );
        findings.root(Finding {
            class: Class::RbacMissing,
            end,
            remedies: vec![remedy::by_hand(
                "repair-legacy-rights",
                title,
                vec![remedy::get_command(&culprit.object)],
            )],
            object: culprit.object,
            members: Vec::new(),
            message: culprit.message,
            certainty: culprit.certainty,
            evidence,
        });
    }
}
