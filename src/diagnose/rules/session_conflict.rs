//! A listener ends because another one holds the message session of its scale set.

use crate::arc;
use crate::arc::limits;
use crate::arc::phrases::Means;
use crate::diagnose::listening;
use crate::diagnose::listening::Listener;
use crate::diagnose::logs::Log;
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
use crate::graph::Node;
use crate::model::Object;

pub const RULE: Rule = Rule {
    class: Class::SessionConflict,
    reads: &[arc::AUTOSCALING_LISTENER, arc::AUTOSCALING_RUNNER_SET, arc::POD_LOG],
    page: Page {
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
                     different names or different runner groups; both clusters can be asked at once with --context. \
                     If there is none, wait five minutes for the old session to expire.",
        cost: "None.",
        sources: &[
            "controllers/actions.github.com/autoscalinglistener_controller.go",
            "cmd/ghalistener/listener/listener.go",
            "github.com/actions/actions-runner-controller/issues/3351",
        ],
    },
    check,
};

fn check(case: &Case<'_>, findings: &mut Findings) {
    for listener in &listening::live(case) {
        // One that runs on asks again and again, and says so at last.
        let line = match listener.fails() {
            true => listener.says(case, Means::SessionTaken),
            false => listener.says_at_last(case, Means::SessionTaken),
        };
        let Some(line) = line else { continue };
        findings.root(taken(case, listener, line));
    }
}

/// True if its log says so for longer than GitHub keeps the session of a listener that was killed.
fn lasts(case: &Case<'_>, listener: &Listener<'_>) -> bool {
    let Log::Read(tail) = listener.log(case) else { return false };
    let taken =
        tail.lines().take_while(|line| line.phrase().is_none_or(|row| row.means == Means::SessionTaken));
    let first =
        taken.filter(|line| line.phrase().is_some()).filter_map(|line| line.age(case.view.now())).max();
    first.is_some_and(|age| age > limits::SESSION_EXPIRES)
}

/// Another listener of this cluster that asks for the same scale set.
fn other(case: &Case<'_>, listener: &Listener<'_>) -> Option<Evidence> {
    let asks = |object: &Object| {
        Some((object.text("/spec/githubConfigUrl")?.to_owned(), object.number("/spec/runnerScaleSetId")?))
    };
    let asked = asks(listener.object)?;
    let listeners = case.view.list(&arc::AUTOSCALING_LISTENER, None).objects.into_iter();
    let other = listeners
        .filter(|object| object.id != listener.object.id)
        .find(|object| asks(object).as_ref() == Some(&asked))?;
    Some(case.view.evidence(&other.id, "spec.runnerScaleSetId", asked.1.to_string()))
}

fn taken(case: &Case<'_>, listener: &Listener<'_>, line: Evidence) -> Finding {
    let id = &listener.object.id;
    let other = other(case, listener);
    let certainty = match other.is_some() || lasts(case, listener) {
        true => Certainty::Proven,
        false => Certainty::Likely,
    };
    let doubt = match certainty {
        Certainty::Proven => "",
        Certainty::Likely => {
            "; the session may be that of its predecessor, which expires, and that this goes on for more than five \
             minutes would prove it"
        }
    };
    let mut evidence = vec![line];
    evidence.extend(listener.ended.clone());
    evidence.extend(other);
    let set = sets::set_of(listener.object);
    let name = set.as_ref().map_or_else(String::new, |set| set.name.clone());
    let url = listener.object.text("/spec/githubConfigUrl").unwrap_or("an unknown URL");
    if let Some(number) = listener.object.number("/spec/runnerScaleSetId") {
        evidence.push(case.view.evidence(id, "spec.runnerScaleSetId", number.to_string()));
    }
    let remedy = |id: &'static str, title: String| Remedy {
        id,
        title,
        loss: Loss::None,
        applicability: Applicability::Manual,
        actions: Vec::new(),
        leaves: Vec::new(),
    };
    Finding {
        class: Class::SessionConflict,
        object: id.clone(),
        end: Node::Object(id.clone()),
        members: Vec::new(),
        message: format!("{id} gets no message session: another listener of the same scale set holds it{doubt}"),
        certainty,
        evidence,
        remedies: vec![
            remedy(
                "wait-for-session",
                "If the listener was replaced a moment ago, wait some minutes: GitHub lets the old session expire"
                    .to_owned(),
            ),
            remedy(
                "separate-scale-sets",
                format!(
                    "If a runner set of another cluster is registered as \"{name}\" at {url} as well, give one of \
                     them another name or another runner group"
                ),
            ),
        ],
    }
}
