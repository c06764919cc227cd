//! The number by which a runner set is registered is gone at GitHub.

use crate::arc;
use crate::arc::limits;
use crate::arc::marks;
use crate::arc::phrases::Means;
use crate::diagnose::action;
use crate::diagnose::action::Action;
use crate::diagnose::listening;
use crate::diagnose::listening::Listener;
use crate::diagnose::logs::Log;
use crate::diagnose::refusal::SAID_A_WHILE_AGO;
use crate::diagnose::refusal::subjects;
use crate::diagnose::refusal::who_ask;
use crate::diagnose::remedy;
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
use crate::diagnose::sets::Remote;
use crate::diagnose::wish::Sight;
use crate::graph::Node;
use crate::model::Object;
use crate::model::Reading;

pub const RULE: Rule = Rule {
    class: Class::StaleScaleSetId,
    reads: &[
        arc::SECRET,
        arc::AUTOSCALING_LISTENER,
        arc::AUTOSCALING_RUNNER_SET,
        arc::EPHEMERAL_RUNNER_SET,
        arc::EPHEMERAL_RUNNER,
        arc::POD,
        arc::POD_LOG,
    ],
    page: Page {
        summary: "the scale set's number is gone at GitHub",
        finds: "The listener ends or asks again and again because GitHub does not know the scale set whose number it \
                was given; or the controller is told so when it is to delete the scale set; or runner set, listener \
                and EphemeralRunnerSet carry different numbers.",
        why_it_blocks: "The controller registers a runner set only while it has no number. GitHub removes scale \
                        sets that were unused for long, somebody removes one by hand, or the URL now names \
                        another organization or repository: the number stays, nobody checks it, and no message \
                        comes. Versions up to 0.14.2 never register anew by themselves, and when the runner set is \
                        deleted they take GitHub's \"not found\" for a failure, and ask for ever.",
        neighbours: "session-conflict: the listener ends as well, but because another one holds the session; only \
                     the listener's log tells the two apart. listener-dangling-ers: the listener asks GitHub \
                     with success and fails in the cluster. github-refuses: the credentials are the trouble.",
        what_to_do: "Delete the runner set and let Helm or the delivery tool make it anew: it gets a new number. \
                     Gentler for the objects, if the set has to stay: take the annotation with the number off the \
                     live runner set, then delete its listener and its EphemeralRunnerSet. A runner set that is being \
                     deleted needs no more than that its number is taken off: the controller then asks GitHub for \
                     nothing, and cleans up.",
        cost: "The runners of the set are replaced, and a job on them dies. Jobs that wait for the old number \
               stay queued: run them again. Of a set that is being deleted nothing is lost; only if its URL was \
               changed before does its scale set stay behind under the old one.",
        sources: &[
            "controllers/actions.github.com/autoscalingrunnerset_controller.go",
            "github/actions/errors.go",
            "github.com/actions/actions-runner-controller/issues/3935",
            "github.com/actions/actions-runner-controller/pull/4571",
        ],
    },
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    for listener in listening::live(case) {
        let Some(set) = listener.set.filter(|_| listener.is_current(case)) else { continue };
        let Some(remote) = Remote::of(set) else { continue };
        let Some(reason) = reason(case, &listener, set, &remote) else {
            ask_the_log(case, findings, &listener);
            continue;
        };
        if reason.certainty == Certainty::Likely {
            findings.wish_for_proof(&listener.object.id, Sight::PodLog(listener.pod.clone()));
        }
        let because = format!("GitHub has no scale set {} for it", remote.id);
        let found = stale(case, set, &remote, reason);
        findings.wait(&listener.object.id, &found.end, because, Vec::new());
        findings.root(found);
    }
    unknown_to_the_controller(case, findings);
}

/// GitHub answers the controller that it has no such scale set, above all when that is to be deleted.
fn unknown_to_the_controller(case: &Case<'_>, findings: &mut Findings) {
    who_ask(case, |stuck, set, controller, log| {
        let Some(set) = case.view.find(set) else { return };
        let Some(remote) = Remote::of(set) else { return };
        let tail = match log {
            Log::Read(tail) => tail,
            Log::Unread(reading) => {
                let sight = Sight::ControllerLog(controller.id.clone());
                return findings.wish(&stuck.id, sight, reading.clone(), &[Class::StaleScaleSetId]);
            }
        };
        let told = subjects(case, stuck, &set.id).into_iter().find_map(|id| tail.telling(&id));
        let Some((line, _)) = told.filter(|(_, row)| row.means == Means::ScaleSetUnknown) else { return };
        let says = tail.evidence(case.view, line);
        let because = format!("GitHub has no scale set {} for it", remote.id);
        findings.wait(&stuck.id, &Node::Repair(set.id.clone()), because, vec![says.clone()]);
        if findings.saw_again(Class::StaleScaleSetId, &set.id, vec![says.clone()]) {
            return;
        }
        let recent = line.age(case.view.now()).is_none_or(|age| age < limits::LONGEST_RETRY);
        let (certainty, when) = match recent {
            true => (Certainty::Proven, ""),
            false => (Certainty::Likely, SAID_A_WHILE_AGO),
        };
        let text = format!("which GitHub does not know any more{when}");
        let evidence = vec![number(case, set, &remote), says];
        findings.root(stale(case, set, &remote, Reason { text, certainty, evidence }));
    });
}

