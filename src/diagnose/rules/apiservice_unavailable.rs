//! An aggregated API does not answer, so that no namespace is known to be empty.

use crate::arc;
use crate::diagnose::action;
use crate::diagnose::need::Need;
use crate::diagnose::remedy;
use crate::diagnose::report::Certainty;
use crate::diagnose::report::Class;
use crate::diagnose::report::Evidence;
use crate::diagnose::report::Loss;
use crate::diagnose::rule::Case;
use crate::diagnose::rule::Finding;
use crate::diagnose::rule::Findings;
use crate::diagnose::rule::Page;
use crate::diagnose::rule::Rule;
use crate::diagnose::wish::Sight;
use crate::graph::Node;
use crate::model::Object;
use serde_json::Value;

pub const RULE: Rule = Rule {
    class: Class::ApiserviceUnavailable,
    reads: &[arc::API_SERVICE],
    page: Page {
        summary: "an aggregated API is down; no namespace can end",
        finds: "A namespace is Terminating, its condition reports that discovery failed, and an APIService is not \
                available.",
        why_it_blocks: "The namespace controller must know every kind there is before it may call a namespace \
                        empty. An aggregated API whose backend does not answer hides its kinds, so that no \
                        namespace of the cluster is finished, whatever is or is not in it. The objects of the \
                        APIs that answer are deleted all the same.",
        neighbours: "namespace-terminating: the namespace is the root because something cannot be made in it any \
                     more. If the namespace also reports remaining content, that has blockers of its own.",
        what_to_do: "Bring the backend back that the APIService names: the Service, its endpoints, its \
                     certificate. If the add-on is gone for good, delete the APIService. The namespace ends by \
                     itself within some minutes. Never force it through the finalize subresource.",
        cost: "None for repairing it. Without the APIService its API is gone until the add-on is installed again; \
               autoscalers that use its metrics stop.",
        sources: &[
            "kubernetes/kubernetes pkg/controller/namespace/deletion/namespaced_resources_deleter.go",
            "kubernetes/kube-aggregator pkg/controllers/status/remote/remote_available_controller.go",
        ],
    },
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    for stuck in case.world.stuck.values() {
        for need in &stuck.needs {
            let Need::Apis { message } = need else { continue };
            let services = case.view.list(&arc::API_SERVICE, None);
            if !services.reading.is_complete() {
                let sight = Sight::List { kind: arc::API_SERVICE, namespace: String::new(), selector: None };
                findings.wish(&stuck.id, sight, services.reading, &[Class::ApiserviceUnavailable]);
            }
            let condition = "status.conditions[NamespaceDeletionDiscoveryFailure]";
            let says = case.view.evidence(&stuck.id, condition, message.clone());
            let down = services
                .objects
                .into_iter()
                .filter_map(|service| Some((service, unavailable(case, service)?)));
            for (service, evidence) in down.filter(|(service, _)| is_named(service, message)) {
                let end = Node::Repair(service.id.clone());
                let because = "a namespace is finished only when every API was asked for what is in it";
                findings.wait(&stuck.id, &end, because, vec![says.clone()]);
                findings.root(down_for(service, end, vec![evidence, says.clone()]));
            }
        }
    }
}

/// Evidence that an APIService is not available; None if it is, or says nothing of it.
fn unavailable(case: &Case<'_>, service: &Object) -> Option<Evidence> {
    let text =
        |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let conditions = service.items("/status/conditions").iter();
    let available = conditions.into_iter().find(|condition| text(condition, "type") == "Available")?;
    let says = format!(
        "{}, {}: {}",
        text(available, "status"),
        text(available, "reason"),
        text(available, "message")
    );
    (text(available, "status") != "True")
        .then(|| case.view.evidence(&service.id, "status.conditions[Available]", says))
}

/// True if the message names the group and version that this one serves.
fn is_named(service: &Object, message: &str) -> bool {
    let text = |pointer| service.text(pointer).unwrap_or_default();
    let served = format!("{}/{}", text("/spec/group"), text("/spec/version"));
    let ends = |c: char| !(c.is_ascii_alphanumeric() || "-./".contains(c));
    message.split(ends).any(|word| word.trim_end_matches('.') == served)
}

fn down_for(service: &Object, end: Node, evidence: Vec<Evidence>) -> Finding {
    let id = &service.id;
    let name = remedy::word(&id.name);
    let backend = match (service.text("/spec/service/namespace"), service.text("/spec/service/name")) {
        (Some(namespace), Some(backend)) => format!("Service {namespace}/{backend}"),
        _ => "its backend".to_owned(),
    };
    let mut commands = vec![format!("kubectl describe apiservice {name}")];
    if let (Some(namespace), Some(backend)) =
        (service.text("/spec/service/namespace"), service.text("/spec/service/name"))
    {
        let (namespace, backend) = (remedy::word(namespace), remedy::word(backend));
        commands.push(format!(
            "kubectl get service,endpointslices -n {namespace} -l kubernetes.io/service-name={backend}"
        ));
    }
    Finding {
        class: Class::ApiserviceUnavailable,
        end,
        object: id.clone(),
        members: Vec::new(),
        message: format!(
            "{id} is not available: {backend} does not answer, and until it does no namespace ends"
        ),
        certainty: Certainty::Proven,
        evidence,
        remedies: vec![
            remedy::by_hand("repair-api-backend", format!("Bring {backend} back behind {id}"), commands),
            remedy::automatic(
                "delete-api-service",
                format!(
                    "Only if what serves it is gone for good: delete {id}; it comes back with its add-on"
                ),
                Loss::Reversible,
                vec![action::delete(id)],
            ),
        ],
    }
}
