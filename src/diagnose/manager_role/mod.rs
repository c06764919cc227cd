//! Giving the controller its rights in a runner namespace back.

pub mod culprit;

use super::access;
use super::access::Decision;
use super::action;
use super::action::Action;
use super::controllers::Controller;
use super::controllers::Controllers;
use super::remedy::let_go;
use super::remedy::word;
use super::report::Applicability;
use super::report::Loss;
use super::report::Remedy;
use super::sets;
use super::view::View;
use crate::arc;
use crate::arc::marks;
use crate::arc::names;
use crate::arc::rbac;
use crate::arc::rbac::RightsRow;
use crate::arc::versions::Version;
use crate::model::Lookup;
use crate::model::Object;
use crate::model::ObjectId;
use crate::model::Question;
use serde_json::Value;
use serde_json::json;

/// What one Role or binding fails to give.
#[derive(Debug)]
pub struct Lack<'a> {
    /// The Role or binding.
    pub object: &'a ObjectId,
    pub controller: &'a Controller,
    pub controllers: &'a Controllers,
    pub set: Option<&'a ObjectId>,
    /// Every right that is denied because of it.
    pub denied: Vec<&'a Question>,
    /// True if more than one runner set lacks them.
    pub shared: bool,
}

/// The ways to give the rights back, gentlest first.
pub fn remedies(view: &View<'_>, lack: &Lack<'_>) -> Vec<Remedy> {
    let object = lack.object;
    let give_back = match view.find(object) {
        Some(binding) if lack.is_binding() => repair_binding(view, lack, binding),
        Some(role) if !lack.is_of_the_controllers_chart() => extend_role(view, lack, role),
        None if lack.is_manager() => make_again(view, lack),
        None if !lack.is_of_the_controllers_chart() => Remedy {
            id: "restore-role",
            title: format!("Make {object} again; no chart of ARC makes it"),
            loss: Loss::None,
            applicability: Applicability::Manual,
            actions: Vec::new(),
            leaves: Vec::new(),
        },
        _ => reapply_chart(lack),
    };
    let mut remedies = vec![give_back];
    remedies.extend(without_github(view, lack));
    remedies.sort_by_key(|remedy| remedy.loss);
    remedies
}

impl Lack<'_> {
    fn is_binding(&self) -> bool {
        self.object.kind == arc::ROLE_BINDING || self.object.kind == arc::CLUSTER_ROLE_BINDING
    }

    /// The controller's chart names all that it makes after the controller.
    fn is_of_the_controllers_chart(&self) -> bool {
        self.object.name.starts_with(&self.controller.id.name)
    }

    /// True for the Role and RoleBinding that the runner set's chart makes.
    fn is_manager(&self) -> bool {
        !self.is_of_the_controllers_chart()
            && self.set.is_some_and(|set| set.namespace == self.object.namespace)
    }
}

/// How the manager Role and RoleBinding of a runner set are called.
pub struct ManagerNames {
    pub binding: String,
    pub role: String,
    /// Only the chart's formula says so.
    pub guessed: bool,
}

/// What the runner set says, else a labelled RoleBinding, else the chart's formula. Chart 0.4.0 gave the two
/// different names.
pub fn manager_names(view: &View<'_>, set: Option<&ObjectId>) -> ManagerNames {
    let Some(id) = set else {
        let name = names::MANAGER_PART.to_owned();
        return ManagerNames { binding: name.clone(), role: name, guessed: true };
    };
    let said = |annotation: &str| view.find(id).and_then(|set| set.annotation(annotation).map(str::to_owned));
    let labelled = || {
        let bindings = view.list(&arc::ROLE_BINDING, Some(&id.namespace)).objects;
        bindings.into_iter().find(|binding| {
            binding.label(marks::COMPONENT) == Some(marks::MANAGER_ROLE_BINDING)
                && binding.label(marks::SCALE_SET_NAME) == Some(id.name.as_str())
        })
    };
    let known = said(marks::MANAGER_ROLE_BINDING_ANNOTATION).or_else(|| Some(labelled()?.id.name.clone()));
    let guessed = known.is_none();
    let chart = view.find(id).and_then(|set| Version::parse(set.label(marks::VERSION)?));
    let by_chart = names::manager(&id.name, chart);
    let binding = known.clone().unwrap_or(by_chart.0);
    let role = said(marks::MANAGER_ROLE_ANNOTATION).or(known).unwrap_or(by_chart.1);
    ManagerNames { binding, role, guessed }
}

