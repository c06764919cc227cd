//! Who took a change back: the mutating webhooks that are asked about an update of the object.

use super::outcome::Refusal;
use super::outcome::RefusalKind;
use super::refuse;
use super::work::Work;
use crate::arc;
use crate::diagnose;
use crate::model::Depth;
use crate::model::GroupKind;
use crate::model::Request;
use crate::model::Snapshot;
use crate::model::SourceInfo;
use crate::model::SourceType;
use crate::model::What;
use crate::source::cluster::Cluster;
use crate::source::decode;
use jiff::Timestamp;

/// The refusal, with the names of those that may be behind it where they can be read.
pub async fn undone(cluster: &Cluster, work: &Work<'_>, field: &str) -> Refusal {
    let names = mutators(cluster, work).await;
    let message = format!(
        "{}: the server takes the change, and the object comes back with {field} as it was{}",
        refuse::cannot(work),
        match &names[..] {
            [] => String::new(),
            [one] => format!("; the mutating webhook {one} is asked about it"),
            many => format!("; asked about it are the mutating webhooks {}", many.join(", ")),
        }
    );
    Refusal::new(RefusalKind::Undone, message).hint(
        "Something puts it back in the same request: a mutating webhook or policy. Whoever runs it has to let it go.",
    )
}

async fn mutators(cluster: &Cluster, work: &Work<'_>) -> Vec<String> {
    let before = work.before.clone().unwrap_or_default();
    let Ok(object) = decode::object(before, false) else { return Vec::new() };
    let request = |kind: GroupKind, name: Option<&str>| Request {
        what: What::Kind(kind),
        namespace: None,
        name: name.map(str::to_owned),
        selector: None,
        depth: Depth::Full,
    };
    let mut requests = vec![request(arc::MUTATING_WEBHOOKS, None)];
    if !work.id.namespace.is_empty() {
        requests.push(request(arc::NAMESPACE, Some(&work.id.namespace)));
    }
    let source = SourceInfo {
        source: SourceType::Cluster,
        context: String::new(),
        server: String::new(),
        namespace: String::new(),
    };
    let mut snapshot = Snapshot::new(source, Timestamp::UNIX_EPOCH);
    cluster.read(&requests, &mut snapshot).await;
    diagnose::asked_about_updates(&snapshot, &object)
}
