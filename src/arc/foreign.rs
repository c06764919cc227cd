//! Finalizers that are not ARC's: whose they are and what they protect.

/// A finalizer of somebody else.
#[derive(Clone, Copy, Debug)]
pub struct ForeignRow {
    /// The whole name, or its beginning (`karpenter.sh/*`), or its end (`*.crossplane.io`).
    pub pattern: &'static str,
    pub owner: &'static str,
    /// What stays behind or breaks if it is taken off by hand.
    pub protects: &'static str,
    /// True if what it protects lies outside the cluster, costs money, or is data.
    pub precious: bool,
    /// Where it was read.
    pub source: &'static str,
}

const fn row(
    pattern: &'static str,
    owner: &'static str,
    protects: &'static str,
    precious: bool,
    source: &'static str,
) -> ForeignRow {
    ForeignRow { pattern, owner, protects, precious, source }
}

pub const FOREIGN: &[ForeignRow] = &[
    row(
        "kubernetes.io/pvc-protection",
        "the PVC protection controller (kube-controller-manager)",
        "the volume is in use by a Pod object, finished Pods count too: delete the Pods",
        true,
        "kubernetes/kubernetes pkg/controller/volume/pvcprotection",
    ),
    row(
        "kubernetes.io/pv-protection",
        "the PV protection controller (kube-controller-manager)",
        "the volume is bound to a claim",
        true,
        "kubernetes/kubernetes pkg/controller/volume/pvprotection",
    ),
    row(
        "external-provisioner.volume.kubernetes.io/finalizer",
        "the CSI provisioner of the storage driver",
        "the disk behind the volume would be leaked",
        true,
        "kubernetes-csi/external-provisioner",
    ),
    row(
        "external-attacher/*",
        "the CSI attacher of the storage driver",
        "the volume would stay attached",
        true,
        "kubernetes-csi/external-attacher",
    ),
    row(
        "service.kubernetes.io/load-balancer-cleanup",
        "the cloud provider's service controller",
        "the cloud load balancer would be leaked",
        true,
        "kubernetes/cloud-provider",
    ),
    row(
        "batch.kubernetes.io/job-tracking",
        "the Job controller (kube-controller-manager)",
        "the Job would count the Pod wrongly",
        false,
        "kubernetes/kubernetes pkg/controller/job",
    ),
    row(
        "resources-finalizer.argocd.argoproj.io*",
        "the Argo CD application controller",
        "the Application's resources would stay, managed by nobody",
        false,
        "argoproj/argo-cd",
    ),
    row(
        "post-delete-finalizer.argocd.argoproj.io*",
        "the Argo CD application controller",
        "the Application's PostDelete hooks would not run",
        false,
        "argoproj/argo-cd",
    ),
    row(
        "pre-delete-finalizer.argocd.argoproj.io*",
        "the Argo CD application controller",
        "the Application's PreDelete hooks would not run",
        false,
        "argoproj/argo-cd",
    ),
    row(
        "argocd.argoproj.io/hook-finalizer",
        "the Argo CD application controller",
        "a running sync would lose track of its hook",
        false,
        "argoproj/argo-cd",
    ),
    row(
        "finalizers.fluxcd.io",
        "a Flux controller",
        "what it deployed would stay, managed by nobody",
        false,
        "fluxcd/pkg",
    ),
    row(
        "externalsecrets.external-secrets.io/*",
        "External Secrets Operator",
        "the Secret that it made would stay",
        false,
        "external-secrets/external-secrets",
    ),
    row(
        "pushsecret.externalsecrets.io/finalizer",
        "External Secrets Operator",
        "the pushed secret would stay at the provider",
        true,
        "external-secrets/external-secrets",
    ),
    row(
        "acme.cert-manager.io/finalizer",
        "cert-manager",
        "DNS records or solver Pods would stay",
        true,
        "cert-manager/cert-manager",
    ),
    row(
        "finalizer.acme.cert-manager.io",
        "cert-manager",
        "DNS records or solver Pods would stay",
        true,
        "cert-manager/cert-manager",
    ),
    row(
        "karpenter.sh/*",
        "Karpenter (it may run outside the cluster)",
        "the machine would be leaked",
        true,
        "kubernetes-sigs/karpenter",
    ),
    row(
        "karpenter.k8s.aws/*",
        "Karpenter for AWS (it may run outside the cluster)",
        "instance profiles would be leaked",
        true,
        "aws/karpenter-provider-aws",
    ),
    row(
        "service.k8s.aws/resources",
        "AWS Load Balancer Controller",
        "the load balancer would be leaked",
        true,
        "kubernetes-sigs/aws-load-balancer-controller",
    ),
    row(
        "ingress.k8s.aws/resources",
        "AWS Load Balancer Controller",
        "the load balancer would be leaked",
        true,
        "kubernetes-sigs/aws-load-balancer-controller",
    ),
    row(
        "networking.gke.io/*",
        "the GKE ingress controller",
        "the cloud load balancer would be leaked",
        true,
        "kubernetes/ingress-gce",
    ),
    row("*.crossplane.io", "Crossplane", "the cloud resource would be leaked", true, "crossplane/crossplane"),
    row("finalizer.keda.sh", "KEDA", "the HorizontalPodAutoscaler would stay", false, "kedacore/keda"),
    row("kueue.x-k8s.io/*", "Kueue", "the workload would be counted wrongly", false, "kubernetes-sigs/kueue"),
    row(
        "kyverno.io/*",
        "Kyverno",
        "its webhook configurations would stay and can block the cluster",
        false,
        "kyverno/kyverno",
    ),
    row(
        "finalizers.gatekeeper.sh/*",
        "Gatekeeper",
        "generated objects would stay",
        false,
        "open-policy-agent/gatekeeper",
    ),
    row(
        "workflows.argoproj.io/status",
        "Argo Workflows",
        "the node's status would be lost",
        false,
        "argoproj/argo-workflows",
    ),
    row("chains.tekton.dev*", "Tekton Chains", "the run would stay unsigned", false, "tektoncd/chains"),
    row("controller.cattle.io/*", "Rancher", "Rancher's records would stay", false, "rancher/rancher"),
    row("wrangler.cattle.io/*", "Rancher", "Rancher's records would stay", false, "rancher/wrangler"),
    row("longhorn.io", "Longhorn", "replicas of the volume", true, "longhorn/longhorn-manager"),
    row("*.ceph.rook.io", "Rook", "data of the Ceph cluster", true, "rook/rook"),
    row(
        "ceph.rook.io/disaster-protection",
        "Rook",
        "the identity keys of the Ceph cluster",
        true,
        "rook/rook",
    ),
];

/// Whose finalizer this is, if it is known.
pub fn foreign(finalizer: &str) -> Option<&'static ForeignRow> {
    FOREIGN.iter().find(|row| {
        if let Some(end) = row.pattern.strip_prefix('*') {
            finalizer.ends_with(end)
        } else if let Some(start) = row.pattern.strip_suffix('*') {
            finalizer.starts_with(start)
        } else {
            finalizer == row.pattern
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_names_beginnings_and_ends() {
        let owner = |finalizer| foreign(finalizer).map(|row| row.owner);
        assert_eq!(owner("karpenter.sh/termination"), Some("Karpenter (it may run outside the cluster)"));
        assert_eq!(owner("finalizer.managedresource.crossplane.io"), Some("Crossplane"));
        assert_eq!(owner("longhorn.io"), Some("Longhorn"));
        assert_eq!(owner("example.com/unheard-of"), None);
    }
}
