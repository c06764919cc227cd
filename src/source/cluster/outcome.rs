//! What became of a task, and how the snapshot learns of it.

use crate::arc;
use crate::model::AccessReview;
use crate::model::Coverage;
use crate::model::Covered;
use crate::model::Object;
use crate::model::ObjectId;
use crate::model::PodLog;
use crate::model::Reading;
use crate::model::Request;
use crate::model::Snapshot;
use crate::model::What;
use crate::source::redact;

use super::fetch::Failure;
use super::list::Seen;
use super::look::Look;
use super::resource::Resource;

/// The end of a task.
pub enum Outcome {
    Looked(Covered, Vec<Object>),
    Logged(Covered, Vec<PodLog>),
    Answered(AccessReview),
}

impl Outcome {
    pub fn looked(resource: &Resource, look: Look, seen: Seen) -> Self {
        let covered = Covered {
            kind: resource.kind.clone(),
            api_version: resource.api_version.clone(),
            namespace: look.namespace.filter(|_| resource.namespaced),
            name: look.name,
            selector: look.selector,
            reading: seen.reading,
        };
        Self::Looked(covered, seen.objects)
    }

    pub fn logged(namespace: String, pod: String, logs: Vec<PodLog>, reading: Reading) -> Self {
        let covered = Covered {
            kind: arc::POD_LOG,
            api_version: "kubectl-arc/v1alpha1".to_owned(),
            namespace: Some(namespace),
            name: Some(pod),
            selector: None,
            reading,
        };
        Self::Logged(covered, logs)
    }

    /// A review that was not answered says so for all: the authorizer does not refuse single questions. And no
    /// answer is never an answer, not even where nobody could give one.
    pub fn unanswered(failure: Failure) -> Self {
        let reading = match failure {
            Failure::NotServed | Failure::Absent => {
                Reading::Failed("access reviews are not served".to_owned())
            }
            failure => failure.reading(),
        };
        let covered = Covered {
            kind: arc::ACCESS_REVIEW,
            api_version: "authorization.k8s.io/v1".to_owned(),
            namespace: None,
            name: None,
            selector: None,
            reading,
        };
        Self::Looked(covered, Vec::new())
    }

    pub fn impossible(request: Request) -> Self {
        let kind = match request.what {
            What::Kind(kind) => kind,
            What::Resource { .. } | What::Review(_) => arc::ACCESS_REVIEW,
        };
        let covered = Covered {
            api_version: unknown_version(&kind.group),
            kind,
            namespace: request.namespace,
            name: request.name,
            selector: request.selector,
            reading: Reading::Failed("no reader knows how to ask for this kind".to_owned()),
        };
        Self::Looked(covered, Vec::new())
    }

    /// Adds what was found. What was found out before and is found out again is replaced.
    pub fn add_to(self, snapshot: &mut Snapshot) {
        match self {
            Self::Looked(covered, objects) => {
                // Looked for by its name and not found: what an earlier list held of it has gone meanwhile.
                if let (Some(name), true, Reading::Read) =
                    (&covered.name, objects.is_empty(), &covered.reading)
                {
                    let namespace = covered.namespace.as_deref().unwrap_or_default();
                    snapshot.take(&ObjectId::new(&covered.kind, namespace, name));
                }
                cover(&mut snapshot.coverage, covered);
                for object in objects {
                    snapshot.insert(object);
                }
            }
            Self::Logged(covered, logs) => {
                cover(&mut snapshot.coverage, covered);
                let place = |log: &PodLog| (log.namespace.clone(), log.pod.clone(), log.container.clone());
                snapshot.logs.retain(|known| !logs.iter().any(|log| place(log) == place(known)));
                snapshot.logs.extend(logs);
            }
            Self::Answered(review) => {
                snapshot.reviews.retain(|known| known.question != review.question);
                snapshot.reviews.push(review);
            }
        }
    }
}

/// The `apiVersion` of a kind of which only the group is known.
pub fn unknown_version(group: &str) -> String {
    if group.is_empty() { "v1".to_owned() } else { format!("{group}/unknown") }
}

/// Notes how a look ended, each look once: of two outcomes of the same look the more telling one stays.
fn cover(coverage: &mut Coverage, mut covered: Covered) {
    if let Reading::Forbidden(words) | Reading::Failed(words) = &mut covered.reading {
        *words = redact::words(words);
    }
    let same = coverage.entries.iter_mut().find(|known| {
        known.kind == covered.kind
            && known.namespace == covered.namespace
            && known.name == covered.name
            && known.selector == covered.selector
    });
    match same {
        Some(known) if known.reading.weight() >= covered.reading.weight() => {}
        Some(known) => *known = covered,
        None => coverage.entries.push(covered),
    }
}
