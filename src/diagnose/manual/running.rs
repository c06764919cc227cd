//! Pages of what runs, or should, and does not do its work.

use crate::diagnose::report::Class;
use crate::diagnose::rule::Page;

pub(super) const PAGES: &[(Class, Page)] = &[(
    Class::GhostRunner,
    Page {
        summary: "an EphemeralRunner lives on without a useful pod",
        finds: "An EphemeralRunner that nobody deletes is Pending, Running or Succeeded, and its pod is gone, has \
                    ended, or no longer has a registration.",
        why_it_blocks: "The runner counts as one of the set's runners, so that none is made in its place, and a \
                            job that was given to it waits for ever. Older versions miss some ways in which a pod \
                            ends: up to 0.13.0 a pod that failed without a container status is not replaced, and \
                            0.12.0 does not notice a pod that is gone.",
        neighbours: "job-still-running: the runner is being deleted. failed-runner-slots: its phase is Failed. \
                         github-side-stale: pod and objects are healthy, and GitHub sends no job. pod-cannot-start: \
                         the pod is there and has not started yet.",
        what_to_do: "Delete the EphemeralRunner and not its pod: the claim on the job sits in the \
                         EphemeralRunner, and a new pod would take up the old one. Upgrade: 0.13.1 looks at every \
                         failed pod.",
        cost: "A job that is bound to it is lost and has to be run again.",
        sources: &[
            "controllers/actions.github.com/ephemeralrunner_controller.go",
            "github.com/actions/actions-runner-controller/issues/4148",
        ],
    },
)];
