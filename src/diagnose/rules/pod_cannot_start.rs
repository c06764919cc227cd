//! A pod of a runner, a listener or a job exists and cannot start.

use crate::arc;
use crate::diagnose::action::Action;
use crate::diagnose::events;
use crate::diagnose::events::Event;
use crate::diagnose::need::Need;
use crate::diagnose::need::Stuck;
use crate::diagnose::obstacle::Obstacle;
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
use crate::diagnose::wish::Sight;
use crate::graph::Node;
use crate::model::ObjectId;
use std::collections::BTreeMap;

pub const RULE: Rule = Rule {
    class: Class::PodCannotStart,
    reads: &[arc::EVENT],
    page: Page {
        summary: "the pod exists but cannot start",
        finds: "The pod of a runner or a listener, or a job pod that a runner has made, stays Pending or is being \
                created: no node takes it, its image cannot be pulled, its volume is not provisioned or attached, \
                or there is no address for it.",
        why_it_blocks: "The runner counts and does no work. Its job waits, or is given to a runner that never \
                        starts. In kubernetes container mode the runner's pod and the job's pod share one work \
                        volume; a volume for one node alone keeps the job's pod from starting on another.",
        neighbours: "pod-create-denied: there is no pod. runner-exits-immediately: it starts and ends. node-lost: \
                     it ran, and its node is gone.",
        what_to_do: "Read the pod's conditions, the waiting reason of its containers and its events. Cure what \
                     they name: image or pull secret, storage class, a work volume that several nodes can mount, \
                     room on the nodes, addresses. Then delete EphemeralRunners that have become Failed, and job \
                     pods that were left behind.",
        cost: "None.",
        sources: &[
            "controllers/actions.github.com/ephemeralrunner_controller.go",
            "actions/runner-container-hooks packages/k8s",
            "kubernetes.io/docs/tasks/debug/debug-application/debug-pods",
        ],
    },
    check,
};

/// A pod of a runner, or of its job.
const RUNNER: &str = "runner";

/// What several pods of a set have in common.
type Kind<'a> = (Option<&'a ObjectId>, String, Obstacle);

fn check(case: &Case<'_>, findings: &mut Findings) {
    let mut groups: BTreeMap<Kind<'_>, Vec<Held<'_>>> = BTreeMap::new();
    for stuck in case.world.stuck.values().filter(|stuck| !stuck.deleting) {
        let Some(held) = held(case, findings, stuck) else { continue };
        let role = if held.pod == stuck.id { role(stuck) } else { RUNNER };
        groups.entry((stuck.set.as_ref(), role.to_owned(), held.obstacle)).or_default().push(held);
    }
    for held in groups.values() {
        add(case, findings, held);
    }
    for stuck in case.world.stuck.values().filter(|stuck| failed_unseen(stuck)) {
        // Nobody can look at the pods of this one any more, but at another one of the same set.
        let alike = groups.iter().find(|((set, role, _), _)| *set == stuck.set.as_ref() && role == RUNNER);
        if let Some(first) = alike.and_then(|(_, held)| held.first()) {
            let because = "its pods did not start, as others of the set do not";
            findings.wait(&stuck.id, &Node::Object(first.pod.clone()), because, first.evidence.clone());
        }
    }
}

/// A pod that does not start, and why.
struct Held<'a> {
    pod: ObjectId,
    /// Who waits for it, where that is not known already.
    runner: Option<&'a ObjectId>,
    obstacle: Obstacle,
    evidence: Vec<Evidence>,
    proven: bool,
}

fn held<'a>(case: &Case<'_>, findings: &mut Findings, stuck: &'a Stuck) -> Option<Held<'a>> {
    let start = stuck.needs.iter().find_map(|need| match need {
        Need::Start { obstacle, evidence } => Some((*obstacle, evidence)),
        _ => None,
    });
    let Some((obstacle, evidence)) = start else { return gone(case, findings, stuck) };
    let mut held = Held {
        pod: stuck.id.clone(),
        runner: None,
        obstacle,
        evidence: vec![evidence.clone()],
        proven: obstacle != Obstacle::Creating,
    };
    if matches!(obstacle, Obstacle::Creating | Obstacle::Volume) {
        match telling(case, &stuck.id) {
            Some((event, obstacle)) => {
                held.evidence.push(event.evidence(case.view, &stuck.id));
                held.obstacle = obstacle;
                held.proven = true;
            }
            None => ask(findings, stuck),
        }
        let claim = format!("{}-work", stuck.id.name);
        let claim = ObjectId::new(&arc::PERSISTENT_VOLUME_CLAIM, &stuck.id.namespace, &claim);
        if let Some((event, _)) = telling(case, &claim) {
            held.evidence.push(event.evidence(case.view, &claim));
        }
    }
    Some(held)
}

