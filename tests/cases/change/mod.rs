//! What differs from the base.

mod fate;
mod told;

use self::fate::Terminating;
use self::fate::Uninstall;
use self::fate::Unregistered;
use self::told::Crash;
use self::told::Event;
use self::told::Log;
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
