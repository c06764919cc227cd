//! PATCH, DELETE and POST, as a kube-apiserver carries them out.

use serde_json::Value;
use serde_json::json;

use super::Asked;
use super::kinds::Kind;
use super::laws;
use super::lists;
use super::patch;
use super::routes::parameter;
use super::status;
use super::status::Reply;
use super::world::World;

/// A write that the server accepted, for good.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    pub method: String,
    pub kind: String,
    /// `""` for objects of the cluster.
    pub namespace: String,
    pub name: String,
    pub uid: String,
    pub subresource: String,
    /// The query's `fieldManager`.
    pub manager: String,
    pub body: Value,
}

/// What a path leads to, on its own, so that the world can be changed.
pub struct Place {
    pub kind: Kind,
    pub namespace: Option<String>,
    pub name: String,
    pub subresource: String,
}

/// Carries a write out, unless it is only tried.
///
/// `put_back` are the finalizers that a mutating webhook does not let go of.
pub fn answer(
    world: &mut World,
    asked: &Asked,
    place: &Place,
    put_back: &[String],
) -> (Reply, Option<Written>) {
    let body: Value = serde_json::from_str(&asked.body).unwrap_or_default();
    let dry = asked.is_dry();
    let mut tried = world.clone();
    let reply = match asked.method.as_str() {
        "PATCH" => patch::answer(&mut tried, asked, place, &body, put_back),
        "DELETE" => delete(&mut tried, place, &body),
        "POST" if place.name.is_empty() => create(&mut tried, place, &body),
        _ => status::method_not_allowed(),
    };
    let accepted = (200..300).contains(&reply.code);
    let name = match place.name.as_str() {
        "" => body["metadata"]["name"].as_str().unwrap_or_default(),
        name => name,
    };
    // The uid before, or that of what was made.
    let uid = [&*world, &tried].into_iter().find_map(|world| {
        let found = laws::find(world, &place.kind, place.namespace.as_deref(), name)?;
        Some(world.objects[found]["metadata"]["uid"].as_str().unwrap_or_default().to_owned())
    });
    let written = Written {
        method: asked.method.clone(),
        kind: place.kind.kind.clone(),
        namespace: place.namespace.clone().unwrap_or_default(),
        name: name.to_owned(),
        uid: uid.unwrap_or_default(),
        subresource: place.subresource.clone(),
        manager: parameter(&asked.query, "fieldManager"),
        body: body.clone(),
    };
    if accepted && !dry {
        *world = tried;
    }
    (shaped(reply, asked), (accepted && !dry).then_some(written))
}

/// Whoever asks for metadata gets no more, whatever was asked.
fn shaped(reply: Reply, asked: &Asked) -> Reply {
    let object: Value = serde_json::from_str(&reply.body).unwrap_or_default();
    match lists::wants_metadata(asked, "PartialObjectMetadata") && object["kind"] != "Status" {
        true => Reply { body: lists::metadata(&object).to_string(), ..reply },
        false => reply,
    }
}

fn delete(world: &mut World, place: &Place, options: &Value) -> Reply {
    let Some(found) = laws::find(world, &place.kind, place.namespace.as_deref(), &place.name) else {
        return status::not_found(&place.kind, &place.name);
    };
    let object = world.objects[found].clone();
    for (what, key) in [("UID", "uid"), ("ResourceVersion", "resourceVersion")] {
        let (wanted, is) = (&options["preconditions"][key], &object["metadata"][key]);
        if !wanted.is_null() && wanted != is {
            let message = format!(
                "Operation cannot be fulfilled on {} \"{}\": the {what} in the precondition ({}) does not match the \
                 {what} in record ({}). The object might have been deleted and then recreated",
                place.kind.qualified(),
                place.name,
                wanted.as_str().unwrap_or_default(),
                is.as_str().unwrap_or_default()
            );
            return status::status(409, "Conflict", &message, &status::details(&place.kind, &place.name));
        }
    }
    let policy = options["propagationPolicy"].as_str().unwrap_or_default();
    match laws::delete(world, found, policy, options["gracePeriodSeconds"].as_i64()) {
        Some(held) => Reply::json(200, &held),
        None => {
            let mut details = status::details(&place.kind, &place.name);
            details["uid"] = object["metadata"]["uid"].clone();
            let body = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
                "details": details});
            Reply::json(200, &body)
        }
    }
}

fn create(world: &mut World, place: &Place, body: &Value) -> Reply {
    let kind = &place.kind;
    let name = body["metadata"]["name"].as_str().unwrap_or_default();
    if let Some(refusal) = laws::no_room(world, kind, place.namespace.as_deref(), name) {
        return refusal;
    }
    if let Some(found) = laws::find(world, kind, place.namespace.as_deref(), name) {
        let deleting = laws::is_deleting(&world.objects[found]);
        let before = if deleting { "object is being deleted: " } else { "" };
        let message = format!("{before}{} \"{name}\" already exists", kind.qualified());
        return status::status(409, "AlreadyExists", &message, &status::details(kind, name));
    }
    let mut object = body.clone();
    let version = world.next_version();
    let metadata = &mut object["metadata"];
    metadata["uid"] = Value::from(format!("made-{version}"));
    metadata["resourceVersion"] = Value::from(version.to_string());
    metadata["creationTimestamp"] = Value::from(world.now());
    if let Some(namespace) = &place.namespace {
        metadata["namespace"] = Value::from(namespace.as_str());
    }
    world.objects.push(object.clone());
    Reply::json(201, &object)
}
