//! The controller's ServiceAccount may not do the next step.

use crate::arc;
use crate::diagnose::access;
use crate::diagnose::access::Decision;
use crate::diagnose::controllers::Controller;
use crate::diagnose::controllers::alive_evidence;
use crate::diagnose::manager_role;
use crate::diagnose::manager_role::Lack;
use crate::diagnose::manager_role::culprit::Culprit;
use crate::diagnose::manager_role::culprit::culprit;
use crate::diagnose::manager_role::culprit::right;
use crate::diagnose::need::Need;
use crate::diagnose::need::Stuck;
use crate::diagnose::report::Class;
use crate::diagnose::rule::Case;
use crate::diagnose::rule::Finding;
use crate::diagnose::rule::Findings;
use crate::diagnose::rule::Page;
use crate::diagnose::rule::Rule;
use crate::graph::Node;
use crate::model::Lookup;
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
    ],
    page: Page {
        summary: "the controller may not do the next step",
        finds: "The next step of a deletion or creation needs a right that the API server denies to the \
                controller's ServiceAccount: the manager Role or RoleBinding in the runner namespace, or the \
                controller's own ClusterRole or its binding, is gone, grants to another ServiceAccount, or lacks a \
                verb.",
        why_it_blocks: "The controller's own ClusterRole lets it watch, but reading the credential Secret, deleting \
                        pods, Secrets and listener roles, and releasing the chart's objects needs the manager Role \
                        of each runner namespace. Without it every attempt ends in Forbidden, is tried again with \
                        growing pauses, and nothing moves.",
        neighbours: "controller-gone: nobody tries at all. secret-missing: the controller may read the Secret, but \
                     there is none; its log words both the same way.",
        what_to_do: "Give back what is missing as the chart makes it: the Role, the RoleBinding with the running \
                     controller's ServiceAccount as a subject, or the verb. The controller finishes by itself; it may take some minutes, \
                     because it pauses longer after every failure.",
        cost: "Nothing is lost. A Role or RoleBinding that is made again for a runner set that is being deleted has \
               no finalizer and stays after the runner set is gone: delete it then. While the runner set lives, it \
               belongs to it.",
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
    stuck: &'a Stuck,
    controller: &'a Controller,
    question: Question,
    reason: String,
    culprit: Culprit,
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
                    let culprit = culprit(case.view, stuck.set.as_ref(), controller, &question);
                    denials.push(Denial { stuck, controller, question, reason, culprit });
                }
            }
        }
    }
    // The way out depends on all that one Role or binding fails to give.
    for denial in &denials {
        denied(case, findings, denial, &denials);
    }
}

fn denied(case: &Case<'_>, findings: &mut Findings, denial: &Denial<'_>, all: &[Denial<'_>]) {
    let Denial { stuck, controller, question, reason, culprit } = denial;
    let right = right(question);
    let mut says = format!("{} may not {right}: denied", question.user);
    if !reason.is_empty() {
        says = format!("{says} ({reason})");
    }
    let field = format!("access in {}", question.namespace);
    let mut evidence = vec![case.view.evidence(&culprit.object, field, says)];
    evidence.extend(culprit.evidence.clone());
    evidence.push(alive_evidence(case.view, controller));
    let because = format!("the controller may not {right} in {}", question.namespace);
    let end = match case.view.look(&culprit.object) {
        Lookup::Found(_) => Node::Repair(culprit.object.clone()),
        Lookup::Absent | Lookup::Unread(_) => Node::Object(culprit.object.clone()),
    };
    findings.wait(&stuck.id, &end, because, Vec::new());
    if findings.saw_again(Class::RbacMissing, &culprit.object, evidence.clone()) {
        return;
    }
    let same: Vec<&Denial<'_>> = all.iter().filter(|other| other.culprit.object == culprit.object).collect();
    let lack = Lack {
        object: &culprit.object,
        controller,
        controllers: &case.world.controllers,
        set: stuck.set.as_ref(),
        denied: same.iter().map(|other| &other.question).collect(),
        shared: same.iter().any(|other| other.stuck.set != stuck.set),
    };
    findings.root(Finding {
        class: Class::RbacMissing,
        end,
        object: culprit.object.clone(),
        members: Vec::new(),
        message: culprit.message.clone(),
        certainty: culprit.certainty,
        evidence,
        remedies: manager_role::remedies(case.view, &lack),
    });
}
