//! Runners that came and went: refused, failed, or ended before they had a job.

use super::Behind;
use super::insert;
use crate::arc;
use crate::arc::limits;
use crate::arc::names;
use crate::arc::phrases;
use crate::diagnose::containers;
use crate::diagnose::deletion::question;
use crate::diagnose::need::Exit;
use crate::diagnose::need::Need;
use crate::diagnose::report::Class;
use crate::diagnose::sets;
use crate::diagnose::view::View;
use crate::diagnose::world::World;
use crate::model::Object;
use crate::model::ObjectId;
use jiff::SignedDuration;
use serde_json::Value;

/// From how many ends on nobody calls it chance.
const OFTEN: usize = 2;

/// The Failed runners of an EphemeralRunnerSet, if they keep away runners that are wanted
/// (`ephemeralrunnerset_controller.go`: they count as replicas and are never taken away).
pub fn failed(view: &View<'_>, owner: &Object, world: &mut World) {
    let runners = sets::owned(view, &arc::EPHEMERAL_RUNNER, owner);
    let live = |runner: &&&Object| !runner.is_deleting();
    let failed: Vec<&Object> =
        runners.iter().filter(live).filter(|runner| is_failed(runner)).copied().collect();
    if failed.is_empty() {
        let reading = view.list(&arc::EPHEMERAL_RUNNER, Some(&owner.id.namespace)).reading;
        let counted = owner.number("/status/failedEphemeralRunners").is_some_and(|failed| failed > 0);
        if counted && !reading.is_complete() {
            let hides = [Class::FailedRunnerSlots, Class::PodCreateDenied, Class::RunnerExitsImmediately];
            world.gap(&owner.id, &arc::EPHEMERAL_RUNNER, &owner.id.namespace, &reading, &hides);
            if let Some(set) = sets::set_of(owner) {
                let because = "runners of it have failed".to_owned();
                world.parts.push((set, owner.id.clone(), because));
            }
        }
        return;
    }
    let works = runners.iter().filter(live).filter(|runner| !sets::is_done(runner)).count();
    if !wants_more(view, owner, works, failed.len()) {
        return;
    }
    for runner in failed {
        let mut needs = vec![Need::Place];
        let mut stage = "Failed; it is kept and counts as a runner".to_owned();
        if runner.text("/status/reason") == Some(phrases::INVALID_POD) {
            let words = runner.text("/status/message").unwrap_or_default().to_owned();
            needs.push(Need::Admission { words });
            needs.push(Need::Access(question("create", "", "pods", &runner.id.namespace, "")));
            "its pod was refused".clone_into(&mut stage);
        }
        let pod = ObjectId::new(&arc::POD, &runner.id.namespace, &runner.id.name);
        let seen = view.find(&pod).and_then(|pod| at_once(view, runner, pod));
        needs.extend(seen.or_else(|| failures(runner)));
        if let Some(set) = sets::set_of(runner) {
            let because = "its Failed runner takes the place of one that works".to_owned();
            world.parts.push((set, runner.id.clone(), because));
        }
        insert(view, runner, Behind::new(stage, needs), world);
    }
}

pub fn is_failed(runner: &Object) -> bool {
    runner.text("/status/phase") == Some("Failed")
}

/// True if more runners are wanted than work, or the failed ones fill the set.
fn wants_more(view: &View<'_>, owner: &Object, works: usize, failed: usize) -> bool {
    let Some(wanted) = owner.number("/spec/replicas") else { return true };
    let most = sets::set_of(owner).and_then(|set| view.find(&set)?.number("/spec/maxRunners"));
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    wanted > count(works) || most.is_some_and(|most| count(failed) >= most)
}

/// A runner whose container ended within seconds, without a job.
pub fn ends_at_once(view: &View<'_>, runner: &Object, pod: &Object, world: &mut World) -> Option<Behind> {
    let need = at_once(view, runner, pod)?;
    let set = sets::set_of(runner)?;
    world.parts.push((set, runner.id.clone(), "its runner ends at once".to_owned()));
    let again = matches!(&need, Need::Living { exit, .. } if exit.times >= OFTEN);
    let behind = Behind::new("its container ended before it had a job", vec![need]);
    // Once may be chance.
    Some(if again { Behind { patience: SignedDuration::ZERO, ..behind } } else { behind })
}

fn at_once(view: &View<'_>, runner: &Object, pod: &Object) -> Option<Need> {
    if pod.is_deleting() || sets::job(runner).is_some() {
        return None;
    }
    let ended = containers::ended(pod, &names::RUNNER_CONTAINER)?;
    let ran = ended.ran.filter(|ran| *ran <= limits::RUNNER_AT_ONCE)?;
    let says = format!("{} after {}s", ended.says, ran.as_secs().max(0));
    let exit = Exit { code: ended.code, times: 1 + recorded(runner) };
    Some(Need::Living { exit, evidence: vec![view.evidence(&pod.id, ended.field, says)] })
}

/// What is on record of ends that nobody can look at any more, if it is more than one.
pub fn failures(runner: &Object) -> Option<Need> {
    let times = recorded(runner);
    let too_many = runner.text("/status/reason") == Some(phrases::TOO_MANY_FAILURES);
    (times >= OFTEN || too_many)
        .then(|| Need::Living { exit: Exit { code: None, times: times.max(OFTEN) }, evidence: Vec::new() })
}

/// `status.failures`: the pods that ended, by uid. Up to 0.11 with true, from 0.12.0 with a time.
fn recorded(runner: &Object) -> usize {
    runner.at("/status/failures").and_then(Value::as_object).map_or(0, serde_json::Map::len)
}
