//! Every kind the program may read, with what is needed to ask for it and to name it.

use crate::model::GroupKind;

/// A kind: how it is asked for and what people call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindRow {
    pub group: &'static str,
    pub version: &'static str,
    pub kind: &'static str,
    pub plural: &'static str,
    /// Short names as `kubectl api-resources` shows them.
    pub short: &'static [&'static str],
    pub namespaced: bool,
}

impl KindRow {
    pub const fn group_kind(&self) -> GroupKind {
        GroupKind::new(self.group, self.kind)
    }

    /// `v1`, `apps/v1`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_owned()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }
}

const fn row(
    group: &'static str,
    version: &'static str,
    kind: &'static str,
    plural: &'static str,
    short: &'static [&'static str],
    namespaced: bool,
) -> KindRow {
    KindRow { group, version, kind, plural, short, namespaced }
}

/// API group of runner scale sets: `charts/gha-runner-scale-set-controller/crds/`, 0.2.0 and later.
pub const GROUP: &str = "actions.github.com";
/// API group of legacy mode: `apis/actions.summerwind.net/v1alpha1/`, up to 0.27.6 of that chart.
pub const LEGACY_GROUP: &str = "actions.summerwind.dev";

pub const AUTOSCALING_RUNNER_SET: GroupKind = GroupKind::new(GROUP, "AutoscalingRunnerSet");
pub const AUTOSCALING_LISTENER: GroupKind = GroupKind::new(GROUP, "AutoscalingListener");
pub const EPHEMERAL_RUNNER_SET: GroupKind = GroupKind::new(GROUP, "EphemeralRunnerSet");
pub const EPHEMERAL_RUNNER: GroupKind = GroupKind::new(GROUP, "EphemeralRunner");
pub const LEGACY_RUNNER: GroupKind = GroupKind::new(LEGACY_GROUP, "Runner");
pub const LEGACY_RUNNER_DEPLOYMENT: GroupKind = GroupKind::new(LEGACY_GROUP, "RunnerDeployment");
pub const LEGACY_RUNNER_REPLICA_SET: GroupKind = GroupKind::new(LEGACY_GROUP, "RunnerReplicaSet");
pub const LEGACY_RUNNER_SET: GroupKind = GroupKind::new(LEGACY_GROUP, "RunnerSet");
pub const LEGACY_AUTOSCALER: GroupKind = GroupKind::new(LEGACY_GROUP, "HorizontalRunnerAutoscaler");
pub const NAMESPACE: GroupKind = GroupKind::new("", "Namespace");
pub const POD: GroupKind = GroupKind::new("", "Pod");
pub const SECRET: GroupKind = GroupKind::new("", "Secret");
pub const CONFIG_MAP: GroupKind = GroupKind::new("", "ConfigMap");
pub const SERVICE_ACCOUNT: GroupKind = GroupKind::new("", "ServiceAccount");
pub const DEPLOYMENT: GroupKind = GroupKind::new("apps", "Deployment");
pub const ROLE: GroupKind = GroupKind::new("rbac.authorization.k8s.io", "Role");
pub const ROLE_BINDING: GroupKind = GroupKind::new("rbac.authorization.k8s.io", "RoleBinding");
pub const CLUSTER_ROLE: GroupKind = GroupKind::new("rbac.authorization.k8s.io", "ClusterRole");
pub const CLUSTER_ROLE_BINDING: GroupKind = GroupKind::new("rbac.authorization.k8s.io", "ClusterRoleBinding");
pub const CRD: GroupKind = GroupKind::new("apiextensions.k8s.io", "CustomResourceDefinition");
pub const EVENT: GroupKind = GroupKind::new("", "Event");
pub const NODE: GroupKind = GroupKind::new("", "Node");
pub const SERVICE: GroupKind = GroupKind::new("", "Service");
pub const PERSISTENT_VOLUME_CLAIM: GroupKind = GroupKind::new("", "PersistentVolumeClaim");
pub const RESOURCE_QUOTA: GroupKind = GroupKind::new("", "ResourceQuota");
pub const LIMIT_RANGE: GroupKind = GroupKind::new("", "LimitRange");
pub const ENDPOINT_SLICE: GroupKind = GroupKind::new("discovery.k8s.io", "EndpointSlice");
pub const API_SERVICE: GroupKind = GroupKind::new("apiregistration.k8s.io", "APIService");
pub const MUTATING_WEBHOOKS: GroupKind =
    GroupKind::new("admissionregistration.k8s.io", "MutatingWebhookConfiguration");
