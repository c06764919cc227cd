//! Runners that ended before they had a job, and what their logs say.

use super::logs;
use super::logs::Log;
use super::need::Exit;
use super::need::Need;
use super::report::Evidence;
use super::rule::Case;
use super::sets;
use crate::arc;
use crate::arc::phrases::Means;
use crate::model::Object;
use crate::model::ObjectId;
use std::collections::BTreeMap;

/// A runner whose container ended.
pub struct Ended<'a> {
    pub runner: &'a ObjectId,
    pub exit: Exit,
    pub evidence: Vec<Evidence>,
}

/// The runners that call themselves Outdated, by runner set.
pub fn outdated<'a>(case: &Case<'a>) -> BTreeMap<ObjectId, Vec<&'a Object>> {
    let mut by_set: BTreeMap<ObjectId, Vec<&Object>> = BTreeMap::new();
    for runner in case.view.list(&arc::EPHEMERAL_RUNNER, None).objects {
        if sets::is_outdated(runner)
            && !runner.is_deleting()
            && let Some(set) = sets::set_of(runner)
        {
            by_set.entry(set).or_default().push(runner);
        }
    }
    by_set
}

/// The runners whose containers ended, by runner set.
pub fn ended<'a>(case: &Case<'a>) -> BTreeMap<&'a ObjectId, Vec<Ended<'a>>> {
    let mut by_set: BTreeMap<&ObjectId, Vec<Ended<'a>>> = BTreeMap::new();
    for stuck in case.world.stuck.values() {
        let Some(set) = &stuck.set else { continue };
        for need in &stuck.needs {
            if let Need::Living { exit, evidence } = need {
                let ended = Ended { runner: &stuck.id, exit: *exit, evidence: evidence.clone() };
                by_set.entry(set).or_default().push(ended);
            }
        }
    }
    by_set
}

/// The newest line of a runner's log that means this.
pub fn log_line(case: &Case<'_>, runner: &ObjectId, means: Means) -> Option<Evidence> {
    let pod = ObjectId::new(&arc::POD, &runner.namespace, &runner.name);
    let Log::Read(tail) = logs::of_pod(case.view, &pod, "") else { return None };
    let (line, _) = tail.meaning(means)?;
    Some(tail.evidence(case.view, line))
}
