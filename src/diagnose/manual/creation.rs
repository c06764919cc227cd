//! Pages of what keeps a runner set and its listener from coming up.

use crate::diagnose::report::Class;
use crate::diagnose::rule::Page;

pub(super) const PAGES: &[(Class, Page)] = &[
    (
        Class::OutdatedDeadlock,
        Page {
            summary: "the runner set is Outdated and stays so",
            finds: "A live runner set is in the phase Outdated, without a listener and without an \
                    EphemeralRunnerSet. Its counters may still show runners.",
            why_it_blocks: "From 0.14.0 a runner that ends with exit code 7 says that its version is no longer \
                            supported; the controller calls it, its EphemeralRunnerSet and its runner set Outdated. \
                            In 0.14.0 to 0.14.2 it then removes the listener, the runners and the scale set at \
                            GitHub, and does nothing more until the spec or the labels change. Helm and Argo CD call \
                            the set healthy meanwhile.",
            neighbours: "listener-missing: no listener either, but another phase. runner-exits-immediately: what \
                         comes before. version-mismatch: the set is deleted and not Outdated.",
            what_to_do: "Put a newer runner image into the template: any change of the spec brings the set back, and \
                         an old image would only bring it down again. If the image is right already, empty the phase \
                         with a patch of the status subresource.",
            cost: "None: the set gets a new scale set. Jobs that were queued for the old one may have to be run \
                   again.",
            sources: &[
                "controllers/actions.github.com/autoscalingrunnerset_controller.go",
                "controllers/actions.github.com/ephemeralrunner_controller.go",
                "apis/actions.github.com/v1alpha1/autoscalingrunnerset_types.go",
            ],
        },
    ),
    (
        Class::StaleScaleSetId,
        Page {
            summary: "the scale set's number is gone at GitHub",
            finds: "The listener ends again and again because GitHub does not know the scale set whose number it was \
                    given, or runner set, listener and EphemeralRunnerSet carry different numbers.",
            why_it_blocks: "The controller registers a runner set only while it has no number. GitHub removes scale \
                            sets that were unused for long, somebody removes one by hand, or the URL now names \
                            another organization or repository: the number stays, nobody checks it, and no message \
                            comes. Versions up to 0.14.2 never register anew by themselves.",
            neighbours: "session-conflict: the listener ends as well, but because another one holds the session; only \
                         the listener's log tells the two apart. listener-dangling-ers: the listener asks GitHub \
                         with success and fails in the cluster. github-refuses: the credentials are the trouble.",
            what_to_do: "Delete the runner set and let Helm or the delivery tool make it anew: it gets a new number. \
                         Gentler for the objects, if the set has to stay: take the annotation with the number off the \
                         live runner set, then delete its listener and its EphemeralRunnerSet.",
            cost: "The runners of the set are replaced, and a job on them dies. Jobs that wait for the old number \
                   stay queued: run them again.",
            sources: &[
                "controllers/actions.github.com/autoscalingrunnerset_controller.go",
                "github.com/actions/actions-runner-controller/issues/3935",
                "github.com/actions/actions-runner-controller/pull/4571",
            ],
        },
    ),
    (
        Class::RegistrationCollision,
        Page {
            summary: "two runner sets share one remote scale set",
            finds: "Two runner sets have the same name, runner group and URL at GitHub and so the same scale set, in \
                    one cluster or in two.",
            why_it_blocks: "The controller looks for a scale set by group and name and takes over one that exists \
                            already. Two sets then fight for one message session. When one of them is deleted, its \
                            controller deletes the scale set that the other one uses. Mostly this is the end of a \
                            move from one cluster to another.",
            neighbours: "session-conflict: what the living see of it. stale-scale-set-id: what is left for the other \
                         set afterwards. listener-orphaned: two listeners of one runner set.",
            what_to_do: "Give one of them another name or another runner group. If the old one is being deleted and \
                         the new one has to keep its registration, take the annotation with the number off the old \
                         runner set before its deletion comes to that step: GitHub is then not asked.",
            cost: "None. Without it the set that stays loses its registration.",
            sources: &[
                "controllers/actions.github.com/autoscalingrunnerset_controller.go",
                "github.com/actions/actions-runner-controller/issues/3372",
            ],
        },
    ),
    (
        Class::SpecCapsZero,
        Page {
            summary: "the live spec caps the set at zero",
            finds: "The live runner set has spec.maxRunners 0.",
            why_it_blocks: "Such a set is healthy and never starts a runner. A value that somebody patched in by hand \
                            stays through chart upgrades if the values of the chart say nothing about the field.",
            neighbours: "failed-runner-slots: the maximum is above zero, but taken up by Failed runners. \
                         listener-missing: there is no listener, for instance because a minimum above the maximum \
                         makes its configuration invalid.",
            what_to_do: "Set spec.maxRunners in the values of the chart or in the delivery tool, and on the live \
                         object if that does not bring it there.",
            cost: "None.",
            sources: &[
                "apis/actions.github.com/v1alpha1/autoscalingrunnerset_types.go",
                "cmd/ghalistener/config/config.go",
            ],
        },
    ),
    (
        Class::ListenerMissing,
        Page {
            summary: "a live runner set has no running listener",
            finds: "A runner set that is registered and not being deleted has no AutoscalingListener in the \
                    controller's namespace, or the listener has no pod, for longer than an update takes.",
            why_it_blocks: "The listener is the only one that fetches jobs and sets the number of runners. Without it \
                            jobs stay queued. It can be missing because the update strategy eventual waits for old \
                            runners to end, and a minimum of idle runners never ends; because a delivery tool takes \
                            it for its own and prunes it, after ARC has copied the tool's label to it (from 0.9.2); \
                            or because an old listener of the same name is still being deleted.",
            neighbours: "secret-missing, github-refuses: the set is not even registered. outdated-deadlock: the phase \
                         is Outdated. rbac-missing: the listener is there, but its Role or RoleBinding cannot be \
                         made. Nothing in the runner namespace is no sign: the listener lives in the controller's.",
            what_to_do: "If there is a listener and no running pod of it, delete the AutoscalingListener: the \
                         controller makes both anew. If old runners hold it up and are idle, set spec.replicas of the old EphemeralRunnerSet to 0 for a \
                         while. If it is pruned, exclude the tool's label from propagation (a controller flag from \
                         0.9.3) or let the tool track by annotation.",
            cost: "None. Setting the replicas to 0 replaces idle runners.",
            sources: &[
                "controllers/actions.github.com/autoscalingrunnerset_controller.go",
                "controllers/actions.github.com/autoscalinglistener_controller.go",
                "controllers/actions.github.com/resourcebuilder.go",
            ],
        },
    ),
    (
        Class::ListenerDanglingErs,
        Page {
            summary: "the listener's EphemeralRunnerSet is gone",
            finds: "An AutoscalingListener names an EphemeralRunnerSet that does not exist, while another \
                    EphemeralRunnerSet of the same runner set lives.",
            why_it_blocks: "The listener sets the number of runners on the EphemeralRunnerSet that it was made for, \
                            and on no other. When that one is replaced and the listener is not, every attempt ends in \
                            not found, the listener starts anew, and no runner comes. Up to 0.14.2 each \
                            EphemeralRunnerSet has a random name; development versions after that keep one name.",
            neighbours: "outdated-deadlock: often its after-effect; cure that first, or the listener is soon the same \
                         again. listener-orphaned: the listener is one too many. stale-scale-set-id: it is GitHub \
                         that does not find something.",
            what_to_do: "Delete the AutoscalingListener: the controller makes it anew for the living \
                         EphemeralRunnerSet.",
            cost: "None.",
            sources: &[
                "controllers/actions.github.com/autoscalingrunnerset_controller.go",
                "controllers/actions.github.com/resourcebuilder.go",
                "github.com/actions/actions-runner-controller/issues/4561",
            ],
        },
    ),
];
