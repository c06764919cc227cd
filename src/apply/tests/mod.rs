//! The writer against a scripted API server.

mod answers;
mod creations;
mod deletions;
mod journal;
mod lost;
mod patches;
mod races;
mod stand_in;

use super::Done;
use super::Judged;
use super::Refusal;
use super::RefusalKind;
use super::Writer;
use crate::diagnose::Action;
use crate::diagnose::Deletion;
use crate::diagnose::Patch;
use crate::journal::Journal;
use crate::journal::Step;
use crate::model::GroupKind;
use crate::model::ObjectId;
use http::Request as HttpRequest;
use http::Response;
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use kube::Client;
use kube::client::Body;
use serde_json::Value;
use serde_json::json;
use std::sync::Arc;
use std::sync::Mutex;

/// A request as the server sees it.
#[derive(Clone, Debug)]
struct Asked {
    method: String,
    /// With the query.
    path: String,
    accept: String,
    content_type: String,
    body: Value,
    /// How many requests of this method came before, tried out or for good.
    before: usize,
}

impl Asked {
    fn is_write(&self) -> bool {
        self.method != "GET"
    }

    fn is_dry(&self) -> bool {
        self.path.contains("dryRun=All") || self.body["dryRun"] == json!(["All"])
    }

    fn is_for_good(&self) -> bool {
        self.is_write() && !self.is_dry()
    }
}

/// What the server does.
enum Answer {
    Is(u16, Value),
    Text(u16, &'static str),
    /// With a `Retry-After`.
    Later(u16, u64),
    /// Closes the connection.
    Cut,
}

/// How a server behaves.
type Server = fn(&Asked) -> Answer;

fn status(code: u16, reason: &str, message: &str, details: Value) -> Answer {
    Answer::Is(
        code,
        json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message,
            "reason": reason, "details": details, "code": code}),
    )
}

fn not_found() -> Answer {
    status(
        404,
        "NotFound",
        "ephemeralrunners \"r\" not found",
        json!({"name": "r", "kind": "ephemeralrunners"}),
    )
}

/// What a real server says when a test of a JSON Patch fails.
fn test_failed() -> Answer {
    let message = "the server rejected our request due to an error in our request";
    status(422, "Invalid", message, json!({}))
}

fn forbidden(message: &str) -> Answer {
    status(403, "Forbidden", message, json!({"name": "r", "kind": "ephemeralrunners"}))
}

/// A writer, and what it asked.
struct Stage {
    writer: Writer,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Stage {
    fn new(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        Self::with(None, answer)
    }

    fn with(journal: Option<Journal>, answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (log, answer) = (Arc::clone(&asked), Arc::new(answer));
        let service = tower::service_fn(move |request: HttpRequest<Body>| {
            let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
            async move {
                let (parts, body) = request.into_parts();
                let body = body.collect().await?.to_bytes();
                let header = |name: &str| {
                    let value = parts.headers.get(name).and_then(|value| value.to_str().ok());
                    value.unwrap_or_default().to_owned()
                };
                let method = parts.method.to_string();
                let before = log.lock().unwrap().iter().filter(|one: &&Asked| one.method == method).count();
                let asked = Asked {
                    path: parts.uri.to_string(),
                    accept: header("accept"),
                    content_type: header("content-type"),
                    body: serde_json::from_slice(&body).unwrap_or_default(),
                    method,
                    before,
                };
                let answer = answer(&asked);
                log.lock().unwrap().push(asked);
                let mut response = Response::builder();
                let (code, text) = match answer {
                    Answer::Is(code, body) => (code, body.to_string()),
                    Answer::Text(code, text) => (code, text.to_owned()),
                    Answer::Later(code, seconds) => {
                        response = response.header("retry-after", seconds);
                        let busy = json!({"kind": "Status", "code": code, "message": "busy", "reason": "TooManyRequests"});
                        (code, busy.to_string())
                    }
                    Answer::Cut => return Err(kube::Error::Service("cut".into())),
                };
                Ok::<_, kube::Error>(response.status(code).body(Body::from(text.into_bytes())).unwrap())
            }
        });
        let client = Client::new(service, "default");
        Self { writer: Writer::new(client, "kubectl-arc", journal, now).in_a_hurry(), asked }
    }

    async fn carry_out(&mut self, action: &Action) -> Result<Done, Refusal> {
        let step = Step { number: 1, class: "ghost-runner".to_owned(), remedy: "x".to_owned() };
        self.writer.carry_out(action, &step).await
    }

    async fn refusal(&mut self, action: &Action) -> Refusal {
        self.carry_out(action).await.unwrap_err()
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The requests that may have changed something.
    fn writes(&self) -> Vec<Asked> {
        self.asked().into_iter().filter(Asked::is_for_good).collect()
    }
}

fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

const ITEM: &str = "/apis/actions.github.com/v1alpha1/namespaces/n/ephemeralrunners/r";

/// An EphemeralRunner that is being deleted.
fn runner() -> Value {
    json!({
        "apiVersion": "actions.github.com/v1alpha1", "kind": "EphemeralRunner",
        "metadata": {
            "namespace": "n", "name": "r", "uid": "u-1", "resourceVersion": "7",
            "deletionTimestamp": "2026-11-21T05:00:00Z", "deletionGracePeriodSeconds": 0,
            "finalizers": ["a/one", "a/two"], "annotations": {"k": "v"},
            "managedFields": [{"manager": "m"}],
        },
        "spec": {"size": 1, "env": [{"name": "A", "value": "canary"}]},
    })
}

fn id() -> ObjectId {
    ObjectId::new(&GroupKind::of("actions.github.com/v1alpha1", "EphemeralRunner"), "n", "r")
}

fn patch_of(operations: Value) -> Patch {
    Patch {
        object: id(),
        api_version: "actions.github.com/v1alpha1".to_owned(),
        uid: "u-1".to_owned(),
        deletion: "2026-11-21T05:00:00Z".to_owned(),
        subresource: "",
        operations: operations.as_array().unwrap().clone(),
        spoken: String::new(),
    }
}

/// Takes the first finalizer off.
fn drop_first() -> Action {
    let path = "/metadata/finalizers/0";
    Action::Patch(patch_of(json!([
        {"op": "test", "path": path, "value": "a/one"}, {"op": "remove", "path": path},
    ])))
}

fn deletion() -> Deletion {
    Deletion {
        object: id(),
        api_version: "actions.github.com/v1alpha1".to_owned(),
        uid: "u-1".to_owned(),
        background: false,
        at_once: false,
    }
}

/// The runner without its first finalizer.
fn freed() -> Value {
    let mut freed = runner();
    freed["metadata"]["finalizers"] = json!(["a/two"]);
    freed["metadata"]["resourceVersion"] = "8".into();
    freed
}

/// Serves `runner` until a write for good, and what that makes of it afterwards.
fn good(asked: &Asked) -> Answer {
    match asked.method.as_str() {
        "GET" if asked.path == ITEM => Answer::Is(200, runner()),
        "PATCH" => Answer::Is(200, freed()),
        _ => not_found(),
    }
}
