//! The namespace is terminating, so what the next step needs can no longer be made there.

use crate::arc;
use crate::diagnose::conditions;
use crate::diagnose::remedy;
use crate::diagnose::report::Class;
use crate::diagnose::report::Evidence;
use crate::diagnose::report::State;
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

pub const RULE: Rule = Rule {
    class: Class::NamespaceTerminating,
    reads: &[arc::NAMESPACE, arc::AUTOSCALING_RUNNER_SET, arc::AUTOSCALING_LISTENER, arc::EPHEMERAL_RUNNER],
    page: Page {
        summary: "what is missing can no longer be made here",
        finds: "Something missing would have to be made again (a Secret, a Role, a RoleBinding, the controller), and \
                its namespace is Terminating.",
        why_it_blocks: "The API server refuses every creation in a terminating namespace. The namespace waits for its \
                        objects, they wait for what is missing, and that cannot be made because of the namespace.",
        neighbours: "secret-missing, rbac-missing, controller-gone: the same, but the missing thing can still be \
                     made. A namespace that merely waits for other objects is not the root: they are.",
        what_to_do: "Nothing gentle is left inside this namespace. Let the runners and the scale set go without \
                     GitHub: take the registration finalizer off the runners and the scale set's number off the \
                     runner set. The controller does the rest.",
        cost: "The scale set and its runners stay listed at GitHub until they are removed there.",
        sources: &["kubernetes/kubernetes plugin/pkg/admission/namespace/lifecycle/admission.go"],
    },
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    let missing: Vec<Finding> = findings
        .roots
        .iter()
        .filter(|finding| !finding.object.namespace.is_empty())
        .filter(|finding| case.view.reference(&finding.object).state == State::Missing)
        .cloned()
        .collect();
    for lacking in missing {
        let id = &lacking.object;
        let namespace = ObjectId::new(&arc::NAMESPACE, "", &id.namespace);
        let object = match case.view.look(&namespace) {
            Lookup::Found(object) if object.is_deleting() => object,
            Lookup::Found(_) | Lookup::Absent => continue,
            Lookup::Unread(reading) => {
                // Whoever waits for it is asked about; the place where it is missing may be far from there.
                let waits = findings.waits.iter().filter(|wait| wait.to == lacking.end);
                let waiters: Vec<ObjectId> = waits.filter_map(|wait| wait.from.object().cloned()).collect();
                for waiter in waiters.iter().chain([id]) {
                    findings.wish_for_proof(waiter, Sight::Object(namespace.clone()));
                }
                findings.gap(id, &arc::NAMESPACE, "", &reading, &[Class::NamespaceTerminating]);
                continue;
            }
        };
        let phase = case.view.evidence(&namespace, "metadata.deletionTimestamp", deleted_at(object));
        findings.wait(
            id,
            &Node::Object(namespace.clone()),
            "nothing can be created in a terminating namespace",
            vec![phase.clone()],
        );
        findings.root(deadlock(case, object, &lacking, phase));
    }
}

fn deadlock(case: &Case<'_>, namespace: &Object, lacking: &Finding, phase: Evidence) -> Finding {
    let missing = &lacking.object;
    let mut evidence = vec![phase];
    if let Some(message) = conditions::finalizers_message(namespace) {
        evidence.push(case.view.evidence(
            &namespace.id,
            "status.conditions[NamespaceFinalizersRemaining]",
            message,
        ));
    }
    evidence.extend(lacking.evidence.clone());
    let mut remedies = Vec::new();
    for set in case.view.list(&arc::AUTOSCALING_RUNNER_SET, Some(&namespace.id.name)).objects {
        remedies.extend(remedy::let_go(case.view, &set.id));
    }
    remedies.extend(remedy::drop_listener_finalizers(case.view, &namespace.id.name));
    remedies.sort_by_key(|remedy| remedy.loss);
    Finding {
        class: Class::NamespaceTerminating,
        end: Node::Object(namespace.id.clone()),
        object: namespace.id.clone(),
        members: Vec::new(),
        message: format!(
            "{} is terminating, so {missing} cannot be made again, and what waits for it holds the namespace",
            namespace.id
        ),
        // As sure as that it is missing.
        certainty: lacking.certainty,
        evidence,
        remedies,
    }
}

fn deleted_at(object: &Object) -> String {
    object.deletion_timestamp.map(|time| time.to_string()).unwrap_or_default()
}
