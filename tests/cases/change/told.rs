//! What is told of objects beside them: the end of a container, logs, Events.

use super::merge;
use crate::cluster::Cluster;
use crate::cluster::named;
use crate::cluster::text;
use crate::times;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

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

fn one() -> i64 {
    1
}

fn warning() -> String {
    "Warning".to_owned()
}

fn once() -> u32 {
    1
}

impl Crash {
    pub fn apply(&self, cluster: &mut Cluster) -> Result<(), String> {
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

impl Log {
    pub fn apply(&self, cluster: &mut Cluster) -> Result<(), String> {
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
    pub fn apply(&self, cluster: &mut Cluster) -> Result<(), String> {
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