/// The chart's Role and RoleBinding, as far as they are gone.
fn make_again(view: &View<'_>, lack: &Lack<'_>) -> Remedy {
    let mut made = Vec::new();
    let mut items = Vec::new();
    let role = if lack.is_binding() {
        ObjectId { kind: arc::ROLE, name: manager_names(view, lack.set).role, ..lack.object.clone() }
    } else {
        lack.object.clone()
    };
    if view.find(&role).is_none() {
        items.push(role_manifest(view, lack, &role));
        made.push(role.clone());
    }
    if lack.is_binding() {
        items.push(json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
            "metadata": metadata(view, lack, lack.object),
            "roleRef": {"apiGroup": rbac::RBAC, "kind": "Role", "name": role.name},
            "subjects": [subject(lack.controller)],
        }));
        made.push(lack.object.clone());
    }
    Remedy {
        id: "restore-manager-role",
        title: format!("Make {} again, as the chart does", listed(&made)),
        loss: Loss::None,
        applicability: Applicability::Automatic,
        actions: items.into_iter().map(Action::Create).collect(),
        leaves: Vec::new(),
    }
}

/// What is made for a runner set that is being deleted belongs to it, so that the garbage collector takes it away
/// afterwards: nobody else would. That of a live one is the chart's again.
fn metadata(view: &View<'_>, lack: &Lack<'_>, id: &ObjectId) -> Value {
    let set = lack.set.and_then(|set| view.find(set)).filter(|set| set.is_deleting());
    match set.filter(|set| !set.uid.is_empty() && set.id.namespace == id.namespace) {
        Some(set) => json!({
            "name": id.name, "namespace": id.namespace,
            "ownerReferences": [{
                "apiVersion": set.api_version, "kind": set.id.kind.kind, "name": set.id.name, "uid": set.uid,
            }],
        }),
        None => json!({"name": id.name, "namespace": id.namespace}),
    }
}

/// "Role and RoleBinding arc/arc-gha-rs-manager".
fn listed(made: &[ObjectId]) -> String {
    match made {
        [role, binding] if role.name == binding.name && role.namespace == binding.namespace => {
            format!("{} and {binding}", role.kind.kind)
        }
        made => made.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and "),
    }
}

fn role_manifest(view: &View<'_>, lack: &Lack<'_>, role: &ObjectId) -> Value {
    let rules: Vec<Value> = chart_rules(view, lack)
        .map(|row| json!({"apiGroups": [row.group], "resources": [row.resource], "verbs": row.verbs}))
        .collect();
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
        "metadata": metadata(view, lack, role), "rules": rules,
    })
}

fn chart_rules(view: &View<'_>, lack: &Lack<'_>) -> impl Iterator<Item = &'static RightsRow> {
    let set = lack.set.and_then(|set| view.find(set));
    let tls = set.is_some_and(|set| set.at("/spec/githubServerTLS").is_some_and(|tls| !tls.is_null()));
    rbac::MANAGER_ROLE_RULES.iter().chain(tls.then_some(&rbac::SERVER_TLS_RULE))
}

fn subject(controller: &Controller) -> Value {
    json!({"kind": "ServiceAccount", "name": controller.service_account, "namespace": controller.id.namespace})
}

