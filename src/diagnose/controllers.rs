//! The ARC controllers of the cluster: which there are, which of them is responsible, and whether it is alive.

use super::report::Evidence;
use super::view::View;
use crate::arc;
use crate::arc::limits;
use crate::arc::marks;
use crate::arc::versions::Build;
use crate::model::Object;
use crate::model::ObjectId;
use crate::model::Reading;
use jiff::Timestamp;
use serde_json::Value;

/// A Deployment that runs the controller of runner scale sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Controller {
    pub id: ObjectId,
    pub service_account: String,
    /// The build, as the image tag or the version label tells it; `""` if neither does.
    pub version: String,
    /// True if the image tag and the version label agree on the build.
    pub version_is_certain: bool,
    /// The image, as the pod template names it.
    pub image: String,
    /// The version label.
    pub labelled: Option<String>,
    pub desired: i64,
    pub ready: i64,
    /// True if all replicas run what the pod template says.
    pub is_rolled_out: bool,
    /// When the last rollout ended or got on.
    pub rolled_out_at: Option<Timestamp>,
    /// Since when no replica is ready, if the Deployment says so and tries to get one.
    pub starting_since: Option<Timestamp>,
    /// Some: it watches this namespace alone.
    pub watches: Option<String>,
    /// True if it waits for old runners before it carries out a change.
    pub is_eventual: bool,
    /// True if its listeners write nothing as long as all is well.
    pub is_quiet: bool,
}

/// All controllers that were found, and whether there could be more.
#[derive(Clone, Debug)]
pub struct Controllers {
    pub found: Vec<Controller>,
    pub reading: Reading,
}

impl Controller {
    /// None if the Deployment runs something else. A hand-written Deployment may lack the chart's labels, so the
    /// argument that switches the image to scale set mode counts as well.
    fn of(deployment: &Object) -> Option<Self> {
        let containers = deployment.items("/spec/template/spec/containers");
        let arguments: Vec<&str> = containers
            .iter()
            .flat_map(|container| {
                ["command", "args"].iter().filter_map(|key| container.get(*key)?.as_array()).flatten()
            })
            .filter_map(Value::as_str)
            .collect();
        let labelled =
            deployment.label(marks::PART_OF).is_some_and(|part| marks::CONTROLLER_PART_OF.contains(&part));
        if !labelled && !marks::flag_is_set(&arguments, marks::SCALE_SET_MODE_ARGUMENT) {
            return None;
        }
        let watches = marks::flag_value(&arguments, marks::WATCH_ARGUMENT)
            .or_else(|| deployment.label(marks::WATCH_SINGLE_NAMESPACE))
            .filter(|namespace| !namespace.is_empty());
        let image = containers
            .iter()
            .find(|container| container.get("name").and_then(Value::as_str) == Some(marks::MANAGER_CONTAINER))
            .or_else(|| containers.first())
            .and_then(|manager| manager.get("image")?.as_str())
            .unwrap_or_default();
        let label = deployment.label(marks::VERSION);
        let build = Build::of(image_tag(image), label);
        let desired = deployment.number("/spec/replicas").unwrap_or(1);
        let ready = deployment.number("/status/readyReplicas").unwrap_or(0);
        let updated = deployment.number("/status/updatedReplicas").unwrap_or(0);
        let replicas = deployment.number("/status/replicas").unwrap_or(updated);
        let observed = deployment.number("/status/observedGeneration").unwrap_or(0)
            >= deployment.number("/metadata/generation").unwrap_or(0);
        Some(Self {
            id: deployment.id.clone(),
            service_account: deployment
                .text("/spec/template/spec/serviceAccountName")
                .unwrap_or("default")
                .to_owned(),
            version: build.text,
            version_is_certain: build.certain,
            image: image.to_owned(),
            labelled: label.map(str::to_owned),
            desired,
            ready,
            // As long as there are others, those of an earlier template are at work.
            is_rolled_out: observed && updated >= desired && replicas <= updated,
            rolled_out_at: Condition::of(deployment, "Progressing").and_then(|condition| condition.at),
            starting_since: starting_since(deployment),
            watches: watches.map(str::to_owned),
            is_eventual: marks::flag_value(&arguments, marks::STRATEGY_ARGUMENT) == Some(marks::EVENTUAL),
            is_quiet: marks::flag_value(&arguments, marks::LOG_LEVEL_ARGUMENT)
                .is_some_and(|level| marks::QUIET_LEVELS.contains(&level)),
        })
    }

    pub fn is_alive(&self) -> bool {
        self.ready > 0
    }

    /// True if its last replica went, or its first was asked for, so recently that this is nothing unusual.
    pub fn is_restarting(&self, now: Timestamp) -> bool {
        self.starting_since.is_some_and(|since| now.duration_since(since) < limits::CONTROLLER_RESTART)
    }

