//! A pod cannot go because its node is gone: only the kubelet could say that its containers ended.

use crate::arc;
use crate::diagnose::action;
use crate::diagnose::action::Action;
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
use crate::diagnose::wish::Sight;
use crate::graph::Node;
use crate::model::Lookup;
use crate::model::Object;
use crate::model::ObjectId;
use serde_json::Value;

pub const RULE: Rule = Rule {
    class: Class::NodeLost,
    reads: &[arc::NODE],
    page: Page {
        summary: "the pod cannot go because its node is gone",
        finds: "A pod of a runner or a listener is past the end of its grace period, and its node is not ready or \
                no longer exists.",
        why_it_blocks: "Only the kubelet can say that a pod's containers have ended. A listener keeps its \
                        finalizer until its pod is gone; up to 0.10.1 a runner does the same. In Kubernetes 1.33 \
                        and later a namespace deletes pods first, so that one such pod holds up everything else \
                        in it.",
        neighbours: "foreign-finalizer: the pod's containers have ended and a finalizer holds it. \
                     job-still-running: the pod is gone and GitHub still waits for its job. pod-cannot-start: \
                     the pod has never run.",
        what_to_do: "Bring the node back. If the machine is gone for good, delete the Node: the pod garbage \
                     collector then removes its pods. If it is proven to be switched off, the taint \
                     node.kubernetes.io/out-of-service does the same. Deleting the pod with a grace period of \
                     zero is the last resort.",
        cost: "None if the machine is really off. If it is only cut off, the containers go on: a job may run \
               twice, and a volume may be written from two places.",
        sources: &[
            "controllers/actions.github.com/autoscalinglistener_controller.go",
            "kubernetes/kubernetes pkg/controller/podgc/gc_controller.go",
            "kubernetes.io/docs/concepts/cluster-administration/node-shutdown",
        ],
    },
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    for stuck in case.world.stuck.values() {
        for need in &stuck.needs {
            let Need::Kubelet { node: Some(node) } = need else { continue };
            let (end, evidence) = match case.view.look(node) {
                Lookup::Found(object) => match not_ready(case, object) {
                    Some(evidence) => (Node::Repair(node.clone()), evidence),
                    None => continue,
                },
                Lookup::Absent => (Node::Object(node.clone()), case.view.missing(node)),
                Lookup::Unread(reading) => {
                    findings.wish(&stuck.id, Sight::Object(node.clone()), reading, &[Class::NodeLost]);
                    continue;
                }
            };
            let bound = case.view.evidence(&stuck.id, "spec.nodeName", node.name.clone());
            let because = "only the kubelet of its node can say that its containers ended";
            findings.wait(&stuck.id, &end, because, vec![bound.clone()]);
            if !findings.saw_again(Class::NodeLost, node, vec![bound.clone()]) {
                findings.root(lost(case, stuck, node, end, vec![evidence, bound]));
            }
        }
    }
}

/// Evidence that a node is not ready; None if it is, or says nothing of it.
fn not_ready(case: &Case<'_>, node: &Object) -> Option<Evidence> {
    let text =
        |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let ready =
        node.items("/status/conditions").iter().find(|condition| text(condition, "type") == "Ready")?;
    let status = text(ready, "status");
    let says = format!("{status} since {}: {}", text(ready, "lastTransitionTime"), text(ready, "message"));
    (status != "True").then(|| case.view.evidence(&node.id, "status.conditions[Ready]", says))
}

fn lost(case: &Case<'_>, stuck: &Stuck, node: &ObjectId, end: Node, evidence: Vec<Evidence>) -> Finding {
    let gone = matches!(end, Node::Object(_));
    let state = if gone { "does not exist any more" } else { "is not ready" };
    let mut remedies = vec![remedy::by_hand(
        "bring-node-back",
        match gone {
            true => format!("Bring {node} back under its name, or wait for the garbage collector of pods"),
            false => format!("Bring {node} back; its kubelet then finishes by itself"),
        },
        vec![format!("kubectl describe node {}", remedy::word(&node.name))],
    )];
    let pod = &stuck.id;
    if !gone {
        remedies.push(remedy::automatic(
            "delete-node",
            format!(
                "Only if its machine is gone for good: delete {node}; its pods are then removed. If the machine \
                 still runs, a job may run twice"
            ),
            Loss::Job,
            vec![action::delete(node)],
        ));
    }
    remedies.push(remedy::automatic(
        "force-delete-pod",
        format!("Only if the machine is off: delete {pod} without waiting for its node"),
        // A listener runs no job. If it goes on after all, the next one has to wait for its session.
        if case.view.subject(pod).is_some_and(is_of_a_listener) { Loss::Reversible } else { Loss::Job },
        vec![action::delete_at_once(pod)],
    ));
    if !gone {
        remedies.push(Remedy {
            id: "taint-out-of-service",
            title: format!(
                "Only if the machine is proven to be switched off: taint {node} as out of service, so that its \
                 volumes are detached as well"
            ),
            loss: Loss::Data,
            applicability: Applicability::Manual,
            actions: vec![Action::Command(format!(
                "kubectl taint node {} node.kubernetes.io/out-of-service=nodeshutdown:NoExecute",
                remedy::word(&node.name)
            ))],
            leaves: Vec::new(),
        });
    }
    remedies.sort_by_key(|remedy| remedy.loss);
    Finding {
        class: Class::NodeLost,
        end,
        object: node.clone(),
        members: Vec::new(),
        message: format!("{node} {state}, so nobody says that the containers of {pod} ended"),
        certainty: Certainty::Proven,
        evidence,
        remedies,
    }
}

fn is_of_a_listener(pod: &Object) -> bool {
    pod.owners.iter().any(|owner| owner.kind == arc::AUTOSCALING_LISTENER.kind)
}
