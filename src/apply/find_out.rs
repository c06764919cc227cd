//! What became of a change that was sent and not answered, or that met another object than it was made for.

use super::fit::Fit;
use super::fit::fit;
use super::outcome::After;
use super::outcome::Refusal;
use super::outcome::RefusalKind;
use super::work::Work;
use super::work::Write;
use crate::name;
use serde_json::Value;

/// What a look afterwards says.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// It was done.
    Done(After),
    /// It is as it was to be, by somebody else's doing.
    Already(String),
    /// It was not done, and still can be.
    Untouched,
    /// It was not done, or nobody can say.
    Stopped(Refusal),
}

/// `now` is the object as it is. `doubt`: the request may have been carried out, and what would be missing then.
pub fn found(work: &Work<'_>, now: Option<Value>, doubt: Option<&Refusal>) -> Found {
    let is_other = |object: &Value| object["metadata"]["uid"] != work.uid && !work.uid.is_empty();
    match (fit(work, now.as_ref()), doubt) {
        (Fit::Ready, _) => Found::Untouched,
        (Fit::Already(why), None) => Found::Already(why),
        (Fit::Already(_), Some(_)) => Found::Done(match (work.write, now) {
            (_, None) => After::Gone,
            (Write::Create(_), Some(object)) => After::Made(object),
            (Write::Patch(_) | Write::Delete(_), Some(object)) => After::There(object),
        }),
        (Fit::Moved(_), Some(_)) if now.as_ref().is_some_and(is_other) => Found::Done(After::Gone),
        (Fit::Moved(how), Some(doubt)) => Found::Stopped(unsure(doubt, &how)),
        (Fit::Moved(how), None) => Found::Stopped(moved(&how)),
    }
}

pub fn moved(how: &str) -> Refusal {
    Refusal::new(RefusalKind::Moved, how).hint(format!(
        "Nothing was written. Run {} again: it looks at the cluster anew.",
        name::command("unblock")
    ))
}

/// Nobody knows whether it was done.
pub fn unsure(doubt: &Refusal, why: &str) -> Refusal {
    let message = format!("{}, and it is not known whether the change was made: {why}", doubt.message);
    Refusal::new(RefusalKind::Unsure, message)
        .hint(format!("Run {} again: what was done already is not done twice.", name::command("unblock")))
}
