//! From a request to its answer.

use serde_json::Value;
use serde_json::json;

use super::Asked;
use super::Fault;
use super::State;
use super::discovery;
use super::kinds::Kind;
use super::lists;
use super::status;
use super::status::Reply;
use super::world::World;
use super::writes;
use super::writes::Place;

/// What a path asks for.
pub struct Target<'a> {
    pub kind: &'a Kind,
    pub namespace: Option<String>,
    pub name: String,
    pub subresource: String,
}

/// Answers a request, and carries it out if it is a write that none of the faults prevents.
pub fn answer(state: &mut State, asked: &Asked, faults: &[Fault]) -> Reply {
    let whole = faults.iter().any(|fault| matches!(fault, Fault::WholeObjects));
    let world = &state.world;
    if let Some(reply) = discovery::answer(world, &asked.path, &asked.accept) {
        return reply;
    }
    if let Some(refusal) = world.role.as_ref().and_then(|role| role.refusal(asked)) {
        return refusal;
    }
    let segments: Vec<String> = asked.path.split('/').skip(1).map(decode).collect();
    if let ["apis", "authorization.k8s.io", "v1", reviews] =
        segments.iter().map(String::as_str).collect::<Vec<_>>()[..]
    {
        return review(world, asked, reviews);
    }
    let Some(target) = target(world, &segments) else {
        return status::no_such_path();
    };
    if asked.method != "GET" {
        if let Some(refusal) = unserved(world, &target) {
            return refusal;
        }
        let place = Place {
            kind: target.kind.clone(),
            namespace: target.namespace.clone(),
            name: target.name.clone(),
            subresource: target.subresource.clone(),
        };
        return write(state, asked, &place, faults);
    }
    if let Some(refusal) = refusal(world, asked, &target) {
        return refusal;
    }
    match (target.name.as_str(), target.subresource.as_str()) {
        ("", _) => lists::list(world, asked, &target, whole),
        (_, "") => lists::get(world, asked, &target, whole),
        (_, "log") if target.kind.kind == "Pod" => log(world, asked, &target),
        _ => status::no_such_path(),
    }
}

fn write(state: &mut State, asked: &Asked, place: &Place, faults: &[Fault]) -> Reply {
    if faults.iter().any(Fault::prevents) {
        return Reply::json(200, &json!({}));
    }
    let put_back: Vec<String> = faults
        .iter()
        .filter_map(
            |fault| if let Fault::PutsBack(finalizer) = fault { Some((*finalizer).to_owned()) } else { None },
        )
        .collect();
    let (reply, written) = writes::answer(&mut state.world, asked, place, &put_back);
    state.written.extend(written);
    reply
}

/// Subresources that nobody writes to.
fn unserved(world: &World, target: &Target) -> Option<Reply> {
    let known = matches!(target.subresource.as_str(), "" | "status" | "scale" | "finalize");
    let served = world.served().any(|kind| kind == target.kind);
    (!known || !served).then(status::no_such_path)
}

fn target<'a>(world: &'a World, segments: &[String]) -> Option<Target<'a>> {
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let (group, version, rest) = match &segments[..] {
        ["api", version, rest @ ..] => ("", *version, rest),
        ["apis", group, version, rest @ ..] => (*group, *version, rest),
        _ => return None,
    };
    let (namespace, rest) = match rest {
        // `/namespaces/NAME` is the object, and `/namespaces/NAME/status` a part of it.
        ["namespaces", namespace, plural, rest @ ..] if !matches!(*plural, "status" | "finalize") => {
            (Some((*namespace).to_owned()), [&[*plural], rest].concat())
        }
        rest => (None, rest.to_vec()),
    };
    let plural = rest.first()?;
    let kind = world.served().find(|k| k.group == group && k.version == version && k.plural == *plural)?;
    let part = |at: usize| rest.get(at).map_or(String::new(), |part| (*part).to_owned());
    (rest.len() <= 3 && (kind.namespaced || namespace.is_none())).then(|| Target {
        kind,
        namespace,
        name: part(1),
        subresource: part(2),
    })
}

