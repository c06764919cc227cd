//! A stand-in for the deletion of an Argo CD application.
//!
//! Argo CD's own engine is no library that could be used apart from it. What it does with its resources finalizer is
//! little, and is done here by the same calls:
//!
//! - What it applied is found again by its tracking id (an annotation); what was copied to children does not count.
//! - Nothing is deleted as long as anything of it is terminating.
//! - Then everything in the highest sync wave is deleted at once, in the foreground.
//! - CRDs, and what says `Delete=false`, are left.

use std::thread;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;
use serde_json::json;

use super::apply_in_order;
use super::objects;
use super::path;
use crate::Outcome;
use crate::api::Api;
use crate::cluster::Cluster;
use crate::look::Id;
use crate::look::Look;
use crate::scenario::Sync;

const TRACKING: &str = "argocd.argoproj.io/tracking-id";
const WAVE: &str = "argocd.argoproj.io/sync-wave";
const OPTIONS: &str = "argocd.argoproj.io/sync-options";
/// The name under which it applies.
const MANAGER: &str = "argocd-controller";
/// If nothing moved for so long, Argo CD is left waiting.
const PATIENCE: Duration = Duration::from_secs(6);

/// Applies everything with the marks of an application.
pub fn sync(cluster: &Cluster, sync: &Sync) -> Outcome<()> {
    let mut objects = objects(cluster, sync)?;
    for object in &mut objects {
        let tracking = tracking_id(&sync.application, object);
        let kind = object["kind"].as_str().unwrap_or_default().to_owned();
        let annotations = &mut object["metadata"]["annotations"];
        if !annotations.is_object() {
            *annotations = json!({});
        }
        annotations[TRACKING] = Value::from(tracking);
        if let Some(wave) = sync.waves.get(&kind) {
            annotations[WAVE] = Value::from(wave.to_string());
        }
    }
    apply_in_order(cluster, sync, MANAGER, &objects)
}

/// `APPLICATION:GROUP/KIND:NAMESPACE/NAME`
fn tracking_id(application: &str, object: &Value) -> String {
    let id = Id::of(object);
    let version = object["apiVersion"].as_str().unwrap_or_default();
    let group = version.split_once('/').map_or("", |(group, _)| group);
    format!("{application}:{group}/{}:{}/{}", id.kind, id.namespace, id.name)
}

/// Deletes the application, wave for wave, until all is gone or nothing moves. Calling it again goes on.
pub fn delete(api: &Api, application: &str) -> Outcome<()> {
    let mut moved = Instant::now();
    let mut before = None;
    loop {
        let mut all: Vec<Value> = Look::at(api)?.0.into_values().collect();
        all.retain(|object| {
            let annotation =
                |name: &str| object["metadata"]["annotations"][name].as_str().unwrap_or_default();
            annotation(TRACKING) == tracking_id(application, object)
                && object["kind"] != "CustomResourceDefinition"
                && !annotation(OPTIONS).contains("Delete=false")
        });
        let is_deleting = |object: &Value| object["metadata"]["deletionTimestamp"].is_string();
        if all.is_empty() {
            return Ok(());
        }
        if !all.iter().any(is_deleting) {
            let highest = all.iter().map(wave).max();
            let options =
                json!({"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Foreground"});
            for object in all.iter().filter(|object| Some(wave(object)) == highest) {
                api.delete(&path(object), &options)?;
            }
        }
        let now: Vec<String> =
            all.iter().map(|object| format!("{} {}", Id::of(object), is_deleting(object))).collect();
        if before.as_ref() != Some(&now) {
            (moved, before) = (Instant::now(), Some(now));
        }
        if moved.elapsed() > PATIENCE {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(300));
    }
}

fn wave(object: &Value) -> i64 {
    let wave = object["metadata"]["annotations"][WAVE].as_str().unwrap_or_default();
    wave.parse().unwrap_or_default()
}
