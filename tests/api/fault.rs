//! What can go wrong on demand.

use std::time::Duration;

use serde_json::Value;
use serde_json::json;

use super::Asked;
use super::status;
use super::status::Reply;

const FORBIDDEN: &str = "the object is forbidden: User \"tester\" cannot do this to the resource";

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
    /// Closes the connection without a word, after what was asked was done.
    Cut,
    /// Closes it before anything is done.
    CutBefore,
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
    /// The user may not do this.
    Forbidden,
    /// A Status: code, reason, message.
    Says(u16, &'static str, &'static str),
    /// The Role of this name, which whoever binds it has to bind by the rights that it gives, is not there.
    LacksRole(&'static str),
    /// A mutating webhook puts this finalizer back.
    PutsBack(&'static str),
}

/// The requests that a fault strikes.
#[derive(Clone, Copy, Debug)]
pub struct On<'a> {
    /// A part of the path.
    pub path: &'a str,
    /// `""`: any.
    pub method: &'a str,
    /// Only what is tried out (`true`) or sent for good (`false`).
    pub dry: Option<bool>,
    /// So many are let through first.
    pub after: usize,
    pub times: usize,
}

impl On<'_> {
    /// Every request of a method: `On { path: "/secrets", ..On::every("PATCH") }`.
    pub fn every(method: &str) -> On<'_> {
        On { path: "", method, dry: None, after: 0, times: usize::MAX }
    }
}

/// A fault and the requests it strikes.
#[derive(Clone, Debug)]
pub struct Rule {
    pub path: String,
    pub method: String,
    pub dry: Option<bool>,
    pub fault: Fault,
    pub after: usize,
    pub times: usize,
}

impl Rule {
    pub fn new(on: On<'_>, fault: Fault) -> Self {
        let (path, method) = (on.path.to_owned(), on.method.to_owned());
        Self { path, method, dry: on.dry, fault, after: on.after, times: on.times }
    }

    fn strikes(&self, asked: &Asked) -> bool {
        asked.path.contains(&self.path)
            && (self.method.is_empty() || self.method == asked.method)
            && self.dry.is_none_or(|dry| dry == asked.is_dry())
            && (!matches!(self.fault, Fault::ExpiredContinue) || asked.query.contains("continue="))
    }
}

impl Fault {
    /// Whether a write that it strikes is not carried out.
    pub fn prevents(&self) -> bool {
        match self {
            Self::Busy(_)
            | Self::Code(_)
            | Self::Unauthorized
            | Self::Html(_)
            | Self::CutBefore
            | Self::Forbidden
            | Self::Says(..)
            | Self::LacksRole(_) => true,
            Self::Slow(_)
            | Self::Cut
            | Self::CutBody
            | Self::ExpiredContinue
            | Self::GarbageItem
            | Self::Garbage
            | Self::Warning(_)
            | Self::WholeObjects
            | Self::PutsBack(_) => false,
        }
    }
}

/// The faults that strike a request; rules that are used up are dropped.
pub fn striking(rules: &mut Vec<Rule>, asked: &Asked) -> Vec<Fault> {
    let mut faults = Vec::new();
    for rule in rules.iter_mut().filter(|rule| rule.strikes(asked)) {
        if rule.after > 0 {
            rule.after -= 1;
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
        Fault::Forbidden => status::status(403, "Forbidden", FORBIDDEN, &json!({})),
        Fault::Says(code, reason, message) => status::status(*code, reason, message, &json!({})),
        Fault::LacksRole(name) => {
            let message = format!("roles.rbac.authorization.k8s.io \"{name}\" not found");
            let details = json!({"name": name, "group": "rbac.authorization.k8s.io", "kind": "roles"});
            status::status(404, "NotFound", &message, &details)
        }
        Fault::Slow(_)
        | Fault::Cut
        | Fault::CutBefore
        | Fault::CutBody
        | Fault::WholeObjects
        | Fault::PutsBack(_) => reply,
    }
}
