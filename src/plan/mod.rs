//! From a diagnosis to ordered steps, and what they will lead to. Pure: no I/O, no clock; cannot fail.
//!
//! [`choose`] takes for each root blocker the gentlest way out that works; [`play`] says what will be gone and what will
//! be left, by the laws that the cluster obeys.

mod choose;
mod laws;
mod play;
#[cfg(test)]
mod tests;

pub use choose::choices;
pub use choose::plan;
pub use choose::plan_of;

use crate::diagnose::Action;
use crate::diagnose::Class;
use crate::diagnose::Diagnosis;
use crate::diagnose::Fight;
use crate::diagnose::Loss;
use crate::diagnose::Reference;
use crate::diagnose::Remedy;
use crate::diagnose::Root;
use crate::diagnose::RootId;
use crate::model::ObjectId;
use crate::model::SourceInfo;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// What is to be done, in this order.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub captured_at: Timestamp,
    pub source: SourceInfo,
    /// What was asked about and does not move.
    pub targets: Vec<Reference>,
    pub steps: Vec<Step>,
    /// Roots that no step is for: only a person can do something about them, or it would cost more than was accepted.
    pub left_to_you: Vec<Hand>,
    /// The least loss above the accepted one at which this program could do something about those.
    pub dearer: Option<Loss>,
    /// Delivery tools that would undo a change, and have to be paused before.
    pub fights: Vec<Fight>,
    pub outcome: Outcome,
}

/// One way out of one root blocker.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub class: Class,
    /// The root blocker.
    pub object: Reference,
    /// What is the matter with it, one sentence without a final stop.
    pub message: String,
    pub remedy: Remedy,
}

impl Step {
    pub fn root(&self) -> RootId {
        (self.class, self.object.id.clone())
    }

    /// The changes of it, one after the other.
    pub fn changes(&self) -> &[Action] {
        &self.remedy.actions
    }
}

/// A root blocker that the plan does nothing about.
#[derive(Clone, Debug, PartialEq)]
pub struct Hand {
    pub class: Class,
    pub object: Reference,
    pub message: String,
    /// All that could be done, gentlest first.
    pub remedies: Vec<Remedy>,
}

impl Hand {
    fn is(&self, root: &Root) -> bool {
        (self.class, &self.object.id) == (root.class, &root.object.id)
    }
}

/// What the play says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// True if nothing that was asked about is blocked afterwards.
    pub frees: bool,
    /// What will be gone, in the order of going.
    pub gone: Vec<ObjectId>,
    /// What will still not move, and why.
    pub remains: Vec<(ObjectId, String)>,
    /// What nobody can tell about, because something could not be read.
    pub unsure: Vec<ObjectId>,
}

impl Plan {
    /// What the dearest step costs.
    pub fn loss(&self) -> Loss {
        self.steps.iter().map(|step| step.remedy.loss).max().unwrap_or(Loss::None)
    }

    /// Everything that stays behind, each once.
    pub fn leaves(&self) -> Vec<&str> {
        let mut all: Vec<&str> = Vec::new();
        for leaf in self.steps.iter().flat_map(|step| &step.remedy.leaves) {
            if !all.contains(&leaf.text.as_str()) {
                all.push(&leaf.text);
            }
        }
        all
    }
}

/// The roots of a diagnosis, in healing order.
fn roots(diagnosis: &Diagnosis) -> BTreeSet<RootId> {
    diagnosis.roots.iter().map(|root| (root.class, root.object.id.clone())).collect()
}