pub const VALIDATING_WEBHOOKS: GroupKind =
    GroupKind::new("admissionregistration.k8s.io", "ValidatingWebhookConfiguration");
pub const ADMISSION_POLICY: GroupKind =
    GroupKind::new("admissionregistration.k8s.io", "ValidatingAdmissionPolicy");
/// Argo CD's (`manifests/crds/application-crd.yaml` of argo-cd).
pub const APPLICATION: GroupKind = GroupKind::new("argoproj.io", "Application");
/// No stored object: how a snapshot file carries the tail of a log.
pub const POD_LOG: GroupKind = GroupKind::new("kubectl-arc", "PodLog");
/// No stored object: what the authorizer says.
pub const ACCESS_REVIEW: GroupKind = GroupKind::new("authorization.k8s.io", "SubjectAccessReview");

/// ARC's four custom resources, outermost owner first.
pub const SCALE_SET_KINDS: [GroupKind; 4] =
    [AUTOSCALING_RUNNER_SET, AUTOSCALING_LISTENER, EPHEMERAL_RUNNER_SET, EPHEMERAL_RUNNER];

/// The custom resources of legacy mode.
pub const LEGACY_KINDS: [GroupKind; 5] = [
    LEGACY_RUNNER,
    LEGACY_RUNNER_DEPLOYMENT,
    LEGACY_RUNNER_REPLICA_SET,
    LEGACY_RUNNER_SET,
    LEGACY_AUTOSCALER,
];

/// What a chart or a person makes, and whose spec is all there is to it: made again, it is the same. Of everything else
/// a controller makes a new one, or more hangs on it than its text.
pub const MADE_BY_PEOPLE: &[GroupKind] = &[
    AUTOSCALING_RUNNER_SET,
    ROLE,
    ROLE_BINDING,
    CLUSTER_ROLE,
    CLUSTER_ROLE_BINDING,
    SERVICE_ACCOUNT,
    CONFIG_MAP,
    CRD,
    API_SERVICE,
    MUTATING_WEBHOOKS,
    VALIDATING_WEBHOOKS,
];

