//! What is looked at a second time, because things move between two looks.

use super::Plan;
use super::rights::depth;
use crate::arc;
use crate::diagnose::sets;
use crate::model::Lookup;
use crate::model::Object;
use crate::model::Request;
use crate::model::What;

/// How many runners are looked at again: of a crowd that all lack their pods a few will do.
const AGAIN: usize = 8;

impl Plan<'_, '_> {
    /// Runners and their pods are listed one after the other. A runner that says Running and has no pod in the later list
    /// may have ended in between.
    pub fn once_more(&mut self, runner: &Object) {
        let lost = runner.text("/status/phase") == Some("Running")
            && !runner.is_deleting()
            && matches!(sets::pod_of(self.view, &runner.id), Lookup::Absent);
        let kind = What::Kind(arc::EPHEMERAL_RUNNER);
        let is_again = |request: &&Request| request.name.is_some() && request.what == kind;
        if lost && self.wanted.iter().filter(is_again).count() < AGAIN {
            let (namespace, name) = (runner.id.namespace.as_str(), runner.id.name.as_str());
            self.want(kind, Some(namespace), Some(name), None, depth(&arc::EPHEMERAL_RUNNER));
        }
    }
}
