//! What an answer says of a change.

use super::fit::lacking;
use super::outcome::After;
use super::outcome::Refusal;
use super::outcome::RefusalKind;
use super::refuse;
use super::wire::Answer;
use super::wire::Lost;
use super::work::Work;
use super::work::Write;
use crate::arc;
use serde_json::Value;

/// What an answer says.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The change was made; the object as the server sent it.
    Taken(After),
    /// It was made, and the object came back with this field as it was.
    Undone(String),
    /// Nothing was done: the object is no longer as it was believed to be. The server does not say what moved.
    Stale(String),
    /// Nothing was done: the server wants to be asked later, after so many seconds.
    Busy(Option<u64>),
    /// Nothing was done.
    Refused(Refusal),
    /// Nothing says whether it was done.
    Doubtful(Doubt),
}

/// A change of which nothing says whether it was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Doubt {
    /// False: the server never got the request.
    pub sent: bool,
    /// False: the answer was lost. True: the server failed, and said so.
    pub answered: bool,
    pub refusal: Refusal,
}

pub fn verdict(work: &Work<'_>, result: Result<Answer, Lost>) -> Verdict {
    let answer = match result {
        Ok(answer) => answer,
        Err(lost) => {
            let refusal = Refusal {
                kind: RefusalKind::Unreachable,
                message: format!("{}: {}", refuse::cannot(work), lost.error),
                hint: lost.error.hint,
            };
            return Verdict::Doubtful(Doubt { sent: lost.sent, answered: false, refusal });
        }
    };
    if answer.is_success() {
        return taken(work, &answer);
    }
    let id = &work.id;
    // What stands before an API server answers as it likes.
    let foreign = answer.body.is_null() && !answer.is_unserved();
    match answer.code {
        429 => Verdict::Busy(answer.retry_after),
        _ if foreign => doubtful(work, &answer),
        404 if answer.text("/details/kind") == "namespaces" && id.kind != arc::NAMESPACE => {
            let message = format!("{}: its namespace {} is gone", refuse::cannot(work), id.namespace);
            Verdict::Refused(Refusal::new(RefusalKind::NamespaceGone, message).hint(
                "What is left of a namespace that is gone can be changed again when one of its name is made.",
            ))
        }
        404 if !answer.is_unserved() => Verdict::Stale(answer.words()),
        409 if arc::refusals::refusal(&answer.words()).is_none() => Verdict::Stale(answer.words()),
        422 if answer.causes().is_empty() && arc::refusals::refusal(&answer.words()).is_none() => {
            Verdict::Stale(answer.words())
        }
        500.. if arc::refusals::refusal(&answer.words()).is_none() => doubtful(work, &answer),
        _ => Verdict::Refused(refuse::refuse(work, &answer)),
    }
}

fn doubtful(work: &Work<'_>, answer: &Answer) -> Verdict {
    let message = format!("{}: {}", refuse::cannot(work), answer.words());
    let refusal = Refusal::new(RefusalKind::Unreachable, message).hint(
        "The API server or something in front of it is in trouble: kubectl get --raw /readyz tells more.",
    );
    Verdict::Doubtful(Doubt { sent: true, answered: true, refusal })
}

fn taken(work: &Work<'_>, answer: &Answer) -> Verdict {
    let object = work.named(answer.body.clone());
    let is_object = object["kind"] == *work.id.kind.kind && object["metadata"]["name"] == work.id.name;
    let foreign = || {
        let message = format!("{}: the answer speaks of another object", refuse::cannot(work));
        let refusal = Refusal::new(RefusalKind::Unreachable, message);
        Verdict::Doubtful(Doubt { sent: true, answered: false, refusal })
    };
    match work.write {
        Write::Patch(patch) if is_object && object["metadata"]["uid"] == patch.uid => {
            match lacking(patch, &object, work.before.as_ref()) {
                Some(field) => Verdict::Undone(field),
                None if is_over(&object) => Verdict::Taken(After::Gone),
                None => Verdict::Taken(After::There(object)),
            }
        }
        Write::Create(_) if is_object => Verdict::Taken(After::Made(object)),
        // Gone at once: a Status, or the object as it was last.
        Write::Delete(_) if object["kind"] == "Status" => Verdict::Taken(After::Gone),
        Write::Delete(_) if is_object => match object.pointer("/metadata/deletionTimestamp") {
            Some(Value::String(_)) if !is_over(&object) => Verdict::Taken(After::There(object)),
            _ => Verdict::Taken(After::Gone),
        },
        Write::Patch(_) | Write::Create(_) | Write::Delete(_) => foreign(),
    }
}

/// Whether an object went with the very request that it was the answer to: it was being deleted, and nothing holds it.
fn is_over(object: &Value) -> bool {
    let nothing_at =
        |pointer: &str| object.pointer(pointer).and_then(Value::as_array).is_none_or(Vec::is_empty);
    let grace = object.pointer("/metadata/deletionGracePeriodSeconds").and_then(Value::as_i64);
    let content = object["kind"] == *arc::NAMESPACE.kind && !nothing_at("/spec/finalizers");
    object.pointer("/metadata/deletionTimestamp").is_some_and(Value::is_string)
        && nothing_at("/metadata/finalizers")
        && grace.unwrap_or_default() == 0
        && !content
}
