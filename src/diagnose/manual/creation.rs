//! Pages of what keeps a runner set and its listener from coming up.

use crate::diagnose::report::Class;
use crate::diagnose::rule::Page;

pub(super) const PAGES: &[(Class, Page)] = &[
    (
        Class::ControllerNotReconciling,
        Page {
            summary: "the controller runs but does not act",
            finds: "A controller has a ready replica, may do the next step and has what it needs for it, and still \
                    nothing moves: one of its workers hangs, it does not watch this namespace, or it watches kinds \
                    that have vanished under it.",
            why_it_blocks: "Runner sets, listeners and EphemeralRunnerSets have one worker each, EphemeralRunners \
                            two. A call to GitHub that does not return holds up every other object of that kind. A \
                            controller that is confined to one namespace never looks at another one. After an error \
                            the pause before the next attempt grows to about 17 minutes, so that an object can lie \
                            still for a while after its cause is cured.",
            neighbours: "controller-gone: no replica is ready. rbac-missing: it tries and is refused. crd-skew: it \
                         cannot read the objects. An object that is merely pausing after an error is not blocked: \
                         its log tells when it was last tried.",
            what_to_do: "See whether the controller watches the namespace, and whether its log has gone on. Restart \
                         the Deployment: that ends hanging calls and all pauses. If it is confined to another \
                         namespace, install one for this namespace or let it watch all.",
            cost: "None: runners and listeners run on while the controller restarts.",
            sources: &[
                "main.go",
                "controllers/actions.github.com/autoscalingrunnerset_controller.go",
                "charts/gha-runner-scale-set-controller/templates/deployment.yaml",
            ],
        },
    ),
    (
        Class::CrdSkew,
        Page {
            summary: "the CRDs and the controller do not go together",
            finds: "A CRD of ARC is missing, older or newer than the controller, or was made anew under a running \
                    controller, or a stored object has a form that the controller cannot decode.",
            why_it_blocks: "Helm installs CRDs once and never upgrades them. Fields that an old CRD does not know are \
                            dropped without a word: a controller from 0.13 never learns from older CRDs that a \
                            runner has a job. A required field that old objects lack makes every update of them \
                            invalid, even taking a finalizer off: up to 0.8.3 EphemeralRunnerSets had no \
                            spec.patchID, which CRDs from 0.9.0 demand. One object that cannot be decoded blinds the \
                            controller for all of its kind: a runner with failures recorded by 0.11 or older does \
                            this to a controller from 0.12.0.",
            neighbours: "version-mismatch: the runner set's label and the controller's build do not fit. \
                         crd-terminating: the CRD is being deleted. crd-left-behind: old CRDs, but no controller runs \
                         on them yet. controller-not-reconciling: everything fits and nothing moves.",
            what_to_do: "Apply the CRDs of the controller's version with server-side apply (they are too large for a \
                         plain apply) and restart the controller. For an object that cannot be decoded, remove the \
                         field through the status subresource, or delete the object and take its finalizers off by \
                         hand. For a missing required field, add it in the same patch that takes the finalizer off.",
            cost: "None for the CRDs. A runner that is let go without the controller stays listed at GitHub for a \
                   while, and its job is lost.",
            sources: &[
                "charts/gha-runner-scale-set-controller/crds/",
                "apis/actions.github.com/v1alpha1/ephemeralrunner_types.go",
                "apis/actions.github.com/v1alpha1/ephemeralrunnerset_types.go",
            ],
        },
    ),
    (
        Class::GithubRefuses,
        Page {
            summary: "GitHub, or the way to it, refuses the step",
            finds: "The credential Secret is there and the controller may read it, but the step that needs GitHub \
                    fails: wrong or expired credentials, missing permission, a wrong URL, an unknown runner group, a \
                    certificate that is not trusted, a proxy that does not let through, a server too old for scale \
                    sets (before 3.9), or an entry that GitHub no longer has.",
            why_it_blocks: "Registering comes before the listener, and removing at GitHub comes before the \
                            finalizers. In released versions the controller tries for ever, with growing pauses, and \
                            takes an answer like not found for a failure as well: a scale set or a runner that \
                            somebody removed at GitHub can hold up its own deletion.",
            neighbours: "secret-missing: there is no Secret to ask with. rbac-missing: the Secret may not be read; \
                         the log words it like a missing one. stale-scale-set-id: only the listener fails, because \
                         its scale set is gone. job-still-running: GitHub refuses because of a job.",
            what_to_do: "Read the controller's log: it holds the answer, and nothing in the cluster does. Put right \
                         what it names: the keys of the Secret (a token, or the three of an App, never both), the \
                         App's permissions, the URL (a personal account is no organization), the proxy's \
                         Secret, the ConfigMap with the certificate. Up to 0.11 the listener keeps old credentials: \
                         delete the AutoscalingListener. Restart the controller to skip its pause.",
            cost: "None. Letting go without GitHub instead leaves the scale set and the runners listed there.",
            sources: &[
                "controllers/actions.github.com/autoscalingrunnerset_controller.go",
                "controllers/actions.github.com/ephemeralrunner_controller.go",
                "apis/actions.github.com/v1alpha1/appconfig/appconfig.go",
                "github/actions/client.go",
            ],
        },
    ),
];
