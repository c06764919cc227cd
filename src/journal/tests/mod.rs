//! The journal on a disk, and what is read out of it.

mod back;
mod files;

use super::Answer;
use super::Intent;
use super::Named;
use super::Outcome;
use super::Run;
use super::Sent;
use super::Step;
use super::entry::Entry;
use serde_json::Value;
use serde_json::json;

fn run() -> Run {
    Run {
        tool: "0.1.0".to_owned(),
        time: "2026-11-21T05:00:00Z".to_owned(),
        context: "prod".to_owned(),
        server: "https://prod.example.com".to_owned(),
        ..Run::default()
    }
}

fn intent(object: &Value, method: &str, body: Value) -> Intent {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    Intent {
        write: 0,
        time: "2026-11-21T05:00:01Z".to_owned(),
        step: Step { number: 1, class: "c".to_owned(), remedy: "r".to_owned() },
        object: Named {
            api_version: text("/apiVersion"),
            kind: text("/kind"),
            namespace: text("/metadata/namespace"),
            name: text("/metadata/name"),
            uid: text("/metadata/uid"),
        },
        request: Sent {
            method: method.to_owned(),
            path: "/x?fieldManager=kubectl-arc".to_owned(),
            content_type: "application/json".to_owned(),
            body,
        },
        before: (method != "POST").then(|| object.clone()),
        left_out: Vec::new(),
    }
}

fn answer(write: u64, outcome: Outcome) -> Answer {
    Answer {
        write,
        time: "2026-11-21T05:00:02Z".to_owned(),
        code: Some(200),
        outcome,
        message: String::new(),
        uid: "u-2".to_owned(),
        resource_version: "8".to_owned(),
    }
}

fn entry(object: &Value, method: &str, body: Value, outcome: Option<Outcome>) -> Entry {
    let intent = Intent { write: 1, ..intent(object, method, body) };
    Entry { run: run(), intent, answer: outcome.map(|outcome| answer(1, outcome)) }
}

fn role() -> Value {
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
        "metadata": {"namespace": "n", "name": "r", "uid": "u-1", "resourceVersion": "7", "generation": 2,
            "creationTimestamp": "2026-11-01T00:00:00Z", "labels": {"a": "b"},
            "ownerReferences": [{"uid": "gone"}], "finalizers": ["foregroundDeletion"]},
        "rules": [{"verbs": ["get"]}],
    })
}
