//! Pages of legacy mode: the controller of RunnerDeployments and RunnerSets.

use crate::diagnose::report::Class;
use crate::diagnose::rule::Page;

pub(super) const PAGES: &[(Class, Page)] = &[
    (
        Class::LegacyWebhookDead,
        Page {
            summary: "legacy webhooks point at a dead Service",
            finds: "The webhook configurations of the legacy controller are there, and their Service is missing, has \
                    no ready endpoint, or its certificate is not known to them.",
            why_it_blocks: "Their failure policy is Fail, and they are asked about every creation and update of \
                            Runners, RunnerDeployments and RunnerReplicaSets. Taking a finalizer off is an update: \
                            neither the controller nor a person can do it. Runner pods that carry the label by which \
                            the legacy controller injects their token cannot be created either.",
            neighbours: "admission-refuses: the webhook is somebody else's. legacy-finalizer: the updates get \
                         through, but nobody does them. controller-gone: runner scale sets, which have no webhooks.",
            what_to_do: "Bring the legacy controller back, and cert-manager if it makes the certificate. If legacy \
                         mode is gone for good, delete its mutating and its validating webhook configuration: no \
                         webhook is asked about that. Then see to the finalizers.",
            cost: "None once the controller is gone: the check has nothing left to protect.",
            sources: &[
                "charts/actions-runner-controller/templates/webhook_configs.yaml",
                "TROUBLESHOOTING.md",
            ],
        },
    ),
    (
        Class::LegacyFinalizer,
        Page {
            summary: "a legacy Runner waits for nobody",
            finds: "A Runner of legacy mode, or its Pod, is being deleted and keeps the legacy finalizer, and there \
                    is no legacy controller that could act, or it cannot reach GitHub.",
            why_it_blocks: "The legacy controller removes the runner at GitHub first and takes the finalizers off \
                            after that. Current versions hold the Pod for it, older ones the Runner. Without the \
                            controller, or with credentials that no longer work, nobody does. Even a runner that \
                            never registered is waited for, for up to ten minutes.",
            neighbours: "legacy-webhook-dead: even the update that takes the finalizer off is refused; see to that \
                         first. job-still-running: GitHub refuses because of a job. controller-gone: the same for \
                         runner scale sets.",
            what_to_do: "Bring the legacy controller and its credentials back and let it finish. If it is gone for \
                         good, take the finalizers off the Pods and the Runners, and remove the runners at GitHub.",
            cost: "None with the controller. By hand, runners stay listed at GitHub as offline; a running job is \
                   lost.",
            sources: &[
                "controllers/actions.summerwind.net/runner_controller.go",
                "controllers/actions.summerwind.net/runner_graceful_stop.go",
                "TROUBLESHOOTING.md",
            ],
        },
    ),
];