/// The binding names the controller, beside whom else it names; and its Role is there.
fn repair_binding(view: &View<'_>, lack: &Lack<'_>, binding: &Object) -> Remedy {
    let role = culprit::role_of(binding);
    let mut actions = Vec::new();
    let mut made = Vec::new();
    if lack.is_manager() && role.kind == arc::ROLE && matches!(view.look(&role), Lookup::Absent) {
        actions.push(Action::Create(role_manifest(view, lack, &role)));
        made.push(role);
    }
    let mut patch = Vec::new();
    let subjects = binding.items("/subjects");
    let new = subject(lack.controller);
    let how = match subjects.iter().position(|old| is_former_controller(lack, old, subjects.len())) {
        Some(index) => {
            let path = format!("/subjects/{index}");
            patch.push(json!({"op": "test", "path": path, "value": subjects.get(index)}));
            patch.push(json!({"op": "replace", "path": path, "value": new}));
            ", instead of the ServiceAccount that it names"
        }
        None if subjects.is_empty() => {
            patch.push(json!({"op": "add", "path": "/subjects", "value": [new]}));
            ""
        }
        None => {
            patch.push(json!({"op": "add", "path": "/subjects/-", "value": new}));
            ", beside those that it names"
        }
    };
    actions.push(action::patch(binding, patch));
    let account =
        format!("ServiceAccount {}/{}", lack.controller.id.namespace, lack.controller.service_account);
    let name = format!("et {} name {account}, which the controller runs as{how}", lack.object);
    let title = if made.is_empty() {
        format!("L{name}")
    } else {
        format!("Make {} again, as the chart does, and l{name}", listed(&made))
    };
    Remedy {
        id: "repair-role-binding",
        title,
        loss: Loss::None,
        applicability: Applicability::Automatic,
        actions,
        leaves: Vec::new(),
    }
}

/// True for the ServiceAccount that a controller ran as once: the only subject of the chart's binding, or one that
/// is called as the chart calls it, and that no living controller runs as. Others keep what they were given.
fn is_former_controller(lack: &Lack<'_>, subject: &Value, subjects: usize) -> bool {
    let text = |key: &str| subject.get(key).and_then(Value::as_str).unwrap_or_default();
    let (namespace, name) = (text("namespace"), text("name"));
    let in_use = lack.controllers.found.iter().any(|controller| {
        controller.is_alive() && controller.id.namespace == namespace && controller.service_account == name
    });
    let called_so = name == lack.controller.service_account
        || marks::CONTROLLER_PART_OF.iter().any(|part| name.ends_with(part));
    text("kind") == "ServiceAccount" && !in_use && (called_so || subjects == 1)
}

/// The Role is there and too small. What it allows is kept.
fn extend_role(view: &View<'_>, lack: &Lack<'_>, role: &Object) -> Remedy {
    let denied = lack.denied.iter().map(|question| (*question).clone());
    let chart: Vec<Question> = if lack.is_manager() {
        chart_rules(view, lack).flat_map(|row| rights(row, &lack.object.namespace)).collect()
    } else {
        Vec::new()
    };
    let missing = chart.into_iter().filter(|question| !access::grants(view, role, question)).chain(denied);
    let mut rows: Vec<(String, String, Vec<String>)> = Vec::new();
    for Question { group, resource, subresource, verb, .. } in missing {
        let resource = if subresource.is_empty() { resource } else { format!("{resource}/{subresource}") };
        match rows.iter_mut().find(|row| (&row.0, &row.1) == (&group, &resource)) {
            Some((_, _, verbs)) if verbs.contains(&verb) => {}
            Some((_, _, verbs)) => verbs.push(verb),
            None => rows.push((group, resource, vec![verb])),
        }
    }
    let words: Vec<String> =
        rows.iter().map(|(_, resource, verbs)| format!("{} {resource}", verbs.join("/"))).collect();
    let rules = rows.iter().map(
        |(group, resource, verbs)| json!({"apiGroups": [group], "resources": [resource], "verbs": verbs}),
    );
    let mut patch = Vec::new();
    if role.items("/rules").is_empty() {
        patch.push(json!({"op": "add", "path": "/rules", "value": rules.collect::<Vec<_>>()}));
    } else {
        patch.extend(rules.map(|rule| json!({"op": "add", "path": "/rules/-", "value": rule})));
    }
    let words = words.join(", ");
    let manual = Remedy {
        id: "extend-role",
        title: format!("Let a ClusterRole that {} gathers allow {words} as well", lack.object),
        loss: Loss::None,
        applicability: Applicability::Manual,
        actions: Vec::new(),
        leaves: Vec::new(),
    };
    if role.at("/aggregationRule").is_some_and(|rule| !rule.is_null()) {
        // The control plane writes its rules, and would write over a patch.
        return manual;
    }
    Remedy {
        title: format!("Let {} allow {words} as well", lack.object),
        applicability: Applicability::Automatic,
        actions: vec![action::patch(role, patch)],
        ..manual
    }
}

