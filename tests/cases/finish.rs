//! From the objects to the file: what follows from the rest is added, what was not read is taken out.

use crate::base;
use crate::case::Coverage;
use crate::cluster::Cluster;
use crate::cluster::text;
use crate::times;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

pub fn file(mut cluster: Cluster, coverage: &[Coverage]) -> Result<String, String> {
    for (namespace, failure) in cluster.terminating.clone() {
        conditions(&mut cluster, &namespace, failure.as_deref());
    }
    drop_logs(&mut cluster);
    let mut header = base::snapshot()?;
    for unread in coverage {
        leave_out(&mut cluster, &mut header, unread)?;
    }
    let mut documents = vec![header];
    documents.append(&mut cluster.objects);
    documents.iter_mut().for_each(times::resolve);
    Ok(documents.iter().map(Value::to_string).collect::<Vec<_>>().join("\n---\n"))
}

/// The conditions that the namespace controller writes while something is left.
fn conditions(cluster: &mut Cluster, namespace: &str, failure: Option<&str>) {
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut finalizers: BTreeMap<String, usize> = BTreeMap::new();
    for object in &cluster.objects {
        let kind = text(object, "/kind");
        if text(object, "/metadata/namespace") != namespace || ["PodLog", "Event"].contains(&kind) {
            continue;
        }
        let group = text(object, "/apiVersion").rsplit_once('/').map_or("", |(group, _)| group);
        *kinds.entry(format!("{}.{group}", plural(kind))).or_default() += 1;
        for finalizer in
            object.pointer("/metadata/finalizers").and_then(Value::as_array).into_iter().flatten()
        {
            *finalizers.entry(finalizer.as_str().unwrap_or_default().to_owned()).or_default() += 1;
        }
    }
    let Ok(at) = cluster.find(&format!("Namespace {namespace}")) else { return };
    let object = &mut cluster.objects[at[0]];
    let since = text(object, "/metadata/deletionTimestamp").to_owned();
    let condition = |kind: &str, is_true: bool, reason: &str, message: String| {
        json!({"type": kind, "status": if is_true { "True" } else { "False" }, "reason": reason,
               "message": message, "lastTransitionTime": since})
    };
    let counted = |counts: &BTreeMap<String, usize>, word: &str| {
        let parts = counts.iter().map(|(name, count)| format!("{name} {word} {count} resource instances"));
        parts.collect::<Vec<_>>().join(", ")
    };
    let (remains, held) = (!kinds.is_empty(), !finalizers.is_empty());
    object["status"]["conditions"] = json!([
        condition(
            "NamespaceDeletionDiscoveryFailure",
            failure.is_some(),
            if failure.is_some() { "DiscoveryFailed" } else { "ResourcesDiscovered" },
            failure.unwrap_or("All resources successfully discovered").to_owned(),
        ),
        condition(
            "NamespaceDeletionGroupVersionParsingFailure",
            false,
            "ParsedGroupVersions",
            "All legacy kube types successfully parsed".to_owned(),
        ),
        condition(
            "NamespaceDeletionContentFailure",
            false,
            "ContentDeleted",
            "All content successfully deleted, may be waiting on finalization".to_owned(),
        ),
        condition(
            "NamespaceContentRemaining",
            remains,
            if remains { "SomeResourcesRemain" } else { "ContentRemoved" },
            if remains {
                format!("Some resources are remaining: {}", counted(&kinds, "has"))
            } else {
                "All content successfully removed".to_owned()
            },
        ),
        condition(
            "NamespaceFinalizersRemaining",
            held,
            if held { "SomeFinalizersRemain" } else { "ContentHasNoFinalizers" },
            if held {
                format!(
                    "Some content in the namespace has finalizers remaining: {}",
                    counted(&finalizers, "in")
                )
            } else {
                "All content-preserving finalizers finished".to_owned()
            },
        ),
    ]);
}

fn plural(kind: &str) -> String {
    let lower = kind.to_lowercase();
    match lower.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None if lower.ends_with('s') => format!("{lower}es"),
        None => format!("{lower}s"),
    }
}

/// The log of a pod that is gone cannot be read.
fn drop_logs(cluster: &mut Cluster) {
    let place = |object: &Value| {
        format!("{}/{}", text(object, "/metadata/namespace"), text(object, "/metadata/name"))
    };
    let pods: BTreeSet<String> =
        cluster.objects.iter().filter(|object| text(object, "/kind") == "Pod").map(place).collect();
    cluster.objects.retain(|object| text(object, "/kind") != "PodLog" || pods.contains(&place(object)));
}

/// What somebody was not allowed to read, or did not.
fn leave_out(cluster: &mut Cluster, header: &mut Value, unread: &Coverage) -> Result<(), String> {
    if unread.kind == "PodLog" {
        cluster.objects.retain(|object| {
            text(object, "/kind") != "PodLog"
                || !is_in(&unread.namespaces, text(object, "/metadata/namespace"))
        });
        return Ok(());
    }
    let namespaces: Vec<String> = cluster
        .objects
        .iter()
        .filter(|object| text(object, "/kind") == "Namespace")
        .map(|object| text(object, "/metadata/name").to_owned())
        .collect();
    let entries = header["coverage"].as_array_mut().ok_or("base/snapshot.yaml has no coverage")?;
    let is_of = |entry: &Value| text(entry, "/kind") == unread.kind;
    let at = entries.iter().position(is_of).ok_or_else(|| format!("no kind {} is covered", unread.kind))?;
    let mut error = entries[at].clone();
    error["error"] = unread.error.as_str().into();
    if unread.namespaces.is_empty() {
        entries[at] = error;
    } else {
        error["namespaces"] = json!(unread.namespaces);
        let rest: Vec<&String> =
            namespaces.iter().filter(|namespace| !unread.namespaces.contains(namespace)).collect();
        entries[at]["namespaces"] = json!(rest);
        entries.push(error);
    }
    cluster.objects.retain(|object| {
        text(object, "/kind") != unread.kind
            || !is_in(&unread.namespaces, text(object, "/metadata/namespace"))
    });
    Ok(())
}

fn is_in(namespaces: &[String], namespace: &str) -> bool {
    namespaces.is_empty() || namespaces.iter().any(|one| one == namespace)
}
