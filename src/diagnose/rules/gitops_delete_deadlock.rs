//! Protected objects are being deleted while the live runner set that would release them is not.

use crate::arc;
use crate::arc::finalizers;
use crate::diagnose::action;
use crate::diagnose::delivery;
use crate::diagnose::need::Need;
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
use crate::diagnose::sets;
use crate::graph::Node;
use crate::model::Object;
use crate::model::ObjectId;

pub const RULE: Rule = Rule {
    class: Class::GitopsDeleteDeadlock,
    reads: &[arc::AUTOSCALING_RUNNER_SET],
    page: Page {
        summary: "a tool waits for what only the set releases",
        finds: "ServiceAccounts, Roles, RoleBindings or Secrets of the chart are Terminating with the \
                cleanup-protection finalizer, and the runner set that names them lives and is not being deleted.",
        why_it_blocks: "Argo CD and others delete these objects and wait until they are gone before they delete the \
                        runner set, or never delete it. The controller releases them only while it deletes that \
                        runner set. Each waits for the other.",
        neighbours: "cleanup-protection-orphan: no runner set names the object any more.",
        what_to_do: "Pause the delivery tool, then delete the runner set. The controller removes its runners, waits \
                     for busy ones, deletes the scale set at GitHub and releases all objects. If the set is meant to \
                     stay, apply it anew afterwards: a deletion cannot be taken back.",
        cost: "The runner set is gone until it is applied again; that is what the deletion meant. Taking the \
               finalizers off instead leaves a live set without its rights: never do that.",
        sources: &[
            "controllers/actions.github.com/autoscalingrunnerset_controller.go",
            "argoproj/argo-cd controller/appcontroller.go",
        ],
    },
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    for set in case.view.list(&arc::AUTOSCALING_RUNNER_SET, None).objects {
        if set.is_deleting() {
            continue;
        }
        let held: Vec<ObjectId> = sets::protected_by(set)
            .into_iter()
            .filter(|id| case.world.stuck.get(id).is_some_and(|stuck| stuck.needs.contains(&Need::Release)))
            .collect();
        let Some(first) = held.first() else { continue };
        let objects: Vec<&Object> = held.iter().filter_map(|id| case.view.subject(id)).chain([set]).collect();
        let tool = delivery::of(&objects);
        deadlock(case, findings, set, first, &held, tool);
    }
}

fn deadlock(
    case: &Case<'_>,
    findings: &mut Findings,
    set: &Object,
    first: &ObjectId,
    held: &[ObjectId],
    tool: Option<delivery::Tool>,
) {
    let waiting = tool.as_ref().filter(|tool| tool.waits);
    // What delivers the set makes it anew; the tool that waits may have other objects alone.
    let paused = delivery::of(&[set]).or_else(|| tool.clone());
    let live = Node::Object(set.id.clone());
    let mut evidence = vec![
        case.view.evidence(first, "metadata.finalizers", finalizers::CLEANUP_PROTECTION),
        case.view.evidence(&set.id, "metadata.deletionTimestamp", "absent: nobody deletes it"),
    ];
    if let Some(tool) = &tool {
        evidence.push(case.view.evidence(&tool.seen_on, tool.field.clone(), tool.says.clone()));
    }
    for id in held {
        findings.wait(
            id,
            &live,
            format!("{} is taken off when the runner set goes", finalizers::CLEANUP_PROTECTION),
            Vec::new(),
        );
        if let Some(annotation) = sets::names_protected(set, id) {
            let field = format!("metadata.annotations[{annotation}]");
            evidence.push(case.view.evidence(&set.id, field, id.name.clone()));
        }
    }
    // A tool that waits closes the circle. Without one it is certain who has to act, not that anybody waits.
    if let Some(tool) = waiting {
        let actor = Node::Actor(tool.name.to_owned());
        findings.wait(&set.id, &actor, "it is not being deleted: that has to be asked for", Vec::new());
        for id in held {
            findings.actor_waits(&actor, id, "it waits until the object is gone");
        }
    }
    let others = held.len() - 1;
    let subject = match others {
        0 => first.to_string(),
        1 => format!("{first} and 1 more"),
        _ => format!("{first} and {others} more"),
    };
    let mut message = format!("{subject} wait for the deletion of {}, which nobody asked for", set.id);
    if waiting.is_none() {
        message = format!("{message}; that a delivery tool waits for them is not seen");
    }
    findings.root(Finding {
        class: Class::GitopsDeleteDeadlock,
        end: if waiting.is_some() { Node::Object(first.clone()) } else { live },
        object: first.clone(),
        members: held.to_vec(),
        message: if others == 0 { message.replacen(" wait ", " waits ", 1) } else { message },
        certainty: if waiting.is_some() { Certainty::Proven } else { Certainty::Likely },
        evidence,
        remedies: vec![Remedy {
            id: "delete-runner-set",
            title: format!(
                "Delete {}; the controller then lets everything go, GitHub included{}",
                set.id,
                paused.map(|tool| format!(". Pause {} first: {}", tool.name, tool.pause)).unwrap_or_default()
            ),
            loss: Loss::Reversible,
            applicability: Applicability::Automatic,
            actions: vec![action::delete(&set.id)],
            leaves: Vec::new(),
        }],
    });
}
