//! Runner sets and what belongs to them: ARC's links that are no owner references.

use super::delivery;
use super::report::Evidence;
use super::view::View;
use crate::arc;
use crate::arc::finalizers;
use crate::arc::marks;
use crate::arc::phrases;
use crate::model::GroupKind;
use crate::model::Lookup;
use crate::model::Object;
use crate::model::ObjectId;
use serde_json::Value;
use std::collections::BTreeMap;

/// What a runner set is at GitHub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    pub id: String,
    pub name: String,
    pub url: String,
}

impl Remote {
    /// None if no scale set was made at GitHub, as far as the runner set knows.
    pub fn of(set: &Object) -> Option<Self> {
        let id = set.annotation(marks::SCALE_SET_ID).filter(|id| id.parse::<u64>().is_ok())?;
        let name = set
            .annotation(marks::REMOTE_NAME)
            .or_else(|| set.annotation(marks::REMOTE_NAME_OLD))
            .or_else(|| set.text("/spec/runnerScaleSetName"))
            .filter(|name| !name.is_empty())
            .unwrap_or(&set.id.name);
        let url = set.text("/spec/githubConfigUrl").unwrap_or("an unknown URL");
        Some(Self { id: id.to_owned(), name: name.to_owned(), url: url.to_owned() })
    }

    /// How it is named as something left behind.
    pub fn left(&self) -> String {
        format!("runner scale set {} \"{}\" at {}", self.id, self.name, self.url)
    }
}

/// A runner set whose URL is not the one any more under which it was registered.
pub struct Moved {
    /// The URL of then.
    pub from: String,
    pub evidence: Evidence,
}

/// The labels with which the set was registered name another owner or repository than its URL does.
pub fn moved(view: &View<'_>, set: &Object) -> Option<Moved> {
    let url = set.text("/spec/githubConfigUrl")?;
    let path: Vec<&str> = url.split("://").last()?.trim_end_matches('/').split('/').skip(1).collect();
    let parts: Vec<(&str, Option<&str>)> = match path.as_slice() {
        ["enterprises", enterprise] => vec![(marks::ENTERPRISE, Some(enterprise))],
        [organization] => vec![(marks::ORGANIZATION, Some(organization)), (marks::REPOSITORY, None)],
        [organization, repository] => {
            vec![(marks::ORGANIZATION, Some(organization)), (marks::REPOSITORY, Some(repository))]
        }
        _ => return None,
    };
    let labels = [marks::ENTERPRISE, marks::ORGANIZATION, marks::REPOSITORY].map(|key| set.label(key));
    if labels.iter().all(Option::is_none) {
        return None;
    }
    // What is longer than a label may be was cut; what is no label was put differently.
    let differs = |label: Option<&str>, part: Option<&str>| match (label, part) {
        (Some(label), Some(part)) => part.len() <= 63 && !label.eq_ignore_ascii_case(part),
        (None, None) => false,
        _ => true,
    };
    let (key, part) = parts.into_iter().find(|(key, part)| differs(set.label(key), *part))?;
    let label = set.label(key).unwrap_or("not there");
    let says = format!("{label}, and the URL says {}", part.unwrap_or("no repository"));
    let host = url.trim_end_matches('/').trim_end_matches(&path.join("/"));
    let enterprises = labels[0].map(|_| "enterprises");
    let place: Vec<&str> = enterprises.into_iter().chain(labels.into_iter().flatten()).collect();
    let evidence = view.evidence(&set.id, format!("metadata.labels[{key}]"), says);
    Some(Moved { from: format!("{host}{}", place.join("/")), evidence })
}

/// The runner set that an object belongs to, by what the object itself says.
pub fn set_of(object: &Object) -> Option<ObjectId> {
    if object.id.kind == arc::AUTOSCALING_RUNNER_SET {
        return Some(object.id.clone());
    }
    let (namespace, name) = if object.id.kind == arc::AUTOSCALING_LISTENER {
        (object.text("/spec/autoscalingRunnerSetNamespace"), object.text("/spec/autoscalingRunnerSetName"))
    } else {
        (object.label(marks::SCALE_SET_NAMESPACE), object.label(marks::SCALE_SET_NAME))
    };
    Some(ObjectId::new(&arc::AUTOSCALING_RUNNER_SET, namespace?, name?))
}

/// True if an object is one of ARC's: its kind, its labels or its finalizers say so.
pub fn is_arc(object: &Object) -> bool {
    object.id.kind.group == arc::GROUP
        || object.id.kind.group == arc::LEGACY_GROUP
        || object.label(marks::SCALE_SET_NAME).is_some()
        || object.label(marks::LISTENER_NAME).is_some()
        || object
            .finalizers
            .iter()
            .any(|finalizer| arc::finalizers::is_arc(finalizer) || arc::finalizers::is_legacy(finalizer))
}

/// The annotation by which a runner set names a protected object.
pub fn names_protected(set: &Object, protected: &ObjectId) -> Option<&'static str> {
    marks::CLEANUP
        .iter()
        .find(|row| {
            row.kind == protected.kind.kind
                && set.id.namespace == protected.namespace
                && set.annotation(row.annotation) == Some(protected.name.as_str())
        })
        .map(|row| row.annotation)
}

/// The protected objects that a runner set names, in the order in which the controller releases them.
pub fn protected_by(set: &Object) -> Vec<ObjectId> {
    marks::CLEANUP
        .iter()
        .filter_map(|row| {
            let kind = [arc::ROLE_BINDING, arc::ROLE, arc::SERVICE_ACCOUNT, arc::SECRET]
                .into_iter()
                .find(|kind| kind.kind == row.kind)?;
            Some(ObjectId::new(&kind, &set.id.namespace, set.annotation(row.annotation)?))
        })
        .collect()
}

