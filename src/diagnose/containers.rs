//! What a pod's status says of its containers.

use crate::model::Object;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde_json::Value;

/// How a container ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Where it stands: `status.containerStatuses[listener].state.terminated`.
    pub field: String,
    /// `exit code 1 (Error)`.
    pub says: String,
    pub code: Option<i64>,
    pub at: Option<Timestamp>,
    /// How long it ran, if both ends of that are told.
    pub ran: Option<SignedDuration>,
}

/// A container that has not started, and why: its name, the field, the reason and the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held<'a> {
    pub name: &'a str,
    pub field: String,
    pub reason: &'a str,
    pub message: &'a str,
}

/// How the first of these containers that the pod has ended, if it is not running. A pod that ended without a word
/// about its containers counts as well.
pub fn ended(pod: &Object, names: &[&str]) -> Option<Ended> {
    if pod.metadata_only {
        return None;
    }
    let statuses = pod.items("/status/containerStatuses");
    let status =
        names.iter().find_map(|wanted| statuses.iter().find(|status| text(status, "/name") == *wanted));
    let Some(status) = status else {
        let phase = pod.text("/status/phase").filter(|phase| matches!(*phase, "Failed" | "Succeeded"))?;
        let reason = pod.text("/status/reason").unwrap_or_default();
        let says = if reason.is_empty() { phase.to_owned() } else { format!("{phase} ({reason})") };
        return Some(Ended { field: "status.phase".to_owned(), says, code: None, at: None, ran: None });
    };
    let state = match status.pointer("/state/terminated") {
        Some(_) => "state",
        // It is about to be started again, which a restart policy of its own can bring about.
        None if text(status, "/state/waiting/reason") == "CrashLoopBackOff" => "lastState",
        None => return None,
    };
    let terminated = status.pointer(&format!("/{state}/terminated"))?;
    let time = |key: &str| terminated.get(key).and_then(Value::as_str).and_then(|text| text.parse().ok());
    let (began, at): (Option<Timestamp>, Option<Timestamp>) = (time("startedAt"), time("finishedAt"));
    let code = terminated.get("exitCode").and_then(Value::as_i64);
    let reason = text(terminated, "/reason");
    let says = match (code, reason) {
        (Some(code), "") => format!("exit code {code}"),
        (Some(code), reason) => format!("exit code {code} ({reason})"),
        (None, "") => "ended".to_owned(),
        (None, reason) => reason.to_owned(),
    };
    Some(Ended {
        field: format!("status.containerStatuses[{}].{state}.terminated", text(status, "/name")),
        says,
        code,
        at,
        ran: began.zip(at).map(|(began, at)| at.duration_since(began)),
    })
}

/// The containers that wait, init containers first.
pub fn held(pod: &Object) -> Vec<Held<'_>> {
    ["initContainerStatuses", "containerStatuses"]
        .into_iter()
        .flat_map(|list| {
            pod.items(&format!("/status/{list}")).iter().filter_map(move |status| {
                let waiting = status.pointer("/state/waiting")?;
                let name = text(status, "/name");
                Some(Held {
                    name,
                    field: format!("status.{list}[{name}].state.waiting"),
                    reason: text(waiting, "/reason"),
                    message: text(waiting, "/message"),
                })
            })
        })
        .collect()
}

/// True if an init container is at work.
pub fn initializes(pod: &Object) -> bool {
    pod.items("/status/initContainerStatuses").iter().any(|status| status.pointer("/state/running").is_some())
}

/// The container of a pod's spec by name: at a JSON pointer to the pod's spec.
pub fn of_spec<'a>(object: &'a Object, spec: &str, name: &str) -> Option<&'a Value> {
    object.items(&format!("{spec}/containers")).iter().find(|container| text(container, "/name") == name)
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}
