//! A live runner set is registered, and no listener of it runs.

use crate::arc;
use crate::arc::limits;
use crate::diagnose::action;
use crate::diagnose::action::Field;
use crate::diagnose::beside;
use crate::diagnose::controllers::alive_evidence;
use crate::diagnose::delivery;
use crate::diagnose::listening;
use crate::diagnose::need::Need;
use crate::diagnose::need::Stuck;
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

pub const RULE: Rule = Rule {
    class: Class::ListenerMissing,
    reads: &[
        arc::AUTOSCALING_LISTENER,
        arc::AUTOSCALING_RUNNER_SET,
        arc::EPHEMERAL_RUNNER_SET,
        arc::EPHEMERAL_RUNNER,
        arc::APPLICATION,
    ],
    page: Page {
        summary: "a live runner set has no running listener",
        finds: "A runner set that is registered and not being deleted has no AutoscalingListener in the \
                controller's namespace, or the listener has no pod, for longer than an update takes.",
        why_it_blocks: "The listener is the only one that fetches jobs and sets the number of runners. Without it \
                        jobs stay queued. It can be missing because the update strategy eventual waits for old \
                        runners to end, and a minimum of idle runners never ends; because a delivery tool takes \
                        it for its own and prunes it, after ARC has copied the tool's label to it (from 0.9.2); \
                        or because an old listener of the same name is still being deleted.",
        neighbours: "secret-missing, github-refuses: the set is not even registered. outdated-deadlock: the phase \
                     is Outdated. rbac-missing: the listener is there, but its Role or RoleBinding cannot be \
                     made. Nothing in the runner namespace is no sign: the listener lives in the controller's.",
        what_to_do: "If nothing is missing any more, the controller may only be pausing after an error: a new \
                     annotation of the runner set makes it look again. If there is a listener and no running pod of \
                     it, delete the AutoscalingListener: the controller makes both anew. If old runners hold it up and are idle, set spec.replicas of the old EphemeralRunnerSet to 0 for a \
                     while. If it is pruned, exclude the tool's label from propagation (a controller flag from \
                     0.9.3) or let the tool track by annotation.",
        cost: "None. Setting the replicas to 0 replaces idle runners.",
        sources: &[
            "controllers/actions.github.com/autoscalingrunnerset_controller.go",
            "controllers/actions.github.com/autoscalinglistener_controller.go",
            "controllers/actions.github.com/resourcebuilder.go",
        ],
    },
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    let missing: Vec<&Stuck> = case
        .world
        .stuck
        .values()
        .filter(|stuck| stuck.id.kind == arc::AUTOSCALING_LISTENER && stuck.needs.contains(&Need::Listener))
        .collect();
    for stuck in missing {
        // Something that it needs could not be seen, and may be what is missing.
        if findings.gaps.iter().any(|(subject, _)| *subject == stuck.id) {
            continue;
        }
        let Some(set) = stuck.set.as_ref().and_then(|set| case.view.find(set)) else { continue };
        let Some(controller) = case.world.controllers.alive(&set.id.namespace) else { continue };
        let (finding, proof) = match warm_pool(case, &stuck.id, set) {
            Some(finding) => (finding, false),
            None => (not_made(case, stuck, set), true),
        };
        if proof || finding.certainty == Certainty::Likely {
            findings.wish_for_proof(&stuck.id, Sight::ControllerLog(controller.id.clone()));
        }
        findings.root(finding);
    }
    pruned(case, findings);
}

fn root(id: &ObjectId, message: String, evidence: Vec<Evidence>, remedies: Vec<Remedy>) -> Finding {
    Finding {
        class: Class::ListenerMissing,
        object: id.clone(),
        end: Node::Object(id.clone()),
        members: Vec::new(),
        message,
        certainty: Certainty::Likely,
        evidence,
        remedies,
    }
}

