//! A CRD that demands a field which an older controller does not write: the API server refuses what it makes.

use super::controllers::Controller;
use super::controllers::build_evidence;
use super::logs;
use super::logs::Line;
use super::logs::Log;
use super::report::Certainty;
use super::report::Class;
use super::report::Evidence;
use super::report::Remedy;
use super::rule::Case;
use super::rule::Finding;
use super::rule::Findings;
use crate::arc;
use crate::arc::limits;
use crate::arc::phrases::Means;
use crate::graph::Node;
use crate::model::ObjectId;

/// Finds out which of the waiting are refused, as the controller's log tells, and makes them wait for the CRD.
pub fn demanding(
    case: &Case<'_>,
    findings: &mut Findings,
    controller: &Controller,
    waiting: &[ObjectId],
    remedies: Vec<Remedy>,
) -> bool {
    let Log::Read(tail) = logs::of_controller(case.view, controller) else { return false };
    let Some(row) = arc::kind_row(&arc::EPHEMERAL_RUNNER_SET) else { return false };
    let crd = ObjectId::new(&arc::CRD, "", &format!("{}.{}", row.plural, row.group));
    let end = Node::Repair(crd.clone());
    let is_refusal = |line: &&Line<'_>| {
        let recent = line.age(case.view.now()).is_none_or(|age| age <= limits::LONGEST_RETRY);
        recent && line.phrase().is_some_and(|row| row.means == Means::FieldRequired)
    };
    let mut evidence: Vec<Evidence> = Vec::new();
    for id in waiting {
        let set = case.world.stuck.get(id).and_then(|stuck| stuck.set.as_ref()).unwrap_or(id);
        let Some(line) = tail.of(set).find(is_refusal) else { continue };
        let seen = tail.evidence(case.view, line);
        let because = "the API server refuses the EphemeralRunnerSet that the controller makes for it";
        findings.wait(id, &end, because, vec![seen.clone()]);
        evidence.push(seen);
    }
    if evidence.is_empty() {
        return false;
    }
    evidence.extend(build_evidence(case.view, controller));
    findings.root(Finding {
        class: Class::CrdSkew,
        end,
        object: crd.clone(),
        members: Vec::new(),
        message: format!(
            "{crd} is newer than the controller: it demands a field that the controller does not write"
        ),
        certainty: Certainty::Proven,
        evidence,
        remedies,
    });
    true
}
