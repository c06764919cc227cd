//! Pages of what keeps something from going away.

use crate::diagnose::report::Class;
use crate::diagnose::rule::Page;

pub(super) const PAGES: &[(Class, Page)] = &[
    (
        Class::AdmissionRefuses,
        Page {
            summary: "a webhook or policy refuses the change",
            finds: "An update or a deletion that would bring an object of ARC further is answered with a refusal by \
                    admission: a webhook that cannot be reached, a webhook that says no, or an admission policy.",
            why_it_blocks: "Taking a finalizer off is an update, and the last one taken off makes the object go \
                            without any further deletion request. A webhook that is asked about updates therefore \
                            stands in the way of the controller and of a person alike. If its backend is gone and its \
                            failure policy is Fail, every such request fails. Deletions that the namespace controller \
                            sends are asked about as well; the instances that go with their CRD are not.",
            neighbours: "legacy-webhook-dead: the webhook is one of ARC's own, from legacy mode. rbac-missing: the \
                         authorizer refuses, before admission is asked. pod-create-denied: the refused request \
                         creates a runner's pod.",
            what_to_do: "Read who refuses: the answer names the webhook or the policy. A patch sent with \
                         --dry-run=server gets the same answer and changes nothing. Repair the webhook's Service, \
                         endpoints or certificate, or satisfy the policy. If whoever installed the webhook is gone for \
                         good, delete its configuration: no webhook is asked about that.",
            cost: "None for repairing it. Deleting the configuration takes the check away until it is installed \
                   again.",
            sources: &[
                "kubernetes/apiserver pkg/admission/plugin/webhook/",
                "kubernetes/apiserver pkg/registry/generic/registry/store.go",
            ],
        },
    ),
    (
        Class::ReleaseUnfinished,
        Page {
            summary: "the release or application itself is stuck",
            finds: "The Helm release is in a state between two others, or the Argo CD Application or Flux HelmRelease \
                    that delivers ARC is being deleted or synchronized and does not end.",
            why_it_blocks: "Helm records the state of a release in a Secret. An uninstall that was cut short or met \
                            an error leaves it uninstalling; an install or upgrade that was cut short leaves it \
                            pending, and the next upgrade is refused because another operation is in progress. A \
                            release whose manifest names a kind that the cluster no longer serves cannot be \
                            uninstalled at all: Helm then deletes nothing. Argo CD deletes one wave at a time and \
                            goes no further while anything of it is still being deleted. A suspended Flux object does \
                            nothing.",
            neighbours: "gitops-delete-deadlock: the tool waits for protected objects of a live runner set. Mostly \
                         the tool waits for objects that have a blocker of their own; then that is named, and the \
                         tool ends by itself once it is cured.",
            what_to_do: "Uninstalling: run helm uninstall again; it goes on where it stopped. Pending: roll back, or \
                         delete the Secret of that one revision. No such kind: put the CRDs back first. Argo CD: end \
                         the running operation before deleting the Application. Flux: resume the object.",
            cost: "None. A release Secret that is deleted while its objects are there leaves them to nobody: note \
                   which they are.",
            sources: &[
                "helm/helm pkg/action/uninstall.go",
                "argoproj/argo-cd controller/appcontroller.go",
                "fluxcd/helm-controller internal/controller/helmrelease_controller.go",
            ],
        },
    ),
];
