//! ARC's own charts, and what they render.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::Outcome;
use crate::cluster::Cluster;
use crate::process;
use crate::scenario::Chart;
use crate::scenario::Install;

/// What ARC's module on the proxy is; the other versions are the same with another stamp (tests/cluster/README.md).
const VERSION: &str = "0.6.1";

/// The folder of a chart.
fn folder(cluster: &Cluster, install: &Install) -> PathBuf {
    let name = match install.chart {
        Chart::Controller => "gha-runner-scale-set-controller",
        Chart::RunnerSet => "gha-runner-scale-set",
    };
    cluster.bin.join("charts").join(install.version.as_deref().unwrap_or(VERSION)).join(name)
}

/// The values as a file, which is JSON and therefore YAML.
fn values(cluster: &Cluster, install: &Install) -> Outcome<PathBuf> {
    let path = cluster.folder.path().join(format!("{}-{}.values.json", install.namespace, install.release));
    let text = if install.values.is_null() { "{}".to_owned() } else { install.values.to_string() };
    fs::write(&path, text).map_err(|error| error.to_string())?;
    Ok(path)
}

/// `helm upgrade --install`.
pub fn install(cluster: &Cluster, install: &Install) -> Outcome<()> {
    let (chart, values) = (folder(cluster, install), values(cluster, install)?);
    let (chart, values) = (chart.to_string_lossy(), values.to_string_lossy());
    let mut arguments = vec!["upgrade", "--install", &install.release, &chart, "-n", &install.namespace];
    arguments.extend(["--create-namespace", "-f", &values]);
    if install.chart == Chart::Controller && install.wait {
        arguments.extend(["--wait", "--timeout", "180s"]);
    }
    process::must(&mut cluster.helm(&arguments)).map(|_| ())
}

/// What `helm template` makes of it, CRDs first; each object knows its namespace.
pub fn render(cluster: &Cluster, install: &Install) -> Outcome<Vec<Value>> {
    let (chart, values) = (folder(cluster, install), values(cluster, install)?);
    let (chart, values) = (chart.to_string_lossy(), values.to_string_lossy());
    let arguments =
        ["template", &install.release, &chart, "-n", &install.namespace, "--include-crds", "-f", &values];
    let text = process::must(&mut cluster.helm(&arguments))?;
    let documents = text.split("\n---").map(|document| document.trim_start_matches("---"));
    documents
        .filter(|document| document.lines().any(|line| !line.trim().is_empty() && !line.starts_with('#')))
        .map(|document| serde_saphyr::from_str(document).map_err(|error| format!("{chart}: {error}")))
        .collect()
}
