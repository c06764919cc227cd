//! Stored objects that a newer controller cannot decode: one of them blinds it to all of their kind.

use super::action;
use super::action::Action;
use super::controllers::Controller;
use super::controllers::build_evidence;
use super::logs;
use super::logs::Log;
use super::remedy;
use super::report::Certainty;
use super::report::Class;
use super::report::Loss;
use super::rule::Case;
use super::rule::Finding;
use super::rule::Findings;
use super::wish::Sight;
use crate::arc;
use crate::arc::phrases::Means;
use crate::arc::versions::Version;
use crate::graph::Node;
use crate::model::Object;

/// The first build that reads the failures of a runner as times
/// (`apis/actions.github.com/v1alpha1/ephemeralrunner_types.go`).
const FAILURES_ARE_TIMES: Version = Version::new(0, 12, 0);

/// Runners that 0.11 or older left behind: one of them blinds a newer controller to all.
pub fn undecodable(case: &Case<'_>, findings: &mut Findings, controller: &Controller) -> Option<Finding> {
    let runners = case.view.list(&arc::EPHEMERAL_RUNNER, None).objects;
    let old: Vec<&Object> = runners.into_iter().filter(|runner| old_failures(runner)).collect();
    let first = old.first()?;
    let build = Version::parse(&controller.version);
    if build.is_some_and(|build| build < FAILURES_ARE_TIMES) {
        return None;
    }
    let mut evidence =
        vec![case.view.evidence(&first.id, "status.failures", "true, where a time is expected")];
    evidence.extend(build_evidence(case.view, controller));
    let said = match logs::of_controller(case.view, controller) {
        Log::Read(tail) => tail.meaning(Means::Undecodable).map(|(line, _)| tail.evidence(case.view, line)),
        Log::Unread(_) => {
            findings.wish_for_proof(&first.id, Sight::ControllerLog(controller.id.clone()));
            None
        }
    };
    let certain = said.is_some() || build.is_some();
    evidence.extend(said);
    let unless = match certain {
        true => String::new(),
        false => {
            "; which build it is, nothing tells: \"cannot unmarshal\" in its log would prove it".to_owned()
        }
    };
    let actions: Vec<Action> = old.iter().map(|runner| drop_failures(runner)).collect();
    Some(Finding {
        class: Class::CrdSkew,
        end: Node::Repair(first.id.clone()),
        object: first.id.clone(),
        members: if old.len() > 1 {
            old.iter().map(|runner| runner.id.clone()).collect()
        } else {
            Vec::new()
        },
        message: format!(
            "the status of {} was written by 0.11 or older and cannot be read by the controller, which therefore \
             sees no EphemeralRunner at all{unless}",
            first.id
        ),
        certainty: if certain { Certainty::Proven } else { Certainty::Likely },
        evidence,
        remedies: vec![
            remedy::automatic(
                "drop-old-failures",
                format!("Take the old failures out of the status of {}", counted(old.len())),
                Loss::None,
                actions,
            ),
            remedy::restart_controller(case.view, &controller.id),
        ],
    })
}

fn counted(runners: usize) -> String {
    if runners == 1 { "this runner".to_owned() } else { format!("these {runners} runners") }
}

fn old_failures(runner: &Object) -> bool {
    let failures = runner.at("/status/failures").and_then(serde_json::Value::as_object);
    failures.is_some_and(|failures| failures.values().any(serde_json::Value::is_boolean))
}

fn drop_failures(runner: &Object) -> Action {
    let change = serde_json::json!({"op": "remove", "path": "/status/failures"});
    action::patch_of("status", runner, vec![change])
}
