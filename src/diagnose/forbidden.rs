//! What a controller's log says that it may not do, as the question that the authorizer can be asked again.

use super::access;
use super::access::Decision;
use super::controllers::Controller;
use super::legacy;
use super::logs;
use super::logs::Line;
use super::logs::Log;
use super::need::Need;
use super::need::Stuck;
use super::report::Evidence;
use super::rule::Case;
use super::view::View;
use super::world::World;
use crate::arc::denials;
use crate::arc::limits;
use crate::model::ObjectId;
use crate::model::Question;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// A refusal that a log tells of.
#[derive(Debug)]
pub struct Forbidden {
    pub question: Question,
    pub said: Evidence,
}

/// How many questions are taken from one log. What a Role lacks more, it says in the same words.
const MOST: usize = 8;

/// What a controller that does not get ready may not watch, each question once, newest first. Its caches list and watch
/// every kind before it does anything, and it ends where they cannot.
pub fn at_start(view: &View<'_>, controller: &Controller) -> Vec<Forbidden> {
    let mut found: Vec<Forbidden> = Vec::new();
    if controller.is_alive() || controller.desired == 0 {
        return found;
    }
    let Log::Read(tail) = logs::of_controller(view, controller) else { return found };
    let user = controller.user();
    for line in tail.lines() {
        let Some(question) = question(line, view.now()) else { continue };
        let watches = matches!(question.verb.as_str(), "list" | "watch") && question.user == user;
        if watches && !found.iter().any(|known| known.question == question) {
            found.push(Forbidden { question, said: tail.evidence(view, line) });
        }
        if found.len() == MOST {
            break;
        }
    }
    found
}

/// The controllers that do not get ready because the authorizer denies what they try at their start.
pub fn barred<'a>(case: &Case<'a>) -> BTreeSet<&'a ObjectId> {
    let denied = |refused: &Forbidden| is_denied(case.view, &refused.question).is_some();
    let found = case.world.controllers.found.iter();
    found
        .filter(|controller| at_start(case.view, controller).iter().any(denied))
        .map(|controller| &controller.id)
        .collect()
}

/// True if nobody can tell whether rights are what keeps a controller from getting ready: its log was not read, or what
/// it complains of could not be asked again.
pub fn is_open(view: &View<'_>, controller: &Controller) -> bool {
    let unread = matches!(logs::of_controller(view, controller), Log::Unread(_));
    let undecided =
        |refused: &Forbidden| matches!(access::decide(view, &refused.question), Decision::Unread { .. });
    controller.desired > 0 && (unread || at_start(view, controller).iter().any(undecided))
}

/// What waits for the controller of legacy mode and is refused by the authorizer, as that controller says.
pub fn all_in_legacy_mode<'w>(view: &View<'_>, world: &'w World) -> Vec<(&'w Stuck, ObjectId, Forbidden)> {
    let mut waiting =
        world.stuck.values().filter(|stuck| stuck.needs.contains(&Need::LegacyController)).peekable();
    if waiting.peek().is_none() {
        return Vec::new();
    }
    let Some(controller) = legacy::controllers(view).alive else { return Vec::new() };
    let refused = |stuck: &'w Stuck| {
        let forbidden = in_legacy_mode(view, &stuck.id, &controller)?;
        Some((stuck, controller.clone(), forbidden))
    };
    waiting.filter_map(refused).collect()
}

/// What the controller of legacy mode may not do with an object, by its last words about it.
pub fn in_legacy_mode(view: &View<'_>, id: &ObjectId, controller: &ObjectId) -> Option<Forbidden> {
    let Log::Read(tail) = logs::of_deployment(view, controller) else { return None };
    let line = tail.of(id).find(|line| !line.error().is_empty())?;
    let question = question(line, view.now())?;
    let account = view.find(controller)?.text("/spec/template/spec/serviceAccountName").unwrap_or("default");
    let user = format!("system:serviceaccount:{}:{account}", controller.namespace);
    (question.user == user).then(|| Forbidden { question, said: tail.evidence(view, line) })
}

/// The authorizer's reason if it denies this now; `""` if it gives none.
pub fn is_denied(view: &View<'_>, question: &Question) -> Option<String> {
    match access::decide(view, question) {
        Decision::Denied(reason) => Some(reason),
        Decision::Allowed(_) | Decision::Unread { .. } => None,
    }
}

/// True if the authorizer allows it by now.
pub fn is_allowed(view: &View<'_>, question: &Question) -> bool {
    matches!(access::decide(view, question), Decision::Allowed(_))
}

/// The question that was refused, unless the line is so old that the controller would have said more since. Lines of
/// client-go have no date; what they say is asked again anyway.
fn question(line: &Line<'_>, now: Timestamp) -> Option<Question> {
    if line.age(now).is_some_and(|age| age > limits::LONGEST_RETRY) {
        return None;
    }
    match line.error() {
        "" => denials::forbidden(&line.text.replace("\\\"", "\"")),
        error => denials::forbidden(error),
    }
}
