//! What keeps an object from going, and what goes with it: finalizers, grace, dependents, namespaces, CRDs.
//!
//! What several controllers of a real cluster do in seconds (the garbage collector, the namespace controller, the CRD
//! finalizer) happens here with the write that causes it. ARC's own controllers do not: a test plays them with
//! [`super::Api::change`].

use serde_json::Value;
use serde_json::json;

use super::kinds::Kind;
use super::status;
use super::status::Reply;
use super::world::World;

/// The place of an object in the world.
pub fn find(world: &World, kind: &Kind, namespace: Option<&str>, name: &str) -> Option<usize> {
    world.objects.iter().position(|object| {
        object["kind"] == *kind.kind
            && group(object) == kind.group
            && object["metadata"]["namespace"].as_str() == namespace
            && object["metadata"]["name"] == *name
    })
}

fn group(object: &Value) -> &str {
    let version = object["apiVersion"].as_str().unwrap_or_default();
    version.split_once('/').map_or("", |(group, _)| group)
}

pub fn is_deleting(object: &Value) -> bool {
    object["metadata"]["deletionTimestamp"].is_string()
}

fn holds(object: &Value, finalizer: &str) -> bool {
    let held = object["metadata"]["finalizers"].as_array();
    held.is_some_and(|held| held.iter().any(|one| one == finalizer))
}

/// Takes out what the API leaves out when it is empty.
pub fn tidy(object: &mut Value) {
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.retain(|_, value| match value {
            Value::Array(items) => !items.is_empty(),
            Value::Object(map) => !map.is_empty(),
            Value::Null => false,
            _ => true,
        });
    }
}

/// Why nothing can be made here.
pub fn no_room(world: &World, kind: &Kind, namespace: Option<&str>, name: &str) -> Option<Reply> {
    let crd = world.objects.iter().find(|object| {
        object["kind"] == "CustomResourceDefinition"
            && object["spec"]["group"] == *kind.group
            && object["spec"]["names"]["kind"] == *kind.kind
    });
    if crd.is_some_and(is_deleting) {
        let message = "create not allowed while custom resource definition is terminating";
        return Some(status::status(405, "MethodNotAllowed", message, &json!({})));
    }
    let namespace = namespace?;
    let is_it = |object: &&Value| object["kind"] == "Namespace" && object["metadata"]["name"] == *namespace;
    match world.objects.iter().find(is_it) {
        Some(object) if is_deleting(object) => {
            let message = format!(
                "{} \"{name}\" is forbidden: unable to create new content in namespace {namespace} because it is being \
                 terminated",
                kind.qualified()
            );
            let mut details = status::details(kind, name);
            details["causes"] = json!([{"reason": "NamespaceTerminating", "field": "metadata.namespace",
                "message": format!("namespace {namespace} is being terminated")}]);
            Some(status::status(403, "Forbidden", &message, &details))
        }
        Some(_) => None,
        // A snapshot need not hold the Namespace object of what stands in it.
        None if world.objects.iter().any(|object| object["metadata"]["namespace"] == *namespace) => None,
        None => {
            let message = format!("namespaces \"{namespace}\" not found");
            Some(status::status(404, "NotFound", &message, &json!({"name": namespace, "kind": "namespaces"})))
        }
    }
}

/// Asks for a deletion. The object as it is then; None: it went at once.
pub fn delete(world: &mut World, place: usize, policy: &str, grace: Option<i64>) -> Option<Value> {
    let (now, version) = (world.now(), world.next_version().to_string());
    let object = &mut world.objects[place];
    let (kind, uid) = (text(object, "/kind"), text(object, "/metadata/uid"));
    let first = !is_deleting(object);
    propagate(object, policy);
    if first && kind == "CustomResourceDefinition" {
        hold(object, "customresourcecleanup.apiextensions.k8s.io");
    }
    // Only a pod on a node is given time.
    let own = object["spec"]["terminationGracePeriodSeconds"].as_i64().unwrap_or(30);
    let on_node = kind == "Pod" && object["spec"]["nodeName"].is_string();
    let grace = if on_node { grace.unwrap_or(own) } else { 0 };
    let metadata = &mut object["metadata"];
    if first {
        metadata["deletionTimestamp"] = now.into();
        metadata["deletionGracePeriodSeconds"] = grace.into();
    } else if grace < metadata["deletionGracePeriodSeconds"].as_i64().unwrap_or_default() {
        metadata["deletionGracePeriodSeconds"] = grace.into();
    }
    metadata["resourceVersion"] = version.into();
    tidy(object);
    if kind == "Namespace" {
        object["status"]["phase"] = "Terminating".into();
        if object["spec"]["finalizers"].is_null() {
            object["spec"]["finalizers"] = json!(["kubernetes"]);
        }
    }
    let object = object.clone();
    if first {
        delete_content(world, &object);
    }
    if holds(&object, "foregroundDeletion") {
        delete_dependents(world, &uid);
    }
    settle(world);
    world.objects.iter().find(|object| object["metadata"]["uid"] == *uid).cloned()
}

