//! Pages of what runs, or should, and does not do its work.

use crate::diagnose::report::Class;
use crate::diagnose::rule::Page;

pub(super) const PAGES: &[(Class, Page)] = &[
    (
        Class::SessionConflict,
        Page {
            summary: "another listener holds the message session",
            finds: "The listener ends again and again because the scale set already has an active message session.",
            why_it_blocks: "GitHub gives one message session per scale set. A listener that is killed without its \
                            grace period leaves its session behind until GitHub lets it expire. A second listener of \
                            the same scale set holds it for good: an old one after an upgrade, or one in another \
                            cluster whose runner set has the same name and runner group.",
            neighbours: "listener-orphaned: the other listener is in this cluster and one too many. \
                         registration-collision: the other one belongs to another runner set. stale-scale-set-id: the \
                         listener ends as well, but GitHub does not know the scale set; only the listener's log tells \
                         the two apart.",
            what_to_do: "Delete the extra listener. If the other one is in another cluster, give the runner sets \
                         different names or different runner groups. If there is none, wait some minutes for the old \
                         session to expire.",
            cost: "None.",
            sources: &[
                "controllers/actions.github.com/autoscalinglistener_controller.go",
                "cmd/ghalistener/listener/listener.go",
                "github.com/actions/actions-runner-controller/issues/3351",
            ],
        },
    ),
    (
        Class::ListenerFrozen,
        Page {
            summary: "the listener runs but does not poll",
            finds: "The listener's pod is Running and its log has not gone on for more than about ten minutes, or its \
                    container has ended while a sidecar keeps the pod alive.",
            why_it_blocks: "A listener at work writes a line at least about once a minute. After a break in the \
                            network it can wait on a dead connection, and it has no probe that would notice. Nothing \
                            in the cluster turns red; at GitHub the scale set goes offline and jobs stay queued.",
            neighbours: "github-side-stale: the listener's log goes on, and GitHub sends nothing. session-conflict, \
                         stale-scale-set-id: the listener ends and starts again. listener-missing: there is no pod.",
            what_to_do: "Delete the listener's pod: the controller makes it anew. If it comes back, look at proxies \
                         and firewalls that drop idle connections.",
            cost: "None.",
            sources: &[
                "cmd/ghalistener/listener/listener.go",
                "controllers/actions.github.com/autoscalinglistener_controller.go",
                "github.com/actions/actions-runner-controller/issues/3005",
            ],
        },
    ),
    (
        Class::FailedRunnerSlots,
        Page {
            summary: "Failed EphemeralRunners occupy the set's slots",
            finds: "EphemeralRunners in the phase Failed are counted in the set's replicas, and the set makes fewer \
                    runners than are wanted.",
            why_it_blocks: "Failed runners are kept to be looked at. They count as replicas and are not taken away \
                            when the set scales down, so that each takes one of the set's maximum for good. Up to \
                            0.11 a runner fails after more than five failed starts; from 0.12.0 it is replaced \
                            instead. A pod that the API server refuses makes its runner Failed from 0.8 on.",
            neighbours: "pod-create-denied, pod-cannot-start, runner-exits-immediately: why they failed; cure that \
                         first, or the new ones fail as well. ghost-runner: the phase is not Failed. spec-caps-zero: \
                         there is no slot at all.",
            what_to_do: "Read status.reason and status.message of the Failed runners, cure what they say, then delete \
                         them. They are removed in the normal way.",
            cost: "None: they have no job. What they say about the cause goes with them: note it first.",
            sources: &[
                "controllers/actions.github.com/ephemeralrunner_controller.go",
                "controllers/actions.github.com/ephemeralrunnerset_controller.go",
            ],
        },
    ),
    (
        Class::RunnerExitsImmediately,
        Page {
            summary: "the runner container ends at once",
            finds: "The pods of a set start and their runner container ends within seconds, again and again.",
            why_it_blocks: "No runner lives long enough to take a job. Mostly the template names an image of its own \
                            without a command, so that the image's shell ends at once; or the runner's version is no \
                            longer supported; or a second pod uses a registration that can be used only once. The \
                            controller tries again, from 0.12.0 with pauses of up to 80 seconds.",
            neighbours: "failed-runner-slots: what is left behind up to 0.11. outdated-deadlock: what follows from \
                         exit code 7 in 0.14.0 to 0.14.2. pod-cannot-start: the container never starts.",
            what_to_do: "Look at exit code and log of the runner container. Give the container the command of the \
                         runner (/home/runner/run.sh in GitHub's image), or a newer image. Then delete the \
                         EphemeralRunners that were made with the old one.",
            cost: "None.",
            sources: &[
                "controllers/actions.github.com/ephemeralrunner_controller.go",
                "charts/gha-runner-scale-set/values.yaml",
            ],
        },
    ),
    (
        Class::PodCreateDenied,
        Page {
            summary: "the API server refuses the runner's pod",
            finds: "An EphemeralRunner has no pod because the request to create it was refused: a quota is used up, a \
                    LimitRange, a policy, pod security or a webhook says no, or the pod's spec is invalid.",
            why_it_blocks: "From 0.8 the controller takes such a refusal for final: the runner becomes Failed, with \
                            the API server's words in status.message, and is not tried again. From 0.13.1 a quota \
                            that is used up is tried again every 30 seconds, and the runner is replaced after ten \
                            minutes.",
            neighbours: "failed-runner-slots: what is left behind. rbac-missing: it is the authorizer that refuses, \
                         and the message says that the ServiceAccount cannot create pods. namespace-terminating: \
                         nothing can be created any more. pod-cannot-start: the pod was accepted.",
            what_to_do: "Read status.message: it names what refuses. Make room in the quota, or bring the template in \
                         line with the policy. If the live template differs from the chart's, delete the runner set \
                         and install it again. Then delete the Failed runners.",
            cost: "None.",
            sources: &[
                "controllers/actions.github.com/ephemeralrunner_controller.go",
                "github.com/actions/actions-runner-controller/issues/3629",
            ],
        },
    ),
    (
        Class::PodCannotStart,
        Page {
            summary: "the pod exists but cannot start",
            finds: "The pod of a runner or a listener, or a job pod that a runner has made, stays Pending or is being \
                    created: no node takes it, its image cannot be pulled, its volume is not provisioned or attached, \
                    or there is no address for it.",
            why_it_blocks: "The runner counts and does no work. Its job waits, or is given to a runner that never \
                            starts. In kubernetes container mode the runner's pod and the job's pod share one work \
                            volume; a volume for one node alone keeps the job's pod from starting on another.",
            neighbours: "pod-create-denied: there is no pod. runner-exits-immediately: it starts and ends. node-lost: \
                         it ran, and its node is gone.",
            what_to_do: "Read the pod's conditions, the waiting reason of its containers and its events. Cure what \
                         they name: image or pull secret, storage class, a work volume that several nodes can mount, \
                         room on the nodes, addresses. Then delete EphemeralRunners that have become Failed, and job \
                         pods that were left behind.",
            cost: "None.",
            sources: &[
                "controllers/actions.github.com/ephemeralrunner_controller.go",
                "actions/runner-container-hooks packages/k8s",
                "kubernetes.io/docs/tasks/debug/debug-application/debug-pods",
            ],
        },
    ),
    (
        Class::GithubSideStale,
        Page {
            summary: "GitHub's own state is wrong, not the cluster's",
            finds: "All objects are healthy, runners are idle for long while jobs are queued, or the number of \
                    wanted runners stays above the busy ones and the minimum for days.",
            why_it_blocks: "After an incident GitHub may have lost the registration of runners, or count jobs that \
                            no longer exist. The runners are up and listen, and nothing is sent to them; or the \
                            listener is told of jobs that never come. Nothing in the cluster proves it.",
            neighbours: "listener-frozen: the listener's log has stopped. ghost-runner: the runner's pod is gone or \
                         says in its log that its registration is not found. Jobs that are queued for the number of \
                         an older installation wait for ever as well: run them again.",
            what_to_do: "Delete the EphemeralRunners that are idle for long: new ones register anew. If the count of \
                         jobs is wrong, delete the runner set and install it again: that makes a new scale set.",
            cost: "None for idle runners. A runner that was busy after all loses its job, and jobs queued for the \
                   old scale set have to be run again.",
            sources: &[
                "github.com/actions/actions-runner-controller/issues/4396",
                "github.com/actions/actions-runner-controller/issues/4397",
            ],
        },
    ),
];
