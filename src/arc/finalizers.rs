//! The finalizers of ARC and of Kubernetes itself: who takes them off, and what is lost if a person does.

use super::kinds::{
    AUTOSCALING_LISTENER, AUTOSCALING_RUNNER_SET, CRD, EPHEMERAL_RUNNER, EPHEMERAL_RUNNER_SET, LEGACY_GROUP,
    NAMESPACE, POD,
};
use crate::model::GroupKind;

/// On the runner set. Taken off last, after listener, runners, GitHub and the chart's objects.
pub const RUNNER_SET: &str = "autoscalingrunnerset.actions.github.com/finalizer";
/// On the listener.
pub const LISTENER: &str = "autoscalinglistener.actions.github.com/finalizer";
/// On the EphemeralRunnerSet, development versions after 0.14.2.
pub const EPHEMERAL_RUNNER_SET_NEW: &str = "ephemeralrunnerset.actions.github.com/finalizer";
/// On the EphemeralRunner, and up to 0.14.2 on the EphemeralRunnerSet as well.
pub const RUNNER: &str = "ephemeralrunner.actions.github.com/finalizer";
/// On the EphemeralRunner: held until GitHub has forgotten the runner.
pub const RUNNER_REGISTRATION: &str = "ephemeralrunner.actions.github.com/runner-registration-finalizer";
/// On the chart's Secret, ServiceAccounts, Roles and RoleBindings in the runner namespace.
pub const CLEANUP_PROTECTION: &str = "actions.github.com/cleanup-protection";
/// The garbage collector's: the owner waits for the dependents that block it.
pub const FOREGROUND: &str = "foregroundDeletion";
/// The garbage collector's: dependents are let go first.
pub const ORPHAN: &str = "orphan";
/// A CustomResourceDefinition waits for its instances.
pub const CRD_CLEANUP: &str = "customresourcecleanup.apiextensions.k8s.io";

/// In legacy mode on the Runner.
pub const LEGACY_RUNNER_FINALIZER: &str = "runner.actions.summerwind.dev";
/// In legacy mode on the runner's Pod: held until GitHub has forgotten the runner.
pub const LEGACY_POD: &str = "actions.summerwind.dev/runner-pod";
/// In legacy mode on the runner's Pod, kubernetes container mode.
pub const LEGACY_LINKED: &str = "actions.summerwind.dev/linked-resources";
/// In `spec.finalizers` of a Namespace, not in its metadata.
pub const NAMESPACE_CONTENT: &str = "kubernetes";

/// A finalizer of ARC, or of Kubernetes itself.
#[derive(Clone, Copy, Debug)]
pub struct FinalizerRow {
    pub name: &'static str,
    /// The kinds it is found on; empty if they are many: `found_on` says it.
    pub on: &'static [GroupKind],
    /// Where it is found, in words, if `on` is empty.
    pub found_on: &'static str,
    pub added_by: &'static str,
    pub removed_by: &'static str,
    /// What the remover waits for.
    pub waits_for: &'static str,
    /// What stays behind if a person takes it off.
    pub lost_by_hand: &'static str,
    /// What else to know before touching it, as sentences; `""` if nothing.
    pub note: &'static str,
    pub versions: &'static str,
    /// The upstream file it was read in.
    pub source: &'static str,
}

