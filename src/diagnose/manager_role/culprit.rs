//! Which Role or binding is to blame for a right that the controller lacks.

use super::manager_names;
use crate::arc;
use crate::arc::marks;
use crate::arc::rbac;
use crate::diagnose::access;
use crate::diagnose::controllers::Controller;
use crate::diagnose::report::Certainty;
use crate::diagnose::report::Evidence;
use crate::diagnose::view::View;
use crate::model::Lookup;
use crate::model::Object;
use crate::model::ObjectId;
use crate::model::Question;
use crate::model::Reading;
use serde_json::Value;

/// The Role or binding that lacks or is wrong.
#[derive(Debug)]
pub struct Culprit {
    pub object: ObjectId,
    pub message: String,
    pub certainty: Certainty,
    pub evidence: Vec<Evidence>,
}

/// `get secrets "gh-app"`.
pub fn right(question: &Question) -> String {
    let Question { verb, resource, subresource, name, .. } = question;
    let resource =
        if subresource.is_empty() { resource.clone() } else { format!("{resource}/{subresource}") };
    if name.is_empty() { format!("{verb} {resource}") } else { format!("{verb} {resource} \"{name}\"") }
}

/// The binding by which the charts give a right.
struct Chart {
    binding: ObjectId,
    role: ObjectId,
    /// Only the chart's formula says so; nothing in the cluster does.
    guessed: bool,
    /// Rights of which the Role gives at least one if it is meant for this at all.
    marks: Vec<Question>,
}

pub fn culprit(
    view: &View<'_>,
    set: Option<&ObjectId>,
    controller: &Controller,
    question: &Question,
) -> Culprit {
    let chart = chart(view, set, controller, question);
    let account = format!("{}/{}", controller.id.namespace, controller.service_account);
    blame(view, &chart, &account, question)
}

/// The same for the controller of legacy mode, whose chart makes one ClusterRole.
pub fn of_legacy(view: &View<'_>, controller: &ObjectId, question: &Question) -> Culprit {
    let chart = legacy_chart(controller, question);
    let account = question.user.trim_start_matches("system:serviceaccount:").replacen(':', "/", 1);
    blame(view, &chart, &account, question)
}

/// What there is to look at for that: the binding, and the Role that it names, or is to name.
pub fn looked_at(
    view: &View<'_>,
    set: Option<&ObjectId>,
    controller: &Controller,
    question: &Question,
) -> [ObjectId; 2] {
    pair(view, chart(view, set, controller, question))
}

/// The same for the controller of legacy mode.
pub fn looked_at_in_legacy_mode(
    view: &View<'_>,
    controller: &ObjectId,
    question: &Question,
) -> [ObjectId; 2] {
    pair(view, legacy_chart(controller, question))
}

fn pair(view: &View<'_>, chart: Chart) -> [ObjectId; 2] {
    let role = view.find(&chart.binding).map_or(chart.role, role_of);
    [chart.binding, role]
}

fn legacy_chart(controller: &ObjectId, question: &Question) -> Chart {
    let name = format!("{}{}", controller.name, rbac::LEGACY_MANAGER);
    let of_runners = Question {
        verb: "get".to_owned(),
        group: arc::LEGACY_GROUP.to_owned(),
        resource: "runners".to_owned(),
        subresource: String::new(),
        name: String::new(),
        ..question.clone()
    };
    Chart {
        binding: ObjectId::new(&arc::CLUSTER_ROLE_BINDING, "", &name),
        role: ObjectId::new(&arc::CLUSTER_ROLE, "", &name),
        guessed: true,
        marks: vec![of_runners],
    }
}

fn blame(view: &View<'_>, chart: &Chart, account: &str, question: &Question) -> Culprit {
    let binding = chart.binding.clone();
    match view.look(&binding) {
        Lookup::Unread(reading) => unseen(binding, &reading),
        Lookup::Found(object) if access::names_subject(object, &question.user) => {
            lacking_role(view, object, question)
        }
        Lookup::Found(object) => {
            let subjects = subjects(object);
            Culprit {
                message: format!(
                    "{binding} gives the rights to {subjects}, but the controller runs as {account}"
                ),
                evidence: vec![view.evidence(&binding, "subjects", subjects)],
                object: binding,
                certainty: Certainty::Proven,
            }
        }
        Lookup::Absent => match own_binding(view, question, chart) {
            Some(own) => lacking_role(view, own, question),
            None => missing(view, chart, account),
        },
    }
}

