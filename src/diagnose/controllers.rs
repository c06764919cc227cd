//! The ARC controllers of the cluster: which there are, which of them is responsible, and whether it is alive.

use super::report::Evidence;
use super::view::View;
use crate::arc;
use crate::arc::marks;
use crate::model::Object;
use crate::model::ObjectId;
use crate::model::Reading;
use serde_json::Value;

/// A Deployment that runs the controller of runner scale sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Controller {
    pub id: ObjectId,
    pub service_account: String,
    /// The build, as the image tag or the version label tells it; `""` if neither does.
    pub version: String,
    pub desired: i64,
    pub ready: i64,
    /// Some: it watches this namespace alone.
    pub watches: Option<String>,
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
        let arguments = || {
            containers.iter().flat_map(|container| {
                ["args", "command"].iter().filter_map(|key| container.get(*key)?.as_array()).flatten()
            })
        };
        let labelled =
            deployment.label(marks::PART_OF).is_some_and(|part| marks::CONTROLLER_PART_OF.contains(&part));
        let in_scale_set_mode =
            arguments().any(|argument| argument.as_str() == Some(marks::SCALE_SET_MODE_ARGUMENT));
        if !labelled && !in_scale_set_mode {
            return None;
        }
        let watches = arguments()
            .filter_map(|argument| argument.as_str()?.strip_prefix(marks::WATCH_ARGUMENT))
            .next()
            .or_else(|| deployment.label(marks::WATCH_SINGLE_NAMESPACE))
            .filter(|namespace| !namespace.is_empty());
        let manager = containers
            .iter()
            .find(|container| container.get("name").and_then(Value::as_str) == Some(marks::MANAGER_CONTAINER))
            .or_else(|| containers.first());
        let tag = manager.and_then(|container| image_tag(container.get("image")?.as_str()?));
        Some(Self {
            id: deployment.id.clone(),
            service_account: deployment
                .text("/spec/template/spec/serviceAccountName")
                .unwrap_or("default")
                .to_owned(),
            version: tag.or_else(|| deployment.label(marks::VERSION)).unwrap_or_default().to_owned(),
            desired: deployment.number("/spec/replicas").unwrap_or(1),
            ready: deployment.number("/status/readyReplicas").unwrap_or(0),
            watches: watches.map(str::to_owned),
        })
    }

    pub fn is_alive(&self) -> bool {
        self.ready > 0
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
            let labelled = view.reading_of_selector(&arc::DEPLOYMENT, marks::CONTROLLER_SELECTOR);
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