/// The rights of a row, one question each.
fn rights<'a>(row: &'a RightsRow, namespace: &'a str) -> impl Iterator<Item = Question> + 'a {
    let (resource, subresource) = row.resource.split_once('/').unwrap_or((row.resource, ""));
    row.verbs.iter().map(move |verb| Question {
        user: String::new(),
        verb: (*verb).to_owned(),
        group: row.group.to_owned(),
        resource: resource.to_owned(),
        subresource: subresource.to_owned(),
        namespace: namespace.to_owned(),
        name: String::new(),
    })
}

fn reapply_chart(lack: &Lack<'_>) -> Remedy {
    let controller = lack.controller;
    let version = match &controller.version {
        version if version.is_empty() => String::new(),
        version => format!(" --version {}", word(version)),
    };
    Remedy {
        id: "reapply-controller-chart",
        title: format!("Apply the controller's chart again, so that {} is as it makes it", lack.object),
        loss: Loss::None,
        applicability: Applicability::NeedsValue,
        actions: vec![Action::Command(format!(
            "helm upgrade <RELEASE> {}{version} --reuse-values -n {}",
            arc::CONTROLLER_CHART,
            word(&controller.id.namespace)
        ))],
        leaves: Vec::new(),
    }
}

/// Going on without GitHub. That helps only a deletion, and only where reading the credentials is all that is
/// denied: the steps after it need rights of the same Role.
fn without_github(view: &View<'_>, lack: &Lack<'_>) -> Vec<Remedy> {
    let Some(set) = lack.set.filter(|set| view.find(set).is_some_and(Object::is_deleting)) else {
        return Vec::new();
    };
    let reads = |question: &&Question| {
        question.group.is_empty() && question.resource == "secrets" && question.verb == "get"
    };
    let allowed = |question: Question| {
        let question = Question { user: lack.controller.user(), ..question };
        matches!(access::decide(view, &question), Decision::Allowed(_))
    };
    let mut onward = rbac::WITHOUT_GITHUB.iter().flat_map(|row| rights(row, &set.namespace));
    if lack.shared || !lack.denied.iter().all(reads) || !onward.all(allowed) {
        return Vec::new();
    }
    // A runner's own Secret is read before it is deleted, and a runner set waits for its runners.
    let runners = view.list(&arc::EPHEMERAL_RUNNER, Some(&set.namespace)).objects;
    let read_secrets = RightsRow { group: "", resource: "secrets", verbs: &["get"] };
    let own_secrets = runners
        .into_iter()
        .filter(|runner| sets::set_of(runner).as_ref() == Some(set))
        .flat_map(|runner| {
            rights(&read_secrets, &set.namespace)
                .map(|question| Question { name: runner.id.name.clone(), ..question })
        })
        .all(allowed);
    if !own_secrets {
        return Vec::new();
    }
    let_go(view, set).into_iter().collect()
}