fn stale(case: &Case<'_>, set: &Object, remote: &Remote, reason: Reason) -> Finding {
    let remedies = match remedy::drop_unknown_scale_set_id(case.view, set) {
        Some(let_go) => vec![let_go],
        None => vec![anew(set), register_again(case, set, remote)],
    };
    Finding {
        class: Class::StaleScaleSetId,
        object: set.id.clone(),
        end: Node::Repair(set.id.clone()),
        members: Vec::new(),
        message: format!("{} is registered as scale set {}, {}", set.id, remote.id, reason.text),
        certainty: reason.certainty,
        evidence: reason.evidence,
        remedies,
    }
}

/// The number by which a runner set knows its scale set.
fn number(case: &Case<'_>, set: &Object, remote: &Remote) -> Evidence {
    case.view.evidence(&set.id, format!("metadata.annotations[{}]", marks::SCALE_SET_ID), remote.id.clone())
}

struct Reason {
    text: String,
    certainty: Certainty,
    evidence: Vec<Evidence>,
}

/// What says that the number is stale: the listener's log, numbers that differ, a URL that is not the one it was
/// registered for.
fn reason(case: &Case<'_>, listener: &Listener<'_>, set: &Object, remote: &Remote) -> Option<Reason> {
    let number = number(case, set, remote);
    let ended = listener.ended.clone();
    let unknown = match listener.fails() {
        true => listener.says(case, Means::ScaleSetUnknown),
        false => listener.says_at_last(case, Means::ScaleSetUnknown),
    };
    if let Some(line) = unknown {
        let evidence = [number, line].into_iter().chain(ended).collect();
        let text = "which GitHub does not know any more".to_owned();
        return Some(Reason { text, certainty: Certainty::Proven, evidence });
    }
    let other =
        listener.object.number("/spec/runnerScaleSetId").filter(|other| other.to_string() != remote.id);
    if let Some(other) = other.filter(|_| listener.is_settled(case)) {
        let field = "spec.runnerScaleSetId";
        let differs = case.view.evidence(&listener.object.id, field, other.to_string());
        let evidence = [number, differs].into_iter().chain(ended).collect();
        let text = format!("but its listener asks for scale set {other}");
        return Some(Reason { text, certainty: Certainty::Proven, evidence });
    }
    if !listener.fails() {
        return None;
    }
    let stale = sets::runner_sets(case.view, set).into_iter().find_map(|owned| {
        let id = owned.number("/spec/ephemeralRunnerSpec/runnerScaleSetId")?;
        (id.to_string() != remote.id).then_some((owned, id))
    });
    if let Some((owned, id)) = stale {
        let field = "spec.ephemeralRunnerSpec.runnerScaleSetId";
        let differs = case.view.evidence(&owned.id, field, id.to_string());
        let evidence = [number, differs].into_iter().chain(ended).collect();
        let text = format!("but its runners register with scale set {id}, and its listener ends");
        return Some(Reason { text, certainty: Certainty::Proven, evidence });
    }
    let moved = sets::moved(case.view, set)?;
    let evidence = [number, moved.evidence].into_iter().chain(ended).collect();
    let text = "but its URL is another one by now, and its listener ends; its listener's log would prove it";
    Some(Reason { text: text.to_owned(), certainty: Certainty::Likely, evidence })
}

/// Why a listener ends, its log alone tells, if nothing else does.
fn ask_the_log(case: &Case<'_>, findings: &mut Findings, listener: &Listener<'_>) {
    let sight = Sight::PodLog(listener.pod.clone());
    // One that runs on may ask in vain all the time.
    if listener.begins_anew || listener.ended.is_none() {
        findings.wish_for_proof(&listener.object.id, sight);
    } else if let Log::Unread(reading) = listener.log(case) {
        // A pod of which no line is left says nothing either.
        let reading = if reading.is_complete() { Reading::Unread } else { reading };
        let hides = [Class::StaleScaleSetId, Class::SessionConflict, Class::GithubRefuses];
        findings.wish(&listener.object.id, sight, reading, &hides);
    }
}

fn anew(set: &Object) -> Remedy {
    Remedy {
        id: "recreate-runner-set",
        title: format!(
            "Delete {} without its number, and let Helm or the delivery tool make it anew: it gets a new one",
            set.id
        ),
        loss: Loss::Reversible,
        // What makes it anew is not in the cluster: the values of its chart.
        applicability: Applicability::NeedsValue,
        // With the number its deletion would ask GitHub for what is gone there, and up to 0.6.1 for ever.
        actions: action::drop_annotation(set, marks::SCALE_SET_ID)
            .into_iter()
            .chain([action::delete(&set.id)])
            .collect(),
        leaves: Vec::new(),
    }
}

/// Without the number the controller registers the set again; listener and runners of the old one have to go.
fn register_again(case: &Case<'_>, set: &Object, remote: &Remote) -> Remedy {
    let owned = sets::runner_sets(case.view, set);
    let mut actions: Vec<Action> = action::drop_annotation(set, marks::SCALE_SET_ID).into_iter().collect();
    let listener = listening::of_set(case, set);
    actions.extend(listener.map(|listener| action::delete(&listener.object.id)));
    actions.extend(owned.iter().map(|owned| action::delete(&owned.id)));
    let mut runners = owned.iter().flat_map(|owned| sets::owned(case.view, &arc::EPHEMERAL_RUNNER, owned));
    let busy = runners.any(|runner| sets::job(runner).is_some() && !sets::is_done(runner));
    Remedy {
        id: "register-again",
        title: format!(
            "Take number {} off {}, and delete its listener and its runners: the controller registers it again",
            remote.id, set.id
        ),
        loss: if busy { Loss::Job } else { Loss::Reversible },
        applicability: Applicability::Automatic,
        actions,
        leaves: Vec::new(),
    }
}
