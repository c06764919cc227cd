//! `/version`, `/api`, `/apis` and what is below them, in one answer or in many.

use serde_json::Value;
use serde_json::json;

use super::kinds::Kind;
use super::status;
use super::status::Reply;
use super::world::World;

const VERBS: [&str; 8] = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/// None if the path is none of these.
pub fn answer(world: &World, path: &str, accept: &str) -> Option<Reply> {
    let aggregated = world.aggregated_discovery && accept.contains("as=APIGroupDiscoveryList");
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let reply = match segments[..] {
        ["version"] => Reply::json(
            200,
            &json!({"major": "1", "minor": "36", "gitVersion": world.version, "platform": "linux/amd64"}),
        ),
        ["readyz" | "livez" | "healthz"] => Reply::text(200, "text/plain", "ok"),
        ["api"] if aggregated => everything(world, true),
        ["apis"] if aggregated => everything(world, false),
        ["api"] => Reply::json(200, &json!({"kind": "APIVersions", "versions": ["v1"]})),
        ["apis"] => {
            let groups: Vec<Value> = groups(world).iter().map(|group| api_group(world, group)).collect();
            Reply::json(200, &json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}))
        }
        ["api", "v1"] => resources(world, "v1"),
        ["apis", group] => match groups(world).iter().any(|known| known == group) {
            true => {
                let mut body = api_group(world, group);
                body["kind"] = Value::from("APIGroup");
                body["apiVersion"] = Value::from("v1");
                Reply::json(200, &body)
            }
            false => status::no_such_path(),
        },
        ["apis", group, version] => resources(world, &format!("{group}/{version}")),
        _ => return None,
    };
    Some(reply)
}

/// The groups in the order in which they were made known, the core group left out.
fn groups(world: &World) -> Vec<String> {
    let broken = world.broken_groups.iter().filter_map(|version| Some(version.split_once('/')?.0.to_owned()));
    let mut groups: Vec<String> = Vec::new();
    for group in world.served().map(|kind| kind.group.clone()).chain(broken) {
        if !group.is_empty() && !groups.contains(&group) {
            groups.push(group);
        }
    }
    groups
}

fn versions(world: &World, group: &str) -> Vec<String> {
    let broken = world.broken_groups.iter().filter_map(|version| version.split_once('/'));
    let broken = broken.filter(|(known, _)| *known == group).map(|(_, version)| version.to_owned());
    let served = world.served().filter(|kind| kind.group == group).map(|kind| kind.version.clone());
    let mut versions: Vec<String> = Vec::new();
    for version in served.chain(broken) {
        if !versions.contains(&version) {
            versions.push(version);
        }
    }
    versions
}

fn api_group(world: &World, group: &str) -> Value {
    let version =
        |version: &String| json!({"groupVersion": format!("{group}/{version}"), "version": version});
    let versions: Vec<Value> = versions(world, group).iter().map(version).collect();
    json!({"name": group, "versions": versions, "preferredVersion": versions[0]})
}

/// An APIResourceList.
fn resources(world: &World, api_version: &str) -> Reply {
    if world.broken_groups.iter().any(|broken| broken == api_version) {
        return Reply::text(503, "text/plain", "service unavailable\n");
    }
    let kinds: Vec<&Kind> = world.served().filter(|kind| kind.api_version() == api_version).collect();
    if kinds.is_empty() {
        return status::no_such_path();
    }
    let resource = |kind: &&Kind| {
        json!({"name": kind.plural, "singularName": kind.kind.to_lowercase(), "namespaced": kind.namespaced,
            "kind": kind.kind, "verbs": VERBS, "shortNames": kind.short})
    };
    let resources: Vec<Value> = kinds.iter().map(resource).collect();
    let body = json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": api_version,
        "resources": resources});
    Reply::json(200, &body)
}

/// An APIGroupDiscoveryList.
fn everything(world: &World, core: bool) -> Reply {
    let groups = if core { vec![String::new()] } else { groups(world) };
    let resource = |kind: &Kind| {
        json!({
            "resource": kind.plural,
            "responseKind": {"group": kind.group, "version": kind.version, "kind": kind.kind},
            "scope": if kind.namespaced { "Namespaced" } else { "Cluster" },
            "singularResource": kind.kind.to_lowercase(), "verbs": VERBS, "shortNames": kind.short,
        })
    };
    let version = |group: &str, version: &String| {
        let broken = world.broken_groups.contains(&format!("{group}/{version}"));
        let kinds = world.served().filter(|kind| kind.group == group && kind.version == *version && !broken);
        json!({"version": version, "resources": kinds.map(resource).collect::<Vec<_>>(),
            "freshness": if broken { "Stale" } else { "Current" }})
    };
    let group = |group: &String| {
        let versions: Vec<Value> = versions(world, group).iter().map(|v| version(group, v)).collect();
        json!({"metadata": {"name": group, "creationTimestamp": null}, "versions": versions})
    };
    let items: Vec<Value> = groups.iter().map(group).collect();
    let body = json!({"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {},
        "items": items});
    let content_type = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    Reply::text(200, content_type, &body.to_string())
}