/// All kinds that a TARGET may name and a reader may ask for.
pub const KINDS: &[KindRow] = &[
    row(GROUP, "v1alpha1", "AutoscalingRunnerSet", "autoscalingrunnersets", &[], true),
    row(GROUP, "v1alpha1", "AutoscalingListener", "autoscalinglisteners", &[], true),
    row(GROUP, "v1alpha1", "EphemeralRunnerSet", "ephemeralrunnersets", &[], true),
    row(GROUP, "v1alpha1", "EphemeralRunner", "ephemeralrunners", &[], true),
    row(LEGACY_GROUP, "v1alpha1", "RunnerDeployment", "runnerdeployments", &["rdeploy"], true),
    row(LEGACY_GROUP, "v1alpha1", "RunnerReplicaSet", "runnerreplicasets", &["rrs"], true),
    row(LEGACY_GROUP, "v1alpha1", "Runner", "runners", &[], true),
    row(LEGACY_GROUP, "v1alpha1", "RunnerSet", "runnersets", &[], true),
    row(
        LEGACY_GROUP,
        "v1alpha1",
        "HorizontalRunnerAutoscaler",
        "horizontalrunnerautoscalers",
        &["hra"],
        true,
    ),
    row("", "v1", "Namespace", "namespaces", &["ns"], false),
    row("", "v1", "Pod", "pods", &["po"], true),
    row("", "v1", "Secret", "secrets", &[], true),
    row("", "v1", "ServiceAccount", "serviceaccounts", &["sa"], true),
    row("", "v1", "ConfigMap", "configmaps", &["cm"], true),
    row("", "v1", "Service", "services", &["svc"], true),
    row("", "v1", "Node", "nodes", &["no"], false),
    row("", "v1", "Event", "events", &["ev"], true),
    row("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", &["pvc"], true),
    row("", "v1", "ResourceQuota", "resourcequotas", &["quota"], true),
    row("", "v1", "LimitRange", "limitranges", &["limits"], true),
    row("apps", "v1", "Deployment", "deployments", &["deploy"], true),
    row("apps", "v1", "ReplicaSet", "replicasets", &["rs"], true),
    row("apps", "v1", "StatefulSet", "statefulsets", &["sts"], true),
    row("coordination.k8s.io", "v1", "Lease", "leases", &[], true),
    row("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", &[], true),
    row("rbac.authorization.k8s.io", "v1", "Role", "roles", &[], true),
    row("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", &[], true),
    row("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", &[], false),
    row("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", &[], false),
    row(
        "apiextensions.k8s.io",
        "v1",
        "CustomResourceDefinition",
        "customresourcedefinitions",
        &["crd", "crds"],
        false,
    ),
    row("apiregistration.k8s.io", "v1", "APIService", "apiservices", &[], false),
    row(
        "admissionregistration.k8s.io",
        "v1",
        "MutatingWebhookConfiguration",
        "mutatingwebhookconfigurations",
        &[],
        false,
    ),
    row(
        "admissionregistration.k8s.io",
        "v1",
        "ValidatingWebhookConfiguration",
        "validatingwebhookconfigurations",
        &[],
        false,
    ),
    row(
        "admissionregistration.k8s.io",
        "v1",
        "ValidatingAdmissionPolicy",
        "validatingadmissionpolicies",
        &[],
        false,
    ),
    row(
        "admissionregistration.k8s.io",
        "v1",
        "ValidatingAdmissionPolicyBinding",
        "validatingadmissionpolicybindings",
        &[],
        false,
    ),
    row("argoproj.io", "v1alpha1", "Application", "applications", &["app", "apps"], true),
    row("kustomize.toolkit.fluxcd.io", "v1", "Kustomization", "kustomizations", &["ks"], true),
    row("helm.toolkit.fluxcd.io", "v2", "HelmRelease", "helmreleases", &["hr"], true),
];

/// The row of a kind.
pub fn kind_row(kind: &GroupKind) -> Option<&'static KindRow> {
    KINDS.iter().find(|row| row.group == kind.group && row.kind == kind.kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_stands_once_and_words_are_unambiguous_within_a_group() {
        for (i, a) in KINDS.iter().enumerate() {
            for b in &KINDS[i + 1..] {
                assert!(a.group_kind() != b.group_kind(), "{} stands twice", a.kind);
                assert!(a.plural != b.plural || a.group != b.group, "{} stands twice", a.plural);
                for short in a.short {
                    assert!(!b.short.contains(short), "{short} is short for {} and {}", a.kind, b.kind);
                }
            }
        }
    }

    #[test]
    fn every_constant_has_a_row() {
        let constants = [
            AUTOSCALING_RUNNER_SET,
            AUTOSCALING_LISTENER,
            EPHEMERAL_RUNNER_SET,
            EPHEMERAL_RUNNER,
            LEGACY_RUNNER,
            LEGACY_RUNNER_DEPLOYMENT,
            LEGACY_RUNNER_REPLICA_SET,
            LEGACY_RUNNER_SET,
            LEGACY_AUTOSCALER,
            NAMESPACE,
            POD,
            SECRET,
            CONFIG_MAP,
            SERVICE_ACCOUNT,
            DEPLOYMENT,
            ROLE,
            ROLE_BINDING,
            CLUSTER_ROLE,
            CLUSTER_ROLE_BINDING,
            CRD,
            EVENT,
            NODE,
            SERVICE,
            PERSISTENT_VOLUME_CLAIM,
            RESOURCE_QUOTA,
            LIMIT_RANGE,
            ENDPOINT_SLICE,
            API_SERVICE,
            MUTATING_WEBHOOKS,
            VALIDATING_WEBHOOKS,
            ADMISSION_POLICY,
            APPLICATION,
        ];
        for kind in constants {
            assert!(kind_row(&kind).is_some(), "{kind} has no row");
        }
    }
}
