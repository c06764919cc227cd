//! The rights that ARC's charts give the controller, and which step needs which.

/// A rule of a Role: one API group, its resources, its verbs.
#[derive(Clone, Copy, Debug)]
pub struct RightsRow {
    pub group: &'static str,
    pub resource: &'static str,
    pub verbs: &'static [&'static str],
}

/// The manager Role in every runner namespace: `charts/gha-runner-scale-set/templates/manager_role.yaml`,
/// unchanged from 0.4.0 on.
pub const MANAGER_ROLE_RULES: &[RightsRow] = &[
    RightsRow { group: "", resource: "pods", verbs: &["create", "delete", "get"] },
    RightsRow { group: "", resource: "pods/status", verbs: &["get"] },
    RightsRow {
        group: "",
        resource: "secrets",
        verbs: &["create", "delete", "get", "list", "patch", "update"],
    },
    RightsRow {
        group: "",
        resource: "serviceaccounts",
        verbs: &["create", "delete", "get", "list", "patch", "update"],
    },
    RightsRow {
        group: RBAC,
        resource: "rolebindings",
        verbs: &["create", "delete", "get", "patch", "update"],
    },
    RightsRow { group: RBAC, resource: "roles", verbs: &["create", "delete", "get", "patch", "update"] },
];

/// What the same Role allows as well when the runner set has `githubServerTLS`: the certificate is in a ConfigMap.
pub const SERVER_TLS_RULE: RightsRow = RightsRow { group: "", resource: "configmaps", verbs: &["get"] };

/// What the rest of a deletion takes in the runner namespace once GitHub is no longer asked: the listener's Role
/// and RoleBinding, runner pods and their Secrets, the protected objects of the chart
/// (`autoscalinglistener_controller.go`, `ephemeralrunner_controller.go`, `autoscalingrunnerset_controller.go`).
pub const WITHOUT_GITHUB: &[RightsRow] = &[
    RightsRow { group: "", resource: "pods", verbs: &["delete"] },
    RightsRow { group: "", resource: "secrets", verbs: &["delete", "list"] },
    RightsRow { group: "", resource: "serviceaccounts", verbs: &["patch"] },
    RightsRow { group: RBAC, resource: "rolebindings", verbs: &["delete", "patch"] },
    RightsRow { group: RBAC, resource: "roles", verbs: &["delete", "patch"] },
];

/// API group of Roles and RoleBindings.
pub const RBAC: &str = "rbac.authorization.k8s.io";

/// What the chart of legacy mode appends to the controller's name for its ClusterRole and the binding of that
/// (`charts/actions-runner-controller/templates/_helpers.tpl`).
pub const LEGACY_MANAGER: &str = "-manager";

/// What the controller chart appends to its name for the Roles that stand in for the ClusterRole when it watches one
/// namespace alone: beside the controller, and in the watched namespace
/// (`charts/gha-runner-scale-set-controller/templates/_helpers.tpl`).
pub const SINGLE_NAMESPACE: &str = "-single-namespace";
pub const SINGLE_NAMESPACE_WATCH: &str = "-single-namespace-watch";
