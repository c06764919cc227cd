//! Giving the controller its rights in a runner namespace back.

use super::controllers::Controller;
use super::remedy::patch_command;
use super::remedy::word;
use super::report::Applicability;
use super::report::Loss;
use super::report::Remedy;
use super::view::View;
use crate::arc;
use crate::arc::names;
use crate::arc::rbac;
use crate::model::ObjectId;
use serde_json::Value;
use serde_json::json;

/// The ways to give the rights back, gentlest first.
pub fn remedies(
    view: &View<'_>,
    object: &ObjectId,
    controller: &Controller,
    set: Option<&ObjectId>,
) -> Vec<Remedy> {
    let mut remedies = Vec::new();
    let manager = set.is_some_and(|set| set.namespace == object.namespace)
        && (object.kind == arc::ROLE || object.kind == arc::ROLE_BINDING);
    match view.find(object) {
        Some(binding) if object.kind == arc::ROLE_BINDING => remedies.push(Remedy {
            id: "repair-role-binding",
            title: format!("Let {object} name the ServiceAccount that the controller runs as"),
            loss: Loss::Reversible,
            applicability: Applicability::Automatic,
            commands: vec![patch_command(
                object,
                &json!([
                    {"op": "test", "path": "/metadata/uid", "value": binding.uid},
                    {"op": "replace", "path": "/subjects", "value": [subject(controller)]},
                ]),
            )],
            leaves: Vec::new(),
        }),
        _ if manager => remedies.push(Remedy {
            id: "restore-manager-role",
            title: format!(
                "Make the manager Role and RoleBinding in {} again, as the chart does",
                object.namespace
            ),
            loss: Loss::None,
            applicability: Applicability::Automatic,
            commands: vec![apply_command(&object.namespace, &object.name, controller)],
            leaves: vec![format!(
                "Role and RoleBinding {}/{} (delete them at the end)",
                object.namespace, object.name
            )],
        }),
        _ => remedies.push(Remedy {
            id: "reapply-controller-chart",
            title: format!("Apply the controller's chart again, so that {object} is as it makes it"),
            loss: Loss::None,
            applicability: Applicability::NeedsValue,
            commands: vec![format!(
                "helm upgrade <RELEASE> {} --reuse-values -n {}",
                arc::CONTROLLER_CHART,
                word(&controller.id.namespace)
            )],
            leaves: Vec::new(),
        }),
    }
    if let Some(set) = set {
        remedies.extend(super::remedy::drop_registrations(view, set));
        remedies.extend(super::remedy::drop_scale_set_id(view, set));
    }
    remedies.sort_by_key(|remedy| remedy.loss);
    remedies
}

fn subject(controller: &Controller) -> Value {
    json!({"kind": "ServiceAccount", "name": controller.service_account, "namespace": controller.id.namespace})
}

/// One `kubectl apply` with the Role and the RoleBinding of the chart.
fn apply_command(namespace: &str, name: &str, controller: &Controller) -> String {
    let rules: Vec<Value> = rbac::MANAGER_ROLE_RULES
        .iter()
        .map(|row| json!({"apiGroups": [row.group], "resources": [row.resource], "verbs": row.verbs}))
        .collect();
    let name = if name.is_empty() { names::MANAGER_PART } else { name };
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
         "metadata": {"name": name, "namespace": namespace}, "rules": rules},
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
         "metadata": {"name": name, "namespace": namespace},
         "roleRef": {"apiGroup": rbac::RBAC, "kind": "Role", "name": name}, "subjects": [subject(controller)]},
    ]});
    format!("echo {} | kubectl apply -f -", word(&list.to_string()))
}
