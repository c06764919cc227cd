//! An EphemeralRunner that nobody deletes lives on without a useful pod.

use crate::arc;
use crate::arc::limits;
use crate::arc::marks;
use crate::arc::phrases::Means;
use crate::diagnose::action;
use crate::diagnose::logs;
use crate::diagnose::logs::Log;
use crate::diagnose::need::Need;
use crate::diagnose::remedy;
use crate::diagnose::report::Certainty;
use crate::diagnose::report::Class;
use crate::diagnose::report::Evidence;
use crate::diagnose::report::Loss;
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
use crate::model::Reading;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde_json::Value;

pub const RULE: Rule = Rule {
    class: Class::GhostRunner,
    reads: &[
        arc::EPHEMERAL_RUNNER,
        arc::EPHEMERAL_RUNNER_SET,
        arc::AUTOSCALING_RUNNER_SET,
        arc::POD,
        arc::POD_LOG,
    ],
    page: Page {
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
    check,
};

/// What is wrong with a runner.
struct Ghost {
    /// A clause about the runner: "its pod is gone".
    why: String,
    certainty: Certainty,
    evidence: Vec<Evidence>,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    for runner in case.view.list(&arc::EPHEMERAL_RUNNER, None).objects {
        // One whose container ends at once is judged by what ends it.
        let needs = case.world.stuck.get(&runner.id).map(|stuck| stuck.needs.as_slice()).unwrap_or_default();
        let ends = needs.iter().any(|need| matches!(need, Need::Living { .. }));
        if ends
            || runner.is_deleting()
            || is_young(case, runner.created)
            || belongs_to_what_goes(case, runner)
        {
            continue;
        }
        let Some(ghost) = ghost(case, findings, runner) else { continue };
        if let Some(set) = sets::set_of(runner) {
            let because = "it counts as one of its runners, so that none is made in its place";
            findings.wait(&set, &Node::Object(runner.id.clone()), because, Vec::new());
        }
        findings.root(found(runner, ghost));
    }
}

fn is_young(case: &Case<'_>, then: Option<Timestamp>) -> bool {
    then.is_some_and(|then| case.view.now().duration_since(then) < limits::YOUNG_CREATION)
}

/// A runner whose owner is being deleted is removed with it, and other rules speak of it.
fn belongs_to_what_goes(case: &Case<'_>, runner: &Object) -> bool {
    let owners = case.view.list(&arc::EPHEMERAL_RUNNER_SET, Some(&runner.id.namespace)).objects;
    let owner_goes = owners.iter().any(|owner| owner.is_deleting() && runner.is_owned_by(&owner.uid));
    owner_goes || sets::set_of(runner).and_then(|set| case.view.find(&set)).is_some_and(Object::is_deleting)
}

fn ghost(case: &Case<'_>, findings: &mut Findings, runner: &Object) -> Option<Ghost> {
    let phase = runner.text("/status/phase").unwrap_or_default();
    let seen =
        case.view.evidence(&runner.id, "status.phase", if phase.is_empty() { "not there" } else { phase });
    let id = ObjectId::new(&arc::POD, &runner.id.namespace, &runner.id.name);
    match (phase, sets::pod_of(case.view, &runner.id)) {
        // Nothing but its controller has to act on a runner that is done.
        ("Succeeded", Lookup::Found(pod)) if is_young(case, ended_at(pod)) => None,
        ("Succeeded", pod) => {
            // Since when it is so, the last write to it tells best.
            let written = runner.managers.iter().filter_map(|manager| manager.time).max();
            let is_new = written.or(runner.created).is_some_and(|at| is_young(case, Some(at)));
            (!is_new || matches!(pod, Lookup::Found(_))).then(|| Ghost {
                why: "it has succeeded and was not taken away".to_owned(),
                certainty: Certainty::Proven,
                evidence: vec![seen],
            })
        }
        ("Running", Lookup::Absent) => Some(Ghost {
            // Runners and pods are listed one after the other: one that ended in between looks the same.
            why: "its pod is gone; that it is still so a minute later would prove it".to_owned(),
            certainty: Certainty::Likely,
            evidence: vec![seen, case.view.missing(&id)],
        }),
        ("Running" | "Pending" | "", Lookup::Found(pod)) => match pod.text("/status/phase") {
            Some(ended @ ("Failed" | "Succeeded")) if !is_young(case, ended_at(pod)) => {
                let reason = pod.text("/status/reason").unwrap_or_default();
                let says = if reason.is_empty() { ended.to_owned() } else { format!("{ended}, {reason}") };
                Some(Ghost {
                    why: format!("its pod has ended ({says}) and was not replaced"),
                    certainty: if ended_at(pod).is_some() { Certainty::Proven } else { Certainty::Likely },
                    evidence: vec![seen, case.view.evidence(&id, "status.phase", says)],
                })
            }
            Some("Running") => unregistered(case, findings, runner, &id, seen),
            _ => None,
        },
        ("Running" | "Pending" | "", Lookup::Unread(reading)) => {
            unseen(findings, runner, &reading, phase == "Running");
            None
        }
        _ => None,
    }
}

/// Without its pod nobody knows what a runner is worth, nor whether its set has one runner fewer.
fn unseen(findings: &mut Findings, runner: &Object, reading: &Reading, runs: bool) {
    let hides: &[Class] = match runs {
        true => &[Class::GhostRunner],
        false => &[Class::GhostRunner, Class::PodCannotStart, Class::PodCreateDenied],
    };
    let sight = Sight::List {
        kind: arc::POD,
        namespace: runner.id.namespace.clone(),
        selector: Some(marks::RUNNER_POD_SELECTOR.to_owned()),
    };
    for subject in sets::set_of(runner).iter().chain([&runner.id]) {
        findings.wish(subject, sight.clone(), reading.clone(), hides);
    }
}

/// A pod that runs, and whose runner says that GitHub does not know it or its job any more.
fn unregistered(
    case: &Case<'_>,
    findings: &mut Findings,
    runner: &Object,
    pod: &ObjectId,
    seen: Evidence,
) -> Option<Ghost> {
    let age = runner.created.map_or(SignedDuration::ZERO, |created| case.view.now().duration_since(created));
    let tail = match logs::of_pod(case.view, pod, "runner") {
        Log::Read(tail) => tail,
        Log::Unread(_) => {
            if sets::job(runner).is_some() && age > limits::LONG_JOB {
                findings.wish_for_proof(&runner.id, Sight::PodLog(pod.clone()));
            }
            return None;
        }
    };
    // The newest lines: a runner that lost its registration says so again and again.
    let (line, row) = tail.lines().take(NEWEST).find_map(|line| Some((line, line.phrase()?)))?;
    matches!(row.means, Means::RegistrationLost | Means::JobLost).then(|| Ghost {
        why: match row.means {
            Means::JobLost => format!(
                "its pod runs, and says that {}; that GitHub shows the job as over would prove it",
                row.says
            ),
            _ => format!("its pod runs, and says that {}", row.says),
        },
        // Whether a job is really over only GitHub knows.
        certainty: if row.means == Means::JobLost { Certainty::Likely } else { Certainty::Proven },
        evidence: vec![seen, tail.evidence(case.view, line)],
    })
}

/// How many lines from the end tell what a runner is at now.
const NEWEST: usize = 20;

/// When the last container of a pod ended.
fn ended_at(pod: &Object) -> Option<Timestamp> {
    let containers = pod.items("/status/containerStatuses").iter();
    let ends = containers.filter_map(|container| container.pointer("/state/terminated/finishedAt"));
    let conditions = pod.items("/status/conditions").iter();
    let changes = conditions.filter_map(|condition| condition.get("lastTransitionTime"));
    let newest = |times: Vec<&Value>| times.into_iter().filter_map(|time| time.as_str()?.parse().ok()).max();
    newest(ends.collect()).or_else(|| newest(changes.collect()))
}

fn found(runner: &Object, ghost: Ghost) -> Finding {
    let id = &runner.id;
    let job = sets::job(runner);
    let bound = match &job {
        Some(job) => format!("; {job} is bound to it and has to be run again"),
        None => String::new(),
    };
    Finding {
        class: Class::GhostRunner,
        end: Node::Object(id.clone()),
        object: id.clone(),
        members: Vec::new(),
        message: format!("{id} counts as a runner and is none: {}", ghost.why),
        certainty: ghost.certainty,
        evidence: ghost.evidence,
        remedies: vec![remedy::automatic(
            "delete-ghost-runner",
            format!("Delete {id}, and not its pod; the set then makes another runner{bound}"),
            Loss::None,
            vec![action::delete(id)],
        )],
    }
}
