//! Objects as the server sends them: one, or page by page, whole or their metadata alone.

use serde_json::Value;
use serde_json::json;

use super::Asked;
use super::routes::Target;
use super::routes::parameter;
use super::selector::matches_fields;
use super::selector::matches_labels;
use super::status;
use super::status::Reply;
use super::world::World;

pub fn get(world: &World, asked: &Asked, target: &Target, whole: bool) -> Reply {
    let found = objects(world, target).find(|object| object["metadata"]["name"] == *target.name);
    match found {
        Some(object) if wants_metadata(asked, "PartialObjectMetadata") && !whole => {
            Reply::json(200, &metadata(object))
        }
        Some(object) => Reply::json(200, object),
        None => status::not_found(target.kind, &target.name),
    }
}

pub fn list(world: &World, asked: &Asked, target: &Target, whole: bool) -> Reply {
    let query = |name| parameter(&asked.query, name);
    let (labels, fields) = (query("labelSelector"), query("fieldSelector"));
    let mut objects: Vec<&Value> = objects(world, target)
        .filter(|object| matches_labels(object, &labels) && matches_fields(object, &fields))
        .collect();
    // etcd's order.
    objects.sort_by_key(|object| {
        let text = |key: &str| object["metadata"][key].as_str().unwrap_or_default().to_owned();
        (text("namespace"), text("name"))
    });
    let limit = query("limit").parse().unwrap_or(usize::MAX).min(world.page_size).max(1);
    let start: usize = query("continue").trim_start_matches("from-").parse().unwrap_or(0);
    let page: Vec<&Value> = objects.iter().skip(start).take(limit).copied().collect();
    let left = objects.len().saturating_sub(start + page.len());

    let as_metadata = wants_metadata(asked, "PartialObjectMetadataList") && !whole;
    let item = |object: &Value| match as_metadata {
        true => metadata(object),
        // What Kubernetes itself stores has its kind taken off in lists, custom resources keep it.
        false if target.kind.built_in => without_type(object),
        false => object.clone(),
    };
    let mut list = match as_metadata {
        true => json!({"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1"}),
        false => {
            json!({"kind": format!("{}List", target.kind.kind), "apiVersion": target.kind.api_version()})
        }
    };
    list["metadata"] = json!({"resourceVersion": "1000000"});
    if left > 0 {
        list["metadata"]["continue"] = Value::from(format!("from-{}", start + page.len()));
        list["metadata"]["remainingItemCount"] = Value::from(left);
    }
    list["items"] = page.into_iter().map(item).collect();
    Reply::json(200, &list)
}

fn objects<'a>(world: &'a World, target: &'a Target) -> impl Iterator<Item = &'a Value> {
    world.objects.iter().filter(|object| {
        let version = object["apiVersion"].as_str().unwrap_or_default();
        let group = version.split_once('/').map_or("", |(group, _)| group);
        let namespace = object["metadata"]["namespace"].as_str();
        object["kind"] == *target.kind.kind
            && group == target.kind.group
            && (target.namespace.is_none() || namespace == target.namespace.as_deref())
    })
}

pub fn wants_metadata(asked: &Asked, kind: &str) -> bool {
    let wanted = format!("as={kind}");
    asked.accept.split([',', ';']).any(|part| part.trim() == wanted)
}

pub fn metadata(object: &Value) -> Value {
    json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"]})
}

fn without_type(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(map) = object.as_object_mut() {
        map.remove("kind");
        map.remove("apiVersion");
    }
    object
}