fn chart(view: &View<'_>, set: Option<&ObjectId>, controller: &Controller, question: &Question) -> Chart {
    let home = &controller.id.namespace;
    let ask = |verb: &str, group: &str, resource: &str| Question {
        verb: verb.to_owned(),
        group: group.to_owned(),
        resource: resource.to_owned(),
        subresource: String::new(),
        name: String::new(),
        ..question.clone()
    };
    // What is asked about all namespaces, no Role can give.
    if question.group == arc::GROUP || question.namespace.is_empty() {
        let marks = ["get", "list", "watch", "update", "patch"]
            .map(|verb| ask(verb, &question.group, &question.resource))
            .to_vec();
        if controller.watches.is_none() {
            let binding = ObjectId::new(&arc::CLUSTER_ROLE_BINDING, "", &controller.id.name);
            let role = ObjectId::new(&arc::CLUSTER_ROLE, "", &controller.id.name);
            return Chart { binding, role, guessed: true, marks };
        }
        let suffix =
            if question.namespace == *home { rbac::SINGLE_NAMESPACE } else { rbac::SINGLE_NAMESPACE_WATCH };
        let name = format!("{}{suffix}", controller.id.name);
        let binding = ObjectId::new(&arc::ROLE_BINDING, &question.namespace, &name);
        return Chart {
            role: ObjectId { kind: arc::ROLE, ..binding.clone() },
            binding,
            guessed: true,
            marks,
        };
    }
    // The controller's own ClusterRole lists pods and patches Roles as well: neither tells a manager Role.
    let marks = vec![ask("get", "", "secrets"), ask("create", "", "pods")];
    let beside = question.namespace == *home && set.is_none_or(|set| set.namespace != question.namespace);
    if beside {
        let name = format!("{}{}", controller.id.name, marks::LISTENER_ROLE_SUFFIX);
        let binding = ObjectId::new(&arc::ROLE_BINDING, home, &name);
        let role = ObjectId { kind: arc::ROLE, ..binding.clone() };
        return Chart { binding, role, guessed: true, marks };
    }
    let names = manager_names(view, set);
    Chart {
        binding: ObjectId::new(&arc::ROLE_BINDING, &question.namespace, &names.binding),
        role: ObjectId::new(&arc::ROLE, &question.namespace, &names.role),
        guessed: names.guessed,
        marks,
    }
}

/// A binding of the user's own making: it names the controller, and its Role is meant for this sort of right.
/// Looked for only where nothing says that the chart's binding was ever there.
fn own_binding<'a>(view: &View<'a>, question: &Question, chart: &Chart) -> Option<&'a Object> {
    if !chart.guessed {
        return None;
    }
    let meant = |binding: &&&Object| match view.look(&role_of(binding)) {
        Lookup::Found(role) => chart.marks.iter().any(|mark| access::grants(view, role, mark)),
        Lookup::Absent | Lookup::Unread(_) => false,
    };
    let mut bindings = view.list(&arc::ROLE_BINDING, Some(&question.namespace)).objects;
    bindings.extend(view.list(&arc::CLUSTER_ROLE_BINDING, None).objects);
    bindings.retain(|binding| access::names_subject(binding, &question.user));
    bindings.iter().find(meant).copied()
}

fn missing(view: &View<'_>, chart: &Chart, account: &str) -> Culprit {
    let Chart { binding, role, .. } = chart;
    let mut evidence = vec![view.missing(binding)];
    if matches!(view.look(role), Lookup::Absent) {
        evidence.push(view.missing(role));
    }
    let place = if binding.namespace.is_empty() { "" } else { " there" };
    Culprit {
        message: format!(
            "{binding} does not exist; it would give the controller {account} its rights{place}"
        ),
        object: binding.clone(),
        certainty: Certainty::Proven,
        evidence,
    }
}

/// The Role or ClusterRole that a binding gives.
pub fn role_of(binding: &Object) -> ObjectId {
    let name = binding.text("/roleRef/name").unwrap_or_default();
    match binding.text("/roleRef/kind") {
        Some("ClusterRole") => ObjectId::new(&arc::CLUSTER_ROLE, "", name),
        _ => ObjectId::new(&arc::ROLE, &binding.id.namespace, name),
    }
}

/// The binding names the controller, so the Role is gone or too small.
fn lacking_role(view: &View<'_>, binding: &Object, question: &Question) -> Culprit {
    let role = role_of(binding);
    let named = view.evidence(&binding.id, "roleRef", format!("{} {}", role.kind.kind, role.name));
    match view.look(&role) {
        Lookup::Absent => Culprit {
            message: format!("{role} does not exist, so {} grants nothing", binding.id),
            evidence: vec![view.missing(&role), named],
            object: role,
            certainty: Certainty::Proven,
        },
        Lookup::Found(_) => Culprit {
            message: format!("{role} does not allow the controller to {}", right(question)),
            evidence: vec![named],
            object: role,
            certainty: Certainty::Proven,
        },
        Lookup::Unread(reading) => unseen(role, &reading),
    }
}

fn unseen(object: ObjectId, reading: &Reading) -> Culprit {
    Culprit {
        message: format!(
            "the controller is denied what {object} should allow; that it is gone or wrong could not be seen ({})",
            reading.word()
        ),
        object,
        certainty: Certainty::Likely,
        evidence: Vec::new(),
    }
}

fn subjects(binding: &Object) -> String {
    let names: Vec<String> = binding
        .items("/subjects")
        .iter()
        .map(|subject| {
            let text = |key: &str| subject.get(key).and_then(Value::as_str).unwrap_or_default();
            match text("namespace") {
                "" => format!("{} {}", text("kind"), text("name")),
                namespace => format!("{} {namespace}/{}", text("kind"), text("name")),
            }
        })
        .collect();
    if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
}
