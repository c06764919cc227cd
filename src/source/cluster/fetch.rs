//! One request and what became of it.

use http::Method;
use http::Request;
use http::StatusCode;
use http::header::ACCEPT;
use http::header::CONTENT_TYPE;
use http_body_util::BodyExt as _;
use hyper::body::Bytes;
use kube::Client;
use kube::client::Body;
use serde_json::Value;

use crate::model::Reading;
use crate::source::client::explain;

/// Plain JSON: every object as it is stored.
pub const JSON: &str = "application/json";
/// `metadata` alone, with plain JSON for servers that cannot do that.
pub const METADATA: &str = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
/// The same for lists.
pub const METADATA_LIST: &str =
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

/// What a server answers, byte for byte, to a path that it does not serve.
const NO_SUCH_PATH: &str = "404 page not found";
/// How much of an answer that is no Status is repeated.
const LONGEST_EXCERPT: usize = 120;

/// A request that brought no usable answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    Forbidden(String),
    /// The server serves no such resource.
    NotServed,
    /// The resource is served, and the object is not there.
    Absent,
    /// The continue token of a list is too old.
    Expired(String),
    Other(String),
}

impl Failure {
    /// What the failure says about what was looked for.
    pub fn reading(self) -> Reading {
        match self {
            Self::Forbidden(words) => Reading::Forbidden(words),
            Self::NotServed => Reading::NotServed,
            Self::Absent => Reading::Read,
            Self::Expired(words) | Self::Other(words) => Reading::Failed(words),
        }
    }
}

pub async fn get(client: &Client, path: &str, accept: &str) -> Result<Value, Failure> {
    let request = Request::builder().method(Method::GET).uri(path).header(ACCEPT, accept);
    send(client, request.body(Body::empty())).await
}

pub async fn post(client: &Client, path: &str, body: &Value) -> Result<Value, Failure> {
    let request = Request::builder().method(Method::POST).uri(path);
    let request = request.header(ACCEPT, JSON).header(CONTENT_TYPE, JSON);
    send(client, request.body(Body::from(body.to_string().into_bytes()))).await
}

/// An answer that is no JSON: a log.
pub async fn text(client: &Client, path: &str) -> Result<String, Failure> {
    // A refusal still comes as JSON.
    let request = Request::builder().method(Method::GET).uri(path).header(ACCEPT, "application/json, */*");
    let body = answer(client, request.body(Body::empty())).await?;
    Ok(String::from_utf8_lossy(&body).into_owned())
}

async fn send(client: &Client, request: http::Result<Request<Body>>) -> Result<Value, Failure> {
    let body = answer(client, request).await?;
    // The position alone: serde repeats what it found.
    serde_json::from_slice(&body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Failure::Other(format!("the answer is not JSON (line {line}, column {column})"))
    })
}

/// Sends the request itself, because kube's typed ways trace the whole text of an answer that they cannot
/// decode, and that may hold Secrets.
async fn answer(client: &Client, request: http::Result<Request<Body>>) -> Result<Bytes, Failure> {
    let request = request.map_err(|error| Failure::Other(error.to_string()))?;
    let response = client.send(request).await.map_err(unreachable)?;
    let status = response.status();
    let body = response.into_body().collect().await.map_err(unreachable)?.to_bytes();
    match status.is_success() {
        true => Ok(body),
        false => Err(failure(status, &String::from_utf8_lossy(&body))),
    }
}

fn unreachable(error: kube::Error) -> Failure {
    Failure::Other(explain(&error).to_string())
}

/// What a refusal means, by the code and the Status that comes with it.
fn failure(code: StatusCode, body: &str) -> Failure {
    let status = serde_json::from_str(body).ok().filter(|status: &Value| status["kind"] == "Status");
    let Some(status) = status else {
        let text = body.trim();
        return match code {
            StatusCode::NOT_FOUND if text == NO_SUCH_PATH => Failure::NotServed,
            StatusCode::FORBIDDEN => Failure::Forbidden(foreign(code, text)),
            _ => Failure::Other(foreign(code, text)),
        };
    };
    let text = |pointer| status.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let words = match text("/message") {
        "" => code.to_string(),
        message => message.to_owned(),
    };
    match (code, text("/reason")) {
        (StatusCode::FORBIDDEN, _) => Failure::Forbidden(words),
        // Without a name it is the resource that was not found.
        (StatusCode::NOT_FOUND, "NotFound") if text("/details/name").is_empty() => Failure::NotServed,
        (StatusCode::NOT_FOUND, "NotFound") => Failure::Absent,
        (StatusCode::GONE, _) => Failure::Expired(words),
        _ => Failure::Other(words),
    }
}

/// An answer that does not come from an API server: a proxy's or a login page.
fn foreign(code: StatusCode, text: &str) -> String {
    let line = text.lines().next().unwrap_or_default().trim();
    if line.is_empty() || line.starts_with('<') {
        return format!("the answer was {code}, and not from a Kubernetes API server");
    }
    let excerpt: String = line.chars().take(LONGEST_EXCERPT).collect();
    format!("the answer was {code}: {excerpt}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(reason: &str, name: &str) -> String {
        let details = serde_json::json!({ "name": name });
        serde_json::json!({"kind": "Status", "reason": reason, "message": "words", "details": details})
            .to_string()
    }

    #[test]
    fn the_two_kinds_of_404_are_told_apart() {
        let not_found = |body: &str| failure(StatusCode::NOT_FOUND, body);
        assert_eq!(not_found("404 page not found\n"), Failure::NotServed);
        assert_eq!(not_found(&status("NotFound", "")), Failure::NotServed);
        assert_eq!(not_found(&status("NotFound", "gh-app")), Failure::Absent);
        // Some other server's 404 proves nothing.
        for foreign in ["<html>Not Found</html>", "", "Not Found", r#"{"error": "nope"}"#] {
            assert!(matches!(not_found(foreign), Failure::Other(_)), "{foreign}");
        }
    }

    #[test]
    fn other_refusals_keep_the_servers_words() {
        let words = "words".to_owned();
        assert_eq!(
            failure(StatusCode::FORBIDDEN, &status("Forbidden", "")),
            Failure::Forbidden(words.clone())
        );
        assert_eq!(failure(StatusCode::GONE, &status("Expired", "")), Failure::Expired(words.clone()));
        assert_eq!(failure(StatusCode::UNAUTHORIZED, &status("Unauthorized", "")), Failure::Other(words));
    }

    #[test]
    fn a_page_is_not_repeated() {
        let page = failure(StatusCode::BAD_GATEWAY, "<html><body>nginx</body></html>");
        assert_eq!(
            page,
            Failure::Other("the answer was 502 Bad Gateway, and not from a Kubernetes API server".to_owned())
        );
        let long = failure(StatusCode::BAD_GATEWAY, &"x".repeat(1000));
        assert!(matches!(long, Failure::Other(words) if words.len() < 200));
    }
}
