//! GitHub, or the way to it, refuses the next step. The cluster is in order; only a log tells.

use crate::arc;
use crate::arc::limits;
use crate::arc::phrases::Means;
use crate::arc::phrases::PhraseRow;
use crate::arc::phrases::Refusal;
use crate::diagnose::action;
use crate::diagnose::controllers::Controller;
use crate::diagnose::listening;
use crate::diagnose::listening::Listener;
use crate::diagnose::logs::Line;
use crate::diagnose::logs::Log;
use crate::diagnose::logs::Tail;
use crate::diagnose::need::Stuck;
use crate::diagnose::refusal::SAID_A_WHILE_AGO;
use crate::diagnose::refusal::fresh_config;
use crate::diagnose::refusal::no_certificate;
use crate::diagnose::refusal::refused;
use crate::diagnose::refusal::repair;
use crate::diagnose::refusal::subjects;
use crate::diagnose::refusal::url;
use crate::diagnose::refusal::who_ask;
use crate::diagnose::remedy;
use crate::diagnose::report::Certainty;
use crate::diagnose::report::Class;
use crate::diagnose::report::Loss;
use crate::diagnose::rule::Case;
use crate::diagnose::rule::Finding;
use crate::diagnose::rule::Findings;
use crate::diagnose::rule::Page;
use crate::diagnose::rule::Rule;
use crate::diagnose::sets;
use crate::diagnose::wish::Sight;
use crate::graph::Node;
use crate::model::ObjectId;

