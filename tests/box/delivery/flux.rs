//! A stand-in for the pruning of a Flux Kustomization.
//!
//! What Flux's kustomize-controller does when a Kustomization is deleted, by the same calls: what it applied is found
//! by its labels, and deleted in the reverse of the order in which it applies, in the background, without waiting.
//! What another object owns and blocks on, and what says `prune: disabled`, is left.

use serde_json::Value;
use serde_json::json;

use super::apply_in_order;
use super::objects;
use super::path;
use crate::Outcome;
use crate::api::Api;
use crate::cluster::Cluster;
use crate::look::Look;
use crate::scenario::Sync;

const NAME: &str = "kustomize.toolkit.fluxcd.io/name";
const NAMESPACE: &str = "kustomize.toolkit.fluxcd.io/namespace";
const PRUNE: &str = "kustomize.toolkit.fluxcd.io/prune";
/// Where Flux keeps its Kustomizations.
const HOME: &str = "flux-system";
/// The name under which it applies.
const MANAGER: &str = "kustomize-controller";

/// The kinds that it applies first, in this order; all others come after them.
const FIRST: [&str; 9] = [
    "CustomResourceDefinition",
    "Namespace",
    "ServiceAccount",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "Secret",
    "Deployment",
];

/// Applies everything with the marks of a Kustomization.
pub fn apply(cluster: &Cluster, sync: &Sync) -> Outcome<()> {
    let mut objects = objects(cluster, sync)?;
    for object in &mut objects {
        let labels = &mut object["metadata"]["labels"];
        if !labels.is_object() {
            *labels = json!({});
        }
        labels[NAME] = Value::from(sync.application.clone());
        labels[NAMESPACE] = Value::from(HOME);
    }
    objects.sort_by_key(rank);
    apply_in_order(cluster, sync, MANAGER, &objects)
}

fn rank(object: &Value) -> usize {
    FIRST.iter().position(|kind| object["kind"] == *kind).unwrap_or(FIRST.len())
}

/// Deletes what the Kustomization applied.
pub fn prune(api: &Api, name: &str) -> Outcome<()> {
    let mut all: Vec<Value> = Look::at(api)?.0.into_values().collect();
    all.retain(|object| {
        let meta = &object["metadata"];
        let owners = meta["ownerReferences"].as_array();
        let is_owned = owners.into_iter().flatten().any(|owner| owner["blockOwnerDeletion"] == true);
        let says = |mark: &str| meta["labels"][mark] == "disabled" || meta["annotations"][mark] == "disabled";
        meta["labels"][NAME] == name && meta["labels"][NAMESPACE] == HOME && !is_owned && !says(PRUNE)
    });
    all.sort_by_key(|object| std::cmp::Reverse(rank(object)));
    let options = json!({"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"});
    for object in &all {
        api.delete(&path(object), &options)?;
    }
    Ok(())
}
