//! Legacy mode's order of deletion (`controllers/actions.summerwind.net/`): a Runner goes after its Pod, and the Pod
//! when GitHub has forgotten the runner.

use super::Case;
use crate::arc;
use crate::arc::marks;
use crate::diagnose::containers_ended;
use crate::diagnose::need::Need;
use crate::model::Object;
use crate::model::ObjectId;

/// True if GitHub has said that a Pod's runner is busy, and its containers run.
fn works(pod: &Object) -> bool {
    pod.annotation(marks::LEGACY_COMPLETION_WAIT).is_some() && !containers_ended(pod)
}

impl Case<'_, '_> {
    /// `runner_controller.go`: the finalizer is taken off once the Pod is gone; older versions ask GitHub themselves.
    pub fn legacy_runner(&mut self) {
        let runner = self.object;
        let pod = ObjectId::new(&arc::POD, &runner.id.namespace, &runner.id.name);
        let found = self.view.find(&pod);
        if found.is_some_and(works) {
            let text = "its runner has a job, and it goes when that ends".to_owned();
            self.world.waiting.insert(runner.id.clone(), text);
        }
        if found.is_some_and(Object::is_deleting) {
            self.stage = "its Pod goes".to_owned();
            self.first(&pod, "its Pod has to go first".to_owned(), Vec::new());
        } else {
            self.stage = "its own finalizer is taken off".to_owned();
        }
        self.legacy_controller();
    }

    /// `runner_graceful_stop.go`: a Pod whose containers run is given the time to end its job.
    pub fn legacy_pod(&mut self) {
        let pod = self.object;
        self.stage = match pod.annotation(marks::LEGACY_COMPLETION_WAIT) {
            Some(_) => "it waits for its runner to complete".to_owned(),
            None => "GitHub forgets the runner".to_owned(),
        };
        // A Pod that hangs is its Runner's matter.
        if let Some(owner) = pod.owners.iter().find(|owner| owner.controller) {
            let runner = ObjectId::new(&arc::LEGACY_RUNNER, &pod.id.namespace, &owner.name);
            self.world.parts.push((runner, pod.id.clone(), "its Pod does not go".to_owned()));
        }
        if works(pod) {
            let text = "its runner has a job, and it goes when that ends".to_owned();
            self.world.waiting.insert(pod.id.clone(), text);
        }
        self.legacy_controller();
    }

    fn legacy_controller(&mut self) {
        if !self.needs.contains(&Need::LegacyController) {
            self.needs.push(Need::LegacyController);
        }
    }
}