pub const RULE: Rule = Rule {
    class: Class::GithubRefuses,
    reads: &[
        arc::SECRET,
        arc::CONFIG_MAP,
        arc::AUTOSCALING_RUNNER_SET,
        arc::AUTOSCALING_LISTENER,
        arc::EPHEMERAL_RUNNER_SET,
        arc::EPHEMERAL_RUNNER,
        arc::POD,
        arc::POD_LOG,
    ],
    page: Page {
        summary: "GitHub, or the way to it, refuses the step",
        finds: "The credential Secret is there and the controller may read it, but the step that needs GitHub \
                fails: wrong or expired credentials, missing permission, a wrong URL, an unknown runner group, a \
                certificate that is not trusted, a proxy that does not let through, a server too old for scale \
                sets (before 3.9), or an entry that GitHub no longer has.",
        why_it_blocks: "Registering comes before the listener, and removing at GitHub comes before the \
                        finalizers. In released versions the controller tries for ever, with growing pauses, and \
                        takes an answer like not found for a failure as well: a runner that somebody removed at \
                        GitHub can hold up its own deletion.",
        neighbours: "secret-missing: there is no Secret to ask with. rbac-missing: the Secret may not be read; \
                     the log words it like a missing one. stale-scale-set-id: GitHub answers, and says that it \
                     has no such scale set. job-still-running: GitHub refuses because of a job.",
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
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    who_ask(case, |stuck, set, controller, log| {
        if !no_certificate(case, findings, stuck, set) {
            judge(case, findings, stuck, set, controller, log);
        }
    });
    for listener in listening::live(case).iter().filter(|listener| listener.fails()) {
        refused_listener(case, findings, listener);
    }
}

/// A listener whose own log says that GitHub refuses it.
fn refused_listener(case: &Case<'_>, findings: &mut Findings, listener: &Listener<'_>) {
    let (Some(set), Log::Read(tail)) = (sets::set_of(listener.object), listener.log(case)) else { return };
    let Some((line, row)) = tail.lines().find_map(|line| Some((line, line.phrase()?))) else { return };
    let Means::Refuses(refusal) = row.means else { return };
    let id = &listener.object.id;
    let mut evidence = vec![tail.evidence(case.view, line)];
    evidence.extend(listener.ended.clone());
    let end = Node::Repair(set.clone());
    findings.wait(id, &end, "GitHub has to take what it asks with", evidence.clone());
    findings.wait(&set, &Node::Object(id.clone()), "its listener has to run", Vec::new());
    if findings.saw_again(Class::GithubRefuses, &set, evidence.clone()) {
        return;
    }
    let mut message = format!("GitHub at {} refuses the listener of {set}: {}", url(case, &set), row.says);
    let certainty = match refusal {
        Refusal::Unclear => Certainty::Likely,
        _ => Certainty::Proven,
    };
    if certainty == Certainty::Likely {
        message.push_str(", and the line does not tell why; a status of GitHub's answer would prove it");
    }
    let stuck = case.world.stuck.get(id).cloned().unwrap_or_else(|| Stuck {
        id: id.clone(),
        since: None,
        deleting: false,
        finalizers: Vec::new(),
        stage: String::new(),
        needs: Vec::new(),
        set: Some(set.clone()),
    });
    let repair = repair(case, &stuck, &set, refusal);
    let mut finding = refused(case, &stuck, &set, message, certainty, evidence, repair);
    finding.remedies.extend(fresh_config(case, listener, refusal));
    finding.remedies.sort_by_key(|remedy| remedy.loss);
    findings.root(finding);
}

fn judge(
    case: &Case<'_>,
    findings: &mut Findings,
    stuck: &Stuck,
    set: &ObjectId,
    controller: &Controller,
    log: &Log<'_>,
) {
    let tail = match log {
        Log::Read(tail) => tail,
        Log::Unread(reading) => {
            let hides = match stuck.deleting {
                true => vec![Class::GithubRefuses, Class::JobStillRunning],
                false => vec![Class::GithubRefuses],
            };
            let sight = Sight::ControllerLog(controller.id.clone());
            return findings.wish(&stuck.id, sight, reading.clone(), &hides);
        }
    };
    let Some((line, row)) = subjects(case, stuck, set).into_iter().find_map(|id| tail.telling(&id)) else {
        return;
    };
    let refusal = match row.means {
        Means::Refuses(refusal) => refusal,
        Means::RunnerUnknown if stuck.deleting => {
            return unknown_runner(case, findings, stuck, tail, line, row);
        }
        _ => return,
    };
    let recent = line.age(case.view.now()).is_none_or(|age| age < limits::LONGEST_RETRY);
    let clear = refusal != Refusal::Unclear;
    let certainty = if recent && clear { Certainty::Proven } else { Certainty::Likely };
    let says = tail.evidence(case.view, line);
    let url = url(case, set);
    let mut message = format!("GitHub at {url} refuses what {set} needs next: {}", row.says);
    if !clear {
        message.push_str(", and the line does not tell why; a status of GitHub's answer would prove it");
    } else if !recent {
        message.push_str(SAID_A_WHILE_AGO);
    }
    findings.wait(&stuck.id, &Node::Repair(set.clone()), "GitHub has to agree first", vec![says.clone()]);
    if !findings.saw_again(Class::GithubRefuses, set, vec![says.clone()]) {
        let repair = repair(case, stuck, set, refusal);
        findings.root(refused(case, stuck, set, message, certainty, vec![says], repair));
    }
}

/// GitHub answers that there is no such runner: the controller takes that for a failure, and nothing is left to lose.
fn unknown_runner(
    case: &Case<'_>,
    findings: &mut Findings,
    stuck: &Stuck,
    tail: &Tail<'_>,
    line: &Line<'_>,
    row: &PhraseRow,
) {
    let Some(runner) = case.view.subject(&stuck.id) else { return };
    let actions = action::drop_finalizer(runner, arc::finalizers::RUNNER_REGISTRATION);
    let certainty = match line.age(case.view.now()) {
        Some(age) if age >= limits::LONGEST_RETRY => Certainty::Likely,
        _ => Certainty::Proven,
    };
    let when = if certainty == Certainty::Likely { SAID_A_WHILE_AGO } else { "" };
    findings.root(Finding {
        class: Class::GithubRefuses,
        end: Node::Object(stuck.id.clone()),
        object: stuck.set.clone().unwrap_or_else(|| stuck.id.clone()),
        members: Vec::new(),
        message: format!(
            "{}, and the controller takes that for a failure: {} waits for ever{when}",
            row.says, stuck.id
        ),
        certainty,
        evidence: vec![tail.evidence(case.view, line)],
        remedies: vec![remedy::automatic(
            "drop-runner-registration",
            format!("Take the registration finalizer off {}: there is nothing at GitHub to remove", stuck.id),
            Loss::None,
            actions.into_iter().collect(),
        )],
    });
}
