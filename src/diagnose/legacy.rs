//! The controller of legacy mode: which Deployments run it.

use super::view::View;
use crate::arc;
use crate::arc::marks;
use crate::model::Object;
use crate::model::ObjectId;
use crate::model::Reading;
use serde_json::Value;

/// The legacy controllers of the cluster, and whether there could be more.
#[derive(Debug)]
pub struct LegacyControllers {
    pub found: Vec<ObjectId>,
    /// One that has a ready replica.
    pub alive: Option<ObjectId>,
    pub reading: Reading,
}

/// Looks for them: the image is the same for all charts and mirrors, and its arguments tell what it runs as.
pub fn controllers(view: &View<'_>) -> LegacyControllers {
    let deployments = view.list(&arc::DEPLOYMENT, None);
    let reading = match deployments.reading {
        reading if reading.is_complete() => reading,
        _ => view.reading_of_selector(&arc::DEPLOYMENT, None, marks::LEGACY_CONTROLLER_SELECTOR),
    };
    let found: Vec<&Object> = deployments.objects.into_iter().filter(|deployment| runs(deployment)).collect();
    let ready = |deployment: &&&Object| deployment.number("/status/readyReplicas").unwrap_or(0) > 0;
    LegacyControllers {
        alive: found.iter().find(ready).map(|deployment| deployment.id.clone()),
        found: found.iter().map(|deployment| deployment.id.clone()).collect(),
        reading,
    }
}

/// Runners that are up, as their status says.
pub fn running<'a>(view: &View<'a>) -> Vec<&'a Object> {
    let runners = view.list(&arc::LEGACY_RUNNER, None).objects;
    let is_up = |runner: &&Object| !runner.is_deleting() && runner.text("/status/phase") == Some("Running");
    runners.into_iter().filter(is_up).collect()
}

fn runs(deployment: &Object) -> bool {
    deployment.items("/spec/template/spec/containers").iter().any(|container| {
        let image = container.get("image").and_then(Value::as_str).unwrap_or_default();
        let name = image.split('@').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
        let name = name.split(':').next().unwrap_or_default();
        let words: Vec<&str> = ["command", "args"]
            .iter()
            .filter_map(|key| container.get(*key)?.as_array())
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        // The same image runs scale set mode, and the server that takes GitHub's webhooks.
        name == marks::LEGACY_IMAGE
            && !marks::flag_is_set(&words, marks::SCALE_SET_MODE_ARGUMENT)
            && !words.iter().any(|word| word.contains("webhook-server"))
    })
}
