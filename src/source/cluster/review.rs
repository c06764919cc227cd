//! Asking the authorizer what somebody may do. Nothing is stored by it: the only POST there is.

use kube::Client;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::model::AccessReview;
use crate::model::Question;
use crate::source::redact;

use super::fetch;
use super::fetch::Failure;

const PATH: &str = "/apis/authorization.k8s.io/v1/subjectaccessreviews";

/// Asks one question.
pub async fn ask(client: &Client, question: &Question) -> Result<AccessReview, Failure> {
    let answer = fetch::post(client, PATH, &body(question)).await?;
    let text = |key: &str| answer["status"][key].as_str().map(redact::words).unwrap_or_default();
    let Some(allowed) = answer["status"]["allowed"].as_bool() else {
        return Err(Failure::Other("the access review came back without an answer".to_owned()));
    };
    let (reason, error) = (text("reason"), text("evaluationError"));
    // "No" with an error means that the authorizer could not find out everything. A role that a binding names
    // and that does not exist is not of that sort: RBAC puts it into the reason.
    if !allowed && !error.is_empty() && reason.is_empty() {
        return Err(Failure::Other(error));
    }
    Ok(AccessReview { question: question.clone(), allowed, reason })
}

fn body(question: &Question) -> Value {
    let fields = [
        ("verb", &question.verb),
        ("group", &question.group),
        ("resource", &question.resource),
        ("subresource", &question.subresource),
        ("namespace", &question.namespace),
        ("name", &question.name),
    ];
    let asked = fields.into_iter().filter(|(_, value)| !value.is_empty());
    let attributes: Map<String, Value> =
        asked.map(|(key, value)| (key.to_owned(), Value::from(value.as_str()))).collect();
    json!({
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {
            "user": question.user,
            "groups": groups(&question.user),
            "resourceAttributes": attributes,
        },
    })
}

/// The groups the server itself would give the user. Without them a review denies what is allowed through them.
fn groups(user: &str) -> Vec<String> {
    let mut groups = Vec::new();
    if let Some((namespace, _)) = user.strip_prefix("system:serviceaccount:").and_then(|u| u.split_once(':'))
    {
        groups.push("system:serviceaccounts".to_owned());
        groups.push(format!("system:serviceaccounts:{namespace}"));
    }
    groups.push("system:authenticated".to_owned());
    groups
}