/// What the coverage has against a request.
fn refusal(world: &World, asked: &Asked, target: &Target) -> Option<Reply> {
    let name = Some(target.name.as_str()).filter(|name| !name.is_empty());
    let selector = parameter(&asked.query, "labelSelector") + &parameter(&asked.query, "fieldSelector");
    let holds = |cover: &&super::world::Cover| {
        cover.is_of(target.kind) && cover.holds_for(target.namespace.as_deref(), name)
    };
    let fails = |word: &str| world.coverage.iter().filter(holds).any(|cover| cover.error.starts_with(word));
    if fails("failed") {
        return Some(status::status(500, "InternalError", "an error on the server", &json!({})));
    }
    let looked_at = || {
        let selected = |cover: &super::world::Cover| cover.selector.is_empty() || cover.selector == selector;
        world.coverage.iter().filter(holds).any(|cover| cover.error.is_empty() && selected(cover))
    };
    if fails("forbidden") || (world.strict && !looked_at()) {
        let verb = if target.name.is_empty() { "list" } else { "get" };
        let user = asked.headers.get("impersonate-user").map_or("tester", String::as_str);
        let namespace = target.namespace.as_deref();
        return Some(status::forbidden(target.kind, user, verb, namespace, &target.name));
    }
    None
}

/// The recorded answer to a review, else a denial.
fn review(world: &World, asked: &Asked, reviews: &str) -> Reply {
    if asked.method != "POST" {
        return status::method_not_allowed();
    }
    let mut question: Value = serde_json::from_str(&asked.body).unwrap();
    let kind = Kind::guess("authorization.k8s.io/v1", "SubjectAccessReview", false);
    let refused =
        world.coverage.iter().any(|cover| cover.is_of(&kind) && cover.error.starts_with("forbidden"));
    question["status"] = match reviews {
        "subjectaccessreviews" if refused => {
            return status::forbidden(&kind, "tester", "create", None, "");
        }
        "subjectaccessreviews" => {
            // Who may do it to any object may do it to this one.
            let mut of_any = question.clone();
            of_any["spec"]["resourceAttributes"]["name"] = "".into();
            let recorded = |asked: &Value| world.reviews.iter().find(|known| is_same(known, asked));
            let answer = recorded(&question).or_else(|| recorded(&of_any));
            answer.map_or_else(|| json!({"allowed": false}), |known| known["status"].clone())
        }
        "selfsubjectaccessreviews" => json!({"allowed": true}),
        _ => return status::no_such_path(),
    };
    Reply::json(201, &question)
}

fn is_same(known: &Value, asked: &Value) -> bool {
    let part = |review: &Value, field: &str| {
        let value = &review["spec"]["resourceAttributes"][field];
        value.as_str().unwrap_or_default().to_owned()
    };
    known["spec"]["user"] == asked["spec"]["user"]
        && ["verb", "group", "resource", "subresource", "namespace", "name"]
            .iter()
            .all(|field| part(known, field) == part(asked, field))
}

/// The tail of a container's log.
fn log(world: &World, asked: &Asked, target: &Target) -> Reply {
    let container = parameter(&asked.query, "container");
    let tail = parameter(&asked.query, "tailLines").parse().unwrap_or(usize::MAX);
    let pod = world.logs.iter().filter(|log| {
        log["metadata"]["name"] == *target.name
            && log["metadata"]["namespace"].as_str() == target.namespace.as_deref()
    });
    let logs: Vec<&Value> = pod.collect();
    if container.is_empty() && logs.len() > 1 {
        let names: Vec<&str> = logs.iter().filter_map(|log| log["container"].as_str()).collect();
        let message = format!(
            "a container name must be specified for pod {}, choose one of: [{}]",
            target.name,
            names.join(" ")
        );
        return status::status(400, "BadRequest", &message, &json!({}));
    }
    let found = logs.iter().find(|log| container.is_empty() || log["container"] == *container);
    let lines = found.and_then(|log| log["lines"].as_array());
    let lines: Vec<&str> = lines.into_iter().flatten().filter_map(Value::as_str).collect();
    let tail = &lines[lines.len().saturating_sub(tail)..];
    Reply::text(200, "text/plain", &tail.iter().map(|line| format!("{line}\n")).collect::<String>())
}

/// A parameter of a query, decoded; `""` if it is not there.
pub fn parameter(query: &str, name: &str) -> String {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|(key, _)| *key == name).map_or(String::new(), |(_, value)| decode(value))
}

fn decode(text: &str) -> String {
    percent_encoding::percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}
