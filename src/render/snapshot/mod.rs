//! A Snapshot as one file: what `source::file` reads back, and nothing that changes by itself. Two snapshots of one
//! state differ in their `capturedAt` alone.

mod header;
mod object;
#[cfg(test)]
mod tests;

use super::sanitize;
use crate::model::AccessReview;
use crate::model::PodLog;
use crate::model::Question;
use crate::model::Snapshot;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

const API_VERSION: &str = "kubectl-arc/v1alpha1";

/// The file's text: the header, the objects, the access reviews, the logs, each a YAML document.
pub fn yaml(snapshot: &Snapshot) -> String {
    let objects = snapshot.objects().map(|object| document(&object::value(object)));
    let reviews = snapshot.reviews.iter().map(|review| document(&access_review(review)));
    let logs = snapshot.logs.iter().map(|log| document(&pod_log(log)));
    let mut documents: Vec<String> = objects.chain(reviews).chain(logs).collect();
    documents.insert(0, document(&header::Header::of(snapshot, documents.len())));
    documents.join("---\n")
}

/// One document of block YAML, a line for each value.
///
/// The writer leaves characters that turn or hide text as they are. A document that has some is written in YAML's
/// JSON form, where they can be escaped.
fn document(value: &impl Serialize) -> String {
    // Folded lines could not be searched, and would differ as a whole where one word does.
    let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
    // Strings, numbers, lists and mappings alone cannot fail to serialise.
    let text = serde_saphyr::to_string_with_options(value, options).unwrap_or_default();
    if text.chars().any(|c| c != '\n' && sanitize::is_hostile(c)) {
        return sanitize::yaml(&serde_json::to_string_pretty(value).unwrap_or_default()) + "\n";
    }
    text
}

/// As the API itself calls it, question and answer in one.
fn access_review(review: &AccessReview) -> Value {
    let Question { user, verb, group, resource, subresource, namespace, name } = &review.question;
    let asked = [
        ("verb", verb),
        ("group", group),
        ("resource", resource),
        ("subresource", subresource),
        ("namespace", namespace),
        ("name", name),
    ];
    let asked: Map<String, Value> = asked.into_iter().filter_map(|(key, text)| filled(key, text)).collect();
    let mut status = Map::from_iter([("allowed".to_owned(), Value::from(review.allowed))]);
    status.extend(filled("reason", &review.reason));
    json!({
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {"user": user, "resourceAttributes": asked},
        "status": status,
    })
}

fn pod_log(log: &PodLog) -> Value {
    let mut document = json!({
        "apiVersion": API_VERSION,
        "kind": "PodLog",
        "metadata": {"namespace": log.namespace, "name": log.pod},
        "lines": log.lines,
    });
    if let Some(document) = document.as_object_mut() {
        document.extend(filled("container", &log.container));
    }
    document
}

/// A field, unless it says nothing.
fn filled(key: &str, text: &str) -> Option<(String, Value)> {
    (!text.is_empty()).then(|| (key.to_owned(), Value::from(text)))
}
