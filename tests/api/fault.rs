//! What can go wrong on demand.

use std::time::Duration;

use serde_json::Value;
use serde_json::json;

use super::status;
use super::status::Reply;

/// One way to fail.
#[derive(Clone, Debug)]
pub enum Fault {
    /// 429 with this `Retry-After`, in seconds.
    Busy(u32),
    /// A Status with this code and no further explanation.
    Code(u16),
    /// The credentials are not accepted.
    Unauthorized,
    /// A proxy's page with this code, 200 included.
    Html(u16),
    /// Answers, but late.
    Slow(Duration),
    /// Closes the connection without a word.
    Cut,
    /// Closes it in the middle of the answer.
    CutBody,
    /// The continue tokens of lists are too old.
    ExpiredContinue,
    /// Lists hold something that is no object.
    GarbageItem,
    /// The answer is not JSON.
    Garbage,
    /// A `Warning` header with this text.
    Warning(String),
    /// Sends whole objects to whoever asks for metadata.
    WholeObjects,
}

/// A fault and the requests it strikes.
#[derive(Clone, Debug)]
pub struct Rule {
    /// A part of the path.
    pub path: String,
    pub fault: Fault,
    pub times: usize,
}

/// The faults that strike a request; rules that are used up are dropped.
pub fn striking(rules: &mut Vec<Rule>, path: &str, query: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    for rule in rules.iter_mut().filter(|rule| path.contains(&rule.path)) {
        if matches!(rule.fault, Fault::ExpiredContinue) && !query.contains("continue=") {
            continue;
        }
        rule.times -= 1;
        faults.push(rule.fault.clone());
    }
    rules.retain(|rule| rule.times > 0);
    faults
}

/// What the fault makes of a good answer.
pub fn spoil(reply: Reply, fault: &Fault) -> Reply {
    match fault {
        Fault::Busy(seconds) => {
            let message = "the server is currently overloaded, please retry";
            let busy =
                status::status(429, "TooManyRequests", message, &json!({"retryAfterSeconds": seconds}));
            busy.header("retry-after", &seconds.to_string())
        }
        Fault::Code(code) => {
            let reason = if *code == 503 { "ServiceUnavailable" } else { "InternalError" };
            status::status(*code, reason, "the server is currently unable to handle the request", &json!({}))
        }
        Fault::Unauthorized => status::status(401, "Unauthorized", "Unauthorized", &Value::Null),
        Fault::Html(code) => {
            let page = "<html><head><title>Log in</title></head><body>canary-page</body></html>";
            Reply::text(*code, "text/html", page)
        }
        Fault::ExpiredContinue => status::expired(),
        Fault::GarbageItem => {
            let mut list: Value = serde_json::from_str(&reply.body).unwrap();
            if let Some(items) = list["items"].as_array_mut() {
                items.push(json!({"metadata": ["no", "object"]}));
            }
            Reply { body: list.to_string(), ..reply }
        }
        Fault::Garbage => Reply { body: "{\"items\": [{".to_owned(), ..reply },
        Fault::Warning(text) => reply.header("warning", &format!("299 - \"{text}\"")),
        Fault::Slow(_) | Fault::Cut | Fault::CutBody | Fault::WholeObjects => reply,
    }
}
