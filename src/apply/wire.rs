//! One request and its answer, as it came.

use crate::error::Error;
use crate::source::client::explain;
use crate::source::client::was_sent;
use crate::source::redact;
use http::Method;
use http::header::ACCEPT;
use http::header::CONTENT_TYPE;
use http::header::RETRY_AFTER;
use http_body_util::BodyExt as _;
use kube::Client;
use kube::client::Body;
use serde_json::Value;
use std::time::Duration;

/// No server works longer at a request that is no watch: its own limit is a minute.
const LIMIT: Duration = Duration::from_secs(90);
/// What a server answers, byte for byte, to a path that it does not serve.
const NO_SUCH_PATH: &str = "404 page not found";

/// A request.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub method: Method,
    /// With its query.
    pub path: String,
    /// `""` if it has no body.
    pub content_type: &'static str,
    pub accept: &'static str,
    pub body: Value,
}

/// What the server answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub code: u16,
    /// An object, or a Status; null if it was neither.
    pub body: Value,
    /// Seconds after which the server wants to be asked again.
    pub retry_after: Option<u64>,
}

/// No answer came that says anything.
#[derive(Clone, Debug, PartialEq)]
pub struct Lost {
    /// Whether the server may have got the request.
    pub sent: bool,
    pub error: Error,
}

impl Answer {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.code)
    }

    /// The string at a pointer; `""` if there is none.
    pub fn text(&self, pointer: &str) -> &str {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// What the server says, without secrets.
    pub fn words(&self) -> String {
        match self.text("/message") {
            "" if self.body.is_null() => format!("the answer was {}, and not from an API server", self.code),
            "" => format!("the answer was {}", self.code),
            said => redact::words(said),
        }
    }

    /// The causes of a refusal that name a field: the field, and what is wrong with it.
    pub fn causes(&self) -> Vec<(String, String)> {
        let causes = self.body.pointer("/details/causes").and_then(Value::as_array);
        let text = |cause: &Value, key: &str| redact::words(cause[key].as_str().unwrap_or_default());
        causes.into_iter().flatten().map(|cause| (text(cause, "field"), text(cause, "message"))).collect()
    }

    /// True for a path that leads nowhere.
    pub fn is_unserved(&self) -> bool {
        self.code == 404
            && self.text("/details/name").is_empty()
            && self.text("/details/kind") != "namespaces"
    }
}

/// Sends the request itself, because kube's typed ways trace the whole text of an answer that they cannot decode.
///
/// # Errors
/// No answer came, or one that no API server gives.
pub async fn send(client: &Client, request: &Request) -> Result<Answer, Lost> {
    match tokio::time::timeout(LIMIT, exchange(client, request)).await {
        Ok(answer) => answer,
        Err(_) => {
            let error = Error::access(format!("no answer within {} s", LIMIT.as_secs()));
            Err(Lost { sent: true, error })
        }
    }
}

async fn exchange(client: &Client, request: &Request) -> Result<Answer, Lost> {
    let mut builder = http::Request::builder().method(request.method.clone()).uri(&request.path);
    builder = builder.header(ACCEPT, request.accept);
    let body = match request.content_type {
        "" => Body::empty(),
        content_type => {
            builder = builder.header(CONTENT_TYPE, content_type);
            Body::from(request.body.to_string().into_bytes())
        }
    };
    let impossible = |error: http::Error| {
        let error = Error::internal(format!("cannot write a request to {}", request.path)).because(error);
        Lost { sent: false, error }
    };
    let lost = |error: kube::Error| Lost { sent: was_sent(&error), error: explain(&error) };
    let response = client.send(builder.body(body).map_err(impossible)?).await.map_err(lost)?;
    let code = response.status().as_u16();
    let wish = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    // An answer has begun, so the request was sent.
    let broken = |error: kube::Error| Lost { sent: true, error: explain(&error) };
    let bytes = response.into_body().collect().await.map_err(broken)?.to_bytes();
    let body = serde_json::from_slice(&bytes).ok().filter(|body: &Value| body["kind"].is_string());
    let answer = Answer { code, body: body.unwrap_or_default(), retry_after: wish };
    let is_known = !answer.body.is_null() || (code == 404 && bytes.trim_ascii() == NO_SUCH_PATH.as_bytes());
    match is_known || !answer.is_success() {
        true => Ok(answer),
        false => Err(Lost { sent: true, error: Error::access(answer.words()) }),
    }
}
