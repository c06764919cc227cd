//! What a terminating Namespace says of what is left in it.

use crate::model::Object;
use serde_json::Value;

/// Condition types and the words before the list, as
/// `pkg/controller/namespace/deletion/status_condition_utils.go` of Kubernetes writes them.
const CONTENT_REMAINING: &str = "NamespaceContentRemaining";
const FINALIZERS_REMAINING: &str = "NamespaceFinalizersRemaining";
const CONTENT_FAILURE: &str = "NamespaceDeletionContentFailure";
const DISCOVERY_FAILURE: &str = "NamespaceDeletionDiscoveryFailure";
const COUNT_WORDS: &str = " has ";

/// A kind of which something is left, as the condition names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Remaining {
    pub plural: String,
    /// `""` is the core group (`pods. has 2 resource instances`).
    pub group: String,
}

/// The kinds that `NamespaceContentRemaining` names.
pub fn remaining(namespace: &Object) -> Vec<Remaining> {
    let Some(message) = message(namespace, CONTENT_REMAINING) else { return Vec::new() };
    let list = message.split_once(": ").map_or("", |(_, list)| list);
    list.split(", ")
        .filter_map(|entry| {
            let (resource, _) = entry.split_once(COUNT_WORDS)?;
            let (plural, group) = resource.split_once('.')?;
            Some(Remaining { plural: plural.to_owned(), group: group.to_owned() })
        })
        .collect()
}

/// The message about finalizers that are left.
pub fn finalizers_message(namespace: &Object) -> Option<&str> {
    message(namespace, FINALIZERS_REMAINING)
}

/// The message about APIs that could not be discovered: until they answer, no namespace is finished.
pub fn discovery_failure(namespace: &Object) -> Option<&str> {
    message(namespace, DISCOVERY_FAILURE)
}

/// The message about deletions in the namespace that failed.
pub fn content_failure(namespace: &Object) -> Option<&str> {
    message(namespace, CONTENT_FAILURE)
}

/// The message of a condition that is True.
fn message<'a>(object: &'a Object, condition: &str) -> Option<&'a str> {
    object
        .items("/status/conditions")
        .iter()
        .find(|item| {
            item.get("type").and_then(Value::as_str) == Some(condition)
                && item.get("status").and_then(Value::as_str) == Some("True")
        })
        .and_then(|item| item.get("message"))
        .and_then(Value::as_str)
}
