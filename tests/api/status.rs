//! Answers, and the words of a real API server's refusals.

use serde_json::Value;
use serde_json::json;

use super::kinds::Kind;

#[derive(Clone, Debug)]
pub struct Reply {
    pub code: u16,
    pub content_type: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Reply {
    pub fn text(code: u16, content_type: &str, body: &str) -> Self {
        Self { code, content_type: content_type.to_owned(), headers: Vec::new(), body: body.to_owned() }
    }

    pub fn json(code: u16, body: &Value) -> Self {
        Self::text(code, "application/json", &body.to_string())
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// A path that is not served.
pub fn no_such_path() -> Reply {
    Reply::text(404, "text/plain; charset=utf-8", "404 page not found\n")
}

pub fn status(code: u16, reason: &str, message: &str, details: &Value) -> Reply {
    let body = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "details": details, "code": code,
    });
    Reply::json(code, &body)
}

pub fn not_found(kind: &Kind, name: &str) -> Reply {
    let message = format!("{} \"{name}\" not found", kind.qualified());
    status(404, "NotFound", &message, &details(kind, name))
}

/// RBAC's refusal, of a list where there is no name.
pub fn forbidden(kind: &Kind, user: &str, verb: &str, namespace: Option<&str>, name: &str) -> Reply {
    let what = match name {
        "" => kind.qualified(),
        name => format!("{} \"{name}\"", kind.qualified()),
    };
    let place = match namespace {
        Some(namespace) => format!("in the namespace \"{namespace}\""),
        None => "at the cluster scope".to_owned(),
    };
    let message = format!(
        "{what} is forbidden: User \"{user}\" cannot {verb} resource \"{}\" in API group \"{}\" {place}",
        kind.plural, kind.group
    );
    status(403, "Forbidden", &message, &details(kind, name))
}

pub fn expired() -> Reply {
    let message = "The provided continue parameter is too old to display a consistent list result. You can start \
        a new list without the continue parameter.";
    status(410, "Expired", message, &json!({}))
}

pub fn method_not_allowed() -> Reply {
    let message = "the server does not allow this method on the requested resource";
    status(405, "MethodNotAllowed", message, &json!({}))
}

pub fn details(kind: &Kind, name: &str) -> Value {
    let mut details = json!({"kind": kind.plural});
    if !name.is_empty() {
        details["name"] = Value::from(name);
    }
    if !kind.group.is_empty() {
        details["group"] = Value::from(kind.group.as_str());
    }
    details
}
