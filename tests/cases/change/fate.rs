//! What happens to many objects at once: a set that was never registered, an uninstall, the end of a namespace.

use super::all;
use super::deleted;
use super::is_held;
use super::merge;
use crate::cluster::Cluster;
use crate::cluster::text;
use crate::times;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unregistered {
    set: String,
    /// When it was made.
    ago: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Uninstall {
    release: String,
    ago: String,
    /// What the controller has let go of since.
    #[serde(default)]
    gone: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terminating {
    namespace: String,
    ago: String,
    /// What is still there without a finalizer, such as pods that have not ended.
    #[serde(default)]
    keep: Vec<String>,
    /// What an aggregated API that is down says.
    discovery_failure: Option<String>,
}

impl Unregistered {
    pub fn apply(&self, cluster: &mut Cluster) -> Result<(), String> {
        times::duration(&self.ago)?;
        let (namespace, name) = self.set.split_once('/').ok_or("a set is told as namespace/name")?;
        let children = [
            format!("AutoscalingListener */{name}-*-listener"),
            format!("EphemeralRunnerSet {namespace}/{name}*"),
            format!("Role* {namespace}/{name}-*-listener"),
        ];
        let gone = all(cluster, &children)?;
        let at = cluster.find(&format!("AutoscalingRunnerSet {}", self.set))?[0];
        let annotations = [
            "runner-scale-set-id",
            "actions.github.com/runner-group-name",
            "actions.github.com/runner-scale-set-name",
            "runner-scale-set-name",
        ];
        let labels = ["actions.github.com/organization", "actions.github.com/repository"];
        let none = |keys: &[&str]| keys.iter().map(|key| ((*key).to_owned(), Value::Null)).collect::<Value>();
        merge(
            &mut cluster.objects[at],
            &json!({
                "metadata": {
                    "creationTimestamp": format!("T-{}", self.ago),
                    "annotations": none(&annotations), "labels": none(&labels),
                },
                "status": null,
            }),
        );
        cluster.remove(&gone);
        Ok(())
    }
}

impl Uninstall {
    pub fn apply(&self, cluster: &mut Cluster) -> Result<(), String> {
        let release = self.release.as_str();
        let is_of = |object: &Value| {
            let annotation = |name: &str| {
                object.pointer("/metadata/annotations").and_then(|all| all.get(name)).and_then(Value::as_str)
            };
            annotation("meta.helm.sh/release-name") == Some(release)
                || annotation("argocd.argoproj.io/tracking-id")
                    .is_some_and(|id| id.split(':').next() == Some(release))
                || (text(object, "/type") == "helm.sh/release.v1"
                    && text(object, "/metadata/labels/name") == release)
        };
        if !cluster.objects.iter().any(is_of) {
            return Err(format!("nothing was installed as {release:?}"));
        }
        let mut gone = all(cluster, &self.gone)?;
        for (at, object) in cluster.objects.iter_mut().enumerate().filter(|(_, object)| is_of(object)) {
            if is_held(object) {
                deleted(object, &self.ago)?;
            } else {
                gone.push(at);
            }
        }
        cluster.remove(&gone);
        Ok(())
    }
}

impl Terminating {
    pub fn apply(&self, cluster: &mut Cluster) -> Result<(), String> {
        let at = cluster.find(&format!("Namespace {}", self.namespace))?;
        deleted(&mut cluster.objects[at[0]], &self.ago)?;
        cluster.objects[at[0]]["status"]["phase"] = "Terminating".into();
        let kept: Vec<usize> = all(cluster, &self.keep)?;
        let mut gone = Vec::new();
        for (at, object) in cluster.objects.iter_mut().enumerate() {
            let is_content = text(object, "/metadata/namespace") == self.namespace
                && !["PodLog", "Event"].contains(&text(object, "/kind"));
            if !is_content {
                continue;
            }
            if is_held(object) || kept.contains(&at) {
                deleted(object, &self.ago)?;
            } else {
                gone.push(at);
            }
        }
        cluster.objects = {
            let mut at = 0;
            std::mem::take(&mut cluster.objects)
                .into_iter()
                .filter(|_| {
                    at += 1;
                    !gone.contains(&(at - 1))
                })
                .collect()
        };
        cluster.terminating.push((self.namespace.clone(), self.discovery_failure.clone()));
        Ok(())
    }
}