pub const FINALIZERS: &[FinalizerRow] = &[
    FinalizerRow {
        name: RUNNER_SET,
        on: &[AUTOSCALING_RUNNER_SET],
        found_on: "",
        added_by: "the controller, on its first look at a live runner set, after the version check",
        removed_by: "the controller, as the last step of the deletion",
        waits_for: "the listener, the EphemeralRunnerSets, the scale set at GitHub, and the release of the \
                    objects that the cleanup annotations name",
        lost_by_hand: "the scale set stays at GitHub, the listener stays for ever, and the chart's protected \
                       objects can never be released by the controller",
        note: "Gentler: take the annotation with the scale set's number off the deleting runner set. The \
               controller then leaves GitHub alone and does everything else itself.",
        versions: "all",
        source: "controllers/actions.github.com/autoscalingrunnerset_controller.go",
    },
    FinalizerRow {
        name: LISTENER,
        on: &[AUTOSCALING_LISTENER],
        found_on: "",
        added_by: "the controller, on its first look at a live listener",
        removed_by: "the controller",
        waits_for: "the listener's pod, Secrets, ServiceAccount, and its Role and RoleBinding in the runner \
                    namespace",
        lost_by_hand: "the listener's Role and RoleBinding stay in the runner namespace",
        note: "After that, delete the Role and the RoleBinding of the listener's name in the runner namespace.",
        versions: "all",
        source: "controllers/actions.github.com/autoscalinglistener_controller.go",
    },
    FinalizerRow {
        name: EPHEMERAL_RUNNER_SET_NEW,
        on: &[EPHEMERAL_RUNNER_SET],
        found_on: "",
        added_by: "the controller",
        removed_by: "the controller",
        waits_for: "every EphemeralRunner it owns",
        lost_by_hand: "nothing by itself: its EphemeralRunners keep their own finalizers",
        note: "Up to 0.14.2 the EphemeralRunnerSet carries the same finalizer as the EphemeralRunner instead.",
        versions: "development versions after 0.14.2",
        source: "controllers/actions.github.com/ephemeralrunnerset_controller.go",
    },
    FinalizerRow {
        name: RUNNER,
        on: &[EPHEMERAL_RUNNER, EPHEMERAL_RUNNER_SET],
        found_on: "",
        added_by: "the controller; set at creation from 0.13.1",
        removed_by: "the controller, after the registration finalizer is off",
        waits_for: "up to 0.10.1 until the runner's pod, its Secret and what container hooks left are gone; from 0.11.0 \
                    it only asks for their deletion (on an EphemeralRunnerSet up to 0.14.2: every EphemeralRunner it \
                    owns)",
        lost_by_hand: "pods and Secrets of container hooks may stay; never take it off while the registration \
                       finalizer is still there, the controller would not touch the runner again",
        note: "The same name stands on two kinds. Up to 0.14.2 the EphemeralRunnerSet carries it too; development \
               versions after that give the set a name of its own and take only that one off, so an \
               EphemeralRunnerSet of an older version keeps this one for ever. There, and only there, taking it \
               off by hand is the cure.",
        versions: "all",
        source: "controllers/actions.github.com/ephemeralrunner_controller.go",
    },
    FinalizerRow {
        name: RUNNER_REGISTRATION,
        on: &[EPHEMERAL_RUNNER],
        found_on: "",
        added_by: "the controller; set at creation from 0.13.1",
        removed_by: "the controller, when GitHub says that the runner is removed",
        waits_for: "GitHub, and so the credential Secret and the way to GitHub; GitHub refuses while a job runs",
        lost_by_hand: "the runner stays listed at GitHub as offline; nothing if it never registered \
                       (status.runnerId is 0); a running job may be lost",
        note: "It goes before the other finalizer of the runner. A runner that has only this one left is not touched \
               by the controller any more: then it has to be taken off by hand.",
        versions: "all",
        source: "controllers/actions.github.com/ephemeralrunner_controller.go",
    },
    FinalizerRow {
        name: CLEANUP_PROTECTION,
        on: &[],
        found_on: "objects of the runner set chart: its Secret, ServiceAccounts, Roles and RoleBindings",
        added_by: "Helm: it stands in the runner set chart's templates",
        removed_by: "the controller, only while it deletes a runner set whose cleanup annotation names the object",
        waits_for: "the deletion of that runner set",
        lost_by_hand: "nothing once no runner set needs the object; before that, taking it off the manager Role, \
                       RoleBinding or the Secret makes the very deadlock it prevents",
        note: "It is put on by seven templates: one Secret, two ServiceAccounts, two Roles, two RoleBindings. \
               A credential Secret that the user made himself does not have it.",
        versions: "0.4.0 and later",
        source: "charts/gha-runner-scale-set/templates/, controllers/actions.github.com/autoscalingrunnerset_controller.go",
    },
];

/// Finalizers of legacy mode. The rules do not know who takes them off and treat them as foreign; the manual does.
pub const LEGACY_FINALIZERS: &[FinalizerRow] = &[
    FinalizerRow {
        name: LEGACY_RUNNER_FINALIZER,
        on: &[GroupKind::new(LEGACY_GROUP, "Runner")],
        found_on: "",
        added_by: "the legacy controller, on its first look at a live Runner",
        removed_by: "the legacy controller",
        waits_for: "a live legacy controller; in older versions also for GitHub, where the runner is removed first",
        lost_by_hand: "the runner may stay listed at GitHub as offline",
        note: "Taking it off is an update of the Runner, and the legacy webhooks are asked about every update: while \
               their Service has no endpoint, neither the controller nor a person can take it off.",
        versions: "legacy mode, all",
        source: "controllers/actions.summerwind.net/runner_controller.go",
    },
    FinalizerRow {
        name: LEGACY_POD,
        on: &[POD],
        found_on: "",
        added_by: "the legacy controller, on the Pods of Runners and RunnerSets",
        removed_by: "the legacy controller, after the runner has stopped and GitHub has removed it",
        waits_for: "the job to end, and GitHub, and so the credentials and the way to GitHub",
        lost_by_hand: "the runner stays listed at GitHub as offline; a running job is lost",
        note: "Annotations on the Pod tell how far it has come, among them why GitHub refused.",
        versions: "legacy mode, from about 0.20.4",
        source: "controllers/actions.summerwind.net/runner_pod_controller.go, \
                 controllers/actions.summerwind.net/runner_graceful_stop.go",
    },
    FinalizerRow {
        name: LEGACY_LINKED,
        on: &[POD],
        found_on: "",
        added_by: "the legacy controller, in kubernetes container mode",
        removed_by: "the legacy controller",
        waits_for: "nothing: it only deletes the Pods and Secrets that the runner's container hooks made, but like all \
                    its work on the Pod that needs the credentials",
        lost_by_hand: "those Pods and Secrets stay",
        note: "",
        versions: "legacy mode, 0.25.0 and later",
        source: "controllers/actions.summerwind.net/runner_pod_controller.go",
    },
];

