//! A protected object of the chart is being deleted, and no runner set names it: nobody will ever release it.

use crate::arc;
use crate::arc::finalizers;
use crate::arc::names;
use crate::diagnose::action;
use crate::diagnose::need::Need;
use crate::diagnose::need::Stuck;
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
    reads: &[
        arc::AUTOSCALING_RUNNER_SET,
        arc::AUTOSCALING_LISTENER,
        arc::EPHEMERAL_RUNNER_SET,
        arc::EPHEMERAL_RUNNER,
        arc::POD,
    ],
    page: Page {
        summary: "nobody will release this protected object",
        finds: "A ServiceAccount, Role, RoleBinding or Secret of the runner set chart is Terminating with the \
                cleanup-protection finalizer, and no runner set in its namespace names it in a cleanup annotation.",
        why_it_blocks: "The controller takes this finalizer off only while it deletes a runner set, and only from the \
                        objects that this runner set's annotations name. The runner set is gone, was force-removed, \
                        was renamed, or changed its container mode; nobody is left who would.",
        neighbours: "gitops-delete-deadlock: a live runner set still names the object; delete that instead. If a \
                     deleting runner set names it, the object is not the root: the runner set's own blocker is.",
        what_to_do: "Take this one finalizer off. If runners, listener or pods still use the object, they come first: \
                     the controller needs the manager Role, RoleBinding and Secret to delete them. If a live runner \
                     set uses it, make it again at once: with the chart, or by hand if the chart does not any more.",
        cost: "Nothing if nobody uses it: it is what the controller would have done.",
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
        let (users, seen) = users(case, findings, stuck);
        let leaving: Vec<&User> = users.iter().filter(|user| user.leaves).collect();
        for user in &leaving {
            findings.wait(&stuck.id, &Node::Object(user.id.clone()), user.because, Vec::new());
        }
        // What still has to go first is what keeps it; otherwise nobody does.
        if leaving.is_empty() {
            findings.root(orphan(case, stuck, &listing.objects, &users, seen));
        }
    }
}

fn orphan(case: &Case<'_>, stuck: &Stuck, here: &[&Object], users: &[User], seen: bool) -> Finding {
    let id = &stuck.id;
    let finalizer = finalizers::CLEANUP_PROTECTION;
    let mut evidence = vec![case.view.evidence(id, "metadata.finalizers", finalizer)];
    match &stuck.set {
        Some(set) if !here.iter().any(|other| other.id == *set) => evidence.push(case.view.missing(set)),
        _ => {}
    }
    for other in here {
        let says = format!("none of its cleanup annotations names {} {}", id.kind.kind, id.name);
        evidence.push(case.view.evidence(&other.id, "metadata.annotations", says));
    }
    evidence.extend(users.iter().map(|user| case.view.evidence(&user.id, user.field, id.name.clone())));
    let message = format!("{id} waits to be released by a runner set, and none in the namespace names it");
    let actions = case.view.subject(id).and_then(|object| action::drop_finalizer(object, finalizer));
    let actions = actions.into_iter().collect();
    let remedy = match users.first() {
        None => Remedy {
            id: "release-protected-object",
            title: match seen {
                true => format!("Take {finalizer} off {id}"),
                false => format!("Take {finalizer} off {id}, once you have seen that nothing uses it"),
            },
            loss: if seen { Loss::None } else { Loss::Reversible },
            applicability: if seen { Applicability::Automatic } else { Applicability::Manual },
            actions,
            leaves: Vec::new(),
        },
        Some(user) => Remedy {
            id: "release-and-reapply",
            title: format!(
                "{} still uses {id}: take {finalizer} off, and make it again at once: with the chart, or by hand if that \
                 does not make it any more",
                user.id
            ),
            loss: if user.id.kind == arc::POD { Loss::Job } else { Loss::Reversible },
            applicability: Applicability::NeedsValue,
            actions,
            leaves: Vec::new(),
        },
    };
    Finding {
        class: Class::CleanupProtectionOrphan,
        end: Node::Object(id.clone()),
        object: id.clone(),
        members: Vec::new(),
        message: match users.first() {
            None => message,
            Some(user) => format!("{message}; {} still uses it", user.id),
        },
        certainty: Certainty::Proven,
        evidence,
        remedies: vec![remedy],
    }
}

/// Something that uses the object.
struct User {
    id: ObjectId,
    /// The field in which it says so.
    field: &'static str,
    because: &'static str,
    /// True if it is being deleted itself and may need the object for that.
    leaves: bool,
}

/// Who uses a protected object, and whether all who could were seen: what could not be read is a gap.
fn users(case: &Case<'_>, findings: &mut Findings, stuck: &Stuck) -> (Vec<User>, bool) {
    let id = &stuck.id;
    let manager =
        matches!(id.kind.kind.as_ref(), "Role" | "RoleBinding") && id.name.contains(names::MANAGER_PART);
    let mut users = Vec::new();
    let mut seen = true;
    let kinds = [arc::AUTOSCALING_RUNNER_SET, arc::EPHEMERAL_RUNNER_SET, arc::EPHEMERAL_RUNNER, arc::POD];
    for kind in kinds {
        let listing = case.view.list(&kind, Some(&id.namespace));
        if !listing.reading.is_complete() {
            seen = false;
            findings.gap(id, &kind, &id.namespace, &listing.reading, &[Class::CleanupProtectionOrphan]);
        }
        users.extend(listing.objects.into_iter().filter_map(|object| use_of(object, id, stuck, manager)));
    }
    for listener in case.view.list(&arc::AUTOSCALING_LISTENER, None).objects {
        if manager && stuck.set.is_some() && sets::set_of(listener) == stuck.set {
            users.push(User {
                id: listener.id.clone(),
                field: "spec.autoscalingRunnerSetName",
                because: "the listener's end needs the rights that it gives",
                leaves: listener.is_deleting(),
            });
        }
    }
    (users, seen)
}

fn use_of(object: &Object, id: &ObjectId, stuck: &Stuck, manager: bool) -> Option<User> {
    let names = |pointer: &str| object.text(pointer) == Some(&id.name);
    let user =
        |field, because| Some(User { id: object.id.clone(), field, because, leaves: object.is_deleting() });
    let spec = match object.id.kind.kind.as_ref() {
        "EphemeralRunnerSet" => "/spec/ephemeralRunnerSpec",
        _ => "/spec",
    };
    match id.kind.kind.as_ref() {
        "Secret" if names(&format!("{spec}/githubConfigSecret")) => {
            user("spec.githubConfigSecret", "it holds the credentials that this still needs")
        }
        "ServiceAccount" if names("/spec/template/spec/serviceAccountName") => {
            user("spec.template.spec.serviceAccountName", "its runners run as it")
        }
        "ServiceAccount" if object.id.kind == arc::POD && names("/spec/serviceAccountName") => {
            user("spec.serviceAccountName", "the pod runs as it")
        }
        "Role" | "RoleBinding"
            if manager && object.id.kind != arc::POD && sets::set_of(object) == stuck.set =>
        {
            user("metadata.labels", "its end needs the rights that this gives")
        }
        _ => None,
    }
}
