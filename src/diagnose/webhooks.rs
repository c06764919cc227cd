//! Admission webhooks: which of them is asked about an object, and whether it can answer
//! (`pkg/admission/plugin/webhook/` of kubernetes/apiserver).

use super::access;
use super::report::Evidence;
use super::view::View;
use super::wish::Sight;
use crate::arc;
use crate::arc::limits;
use crate::arc::marks;
use crate::model::GroupKind;
use crate::model::Lookup;
use crate::model::Object;
use crate::model::ObjectId;
use crate::model::Reading;
use crate::model::Snapshot;
use serde_json::Value;

/// One webhook of a configuration.
#[derive(Clone, Copy, Debug)]
pub struct Hook<'a> {
    pub config: &'a Object,
    body: &'a Value,
}

/// Whether a webhook can answer.
#[derive(Debug)]
pub enum Health {
    /// Nothing says that it cannot.
    Fine,
    /// It cannot, why, and what says so.
    Dead(String, Vec<Evidence>),
    /// Its last endpoint went a moment ago: what is behind it restarts.
    Restarting,
    /// What would tell was not read.
    Unseen(Sight, Reading),
}

const KINDS: [GroupKind; 2] = [arc::MUTATING_WEBHOOKS, arc::VALIDATING_WEBHOOKS];
/// The label by which a Service's EndpointSlices are found.
const SERVICE_NAME: &str = "kubernetes.io/service-name";
/// The annotation that says what a slice was last changed for: when a pod became ready or not (`pkg/controller/endpointslice`).
const LAST_CHANGE: &str = "endpoints.kubernetes.io/last-change-trigger-time";

/// All webhooks that were seen.
pub fn all<'a>(view: &View<'a>) -> Vec<Hook<'a>> {
    let configs = KINDS.into_iter().flat_map(|kind| view.list(&kind, None).objects);
    configs
        .flat_map(|config| config.items("/webhooks").iter().map(move |body| Hook { config, body }))
        .collect()
}

/// The names of the mutating webhooks that are asked about an update of an object.
pub fn asked_about_updates(snapshot: &Snapshot, object: &Object) -> Vec<String> {
    let view = View::new(snapshot);
    let hooks = all(&view).into_iter().filter(|hook| hook.config.id.kind == arc::MUTATING_WEBHOOKS);
    hooks.filter(|hook| hook.is_asked(&view, object, "UPDATE")).map(|hook| hook.name().to_owned()).collect()
}

/// What of the configurations was not read.
pub fn unread(view: &View<'_>) -> Vec<(Sight, Reading)> {
    KINDS
        .into_iter()
        .map(|kind| (kind.clone(), view.list(&kind, None).reading))
        .filter(|(_, reading)| !reading.is_complete())
        .map(|(kind, reading)| (Sight::List { kind, namespace: String::new(), selector: None }, reading))
        .collect()
}

/// The webhook or policy that words of the API server name: `failed calling webhook "x"`, `admission webhook "x"
/// denied the request`, `ValidatingAdmissionPolicy 'x' with binding 'y' denied request`.
pub fn named_in(words: &str) -> Option<(String, bool)> {
    let words = words.replace("\\\"", "\"");
    let after = |mark: &str, end: char| {
        let (_, rest) = words.split_once(mark)?;
        Some(rest.split_once(end)?.0.to_owned())
    };
    if let Some(policy) = after("ValidatingAdmissionPolicy '", '\'') {
        return Some((policy, true));
    }
    after("webhook \"", '"').map(|hook| (hook, false))
}

