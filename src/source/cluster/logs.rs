//! The tails of a pod's logs.

use kube::Client;

use crate::arc;
use crate::model::Lookup;
use crate::model::ObjectId;
use crate::model::PodLog;
use crate::model::Reading;
use crate::model::Snapshot;
use crate::source::redact;

use super::fetch;
use super::fetch::Failure;
use super::resource::Resource;
use super::resource::encode;
use super::resource::is_possible_name;

/// How many lines from the end: some minutes of a busy controller, and more than its longest pause between two
/// attempts for a quiet one.
const LINES: usize = 2000;
/// How many bytes at most. The server counts them from the first of these lines on, so that this must not be
/// reached by ordinary lines.
const BYTES: usize = 4 << 20;
/// How much of a line is kept, in characters.
const LONGEST_LINE: usize = 4096;
/// What a server says of a pod with several containers, before it names them.
const CHOOSE: &str = "choose one of: [";

/// The names of a pod's containers, where the pod was read before.
pub fn containers(snapshot: &Snapshot, namespace: &str, pod: &str) -> Vec<String> {
    match snapshot.get(&ObjectId::new(&arc::POD, namespace, pod)) {
        Lookup::Found(pod) if !pod.metadata_only => {
            let names = pod.items("/spec/containers").iter();
            names.filter_map(|container| Some(container["name"].as_str()?.to_owned())).collect()
        }
        _ => Vec::new(),
    }
}

/// Reads the log of each container. Without their names it asks for the pod's log: that is the one of its only
/// container, or the server says which there are.
pub async fn read(client: &Client, namespace: &str, pod: &str, names: Vec<String>) -> (Vec<PodLog>, Reading) {
    if !is_possible_name(namespace) || !is_possible_name(pod) {
        return (Vec::new(), Reading::Read);
    }
    let mut names = names;
    let mut logs = Vec::new();
    if names.is_empty() {
        match tail(client, namespace, pod, "").await {
            Ok(log) => return (vec![log], Reading::Read),
            Err(Failure::Other(words)) if words.contains(CHOOSE) => names = choices(&words),
            Err(failure) => return (logs, failure.reading()),
        }
    }
    let mut reading = Reading::Read;
    for name in names {
        match tail(client, namespace, pod, &name).await {
            Ok(log) => logs.push(log),
            Err(failure) => reading = failure.reading(),
        }
    }
    (logs, reading)
}

async fn tail(client: &Client, namespace: &str, pod: &str, container: &str) -> Result<PodLog, Failure> {
    let pods = arc::kind_row(&arc::POD).map(Resource::of_row).ok_or(Failure::NotServed)?;
    let mut path = format!(
        "{}/log?tailLines={LINES}&limitBytes={BYTES}&timestamps=true",
        pods.path(Some(namespace), Some(pod))
    );
    if !container.is_empty() {
        path.push_str("&container=");
        path.push_str(&encode(container));
    }
    let text = fetch::text(client, &path).await?;
    let line = |line: &str| {
        let mut line: String = line.chars().take(LONGEST_LINE).collect();
        redact::text(&mut line);
        line
    };
    Ok(PodLog {
        namespace: namespace.to_owned(),
        pod: pod.to_owned(),
        container: container.to_owned(),
        lines: text.lines().map(line).collect(),
    })
}

/// The containers that a server offers: `…, choose one of: [a b] or one of the init containers: [c]`.
fn choices(words: &str) -> Vec<String> {
    let list = words.split_once(CHOOSE).and_then(|(_, rest)| rest.split_once(']'));
    list.map(|(names, _)| names.split_whitespace().map(str::to_owned).collect()).unwrap_or_default()
}
