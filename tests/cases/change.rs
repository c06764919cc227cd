//! What differs from the base.

use crate::case::one_or_many;
use crate::cluster::Cluster;
use crate::cluster::named;
use crate::cluster::text;
use crate::times;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Change {
    /// It is gone, and so is what it owns, or what lies in it.
    Remove(Vec<String>),
    /// Somebody deleted it, and its finalizers hold it.
    Delete(Delete),
    /// A merge patch, at a place in the object if one is told.
    Patch(Patch),
    Add(Vec<Value>),
    /// The same object once more under another name, with a merge patch.
    Copy(Copy),
    /// The container of a pod that is made again and again has just ended, and these were its last lines.
    Crash(Crash),
    /// A live runner set that GitHub does not know yet: no id, no listener, no runners.
    Unregistered(Unregistered),
    /// The last lines of a container's log, instead of those that the base has.
    Log(Log),
    Event(Event),
    /// `helm uninstall`, or Argo CD's deletion of an application: all that it installed is deleted.
    Uninstall(Uninstall),
    /// Somebody deleted the namespace: what no finalizer holds is gone.
    Terminating(Terminating),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delete {
    #[serde(deserialize_with = "one_or_many")]
    what: Vec<String>,
    ago: String,
    #[serde(default)]
    foreground: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patch {
    #[serde(deserialize_with = "one_or_many")]
    what: Vec<String>,
    #[serde(default)]
    at: String,
    with: Value,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Copy {
    what: String,
    #[serde(rename = "as")]
    name: String,
    #[serde(default)]
    with: Value,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crash {
    what: String,
    #[serde(default = "one")]
    exit: i64,
    lines: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unregistered {
    set: String,
    /// When it was made.
    ago: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    of: String,
    container: String,
    lines: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    on: String,
    #[serde(rename = "type", default = "warning")]
    kind: String,
    reason: String,
    message: String,
    ago: String,
    #[serde(default = "once")]
    count: u32,
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

fn warning() -> String {
    "Warning".to_owned()
}

fn once() -> u32 {
    1
}

fn one() -> i64 {
    1
}

impl Change {
    pub fn apply(&self, cluster: &mut Cluster) -> Result<(), String> {
        match self {
            Self::Remove(what) => {
                let found = all(cluster, what)?;
                cluster.remove(&found);
            }
            Self::Delete(delete) => {
                for at in all(cluster, &delete.what)? {
                    let object = &mut cluster.objects[at];
                    if delete.foreground {
                        hold(object, "foregroundDeletion");
                    }
                    if !is_held(object) && text(object, "/kind") != "Pod" {
                        return Err(format!("{} has no finalizer; remove it", named(object)));
                    }
                    deleted(object, &delete.ago)?;
                }
            }
            Self::Patch(patch) => patch.apply(cluster)?,
            Self::Add(objects) => {
                for object in objects {
                    if text(object, "/kind").is_empty() || text(object, "/apiVersion").is_empty() {
                        return Err(format!("an object without kind or apiVersion: {object}"));
                    }
                    cluster.add(object.clone())?;
                }
            }
            Self::Copy(copy) => copy.apply(cluster)?,
            Self::Crash(crash) => crash.apply(cluster)?,
            Self::Unregistered(unregistered) => unregistered.apply(cluster)?,
            Self::Log(log) => log.apply(cluster)?,
            Self::Event(event) => event.apply(cluster)?,
            Self::Uninstall(uninstall) => uninstall.apply(cluster)?,
            Self::Terminating(terminating) => terminating.apply(cluster)?,
        }
        Ok(())
    }
}

fn all(cluster: &Cluster, references: &[String]) -> Result<Vec<usize>, String> {
    let found: Result<Vec<_>, _> = references.iter().map(|reference| cluster.find(reference)).collect();
    Ok(found?.concat())
}

fn is_held(object: &Value) -> bool {
    object.pointer("/metadata/finalizers").and_then(Value::as_array).is_some_and(|held| !held.is_empty())
}

fn hold(object: &mut Value, finalizer: &str) {
    let list = &mut object["metadata"]["finalizers"];
    if list.is_null() {
        *list = json!([]);
    }
    list.as_array_mut().expect("a list").push(finalizer.into());
}

/// A pod's deletionTimestamp lies at the end of its grace period.
fn deleted(object: &mut Value, ago: &str) -> Result<(), String> {
    let seconds = times::duration(ago)?.as_secs();
    let grace = match text(object, "/kind") {
        "Pod" => object.pointer("/spec/terminationGracePeriodSeconds").and_then(Value::as_i64).unwrap_or(30),
        _ => 0,
    };
    let metadata = object["metadata"].as_object_mut().expect("metadata");
    if !metadata.contains_key("deletionTimestamp") {
        let (sign, left) = if seconds >= grace { ('-', seconds - grace) } else { ('+', grace - seconds) };
        metadata.insert("deletionTimestamp".to_owned(), format!("T{sign}{left}s").into());
        metadata.insert("deletionGracePeriodSeconds".to_owned(), grace.into());
    }
    Ok(())
}

/// A merge patch (RFC 7386).
fn merge(target: &mut Value, patch: &Value) {
    let Some(patch) = patch.as_object() else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    let map = target.as_object_mut().expect("an object");
    for (key, value) in patch {
        if value.is_null() {
            map.remove(key);
        } else {
            merge(map.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

impl Patch {
    fn apply(&self, cluster: &mut Cluster) -> Result<(), String> {
        for at in all(cluster, &self.what)? {
            let object = &mut cluster.objects[at];
            let before = object.clone();
            let name = named(object);
            let place = object.pointer_mut(&self.at).ok_or_else(|| format!("{name} has no {}", self.at))?;
            merge(place, &self.with);
            if *object == before {
                return Err(format!("changes nothing in {name}"));
            }
        }
        Ok(())
    }
}

impl Copy {
    fn apply(&self, cluster: &mut Cluster) -> Result<(), String> {
        let found = cluster.find(&self.what)?;
        let [at] = found.as_slice() else { return Err(format!("{} are several", self.what)) };
        let mut object = cluster.objects[*at].clone();
        let metadata = object["metadata"].as_object_mut().expect("metadata");
        metadata.remove("uid");
        metadata.remove("resourceVersion");
        let (namespace, name) = self.name.split_once('/').unwrap_or(("", &self.name));
        metadata.insert("name".to_owned(), name.into());
        if !namespace.is_empty() {
            metadata.insert("namespace".to_owned(), namespace.into());
        }
        if !self.with.is_null() {
            merge(&mut object, &self.with);
        }
        cluster.add(object)
    }
}

impl Crash {
    fn apply(&self, cluster: &mut Cluster) -> Result<(), String> {
        // Writing the log moves the others.
        let pods: Vec<String> =
            cluster.find(&self.what)?.iter().map(|at| named(&cluster.objects[*at])).collect();
        for name in pods {
            let at = cluster.find(&name)?[0];
            let pod = &mut cluster.objects[at];
            let container = text(pod, "/status/containerStatuses/0/name").to_owned();
            let ended = json!({
                "metadata": {"creationTimestamp": "T-20s"},
                "status": {
                    "phase": if self.exit == 0 { "Succeeded" } else { "Failed" },
                    "startTime": "T-20s",
                    "conditions": [
                        {"type": "Initialized", "status": "True", "lastTransitionTime": "T-20s"},
                        {"type": "Ready", "status": "False", "reason": "PodFailed", "lastTransitionTime": "T-9s"},
                        {"type": "PodScheduled", "status": "True", "lastTransitionTime": "T-20s"},
                    ],
                    "containerStatuses": [{
                        "name": container, "image": pod["spec"]["containers"][0]["image"], "ready": false,
                        "started": false, "restartCount": 0, "lastState": {},
                        "state": {"terminated": {
                            "exitCode": self.exit, "reason": if self.exit == 0 { "Completed" } else { "Error" },
                            "startedAt": "T-18s", "finishedAt": "T-9s",
                        }},
                    }],
                },
            });
            merge(pod, &ended);
            let log = Log { of: named(&cluster.objects[at]), container, lines: self.lines.clone() };
            log.apply(cluster)?;
        }
        Ok(())
    }
}

impl Unregistered {
    fn apply(&self, cluster: &mut Cluster) -> Result<(), String> {
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

impl Log {
    fn apply(&self, cluster: &mut Cluster) -> Result<(), String> {
        let pods: Vec<Value> =
            cluster.find(&self.of)?.iter().map(|at| cluster.objects[*at].clone()).collect();
        for pod in pods {
            if text(&pod, "/kind") != "Pod" {
                return Err(format!("{} is no Pod", named(&pod)));
            }
            let metadata =
                json!({"namespace": pod["metadata"]["namespace"], "name": pod["metadata"]["name"]});
            cluster.objects.retain(|object| {
                text(object, "/kind") != "PodLog"
                    || text(object, "/container") != self.container
                    || object["metadata"]["name"] != metadata["name"]
            });
            cluster.objects.push(json!({
                "apiVersion": "kubectl-arc/v1alpha1", "kind": "PodLog", "metadata": metadata,
                "container": self.container, "lines": self.lines,
            }));
        }
        Ok(())
    }
}

impl Event {
    fn apply(&self, cluster: &mut Cluster) -> Result<(), String> {
        times::duration(&self.ago)?;
        for at in cluster.find(&self.on)? {
            let object = &cluster.objects[at];
            let namespace = match text(object, "/metadata/namespace") {
                "" => "default",
                namespace => namespace,
            };
            let when = format!("T-{}", self.ago);
            let event = json!({
                "apiVersion": "v1", "kind": "Event",
                "metadata": {
                    "name": format!("{}.{:x}", text(object, "/metadata/name"), 0x18e9_fa69_30ae_1a45_usize + cluster.objects.len()),
                    "namespace": namespace, "creationTimestamp": when,
                },
                "involvedObject": {
                    "apiVersion": object["apiVersion"], "kind": object["kind"], "name": object["metadata"]["name"],
                    "namespace": object["metadata"]["namespace"], "uid": object["metadata"]["uid"],
                },
                "type": self.kind, "reason": self.reason, "message": self.message, "count": self.count,
                "firstTimestamp": when, "lastTimestamp": when,
            });
            cluster.add(event)?;
        }
        Ok(())
    }
}

impl Uninstall {
    fn apply(&self, cluster: &mut Cluster) -> Result<(), String> {
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
    fn apply(&self, cluster: &mut Cluster) -> Result<(), String> {
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
