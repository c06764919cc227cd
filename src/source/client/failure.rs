//! The bodies of failed requests, brought into a form that kube reads without losing the HTTP status.
//!
//! kube takes the status from the body and any JSON object for a `Status`. What stands in front of an API server
//! (Rancher, login proxies) answers with JSON of its own, and its 401 would become a 0.

use http::Response;
use http::header::CONTENT_LENGTH;
use http_body_util::BodyExt as _;
use http_body_util::Full;
use hyper::body::Bytes;
use serde_json::Value;
use serde_json::json;

use super::transport::AnswerBody;

/// No honest failure is longer; the rest is not read.
const LONGEST: usize = 1 << 20;

/// The same answer; its body is Kubernetes' own, or one made from what was said.
pub async fn readable(answer: Response<AnswerBody>) -> Response<AnswerBody> {
    let (mut parts, body) = answer.into_parts();
    let bytes = bounded(body).await;
    let bytes = status(parts.status.as_u16(), &bytes).map_or(bytes, String::into_bytes);
    parts.headers.remove(CONTENT_LENGTH);
    let body = Full::new(Bytes::from(bytes)).map_err(|never| match never {});
    Response::from_parts(parts, body.boxed_unsync())
}

/// What there is of the body; nothing if it is too long. The status is worth more than why the rest did not come.
async fn bounded(mut body: AnswerBody) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Some(Ok(frame)) = body.frame().await {
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > LONGEST {
            return Vec::new();
        }
        bytes.extend_from_slice(&data);
    }
    bytes
}

/// A `Status` for a body that kube would misread; None when it reads it well.
fn status(code: u16, body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let object = match serde_json::from_str::<Value>(&text) {
        Ok(Value::Object(object)) => object,
        // kube makes a status of text by itself, but not of broken text.
        _ if std::str::from_utf8(body).is_ok() => return None,
        _ => serde_json::Map::new(),
    };
    if object.get("kind").and_then(Value::as_str) == Some("Status")
        && object.get("code") == Some(&json!(code))
    {
        return None;
    }
    let said = ["message", "error_description", "error"].iter().find_map(|name| object.get(*name)?.as_str());
    let reason = object.get("reason").and_then(Value::as_str).unwrap_or_default();
    let status = json!({
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "code": code,
        "reason": reason,
        "message": said.unwrap_or_default(),
        "details": object.get("details").filter(|details| details.is_object()),
    });
    Some(status.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tower::BoxError;

    #[test]
    fn kubernetes_own_status_and_plain_text_stay() {
        for body in
            [r#"{"kind":"Status","code":404,"reason":"NotFound"}"#, "404 page not found", "<html>", "", "7"]
        {
            assert_eq!(status(404, body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn other_json_keeps_the_http_status() {
        for (body, said) in [
            (&br#"{"error":"invalid token"}"#[..], "invalid token"),
            (br#"{"type":"error","status":"401","message":"must authenticate"}"#, "must authenticate"),
            (br#"{"kind":"Status","message":"no code"}"#, "no code"),
            (br#"{"kind":"Status","code":200,"message":"wrong"}"#, "wrong"),
            (b"{}", ""),
            (b"\xFF", ""),
        ] {
            let status: kube::core::Status = serde_json::from_str(&status(401, body).unwrap()).unwrap();
            assert_eq!((status.code, status.message.as_str()), (401, said));
        }
    }

    #[tokio::test]
    async fn an_endless_body_is_cut() {
        let endless = Full::new(Bytes::from(vec![b'x'; LONGEST + 1])).map_err(BoxError::from).boxed_unsync();
        let answer = readable(Response::builder().status(502).body(endless).unwrap()).await;
        assert!(answer.into_body().collect().await.unwrap().to_bytes().is_empty());
    }
}