/// The old runners have to end before the listener comes back, and idle ones never end.
fn warm_pool(case: &Case<'_>, id: &ObjectId, set: &Object) -> Option<Finding> {
    if !matches!(case.view.look(id), Lookup::Absent) {
        return None;
    }
    let (owned, idle) = sets::runner_sets(case.view, set).into_iter().find_map(|owned| {
        let runners = sets::owned(case.view, &arc::EPHEMERAL_RUNNER, owned);
        let live = runners.into_iter().filter(|runner| !runner.is_deleting() && !sets::is_done(runner));
        let live: Vec<&Object> = live.collect();
        let waits = !live.is_empty() && live.iter().all(|runner| sets::job(runner).is_none());
        waits.then_some((owned, live))
    })?;
    let controller = case.world.controllers.alive(&set.id.namespace)?;
    if !controller.is_eventual && !controller.version.is_empty() {
        return None;
    }
    let mut evidence = vec![case.view.missing(id)];
    if controller.is_eventual {
        let field = "spec.template.spec.containers[manager].args";
        evidence.push(case.view.evidence(&controller.id, field, "the update strategy is eventual"));
    }
    if let Some(replicas) = owned.number("/spec/replicas") {
        evidence.push(case.view.evidence(&owned.id, "spec.replicas", replicas.to_string()));
    }
    evidence.extend(
        idle.iter()
            .take(3)
            .map(|runner| case.view.evidence(&runner.id, "status", "it is there and has no job")),
    );
    let zero = |path| Field { path, seen: None, value: 0.into() };
    let fields = [zero("/spec/replicas"), zero("/spec/patchID")];
    let remedy = Remedy {
        id: "drain-idle-runners",
        title: format!("Let the idle runners of {} go for a while; then the listener comes back", owned.id),
        loss: Loss::None,
        applicability: Applicability::Automatic,
        actions: vec![action::set(owned, &fields, "")],
        leaves: Vec::new(),
    };
    let message = format!(
        "{id} comes back only when the runners of {} have ended, and its {} idle runners never end",
        owned.id,
        idle.len()
    );
    let certainty = if controller.is_eventual { Certainty::Proven } else { Certainty::Likely };
    Some(Finding { certainty, ..root(id, message, evidence, vec![remedy]) })
}

/// Nothing that was looked at keeps the controller from making it.
fn not_made(case: &Case<'_>, stuck: &Stuck, set: &Object) -> Finding {
    let id = &stuck.id;
    let controller = case.world.controllers.alive(&set.id.namespace);
    let mut evidence = Vec::new();
    let is_there = case.view.find(id).is_some();
    let text = if is_there {
        evidence.push(case.view.missing(&ObjectId::new(&arc::POD, &id.namespace, &id.name)));
        format!("{id} has no pod")
    } else {
        evidence.push(case.view.missing(id));
        format!("{} is registered, but {id} does not exist", set.id)
    };
    evidence.extend(controller.map(|controller| alive_evidence(case.view, controller)));
    let message = format!(
        "{text}, and nothing that the controller needs for it was found missing; its log would prove why"
    );
    let mut remedies = Vec::new();
    remedies.push(match is_there {
        true => remedy::automatic(
            "delete-listener",
            format!("Delete {id}; the controller makes it and its pod anew"),
            Loss::None,
            vec![action::delete(id)],
        ),
        false => beside::retry_runner_set(set),
    });
    if let Some(controller) = controller {
        remedies.push(Remedy {
            title: format!(
                "Restart {}, for all its runner sets: that ends its pauses after errors, and calls that hang",
                controller.id
            ),
            ..remedy::restart_controller(case.view, &controller.id)
        });
    }
    root(id, message, evidence, remedies)
}

/// A delivery tool takes the listener for its own, because it carries the tool's mark, and removes it again and
/// again: it is only seconds old, and its runner set is not.
fn pruned(case: &Case<'_>, findings: &mut Findings) {
    for listener in listening::live(case) {
        let Some(set) = listener.set else { continue };
        let age = |object: &Object| object.created.map(|at| case.view.now().duration_since(at));
        let (Some(whole), Some(part)) = (age(set), age(listener.object)) else { continue };
        let owned = sets::runner_sets(case.view, set).into_iter().next().and_then(age);
        let others = [Some(whole), owned];
        if part >= limits::YOUNG_CREATION || others.into_iter().flatten().any(|age| age <= limits::SETTLED) {
            continue;
        }
        let Some(tool) = delivery::prunes(listener.object) else { continue };
        let id = &listener.object.id;
        // A listener is made anew for many reasons. That the tool removes what it does not deliver, its own object says.
        let Some(application) = delivery::pruning_application(case.view, &tool) else {
            let (kind, namespace) = (arc::APPLICATION, String::new());
            findings.wish_for_proof(id, Sight::List { kind, namespace, selector: None });
            continue;
        };
        let evidence = vec![
            application,
            case.view.evidence(id, tool.field.clone(), tool.says.clone()),
            case.view.evidence(id, "metadata.creationTimestamp", format!("{}s ago", part.as_secs().max(0))),
        ];
        let message = format!(
            "{id} carries the mark of {} and was made anew {}s ago: the tool may remove it as something that is not \
             delivered; that it is made anew again and again would prove it",
            tool.name,
            part.as_secs().max(0)
        );
        let remedies = vec![Remedy {
            id: "exclude-label-propagation",
            title: format!(
                "Keep ARC from copying the mark (flag --exclude-label-propagation-prefix of the controller, 0.9.3 \
                 and later), or let {} track by annotation",
                tool.name
            ),
            loss: Loss::None,
            applicability: Applicability::NeedsValue,
            actions: Vec::new(),
            leaves: Vec::new(),
        }];
        findings.root(root(id, message, evidence, remedies));
    }
}