    pub fn is_responsible_for(&self, namespace: &str) -> bool {
        self.watches.as_deref().is_none_or(|watched| watched == namespace || self.id.namespace == namespace)
    }

    /// The name by which the API server knows it.
    pub fn user(&self) -> String {
        format!("system:serviceaccount:{}:{}", self.id.namespace, self.service_account)
    }
}

impl Controllers {
    pub fn of(view: &View<'_>) -> Self {
        let listing = view.list(&arc::DEPLOYMENT, None);
        let mut reading = listing.reading;
        if !reading.is_complete() {
            let labelled = view.reading_of_selector(&arc::DEPLOYMENT, None, marks::CONTROLLER_SELECTOR);
            if labelled.is_complete() || reading == Reading::Unread {
                reading = labelled;
            }
        }
        Self { found: listing.objects.into_iter().filter_map(Controller::of).collect(), reading }
    }

    /// The controllers that should act on objects in a namespace, the living first.
    pub fn responsible(&self, namespace: &str) -> Vec<&Controller> {
        let mut responsible: Vec<_> =
            self.found.iter().filter(|controller| controller.is_responsible_for(namespace)).collect();
        responsible.sort_by_key(|controller| !controller.is_alive());
        responsible
    }

    /// A living controller that should act on objects in a namespace.
    pub fn alive(&self, namespace: &str) -> Option<&Controller> {
        self.responsible(namespace).into_iter().find(|controller| controller.is_alive())
    }
}

/// Evidence that a controller runs, for answers that rest on it.
pub fn alive_evidence(view: &View<'_>, controller: &Controller) -> Evidence {
    view.evidence(&controller.id, "status.readyReplicas", controller.ready.to_string())
}

/// Evidence for the build that a controller runs, as far as its Deployment tells.
pub fn build_evidence(view: &View<'_>, controller: &Controller) -> Vec<Evidence> {
    let field = format!("spec.template.spec.containers[{}].image", marks::MANAGER_CONTAINER);
    let mut evidence = vec![view.evidence(&controller.id, field, controller.image.clone())];
    if image_tag(&controller.image) != controller.labelled.as_deref()
        && let Some(label) = &controller.labelled
    {
        let field = format!("metadata.labels[{}]", marks::VERSION);
        evidence.push(view.evidence(&controller.id, field, label.clone()));
    }
    evidence
}

/// A condition in the status of a Deployment.
struct Condition<'a> {
    status: &'a str,
    reason: &'a str,
    /// When it last said something new.
    at: Option<Timestamp>,
}

impl<'a> Condition<'a> {
    fn of(deployment: &'a Object, sort: &str) -> Option<Self> {
        let conditions = deployment.items("/status/conditions");
        let condition = conditions.iter().find(|condition| text(condition, "type") == sort)?;
        // A rollout that gets on updates the condition; becoming unavailable is a transition.
        let key = if sort == "Progressing" { "lastUpdateTime" } else { "lastTransitionTime" };
        Some(Self {
            status: text(condition, "status"),
            reason: text(condition, "reason"),
            at: text(condition, key).parse().ok(),
        })
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Since when a Deployment has no ready replica, if it says so and tries to get one.
pub fn starting_since(deployment: &Object) -> Option<Timestamp> {
    let desired = deployment.number("/spec/replicas").unwrap_or(1);
    let ready = deployment.number("/status/readyReplicas").unwrap_or(0);
    (desired > 0 && ready == 0).then(|| unavailable_since(deployment)).flatten()
}

/// When the last replica went, a rollout that has not ended last got on, or, where the status says nothing yet, the
/// Deployment was made.
fn unavailable_since(deployment: &Object) -> Option<Timestamp> {
    let lost = Condition::of(deployment, "Available").filter(|condition| condition.status == "False");
    let under_way = Condition::of(deployment, "Progressing")
        .filter(|condition| condition.status == "True" && condition.reason != "NewReplicaSetAvailable");
    let told = lost.into_iter().chain(under_way).filter_map(|condition| condition.at).max();
    told.or_else(|| deployment.created.filter(|_| deployment.items("/status/conditions").is_empty()))
}

/// The tag of an image reference; None for a digest or no tag.
fn image_tag(image: &str) -> Option<&str> {
    let without_digest = image.split('@').next()?;
    let (_, tag) = without_digest.rsplit_once(':')?;
    (!tag.contains('/')).then_some(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_told_from_a_port_and_a_digest() {
        assert_eq!(image_tag("ghcr.io/actions/gha-runner-scale-set-controller:0.14.2"), Some("0.14.2"));
        assert_eq!(image_tag("registry:5000/arc"), None);
        assert_eq!(image_tag("registry:5000/arc:0.9.0@sha256:abc"), Some("0.9.0"));
        assert_eq!(image_tag("arc@sha256:abc"), None);
    }
}
