//! The runners of a set end before they can take a job.

use crate::arc;
use crate::arc::names;
use crate::arc::phrases::Means;
use crate::diagnose::action;
use crate::diagnose::action::Action;
use crate::diagnose::containers;
use crate::diagnose::exits;
use crate::diagnose::exits::Ended;
use crate::diagnose::legacy;
use crate::diagnose::need::Need;
use crate::diagnose::report::Applicability;
use crate::diagnose::report::Certainty;
use crate::diagnose::report::Class;
use crate::diagnose::report::Evidence;
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
use crate::model::Object;
use crate::model::ObjectId;

pub const RULE: Rule = Rule {
    class: Class::RunnerExitsImmediately,
    reads: &[arc::AUTOSCALING_RUNNER_SET, arc::EPHEMERAL_RUNNER, arc::POD_LOG, arc::LEGACY_RUNNER],
    page: Page {
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
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    let by_set = exits::ended(case);
    loops(case, findings);
    let outdated = exits::outdated(case);
    let sets: Vec<&ObjectId> = by_set.keys().copied().chain(outdated.keys()).collect();
    for set in sets {
        let Some(object) = case.view.find(set).filter(|set| !set.is_deleting() && !sets::is_outdated(set))
        else {
            continue;
        };
        let ended = by_set.get(set).map(Vec::as_slice).unwrap_or_default();
        let outdated = outdated.get(set).map(Vec::as_slice).unwrap_or_default();
        let Some(reason) = reason(case, findings, object, ended, outdated) else { continue };
        add(case, findings, object, ended, outdated, reason);
    }
}

/// In legacy mode a runner that is too old does not end: it starts again and again within its container, and its log
/// alone says so. It is one of few that is asked.
fn loops(case: &Case<'_>, findings: &mut Findings) {
    for (place, runner) in legacy::running(case.view).into_iter().enumerate() {
        let end = Node::Repair(runner.id.clone());
        let Some(line) = exits::log_line(case, &runner.id, Means::Deprecated) else {
            if place == 0 {
                let pod = ObjectId::new(&arc::POD, &runner.id.namespace, &runner.id.name);
                findings.wish_for_proof(&runner.id, Sight::PodLog(pod));
            }
            continue;
        };
        findings.wait(&runner.id, &end, "GitHub does not let its version work", vec![line.clone()]);
        findings.root(Finding {
            class: Class::RunnerExitsImmediately,
            object: runner.id.clone(),
            end,
            members: Vec::new(),
            message: format!("{} is too old, and GitHub does not let it work", runner.id),
            certainty: Certainty::Proven,
            evidence: vec![line],
            remedies: vec![cure("renew-runner-image", format!("Give {} a newer runner image", runner.id))],
        });
    }
}

struct Reason {
    text: String,
    certainty: Certainty,
    evidence: Vec<Evidence>,
    remedy: Remedy,
}

fn reason(
    case: &Case<'_>,
    findings: &mut Findings,
    set: &Object,
    ended: &[Ended<'_>],
    outdated: &[&Object],
) -> Option<Reason> {
    let seen: Vec<Evidence> = ended.iter().flat_map(|ended| ended.evidence.clone()).take(4).collect();
    let runner = containers::of_spec(set, "/spec/template/spec", names::RUNNER_CONTAINER[0]);
    let image = runner.and_then(|runner| runner.get("image")?.as_str()).unwrap_or("its image");
    let deprecated = ended.iter().find_map(|ended| exits::log_line(case, ended.runner, Means::Deprecated));
    let by_code = ended.iter().any(|ended| ended.exit.code == Some(names::DEPRECATED_EXIT));
    if by_code || deprecated.is_some() || !outdated.is_empty() {
        let of_phase = outdated.iter().take(2);
        let of_phase = of_phase.map(|runner| case.view.evidence(&runner.id, "status.phase", "Outdated"));
        return Some(Reason {
            text: format!("the runner in {image} is too old, and GitHub does not let it work"),
            certainty: Certainty::Proven,
            evidence: seen.iter().cloned().chain(deprecated).chain(of_phase).collect(),
            remedy: cure(
                "renew-runner-image",
                format!("Put a newer runner image into the template of {}", set.id),
            ),
        });
    }
    if runner.is_some_and(|runner| runner.get("command").is_none() && runner.get("args").is_none()) {
        let field = format!("spec.template.spec.containers[{}].command", names::RUNNER_CONTAINER[0]);
        let absent = case.view.evidence(&set.id, field, "not there");
        let certainty = if seen.is_empty() { Certainty::Likely } else { Certainty::Proven };
        let text = match certainty {
            Certainty::Proven => format!("the template gives no command, and that of {image} ends at once"),
            Certainty::Likely => format!(
                "the template gives no command; how the container of a runner ends would prove that {image} has none \
                 that stays"
            ),
        };
        let title = format!(
            "Give the container {} the command of the runner, in the template of {}",
            names::RUNNER_CONTAINER[0],
            set.id
        );
        let evidence = seen.into_iter().chain([absent]).collect();
        return Some(Reason { text, certainty, evidence, remedy: cure("give-command", title) });
    }
    // One end is chance, and ends that nobody saw may have had any cause.
    let times: usize =
        ended.iter().filter(|ended| !ended.evidence.is_empty()).map(|ended| ended.exit.times).sum();
    for ended in ended.iter().filter(|ended| !ended.evidence.is_empty()).take(2) {
        let pod = ObjectId::new(&arc::POD, &ended.runner.namespace, &ended.runner.name);
        findings.wish_for_proof(ended.runner, Sight::PodLog(pod));
    }
    if times < 2 {
        return None;
    }
    let line = ended.iter().find_map(|ended| exits::log_line(case, ended.runner, Means::JobLost));
    let title = format!("Read the log of a runner of {}, put its template or image right", set.id);
    Some(Reason {
        text: "they end within seconds and have no job; a runner's log would prove why".to_owned(),
        certainty: Certainty::Likely,
        evidence: seen.into_iter().chain(line).collect(),
        remedy: cure("repair-template", title),
    })
}

fn cure(id: &'static str, title: String) -> Remedy {
    Remedy {
        id,
        title,
        loss: Loss::None,
        applicability: Applicability::NeedsValue,
        actions: Vec::new(),
        leaves: Vec::new(),
    }
}

fn add(
    case: &Case<'_>,
    findings: &mut Findings,
    set: &Object,
    ended: &[Ended<'_>],
    outdated: &[&Object],
    reason: Reason,
) {
    let end = Node::Repair(set.id.clone());
    let because = "its container ends before it has a job";
    for ended in ended {
        findings.wait(ended.runner, &end, because, ended.evidence.clone());
    }
    for runner in outdated {
        let evidence = vec![case.view.evidence(&runner.id, "status.phase", "Outdated")];
        findings.wait(&runner.id, &end, because, evidence);
        findings.wait(&set.id, &Node::Object(runner.id.clone()), "its runner does not work", Vec::new());
    }
    let left: Vec<Action> = ended
        .iter()
        .filter(|ended| {
            case.world.stuck.get(ended.runner).is_some_and(|stuck| stuck.needs.contains(&Need::Place))
        })
        .map(|ended| action::delete(ended.runner))
        .collect();
    let Reason { text, certainty, mut evidence, remedy } = reason;
    if evidence.is_empty() {
        evidence.extend(ended.iter().take(2).map(|ended| {
            let says = format!("{} times", ended.exit.times);
            case.view.evidence(ended.runner, "status.failures", says)
        }));
    }
    findings.root(Finding {
        class: Class::RunnerExitsImmediately,
        object: set.id.clone(),
        end,
        members: Vec::new(),
        message: format!("the runners of {} come to nothing: {text}", set.id),
        certainty,
        evidence,
        remedies: vec![Remedy {
            title: if left.is_empty() {
                remedy.title
            } else {
                remedy.title + "; then delete the Failed runners"
            },
            actions: left,
            ..remedy
        }],
    });
}
