//! A protected object of the chart is being deleted, and no runner set names it: nobody will ever release it.

use crate::arc;
use crate::arc::finalizers;
use crate::arc::marks;
use crate::diagnose::need::Need;
use crate::diagnose::need::Stuck;
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
use crate::diagnose::sets;
use crate::graph::Node;
use crate::model::Object;
use crate::model::ObjectId;

pub const RULE: Rule = Rule {
    class: Class::CleanupProtectionOrphan,
    reads: &[arc::AUTOSCALING_RUNNER_SET, arc::EPHEMERAL_RUNNER_SET, arc::EPHEMERAL_RUNNER, arc::POD],
    page: Page {
        summary: "nobody will release this protected object",
        finds: "A ServiceAccount, Role, RoleBinding or Secret of the runner set chart is Terminating with the \
                cleanup-protection finalizer, and no runner set in its namespace names it in a cleanup annotation.",
        why_it_blocks: "The controller takes this finalizer off only while it deletes a runner set, and only from the \
                        objects that this runner set's annotations name. The runner set is gone, was force-removed, \
                        was renamed, or changed its container mode; nobody is left who would.",
        neighbours: "gitops-delete-deadlock: a live runner set still names the object; delete that instead. If a \
                     deleting runner set names it, the object is not the root: the runner set's own blocker is.",
        what_to_do: "Take this one finalizer off. Leave the manager Role and RoleBinding for last if runners of the \
                     same set are still being deleted: the controller needs them for that.",
        cost: "Nothing: it is what the controller would have done.",
        sources: &[
            "charts/gha-runner-scale-set/templates/",
            "controllers/actions.github.com/autoscalingrunnerset_controller.go",
        ],
    },
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    for stuck in case.world.stuck.values().filter(|stuck| stuck.needs.contains(&Need::Release)) {
        let listing = case.view.list(&arc::AUTOSCALING_RUNNER_SET, Some(&stuck.id.namespace));
        let named = listing.objects.iter().any(|set| sets::names_protected(set, &stuck.id).is_some());
        // What could not be listed was noted where the need was found.
        if named || !listing.reading.is_complete() {
            continue;
        }
        findings.root(orphan(case, stuck, &listing.objects));
    }
}

fn orphan(case: &Case<'_>, stuck: &Stuck, here: &[&Object]) -> Finding {
    let id = &stuck.id;
    let finalizer = finalizers::CLEANUP_PROTECTION;
    let mut evidence = vec![case.view.evidence(id, "metadata.finalizers", finalizer)];
    let set = stuck.set.as_ref();
    match set {
        Some(set) if !here.iter().any(|other| other.id == *set) => evidence.push(case.view.missing(set)),
        _ => {}
    }
    for other in here {
        let says = format!("none of its cleanup annotations names {} {}", id.kind.kind, id.name);
        evidence.push(case.view.evidence(&other.id, "metadata.annotations", says));
    }
    let leftover = set.and_then(|set| leftover(case, set));
    let user = pod_using(case, id);
    let mut message =
        format!("{id} waits to be released by a runner set, and none in the namespace names it");
    if let Some(leftover) = &leftover {
        message = format!("{message}; {leftover} of the same set is still there and may need it first");
        evidence.push(case.view.evidence(leftover, "exists", "yes, and it belongs to the same runner set"));
    }
    if let Some(pod) = &user {
        evidence.push(case.view.evidence(pod, "spec.serviceAccountName", id.name.clone()));
    }
    let object = case.view.subject(id);
    Finding {
        class: Class::CleanupProtectionOrphan,
        end: Node::Object(id.clone()),
        object: id.clone(),
        members: Vec::new(),
        message,
        certainty: Certainty::Proven,
        evidence,
        remedies: vec![Remedy {
            id: "release-protected-object",
            title: format!("Take {finalizer} off {id}"),
            loss: if user.is_some() { Loss::Job } else { Loss::None },
            applicability: Applicability::Automatic,
            commands: object
                .and_then(|object| remedy::drop_finalizer_command(object, finalizer))
                .into_iter()
                .collect(),
            leaves: Vec::new(),
        }],
    }
}

/// A runner or EphemeralRunnerSet of the same set that may still need the object.
fn leftover(case: &Case<'_>, set: &ObjectId) -> Option<ObjectId> {
    [arc::EPHEMERAL_RUNNER, arc::EPHEMERAL_RUNNER_SET].into_iter().find_map(|kind| {
        let left = case.view.list(&kind, Some(&set.namespace)).objects;
        let same = left.into_iter().find(|object| object.label(marks::SCALE_SET_NAME) == Some(&set.name))?;
        Some(same.id.clone())
    })
}

/// A pod that still runs as this ServiceAccount: it would lose its token.
fn pod_using(case: &Case<'_>, id: &ObjectId) -> Option<ObjectId> {
    if id.kind != arc::SERVICE_ACCOUNT {
        return None;
    }
    let pods = case.view.list(&arc::POD, Some(&id.namespace)).objects;
    let user = pods.into_iter().find(|pod| pod.text("/spec/serviceAccountName") == Some(&id.name))?;
    Some(user.id.clone())
}
