//! The finalizers of ARC and of Kubernetes itself: who takes them off, and what is lost if a person does.

use super::kinds::{AUTOSCALING_LISTENER, AUTOSCALING_RUNNER_SET, EPHEMERAL_RUNNER, EPHEMERAL_RUNNER_SET};
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

/// A finalizer of ARC.
#[derive(Clone, Copy, Debug)]
pub struct FinalizerRow {
    pub name: &'static str,
    /// The kinds it is found on; empty for the chart's objects of several kinds.
    pub on: &'static [GroupKind],
    pub added_by: &'static str,
    pub removed_by: &'static str,
    /// What the remover waits for.
    pub waits_for: &'static str,
    /// What stays behind if a person takes it off.
    pub lost_by_hand: &'static str,
    pub versions: &'static str,
    /// The upstream file it was read in.
    pub source: &'static str,
}

pub const FINALIZERS: &[FinalizerRow] = &[
    FinalizerRow {
        name: RUNNER_SET,
        on: &[AUTOSCALING_RUNNER_SET],
        added_by: "the controller, on its first look at a live runner set, after the version check",
        removed_by: "the controller, as the last step of the deletion",
        waits_for: "the listener, the EphemeralRunnerSets, the scale set at GitHub, and the release of the \
                    objects that the cleanup annotations name",
        lost_by_hand: "the scale set stays at GitHub, the listener stays for ever, and the chart's protected \
                       objects can never be released by the controller",
        versions: "all",
        source: "controllers/actions.github.com/autoscalingrunnerset_controller.go",
    },
    FinalizerRow {
        name: LISTENER,
        on: &[AUTOSCALING_LISTENER],
        added_by: "the controller, on its first look at a live listener",
        removed_by: "the controller",
        waits_for: "the listener's pod, Secrets, ServiceAccount, and its Role and RoleBinding in the runner \
                    namespace",
        lost_by_hand: "the listener's Role and RoleBinding stay in the runner namespace",
        versions: "all",
        source: "controllers/actions.github.com/autoscalinglistener_controller.go",
    },
    FinalizerRow {
        name: EPHEMERAL_RUNNER_SET_NEW,
        on: &[EPHEMERAL_RUNNER_SET],
        added_by: "the controller",
        removed_by: "the controller",
        waits_for: "every EphemeralRunner it owns",
        lost_by_hand: "nothing by itself: its EphemeralRunners keep their own finalizers",
        versions: "development versions after 0.14.2",
        source: "controllers/actions.github.com/ephemeralrunnerset_controller.go",
    },
    FinalizerRow {
        name: RUNNER,
        on: &[EPHEMERAL_RUNNER, EPHEMERAL_RUNNER_SET],
        added_by: "the controller; set at creation from 0.13.1",
        removed_by: "the controller, after the registration finalizer is off",
        waits_for: "the runner's pod, its Secret, and what container hooks left (on an EphemeralRunnerSet up \
                    to 0.14.2: every EphemeralRunner it owns)",
        lost_by_hand: "pods and Secrets of container hooks may stay; never take it off while the registration \
                       finalizer is still there, the controller would not touch the runner again",
        versions: "all",
        source: "controllers/actions.github.com/ephemeralrunner_controller.go",
    },
    FinalizerRow {
        name: RUNNER_REGISTRATION,
        on: &[EPHEMERAL_RUNNER],
        added_by: "the controller; set at creation from 0.13.1",
        removed_by: "the controller, when GitHub says that the runner is removed",
        waits_for: "GitHub, and so the credential Secret and the way to GitHub; GitHub refuses while a job runs",
        lost_by_hand: "the runner stays listed at GitHub as offline; nothing if it never registered \
                       (status.runnerId is 0); a running job may be lost",
        versions: "all",
        source: "controllers/actions.github.com/ephemeralrunner_controller.go",
    },
    FinalizerRow {
        name: CLEANUP_PROTECTION,
        on: &[],
        added_by: "Helm: it stands in the runner set chart's templates",
        removed_by: "the controller, only while it deletes a runner set whose cleanup annotation names the object",
        waits_for: "the deletion of that runner set",
        lost_by_hand: "nothing once no runner set needs the object; before that, taking it off the manager Role, \
                       RoleBinding or the Secret makes the very deadlock it prevents",
        versions: "0.4.0 and later",
        source: "charts/gha-runner-scale-set/templates/, controllers/actions.github.com/autoscalingrunnerset_controller.go",
    },
];

/// True if the finalizer is one that an ARC controller takes off.
pub fn is_arc(finalizer: &str) -> bool {
    FINALIZERS.iter().any(|row| row.name == finalizer)
}

/// True if Kubernetes itself takes it off, without any add-on.
pub fn is_builtin(finalizer: &str) -> bool {
    [FOREGROUND, ORPHAN, CRD_CLEANUP].contains(&finalizer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finalizer_stands_once_with_a_source() {
        for (i, row) in FINALIZERS.iter().enumerate() {
            assert!(!row.source.is_empty() && !row.lost_by_hand.is_empty(), "{}", row.name);
            assert!(
                FINALIZERS[i + 1..].iter().all(|other| other.name != row.name),
                "{} stands twice",
                row.name
            );
        }
    }
}
