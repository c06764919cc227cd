//! What can be put back of what a journal holds, and why the rest cannot.

use super::document;
use super::entry::Entry;
use super::entry::Outcome;
use super::inverse::inverse;
use crate::arc;
use crate::arc::marks;
use crate::diagnose::Action;
use crate::diagnose::Deletion;
use crate::diagnose::Patch;
use crate::diagnose::is_restart;
use crate::model::ObjectId;
use serde_json::Value;

const ANNOTATIONS: &str = "/metadata/annotations/";

/// One write, and what would take it back.
#[derive(Clone, Debug, PartialEq)]
pub struct Undo {
    /// Its number in the journal.
    pub write: u64,
    pub object: ObjectId,
    /// What was done, as the end of a sentence that begins with the object.
    pub done: String,
    /// False: no answer came, so it is not known whether it happened.
    pub certain: bool,
    pub back: Back,
}

/// How something is put back.
#[derive(Clone, Debug, PartialEq)]
pub enum Back {
    Action(Box<Action>),
    /// Nothing was lost.
    Needless(String),
    Cannot(String),
}

/// What was written, newest first: that is the order in which it is taken back. What changed nothing is left out.
pub fn undo(entries: &[Entry]) -> Vec<Undo> {
    entries.iter().rev().filter_map(of_entry).collect()
}

fn of_entry(entry: &Entry) -> Option<Undo> {
    let certain = match entry.answer.as_ref().map(|answer| answer.outcome.changed()) {
        Some(Some(false)) => return None,
        Some(Some(true)) => true,
        Some(None) | None => false,
    };
    let intent = &entry.intent;
    let (done, back) = match intent.request.method.as_str() {
        "PATCH" => (changes(&intent.request.body), of_patch(entry)),
        "DELETE" => ("its deletion was asked for".to_owned(), of_deletion(entry)),
        "POST" => ("it was made".to_owned(), of_creation(entry)),
        method => {
            (format!("a {method} was sent"), Back::Cannot("this program sends no such thing".to_owned()))
        }
    };
    Some(Undo { write: intent.write, object: intent.object.id(), done, certain, back })
}

/// What a patch did, in words.
fn changes(operations: &Value) -> String {
    let said: Vec<String> = operations
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(document::operation)
        .filter(|operation| operation.op != "test")
        .map(|operation| {
            let field = document::field(operation.path);
            match operation.op {
                "remove" => format!("{field} was removed"),
                _ => format!("{field} was set to {}", operation.value),
            }
        })
        .collect();
    said.join(", ")
}

fn of_patch(entry: &Entry) -> Back {
    let intent = &entry.intent;
    let operations = intent.request.body.as_array().map_or(&[][..], Vec::as_slice);
    let Some(before) = &intent.before else {
        return cannot("the journal does not hold the object as it was");
    };
    if is_restart(operations) {
        return Back::Needless("a restart leaves nothing to put back".to_owned());
    }
    if entry.answer.as_ref().is_some_and(|answer| answer.outcome == Outcome::Gone) {
        return cannot("the object went away with it");
    }
    let finalizers = "/metadata/finalizers";
    let mut changing =
        operations.iter().filter_map(document::operation).filter(|operation| operation.op != "test");
    let deletion = before.pointer("/metadata/deletionTimestamp").and_then(Value::as_str).unwrap_or_default();
    if !deletion.is_empty() && changing.any(|operation| operation.path.starts_with(finalizers)) {
        return cannot("Kubernetes takes no finalizer back on an object that is being deleted");
    }
    match inverse(before, operations, &intent.left_out) {
        Ok(operations) => Back::Action(Box::new(Action::Patch(Patch {
            object: intent.object.id(),
            api_version: intent.object.api_version.clone(),
            uid: intent.object.uid.clone(),
            deletion: deletion.to_owned(),
            subresource: if is_of_status(&intent.request.path) { "status" } else { "" },
            operations,
            spoken: String::new(),
        }))),
        Err(why) => Back::Cannot(why),
    }
}

fn is_of_status(path: &str) -> bool {
    path.split('?').next().is_some_and(|path| path.ends_with("/status"))
}

fn of_creation(entry: &Entry) -> Back {
    let intent = &entry.intent;
    match entry.answer.as_ref().map(|answer| answer.uid.as_str()).filter(|uid| !uid.is_empty()) {
        Some(uid) => Back::Action(Box::new(Action::Delete(Deletion {
            object: intent.object.id(),
            api_version: intent.object.api_version.clone(),
            uid: uid.to_owned(),
            background: false,
            at_once: false,
        }))),
        None => cannot("the uid of what was made is not known: look at it, and delete it by hand"),
    }
}

/// What was deleted can be made again where its spec is all there is to it.
fn of_deletion(entry: &Entry) -> Back {
    let intent = &entry.intent;
    let kind = intent.object.id().kind;
    if kind == arc::SECRET {
        return cannot("the values of Secrets are not in the journal");
    }
    if !arc::MADE_BY_PEOPLE.contains(&kind) {
        return cannot("a deletion is never taken back, and another one of its name would not be the same");
    }
    let Some(before) = &intent.before else {
        return cannot("the journal does not hold the object as it was");
    };
    // Annotations in which a tool keeps the whole object, for the most part: they are left off.
    let needed = |path: &&String| !path.starts_with("/status") && !path.starts_with(ANNOTATIONS);
    if let Some(hidden) = intent.left_out.iter().find(needed) {
        let field = document::field(hidden);
        return Back::Cannot(format!(
            "what stood in {field} is not in the journal, because it may be secret: apply it again as it was applied \
             before"
        ));
    }
    Back::Action(Box::new(Action::Create(anew(before, &intent.left_out))))
}

/// The object as somebody would send it who makes it for the first time.
///
/// Without its owners, too: one that is gone would take it away again.
fn anew(before: &Value, left_out: &[String]) -> Value {
    const OF_THE_SERVER: [&str; 9] = [
        "creationTimestamp",
        "deletionGracePeriodSeconds",
        "deletionTimestamp",
        "generation",
        "managedFields",
        "ownerReferences",
        "resourceVersion",
        "selfLink",
        "uid",
    ];
    let mut object = before.clone();
    if let Some(parts) = object.as_object_mut() {
        parts.remove("status");
    }
    if let Some(metadata) = object.pointer_mut("/metadata").and_then(Value::as_object_mut) {
        metadata.retain(|key, _| !OF_THE_SERVER.contains(&key.as_str()));
        // The number of a scale set that went with the runner set; ARC asks for a new one where it finds none.
        if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
            annotations.remove(marks::SCALE_SET_ID);
            for hidden in left_out.iter().filter_map(|path| path.strip_prefix(ANNOTATIONS)) {
                annotations.remove(&hidden.replace("~1", "/").replace("~0", "~"));
            }
        }
        // Who deletes says how; it is nothing of the object's own.
        if let Some(finalizers) = metadata.get_mut("finalizers").and_then(Value::as_array_mut) {
            finalizers.retain(|held| held != "foregroundDeletion" && held != "orphan");
        }
    }
    document::tidy(&mut object);
    object
}

fn cannot(why: &str) -> Back {
    Back::Cannot(why.to_owned())
}
