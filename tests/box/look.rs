//! What is in a cluster, as far as scenarios look at it.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::Outcome;
use crate::api::Api;

/// The kinds that are looked at: group and version, kind, plural.
const KINDS: &[(&str, &str, &str)] = &[
    ("v1", "Namespace", "namespaces"),
    ("v1", "Pod", "pods"),
    ("v1", "Secret", "secrets"),
    ("v1", "ServiceAccount", "serviceaccounts"),
    ("v1", "ConfigMap", "configmaps"),
    ("apps/v1", "Deployment", "deployments"),
    ("rbac.authorization.k8s.io/v1", "Role", "roles"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings"),
    ("actions.github.com/v1alpha1", "AutoscalingRunnerSet", "autoscalingrunnersets"),
    ("actions.github.com/v1alpha1", "AutoscalingListener", "autoscalinglisteners"),
    ("actions.github.com/v1alpha1", "EphemeralRunnerSet", "ephemeralrunnersets"),
    ("actions.github.com/v1alpha1", "EphemeralRunner", "ephemeralrunners"),
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition", "customresourcedefinitions"),
];

/// The runner set something belongs to.
const SET_NAMESPACE: &str = "actions.github.com/scale-set-namespace";
pub const SET_NAME: &str = "actions.github.com/scale-set-name";

/// Their status changes although nothing happens: a stuck CRD's condition alternates once a minute.
const RESTLESS: [&str; 2] = ["Namespace", "CustomResourceDefinition"];
/// Namespaces in which nothing of a scenario is.
const SYSTEM: [&str; 4] = ["default", "kube-system", "kube-public", "kube-node-lease"];

/// Written `KIND NAMESPACE/NAME` or `KIND NAME`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id {
    pub kind: String,
    pub namespace: String,
    pub name: String,
}

impl Id {
    /// Of an object, or of a reference to one.
    pub fn of(object: &Value) -> Self {
        let meta = if object["metadata"].is_object() { &object["metadata"] } else { object };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Self { kind: text(&object["kind"]), namespace: text(&meta["namespace"]), name: text(&meta["name"]) }
    }

    /// True if this is what was written, in which `*` at the end stands for anything.
    pub fn is(&self, written: &str) -> bool {
        let own = self.to_string();
        match written.strip_suffix('*') {
            Some(start) => own.starts_with(start),
            None => own == written,
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.namespace.is_empty() {
            true => write!(f, "{} {}", self.kind, self.name),
            false => write!(f, "{} {}/{}", self.kind, self.namespace, self.name),
        }
    }
}

/// All objects of the kinds above.
#[derive(Clone, Debug)]
pub struct Look(pub BTreeMap<Id, Value>);

impl Look {
    pub fn at(api: &Api) -> Outcome<Self> {
        let mut all = BTreeMap::new();
        for (version, kind, plural) in KINDS {
            let root = if *version == "v1" { "/api" } else { "/apis" };
            let Some(list) = api.get(&format!("{root}/{version}/{plural}"))? else { continue };
            for item in list["items"].as_array().into_iter().flatten() {
                let mut item = item.clone();
                item["kind"] = Value::from(*kind);
                item["apiVersion"] = Value::from(*version);
                let id = Id::of(&item);
                let is_system = SYSTEM.contains(&id.namespace.as_str());
                let is_ours = *kind != "CustomResourceDefinition" || id.name.ends_with(".actions.github.com");
                if is_ours && !is_system && !id.name.starts_with("system:") {
                    all.insert(id, item);
                }
            }
        }
        Ok(Self(all))
    }

    /// Only what is in these namespaces, they themselves, and what runner sets in them have elsewhere.
    pub fn within(&self, namespaces: &[String]) -> Self {
        let is_within = |id: &Id, object: &Value| {
            let set = object["metadata"]["labels"][SET_NAMESPACE].as_str().unwrap_or_default();
            let is_one = id.kind == "Namespace" && namespaces.contains(&id.name);
            is_one || namespaces.contains(&id.namespace) || namespaces.iter().any(|name| name == set)
        };
        let within = self.0.iter().filter(|(id, object)| is_within(id, object));
        Self(within.map(|(id, object)| (id.clone(), object.clone())).collect())
    }

    pub fn find(&self, written: &str) -> Option<(&Id, &Value)> {
        self.0.iter().find(|(id, _)| id.is(written))
    }

    pub fn get(&self, kind: &str, namespace: &str, name: &str) -> Option<&Value> {
        self.0.get(&Id { kind: kind.to_owned(), namespace: namespace.to_owned(), name: name.to_owned() })
    }

    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Value> {
        self.0.iter().filter(move |(id, _)| id.kind == kind).map(|(_, object)| object)
    }

    /// What is being deleted, with what holds it.
    pub fn deleting(&self) -> Vec<String> {
        let deleting =
            self.0.iter().filter(|(_, object)| object["metadata"]["deletionTimestamp"].is_string());
        deleting.map(|(id, object)| format!("{id} {}", object["metadata"]["finalizers"])).collect()
    }

    /// What has to stay the same while nothing moves.
    pub fn fingerprint(&self) -> BTreeMap<String, String> {
        let print = |(id, object): (&Id, &Value)| {
            let meta = &object["metadata"];
            let print = match RESTLESS.contains(&id.kind.as_str()) {
                true => life(object),
                false => format!("{} {}", meta["uid"], meta["resourceVersion"]),
            };
            (id.to_string(), print)
        };
        self.0.iter().map(print).collect()
    }

    /// What belongs to a runner set, NAMESPACE/NAME, each with its life: its uid, finalizers and deletion.
    pub fn of_set(&self, set: &str) -> BTreeMap<Id, String> {
        let belongs = |object: &Value| {
            let label = |name: &str| object["metadata"]["labels"][name].as_str().unwrap_or_default();
            format!("{}/{}", label(SET_NAMESPACE), label(SET_NAME)) == set
        };
        let all = self.0.iter().filter(|(_, object)| belongs(object));
        all.map(|(id, object)| (id.clone(), life(object))).collect()
    }
}

fn life(object: &Value) -> String {
    let meta = &object["metadata"];
    format!("{} {} {}", meta["uid"], meta["finalizers"], meta["deletionTimestamp"])
}
