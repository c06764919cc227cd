//! What moves and what does not: every object that should have moved by now, with what its next step needs.

use super::controllers::Controllers;
use super::need::Stuck;
use super::remedy;
use super::report::Class;
use super::report::Gap;
#[cfg(test)]
use crate::arc;
use crate::arc::kind_row;
use crate::model::GroupKind;
use crate::model::ObjectId;
use crate::model::Reading;
use jiff::SignedDuration;
use std::collections::BTreeMap;

/// The kinds that are looked at to tell what is stuck, whatever the rules ask for.
#[cfg(test)]
pub const READS: &[GroupKind] = &[
    arc::NAMESPACE,
    arc::CRD,
    arc::AUTOSCALING_RUNNER_SET,
    arc::AUTOSCALING_LISTENER,
    arc::EPHEMERAL_RUNNER_SET,
    arc::EPHEMERAL_RUNNER,
    arc::POD,
    arc::DEPLOYMENT,
    arc::ROLE,
    arc::ROLE_BINDING,
    arc::SERVICE_ACCOUNT,
    arc::SECRET,
];

/// The state of the cluster as far as it bears on waiting.
#[derive(Debug)]
pub struct World {
    pub controllers: Controllers,
    pub stuck: BTreeMap<ObjectId, Stuck>,
    /// What is being deleted, but not for long: no rule judges it, but it may wait for what is.
    pub young: BTreeMap<ObjectId, Stuck>,
    /// What will move by itself, and why.
    pub waiting: BTreeMap<ObjectId, String>,
    pub gaps: Vec<(ObjectId, Gap)>,
    /// What is only as well as a part of it: the whole, the part, and why. An edge where something is the matter
    /// with the part.
    pub parts: Vec<(ObjectId, ObjectId, String)>,
}

impl World {
    pub fn new(controllers: Controllers) -> Self {
        Self {
            controllers,
            stuck: BTreeMap::new(),
            young: BTreeMap::new(),
            waiting: BTreeMap::new(),
            gaps: Vec::new(),
            parts: Vec::new(),
        }
    }

    /// Something that could not be read and bears on one object.
    pub fn gap(
        &mut self,
        subject: &ObjectId,
        kind: &GroupKind,
        namespace: &str,
        reading: &Reading,
        hides: &[Class],
    ) {
        self.gaps.push((subject.clone(), gap(kind, namespace, reading, hides)));
    }
}

/// A gap in words.
pub fn gap(kind: &GroupKind, namespace: &str, reading: &Reading, hides: &[Class]) -> Gap {
    let mut hides = hides.to_vec();
    hides.sort_unstable();
    hides.dedup();
    let reason = match reading {
        Reading::Forbidden(text) | Reading::Failed(text) if !text.is_empty() => {
            format!("{}: {text}", reading.word())
        }
        other => other.word().to_owned(),
    };
    Gap {
        kind: kind.kind.to_string(),
        namespace: namespace.to_owned(),
        reason,
        hides,
        command: get(kind, namespace),
    }
}

/// The command that shows what was not seen.
fn get(kind: &GroupKind, namespace: &str) -> String {
    let Some(row) = kind_row(kind) else { return String::new() };
    let group = if row.group.is_empty() { String::new() } else { format!(".{}", row.group) };
    let place = match namespace {
        _ if !row.namespaced => String::new(),
        "" => " --all-namespaces".to_owned(),
        namespace => format!(" -n {}", remedy::word(namespace)),
    };
    format!("kubectl get {}{group}{place}", row.plural)
}

/// "its deletion was asked for 40s ago; that may take up to 2m".
pub fn young(what: &str, age: SignedDuration, limit: SignedDuration) -> String {
    format!("{what} {}s ago, and {}s is nothing unusual", age.as_secs().max(0), limit.as_secs())
}
