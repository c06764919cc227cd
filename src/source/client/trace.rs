//! Requests and answers as kubectl's `-v` shows them (client-go's `round_trippers.go` and klog), without what nobody
//! should see: credentials, and what Secrets hold.

use std::time::Duration;

use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::Method;
use http::Response;
use http::Uri;
use serde_json::Value;

use crate::source::redact;

/// From these levels on: that there was a request, its headers, bodies, and a command that repeats it.
pub const SHOWN: u8 = 6;
const HEADERS: u8 = 7;
const BODIES: u8 = 8;
const REPEATABLE: u8 = 9;
/// So much of a body at level 8, and at 9; above that all of it.
const SHORT: usize = 1024;
const LONG: usize = 10240;

/// Ways to say who one is, whose names may be seen; what follows them may not.
const SCHEMES: [&str; 3] = ["bearer", "basic", "negotiate"];
/// Parts of the names of headers that carry what lets somebody in. kubectl shows the extras of an impersonation; who
/// knows what they hold.
const SECRETS: [&str; 7] =
    ["authorization", "cookie", "token", "secret", "password", "api-key", "impersonate-extra-"];
/// Resources that are credentials.
const CREDENTIALS: [&str; 3] = ["token", "tokenreviews", "tokenrequests"];

/// One request, from when it is sent until its answer is read.
pub struct Exchange {
    verbosity: u8,
    method: Method,
    uri: Uri,
}

impl Exchange {
    /// The request is about to be sent.
    pub fn begin(
        verbosity: u8,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: Option<&[u8]>,
    ) -> Self {
        let exchange = Self { verbosity, method: method.clone(), uri: uri.clone() };
        if let Some(body) = body.filter(|_| verbosity >= BODIES) {
            exchange.body("Request Body", body);
        }
        match verbosity {
            ..HEADERS => {}
            HEADERS..REPEATABLE => {
                let headers = value(&shown(headers));
                let target = exchange.target();
                tracing::debug!("\"Request\" {target} headers={headers}");
            }
            REPEATABLE.. => tracing::debug!("\"Request\" curlCommand={}", value(&curl(method, uri, headers))),
        }
        exchange
    }

    /// Its answer has come, but for the body.
    pub fn answered<B>(&self, answer: &Response<B>, took: Duration) {
        let status = answer.status();
        let reason = status.canonical_reason().unwrap_or_default();
        let status = quoted(format!("{} {reason}", status.as_u16()).trim_end());
        let headers = match self.verbosity >= BODIES {
            true => format!(" headers={}", value(&shown(answer.headers()))),
            false => String::new(),
        };
        let milliseconds = took.as_millis();
        tracing::debug!(
            "\"Response\" {} status={status}{headers} milliseconds={milliseconds}",
            self.target()
        );
    }

    /// No answer came.
    pub fn failed(&self, why: &str, took: Duration) {
        let milliseconds = took.as_millis();
        let why = quoted(why);
        tracing::debug!("\"Response\" {} status=\"\" milliseconds={milliseconds} err={why}", self.target());
    }

    /// Whether the answer's body is to be shown.
    pub fn shows_bodies(&self) -> bool {
        self.verbosity >= BODIES
    }

    /// The answer's body has been read.
    pub fn read(&self, body: &[u8]) {
        self.body("Response Body", body);
    }

    /// Which request it was. kubectl sends one after the other and says this only once; here several are under way.
    fn target(&self) -> String {
        format!("verb=\"{}\" url={}", self.method, quoted(&self.uri.to_string()))
    }

    fn body(&self, what: &str, body: &[u8]) {
        let text = without_secrets(self.uri.path(), body);
        let most = match self.verbosity {
            ..REPEATABLE => SHORT,
            REPEATABLE => LONG,
            _ => usize::MAX,
        };
        let shown = match text.char_indices().nth(most) {
            Some((end, _)) => {
                let rest = text.chars().count() - most;
                format!("{} [truncated {rest} chars]", text.get(..end).unwrap_or_default())
            }
            None => text,
        };
        tracing::debug!("\"{what}\" {} body={}", self.target(), value(&shown));
    }
}

/// A body as it may be seen.
fn without_secrets(path: &str, body: &[u8]) -> String {
    let mut segments = path.split('/');
    if segments.clone().any(|segment| CREDENTIALS.contains(&segment)) {
        return "[left out: it is a credential]".to_owned();
    }
    let Ok(mut json) = serde_json::from_slice::<Value>(body) else {
        // A log, or a page of some proxy.
        let mut text = String::from_utf8_lossy(body).into_owned();
        redact::text(&mut text);
        return text;
    };
    if segments.any(|segment| segment == "secrets") {
        // The items of a list do not say what they are.
        for item in json.get_mut("items").and_then(Value::as_array_mut).into_iter().flatten() {
            only_metadata(item);
        }
        only_metadata(&mut json);
    }
    redact::redact(&mut json);
    format!("{json}\n")
}

/// Whatever the server was asked for: of a Secret nothing else is shown. A Status and a list's own frame are none.
fn only_metadata(object: &mut Value) {
    if let Some(map) = object.as_object_mut()
        && !map.contains_key("items")
        && map.get("kind").is_none_or(|kind| kind != "Status")
    {
        map.retain(|key, _| matches!(key.as_str(), "kind" | "apiVersion" | "metadata"));
    }
}

/// The headers, one a line.
fn shown(headers: &HeaderMap) -> String {
    pairs(headers).iter().map(|(name, value)| format!("{name}: {value}\n")).collect()
}

fn curl(method: &Method, uri: &Uri, headers: &HeaderMap) -> String {
    let words = pairs(headers).into_iter().map(|(name, value)| quoted(&format!("{name}: {value}")));
    let words: String = words.map(|word| format!(" -H {word}")).collect();
    format!("curl -v -X{method} {words} '{uri}'\n")
}

/// Names and values, in the order of the names.
fn pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    let pairs = headers.iter().map(|(name, value)| (canonical(name), visible(name, value)));
    let mut pairs: Vec<(String, String)> = pairs.collect();
    pairs.sort();
    pairs
}

/// A header's value as it may be seen.
fn visible(name: &HeaderName, value: &HeaderValue) -> String {
    let text = String::from_utf8_lossy(value.as_bytes());
    if !value.is_sensitive() && !SECRETS.iter().any(|part| name.as_str().contains(part)) {
        return text.into_owned();
    }
    let scheme = text.split_once(' ').map(|(scheme, _)| scheme);
    match scheme.filter(|scheme| SCHEMES.contains(&scheme.to_ascii_lowercase().as_str())) {
        Some(scheme) => format!("{scheme} <masked>"),
        None => "<masked>".to_owned(),
    }
}

/// `user-agent` as Go writes it: `User-Agent`.
fn canonical(name: &HeaderName) -> String {
    let words = name.as_str().split('-').map(|word| match word.split_at_checked(1) {
        Some((first, rest)) => first.to_ascii_uppercase() + rest,
        None => String::new(),
    });
    words.collect::<Vec<_>>().join("-")
}

/// A value as klog writes it: quoted if it is one line, else line by line.
fn value(text: &str) -> String {
    match text.strip_suffix('\n') {
        Some(lines) => format!("<\n\t{}\n >", lines.replace('\n', "\n\t")),
        None => quoted(text),
    }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
#[path = "trace_tests.rs"]
mod tests;
