//! The cluster reader against a scripted API server.

mod discovery;
mod lists;
mod reviews;
mod secrets;
mod whole;

use std::sync::Arc;
use std::sync::Mutex;

use http::Request as HttpRequest;
use http::Response;
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use kube::Client;
use kube::client::Body;
use serde_json::Value;
use serde_json::json;

use super::Cluster;
use crate::model::Depth;
use crate::model::GroupKind;
use crate::model::Reading;
use crate::model::Request;
use crate::model::Snapshot;
use crate::model::SourceInfo;
use crate::model::SourceType;
use crate::model::What;

/// A request as the server sees it.
#[derive(Clone, Debug)]
struct Asked {
    method: String,
    /// With the query, decoded as far as the tests need it.
    path: String,
    accept: String,
    body: Value,
}

/// A server's answer: a code and a body, JSON or not.
struct Answer(u16, String);

/// An answer and the word for what it means.
type Case = (fn() -> Answer, &'static str);

fn ok(body: &Value) -> Answer {
    Answer(200, body.to_string())
}

/// What a real API server says of a path that it does not serve.
fn no_such_path() -> Answer {
    Answer(404, "404 page not found\n".to_owned())
}

fn refusal(code: u16, reason: &str, message: &str) -> Answer {
    Answer(
        code,
        json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": message, "reason": reason, "details": {}, "code": code,
        })
        .to_string(),
    )
}

fn list(kind: &str, api_version: &str, items: &[Value]) -> Answer {
    ok(
        &json!({"kind": kind, "apiVersion": api_version, "metadata": {"resourceVersion": "1"}, "items": items}),
    )
}

fn named(namespace: &str, name: &str) -> Value {
    json!({"metadata": {"namespace": namespace, "name": name, "uid": format!("uid-{name}")}})
}

/// A cluster that answers as `answer` says, and the requests it has seen.
struct Fake {
    cluster: Cluster,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Fake {
    fn new(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (log, answer) = (Arc::clone(&asked), Arc::new(answer));
        let service = tower::service_fn(move |request: HttpRequest<Body>| {
            let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
            async move {
                let (parts, body) = request.into_parts();
                let body = body.collect().await?.to_bytes();
                let accept = parts.headers.get("accept").and_then(|value| value.to_str().ok());
                let asked = Asked {
                    method: parts.method.to_string(),
                    path: parts.uri.to_string().replace("%3D", "=").replace("%20", " "),
                    accept: accept.unwrap_or_default().to_owned(),
                    body: serde_json::from_slice(&body).unwrap_or_default(),
                };
                let Answer(code, text) = answer(&asked);
                log.lock().unwrap().push(asked);
                let body = Body::from(text.into_bytes());
                Ok::<_, kube::Error>(Response::builder().status(code).body(body).unwrap())
            }
        });
        Self { cluster: Cluster::new(Client::new(service, "default"), "test"), asked }
    }

    async fn read(&self, requests: &[Request]) -> Snapshot {
        let source = SourceInfo {
            source: SourceType::Cluster,
            context: "test".to_owned(),
            server: String::new(),
            namespace: String::new(),
        };
        let mut snapshot = Snapshot::new(source, Timestamp::UNIX_EPOCH);
        self.cluster.read(requests, &mut snapshot).await;
        snapshot
    }

    /// The paths that were asked for, sorted: the order on the wire is nobody's business.
    fn paths(&self) -> Vec<String> {
        let mut paths: Vec<String> = self.asked.lock().unwrap().iter().map(|a| a.path.clone()).collect();
        paths.sort();
        paths
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn everywhere(kind: GroupKind) -> Request {
    Request { what: What::Kind(kind), namespace: None, name: None, selector: None, depth: Depth::Full }
}

fn one(kind: GroupKind, namespace: &str, name: &str) -> Request {
    Request { namespace: Some(namespace.to_owned()), name: Some(name.to_owned()), ..everywhere(kind) }
}

fn names(snapshot: &Snapshot) -> Vec<&str> {
    snapshot.objects().map(|object| object.id.name.as_str()).collect()
}

/// How the only look of a snapshot ended.
fn reading(snapshot: &Snapshot) -> &Reading {
    match &snapshot.coverage.entries[..] {
        [covered] => &covered.reading,
        entries => panic!("{entries:?}"),
    }
}