/// Finalizers of Kubernetes itself.
pub const KUBERNETES_FINALIZERS: &[FinalizerRow] = &[
    FinalizerRow {
        name: FOREGROUND,
        on: &[],
        found_on: "any object deleted with foreground propagation",
        added_by: "the API server, for a deletion with foreground propagation",
        removed_by: "the garbage collector",
        waits_for: "the dependents whose owner reference blocks the owner's deletion",
        lost_by_hand: "only the order: the dependents are collected after their owner instead of before it",
        note: "It can be taken back without a patch: delete the object again with background propagation.",
        versions: "all",
        source: "kubernetes/kubernetes pkg/controller/garbagecollector/garbagecollector.go",
    },
    FinalizerRow {
        name: ORPHAN,
        on: &[],
        found_on: "any object deleted with orphan propagation",
        added_by: "the API server, for a deletion with orphan propagation",
        removed_by: "the garbage collector",
        waits_for: "the dependents to be let go: their owner references are taken off",
        lost_by_hand: "the dependents: the garbage collector deletes those that still name the owner",
        note: "Never take it off by hand.",
        versions: "all",
        source: "kubernetes/kubernetes pkg/controller/garbagecollector/garbagecollector.go",
    },
    FinalizerRow {
        name: CRD_CLEANUP,
        on: &[CRD],
        found_on: "",
        added_by: "the API server",
        removed_by: "the API server, when no instance is left",
        waits_for: "every instance of the CRD, and so their finalizers",
        lost_by_hand: "the instances stay in the cluster's storage, out of reach, and come back with the next CRD of \
                       that name",
        note: "Never take it off by hand.",
        versions: "all",
        source: "kubernetes/apiextensions-apiserver pkg/controller/finalizer/crd_finalizer.go",
    },
    FinalizerRow {
        name: NAMESPACE_CONTENT,
        on: &[NAMESPACE],
        found_on: "",
        added_by: "the API server, in spec.finalizers and not in the metadata",
        removed_by: "the namespace controller, when nothing is left in the namespace",
        waits_for: "every object in the namespace, and for all APIs to answer",
        lost_by_hand: "every object that is left stays in the cluster's storage where it can no longer be patched, \
                       and comes back with the next namespace of that name",
        note: "Forcing it through the finalize subresource takes away the very means to cure what is inside.",
        versions: "all",
        source: "kubernetes/kubernetes pkg/controller/namespace/deletion/namespaced_resources_deleter.go",
    },
];

/// True if the finalizer is one that an ARC controller takes off.
pub fn is_arc(finalizer: &str) -> bool {
    FINALIZERS.iter().any(|row| row.name == finalizer)
}

/// True for the finalizers of ARC's legacy mode.
pub fn is_legacy(name: &str) -> bool {
    LEGACY_FINALIZERS.iter().any(|row| row.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finalizer_stands_once_with_a_source() {
        let rows: Vec<&FinalizerRow> =
            FINALIZERS.iter().chain(LEGACY_FINALIZERS).chain(KUBERNETES_FINALIZERS).collect();
        for (i, row) in rows.iter().enumerate() {
            assert!(!row.source.is_empty() && !row.lost_by_hand.is_empty(), "{}", row.name);
            assert!(row.on.is_empty() != row.found_on.is_empty(), "{} is found in one place", row.name);
            assert!(rows[i + 1..].iter().all(|other| other.name != row.name), "{} stands twice", row.name);
        }
    }

    #[test]
    fn the_rules_treat_legacy_finalizers_as_foreign() {
        assert!(LEGACY_FINALIZERS.iter().all(|row| !is_arc(row.name)));
    }
}
