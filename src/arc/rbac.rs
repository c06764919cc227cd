//! The rights that ARC's charts give the controller, and which step needs which.

/// A rule of a Role: one API group, its resources, its verbs.
#[derive(Clone, Copy, Debug)]
pub struct RightsRow {
    pub group: &'static str,
    pub resource: &'static str,
    pub verbs: &'static [&'static str],
}

/// The manager Role in every runner namespace: `charts/gha-runner-scale-set/templates/manager_role.yaml`,
/// unchanged from 0.4.0 on. (`configmaps get` is added when `githubServerTLS` is set.)
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

/// API group of Roles and RoleBindings.
pub const RBAC: &str = "rbac.authorization.k8s.io";
