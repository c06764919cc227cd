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
        Class::JobStillRunning,
        Page {
            summary: "GitHub says that the runner is busy",
            finds: "A runner that is being deleted keeps its registration finalizer because GitHub refuses to remove \
                    a runner with a running job, or an EphemeralRunnerSet that is being deleted leaves its busy \
                    runners alone. In legacy mode the same is seen on the runner's Pod.",
            why_it_blocks: "The controller asks GitHub again every 30 seconds, without a deadline. While the pod runs \
                            its job this is meant so: the deletion waits for the job. If the pod is gone (evicted, \
                            node lost, deleted by hand), GitHub goes on calling the runner busy until it gives the \
                            job up, and the runner stays that long.",
            neighbours: "ghost-runner: the runner has no useful pod either, but nobody is deleting it. \
                         github-refuses: GitHub says no for another reason. node-lost: the pod is still there and \
                         cannot go. While the pod runs its job the verdict is waiting and not blocked.",
            what_to_do: "Let the job end, or cancel the workflow run at GitHub. If the pod is gone and the run is \
                         over, take the registration finalizer off the EphemeralRunner and nothing else: the \
                         controller then cleans up the rest. In legacy mode take it off the Pod.",
            cost: "None for waiting. Taking the finalizer off leaves the runner listed at GitHub until GitHub drops \
                   it, and a job that does run after all is lost.",
            sources: &[
                "controllers/actions.github.com/ephemeralrunner_controller.go",
                "controllers/actions.github.com/ephemeralrunnerset_controller.go",
                "controllers/actions.summerwind.net/runner_graceful_stop.go",
            ],
        },
    ),
    (
        Class::NodeLost,
        Page {
            summary: "the pod cannot go because its node is gone",
            finds: "A pod of a runner or a listener is past the end of its grace period, and its node is not ready or \
                    no longer exists.",
            why_it_blocks: "Only the kubelet can say that a pod's containers have ended. A listener keeps its \
                            finalizer until its pod is gone; up to 0.10.1 a runner does the same. In Kubernetes 1.33 \
                            and later a namespace deletes pods first, so that one such pod holds up everything else \
                            in it.",
            neighbours: "foreign-finalizer: the pod's containers have ended and a finalizer holds it. \
                         job-still-running: the pod is gone and GitHub still waits for its job. pod-cannot-start: \
                         the pod has never run.",
            what_to_do: "Bring the node back. If the machine is gone for good, delete the Node: the pod garbage \
                         collector then removes its pods. If it is proven to be switched off, the taint \
                         node.kubernetes.io/out-of-service does the same. Deleting the pod with a grace period of \
                         zero is the last resort.",
            cost: "None if the machine is really off. If it is only cut off, the containers go on: a job may run \
                   twice, and a volume may be written from two places.",
            sources: &[
                "controllers/actions.github.com/autoscalinglistener_controller.go",
                "kubernetes/kubernetes pkg/controller/podgc/gc_controller.go",
                "kubernetes.io/docs/concepts/cluster-administration/node-shutdown",
            ],
        },
    ),
    (
        Class::ForegroundWaits,
        Page {
            summary: "foreground deletion waits for a dependent",
            finds: "An object was deleted with foreground propagation, and a dependent whose owner reference blocks \
                    the owner's deletion is still there.",
            why_it_blocks: "The garbage collector deletes the dependents first and takes its finalizer off the owner \
                            when the blocking ones are gone. If one of them keeps a finalizer of its own, the owner \
                            waits for that. Argo CD deletes this way unless it is told otherwise. The garbage \
                            collector does not need ARC for it: it deletes runner pods and their Secrets at once, and \
                            running jobs die with them.",
            neighbours: "foreign-finalizer: the finalizer is neither the garbage collector's nor ARC's. Mostly the \
                         dependent waits for something itself (controller-gone, secret-missing, job-still-running), \
                         and that is named instead.",
            what_to_do: "Cure what the dependent waits for. If the order does not matter, delete the owner again with \
                         background propagation: that takes the finalizer off without a patch. An owner that has \
                         ARC's finalizer as well still waits for the controller.",
            cost: "Only the order is lost: the dependents are collected after their owner.",
            sources: &[
                "kubernetes/kubernetes pkg/controller/garbagecollector/garbagecollector.go",
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
    (
        Class::ApiserviceUnavailable,
        Page {
            summary: "an aggregated API is down; no namespace can end",
            finds: "A namespace is Terminating, its condition reports that discovery failed, and an APIService is not \
                    available.",
            why_it_blocks: "The namespace controller must know every kind there is before it may call a namespace \
                            empty. An aggregated API whose backend does not answer hides its kinds, so that no \
                            namespace of the cluster is finished, whatever is or is not in it. The objects of the \
                            APIs that answer are deleted all the same.",
            neighbours: "namespace-terminating: the namespace is the root because something cannot be made in it any \
                         more. If the namespace also reports remaining content, that has blockers of its own.",
            what_to_do: "Bring the backend back that the APIService names: the Service, its endpoints, its \
                         certificate. If the add-on is gone for good, delete the APIService. The namespace ends by \
                         itself within some minutes. Never force it through the finalize subresource.",
            cost: "None for repairing it. Without the APIService its API is gone until the add-on is installed again; \
                   autoscalers that use its metrics stop.",
            sources: &[
                "kubernetes/kubernetes pkg/controller/namespace/deletion/namespaced_resources_deleter.go",
                "kubernetes/kube-aggregator pkg/controllers/status/remote/remote_available_controller.go",
            ],
        },
    ),
];