/// The garbage collector's finalizers, as a deletion asks for them; without a wish what is there stays.
fn propagate(object: &mut Value, policy: &str) {
    if policy.is_empty() {
        return;
    }
    if let Some(held) = object["metadata"]["finalizers"].as_array_mut() {
        held.retain(|one| one != "foregroundDeletion" && one != "orphan");
    }
    match policy {
        "Foreground" => hold(object, "foregroundDeletion"),
        "Orphan" => hold(object, "orphan"),
        _ => {}
    }
}

fn hold(object: &mut Value, finalizer: &str) {
    if !holds(object, finalizer) {
        match object["metadata"]["finalizers"].as_array_mut() {
            Some(held) => held.push(finalizer.into()),
            None => object["metadata"]["finalizers"] = json!([finalizer]),
        }
    }
}

/// What a namespace or a CRD takes with it.
fn delete_content(world: &mut World, of: &Value) {
    let inside = |object: &Value| match of["kind"].as_str() {
        Some("Namespace") => object["metadata"]["namespace"] == of["metadata"]["name"],
        Some("CustomResourceDefinition") => {
            object["kind"] == of["spec"]["names"]["kind"] && group(object) == of["spec"]["group"]
        }
        _ => false,
    };
    let uids: Vec<String> = world
        .objects
        .iter()
        .filter(|object| inside(object))
        .map(|object| text(object, "/metadata/uid"))
        .collect();
    delete_each(world, &uids);
}

fn delete_dependents(world: &mut World, owner: &str) {
    let uids: Vec<String> = world
        .objects
        .iter()
        .filter(|object| owners(object).contains(&owner.to_owned()))
        .map(|object| text(object, "/metadata/uid"))
        .collect();
    delete_each(world, &uids);
}

fn delete_each(world: &mut World, uids: &[String]) {
    for uid in uids {
        let live = |object: &Value| object["metadata"]["uid"] == **uid && !is_deleting(object);
        if let Some(place) = world.objects.iter().position(live) {
            delete(world, place, "Background", None);
        }
    }
}

fn owners(object: &Value) -> Vec<String> {
    let references = object["metadata"]["ownerReferences"].as_array();
    references.into_iter().flatten().map(|owner| text(owner, "/uid")).collect()
}

/// The object may go, if nothing holds it any more.
pub fn let_go(world: &mut World, place: usize) {
    if is_deleting(&world.objects[place]) {
        settle(world);
    }
}

/// Takes away what was to go and is held by nothing, until nothing more goes.
fn settle(world: &mut World) {
    loop {
        for place in 0..world.objects.len() {
            release(world, place);
        }
        let Some(place) = world.objects.iter().position(may_go) else { return };
        let gone = world.objects.remove(place);
        if gone["kind"] == "CustomResourceDefinition" {
            let (of, kind) = (text(&gone, "/spec/group"), text(&gone, "/spec/names/kind"));
            world.kinds.retain(|known| known.built_in || known.group != of || known.kind != kind);
        }
        // The garbage collector: a dependent goes with its last owner.
        let owner = text(&gone, "/metadata/uid");
        let left = |object: &&Value| {
            let owners = owners(object);
            owners.contains(&owner)
                && !owners.iter().any(|uid| world.objects.iter().any(|one| one["metadata"]["uid"] == **uid))
        };
        let orphans: Vec<String> =
            world.objects.iter().filter(left).map(|object| text(object, "/metadata/uid")).collect();
        if !holds(&gone, "orphan") {
            delete_each(world, &orphans);
        }
    }
}

fn may_go(object: &Value) -> bool {
    let empty = |value: &Value| value.as_array().is_none_or(Vec::is_empty);
    is_deleting(object)
        && empty(&object["metadata"]["finalizers"])
        && object["metadata"]["deletionGracePeriodSeconds"].as_i64().unwrap_or_default() == 0
        && (object["kind"] != "Namespace" || empty(&object["spec"]["finalizers"]))
}

/// Takes off the finalizers of controllers that have nothing left to do.
fn release(world: &mut World, place: usize) {
    let object = &world.objects[place];
    if !is_deleting(object) {
        return;
    }
    let (name, uid) = (text(object, "/metadata/name"), text(object, "/metadata/uid"));
    let any = |is: &dyn Fn(&Value) -> bool| world.objects.iter().any(is);
    let done = match object["kind"].as_str() {
        Some("CustomResourceDefinition") => {
            let (of, kind) = (&object["spec"]["group"], &object["spec"]["names"]["kind"]);
            (!any(&|other| other["kind"] == *kind && group(other) == *of))
                .then_some("customresourcecleanup.apiextensions.k8s.io")
        }
        Some("Namespace") => (!any(&|other| other["metadata"]["namespace"] == *name)).then_some("kubernetes"),
        _ => None,
    };
    let blocks = |other: &Value| {
        let references = other["metadata"]["ownerReferences"].as_array();
        references
            .into_iter()
            .flatten()
            .any(|owner| owner["uid"] == *uid && owner["blockOwnerDeletion"] == true)
    };
    let alone = !any(&blocks);
    let object = &mut world.objects[place];
    for list in ["/metadata/finalizers", "/spec/finalizers"] {
        if let Some(held) = object.pointer_mut(list).and_then(Value::as_array_mut) {
            held.retain(|one| Some(one.as_str().unwrap_or_default()) != done);
            held.retain(|one| !(alone && one == "foregroundDeletion"));
        }
    }
}

fn text(object: &Value, pointer: &str) -> String {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}
