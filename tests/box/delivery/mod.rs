//! Stand-ins for delivery tools: they make the API calls that Argo CD and Flux make, in the same order.

pub mod argocd;
pub mod flux;

use std::io::Write as _;
use std::process::Stdio;

use serde_json::Value;

use crate::Outcome;
use crate::cluster::Cluster;
use crate::scenario::Sync;

/// The objects of an application.
fn objects(cluster: &Cluster, sync: &Sync) -> Outcome<Vec<Value>> {
    let mut all = Vec::new();
    for chart in &sync.charts {
        for mut object in crate::charts::render(cluster, chart)? {
            let kind = object["kind"].as_str().unwrap_or_default().to_owned();
            if !sync.kinds.is_empty() && !sync.kinds.contains(&kind) {
                continue;
            }
            let cluster_wide = kind.starts_with("Cluster") || kind == "CustomResourceDefinition";
            if !cluster_wide && !object["metadata"]["namespace"].is_string() {
                object["metadata"]["namespace"] = Value::from(chart.namespace.clone());
            }
            without_nulls(&mut object);
            all.push(object);
        }
    }
    Ok(all)
}

/// ARC's charts render `env: null`. An API server drops that from what is created, and refuses it in what is applied.
fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            fields.values_mut().for_each(without_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(without_nulls),
        _ => {}
    }
}

/// Server-side apply: ARC's CRDs are too large for the other one.
fn apply(cluster: &Cluster, manager: &str, objects: &[Value]) -> Outcome<()> {
    if objects.is_empty() {
        return Ok(());
    }
    let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": objects});
    let line = format!("kubectl apply --server-side --force-conflicts --field-manager={manager} -f -");
    let mut child = cluster
        .shell(&line)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(list.to_string().as_bytes()).map_err(|error| error.to_string())?;
    }
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("{line}: {}", String::from_utf8_lossy(&output.stderr))),
    }
}

/// Namespaces first, then CRDs, then what needs them.
fn apply_in_order(cluster: &Cluster, sync: &Sync, manager: &str, objects: &[Value]) -> Outcome<()> {
    for chart in &sync.charts {
        let namespace = serde_json::json!({
            "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": chart.namespace},
        });
        // Both tools can make namespaces; neither tracks one that it made on the way.
        apply(cluster, "namespaces", &[namespace])?;
    }
    let is_crd = |object: &&Value| object["kind"] == "CustomResourceDefinition";
    let crds: Vec<Value> = objects.iter().filter(is_crd).cloned().collect();
    let others: Vec<Value> = objects.iter().filter(|object| !is_crd(object)).cloned().collect();
    apply(cluster, manager, &crds)?;
    if !crds.is_empty() {
        let line = "kubectl wait --for=condition=Established --timeout=180s crd --all";
        crate::process::must(&mut cluster.shell(line))?;
    }
    apply(cluster, manager, &others)
}

/// The path of an object in the API.
fn path(object: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let version = text(&object["apiVersion"]);
    let root = if version.contains('/') { "/apis" } else { "/api" };
    let kind = text(&object["kind"]).to_lowercase();
    let place = match object["metadata"]["namespace"].as_str() {
        Some(namespace) => format!("namespaces/{namespace}/"),
        None => String::new(),
    };
    // None of the kinds in ARC's charts has an irregular plural.
    format!("{root}/{version}/{place}{kind}s/{}", text(&object["metadata"]["name"]))
}
