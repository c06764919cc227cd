//! JSON Patch, and what an update may not do.

use serde_json::Value;
use serde_json::json;

use super::Asked;
use super::laws;
use super::status;
use super::status::Reply;
use super::world::World;
use super::writes::Place;

pub fn answer(world: &mut World, asked: &Asked, place: &Place, body: &Value, put_back: &[String]) -> Reply {
    let kind = &place.kind;
    let content_type = asked.headers.get("content-type").map(String::as_str).unwrap_or_default();
    if content_type != "application/json-patch+json" {
        let message = "the body of the request was in an unknown format - accepted media types include: \
            application/json-patch+json";
        return status::status(415, "UnsupportedMediaType", message, &json!({}));
    }
    let Some(found) = laws::find(world, kind, place.namespace.as_deref(), &place.name) else {
        return status::not_found(kind, &place.name);
    };
    let old = world.objects[found].clone();
    let Some(mut new) = patched(&old, body) else {
        // Nothing more is said than this, whichever operation it was.
        let message = "the server rejected our request due to an error in our request";
        return status::status(422, "Invalid", message, &json!({}));
    };
    if new["metadata"]["uid"] != old["metadata"]["uid"] {
        return invalid(place, "metadata.uid", "Invalid value: field is immutable");
    }
    let of_new = finalizers(&new);
    if laws::is_deleting(&old)
        && let Some(added) = of_new.iter().find(|one| !finalizers(&old).contains(*one))
    {
        let what = format!(
            "Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers \
             []string{{\"{added}\"}}"
        );
        return invalid(place, "metadata.finalizers", &what);
    }
    // An admission webhook comes before the store.
    for finalizer in put_back.iter().filter(|one| finalizers(&old).contains(*one) && !of_new.contains(*one)) {
        let mut held = finalizers(&new);
        held.push(finalizer.clone());
        new["metadata"]["finalizers"] = json!(held);
    }
    // A deletion is never taken back, nor its time changed.
    for key in ["deletionTimestamp", "deletionGracePeriodSeconds", "creationTimestamp"] {
        new["metadata"][key] = old["metadata"][key].clone();
    }
    new = parts(&old, new, &place.subresource, kind.built_in);
    laws::tidy(&mut new);
    if new != old {
        new["metadata"]["resourceVersion"] = Value::from(world.next_version().to_string());
    }
    world.objects[found] = new.clone();
    laws::let_go(world, found);
    Reply::json(200, &new)
}

/// What may be changed by this path: the status by its own, and of custom resources everything else by the other.
fn parts(old: &Value, new: Value, subresource: &str, built_in: bool) -> Value {
    let mut kept = match subresource {
        "status" => old.clone(),
        _ => new.clone(),
    };
    if subresource == "status" || !built_in {
        let of = if subresource == "status" { &new } else { old };
        match of.get("status") {
            Some(status) => kept["status"] = status.clone(),
            None => {
                kept.as_object_mut().unwrap().remove("status");
            }
        }
    }
    kept
}

fn patched(old: &Value, operations: &Value) -> Option<Value> {
    let mut new = old.clone();
    for operation in operations.as_array()? {
        let (op, path) = (operation["op"].as_str()?, operation["path"].as_str()?);
        // The API server's library takes what is not there for null.
        if op == "test" {
            let found = new.pointer(path).unwrap_or(&Value::Null);
            if *found != operation["value"] {
                return None;
            }
            continue;
        }
        let operation = serde_json::from_value(operation.clone()).ok()?;
        json_patch::patch(&mut new, &[operation]).ok()?;
    }
    Some(new)
}

fn finalizers(object: &Value) -> Vec<String> {
    let held = object["metadata"]["finalizers"].as_array();
    held.into_iter().flatten().filter_map(|one| Some(one.as_str()?.to_owned())).collect()
}

fn invalid(place: &Place, field: &str, what: &str) -> Reply {
    let kind = &place.kind;
    let mut details = status::details(kind, &place.name);
    details["causes"] = json!([{"reason": "FieldValueInvalid", "message": what, "field": field}]);
    let message = format!("{} \"{}\" is invalid: {field}: {what}", kind.kind, place.name);
    status::status(422, "Invalid", &message, &details)
}
