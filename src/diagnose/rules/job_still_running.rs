//! GitHub says that the runner is busy, and nothing is left of it that could end the job.

use crate::arc;
use crate::arc::finalizers;
use crate::arc::limits;
use crate::arc::marks;
use crate::arc::phrases::Means;
use crate::diagnose::action;
use crate::diagnose::containers_ended;
use crate::diagnose::logs;
use crate::diagnose::logs::Log;
use crate::diagnose::need::Need;
use crate::diagnose::need::Stuck;
use crate::diagnose::remedy;
use crate::diagnose::report::Certainty;
use crate::diagnose::report::Class;
use crate::diagnose::report::Evidence;
use crate::diagnose::report::Leaf;
use crate::diagnose::report::Loss;
use crate::diagnose::report::Remedy;
use crate::diagnose::rule::Case;
use crate::diagnose::rule::Finding;
use crate::diagnose::rule::Findings;
use crate::diagnose::rule::Page;
use crate::diagnose::rule::Rule;
use crate::diagnose::sets;
use crate::diagnose::wish::Sight;
use crate::graph::Node;
use crate::model::Lookup;
use crate::model::Object;
use crate::model::ObjectId;

pub const RULE: Rule = Rule {
    class: Class::JobStillRunning,
    reads: &[arc::POD, arc::POD_LOG],
    page: Page {
        summary: "GitHub says that the runner is busy",
        finds: "A runner that is being deleted keeps its registration finalizer because GitHub refuses to remove \
                a runner with a running job, or an EphemeralRunnerSet that is being deleted leaves its busy \
                runners alone. In legacy mode the same is seen on the runner's Pod.",
        why_it_blocks: "For a runner that is being deleted the controller asks GitHub again every 30 seconds, \
                        without a deadline; for an EphemeralRunnerSet, when one of its runners changes. While the pod runs \
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
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    for stuck in case.world.stuck.values() {
        if case.world.waiting.contains_key(&stuck.id) {
            continue;
        }
        let Some(object) = case.view.subject(&stuck.id) else { continue };
        if stuck.id.kind == arc::EPHEMERAL_RUNNER {
            runner(case, findings, stuck, object);
        } else if stuck.id.kind == arc::POD && stuck.needs.contains(&Need::LegacyController) {
            legacy(case, findings, object);
        }
    }
}

/// A runner that GitHub should forget, whose status names a job, and whose pod is not there or has ended.
fn runner(case: &Case<'_>, findings: &mut Findings, stuck: &Stuck, runner: &Object) {
    let Some(job) = sets::job(runner) else { return };
    // A live runner of a live set is nobody's business here.
    let to_go = runner.is_deleting() || stuck.since.is_some();
    let controller = case.world.controllers.alive(&runner.id.namespace);
    let (true, Some(controller)) =
        (to_go && runner.has_finalizer(finalizers::RUNNER_REGISTRATION), controller)
    else {
        return;
    };
    let pod = ObjectId::new(&arc::POD, &runner.id.namespace, &runner.id.name);
    let (gone, how) = match case.view.look(&pod) {
        Lookup::Absent => (case.view.missing(&pod), "is gone"),
        Lookup::Found(pod) => match pod.text("/status/phase").unwrap_or_default() {
            phase @ ("Succeeded" | "Failed") => {
                (case.view.evidence(&pod.id, "status.phase", phase), "has ended")
            }
            _ if containers_ended(pod) => {
                let says = "all of its containers have ended";
                (case.view.evidence(&pod.id, "status.containerStatuses", says), "has ended")
            }
            // What keeps one that has not ended from working is judged elsewhere.
            _ => return,
        },
        Lookup::Unread(_) => return,
    };
    let mut evidence = vec![
        case.view.evidence(&runner.id, "status", format!("it has {job}")),
        case.view.evidence(&runner.id, "metadata.finalizers", finalizers::RUNNER_REGISTRATION),
        gone,
    ];
    let mut certainty = Certainty::Likely;
    match logs::of_controller(case.view, controller) {
        Log::Read(tail) => match tail.telling(&runner.id) {
            Some((line, row)) if row.means == Means::Busy => {
                evidence.push(tail.evidence(case.view, line));
                if line.age(case.view.now()).is_none_or(|age| age < limits::LONGEST_RETRY) {
                    certainty = Certainty::Proven;
                }
            }
            // GitHub says something else: that is not for this rule.
            Some(_) => return,
            None => {}
        },
        Log::Unread(_) => findings.wish_for_proof(&runner.id, Sight::ControllerLog(controller.id.clone())),
    }
    let proof = match certainty {
        Certainty::Proven => "",
        Certainty::Likely => {
            "; a line in the controller's log that the runner is not finished would prove it"
        }
    };
    findings.root(Finding {
        class: Class::JobStillRunning,
        end: Node::Object(runner.id.clone()),
        object: runner.id.clone(),
        members: Vec::new(),
        message: format!("GitHub takes {} for busy with {job}, and its pod {how}{proof}", runner.id),
        certainty,
        evidence,
        remedies: vec![
            cancel(&job),
            let_go(runner, finalizers::RUNNER_REGISTRATION, remedy::registration(runner)),
        ],
    });
}

/// In legacy mode the Pod waits, and says in an annotation what GitHub said.
fn legacy(case: &Case<'_>, findings: &mut Findings, pod: &Object) {
    let waits = pod.annotation(marks::LEGACY_COMPLETION_WAIT);
    let failure = pod.annotation(marks::LEGACY_FAILURE);
    if waits.is_none() && failure.is_none() || !containers_ended(pod) {
        return;
    }
    let mut evidence: Vec<Evidence> = Vec::new();
    for key in [marks::LEGACY_FAILURE, marks::LEGACY_COMPLETION_WAIT] {
        if let Some(says) = pod.annotation(key) {
            evidence.push(case.view.evidence(&pod.id, format!("metadata.annotations[{key}]"), says));
        }
    }
    evidence.push(case.view.evidence(
        &pod.id,
        "status.containerStatuses",
        "all of its containers have ended",
    ));
    let left = format!("runner \"{}\"", pod.id.name);
    findings.root(Finding {
        class: Class::JobStillRunning,
        end: Node::Object(pod.id.clone()),
        object: pod.id.clone(),
        members: Vec::new(),
        message: format!(
            "the legacy controller waits for the runner of {} to complete, and its containers have ended",
            pod.id
        ),
        certainty: if waits.is_some() { Certainty::Proven } else { Certainty::Likely },
        evidence,
        remedies: vec![
            cancel("its job"),
            let_go(pod, finalizers::LEGACY_POD, Some(Leaf::new(&pod.id, left))),
        ],
    });
}

fn cancel(job: &str) -> Remedy {
    remedy::by_hand(
        "cancel-workflow-run",
        format!("Cancel the workflow run of {job} at GitHub, or wait until GitHub gives it up"),
        Vec::new(),
    )
}

/// Nothing but the one finalizer: the controller does the rest.
fn let_go(object: &Object, finalizer: &str, left: Option<Leaf>) -> Remedy {
    let mut actions = Vec::new();
    if !object.is_deleting() {
        actions.push(action::delete(&object.id));
    }
    actions.extend(action::drop_finalizer(object, finalizer));
    let loss = if left.is_some() { Loss::Registration } else { Loss::None };
    Remedy {
        leaves: left.into_iter().collect(),
        ..remedy::automatic(
            "drop-runner-registration",
            format!("If the run is over: take {finalizer} off {}; the controller does the rest", object.id),
            loss,
            actions,
        )
    }
}