/// A runner whose pods failed too often: they are gone, and their events tell why for an hour.
fn gone<'a>(case: &Case<'_>, findings: &mut Findings, stuck: &'a Stuck) -> Option<Held<'a>> {
    if !failed_unseen(stuck) {
        return None;
    }
    let pod = ObjectId::new(&arc::POD, &stuck.id.namespace, &stuck.id.name);
    let Some((event, obstacle)) = telling(case, &pod) else {
        ask(findings, stuck);
        return None;
    };
    let evidence = vec![event.evidence(case.view, &pod)];
    Some(Held { pod, runner: Some(&stuck.id), obstacle, evidence, proven: true })
}

/// A Failed runner whose pods ended without anybody seeing how.
fn failed_unseen(stuck: &Stuck) -> bool {
    let unseen = |need: &Need| matches!(need, Need::Living { evidence, .. } if evidence.is_empty());
    stuck.needs.contains(&Need::Place) && stuck.needs.iter().any(unseen)
}

/// The newest event that says why a pod or a claim does not come about.
fn telling<'a>(case: &Case<'a>, id: &ObjectId) -> Option<(Event<'a>, Obstacle)> {
    events::about(case.view, id)
        .into_iter()
        .find_map(|event| Some((event, Obstacle::of_event(event.reason)?)))
}

fn ask(findings: &mut Findings, stuck: &Stuck) {
    let sight = Sight::List {
        kind: arc::EVENT,
        namespace: stuck.id.namespace.clone(),
        selector: Some(events::WARNINGS.to_owned()),
    };
    findings.wish_for_proof(&stuck.id, sight);
}

/// Whose pod it is, in a word.
fn role(stuck: &Stuck) -> &'static str {
    if stuck.set.as_ref().is_some_and(|set| set.namespace != stuck.id.namespace) {
        "listener"
    } else {
        RUNNER
    }
}

/// One root for all that fail alike: the first of them.
fn add(case: &Case<'_>, findings: &mut Findings, held: &[Held<'_>]) {
    let Some(first) = held.first() else { return };
    let end = Node::Object(first.pod.clone());
    for other in held {
        if let Some(runner) = other.runner {
            findings.wait(runner, &Node::Object(other.pod.clone()), "its pods did not start", Vec::new());
        }
        if other.pod != first.pod {
            let because = "it does not start for the same reason";
            findings.wait(&other.pod, &end, because, other.evidence.clone());
        }
    }
    let says = first.evidence.last().map(|evidence| evidence.says.clone()).unwrap_or_default();
    let what = first.obstacle.says();
    let mut message = match held.len() {
        1 => format!("{} cannot start: {what}", first.pod),
        many => format!("{} and {} others like it cannot start: {what}", first.pod, many - 1),
    };
    if first.proven {
        message = format!("{message}: {}", says.trim().trim_end_matches('.'));
    } else {
        message.push_str("; its events would prove it");
    }
    let members =
        if held.len() > 1 { held.iter().map(|held| held.pod.clone()).collect() } else { Vec::new() };
    findings.root(Finding {
        class: Class::PodCannotStart,
        object: first.pod.clone(),
        end,
        members,
        message,
        certainty: if first.proven { Certainty::Proven } else { Certainty::Likely },
        evidence: first.evidence.clone(),
        remedies: vec![cure(case, first)],
    });
}

fn cure(case: &Case<'_>, held: &Held<'_>) -> Remedy {
    let (id, title) = held.obstacle.cure();
    let (namespace, name) = (remedy::word(&held.pod.namespace), remedy::word(&held.pod.name));
    let command = match case.view.subject(&held.pod) {
        Some(_) => format!("kubectl describe pod -n {namespace} {name}"),
        None => format!("kubectl get events -n {namespace} --field-selector involvedObject.name={name}"),
    };
    Remedy {
        id,
        title: title.to_owned(),
        loss: Loss::None,
        applicability: Applicability::NeedsValue,
        actions: vec![Action::Command(command)],
        leaves: Vec::new(),
    }
}