/// The objects of a kind that an owner controls. ARC finds them by the owner's kind and name; the uid tells a
/// re-created namesake apart.
pub fn owned<'a>(view: &View<'a>, kind: &GroupKind, owner: &Object) -> Vec<&'a Object> {
    view.list(kind, Some(&owner.id.namespace))
        .objects
        .into_iter()
        .filter(|object| object.is_owned_by(&owner.uid))
        .collect()
}

/// The listeners of a runner set, in any namespace.
pub fn listeners<'a>(view: &View<'a>, set: &ObjectId) -> Vec<&'a Object> {
    view.list(&arc::AUTOSCALING_LISTENER, None)
        .objects
        .into_iter()
        .filter(|listener| set_of(listener).as_ref() == Some(set))
        .collect()
}

/// The job that a runner is busy with, as its status names it. 0.13.0 and later set `jobId`, before it was
/// `jobRequestId`; CRDs of before 0.13 drop the former, so the run's number counts as well (`apis/actions.github.com/v1alpha1/ephemeralrunner_types.go`).
pub fn job(runner: &Object) -> Option<String> {
    let has_job = runner.text("/status/jobId").is_some_and(|id| !id.is_empty())
        || ["/status/jobRequestId", "/status/workflowRunId"]
            .iter()
            .any(|pointer| runner.number(pointer).is_some_and(|id| id > 0));
    if !has_job {
        return None;
    }
    let text = |pointer| runner.text(pointer).filter(|text| !text.is_empty());
    let name = text("/status/jobDisplayName").unwrap_or("a job");
    Some(match text("/status/jobRepositoryName") {
        Some(repository) => format!("\"{name}\" of {repository}"),
        None => format!("\"{name}\""),
    })
}

/// True if the runner's container asks for container hooks.
pub fn uses_hooks(runner: &Object) -> bool {
    let containers = runner.items("/spec/spec/containers").iter();
    containers
        .filter_map(|container| container.get("env")?.as_array())
        .flatten()
        .any(|variable| variable.get("name").and_then(Value::as_str) == Some(phrases::HOOKS_VARIABLE))
}

/// Runner sets whose live, protected companions are there, by the labels on these.
pub fn lost<'a>(view: &View<'a>) -> BTreeMap<ObjectId, Vec<&'a Object>> {
    let mut lost: BTreeMap<ObjectId, Vec<&Object>> = BTreeMap::new();
    for kind in [arc::ROLE, arc::ROLE_BINDING, arc::SERVICE_ACCOUNT, arc::SECRET] {
        for object in view.list(&kind, None).objects {
            // A set that had its finalizer is cleaned up after, and the protection goes; what delivers the chart goes
            // on to believe that all of it is there.
            let delivered =
                object.label(marks::PART_OF).is_some_and(|part| marks::CHART_PART_OF.contains(&part))
                    && delivery::of(&[object]).is_some();
            let protected = object.has_finalizer(finalizers::CLEANUP_PROTECTION);
            let live = !object.is_deleting() && (delivered || protected);
            if let Some(set) = set_of(object).filter(|_| live) {
                lost.entry(set).or_default().push(object);
            }
        }
    }
    lost.retain(|set, _| !matches!(view.look(set), Lookup::Found(_)));
    lost
}

/// True if the runner's version is no longer supported, as a runner set, EphemeralRunnerSet or runner says: 0.14.0
/// and later.
pub fn is_outdated(object: &Object) -> bool {
    object.text("/status/phase") == Some("Outdated")
}

/// The EphemeralRunnerSets of a runner set that are not being deleted, newest first.
pub fn runner_sets<'a>(view: &View<'a>, set: &Object) -> Vec<&'a Object> {
    let mut owned = owned(view, &arc::EPHEMERAL_RUNNER_SET, set);
    owned.retain(|owned| !owned.is_deleting());
    owned.sort_by_key(|owned| std::cmp::Reverse(owned.created));
    owned
}

/// The runner set of a pod: a runner's or listener's own, and that of the runner which a job's pod works for.
pub fn of_pod(view: &View<'_>, pod: &Object) -> Option<ObjectId> {
    set_of(pod).or_else(|| set_of(view.find(&runner_of(pod)?)?))
}

/// The pod of a runner. It has the label of all such pods, so that a list of these tells as well that it is gone.
pub fn pod_of<'a>(view: &View<'a>, runner: &ObjectId) -> Lookup<'a> {
    let id = ObjectId::new(&arc::POD, &runner.namespace, &runner.name);
    match view.look(&id) {
        Lookup::Unread(by_name) => {
            let place = Some(runner.namespace.as_str());
            let listed = view.reading_of_selector(&arc::POD, place, marks::RUNNER_POD_SELECTOR);
            match listed.is_complete() {
                true => Lookup::Absent,
                false => Lookup::Unread(if listed.weight() > by_name.weight() { listed } else { by_name }),
            }
        }
        seen => seen,
    }
}

/// The runner that a pod of container hooks works for.
pub fn runner_of(pod: &Object) -> Option<ObjectId> {
    let name = pod.label(marks::HOOK_POD)?;
    Some(ObjectId::new(&arc::EPHEMERAL_RUNNER, &pod.id.namespace, name))
}

/// True if a runner is finished: nothing of it runs any more.
pub fn is_done(runner: &Object) -> bool {
    matches!(runner.text("/status/phase"), Some("Succeeded" | "Failed" | "Outdated"))
}
