//! Which kinds a server serves, and how their paths are spelled.

/// A kind that is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    pub group: String,
    pub version: String,
    pub kind: String,
    pub plural: String,
    pub namespaced: bool,
    pub short: Vec<String>,
    /// Kubernetes' own, no custom resource.
    pub built_in: bool,
}

impl Kind {
    pub fn api_version(&self) -> String {
        match self.group.as_str() {
            "" => self.version.clone(),
            group => format!("{group}/{}", self.version),
        }
    }

    /// `secrets`, `roles.rbac.authorization.k8s.io`: how errors name a resource.
    pub fn qualified(&self) -> String {
        match self.group.as_str() {
            "" => self.plural.clone(),
            group => format!("{}.{group}", self.plural),
        }
    }

    /// A kind of which only `apiVersion` and `kind` are known.
    pub fn guess(api_version: &str, kind: &str, namespaced: bool) -> Self {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let lower = kind.to_lowercase();
        let plural = match lower.as_str() {
            word if word.ends_with(['s', 'x']) || word.ends_with("ch") || word.ends_with("sh") => {
                format!("{word}es")
            }
            word if word.ends_with('y') && !word.ends_with("ey") => format!("{}ies", &word[..word.len() - 1]),
            word => format!("{word}s"),
        };
        Self {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
            plural,
            namespaced,
            short: Vec::new(),
            built_in: false,
        }
    }
}

/// What every Kubernetes serves of what the program may ask for: group, version, kind, plural, namespaced, short.
const BUILT_IN: &[(&str, &str, &str, &str, bool, &str)] = &[
    ("", "v1", "Namespace", "namespaces", false, "ns"),
    ("", "v1", "Node", "nodes", false, "no"),
    ("", "v1", "Pod", "pods", true, "po"),
    ("", "v1", "Secret", "secrets", true, ""),
    ("", "v1", "ServiceAccount", "serviceaccounts", true, "sa"),
    ("", "v1", "ConfigMap", "configmaps", true, "cm"),
    ("", "v1", "Service", "services", true, "svc"),
    ("", "v1", "Endpoints", "endpoints", true, "ep"),
    ("", "v1", "Event", "events", true, "ev"),
    ("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", true, "pvc"),
    ("", "v1", "PersistentVolume", "persistentvolumes", false, "pv"),
    ("", "v1", "ResourceQuota", "resourcequotas", true, "quota"),
    ("", "v1", "LimitRange", "limitranges", true, "limits"),
    ("apps", "v1", "Deployment", "deployments", true, "deploy"),
    ("apps", "v1", "ReplicaSet", "replicasets", true, "rs"),
    ("apps", "v1", "StatefulSet", "statefulsets", true, "sts"),
    ("apps", "v1", "DaemonSet", "daemonsets", true, "ds"),
    ("batch", "v1", "Job", "jobs", true, ""),
    ("coordination.k8s.io", "v1", "Lease", "leases", true, ""),
    ("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", true, ""),
    ("rbac.authorization.k8s.io", "v1", "Role", "roles", true, ""),
    ("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", true, ""),
    ("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", false, ""),
    ("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", false, ""),
    ("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", false, "crd"),
    ("apiregistration.k8s.io", "v1", "APIService", "apiservices", false, ""),
    (
        "admissionregistration.k8s.io",
        "v1",
        "MutatingWebhookConfiguration",
        "mutatingwebhookconfigurations",
        false,
        "",
    ),
    (
        "admissionregistration.k8s.io",
        "v1",
        "ValidatingWebhookConfiguration",
        "validatingwebhookconfigurations",
        false,
        "",
    ),
    (
        "admissionregistration.k8s.io",
        "v1",
        "ValidatingAdmissionPolicy",
        "validatingadmissionpolicies",
        false,
        "",
    ),
    (
        "admissionregistration.k8s.io",
        "v1",
        "ValidatingAdmissionPolicyBinding",
        "validatingadmissionpolicybindings",
        false,
        "",
    ),
];

pub fn built_in() -> Vec<Kind> {
    let kind =
        |(group, version, kind, plural, namespaced, short): &(&str, &str, &str, &str, bool, &str)| Kind {
            group: (*group).to_owned(),
            version: (*version).to_owned(),
            kind: (*kind).to_owned(),
            plural: (*plural).to_owned(),
            namespaced: *namespaced,
            short: short.split_whitespace().map(str::to_owned).collect(),
            built_in: true,
        };
    BUILT_IN.iter().map(kind).collect()
}