impl Hook<'_> {
    fn text(&self, pointer: &str) -> &str {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    pub fn name(&self) -> &str {
        self.text("/name")
    }

    /// True if it is one of ARC's own, of legacy mode.
    pub fn is_legacy(&self) -> bool {
        self.name().ends_with(marks::LEGACY_WEBHOOK_SUFFIX)
    }

    /// True if no answer is a refusal.
    pub fn fails_closed(&self) -> bool {
        self.text("/failurePolicy") != "Ignore"
    }

    /// True if it depends on an expression that is not evaluated here.
    pub fn is_conditional(&self) -> bool {
        self.body.get("matchConditions").and_then(Value::as_array).is_some_and(|list| !list.is_empty())
    }

    /// True if it is asked about an operation on this object. Its conditions are not looked at.
    pub fn is_asked(&self, view: &View<'_>, object: &Object, operation: &str) -> bool {
        let Some(row) = arc::kind_row(&object.id.kind) else { return false };
        let rules = self.body.get("rules").and_then(Value::as_array);
        let lists = |rule: &Value, key: &str, wanted: &str| {
            let values = rule.get(key).and_then(Value::as_array);
            values
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .any(|value| value == "*" || value == wanted || (key == "resources" && value == "*/*"))
        };
        let scope = |rule: &Value| match rule.get("scope").and_then(Value::as_str) {
            Some("Namespaced") => row.namespaced,
            Some("Cluster") => !row.namespaced,
            _ => true,
        };
        let matched = rules.into_iter().flatten().any(|rule| {
            lists(rule, "apiGroups", row.group)
                && lists(rule, "resources", row.plural)
                && lists(rule, "operations", operation)
                && scope(rule)
        });
        matched && self.selects_object(object) && self.selects_namespace(view, object)
    }

    fn selects_object(&self, object: &Object) -> bool {
        self.body.get("objectSelector").is_none_or(|selector| access::selects(selector, object))
    }

    /// A namespace is selected by its labels; other objects of the cluster by none.
    fn selects_namespace(&self, view: &View<'_>, object: &Object) -> bool {
        let Some(selector) = self.body.get("namespaceSelector") else { return true };
        if object.id.kind == arc::NAMESPACE {
            return access::selects(selector, object);
        }
        if object.id.namespace.is_empty() {
            return true;
        }
        let namespace = ObjectId::new(&arc::NAMESPACE, "", &object.id.namespace);
        view.find(&namespace).is_none_or(|namespace| access::selects(selector, namespace))
    }

    /// The Service before it; None: it is called by URL, which cannot be judged from here.
    pub fn service(&self) -> Option<ObjectId> {
        let (namespace, name) =
            (self.text("/clientConfig/service/namespace"), self.text("/clientConfig/service/name"));
        (!name.is_empty()).then(|| ObjectId::new(&arc::SERVICE, namespace, name))
    }

    pub fn health(&self, view: &View<'_>) -> Health {
        let Some(service) = self.service() else { return Health::Fine };
        let config = &self.config.id;
        let field = format!("webhooks[{}].clientConfig", self.name());
        let names = view.evidence(config, field.clone(), service.to_string());
        if self.text("/clientConfig/caBundle").is_empty()
            && let Some(certificate) = self.config.annotation(marks::CERT_MANAGER_INJECTS)
        {
            let says = format!("caBundle is empty; cert-manager should put that of {certificate} there");
            let why = "it has no CA to trust its certificate by".to_owned();
            return Health::Dead(why, vec![view.evidence(config, field, says)]);
        }
        match view.look(&service) {
            Lookup::Absent => {
                return Health::Dead(
                    format!("{service} does not exist"),
                    vec![names, view.missing(&service)],
                );
            }
            Lookup::Unread(reading) => return Health::Unseen(Sight::Object(service), reading),
            Lookup::Found(_) => {}
        }
        let selector = format!("{SERVICE_NAME}={}", service.name);
        let reading = view.reading_of_selector(&arc::ENDPOINT_SLICE, Some(&service.namespace), &selector);
        if !reading.is_complete() {
            let (kind, namespace) = (arc::ENDPOINT_SLICE, service.namespace.clone());
            return Health::Unseen(Sight::List { kind, namespace, selector: Some(selector) }, reading);
        }
        let slices = view.list(&arc::ENDPOINT_SLICE, Some(&service.namespace)).objects;
        let mut its = slices.iter().filter(|slice| slice.label(SERVICE_NAME) == Some(&service.name));
        let ready = |endpoint: &Value| endpoint.pointer("/conditions/ready") != Some(&Value::Bool(false));
        if its.clone().flat_map(|slice| slice.items("/endpoints")).any(ready) {
            return Health::Fine;
        }
        if its.any(|slice| changed_lately(view, slice)) {
            return Health::Restarting;
        }
        let none = view.evidence(&service, "endpoints", "none is ready");
        Health::Dead(format!("{service} has no ready endpoint"), vec![names, none])
    }
}

/// True if a slice was written to a moment ago. Its writer notes when, and since when it had a reason to.
fn changed_lately(view: &View<'_>, slice: &Object) -> bool {
    let written = slice.managers.iter().filter_map(|manager| manager.time);
    let triggered = slice.annotation(LAST_CHANGE).and_then(|time| time.parse().ok());
    let newest = written.chain(triggered).max();
    newest.is_some_and(|at| view.now().duration_since(at) < limits::CONTROLLER_RESTART)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_servers_words_name_who_refuses() {
        let hook = |words: &str| named_in(words);
        assert_eq!(
            hook("Internal error occurred: failed calling webhook \\\"a.example.com\\\": failed to call"),
            Some(("a.example.com".to_owned(), false))
        );
        assert_eq!(
            hook("admission webhook \"b.example.com\" denied the request: no"),
            Some(("b.example.com".to_owned(), false))
        );
        assert_eq!(
            hook("ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no"),
            Some(("p".to_owned(), true))
        );
        assert_eq!(hook("nothing of that sort"), None);
    }
}
