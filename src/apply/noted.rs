//! What the writer notes down: the intent before it sends, and what became of it.

use super::outcome::After;
use super::outcome::Done;
use super::outcome::Refusal;
use super::outcome::RefusalKind;
use super::refuse;
use super::wire::Request;
use super::work;
use super::work::Work;
use super::work::shown;
use super::writer::Writer;
use crate::journal::Answer;
use crate::journal::Intent;
use crate::journal::Outcome;
use crate::journal::Step;
use crate::journal::document;
use serde_json::Value;

impl Writer {
    /// Its number in the journal; nothing may be sent without it.
    pub fn intend(&mut self, work: &Work<'_>, request: &Request, step: &Step) -> Result<u64, Refusal> {
        let time = self.time();
        let Some(journal) = &mut self.journal else { return Ok(0) };
        let before = work.before.as_ref().map(shown);
        let left_out = work.before.as_ref().zip(before.as_ref()).map(|(whole, shown)| left_out(whole, shown));
        let intent = Intent {
            write: 0,
            time,
            step: step.clone(),
            object: work.subject(),
            request: work::sent(request),
            before,
            left_out: left_out.unwrap_or_default(),
        };
        journal.intend(intent).map_err(|error| {
            let message = format!("{}: {error}", refuse::cannot(work));
            Refusal { hint: error.hint, ..Refusal::new(RefusalKind::Journal, message) }
        })
    }

    /// What the journal cannot take here it refuses to go on from: see [`Journal::answer`].
    pub fn note(&mut self, write: u64, code: Option<u16>, done: &Result<Done, Refusal>) {
        let time = self.time();
        let Some(journal) = &mut self.journal else { return };
        let (outcome, object, message) = match done {
            Ok(Done::Already(why)) => (Outcome::Already, None, why.clone()),
            Ok(Done::Changed(change)) => {
                let outcome = match change.after {
                    After::There(_) => Outcome::Changed,
                    After::Made(_) => Outcome::Made,
                    After::Gone => Outcome::Gone,
                };
                (outcome, change.after.object(), String::new())
            }
            Err(refusal) => {
                let outcome = match refusal.kind {
                    RefusalKind::Undone => Outcome::Undone,
                    RefusalKind::Unsure => Outcome::Unsure,
                    RefusalKind::Unreachable => Outcome::NotWritten,
                    _ => Outcome::Refused,
                };
                (outcome, None, refusal.message.clone())
            }
        };
        let text = |pointer: &str| {
            let text = object.and_then(|object| object.pointer(pointer)).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        let (uid, resource_version) = (text("/metadata/uid"), text("/metadata/resourceVersion"));
        journal.answer(Answer { write, time, code, outcome, message, uid, resource_version });
    }

    fn time(&self) -> String {
        (self.now)().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
    }
}

/// Where the object holds what is not shown. Who owns which field is no part of it.
fn left_out(whole: &Value, shown: &Value) -> Vec<String> {
    let mut paths = document::differences(whole, shown);
    paths.retain(|path| path != "/metadata/managedFields");
    paths
}
