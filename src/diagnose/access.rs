//! May a controller do this? From the recorded review, else worked out from Roles and bindings as the API
//! server's RBAC authorizer does (`plugin/pkg/auth/authorizer/rbac` of Kubernetes).

use super::view::View;
use crate::arc;
use crate::model::AccessReview;
use crate::model::GroupKind;
use crate::model::Object;
use crate::model::Question;
use crate::model::Reading;
use serde_json::Value;

/// The answer to a [`Question`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Allowed; by what, in the server's words or ours.
    Allowed(String),
    /// Denied; the reason, `""` if none is known.
    Denied(String),
    /// What would decide could not be read.
    Unread { kind: GroupKind, namespace: String, reading: Reading },
}

/// Decides a question. Terminating Roles and bindings still grant.
pub fn decide(view: &View<'_>, question: &Question) -> Decision {
    let of_any = Question { name: String::new(), ..question.clone() };
    let recorded = |asked: &Question| view.reviews().iter().find(|review| review.question == *asked);
    let decision = |review: &AccessReview| match review.allowed {
        true => Decision::Allowed(review.reason.clone()),
        false => Decision::Denied(review.reason.clone()),
    };
    match (recorded(question), recorded(&of_any)) {
        (Some(review), _) => decision(review),
        (None, Some(review)) if review.allowed => decision(review),
        // Denied for any object of the kind: a rule for this very name may still allow it.
        (None, Some(review)) => match from_bindings(view, question) {
            allowed @ Decision::Allowed(_) => allowed,
            Decision::Denied(_) | Decision::Unread { .. } => decision(review),
        },
        (None, None) => from_bindings(view, question),
    }
}

fn from_bindings(view: &View<'_>, question: &Question) -> Decision {
    let mut unread = None;
    let mut dangling = String::new();
    let scopes: [(GroupKind, Option<&str>); 2] =
        [(arc::CLUSTER_ROLE_BINDING, None), (arc::ROLE_BINDING, Some(question.namespace.as_str()))];
    for (binding_kind, namespace) in scopes {
        if namespace == Some("") {
            continue;
        }
        let bindings = view.list(&binding_kind, namespace);
        if !bindings.reading.is_complete() {
            unread.get_or_insert((binding_kind.clone(), bindings.reading));
        }
        for binding in bindings.objects.into_iter().filter(|binding| names_subject(binding, &question.user)) {
            let role_kind = match binding.text("/roleRef/kind") {
                Some("ClusterRole") => arc::CLUSTER_ROLE,
                _ => arc::ROLE,
            };
            let role_namespace = if role_kind == arc::ROLE { binding.id.namespace.as_str() } else { "" };
            let role_name = binding.text("/roleRef/name").unwrap_or_default();
            match view.get(&role_kind, role_namespace, role_name) {
                crate::model::Lookup::Found(role) if grants(view, role, question) => {
                    return Decision::Allowed(format!("{} allows it by {}", role.id, binding.id));
                }
                crate::model::Lookup::Found(_) => {}
                crate::model::Lookup::Absent => {
                    dangling =
                        format!("{} names {} {role_name}, which does not exist", binding.id, role_kind.kind);
                }
                crate::model::Lookup::Unread(reading) => {
                    unread.get_or_insert((role_kind, reading));
                }
            }
        }
    }
    match unread {
        Some((kind, reading)) => {
            let namespace = if kind == arc::ROLE || kind == arc::ROLE_BINDING {
                question.namespace.clone()
            } else {
                String::new()
            };
            Decision::Unread { kind, namespace, reading }
        }
        None => Decision::Denied(dangling),
    }
}

/// True if a binding names the user, directly or by one of the groups of a ServiceAccount.
pub fn names_subject(binding: &Object, user: &str) -> bool {
    let account = user.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':'));
    binding.items("/subjects").iter().any(|subject| {
        let text = |key: &str| subject.get(key).and_then(Value::as_str).unwrap_or_default();
        match text("kind") {
            "ServiceAccount" => {
                let namespace = if text("namespace").is_empty() {
                    binding.id.namespace.as_str()
                } else {
                    text("namespace")
                };
                account == Some((namespace, text("name")))
            }
            "User" => text("name") == user,
            "Group" => account.is_some_and(|(namespace, _)| {
                let group = text("name");
                group == "system:authenticated"
                    || group == "system:serviceaccounts"
                    || group.strip_prefix("system:serviceaccounts:") == Some(namespace)
            }),
            _ => false,
        }
    })
}

/// True if a Role or ClusterRole allows it, by its own rules or by those it aggregates.
pub fn grants(view: &View<'_>, role: &Object, question: &Question) -> bool {
    if role.items("/rules").iter().any(|rule| rule_allows(rule, question)) {
        return true;
    }
    let selectors = role.items("/aggregationRule/clusterRoleSelectors");
    if selectors.is_empty() {
        return false;
    }
    let aggregated = view.list(&arc::CLUSTER_ROLE, None).objects;
    aggregated
        .into_iter()
        .filter(|other| selectors.iter().any(|selector| selects(selector, other)))
        .any(|other| other.items("/rules").iter().any(|rule| rule_allows(rule, question)))
}

/// True if a label selector matches: all of its labels and all of its expressions. An empty one matches all.
pub fn selects(selector: &Value, object: &Object) -> bool {
    let labels = selector.get("matchLabels").and_then(Value::as_object);
    let expressions = selector.get("matchExpressions").and_then(Value::as_array);
    labels.into_iter().flatten().all(|(key, value)| {
        let have = object.label(key);
        have.is_some() && have == value.as_str()
    }) && expressions.into_iter().flatten().all(|expression| expression_holds(expression, object))
}

/// One requirement of a label selector. An operator that does not exist is refused by the server: no match.
fn expression_holds(expression: &Value, object: &Object) -> bool {
    let text = |key: &str| expression.get(key).and_then(Value::as_str).unwrap_or_default();
    let have = object.label(text("key"));
    let values = expression.get("values").and_then(Value::as_array);
    let listed = || have.is_some() && values.into_iter().flatten().any(|value| value.as_str() == have);
    match text("operator") {
        "In" => listed(),
        "NotIn" => !listed(),
        "Exists" => have.is_some(),
        "DoesNotExist" => have.is_none(),
        _ => false,
    }
}

/// As the API server's `RuleAllows`: a rule limited to names allows them alone, and never "any object".
fn rule_allows(rule: &Value, question: &Question) -> bool {
    let resource = if question.subresource.is_empty() {
        question.resource.clone()
    } else {
        format!("{}/{}", question.resource, question.subresource)
    };
    let lists = |key: &str, wanted: &dyn Fn(&str) -> bool| {
        rule.get(key)
            .and_then(Value::as_array)
            .is_some_and(|values| values.iter().filter_map(Value::as_str).any(wanted))
    };
    let names = rule.get("resourceNames").and_then(Value::as_array).filter(|names| !names.is_empty());
    lists("verbs", &|verb| verb == "*" || verb == question.verb)
        && lists("apiGroups", &|group| group == "*" || group == question.group)
        && lists("resources", &|listed| {
            listed == "*"
                || listed == resource
                || (!question.subresource.is_empty()
                    && listed.strip_prefix("*/") == Some(&question.subresource))
        })
        && names.is_none_or(|names| names.iter().any(|name| name.as_str() == Some(&question.name)))
}
